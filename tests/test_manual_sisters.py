"""Each user page of the manual has its Spanish sister: the same headings, rows and commands, and a link at the top of both.

What a page prints is compared by the tests that run it; here its build is, so that a paragraph, a row or a command
that is added on one side is missed on the other.
"""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections import Counter
from typing import Any

import pytest

from tests import manual_pages

# What the Spanish pages call a file, a folder or an id of their own, and the English ones.
SAME = {
    "personas": "people",
    "unidades": "units",
    "predios": "lots",
    "alrededor": "around",
    "otros": "others",
    "terreno": "ground",
    "puntos": "points",
    "calles": "streets",
    "censo": "census",
    "manzanas": "blocks",
    "ciudad": "town",
    "planes": "plans",
    "uno": "one",
    "dos": "two",
    "cinco": "five",
    "cinco-mas": "five-more",
    "tres-mas": "three-more",
    "cuatrocientos-millones": "four-hundred-million",
    "recuento": "recount",
    "por-anos": "phased",
    "calendario": "schedule",
    "servicios": "services",
    "tabla": "table",
    "tablas": "tables",
    "alturas": "heights",
    "mi-ciudad": "my-city",
    "mis-reglas": "my-rules",
    "juntos": "joined",
    "si-ceden": "if-owners-cede",
    "si-uno-cede": "if-one-cedes",
    "con-servicios": "with-services",
    "sin agua entubada": "no piped water",
    # Labels that the prompt takes for ids.
    "personas mayores": "older people",
    "alberca": "pool",
    "agua 20": "water 20",
    "2035: niñas y niños de 0 a 5 años=0.76, niñas y niños de 6 a 14 años=0.70": "2035: children 0-5=0.76, children 6-14=0.70",
}
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = re.compile(r"<!-- \w+(?:: \w+)? -->.*?<!-- end -->", re.DOTALL)  # compared where it is printed
COMMAND = re.compile(r"^(?:\$ )?((?:\.venv/bin/)?utopias |make |git |python |export ).*")

IN_EACH_PAGE = pytest.mark.parametrize("name", manual_pages.USER_PAGES)
README = {"en": "README.md", "es": "README.es.md"}


def ours(word: str) -> str:
    """A word of a command, its parts by the English names: ``planes/uno`` is ``plans/one``."""
    return "/".join(
        ".".join(SAME.get(part, part) for part in step.split(".")) for step in SAME.get(word, word).split("/")
    )


def words_of(line: str) -> tuple[str, ...]:
    """A command without its prompt, remark and language, with the English names of files."""
    words = shlex.split(line.removeprefix("$ "), comments=True)
    if "--language" in words:
        at = words.index("--language")
        del words[at : at + 2]
    return tuple("UTOPIAS_LANGUAGE" if word.startswith("UTOPIAS_LANGUAGE=") else ours(word) for word in words)


def commands(text: str) -> list[tuple[str, ...]]:
    """Every command of a page's fences, in order; a line that ends with a backslash goes on."""
    lines = [line for kind, body in FENCE.findall(text) if kind in ("", "console") for line in joined(body)]
    return [words_of(line) for line in lines if COMMAND.match(line)]


def joined(body: str) -> list[str]:
    return body.replace("\\\n", " ").splitlines()


def quoted(text: str) -> Counter[tuple[str, ...]]:
    """The commands and options that a page quotes inside its sentences."""
    prose = PRINTED.sub("", FENCE.sub("", text))
    found = re.findall(r"`((?:utopias |--)[^`]*)`", prose)
    return Counter(words_of(line) for line in found if "(" not in line and "…" not in line)


def shape(text: str) -> list[tuple[int, int, int]]:
    """Of each heading, its level, and the rows and list items until the next one."""
    prose = FENCE.sub("", text)
    parts = re.split(r"^(#+) .*$", prose, flags=re.MULTILINE)[1:]
    return [
        (
            len(level),
            len(re.findall(r"^\|", body, re.MULTILINE)),
            len(re.findall(r"^(?:[-*] |\d\. )", body, re.MULTILINE)),
        )
        for level, body in zip(parts[::2], parts[1::2], strict=True)
    ]


def keys_of(data: dict[str, Any], path: str = "") -> set[str]:
    found = set()
    for key, value in data.items():
        at = f"{path}/{SAME.get(key, key)}"
        found |= keys_of(value, at) if isinstance(value, dict) else {at}
    return found


def held(kind: str, body: str) -> Any:
    """What a fence holds, apart from words: a file's rows, a text's keys, a program without its remarks."""
    if kind == "python":
        return ast.dump(ast.parse(body))
    if kind == "toml" or kind.endswith(".toml"):
        return keys_of(tomllib.loads(body))
    return body if kind.endswith((".csv", ".geojson")) else None


def fences(text: str) -> list[tuple[str, Any]]:
    return [(" ".join(map(ours, kind.split())), held(kind, body)) for kind, body in FENCE.findall(text)]


def test_every_user_page_has_its_spanish_sister_and_no_sister_is_alone() -> None:
    spanish = {page.name for page in manual_pages.FOLDERS["es"].glob("*.md")}
    assert spanish == set(manual_pages.USER_PAGES), (
        "write it in manual/es/, or say in tests/manual_pages.py for whom it is"
    )


@IN_EACH_PAGE
def test_both_pages_link_to_each_other_under_their_title(name: str) -> None:
    english, spanish = (manual_pages.text(name, language).splitlines()[:3] for language in ("en", "es"))
    assert english[2] == f"*Esta página en español: [{name}](es/{name}).*"
    assert spanish[2] == f"*This page in English: [{name}](../{name}).*"


@IN_EACH_PAGE
def test_the_sisters_have_the_same_headings_rows_and_list_items(name: str) -> None:
    assert shape(manual_pages.text(name, "es")) == shape(manual_pages.text(name, "en"))


@IN_EACH_PAGE
def test_the_sisters_have_the_same_fences_files_and_programs(name: str) -> None:
    assert fences(manual_pages.text(name, "es")) == fences(manual_pages.text(name, "en"))


@IN_EACH_PAGE
def test_the_sisters_give_the_same_commands(name: str) -> None:
    english = commands(manual_pages.text(name, "en"))
    assert commands(manual_pages.text(name, "es")) == english


@IN_EACH_PAGE
def test_the_sisters_quote_the_same_commands_and_options(name: str) -> None:
    assert quoted(manual_pages.text(name, "es")) == quoted(manual_pages.text(name, "en"))


def test_the_first_page_of_the_repository_gives_the_same_commands_in_spanish() -> None:
    english, spanish = ((manual_pages.MANUAL.parent / README[language]).read_text("utf-8") for language in ("en", "es"))
    told = [[words for words in commands(page) if words[0] != "make"] for page in (english, spanish)]
    assert len(told[0]) >= 7
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("$ utopias site ciudad --open 1 --out planes/uno", "$ utopias site town --open 1 --out plans/one"),
        ("utopias verify planes/uno   # lo recuenta", "utopias verify plans/one  # recount it"),
        ("utopias report planes/uno --to uno.pdf --language es", "utopias report plans/one --to one.pdf"),
    ],
)
def test_a_command_is_the_same_apart_from_files_remarks_and_language(spanish: str, english: str) -> None:
    assert words_of(spanish) == words_of(english)
    assert words_of(spanish.replace("uno", "dos")) != words_of(english)


def test_a_row_or_an_option_that_only_one_sister_has_is_seen() -> None:
    page = manual_pages.text("your-city.md", "es")
    assert shape(page.replace("| calles |", "|\n| calles |")) != shape(page)
    assert commands(page.replace("--draws 50", "--draws 60")) != commands(page)
    assert quoted(page.replace("`--walker wheelchair`", "`--walker pram`")) != quoted(page)
    assert fences(page.replace("U1,Utopía", "U2,Utopía")) != fences(page)
