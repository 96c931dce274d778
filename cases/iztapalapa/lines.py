"""What the study says, line by line: how right the people are, what the grain changes, two plans, and a look back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas
import numpy as np
import shapely
from scipy.stats import spearmanr

import utopias as u
from utopias.domain.arrays import Floats
from utopias.domain.places import places
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.scenario.answer import walk

WITHIN = Minutes(15)
NEAR = 400.0  # metres: a site this near is the same choice, as in the robustness of a plan
HALF_A_BLOCK = 75.0  # metres


@dataclass(frozen=True, eq=False)
class Grain:
    """The borough at one grain, with its times, its plan, and how many people each candidate would add."""

    name: str
    town: Town
    times: TravelTimes
    plan: Plan
    added: Floats


def of_town(town: Town) -> Iterator[str]:
    """What the town is made of."""
    blocks = town.blocks
    areas, colonias = (len(set(column[blocks.planned].tolist())) for column in (blocks.area_id, blocks.colonia))
    kinds = Counter(town.providers.table["kind"])
    yield (
        f"Iztapalapa: {town.planned_people:,.0f} people of 2020 in {areas} AGEBs and {colonias} colonias; "
        f"{len(town.fixed)} units, {len(town.sites)} candidates,"
    )
    yield (
        f"  {kinds['community centre']} PILARES and {kinds['sports ground']} sports grounds as other providers "
        "(there and within 3 km)"
    )


def of_people(towns: Mapping[str, Town], catchments: geopandas.GeoDataFrame) -> Iterator[str]:
    """People inside each PILARES catchment of Iztapalapa against the published counts of 2020."""
    of = catchments[catchments["alcaldia"] == "Iztapalapa"]
    published = of["Pobtotal"].to_numpy(dtype=float)
    yield f"People inside the {len(of)} PILARES catchments against the published counts of 2020"
    for name, town in towns.items():
        counted = _people_inside(town, of.geometry)
        error = np.abs(counted - published) / published
        yield (
            f"  {name:8s} {int(town.blocks.planned.sum()):6,} points: median absolute error {np.median(error):5.1%}, "
            f"90th percentile {np.quantile(error, 0.9):5.1%}, sum {counted.sum() / published.sum() - 1:+.1%}"
        )
    wide = _people_inside(towns["ageb"], of.geometry.buffer(HALF_A_BLOCK))
    yield (
        f"  ageb, catchments widened by {HALF_A_BLOCK:.0f} m: median absolute error "
        f"{np.median(np.abs(wide - published) / published):5.1%}, sum {wide.sum() / published.sum() - 1:+.1%}"
    )
    yield "  (the published counts seem to hold every block that touches a catchment)"


def at_grain(name: str, town: Town) -> Grain:
    """Times, the plan of five for all, and what each candidate alone would add."""
    times = walk(town, within=WITHIN)
    plan = u.solve(u.Problem.for_town(town, times, open=5), within=WITHIN)
    reached = times.to(town.fixed).within(WITHIN).any_unit()
    weight = np.where(reached | ~town.blocks.planned, 0.0, town.blocks.people)
    sites = times.to(town.sites)
    near = sites.within(WITHIN).pairs
    added = np.bincount(sites.columns[near], weight[sites.rows[near]], len(town.sites)).astype(np.float64)
    return Grain(name, town, times, plan, added)


def of_grains(grains: Sequence[Grain]) -> Iterator[str]:
    """The same plan at three grains: people reached, sites chosen, rank correlation of the candidates."""
    first = grains[0]
    yield "Five more for all at three grains (people within 15 min; candidates ranked by what each adds)"
    for grain in grains:
        today = u.people_within(grain.times.to(grain.town.fixed), grain.town.demand("all"), WITHIN)
        same = len(set(grain.plan.site_ids) & set(first.plan.site_ids))
        yield (
            f"  {grain.name:8s} today {float(today):9,.0f}, with five more {grain.plan.value:9,.0f} "
            f"(gap {grain.plan.gap:.3%}); same sites {same} of 5, within {NEAR:.0f} m {_near(grain, first)} of 5; "
            f"rank correlation {spearmanr(grain.added, first.added).statistic:.3f}"
        )


def of_plan(plan: Plan) -> Iterator[str]:
    """The headline of a plan, its two statements, its cut share, and its sites."""
    found, robust = plan.findings, plan.robustness
    assert found is not None
    assert robust is not None
    head = found.headline
    yield (
        f"Five more for {head.group!r}: {head.before:,.0f} of {head.people:,.0f} within 15 min today, "
        f"{head.after:,.0f} with the plan"
    )
    yield f"  optimality, within the model: gap {plan.gap:.3%}, {'proven' if plan.proven else 'not proven'}"
    yield (
        f"  robustness: {robust.draws} draws, regret median {robust.regret_median:.1%}, 90th percentile "
        f"{robust.regret_p90:.1%}; reached between {robust.within_low:,.0f} and {robust.within_high:,.0f}"
    )
    yield (
        f"  {head.cut_people / head.people:.1%} live in cut blocks (the State of Mexico side is unknown): today between "
        f"{head.before_low:,.0f} and {head.before_high:,.0f}, with the plan between {head.after_low:,.0f} and {head.after_high:,.0f}"
    )
    for site in found.sites:
        loser = "" if site.displaced_people is None else f", {site.displaced_people:,.0f} lose its courts"
        yield (
            f"    {site.id:14s} {site.name[:34]:34s} only here {site.only_here:8,.0f}, "
            f"kept in {site.kept_in} of {robust.draws}{loser}"
        )


def of_backtest(town: Town, draws: int) -> Iterator[str]:
    """The real thirteen against the best thirteen of the same candidates, each with its interval."""
    stand = town.fixed
    pool = town.sites + replace(stand, role=np.full(len(stand), "site", dtype=object))
    before = replace(town, units=places([], [], [], role="unit"), sites=pool)
    times = walk(before, within=WITHIN)
    question = u.Problem.for_town(before, times, open=len(stand))
    best = u.solve(question, within=WITHIN)
    real = u.solve(u.Problem.for_town(before, times, open=len(stand), forced=stand.ids.tolist()), within=WITHIN)
    yield f"Backtest: the real {len(stand)} against the best {len(stand)} of the same {len(pool)} candidates, for all"
    for name, plan in (("the real ones", real), ("the best ones", best)):
        robust = u.robustness(question, plan, draws=draws, seed=7)
        yield (
            f"  {name}: {plan.value:9,.0f} people within 15 min, in the draws {robust.within_low:9,.0f} to "
            f"{robust.within_high:9,.0f}; regret median {robust.regret_median:.1%}, 90th percentile {robust.regret_p90:.1%}"
        )
    yield f"  the best ones: gap {best.gap:.3%}, {'proven within the model' if best.proven else 'not proven'}"
    yield "  The difference is no verdict on those who chose: land, cost and politics are not in the model,"
    yield "  nor are services, streets, slopes, or the people of the State of Mexico."


def _people_inside(town: Town, catchments: geopandas.GeoSeries) -> Floats:
    """(n,) people of the town's points inside each catchment."""
    tree = shapely.STRtree(shapely.points(town.blocks.x, town.blocks.y))
    catchment, point = tree.query(catchments.to_numpy(), predicate="contains")
    return np.bincount(catchment, town.blocks.people[point], len(catchments)).astype(np.float64)


def _near(one: Grain, other: Grain) -> int:
    """How many sites of one plan lie within 400 m of a site of the other."""
    here, there = (np.array([(g.town.sites.x[i], g.town.sites.y[i]) for i in _chosen(g)]) for g in (one, other))
    apart = np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1))
    return int((apart.min(axis=1) <= NEAR).sum())


def _chosen(grain: Grain) -> list[int]:
    position = {key: i for i, key in enumerate(grain.town.sites.ids.tolist())}
    return [position[key] for key in grain.plan.site_ids]
