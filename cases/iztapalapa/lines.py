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
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.network.profiles import PROFILES
from utopias.scenario.on_what import walk

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


def of_town(town: Town) -> Iterator[Sentence]:
    """What the town is made of."""
    blocks = town.blocks
    areas, colonias = (len(set(column[blocks.planned].tolist())) for column in (blocks.area_id, blocks.colonia))
    kinds = Counter(town.providers.table["kind"])
    yield Sentence(
        "Iztapalapa: {people:,.0f} people of 2020 in {areas} AGEBs and {colonias} colonias; "
        "{units} units, {sites} candidates,",
        people=town.planned_people,
        areas=areas,
        colonias=colonias,
        units=len(town.fixed),
        sites=len(town.sites),
    )
    yield Sentence(
        "  {centres} PILARES and {grounds} sports grounds as other providers (there and within 3 km)",
        centres=kinds["community centre"],
        grounds=kinds["sports ground"],
    )


def of_people(towns: Mapping[str, Town], catchments: geopandas.GeoDataFrame) -> Iterator[Sentence]:
    """People inside each PILARES catchment of Iztapalapa against the published counts of 2020."""
    of = catchments[catchments["alcaldia"] == "Iztapalapa"]
    published = of["Pobtotal"].to_numpy(dtype=float)
    yield Sentence("People inside the {count} PILARES catchments against the published counts of 2020", count=len(of))
    for name, town in towns.items():
        counted = _people_inside(town, of.geometry)
        error = np.abs(counted - published) / published
        yield Sentence(
            "  {grain:8s} {points:6,} points: median absolute error {median:5.1%}, "
            "90th percentile {p90:5.1%}, sum {sum:+.1%}",
            grain=name,
            points=int(town.blocks.planned.sum()),
            median=np.median(error),
            p90=np.quantile(error, 0.9),
            sum=counted.sum() / published.sum() - 1,
        )
    wide = _people_inside(towns["ageb"], of.geometry.buffer(HALF_A_BLOCK))
    yield Sentence(
        "  ageb, catchments widened by {metres:.0f} m: median absolute error {median:5.1%}, sum {sum:+.1%}",
        metres=HALF_A_BLOCK,
        median=np.median(np.abs(wide - published) / published),
        sum=wide.sum() / published.sum() - 1,
    )
    yield Sentence("  (the published counts seem to hold every block that touches a catchment)")


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


def of_grains(grains: Sequence[Grain]) -> Iterator[Sentence]:
    """The same plan at three grains: people reached, sites chosen, rank correlation of the candidates."""
    first = grains[0]
    yield Sentence("Five more for all at three grains (people within 15 min; candidates ranked by what each adds)")
    for grain in grains:
        today = u.people_within(grain.times.to(grain.town.fixed), grain.town.demand("all"), WITHIN)
        yield Sentence(
            "  {grain:8s} today {today:9,.0f}, with five more {value:9,.0f} (gap {gap:.3%}); "
            "same sites {same} of 5, within {near_metres:.0f} m {near} of 5; rank correlation {rank:.3f}",
            grain=grain.name,
            today=float(today),
            value=grain.plan.value,
            gap=grain.plan.gap,
            same=len(set(grain.plan.site_ids) & set(first.plan.site_ids)),
            near_metres=NEAR,
            near=_near(grain, first),
            rank=spearmanr(grain.added, first.added).statistic,
        )


def of_plan(plan: Plan) -> Iterator[Sentence]:
    """The headline of a plan, its two statements, its cut share, and its sites."""
    found, robust = plan.findings, plan.robustness
    assert found is not None
    assert robust is not None
    head = found.headline
    yield Sentence(
        "Five more for {group!r}: {before:,.0f} of {people:,.0f} within 15 min today, {after:,.0f} with the plan",
        group=head.group,
        before=head.before,
        people=head.people,
        after=head.after,
    )
    yield Sentence(
        "  optimality, within the model: gap {gap:.3%}, {proven}",
        gap=plan.gap,
        proven="proven" if plan.proven else "not proven",
    )
    yield Sentence(
        "  robustness: {draws} draws, regret median {median:.1%}, 90th percentile {p90:.1%}; "
        "reached between {low:,.0f} and {high:,.0f}",
        draws=robust.draws,
        median=robust.regret_median,
        p90=robust.regret_p90,
        low=robust.within_low,
        high=robust.within_high,
    )
    yield Sentence(
        "  {cut:.1%} live in cut blocks (the State of Mexico side is unknown): today between "
        "{before_low:,.0f} and {before_high:,.0f}, with the plan between {after_low:,.0f} and {after_high:,.0f}",
        cut=head.cut_people / head.people,
        before_low=head.before_low,
        before_high=head.before_high,
        after_low=head.after_low,
        after_high=head.after_high,
    )
    for site in found.sites:
        lost = Sentence(", {people:,.0f} lose its courts", people=site.displaced_people or 0.0)
        yield Sentence(
            "    {id:14s} {name:34s} only here {only_here:8,.0f}, kept in {kept} of {draws}{lost}",
            id=site.id,
            name=site.name[:34],
            only_here=site.only_here,
            kept=site.kept_in,
            draws=robust.draws,
            lost="" if site.displaced_people is None else lost,
        )


def of_backtest(town: Town, draws: int) -> Iterator[Sentence]:
    """The real thirteen against the best thirteen of the same candidates, each with its interval."""
    stand = town.fixed
    pool = town.sites + replace(stand, role=np.full(len(stand), "site", dtype=object))
    before = replace(town, units=places([], [], [], role="unit"), sites=pool)
    times = walk(before, within=WITHIN)
    question = u.Problem.for_town(before, times, open=len(stand))
    best = u.solve(question, within=WITHIN)
    real = u.solve(u.Problem.for_town(before, times, open=len(stand), forced=stand.ids.tolist()), within=WITHIN)
    yield Sentence(
        "Backtest: the real {count} against the best {count} of the same {pool} candidates, for all",
        count=len(stand),
        pool=len(pool),
    )
    for name, plan in (("the real ones", real), ("the best ones", best)):
        robust = u.robustness(question, plan, draws=draws, seed=7)
        yield Sentence(
            "  {which}: {value:9,.0f} people within 15 min, in the draws {low:9,.0f} to {high:9,.0f}; "
            "regret median {median:.1%}, 90th percentile {p90:.1%}",
            which=name,
            value=plan.value,
            low=robust.within_low,
            high=robust.within_high,
            median=robust.regret_median,
            p90=robust.regret_p90,
        )
    yield Sentence(
        "  the best ones: gap {gap:.3%}, {proven}",
        gap=best.gap,
        proven="proven within the model" if best.proven else "not proven",
    )
    yield Sentence("  The difference is no verdict on those who chose: land, cost and politics are not in the model,")
    yield Sentence("  nor are services, streets, slopes, or the people of the State of Mexico.")


def of_walkers(town: Town) -> Iterator[Sentence]:
    """Today's reach of each pedestrian. Without streets a profile is a speed, and it is said."""
    yield Sentence(
        "Who walks: people within 15 min today, at the speed of each walker (no street is known here, so nothing else counts)"
    )
    everybody = town.demand("all")
    for name, profile in PROFILES.items():
        times = walk(town, walker=name, within=WITHIN).to(town.fixed)
        within = float(u.people_within(times, everybody, WITHIN))
        yield Sentence(
            "  {walker:13s} {speed:.1f} km/h  {within:9,.0f} of {people:,.0f} ({share:.1%})",
            walker=name, speed=profile.speed_m_s * 3.6, within=within, people=float(everybody.total),
            share=within / float(everybody.total),
        )  # fmt: skip
    older = town.demand("older people")
    slow = walk(town, walker="older person", within=WITHIN).to(town.fixed)
    usual = walk(town, within=WITHIN).to(town.fixed)
    yield Sentence(
        "  older people: {usual:,.0f} of {people:,.0f} at an adult's speed, {slow:,.0f} at their own",
        usual=float(u.people_within(usual, older, WITHIN)), people=float(older.total),
        slow=float(u.people_within(slow, older, WITHIN)),
    )  # fmt: skip


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
