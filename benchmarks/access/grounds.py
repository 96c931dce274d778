"""The ground of a name: a city of ``graphs``, "porto x 16" its tiles, or the little one of the checks."""

from __future__ import annotations

import time

from benchmarks.access import graphs
from benchmarks.access.walking import Ground
from benchmarks.rows import LITTLE


def ground_of(name: str) -> Ground:
    """A network with what was made of it; ``LITTLE`` stands in the place of a city, in as many copies."""
    city, _, copies = name.partition(" x ")

    def of(count: int) -> graphs.Graph:
        side = round(count**0.5)
        return graphs.tile(graphs.little(), side) if city == LITTLE else graphs.tiled(city, side)

    return Ground(of(int(copies or 1)), time.process_time, of)
