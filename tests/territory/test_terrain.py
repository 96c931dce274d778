"""Heights from a raster: what is known is taken exactly, what is not is told, and no street becomes a wall."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import Affine, from_origin
from scipy.interpolate import RegularGridInterpolator

from tests.territory.test_build import X, Y, build, codes
from utopias.domain.arrays import texts
from utopias.domain.errors import TableError
from utopias.domain.shapes import Lines
from utopias.domain.streets import Streets
from utopias.language.values import say_code
from utopias.language.words import LANGUAGES, Words
from utopias.network.effort import edge_costs
from utopias.territory.ledger import Ledger, Note, assumptions_of
from utopias.territory.terrain import smoothed, with_heights

UTM = pyproj.CRS("EPSG:32614")
CELL = 10.0


def raster(
    folder: Path, heights: Any, *, dtype: str = "float32", crs: str | None = "EPSG:32614", nodata: float | None = None,
    transform: Affine | None = None, name: str = "heights.tif",
) -> Path:  # fmt: skip
    """A GeoTIFF whose north-west corner is 50 m north-west of (X, Y), cells of 10 m."""
    bands = np.atleast_3d(np.asarray(heights, dtype=dtype).T).T
    with rasterio.open(
        folder / name, "w", driver="GTiff", height=bands.shape[1], width=bands.shape[2], count=len(bands), dtype=dtype,
        crs=crs, nodata=nodata, transform=transform or from_origin(X - 50, Y + 50, CELL, CELL),
    ) as file:  # fmt: skip
        file.write(bands)
    return folder / name


def streets(points: list[tuple[float, float]], ends: list[tuple[int, int]], **columns: Any) -> Streets:
    """Straight streets between points (metres from X, Y)."""
    at = np.array(points, dtype=float) + np.array([X, Y])
    tail, head = (np.array(end, dtype=np.int32) for end in zip(*ends, strict=True))
    coords = np.stack([at[tail], at[head]], axis=1).reshape(-1, 2)
    n = len(ends)
    lines = Lines(coords, np.arange(0, 2 * n + 1, 2), "EPSG:32614")
    made = Streets(
        x=at[:, 0], y=at[:, 1], tail=tail, head=head, length=lines.lengths(), rise=np.full(n, np.nan),
        kind=texts(["residential"] * n), name=texts([""] * n), surface=texts([""] * n), steps=np.zeros(n, dtype=bool),
        foot=np.ones(n, dtype=bool), lines=lines,
    )  # fmt: skip
    return replace(made, **columns)


def lift(made: Streets, file: Path, **said: Any) -> tuple[np.ndarray, dict[str, Note]]:
    ledger = Ledger()
    rise = with_heights(made, file, UTM, ledger, **said).rise
    return rise, {note.code: note for note in ledger.notes}


def refused(made: Streets, file: Path) -> tuple[str, ...]:
    with pytest.raises(TableError) as error:
        lift(made, file)
    return error.value.codes


# A plane that climbs 1 m in 10 m to the east and falls 1 m in 20 m to the north, 2,240 m at (X, Y).
EAST, NORTH = np.meshgrid(np.arange(20) * CELL - 45, 45 - np.arange(20) * CELL)
PLANE = 2240 + EAST / 10 - NORTH / 20
SQUARE = [(0.0, 0.0), (30.0, 0.0), (33.0, -17.0)]
CORNER = [(0, 1), (1, 2)]


def test_a_street_rises_by_the_difference_of_its_ends(tmp_path: Path) -> None:
    rise, notes = lift(streets(SQUARE, CORNER), raster(tmp_path, PLANE))
    assert rise == pytest.approx([3.0, 0.3 + 0.85], abs=1e-3)
    assert set(notes) == {"terrain"}
    assert (notes["terrain"].count, notes["terrain"].values) == (2, {"edges": 2})


def test_a_rise_that_was_known_stays(tmp_path: Path) -> None:
    rise, _ = lift(streets(SQUARE, CORNER, rise=np.array([7.0, np.nan])), raster(tmp_path, PLANE))
    assert rise == pytest.approx([7.0, 1.15], abs=1e-3)


def test_heights_between_cells_are_those_of_scipys_interpolator(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    field = rng.uniform(2240, 2245, (20, 20)).astype("float32")
    points = rng.uniform(-30, 120, (40, 2)) * (1, -1)
    rows, columns = -(points[:, 1] - 45) / CELL, (points[:, 0] + 45) / CELL
    wanted = RegularGridInterpolator((np.arange(20), np.arange(20)), field.astype(float))(
        np.column_stack([rows, columns])
    )
    ends = [(0, i) for i in range(1, 40)]
    rise, notes = lift(streets([tuple(p) for p in points], ends), raster(tmp_path, field))
    assert "terrain-smoothed" not in notes
    assert rise == pytest.approx(wanted[1:] - wanted[0], abs=1e-3)


def test_a_raster_in_degrees_gives_the_same_rise(tmp_path: Path) -> None:
    change = pyproj.Transformer.from_crs("EPSG:32614", "EPSG:4326", always_xy=True)
    west, north = change.transform(X - 200, Y + 200)
    step = 0.0001
    longitude = west + (np.arange(60) + 0.5) * step
    latitude = north - (np.arange(60) + 0.5) * step
    east, up = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32614", always_xy=True).transform(
        *np.meshgrid(longitude, latitude)
    )
    file = raster(
        tmp_path,
        2240 + (east - X) / 10 - (up - Y) / 20,
        crs="EPSG:4326",
        transform=from_origin(west, north, step, step),
    )
    rise, _ = lift(streets(SQUARE, CORNER), file)
    assert rise == pytest.approx([3.0, 1.15], abs=0.01)


def test_a_street_beyond_the_raster_is_not_known_and_told(tmp_path: Path) -> None:
    made = streets([*SQUARE, (500.0, 0.0)], [*CORNER, (1, 3)])
    rise, notes = lift(made, raster(tmp_path, PLANE))
    assert np.isnan(rise).tolist() == [False, False, True]
    assert (notes["terrain-partial"].count, notes["terrain-partial"].values) == (1, {"junctions": 4})
    assert edge_costs(replace(made, rise=rise)).rise_known == pytest.approx(2 / 3)


def test_no_data_is_not_a_height_whether_declared_or_not(tmp_path: Path) -> None:
    holed = PLANE.copy()
    holed[6:, 7:] = -9999  # under the third junction
    for nodata in (-9999.0, None):
        rise, notes = lift(streets(SQUARE, CORNER), raster(tmp_path, holed, nodata=nodata))
        assert np.isnan(rise).tolist() == [False, True]
        assert notes["terrain-nodata"].count == 1
    with pytest.raises(TableError) as error:
        lift(streets(SQUARE, CORNER), raster(tmp_path, PLANE * 0 - 9999, nodata=-9999))
    assert error.value.codes == ("terrain-empty",)


def test_a_hole_beside_a_junction_leaves_the_nearer_cells(tmp_path: Path) -> None:
    holed = np.full((20, 20), 2240.0)
    holed[4, 5] = np.nan
    rise, notes = lift(streets([(-8.0, 0.0), (30.0, 0.0)], [(0, 1)]), raster(tmp_path, holed))
    assert rise == pytest.approx([0.0])
    assert "terrain-nodata" not in notes


def test_a_plateau_at_the_limit_of_its_type_is_no_height(tmp_path: Path) -> None:
    clipped = np.minimum(np.full((20, 20), 250.0) + (EAST > 20) * 10, 255)
    rise, notes = lift(streets(SQUARE, CORNER), raster(tmp_path, clipped, dtype="uint8"))
    assert np.isnan(rise).all()
    assert notes["terrain-saturated"].count == 2
    assert refused(streets(SQUARE, CORNER), raster(tmp_path, PLANE * 0 + 255, dtype="uint8")) == ("terrain-saturated",)
    assert refused(streets(SQUARE, CORNER), raster(tmp_path, PLANE * 0 + 32767, dtype="int16")) == (
        "terrain-saturated",
    )


def test_a_raster_elsewhere_on_earth_is_refused_and_says_where_it_lies(tmp_path: Path) -> None:
    file = raster(tmp_path, PLANE, crs="EPSG:4326", transform=from_origin(2.3, 48.9, 0.01, 0.01))
    with pytest.raises(TableError) as error:
        lift(streets(SQUARE, CORNER), file)
    fault = error.value.faults[0]
    assert fault.code == "terrain-elsewhere"
    assert "48.80, 2.40" in fault.what
    assert "19.34, -99.07" in fault.what


def test_what_is_no_raster_of_heights_is_refused(tmp_path: Path) -> None:
    made = streets(SQUARE, CORNER)
    assert refused(made, tmp_path / "none.tif") == ("no-such-file",)
    (tmp_path / "text.tif").write_text("not a raster")
    assert refused(made, tmp_path / "text.tif") == ("not-a-raster",)
    (tmp_path / "empty.tif").write_bytes(b"")
    assert refused(made, tmp_path / "empty.tif") == ("not-a-raster",)
    assert refused(made, raster(tmp_path, PLANE, crs=None)) == ("no-crs",)
    assert refused(made, raster(tmp_path, [PLANE, PLANE, PLANE], crs=None)) == ("not-heights", "no-crs")
    whole = raster(tmp_path, np.random.default_rng(1).uniform(0, 1, (200, 200))).read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: len(whole) // 3])
    assert refused(made, tmp_path / "cut.tif") == ("not-a-raster",)


def test_heights_in_feet_are_refused(tmp_path: Path) -> None:
    file = raster(tmp_path, PLANE)
    with rasterio.open(file, "r+") as data:
        data.units = ("ft",)
    assert refused(streets(SQUARE, CORNER), file) == ("not-heights",)


def test_scaled_heights_are_read_in_metres(tmp_path: Path) -> None:
    file = raster(tmp_path, np.round(PLANE * 10 - 20000), dtype="int16")
    with rasterio.open(file, "r+") as data:
        data.scales, data.offsets = (0.1,), (2000.0,)
    rise, _ = lift(streets(SQUARE, CORNER), file)
    assert rise == pytest.approx([3.0, 1.15], abs=0.1)


def test_a_bridge_does_not_sink_into_the_valley_below(tmp_path: Path) -> None:
    valley = np.full((20, 20), 2240.0)
    valley[:, 7:11] = 2220.0  # 20 m deep, from 20 to 60 m east
    points = [(0.0, 0.0), (40.0, 0.0), (100.0, 0.0)]
    over = streets(points, [(0, 1), (1, 2)], kind=texts(["bridge", "bridge"]))
    rise, notes = lift(over, raster(tmp_path, valley))
    # Both ends of the bridge are met by bridges alone: nothing says where it lands.
    assert np.isnan(rise).all()
    landing = streets([(-30.0, 0.0), *points, (130.0, 0.0)], [(0, 1), (1, 2), (2, 3), (3, 4)])
    rise, notes = lift(landing, raster(tmp_path, valley), off_ground=np.array([False, True, True, False]))
    assert rise == pytest.approx([0, 0, 0, 0], abs=1e-6)
    assert notes["terrain-bridges"].count == 1
    sunk, _ = lift(landing, raster(tmp_path, valley))
    assert sunk[1] == pytest.approx(-20)


def test_a_bridge_between_two_heights_climbs_evenly(tmp_path: Path) -> None:
    made = streets([(0.0, 0.0), (10.0, 0.0), (30.0, 0.0), (40.0, 0.0)], [(0, 1), (1, 2), (2, 3), (3, 0)])
    off = np.array([True, True, True, False])
    rise, _ = lift(made, raster(tmp_path, PLANE), off_ground=off)
    assert rise == pytest.approx([1, 2, 1, -4], abs=1e-3)


def valley(folder: Path) -> Path:
    """Ground at 2,240 m with a valley 20 m deep from 25 m to 75 m east of (X, Y)."""
    ground = np.full((20, 20), 2240.0)
    ground[:, 7:12] = 2220.0
    return raster(folder, ground)


# A viaduct from (0, 0) to (100, 0) in four stretches, and the street at each end of it.
VIADUCT = [(-30.0, 0.0), (0.0, 0.0), (40.0, 0.0), (50.0, 0.0), (60.0, 0.0), (100.0, 0.0), (120.0, 0.0)]
ALONG = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]
ON_DECK = np.array([False, True, True, True, True, False])


def test_stairs_in_the_middle_of_a_viaduct_do_not_pull_it_into_the_valley(tmp_path: Path) -> None:
    made = streets([*VIADUCT, (50.0, -30.0)], [*ALONG, (3, 7)], steps=np.array([False] * 6 + [True]))
    off = np.append(ON_DECK, False)
    rise, notes = lift(made, valley(tmp_path), off_ground=off)
    assert rise == pytest.approx([0, 0, 0, 0, 0, 0, -20], abs=1e-6)  # 20 m down over 30 m of stairs
    assert notes["terrain-bridges"].count == 3
    # The same junction, met by a street: that is where the bridge lands, and it does go down.
    street, _ = lift(replace(made, steps=np.zeros(7, dtype=bool)), valley(tmp_path), off_ground=off)
    assert street[2] == pytest.approx(-4, abs=1e-3)  # 20 m down in 50 m


def test_a_lift_to_a_viaduct_has_no_rise_and_moves_no_height(tmp_path: Path) -> None:
    made = streets([*VIADUCT, (50.0, -1.0)], [*ALONG, (3, 7)], kind=texts(["residential"] * 6 + ["elevator"]))
    rise, notes = lift(made, valley(tmp_path), off_ground=np.append(ON_DECK, False))
    assert rise[:6] == pytest.approx([0] * 6, abs=1e-6)
    assert np.isnan(rise[6])
    assert "terrain-smoothed" not in notes


def test_steep_stairs_to_a_deck_are_cut_to_45_degrees_and_leave_the_deck_where_it_is(tmp_path: Path) -> None:
    made = streets([*VIADUCT, (50.0, -8.0)], [*ALONG, (3, 7)], steps=np.array([False] * 6 + [True]))
    rise, notes = lift(made, valley(tmp_path), off_ground=np.append(ON_DECK, False))
    assert rise == pytest.approx([0, 0, 0, 0, 0, 0, -8 * 0.999], abs=1e-6)
    assert notes["terrain-smoothed"].count == 1


def test_a_deck_with_three_ends_hangs_between_them(tmp_path: Path) -> None:
    # Ends at 2,240 (west), 2,246 (east) and 2,240 m (north), 30 m, 60 m and 60 m from the middle:
    # (0/30 + 6/60 + 0/60) / (1/30 + 1/60 + 1/60) = 1.5 m over the west.
    points = [(0.0, 0.0), (30.0, 0.0), (90.0, 0.0), (30.0, 60.0), (-20.0, 0.0), (110.0, 0.0), (30.0, 80.0)]
    made = streets(points, [(0, 1), (1, 2), (1, 3), (4, 0), (2, 5), (3, 6)])
    ground = np.where(EAST > 70, 2246.0, 2240.0)
    ground[8:12, 6:10] = 2200.0  # a pit under the middle
    file = raster(tmp_path, ground, transform=from_origin(X - 50, Y + 100, CELL, CELL))
    rise, _ = lift(made, file, off_ground=np.array([True, True, True, False, False, False]))
    assert rise[:3] == pytest.approx([1.5, 4.5, -1.5], abs=1e-3)


def test_a_footbridge_that_only_stairs_reach_lands_on_its_stairs(tmp_path: Path) -> None:
    # Stairs at both ends and in the middle, no street at deck level: nothing but the stairs says how high it is.
    points = [(-10.0, 0.0), (0.0, 0.0), (20.0, 0.0), (40.0, 0.0), (50.0, 0.0), (20.0, -12.0)]
    ends = [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5)]
    steps = np.array([True, False, False, True, True])
    rise, _ = lift(streets(points, ends, steps=steps), raster(tmp_path, PLANE), off_ground=~steps)
    assert rise == pytest.approx([1, 2, 2, 1, 0.6], abs=1e-3)
    ring = streets([(0.0, 0.0), (30.0, 0.0), (0.0, -40.0)], [(0, 1), (1, 2), (2, 0), (0, 2)], steps=np.array([False] * 3 + [True]))  # fmt: skip
    round_, notes = lift(ring, raster(tmp_path, PLANE), off_ground=np.array([True, True, True, False]))
    assert not np.isnan(round_).any()
    assert notes["terrain-bridges"].count == 1


def test_a_cliff_between_two_near_junctions_is_smoothed_and_told(tmp_path: Path) -> None:
    cliff = np.full((20, 20), 2240.0)
    cliff[:, 6:] = 2260.0
    made = streets([(-20.0, 0.0), (4.0, 0.0), (8.0, 0.0), (40.0, 0.0)], [(0, 1), (1, 2), (2, 3)])
    with pytest.raises(TableError):
        edge_costs(replace(made, rise=np.array([0.0, 20.0, 0.0])))
    rise, notes = lift(made, raster(tmp_path, cliff))
    assert notes["terrain-smoothed"].count == 1
    assert notes["terrain-smoothed"].values == {"edges": 3}
    assert (np.abs(rise) <= made.length).all()
    assert rise.sum() == pytest.approx(20, abs=0.1)
    assert edge_costs(replace(made, rise=rise)).rise_known == 1.0


@st.composite
def graphs(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    j = draw(st.integers(2, 8))
    ends = draw(st.lists(st.tuples(st.integers(0, j - 1), st.integers(0, j - 1)), min_size=1, max_size=12))
    heights = draw(st.lists(st.one_of(st.just(float("nan")), st.floats(0, 100)), min_size=j, max_size=j))
    lengths = draw(st.lists(st.floats(0, 50), min_size=len(ends), max_size=len(ends)))
    tail, head = np.array(ends, dtype=np.int32).T
    return np.array(heights), tail, head, np.array(lengths)


@given(graphs())
def test_smoothing_leaves_no_wall_and_touches_nothing_that_was_no_wall(graph: tuple[np.ndarray, ...]) -> None:
    height, tail, head, length = graph
    made, steep = smoothed(height, tail, head, length, np.ones(len(tail), dtype=bool))
    climb = np.abs(made[head] - made[tail])
    known = ~np.isnan(climb)
    assert (climb[known] <= length[known] + 0.05).all()  # the last centimetres are cut
    assert (np.isnan(made) == np.isnan(height)).all()
    was = np.abs(height[head] - height[tail])
    assert (steep == ~(np.isnan(was) | (was <= 0.999 * length + 1e-6))).all()
    if not steep.any():
        assert np.array_equal(made, height, equal_nan=True)
    assert np.nanmin(made, initial=200) >= np.nanmin(height, initial=200) - 1e-9
    assert np.nanmax(made, initial=-1) <= np.nanmax(height, initial=-1) + 1e-9


def street_file(folder: Path) -> Path:
    lines = [shapely.LineString([(X, Y), (X + 30, Y)]), shapely.LineString([(X + 30, Y), (X + 33, Y - 17)])]
    gpd.GeoDataFrame({"class": ["residential"] * 2}, geometry=lines, crs="EPSG:32614").to_file(folder / "streets.gpkg")
    return folder / "streets.gpkg"


def test_a_town_is_built_with_its_relief_and_says_so(tmp_path: Path) -> None:
    town = build(tmp_path, streets=street_file(tmp_path), terrain=raster(tmp_path, PLANE))
    assert town.streets is not None
    assert sorted(town.streets.rise.tolist()) == pytest.approx([1.15, 3.0], abs=1e-3)
    told = {one.code: one.values for one in town.assumptions}
    assert told["built-terrain"] == {"where": "heights.tif", "count": 2, "edges": 2}
    assert "heights.tif" in {source.name for source in town.sources}


def test_heights_without_streets_are_a_fault(tmp_path: Path) -> None:
    assert codes(tmp_path, terrain=raster(tmp_path, PLANE)) == ("terrain-without-streets",)


def test_a_bad_raster_is_told_with_every_other_fault(tmp_path: Path) -> None:
    found = codes(tmp_path, streets=street_file(tmp_path), terrain=tmp_path / "none.tif", sites=tmp_path / "none.csv")
    assert set(found) == {"no-such-file"}
    assert len(found) == 2


def test_every_language_has_words_for_what_the_heights_are() -> None:
    codes_ = (
        "terrain",
        "terrain-partial",
        "terrain-nodata",
        "terrain-saturated",
        "terrain-bridges",
        "terrain-smoothed",
    )
    for note in assumptions_of(Note(code, "", "dem.tif", 3, {"edges": 9, "junctions": 8}) for code in codes_):
        for language in LANGUAGES:
            said = say_code(Words(language), f"assumption.{note.code}", note.values)
            assert "3" in said
            assert "dem.tif" in said
