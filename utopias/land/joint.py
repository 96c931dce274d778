"""Small plots that adjoin may form one site: which do, and the town in which a joint site stands in their place.

The solver cannot say *either these two or that one*, so a joint site replaces its members. What a
joint site is like follows from them: its area and cost are sums where all are known, its dangers
the worst of theirs, and every door of theirs is a door of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.land import JointSite, Screening
from utopias.domain.quantities import Length
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town

LEAST_AREA = 5_000.0  # m2; the smallest site announced in the city's plan of 2024-2030 (Cuajimalpa, of two plots)
MOST = 4  # plots of one joint site: more owners and more gates than that are no longer one place


def joint_sites(
    town: Town, found: Screening, *, gap: Length | None = None, least_area: float = LEAST_AREA
) -> tuple[JointSite, ...]:
    """The joint sites that the town's plots can form, no plot in two of them.

    Parameters
    ----------
    found : the screening of the town; an excluded plot joins nothing.
    gap : plots whose outlines are this far apart or nearer adjoin; 0 is a shared edge or corner. None joins
        only what the town itself joins by ``site_group``. Outlines alone are looked at: whether a road, a wall or a
        canal lies in the gap, nobody asked.
    least_area : m2 that a joint site must reach; a plot that reaches it alone needs no neighbour.

    Returns
    -------
    Those declared first, in the order of their words, as far as they reach the area; then, of the small plots
    left, connected groups of two, then of three, up to four; among groups of as many plots the smallest
    total area first, ties by id. The same town always gives the same sites. Taking the next smallest group is
    a rule, not an optimum: another choice may leave fewer plots alone.

    Plots that would displace two different providers are not joined: a site names one.

    Raises
    ------
    ProblemError : ``no-outlines``: a gap is given and the plots are known as points; ``bad-area``.
    """
    _must_make_sense(town, gap, least_area)
    ids = [str(key) for key in town.sites.ids.tolist()]
    areas = areas_of(town)
    shut = set(found.excluded)
    open_ones = [i for i, key in enumerate(ids) if key not in shut and np.isfinite(areas[i])]
    groups = _words(town, "site_group")
    made = []
    for word in sorted(set(groups) - {""}):
        members = [i for i in open_ones if groups[i] == word]
        if len(members) > 1 and areas[members].sum() >= least_area and _one_provider(town, members):
            made.append(_joint(town, members, areas, declared=True))
    if gap is None or town.lots is None:
        return tuple(made)
    drawn = np.diff(town.lots.shapes) > 0
    small = [i for i in open_ones if drawn[i] and areas[i] < least_area and not groups[i]]
    beside = _neighbours(_polygons(town)[small], small, gap.metres)
    left = set(small)
    for size in range(2, MOST + 1):
        fitting = [
            plots
            for plots in _connected(left, beside, size)
            if areas[list(plots)].sum() >= least_area and _one_provider(town, plots)
        ]
        for plots in sorted(fitting, key=lambda one: (float(areas[list(one)].sum()), [ids[i] for i in one])):
            if left.issuperset(plots):
                left -= set(plots)
                made.append(_joint(town, plots, areas))
    return tuple(made)


def areas_of(town: Town) -> Floats:
    """(sites,) m2 of each plot: as its table says, else of its outline; NaN where neither is known."""
    import shapely

    table = town.sites.table
    said = table["area_m2"].to_numpy(dtype=float) if "area_m2" in table else np.full(len(town.sites), np.nan)
    if town.lots is None:
        return np.asarray(said, dtype=np.float64)
    drawn = np.asarray(shapely.area(_polygons(town)), dtype=np.float64)
    areas: Floats = np.where(np.isfinite(said), said, np.where(drawn > 0, drawn, np.nan))
    return areas


def _polygons(town: Town) -> AnyArray:
    """(sites,) shapely outlines, empty where one is not known."""
    import shapely

    lots = town.lots
    assert lots is not None
    if not len(lots):
        return np.zeros(0, dtype=object)
    made: AnyArray = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, lots.coords.copy(), (lots.rings, lots.parts, lots.shapes)
    )
    return made


def _neighbours(outlines: AnyArray, plots: Sequence[int], gap: float) -> dict[int, set[int]]:
    """{plot: plots whose outline is ``gap`` metres away or nearer}."""
    import shapely

    beside: dict[int, set[int]] = {i: set() for i in plots}
    if len(plots) < 2:
        return beside
    near = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=gap)
    for one, other in near.T.tolist():
        if one != other:
            beside[plots[one]].add(plots[other])
    return beside


def _connected(plots: set[int], beside: dict[int, set[int]], size: int) -> Iterator[tuple[int, ...]]:
    """Every connected group of ``size`` of these plots, each once, ascending: grown from its lowest plot."""
    for root in sorted(plots):
        groups: set[tuple[int, ...]] = {(root,)}
        for _ in range(size - 1):
            groups = {
                tuple(sorted((*group, other)))
                for group in groups
                for other in set().union(*(beside[i] for i in group)) & plots
                if other > root and other not in group
            }
        yield from sorted(groups)


def _one_provider(town: Town, members: Sequence[int]) -> bool:
    replaces = _words(town, "replaces")
    return len({replaces[i] for i in members} - {""}) <= 1


def _joint(town: Town, members: Sequence[int], areas: Floats, *, declared: bool = False) -> JointSite:
    ids = tuple(str(town.sites.ids[i]) for i in members)
    name = " + ".join(str(town.sites.names[i]) for i in members)
    return JointSite("+".join(ids), name, ids, float(areas[list(members)].sum()), declared)


def _words(town: Town, column: str) -> list[str]:
    """(sites,) a column of text, "" where it says nothing."""
    table = town.sites.table
    if column not in table:
        return [""] * len(town.sites)
    cells: list[str] = table[column].astype(object).where(table[column].notna(), "").astype(str).str.strip().tolist()
    return cells


def _must_make_sense(town: Town, gap: Length | None, least_area: float) -> None:
    faults = []
    if not (np.isfinite(least_area) and least_area > 0):
        what = Sentence("{area} m2 is no area to reach", area=least_area)
        faults.append(Fault("bad-area", what, "least_area", "give a number over 0: 5000"))
    if gap is not None and town.lots is None:
        faults.append(
            Fault(
                code="no-outlines",
                what="the town's plots are known as points, and points have no edge to share",
                where="sites.parquet",
                mend="build the town from plots drawn as polygons, or write site_group in their table",
            )
        )
    if faults:
        raise ProblemError(faults)
