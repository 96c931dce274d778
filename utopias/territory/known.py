"""How far the ground is known: from each block to the nearest place the town knows nothing about.

Somebody who lives near the edge of the map may reach a unit that is not on it. Whoever counts them
must know that, so every block carries its distance to the end of the known ground.
"""

from __future__ import annotations

import numpy as np
import shapely

from utopias.domain.arrays import AnyArray, Floats

# Between blocks lie streets, canals, railways and parks that belong to no block and are no unknown
# ground: 300 m is wider than any of Iztapalapa's avenues and canals with their banks.
GAP_M = 300.0


def known_ground(polygons: AnyArray, *, gap: float = GAP_M) -> AnyArray:
    """The ground covered by all blocks, as (k,) polygons without holes.

    polygons : (n,) outlines of all blocks, planned and surroundings, in metres; or their points,
        each then standing for a disc of ``gap`` across.
    gap : metres; narrower gaps between blocks are closed. A hole in the middle (a hill, a lake, an
        airport) has no inhabitants and is no end of the known ground, so holes are filled.
    """
    half = gap / 2
    whole = polygons[~(shapely.is_missing(polygons) | shapely.is_empty(polygons))]
    flat = shapely.get_dimensions(whole) < 2
    outlines = shapely.get_parts(whole[~flat])
    # Only the outside counts in the end, so coarse arcs and the outer ring of each block are enough.
    rough = shapely.simplify(shapely.polygons(shapely.get_exterior_ring(outlines)), half / 50)
    grown = shapely.buffer(rough, half, quad_segs=4)
    spots = shapely.buffer(whole[flat], gap, quad_segs=4)
    union = shapely.get_parts(shapely.union_all(np.concatenate([grown, spots])))
    filled = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(union)))
    ground: AnyArray = shapely.get_parts(shapely.buffer(filled, -half, quad_segs=4))
    return ground


def known_to(x: Floats, y: Floats, ground: AnyArray) -> Floats:
    """(n,) metres from each point to the end of ``ground``; 0 outside it.

    ground : (k,) polygons of known ground in the same metres: from ``known_ground``, or declared.
        A hole in them is unknown ground (``known_ground`` leaves none).
    """
    points = shapely.points(x, y)
    lines = shapely.boundary(ground)
    coords, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    same = line[:-1] == line[1:]
    edges = shapely.linestrings(np.stack([coords[:-1][same], coords[1:][same]], axis=1))
    (at, _), near = shapely.STRtree(edges).query_nearest(points, return_distance=True, all_matches=False)
    distance = np.zeros(len(points))
    distance[at] = near
    tree = shapely.STRtree(ground)
    within = np.zeros(len(points), dtype=bool)
    within[tree.query(points, predicate="intersects")[0]] = True
    return np.where(within, distance, 0.0)
