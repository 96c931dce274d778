"""INEGI's census of 2020: totals are never counted, stars are found from the totals, and both are told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import Phase, given, settings

from tests.shared_data import shared_data
from tests.territory.census_files import (
    AGES,
    MNEMONICS,
    WOMEN,
    Block,
    Person,
    cities,
    counts_of,
    crowd,
    rows_of,
    write_census,
)  # fmt: skip
from tests.territory.test_build import X, Y, build
from utopias.domain.errors import TableError
from utopias.domain.town import Town
from utopias.language.values import say_code
from utopias.language.words import LANGUAGES, Words
from utopias.territory.census import COUNTED, ESTIMATED, KEYS, MEANS, PEOPLE, READ, WOMEN_TO_49, WOMEN_TO_59
from utopias.territory.census_counts import BANDS
from utopias.territory.column_file import parse_column_file
from utopias.territory.delimited import read_delimited
from utopias.territory.files import ReadTable, read_table
from utopias.territory.ledger import assumptions_of

LARGE = Block("001A", "001", crowd(10, 1, 4, 8, 13, 16, 20, 30, 70))
SMALL = Block("001A", "002", (*crowd(4, 30), Person(1), Person(70, woman=True), Person(70)))
HIDDEN = Block("001A", "003", crowd(3, 8, 30), dwellings=2)
CITY = [LARGE, SMALL, HIDDEN, Block("0020", "010", crowd(5, 20, 40)), Block("0020", "011", (), 0)]


def read(folder: Path, blocks: list[Block], said: str = "", *, masked: bool = True) -> ReadTable:
    file = write_census(folder / "RESAGEBURB_09.csv", rows_of(blocks, masked=masked))
    return read_table(file, parse_column_file(said), table="blocks")


def shapes_file(folder: Path, keys: list[str], name: str = "manzanas.gpkg") -> Path:
    boxes = [shapely.box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(keys))]
    gpd.GeoDataFrame({"CVEGEO": keys}, geometry=boxes, crs="EPSG:32614").to_file(folder / name)
    return folder / name


def keys_of(blocks: list[Block]) -> list[str]:
    return ["".join(block.codes) for block in blocks]


def town_of(folder: Path, city: list[Block], **said) -> Town:
    given = {"blocks": write_census(folder / "RESAGEBURB_09.csv", rows_of(city)), "key": "CVEGEO"} | said
    return build(folder, **({"shapes": shapes_file(folder, keys_of(city))} if "shapes" not in said else {}), **given)


def notes_of(table: ReadTable) -> dict[str, object]:
    return {note.code: note for note in table.notes}


def true(blocks: list[Block], name: str) -> list[int]:
    return [counts_of(block.people, block.dwellings)[name] for block in blocks]


def test_totals_are_never_counted_and_keys_are_text(tmp_path: Path) -> None:
    table = read(tmp_path, CITY)
    assert table.frame["block_id"].tolist() == keys_of(CITY)
    assert table.frame["block_id"][0] == "090070001001A001"
    assert table.frame["area_id"].tolist() == ["090070001001A"] * 3 + ["0900700010020"] * 2
    assert table.frame["people"].tolist() == [80, 7, 6, 10, 0]
    note = notes_of(table)["census-blocks"]
    assert (note.count, note.values) == (5, {"totals": 5})  # state, municipality, locality, two AGEBs
    assert table.rows.tolist() == [5, 6, 7, 9, 10]


def test_where_nothing_is_withheld_the_blocks_sum_to_the_municipality(tmp_path: Path) -> None:
    table = read(tmp_path, CITY, masked=False)
    counts = counts_of(tuple(one for block in CITY for one in block.people), 0)
    assert table.frame["people"].sum() == counts["POBTOT"]
    for group, names in COUNTED.items():
        assert table.frame[group].tolist() == [sum(true([block], name)[0] for name in names) for block in CITY]
    assert "census-imputed" not in notes_of(table)
    assert "census-sums-differ" not in notes_of(table)


def test_one_star_beside_a_published_total_is_found_exactly(tmp_path: Path) -> None:
    table = read(tmp_path, [LARGE, SMALL])
    assert table.frame["children 0-5"].tolist() == [20, 1]
    assert table.frame["older people"].tolist() == [10, 2]


def test_a_row_withheld_whole_may_hold_more_than_two(tmp_path: Path) -> None:
    frame = read(tmp_path, [LARGE, HIDDEN]).frame
    assert frame["children 6-14"].tolist() == pytest.approx([20, 3])
    assert frame["women"].tolist() == pytest.approx(
        [sum(one.woman for one in block.people) for block in (LARGE, HIDDEN)]
    )


def test_young_people_and_adults_are_estimates_that_say_their_formula(tmp_path: Path) -> None:
    table = read(tmp_path, CITY, masked=False)
    young, adults = table.said.groups["young people"], table.said.groups["adults"]
    assert young.estimated
    assert adults.estimated
    # Every woman here between 25 and 59 is under 50, so a fifth of those between 25 and 59 is 25 to 29.
    assert young.formula.text == "P_15A17 + P_18A24 + 0.2000 * (P_18YMAS - P_18A24 - P_60YMAS)"
    assert table.frame["young people"][0] == pytest.approx(20 + 0.2 * 10)
    assert table.frame["adults"][0] == pytest.approx(0.8 * 10)
    assert notes_of(table)["census-young"].values == {"to_49_share": 1.0, "young_share": 0.2}


def test_the_share_under_fifty_is_that_of_the_files_women(tmp_path: Path) -> None:
    women = tuple(Person(age, woman=True) for age in (30, 40, 55, 58))
    table = read(tmp_path, [Block("0010", "001", women * 5)], masked=False)
    assert notes_of(table)["census-young"].values == {"to_49_share": 0.5, "young_share": pytest.approx(0.1)}


def test_what_is_imputed_is_told_for_each_group(tmp_path: Path) -> None:
    note = notes_of(read(tmp_path, CITY))["census-imputed"]
    share = note.values["share"]
    # SMALL's two and HIDDEN's none, of the twelve in the city
    assert share["older people"] == pytest.approx(2 / 12, abs=0.002)
    assert share["children 0-5"] == pytest.approx(1 / 21, abs=0.002)
    assert "all" not in share
    assert "people with disability" not in share, "nobody has one, and the AGEB says so"


def test_an_ageb_withheld_too_is_raked_to_its_locality_and_its_bounds_are_told(tmp_path: Path) -> None:
    hidden = Block("0030", "001", crowd(2, 8, 30), dwellings=2)
    other = Block("0040", "001", crowd(3, 8, 30), dwellings=2)
    table = read(tmp_path, [LARGE, hidden, other])
    assert table.frame["children 6-14"].sum() == pytest.approx(25)
    assert table.frame["children 6-14"].tolist() == pytest.approx([20, 2, 3])
    assert not (table.frame["people"] < table.frame["children 6-14"]).any()
    bounds = notes_of(table)["census-bounds"].values
    low, high = bounds["people_least"]["children 6-14"], bounds["people_most"]["children 6-14"]
    assert low <= 25 <= high


def test_without_total_rows_a_star_is_taken_at_the_rate_of_the_others(tmp_path: Path) -> None:
    table = read(tmp_path, CITY, '[leave_out]\nMZA = "000"')
    assert table.frame["people"].tolist() == [80, 7, 6, 10, 0]
    older = table.frame["older people"].tolist()
    assert older[0] == 10
    assert 0 < older[1] <= 2
    assert "census-bounds" in notes_of(table)


def test_blocks_left_out_do_not_push_their_people_onto_the_others(tmp_path: Path) -> None:
    table = read(tmp_path, CITY, '[leave_out]\nMZA = "001"')
    assert table.frame["older people"].tolist()[0] <= 2
    differ = notes_of(table)["census-sums-differ"]
    assert (differ.count, differ.values) == (1, {"people": 80.0})


def test_not_available_is_found_from_the_total_without_a_limit_of_two(tmp_path: Path) -> None:
    rows = rows_of([LARGE, SMALL])
    next(row for row in rows if row["MZA"] == "001")["P_60YMAS"] = "N/D"
    table = read_table(write_census(tmp_path / "c.csv", rows), table="blocks")
    assert table.frame["older people"].sum() == pytest.approx(12)
    assert table.frame["older people"][1] <= 2


def test_people_not_available_anywhere_are_a_fault(tmp_path: Path) -> None:
    rows = rows_of([LARGE, SMALL])
    for row in rows:
        row["POBTOT"] = "N/D"
    with pytest.raises(TableError) as error:
        read_table(write_census(tmp_path / "c.csv", rows), table="blocks")
    assert error.value.codes == ("missing-people",)


def test_a_value_for_the_star_in_the_column_file_overrules_the_totals(tmp_path: Path) -> None:
    table = read(tmp_path, CITY, 'masked = 1.5\nmissing = ["N/D"]')
    assert table.frame["older people"].tolist()[:2] == [10, 1.5]
    assert "census-imputed" not in notes_of(table)
    assert len(table) == 5


def test_the_column_file_adds_its_own_groups_and_they_are_raked_as_well(tmp_path: Path) -> None:
    table = read(tmp_path, [LARGE, SMALL], '[groups]\n"older people" = "P_60YMAS_F"\n"babies" = "P_0A2"')
    assert table.frame["babies"].tolist() == [10, 1]
    assert table.frame["older people"].tolist() == [5, 1]
    assert "women" in table.frame.columns


def test_a_mean_is_never_raked(tmp_path: Path) -> None:
    rows = rows_of([LARGE, SMALL])
    for row in rows:
        row["GRAPROES"] = "*" if row["MZA"] == "002" else "9.5"
    file = write_census(tmp_path / "c.csv", rows)
    said = '[indicators]\nschooling = { column = "GRAPROES" }'
    with pytest.raises(TableError) as error:
        read_table(file, parse_column_file(said), table="blocks")
    assert error.value.codes == ("missing-indicator",)
    table = read_table(file, parse_column_file('missing = ["*"]\n' + said.replace("}", ", fill = 9 }")), table="blocks")
    assert table.frame["schooling"].tolist() == [9.5, 9]


def test_zeros_that_a_spreadsheet_dropped_come_back(tmp_path: Path) -> None:
    rows = rows_of(CITY)
    for row in rows:
        row |= {key: row[key].lstrip("0") or "0" for key in KEYS}
    table = read_table(write_census(tmp_path / "c.csv", rows), table="blocks")
    assert table.frame["block_id"].tolist() == keys_of(CITY)


def test_repeated_rows_and_codes_that_are_none_are_faults(tmp_path: Path) -> None:
    rows = rows_of(CITY)
    with pytest.raises(TableError) as error:
        read_table(write_census(tmp_path / "c.csv", [*rows, rows[-1]]), table="blocks")
    assert error.value.codes == ("duplicate-key",)
    rows[-1]["AGEB"], rows[-2]["MZA"] = "00-1", ""
    with pytest.raises(TableError) as error:
        read_table(write_census(tmp_path / "c.csv", rows), table="blocks")
    assert error.value.codes == ("bad-key",)
    assert error.value.faults[0].count == 2


def test_a_count_under_zero_or_of_letters_is_a_fault(tmp_path: Path) -> None:
    rows = rows_of(CITY)
    rows[-1]["P_0A2"], rows[-2]["P_3A5"] = "-1", "three"
    with pytest.raises(TableError) as error:
        read_table(write_census(tmp_path / "c.csv", rows), table="blocks")
    assert set(error.value.codes) == {"out-of-range", "not-a-number"}


def test_a_layout_that_the_file_has_not_is_a_fault_and_plain_reads_it_as_any_table(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("CVEGEO,POBTOT\n1,5\n")
    with pytest.raises(TableError) as error:
        read_table(file, parse_column_file('layout = "inegi-2020"'), table="blocks")
    assert error.value.codes == ("no-such-column",)
    with pytest.raises(TableError) as error:
        parse_column_file('layout = "inegi-1950"')
    assert error.value.codes == ("bad-value",)
    whole = read_table(
        write_census(tmp_path / "d.csv", rows_of(CITY)), parse_column_file('layout = "plain"'), table="blocks"
    )
    assert len(whole) == 10


def test_a_town_of_blocks_needs_no_column_file(tmp_path: Path) -> None:
    town = town_of(tmp_path, CITY)
    assert town.planned_people == 103
    assert town.blocks.ids.tolist() == keys_of(CITY)
    assert town.demand("young people").estimated
    assert town.sources[0].name.startswith("INEGI, Censo de Población y Vivienda 2020")
    told = {one.code for one in town.assumptions}
    assert {"built-census-blocks", "built-census-imputed", "built-census-young"} <= told


def test_shapes_of_agebs_ask_for_the_rows_of_agebs(tmp_path: Path) -> None:
    shapes = shapes_file(tmp_path, ["090070001001A", "0900700010020"], "agebs.gpkg")
    town = town_of(tmp_path, CITY, shapes=shapes)
    assert town.blocks.ids.tolist() == ["090070001001A", "0900700010020"]
    assert town.blocks.people.tolist() == [93, 10]
    assert "built-census-agebs" in {one.code for one in town.assumptions}


def test_a_file_of_agebs_alone_does_not_fit_shapes_of_blocks(tmp_path: Path) -> None:
    file = write_census(tmp_path / "agebs.csv", [row for row in rows_of(CITY) if row["MZA"] == "000"])
    shapes = shapes_file(tmp_path, keys_of(CITY))
    with pytest.raises(TableError) as error:
        build(tmp_path, blocks=file, shapes=shapes, key="CVEGEO")
    assert error.value.codes == ("no-rows",)
    assert read_table(file, table="blocks").frame["people"].tolist() == [93, 10]


def test_a_block_without_a_shape_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError) as error:
        town_of(tmp_path, CITY, shapes=shapes_file(tmp_path, keys_of(CITY)[:-1], "fewer.gpkg"))
    assert error.value.codes == ("unmatched-keys",)
    assert "0900700010020011" in error.value.faults[0].first


def test_the_surroundings_may_be_another_municipality_of_the_same_layout(tmp_path: Path) -> None:
    around = [Block("0010", "001", crowd(3, 8, 30), mun="009"), Block("0010", "002", crowd(1, 8), mun="009")]
    file = write_census(tmp_path / "other.csv", rows_of(around))
    shapes = shapes_file(tmp_path, keys_of(CITY + around))
    town = town_of(tmp_path, CITY, shapes=shapes, surroundings=file)
    assert town.planned_people == 103
    assert town.blocks.people[~town.blocks.planned].tolist() == [6, 1]


def test_one_file_gives_the_town_and_its_surroundings(tmp_path: Path) -> None:
    around = [Block("0010", "001", crowd(3, 8, 30), mun="009")]
    file = write_census(tmp_path / "state.csv", rows_of(CITY + around))
    shapes = shapes_file(tmp_path, keys_of(CITY + around))
    town = town_of(
        tmp_path, CITY, blocks=file, blocks_columns='[only]\nMUN = "007"', shapes=shapes, surroundings=file,
        surroundings_columns='[leave_out]\nMUN = "007"',
    )  # fmt: skip
    assert town.planned_people == 103
    assert town.blocks.people[~town.blocks.planned].tolist() == [6]


def test_every_language_has_words_for_what_was_done(tmp_path: Path) -> None:
    hidden = [Block("0030", "001", crowd(2, 8, 30), dwellings=2), Block("0040", "001", crowd(3, 8, 30), dwellings=2)]
    blocks = [*CITY, *hidden]
    notes = [*read(tmp_path, blocks).notes, *read(tmp_path, CITY, '[leave_out]\nMZA = "001"').notes]
    agebs = read_table(
        write_census(tmp_path / "a.csv", [r for r in rows_of(CITY) if r["MZA"] == "000"]), table="blocks"
    )
    told = assumptions_of([*notes, *agebs.notes])
    codes = {one.code for one in told}
    assert codes >= {f"built-census-{one}" for one in ("blocks", "agebs", "imputed", "bounds", "sums-differ", "young")}
    for language in LANGUAGES:
        for one in told:
            said = say_code(Words(language), f"assumption.{one.code}", one.values)
            assert "{" not in said
    values = {"where": "c.csv", "count": 3, "share": {"older people": 0.0214}}
    assert "Personas mayores (60 años y más): 2.1%" in say_code(Words("es"), "assumption.built-census-imputed", values)


NEEDED = [name for name in MNEMONICS if name in {*KEYS, *READ, *WOMEN_TO_49, *WOMEN_TO_59}]  # the others cost time


@settings(max_examples=30, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(cities())
def test_blocks_come_to_their_agebs_and_no_band_is_under_zero_or_over_the_people(blocks: list[Block]) -> None:
    if not any(block.people for block in blocks):
        return
    rows = rows_of(blocks)
    with tempfile.TemporaryDirectory() as folder:
        table = read_table(write_census(Path(folder) / "c.csv", rows, NEEDED), table="blocks")
    frame = table.frame
    assert frame["people"].tolist() == true(blocks, "POBTOT")
    assert (frame[list(BANDS)].sum(axis=1) <= frame["people"] + 1e-6).all()
    published = {row["AGEB"]: row for row in rows if row["MZA"] == "000" and row["AGEB"] != "0000"}
    by_row = {row["AGEB"] + row["MZA"]: row for row in rows}
    for name in READ:
        values = frame[name].to_numpy()
        assert (values >= 0).all(), name
        assert (values <= frame["people"] + 1e-9).all(), name
        for i, block in enumerate(blocks):
            shown = by_row[block.ageb + block.mza][name]
            assert shown == "*" or values[i] == float(shown), name
        near = 0.5 if name in (*BANDS, "P_18YMAS") else 1e-6  # bands must fit the people of their block as well
        for ageb, row in published.items():
            inside = np.array([block.ageb == ageb for block in blocks])
            if "*" not in {row[band] for band in (*BANDS, "P_18YMAS", name)}:
                assert values[inside].sum() == pytest.approx(float(row[name]), abs=near), name
    for group in (*COUNTED, "young people", "adults"):
        assert (frame[group] <= frame["people"] + 1e-6).all(), group
        assert (frame[group] >= -1e-9).all(), group


@pytest.mark.real_data
def test_every_mnemonic_is_in_inegis_dictionary() -> None:
    file = shared_data("people", "inegi_dictionary_ageb_manzana_cpv2020.csv")
    dictionary = read_delimited(file, parse_column_file("skip = 3").format)
    names = dictionary["Mnemónico"].tolist()
    assert names == MNEMONICS
    assert {*KEYS, *READ, *MEANS, *BANDS, *ESTIMATED, *WOMEN_TO_49, *WOMEN_TO_59, PEOPLE} <= {*names}
    described = dict(zip(names, dictionary["Indicador"], strict=True))
    assert described["PCON_DISC"] == "Población con discapacidad"
    for name, (first, last) in (AGES | WOMEN).items():
        ages = f"de {first} a {last} años" if last < 130 else f"de {first} años y más"
        assert ages in described[name], name


@pytest.mark.parametrize("seed", range(5))
def test_where_an_ageb_publishes_its_bands_its_blocks_come_to_every_one_of_them(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    blocks = []
    for mza in range(1, 31):
        ages = (95 * rng.beta(1.3, 2, size=int(rng.integers(1, 40)))).astype(int)
        people = tuple(Person(int(age), bool(rng.random() < 0.52)) for age in ages)
        blocks.append(Block("001A", f"{mza:03d}", people, max(1, len(people) // 4)))
    rows = rows_of(blocks)
    table = read_table(write_census(tmp_path / "c.csv", rows, NEEDED), table="blocks")
    (ageb,) = (row for row in rows if row["NOM_LOC"] == "Total AGEB urbana")
    assert sum(row["P_3A5"] == "*" for row in rows) > 5
    for name in (*BANDS, "P_18YMAS"):
        assert table.frame[name].sum() == pytest.approx(float(ageb[name]), abs=0.05), name
    assert (table.frame[list(BANDS)].sum(axis=1) <= table.frame["people"] + 1e-6).all()
    assert "census-sums-differ" not in notes_of(table)
