"""What every way along a trade-off needs: both aims as numbers, the searches, and the points met so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from utopias.domain.aim import MORE_IS_BETTER
from utopias.domain.arrays import Bools, Floats
from utopias.domain.errors import Fault
from utopias.domain.progress import silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.curve.stacked import Part, part_of
from utopias.siting.median.aims import put
from utopias.siting.median.by_median import must_have_answer
from utopias.siting.median.search import Search
from utopias.siting.median.ties import Fairness, fairer
from utopias.siting.question.as_plan import told
from utopias.siting.question.clock import Clock
from utopias.siting.question.faults import fault_of_unknown_costs
from utopias.siting.question.pairs import Pairs
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.witness.recount import recount

# Rows of values this close are the same: sums of floats in another order.
CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two aims: its name, and the group it counts ("" for the people of the question)."""

    aim: str
    group: str = ""

    @classmethod
    def of(cls, written: str) -> Side:
        """``cover-most`` or ``cover-most:older people``."""
        name, _, group = written.partition(":")
        return cls(name.strip(), group.strip())

    def faults(self, problem: Problem) -> list[Fault]:
        """A group nobody counts, or one given to an aim that counts nobody; costs that are not known."""
        found = []
        groups = [] if problem.study is None else [str(g["id"]) for g in problem.study.town.get("groups", ())]
        if self.group and (self.group not in groups or self.aim == "least-cost"):
            found.append(
                Fault(
                    "unknown-group",
                    Sentence("{aim} cannot count the group {group!r}", aim=self.aim, group=self.group),
                    "aims",
                    Sentence("use one of: {listed}", listed=", ".join(groups))
                    if groups
                    else "groups need the problem of a town",
                )
            )
        prices = problem.site_costs
        if self.aim == "least-cost" and (prices is None or np.isnan(prices[problem.candidates]).all()):
            found.append(
                Fault("no-site-costs", "no cost of any candidate is known", "aims", "give site_costs, or another aim")
            )
        elif self.aim == "least-cost" and prices is not None:
            lost = problem.candidates[~np.isfinite(prices[problem.candidates])]
            names = None if problem.study is None else problem.study.places["place_id"].to_numpy()
            found += [fault_of_unknown_costs(lost, len(problem.candidates), names)] if len(lost) else []
        if self.aim == "least-walk" and not problem.beyond:  # nor is a charge of 0 one
            found.append(
                Fault(
                    "no-beyond",
                    "a trade-off with least-walk needs a cost for those whom no open site reaches",
                    "beyond",
                    "say beyond=...: the largest cost is usual",
                )
            )
        return found

    def weights(self, problem: Problem) -> Floats:
        """(n,) what this aim counts."""
        if not self.group or problem.study is None:
            return np.asarray(problem.weights, dtype=np.float64)
        blocks = problem.study.blocks
        away = blocks["apart"].to_numpy(dtype=bool) | ~blocks["planned"].to_numpy(dtype=bool)
        column = "people" if self.group == "all" else self.group
        weights: Floats = np.where(away, 0.0, blocks[column].to_numpy(dtype=np.float64))
        return weights

    def unit(self, problem: Problem) -> str:
        """The unit of its values, by code; "" over bare costs."""
        if self.aim == "least-cost":
            return "money"
        if problem.study is None:
            return ""
        return {"cover-most": "persons", "least-walk": "person-minutes", "smallest-worst": "minutes"}[self.aim]


@dataclass(frozen=True, slots=True)
class Met:
    """A point as a way finds it; fields as of TradePoint."""

    values: tuple[float, float]
    bound: float
    root_bound: float
    sites: tuple[int, ...]
    proven: bool
    certified: bool


@dataclass(eq=False)
class Curve:
    """Two aims of one problem, the clock, and the points met: what the ways along the front write into."""

    problem: Problem
    sides: tuple[Side, Side]
    limit: float | None
    within: str | Duration | float | None
    points: int
    rules: Rules
    met: list[Met] = field(default_factory=list)
    unreachable: float = 0.0
    second_bound: float | None = None
    stopped: str = ""

    def __post_init__(self) -> None:
        self.clock = self.rules.start()
        self.weights = [side.weights(self.problem) for side in self.sides]
        self.beyond = float(self.problem.beyond) if self.problem.beyond is not None else 1.0
        study, fixed_limit = self.problem.study, self.limit
        timed = study is not None and self.within is not None
        asked = float(Duration.of(self.within).deciseconds) if timed else fixed_limit  # type: ignore[arg-type]
        self._counted = self._near_pairs()
        self.fairness = Fairness(self.problem, asked)

    def _near_pairs(self) -> Pairs:
        """The pairs that the first aim can count: those farther, by far the most of a long table, are absent to it."""
        pairs = self.problem.pairs
        far = self.limit if self.sides[0].aim in MORE_IS_BETTER else self.beyond
        if far is None:
            return pairs
        near = pairs.costs <= far
        starts = np.concatenate([[0], np.cumsum(near)])[pairs.starts].astype(np.int64)
        return Pairs(starts, pairs.columns[near], pairs.costs[near], pairs.sites)

    def part(self, side: int) -> Part:
        """Aim 0 or 1 as a part to be stacked; of the two sums only."""
        return part_of(self.problem, self.sides[side].aim, self.limit, self.weights[side], self.beyond)

    def value(self, side: int, loss: float) -> float:
        """The aim's own value of a part's loss."""
        if self.sides[side].aim in MORE_IS_BETTER:
            return float(self.weights[side].sum()) - loss
        return loss / self.problem.unit

    def search(self, question: Problem, share: float, *, start: Bools | None = None) -> tuple[Search, str]:
        """Search a stacked question for a share of the time left (or the counted work); where it stands, and why it ended."""
        clock = Clock(max(0.2, self.clock.left * share) if self.rules.work is None else 0.0, self.rules.work)
        asked = put(question, "least-walk", None)
        self.rules.progress("curve", min(1.0, len(self.met) / self.points))
        search = Search(asked.median, clock, self.rules.seed, silent, start=start)
        stopped = search.run()
        must_have_answer(question, asked, search)
        if self.sides[1].aim == "smallest-worst":  # the same one of equal plans that ``solve`` keeps
            search.chosen, _ = fairer(search.small, search.chosen, search.upper, lambda: self.fairness)
        if stopped == "user":
            self.stopped = "user"
        return search, stopped

    def sites(self, search: Search) -> tuple[int, ...]:
        """The new sites of its best choice, forced ones among them, ascending."""
        return tuple(sorted([*np.flatnonzero(search.chosen).tolist(), *self.problem.forced]))

    @property
    def over(self) -> bool:
        """Whether no more points may be looked for; says why."""
        if not self.stopped and self.clock.left <= 0:
            self.stopped = "clock"
        return bool(self.stopped)

    def values(self, sites: Sequence[int]) -> tuple[float, float]:
        """Both values of a choice, from the table; inf where a walk is longer than it tells."""
        return self._value_of(0, sites), self._value_of(1, sites)

    def _value_of(self, side: int, sites: Sequence[int]) -> float:
        problem, aim = self.problem, self.sides[side].aim
        if aim == "least-cost":
            prices = problem.site_costs
            return 0.0 if prices is None or not len(sites) else float(prices[list(sites)].sum())
        chosen = problem.pairs.opened([*sites, *problem.fixed])
        if aim == "smallest-worst":
            nearest = problem.pairs.nearest(chosen)
            worst = nearest[self.reachable(side)].max(initial=0.0)
            return float(worst) / problem.unit
        return self.value(side, self.part(side).loss(chosen))

    def reachable(self, side: int) -> Bools:
        """(n,) places of weight that some site, fixed or choosable, reaches in the table."""
        problem = self.problem
        usable = problem.pairs.opened([*problem.candidates.tolist(), *problem.fixed])
        reached: Bools = np.isfinite(problem.pairs.nearest(usable)) & (self.weights[side] > 0)
        return reached

    def keep(
        self,
        sites: tuple[int, ...],
        bound: float,
        *,
        question: Problem,
        search: Search,
        root_of: float = 0.0,
        proven: bool,
    ) -> Met:
        """Take a point: its values and its root bound are counted again by the witness, its own bound is ``bound``.

        root_of : what the second part adds to the root bound of the question, in its loss.
        """
        values = self.values(sites)
        found = recount(
            **told(question),
            aim="least-walk",
            sites=sites,
            within=None,
            multipliers=search.multipliers,
            site_count=question.pairs.sites,
        )
        root = self.value(0, found.bound - root_of)
        agrees = abs(self._recounted(sites) - values[0]) <= CLOSE * max(1.0, abs(values[0]))
        better = max if self.sides[0].aim in MORE_IS_BETTER else min
        bound = better(bound, values[0])
        one = Met(values, bound, better(root, bound), sites, proven, found.holds and agrees)
        self.met.append(one)
        return one

    def _recounted(self, sites: tuple[int, ...]) -> float:
        """The first aim's value as the witness counts it from the problem's own table."""
        problem = self.problem
        found = recount(
            **told(problem, pairs=self._counted, weights=self.weights[0]),
            aim=self.sides[0].aim,
            sites=sites,
            within=self.limit,
            multipliers=np.zeros(0),
            site_count=problem.pairs.sites,
        )
        return found.value if self.sides[0].aim in MORE_IS_BETTER else found.value / problem.unit
