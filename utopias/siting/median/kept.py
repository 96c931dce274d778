"""What a solve leaves beside its problem for the questions that follow: the aim as it was put, and its rows merged.

Who asks why, or for other plans, asks of the problem that was just solved; putting the aim anew and merging again
would take longer than the answer. Never read by a solve: that one begins from the tables each time.
"""

from __future__ import annotations

from math import inf
from typing import TypeAlias
from weakref import WeakKeyDictionary

from utopias.domain.aim import Aim
from utopias.domain.arrays import Ints
from utopias.domain.quantities import Duration
from utopias.siting.median.aims import Median, Put, put
from utopias.siting.median.merge import Merged, merge
from utopias.siting.question.problem import Problem

Within: TypeAlias = str | Duration | float | None
# Stored pairs up to which it is kept, some 50 MB: where there are more, putting the aim again is little beside the solve.
KEPT_PAIRS = 2_000_000

# Aims whose median the limit changes.
LIMITED = ("cover-most", "least-poverty", "cover-gradually")

# The last aim put to each problem, by identity; both go when the problem goes.
_last: WeakKeyDictionary[Problem, tuple[tuple[Aim, Within], Put]] = WeakKeyDictionary()
_merged: WeakKeyDictionary[Median, Merged] = WeakKeyDictionary()
# Of the last plan of each problem: its new sites, the limit, and who is nearest to each place within it.
_nearest: WeakKeyDictionary[Problem, tuple[tuple[int, ...], float, Ints]] = WeakKeyDictionary()


def keep(problem: Problem, aim: Aim, within: Within, asked: Put, merged: Merged) -> None:
    """Keep ``asked``, which is ``aim`` put to ``problem``, and the rows of its median merged; the one before is let go."""
    if problem.pairs.count <= KEPT_PAIRS:
        _last[problem] = ((aim, _limit(problem, aim, within)), asked)
        _merged[asked.median] = merged


def keep_nearest(problem: Problem, sites: tuple[int, ...], limit: float | None, nearest: Ints) -> None:
    """Keep which open site is nearest to each place within ``limit`` (None: at all) when ``sites`` are opened beside the fixed."""
    _nearest[problem] = (sites, inf if limit is None else limit, nearest)


def nearest_kept(problem: Problem, sites: tuple[int, ...], limit: float | None) -> Ints | None:
    """(n,) the nearest open site of each place, -1 where none is within ``limit``, where that is known of just these new sites."""
    kept = _nearest.get(problem)
    if kept is None or kept[0] != sites or (inf if limit is None else limit) > kept[1]:
        return None
    return kept[2]


def put_or_kept(problem: Problem, aim: Aim, within: Within) -> Put:
    """The aim put to the problem: what was kept where it is the very same question, else anew."""
    last = _last.get(problem)
    if last is not None and last[0] == (aim, _limit(problem, aim, within)):
        return last[1]
    asked = put(problem, aim, within)
    keep(problem, aim, within, asked, merge(asked.median))
    return asked


def merged_of(median: Median) -> Merged:
    """The median with equal rows merged, once."""
    found = _merged.get(median)
    if found is None:
        found = _merged[median] = merge(median)
    return found


def _limit(problem: Problem, aim: Aim, within: Within) -> Within:
    """A limit as it is compared: deciseconds of a town; over bare costs what was said, where the aim has one."""
    if within is not None and problem.study is not None:
        return float(Duration.of(within).deciseconds)  # type: ignore[arg-type]
    return within if aim.name in LIMITED else None
