"""A recipe is read with every fault at once; the recipes that come along are whole, and claim nothing nobody tried."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from tests.territory.gather.server import Site
from tests.territory.gather.small_city import square
from utopias.domain.errors import TableError
from utopias.domain.sentences import Sentence
from utopias.language.words import LANGUAGES
from utopias.territory.column_file import read_column_file
from utopias.territory.gather.content import is_kind, is_page
from utopias.territory.gather.recipe import KINDS, Recipe, read_recipe
from utopias.territory.gather.shelf import find_recipe, recipes
from utopias.territory.gather.town import fetch_all, town_of

GOOD = """
name = "Pueblo"
zone = "America/Mexico_City"
currency = "MXN"
[downloads.census]
address = "https://example.org/files/census%202020.zip?edition=2"
kind = "zip"
licence = "free"
[build]
blocks = { from = "census", member = "*.csv" }
"""


def read(folder: Path, text: str) -> Recipe:
    (folder / "pueblo.toml").write_text(text, encoding="utf-8")
    return read_recipe(folder / "pueblo.toml")


def faults(folder: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(TableError) as error:
        read(folder, text)
    for fault in error.value.faults:
        assert not fault.where or isinstance(fault.where, Sentence) or fault.where.endswith("pueblo.toml")
    return [(fault.code, str(fault.where).partition(" of ")[0]) for fault in error.value.faults]


def test_a_short_recipe_is_enough(tmp_path: Path) -> None:
    recipe = read(tmp_path, GOOD)
    (census,) = recipe.downloads
    assert census.file == "census 2020.zip"
    assert (recipe.id, recipe.name, recipe.around, recipe.without_shape) == ("pueblo", "Pueblo", None, 0.0)
    assert recipe.inputs["blocks"].members == ("*.csv",)
    assert not census.verified


def test_all_faults_of_a_recipe_come_at_once(tmp_path: Path) -> None:
    text = """
name = "Pueblo"
zone = 5
adress = "typo"
[downloads.census]
address = "ftp://example.org/census.zip"
kind = "rar"
sha256 = "abc"
bytes = -4
[downloads.lost]
address = "https://example.org/other.csv"
kind = "csv"
licence = "free"
[build]
blocks = { from = "cenzus" }
streets = { file = "none.gpkg" }
parks = "census"
[area]
planned = { MUN = "007", LOC = "0001" }
around = "3"
without_shape = 0.5
"""
    assert sorted(faults(tmp_path, text)) == sorted(
        [
            ("bad-value", "pueblo.toml"),  # zone
            ("unknown-key", "pueblo.toml"),  # adress
            ("missing-key", "pueblo.toml"),  # currency
            ("bad-address", "[downloads.census]"),
            ("bad-value", "[downloads.census]"),  # kind
            ("bad-checksum", "[downloads.census]"),
            ("bad-value", "[downloads.census]"),  # bytes
            ("missing-key", "[downloads.census]"),  # licence
            ("unused-download", "[downloads.lost]"),
            ("no-such-download", "[build.blocks]"),
            ("no-such-file", "[build.streets]"),
            ("unknown-key", "[build]"),  # parks
            ("bad-value", "[area]"),  # planned by two columns
            ("bad-value", "[area]"),  # around
            ("bad-value", "[area]"),  # without_shape
        ]
    )


@pytest.mark.parametrize(
    "address",
    ["example.org/a.zip", "file:///etc/passwd", "ftp://a.org/b.zip", "https://", "https:///a.zip", "http://[::1/a.zip", "https://a.org/b c.zip"],
)  # fmt: skip
def test_only_whole_addresses_of_the_web_are_taken(tmp_path: Path, address: str) -> None:
    text = GOOD.replace("https://example.org/files/census%202020.zip?edition=2", address)
    assert "bad-address" in [code for code, _ in faults(tmp_path, text)]


def test_an_address_with_a_password_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(TableError) as error:
        read(tmp_path, GOOD.replace("https://example.org", "https://ana:geheim@example.org"))
    assert error.value.codes == ("bad-address",)
    assert "geheim" not in str(error.value)


@pytest.mark.parametrize("name", ["../evil.zip", "a/b.zip", "..", ".hidden", "c:\\\\x.zip", "/etc/x.zip"])
def test_a_file_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    assert faults(tmp_path, GOOD.replace('kind = "zip"', f'kind = "zip"\nfile = "{name}"'))[0][0] == "bad-value"


def test_an_address_without_a_file_name_asks_for_one(tmp_path: Path) -> None:
    bare = GOOD.replace("/files/census%202020.zip?edition=2", "/")
    assert faults(tmp_path, bare) == [("bad-value", "[downloads.census]")]
    assert read(tmp_path, bare.replace('kind = "zip"', 'kind = "zip"\nfile = "census.zip"')).downloads[0].file == "census.zip"  # fmt: skip


def test_two_downloads_cannot_be_one_file(tmp_path: Path) -> None:
    text = GOOD.replace("[build]", '[downloads.b]\naddress = "https://b.org/CENSUS%202020.zip"\nkind = "zip"\nlicence = "x"\n[build]\nshapes = "b"')  # fmt: skip
    assert faults(tmp_path, text) == [("same-file", "[downloads.b]")]


def test_only_shapes_and_heights_come_in_several_files(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD + 'shapes = { from = "census", member = ["*m.shp", "*pem.shp"] }\n')
    assert faults(tmp_path, GOOD.replace('member = "*.csv"', 'member = ["*.csv", "*.txt"]')) == [("bad-value", "[build.blocks]")]  # fmt: skip


def test_an_input_is_a_download_or_a_file_not_both_and_not_neither(tmp_path: Path) -> None:
    for said in ('{ from = "census", file = "pueblo.toml" }', '{ member = "x" }'):
        assert faults(tmp_path, GOOD + f"units = {said}\n") == [("missing-key", "[build.units]")]


@pytest.mark.parametrize(("content", "code"), [(b"name = ", "not-toml"), (b"name = '\xf1'", "not-utf-8")])
def test_what_is_no_recipe_at_all_is_one_fault(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(TableError) as error:
        read_recipe(tmp_path / "a.toml")
    assert error.value.codes == (code,)


def test_a_recipe_that_is_not_there_is_told_with_those_there_are() -> None:
    for called, code in (("iztapalpa", "no-such-recipe"), ("../recipes/iztapalapa", "no-such-recipe"), ("mine.toml", "no-such-file")):  # fmt: skip
        with pytest.raises(TableError) as error:
            find_recipe(called)
        assert error.value.codes == (code,)
    with pytest.raises(TableError, match="iztapalapa, mexico-city, sao-paulo"):
        find_recipe("nowhere")


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.id)
def test_the_recipes_that_come_along_are_whole(recipe: Recipe) -> None:
    assert {*recipe.about} == {*LANGUAGES}
    for one in recipe.downloads:
        assert one.address.startswith("https://"), "what is fetched for a city is not changed on the way"
        assert not one.verified, "say verified only when somebody has fetched it, and the date"
        assert one.seen
        assert one.licence
        assert one.source
    for given in recipe.inputs.values():
        if given.columns is not None:
            read_column_file(given.columns)


def test_kinds_are_told_apart_by_their_first_bytes(tmp_path: Path) -> None:
    heads = {
        "pbf": b"\x00\x00\x00\x0e\n\tOSMHeader\x18\x90",
        "tif": b"II*\x00\x08\x00",
        "gpkg": b"SQLite format 3\x00\x10",
        "geojson": b'\xef\xbb\xbf\n {"type"',
        "csv": b"\xef\xbb\xbfid;people\n",
    }
    for kind, head in heads.items():
        taken = [other for other in KINDS if is_kind(tmp_path, head, other)]
        assert kind in taken
        assert set(taken) - {kind} <= {"csv"}, "what is text may be any text"
        assert not is_page(head)
    assert not is_kind(tmp_path, b"<Error>AccessDenied</Error>", "csv")
    assert not is_kind(tmp_path, b"<Error>AccessDenied</Error>", "geojson")


def test_the_recipe_of_sao_paulo_parts_sectors_by_municipality(site: Site, tmp_path: Path) -> None:
    rows = {
        "CD_SETOR": ["355030801000001", "355030801000002", "354880701000001", "350000000000001"],
        "CD_MUN": ["3550308", "3550308", "3548807", "3500000"],
        "NM_DIST": ["Sé", "Sé", "Centro", "Longe"],
        "v0001": [210, 0, 55, 99],
    }
    shapes = [square(0), square(1), square(2), square(900)]
    layer = gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:32614").set_crs("EPSG:31983", allow_override=True)
    layer.translate(yoff=5_260_000 - 50_000).set_crs("EPSG:31983").to_frame("geometry").join(layer.drop(columns="geometry")).to_file(tmp_path / "s.gpkg")  # fmt: skip
    recipe = find_recipe("sao-paulo").without(["streets", "terrain"])
    (sectors,) = recipe.downloads
    address = site.put("/SP_setores_CD2022.gpkg", (tmp_path / "s.gpkg").read_bytes())
    near = type(sectors)(**{name: getattr(sectors, name) for name in sectors.__slots__} | {"address": address, "size": 0})  # fmt: skip
    recipe = Recipe(**{**vars(recipe), "downloads": (near,)})
    town = town_of(recipe, fetch_all(recipe, tmp_path), tmp_path)
    assert town.planned_people == 210
    assert town.blocks.ids[~town.blocks.planned].tolist() == ["354880701000001"]
    assert town.blocks.colonia[0] == "Sé"
    assert (town.crs, town.currency) == ("EPSG:31983", "BRL")


@pytest.mark.parametrize("line", ["blocks = { from = [] }", 'blocks = { from = "census", member = [] }'])
def test_an_empty_list_names_nothing_and_is_a_fault(tmp_path: Path, line: str) -> None:
    found = faults(tmp_path, GOOD.replace('blocks = { from = "census", member = "*.csv" }', line))
    assert ("bad-value", "[build.blocks]") in found
