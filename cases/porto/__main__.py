"""One command: read Porto and its surroundings from OpenStreetMap, and say what kind of network came of it.

    python -m cases.porto

There are no people in the pack for Porto. In their place stand doors every 100 m over the frame of the old city, the
river included, so that what cannot be joined to a street is seen. Prints what the manual page holds.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyproj

import utopias as u
from cases.spoken import Taken, asked_language, data_folder, say
from utopias.domain.places import Places, places
from utopias.domain.sentences import Sentence
from utopias.domain.streets import Streets
from utopias.domain.travel_times import Status
from utopias.network.attach import Snapping, attach
from utopias.network.street_network import StreetNetwork
from utopias.territory.check import check_town
from utopias.territory.junctions import pieces
from utopias.territory.ledger import Ledger, assumptions_of
from utopias.territory.osm import read_osm, to_metres
from utopias.territory.reference import to_degrees
from utopias.territory.town_folder import write_town

CRS = pyproj.CRS("EPSG:32629")
FRAME = (-8.69, 41.13, -8.55, 41.19)  # degrees: the municipality of Porto, the Douro, the quays of Gaia
DOORS_EVERY_M = 100.0
PIECES_TOLD = 5


def main() -> None:
    """Run everything, print, and say what it took."""
    options = argparse.ArgumentParser(prog="python -m cases.porto", description=(__doc__ or "").splitlines()[0])
    asked_language(options)
    language = options.parse_args().language
    path = data_folder(language) / "streets" / "porto_portugal.osm.pbf"
    started = time.perf_counter()
    for line in study(path):
        print(say(line, language), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took = Sentence("{s:.1f} s in all; peak memory {mb:,.0f} MB", s=time.perf_counter() - started, mb=peak)
    print(say(took, language))


def study(path: Path) -> Iterator[Sentence]:
    """Yield the lines of the study, one after the other; they hold no time, so that they are the same everywhere."""
    ledger = Ledger()
    town = read_osm(path, CRS, ledger)
    streets = town.streets
    yield Sentence(
        "{file}: {junctions:,} junctions, {edges:,} edges, {km:,.0f} km",
        file=path.name,
        junctions=len(streets.x),
        edges=len(streets),
        km=streets.length.sum() / 1000,
    )
    for taken in assumptions_of(ledger.notes):
        yield Sentence("  {taken}", taken=Taken(taken))
    yield from cut_off(streets)
    network = u.street_network(streets)
    yield Sentence(
        "As an adult walks it: {junctions:,} junctions where one chooses, {ways:,} ways between them",
        junctions=len(network),
        ways=len(network.chains),
    )
    chosen = doors()
    yield from snap_report(network, chosen, Snapping())
    yield from as_town(path, chosen)


def cut_off(streets: Streets) -> Iterator[Sentence]:
    """The longest pieces of network that nothing joins to the largest."""
    _, of = pieces(streets.tail, streets.head, len(streets.x))
    metres = np.bincount(of[streets.tail], weights=streets.length)
    longest = np.argsort(-metres, kind="stable")[1 : PIECES_TOLD + 1]
    yield Sentence("The {count} longest pieces that are cut off", count=len(longest))
    for piece in longest.tolist():
        x, y = streets.x[of == piece].mean(keepdims=True), streets.y[of == piece].mean(keepdims=True)
        longitude, latitude = to_degrees(x, y, CRS)
        yield Sentence(
            "  {km:5.1f} km around {latitude:.3f}, {longitude:.3f}",
            km=metres[piece] / 1000,
            latitude=latitude[0],
            longitude=longitude[0],
        )


def doors() -> Places:
    """A door every 100 m over the frame."""
    (west, east), (south, north) = to_metres(np.array(FRAME[::2]), np.array(FRAME[1::2]), CRS)
    x, y = np.meshgrid(np.arange(west, east, DOORS_EVERY_M), np.arange(south, north, DOORS_EVERY_M))
    return places([f"door-{i}" for i in range(x.size)], x.ravel(), y.ravel(), role="block")


def snap_report(network: StreetNetwork, chosen: Places, rules: Snapping) -> Iterator[Sentence]:
    """How doors are joined to streets: on the main network, on an island only, or not at all; and how far they are."""
    joined = attach(network, chosen, snapping=rules)
    status = np.asarray(joined.status)
    share = {kind: int((status == kind).sum()) for kind in (Status.ATTACHED, Status.ISLAND, Status.NO_STREET)}
    leg = joined.snap / 10.0 * network.speed_m_s
    yield Sentence(
        "{doors:,} doors, one every {metres:.0f} m over {west} to {east}, {south} to {north}",
        doors=len(chosen),
        metres=DOORS_EVERY_M,
        west=FRAME[0],
        south=FRAME[1],
        east=FRAME[2],
        north=FRAME[3],
    )
    yield Sentence(
        "  {count:,} joined to the main network, of them {moved:,} past a nearer street of an island",
        count=share[Status.ATTACHED],
        moved=joined.moved,
    )
    yield Sentence(
        "  {island:,} reach only an island; {none:,} have no street within {metres:.0f} m (river, rail yards, sea)",
        island=share[Status.ISLAND],
        none=share[Status.NO_STREET],
        metres=rules.at_most.metres,
    )
    yield Sentence(
        "  from door to street: median {median:.0f} m, 90th percentile {p90:.0f} m, longest {longest:.0f} m",
        median=np.median(leg),
        p90=np.quantile(leg, 0.9),
        longest=leg.max(),
    )


def as_town(path: Path, chosen: Places) -> Iterator[Sentence]:
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
    yield Sentence(
        "As a town folder: {edges:,} edges within 3 km of the doors, {lines:,} lines of map, {faults} faults",
        edges=len(back.streets),
        lines=len(back.basemap.lines),
        faults=len(faults),
    )


if __name__ == "__main__":
    main()
