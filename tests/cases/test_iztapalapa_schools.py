"""The real borough's public schools, and who of the children they teach has a unit on the way home.

Straight lines times 1.3: no street file of Mexico City is in the pack. After a change:
``python -m tests.cases.test_iztapalapa_schools`` writes the block of the manual anew, in each language.
"""

from __future__ import annotations

import io
import re
import tempfile
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import utopias as u
from cases.iztapalapa import prepare
from cases.iztapalapa.__main__ import HERE, write_raw
from tests import manual_pages
from tests.shared_data import shared_data
from utopias.cli.__main__ import run
from utopias.domain.town import Town
from utopias.territory.build_places import places_of
from utopias.territory.files import read_table
from utopias.territory.ledger import Ledger
from utopias.territory.reference import metre_crs

PAGE = "carers.md"
BLOCK = re.compile(r"(<!-- iztapalapa -->\n\n```\n)(.*?)(```\n\n<!-- end -->)", re.DOTALL)
ASKED = ["--for", "trips"]

pytestmark = pytest.mark.real_data


def built(folder: Path) -> None:
    """The borough by census areas, weighed inside, with every public school of the city."""
    data = shared_data("people").parent
    write_raw(data, folder / "raw")
    town: Town = u.build_town(
        blocks=folder / "raw" / "ageb.parquet",
        blocks_columns=HERE / "blocks.toml",
        weight_surface=folder / "raw" / "h3-weights.parquet",
        weight_surface_columns=HERE / "weights.toml",
        units=folder / "raw" / "units.csv",
        units_columns=HERE / "units.toml",
        schools=data / "places" / "escuelas_cdmx_matricula_911.csv",
        schools_columns=HERE / "schools.toml",
        name="Iztapalapa",
        crs=prepare.CRS,
        zone="America/Mexico_City",
        currency="MXN",
    )
    u.write_town(town, folder / "town")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("schools")
    built(made)
    return made


@pytest.fixture(scope="module")
def town(folder: Path) -> Town:
    return u.read_town(folder / "town")


def test_the_list_of_schools_comes_in_with_its_faults_told(town: Town) -> None:
    assert town.schools is not None
    levels = town.schools.table["level"].value_counts().to_dict()
    # 2,786 rows less 20 libraries and 33 without coordinates, of which some are libraries too.
    raw = pd.read_csv(shared_data("places", "escuelas_cdmx_matricula_911.csv"), encoding="utf-8-sig")
    kept = raw[~raw["principal"].isin(["BIBLIOTECA", np.nan]) & raw["coord_x"].notna()]
    assert len(town.schools) == len(kept)
    assert levels["primary"] == int((kept["principal"] == "Primaria").sum())
    assert levels["kindergarten"] == int((kept["principal"] == "Preescolar").sum())
    assert town.schools.table["pupils"].sum() == kept["matricula_911"].sum()
    assert {"built-left-out", "built-rows-not-kept"} <= {taken.code for taken in town.assumptions}


def test_the_schools_of_the_other_register_are_read_as_well() -> None:
    said = (
        'crs = "EPSG:4326"\n[columns]\nplace_id = "idinmueble"\nlevel = "principal"\n[values.level]\n"Preescolar" = "kindergarten"\n'
        '"Primaria" = "primary"\n"Secundaria" = "secondary"\n"Especial - CAM" = "other"\n"Inicial" = "other"\n'
        '"Adultos - CEDEX" = "other"\n"BIBLIOTECA" = "other"\n"CTE" = "other"\n'
    )
    from utopias.territory.column_file import parse_column_file

    table = read_table(
        shared_data("places", "escuelas_iztapalapa_aefcm_2026.geojson.gz"), parse_column_file(said), table="schools"
    )
    ledger = Ledger()
    found = places_of(table, "school", metre_crs("EPSG:32614"), np.zeros((0, 2)), ledger)
    assert ledger.faults == []
    assert found is not None
    assert len(found) == 499


def test_children_go_to_schools_about_as_those_enrol(town: Town) -> None:
    """The estimate never looks at totals of a school; a borough of schools still gets what it enrols, within a third."""
    got = u.chain(town, u.ChainQuestion(group="trips", levels=("primary",)))
    here = np.array(town.schools.table["level"] == "primary") & (got.trips.by_school > 0)
    inside = got.trips.from_school(town.blocks.planned).persons
    mostly = here & (inside > 0.9 * got.trips.by_school)  # schools whose children live in the borough
    filled = got.trips.by_school[mostly].sum() / town.schools.table["pupils"].to_numpy()[mostly].sum()
    assert 2 / 3 < filled < 4 / 3


def test_the_figures_of_the_borough_add_up_and_say_that_they_are_estimates(town: Town) -> None:
    got = u.chain(town, u.ChainQuestion(group="trips"))
    found = got.found
    assert found.estimated
    assert got.walks.estimated
    children = (town.blocks.groups["children 0-5"] / 2 + town.blocks.groups["children 6-14"] * 2 / 3)[
        town.blocks.planned
    ].sum()
    assert float(found.total) == pytest.approx(children - float(got.trips.notes["without_school"]), rel=1e-9)
    more = u.chain(
        replace(town, units=town.units + town.sites) if len(town.sites) else town, u.ChainQuestion(group="trips")
    ).found
    assert float(more.by_chain) >= float(found.by_chain)


def printed(folder: Path, language: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        assert run(["--language", language, "chain", str(folder / "town"), *ASKED]) == 0
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_manual_prints_what_the_command_says_of_the_real_borough(folder: Path, language: str) -> None:
    block = BLOCK.search(manual_pages.text(PAGE, language))
    assert block is not None
    assert block[2] == printed(folder, language)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        built(Path(made))
        said = {language: printed(Path(made), language) for language in manual_pages.LANGUAGES}
    manual_pages.rewrite(
        PAGE, lambda page, language: BLOCK.sub(lambda found: found[1] + said[language] + found[3], page)
    )
