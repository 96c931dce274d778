"""A study on disk: plain parquet tables, positions instead of keys in the long one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import texts
from utopias.domain.quantities import Duration
from utopias.domain.ring_table import basemap_from_rings, rings_of_basemap, rings_of_shapes, shapes_from_rings
from utopias.domain.study import Study
from utopias.domain.travel_times import TravelTimes

if TYPE_CHECKING:
    import pandas as pd


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """One parquet file, compressed."""
    frame.to_parquet(path, index=False, compression="zstd")


def describe(study: Study) -> dict[str, Any]:
    """What plan.json says of the study: the part that is not a table."""
    return {
        "town": study.town,
        "limit": f"{study.times.limit.seconds:g} s",
        "mode": study.times.mode,
        "estimated": study.times.estimated,
        "notes": study.times.notes,
        "crs": study.outlines.crs if study.outlines is not None else "",
    }


def write_study(study: Study, folder: Path) -> None:
    """Write the tables of ``study`` into ``folder``."""
    import pandas as pd

    times = study.times
    write_table(folder / "demand.parquet", study.blocks)
    write_table(folder / "places.parquet", study.places)
    write_table(folder / "modules.parquet", study.modules)
    write_table(
        folder / "times.parquet",
        pd.DataFrame({"block": times.rows.astype(np.int32), "place": times.columns, "deciseconds": times.deciseconds}),
    )
    statuses = [("block", times.origin_status), ("place", times.destination_status)]
    write_table(
        folder / "status.parquet",
        pd.DataFrame(
            {
                "what": np.repeat([name for name, _ in statuses], [len(s) for _, s in statuses]),
                "status": np.concatenate([s for _, s in statuses]).astype(np.int8),
            }
        ),
    )
    rings = []
    if study.outlines is not None:
        rings.append(rings_of_shapes(study.outlines, "block"))
    if study.basemap is not None:
        rings.append(rings_of_basemap(study.basemap))
    if rings:
        write_table(folder / "outlines.parquet", pd.concat(rings, ignore_index=True))


def read_study(folder: Path, said: dict[str, Any]) -> Study:
    """The inverse of ``write_study`` and ``describe``."""
    import pandas as pd

    blocks = pd.read_parquet(folder / "demand.parquet")
    places = pd.read_parquet(folder / "places.parquet")
    pairs = pd.read_parquet(folder / "times.parquet")
    status = pd.read_parquet(folder / "status.parquet")
    rings = pd.read_parquet(folder / "outlines.parquet") if (folder / "outlines.parquet").exists() else None
    starts = np.concatenate([[0], np.cumsum(np.bincount(pairs["block"], minlength=len(blocks)))]).astype(np.int64)
    times = TravelTimes(
        origins=texts(blocks["block_id"]),
        destinations=texts(places["place_id"]),
        starts=starts,
        columns=pairs["place"].to_numpy(dtype=np.int32),
        deciseconds=pairs["deciseconds"].to_numpy(dtype=np.int32),
        limit=Duration.of(said["limit"]),
        origin_status=status["status"][status["what"] == "block"].to_numpy(),
        destination_status=status["status"][status["what"] == "place"].to_numpy(),
        mode=said["mode"],
        estimated=said["estimated"],
        notes=said["notes"],
    )
    return Study(
        blocks=blocks,
        places=places,
        times=times,
        modules=pd.read_parquet(folder / "modules.parquet"),
        outlines=None if rings is None else shapes_from_rings(rings, "block", len(blocks), said["crs"]),
        basemap=None if rings is None else basemap_from_rings(rings, said["crs"]),
        town=said["town"],
    )
