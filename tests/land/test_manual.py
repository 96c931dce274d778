"""The page on land prints the shipped rules in each language. After a change of them: ``python -m tests.land.test_manual``."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests import manual_pages
from utopias.domain.land import LandRule, LandTest
from utopias.land.rules import parse_rules, read_rules
from utopias.language.words import Words

PAGE = "land.md"


@dataclass(frozen=True)
class Manner:
    """The words in which the page of one language writes its rules."""

    head: str
    over: str
    under: str
    either: str
    nothing: str
    writing: str


MANNERS = {
    "en": Manner(
        "| rule | where | makes the plot | what lifts it | silent where | source |",
        "over",
        "under",
        " or ",
        "nothing",
        "Writing rules",
    ),
    "es": Manner(
        "| regla | donde | el predio queda | qué la levanta | calla donde | fuente |",
        "más de",
        "menos de",
        " o ",
        "nada",
        "Escribir reglas",
    ),
}
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", manual_pages.LANGUAGES)


def asked(test: LandTest | None, manner: Manner) -> str:
    if test is None:
        return ""
    if test.number is None:
        return f"`{test.column}` {manner.either.join(test.words)}"
    return f"`{test.column}` {getattr(manner, test.test)} {test.number:g}"


def row(rule: LandRule, language: str) -> str:
    """A rule as the program says it in that language; the words of the tables stay as they are written there."""
    manner, words = MANNERS[language], Words(language)
    cells = (
        f"`{rule.id}`: {rule.label[language]}",
        asked(rule.asks, manner),
        words.say(f"land.{rule.result}"),
        rule.waiver[language] if rule.waivable else manner.nothing,
        asked(rule.unless, manner),
        words.ours(rule.source),
    )
    return "| " + " | ".join(cells) + " |"


def printed(page: str, language: str) -> str:
    table = "\n".join(
        [MANNERS[language].head, "|---|---|---|---|---|---|", *(row(rule, language) for rule in read_rules())]
    )
    block = f"<!-- rules -->\n\n{table}\n\n<!-- end -->"
    return re.sub(r"<!-- rules -->\n.*?<!-- end -->", lambda _: block, page, flags=re.DOTALL)


@IN_EACH_LANGUAGE
def test_the_page_prints_the_shipped_rules(language: str) -> None:
    page = manual_pages.text(PAGE, language)
    assert all(row(rule, language) in page for rule in read_rules()), "run python -m tests.land.test_manual"
    assert page == printed(page, language), "run python -m tests.land.test_manual"


def test_a_spanish_reader_meets_no_english_rule() -> None:
    for rule in read_rules():
        spanish = row(rule, "es")
        assert rule.label["en"] not in spanish
        assert not rule.waivable or rule.waiver["en"] not in spanish
        assert rule.source not in spanish, f"the source of {rule.id} has no Spanish in language/es.po"


@IN_EACH_LANGUAGE
def test_the_rule_that_the_page_shows_can_be_read(language: str) -> None:
    part = manual_pages.text(PAGE, language).split(f"## {MANNERS[language].writing}")[1]
    (rule,) = parse_rules(part.split("```")[1].removeprefix("toml"))
    assert rule.waivable


if __name__ == "__main__":
    manual_pages.rewrite(PAGE, printed)
