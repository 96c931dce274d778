"""The way out of service areas: a GeoPackage that opens styled in QGIS, a GeoJSON for web maps, a GeoParquet.

areas.gpkg     areas (polygons, the longest limit first, so that shorter ones lie on top), streets (stretches
               reached within each limit), places (points), about (what it was made with), layer_styles
areas.geojson  the areas in longitude and latitude, as RFC 7946 asks
areas.parquet  the areas in the town's own reference system

The file is written beside and renamed: there is no half file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.domain.service_areas import ServiceAreas
from utopias.territory.export import to_geodataframe, write_layers
from utopias.territory.geoparquet import linestrings, points, write_parquet
from utopias.territory.qgis_style import INK, NEARER, STATES, Rule, Style, ruled, style_table
from utopias.territory.qgis_symbol import Label, Symbol

if TYPE_CHECKING:
    import geopandas

ENDINGS = (".gpkg", ".geojson", ".parquet")
NEAREST, FARTHEST = (28, 79, 143), (196, 218, 240)  # colours of the shortest limit and of the longest
STREET = "#b3752f"


def write_service_areas(areas: ServiceAreas, *, to: str | Path, labels: Mapping[str, str] | None = None) -> Path:
    """Write service areas as one file; a file of that name is replaced.

    Parameters
    ----------
    to : its ending says the format: .gpkg, .geojson or .parquet.
    labels : what the legends in QGIS call ``place`` and ``street reached``.

    Raises
    ------
    ProblemError : another ending. TableError : nothing says the reference system of the areas.
    """
    path = Path(to)
    must_be_areas_file(path)
    frame = to_geodataframe(areas)
    frame = frame.iloc[np.argsort(-areas.minutes, kind="stable")].reset_index(drop=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    ending = path.suffix.lower()
    if ending == ".gpkg":
        _write_geopackage(path, areas, frame, labels or {})
        return path
    beside = path.with_name(f".{path.stem}.partial-{os.getpid()}{ending}")
    try:
        if ending == ".geojson":
            import pyogrio

            pyogrio.write_dataframe(
                _for_the_web(frame, areas).to_crs("OGC:CRS84"), beside, layer=path.stem, driver="GeoJSON",
                layer_options={"RFC7946": "YES"},
            )  # fmt: skip
        else:
            rows = pd.DataFrame(frame.drop(columns="geometry"))
            write_parquet(
                beside, rows, table="service_areas", geometry=frame.geometry.to_numpy(), crs=areas.crs,
                kinds=("MultiPolygon",),
            )  # fmt: skip
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _for_the_web(frame: geopandas.GeoDataFrame, areas: ServiceAreas) -> geopandas.GeoDataFrame:
    """The rows with figures no finer than they are known, and by which rules people walked: there is no ``about``."""
    groups = ["people" if group == "all" else group for group in areas.people]
    digits = {"km2": 4, "street_km": 3, **dict.fromkeys(groups, 1)}
    said: dict[str, object] = {"speed_m_s": round(areas.speed_m_s, 3)}
    if areas.notes.get("after_dark", 1.0) != 1.0:
        said["after_dark"] = areas.notes["after_dark"]
    return frame.round(digits).assign(**said)


def must_be_areas_file(path: Path) -> None:
    """Raise ProblemError where the ending of a name says no format that areas are written in."""
    if path.suffix.lower() not in ENDINGS:
        raise ProblemError(
            Fault(
                code="unknown-report",
                what=Sentence("{file} ends in none of .gpkg, .geojson, .parquet", file=path.name),
                where="--to",
                mend="name a .gpkg (QGIS), a .geojson (web maps) or a .parquet (programs)",
            )
        )


def _write_geopackage(
    path: Path, areas: ServiceAreas, frame: geopandas.GeoDataFrame, labels: Mapping[str, str]
) -> None:
    import geopandas

    of, crs = areas.area_place[areas.street_area], frame.crs
    stretches = pd.DataFrame(
        {
            "place_id": areas.places[of],
            "minutes": areas.minutes[areas.street_area],
            "edge": areas.street_edge,
            "length_m": areas.streets.lengths(),
        }
    )
    spots = pd.DataFrame({"place_id": areas.places, "name": areas.names})
    layers = {
        "areas": frame,
        "streets": geopandas.GeoDataFrame(stretches, geometry=linestrings(areas.streets), crs=crs),
        "places": geopandas.GeoDataFrame(spots, geometry=points(areas.x, areas.y), crs=crs),
    }
    if not len(stretches):
        del layers["streets"]
    sheets = {"about": about_areas(areas), "layer_styles": style_table(_styles(areas, labels))}
    write_layers(path, layers, sheets, "")


def about_areas(areas: ServiceAreas) -> pd.DataFrame:
    """What the areas were made with: two columns of text, ``what`` and ``value``."""
    said = {
        "way": "from the place" if areas.from_place else "to the place",
        "walker": areas.walker,
        "metres a second on the flat": f"{areas.speed_m_s:.3f}",
        "limits": ", ".join(str(limit) for limit in areas.limits),
        "ground at most so far from its street": str(areas.reach_off_street),
        "holes without a street filled up to": f"{areas.smallest_hole:g} m2",
        "cell of the grid": str(areas.cell),
        "groups that are estimated": ", ".join(sorted(areas.estimated & set(areas.people))),
    }
    said |= {f"streets: {name}": str(value) for name, value in areas.notes.items()}
    return pd.DataFrame({"what": list(said), "value": list(said.values())})


def _styles(areas: ServiceAreas, labels: Mapping[str, str]) -> list[Style]:
    limits = [limit.minutes for limit in areas.limits]
    share = [k / max(len(limits) - 1, 1) for k in range(len(limits))]
    fills = [
        Rule(f'"minutes" = {minutes:g}', f"{minutes:g} min", Symbol(_between(at), INK, width=0.15, alpha=0.7))
        for minutes, at in zip(limits, share, strict=True)
    ]
    street, place = labels.get("street reached", "street reached"), labels.get("place", "place")
    return [
        Style("areas", "areas", ruled(fills)),
        Style("streets", street, ruled([Rule("ELSE", street, Symbol(STREET, size=0.3, shape="line"), NEARER * 2)])),
        Style("places", place, ruled([Rule("ELSE", place, STATES["fixed"])], label=Label("name", 8.0, NEARER * 4))),
    ]


def _between(share: float) -> str:
    mixed = (round(a + share * (b - a)) for a, b in zip(NEAREST, FARTHEST, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
