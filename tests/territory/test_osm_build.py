"""``build_town(streets="x.osm.pbf")``: streets, base map, notes and whom to name come into the town together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from tests.territory.osm_files import CORNER, degrees, write_osm
from utopias.cli.__main__ import run
from utopias.domain.errors import TableError
from utopias.domain.town import Town
from utopias.territory.build import build_town
from utopias.territory.check import check_town
from utopias.territory.town_folder import read_town, write_town

COLUMNS = '[format]\ncrs = "EPSG:4326"\nx = "lon"\ny = "lat"\n'
NODES = {1: (0.0, 0.0), 2: (300.0, 0.0), 3: (300.0, 300.0), 4: (0.0, 300.0), 5: (9_000.0, 0.0), 6: (9_100.0, 0.0)}
WAYS = [
    ([1, 2, 3], {"highway": "residential", "name": "Rua Direita"}),
    ([3, 4], {"highway": "primary"}),
    ([1, 2, 3, 4, 1], {"leisure": "park"}),
    ([5, 6], {"highway": "footway"}),
]


def blocks(folder: Path, *, east: float = 0.0) -> Path:
    rows = [f"b{i},10,{lon},{lat}" for i, (lon, lat) in enumerate(degrees(east + x, 50.0) for x in (0.0, 150.0, 300.0))]
    (folder / "blocks.toml").write_text(COLUMNS)
    path = folder / "blocks.csv"
    path.write_text("block_id,people,lon,lat\n" + "\n".join(rows) + "\n")
    return path


def build(folder: Path, streets: Path, *, east: float = 0.0, **more: object) -> Town:
    return build_town(
        blocks=blocks(folder, east=east), blocks_columns=folder / "blocks.toml", streets=streets, name="Sé",
        zone="America/Sao_Paulo", currency="BRL", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_town_gets_its_streets_its_map_its_notes_and_its_source(tmp_path: Path) -> None:
    town = build(tmp_path, write_osm(tmp_path / "se.osm.pbf", NODES, WAYS, tags={4: {"place": "suburb", "name": "Sé"}}))
    assert town.streets is not None
    assert town.basemap is not None
    assert town.streets.name.tolist() == ["Rua Direita", ""]
    assert town.basemap.labels.tolist() == ["Sé"]
    codes = {one.code: one.values for one in town.assumptions}
    assert codes["built-osm-far"]["count"] == 1
    assert codes["built-osm-pieces"]["where"] == "se.osm.pbf"
    assert [(one.name, one.licence) for one in town.sources][-1] == (
        "© OpenStreetMap contributors (se.osm.pbf)",
        "ODbL 1.0",
    )


def test_streets_and_map_come_back_from_the_folder(tmp_path: Path) -> None:
    town = build(tmp_path, write_osm(tmp_path / "se.osm", NODES, WAYS))
    folder = write_town(town, tmp_path / "town")
    assert check_town(folder) == []
    back = read_town(folder)
    assert back.streets is not None
    assert back.basemap is not None
    assert town.streets is not None
    assert back.streets.kind.tolist() == town.streets.kind.tolist()
    assert back.streets.length.tolist() == town.streets.length.tolist()
    assert back.basemap.polygon_kind.tolist() == ["green"]
    assert back.assumptions == town.assumptions


def test_faults_of_the_streets_are_told_with_those_of_the_other_files(tmp_path: Path) -> None:
    (tmp_path / "se.osm.pbf").write_bytes(b"not a pbf at all")
    (tmp_path / "sites.csv").write_text("place_id,lon,lat\ns,0,0\n")
    with pytest.raises(TableError) as error:
        build(tmp_path, tmp_path / "se.osm.pbf", sites=tmp_path / "sites.csv", sites_columns=tmp_path / "blocks.toml")
    assert {"broken-osm", "zero-coordinates"} <= set(error.value.codes)


def test_an_extract_of_another_city_is_refused(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "se.osm.pbf", NODES, WAYS)
    with pytest.raises(TableError) as error:
        build(tmp_path, path, east=40_000.0)
    assert error.value.codes == ("streets-elsewhere",)


def test_a_column_file_beside_openstreetmap_is_refused_rather_than_passed_over(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "se.osm.pbf", NODES, WAYS)
    with pytest.raises(TableError) as error:
        build(tmp_path, path, streets_columns=tmp_path / "blocks.toml")
    assert error.value.codes == ("needless-columns",)


def test_the_command_takes_it_and_writes_nothing_where_it_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_osm(tmp_path / "se.osm.pbf", NODES, WAYS)
    said = [
        "build",
        "--blocks",
        str(blocks(tmp_path)),
        "--columns",
        str(tmp_path / "blocks.toml"),
        "--streets",
        str(path),
    ]
    assert run([*said, "--into", str(tmp_path / "town")]) == 0
    assert (tmp_path / "town" / "edges.parquet").is_file()
    assert (tmp_path / "town" / "basemap.parquet").is_file()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    capsys.readouterr()
    before = sorted(tmp_path.iterdir())
    assert run([*said, "--into", str(tmp_path / "other")]) == 1
    assert "[broken-osm]" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_a_bridge_of_openstreetmap_spans_the_valley_and_its_junctions_do_not_fall_in(tmp_path: Path) -> None:
    # 2,240 m west of the valley and 2,250 m east of it; 20 m deep between. The bridge, 20 m to 120 m east, is two
    # ways that meet over the middle, where stairs lead down: 10 m up over 100 m.
    nodes = {1: (0.0, 0.0), 2: (20.0, 0.0), 3: (70.0, 0.0), 4: (120.0, 0.0), 5: (140.0, 0.0), 6: (70.0, -60.0)}
    bridge = {"highway": "residential", "bridge": "yes"}
    ways = [
        ([1, 2], {"highway": "residential"}), ([2, 3], bridge), ([3, 4], bridge), ([4, 5], {"highway": "residential"}),
        ([3, 6], {"highway": "steps"}),
    ]  # fmt: skip
    heights = np.full((60, 60), 2240.0, dtype="float32")
    heights[:, 13:21] = 2220.0  # 30 m to 110 m east of the corner
    heights[:, 21:] = 2250.0
    with rasterio.open(
        tmp_path / "dem.tif", "w", driver="GTiff", height=60, width=60, count=1, dtype="float32", crs="EPSG:32723",
        transform=from_origin(CORNER[0] - 100, CORNER[1] + 300, 10, 10),
    ) as file:  # fmt: skip
        file.write(heights, 1)
    town = build(tmp_path, write_osm(tmp_path / "se.osm", nodes, ways), terrain=tmp_path / "dem.tif", crs="EPSG:32723")
    assert town.streets is not None
    assert town.streets.rise.tolist() == pytest.approx([0, 5, 5, 0, -25], abs=0.01)
    told = {one.code: one.values for one in town.assumptions}
    assert told["built-terrain-bridges"]["count"] == 1
