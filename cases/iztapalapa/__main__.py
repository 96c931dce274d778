"""One command: build the borough at three grains, plan five more for two groups, and look back at the thirteen.

    python -m cases.iztapalapa --into iztapalapa

Distances are straight lines times 1.3, marked estimated: no street file of Mexico City is in the pack.
Candidates are schools and sports grounds, an illustration. Prints what the manual page holds.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import shapely
from scipy.stats import spearmanr

import utopias as u
from cases.iztapalapa import prepare
from utopias.domain.folders import whole_folder
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.domain.town import Town
from utopias.scenario.answer import Question, answer, walk
from utopias.siting.problem import Problem
from utopias.siting.solve import solve

HERE = Path(__file__).parent
WITHIN = Minutes(15)
GRAINS = ("ageb", "h3", "section")
HALF_A_BLOCK = 75.0  # metres


@dataclass(frozen=True)
class Grain:
    """The borough at one grain, with its times and how many people each candidate would add."""

    name: str
    town: Town
    times: u.TravelTimes
    plan: Plan
    added: np.ndarray


def main() -> None:
    """Read the arguments, run everything, print."""
    options = argparse.ArgumentParser(prog="python -m cases.iztapalapa", description=__doc__.splitlines()[0])
    options.add_argument("--into", type=Path, default=Path("iztapalapa"), help="folder where all is written")
    options.add_argument("--draws", type=int, default=100, help="draws of robustness")
    asked = options.parse_args()
    for line in study(data_folder(), asked.into, draws=asked.draws):
        print(line, flush=True)


def data_folder() -> Path:
    """Where the open data pack lies: $UTOPIAS_SHARED_DATA, else ../shared/data beside the repository."""
    folder = Path(os.environ.get("UTOPIAS_SHARED_DATA") or HERE.parents[2] / "shared" / "data")
    if not (folder / "people").is_dir():
        raise SystemExit("No open data here: put the pack in ../shared/data, or set UTOPIAS_SHARED_DATA to it.")
    return folder


def study(data: Path, into: Path, *, draws: int = 100):  # type: ignore[no-untyped-def]
    """Yield the lines of the study, one after the other."""
    raw = into / "raw"
    write_raw(data, raw)
    towns = {grain: build(grain, data, raw) for grain in GRAINS}
    yield from check_people(towns, data)

    grains = [at_grain(name, town) for name, town in towns.items()]
    yield from compare_grains(grains)

    main_town = towns["ageb"]
    from utopias.territory.town_folder import write_town

    write_town(main_town, into / "town", replace=True)
    for group in ("all", "older people"):
        folder = into / "plans" / f"five-more-{group.replace(' ', '-')}"
        plan = answer(
            main_town,
            Question(group=group, open=5, draws=draws),
            keep=lambda good, to=folder: good.save(to, replace=True),
        )
        yield from say_plan(plan, group)
        report = into / f"five-more-{group.replace(' ', '-')}"
        for suffix in (".pdf", ".html"):
            u.write_report(plan, to=report.with_suffix(suffix), language="es")
    yield from backtest(main_town, draws)


def write_raw(data: Path, raw: Path) -> None:
    """The tables a planner would bring, as files."""
    with whole_folder(raw, replace=raw.exists()) as folder:
        areas = prepare.census_areas(data)
        areas.to_parquet(folder / "ageb.parquet")
        cells = prepare.h3_cells(data, areas)
        cells.to_parquet(folder / "h3-weights.parquet")
        planned = areas[areas["planned"]].union_all()
        for name, polygons in (("h3", cells[["area", "geometry"]]), ("section", prepare.sections(data, areas))):
            grain = prepare.transferred(areas.drop(columns="area"), polygons, "area")
            grain["planned"] = grain.representative_point().within(planned)
            inside = grain["planned"]
            counts = ["people", *prepare.GROUPS]
            # A cell on the border belongs to one side whole: the planned total is brought back to 2020's by one factor.
            grain.loc[inside, counts] *= prepare.PEOPLE_2020 / grain.loc[inside, "people"].sum()
            grain.to_parquet(folder / f"{name}.parquet")
        limit = geopandas.read_file(data / "people" / "iztapalapa_limit.geojson")
        prepare.candidates(data, limit).to_csv(folder / "sites.csv", index=False)


def build(grain: str, data: Path, raw: Path) -> Town:
    """The borough at one grain; the census areas are weighed inside by the H3 surface."""
    town: Town = u.build_town(
        blocks=raw / f"{grain}.parquet",
        blocks_columns=HERE / "blocks.toml",
        units=data / "places" / "utopias_locations.csv",
        units_columns=HERE / "units.toml",
        sites=raw / "sites.csv",
        sites_columns=HERE / "sites.toml",
        providers=data / "places" / "pilares_hours.geojson",
        providers_columns=HERE / "pilares.toml",
        weight_surface=raw / "h3-weights.parquet" if grain == "ageb" else None,
        weight_surface_columns=HERE / "weights.toml" if grain == "ageb" else None,
        name="Iztapalapa",
        crs=prepare.CRS,
        zone="America/Mexico_City",
        currency="MXN",
    )
    return town


def check_people(towns: dict[str, Town], data: Path):  # type: ignore[no-untyped-def]
    """People inside each PILARES catchment of Iztapalapa against the published counts of 2020."""
    of = prepare.catchments(data)
    of = of[of["alcaldia"] == "Iztapalapa"]
    published = of["Pobtotal"].to_numpy(dtype=float)
    yield f"People inside the {len(of)} PILARES catchments against the published counts of 2020"
    for name, town in towns.items():
        tree = shapely.STRtree(shapely.points(town.blocks.x, town.blocks.y))
        catchment, block = tree.query(of.geometry.to_numpy(), predicate="contains")
        counted = np.bincount(catchment, town.blocks.people[block], len(of))
        error = np.abs(counted - published) / published
        blocks = int(town.blocks.planned.sum())
        yield (
            f"  {name:8s} {blocks:6,} points, {town.planned_people:11,.0f} people: median absolute error "
            f"{np.median(error):5.1%}, 90th percentile {np.quantile(error, 0.9):5.1%}, "
            f"sum {counted.sum() / published.sum() - 1:+.1%}"
        )
    town = towns["ageb"]
    tree = shapely.STRtree(shapely.points(town.blocks.x, town.blocks.y))
    catchment, block = tree.query(of.geometry.buffer(HALF_A_BLOCK).to_numpy(), predicate="contains")
    wide = np.bincount(catchment, town.blocks.people[block], len(of))
    yield (
        f"  ageb, catchments widened by {HALF_A_BLOCK:.0f} m: median absolute error "
        f"{np.median(np.abs(wide - published) / published):5.1%}, sum {wide.sum() / published.sum() - 1:+.1%} "
        "(the published counts seem to hold every block that touches a catchment)"
    )


def at_grain(name: str, town: Town) -> Grain:
    """Times, the plan of five for all, and what each candidate alone would add."""
    times = walk(town, within=WITHIN)
    plan = solve(Problem.for_town(town, times, open=5), within=WITHIN)
    reached = times.to(town.fixed).within(WITHIN).any_unit()
    weight = np.where(reached | ~town.blocks.planned, 0.0, town.blocks.people)
    sites = times.to(town.sites)
    near = sites.within(WITHIN).pairs
    added = np.bincount(sites.columns[near], weight[sites.rows[near]], len(town.sites))
    return Grain(name, town, times, plan, added)


def compare_grains(grains: list[Grain]):  # type: ignore[no-untyped-def]
    """The same plan at three grains: people reached, sites chosen, rank correlation of the candidates."""
    first = grains[0]
    yield "The same five more, at three grains (people reached within 15 min; candidates ranked by what each adds)"
    for grain in grains:
        today = u.people_within(grain.times.to(grain.town.fixed), grain.town.demand("all"), WITHIN)
        same = len(set(grain.plan.site_ids) & set(first.plan.site_ids))
        near = near_sites(grain, first)
        yield (
            f"  {grain.name:8s} today {float(today):9,.0f}, with five more {grain.plan.value:9,.0f} "
            f"(gap {grain.plan.gap:.3%}); same sites as ageb {same} of 5, within 400 m {near} of 5; "
            f"rank correlation with ageb {spearmanr(grain.added, first.added).statistic:.3f}"
        )


def near_sites(one: Grain, other: Grain) -> int:
    """How many sites of one plan lie within 400 m of a site of the other."""
    here, there = (np.array([(g.town.sites.x[i], g.town.sites.y[i]) for i in _chosen(g)]) for g in (one, other))
    apart = np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1))
    return int((apart.min(axis=1) <= 400).sum())


def _chosen(grain: Grain) -> list[int]:
    position = {key: i for i, key in enumerate(grain.town.sites.ids.tolist())}
    return [position[key] for key in grain.plan.site_ids]


def say_plan(plan: Plan, group: str):  # type: ignore[no-untyped-def]
    """The headline of a plan, its two statements, and its cut share."""
    found, robust = plan.findings, plan.robustness
    assert found is not None
    head = found.headline
    yield f"Five more for {group!r}: {head.before:,.0f} of {head.people:,.0f} within 15 min today, {head.after:,.0f} with the plan"
    yield f"  optimality within the model: gap {plan.gap:.3%}, {'proven' if plan.proven else 'not proven'}"
    if robust is not None:
        yield (
            f"  robustness: {robust.draws} draws, regret median {robust.regret_median:.1%}, 90th percentile "
            f"{robust.regret_p90:.1%}; reached between {robust.within_low:,.0f} and {robust.within_high:,.0f}"
        )
    yield (
        f"  {head.cut_people / head.people:.1%} live in cut blocks (the State of Mexico side is unknown): "
        f"with the plan between {head.after_low:,.0f} and {head.after_high:,.0f}"
    )
    for site in found.sites:
        yield f"    {site.id:14s} {site.name[:34]:34s} only here {site.only_here:8,.0f}, kept in {site.kept_in} of {robust.draws if robust else 0}"


def backtest(town: Town, draws: int):  # type: ignore[no-untyped-def]
    """The real thirteen against the best thirteen of the same candidates, each with its interval."""
    from dataclasses import replace

    from utopias.domain.places import places

    stand = town.fixed
    pool = town.sites + replace(stand, role=np.full(len(stand), "site", dtype=object))
    nowhere = places([], [], [], role="unit")
    before = replace(town, units=nowhere, sites=pool, hash=town.hash)
    times = walk(before, within=WITHIN)
    question = Problem.for_town(before, times, open=len(stand))
    best = solve(question, within=WITHIN)
    real = solve(Problem.for_town(before, times, open=len(stand), forced=stand.ids.tolist()), within=WITHIN)
    intervals = [u.robustness(question, plan, draws=draws, seed=7) for plan in (real, best)]
    yield f"Backtest: the real {len(stand)} against the best {len(stand)} of the same {len(pool)} candidates"
    for name, plan, robust in zip(("the real ones", "the best ones"), (real, best), intervals, strict=True):
        yield (
            f"  {name}: {plan.value:9,.0f} people within 15 min, in the draws {robust.within_low:9,.0f} to "
            f"{robust.within_high:9,.0f}; regret median {robust.regret_median:.1%}, 90th percentile {robust.regret_p90:.1%}"
        )
    yield f"  the best ones: gap {best.gap:.3%}, {'proven within the model' if best.proven else 'not proven'}"
    yield (
        "  The difference is no verdict on those who chose: land, cost and politics are not in the model, "
        "nor are services, streets, or the people of the State of Mexico."
    )


if __name__ == "__main__":
    main()
