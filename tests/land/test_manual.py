"""The page on land prints the shipped rules. After a change of them: ``python -m tests.land.test_manual``."""

from __future__ import annotations

import re
from pathlib import Path

from utopias.domain.land import LandRule, LandTest
from utopias.land.rules import parse_rules, read_rules

PAGE = Path(__file__).parents[2] / "manual" / "land.md"


def asked(test: LandTest | None) -> str:
    if test is None:
        return ""
    value = f"{test.number:g}" if test.number is not None else " or ".join(test.words)
    return f"`{test.column}` {'' if test.number is None else test.test + ' '}{value}".replace("  ", " ")


def row(rule: LandRule) -> str:
    cells = (f"`{rule.id}`", asked(rule.asks), rule.result, rule.waiver.get("en", "nothing"), asked(rule.unless), rule.source)  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def printed(page: str) -> str:
    head = ["| rule | where | makes the plot | what lifts it | silent where | source |", "|---|---|---|---|---|---|"]
    table = "\n".join([*head, *map(row, read_rules())])
    return re.sub(r"<!-- rules -->\n.*?<!-- end -->", lambda _: f"<!-- rules -->\n\n{table}\n\n<!-- end -->", page, flags=re.DOTALL)  # fmt: skip


def test_the_page_prints_the_shipped_rules() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == printed(page), "run python -m tests.land.test_manual"


def test_the_rule_that_the_page_shows_can_be_read() -> None:
    (rule,) = parse_rules(
        PAGE.read_text(encoding="utf-8").split("## Writing rules")[1].split("```")[1].removeprefix("toml")
    )
    assert rule.waivable


if __name__ == "__main__":
    PAGE.write_text(printed(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
