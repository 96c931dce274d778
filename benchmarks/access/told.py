"""A line of the access tables: ours beside each peer, what was found, and the bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.rows import Row
from benchmarks.told import bar_shown, figures_of, seconds, shown, trouble, work_of

COLUMNS = ("row", "work", "ours", "beside", "found", "bar", "aim", "")


def cells(row: Row, told: Mapping[str, Any], *, little: bool = False) -> Iterator[Sequence[str]]:
    """The lines of one row; where something is not equal or broke, no seconds stand in them."""
    work = work_of(row, told)
    state = trouble(told)
    if state:
        yield (f"`{row.name}`", work, "", "", "", "", "", state)
        return
    if little:
        yield (f"`{row.name}`", work, "", ", ".join(told["equal"]), "", "", "", "equal")
        return
    for number, figure in enumerate(figures_of(told)):
        first = (f"`{row.name}`", work) if number == 0 else ("", "")
        yield (
            *first,
            "" if figure.ours is None else seconds(figure.ours),
            figure.label if figure.theirs is None else f"{figure.label} {seconds(figure.theirs)}",
            shown(figure.value, figure.unit),
            bar_shown(figure.bar, figure.unit, "floor"),
            bar_shown(figure.bar, figure.unit, "aim"),
            figure.mark,
        )
