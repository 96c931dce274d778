"""The ground around one place, asked point by point of a grid and drawn along its outline to a few centimetres.

Each point of the grid is joined to its street as a door would be, and its walk read off a ``WalkClock``.
Where two neighbours differ, the line between them is halved until the outline is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from utopias.access.contours import Rings, crossings, filled, outline
from utopias.access.stretches import Stretches, cut_lines, edge_ends, reached_shares
from utopias.access.walk_clock import WalkClock
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.domain.errors import Fault, TooLargeError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines
from utopias.network.attach import Snapping
from utopias.network.barriers import join_on_this_side
from utopias.network.effort import deciseconds
from utopias.network.street_network import StreetNetwork

TILE = 8  # nodes of the grid, each way, that are looked at together
MOST_NODES = 60_000_000  # of one area's grid: about 2 GB while it is made
CHUNK = 400_000  # points asked at a time
HALVINGS = 7  # of the line between two nodes: 5 m / 2**8 is 2 cm
BEYOND = 2**31 - 1  # deciseconds, of ground that is too far from its street, or whose walk has no end


class Area(NamedTuple):
    """One place: its ground and its stretches for every limit."""

    ground: list[Rings]
    stretches: list[Stretches]


class _Grid(NamedTuple):
    """Nodes at whole multiples of the cell: (rows, columns) from node (south, west), counted from the origin."""

    south: int
    west: int
    tiles: Bools
    cell: float

    @property
    def wanted(self) -> Bools:
        """(rows, columns) nodes worth asking; never one on the border."""
        return np.repeat(np.repeat(self.tiles, TILE, axis=0), TILE, axis=1)

    def at(self, node: Longs, columns: int) -> tuple[Floats, Floats]:
        """Metres of nodes given as row * columns + column."""
        row, column = np.divmod(node, columns)
        return (self.west + column) * self.cell, (self.south + row) * self.cell


@dataclass(frozen=True, eq=False)
class Ground:
    """Everything that does not depend on the place.

    large : (e,) edges of no small island. off : metres from a street that
    ground may lie. cell : metres between nodes. smallest_hole : square metres. limits : rising.
    """

    network: StreetNetwork
    large: Bools
    rules: Snapping
    off: float
    cell: float
    smallest_hole: float
    limits: tuple[Duration, ...]

    def around(self, clock: WalkClock) -> Area:
        """The ground and the streets of one place, a limit each; no ground where ``off`` is 0."""
        ends = edge_ends(clock)
        stretches = [reached_shares(clock, ends, limit.deciseconds) for limit in self.limits]
        nothing = Rings(np.zeros((0, 2)), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
        longest = cut_lines(self.network.lines, stretches[-1])
        if self.off == 0 or not len(longest):
            return Area([nothing] * len(self.limits), stretches)
        return Area(self._outlines(clock, self._grid(longest)), stretches)

    def _outlines(self, clock: WalkClock, grid: _Grid) -> list[Rings]:
        wanted = grid.wanted
        shape, columns = wanted.shape, wanted.shape[1]
        asked = np.flatnonzero(wanted)
        walk, streetless = np.full(wanted.size, BEYOND, dtype=np.int32), np.ones(wanted.size, dtype=bool)
        for first in range(0, len(asked), CHUNK):
            some = asked[first : first + CHUNK]
            walk[some], gap = self._walk(clock, *grid.at(some, columns))
            streetless[some] = ~(gap <= self.cell)  # a street within a patch has nodes nearer than 0.71 cells
        most = self.smallest_hole / self.cell**2
        field = walk.reshape(shape)
        patches = streetless.reshape(shape)
        insides = [filled(field <= limit.deciseconds, patches, at_most=most) for limit in self.limits]

        found = [crossings(inside) for inside in insides]
        sizes = [len(one.key) for one in found]
        limit = np.repeat([limit.deciseconds for limit in self.limits], sizes)
        inner, outer = (np.concatenate([one[k] for one in found]) for k in (1, 2))
        (ax, ay), (bx, by) = grid.at(inner, columns), grid.at(outer, columns)
        low, high = np.zeros(len(limit)), np.ones(len(limit))
        for _ in range(HALVINGS):
            half = (low + high) / 2.0
            within = self._walk(clock, ax + half * (bx - ax), ay + half * (by - ay))[0] <= limit
            low, high = np.where(within, half, low), np.where(within, high, half)
        half = (low + high) / 2.0
        x, y = ax + half * (bx - ax), ay + half * (by - ay)
        cuts = np.cumsum([0, *sizes])
        return [
            outline(inside, one, x[a:b], y[a:b])
            for inside, one, a, b in zip(insides, found, cuts[:-1], cuts[1:], strict=True)
        ]

    def _walk(self, clock: WalkClock, x: Floats, y: Floats) -> tuple[Ints, Floats]:
        """(k,) deciseconds between a door at each point and the place, or BEYOND; (k,) metres to its street, or NaN."""
        # Beyond this no street matters: the nearest is too far, or its rival on the main network is.
        far = min(self.rules.at_most.metres, self.off + self.rules.extra.metres)
        segments, extra = self.network.segments, self.rules.extra.metres
        street = segments.nearest(x, y, large=self.large, at_most=far, extra=extra)
        if len(self.network.barrier):
            street = join_on_this_side(
                segments, street, x, y, self.network.barrier, large=self.large, at_most=far, extra=extra
            )
        edge, share, gap, _ = street
        walk = np.full(len(x), BEYOND, dtype=np.int32)
        near = np.flatnonzero(gap <= self.off)
        leg = deciseconds(gap[near], self.network.speed_m_s).astype(np.int64)
        walk[near] = np.minimum(clock.at(edge[near], share[near]) + leg, BEYOND)
        return walk, gap

    def _grid(self, reached: Lines) -> _Grid:
        """The tiles of nodes near reached streets, with a border that none of them is near."""
        side = TILE * self.cell
        x, y = _along(reached, side / 2.0)
        column, row = (np.floor(a / side).astype(np.int64) for a in (x, y))
        # A point between two samples is up to half a sample's step from one, and ground up to ``off`` from it.
        around = int(np.ceil((self.off + side / 4.0) / side))
        west, south = column.min() - around - 1, row.min() - around - 1
        tiles = np.zeros((row.max() - south + around + 2, column.max() - west + around + 2), dtype=bool)
        tiles[row - south, column - west] = True
        tiles = ndimage.binary_dilation(tiles, structure=np.ones((3, 3), dtype=bool), iterations=around)
        if tiles.size * TILE**2 > MOST_NODES:
            raise TooLargeError(
                Fault(
                    code="too-many-nodes",
                    what=Sentence(
                        "the grid of one area would have {count:,} nodes; {most:,} are the most",
                        count=tiles.size * TILE**2,
                        most=MOST_NODES,
                    ),
                    where="service areas",
                    mend="take a larger cell or a shorter limit",
                    count=tiles.size * TILE**2,
                )
            )
        return _Grid(int(south) * TILE, int(west) * TILE, tiles, self.cell)


def _along(lines: Lines, step: float) -> tuple[Floats, Floats]:
    """Points on lines, every vertex and none farther than ``step`` from the next on its line."""
    inner = np.ones(len(lines.coords), dtype=bool)
    inner[lines.starts[1:] - 1] = False
    first = np.flatnonzero(inner)
    a, b = lines.coords[first], lines.coords[first + 1]
    parts = np.maximum(np.ceil(np.hypot(*(b - a).T) / step), 1).astype(np.int64)
    of = np.repeat(np.arange(len(first)), parts + 1)
    before = np.concatenate([[0], np.cumsum(parts + 1)])[:-1]
    share = (np.arange(len(of)) - before[of]) / parts[of]
    points = a[of] + share[:, None] * (b - a)[of]
    return points[:, 0], points[:, 1]
