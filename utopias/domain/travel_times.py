"""How long it takes from every block to every place, where it can be reached at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs, Texts, frozen
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.places import Places
from utopias.domain.quantities import WALKERS, Duration
from utopias.domain.sentences import Sentence


class Status(IntEnum):
    """Why a place has times, or none. Far is not the same as without a way."""

    ATTACHED = 0  # joined to the main street network
    ISLAND = 1  # joined to a piece of network from which no other place is reached
    NO_STREET = 2  # no walkable street near enough


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """Sparse times, (n,) origins by (m,) destinations, one way, from origin to destination.

    starts, columns, deciseconds : compressed rows. A stored 0 is no walk at all; an absent pair
        was not reached within ``limit``. No scipy arithmetic: it would drop the zeros.
    limit : no stored time is over it; a question with a longer limit is refused.
    origin_status, destination_status : Status of each place.
    estimated : the times are no measurement of streets (straight lines times a circuity).
    notes : walker, speed_m_s, circuity, source: what the numbers were made with.
    """

    origins: Texts
    destinations: Texts
    starts: Longs
    columns: Ints
    deciseconds: Ints
    limit: Duration
    origin_status: AnyArray
    destination_status: AnyArray
    mode: str = "on foot"
    estimated: bool = False
    notes: dict[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n, m = len(self.origins), len(self.destinations)
        faults = []
        if len(self.starts) != n + 1 or self.starts[0] != 0 or self.starts[-1] != len(self.columns):
            faults.append(
                Fault(
                    "bad-offsets", Sentence("{count} row offsets do not cover {n} origins", count=len(self.starts), n=n)
                )
            )
        if len(self.columns) != len(self.deciseconds):
            faults.append(Fault("misaligned", "columns and deciseconds have different lengths"))
        if len(self.columns) and (self.columns.min() < 0 or self.columns.max() >= m):
            faults.append(Fault("bad-column", Sentence("a time leads to a destination that is not among the {m}", m=m)))
        if len(self.deciseconds) and (self.deciseconds.min() < 0 or self.deciseconds.max() > self.limit.deciseconds):
            faults.append(
                Fault(
                    "time-out-of-range",
                    Sentence("a time is under 0 or over the table's limit of {limit}", limit=self.limit),
                )
            )
        if len(self.origin_status) != n or len(self.destination_status) != m:
            faults.append(Fault("misaligned", "every origin and destination needs a status"))
        if faults:
            raise MisalignedError(faults)
        for name in (
            "origins",
            "destinations",
            "starts",
            "columns",
            "deciseconds",
            "origin_status",
            "destination_status",
        ):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __repr__(self) -> str:
        told = ", estimated" if self.estimated else ""
        return (
            f"<TravelTimes {self.mode}{told}: {len(self.origins):,} origins by {len(self.destinations):,} destinations, "
            f"{len(self.deciseconds):,} pairs within {self.limit.minutes:g} min>"
        )

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.origins), len(self.destinations)

    @property
    def minutes(self) -> Floats:
        """(pairs,) the stored times in minutes, row after row."""
        return self.deciseconds / 600.0

    @property
    def walking_speed(self) -> float:
        """Metres a second that the times were made with; an adult's on the flat where the table does not say."""
        return float(self.notes.get("speed_m_s", WALKERS["adult"]))

    @property
    def rows(self) -> Longs:
        """(pairs,) the origin of each stored time."""
        rows: Longs = np.repeat(np.arange(len(self.origins)), np.diff(self.starts))
        return rows

    def to(self, places: Places) -> TravelTimes:
        """The same times, only to ``places`` and in their order. Refuses a place the table does not know."""
        position = {key: i for i, key in enumerate(self.destinations.tolist())}
        wanted = np.array([position.get(key, -1) for key in places.ids.tolist()], dtype=np.int64)
        if (wanted < 0).any():
            lost = places.ids[wanted < 0]
            raise MisalignedError(
                Fault(
                    code="unknown-destination",
                    what=Sentence(
                        "{count} of {total} places are not in the table of times", count=len(lost), total=len(places)
                    ),
                    mend="compute the times to them too",
                    count=len(lost),
                    first=str(lost[0]),
                )
            )
        return self.select(wanted)

    def select(self, destinations: AnyArray) -> TravelTimes:
        """The same times, only to the destinations at these positions, in this order."""
        new = np.full(len(self.destinations), -1, dtype=np.int32)
        new[destinations] = np.arange(len(destinations), dtype=np.int32)
        columns = new[self.columns]
        kept = columns >= 0
        starts = np.concatenate([[0], np.cumsum(kept)])[self.starts].astype(np.int64)
        return replace(
            self,
            destinations=self.destinations[destinations],
            starts=starts,
            columns=columns[kept],
            deciseconds=self.deciseconds[kept],
            destination_status=self.destination_status[destinations],
        )

    def rows_of(self, origins: AnyArray) -> TravelTimes:
        """The same times, only from the origins of a mask or of positions, in that order."""
        index = np.flatnonzero(origins) if origins.dtype == bool else np.asarray(origins, dtype=np.int64)
        counts = np.diff(self.starts)[index]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        at = np.repeat(self.starts[:-1][index] - starts[:-1], counts) + np.arange(starts[-1])
        return replace(
            self,
            origins=self.origins[index],
            starts=starts,
            columns=self.columns[at],
            deciseconds=self.deciseconds[at],
            origin_status=self.origin_status[index],
        )

    def must_reach(self, limit: Duration) -> None:
        """Raise ProblemError when ``limit`` is longer than the table was made for."""
        if limit > self.limit:
            raise ProblemError(
                Fault(
                    code="limit-beyond-table",
                    what=Sentence(
                        "{limit} was asked of a table that ends at {limit_2}", limit=limit, limit_2=self.limit
                    ),
                    mend=Sentence('compute the times again with within="{limit}" or more', limit=limit),
                )
            )

    def within(self, limit: Duration | str) -> Reach:
        """Which pairs take ``limit`` or less; a pair exactly at the limit is within."""
        asked = Duration.of(limit)
        self.must_reach(asked)
        return Reach(self, self.deciseconds <= asked.deciseconds)

    def shortest(self) -> Ints:
        """(n,) deciseconds to the nearest destination, -1 where none is reached."""
        nearest = np.full(len(self.origins), np.iinfo(np.int32).max, dtype=np.int32)
        np.minimum.at(nearest, self.rows, self.deciseconds)
        nearest[nearest == np.iinfo(np.int32).max] = -1
        return nearest


@dataclass(frozen=True, eq=False)
class Reach:
    """Which stored pairs of a table count as within a limit."""

    times: TravelTimes
    pairs: Bools

    def any_unit(self) -> Bools:
        """(n,) whether at least one destination is within."""
        return self.count() > 0

    def count(self) -> Longs:
        """(n,) how many destinations are within."""
        count: Longs = np.bincount(self.times.rows[self.pairs], minlength=len(self.times.origins))
        return count

    def only_by(self) -> Longs:
        """(n,) the one destination within, or -1 where there is none or more than one."""
        only = np.full(len(self.times.origins), -1, dtype=np.int64)
        rows, columns = self.times.rows[self.pairs], self.times.columns[self.pairs]
        single = self.count()[rows] == 1
        only[rows[single]] = columns[single]
        return only
