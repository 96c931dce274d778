"""The ground from which a place is reached on foot, for several limits of time: polygons and the streets in them."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, Texts, frozen
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.quantities import Duration, Length
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines, Shapes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class ServiceAreas:
    """(a,) areas: (m,) places by (k,) limits, place after place, limits rising. A shorter limit lies in a longer one.

    places, names, x, y : (m,) ids, names and main points. limits : (k,).
    shapes : (a,) multipolygons with holes; empty where nothing is reached.
    streets : (s,) exact stretches of street line reached, a stretch again for every limit that reaches it.
    street_area, street_edge : (s,) which area each is of, rising; which row of the streets it lies on.
    status : (m,) Status of each place.
    from_place : walked from the place; otherwise to it, which is who can come.
    people : by group, (a,) persons of the planned area whose block is reached; empty where no town was given.
    estimated : groups that are estimated, not counted.
    cut : (a,) somebody may come over ground of which the town knows nothing, so the area may be too small.
    notes : by which rules streets were weighed, as the table of times has them.
    reach_off_street : how far from a street its ground goes, at most. smallest_hole : square metres; a hole no
        larger, without a street in it, is filled. cell : of the grid on which ground was looked at.
    """

    places: Texts
    names: Texts
    x: Floats
    y: Floats
    limits: tuple[Duration, ...]
    shapes: Shapes
    streets: Lines
    street_area: Longs
    street_edge: Longs
    status: AnyArray
    from_place: bool
    walker: str
    speed_m_s: float
    reach_off_street: Length
    smallest_hole: float
    cell: Length
    people: Mapping[str, Floats] = field(default_factory=dict)
    estimated: frozenset[str] = frozenset()
    notes: Mapping[str, str | float] = field(default_factory=dict)
    cut: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __post_init__(self) -> None:
        rows = len(self.places) * len(self.limits)
        if not len(self.cut):
            object.__setattr__(self, "cut", np.zeros(rows, dtype=bool))
        columns: dict[str, Sized] = {"shapes": self.shapes, "cut": self.cut, **self.people}
        wrong = [name for name, column in columns.items() if len(column) != rows]
        wrong += [name for name in ("names", "x", "y", "status") if len(getattr(self, name)) != len(self.places)]
        wrong += [name for name in ("street_area", "street_edge") if len(getattr(self, name)) != len(self.streets)]
        if wrong:
            raise MisalignedError(
                Fault(
                    "misaligned",
                    Sentence("{listed} do not fit {rows} areas", listed=", ".join(wrong), rows=rows),
                )
            )
        for name in ("places", "names", "x", "y", "street_area", "street_edge", "status", "cut"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.shapes)

    def __repr__(self) -> str:
        way = "from" if self.from_place else "to"
        limits = ", ".join(f"{limit.minutes:g}" for limit in self.limits)
        return (
            f"<ServiceAreas {way} {len(self.places):,} places within {limits} min, {self.walker}: "
            f"{self.km2.sum():.2f} km2 in all>"
        )

    @property
    def crs(self) -> str:
        return self.shapes.crs

    @property
    def area_place(self) -> Longs:
        """(a,) the place of each area."""
        place: Longs = np.repeat(np.arange(len(self.places)), len(self.limits))
        return place

    @property
    def minutes(self) -> Floats:
        """(a,) the limit of each area."""
        return np.tile([limit.minutes for limit in self.limits], len(self.places)).astype(np.float64)

    @property
    def km2(self) -> Floats:
        """(a,) square kilometres of ground, holes taken off."""
        shapes = self.shapes
        x, y = shapes.coords[:, 0], shapes.coords[:, 1]
        # From each ring's own first vertex, so that no digits are lost to the size of the coordinates.
        of_ring = np.repeat(np.arange(len(shapes.rings) - 1), np.diff(shapes.rings))
        x, y = x - x[shapes.rings[:-1]][of_ring], y - y[shapes.rings[:-1]][of_ring]
        step = np.zeros(len(x))
        step[:-1] = (x[:-1] * y[1:] - x[1:] * y[:-1]) / 2.0
        step[shapes.rings[1:] - 1] = 0.0  # a ring's last vertex is its first; no step leads on to the next ring
        ring = np.bincount(of_ring, weights=step, minlength=len(shapes.rings) - 1)
        total: Floats = np.bincount(shapes.ring_owner(), weights=ring, minlength=len(shapes)) / 1e6
        return total

    @property
    def pieces(self) -> Longs:
        """(a,) separate parts."""
        return np.diff(self.shapes.shapes)

    @property
    def holes(self) -> Longs:
        """(a,) holes in all parts."""
        rings = np.bincount(self.shapes.ring_owner(), minlength=len(self.shapes))
        count: Longs = rings - self.pieces
        return count

    @property
    def street_km(self) -> Floats:
        """(a,) kilometres of street line reached."""
        total: Floats = np.bincount(self.street_area, weights=self.streets.lengths(), minlength=len(self)) / 1000.0
        return total

    def row(self, place: str, limit: Duration | str) -> int:
        """The row of one area.

        Raises
        ------
        ProblemError : no such place, or no such limit, here.
        """
        asked = Duration.of(limit)
        where = np.flatnonzero(self.places == place)
        if len(where) == 0 or asked not in self.limits:
            raise ProblemError(
                Fault(
                    "unknown-area",
                    Sentence("there is no area of {place} within {limit} here", place=place, limit=asked),
                    mend=Sentence("the limits are: {listed}", listed=", ".join(str(limit) for limit in self.limits)),
                )
            )
        return int(where[0]) * len(self.limits) + self.limits.index(asked)

    def table(self) -> pd.DataFrame:
        """One row an area, without its shape: the columns of ``columns/service_areas.csv``, then one a group."""
        import pandas as pd

        place = self.area_place
        return pd.DataFrame(
            {
                "place_id": self.places[place],
                "name": self.names[place],
                "minutes": self.minutes,
                "way": "from" if self.from_place else "to",
                "walker": self.walker,
                "km2": self.km2,
                "street_km": self.street_km,
                "pieces": self.pieces,
                "holes": self.holes,
                "cut": self.cut,
                **{("people" if group == "all" else group): count for group, count in self.people.items()},
            }
        )
