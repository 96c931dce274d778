"""A covering question answered under a clock: a choice, a bound, and whether anything is left to know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np

from utopias.compiled.kernel import prepare
from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.progress import Progress, silent
from utopias.siting.covers.cover_programme import LARGEST, relaxed_prices, solved_cover
from utopias.siting.covers.cover_tree import cover_tree
from utopias.siting.covers.set_cover import (
    Cover,
    Reduced,
    bound_at,
    kept,
    lifted,
    positions,
    reduced,
    rounded,
    settled,
    without,
)
from utopias.siting.covers.set_cover_kernels import SURE, price_rows, superfluous, swap_cover
from utopias.siting.lists import transpose
from utopias.siting.question.clock import Clock

# Swaps of the search before the relaxation is solved; rounds of the climb before and after the search; nodes of the tree.
SWAPS, QUICK, LONG, NODES = 3_000, 80, 400, 20_000
# Turns of the tree's inner loops in one call, about half a second: a call cannot be interrupted.
TURNS = 40_000_000
# Sites of a choice up to which the tree is tried before HiGHS, which is better at many.
FEW = 24


@dataclass(eq=False)
class Effort:
    """Clock, chance and counted work of one search over several covering questions."""

    clock: Clock
    seed: int
    progress: Progress = silent

    def __post_init__(self) -> None:
        self.luck = np.random.default_rng(self.seed)
        self.done = 0
        self.stopped = False  # by the user

    def say(self, stage: str) -> None:
        """Tell the stage, and the share of time or work that is used."""
        limit, spent = self.clock.seconds, self.clock.spent
        if self.clock.work is not None:
            limit, spent = float(self.clock.work), float(self.done)
        self.progress(stage, min(1.0, spent / max(limit, 1e-9)))

    @property
    def out(self) -> bool:
        """Whether time or work is used up."""
        return self.clock.left <= 0 if self.clock.work is None else self.done >= self.clock.work

    @property
    def nodes(self) -> int | None:
        """Nodes of a programme that the work left allows; None under a clock."""
        return None if self.clock.work is None else max(1, self.clock.work - self.done)

    @property
    def seconds(self) -> float:
        return self.clock.left if np.isfinite(self.clock.left) else 1e9

    def draw(self, count: int) -> Floats:
        """Numbers in [0, 1); drawing is one round of work."""
        self.done += 1
        return self.luck.random(count)


@dataclass(frozen=True, eq=False)
class Found:
    """chosen : names of sites, ascending, or None. cost : theirs. bound : no choice costs less (inf: there is none).

    prices : (rows,) on the rows as they were asked, of the best bound that can be recounted.
    closed : nothing better is possible within what was asked; or nothing at all is.
    """

    chosen: Longs | None
    cost: float
    bound: float
    prices: Floats
    closed: bool


def least_cover(
    cover: Cover,
    effort: Effort,
    *,
    limit: float = inf,
    enough: float = -inf,
    quick: bool = False,
    gap: float = 0.0,
    keep: bool = False,
) -> Found:
    """The cheapest choice of at most ``limit``; the search ends at one that costs ``enough`` or less.

    quick : only what takes no longer than reading the rows some times: greedy, a few swaps, a short climb.
    gap : a relative gap that is near enough. keep : Ctrl-C gives what was found so far, and ``effort.stopped`` says so.
    ``cover.rows`` are 0 .. rows - 1 here.
    """
    asked = CoverSearch(cover, effort, limit=limit, enough=enough, gap=gap, keep=keep)
    for _ in asked.steps(quick=quick):
        pass
    return asked.found()


class CoverSearch:
    """The same search in portions; whoever stops asking, stops it."""

    def __init__(
        self,
        cover: Cover,
        effort: Effort,
        *,
        limit: float = inf,
        enough: float = -inf,
        gap: float = 0.0,
        keep: bool = False,
    ) -> None:
        self.effort, self.keep, self._size = effort, keep, len(cover.need)
        self._reduced = reduced(cover)
        self._search: _Search | None = None
        if not self._reduced.hopeless:
            paid = self._reduced.paid
            self._search = _Search(self._reduced, effort, limit - paid, enough - paid, gap)

    def steps(self, *, quick: bool = False, in_hand: bool = False) -> Iterator[str]:
        """Search; ``in_hand``: the asker has a choice, so that Ctrl-C with ``keep`` ends the search before it has one too."""
        search = self._search
        if search is None:
            return
        try:
            yield from search.steps(quick=quick)
        except KeyboardInterrupt:
            if not self.keep or (search.best is None and not in_hand):
                raise
            self.effort.stopped = True

    @property
    def chosen(self) -> Longs | None:
        """Names of the best choice so far, ascending; None before there is one."""
        if self._search is None or self._search.best is None:
            return None
        return np.sort(np.concatenate([self._reduced.taken, self._search.best]))

    @property
    def closed(self) -> bool:
        """Whether no choice within the limit is better than the best so far, or there is none."""
        return self._search is None or self._search.closed

    @property
    def cost(self) -> float:
        """What the best choice so far costs; inf before there is one."""
        return inf if self._search is None else self._search.upper + self._reduced.paid

    @property
    def bound(self) -> float:
        """No choice within the limit costs less; inf: there is none that costs less than the best so far."""
        search = self._search
        if search is None or search.gone:
            return inf
        return rounded(search.bound, search.step) + self._reduced.paid

    def found(self) -> Found:
        """Where it stands."""
        done, search = self._reduced, self._search
        if search is None:
            return Found(None, inf, inf, lifted(done, np.zeros(len(done.cover.need)), self._size), True)
        bound = min(self.bound, self.cost)
        return Found(self.chosen, self.cost, bound, lifted(done, search.prices, self._size), search.closed)


def prepare_covers(turns: float) -> None:
    """Have the code of covering questions ready for so many turns of its loops, before a clock starts."""
    prepare((superfluous, swap_cover, price_rows, transpose), turns)


def relaxed_lifted(cover: Cover, effort: Effort) -> Floats:
    """(rows,) prices from the relaxation of what reduction leaves, lifted to all rows; none where it is too large or late."""
    size = len(cover.need)
    found = reduced(cover)
    rest = found.cover
    if found.hopeless or not len(rest.need):
        return lifted(found, np.zeros(len(rest.need)), size)
    if len(rest.columns) > LARGEST:
        return np.zeros(size)
    prices = relaxed_prices(rest, effort.seconds)
    return np.zeros(size) if prices is None else lifted(found, prices, size)


class _Search:
    """The rest of a cover after reduction; all costs are without what is paid already."""

    def __init__(self, found: Reduced, effort: Effort, limit: float, enough: float, gap: float) -> None:
        self.whole = found.cover
        self.cover = found.cover  # shrinks as sites are settled
        self.taken: Longs = np.zeros(0, dtype=np.int64)
        self.paid = 0.0
        self.effort, self.limit, self.enough, self.gap = effort, limit, enough, gap
        self.spent = found.paid
        self.step = self.whole.step
        self.best: Longs | None = None
        self.upper = inf
        self.bound = -inf
        self.gone = False  # no choice within the limit
        length = np.maximum(np.diff(self.whole.starts), 1)
        cheapest = np.full(len(self.whole.need), inf)
        np.minimum.at(
            cheapest,
            np.repeat(np.arange(len(length)), np.diff(self.whole.starts)),
            self.whole.prices[self.whole.columns],
        )
        self.prices: Floats = np.where(np.isfinite(cheapest), cheapest, 0.0) / length

    @property
    def closed(self) -> bool:
        return self.gone or self.bound > self.limit + SURE * max(1.0, abs(self.limit))

    @property
    def ready(self) -> bool:
        if self.closed or self.upper <= self.enough:
            return True
        size = max(self.upper + self.spent, 1e-9)
        return self.gap > 0 and self.upper < inf and self.upper - rounded(self.bound, self.step) <= self.gap * size

    def steps(self, *, quick: bool) -> Iterator[str]:
        """Alternate between finding a choice within the limit and ruling one out, the cheap means first."""
        if not len(self.whole.need) and self.whole.plain:
            self._take(np.zeros(0, dtype=np.int64))
            self.bound, self.gone = 0.0, True
            return
        self._swap(0)
        if self.ready:
            return
        yield "plan"
        self._climb(QUICK)
        if self.ready or quick:
            return
        self.effort.say("search")
        yield "bound"
        while not self.ready and self._swap(SWAPS) and not self.effort.out:
            yield "search"
        if not self.ready and not self.effort.clock.out:
            self._climb(LONG)
        if self.ready or len(self.cover.columns) > LARGEST:
            while not self.ready and not self.effort.out:
                self._swap(SWAPS)
                self.effort.say("search")
                yield "search"
            return
        yield "bound"
        if not self.effort.out:
            self.effort.say("programme")
            self._relax()
            yield "bound"
        while not self.ready and not self.effort.out and self._branch():
            yield "programme"
        if not self.ready and not self.effort.out:
            self._programme()

    def _take(self, sites: Longs) -> bool:
        """Keep a choice (names) that is within the limit; the limit is then the next one under it."""
        local = positions(self.whole.names, sites)
        cost = self.whole.cost(local)
        if not self.whole.keeps(local) or cost > self.limit or not cost < self.upper:
            return False
        self.best, self.upper = np.sort(sites), cost
        self.limit = cost - (self.step or max(1e-9, 1e-9 * cost))
        return True

    def _fill(self, local: Bools) -> None:
        """Where a number is set, the cheapest sites beside those chosen."""
        missing = self.cover.exactly - int(local.sum())
        if missing > 0:
            rest = np.flatnonzero(~local)
            local[rest[np.argsort(self.cover.prices[rest], kind="stable")[:missing]]] = True

    def _swap(self, swaps: int) -> bool:
        """Greedy (0 swaps) or the search by swaps; True where it found a better choice."""
        cover = self.cover
        chosen = np.zeros(len(cover.names), dtype=bool)
        luck = self.effort.draw(swaps) if swaps else np.zeros(0)
        most, number = self.limit - self.paid, cover.exactly
        if self.step and cover.plain and bool((cover.prices == 1.0).all()) and np.isfinite(most):
            number = int(most)
            if number < 0:
                return False
        if not swap_cover(*cover.by_row, *cover.by_site, cover.need, cover.prices, chosen, number, most, luck):
            return False
        self._fill(chosen)
        return self._take(np.concatenate([self.taken, cover.names[chosen]]))

    def _climb(self, rounds: int) -> None:
        whole, target = self.whole, self.limit
        if not np.isfinite(target):
            target = self.upper
        sets = (*whole.by_site, whole.need)
        if np.isfinite(target):
            over = target + 1e-6 * max(1.0, abs(target))
            self.bound = max(self.bound, price_rows(*sets, whole.prices, self.prices, over, rounds))
        if whole.exactly >= 0 and not self.ready:
            counted = np.ones(len(whole.names))
            start = self.prices / max(float(self.prices.max(initial=0.0)), 1e-12)
            least = price_rows(*sets, counted, start, whole.exactly + 1e-6, rounds)
            if least > whole.exactly + 1e-7:
                self.gone, self.prices = True, start

    def _relax(self) -> None:
        duals = relaxed_prices(self.whole, self.effort.seconds)
        if duals is None:
            return
        bound, _ = bound_at(self.whole, duals)
        if bound > self.bound:
            self.bound, self.prices = bound, duals
        if self.ready:
            return
        limit = self.limit if np.isfinite(self.limit) else self.upper
        must, never = settled(self.whole, self.prices, limit)
        if must.any() or never.any():
            self._shrink(must, never)

    def _shrink(self, must: Bools, never: Bools) -> None:
        """What is left when every better choice has some sites, and none has others."""
        cover = self.whole
        rest = kept(cover, np.ones(len(cover.need), dtype=bool), ~never) if never.any() else cover
        taken = must[~never]
        if taken.any():
            self.taken, self.paid = rest.names[taken], rest.cost(np.flatnonzero(taken))
            rest = without(rest, taken)
        found = reduced(rest)
        if found.hopeless:
            self.gone = True
            return
        self.taken = np.concatenate([self.taken, found.taken])
        self.paid += found.paid
        self.cover = found.cover
        if not len(self.cover.need) and self.cover.plain:
            self._take(self.taken)
            self.gone = True  # the rows are served by sites that every better choice has

    def _branch(self) -> bool:
        """The tree, where it fits; True where it found a better choice and there is more to ask."""
        cover = self.cover
        few = self.limit - self.paid
        fits = cover.plain and bool((cover.prices == 1.0).all()) and bool((cover.need == 1).all())
        if not fits or not np.isfinite(few) or few > FEW:
            return False
        if few < 0:
            self.gone = True
            return False
        prices = relaxed_prices(cover, self.effort.seconds) if len(cover.need) else np.zeros(0)
        if prices is None:
            return False
        chosen = np.zeros(len(cover.names), dtype=bool)
        self.effort.done += 1
        nodes = min(NODES, max(100, TURNS // (2 * len(cover.columns) + 10 * len(cover.names) + 1)))
        said = cover_tree(*cover.by_row, *cover.by_site, prices, int(few), chosen, nodes)
        if said == 0:
            self.gone = True
        return said == 1 and self._take(np.concatenate([self.taken, cover.names[chosen]]))

    def _programme(self) -> None:
        if not len(self.cover.names):
            self.gone = True  # the one choice left was looked at
            return
        answer = solved_cover(
            self.cover, self.limit - self.paid, self.enough - self.paid, self.effort.seconds, self.effort.nodes
        )
        self.effort.done += max(1, answer.nodes)
        limit = self.limit
        if answer.chosen is not None:
            self._take(np.concatenate([self.taken, self.cover.names[answer.chosen]]))
        bound = rounded(answer.bound, self.step) + self.paid if np.isfinite(answer.bound) else answer.bound
        if (answer.finished and (answer.chosen is None or self.upper > self.enough)) or bound > limit + SURE * max(
            1.0, abs(limit)
        ):
            self.gone = True
        elif np.isfinite(bound):
            self.bound = max(self.bound, bound)
