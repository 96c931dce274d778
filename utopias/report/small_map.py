"""Maps small enough to stand in a notebook: of a plan, and of a town before any plan.

A borough of 25,000 blocks is 700 kB of outlines, too much for something that is shown after every
cell. Over ``MANY`` blocks the map is drawn in cells of the screen instead, each with the kind of the
nearest block: 100 kB, and at this size nobody sees the difference.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.plan import Plan
from utopias.domain.town import Town
from utopias.report.map_paths import area_paths, cell_paths, frame_around, line_paths, square_paths
from utopias.report.maps import MapInk, map_svg, prepare, spacing

MANY = 5_000  # blocks


def plan_map(plan: Plan, *, title: str, description: str, north: str) -> str:
    """The blocks after the plan, the units, the new sites with their numbers; as SVG.

    Raises
    ------
    ProblemError : the plan carries no tables, or no limit.
    """
    return _drawn(prepare(plan, cells_over=MANY), "after", title, description, north)


def town_map(town: Town, *, title: str, description: str, north: str) -> str:
    """Where people live, the units that stand, the lots that could be chosen; as SVG."""
    blocks = town.blocks
    kinds = np.where(blocks.people > 0, "lived", "empty").astype(object)
    kinds[~blocks.planned] = "around"
    inside = blocks.planned if blocks.planned.any() else np.ones(len(blocks), dtype=bool)
    frame = frame_around(blocks.x[inside], blocks.y[inside])
    side = spacing(blocks.x[inside], blocks.y[inside])
    if len(blocks) > MANY:
        drawn = cell_paths(blocks.x, blocks.y, kinds, frame, 1.1 * side)
    elif blocks.shapes is not None:
        drawn = area_paths(blocks.shapes, kinds, frame)
    else:
        drawn = square_paths(blocks.x, blocks.y, side, kinds, frame)
    base = town.basemap
    ink = MapInk(
        frame=frame,
        blocks=drawn,
        kinds=frozenset(drawn),
        areas={} if base is None else area_paths(base.polygons, base.polygon_kind, frame),
        lines={} if base is None else line_paths(base.lines, base.line_kind, frame),
        units=frame.grid(np.stack([town.fixed.x, town.fixed.y], axis=1)),
        sites=frame.grid(np.stack([town.sites.x, town.sites.y], axis=1)),
        labels=(),
    )
    return _drawn(ink, "town", title, description, north)


def _drawn(ink: MapInk, view: str, title: str, description: str, north: str) -> str:
    return map_svg(ink, view, title=title, description=description, north=north, kilometres="km", text=130)
