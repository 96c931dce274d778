"""Brazil's census sectors come in by a column file alone: nothing of IBGE is in the code."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from utopias.domain.errors import TableError
from utopias.domain.town import Town
from utopias.territory.build import build_town

SETORES = Path(__file__).parents[2] / "cases" / "sao_paulo" / "setores.toml"
BANDS = [f"V010{n}" for n in range(31, 42)]
# CD_setor, people, women, then 0-4, 5-9, 10-14, 15-19, 20-24, 25-29, 30-39, 40-49, 50-59, 60-69, 70+
ROWS = [
    ["355030801000001", "110", "60", "10", "10", "10", "10", "10", "10", "10", "10", "10", "10", "10"],
    ["355030801000002", "50", "26", "X", "5", "5", "5", "5", "5", "5", "5", "5", "x", "3"],
]


def files(folder: Path, rows: list[list[str]], ids: list[str] | None = None) -> tuple[Path, Path]:
    table, shapes = folder / "Agregados_por_setores_demografia_BR.csv", folder / "SP_setores_CD2022.gpkg"
    lines = [";".join(["CD_setor", "V01006", "V01008", *BANDS]), *(";".join(row) for row in rows)]
    table.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    keys = ids or [row[0].zfill(15) for row in rows]
    squares = [box(330_000 + 200 * i, 7_394_000, 330_200 + 200 * i, 7_394_200) for i in range(len(keys))]
    gpd.GeoDataFrame({"CD_SETOR": keys}, geometry=squares, crs="EPSG:31983").to_file(shapes)
    return table, shapes


def built(table: Path, shapes: Path) -> Town:
    return build_town(
        blocks=table, blocks_columns=SETORES, shapes=shapes, key="CD_SETOR", name="São Paulo", crs="EPSG:31983",
        zone="America/Sao_Paulo", currency="BRL",
    )  # fmt: skip


def test_sectors_give_groups_and_withheld_cells_are_told(tmp_path: Path) -> None:
    table, shapes = files(tmp_path, ROWS)
    town = built(table, shapes)
    blocks = town.blocks  # a sector of 4 ha is cut into cells; its people add up to it again

    def by_sector(counts: np.ndarray) -> list[float]:
        return [round(float(counts[blocks.area_id == row[0]].sum()), 6) for row in ROWS]

    assert by_sector(blocks.people) == [110, 50]
    assert by_sector(blocks.groups["children 0-5"]) == [10 + 2, 2 + 1]  # X stands for 2
    assert by_sector(blocks.groups["older people"]) == [20, 2 + 3]
    assert by_sector(blocks.groups["young people"]) == [30, 15]
    told = {taken.code: taken.values for taken in town.assumptions}
    assert "built-masked-counts" in told or any("masked" in code for code in told)
    assert any("X" in str(values) for values in told.values())


def test_sectors_that_a_spreadsheet_rounded_are_refused(tmp_path: Path) -> None:
    rows = [["3,5503E+14", *row[1:]] for row in ROWS]
    table, shapes = files(tmp_path, rows, [row[0] for row in ROWS])
    with pytest.raises(TableError) as error:
        built(table, shapes)
    assert "unmatched-keys" in error.value.codes


def test_a_sector_without_a_polygon_is_listed_and_nothing_is_built(tmp_path: Path) -> None:
    table, shapes = files(tmp_path, ROWS, [ROWS[0][0], "355030801000099"])
    with pytest.raises(TableError) as error:
        built(table, shapes)
    assert error.value.codes == ("unmatched-keys",)
    assert "355030801000002" in str(error.value)
