"""What more of one aim costs of another: the points between two optima, each with its own bound.

The first aim is made as good as it can be while the second is held at a level (epsilon-constraint; Haimes,
Lasdon & Wismer 1971, IEEE Trans. SMC 1:296-297). How the second is held depends on what it is: a worst walk
by rows that must be covered (``capped``), money by a budget (``budgets``), a sum by weighing (``weighed``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from utopias.domain.aim import MORE_IS_BETTER, TERMS
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.trade_off import TradeOff, TradePoint
from utopias.siting.curve.along_curve import Curve, Met, Side
from utopias.siting.curve.budgets import by_budgets
from utopias.siting.curve.capped import by_caps
from utopias.siting.curve.weighed import by_weights
from utopias.siting.question.charging import limit_of
from utopias.siting.question.problem import Problem, must_be_a_problem
from utopias.siting.question.rules import Rules
from utopias.siting.solve import fault_of_limits

SUMS = ("cover-most", "least-walk")
HELD = {"smallest-worst": by_caps, "least-cost": by_budgets}


def trade_off(
    problem: Problem,
    aims: tuple[str, str] = ("cover-most", "smallest-worst"),
    *,
    within: str | Duration | float | None = "15 min",
    points: int = 7,
    time_limit: str | Duration = "1 min",
    work: int | None = None,
    seed: int = 7,
    progress: Progress = silent,
) -> TradeOff:
    """Up to ``points`` plans from the best for the first aim to the best for the second, none dominated by another.

    Parameters
    ----------
    aims : two of "cover-most", "least-walk", "smallest-worst" (the longest walk of anybody whom some site
        reaches) and "least-cost" (money of the new sites; every candidate then needs its cost); at least one
        of the first two, which is the one that is optimised. "cover-most:GROUP" counts a group of the town
        in place of the people of the question.
    within : the limit of cover-most. points : 2 or more.
    time_limit : of the whole curve. work : counted rounds for each point in place of the clock.

    Returns
    -------
    TradeOff. Each point says both values, the bound of the first for all plans as good in the second, and whether
    that is proven. Points whose values are equal or dominated are dropped, so there may be fewer than asked; with
    two sums (``method`` "weights") points off the hull are those that single swaps find.

    Raises
    ------
    ProblemError : aims that make no pair, a group nobody counts, no cost of a candidate. InfeasibleError : no plan.
    """
    must_be_a_problem(problem)
    rules = Rules.of(time_limit, work, seed, 0.0, progress)
    problem = _charged(problem)
    sides = sides_of(problem, aims, points)
    # money is bounded by what all sites cost; whoever holds another aim must say how much may open
    if (
        sides[1].aim != "least-cost"
        and (wrong := fault_of_limits(sides[0].aim, problem.open, problem.budget)) is not None
    ):
        raise ProblemError(wrong)
    limit = _limit(problem, sides, within)
    curve = Curve(problem, sides, limit, within, points, rules)
    held = HELD.get(sides[1].aim, by_weights)
    held(curve)
    told = _undominated(sides, curve.met)
    study = problem.study
    ids = [str(i) for i in range(problem.pairs.sites)]
    names: dict[str, str] = {}
    if study is not None:
        ids = study.place_ids
        shown = {i for one in told for i in one.sites}
        names = {ids[i]: str(study.places["name"].iloc[i]) for i in sorted(shown)}
    return TradeOff(
        aims=(sides[0].aim, sides[1].aim),
        groups=(sides[0].group, sides[1].group),
        units=(sides[0].unit(problem), sides[1].unit(problem)),
        points=tuple(
            TradePoint(
                values=one.values,
                bound=one.bound,
                gap=abs(one.values[0] - one.bound) / max(abs(one.values[0]), 1e-9),
                root_bound=one.root_bound,
                sites=one.sites,
                ids=tuple(ids[i] for i in one.sites),
                proven=one.proven,
                certified=one.certified,
            )
            for one in told
        ),
        method={by_caps: "caps", by_budgets: "budgets"}.get(held, "weights"),
        within_minutes=None if study is None or within is None else Duration.of(within).minutes,  # type: ignore[arg-type]
        open=problem.open,
        budget=problem.budget,
        second_bound=curve.second_bound,
        unreachable=curve.unreachable,
        seconds=curve.clock.spent,
        seed=seed,
        stopped=curve.stopped or "done",
        town="" if study is None else str(study.town.get("name", "")),
        town_hash="" if study is None else str(study.town.get("hash", "")),
        currency="" if study is None else str(study.town.get("currency", "")),
        weighted_by="" if study is None else str(study.town.get("weighted_by") or ""),
        names=names,
        labels={} if study is None else _labels(study.town),
    )


def placed(trade: TradeOff, problem: Problem, sites: Sequence[int]) -> TradeOff:
    """The curve with a plan beside it: the values of its sites, and the point that has the same ones.

    Raises
    ------
    ProblemError : the curve is of another problem: its first point does not come out with its own values.
    """
    sides = tuple(Side.of(_written(a, g)) for a, g in zip(trade.aims, trade.groups, strict=True))
    within = None if trade.within_minutes is None else f"{trade.within_minutes:g} min"
    limit = _limit(problem, (sides[0], sides[1]), within)
    curve = Curve(problem, (sides[0], sides[1]), limit, within, len(trade.points), Rules())
    first = trade.points[0]
    allowed = set(problem.candidates.tolist())  # a curve over sites that the plan's question forbids is of another one
    known = all(i in allowed for point in trade.points for i in point.sites)
    found = np.array(curve.values(first.sites) if known else (np.nan, np.nan))
    told = np.isposinf(found) | np.isclose(found, first.values, rtol=1e-6, atol=1e-6)  # the plan's table may be shorter
    if not told.all():
        raise ProblemError(
            Fault(
                "curve-of-another-problem",
                "the trade-off is of another town, other people or another limit than the plan",
                "trade-off",
                "make the curve with the options that the plan was made with",
            )
        )
    values = curve.values(tuple(sites))
    here = next((k for k, point in enumerate(trade.points) if point.sites == tuple(sorted(sites))), None)
    return trade.with_(plan=values if np.isfinite(values).all() else None, plan_point=here)


def _charged(problem: Problem) -> Problem:
    """The problem with a charge for whoever no open site reaches, where there can be nobody: every site reaches every place.

    The charge is then never paid; what is needed is that something is open, by the number or beforehand.
    """
    places = problem.weights > 0
    opens = bool(problem.fixed) or (problem.open or 0) > 0
    if problem.beyond is not None or problem.kind != "costs" or not opens:
        return problem
    if not bool((np.diff(problem.pairs.starts)[places] == problem.pairs.sites).all()):
        return problem
    return replace(problem, beyond=max(problem.pairs.largest, 1.0))


def _written(aim: str, group: str) -> str:
    return f"{aim}:{group}" if group else aim


def faults_of_pair(aims: Sequence[str], points: int) -> list[Fault]:
    """What is wrong with two aims and a number of points, whatever the problem."""
    faults: list[Fault] = []
    known = (*SUMS, *HELD)
    if isinstance(points, bool) or not isinstance(points, (int, np.integer)) or points < 2:
        faults.append(
            Fault(
                "bad-points", Sentence("points is {points!r}", points=points), "points", "a whole number of 2 or more"
            )
        )
    sides = [Side.of(str(aim)) for aim in ([aims] if isinstance(aims, str) else aims)]
    odd = [side.aim for side in sides if side.aim not in known]
    if odd:
        known_aim = odd[0] in TERMS
        what = (
            Sentence("no curve is drawn along the aim {aim!r} yet", aim=odd[0])
            if known_aim
            else Sentence("the aim {aim!r} cannot be held along a curve: it is not known", aim=odd[0])
        )
        faults.append(
            Fault(
                "unknown-aim",
                what,
                "aims",
                Sentence("use one of: {listed}", listed=", ".join(known)),
                count=len(odd),
            )
        )
    elif len(sides) != 2 or len(set(sides)) != 2 or all(side.aim in HELD for side in sides):
        faults.append(
            Fault(
                "no-pair",
                Sentence(
                    "{listed} is no pair of aims to choose between",
                    listed=aims if isinstance(aims, str) else ", ".join(map(str, aims)),
                ),
                "aims",
                'give two different aims, one of them cover-most or least-walk: ("cover-most", "smallest-worst")',
            )
        )
    return faults


def sides_of(problem: Problem, aims: Sequence[str], points: int) -> tuple[Side, Side]:
    """Both aims, the one to optimise first; all that is wrong with them at once."""
    faults = faults_of_pair(aims, points)
    sides = [Side.of(str(aim)) for aim in ([aims] if isinstance(aims, str) else aims)]
    faults += [fault for side in sides for fault in side.faults(problem)]
    if faults:
        raise ProblemError(faults)
    first, second = sides
    return (second, first) if first.aim in HELD else (first, second)


def _limit(problem: Problem, sides: tuple[Side, Side], within: str | Duration | float | None) -> float | None:
    """The limit of cover-most in the problem's unit; what is wrong with it is told as for ``solve``."""
    aim = next((side.aim for side in sides if side.aim in MORE_IS_BETTER), sides[0].aim)
    return limit_of(problem, aim, within)


def _undominated(sides: tuple[Side, Side], met: Sequence[Met]) -> list[Met]:
    """Points that none of the others matches in both aims, from the best of the first on; of equal ones the better proven."""
    signs = [1.0 if side.aim in MORE_IS_BETTER else -1.0 for side in sides]
    order = sorted(met, key=lambda p: (-signs[0] * p.values[0], -signs[1] * p.values[1], not p.proven, p.sites))
    told: list[Met] = []
    best = -np.inf
    for one in order:
        second = signs[1] * one.values[1]
        if second > best + 1e-9 * max(1.0, abs(best) if np.isfinite(best) else 1.0):
            told.append(one)
            best = second
    return told


def _labels(town: dict[str, object]) -> dict[str, dict[str, str]]:
    groups: Sequence[dict[str, dict[str, str]]] = town.get("groups", ())  # type: ignore[assignment]
    return {str(one["id"]): {str(k): str(v) for k, v in one["labels"].items()} for one in groups}
