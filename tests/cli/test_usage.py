"""What is typed wrong, and help, are told in the reader's language; nothing of it is English by neglect."""

from __future__ import annotations

import re

import pytest

from utopias.cli.__main__ import run

ENGLISH = re.compile(
    r"\b(required|default|Missing|such|Invalid|Show|Try|message|requires|argument|Commands|Input|than)\b"
)
FRENCH_TOO = re.compile(r"\b(Usage|Options|Arguments)\b")


@pytest.mark.parametrize("language", ["es", "fr"])
@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("site", "town"),
        ("site town --out", "--out"),
        ("site town", "--out"),
        ("site town --open many --out plan", "--open"),
        ("site town --opne 3 --out plan", "--open"),
        ("reach town --within", "--within"),
        ("site town --draws -1 --out plan", "0"),
        ("build --blocks people.csv --without-shape 0.2 --into town", "0.05"),
        ("check one two", "two"),
        ("nosuch", "nosuch"),
    ],
)
def test_a_slip_of_the_line_is_told_in_the_readers_language(
    capsys: pytest.CaptureFixture[str], language: str, line: str, names: str
) -> None:
    code = run(["--language", language, *line.split()])
    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    assert names in told.err
    assert not ENGLISH.findall(told.err)
    assert language == "fr" or not FRENCH_TOO.findall(told.err)


@pytest.mark.parametrize("line", ["--help", "build --help", "check --help", "site --help", "report --help"])
def test_help_speaks_spanish(capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert run(["--language", "es", *line.split()]) == 0
    told = capsys.readouterr().out
    assert not ENGLISH.findall(told) + FRENCH_TOO.findall(told)


def test_a_guess_is_made_only_where_one_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--language", "es", "site", "town", "--opne", "3"])
    assert "¿Quiso decir --open" in capsys.readouterr().err
    run(["--language", "es", "site", "town", "--abrir", "3"])
    assert "Quiso decir" not in capsys.readouterr().err
