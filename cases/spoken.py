"""The lines of the cases in the reader's language: English sentences said again from ``es.po`` beside this file.

A case yields what it finds as ``Sentence``, English text that remembers its template, so that one run can be
printed in English and in Spanish. A line without Spanish words is an error: half a study in another language is
worse than none. French has no words here and reads the English.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.pofile import read_po

from utopias.domain.findings import Assumption
from utopias.domain.sentences import Sentence
from utopias.language.values import say_code
from utopias.language.words import LANGUAGES, Words, pick_language

HERE = Path(__file__).resolve().parent


class Taken(str):
    """What was taken as so while a file was read: a line in English, and the assumption it comes from."""

    assumption: Assumption

    def __new__(cls, assumption: Assumption) -> Taken:
        made = super().__new__(cls, _worded(assumption, "en"))
        made.assumption = assumption
        return made


def say(line: Sentence, language: str) -> str:
    """A line of a study in ``language``.

    Raises
    ------
    LookupError : ``es.po`` has no such line.
    """
    if language != "es":
        return str(line)
    if line.template not in spanish():
        raise LookupError(f"no Spanish words for {line.template!r}: add it to cases/es.po")
    return Formatter().vformat(spanish()[line.template], (), dict(_spoken(line.values)))


def data_folder(language: str) -> Path:
    """Where the open data pack lies: $UTOPIAS_SHARED_DATA, else ../shared/data beside the repository.

    Raises
    ------
    SystemExit : it is not there; said in ``language``.
    """
    folder = Path(os.environ.get("UTOPIAS_SHARED_DATA") or HERE.parents[1] / "shared" / "data")
    if not (folder / "people").is_dir():
        told = Sentence(
            "No open data at {folder}: the pack is not part of the program; set UTOPIAS_SHARED_DATA to the folder that holds it.",
            folder=folder,
        )
        raise SystemExit(say(told, language))
    return folder


def asked_language(options: argparse.ArgumentParser) -> None:
    """Add ``--language`` to a case, with the rule of the program: the option, the environment, else Spanish."""
    picked = pick_language(None, os.environ, os.environ.get("LC_ALL") or os.environ.get("LANG"))
    options.add_argument("--language", choices=LANGUAGES, default=picked, help="language of what is printed")


def _spoken(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values of a line with their own words in Spanish."""
    for name, value in values.items():
        if isinstance(value, Taken):
            yield name, _worded(value.assumption, "es")
        elif isinstance(value, Sentence):
            yield name, say(value, "es")
        else:
            yield name, spanish().get(value, value) if isinstance(value, str) else value


def _worded(assumption: Assumption, language: str) -> str:
    return say_code(Words(language), f"assumption.{assumption.code}", assumption.values)


@cache
def spanish() -> dict[str, str]:
    """Every English line, and word inside a line, with its Spanish."""
    with (Path(__file__).parent / "es.po").open("rb") as file:
        return {str(line.id): str(line.string) for line in read_po(file, locale="es", abort_invalid=True) if line.id}
