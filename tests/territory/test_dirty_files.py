"""Dirty files, one by one: each is typed at the prompt as a planner would, and refused, or read and told.

Three tables. ``PUBLISHED`` goes through "Quality issues a reader must survive" of the shared data's README, item by
item, on the real files. ``BROKEN`` has what a download, a mail and a spreadsheet do to files; ``WHOLE`` those of
them that are no harm. In each case: every fault at once, each with its next move, in Spanish as well; no trace
of the program; and nothing left in the folder.
"""

from __future__ import annotations

import gzip
import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from tests.shared_data import shared_data
from tests.territory.osm_files import write_osm
from utopias.cli.__main__ import run
from utopias.territory.ledger import Ledger
from utopias.territory.overlaps import MOST, check_overlaps, doubled_ground
from utopias.territory.town_folder import read_town

X, Y = 490_000.0, 2_140_000.0
UNITS = "place_id,name,lon,lat\nu1,Uno,-99.0950,19.3540\nu2,Ñandú,-99.0945,19.3545\n"
DEGREES = 'crs = "EPSG:4326"\nx = "lon"\ny = "lat"\n'
Spoil = Callable[[Path], list[str]]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good table of blocks and what goes with it; the command is typed in it."""
    boxes = [shapely.box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(4)]
    gpd.GeoDataFrame({"block_id": list("abcd"), "people": [50.0] * 4}, geometry=boxes, crs="EPSG:32614").to_file(
        tmp_path / "blocks.gpkg"
    )
    (tmp_path / "points.toml").write_text(DEGREES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(
    capsys: pytest.CaptureFixture[str], arguments: list[str], language: str = "en", *, crs: str = "EPSG:32614"
) -> tuple[int, str]:
    capsys.readouterr()
    code = run(["--language", language, "build", *arguments, "--into", "town", "--crs", crs])
    said = capsys.readouterr()
    assert "Traceback" not in said.err + said.out
    return code, said.err


def refuses(
    capsys: pytest.CaptureFixture[str], folder: Path, arguments: list[str], codes: list[str], *words: str
) -> None:
    """Exactly these faults in both languages, each with a next move, and the folder as it was."""
    before = sorted(folder.rglob("*"))
    for language, move in (("en", "mend:"), ("es", "remedio:")):
        code, err = typed(capsys, arguments, language)
        assert code == 1, err
        assert re.findall(r"^\[([\w-]+)\]", err, re.MULTILINE) == codes, err
        assert err.count(move) == len(codes), f"a fault without a next move:\n{err}"
        if language == "en":
            for word in words:
                assert word in err
    assert sorted(folder.rglob("*")) == before


def units(name: str) -> list[str]:
    return ["--blocks", "blocks.gpkg", "--units", name, "--units-columns", "points.toml"]


def written(name: str, content: str | bytes) -> Spoil:
    """Units in a file of this content."""

    def spoil(folder: Path) -> list[str]:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return units(name)

    return spoil


def packed(**files: str | bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as pack:
        for name, content in files.items():
            pack.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return whole.getvalue()


def a_folder(folder: Path) -> list[str]:
    (folder / "units").mkdir()
    (folder / "units" / "list.csv").write_text(UNITS)
    return units("units")


def shapefile_without(*endings: str) -> Spoil:
    def spoil(folder: Path) -> list[str]:
        table = gpd.read_file(folder / "blocks.gpkg")
        (folder / "shape").mkdir()
        table.to_file(folder / "shape" / "blocks.shp")
        for ending in endings:
            (folder / "shape" / f"blocks{ending}").unlink()
        return ["--blocks", "shape/blocks.shp"]

    return spoil


def cut_in_half(name: str, write: Callable[[Path], object], *flags: str) -> Spoil:
    def spoil(folder: Path) -> list[str]:
        write(folder / name)
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        return [*flags, name] if flags[0] == "--blocks" else ["--blocks", "blocks.gpkg", *flags, name]

    return spoil


def some_streets(path: Path) -> None:
    write_osm(path, {i: (10.0 * i, 0.0) for i in range(1, 400)}, [(list(range(1, 400)), {"highway": "residential"})])


def some_heights(path: Path, *, west: float = -99.2, north: float = 19.5) -> None:
    with rasterio.open(
        path, "w", driver="GTiff", height=200, width=200, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(west, north, 0.001, 0.001),
    ) as file:  # fmt: skip
        file.write(np.random.default_rng(1).uniform(2240, 2260, (200, 200)).astype("float32"), 1)


def lines_here(folder: Path) -> list[str]:
    line = shapely.LineString([(X, Y), (X + 300, Y)])
    gpd.GeoDataFrame({"class": ["residential"]}, geometry=[line], crs="EPSG:32614").to_file(folder / "streets.gpkg")
    return ["--blocks", "blocks.gpkg", "--streets", "streets.gpkg"]


def heights_elsewhere(folder: Path) -> list[str]:
    some_heights(folder / "paris.tif", west=2.2, north=49.0)
    return [*lines_here(folder), "--terrain", "paris.tif"]


def cut_streets_and_cut_heights(folder: Path) -> list[str]:
    cut_in_half("city.osm.pbf", some_streets, "--streets")(folder)
    cut_in_half("dem.tif", some_heights, "--terrain")(folder)
    return ["--blocks", "blocks.gpkg", "--streets", "city.osm.pbf", "--terrain", "dem.tif"]


def everything_at_once(folder: Path) -> list[str]:
    (folder / "units.xlsx").write_bytes(packed(xl__workbook_dot_xml="<x/>"))
    (folder / "lots.csv").write_text("<!DOCTYPE html><html>404</html>")
    (folder / "others.csv").write_bytes(b"")
    return [
        *cut_streets_and_cut_heights(folder), "--units", "units.xlsx", "--sites", "lots.csv", "--providers", "others.csv",
        "--known-area", "nowhere.geojson", "--units-columns", "points.toml", "--modules-columns", "points.toml",
        "--modules", "others.csv",
    ]  # fmt: skip


def columns_in(name: str, content: bytes | None) -> Spoil:
    def spoil(folder: Path) -> list[str]:
        (folder / "units.csv").write_text(UNITS)
        if content is not None:
            (folder / name).write_bytes(content)
        return ["--blocks", "blocks.gpkg", "--units", "units.csv", "--units-columns", name]

    return spoil


HALF = UNITS[: UNITS.index(",19.3545")]
BROKEN: dict[str, tuple[Spoil, list[str], tuple[str, ...]]] = {
    "an empty file": (written("units.csv", ""), ["empty-file"], ()),
    "nothing but blanks": (written("units.csv", " \n\n"), ["empty-file"], ()),
    "a header alone": (written("units.csv", UNITS.splitlines()[0]), ["no-rows"], ()),
    "a table cut in the middle of a row": (written("units.csv", HALF), ["ragged-rows"], ("row 2: 3 cells",)),
    "a table cut inside a quoted text": (written("units.csv", UNITS + 'u3,"Casa'), ["unclosed-quote"], ()),
    "a file that is not there": (lambda _: units("none.csv"), ["no-such-file"], ()),
    "a folder instead of a file": (a_folder, ["no-shapefile"], ("name the file that holds the table: list.csv",)),
    "a zip of a csv": (
        written("units.zip", packed(units_dot_csv=UNITS)), ["no-shapefile"], ("unzip it and name the file that holds the table: units.csv",),
    ),
    "a zip cut in half": (written("units.zip", packed(units_dot_csv=UNITS)[:60]), ["truncated"], ()),
    "a gzip cut in half": (written("units.csv.gz", gzip.compress(UNITS.encode() * 9)[:60]), ["truncated"], ()),
    "an .xlsx": (written("units.xlsx", packed(xl__workbook_dot_xml="<x/>")), ["spreadsheet"], ("save the sheet",)),
    "an .xlsx renamed to csv": (written("units.csv", packed(xl__workbook_dot_xml="<x/>")), ["spreadsheet"], ("not enough",)),
    "an .ods renamed to csv": (written("units.csv", packed(content_dot_xml="<x/>")), ["spreadsheet"], ()),
    "an .xls of before 2007": (written("units.xls", b"\xd0\xcf\x11\xe0" + bytes(600)), ["spreadsheet"], ()),
    "the web page of an error": (written("units.csv", "\n<!DOCTYPE HTML><html>404</html>"), ["web-page"], ()),
    "latin-1 that nobody said": (written("units.csv", UNITS.encode("latin-1")), ["not-utf-8"], ("Ñandú",)),
    "utf-16 without its mark": (written("units.csv", UNITS.encode("utf-16-le")), ["not-text"], ()),
    "a picture": (written("units.csv", b"\x89PNG\r\n\x1a\n" + bytes(64)), ["not-text"], ()),
    "a kind nobody reads": (written("units.kml", "<kml/>"), ["unknown-format"], ()),
    "a shapefile without .dbf": (shapefile_without(".dbf"), ["missing-part"], (".dbf",)),
    "a shapefile without .shx": (shapefile_without(".shx"), ["missing-part"], (".shx",)),
    "a shapefile without .dbf and .shx": (shapefile_without(".dbf", ".shx"), ["missing-part"], (".shx, .dbf",)),
    "a shapefile without .prj": (shapefile_without(".prj"), ["no-crs"], ("copy the .prj",)),
    "a GeoPackage cut in half": (
        cut_in_half("half.gpkg", lambda to: shutil.copy(to.parent / "blocks.gpkg", to), "--blocks"), ["truncated"], (),
    ),
    "a GeoJSON cut in half": (
        cut_in_half("half.geojson", lambda to: gpd.read_file(to.parent / "blocks.gpkg").to_file(to), "--blocks"), ["truncated"], (),
    ),
    "a GeoParquet cut in half": (
        cut_in_half("half.parquet", lambda to: gpd.read_file(to.parent / "blocks.gpkg").to_parquet(to), "--blocks"), ["truncated"], (),
    ),
    "a PBF cut in half": (cut_in_half("city.osm.pbf", some_streets, "--streets"), ["broken-osm"], ("cut short",)),
    "a web page called a PBF": (
        cut_in_half("city.osm.pbf", lambda to: to.write_text("<html>404" * 20), "--streets"), ["web-page"], (),
    ),
    "a raster cut in half, and no streets": (
        cut_in_half("dem.tif", some_heights, "--terrain"), ["terrain-without-streets", "not-a-raster"], (),
    ),
    "a raster elsewhere on Earth": (heights_elsewhere, ["terrain-elsewhere"], ("48.90, 2.30",)),
    "streets and heights both cut": (cut_streets_and_cut_heights, ["broken-osm", "not-a-raster"], ()),
    "a column file that is not there": (columns_in("none.toml", None), ["no-such-file"], ()),
    "a column file that is a folder": (columns_in("", None), ["no-such-file"], ()),
    "a column file that is a table": (columns_in("units.csv", UNITS.encode()), ["not-toml"], ()),
    "a column file in latin-1": (columns_in("l.toml", "# año".encode("latin-1")), ["not-utf-8"], ()),
    "six files at once": (
        everything_at_once,
        ["spreadsheet", "web-page", "empty-file", "broken-osm", "no-such-file", "not-a-raster"], (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_with_its_next_move_and_nothing_is_left(
    case: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, codes, words = BROKEN[case]
    arguments = spoil(desk)
    if case == "six files at once":  # the order of reading is no promise; that all are told is
        code, err = typed(capsys, arguments)
        assert (code, sorted(re.findall(r"^\[([\w-]+)\]", err, re.MULTILINE))) == (1, sorted(codes))
        return
    refuses(capsys, desk, arguments, codes, *words)


WHOLE: dict[str, bytes] = {
    "a byte order mark and the line ends of Windows": b"\xef\xbb\xbf" + UNITS.replace("\n", "\r\n").encode(),
    "utf-16 with its mark": UNITS.encode("utf-16"),
    "no end of the last line": UNITS.rstrip("\n").encode(),
    "empty lines between rows": UNITS.replace("\n", "\n\n").encode(),
    "semicolons": UNITS.replace(",", ";").encode(),
    "tabs": UNITS.replace(",", "\t").encode(),
    "blanks around cells": UNITS.replace(",", " , ").encode(),
    "a gzip": gzip.compress(UNITS.encode()),
}


@pytest.mark.parametrize("case", WHOLE)
def test_what_is_no_harm_gives_the_same_town(case: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "units.csv.gz" if case == "a gzip" else "units.csv"
    (desk / name).write_bytes(WHOLE[case])
    assert typed(capsys, units(name))[0] == 0
    made = read_town("town").units
    assert (made.ids.tolist(), made.table["name"].tolist()) == (["u1", "u2"], ["Uno", "Ñandú"])


def test_a_spreadsheet_is_called_so_in_the_readers_language(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "units.csv").write_bytes(packed(xl__workbook_dot_xml="<x/>"))
    _, err = typed(capsys, units("units.csv"), "es")
    assert "es una hoja de cálculo" in err
    assert "cambiarle el nombre no basta" in err


# The real files, as published. Some are read whole, with what was told of them; others are refused.

AGEB = 'block_id = "CVEGEO"\npeople = "poblacion"\nplanned = "in_iztapalapa"\n'
FILES = {
    "ageb": "people/iztapalapa_buffer3km_ageb.parquet",
    "polygons": "people/inegi_09a_ageb_polygons.zip", "colonias": "people/criminologia_capas.gpkg",
    "people_of_colonias": "people/cdmx_colonias_pob_2010.csv", "blocks": "people/cdmx_manzanas_denue_counts.csv.gz",
    "catchments": "people/pilares_catchments_census2020.geojson.gz", "dictionary": "people/inegi_dictionary_ageb_manzana_cpv2020.csv",
    "pilares": "places/pilares_official_300.csv", "sports": "places/deportivos_publicos.csv",
    "schools": "places/escuelas_cdmx_matricula_911.csv", "catalogue": "places/utopias_catalog_2026.csv",
    "gtfs": "transit/cdmx_gtfs_2022.zip", "damaged_gtfs": "transit/broken_gtfs_hsl_excerpt.zip",
    "streets": "sao_paulo/spo_osm.pbf", "cells": "sao_paulo/spo_hexgrid.csv",
}  # fmt: skip
PILARES = 'crs = "EPSG:4326"\nx = "LONGITUD"\ny = "LATITUD"\n'
SPORTS = 'crs = "EPSG:4326"\nx = "Longitud"\ny = "Latitud"\n'
# The key of the block a ground lies in, put together with its zeros; of 265 grounds some share a block.
BLOCK_OF_SPORTS = """
[columns]
place_id = ["Clave entidad", "Clave municipio", "Clave localidad", "Área geoestadística básica", "Manzana"]
[format.pad]
"Clave entidad" = 2
"Clave municipio" = 3
"Clave localidad" = 4
"Área geoestadística básica" = 4
"Manzana" = 3
"""
SCHOOLS = 'crs = "EPSG:4326"\nx = "coord_x"\ny = "coord_y"\n[columns]\nplace_id = "idinmueble"\n'
OF_COLONIAS = '[columns]\nblock_id = "cve_col"\npeople = "pob_2010"\n[leave_out]\npob_2010 = ""\n'

# item of the README -> (role -> (file, column file), faults, notes); a role is an option of build.
PUBLISHED: list[tuple[str, dict[str, tuple[str, str]], list[str], set[str]]] = [
    ("Vintages differ", {"blocks": ("ageb", 'assumed = ["People of 2010 stand for 2026."]\n[columns]\n' + AGEB)}, [], {"said"}),
    ("Keys: letters and zeros stay", {"blocks": ("ageb", "[columns]\n" + AGEB)}, [], {"spread"}),
    ("Keys: zeros that are lost", {"providers": ("sports", SPORTS + BLOCK_OF_SPORTS)}, ["duplicate-key"], set()),
    ("Keys: cve_col is not colonia_cve", {"blocks": ("people_of_colonias", OF_COLONIAS), "shapes": ("colonias", 'layer = "colonias"\nrepair = true\n[columns]\nblock_id = "colonia_cve"\n'), "key": ("block_id", "")}, ["unmatched-keys"], set()),
    ("Encodings: a mark before the first header", {"providers": ("pilares", PILARES + 'without_coordinates = "leave out"\n[columns]\nplace_id = "CLAVE_ID"\n')}, [], {"left-out"}),
    ("Encodings: title lines before the header", {"blocks": ("dictionary", "")}, ["missing-column", "missing-column", "no-place"], set()),
    ("Decimal commas", {"providers": ("sports", SPORTS + 'numbered = "sports-"\n')}, [], {"decimal-comma"}),
    ("Missing coordinates: PILARES", {"providers": ("pilares", PILARES + '[columns]\nplace_id = "CLAVE_ID"\n')}, ["no-coordinates"], set()),
    ("Missing coordinates: schools", {"providers": ("schools", SCHOOLS)}, ["no-coordinates"], set()),
    ("Missing coordinates: the catalogue of UTOPÍAS", {"units": ("catalogue", '[columns]\nplace_id = "utopia_id"\n')}, ["no-place", "unknown-choice", "unknown-choice"], set()),
    ("Status in other words", {"providers": ("pilares", PILARES + 'without_coordinates = "leave out"\n[columns]\nplace_id = "CLAVE_ID"\nproject_status = "ESTATUS"\n')}, ["unknown-choice"], set()),
    ("Duplicates", {"blocks": ("blocks", '[columns]\nblock_id = "CVEGEO"\npeople = "Industria"\n'), "shapes": ("polygons", ""), "key": ("CVEGEO", "")}, ["unmatched-keys", "duplicate-key"], set()),
    ("Empty columns", {"blocks": ("people_of_colonias", OF_COLONIAS), "shapes": ("colonias", 'layer = "colonias"\nrepair = true\n[columns]\nblock_id = "municipio_cvegeo"\n'), "key": ("block_id", "")}, ["missing-value"], set()),
    ("Geometry", {"known-area": ("colonias", 'layer = "colonias"\n')}, ["invalid-polygons"], set()),
    ("Geometry: mended when asked", {"known-area": ("colonias", 'layer = "colonias"\nrepair = true\n')}, [], {"mended-polygons"}),
    ("CRS: layers of two systems", {"blocks": ("colonias", "")}, ["several-layers"], set()),
    ("CRS: a Lambert projection without a code", {"known-area": ("polygons", "")}, [], {"spread"}),
    ("Catchments", {"blocks": ("catchments", 'numbered = "c"\n[columns]\npeople = "Pobtotal"\n')}, ["overlapping-areas"], set()),
    ("Constant column", {"blocks": ("ageb", "[columns]\n" + AGEB + '[indicators]\nincome = "income_pc"\n')}, [], {"constant-indicator"}),
    ("GTFS of CDMX", {"providers": ("gtfs", "")}, ["no-shapefile"], set()),
    ("Damaged GTFS", {"providers": ("damaged_gtfs", "")}, ["no-shapefile"], set()),
    ("OSM", {"blocks": ("cells", ""), "streets": ("streets", "")}, [], {"osm-closed", "osm-pieces"}),
]  # fmt: skip


@pytest.mark.real_data
@pytest.mark.parametrize("item", PUBLISHED, ids=[item[0] for item in PUBLISHED])
def test_an_issue_of_the_published_files_is_refused_or_told(
    item: tuple[str, dict[str, tuple[str, str]], list[str], set[str]], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, roles, codes, notes = item
    arguments, given = [], {"blocks": ("ageb", "[columns]\n" + AGEB)} | roles
    for role, (name, columns) in given.items():
        if role == "key":
            arguments += ["--key", name]
            continue
        source = shared_data(*FILES[name].split("/"))
        shutil.copy(source, desk / source.name)
        arguments += [f"--{role}", source.name]
        if columns:
            (desk / f"{role}.toml").write_text(columns, encoding="utf-8")
            arguments += ["--columns" if role == "blocks" else f"--{role}-columns", f"{role}.toml"]
    if codes:
        refuses(capsys, desk, arguments, codes)
        return
    crs = "EPSG:32723" if "streets" in roles else "EPSG:32614"
    code, err = typed(capsys, arguments, crs=crs)
    assert code == 0, err
    town = read_town("town")
    if item[0].startswith("Keys: letters"):
        assert "090070001369A" in town.blocks.area_id.tolist()
    assert {f"built-{note}" for note in notes} <= {one.code for one in town.assumptions}


@pytest.mark.real_data
def test_no_issue_of_the_readme_is_forgotten() -> None:
    readme = shared_data("README.md").read_text(encoding="utf-8")
    section = readme.partition("## Quality issues a reader must survive")[2].partition("\n## ")[0]
    items = re.findall(r"^- \*\*(.+?)\*\*", section, re.MULTILINE)
    tried = {item[0].partition(":")[0].partition(" in ")[0] for item in PUBLISHED}
    # Names: which UTOPÍA is which is no reader's work (tests/cases). Pabulib: ballots are not read yet.
    assert set(items) - tried == {"Names", "Pabulib"}


def test_areas_that_share_a_twentieth_of_their_ground_are_refused_and_less_is_told() -> None:
    # Two squares of 100 m side, one moved by 90 m: 10 m of 200 m are shared.
    def squares(apart: float) -> np.ndarray:
        return np.array([shapely.box(0, 0, 100, 100), shapely.box(apart, 0, apart + 100, 100), shapely.Point(5, 5)])

    assert doubled_ground(squares(90))[0] == pytest.approx(0.05)
    assert doubled_ground(squares(90))[1].tolist() == pytest.approx([1000, 1000, 0])
    assert doubled_ground(squares(100))[0] == 0
    for apart, codes, notes in ((89, ["overlapping-areas"], []), (97, [], ["overlap"]), (99.5, [], []), (300, [], [])):
        ledger = Ledger()
        check_overlaps(squares(apart), "a.gpkg", ledger)
        assert [fault.code for fault in ledger.faults] == codes
        assert [note.code for note in ledger.notes] == notes
    assert MOST == 0.05
