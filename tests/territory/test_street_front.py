"""The census of the street front: read as INEGI lays it out, matched to the street before it, never in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.territory.front_files import (
    A1,
    A2,
    B1,
    BARE,
    FRONTS,
    NORTH,
    PAVED,
    SOUTH,
    STONES,
    UTM,
    X,
    Y,
    block_file,
    crossing,
    front_file,
)  # fmt: skip
from tests.territory.test_build import blocks_file, build, codes
from utopias.domain.arrays import texts
from utopias.domain.errors import TableError
from utopias.domain.streets import ON_THE_FRONT, StreetFront, Streets, unknown_front
from utopias.language.sentences import sentence
from utopias.language.values import say_code
from utopias.language.words import LANGUAGES, Words
from utopias.territory.front_match import COVERED, NEAR_M, match_fronts, with_street_front
from utopias.territory.ledger import Ledger, Note, assumptions_of
from utopias.territory.osm_front import front_of
from utopias.territory.street_front import census_columns, census_words, read_street_front
from utopias.territory.town_folder import read_town, write_town

YES, NO, NOT_SAID = "Dispone", "No dispone", "No especificado"
EVERYTHING = {
    "RECUCALL": [PAVED, STONES, PAVED], "BANQUETA": [YES, NO, NO], "RAMPAS": [NO, NOT_SAID, NO],
    "ALUMPUB": [YES, NO, YES], "PASOPEAT": [NO, YES, NO],
}  # fmt: skip


def furnish(path: Path, streets: Streets | None = None, columns: str = "") -> tuple[Streets, dict[str, Note]]:
    """The streets with a census, and its notes by code."""
    said = None
    if columns:
        said = path.with_suffix(".toml")
        said.write_text(columns, encoding="utf-8")
    ledger = Ledger()
    fronts = read_street_front(path, said, ledger)
    ledger.settle()
    assert fronts is not None
    made = with_street_front(streets or crossing(), fronts, UTM, ledger)
    return made, {note.code: note for note in ledger.notes}


def refused(path: Path, columns: str = "") -> tuple[str, ...]:
    with pytest.raises(TableError) as error:
        furnish(path, columns=columns)
    return error.value.codes


def test_each_front_speaks_for_the_street_before_it_and_for_no_other(tmp_path: Path) -> None:
    made, notes = furnish(front_file(tmp_path, EVERYTHING))
    assert made.surface.tolist() == ["paved", "cobblestone", ""]
    assert made.front.sidewalk.tolist() == ["part", "no", ""]  # A: on its northern side only
    assert made.front.ramps.tolist() == ["no", "", ""]  # B: not specified is not no
    assert made.front.lit.tolist() == ["yes", "no", ""]
    assert made.front.crossing.tolist() == ["no", "yes", ""]
    # C, a third of the length, lies along no front; B is one of three edges.
    assert notes["front"].count == 2
    assert notes["front"].values == {"edges": 3, "length_share": 0.6667, "near": 25.0, "turn": 30.0}
    assert notes["front-filled"].values == {"surface": 2, "sidewalk": 2, "ramps": 1, "lit": 2, "crossing": 2}
    assert notes["front-unsaid"].values == {"some": 0, "housing": 0, "not_applicable": 0, "not_specified": 1}
    assert not {"front-apart", "front-far", "front-contradicts", "front-sides", "front-not-asked"} & set(notes)


@pytest.mark.parametrize(("labels", "codes_"), [(True, False), (False, True)])
def test_words_alone_and_codes_alone_say_the_same(tmp_path: Path, labels: bool, codes_: bool) -> None:
    whole, _ = furnish(front_file(tmp_path, EVERYTHING))
    made, _ = furnish(front_file(tmp_path, EVERYTHING, labels=labels, codes=codes_, name="other.shp"))
    for name in ON_THE_FRONT:
        assert getattr(made.front, name).tolist() == getattr(whole.front, name).tolist()
    assert made.surface.tolist() == whole.surface.tolist()


def test_whole_blocks_speak_where_all_or_none_of_their_streets_have_it(tmp_path: Path) -> None:
    file = block_file(tmp_path, {"ALUMPUB_C": ["1", "3"], "BANQUETA_C": ["2", "3"], "RECUCALL_C": ["3", "3"]})
    made, notes = furnish(file)
    assert made.front.lit.tolist() == ["part", "yes", ""]  # A has a lit block and one without light, B the lit one
    assert made.front.sidewalk.tolist() == ["no", "", ""]  # some street of the northern block: nobody says which
    assert made.surface.tolist() == ["unpaved", "unpaved", ""]
    assert notes["front-unsaid"].values["some"] == 1
    assert notes["front-not-asked"].values == {"lacking": ["RAMPAS_C", "PASOPEAT_C"]}


def test_the_map_of_today_stays_and_where_it_says_the_opposite_is_counted(tmp_path: Path) -> None:
    said = replace(unknown_front(3), lit=texts(["no", "", ""]), sidewalk=texts(["yes", "yes", ""]))
    streets = replace(crossing(), surface=texts(["dirt", "asphalt", ""]), front=said)
    made, notes = furnish(front_file(tmp_path, EVERYTHING), streets)
    assert made.surface.tolist() == ["dirt", "asphalt", ""]
    assert made.front.lit.tolist() == ["no", "no", ""]
    assert made.front.sidewalk.tolist() == ["yes", "yes", ""]
    assert notes["front-contradicts"].values == {"surface": 1, "sidewalk": 1, "ramps": 0, "lit": 1, "crossing": 0}
    assert notes["front-contradicts"].count == 3


def test_two_sides_that_differ_in_surface_leave_it_not_known(tmp_path: Path) -> None:
    made, notes = furnish(front_file(tmp_path, {"RECUCALL": [PAVED, PAVED, BARE]}))
    assert made.surface.tolist() == ["", "paved", ""]
    assert notes["front-sides"].count == 1


def test_a_front_too_far_or_across_is_used_for_nothing_and_counted(tmp_path: Path) -> None:
    fronts = [
        (NORTH, "1", A1),
        (NORTH, "2", [(8.0, NEAR_M + 1), (92.0, NEAR_M + 1)]),  # parallel to A, a metre too far
        (NORTH, "3", [(50.0, 2.0), (50.0, 20.0)]),  # across A
        (NORTH, "4", [(5_000.0, 0.0), (5_090.0, 0.0)]),  # outside the town
    ]
    made, notes = furnish(front_file(tmp_path, {"ALUMPUB": [YES, NO, NO, NO]}, fronts=fronts))
    assert made.front.lit.tolist() == ["yes", "", ""]
    assert (notes["front-apart"].count, notes["front-apart"].values["fronts"]) == (2, 3)
    assert (notes["front-far"].count, notes["front-far"].values) == (1, {"fronts": 4})


def test_a_short_front_does_not_speak_for_a_long_street(tmp_path: Path) -> None:
    # A is 100 m long: 25 m of front speak for it, 24 m do not.
    for metres, said in ((COVERED * 100, "yes"), (COVERED * 100 - 1, "")):
        fronts = [(NORTH, "1", [(8.0, 8.0), (8.0 + metres, 8.0)])]
        made, _ = furnish(front_file(tmp_path, {"ALUMPUB": [YES]}, fronts=fronts, crs="EPSG:32614"))
        assert made.front.lit[0] == said


def test_a_sidewalk_drawn_apart_and_its_carriageway_both_learn(tmp_path: Path) -> None:
    base = crossing()
    beside = np.array([(0.0, 5.0), (100.0, 5.0)]) + np.array([X, Y])
    streets = Streets(
        x=np.append(base.x, beside[:, 0]), y=np.append(base.y, beside[:, 1]),
        tail=np.append(base.tail, 4).astype(np.int32), head=np.append(base.head, 5).astype(np.int32),
        length=np.append(base.length, 100.0), rise=np.full(4, np.nan), kind=texts(["residential"] * 3 + ["footway"]),
        name=texts([""] * 4), surface=texts([""] * 4), steps=np.zeros(4, dtype=bool), foot=np.ones(4, dtype=bool),
        lines=replace(base.lines, coords=np.vstack([base.lines.coords, beside]), starts=np.arange(0, 9, 2)),
    )  # fmt: skip
    made, _ = furnish(front_file(tmp_path, {"ALUMPUB": [YES, NO, YES]}), streets)
    assert made.front.lit.tolist() == ["yes", "no", "", "yes"]


def test_a_street_closed_to_walkers_is_not_asked(tmp_path: Path) -> None:
    streets = crossing(foot=np.array([False, True, True]))
    made, notes = furnish(front_file(tmp_path, EVERYTHING), streets)
    assert made.front.lit.tolist() == ["", "no", ""]
    assert notes["front"].values["edges"] == 2


def test_a_front_beyond_the_end_of_a_street_does_not_lie_beside_it(tmp_path: Path) -> None:
    # C begins at 100 m east, 8 m from where the front ends: it runs on in the same direction.
    fronts = [(NORTH, "1", [(72.0, 8.0), (92.0, 8.0)])]
    made, _ = furnish(
        front_file(tmp_path, {"ALUMPUB": [YES]}, fronts=fronts), crossing(foot=np.array([False, True, True]))
    )
    assert made.front.lit.tolist() == ["", "", ""]


@settings(max_examples=30)
@given(st.permutations(range(6)), st.lists(st.floats(2, 24), min_size=6, max_size=6))
def test_the_order_of_the_fronts_changes_nothing_and_no_metre_is_counted_twice(
    order: list[int], away: list[float]
) -> None:
    lines = [
        shapely.LineString([(X + 5, Y + far), (X + 95, Y + far)]) if at % 2 else shapely.LineString([(X + 100 - far, Y + 5), (X + 100 - far, Y + 95)])
        for at, far in enumerate(away)
    ]  # fmt: skip
    streets, of = crossing(), np.arange(6)
    first = match_fronts(np.array(lines), of, streets)
    other = match_fronts(np.array([lines[i] for i in order]), of[order], streets)
    for found in (first, other):
        assert (np.bincount(found.front, weights=found.metres) <= 90 + 1e-6).all()
    table = [np.zeros((3, 6)), np.zeros((3, 6))]
    for found, sums in zip((first, other), table, strict=True):
        np.add.at(sums, (found.edge, found.front), found.metres)
    assert np.allclose(*table)


def test_a_code_nobody_explained_is_refused_and_a_column_file_may_explain_it(tmp_path: Path) -> None:
    file = front_file(tmp_path, {"ALUMPUB": ["1", "2", "2"]}, labels=False)
    with pytest.raises(TableError) as error:
        furnish(file)
    fault = error.value.faults[0]
    assert (fault.code, fault.count, fault.first) == ("unknown-code", 2, "row 2: '2'")
    assert "ALUMPUB" in fault.where
    assert '[values.lit] "2" = "no"' in fault.mend
    made, _ = furnish(file, columns='[values.lit]\n"2" = "no"\n')
    assert made.front.lit.tolist() == ["part", "no", ""]
    # "part" here: the southern front has none (2), the northern one has.
    made, notes = furnish(file, columns='[values.lit]\n"2" = "not known"\n')
    assert made.front.lit.tolist() == ["yes", "", ""]
    assert notes["front-unsaid"].values["not_specified"] == 2


def test_any_other_census_is_read_with_a_column_file(tmp_path: Path) -> None:
    drawn = [shapely.LineString(np.array(line) + np.array([X, Y])) for line in (A1, B1, A2)]
    gpd.GeoDataFrame(
        {"quadra": ["q1", "q1", "q2"], "face": [1, 2, 1], "luz": ["sim", "não", "sim"]},
        geometry=drawn,
        crs="EPSG:32614",
    ).to_file(tmp_path / "faces.gpkg")
    made, _ = furnish(
        tmp_path / "faces.gpkg",
        columns='[columns]\nblock_id = "quadra"\nfront = "face"\nlit = "luz"\n[values.lit]\n"sim" = "yes"\n"não" = "no"\n',
    )
    assert made.front.lit.tolist() == ["yes", "no", ""]


def test_all_faults_of_a_census_come_at_once(tmp_path: Path) -> None:
    file = front_file(tmp_path, {"ALUMPUB": ["Tal vez", YES, YES], "RAMPAS": [YES, "?", NO]})
    table = gpd.read_file(file)
    table.drop(columns="CVEFT").to_file(file, encoding="utf-8")
    assert refused(file) == ("missing-column", "unknown-code", "unknown-code")


def test_a_front_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError) as error:
        furnish(front_file(tmp_path, {"ALUMPUB": [YES] * 4}, fronts=[*FRONTS, FRONTS[1]]))
    fault = error.value.faults[0]
    assert (fault.code, fault.count, fault.first) == ("duplicate-front", 1, f"row 4: {NORTH} 2")
    twice = block_file(tmp_path, {"ALUMPUB_C": ["1", "3"]})
    table = gpd.read_file(twice)
    table["CVEGEO"] = SOUTH
    table.to_file(twice)
    assert refused(twice) == ("duplicate-front",)


def test_fronts_elsewhere_or_without_a_system_or_in_a_wrong_one_are_refused(tmp_path: Path) -> None:
    assert refused(front_file(tmp_path, EVERYTHING, shift=(60_000, 0))) == ("front-elsewhere",)
    assert refused(front_file(tmp_path, EVERYTHING, crs=None, name="nowhere.shp")) == ("no-crs",)
    assert refused(front_file(tmp_path, EVERYTHING), columns='crs = "EPSG:32614"\n') == ("two-crs",)
    metres = gpd.read_file(front_file(tmp_path, EVERYTHING)).set_crs("EPSG:4326", allow_override=True)
    metres.to_file(tmp_path / "metres.gpkg")
    assert refused(tmp_path / "metres.gpkg") == ("metres-in-degrees",)


def test_what_is_no_census_of_fronts_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.shp") == ("no-such-file",)
    (tmp_path / "table.csv").write_text("CVEGEO,CVEFT,ALUMPUB\n1,1,1\n")
    assert refused(tmp_path / "table.csv") == ("no-shapes",)
    points = gpd.GeoDataFrame({"CVEGEO": ["1"], "CVEFT": ["1"]}, geometry=[shapely.Point(X, Y)], crs="EPSG:32614")
    points.to_file(tmp_path / "points.gpkg")
    assert refused(tmp_path / "points.gpkg") == ("not-fronts",)
    assert refused(front_file(tmp_path, {})) == ("no-measures",)


def street_file(folder: Path) -> Path:
    streets = crossing()
    lines = [shapely.LineString(streets.lines.coords[a : a + 2]) for a in (0, 2, 4)]
    gpd.GeoDataFrame({"class": ["residential"] * 3}, geometry=lines, crs="EPSG:32614").to_file(folder / "streets.gpkg")
    return folder / "streets.gpkg"


def test_a_town_is_built_with_its_front_says_so_and_comes_back_from_its_folder(tmp_path: Path) -> None:
    town = build(tmp_path, streets=street_file(tmp_path), street_front=front_file(tmp_path, EVERYTHING))
    assert town.streets is not None
    assert sorted(town.streets.front.lit.tolist()) == ["", "no", "yes"]
    assert {"built-front", "built-front-filled"} <= {one.code for one in town.assumptions}
    assert "INV2020_IND_EU_FTE_09.shp" in {source.name for source in town.sources}
    back = read_town(write_town(town, tmp_path / "folder"))
    assert back.streets is not None
    assert back.streets.front.lit.tolist() == town.streets.front.lit.tolist()


def test_a_census_without_streets_and_a_bad_one_are_told_with_all_else(tmp_path: Path) -> None:
    assert codes(tmp_path, street_front=front_file(tmp_path, EVERYTHING)) == ("front-without-streets",)
    found = codes(
        tmp_path, streets=street_file(tmp_path), street_front=tmp_path / "none.shp", sites=tmp_path / "none.csv"
    )
    assert found == ("no-such-file", "no-such-file")


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"highway": "residential"}, ("", "", "", "")),
        ({"highway": "residential", "lit": "yes", "sidewalk": "both"}, ("yes", "", "yes", "")),
        ({"highway": "residential", "lit": "no", "sidewalk": "left"}, ("part", "", "no", "")),
        ({"highway": "residential", "lit": "24/7", "sidewalk": "none"}, ("no", "", "yes", "")),
        ({"highway": "residential", "sidewalk:left": "yes", "sidewalk:right": "no"}, ("part", "", "", "")),
        ({"highway": "residential", "sidewalk:left": "no"}, ("", "", "", "")),
        ({"highway": "footway", "footway": "sidewalk"}, ("yes", "", "", "")),
        ({"highway": "footway", "footway": "crossing", "crossing": "zebra", "kerb": "lowered"}, ("", "yes", "", "yes")),
        ({"highway": "footway", "footway": "crossing", "crossing": "unmarked", "kerb": "raised"}, ("", "no", "", "no")),
        ({"highway": "footway", "footway": "crossing"}, ("", "", "", "")),
    ],
)
def test_openstreetmap_says_what_it_is_tagged_with_and_silence_is_not_no(
    tags: dict[str, str], said: tuple[str, ...]
) -> None:
    assert tuple(front_of(tags)) == said


def test_the_data_of_the_census_know_every_measure_at_both_levels() -> None:
    for level in ("front", "block"):
        for measure in ("surface", *ON_THE_FRONT):
            assert census_columns()[level, measure]
            values = {value for value, _ in census_words(level, measure).values()}
            assert values == ({"paved", "unpaved", ""} | ({"cobblestone"} if level == "front" else set()) if measure == "surface" else {"yes", "no", ""})  # fmt: skip


def test_a_front_of_four_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        StreetFront(texts([""]), texts([""]), texts([""]), texts([]))


def test_every_language_says_what_the_census_did(tmp_path: Path) -> None:
    blocks_file(tmp_path, 3)
    _, notes = furnish(front_file(tmp_path, EVERYTHING))
    for one in assumptions_of(notes.values()):
        for language in LANGUAGES:
            assert "INV2020_IND_EU_FTE_09.shp" in say_code(
                Words(language), one.code and f"assumption.{one.code}", one.values
            )
    with pytest.raises(TableError) as error:
        furnish(front_file(tmp_path, {"ALUMPUB": ["5", "5", "5"]}, labels=False))
    fault = error.value.faults[0]
    assert "código que no se conoce: '5'" in sentence(fault.what, "es")
    assert "code inconnu" in sentence(fault.what, "fr")
