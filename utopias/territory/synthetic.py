"""A made-up town of any size: hills, canals, a railway, streets, people and places, and nothing of it is true.

For trying every step without anybody's data, for tests, and for the demonstration. The totals follow
what is published of Iztapalapa; where anything lies is chance. ``manual/made-up-borough.md`` says which is which.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Longs, Texts, texts
from utopias.domain.errors import Fault, ProblemError, TooLargeError
from utopias.domain.findings import Source
from utopias.domain.sentences import Sentence
from utopias.domain.town import Blocks, Town
from utopias.territory.borough.basemap import basemap
from utopias.territory.borough.blocks import FIRMS, HOMES, Plots, areas, outlines, plots
from utopias.territory.borough.districts import Districts, districts
from utopias.territory.borough.edge import known_to
from utopias.territory.borough.ground import ORIGIN, ground
from utopias.territory.borough.people import GROUPS, INDICATORS, settle
from utopias.territory.borough.places import SOUTH, supply
from utopias.territory.borough.schools import schools
from utopias.territory.borough.streets import streets
from utopias.territory.borough.words import area_keys, colonia_names

KINDS = ("borough",)
LEAST, MOST = 7_000, 100_000_000  # persons
CRS = "EPSG:32614"  # WGS 84 / UTM zone 14N, metres
BLOCKS_AN_AREA = 34  # blocks of a census area (AGEB): 15,199 blocks and 458 areas in Iztapalapa


def synthetic_town(kind: str = "borough", *, people: int = 1_835_000, seed: int = 7) -> Town:
    """Make up a town of ``people`` inhabitants and its surroundings.

    Parameters
    ----------
    kind : "borough", an alcaldía at the edge of a large city, modelled on Iztapalapa.
    people : persons in the planned area, 7,000 (some 60 blocks) to 100,000,000; met exactly.
    seed : 0 or more. The same seed gives the same arrays on any machine (the outlines of the
        basemap, which are only drawn, under the same version of GEOS).

    Returns
    -------
    A town with ``made_up`` true and a name that says so. The planned area has about one block for
    120 people at 16,220 people a km2 and an irregular outline. Around it lie 0.4 to 3 km of
    surroundings (not planned), except towards one side, where nothing is known: blocks near it are
    cut. One lake holds an isle of some inhabited blocks with streets and no way out. The ground lies
    in the sea (Gulf of Mexico) and the keys belong to no real municipality, so that nothing can be
    mistaken for, or joined to, real data.

    Time and memory grow with ``people``, in proportion: 1.835 M take about 1 s and 0.2 GB, 10 M 4 s
    and 0.4 GB, 100 M (905,000 blocks, 2.4 M edges) a minute or two and 2.1 GB.

    Raises
    ------
    ProblemError : no such kind, too few people, not a whole number, or a seed under 0; all at once.
    TooLargeError : over 100 million people.

    Source
    ------
    Totals and their sources: ``GROUPS`` of ``borough.people``, printed with the town.
    """
    _must_make_sense(kind, people, seed)
    land = ground(people, seed)
    town = districts(land, people, seed)
    parcels = plots(land, town, seed)
    roads, served = streets(land, town, parcels, seed, CRS)
    names = colonia_names(town.pattern, seed)

    which = np.flatnonzero(np.isin(parcels.use, (HOMES, FIRMS)) & served)
    outline = outlines(land, town, parcels, which, CRS)
    district = parcels.district[which]
    x, y = np.round(parcels.x[which] + ORIGIN[0], 2), np.round(parcels.y[which] + ORIGIN[1], 2)
    settled = settle(
        land,
        parcels.x[which],
        parcels.y[which],
        areas(outline),
        town.pattern[district],
        parcels.use[which] == HOMES,
        town.planned[district],
        people,
        seed,
    )
    area, block = _census_keys(town, parcels, which)
    blocks = Blocks(
        ids=block,
        x=x,
        y=y,
        people=settled.people,
        groups=settled.groups,
        planned=town.planned[district],
        area_id=area,
        colonia=names[district],
        known_to=known_to(land, town, x, y),
        indicators=settled.indicators,
        shapes=outline,
    )
    doors = outline.coords.reshape(-1, 9, 2)[:, SOUTH]
    given = supply(land, town, parcels, served, names, people, seed, CRS)
    return Town(
        name=f"Alcaldía imaginaria (datos inventados, semilla {seed})",
        crs=CRS,
        zone="America/Mexico_City",
        currency="MXN",
        made_up=True,
        blocks=blocks,
        units=given.units,
        sites=given.sites,
        providers=given.providers,
        modules=given.modules,
        facts=given.facts,
        streets=roads,
        basemap=basemap(land, town, parcels, roads, given.taken, names, CRS),
        groups=GROUPS,
        indicators=INDICATORS,
        lots=given.lots,
        schools=schools(settled.people, town.planned[district], doors, names[district], seed),
        sources=(
            Source("Invented by utopias.synthetic_town: no place or person is real"),
            Source("Numbers and sizes of schools after Statistics 911 of Iztapalapa: their places are invented"),
            Source("Totals by group after published figures of Iztapalapa: see each group's source"),
        ),
    )


def _census_keys(town: Districts, parcels: Plots, which: Longs) -> tuple[Texts, Texts]:
    """Keys of census area and block: areas of whole rows of one district, blocks numbered in their area."""
    district, row = parcels.district[which], parcels.row[which]
    size = np.bincount(district, minlength=len(town))
    parts = np.maximum(1, np.rint(size / BLOCKS_AN_AREA)).astype(np.int64)
    first_row = np.cumsum(town.rows) - town.rows
    part = np.minimum((row - first_row[district]) * parts[district] // town.rows[district], parts[district] - 1)
    _, number = np.unique(district * 4096 + part, return_inverse=True)
    keys = area_keys(np.arange(int(number.max()) + 1, dtype=np.int64))[number]
    starts = np.flatnonzero(np.concatenate([[True], number[1:] != number[:-1]]))
    place = np.arange(len(which)) - np.repeat(starts, np.diff(np.append(starts, len(which)))) + 1
    return keys, texts(f"{key}{at:03d}" for key, at in zip(keys.tolist(), place.tolist(), strict=True))


def _must_make_sense(kind: str, people: int, seed: int) -> None:
    faults = []
    if kind not in KINDS:
        faults.append(
            Fault(
                "unknown-kind",
                Sentence("no made-up town of kind {kind!r}", kind=kind),
                mend=Sentence("use one of: {listed}", listed=", ".join(KINDS)),
            )
        )
    whole = isinstance(people, (int, np.integer)) and not isinstance(people, bool)
    if not whole:
        faults.append(
            Fault("not-whole", Sentence("people is {people!r}", people=people), mend="give a whole number of persons")
        )
    elif people < LEAST:
        faults.append(
            Fault(
                "too-few-people",
                Sentence("{people:,} people are too few for a town", people=people),
                mend=Sentence("ask for {LEAST:,} or more", LEAST=LEAST),
            )
        )
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        faults.append(
            Fault("bad-seed", Sentence("seed is {seed!r}", seed=seed), mend="give a whole number of 0 or more")
        )
    if faults:
        raise ProblemError(faults)
    if people > MOST:
        raise TooLargeError(
            Fault(
                code="too-many-people",
                what=Sentence(
                    "a made-up town of {people:,} people would need some {value:.0f} GB",
                    people=people,
                    value=people / 50000000.0,
                ),
                mend=Sentence("ask for {MOST:,} or fewer", MOST=MOST),
            )
        )
