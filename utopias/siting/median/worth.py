"""What a part of a median is worth by the number of its sites: bounds and best choices, and the best way to share a number out."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints
from utopias.siting.kernels import greedy, interchange, shake
from utopias.siting.median.apart import Part
from utopias.siting.median.dual_kernels import reduced

# Parts of so few sites are worked out choice by choice, where rows times choices are no more than this.
FEW, MOST_CHOICES = 12, 1_000_000
# Starts for one number of one part, and restarts from each; fewer where these come to so many entries of lists.
STARTS, RESTARTS, MOST_ENTRIES = 14, 300, 60_000_000
LUCK = 18  # numbers that a restart takes
# So far from its share in the relaxation a number is as doubtful as one of which nothing is known.
FAR = 3.0
ROUNDING = 1e-9


@dataclass(eq=False)
class Worth:
    """What one part is worth by the number of its sites that are open, 0 to all; it stands for ``copies`` alike.

    copies : places of those parts among all. least, most : (sites + 1,) no choice of so many is under the first; the best
    known comes to the second, inf where none is known. chosen : that choice. whole : values are whole numbers. wanted : the
    share of the part in the relaxation. searched : numbers that had their restarts.
    """

    part: Part
    copies: list[int]
    least: Floats = field(default_factory=lambda: np.zeros(0))
    most: Floats = field(default_factory=lambda: np.zeros(0))
    chosen: list[Bools | None] = field(default_factory=list)
    whole: bool = False
    wanted: float = 0.0
    searched: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        own = self.part.median
        size = len(own.free)
        told = (own.costs, own.cap, own.weights, own.fees)
        self.whole = all(bool((values == np.rint(values)).all()) for values in told)
        rho = np.zeros(size)
        base = reduced(*own.rows, own.weights, own.fees, self.part.multipliers, rho)
        sums: Floats = np.concatenate([[0.0], np.cumsum(np.sort(rho))]).astype(np.float64)
        self.least = self._up(base + sums)
        self.most, self.chosen = np.full(size + 1, np.inf), [None] * (size + 1)
        self.offer(np.zeros(size, dtype=bool))
        self.offer(np.ones(size, dtype=bool))
        if size <= FEW and len(own.weights) << size <= MOST_CHOICES:
            self._work_out()

    @property
    def size(self) -> int:
        return len(self.part.median.free)

    @property
    def doubt(self) -> Floats:
        """Of numbers as good as each other: those that are known, and then those near the share in the relaxation."""
        far: Floats = ((np.arange(self.size + 1) - self.wanted) / FAR).astype(np.float64)
        doubt: Floats = np.where(self.most > self.least, 1.0, 0.0) + far * far
        return doubt

    def _up(self, values: Floats) -> Floats:
        """Bounds of whole values are whole."""
        return np.ceil(values - 1e-6 - ROUNDING * np.abs(values)) if self.whole else values

    def offer(self, chosen: Bools) -> None:
        """Take a choice where none so good of as many sites is known."""
        count, value = int(chosen.sum()), self.part.median.value(chosen)
        if value < self.most[count]:
            self.most[count], self.chosen[count] = value, chosen.copy()

    def raise_to(self, least: Floats, first: int, last: int) -> None:
        """``least`` (last - first + 1,) holds for the numbers from ``first`` to ``last``; never over a choice that is known."""
        run = slice(first, last + 1)
        self.least[run] = np.minimum(np.maximum(self.least[run], self._up(least)), self.most[run])

    def search(self, count: int, seed: int, until: float) -> None:
        """Restarts for ``count`` sites: each from half of the best choice known of as many, or of one more or fewer.

        Ends when the monotonic clock says ``until``.
        """
        if count in self.searched:
            return
        self.searched.add(count)
        if not 0 < count < self.size or self.most[count] <= self.least[count]:
            return
        own, luck = self.part.median, np.random.default_rng([seed, count])
        rules = (own.shut, own.fees, own.prices, own.purse, count)
        rounds = min(RESTARTS, MOST_ENTRIES // (STARTS * (len(own.columns) + 1)))
        for start in range(STARTS):
            near = [self.chosen[other] for other in (count, count - 1, count + 1)]
            known = [one for one in near if one is not None]
            trial = known[start % len(known)].copy() if known else np.zeros(self.size, dtype=bool)
            inside = np.flatnonzero(trial)
            less = max(0, len(inside) - count) if start < len(known) else len(inside) // 2
            trial[luck.choice(inside, less, replace=False)] = False
            if not greedy(*own.by_site, own.cap, own.weights, trial, *rules, False):
                return
            value = interchange(*own.rows, *own.by_site, own.cap, own.weights, trial, *rules, 0, 50)
            if rounds:
                shake(*own.rows, *own.by_site, own.cap, own.weights, trial, *rules, value, luck.random((rounds, LUCK)))
            self.offer(trial)
            if self.most[count] <= self.least[count] or monotonic() > until:
                return

    def _work_out(self) -> None:
        """Every choice of a few sites, by what it adds to the choice without its lowest site."""
        own, size = self.part.median, self.size
        masks = np.arange(1 << size)
        lowest = np.zeros(1 << size, dtype=np.int64)
        counts = np.zeros(1 << size, dtype=np.int64)
        for site in range(size):
            counts += masks >> site & 1
        for site in reversed(range(size)):
            lowest[masks >> site & 1 == 1] = site
        total = np.zeros(1 << size)
        for site in range(size):
            total += own.fees[site] * (masks >> site & 1)
        for row in range(len(own.weights)):
            paid = np.full(size, own.cap[row])
            listed = slice(own.starts[row], own.starts[row + 1])
            paid[own.columns[listed]] = own.costs[listed]
            least = np.full(1 << size, own.cap[row])
            for site in range(size):
                least[1 << site : 2 << site] = np.minimum(least[: 1 << site], paid[site])
            total += own.weights[row] * least
        for count in range(size + 1):
            those = np.flatnonzero(counts == count)
            best = int(those[np.argmin(total[those])])
            self.offer((best >> np.arange(size) & 1).astype(bool))
        self.least = self.most.copy()


def shared_out(values: list[Floats], number: int, doubts: list[Floats] | None = None) -> tuple[float, Ints]:
    """The least sum of one value of each list whose places add up to ``number``, and those places; inf where there is none.

    Of sums that are the same but for rounding, the places of that with the least sum of ``doubts``; the sum told stays the
    least, for many steps as small as rounding come to more.
    """
    reach, doubt = np.full(number + 1, np.inf), np.zeros(number + 1)
    reach[0] = 0.0
    told = reach.copy()
    came = []
    for at, own in enumerate(values):
        best, least, count = np.full(number + 1, np.inf), np.full(number + 1, np.inf), np.zeros(number + 1, np.int32)
        lowest = best.copy()
        for k in np.flatnonzero(np.isfinite(own)).tolist():
            if k > number:
                break
            np.minimum(lowest[k:], told[: number + 1 - k] + own[k], out=lowest[k:])
            sums = reach[: number + 1 - k] + own[k]
            doubted = doubt[: number + 1 - k] + (0.0 if doubts is None else doubts[at][k])
            same = (0.0 if doubts is None else ROUNDING) * np.where(np.isfinite(sums), np.abs(sums), 0.0)
            better = (sums < best[k:] - same) | ((sums <= best[k:] + same) & (doubted < least[k:]))
            best[k:][better] = sums[better]
            least[k:][better] = doubted[better]
            count[k:][better] = k
        came.append(count)
        reach, doubt, told = best, least, lowest
    given, left = np.zeros(len(values), dtype=np.int32), number
    if np.isfinite(reach[number]):
        for at in reversed(range(len(values))):
            given[at] = came[at][left]
            left -= int(given[at])
    return float(told[number]), given
