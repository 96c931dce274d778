"""What the open data lacks is made here, and said: people of 2020 by area, and groups by area.

The pack has people by AGEB of 2010, the borough's total of 2020, and counts by age and sex of 2020 only
inside walking catchments of PILARES. So the people of each AGEB are scaled by one factor to the total of
2020, and the share of each group is that of the catchments which overlap the area, weighted by overlap;
an area that no catchment touches takes the mean of the borough's catchments. All are estimates.
"""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd

CRS = "EPSG:32614"
PEOPLE_2020 = 1_835_486  # CONAPO municipal file of 2020, Iztapalapa
# Name of the column of shares, as the column file and so the report say it: the bands of the catchments it adds up.
GROUPS = {
    "parte de 60 y más": ["edad_60-64", "edad_65+"],
    "parte de 0 a 5": ["edad_0-2", "edad_3-5"],
    "parte de 6 a 14": ["edad_6-11", "edad_12-14"],
    "parte de mujeres": ["Mujeres"],
    "parte con discapacidad": ["PobConDiscapacidad"],
}
RATES = ("few_assets", "no_piped_water", "no_sewer")


def catchments(data: Path) -> geopandas.GeoDataFrame:
    """The 303 PILARES catchments with the counts of the census of 2020, in metres."""
    read = geopandas.read_file(f"/vsigzip/{data.resolve()}/people/pilares_catchments_census2020.geojson.gz").to_crs(CRS)
    read["geometry"] = read.make_valid()
    return read


def census_areas(data: Path) -> geopandas.GeoDataFrame:
    """AGEBs within 3 km of Iztapalapa (CDMX side): people of 2020 by one factor, groups by catchments."""
    raw = geopandas.read_parquet(data / "people" / "iztapalapa_buffer3km_ageb.parquet")
    inside = raw["in_iztapalapa"].to_numpy(dtype=bool)
    factor = PEOPLE_2020 / raw.loc[inside, "poblacion"].sum()
    areas = geopandas.GeoDataFrame(
        {
            "area": raw["CVEGEO"],
            "personas": raw["poblacion"] * factor,
            "planned": inside,
            # Two areas of the surroundings have no asset index; they carry no weight and take the mean.
            "few_assets": 1.0 - raw["ingreso"].fillna(raw["ingreso"].mean()),
            "no_piped_water": raw["falta_dist"],
            "no_sewer": raw["falta_dren"],
        },
        geometry=raw.geometry,
        crs=raw.crs,
    ).to_crs(CRS)
    return with_groups(areas, catchments(data))


def with_groups(areas: geopandas.GeoDataFrame, of: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """The areas with a column for each group: its share of the people in the catchments around them."""
    shares = pd.DataFrame({name: of[columns].sum(axis=1) / of["Pobtotal"] for name, columns in GROUPS.items()})
    usual = shares[of["alcaldia"] == "Iztapalapa"].mean()
    parts = geopandas.overlay(
        areas[["area", "geometry"]].assign(row=np.arange(len(areas))),
        of[["geometry"]].assign(catchment=np.arange(len(of))),
        how="intersection",
        keep_geom_type=True,
    )
    weight = parts.area.to_numpy()
    for name in GROUPS:
        value = shares[name].to_numpy()[parts["catchment"]]
        total = np.bincount(parts["row"], weight, len(areas))
        mean = np.bincount(parts["row"], weight * value, len(areas)) / np.where(total > 0, total, 1.0)
        areas[name] = np.where(total > 0, mean, usual[name])
    return areas


def transferred(areas: geopandas.GeoDataFrame, to: geopandas.GeoDataFrame, key: str) -> geopandas.GeoDataFrame:
    """The people of ``areas`` on other polygons, by shared area; their shares and rates by people."""
    rates = [*GROUPS, *RATES]
    parts = geopandas.overlay(
        areas.assign(row=np.arange(len(areas))), to[[key, "geometry"]], how="intersection", keep_geom_type=True
    )
    people = parts["personas"].to_numpy() * parts.area.to_numpy() / areas.area.to_numpy()[parts["row"]]
    moved = pd.DataFrame({key: parts[key], "personas": people} | {rate: parts[rate] * people for rate in rates})
    summed = moved.groupby(key, as_index=False).sum()
    for rate in rates:
        summed[rate] = (summed[rate] / summed["personas"]).fillna(areas[rate].mean())
    return to[[key, "geometry"]].merge(summed, on=key)


def h3_cells(data: Path, areas: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Cells of H3 resolution 9 with people of 2010 as their author spread them."""
    import h3
    import shapely

    raw = pd.read_csv(data / "people" / "cdmx_h3_res9_population.csv.gz")
    rings = [[(lon, lat) for lat, lon in h3.cell_to_boundary(cell)] for cell in raw["hex_id_9"]]
    cells = geopandas.GeoDataFrame(
        {"area": raw["hex_id_9"], "personas": raw["pobtot"]}, geometry=shapely.polygons(rings), crs="EPSG:4326"
    ).to_crs(CRS)
    near = cells.representative_point().within(areas.union_all())
    return cells[near].reset_index(drop=True)


def sections(data: Path, areas: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Electoral sections whose inner point lies in the known ground."""
    raw = geopandas.read_file(f"/vsigzip/{data.resolve()}/people/ine_secciones_cdmx.geojson.gz").to_crs(CRS)
    raw["geometry"] = raw.make_valid()
    raw["area"] = raw["seccion"].astype(int).astype(str).str.zfill(4)
    near = raw.representative_point().within(areas.union_all())
    return raw.loc[near, ["area", "geometry"]].reset_index(drop=True)
