"""A problem put over budget years: the median of its aim, merged, with the ledger that every schedule must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import AnyArray, Floats, Ints
from utopias.domain.budgets import Budgets
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.median.aims import Put, put
from utopias.siting.median.merge import Merged, merge
from utopias.siting.question.problem import Problem
from utopias.siting.years.yearly import Yearly

_UNKNOWN = ("site-cost-not-known", "no-site-costs")
_MEND = Sentence(
    "find out their cost, leave them out, or take one cost for all whose own is not known: --cost-each 180M"
)


def with_known_costs(problem: Problem, cost_each: float | None, **changes: Any) -> Problem:
    """The problem with ``changes`` and without a budget; a cost that is not known is ``cost_each``, refused where that is None."""
    costs = problem.site_costs
    if cost_each is not None:
        known = np.full(problem.pairs.sites, np.nan) if costs is None else costs
        costs = np.where(np.isnan(known), cost_each, known)
        changes["site_costs"] = costs
    plenty = 1.0 if costs is None else 1.0 + float(np.nansum(np.abs(costs[np.isfinite(costs)])))
    try:
        return replace(replace(problem, **changes, budget=plenty), budget=None)
    except ProblemError as error:  # over years a cost may also be assumed
        raise ProblemError(
            [replace(one, mend=_MEND) if one.code in _UNKNOWN else one for one in error.faults]
        ) from None


class PhaseQuestion:
    """A problem over years: its median, merged, and the ledger."""

    def __init__(
        self,
        problem: Problem,
        budgets: Budgets,
        aim: Aim,
        within: str | Duration | float | None,
        equip: AnyArray | Sequence[float] | None,
    ) -> None:
        self.problem, self.budgets, self.aim, self.within = problem, budgets, aim, within
        self.works_money, self.equip_money = moneys(problem, budgets, equip)
        free = np.zeros(problem.pairs.sites, dtype=bool)
        free[problem.candidates] = True
        self.forced = np.zeros(len(free), dtype=bool)
        self.forced[list(problem.forced)] = True
        if aim.name == "least-walk" and problem.beyond is None:
            _must_be_reached(problem)
        self.asked: Put = put(replace(problem, forced=(), budget=None), aim, within)
        self.merged: Merged = merge(self.asked.median)
        assert problem.open is not None
        self.yearly = Yearly.of(
            self.merged.median,
            share=np.array(budgets.weights[1:]),
            forced=self.forced,
            works=np.nan_to_num(self.works_money),
            equip=np.nan_to_num(self.equip_money),
            money=np.array(budgets.money),
            carry=budgets.carry_over,
            capacity=budgets.works_a_year,
            number=problem.open,
        )

    @property
    def first_loss(self) -> float:
        """What is lost in the first budget year, where nothing new is open yet; its weight is 1."""
        median = self.merged.median
        return float(np.dot(median.weights, median.cap)) + median.constant

    def values(self, when: Ints) -> Floats:
        """(years + 1,) the aim's value in each budget year."""
        losses = self.yearly.losses(when) + self.yearly.median.constant
        return np.array([self.asked.value(loss) for loss in (self.first_loss, *losses)])

    def value(self, loss: float) -> float:
        """The sum over all budget years, of what the serving years lose."""
        lost = self.first_loss + loss
        if not self.aim.more_is_better:
            return float(lost / self.asked.charge.unit)
        return self.asked.charge.total * sum(self.budgets.weights) - lost


def _must_be_reached(problem: Problem) -> None:
    """Raise where fixed sites leave out a place of weight: before the first new one opens it would cost nothing known."""
    reached = np.zeros(len(problem.weights), dtype=bool)
    reached[problem.pairs.rows[np.isin(problem.pairs.columns, problem.fixed)]] = True
    left = np.flatnonzero(~reached & (problem.weights > 0))
    if len(left):
        raise ProblemError(
            Fault(
                "no-beyond",
                Sentence("before the first sites open {count:,} places are reached by none", count=len(left)),
                "beyond",
                "say beyond=... : the cost charged where no open site reaches",
                count=len(left),
                first=Sentence("demand {left}", left=int(left[0])),
            )
        )


def moneys(problem: Problem, budgets: Budgets, equip: AnyArray | Sequence[float] | None) -> tuple[Floats, Floats]:
    """(m,) works and equipment of each candidate, NaN elsewhere."""
    assert problem.site_costs is not None
    whole = np.full(problem.pairs.sites, np.nan)
    whole[problem.candidates] = problem.site_costs[problem.candidates]
    if equip is None:
        return whole * (1.0 - budgets.equip_share), whole * budgets.equip_share
    given = np.asarray(equip, dtype=np.float64)
    if given.shape != whole.shape:
        raise ProblemError(
            Fault(
                "misaligned",
                Sentence("{count} costs of equipment for {sites} sites", count=len(given), sites=len(whole)),
                "equip",
                "one a site",
            )
        )
    bad = np.flatnonzero(~np.isnan(whole) & ~((given >= 0) & (given <= whole)))
    if len(bad):
        raise ProblemError(
            Fault(
                "bad-equipment",
                Sentence("{count} sites have equipment that is no part of their cost", count=len(bad)),
                "equip",
                "an amount from 0 to the whole cost of the site",
                count=len(bad),
                first=str(bad[0]),
            )
        )
    part = np.where(np.isnan(whole), np.nan, given)
    return whole - part, part
