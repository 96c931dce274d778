"""One command: read Porto and its surroundings from OpenStreetMap, and say what kind of network came of it.

    python -m cases.porto

There are no people in the pack for Porto. In their place stand doors every 100 m over the frame of the old city, the
river included, so that what cannot be joined to a street is seen. Prints what the manual page holds.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyproj

import utopias as u
from utopias.domain.places import Places, places
from utopias.domain.streets import Streets
from utopias.domain.travel_times import Status
from utopias.network.attach import Snapping, attach
from utopias.network.street_network import StreetNetwork
from utopias.territory.check import check_town
from utopias.territory.junctions import pieces
from utopias.territory.ledger import Ledger
from utopias.territory.osm import read_osm, to_metres
from utopias.territory.reference import to_degrees
from utopias.territory.town_folder import write_town

CRS = pyproj.CRS("EPSG:32629")
FRAME = (-8.69, 41.13, -8.55, 41.19)  # degrees: the municipality of Porto, the Douro, the quays of Gaia
DOORS_EVERY_M = 100.0
PIECES_TOLD = 5


def main() -> None:
    """Run everything, print, and say what it took."""
    folder = Path(os.environ.get("UTOPIAS_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    path = folder / "streets" / "porto_portugal.osm.pbf"
    if not path.is_file():
        raise SystemExit("No open data here: put the pack in ../shared/data, or set UTOPIAS_SHARED_DATA to it.")
    started = time.perf_counter()
    for line in study(path):
        print(line, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.perf_counter() - started:.1f} s in all; peak memory {peak:,.0f} MB")


def study(path: Path) -> Iterator[str]:
    """Yield the lines of the study, one after the other; they hold no time, so that they are the same everywhere."""
    ledger = Ledger()
    town = read_osm(path, CRS, ledger)
    streets = town.streets
    yield f"{path.name}: {len(streets.x):,} junctions, {len(streets):,} edges, {streets.length.sum() / 1000:,.0f} km"
    for note in ledger.notes:
        yield f"  {note.what}"
    yield from cut_off(streets)
    network = u.street_network(streets)
    yield f"As an adult walks it: {len(network):,} junctions where one chooses, {len(network.chains):,} ways between them"
    chosen = doors()
    yield from snap_report(network, chosen, Snapping())
    yield from as_town(path, chosen)


def cut_off(streets: Streets) -> Iterator[str]:
    """The longest pieces of network that nothing joins to the largest."""
    _, of = pieces(streets.tail, streets.head, len(streets.x))
    metres = np.bincount(of[streets.tail], weights=streets.length)
    longest = np.argsort(-metres, kind="stable")[1 : PIECES_TOLD + 1]
    yield f"The {len(longest)} longest pieces that are cut off"
    for piece in longest.tolist():
        x, y = streets.x[of == piece].mean(keepdims=True), streets.y[of == piece].mean(keepdims=True)
        longitude, latitude = to_degrees(x, y, CRS)
        yield f"  {metres[piece] / 1000:5.1f} km around {latitude[0]:.3f}, {longitude[0]:.3f}"


def doors() -> Places:
    """A door every 100 m over the frame."""
    (west, east), (south, north) = to_metres(np.array(FRAME[::2]), np.array(FRAME[1::2]), CRS)
    x, y = np.meshgrid(np.arange(west, east, DOORS_EVERY_M), np.arange(south, north, DOORS_EVERY_M))
    return places([f"door-{i}" for i in range(x.size)], x.ravel(), y.ravel(), role="block")


def snap_report(network: StreetNetwork, chosen: Places, rules: Snapping) -> Iterator[str]:
    """How doors are joined to streets: on the main network, on an island only, or not at all; and how far they are."""
    joined = attach(network, chosen, snapping=rules)
    status = np.asarray(joined.status)
    share = {kind: int((status == kind).sum()) for kind in (Status.ATTACHED, Status.ISLAND, Status.NO_STREET)}
    leg = joined.snap / 10.0 * network.speed_m_s
    yield f"{len(chosen):,} doors, one every {DOORS_EVERY_M:.0f} m over {FRAME[0]} to {FRAME[2]}, {FRAME[1]} to {FRAME[3]}"
    yield f"  {share[Status.ATTACHED]:,} joined to the main network, of them {joined.moved:,} past a nearer street of an island"
    yield f"  {share[Status.ISLAND]:,} reach only an island; {share[Status.NO_STREET]:,} have no street within {rules.at_most.metres:.0f} m (river, rail yards, sea)"
    yield f"  from door to street: median {np.median(leg):.0f} m, 90th percentile {np.quantile(leg, 0.9):.0f} m, longest {leg.max():.0f} m"


def as_town(path: Path, chosen: Places) -> Iterator[str]:
    """The doors and the streets around them as a town folder, written, read and checked; one made-up person a door."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        rows = pd.DataFrame({"block_id": chosen.ids, "people": 1, "x": chosen.x, "y": chosen.y})
        rows.to_csv(folder / "doors.csv", index=False)
        town = u.build_town(
            blocks=folder / "doors.csv",
            streets=path,
            name="Porto, streets only",
            crs=str(CRS),
            zone="Europe/Lisbon",
            currency="EUR",
        )
        faults = check_town(write_town(town, folder / "town"))
        back = u.read_town(folder / "town")
    assert back.streets is not None
    assert back.basemap is not None
    yield f"As a town folder: {len(back.streets):,} edges within 3 km of the doors, {len(back.basemap.lines):,} lines of map, {len(faults)} faults"


if __name__ == "__main__":
    main()
