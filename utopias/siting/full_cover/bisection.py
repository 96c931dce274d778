"""The radius search of the smallest longest walk: a bisection over the distances that any choice could have as its worst.

At each radius stands a covering question: can the sites that may open reach everybody within it? Greedy and swaps say
yes, prices on the places say no, and only where both are silent a tree or a programme must decide. A yes jumps to
the worst walk of the sites found, a no to the next distance that its prices do not rule out too.

Source
------
Minieka (1970), SIAM Review 12:138-139; bounds by covering at each radius as in Elloumi, Labbe & Pochet (2004),
INFORMS J. Comput. 16:84-94.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Floats, Longs
from utopias.siting.covers.cover_search import Effort, least_cover, relaxed_lifted
from utopias.siting.covers.reach import Reach
from utopias.siting.kernels import NEVER, greedy
from utopias.siting.lists import transpose
from utopias.siting.question.problem import Problem
from utopias.witness.worst import least_radius

# The lists are cut to the best plan's worst walk when that leaves less than this share of them.
SHRINK = 0.8
# The largest number that is one.
MOST = float(np.finfo(np.float64).max)


@dataclass(eq=False)
class Bisection:
    """One search over the radii of ``reach``: the best choice, its value, and the least radius not ruled out.

    ``start`` : a choice that keeps the rules, if one is known; no more than its worst walk is looked at.
    ``radii`` : every value a plan could have, ascending. ``low`` : position of the bound; ``high`` : of the best
    value, ``len(radii)`` before there is a plan. ``prices`` : (r,) of the bound that can be recounted.
    """

    reach: Reach
    effort: Effort
    gap: float = 0.0
    start: Longs | None = None

    def __post_init__(self) -> None:
        reach = self.reach
        nearest = reach.nearest
        floor = float(nearest.max())  # nobody can be nearer than their nearest site
        self.prices: Floats = np.zeros(len(reach.cap))
        self.prices[int(np.argmax(nearest))] = 1.0
        self.chosen: Longs | None = None
        worst = np.inf
        for choice in (self.start, reach.farthest_first() if reach.prices is None else None):
            if choice is not None and (longest := float(reach.charged(choice).max())) < worst:
                self.chosen, worst = choice, longest
        if worst < np.inf:  # no better choice needs a walk that is longer
            self.reach = reach = reach.under(worst)
        finite = reach.cap[reach.cap <= min(worst, MOST)]
        values = np.concatenate([reach.costs, finite])
        self.radii: Floats = np.unique(values[values >= floor])
        self.stopped = ""
        self.low, self.high = 0, len(self.radii) if self.chosen is None else int(np.searchsorted(self.radii, worst))

    @property
    def value(self) -> float:
        """The worst walk of the best choice; inf before there is one."""
        return float(self.radii[self.high]) if self.high < len(self.radii) else np.inf

    @property
    def bound(self) -> float:
        """No plan has a smaller worst walk; inf where no plan reaches everybody."""
        return float(self.radii[self.low]) if self.low < len(self.radii) else np.inf

    @property
    def closed(self) -> bool:
        return self.low >= self.high

    @property
    def ruled_out(self) -> bool:
        """Whether it is known that no plan reaches everybody."""
        return self.chosen is None and self.low >= len(self.radii)

    @property
    def _near(self) -> bool:
        return self.value < np.inf and self.value - self.bound <= self.gap * max(self.value, 1e-9)

    @property
    def _done(self) -> bool:
        return self.closed or (self.gap > 0 and self._near) or self._out

    @property
    def _out(self) -> bool:
        """Counted work goes on to a first plan; a clock does not wait for one."""
        return self.effort.clock.out or (self.effort.out and self.chosen is not None)

    def run(self, *, certify: bool = True) -> str:
        """Bisect until proven, near enough, out of time or work, or stopped by the user; says which.

        certify : look for ``prices`` too that carry as much of the bound as the relaxation does.
        """
        for _ in self.steps(certify=certify):
            pass
        return self.stopped

    def steps(self, *, certify: bool = True) -> Iterator[str]:
        """The same in portions, one a radius asked for; ``stopped`` says at the end why it ended."""
        try:
            self.effort.progress("plan", 0.0)
            self._anybody()
            yield "plan"
            yield from self._bisect_quickly()
            yield from self._tighten()
            yield from self._decide()
            if certify:
                self._certify()
        except KeyboardInterrupt:
            if self.chosen is None:
                raise
            self.stopped = "proven" if self.closed else "user"
            return
        if self.closed:
            self.stopped = "proven"
        elif self.gap > 0 and self._near:
            self.stopped = "gap"
        else:
            self.stopped = "clock" if self.effort.clock.work is None else "work"

    def _anybody(self) -> None:
        """Without a plan yet, whether there is one at all comes first: nothing else matters where there is none."""
        if len(self.radii) and (self.chosen is None or np.isfinite(self.reach.cap).all()):
            self._ask(len(self.radii) - 1, quick=False)

    def _bisect_quickly(self) -> Iterator[str]:
        """From above by greedy, from below by a short climb; what neither decides is taken as a no for the moment."""
        low, high = self.low, self.high
        while low < high and not self._done:
            middle = (low + high) // 2
            if self._ask(middle, quick=True):
                high = self.high
            else:
                low = max(middle + 1, self.low)
            self.effort.say("search")
            yield "search"

    def _tighten(self) -> Iterator[str]:
        """The largest radius that prices alone rule out, looked for among those left."""
        low, high = self.low, self.high
        while low < high and not self._done:
            middle = (low + high) // 2
            before = self.low
            self._ask(middle, quick=True)
            if self.low > before:
                low = max(self.low, middle + 1)
            else:
                high = min(middle, self.high)
            self.effort.say("search")
            yield "bound"

    def _decide(self) -> Iterator[str]:
        """What neither greedy nor prices decide."""
        while not self.closed and not (self.gap > 0 and self._near):
            if self.effort.out:
                return
            middle = (self.low + min(self.high, len(self.radii) - 1)) // 2
            before = (self.low, self.high)
            self._ask(middle, quick=False)
            if (self.low, self.high) == before:
                return  # the clock or the work ended inside
            self.effort.say("programme")
            yield "programme"

    def _certify(self) -> None:
        """Prices that anybody can recount, for as much of the bound as the relaxation carries."""
        low = int(np.searchsorted(self.radii, self._recounted(self.prices)))
        high = self.low
        while low < high and not self.effort.out:
            middle = (low + high) // 2
            before = self._recounted(self.prices)
            radius = float(self.radii[middle])
            prices = np.zeros(len(self.reach.cap))
            prices[self.reach.cap > radius] = relaxed_lifted(self.reach.within(radius), self.effort)
            self._price(prices)
            after = self._recounted(self.prices)
            if after > before and after > radius:
                low = int(np.searchsorted(self.radii, after))
            else:
                high = middle
            self.effort.say("programme")

    def _ask(self, at: int, *, quick: bool) -> bool:
        """Whether everybody can be reached within radius ``at``; moves ``low`` or ``high`` where that is known."""
        reach, radius = self.reach, float(self.radii[at])
        cover = reach.within(radius)
        found = least_cover(cover, self.effort, limit=reach.limit, enough=reach.limit, quick=quick)
        if found.chosen is not None:
            self._take(found.chosen)
            return True
        if found.closed and found.bound > reach.limit:
            self.low = max(self.low, at + 1)
            prices = np.zeros(len(reach.cap))
            prices[reach.cap > radius] = found.prices
            self._price(prices)
        return False

    def _take(self, chosen: Longs) -> None:
        worst = float(self.reach.charged(chosen).max(initial=0.0))
        at = int(np.searchsorted(self.radii, worst))
        if at < self.high:
            self.high, self.chosen = at, chosen
            if int((self.reach.costs <= worst).sum()) < SHRINK * len(self.reach.costs):
                self.reach = self.reach.under(worst)

    def _price(self, prices: Floats) -> None:
        """Keep prices that rule out more than those before: what a recount makes of them decides."""
        if self._recounted(prices) > self._recounted(self.prices):
            self.prices = prices
        self.low = max(self.low, int(np.searchsorted(self.radii, self._recounted(self.prices))))

    def _recounted(self, prices: Floats) -> float:
        reach = self.reach
        return least_radius(
            demand=reach.of_row,
            site=reach.columns,
            cost=reach.costs,
            before=reach.cap,
            share=prices,
            number=None if reach.number < 0 else reach.number,
            purse=None if reach.prices is None else reach.purse,
            prices=reach.prices,
            free=reach.sites,
        )


def filled(problem: Problem, reach: Reach, chosen: AnyArray, worst: float) -> Longs:
    """The choice with as many sites as asked: those beside which save most walking at the same worst walk."""
    missing = reach.number - len(chosen)
    if missing <= 0:
        return np.asarray(chosen, dtype=np.int64)
    is_open = np.zeros(len(reach.sites), dtype=bool)
    is_open[chosen] = True
    starts, rows, costs = transpose(reach.starts, reach.columns, reach.costs, len(reach.sites))
    cap = np.minimum(reach.cap, worst)
    weights = np.asarray(problem.weights)[reach.rows]
    free = np.zeros(len(reach.sites))  # of fees and of prices
    greedy(starts, rows, costs, cap, weights, is_open, ~reach.sites, free, free, NEVER, reach.number, False)
    full: Longs = np.flatnonzero(is_open)
    return full
