"""Places joined to the nearest street line, at the point where a person would step onto it.

To a line, not to a node: a gate half way along a block is half a block from either corner. The
leg from the door to the street is walked too. A place that only a loose piece of network reaches
is told apart from one that is far away, and from one without any street.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, frozen
from utopias.domain.errors import Fault, ProblemError, TableError
from utopias.domain.places import Places
from utopias.domain.quantities import Length
from utopias.domain.sentences import Sentence
from utopias.domain.travel_times import Status
from utopias.network.barriers import join_on_this_side
from utopias.network.effort import deciseconds
from utopias.network.segments import OnLine
from utopias.network.street_network import StreetNetwork


@dataclass(frozen=True, slots=True)
class Snapping:
    """How far a place may lie from its street.

    at_most : from a door to the street line, along a straight leg (300 m, as Conveyal R5 first tries).
    extra : how much farther a street of the main network may be and still be preferred to a nearer
        street of a small island (a park path that joins nothing): an assumption of this project.
    island_share : a connected piece with less than this share of all walkable edges is an island.
    """

    at_most: Length = field(default_factory=lambda: Length.of("300 m"))
    extra: Length = field(default_factory=lambda: Length.of("100 m"))
    island_share: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.island_share <= 1:
            raise ProblemError(
                Fault(
                    "bad-share",
                    Sentence("island_share is {island_share}, not between 0 and 1", island_share=self.island_share),
                )
            )

    @classmethod
    def of(cls, *, at_most: str = "300 m", extra: str = "100 m", island_share: float = 0.01) -> Snapping:
        """The same from written lengths."""
        return cls(Length.of(at_most), Length.of(extra), island_share)


@dataclass(frozen=True, eq=False)
class Attached:
    """(d,) doors of (n,) places on the network; doors without a street are left out, and counted.

    place : (d,) which place; never falling. edge : (d,) position among the network's edges.
    share : (d,) of that edge's length, from its tail. snap : (d,) deciseconds from door to street.
    chain, ahead, behind : (d,) the chain, deciseconds from its tail onward to the door, and back to it.
    x, y : (d,) the door. island : (d,) whether the street is an island.
    status : (n,) Status, of the best door. moved : doors that took a farther street of the main network
        rather than a nearer one of an island. lost : doors without a street.
    """

    place: Longs
    edge: Longs
    share: Floats
    snap: Longs
    chain: Longs
    ahead: Longs
    behind: Longs
    x: Floats
    y: Floats
    island: Bools
    status: AnyArray
    moved: int
    lost: int

    def __post_init__(self) -> None:
        for name in ("place", "edge", "share", "snap", "chain", "ahead", "behind", "x", "y", "island", "status"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.place)


def attach(
    network: StreetNetwork, places: Places, *, snapping: Snapping | None = None, street: OnLine | None = None
) -> Attached:
    """Join every door of every place to the nearest walkable street line.

    Parameters
    ----------
    places : (n,) with (d,) entrances, in the reference system of the streets.
    snapping : the limits; None for the defaults. A door exactly at the limit is joined.
    street : (d,) what ``nearest_street`` said of the same doors and the same streets, where it is known already.

    Returns
    -------
    Attached. Of two lines equally near, the one drawn first.

    Raises
    ------
    TableError : an entrance has no finite coordinates.
    """
    rules = snapping or Snapping()
    x, y = places.entrance_x, places.entrance_y
    lost = ~(np.isfinite(x) & np.isfinite(y))
    if lost.any():
        first = int(np.flatnonzero(lost)[0])
        raise TableError(
            Fault(
                code="no-coordinates",
                what=Sentence(
                    "{count} of {total} entrances have no finite coordinates", count=int(lost.sum()), total=len(x)
                ),
                where="x and y in entrances",
                mend="mend them, or leave the row out: the place's own point is then its door",
                count=int(lost.sum()),
                first=str(places.ids[places.entrance_of[first]]),
            )
        )
    large = network.is_large(rules.island_share)
    if street is None:
        street = nearest_street(network, places, snapping=rules)
    if len(network.barrier):
        street = join_on_this_side(
            network.segments, street, x, y, network.barrier,
            large=large, at_most=rules.at_most.metres, extra=rules.extra.metres,
        )  # fmt: skip
    edge, share, gap, moved = street
    joined = np.flatnonzero(edge >= 0)
    joined = joined[np.argsort(places.entrance_of[joined], kind="stable")]
    place, on = places.entrance_of[joined], edge[joined]
    ahead, behind = network.edges.along(on, share[joined])
    island = ~large[on]

    status = np.full(len(places), Status.NO_STREET, dtype=np.int8)
    status[place] = Status.ISLAND
    status[place[~island]] = Status.ATTACHED
    return Attached(
        place=place,
        edge=on,
        share=share[joined],
        snap=deciseconds(gap[joined], network.speed_m_s).astype(np.int64),
        chain=network.edges.chain[on].astype(np.int64),
        ahead=ahead,
        behind=behind,
        x=x[joined],
        y=y[joined],
        island=island,
        status=status,
        moved=int(moved.sum()),
        lost=int((edge < 0).sum()),
    )


def nearest_street(network: StreetNetwork, places: Places, *, snapping: Snapping | None = None) -> OnLine:
    """(d,) where each door meets its nearest street, as if there were no barrier."""
    rules = snapping or Snapping()
    return network.segments.nearest(
        places.entrance_x,
        places.entrance_y,
        large=network.is_large(rules.island_share),
        at_most=rules.at_most.metres,
        extra=rules.extra.metres,
    )
