"""A hundred units in six years: which, and in which order, beside a bound on every order.

The instance is ready; ``ask`` is to be filled by whoever builds ``utopias.phase``.
"""

from __future__ import annotations

from typing import Any

from benchmarks.rounds import Bar, Figure, Outcome
from benchmarks.siting.asked import warm
from benchmarks.siting.instances import Plane, city


def phased(*, demand: int, sites: int, units: int, years: int, seconds: float, bar: Bar) -> Outcome:
    """The gap, in percent, of an order of ``units`` openings over ``years``, after so many seconds."""
    warm("cover-most")
    plane = city(demand, sites)
    gap, wrong, notes = ask(plane, units=units, years=years, seconds=seconds)
    size = f"{demand:,} x {sites:,}, {units} units in {years} years"
    if wrong:
        return Outcome(wrong=wrong, size=size)
    figures = [Figure(f"gap in {seconds:g} s", gap, "%", bar)]
    return Outcome(figures, size=size, equal=("sums over all places, year by year",), notes=notes)


def ask(plane: Plane, *, units: int, years: int, seconds: float) -> tuple[float, list[str], list[Any]]:
    """Gap in percent; what does not agree with plain sums, year by year; notes.

    ``plane.covered()`` is who is within reach of what, ``plane.nearest(sites)`` the distances to count again with.
    """
    raise NotImplementedError("utopias.phase is there: fill benchmarks/siting/phasing.py")
