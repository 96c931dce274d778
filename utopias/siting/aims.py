"""An aim, put to a problem, becomes one thing to minimise: the capped weighted median of the kernels.

``cover-most`` charges 0 within the limit and 1 beyond, so that what is minimised is the weight
left out; ``least-walk`` charges the cost itself, at most ``beyond``. Sites that are open whatever
happens (fixed, forced) lower what each place is charged before, and then need no further thought.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.faults import most_spent
from utopias.siting.kernels import NEVER
from utopias.siting.lists import total_cost, transpose
from utopias.siting.pairs import Pairs, sorted_pairs
from utopias.siting.problem import Problem


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
    def shut(self) -> Bools:
        return ~self.free

    def value(self, chosen: Bools) -> float:
        """What a choice of sites (m,) comes to: the constant, the weighted costs, and the fees."""
        served = float(total_cost(*self.rows, self.cap, self.weights, chosen))
        return served + float(self.fees[chosen].sum()) + self.constant


@dataclass(frozen=True, eq=False)
class Put:
    """An aim put to a problem: the median, and how to read its value.

    given : sites that are open anyway, fixed and forced. limit : in the problem's unit of cost, or None.
    penalty : True where some place could stay unserved at a cost that only stands for "may not be".
    served_under : a value over this leaves a place of weight unserved that must be reached.
    """

    aim: str
    median: Median
    given: tuple[int, ...]
    limit: float | None
    total: float
    unit: float
    served_under: float = np.inf

    def value(self, loss: float) -> float:
        """The aim's own value of what the median minimises."""
        return self.total - loss if self.aim == "cover-most" else loss / self.unit


def put(problem: Problem, aim: str | Aim, within: str | Duration | float | None) -> Put:
    """Put ``aim`` to ``problem``; one that is a capped weighted median.

    Raises
    ------
    ProblemError : an aim that needs costs, a limit without or with the wrong unit.
    InfeasibleError : places of weight that no site reaches, where all must be reached.
    """
    aim = Aim.of(aim).name
    limit = limit_of(problem, aim, within)
    pairs = problem.pairs
    weights = np.asarray(problem.weights, dtype=np.float64)
    if aim == "cover-most":
        near = slice(None) if limit is None else pairs.costs <= limit
        columns = pairs.columns[near]
        pairs = sorted_pairs(pairs.rows[near], columns, np.zeros(len(columns)), problem.shape)
        cap = np.ones(len(weights))
    else:
        cap = np.full(len(weights), np.inf if problem.beyond is None else problem.beyond)
    median, served_under = _median(problem, pairs, cap, weights)
    return Put(
        aim=aim,
        median=median,
        given=tuple(sorted(problem.fixed + problem.forced)),
        limit=limit,
        total=float(weights.sum()),
        unit=problem.unit if aim == "least-walk" else 1.0,
        served_under=served_under,
    )


def limit_of(problem: Problem, aim: str, within: str | Duration | float | None) -> float | None:
    """The limit in the problem's unit of cost; None where the aim or the problem has none."""
    if problem.study is not None:
        if within is None:
            raise ProblemError(Fault("no-within", "a plan for a town needs a limit", "within", 'say within="15 min"'))
        asked = Duration.of(within)  # type: ignore[arg-type]  # a bare number is refused there
        problem.study.times.must_reach(asked)
        return float(asked.deciseconds) if aim == "cover-most" else None
    if aim == "least-walk" and problem.kind == "coverage":
        raise ProblemError(
            Fault("no-costs", "least-walk needs costs, and only coverage is known", "aim", "use Problem.from_costs")
        )
    if aim == "least-walk" or problem.kind == "coverage" or within is None:
        return None
    if isinstance(within, (str, Duration)):
        raise ProblemError(
            Fault(
                code="within-unit",
                what=Sentence("the limit is {within}, but these costs have no unit", within=within),
                where="within",
                mend="give the limit as a number in the unit of the costs, or None for every pair that is stored",
            )
        )
    if not within >= 0:
        raise ProblemError(
            Fault(
                "bad-within",
                Sentence("the limit is {within}", within=within),
                "within",
                "a number of 0 or more in the unit of the costs",
            )
        )
    return float(within)


def _median(problem: Problem, pairs: Pairs, cap: Floats, weights: Floats) -> tuple[Median, float]:
    m = pairs.sites
    given = np.zeros(m, dtype=bool)
    given[list(problem.fixed + problem.forced)] = True
    free = np.zeros(m, dtype=bool)
    free[problem.candidates] = True
    free &= ~given
    number = -1 if problem.open is None else problem.open - len(problem.forced)
    prices, purse = np.zeros(m), NEVER
    if problem.budget is not None and problem.site_costs is not None:
        prices = np.where(free, np.nan_to_num(problem.site_costs), 0.0)
        purse = most_spent(problem.budget) - float(problem.site_costs[list(problem.forced)].sum())
        free &= prices <= purse
    rows = pairs.rows
    at_given = given[pairs.columns]
    np.minimum.at(cap, rows[at_given], pairs.costs[at_given])
    keep = free[pairs.columns] & (weights[rows] > 0) & (pairs.costs < cap[rows])
    rows, columns, costs = rows[keep], pairs.columns[keep], pairs.costs[keep]
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(weights)))]).astype(np.int64)
    cap = np.where(weights > 0, cap, 0.0)
    cap, served_under = _must_reach(starts, rows, costs, cap, weights, int(free.sum()), number)
    keep = costs < cap[rows]
    if not keep.all():
        rows, columns, costs = rows[keep], columns[keep], costs[keep]
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(weights)))]).astype(np.int64)
    whole = all(bool((a == np.floor(a)).all()) for a in (weights, costs, cap))
    median = Median(starts, columns, costs, cap, weights, free, number, prices, purse, step=1.0 if whole else 0.0)
    return median, served_under


def _must_reach(
    starts: Longs, rows: Longs, costs: Floats, cap: Floats, weights: Floats, sites: int, number: int
) -> tuple[Floats, float]:
    """Where no cost stands for "not reached": the cap that any admissible plan keeps under, or one too dear to pay.

    A place that fewer sites miss than must open is reached by every plan, at its dearest cost at most.
    """
    endless = np.isinf(cap)
    if not endless.any():
        return cap, np.inf
    listed = np.diff(starts)
    lost = endless & (listed == 0)
    if lost.any():
        raise InfeasibleError(_unreached(lost, weights))
    dearest = np.zeros(len(cap))
    np.maximum.at(dearest, rows, costs)
    always = endless & (number > 0) & (sites - listed < number)
    cap = np.where(always, dearest, cap)
    open_ended = np.isinf(cap)
    if not open_ended.any():
        return cap, np.inf
    worst = float(np.dot(weights, np.where(open_ended, dearest, cap)))
    fine = np.ceil((worst + 1.0) / np.where(open_ended, weights, 1.0))
    return np.where(open_ended, np.ceil(dearest) + fine, cap), worst + 0.5


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
