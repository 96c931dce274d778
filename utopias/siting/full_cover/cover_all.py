"""Everybody within the limit with the fewest new sites, or the least money (set covering, also several times over).

Source
------
Toregas, Swain, ReVelle & Bergman (1971), Oper. Res. 19:1363-1373; several times: Hogan & ReVelle (1986), Management
Science 32:1434-1444.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.covers.conflict import given_within, no_plan_meets_all
from utopias.siting.covers.cover_search import CoverSearch, Effort, prepare_covers
from utopias.siting.covers.reach import Reach, reach_of
from utopias.siting.covers.set_cover import Cover, kept, positions
from utopias.siting.covers.set_cover_kernels import swap_cover
from utopias.siting.full_cover.cover_plan import cover_plan
from utopias.siting.kernels import NEVER
from utopias.siting.question.charging import limit_of
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.question.terms import counts_cost, leaves_out, times_of
from utopias.siting.question.watched import Begun, Moment, Work, begun_from

# Turns of the kernels for each pair in a whole search, at least.
TURNS_A_PAIR = 20


def cover_all(problem: Problem, aim: Aim, within: str | Duration | float | None, rules: Rules) -> Plan:
    """The fewest new sites that bring every place of weight within the limit of ``times`` open sites.

    Fixed sites count towards ``times`` and not towards the value; forced ones are new and count in both. Terms:

    times : 1, or more for cover that survives the closing of a site.
    count : "sites", or "cost": the value is then what the new sites cost together.
    unreachable : "refuse" (an error that counts the places that ``times`` sites never reach, whatever opens), or
        "leave-out": those places are left out, and the plan's terms tell how many (``left_out_places``) and their
        weight (``left_out_weight``). They are never left out in silence.

    Raises
    ------
    ProblemError : a term or a limit that makes no sense. InfeasibleError : ``never-covered``, or
        ``cannot-all-be-met`` where the budget does not pay for everybody.
    """
    return CoverAll(problem, aim, within, rules).plan()


class CoverAll(Work):
    """The covering question at work; from a start it looks for nothing but what is better."""

    def __init__(
        self,
        problem: Problem,
        aim: Aim,
        within: str | Duration | float | None,
        rules: Rules,
        start: Sequence[int] | None = None,
    ) -> None:
        prepare_covers(TURNS_A_PAIR * problem.pairs.count)
        self.problem, self.aim, self.within, self.rules = problem, aim, within, rules
        self.clock = rules.start()
        times, by_cost, leave_out = times_of(aim), counts_cost(aim), leaves_out(aim)
        self.times, self.limit = times, limit_of(problem, aim.name, within)
        self.radius = float(problem.pairs.costs.max(initial=0.0)) if self.limit is None else self.limit
        if by_cost:
            _must_know_costs(problem)
        cover, self.rows, never, reach = asked_all(problem, times, self.radius)
        self.terms = _left_out(problem, never, leave_out, times)
        self.cover, most = _priced(problem, cover, reach.purse, by_cost)
        self.set_costs = _cost_of(problem, problem.forced) if by_cost else float(len(problem.forced))
        self.begun = self._completed(start, reach)
        self.effort = Effort(self.clock, rules.seed, rules.progress)
        if self.begun.sites is not None:
            cost = self.cover.cost(positions(self.cover.names, self.begun.sites))
            most = min(most, cost - (self.cover.step or max(1e-9, 1e-9 * cost)))
        self.search = CoverSearch(self.cover, self.effort, limit=most, gap=rules.gap, keep=True)

    def portions(self) -> Iterator[object]:
        """The search over the covering question."""
        self.rules.progress("plan", 0.0)
        for _ in self.search.steps(in_hand=self.begun.chosen is not None):
            if self._near:
                break
            yield "search"
        ended = (
            "user" if self.effort.stopped else "gap" if self._near else "clock" if self.rules.work is None else "work"
        )
        self.stopped = "proven" if self.search.closed else ended

    def of_start(self) -> Moment | None:
        """The start counts what it is, beside nothing known yet."""
        chosen = self.begun.sites
        return None if chosen is None else self._moment(chosen, closed=False)

    def now(self) -> Moment | None:
        """The best choice, the start where nothing better is known."""
        chosen = self.search.chosen if self.search.chosen is not None else self.begun.sites
        return None if chosen is None else self._moment(chosen, closed=self.search.closed)

    def plan_of(self, moment: Moment) -> Plan:
        """The plan with the prices that the search has by now."""
        multipliers = np.zeros(len(self.problem.weights))
        multipliers[self.rows] = self.search.found().prices
        sites = tuple(sorted([*moment.chosen.tolist(), *self.problem.forced]))
        plan = cover_plan(
            self.problem, self.aim, sites, multipliers, within=self.within, limit=self.limit, terms=self.terms
        )
        self.rules.progress("plan", 1.0)
        return plan.with_(
            bound=plan.value if moment.closed else min(plan.value, max(plan.bound, moment.bound)),
            proven=moment.closed,
            seconds=self.clock.spent,
            stopped=self.ended(moment),
            seed=self.rules.seed,
        )

    def refuse(self) -> Exception:
        """The budget does not pay for everybody, or nothing was found."""
        proven = self.search.closed and not self.effort.stopped
        asked = _reached_only(self.problem, self.rows)
        return no_plan_meets_all(asked, proven, self.rules.seed, self.clock, limit=self.radius, times=self.times)

    @property
    def _near(self) -> bool:
        if not self.rules.gap > 0 or (moment := self.now()) is None:
            return False
        return moment.value - moment.bound <= self.rules.gap * max(moment.value, 1e-9)

    def _moment(self, chosen: Longs, *, closed: bool) -> Moment:
        value = self.cover.cost(positions(self.cover.names, chosen)) + self.set_costs
        bound = value if closed else min(value, max(0.0, self.search.bound) + self.set_costs)
        return Moment(chosen, value, bound, closed)

    def _completed(self, start: Sequence[int] | None, reach: Reach) -> Begun:
        """The start with the sites that reach most of those it leaves out, until it leaves nobody."""
        cover, m = self.cover, len(reach.sites)
        priced = reach.prices is not None
        prices = np.asarray(reach.prices, dtype=np.float64) if priced else np.zeros(m)

        def losses(chosen: Bools) -> Floats:
            have = np.bincount(self._of_row[chosen[cover.names][cover.columns]], minlength=len(cover.need))
            tight = (have <= cover.need)[self._of_row]
            of_site = np.bincount(cover.columns, weights=tight, minlength=len(cover.names))
            return of_site[positions(cover.names, np.flatnonzero(chosen))].astype(np.float64)

        def complete(chosen: Bools) -> Bools | None:
            local = chosen[cover.names].copy()
            # In the prices of the purse: a start that the aim counts by number must be paid for too.
            pay = cover.prices if cover.side is None else cover.side
            most = reach.purse if priced else inf
            if not swap_cover(*cover.by_row, *cover.by_site, cover.need, pay, local, -1, most, np.zeros(0)):
                return None
            if float(pay[local].sum()) > most:
                return None
            whole = np.zeros(m, dtype=bool)
            whole[cover.names[local]] = True
            return whole

        return begun_from(
            start, reach.sites, self.problem.forced, number=-1, prices=prices,
            purse=reach.purse if priced else NEVER, losses=losses, complete=complete,
        )  # fmt: skip

    @property
    def _of_row(self) -> Longs:
        return np.repeat(np.arange(len(self.cover.need)), np.diff(self.cover.starts))


def asked_all(problem: Problem, times: int, radius: float) -> tuple[Cover, Longs, Longs, Reach]:
    """(the covering question of those who can be served, their places, the places never served, the reach)."""
    reach = reach_of(problem, beyond=None, given_count=False)
    served = given_within(problem, radius)[reach.rows]
    cover = reach.within(radius, times=times, count_given=served)
    rows = reach.rows[served < times]
    never = np.diff(cover.starts) < cover.need
    if never.any():
        cover = _renumbered(kept(cover, ~never, np.ones(len(cover.names), dtype=bool)))
    return cover, rows[~never], rows[never], reach


def _renumbered(cover: Cover) -> Cover:
    return replace(cover, rows=np.arange(len(cover.need), dtype=np.int64), _turned=[])


def _priced(problem: Problem, cover: Cover, purse: float, by_cost: bool) -> tuple[Cover, float]:
    """The cover in the prices that the aim counts, and what a choice may cost in them; a budget beside sites is a second limit."""
    ones = np.ones(len(cover.names))
    if by_cost:
        assert problem.site_costs is not None
        return replace(cover, prices=problem.site_costs[cover.names].astype(float), exactly=-1, _turned=[]), purse
    if problem.budget is None:
        return replace(cover, prices=ones, exactly=-1, _turned=[]), inf
    return replace(cover, prices=ones, exactly=-1, side=cover.prices, side_most=purse, _turned=[]), inf


def _cost_of(problem: Problem, sites: tuple[int, ...]) -> float:
    return 0.0 if problem.site_costs is None else float(problem.site_costs[list(sites)].sum())


def _reached_only(problem: Problem, rows: Longs) -> Problem:
    """The question without the weight of places that are left out or served already."""
    counts: Bools = np.zeros(len(problem.weights), dtype=bool)
    counts[rows] = True
    return replace(problem, weights=np.where(counts, problem.weights, 0.0))


def _left_out(problem: Problem, lost: Longs, leave_out: bool, times: int) -> dict[str, Any]:
    weight = float(np.asarray(problem.weights)[lost].sum())
    if not len(lost) or leave_out:
        return {"left_out_places": len(lost), "left_out_weight": weight} if leave_out else {}
    first = problem.study.blocks["block_id"].iloc[int(lost[0])] if problem.study is not None else None
    raise InfeasibleError(
        Fault(
            code="never-covered",
            what=_short_of(len(lost), weight, times),
            where="within, sites",
            mend='plan for all others with Aim.of("cover-all", unreachable="leave-out") (--unreachable leave-out), allow a longer walk, or add sites',
            count=len(lost),
            first=Sentence("demand {position}", position=int(lost[0])) if first is None else str(first),
        )
    )


def _short_of(count: int, weight: float, times: int) -> Sentence:
    """So many places have too few sites, in words that are right for one place and for one site."""
    if count == 1 and times == 1:
        return Sentence(
            "1 place with a weight of {weight:,.0f} has no site within the limit, whatever opens", weight=weight
        )
    if count == 1:
        return Sentence(
            "1 place with a weight of {weight:,.0f} has fewer than {times} sites within the limit, whatever opens",
            weight=weight,
            times=times,
        )
    if times == 1:
        return Sentence(
            "{count:,} places with a weight of {weight:,.0f} have no site within the limit, whatever opens",
            count=count,
            weight=weight,
        )
    return Sentence(
        "{count:,} places with a weight of {weight:,.0f} have fewer than {times} sites within the limit, whatever opens",
        count=count,
        weight=weight,
        times=times,
    )


def _must_know_costs(problem: Problem) -> None:
    costs = problem.site_costs
    wanted = [*problem.candidates.tolist()]
    unknown = [i for i in wanted if costs is None or not (np.isfinite(costs[i]) and costs[i] >= 0)]
    if unknown:
        raise ProblemError(
            Fault(
                code="site-cost-not-known",
                what=Sentence("the least cost is asked for, and {count} sites have no known cost", count=len(unknown)),
                where="site_costs",
                mend='give what each site costs, forbid those sites, or say count="sites"',
                count=len(unknown),
                first=str(unknown[0]),
            )
        )
