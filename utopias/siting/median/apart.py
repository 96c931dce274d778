"""A median whose lists fall apart: towns so far from each other that no better plan serves one from the other.

After narrowing, a row is served by the few sites it still lists. Where rows and sites come in parts that share no list,
all that joins the parts is how many sites each gets. Parts that say the same, list by list in the order they are stored,
are worked out once: their multipliers are made alike first, by their mean, which is no worse, the bound being concave.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.kernels import NEVER
from utopias.siting.median.aims import Median
from utopias.siting.median.bounds import bound_at, settled
from utopias.siting.median.narrow import narrow, served_at_most


@dataclass(frozen=True, eq=False)
class Part:
    """Rows and sites that share no list with any others.

    median : theirs alone, with neither number nor purse. sites : (own sites,) which they are of the whole.
    multipliers : (own rows,).
    """

    median: Median
    sites: Longs
    multipliers: Floats

    @property
    def says(self) -> bytes:
        """All that the part says, but for which sites and rows of the whole these are."""
        own = self.median
        said = (own.starts, own.columns, own.costs, own.cap, own.weights, own.fees)
        return b"".join(np.asarray(values).tobytes() for values in said)


@dataclass(frozen=True, eq=False)
class Apart:
    """A median in its parts. ``opened`` (m,) serve in any case; ``number`` are to be shared out; ``constant`` is paid besides."""

    parts: list[Part]
    opened: Bools
    number: int
    constant: float


def fallen_apart(whole: Median, multipliers: Floats, opened: Bools, upper: float, tolerance: float) -> Apart:
    """What a choice under ``upper - tolerance`` could still be, in its parts; exact for such choices.

    whole : with a number and no purse. multipliers : (n,) of its rows, within their caps. opened : (m,) every such
    choice opens them.
    """
    none = np.zeros(len(whole.free), dtype=bool)
    open_already = narrow(whole, opened, none, np.full(len(whole.weights), np.inf))
    multipliers = np.minimum(multipliers, open_already.cap)
    limit = served_at_most(open_already, multipliers, bound_at(open_already, multipliers)[0], upper, tolerance)
    multipliers = _alike(open_already, multipliers, limit)
    limit = served_at_most(open_already, multipliers, bound_at(open_already, multipliers)[0], upper, tolerance)
    more_open, closed = settled(open_already, multipliers, upper, tolerance)
    rest = narrow(open_already, more_open, closed, limit)
    rows, sites = _labels(rest)
    kept = np.flatnonzero(np.diff(rest.starts) > 0)
    alone = np.diff(rest.starts) == 0
    constant = rest.constant + float(rest.weights[alone] @ rest.cap[alone])
    free = np.flatnonzero(rest.free)
    by_row, by_site = _grouped(rows[kept], kept), _grouped(sites[free], free)
    nobody = np.zeros(0, dtype=np.int64)
    bounded = np.minimum(multipliers, rest.cap)
    parts = [_part(rest, bounded, by_row.get(label, nobody), own) for label, own in by_site.items()]
    return Apart(parts, opened | more_open, rest.number, constant)


def _labels(median: Median) -> tuple[Ints, Ints]:
    """The part of each row and of each site, by number."""
    n, m = len(median.weights), len(median.free)
    rows = np.repeat(np.arange(n), np.diff(median.starts))
    joined = coo_array((np.ones(len(rows), dtype=np.int8), (rows, n + median.columns.astype(np.int64))), (n + m, n + m))
    labels = connected_components(joined, directed=False)[1]
    return labels[:n], labels[n:]


def _grouped(labels: Ints, members: Longs) -> dict[int, Longs]:
    """The members of each label, in their order; labels in the order of their first member."""
    order = np.argsort(labels, kind="stable")
    told, first = np.unique(labels[order], return_index=True)
    groups = dict(zip(told.tolist(), np.split(members[order], first[1:]), strict=True)) if len(told) else {}
    return dict(sorted(groups.items(), key=lambda group: int(group[1][0])))


def _part(median: Median, multipliers: Floats, rows: Longs, sites: Longs) -> Part:
    starts, columns, costs = _lists_of(median, rows, sites)
    own = Median(
        starts=starts, columns=columns, costs=costs, cap=median.cap[rows], weights=median.weights[rows],
        free=np.ones(len(sites), dtype=bool), number=-1, prices=np.zeros(len(sites)), purse=NEVER,
        fees=median.fees[sites],
    )  # fmt: skip
    return Part(own, sites, multipliers[rows])


def _lists_of(median: Median, rows: Longs, sites: Longs) -> tuple[Longs, Ints, Floats]:
    """The lists of some rows, with the places of ``sites`` (ascending) for columns; other sites left out."""
    length = median.starts[rows + 1] - median.starts[rows]
    ends = np.cumsum(length)
    at = np.repeat(median.starts[rows] - (ends - length), length) + np.arange(int(length.sum()))
    place = np.searchsorted(sites, median.columns[at])
    inside = np.zeros(len(at), dtype=bool)
    known = place < len(sites)
    inside[known] = sites[place[known]] == median.columns[at][known]
    counted = np.concatenate([[0], np.cumsum(inside)])
    starts = np.concatenate([[0], counted[ends]]).astype(np.int64)
    return starts, place[inside].astype(np.int32), median.costs[at][inside]


def _alike(median: Median, multipliers: Floats, limit: Floats) -> Floats:
    """The multipliers with those of parts that say the same, up to the larger of their limits, made the same."""
    none = np.zeros(len(median.free), dtype=bool)
    rows, sites = _labels(narrow(median, none, none, limit))
    by_row, by_site = _grouped(rows, np.arange(len(rows))), _grouped(sites, np.arange(len(sites)))
    shapes: dict[tuple[int, int], list[int]] = defaultdict(list)
    for label, own in by_site.items():
        if label in by_row:
            shapes[len(by_row[label]), len(own)].append(label)
    made = multipliers.copy()
    for (count, _), labels in shapes.items():
        if len(labels) < 2 or not count:
            continue
        farthest = np.max([limit[by_row[label]] for label in labels], axis=0)
        same: dict[bytes, list[int]] = defaultdict(list)
        for label in labels:
            same[_says_up_to(median, by_row[label], by_site[label], farthest)].append(label)
        for twins in same.values():
            mean = np.mean([multipliers[by_row[label]] for label in twins], axis=0)
            for label in twins:
                made[by_row[label]] = mean
    return made


def _says_up_to(median: Median, rows: Longs, sites: Longs, farthest: Floats) -> bytes:
    starts, columns, costs = _lists_of(median, rows, sites)
    near = costs <= np.repeat(farthest, np.diff(starts))
    told = np.concatenate([[0], np.cumsum(near)])[starts]
    said = (told, columns[near], costs[near], median.weights[rows], median.fees[sites], median.free[sites])
    return b"".join(np.asarray(values).tobytes() for values in said)


def with_fee(median: Median, fee: float, number: int) -> Median:
    """The same median where each site charges so much more, of which exactly ``number`` are opened; -1: as many as pay."""
    return replace(median, fees=median.fees + fee, number=number, _turned=median._turned)
