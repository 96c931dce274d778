"""Two sums against each other: the corners of the front by weighing, and what single swaps find between them.

Each weighing is one question of its own, proven or bounded; the line through its bound holds for every plan,
also for those that no weighing prefers. The weights come from the chords between neighbours, the widest
first (Cohon, Church & Sheer 1979, Water Resources Research 15:1001-1010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.siting.curve.along_curve import Curve, Met
from utopias.siting.curve.stacked import Part, stacked
from utopias.siting.median.aims import put
from utopias.siting.median.search import Search
from utopias.siting.median.swaps import swaps
from utopias.siting.question.problem import Problem

# A chord is closed when nothing lies under it by more than this share.
FLAT = 1e-7


@dataclass(frozen=True, eq=False)
class _Line:
    """First loss + ``price`` x second loss is ``least`` or more, for every plan."""

    price: float
    least: float
    question: Problem
    search: Search


@dataclass(frozen=True, slots=True)
class _At:
    first: float
    second: float
    sites: tuple[int, ...]


class _Front:
    """The losses met, the lines known, and both parts."""

    def __init__(self, curve: Curve) -> None:
        self.curve = curve
        self.parts = (curve.part(0), curve.part(1))
        self.lines: list[_Line] = []
        self.corners: dict[tuple[int, ...], _At] = {}
        self.given = np.zeros(curve.problem.pairs.sites, dtype=bool)
        self.given[[*curve.problem.fixed, *curve.problem.forced]] = True

    def at(self, sites: tuple[int, ...]) -> _At:
        chosen = self.given.copy()
        chosen[list(sites)] = True
        return _At(self.parts[0].loss(chosen), self.parts[1].loss(chosen), sites)

    def weigh(self, price: float, share: float, start: Bools | None = None) -> _At:
        """The best choice under first + price x second; its line is kept."""
        question = stacked(self.curve.problem, [(self.parts[0], 1.0), (self.parts[1], price)])
        search, _ = self.curve.search(question, share, start=start)
        self.lines.append(_Line(price, search.bound, question, search))
        one = self.at(self.curve.sites(search))
        self.corners.setdefault(one.sites, one)
        return one

    def keep(self, one: _At) -> Met:
        """Take a point with the best bound that any line gives at its second loss."""
        line = max(self.lines, key=lambda known: known.least - known.price * one.second)
        added = line.price * one.second
        loss = min(line.least - added, one.first)
        room = max(1.0 - 1e-6, 1e-9 * one.first) if self.whole else FLAT * max(one.first + added, 1.0)
        proven = one.first - loss <= room
        return self.curve.keep(
            one.sites,
            self.curve.value(0, one.first if proven else loss),
            question=line.question,
            search=line.search,
            root_of=added,
            proven=proven,
        )

    @property
    def whole(self) -> bool:
        """Whether two values of the first aim differ by 1 at least."""
        part = self.parts[0]
        return bool((part.weights == np.floor(part.weights)).all() and (part.costs == np.floor(part.costs)).all())


def by_weights(curve: Curve) -> None:
    """Fill ``curve`` with points between two sums."""
    front = _Front(curve)
    share = 1.0 / (curve.points + 1)
    worth = _whole(front.parts[0]) / max(_whole(front.parts[1]), 1e-9)
    ends = (front.weigh(1e-6 * worth, share), front.weigh(1e6 * worth, share))
    chords = [ends]
    while chords and len(front.corners) < curve.points and not curve.over:
        chords.sort(key=lambda pair: (_wide(pair, ends), pair[0].sites))
        left, right = chords.pop()
        rise, run = right.first - left.first, left.second - right.second
        if rise <= 0 or run <= 0:
            continue
        price = rise / run
        between = front.weigh(price, share)
        if between.first + price * between.second < (left.first + price * left.second) * (1 - FLAT):
            chords += [(left, between), (between, right)]
    near = [] if curve.over else _between(front, curve.points - len(front.corners))
    for one in [*front.corners.values(), *near]:
        front.keep(one)


def _whole(part: Part) -> float:
    """What is lost where nothing is open."""
    return float(part.weights.sum()) * part.cap


def _wide(pair: tuple[_At, _At], ends: tuple[_At, _At]) -> float:
    """How much of the front a chord leaves open, as the area of its box over that of the ends'."""
    rise = (pair[1].first - pair[0].first) / max(ends[1].first - ends[0].first, 1e-9)
    run = (pair[0].second - pair[1].second) / max(ends[0].second - ends[1].second, 1e-9)
    return rise * run


def _between(front: _Front, count: int) -> list[_At]:
    """Up to ``count`` undominated points one swap from a corner, the farthest from all others first."""
    met = sorted(front.corners.values(), key=lambda one: one.first)
    if count <= 0 or len(met) < 2:
        return []
    medians = [put(stacked(front.curve.problem, [(part, 1.0)]), "least-walk", None).median for part in front.parts]
    found: dict[tuple[int, ...], _At] = {}
    for corner in met:
        chosen = np.zeros(len(front.given), dtype=bool)
        chosen[list(corner.sites)] = True
        chosen &= ~front.given
        tables = [swaps(median, chosen) for median in medians]
        if not tables[0].swapped.size:
            continue
        first, second = corner.first + tables[0].swapped, corner.second + tables[1].swapped
        inside = (first < met[-1].first) & (second < met[0].second)
        for site, at in zip(*np.nonzero(inside), strict=True):
            sites = tuple(sorted({*corner.sites, int(site)} - {int(tables[0].opened[at])}))
            found[sites] = _At(float(first[site, at]), float(second[site, at]), sites)
    scale = np.array([met[-1].first - met[0].first, met[0].second - met[-1].second])
    told: list[_At] = []
    while found and len(told) < count:
        others = [*met, *told]
        free = [
            one for one in found.values() if not any(o.first <= one.first and o.second <= one.second for o in others)
        ]
        if not free:
            break
        best = max(free, key=lambda one: (_apart(one, others, scale), one.sites))
        told.append(front.at(best.sites))
        del found[best.sites]
    return told


def _apart(one: _At, others: list[_At], scale: Floats) -> float:
    """How far, in shares of the front, the nearest other point lies."""
    return min(float(np.hypot((one.first - o.first) / scale[0], (one.second - o.second) / scale[1])) for o in others)
