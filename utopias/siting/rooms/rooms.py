"""A question whose places fill up, put as arrays: who can go where at what cost, and how many each place takes.

Persons (``loads``) fill places; weights only say how much an aim counts each. Places where everybody is
served alike merge, for a crowd may be split; with ``single_source`` each stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.lists import transpose
from utopias.siting.median.aims import Median
from utopias.siting.median.merge import merge
from utopias.siting.question.allowed import allowed
from utopias.siting.question.charging import limit_of
from utopias.siting.question.problem import Problem

AIMS_WITH_ROOM = ("cover-most", "least-walk", "least-cost")


@dataclass(frozen=True, eq=False)
class Rooms:
    """(n,) demand by (m,) sites: minimise constant + sum x_ij c_ij + sum z_j cap_j + fees of the chosen, x within room.

    starts, columns, costs : rows sorted by cost, a person; only pairs under the cap, of sites that may be open.
    cap : (n,) cost of a person left out. loads : (n,) persons, over 0. room : (m,) inf for no limit.
    given : (m,) open whatever happens, not counted. free : (m,) may be chosen. must : nobody may be left out;
    ``cap`` then only stands for it. total : of which the aim's value is what is not lost, or None. unit : as a Put's.
    row_of : (places,) the row of each demand place, -1 where no site can help it.
    """

    starts: Longs
    columns: Ints
    costs: Floats
    cap: Floats
    loads: Floats
    room: Floats
    given: Bools
    free: Bools
    number: int
    prices: Floats
    purse: float
    fees: Floats
    must: bool
    single_source: bool
    constant: float
    total: float | None
    unit: float
    step: float
    limit: float | None
    row_of: Longs
    _turned: list[tuple[Longs, Ints, Floats]] = field(default_factory=list, repr=False)

    @property
    def rows(self) -> tuple[Longs, Ints, Floats]:
        return self.starts, self.columns, self.costs

    @property
    def by_site(self) -> tuple[Longs, Ints, Floats]:
        """The pairs by site, made once."""
        if not self._turned:
            self._turned.append(transpose(self.starts, self.columns, self.costs, len(self.free)))
        return self._turned[0]

    def leaves(self, left: float) -> bool:
        """Whether so many persons left out are some who must be served, and not the rounding of sums."""
        return self.must and left > 1e-9 * float(self.loads.sum())

    def value(self, loss: float) -> float:
        """The aim's own value of what is minimised."""
        return self.total - loss if self.total is not None else loss / self.unit


def put_rooms(problem: Problem, aim: Aim, within: str | Duration | float | None) -> Rooms:
    """Put ``aim`` to a problem whose places have room for so many.

    Raises
    ------
    ProblemError : an aim that is not solved with rooms. InfeasibleError : all must be served, and some are
    reached by no site, or the largest places that may open together have not room for all.
    """
    must_go_with_rooms(aim)
    limit = limit_of(problem, aim.name, within)
    pairs = problem.pairs if limit is None else problem.pairs.near(limit)
    weights = np.asarray(problem.weights, dtype=np.float64)
    loads = weights if problem.loads is None else np.asarray(problem.loads, dtype=np.float64)
    counts = (loads > 0) & (weights > 0)
    share = np.divide(weights, loads, out=np.zeros_like(weights), where=counts)  # what the aim counts a person
    covering = aim.name == "cover-most"
    m = pairs.sites
    may = allowed(problem)
    given, free, number, prices, purse = may.given, may.free, may.number, may.prices, may.purse
    rows = pairs.rows
    cost = (np.zeros(pairs.count) if covering else pairs.costs) * share[rows]
    beyond = 1.0 if covering else problem.beyond
    must = beyond is None
    if beyond is None:
        _must_have_room(problem, rows[counts[rows] & (free | given)[pairs.columns]], counts, loads)
        cap = np.full(len(weights), (m + 1) * float(cost.max(initial=0.0)) + 1.0)
    else:
        cap = beyond * share
    kept = counts[rows] & (free | given)[pairs.columns] & (cost < cap[rows])
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows[kept], minlength=len(weights)))]).astype(np.int64)
    fees = np.zeros(m)
    if aim.name == "least-cost" and problem.site_costs is not None:
        fees = np.where(free, np.nan_to_num(problem.site_costs), 0.0)
    median = Median(
        starts, pairs.columns[kept], cost[kept], np.where(counts, cap, 0.0), np.where(counts, loads, 0.0),
        free | given, number, prices, purse,
    )  # fmt: skip
    if problem.single_source:
        row_of = np.where(np.diff(starts) > 0, np.cumsum(np.diff(starts) > 0) - 1, -1)
        alone = row_of < 0
        small = Median(
            starts[np.r_[True, ~alone]], median.columns, median.costs, cap[~alone], loads[~alone],
            free | given, number, prices, purse, constant=float(np.dot(median.weights, median.cap * alone)),
        )  # fmt: skip
    else:
        merged = merge(median)
        small, row_of = merged.median, merged.row_of
    room = np.asarray(problem.capacities, dtype=np.float64)
    whole = all(bool((a == np.floor(a)).all()) for a in (loads, small.costs, small.cap, fees, room))
    paid = 0.0
    if aim.name == "least-cost" and problem.site_costs is not None:
        paid = float(np.nan_to_num(problem.site_costs[list(problem.forced)]).sum())
    return Rooms(
        *small.rows, small.cap, small.weights, room, given, free, number, prices, purse, fees, must,
        problem.single_source, small.constant + paid, float(weights.sum()) if covering else None,
        1.0 if covering else problem.unit, 1.0 if whole else 0.0, limit, row_of,
    )  # fmt: skip


def must_go_with_rooms(aim: Aim) -> None:
    """Raise ProblemError for an aim that is not solved where places fill up."""
    if aim.name not in AIMS_WITH_ROOM:
        raise ProblemError(
            Fault(
                "aim-without-rooms",
                Sentence("{aim} is not solved where places fill up", aim=aim.name),
                "aim, capacities",
                Sentence("leave the capacities out, or use one of: {listed}", listed=", ".join(AIMS_WITH_ROOM)),
            )
        )


def _must_have_room(problem: Problem, reached: Longs, counts: Bools, loads: Floats) -> None:
    """Raise what makes it hopeless from the start that all are served."""
    lost = counts & (np.bincount(reached, minlength=len(counts)) == 0)
    if lost.any():
        raise InfeasibleError(
            Fault(
                code="never-reached",
                what=Sentence(
                    "{count:,} places with a weight of {sum:,.0f} are reached by no site at all",
                    count=int(lost.sum()),
                    sum=float(loads[lost].sum()),
                ),
                where="costs",
                mend="say beyond=... to charge a cost there, or add sites",
                count=int(lost.sum()),
                first=Sentence("demand {position}", position=int(np.flatnonzero(lost)[0])),
            )
        )
    room = np.asarray(problem.capacities)
    new = np.sort(room[problem.candidates])[::-1]
    most = room[list(problem.fixed)].sum() + (new if problem.open is None else new[: problem.open]).sum()
    wanted = float(loads[counts].sum())
    if wanted > most * (1 + 1e-12):
        raise InfeasibleError(
            Fault(
                "room-below-demand",
                Sentence(
                    "{wanted:,.0f} persons must be served, and there is room for {room:,.0f}",
                    wanted=wanted,
                    room=float(most),
                ),
                "capacities, open",
                "open more sites, or say beyond=... to charge a cost for those left out",
            )
        )
