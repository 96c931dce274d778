"""The town folder: written whole, read back to the last bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import process_time

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings

from tests.territory.towns import CRS, assert_same_town, towns
from tests.toy import toy_town
from utopias.domain.arrays import texts
from utopias.domain.errors import TableError
from utopias.domain.folders import folder_hash, seal
from utopias.domain.shapes import Lines, Shapes
from utopias.domain.streets import Streets
from utopias.domain.town import Blocks, Town
from utopias.territory.geoparquet import shapes_of
from utopias.territory.town_folder import read_town, write_town


def test_the_toy_town_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert_same_town(read_town(write_town(toy_town(), tmp_path / "town")), toy_town())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(town=towns())
def test_any_town_comes_back_as_it_was_written(town: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any") / "town"
    assert_same_town(read_town(write_town(town, folder)), town)


def test_the_same_town_gives_the_same_hash_and_another_town_another(tmp_path: Path) -> None:
    first, again = (read_town(write_town(toy_town(), tmp_path / name)) for name in ("first", "again"))
    assert first.hash == again.hash == folder_hash(tmp_path / "first")
    twice = read_town(write_town(first, tmp_path / "twice"))
    assert twice.hash == first.hash


def test_an_existing_town_is_overwritten_only_when_asked(tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    with pytest.raises(TableError) as caught:
        write_town(toy_town(), folder)
    assert caught.value.codes == ("already-there",)
    smaller = replace(toy_town(), streets=None, name="Otro")
    assert read_town(write_town(smaller, folder, replace=True)).streets is None
    assert not (folder / "edges.parquet").exists()


def test_a_town_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    town = toy_town()
    nameless = replace(town, groups=(), modules=town.modules.assign(place_id="nowhere"))
    with pytest.raises(TableError) as caught:
        write_town(nameless, tmp_path / "town")
    assert set(caught.value.codes) == {"unknown-group", "unknown-place"}
    assert "older people" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_keys_that_are_numbers_are_refused_not_rewritten(tmp_path: Path) -> None:
    town = toy_town()
    facts = pd.DataFrame({"place_id": ["uno"], "attribute": ["opened"], "value": [2019]})
    with pytest.raises(TableError) as caught:
        write_town(replace(town, facts=facts), tmp_path / "town")
    assert caught.value.codes == ("wrong-type",)
    assert "column value of facts.parquet" in str(caught.value)


def test_geopandas_reads_blocks_and_streets_with_their_reference_system(tmp_path: Path) -> None:
    """geopandas is the witness that the files are GeoParquet, not only our own idea of it."""
    folder = write_town(toy_town(), tmp_path / "town")
    blocks, edges = (geopandas.read_parquet(folder / f"{name}.parquet") for name in ("blocks", "edges"))
    assert blocks.crs == edges.crs == "EPSG:32614"
    assert blocks.geometry.area.tolist() == [6400.0] * 13
    assert edges.geometry.length.tolist() == [400.0] * 12
    assert blocks["block_id"].iloc[0] == "0000A"


def test_heights_and_single_polygons_of_a_foreign_file_are_read_as_outlines() -> None:
    """geopandas and QGIS write Polygon and 3D where we write MultiPolygon and 2D."""
    square = shapely.Polygon([(0, 0, 5), (9, 0, 5), (9, 9, 5), (0, 9, 5), (0, 0, 5)])
    hole = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 0)], [[(6, 1), (8, 1), (8, 2), (6, 1)]])
    shapes = shapes_of(np.array([square, None, hole, shapely.Polygon()]), CRS)
    assert np.diff(shapes.shapes).tolist() == [1, 0, 1, 0]
    assert np.diff(shapes.parts).tolist() == [1, 2]
    assert shapes.coords.shape == (5 + 4 + 4, 2)


def test_a_town_folder_of_another_version_is_refused(tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    said = (folder / "town.toml").read_text(encoding="utf-8")
    (folder / "town.toml").write_text(said.replace("format = 1", "format = 2"), encoding="utf-8")
    seal(folder)
    with pytest.raises(TableError) as caught:
        read_town(folder)
    assert "other-format" in caught.value.codes


def test_a_borough_of_sixty_thousand_streets_is_read_in_under_a_second_of_work(tmp_path: Path) -> None:
    folder = write_town(borough(blocks=15_000, streets=60_000), tmp_path / "town")
    read_town(folder)  # the libraries are loaded once
    began = process_time()
    read_town(folder)
    assert process_time() - began < 1.0


def borough(*, blocks: int, streets: int) -> Town:
    """A toy made large: blocks on a square grid, streets zigzag between neighbours, every one with a name."""
    town, rng = toy_town(), np.random.default_rng(7)
    x, y = 490_000 + rng.uniform(0, 15_000, blocks), 2_140_000 + rng.uniform(0, 15_000, blocks)
    corners = np.array([[-9, -9], [9, -9], [9, 9], [-9, 9], [-9, -9]], dtype=float)
    count = np.arange(blocks + 1)
    people = rng.uniform(0, 300, blocks)
    many = Blocks(
        ids=texts(f"{i:05d}" for i in range(blocks)),
        x=x,
        y=y,
        people=people,
        groups={"older people": people * 0.2},
        planned=np.ones(blocks, dtype=bool),
        area_id=texts(["09007"] * blocks),
        colonia=texts(f"colonia {i % 300}" for i in range(blocks)),
        known_to=np.full(blocks, np.inf),
        indicators={"no water": rng.uniform(0, 1, blocks)},
        shapes=Shapes((np.column_stack([x, y])[:, None] + corners).reshape(-1, 2), count * 5, count, count, CRS),
    )
    walk = 500_000 + rng.uniform(0, 15_000, (streets, 4, 2))
    roads = Streets(
        x=walk[:, 0, 0],
        y=walk[:, 0, 1],
        tail=np.arange(streets, dtype=np.int32),
        head=np.roll(np.arange(streets, dtype=np.int32), 1),
        length=rng.uniform(1, 300, streets),
        rise=np.full(streets, np.nan),
        kind=texts(["residential"] * streets),
        name=texts(f"Calle {i}" for i in range(streets)),
        surface=texts([""] * streets),
        steps=np.zeros(streets, dtype=bool),
        foot=np.ones(streets, dtype=bool),
        lines=Lines(walk.reshape(-1, 2), np.arange(streets + 1) * 4, CRS),
    )
    return replace(town, blocks=many, streets=roads)
