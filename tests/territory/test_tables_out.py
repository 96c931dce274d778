"""The plan as a folder of tables: opened by a spreadsheet without harm, by programs without loss, and explained."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import geopandas
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.territory.toy_plan import toy_plan
from utopias.domain.errors import ProblemError, TableError
from utopias.domain.plan import Plan
from utopias.domain.tables import columns
from utopias.language.tables import spoken, table_words
from utopias.territory.export import to_geodataframe
from utopias.territory.tables_out import DECLARED, FORMULA_SIGNS, PLAIN, guarded_cells, write_blocks, write_tables

TABLES = ("blocks", "places", "modules", "comparison", "about")


def read(path: Path, **how: str) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", **how)  # type: ignore[call-overload]


def with_names(plan: Plan, *names: str) -> Plan:
    """The toy plan with other names for its first places."""
    study = plan.study
    assert study is not None
    places = study.places.copy()
    places.loc[places.index[: len(names)], "name"] = list(names)
    return plan.with_(study=replace(study, places=places))


def test_every_column_of_every_table_is_explained(tmp_path: Path) -> None:
    folder = write_tables(toy_plan(), to=tmp_path / "tables")
    sheet = read(folder / "columns.csv")
    assert list(sheet.columns) == ["table", "column", "type", "unit", "meaning", "source"]
    explained = set(zip(sheet["table"], sheet["column"], strict=True))
    for name in TABLES:
        assert {(name, column) for column in read(folder / f"{name}.csv").columns} <= explained
    assert (sheet["meaning"] != "").all()
    said = sheet.set_index(["table", "column"])
    assert said.loc[("places", "cost"), "unit"] == "MXN"
    assert said.loc[("blocks", "people"), ["type", "unit"]].tolist() == ["number", "persons"]
    assert said.loc[("blocks", "older people"), "meaning"] == "older people (estimate: a fifth)"


def test_a_key_keeps_its_zeros_and_an_unknown_cell_is_empty(tmp_path: Path) -> None:
    folder = write_tables(toy_plan(), to=tmp_path / "tables")
    blocks = read(folder / "blocks.csv")
    assert blocks["block_id"][0] == "0000A"
    assert blocks["area_id"][0] == "09007"
    assert read(folder / "places.csv")["cost"][0] == ""


def test_the_geoparquet_layers_say_the_same_with_outlines_and_a_reference_system(tmp_path: Path) -> None:
    folder = write_tables(toy_plan(), to=tmp_path / "tables")
    layers = {name: geopandas.read_parquet(folder / f"{name}.parquet") for name in ("blocks", "units", "sites", "providers")}  # fmt: skip
    assert {name: len(layer) for name, layer in layers.items()} == {"blocks": 13, "units": 1, "sites": 3, "providers": 1}  # fmt: skip
    assert {layer.crs.to_epsg() for layer in layers.values()} == {32614}
    assert layers["blocks"].geometry.area.tolist() == pytest.approx([6400.0] * 13)
    assert layers["blocks"]["gain"].sum() == 600.0
    assert layers["sites"].set_index("place_id")["number"].dropna().to_dict() == {"b": 1}


def test_one_parquet_file_holds_the_blocks_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "blocks.parquet"
    path.write_text("old")
    assert geopandas.read_parquet(write_blocks(toy_plan(), to=path))["reach"].value_counts()["gained"] == 6
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("spreadsheet", ["", "point", "comma"])
def test_no_name_can_run_as_a_formula_and_the_geoparquet_has_it_exact(tmp_path: Path, spreadsheet: str) -> None:
    evil = ['=HYPERLINK("http://x","y")', "+1", "@SUM(A1)"]
    folder = write_tables(with_names(toy_plan(), *evil), to=tmp_path / "tables", spreadsheet=spreadsheet)  # type: ignore[arg-type]
    written = read(folder / "places.csv", sep=";" if spreadsheet == "comma" else ",")["name"].tolist()
    assert written[:3] == ["'" + name for name in evil]
    assert "3 cells" in (folder / "README.txt").read_text(encoding="utf-8-sig")
    exact = [*geopandas.read_parquet(folder / "units.parquet")["name"], *geopandas.read_parquet(folder / "sites.parquet")["name"]]  # fmt: skip
    assert exact[:3] == evil


@given(st.lists(st.text(st.sampled_from("=+-@\t\r\n'09aá\"; ,"), max_size=6), min_size=1, max_size=8), st.booleans())
def test_no_text_whatever_begins_as_a_formula_but_our_own_for_digits(texts: list[str], digits: bool) -> None:
    made, count = guarded_cells(pd.DataFrame({"t": pd.Series(texts, dtype=object)}), digits_as_text=digits)
    for old, new in zip(texts, made["t"].tolist(), strict=True):
        own = re.fullmatch(r'="(\d+)"', new)
        assert not new.startswith(FORMULA_SIGNS) or (digits and own is not None and own[1] == old)
        assert new in (old, "'" + old) or own is not None, "nothing else is changed"
    assert count == sum(text.startswith(FORMULA_SIGNS) for text in texts)


def test_numbers_below_zero_stay_numbers_and_a_column_name_is_guarded_too() -> None:
    made, count = guarded_cells(pd.DataFrame({"=x": [-1.5, 2.0]}))
    assert made["'=x"].tolist() == [-1.5, 2.0]
    assert count == 1


@pytest.mark.parametrize(("spreadsheet", "sep", "number"), [("point", ",", "0.5"), ("comma", ";", "0,5")])
def test_for_excel_there_is_a_mark_the_separators_of_the_country_and_whole_keys(
    tmp_path: Path, spreadsheet: str, sep: str, number: str
) -> None:
    folder = write_tables(
        with_names(toy_plan(), "Iztapalápa; ñandú, «uno»"), to=tmp_path / "x", spreadsheet=spreadsheet
    )  # type: ignore[arg-type]
    raw = (folder / "blocks.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 14
    blocks = read(folder / "blocks.csv", sep=sep)
    assert blocks["area_id"][0] == '="09007"'
    assert blocks["need"][6] == number
    assert read(folder / "places.csv", sep=sep)["name"][0] == "Iztapalápa; ñandú, «uno»"


def test_without_excel_there_is_no_mark_and_keys_are_plain(tmp_path: Path) -> None:
    raw = (write_tables(toy_plan(), to=tmp_path / "x") / "blocks.csv").read_bytes()
    assert raw.startswith(b"block_id,")
    assert b"\r" not in raw


def test_the_readme_says_what_it_is_sources_licences_the_day_and_how_to_cite(tmp_path: Path) -> None:
    text = (write_tables(toy_plan(), to=tmp_path / "x", day="2026-03-01") / "README.txt").read_text(encoding="utf-8")
    for said in ("Pueblo de juguete", "made up", "gap 0.000%", "Proven within the model", "invented for the tests", "Apache-2.0",
                 "HOW TO CITE", "Written on 2026-03-01", "blocks.csv: rows 13"):  # fmt: skip
        assert said in text
    doubt = toy_plan().with_(proven=False, bound=1100.0, stopped="clock")
    text = (write_tables(doubt, to=tmp_path / "y") / "README.txt").read_text(encoding="utf-8")
    assert "Not proven" in text
    assert "Written on" not in text


@pytest.mark.parametrize("language", ["es", "fr"])
def test_meanings_and_readme_are_in_the_readers_language(tmp_path: Path, language: str) -> None:
    say = spoken(language)
    texts = {c.meaning for name in DECLARED.values() for c in columns(name)} | {row[2] for row in PLAIN.values()}
    assert not sorted(text for text in texts if say(text) == text)
    plan = toy_plan()
    english = (write_tables(plan, to=tmp_path / "en") / "README.txt").read_text(encoding="utf-8").splitlines()
    for spreadsheet in ("", "point", "comma"):
        folder = write_tables(plan, to=tmp_path / f"{language}{spreadsheet}", language=language, say=spoken(language), spreadsheet=spreadsheet)  # type: ignore[arg-type]  # fmt: skip
        said = (folder / "README.txt").read_text(encoding="utf-8-sig").splitlines()
        same = {line for line in said if line and line in english}
        assert same == {line for line in english if "invented for the tests" in line and line.startswith("invented")}
    sheet = read(tmp_path / language / "columns.csv").set_index(["table", "column"])
    assert sheet.loc[("blocks", "people"), "meaning"] != "everybody who lives here"
    word = {"es": "estimación: a fifth", "fr": "estimation : a fifth"}[language]
    assert word in sheet.loc[("blocks", "older people"), "meaning"].replace("\u00a0", " ")


def test_a_translation_has_the_places_of_its_sentence() -> None:
    for language in ("es", "fr"):
        for english, told in table_words(language).items():
            assert set(re.findall(r"\{(\w+)", told)) == set(re.findall(r"\{(\w+)", english)), english
    assert table_words("es").keys() == table_words("fr").keys()


def test_a_folder_is_replaced_only_when_asked_and_only_ours(tmp_path: Path) -> None:
    folder = write_tables(toy_plan(), to=tmp_path / "x")
    with pytest.raises(TableError) as caught:
        write_tables(toy_plan(), to=folder)
    assert caught.value.codes == ("already-there",)
    write_tables(toy_plan().with_(value=900.0), to=folder, replace=True)
    assert "value 900" in (folder / "README.txt").read_text(encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(TableError) as caught:
        write_tables(toy_plan(), to=tmp_path / "mine", replace=True)
    assert caught.value.codes == ("not-ours",)


def test_a_plan_of_bare_numbers_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        write_tables(toy_plan().with_(study=None), to=tmp_path / "x")
    assert caught.value.codes == ("no-study",)
    assert list(tmp_path.iterdir()) == []


def test_a_plan_becomes_a_geodataframe_of_its_blocks() -> None:
    frame = to_geodataframe(toy_plan())
    assert frame.crs.to_epsg() == 32614
    assert frame["reach"].value_counts()["gained"] == 6


def test_an_export_never_takes_the_place_of_its_own_plan(tmp_path: Path) -> None:
    toy_plan().save(tmp_path / "plan")
    with pytest.raises(TableError) as refused:
        write_tables(Plan.load(tmp_path / "plan"), to=tmp_path / "plan", replace=True)
    assert refused.value.codes == ("another-kind",)
    assert Plan.load(tmp_path / "plan").site_ids
