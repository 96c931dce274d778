"""The worst walk first, then how many people walk it, then the next lower distance, and so on (lexicographic max-min).

A chain of steps, each a question with its own proof whose answer is kept by all that follow: the smallest worst walk; the
fewest people at it; the smallest distance that all others keep; the fewest people at that ... A chain that the clock
ends tells how many of its steps are certified, and its plan keeps those.

Source
------
Lexicographic location: Ogryczak (1997), EJOR 100:566-585; Ogryczak (1999), Stud. Locational Anal. 12:75-91.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Floats, Longs
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.siting.covers.cover_search import Effort
from utopias.siting.covers.reach import Reach
from utopias.siting.full_cover.smallest_worst import SmallestWorst
from utopias.siting.full_cover.tiers import Tier, least_over
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.question.terms import levels_of
from utopias.siting.question.watched import Moment


def worst_first(problem: Problem, aim: Aim, within: str | Duration | float | None, rules: Rules) -> Plan:
    """The plan that is best level by level, from the worst walk down.

    A level is a distance and the weight of those at exactly that distance. The plan's value and bound are those of the
    first distance, as in smallest-worst; its terms tell ``levels_found`` ([distance, weight] a level, in the unit of the value)
    and ``certified``: how many steps are proven, two a level, in their order. ``proven``: all that were asked for.
    The term ``levels`` says how many are asked for, 3 as usual, or "all". Distances are compared as they are stored, in a
    town in whole deciseconds: two walks are equal when they are the same to a tenth of a second.

    Raises
    ------
    ProblemError, InfeasibleError : as for smallest-worst.
    """
    return WorstFirst(problem, aim, within, rules).plan()


class WorstFirst(SmallestWorst):
    """The bisection and the chain after it, from a start where one is given: what the chain keeps is never worse than it."""

    def __init__(
        self,
        problem: Problem,
        aim: Aim,
        within: str | Duration | float | None,
        rules: Rules,
        start: Sequence[int] | None = None,
    ) -> None:
        self.levels = levels_of(aim)
        super().__init__(problem, aim, within, replace(rules, gap=0.0), start)
        self.weights: Floats = np.asarray(problem.weights, dtype=np.float64)[self.reach.rows]
        self.chain: Chain | None = None

    def portions(self) -> Iterator[object]:
        """The radii of the first step, then every question of the chain."""
        yield from self.search.steps()
        first, effort = self.search, self.search.effort
        if first.chosen is None:
            return
        best = super().now()
        assert best is not None
        self.chain = Chain(self.reach, self.weights, effort, best.chosen)
        if first.closed:
            try:
                yield from self.chain.steps(first.value, self.levels)
            except KeyboardInterrupt:
                effort.stopped = True
        self.stopped = first.stopped
        if not (first.closed and self.chain.complete) and first.stopped == "proven":
            self.stopped = "user" if effort.stopped else "clock" if self.clock.work is None else "work"

    def now(self) -> Moment | None:
        """What the chain keeps by now; the first distance is its value."""
        moment = super().now()
        if moment is None or self.chain is None:
            return None if moment is None else replace(moment, closed=False)
        return replace(moment, chosen=self.chain.chosen, closed=moment.closed and self.chain.complete)

    def plan_of(self, moment: Moment) -> Plan:
        """The plan with its levels, and how many steps are certified."""
        chain, unit = (
            self.chain or Chain(self.reach, self.weights, self.search.effort, moment.chosen),
            self.problem.unit,
        )
        found = [[cost / unit, weight] for cost, weight in chain.levels_of(moment.chosen)[: self.levels]]
        return self._plan(moment, {"levels_found": found, "certified": chain.certified})


@dataclass(eq=False)
class Chain:
    """The steps after the first: ``chosen`` keeps all that is certified so far.

    weights : (r,). certified : steps proven, the worst walk being the first. complete : as many as asked, or as there are.
    """

    reach: Reach
    weights: Floats
    effort: Effort
    chosen: Longs
    certified: int = 0
    complete: bool = False
    tiers: list[Tier] = field(default_factory=list)

    def __post_init__(self) -> None:
        reach, worst = self.reach, float(self.reach.charged(self.chosen).max(initial=0.0))
        charges = (reach.costs[reach.costs <= worst], reach.cap[np.isfinite(reach.cap) & (reach.cap <= worst)])
        self.radii: Floats = np.unique(np.concatenate(charges))  # no level is over the worst walk
        self.nearest = reach.nearest
        self.slack = 1e-9 * max(1.0, float(self.weights.sum()))

    def levels_of(self, chosen: Longs) -> list[tuple[float, float]]:
        """(distance, weight at it) of a choice, from the worst down."""
        charged = self.reach.charged(chosen)
        distances, at = np.unique(charged, return_inverse=True)
        weight = np.bincount(at.reshape(-1), weights=self.weights, minlength=len(distances))
        return [(float(d), float(w)) for d, w in zip(distances[::-1], weight[::-1], strict=True)]

    def over(self, chosen: Longs, radius: float) -> float:
        """The weight of those who walk more than ``radius``."""
        return float(self.weights[self.reach.charged(chosen) > radius].sum())

    def steps(self, worst: float, levels: int | None) -> Iterator[str]:
        """Level by level: the fewest people at a distance, then the next distance; until asked for, or out of time.

        One portion a question asked.
        """
        self.certified, done, radius = 1, 0, worst
        while True:
            at = int(np.searchsorted(self.radii, radius))
            if at == 0 or float(self.weights.sum()) - self._settled <= self.slack:
                self.certified += 1  # everybody left is at the least distance there is
                self.complete = True
                return
            under = float(self.radii[at - 1])
            certain = self._fewest(worst, under)
            yield "programme"
            if not certain:
                return
            self.certified += 1
            done += 1
            self.tiers.append(Tier(under, self.over(self.chosen, under)))
            rest = float(self.weights.sum()) - self._settled
            if done == levels or rest <= self.slack:
                self.complete = True
                return
            found = yield from self._next(worst, at - 1)
            if found is None:
                return
            self.certified += 1
            self.tiers[-1] = Tier(found, self._settled)  # which is more than was settled before it
            radius = found

    @property
    def _settled(self) -> float:
        return self.tiers[-1].most if self.tiers else 0.0

    def _fewest(self, worst: float, under: float) -> bool:
        """Make ``chosen`` one with the least weight over ``under``; whether that is certain."""
        least = float(self.weights[self.nearest > under].sum())
        if self.over(self.chosen, under) <= least + self.slack:
            return True
        certain, better = self._ask(worst, under, enough=least)
        self.chosen = better
        return certain

    def _next(self, worst: float, most: int) -> Generator[str, None, float | None]:
        """The least of ``radii[: most + 1]`` that all may keep but those settled before; None where time ended."""
        settled = self._settled
        low = 0
        charged = self.reach.charged(self.chosen)
        high = int(np.searchsorted(self.radii, float(charged[charged <= self.radii[most]].max(initial=0.0))))
        # whose nearest site is farther can be no more than those settled
        order = np.argsort(-self.nearest, kind="stable")
        farther = np.cumsum(self.weights[order])
        beyond = order[farther > settled + self.slack]
        if len(beyond):
            low = int(np.searchsorted(self.radii, float(self.nearest[beyond[0]])))
        while low < high:
            middle = (low + high) // 2
            radius = float(self.radii[middle])
            certain, better = self._ask(worst, radius, enough=settled)
            if self.over(better, radius) <= settled + self.slack:
                self.chosen = (
                    better  # only now: fewer over a radius that cannot be kept may mean more over one that can
                )
                kept = self.reach.charged(self.chosen)
                own = float(kept[kept <= radius].max(initial=0.0))
                high = min(middle, int(np.searchsorted(self.radii, own)))
                yield "programme"
            elif certain:
                low = middle + 1
            else:
                return None
        return float(self.radii[low])

    def _ask(self, worst: float, radius: float, *, enough: float) -> tuple[bool, Longs]:
        """(whether the answer is certain, the best choice for this radius that keeps the tiers: ``chosen`` or a better one)."""
        best = self.chosen
        if self.effort.out:
            return False, best
        self.effort.say("programme")
        step = least_over(
            self.reach, self.weights, worst, self.tiers, radius,
            start=self.chosen, enough=enough, seconds=self.effort.seconds, nodes=self.effort.nodes,
        )  # fmt: skip
        self.effort.done += max(1, step.nodes)
        found = step.chosen
        if found is not None and self._keeps(found, worst) and self.over(found, radius) < self.over(best, radius):
            best = found
        reached = self.over(best, radius)
        whole = bool((self.weights == np.floor(self.weights)).all())
        room = 0.999 if whole else 2 * self.slack
        return reached <= enough + self.slack or step.bound > reached - room, best

    def _keeps(self, chosen: Longs, worst: float) -> bool:
        """Whether a choice keeps the rules and all that was settled: a programme's tolerances are not ours."""
        reach = self.reach
        if reach.number >= 0 and len(chosen) != reach.number:
            return False
        if reach.prices is not None and float(np.asarray(reach.prices)[chosen].sum()) > reach.purse:
            return False
        if float(reach.charged(chosen).max(initial=0.0)) > worst:
            return False
        return all(self.over(chosen, tier.radius) <= tier.most + self.slack for tier in self.tiers)
