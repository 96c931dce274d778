"""Seven small files in the exact layout of those that the recipe of Iztapalapa names, and the recipe pointed at them.

Four planned blocks of 100 m in a row across the meridian 99° west, where two sheets of heights meet; one block of the
next borough beside them, one ten kilometres away; one planned block of a single person that has no shape.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pyproj
import rasterio
import shapely
from osmium.osm.mutable import Node, Way
from rasterio.transform import from_origin

from tests.territory.census_files import Block, crowd, rows_of, write_census
from tests.territory.gather.server import Site
from utopias.territory.gather.shelf import shelf

X, Y = 499_800.0, 2_139_000.0  # EPSG:32614; x = 500,000 is the meridian 99° west
SIDE = 100.0
_DEGREES = pyproj.Transformer.from_crs("EPSG:32614", "OGC:CRS84", always_xy=True)
HOME = [Block("001A", f"{n:03d}", crowd(5, 4, 13, 20, 30, 40, 70)) for n in range(1, 5)]
NO_SHAPE = Block("001A", "900", crowd(1, 40), 1)
NEAR, FAR = Block("002A", "001", crowd(4, 10, 30, 70), mun="006"), Block("003A", "001", crowd(4, 10, 30, 70), mun="006")
PLACES = {"pilares": "CLAVE_ID,NOMBRE_PILARES*,ESTATUS,REGION,ALCALDIA,LATITUD,LONGITUD", "utopias": "utopia_name,lat,lon,stops_300m"}  # fmt: skip


def square(across: float) -> shapely.Polygon:
    """A block so many sides east of the first."""
    west = X + across * SIDE
    return shapely.box(west, Y, west + SIDE, Y + SIDE)


def serve(site: Site, folder: Path) -> Path:
    """Put the files on the site and write a recipe that names them; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "census": _census(folder),
        "blocks": _outlines(folder),
        "streets": _streets(folder),
        "heights-west": _heights(folder, -100.0),
        "heights-east": _heights(folder, -99.0),
        "utopias": _listed(PLACES["utopias"], "atzintli,{lat},{lon},3"),
        "pilares": _listed(
            PLACES["pilares"],
            "001_NT_IZP,UNO,01. EN OPERACIÓN,SUR,IZTAPALAPA,{lat},{lon}",
            "002_NT_IZP,DOS,02. EN OBRA,SUR,IZTAPALAPA,{lat},{lon}",
        ),
    }
    return pointed(site, folder, files, (shelf() / "iztapalapa.toml").read_text(encoding="utf-8"))


def pointed(site: Site, folder: Path, files: dict[str, bytes], recipe: str) -> Path:
    """The recipe with each address led to the site, and without the checksums of the real files."""
    for key, content in files.items():
        name = re.search(rf'\[downloads\.{key}\]\naddress = "[^"]*/([^"/]+)"', recipe)
        assert name is not None
        address = site.put(f"/{name[1]}", content)
        recipe = recipe.replace(name[0], f'[downloads.{key}]\naddress = "{address}"')
    recipe = re.sub(r"\n(sha256|bytes) = .*", "", recipe)
    path = folder / "small.toml"
    path.write_text(recipe.replace('name = "Iztapalapa"', 'name = "Chica"'), encoding="utf-8")
    columns = folder / "columns"
    columns.mkdir(exist_ok=True)
    for file in (shelf() / "columns").iterdir():
        (columns / file.name).write_bytes(file.read_bytes())
    return path


def zipped(files: dict[str, bytes]) -> bytes:
    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return pack.getvalue()


def _census(folder: Path) -> bytes:
    table = write_census(folder / "census.csv", rows_of([*HOME, NO_SHAPE, NEAR, FAR])).read_bytes()
    root = "ageb_mza_urbana_09_cpv2020"
    name = "conjunto_de_datos_ageb_urbana_09_cpv2020.csv"
    return zipped(
        {
            f"{root}/catalogos/tam_loc.csv": b"1,uno\n",
            f"{root}/conjunto_de_datos/{name}": table,
            f"{root}/diccionario_de_datos/diccionario_datos_ageb_urbana_09_cpv2020.csv": b"Num,Indicador\n",
        }
    )


def _outlines(folder: Path) -> bytes:
    layers = {
        "09m": [(HOME[0], 0), (HOME[1], 1), (HOME[2], 2), (NEAR, 5), (FAR, 100)],
        "09pem": [(HOME[3], 3)],
        "09a": [],
    }
    files = {}
    for name, listed in layers.items():
        keys = ["".join(block.codes) for block, _ in listed] or ["x"]
        shapes = [square(across) for _, across in listed] or [square(0)]
        lambert = gpd.GeoDataFrame({"CVEGEO": keys}, geometry=shapes, crs="EPSG:32614").to_crs("EPSG:6372")
        lambert.to_file(folder / f"{name}.shp")
        for part in folder.glob(f"{name}.*"):
            files[f"conjunto_de_datos/{part.name}"] = part.read_bytes()
    return zipped(files | {"metadatos/metadato.txt": b"INEGI"})


def _streets(folder: Path) -> bytes:
    """One street along the south side, from before the first block to beyond the near one."""
    file = folder / "streets.osm.pbf"
    file.unlink(missing_ok=True)
    writer = osmium.SimpleWriter(str(file))
    for n in range(12):
        writer.add_node(Node(id=n + 1, location=_DEGREES.transform(X - SIDE + n * SIDE, Y - 5)))
    writer.add_way(Way(id=1, nodes=list(range(1, 13)), tags={"highway": "residential", "name": "Calle Uno"}))
    writer.close()
    return file.read_bytes()


def _heights(folder: Path, west: float) -> bytes:
    """A sheet of one degree that rises eastwards, coarse."""
    file = folder / f"dem{west:g}.tif"
    cells = np.tile(np.linspace(2240, 2250, 100, dtype=np.float32) + 10 * (west + 100), (100, 1))
    with rasterio.open(
        file, "w", driver="GTiff", width=100, height=100, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(west, 20.0, 0.01, 0.01),
    ) as sheet:  # fmt: skip
        sheet.write(cells, 1)
    return file.read_bytes()


def _listed(head: str, *rows: str) -> bytes:
    lon, lat = _DEGREES.transform(X + 50, Y - 20)
    return b"\xef\xbb\xbf" + "\n".join([head, *(row.format(lat=lat, lon=lon) for row in rows)]).encode() + b"\n"
