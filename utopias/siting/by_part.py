"""How many sites each part of a median gets: least values by number, part by part, added up over all ways to share.

Of every part there are, for each number of its sites, a value that no choice is under and the best choice known. Added up
over the best way to share out the number they bound the whole from both sides. What the bound leans on and is not known
yet is asked of HiGHS next: the least of a part over a run of numbers, each site at the price that the parts agree on. A
gap of one in each of four parts, which a tree over the whole must close all four of at once, is closed four times alone,
and once where the four are alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import numpy as np
from scipy.sparse import csr_array

from utopias.domain.arrays import Bools, Floats, Ints
from utopias.siting.apart import Apart, Part, with_fee
from utopias.siting.bounds import bound_at
from utopias.siting.dual_kernels import reduced
from utopias.siting.kernels import greedy, interchange, shake
from utopias.siting.programme import Rows, solved

# Parts of so few sites are worked out choice by choice.
FEW = 12
# HiGHS may stop with its bound this far under its best, where values are whole: the next whole number is that best.
SHORT_OF_ONE = 0.999
# Starts for one number of one part, and restarts from each; fewer where these come to so many entries of lists.
STARTS, RESTARTS, MOST_ENTRIES = 14, 300, 60_000_000
# Numbers that are searched on either side of the share that a part has in the relaxation.
ASIDE = 2
# So far from its share in the relaxation a number is as doubtful as one of which nothing is known.
FAR = 3.0
# Halvings of the span in which the price of a site is sought.
HALVINGS = 60
ROUNDING = 1e-9
LUCK = 18


@dataclass(eq=False)
class Worth:
    """What one part is worth by the number of its sites that are open, 0 to all; it stands for ``copies`` alike.

    least, most : (sites + 1,) no choice of so many is under the first; the best known comes to the second, inf where
    none is known. chosen : that choice. whole : values are whole numbers.
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
        self.least = self._up(base + np.concatenate([[0.0], np.cumsum(np.sort(rho))]))
        self.most, self.chosen = np.full(size + 1, np.inf), [None] * (size + 1)
        self.offer(np.zeros(size, dtype=bool))
        self.offer(np.ones(size, dtype=bool))
        if size <= FEW:
            self._work_out()

    @property
    def size(self) -> int:
        return len(self.part.median.free)

    @property
    def doubt(self) -> Floats:
        """Of numbers as good as each other: those that are known, and then those near the share in the relaxation."""
        far = (np.arange(self.size + 1) - self.wanted) / FAR
        doubt: Floats = 1.0 * (self.most > self.least) + far * far
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
        """``least`` holds for the numbers from ``first`` to ``last``."""
        run = slice(first, last + 1)
        self.least[run] = np.minimum(np.maximum(self.least[run], self._up(least)), self.most[run])

    def search(self, count: int, seed: int) -> None:
        """Restarts for ``count`` sites: each from half of the best choice known of as many, or of one more or fewer."""
        if count in self.searched or not 0 < count < self.size or self.most[count] <= self.least[count]:
            return
        self.searched.add(count)
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
                shake(
                    *own.rows, *own.by_site, own.cap, own.weights, trial, *rules, value, luck.random((rounds, LUCK))
                )
            self.offer(trial)
            if self.most[count] <= self.least[count]:
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


@dataclass(eq=False)
class ByPart:
    """The search over what the parts of ``apart`` are worth. ``take`` values a choice and returns the least value known.

    ``share`` (m,) of each site in the relaxation, which says what numbers to look at first. ``nodes`` : of HiGHS at a question at most, where work is counted. ``bound`` holds for every choice.
    """

    apart: Apart
    upper: float
    tolerance: float
    take: Callable[[Bools], float]
    share: Floats
    seed: int
    nodes: int | None = None
    bound: float = -np.inf
    asked: int = 0
    is_done: bool = False
    is_stuck: bool = False

    def __post_init__(self) -> None:
        kinds: dict[bytes, Worth] = {}
        self.kind_of: list[Worth] = []
        for at, part in enumerate(self.apart.parts):
            says = part.says
            if says in kinds:
                kinds[says].copies.append(at)
            else:
                kinds[says] = Worth(part, [at])
            self.kind_of.append(kinds[says])
        self.kinds = list(kinds.values())
        for kind in self.kinds:
            kind.wanted = float(np.mean([self.share[self.apart.parts[at].sites].sum() for at in kind.copies]))
        self._look()

    def search(self) -> None:
        """Restarts in every part, for the numbers about its share in the relaxation."""
        for kind in self.kinds:
            middle = round(kind.wanted)
            for count in sorted(range(middle - ASIDE, middle + ASIDE + 1), key=lambda count: abs(count - kind.wanted)):
                kind.search(count, self.seed)
        self._share_out()

    def learn(self, before: ByPart) -> None:
        """Take over what is known of parts that are parts still."""
        part_of = np.full(len(self.apart.opened), -1)
        for at, part in enumerate(self.apart.parts):
            part_of[part.sites] = at
        for kind in before.kinds:
            for chosen in kind.chosen:
                inside = kind.part.sites[chosen] if chosen is not None else kind.part.sites[:0]
                if not len(inside) or part_of[inside[0]] < 0 or (part_of[inside] != part_of[inside[0]]).any():
                    continue
                part = self.apart.parts[part_of[inside[0]]]
                self.kind_of[part_of[inside[0]]].offer(np.isin(part.sites, inside))

    def offer(self, chosen: Bools) -> None:
        """Learn from a choice (m,) of the whole."""
        for kind, part in zip(self.kind_of, self.apart.parts, strict=True):
            kind.offer(chosen[part.sites])
        self._share_out()

    def step(self, until: float) -> None:
        """Ask one question of one part, or find that all is known; ``is_stuck`` where the answer said nothing new."""
        self._look()
        if self.is_done:
            return
        unsure = [at for at, kind in enumerate(self.kind_of) if not self._known(kind, self.given[at])]
        if not unsure:  # the shares that the bound leans on are all worked out
            self._share_out()
            self._look()
            self.is_stuck = not self.is_done
            return
        at = min(unsure, key=lambda at: (self.kind_of[at].size, at))
        if int(self.given[at]) not in self.kind_of[at].searched:
            self.kind_of[at].search(int(self.given[at]), self.seed)
            self._share_out()
            self.kind_of[at].searched.add(int(self.given[at]))
            self._look()
            return
        self._ask(self.kind_of[at], int(self.given[at]), until)
        self._share_out()
        self._look()

    def _known(self, kind: Worth, count: int) -> bool:
        return bool(kind.most[count] - kind.least[count] <= self._apart_in_one)

    @property
    def _apart_in_one(self) -> float:
        """What the bounds of one part may lack."""
        return 0.5 * self.tolerance / max(len(self.kind_of), 1)

    def _look(self) -> None:
        """The bound of now, and the numbers it leans on."""
        total, self.given = shared_out(
            [kind.least for kind in self.kind_of], self.apart.number, [kind.doubt for kind in self.kind_of]
        )
        self.bound = max(self.bound, min(total + self.apart.constant, self.upper - self.tolerance))
        self.is_done = total + self.apart.constant >= self.upper - self.tolerance

    def _share_out(self) -> None:
        """The best choice that those known of the parts make up."""
        total, given = shared_out([kind.most for kind in self.kind_of], self.apart.number)
        if not total + self.apart.constant < self.upper:
            return
        chosen = self.apart.opened.copy()
        for kind, part, count in zip(self.kind_of, self.apart.parts, given.tolist(), strict=True):
            best = kind.chosen[count]
            assert best is not None
            chosen[part.sites] = best
        self.upper = self.take(chosen)

    def _ask(self, kind: Worth, count: int, until: float) -> None:
        """The least of a part over the run of numbers about ``count`` that are unknown and could be of a better choice."""
        price, slack, room = self._agreed(kind)
        first = last = count
        open_still = (kind.most - kind.least > self._apart_in_one) & (slack <= room)
        while first > 0 and open_still[first - 1]:
            first -= 1
        while last < kind.size and open_still[last + 1]:
            last += 1
        before = kind.least[first : last + 1].copy(), kind.most[first : last + 1].copy()
        numbers = np.arange(first, last + 1)
        alone = first == last
        priced = with_fee(kind.part.median, 0.0 if alone else price, first if alone else -1)
        known = [number for number in numbers.tolist() if kind.chosen[number] is not None]
        start = min(known, key=lambda number: kind.most[number] + price * number) if known else None
        rule = Rows(csr_array(np.ones((1, kind.size))), np.array([float(first)]), np.array([float(last)]))
        self.asked += 1
        answer = solved(
            priced,
            start=None if start is None else kind.chosen[start],
            tolerance=2 * SHORT_OF_ONE if kind.whole else self._apart_in_one,
            seconds=max(0.05, min(until - monotonic(), 1e9)),
            nodes=self.nodes,
            more=None if alone else rule,
        )
        if answer.chosen is not None:
            kind.offer(answer.chosen)
        kind.raise_to(answer.bound - (0.0 if alone else price) * numbers, first, last)
        after = kind.least[first : last + 1], kind.most[first : last + 1]
        self.is_stuck = all(bool((now == then).all()) for now, then in zip(after, before, strict=True))

    def _agreed(self, kind: Worth) -> tuple[float, Floats, float]:
        """The price of a site at which the bounds of all parts want ``number`` of them, how far each number of ``kind``
        is from its best at that price, and how far it may be."""
        steps = np.concatenate([np.diff(one.least) for one in self.kinds])
        low, high = -float(np.abs(steps).max(initial=1.0)) - 1.0, float(np.abs(steps).max(initial=1.0)) + 1.0
        for _ in range(HALVINGS):
            price = 0.5 * (low + high)
            wanted = sum(
                len(one.copies) * int(np.argmin(one.least + price * np.arange(one.size + 1))) for one in self.kinds
            )
            low, high = (price, high) if wanted > self.apart.number else (low, price)
        price = round(0.5 * (low + high), 6)
        least = [one.least + price * np.arange(one.size + 1) for one in self.kinds]
        total = sum(len(one.copies) * float(values.min()) for one, values in zip(self.kinds, least, strict=True))
        room = self.upper - self.tolerance - (total - price * self.apart.number + self.apart.constant)
        own = kind.least + price * np.arange(kind.size + 1)
        return price, own - own.min(), room


def shared_out(values: list[Floats], number: int, doubts: list[Floats] | None = None) -> tuple[float, Ints]:
    """The least sum of one value of each list whose places add up to ``number``, and those places; inf where there is none.

    Of sums that are the same, that with the least sum of ``doubts``.
    """
    reach, doubt = np.full(number + 1, np.inf), np.zeros(number + 1)
    reach[0] = 0.0
    came = []
    for at, own in enumerate(values):
        best, least, count = np.full(number + 1, np.inf), np.full(number + 1, np.inf), np.zeros(number + 1, np.int32)
        for k in np.flatnonzero(np.isfinite(own)).tolist():
            if k > number:
                break
            sums = reach[: number + 1 - k] + own[k]
            doubted = doubt[: number + 1 - k] + (0.0 if doubts is None else doubts[at][k])
            same = ROUNDING * np.where(np.isfinite(sums), np.abs(sums), 0.0)
            better = (sums < best[k:] - same) | ((sums <= best[k:] + same) & (doubted < least[k:]))
            best[k:][better] = sums[better]
            least[k:][better] = doubted[better]
            count[k:][better] = k
        came.append(count)
        reach, doubt = best, least
    given, left = np.zeros(len(values), dtype=np.int32), number
    if np.isfinite(reach[number]):
        for at in reversed(range(len(values))):
            given[at] = came[at][left]
            left -= int(given[at])
    return float(reach[number]), given
