"""One command: build the borough at three grains, plan five more for two groups, and look back at the thirteen.

    python -m cases.iztapalapa --into iztapalapa

Distances are straight lines times 1.3, marked estimated: no street file of Mexico City is in the pack.
Candidates are schools and sports grounds, an illustration. Prints what the manual page holds.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas

import utopias as u
from cases.iztapalapa import lines, places, prepare
from cases.iztapalapa.colonias import with_colonias
from cases.spoken import asked_language, data_folder, say
from utopias.domain.findings import Source
from utopias.domain.folders import whole_folder
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.report.document import write_map_picture
from utopias.scenario.answer import answer
from utopias.scenario.question import Question

HERE = Path(__file__).parent
GRAINS = ("ageb", "h3", "section")
PLANS = {"all": "five-more-all", "older people": "five-more-older-people"}
COLONIAS = Source("Colonias (CentroGeo, criminologia_cdmx)", "", "Apache-2.0", "")
CATCHMENTS = Source("Cuencas de los PILARES con el censo 2020 (CoberturaPilares)", "", "", "2020")


def main() -> None:
    """Read the arguments, run everything, print."""
    options = argparse.ArgumentParser(prog="python -m cases.iztapalapa", description=(__doc__ or "").splitlines()[0])
    options.add_argument("--into", type=Path, default=Path("iztapalapa"), help="folder where all is written")
    options.add_argument("--draws", type=int, default=100, help="draws of robustness")
    asked_language(options)
    asked = options.parse_args()
    for line in study(data_folder(asked.language), asked.into, draws=asked.draws):
        print(say(line, asked.language), flush=True)


def study(data: Path, into: Path, *, draws: int = 100) -> Iterator[Sentence]:
    """Yield the lines of the study, one after the other; write under ``into`` the town, two plans and their reports.

    ``into`` then holds raw/ (the tables a planner would bring), town/, plans/, a PDF and a page for each plan, and
    map.png. The same data and draws give the same lines.
    """
    raw = into / "raw"
    write_raw(data, raw)
    towns = {grain: build(grain, data, raw) for grain in GRAINS}
    u.write_town(towns["ageb"], into / "town", replace=True)
    towns["ageb"] = u.read_town(into / "town")  # so that the plans name the hash of the folder they came from
    yield from lines.of_town(towns["ageb"])
    yield from lines.of_people(towns, prepare.catchments(data))
    yield from lines.of_grains([lines.at_grain(name, town) for name, town in towns.items()])
    for group, name in PLANS.items():
        plan = five_more(towns["ageb"], group, into / "plans" / name, draws=draws)
        yield from lines.of_plan(plan)
        for suffix in (".pdf", ".html"):
            u.write_report(plan, to=into / f"{name}{suffix}", language="es")
        if group == "all":
            write_map_picture(plan, to=into / "map.png", language="es")
    yield from lines.of_backtest(towns["ageb"], draws)
    yield from lines.of_walkers(towns["ageb"])


def five_more(town: Town, group: str, folder: Path, *, draws: int) -> Plan:
    """Five more for a group, kept in its folder."""
    return answer(town, Question(group=group, open=5, draws=draws), keep=lambda good: good.save(folder, replace=True))


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
            inside = grain.representative_point().within(planned)
            grain["planned"] = inside
            # A cell on the border belongs to one side whole: the planned total is brought back to 2020's by one factor.
            grain.loc[inside, "personas"] *= prepare.PEOPLE_2020 / grain.loc[inside, "personas"].sum()
            grain.to_parquet(folder / f"{name}.parquet")
        limit = geopandas.read_file(data / "people" / "iztapalapa_limit.geojson")
        sites, others = places.candidates(data, limit), places.providers(data, areas)
        tables = {
            "units": places.units(data),
            "sites": sites,
            "providers": others,
            "modules": places.modules(data, sites, others),
        }
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False)


def build(grain: str, data: Path, raw: Path) -> Town:
    """The borough at one grain; the census areas are weighed inside by the H3 surface."""
    tables = ("units", "sites", "providers", "modules")
    town: Town = u.build_town(
        blocks=raw / f"{grain}.parquet",
        blocks_columns=HERE / "blocks.toml",
        **{name: raw / f"{name}.csv" for name in tables},
        **{f"{name}_columns": HERE / f"{name}.toml" for name in tables},
        weight_surface=raw / "h3-weights.parquet" if grain == "ageb" else None,
        weight_surface_columns=HERE / "weights.toml" if grain == "ageb" else None,
        name="Iztapalapa",
        crs=prepare.CRS,
        zone="America/Mexico_City",
        currency="MXN",
    )
    named = with_colonias(town, data)
    return replace(named, sources=(*named.sources, CATCHMENTS, COLONIAS))


if __name__ == "__main__":
    main()
