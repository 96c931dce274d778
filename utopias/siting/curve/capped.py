"""The best of a sum while nobody walks longer than a cap: from the shortest worst walk there is, cap by cap.

Whoever can be reached at all must be reached within the cap. Each such place is one more row, which charges
Q where no open site is near enough: Q is over what breaking the cap could gain, the difference between a plan
that keeps it and the bound without any cap. So the search never prefers to break it, and its bound is
the bound of all plans that keep it. Of those rows only such remain as hold no other (``without_larger``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from utopias.domain.arrays import Bools
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.siting.covers.cover_search import Effort
from utopias.siting.covers.reach import reach_of
from utopias.siting.curve.along_curve import Curve
from utopias.siting.curve.stacked import Part, stacked, without_larger
from utopias.siting.full_cover.bisection import Bisection, filled
from utopias.siting.question.clock import Clock

# The share of the clock for finding the shortest worst walk.
SHARE_OF_WORST = 0.4
# Caps asked for each point wanted: many give a point that is known already.
TRIES = 3


def by_caps(curve: Curve) -> None:
    """Fill ``curve`` with the best plans under caps on the second aim, "smallest-worst"."""
    base = curve.part(0)
    question = stacked(curve.problem, [(base, 1.0)])
    search, _ = curve.search(question, 1.0 / (curve.points + 1))
    least, sites = search.bound, curve.sites(search)
    caps = _Caps(curve)
    curve.unreachable = float(curve.weights[1][~caps.reach].sum())
    chosen, free_worst = search.chosen, caps.worst(sites)
    reaches_all = bool(np.isfinite(free_worst))
    if reaches_all:
        curve.keep(sites, curve.value(0, search.bound), question=question, search=search, proven=search.closed)
        if curve.over:
            return
    start, shortest = caps.shortest(chosen if reaches_all else None)
    if start is None:
        raise ProblemError(_too_short(curve, caps, sites))
    if not reaches_all:
        chosen = _as_good(curve, caps, base, chosen, start, least)
        free_worst = caps.worst(tuple(np.flatnonzero(chosen).tolist()))
        if curve.over:
            return
    curve.second_bound = caps.known_under / curve.problem.unit
    tight = _under(curve, caps, base, shortest, start, least)
    if tight is None:
        return
    first = _Stretch(shortest, free_worst, tight[0], base.loss(chosen | caps.given), tight[1])
    stretches, asked = [first], 0
    known = np.unique(curve.problem.pairs.costs)  # a worst walk is one of these
    while (
        stretches
        and len({one.values for one in curve.met}) < curve.points
        and asked < TRIES * curve.points
        and not curve.over
    ):
        stretches.sort(key=lambda one: one.open_over(first))
        here = stretches.pop()
        inside = known[np.searchsorted(known, here.low, "right") : np.searchsorted(known, here.high)]
        if not len(inside):
            continue
        middle = int(np.searchsorted(inside, (here.low + here.high) / 2))
        cap = float(inside[min(middle, len(inside) - 1)])
        asked += 1
        found = _under(curve, caps, base, cap, here.start, least)
        if found is None:
            return
        loss, chosen = found
        if loss < here.loss:
            worst = caps.worst(tuple(np.flatnonzero(chosen).tolist()))
            stretches.append(_Stretch(here.low, worst, here.loss, loss, here.start))
        stretches.append(_Stretch(cap, here.high, loss, here.least, chosen))


def _as_good(curve: Curve, caps: _Caps, base: Part, chosen: Bools, start: Bools, least: float) -> Bools:
    """A choice as good as ``chosen``, which leaves somebody beyond the table, that leaves nobody there, as ``start`` does.

    Raises
    ------
    ProblemError : there is none, so that the table is too short for the curve.
    """
    end = float(curve.problem.pairs.costs.max(initial=0.0))
    found = _under(curve, caps, base, end, start, least)
    if found is None or found[0] > base.loss(chosen | caps.given) * (1 + 1e-12):
        raise ProblemError(_too_short(curve, caps, tuple(np.flatnonzero(chosen).tolist())))
    return found[1]


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Caps between ``low``, answered by ``start`` at ``loss``, and ``high``, where ``least`` is lost: not looked at yet."""

    low: float
    high: float
    loss: float
    least: float
    start: Bools

    def open_over(self, whole: _Stretch) -> float:
        """Its share of the box between both ends of the curve."""
        rise = (self.loss - self.least) / max(whole.loss - whole.least, 1e-9)
        return rise * (self.high - self.low) / max(whole.high - whole.low, 1e-9)


def _under(curve: Curve, caps: _Caps, base: Part, cap: float, start: Bools, least: float) -> tuple[float, Bools] | None:
    """Take the best plan whose worst walk is ``cap`` at most, from ``start`` that keeps it: its loss and its sites.

    None where the user stopped, or no place that must be reached can be.
    """
    must = caps.must(cap)
    if must is None:
        return None
    kept = base.loss(start | caps.given)
    charge = ceil((kept - least + 1.0) / base.cap) * base.cap
    parts = [(base, 1.0), (must, float(charge))] if len(must.weights) else [(base, 1.0)]
    question = stacked(curve.problem, parts)
    search, stopped = curve.search(question, 1.0 / max(2, curve.points - len(curve.met)), start=start)
    chosen, bound = search.chosen, curve.value(0, search.bound)
    if caps.worst(curve.sites(search)) > cap:  # cannot be, while ``start`` keeps the cap and the charge is dear enough
        return None
    curve.keep(curve.sites(search), bound, question=question, search=search, proven=search.closed)
    return None if stopped == "user" else (base.loss(chosen | caps.given), chosen)


class _Caps:
    """Who must be reached, and by which sites, for any cap on the worst walk."""

    def __init__(self, curve: Curve) -> None:
        problem = self.problem = curve.problem
        self.curve = curve
        self.reach = curve.reachable(1)
        self.given = problem.pairs.opened([*problem.fixed, *problem.forced])
        self.free = problem.pairs.opened(problem.candidates.tolist()) & ~self.given
        self.before = problem.pairs.nearest(self.given)
        self.nearest = problem.pairs.nearest(self.given | self.free)
        self.known_under = float(self.nearest[self.reach].max(initial=0.0))

    def worst(self, sites: tuple[int, ...]) -> float:
        """The longest walk with these new sites, in the table's unit."""
        chosen = self.given.copy()
        chosen[list(sites)] = True
        return float(self.problem.pairs.nearest(chosen)[self.reach].max(initial=0.0))

    def must(self, cap: float) -> Part | None:
        """One row of charge 1 a place that only new sites can bring within ``cap``; None where no site can."""
        pairs = self.problem.pairs
        place = self.reach & (self.before > cap)
        if (self.nearest[place] > cap).any():
            return None
        rows = pairs.rows
        serves = place[rows] & self.free[pairs.columns] & (pairs.costs <= cap)
        number = np.cumsum(place) - 1
        sets = np.zeros((int(place.sum()), pairs.sites), dtype=bool)
        sets[number[rows[serves]], pairs.columns[serves]] = True
        if len(sets):
            sets = sets[without_larger(sets)]
        held, columns = np.nonzero(sets)
        return Part(held, columns.astype(np.int32), np.zeros(len(held)), np.ones(len(sets)), 1.0)

    def shortest(self, known: Bools | None) -> tuple[Bools | None, float]:
        """A choice with the shortest worst walk found, in a share of the time left, and that walk.

        known : one that reaches everybody, to begin from; without it the choice is None, and the walk inf, where none was found.
        """
        if not self.reach.any():
            return known, 0.0
        curve, rules = self.curve, self.curve.rules
        counted = replace(self.problem, weights=np.where(self.reach, curve.weights[1], 0.0))
        reach = reach_of(counted, beyond=None)
        clock = Clock(curve.clock.left * SHARE_OF_WORST if rules.work is None else 0.0, rules.work)
        begin = None if known is None else np.flatnonzero(known)
        search = Bisection(reach, Effort(clock, rules.seed), start=begin)
        if search.run(certify=False) == "user":
            curve.stopped = "user"
        self.known_under = min(search.bound, search.value)
        if search.chosen is None:
            return None, np.inf
        best = np.zeros(self.problem.pairs.sites, dtype=bool)
        best[filled(counted, reach, search.chosen, search.value)] = True
        return best, search.value


def _too_short(curve: Curve, caps: _Caps, sites: tuple[int, ...]) -> Fault:
    chosen = caps.given.copy()
    chosen[list(sites)] = True
    out = caps.reach & ~np.isfinite(curve.problem.pairs.nearest(chosen))
    study = curve.problem.study
    end = "" if study is None else f"{study.times.limit}"
    if isinstance(study, type(None)):
        what = Sentence(
            "the best plan of the first aim leaves {count:,} places with no walk at all", count=int(out.sum())
        )
    else:
        what = Sentence(
            "the best plan of the first aim leaves {count:,} places farther than the table of times tells ({end})",
            count=int(out.sum()),
            end=end,
        )
    return Fault(
        "table-too-short",
        what,
        "times",
        "make the table of times longer, so that it tells how far the worst walk is",
        count=int(out.sum()),
        first=Sentence("demand {position}", position=int(np.flatnonzero(out)[0])),
    )
