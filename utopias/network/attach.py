"""Places joined to the nearest street line, at the point where a person would step onto it.

To a line, not to a node: a gate half way along a block is half a block from either corner. The
leg from the door to the street is walked too. A place that only a loose piece of network reaches
is told apart from one that is far away, and from one without any street.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs, frozen
from utopias.domain.errors import Fault, ProblemError, TableError
from utopias.domain.places import Places
from utopias.domain.quantities import Length
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines
from utopias.domain.travel_times import Status
from utopias.network.effort import deciseconds
from utopias.network.street_network import StreetNetwork

SEGMENTS_A_CELL = 4  # of the grid, on average; few enough to scan, enough to keep the grid small


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


def attach(network: StreetNetwork, places: Places, *, snapping: Snapping | None = None) -> Attached:
    """Join every door of every place to the nearest walkable street line.

    Parameters
    ----------
    places : (n,) with (d,) entrances, in the reference system of the streets.
    snapping : the limits; None for the defaults. A door exactly at the limit is joined.

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
    edge, share, gap, moved = nearest_lines(
        network.lines, x, y, large=large, at_most=rules.at_most.metres, extra=rules.extra.metres
    )
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


def nearest_lines(
    lines: Lines, x: Floats, y: Floats, *, large: Bools, at_most: float, extra: float
) -> tuple[Longs, Floats, Floats, Bools]:
    """The nearest of ``lines`` to each point: ``LineGrid.nearest`` for lines that are asked once."""
    return LineGrid.over(lines).nearest(x, y, large=large, at_most=at_most, extra=extra)


@dataclass(frozen=True, eq=False)
class LineGrid:
    """(s,) segments of lines laid on a grid, made once and asked often.

    line : (s,) whose segment each is, rising. ax, ay, bx, by : (s,) its ends, metres.
    first : (e + 1,) the first segment of each line. so_far : (s + 1,) metres along all segments before each.
    west, south, cell, columns, rows : the grid; starts, members : the segments that touch each cell.
    """

    line: Longs
    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    first: Longs
    so_far: Floats
    west: float
    south: float
    cell: float
    columns: int
    rows: int
    starts: Longs
    members: Ints

    @classmethod
    def over(cls, lines: Lines) -> LineGrid:
        """Lay every segment of (e,) lines on a grid with about four segments a cell."""
        from utopias.network.kernels import lay_on_grid

        inner = np.ones(len(lines.coords), dtype=bool)
        inner[lines.starts[1:][np.diff(lines.starts) > 0] - 1] = False
        first = np.flatnonzero(inner)  # the first vertex of every segment; the last vertex of a line begins none
        line = np.repeat(np.arange(len(lines)), np.maximum(np.diff(lines.starts) - 1, 0))
        ax, ay = (np.ascontiguousarray(lines.coords[first, k]) for k in (0, 1))
        bx, by = (np.ascontiguousarray(lines.coords[first + 1, k]) for k in (0, 1))

        low, high = lines.coords.min(axis=0), lines.coords.max(axis=0)
        area = float(np.prod(np.maximum(high - low, 1.0)))
        cell = max(float(np.sqrt(area * SEGMENTS_A_CELL / max(len(first), 1))), 1.0)
        columns, rows = (int(size // cell) + 1 for size in high - low)
        counts = np.zeros(columns * rows + 1, dtype=np.int64)
        nothing = np.zeros(0, dtype=np.int32)
        lay_on_grid(ax, ay, bx, by, low[0], low[1], cell, columns, rows, counts, nothing, False)
        starts = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.int64)
        members = np.empty(int(starts[-1]), dtype=np.int32)
        lay_on_grid(ax, ay, bx, by, low[0], low[1], cell, columns, rows, starts.copy(), members, True)
        so_far = np.concatenate([[0.0], np.cumsum(np.hypot(bx - ax, by - ay))])
        first_segment = np.searchsorted(line, np.arange(len(lines) + 1))
        return cls(
            line, ax, ay, bx, by, first_segment, so_far, float(low[0]), float(low[1]), cell, columns, rows, starts, members
        )  # fmt: skip

    def nearest(
        self, x: Floats, y: Floats, *, large: Bools, at_most: float, extra: float
    ) -> tuple[Longs, Floats, Floats, Bools]:
        """The nearest line to each point.

        Parameters
        ----------
        x, y : (k,) metres. large : (e,) lines preferred within ``extra`` metres. at_most : metres.

        Returns
        -------
        (k,) the line or -1; (k,) share of its length, 0 to 1 (0 on a line without length); (k,) metres to
        it (NaN where none); (k,) whether a nearer line that is not ``large`` was passed over.
        """
        from utopias.network.kernels import nearest_segments

        x, y = np.ascontiguousarray(x, dtype=np.float64), np.ascontiguousarray(y, dtype=np.float64)
        chosen, moved = np.empty(len(x), dtype=np.int64), np.empty(len(x), dtype=bool)
        nearest_segments(
            x, y, self.ax, self.ay, self.bx, self.by, large[self.line], self.west, self.south, self.cell,
            self.columns, self.rows, self.starts, self.members, at_most, extra, chosen, moved,
        )  # fmt: skip

        edge, share, gap = np.full(len(x), -1, dtype=np.int64), np.zeros(len(x)), np.full(len(x), np.nan)
        found = np.flatnonzero(chosen >= 0)
        s = chosen[found]
        ax, ay = self.ax[s], self.ay[s]
        dx, dy = self.bx[s] - ax, self.by[s] - ay
        step = np.hypot(dx, dy)
        onto = (x[found] - ax) * dx + (y[found] - ay) * dy
        t = np.clip(np.divide(onto, step**2, out=np.zeros(len(s)), where=step > 0), 0.0, 1.0)
        on = self.line[s]
        edge[found] = on
        gap[found] = np.hypot(ax + t * dx - x[found], ay + t * dy - y[found])
        start, end = self.so_far[self.first[on]], self.so_far[self.first[on + 1]]
        whole = end - start
        walked = self.so_far[s] + t * step - start
        share[found] = np.clip(np.divide(walked, whole, out=np.zeros(len(s)), where=whole > 0), 0.0, 1.0)
        return edge, share, gap, moved
