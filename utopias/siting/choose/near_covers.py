"""What lies near a plan over the worst walk or full coverage: its question, the promises it keeps, and plans of other choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Floats, Longs
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.siting.choose.cover_swaps import swaps_of_choice
from utopias.siting.choose.near_choices import Choice, Near
from utopias.siting.covers.reach import Reach, reach_of
from utopias.siting.full_cover.cover_plan import cover_plan, recounted
from utopias.siting.median.replay import limit_again, must_be_of, must_come_out
from utopias.siting.median.ties import Fairness
from utopias.siting.question.charging import limit_of
from utopias.siting.question.problem import Problem
from utopias.siting.question.terms import levels_of
from utopias.witness.worst import WORST_AIMS

# A walk or a weight passes a promise only when it does so by more than the last digits.
SLACK = 1e-9


def near_cover(problem: Problem, plan: Plan, within: float) -> Near:
    """The question of what lies near ``plan``.

    worst-first compares level by level: another plan is near where it keeps each promise of this one to a share
    ``within``: nobody walks longer than that, and no more people than that walk longer than each next distance.

    Raises
    ------
    MisalignedError : the plan is not of this problem. ProblemError : ``every-plan-as-good``, a longest walk that is
    what is charged where no site reaches.
    """
    must_be_of(problem, plan)
    aim = plan.asked
    limit = limit_of(problem, aim.name, limit_again(problem, plan))
    must_come_out(plan, recounted(problem, aim, plan.sites, np.zeros(0), limit).value)
    unit = problem.unit if aim.name in WORST_AIMS else 1.0
    sign = -1.0 if aim.more_is_better else 1.0
    line = (sign * plan.value + within * abs(plan.value)) * unit
    if aim.name == "smallest-worst":
        must_be_a_walk(problem, plan)
    kept = Levels.of(problem, plan, within).kept if aim.name == "worst-first" else None
    return Near(
        first=plan.sites,
        own=sign * plan.value * unit,
        line=line + SLACK * max(1.0, abs(line)),
        table=lambda sites: swaps_of_choice(problem, aim, sites, limit),
        kept=kept,
    )


def must_be_a_walk(problem: Problem, plan: Plan) -> None:
    """Raise ProblemError ``every-plan-as-good`` where the longest walk is none, but what is charged where no site reaches."""
    beyond = problem.beyond
    if beyond is None or plan.value * problem.unit < beyond * (1 - SLACK):
        return
    raise ProblemError(
        Fault(
            "every-plan-as-good",
            Sentence(
                "somebody is charged {charged:,.6g}, as where no open site reaches: no choice of sites makes the longest walk longer, so each is as good as this one",
                charged=plan.value,
            ),
            "plan.value, beyond",
            "for a town ask for a longer --within, so that the table holds the longest walk; or ask with worst-first, which counts how many walk it",
        )
    )


def cover_plans(problem: Problem, plan: Plan, choices: Sequence[Choice]) -> list[Plan]:
    """A plan of each choice, recounted by the witness; of worst-first with its own levels, none of them certified."""
    aim, told = plan.asked, limit_again(problem, plan)
    limit = limit_of(problem, aim.name, told)
    terms = dict(plan.terms)
    reach = reach_of(problem, beyond=problem.beyond) if aim.name == "worst-first" else None
    plans = []
    for sites in choices:
        if reach is not None:
            terms |= {"levels_found": _told(problem, reach, aim, sites), "certified": 0}
        limit_said = told if problem.study is None else plan.within
        multipliers = np.array(plan.multipliers)
        plans.append(cover_plan(problem, aim, sites, multipliers, within=limit_said, limit=limit, terms=terms))
    return plans


def measure_of(problem: Problem, plan: Plan) -> Fairness | Leveled:
    """What decides between equals: of worst-first the levels below the first, then as for all aims what is fair."""
    limit = limit_of(problem, plan.aim, limit_again(problem, plan))
    line = limit if plan.within is None else float(plan.within.deciseconds)
    fairness = Fairness(problem, line)
    if plan.aim != "worst-first":
        return fairness
    return Leveled(problem, reach_of(problem, beyond=problem.beyond), plan.asked, fairness)


@dataclass(frozen=True, eq=False)
class Leveled:
    """Choices in the order of worst-first: distance, weight at it, the next distance, ...; then what is fair."""

    problem: Problem
    reach: Reach
    aim: Aim
    fairness: Fairness

    def of(self, sites: Sequence[int]) -> tuple[float, ...]:
        levels = _told(self.problem, self.reach, self.aim, tuple(sites))
        return (*(number for level in levels for number in level), *self.fairness.of(sites))


@dataclass(frozen=True, eq=False)
class Levels:
    """The promises of a plan of worst-first, loosened by a share: no more than ``most`` walk longer than each of ``over``.

    over, most : (levels + 1,) costs, from the worst walk down, and weights, the first of them 0.
    """

    problem: Problem
    reach: Reach
    weights: Floats
    over: Floats
    most: Floats

    @classmethod
    def of(cls, problem: Problem, plan: Plan, within: float) -> Levels:
        reach = reach_of(problem, beyond=problem.beyond)
        weights = np.asarray(problem.weights, dtype=np.float64)[reach.rows]
        distances, people = _levels(reach, weights, plan.sites)
        asked = levels_of(plan.asked)
        count = len(distances) if asked is None else min(asked + 1, len(distances))
        sums = np.concatenate([[0.0], np.cumsum(people)])[:count]
        loose = 1 + within
        slack = SLACK * max(1.0, float(weights.sum()))
        over = distances[:count] * loose
        return cls(problem, reach, weights, over * (1 + SLACK), sums * loose + slack)

    def kept(self, sites: Choice) -> bool:
        """Whether a choice keeps them all."""
        charged = self.reach.charged(_free(self.reach, sites))
        return all(
            float(self.weights[charged > over].sum()) <= most for over, most in zip(self.over, self.most, strict=True)
        )


def _levels(reach: Reach, weights: Floats, sites: Sequence[int]) -> tuple[Floats, Floats]:
    """(distances from the worst down, weight at each) with these new sites."""
    charged = reach.charged(_free(reach, sites))
    distances, at = np.unique(charged, return_inverse=True)
    weight: Floats = np.bincount(at.reshape(-1), weights=weights, minlength=len(distances)).astype(np.float64)
    return distances[::-1], weight[::-1]


def _free(reach: Reach, sites: Sequence[int]) -> Longs:
    """The sites that are not open anyway."""
    free: Longs = np.array([site for site in sites if reach.sites[site]], dtype=np.int64)
    return free


def _told(problem: Problem, reach: Reach, aim: Aim, sites: Choice) -> list[list[float]]:
    weights = np.asarray(problem.weights, dtype=np.float64)[reach.rows]
    distances, people = _levels(reach, weights, sites)
    count = levels_of(aim)
    walks = (distances[:count] / problem.unit).tolist()
    return [[walk, weight] for walk, weight in zip(walks, people[:count].tolist(), strict=True)]
