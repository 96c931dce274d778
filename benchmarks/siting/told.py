"""A line of the siting tables: the plan that was found, what it was measured by, and the bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.rows import Row
from benchmarks.told import bar_shown, figures_of, seconds, shown, trouble, work_of

COLUMNS = ("row", "work", "value", "bound", "proven", "seconds", "measured", "found", "bar", "aim", "")
OF_PLAN = ("value", "bound", "proven", "seconds")


def cells(row: Row, told: Mapping[str, Any], *, little: bool = False) -> Iterator[Sequence[str]]:
    """The lines of one row; where something is not equal or broke, neither value nor seconds stand in them."""
    work, state = work_of(row, told), trouble(told)
    plan = told.get("plan") or {}
    said = ["" if state else plan.get(name, "") for name in OF_PLAN]
    if state or little:
        said[-1] = ""  # a little run has no seconds
        yield (f"`{row.name}`", work, *said, "", "", "", "", state or "equal")
        return
    for number, figure in enumerate(figures_of(told)):
        first = (f"`{row.name}`", work, *said) if number == 0 else ("",) * (2 + len(OF_PLAN))
        yield (
            *first,
            figure.label if figure.theirs is None else f"{figure.label} {seconds(figure.theirs)}",
            shown(figure.value, figure.unit),
            bar_shown(figure.bar, figure.unit, "floor"),
            bar_shown(figure.bar, figure.unit, "aim"),
            figure.mark,
        )
