"""An aim, put to a problem, becomes one thing to minimise: the capped weighted median of the kernels.

What a place is charged for its cost, and how the sum is read back, is the aim's own (``charges``). Sites that
are open whatever happens (fixed, forced) lower what each place is charged before, and then need no further thought.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.sentences import Sentence
from utopias.siting.lists import listed_under, total_cost, transpose
from utopias.siting.question.allowed import allowed
from utopias.siting.question.charges import Charge, Covered, Equal
from utopias.siting.question.charging import Within, charge_of, must_keep_digits
from utopias.siting.question.pairs import Pairs, in_order
from utopias.siting.question.problem import Problem

# A plan that leaves somebody out is dearer than any that does not, by more than sums of floats may be off.
OVER = 1e-9


@dataclass(frozen=True, eq=False)
class Median:
    """(n,) demand by (m,) sites: minimise constant + sum_j w_j min(cap_j, min over chosen of c_ij) + fees of the chosen.

    starts, columns, costs : rows sorted by cost; only sites that may be chosen, only costs under the cap.
    free : (m,) may be chosen. number : how many must be, -1 where only the purse binds.
    prices : (m,) of the purse; all 0 and ``purse`` NEVER without a budget.
    fees : (m,) what opening a site charges to the value itself, 0 or more, in the unit of weight times cost; () for
        none at all. With ``number`` -1 and no purse this is uncapacitated facility location.
    step : two different values differ by at least this (1 where weights, costs and fees are whole), or 0.
    """

    starts: Longs
    columns: Ints
    costs: Floats
    cap: Floats
    weights: Floats
    free: Bools
    number: int
    prices: Floats
    purse: float
    step: float = 0.0
    constant: float = 0.0
    fees: Floats = field(default_factory=lambda: np.zeros(0))
    _turned: list[tuple[Longs, Ints, Floats]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if not len(self.fees):
            object.__setattr__(self, "fees", np.zeros(len(self.free)))

    @property
    def rows(self) -> tuple[Longs, Ints, Floats]:
        """The lists by demand place."""
        return self.starts, self.columns, self.costs

    @property
    def by_site(self) -> tuple[Longs, Ints, Floats]:
        """The lists by site, made once."""
        if not self._turned:
            self._turned.append(transpose(self.starts, self.columns, self.costs, len(self.free)))
        return self._turned[0]

    @property
    def is_turned(self) -> bool:
        """Whether the lists by site are at hand."""
        return bool(self._turned)

    @property
    def shut(self) -> Bools:
        return ~self.free

    def value(self, chosen: Bools) -> float:
        """What a choice of sites (m,) comes to: the constant, the weighted costs, and the fees."""
        served = float(total_cost(*self.rows, self.cap, self.weights, chosen))
        return served + float(self.fees[chosen].sum()) + self.constant


@dataclass(frozen=True, eq=False)
class Put:
    """An aim put to a problem: the median, and how to read its value.

    given : sites that are open anyway, fixed and forced. charge : of costs, and how their sum is read.
    terms : the aim's, and what they came to. limit : beyond it nobody is served, in the unit of cost; or None.
    served_under : a loss over this leaves a place of weight unserved that must be reached.
    scale : (n,) what each row was divided by, and its weight multiplied, so that all rows rise alike steeply.
    """

    aim: Aim
    median: Median
    given: tuple[int, ...]
    charge: Charge
    terms: dict[str, Any]
    limit: float | None
    scale: Floats
    served_under: float = np.inf

    def value(self, loss: float) -> float:
        """The aim's own value of what the median minimises."""
        return self.charge.value(loss)

    def loss(self, value: float) -> float:
        """What the median minimises, of the aim's own value."""
        return self.charge.loss(value)

    def within_reach(self, most: float) -> Median:
        """The median, where its charges grow without measure, with none told over ``most``, which a better plan never pays.

        So that sums of gains and losses keep their digits. A choice that comes to ``most`` or more stays so.
        """
        if not isinstance(self.charge, Equal) or not 0 < most < np.inf:
            return self.median
        median = self.median
        cap = np.minimum(median.cap, most / np.where(median.weights > 0, median.weights, 1.0))
        kept = median.costs < np.repeat(cap, np.diff(median.starts))
        starts = np.concatenate([[0], np.cumsum(kept)])[median.starts].astype(np.int64)
        return replace(
            median, starts=starts, columns=median.columns[kept], costs=median.costs[kept], cap=cap, _turned=[]
        )


def put(problem: Problem, aim: str | Aim, within: Within) -> Put:
    """Put ``aim`` to ``problem``; one that is a capped weighted median.

    Raises
    ------
    ProblemError : an aim that needs costs, a limit without or with the wrong unit; places that fill up.
    InfeasibleError : places of weight that no site reaches, where all must be reached.
    """
    asked = Aim.of(aim)
    if problem.capacities is not None:  # what follows would count people whom no place has room for
        raise ProblemError(
            Fault(
                "not-with-rooms",
                "this is not known for a plan whose places fill up",
                "capacities",
                "ask it of the same question without capacities, or of u.explain",
            )
        )
    charge, terms = charge_of(problem, asked, within)
    must_keep_digits(charge, problem.pairs, float(terms.get("aversion", 0.0)))
    limit = charge.limit if isinstance(charge, Covered) and np.isfinite(charge.limit) else None
    pairs = _charged(problem.pairs if limit is None else problem.pairs.near(limit), charge)
    weights = np.asarray(problem.weights, dtype=np.float64)
    cap = np.full(len(weights), charge.cap)
    median, most = _median(problem, pairs, cap, weights, fee=asked.name == "least-cost")
    scale = _steepness(median, charge)
    return Put(
        aim=asked,
        median=_divided(median, scale),
        scale=scale,
        given=tuple(sorted(problem.fixed + problem.forced)),
        charge=charge,
        terms=terms,
        limit=limit,
        served_under=most,
    )


def _charged(pairs: Pairs, charge: Charge) -> Pairs:
    """The pairs at what they are charged; those that would not be served left out.

    A charge rises with the cost, so that only pairs which it makes equal may change places.
    """
    costs = charge.of(pairs.costs)
    same = costs is pairs.costs or np.array_equal(costs, pairs.costs)  # as where every stored pair is within
    if same and bool(np.isfinite(costs).all()):
        return pairs
    return in_order(pairs, costs)


def _steepness(median: Median, charge: Charge) -> Floats:
    """(n,) how much faster than the cost the charge rises, near the way that each row will have; 1 where it is the cost.

    The ascent moves all multipliers by steps of one size: a row far from every site, whose charges differ by
    hundreds, would creep while one with a site at its door leaps.
    """
    ones = np.ones(len(median.weights))
    if not isinstance(charge, Equal) or not charge.kappa or not len(median.costs):
        return ones
    usual = int(median.free.sum()) // max(median.number, 1) if median.number > 0 else 0
    listed = np.diff(median.starts)
    at = median.starts[:-1] + np.minimum(usual, np.maximum(listed - 1, 0))
    near = median.costs[np.minimum(at, len(median.costs) - 1)]
    return np.where(listed > 0, 1.0 + charge.kappa * near, ones)


def _divided(median: Median, scale: Floats) -> Median:
    """The same median with each row's costs divided, and its weight multiplied."""
    if (scale == 1.0).all():
        return median
    costs = median.costs / np.repeat(scale, np.diff(median.starts))
    return replace(median, costs=costs, cap=median.cap / scale, weights=median.weights * scale, _turned=[])


def _median(problem: Problem, pairs: Pairs, cap: Floats, weights: Floats, *, fee: bool) -> tuple[Median, float]:
    """The median of charges, and what a plan that serves all keeps under; ``fee``: sites charge their cost to the value."""
    m = pairs.sites
    may = allowed(problem)
    given, free, number, prices, purse = may.given, may.free, may.number, may.prices, may.purse
    fees, paid = np.zeros(m), 0.0
    if fee and problem.site_costs is not None:
        fees = np.where(free, np.nan_to_num(problem.site_costs), 0.0)
        paid = float(problem.site_costs[list(problem.forced)].sum())
    lists, cap = listed_under((pairs.starts, pairs.columns, pairs.costs), cap, weights, given, free)
    cap = np.where(weights > 0, cap, 0.0)
    cap, most = _must_reach(lists[0], lists[2], cap, weights, int(free.sum()), number, float(fees.sum()) + paid)
    (starts, columns, costs), cap = listed_under(lists, cap, weights, np.zeros(m, dtype=bool), free)
    whole = all(bool((a == np.floor(a)).all()) for a in (weights, costs, cap, fees, np.array([paid])))
    median = Median(
        starts, columns, costs, cap, weights, free, number, prices, purse,
        step=1.0 if whole else 0.0, constant=paid, fees=fees,
    )  # fmt: skip
    return median, most


def _must_reach(
    starts: Longs, costs: Floats, cap: Floats, weights: Floats, sites: int, number: int, fees: float
) -> tuple[Floats, float]:
    """Where no cost stands for "not reached": the cap that any admissible plan keeps under, or one too dear to pay.

    A place that fewer sites miss than must open is reached by every plan, at its dearest cost at most. ``fees`` : the
    most that sites can add to the value.
    """
    endless = np.isinf(cap)
    if not endless.any():
        return cap, np.inf
    listed = np.diff(starts)
    lost = endless & (listed == 0)
    if lost.any():
        raise InfeasibleError(_unreached(lost, weights))
    dearest = np.where(listed > 0, costs[starts[1:] - 1] if len(costs) else 0.0, 0.0)  # the last of a sorted row
    always = endless & (number > 0) & (sites - listed < number)
    cap = np.where(always, dearest, cap)
    open_ended = np.isinf(cap)
    if not open_ended.any():
        return cap, np.inf
    worst = float(np.dot(weights, np.where(open_ended, dearest, cap))) + fees
    fine = np.ceil((worst * (1 + 2 * OVER) + 1.0) / np.where(open_ended, weights, 1.0))
    return np.where(open_ended, np.ceil(dearest) + fine, cap), worst * (1 + OVER) + 0.5


def _unreached(lost: AnyArray, weights: Floats) -> Fault:
    return Fault(
        code="never-reached",
        what=Sentence(
            "{count:,} places with a weight of {sum:,.0f} are reached by no site at all",
            count=int(lost.sum()),
            sum=float(weights[lost].sum()),
        ),
        where="costs",
        mend="say beyond=... to charge a cost there, or add sites",
        count=int(lost.sum()),
        first=Sentence("demand {position}", position=int(np.flatnonzero(lost)[0])),
    )
