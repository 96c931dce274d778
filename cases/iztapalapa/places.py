"""Units, other providers and candidates of Iztapalapa, with the services they give or would give.

What is published is taken as published. What is not is left empty, and said by the column files: the capacity of all
but two modules, what a candidate lot could hold, how far a place of others stands in for one in a unit.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd

from cases.iztapalapa.prepare import CRS

HERE = Path(__file__).parent
NEAR = 400.0  # metres; a sports ground nearer to a UTOPÍA than this is what it was made of (Olini, Meyehualco, ...)
SUBSTITUTION = 0.5  # assumption of this study, said in the report
# The modules of a usual unit: those whose building adds up to the published 180 M pesos (manual/costs.md).
USUAL_UNIT = (
    "pool", "gym", "courts", "music school", "auditorium", "workshops", "day house", "rehabilitation",
    "early stimulation", "women's house", "colibri centre", "laundry", "canteen", "child room", "health house",
)  # fmt: skip
# The two capacities that are published: learners a week (Segundo a Segundo), and six shifts of 75 people a day (press).
PUBLISHED = {("meyehualco", "pool"): (7500.0, "week"), ("olini", "wave pool"): (6 * 75.0, "day")}
SHARED_NAMES = {
    "atzintli": "Atzintli", "barco": "Barco Utopía", "cuauhtlicalli": "Cuauhtlicalli Aculco",
    "ixtapalcalli": "Ixtapalcalli Quetzalcóatl", "la_cascada": "La Cascada Xicoténcatl", "libertad": "Libertad",
    "meyehualco": "Meyehualco", "olini": "Olini", "papalotl": "Papálotl", "quetzalcoatl": "Quetzalcóatl",
    "tecoloxtitlan": "Tecoloxtitlán", "teotongo": "Teotongo", "tezontli": "Tezontli",
}  # fmt: skip


def units(data: Path) -> pd.DataFrame:
    """The thirteen UTOPÍAS with public coordinates: place_id, name, lon, lat."""
    raw = pd.read_csv(data / "places" / "utopias_locations.csv")
    keys = raw["utopia_name"]
    return pd.DataFrame({"place_id": keys, "name": keys.map(SHARED_NAMES), "lon": raw["lon"], "lat": raw["lat"]})


def providers(data: Path, known: geopandas.GeoDataFrame) -> pd.DataFrame:
    """PILARES that operate and public sports grounds on the known ground: place_id, name, kind, lon, lat."""
    both = pd.concat([pilares(data), sports_grounds(data).assign(kind="sports ground")], ignore_index=True)
    near: pd.DataFrame = both[_points(both).within(known.union_all()).to_numpy()].reset_index(drop=True)
    return near


def pilares(data: Path) -> pd.DataFrame:
    """The PILARES that operate, by the city's list of 300 with their status (the list of 303 with hours has none).

    The lists join by point, and by name for the four without; seven in Iztapalapa have another name in each, and 22 of
    its 60 are said to be works or empty buildings by the one while the other gives all of them the same hours.
    """
    status = pd.read_csv(data / "places" / "pilares_official_300.csv", encoding="utf-8-sig", dtype=str)
    hours = geopandas.read_file(data / "places" / "pilares_hours.geojson")
    names = dict(zip(status["NOMBRE_PILARES*"].map(_key), status["ESTATUS"], strict=True))
    points = dict(
        zip(zip(_point(status["LATITUD"]), _point(status["LONGITUD"]), strict=True), status["ESTATUS"], strict=True)
    )
    said = [
        points.get(point, names.get(_key(name), ""))
        for name, point in zip(
            hours["nombre"], zip(_point(hours["latitud"]), _point(hours["longitud"]), strict=True), strict=True
        )
    ]
    operating = pd.Series(said).str.startswith("01.").to_numpy()
    made = pd.DataFrame(
        {
            "place_id": [f"pilares-{i + 1:03d}" for i in range(len(hours))],
            "name": "PILARES " + hours["nombre"],
            "kind": "community centre",
            "lon": hours["longitud"],
            "lat": hours["latitud"],
        }
    )
    return made[operating].reset_index(drop=True)


def sports_grounds(data: Path) -> pd.DataFrame:
    """Public sports and leisure grounds of the city, without those a UTOPÍA was made of: ids ``ground-001``."""
    raw = pd.read_csv(data / "places" / "deportivos_publicos.csv", encoding="utf-8-sig", dtype=str)
    made = pd.DataFrame(
        {
            "place_id": [f"ground-{i + 1:03d}" for i in range(len(raw))],
            "name": raw["Nombre"].str.title(),
            "lon": pd.to_numeric(raw["Longitud"].str.replace(",", "."), errors="coerce"),
            "lat": pd.to_numeric(raw["Latitud"].str.replace(",", "."), errors="coerce"),
        }
    ).dropna(subset=["lon", "lat"])
    made = made.drop_duplicates(["lon", "lat"])
    apart = _points(made).apply(_points(units(data)).distance).min(axis=1) > NEAR
    kept: pd.DataFrame = made[apart.to_numpy()].reset_index(drop=True)
    return kept


def candidates(data: Path, limit: geopandas.GeoDataFrame) -> pd.DataFrame:
    """Schools and public sports grounds inside the limit: place_id, name, kind, lon, lat, replaces.

    33 schools of the city have no coordinates and nine repeat those of another; the first of each point stays. A
    unit on a sports ground takes its use: ``replaces`` names the provider.
    """
    raw = pd.read_csv(data / "places" / "escuelas_cdmx_matricula_911.csv", encoding="utf-8-sig", dtype=str)
    schools = pd.DataFrame(
        {
            "place_id": "school-" + raw["idinmueble"],
            "name": raw["inmueble"].str.title(),
            "kind": "school",
            "lon": pd.to_numeric(raw["coord_x"], errors="coerce"),
            "lat": pd.to_numeric(raw["coord_y"], errors="coerce"),
            "replaces": "",
        }
    )
    grounds = sports_grounds(data)
    courts = grounds.assign(
        place_id=grounds["place_id"].str.replace("ground-", "court-"),
        kind="sports ground",
        replaces=grounds["place_id"],
    )
    both = pd.concat([schools, courts]).dropna(subset=["lon", "lat"]).drop_duplicates(["lon", "lat"])
    inside = both[_points(both).within(limit.to_crs(CRS).union_all()).to_numpy()]
    ours: pd.DataFrame = inside.drop_duplicates("place_id").reset_index(drop=True)
    return ours


def modules(data: Path, sites: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """The services of every place, one a row; a capacity stands where one is published, and nowhere else."""
    ours = pd.read_csv(HERE / "services.csv").set_index("item")["service"]
    items = pd.read_csv(data / "places" / "utopias_service_items.csv")
    service = items["clean_category"].map(ours)
    given = pd.DataFrame({"place_id": items["name"], "service": service}).dropna().drop_duplicates()
    planned = pd.MultiIndex.from_product([sites["place_id"], USUAL_UNIT], names=["place_id", "service"]).to_frame(
        index=False
    )
    learning = others["kind"] == "community centre"
    of_others = pd.DataFrame(
        {
            "place_id": others["place_id"],
            "service": learning.map({True: "workshops", False: "courts"}),
            "substitution": SUBSTITUTION,
        }
    )
    made = pd.concat([given, planned, of_others], ignore_index=True)
    told = [PUBLISHED.get(key, (None, "")) for key in zip(made["place_id"], made["service"], strict=True)]
    capacity = np.array([capacity for capacity, _ in told], dtype=np.float64)
    return made.assign(capacity=capacity, per=[per for _, per in told])


def _points(table: pd.DataFrame) -> geopandas.GeoSeries:
    return geopandas.GeoSeries(
        geopandas.points_from_xy(table["lon"], table["lat"]), index=table.index, crs="EPSG:4326"
    ).to_crs(CRS)


def _key(name: str) -> str:
    """A name without case and accents."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


def _point(column: pd.Series) -> list[float]:
    """Degrees to the metre, so that the same point in two files is the same number."""
    return [round(float(value), 5) for value in column]
