"""The ground of a made-up town: how its street plan is bent into place, its hills, its old hearts, its need.

Streets and blocks are drawn on a flat plan (u, v) whose lines are straight; ``Ground.bend`` carries
the plan to the map. It turns whole neighbourhoods about their middles, which keeps areas and tears
nothing, so that blocks tile and streets meet on the map because they do on the plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.territory.borough.chance import SIDE, Field, field, smooth, stream

DENSITY = 16_220.0  # persons per km2 of Iztapalapa, UCLG-CISDP; the made-up town keeps it at any size
ORIGIN = (700_000.0, 2_700_000.0)  # metres, EPSG:32614: open sea in the Gulf of Mexico, over no real town
VALLEY = 2_240.0  # metres above the sea of the valley floor; encyclopedias on Iztapalapa
BARE = 105.0  # metres above the valley from which a made-up hill carries no houses; lower hills, less
TURNS = ((5_200.0, 0.27), (3_300.0, 0.23), (2_100.0, 0.17))  # metres across, largest tan(angle / 2)


@dataclass(frozen=True, eq=False)
class Turn:
    """One pass of turning: every square of side ``span`` turns its inner disc by its own angle."""

    span: float
    shift: tuple[float, float]
    tangent: Floats

    def apply(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The points after the turn; the rim of each disc stays where it is."""
        i, j = np.floor((x + self.shift[0]) / self.span), np.floor((y + self.shift[1]) / self.span)
        middle_x = (i + 0.5) * self.span - self.shift[0]
        middle_y = (j + 0.5) * self.span - self.shift[1]
        dx, dy = x - middle_x, y - middle_y
        fade = np.maximum(0.0, 1.0 - 4.0 * (dx * dx + dy * dy) / (self.span * self.span))
        t = self.tangent[i.astype(np.int64) % SIDE, j.astype(np.int64) % SIDE] * fade * fade
        cosine, sine = (1.0 - t * t) / (1.0 + t * t), 2.0 * t / (1.0 + t * t)
        return middle_x + cosine * dx - sine * dy, middle_y + sine * dx + cosine * dy


@dataclass(frozen=True, eq=False)
class Ground:
    """What is known of every point before a street is drawn.

    radius : metres of a disc as large as the planned area. district : metres, usual side of a colonia.
    ring : metres, usual depth of the surroundings. cones : (k, 4) x, y, foot radius, height in metres.
    """

    radius: float
    district: float
    ring: float
    turns: tuple[Turn, ...]
    grain_x: Field
    grain_y: Field
    roughness: Field
    outline: Field
    outline_fine: Field
    mood: Field
    cones: Floats
    gully: Field
    heart: tuple[float, float]
    village: Floats

    def bend(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """(n,) plan to local map, metres from the town's middle; continuous and one to one."""
        rough = 2.5 + 3.0 * smooth(0.5 + self.roughness.at(u, v))
        x, y = u + rough * self.grain_x.at(u, v), v + rough * self.grain_y.at(u, v)
        for turn in self.turns:
            x, y = turn.apply(x, y)
        return 0.96 * x - 0.28 * y, 0.28 * x + 0.96 * y  # the whole town lies 16 degrees off the compass

    def to_map(self, u: Floats | Longs, v: Floats | Longs) -> tuple[Floats, Floats]:
        """(n,) plan to EPSG:32614, rounded to the centimetre."""
        x, y = self.bend(u.astype(np.float64), v.astype(np.float64))
        return np.round(x + ORIGIN[0], 2), np.round(y + ORIGIN[1], 2)

    def rise(self, x: Floats, y: Floats) -> Floats:
        """(n,) metres above the valley floor at local points: volcano-like cones, steeper towards the top."""
        top = np.zeros(len(x))
        fold = 1.0 + 0.2 * self.gully.at(x, y)
        for cx, cy, foot, height in self.cones:
            dx, dy = x - cx, y - cy
            near = np.maximum(0.0, 1.0 - np.sqrt(dx * dx + dy * dy) / foot * fold)
            top = np.maximum(top, height * near * near)
        return top

    def steepness(self, x: Floats, y: Floats) -> Floats:
        """(n,) 0 in the valley, 1 and over where a hill is too high for houses. A small town has small hills."""
        return self.rise(x, y) / (BARE * min(1.0, self.radius / 6_000.0))

    def height(self, x: Floats, y: Floats) -> Floats:
        """(n,) metres above the sea, rounded to the decimetre."""
        gentle = 3.0 * self.outline.at(x, y) + 0.002 * (x - y) * min(1.0, 6_000.0 / self.radius)
        return np.round(VALLEY + gentle + self.rise(x, y), 1)

    def level(self, x: Floats, y: Floats) -> Floats:
        """(n,) how far out a point lies: about 1 at the limit of the planned area, wavering, no circle."""
        away: Floats = np.sqrt((x / 1.13) * (x / 1.13) + (y / 0.9) * (y / 0.9)) / self.radius
        return away + 0.24 * self.outline.at(x, y) + 0.1 * self.outline_fine.at(x, y)

    def centrality(self, x: Floats, y: Floats) -> Floats:
        """(n,) 0-1: 1 in the old centre, up to 0.7 in the cores of villages the town has swallowed."""
        reach = 0.3 * min(self.radius, 8_000.0)
        dx, dy = x - self.heart[0], y - self.heart[1]
        main = np.maximum(0.0, 1.0 - (dx * dx + dy * dy) / (reach * reach))
        span = 0.55 * min(self.radius, 8_000.0)
        i, j = np.floor(x / span), np.floor(y / span)
        qx, qy = x - (i + 0.5) * span, y - (j + 0.5) * span
        core = np.maximum(0.0, 1.0 - (qx * qx + qy * qy) * 16.0 / (span * span))
        strength = self.village[i.astype(np.int64) % SIDE, j.astype(np.int64) % SIDE]
        central: Floats = np.maximum(main * main, 0.7 * core * core * np.where(strength > 0.45, 1.0, 0.0))
        return central

    def need(self, x: Floats, y: Floats) -> Floats:
        """(n,) 0-1: hardship, highest on the hillsides and the far side, lowest about the old centre."""
        slope = smooth(self.steepness(x, y) / 0.57)
        far = np.clip(np.sqrt(x * x + y * y) / self.radius, 0.0, 1.3)
        east = np.clip((x - y) / self.radius, -1.0, 1.0)
        base = 0.36 + 0.34 * slope + 0.12 * (far - 0.6) + 0.13 * east - 0.3 * self.centrality(x, y)
        return np.clip(base + 0.16 * self.mood.at(x, y), 0.02, 0.98)


def ground(people: int, seed: int) -> Ground:
    """The ground for a planned area of ``people``, at the density of Iztapalapa."""
    area = people / DENSITY * 1e6
    radius = float(np.sqrt(area / 3.141592653589793))
    district = min(620.0, max(190.0, float(np.sqrt(area / 60.0))))
    fit = min(1.0, radius / 3_000.0)
    turns = []
    for number, (span, tangent) in enumerate(TURNS):
        chance = stream(seed, f"turn {number}")
        drawn = chance.random(2)
        turns.append(
            Turn(
                span=span * fit,
                shift=(span * fit * float(drawn[0]), span * fit * float(drawn[1])),
                tangent=(chance.random((SIDE, SIDE)) * 2.0 - 1.0) * tangent,
            )
        )
    near = min(radius, 6_000.0)
    return Ground(
        radius=radius,
        district=district,
        ring=min(2_200.0, max(400.0, 0.37 * radius)),
        turns=tuple(turns),
        grain_x=field(seed, "grain x", 92.0),
        grain_y=field(seed, "grain y", 92.0),
        roughness=field(seed, "roughness", 0.3 * near),
        outline=field(seed, "outline", 0.8 * radius),
        outline_fine=field(seed, "outline fine", 0.3 * radius),
        mood=field(seed, "mood", 0.28 * near),
        cones=_cones(radius, seed),
        gully=field(seed, "gully", 0.09 * near),
        heart=(-0.18 * radius, 0.22 * radius),
        village=stream(seed, "villages").random((SIDE, SIDE)),
    )


def _cones(radius: float, seed: int) -> Floats:
    """A sierra along the south and south-east, of five cones for each 6 km of radius, and one hill apart."""
    count = 5 * max(1, round(radius / 6_000.0))
    fit = min(1.0, radius / 6_000.0)
    chance = stream(seed, "cones")
    along = (np.arange(count) + 0.3 + 0.4 * chance.random(count)) / count
    x = radius * (-0.12 + 0.98 * along)
    y = radius * (-0.74 + 0.44 * along * along) + 0.05 * radius * (2.0 * chance.random(count) - 1.0)
    foot = 1_850.0 * fit * (0.55 + 0.6 * chance.random(count))
    tall = (130.0 + 360.0 * chance.random(count)) * fit
    # Of every five, one stands out, as Volcán Guadalupe does (2,820 m over a valley of 2,240 m).
    first = np.arange(count) % 5 == 3
    foot, tall = np.where(first, 1_900.0 * fit, foot), np.where(first, 540.0 * fit, tall)
    apart = np.array([[-0.63 * radius, -0.3 * radius, 1_150.0 * fit, 240.0 * fit]])
    return np.concatenate([np.stack([x, y, foot, tall], axis=1), apart])
