"""From a recipe to a town that passes every check: fetched, unpacked, parted, cropped, built."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.territory.gather.server import Site, answers
from tests.territory.gather.small_city import HOME, NEAR, serve, zipped
from utopias.domain.errors import TableError
from utopias.domain.town import Town
from utopias.territory.check import check_town
from utopias.territory.gather.download import Patience
from utopias.territory.gather.recipe import Recipe, read_recipe
from utopias.territory.gather.town import fetch_all, look, town_of
from utopias.territory.gather.unpack import unpacked
from utopias.territory.town_folder import write_town

QUICK = Patience(wait=lambda _: None)


def gathered(recipe: Recipe, folder: Path, **more: Any) -> Town:
    return town_of(recipe, fetch_all(recipe, folder, patience=QUICK), folder, **more)


@pytest.fixture
def recipe(site: Site, tmp_path: Path) -> Recipe:
    return read_recipe(serve(site, tmp_path / "recipe"))


def test_the_recipe_of_iztapalapa_makes_a_town_that_passes_every_check(recipe: Recipe, tmp_path: Path) -> None:
    town = gathered(recipe, tmp_path / "downloads")
    write_town(town, tmp_path / "town")
    assert check_town(tmp_path / "town") == []
    blocks = town.blocks
    assert sorted(blocks.ids[blocks.planned].tolist()) == ["".join(block.codes) for block in HOME]
    assert town.planned_people == 4 * 30
    assert blocks.ids[~blocks.planned].tolist() == ["".join(NEAR.codes)]
    assert blocks.groups["older people"][blocks.planned].sum() == 4 * 5
    assert town.units.ids.tolist() == ["atzintli"]
    assert town.providers.ids.tolist() == ["001_NT_IZP"]
    assert town.streets is not None
    assert (town.streets.rise[town.streets.rise == town.streets.rise] >= 0).all()
    assert (town.streets.rise == town.streets.rise).mean() > 0.8  # both sheets: known west and east of 99 degrees
    assert (town.name, town.currency, town.zone) == ("Chica", "MXN", "America/Mexico_City")


def test_what_was_left_out_is_told_with_its_people(recipe: Recipe, tmp_path: Path) -> None:
    told = {one.code: one.values for one in gathered(recipe, tmp_path).assumptions}
    assert told["built-far-surroundings"] | {"where": ""} == {"rows": 2, "km": 3.0, "people": 12.0, "count": 1, "where": ""}  # fmt: skip
    assert told["built-without-shape"]["people"] == 1
    assert told["built-without-shape"]["count"] == 1


def test_every_source_is_named_with_its_address_and_licence(recipe: Recipe, tmp_path: Path) -> None:
    by_address = {source.address: source for source in gathered(recipe, tmp_path).sources}
    for one in recipe.downloads:
        assert by_address[one.address].licence == one.licence


def test_more_people_without_a_shape_than_the_recipe_allows_are_a_fault(recipe: Recipe, tmp_path: Path) -> None:
    strict = Recipe(**{**vars(recipe), "without_shape": 0.005})  # one person of 121 is 0.8 %
    with pytest.raises(TableError) as error:
        gathered(strict, tmp_path)
    assert "unmatched-keys" in error.value.codes


def test_nothing_stays_of_what_was_unpacked(recipe: Recipe, tmp_path: Path) -> None:
    gathered(recipe, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "recipe") == sorted(
        one.file for one in recipe.downloads
    )


def test_a_second_run_asks_for_nothing(recipe: Recipe, site: Site, tmp_path: Path) -> None:
    gathered(recipe, tmp_path)
    site.asked.clear()
    assert gathered(recipe, tmp_path).planned_people == 120
    assert site.asked == []
    assert all(one.here for one in look(recipe, tmp_path))


def test_all_files_that_cannot_be_had_are_told_at_once_and_the_others_are_kept(recipe: Recipe, site: Site, tmp_path: Path) -> None:  # fmt: skip
    lost = [one for one in recipe.downloads if one.key in ("census", "pilares")]
    for one in lost:
        site.ways[one.address.removeprefix(site.address)] = answers(*[404] * 9)
    with pytest.raises(TableError) as error:
        fetch_all(recipe, tmp_path, patience=QUICK)
    assert [fault.where for fault in error.value.faults] == [one.address for one in lost]
    assert len([one for one in look(recipe, tmp_path) if one.here]) == 5


def test_offline_a_host_is_tried_patiently_once_and_every_file_is_named(recipe: Recipe, tmp_path: Path) -> None:
    waits: list[float] = []
    away = tuple(type(one)(**{f: getattr(one, f) for f in one.__slots__} | {"address": "http://127.0.0.1:9/x"}) for one in recipe.downloads)  # fmt: skip
    with pytest.raises(TableError) as error:
        fetch_all(Recipe(**{**vars(recipe), "downloads": away}), tmp_path, patience=Patience(wait=waits.append))
    assert error.value.codes == ("unreachable",) * 7
    assert len(waits) == 4  # the first file's five attempts; the other six ask once


def test_files_fetched_by_hand_are_taken_and_nothing_is_asked_for(recipe: Recipe, site: Site, tmp_path: Path) -> None:
    for one in recipe.downloads:
        (tmp_path / one.file).write_bytes(site.files[one.address.removeprefix(site.address)])
    assert gathered(recipe, tmp_path).planned_people == 120
    assert site.asked == []


def test_the_planners_own_list_stands_in_place_of_the_recipes(recipe: Recipe, site: Site, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("place_id,x,y,project_status,operating_status\nmine,499900,2139050,finished,operating\n")  # fmt: skip
    lean = recipe.without(["units", "terrain"])
    assert {one.key for one in recipe.downloads} - {one.key for one in lean.downloads} == {"utopias", "heights-west", "heights-east"}  # fmt: skip
    town = gathered(lean, tmp_path, own={"units": (tmp_path / "mine.csv", None)})
    assert town.units.ids.tolist() == ["mine"]
    assert not [one for one in site.asked if "utopias" in one.path]


def test_blocks_cannot_be_left_out(recipe: Recipe) -> None:
    for word in ("blocks", "lots"):
        with pytest.raises(TableError) as error:
            recipe.without([word])
        assert error.value.codes == ("not-in-recipe",)


def test_shapes_whose_key_has_another_name_are_told(recipe: Recipe, tmp_path: Path) -> None:
    other = Recipe(**{**vars(recipe), "key": "CVE"})
    with pytest.raises(TableError) as error:
        gathered(other, tmp_path)
    assert error.value.codes == ("no-key", "no-key")


def pack(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "pack.zip"
    path.write_bytes(zipped(files))
    return path


def test_no_name_in_a_zip_leads_out_of_the_folder(tmp_path: Path) -> None:
    file = pack(tmp_path, {"../../evil.csv": b"a", "/etc/evil.csv.bak": b"b"})
    made = unpacked(file, "*evil.csv", tmp_path / "in" / "deep")
    assert made == tmp_path / "in" / "deep" / "evil.csv"
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["evil.csv", "pack.zip"]


def test_a_member_that_is_not_there_or_could_be_two_is_told_with_those_there_are(tmp_path: Path) -> None:
    file = pack(tmp_path, {"a/one.csv": b"1", "a/two.csv": b"2", "__MACOSX/a/._one.csv": b"0"})
    for pattern, code in (("*.gpkg", "no-such-member"), ("*.csv", "several-members"), ("", "several-members")):
        with pytest.raises(TableError) as error:
            unpacked(file, pattern, tmp_path / "to")
        assert error.value.codes == (code,)
        assert "a/two.csv" in error.value.faults[0].mend


def test_the_only_file_of_a_zip_needs_no_name_and_a_zipped_shapefile_goes_as_it_is(tmp_path: Path) -> None:
    assert unpacked(pack(tmp_path, {"deep/one.csv": b"1"}), "", tmp_path / "to").read_bytes() == b"1"
    file = pack(tmp_path, {"m.shp": b"1", "m.dbf": b"2", "readme.txt": b"3"})
    assert unpacked(file, "", tmp_path / "to") == file


def test_a_shapefile_comes_with_all_of_its_parts_and_no_other(tmp_path: Path) -> None:
    names = ("d/09m.shp", "d/09m.dbf", "d/09m.shp.xml", "d/09mun.shp", "e/09m.prj")
    unpacked(pack(tmp_path, dict.fromkeys(names, b"1")), "*09m.shp", tmp_path / "to")
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == ["09m.dbf", "09m.shp", "09m.shp.xml"]


def test_a_damaged_zip_is_told(tmp_path: Path) -> None:
    file = tmp_path / "pack.zip"
    file.write_bytes(zipped({"one.csv": bytes(range(256)) * 100}))
    content = bytearray(file.read_bytes())
    content[60:80] = b"\x00" * 20
    file.write_bytes(content)
    assert zipfile.is_zipfile(file)
    with pytest.raises(TableError) as error:
        unpacked(file, "", tmp_path / "to")
    assert error.value.codes == ("broken-zip",)


def test_a_zip_that_would_fill_the_disk_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = pack(tmp_path, {"one.csv": b"0" * 5000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 4999})())
    with pytest.raises(TableError) as error:
        unpacked(file, "", tmp_path / "to")
    assert error.value.codes == ("disk-full",)
    assert not (tmp_path / "to").exists()


def test_a_recipe_that_downloads_nothing_needs_no_folder_of_downloads(tmp_path: Path) -> None:
    (tmp_path / "blocks.csv").write_text("k,people\n1,5\n", encoding="utf-8")
    text = 'name = "X"\nzone = "America/Mexico_City"\ncurrency = "MXN"\n[downloads]\n[build]\nblocks = { file = "blocks.csv" }\n'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TableError):  # the table's own faults, not a missing folder
        gathered(read_recipe(tmp_path / "own.toml"), tmp_path / "downloads")
