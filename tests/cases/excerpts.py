"""Excerpts of real output in the manual: a command in a bare fence, and under it the telling lines of what it prints.

A line ``…`` stands for lines left out; a line that ends with ``…`` is cut there. The commands run in one language, for
they take a minute; the sister page must show the same figures line by line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator

EXCERPT = re.compile(r"```\n(utopias [^\n]*)\n```\n\n```text\n(.*?)```", re.DOTALL)
GAP = "…"


def excerpts(page: str) -> list[tuple[str, list[str]]]:
    """(command, shown lines) of a page, in order."""
    return [(command, shown.splitlines()) for command, shown in EXCERPT.findall(page)]


def not_said(shown: list[str], said: str) -> list[str]:
    """The shown lines that ``said`` does not hold, in that order, next to each other where no gap stands between."""
    rest, near, missing = [line.rstrip() for line in said.splitlines()], False, []
    for line in shown:
        if line == GAP:
            near = False
            continue
        found = next((k for k, other in enumerate(rest) if _same(line, other)), None)
        if found is None or (near and found > 0):
            missing.append(line)
            continue
        rest, near = rest[found + 1 :], True
    return missing


def other_figures(ours: list[str], theirs: list[str]) -> list[tuple[str, str]]:
    """Pairs of lines of two languages whose numbers are not the same; a line that is cut in either is not compared."""
    pairs = zip(ours, theirs, strict=True)
    return [
        two for two in pairs if not any(line.endswith(GAP) for line in two) and _figures(two[0]) != _figures(two[1])
    ]


def _figures(line: str) -> list[str]:
    return re.findall(r"\d[\d,.]*(?<=\d)", re.sub(r"\d+th\b", "", line))  # "90th" is a word in the other language


def anew(page: str, said: Callable[[str], str]) -> str:
    """The page with each shown line as it is said now: the likest one."""

    def fence(found: re.Match[str]) -> str:
        lines = "\n".join(_likest(found[2].splitlines(), said(found[1]).splitlines()))
        return f"```\n{found[1]}\n```\n\n```text\n{lines}\n```"

    return EXCERPT.sub(fence, page)


def _likest(shown: list[str], said: list[str]) -> Iterator[str]:
    for line in shown:
        near = difflib.get_close_matches(line, [one.rstrip() for one in said], 1, 0.0) if line != GAP else []
        if not near:
            yield line
        elif line.endswith(GAP):
            yield near[0][: len(line) - 1] + GAP
        else:
            yield near[0]


def _same(line: str, other: str) -> bool:
    return other.startswith(line[:-1]) if line.endswith(GAP) else line == other
