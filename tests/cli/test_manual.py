"""The page of commands names every command, option and JSON key, and prints the options as the help does, in each language.

After a change of a command or of its words: ``python -m tests.cli.test_manual`` writes the tables anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from tests import manual_pages
from tests.land.plots import row_of
from tests.toy import write_toy_files
from utopias.cli.__main__ import run
from utopias.cli.app import build_app
from utopias.cli.speech import Speech
from utopias.language.words import Words, catalogue
from utopias.territory.synthetic import synthetic_town
from utopias.territory.town_folder import write_town

PAGE = "commands.md"
MEND = "run python -m tests.cli.test_manual, and read what it wrote"
ANSWERING = ("check", "screen", "reach", "area", "share", "chain", "what-if", "site", "verify", "compare", "phase")


@dataclass(frozen=True)
class Manner:
    """The words in which the page of one language writes its tables."""

    options: str
    notes: str
    needed: str
    either: str
    like: str


MANNERS = {
    "en": Manner("| option | default | meaning |", "| code | says |", "needed", "or", "keys as in"),
    "es": Manner("| opción | si no se da | qué hace |", "| código | dice |", "obligatoria", "o", "claves como en"),
}
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", manual_pages.LANGUAGES)


def commands(language: str) -> dict[str, Any]:
    """Every command of the program by its name; the program itself as ``utopias``."""
    app: Any = typer.main.get_command(build_app(Speech(Words(language))))
    return {"utopias": app, **app.commands}


COMMANDS = {language: commands(language) for language in manual_pages.LANGUAGES}
NAMES = [name for name in COMMANDS["en"] if name != "utopias"]


def options_of(command: Any, manner: Manner) -> str:
    """The command's help as a table: what it is for, then argument or option, default, meaning."""
    context = typer.Context(command)
    rows = []
    for parameter in command.params:
        called = parameter.name
        if parameter.param_type_name == "option":
            record = parameter.get_help_record(context)
            assert record is not None, f"{parameter.name} is hidden from the help"
            called = re.sub(r"<list\[(\w+)\]>", r"<\1> ...", record[0]).replace(" range>", ">")
        needed = manner.needed if parameter.required else _default(parameter)
        rows.append(f"| `{called.replace('|', f' {manner.either} ')}` | {needed} | {parameter.help} |")
    head = [manner.options, "|---|---|---|"] if rows else []
    return "\n".join([command.help, *([""] if rows else []), *head, *rows])


def _default(parameter: Any) -> str:
    value = parameter.default
    return "" if value in (None, "", False, ()) or getattr(parameter, "is_flag", False) else f"`{value}`"


def notes(language: str) -> str:
    """The codes of what may be assumed while a town is built, with their sentence."""
    told = {key: forms[0] for key, forms in catalogue(language).items() if key.startswith("assumption.built-")}
    rows = [f"| `{key.removeprefix('assumption.')}` | {text} |" for key, text in sorted(told.items())]
    return "\n".join([MANNERS[language].notes, "|---|---|", *rows])


def printed(page: str, language: str) -> str:
    """The page with every table as the program prints it now."""
    told, manner = COMMANDS[language], MANNERS[language]
    page = re.sub(
        r"<!-- command: ([\w-]+) -->\n.*?<!-- end -->",
        lambda found: f"<!-- command: {found[1]} -->\n\n{options_of(told[found[1]], manner)}\n\n<!-- end -->",
        page,
        flags=re.DOTALL,
    )
    return re.sub(
        r"<!-- notes -->\n.*?<!-- end -->",
        f"<!-- notes -->\n\n{notes(language)}\n\n<!-- end -->",
        page,
        flags=re.DOTALL,
    )


def section(command: str, language: str) -> str:
    """What the page says of one command."""
    page = manual_pages.text(PAGE, language)
    assert f"\n## {command}\n" in page, f"{command} has no section in {PAGE}"
    return page.split(f"\n## {command}\n")[1].split("\n## ")[0]


@IN_EACH_LANGUAGE
@pytest.mark.parametrize("command", NAMES)
def test_the_page_names_every_command_and_every_option(command: str, language: str) -> None:
    said = section(command, language)
    options = [name for parameter in COMMANDS[language][command].params for name in parameter.opts]
    assert not [name for name in options if not re.search(rf"`{re.escape(name)}[ `]", said)], MEND


@IN_EACH_LANGUAGE
def test_the_page_prints_what_the_help_says_now(language: str) -> None:
    page = manual_pages.text(PAGE, language)
    assert page == printed(page, language), MEND


def keys_of(value: Any, path: str = "") -> Iterator[str]:
    """Every key of a JSON value by its path: ``rows[].gain``."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from keys_of(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        yield f"{path}[]"
        for item in value:
            yield from keys_of(item, f"{path}[]")
    else:
        yield path


def named(command: str, language: str = "en") -> set[str]:
    """The keys that the command's section names; rows that say "keys as in" are spelled out."""
    found: set[str] = set()
    for row in section(command, language).splitlines():
        cells = row.split(" | ")
        keys = re.findall(r"`([^`]+)`", cells[0]) if row.startswith("| `") else []
        found.update(keys)
        like = re.search(MANNERS[language].like + r" (\w+): `([^`]+)`", row)
        if like:
            own = [key.removeprefix(like[2]) for key in named(like[1], language) if key.startswith(like[2])]
            found.update(key + rest for key in keys for rest in own)
    return found


def is_named(key: str, names: set[str]) -> bool:
    if key in names:
        return True
    return any(
        name.endswith(".*") and (key == name[:-2] or key.startswith((name[:-1], name[:-2] + "["))) for name in names
    )


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each answering command prints of the toy town, with ``--json``."""
    folder = tmp_path_factory.mktemp("answers")
    files = write_toy_files(folder / "raw")
    (folder / "services.csv").write_text(
        "place_id,service,group,capacity,per\nuno,pool,all,30,week\na,pool,all,30,week\nb,pool,all,,week\n"
    )
    (folder / "blocks.toml").write_text(
        '[groups]\n"older people" = "older people"\n[indicators]\n"no water" = { column = "no water", weight = 1.0 }\n'
    )
    town, plan = str(folder / "town"), str(folder / "plan")
    arguments = ["build", "--into", town, "--crs", "EPSG:32614", "--columns", str(folder / "blocks.toml")]
    for name, path in {**files, "modules": folder / "services.csv"}.items():
        arguments += [f"--{name}", str(path)]
    assert run(arguments) == 0
    plots = str(write_town(row_of(0, 50), folder / "plots"))
    borough = str(write_town(synthetic_town("borough", people=10_000), folder / "borough"))
    lines = {
        "check": [town],
        "screen": [plots, "--join", "20 m"],
        "reach": [town, "--to", str(folder / "times.csv")],
        "share": [town, "--service", "pool", "--add", "b"],
        "area": [town, "--unit", "uno"],
        "what-if": [town, "--add", "b"],
        "chain": [borough],
        "site": [town, "--open", "1", "--weigh-by", "need", "--draws", "5", "--out", plan],
        "equip": [
            town,
            "--open",
            "1",
            "--services",
            "pool,workshops",
            "--plot-area",
            "9000",
            "--why",
            "--out",
            f"{plan}-of-services",
        ],
        "verify": [plan, "--deep", town],
        "compare": [plan, "--by", "need"],
        "phase": [
            "--town",
            town,
            "--open",
            "1",
            "--forbidden",
            "c",
            "--years",
            "2026-2028",
            "--budget-a-year",
            "200M",
            "--out",
            str(folder / "phased"),
        ],
    }
    return {name: _answer([name, *rest], folder / f"{name}.json") for name, rest in lines.items()}


def _answer(arguments: list[str], to: Path) -> Any:
    with to.open("w", encoding="utf-8") as out, redirect_stdout(out):
        assert run([*arguments, "--json"]) == 0
    return json.loads(to.read_text(encoding="utf-8"))


@IN_EACH_LANGUAGE
@pytest.mark.parametrize("command", ANSWERING)
def test_every_key_of_an_answer_is_in_the_manual(command: str, language: str, answers: dict[str, Any]) -> None:
    names = named(command, language)
    printed_keys = set(keys_of(answers[command]))
    assert printed_keys, "an answer without keys would prove nothing"
    assert not sorted(key for key in printed_keys if not is_named(key, names))


@IN_EACH_LANGUAGE
@pytest.mark.parametrize(
    "command", ["screen", "reach", "area", "share", "chain", "what-if", "site", "equip", "verify", "compare"]
)
def test_the_manual_names_no_key_that_nothing_prints(command: str, language: str, answers: dict[str, Any]) -> None:
    printed_keys = set(keys_of(answers[command]))
    whole = set(printed_keys)
    for key in printed_keys:  # also the tables and lists on the way to a key
        parts = key.split(".")
        whole.update(".".join(parts[:n]) for n in range(1, len(parts)))
    rows = {row for row in named(command, language) if not row.startswith("-") and " " not in row}
    keys = {row for row in rows if row not in _parameters(command)}
    assert not sorted(name for name in keys if name not in whole and name.removesuffix(".*") not in whole)


def test_the_keys_of_a_fault_are_those_of_the_manual(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path / "nowhere"), "--json"]) == 1
    assert {key for key in keys_of(json.loads(capsys.readouterr().out)) if key.startswith("faults")} <= named("check")


def _parameters(command: str) -> set[str]:
    return {name for parameter in COMMANDS["en"][command].params for name in (*parameter.opts, parameter.name)}


if __name__ == "__main__":
    manual_pages.rewrite(PAGE, printed)
