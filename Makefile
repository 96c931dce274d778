# Two commands do everything on a fresh machine with Python 3.11 or newer, without root:
#   make demo    set up, plan a made-up borough of 1.8 million people, write demo/
#   make test    set up, run the tests
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test lint laws bench bench-access bench-siting manual iztapalapa clean help

help:
	@sed -n '1,3s/^# //p' Makefile
	@echo "  make lint | laws | bench | bench-access | bench-siting | manual | iztapalapa | clean"

demo: $(VENV)/.planning
	$(BIN)/utopias warm
	$(BIN)/utopias demo --into demo

test: $(VENV)/.testing
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST)

lint: $(VENV)/.testing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Slow laws: many seeds, many sizes.
laws: $(VENV)/.testing
	$(BIN)/python -m pytest -m slow $(PYTEST)

bench: $(VENV)/.testing
	$(BIN)/python -m benchmarks

# Access on foot beside its peers, 45 minutes at most; one row alone: make bench-access ROWS=porto-1200 (ROWS=--list).
bench-access: $(VENV)/.testing
	$(BIN)/python -m benchmarks access $(ROWS)

# Where the next units go: values and proofs beside spopt and published optima, an hour at most; one row: ROWS=mclp-5000.
bench-siting: $(VENV)/.testing
	$(BIN)/python -m benchmarks siting $(ROWS)

# The manual as a site, to be opened from its folder: build/manual/index.html.
manual: $(VENV)/.writing
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "utopias: build/manual/index.html"

# The real borough, from the open data pack (UTOPIAS_SHARED_DATA, else ../shared/data).
iztapalapa: $(VENV)/.planning
	$(BIN)/python -m cases.iztapalapa --into iztapalapa
	$(BIN)/python -m cases.iztapalapa.to_choose --into iztapalapa

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else f"utopias needs Python 3.11 or newer; this is {v[0]}.{v[1]}. Name another: make PYTHON=python3.12 ...")'
	@echo "utopias: making $(VENV) and installing what planning needs (once, one or two minutes)"
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make a virtual environment (on Debian: apt-get install python3-venv)."; exit 1; }
	@touch $@

$(VENV)/.planning: $(VENV)/.python pyproject.toml constraints.txt
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.testing: $(VENV)/.planning
	@echo "utopias: installing what the tests need (once)"
	@$(PIP) install --constraint constraints.txt --editable ".[test]"
	@touch $@

$(VENV)/.writing: $(VENV)/.planning
	@$(PIP) install --constraint constraints.txt --editable ".[docs]"
	@touch $@

clean:
	rm -rf $(VENV) demo build *.egg-info .pytest_cache .mypy_cache .ruff_cache
