"""How many sites each part of a median gets: least values by number, part by part, added up over all ways to share.

Of every part there are, for each number of its sites, a value that no choice is under and the best choice known. Added up
over the best way to share out the number they bound the whole from both sides. What the bound leans on and is not known
yet is searched, then asked of HiGHS: the least of a part over a run of numbers, each site at the price that the parts
agree on. Four parts that each lack two of their bound make a gap of eight: a tree over the whole must close the eight, here
two are closed four times, and once where the four are alike (TSPLIB fl1400).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import numpy as np
from scipy.sparse import csr_array

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.siting.median.apart import Apart, with_fee
from utopias.siting.median.bounds import bound_at, settled
from utopias.siting.median.narrow import narrow, served_at_most
from utopias.siting.median.programme import Rows, solved
from utopias.siting.median.worth import ROUNDING, Worth, shared_out

# Where values are whole, HiGHS may stop with its bound so far under its best: the next whole number is that best.
SHORT_OF_ONE = 0.999
# So little over a whole number only the next one is left.
NEXT_WHOLE = 1e-3
# Numbers that are searched on either side of the share that a part has in the relaxation.
ASIDE = 2
# Halvings of the span in which the price of a site is sought.
HALVINGS = 60


@dataclass(eq=False)
class ByPart:
    """The search over what the parts of ``apart`` are worth. ``take`` values a choice and returns the least value known.

    ``share`` (m,) of each site in the relaxation, which says what numbers to look at first. ``nodes`` : of HiGHS at a
    question at most, where work is counted. ``bound`` holds for every choice. Lists were cut for a choice better than the
    ``upper`` of the start: what was cut off comes to that less the ``tolerance``, so that no bound is told over it.
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

    def search(self, until: float) -> None:
        """Restarts in every part, for the numbers about its share in the relaxation, while there is time."""
        for kind in self.kinds:
            middle = round(kind.wanted)
            for count in sorted(range(middle - ASIDE, middle + ASIDE + 1), key=lambda count: abs(count - kind.wanted)):
                if monotonic() < until:
                    kind.search(count, self.seed, until)
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
        kind, count = self.kind_of[at], int(self.given[at])
        if count not in kind.searched:
            kind.search(count, self.seed, until)
            self._share_out()
            self._look()
            return
        told = self._ask(kind, count, until)
        if not told and monotonic() < until:
            told = self._ask(kind, count, until, only=True)
        self.is_stuck = not told
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

    def _ask(self, kind: Worth, count: int, until: float, *, only: bool = False) -> bool:
        """The least of a part over the run of numbers about ``count`` that are unknown and could be of a better choice,
        or of ``count`` ``only``. Whether anything new was learnt."""
        price, priced, line = self._agreed(kind)
        first = last = count
        open_still = (kind.most - kind.least > self._apart_in_one) & (priced < line)
        while not only and first > 0 and open_still[first - 1]:
            first -= 1
        while not only and last < kind.size and open_still[last + 1]:
            last += 1
        before = kind.least[first : last + 1].copy(), kind.most[first : last + 1].copy()
        self._answer(kind, price, first, last, line, until)
        after = kind.least[first : last + 1], kind.most[first : last + 1]
        return not all(bool((now == then).all()) for now, then in zip(after, before, strict=True))

    def _answer(self, kind: Worth, price: float, first: int, last: int, line: float, until: float) -> None:
        """Raise what ``first`` to ``last`` sites of a part come to at a price each: exactly, or over ``line``.

        What is left out comes to ``line`` or more at that price with any number of sites, so that the lesser of the line and
        the answer holds for each of these numbers, its own price taken off.
        """
        self.asked += 1
        numbers: Longs = np.arange(first, last + 1)
        paid: Floats = (price * numbers).astype(np.float64)
        priced = with_fee(kind.part.median, price, first if first == last else -1)
        multipliers = kind.part.multipliers
        bound = bound_at(priced, multipliers)[0]
        opened, closed = settled(priced, multipliers, line, 0.0)
        limit = served_at_most(priced, multipliers, bound, line, 0.0)
        small = narrow(priced, opened, closed, limit)
        already, most = int(opened.sum()), int(opened.sum() + small.free.sum())
        if bound >= line or (opened & closed).any() or already > last or most < first:
            kind.raise_to(line - paid, first, last)
            return
        if small.number == 0 or not small.free.any():  # nothing is left to choose
            kind.offer(opened)
            kind.raise_to(min(priced.value(opened), line) - paid, first, last)
            return
        known = [number for number in numbers.tolist() if kind.chosen[number] is not None]
        start = None
        if known:
            best = kind.chosen[min(known, key=lambda number: kind.most[number] + price * number)]
            if best is not None and best[opened].all() and not (best & ~opened & ~small.free).any():
                start = best & ~opened
        rule = Rows(csr_array(np.ones((1, kind.size))), np.array([first - already]), np.array([last - already]))
        answer = solved(
            small,
            start=start,
            tolerance=2 * SHORT_OF_ONE if kind.whole else self._apart_in_one,
            seconds=max(0.05, min(until - monotonic(), 1e9)),
            nodes=self.nodes,
            more=None if first == last else rule,
        )
        if answer.chosen is not None:
            kind.offer(answer.chosen | opened)
        if not answer.infeasible:  # there is a choice: numbers went astray, and prove nothing
            kind.raise_to(min(answer.bound, line) - paid, first, last)

    def _agreed(self, kind: Worth) -> tuple[float, Floats, float]:
        """The price of a site at which the bounds of all parts want ``number`` of them; what each number of ``kind`` comes
        to at that price; and the line that no better choice of the whole is at or over."""
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
        beyond = NEXT_WHOLE if kind.whole else ROUNDING * abs(self.upper)
        return price, own, float(own.min()) + max(room, 0.0) + beyond
