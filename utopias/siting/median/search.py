"""A search that always has a plan and a bound in hand, and can be stopped at any moment.

Greedy and interchange give the plan; the ascent gives the bound; reduced costs decide single
sites; HiGHS closes what remains. Values here are those of the median: what is lost, less is better.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from utopias.siting.median.closing import Closing
from utopias.siting.median.covering import Covering, is_covering
from utopias.siting.question.clock import Standing


@dataclass(eq=False)
class Search(Closing):
    """A whole search, run or asked step by step."""

    def run(self) -> str:
        """Search until proven, near enough, out of time, out of work, or stopped by the user; says which."""
        for _ in self.steps():
            pass
        return self.stopped

    def steps(self) -> Iterator[Standing]:
        """The search in portions: where it stands after each, and at its end. Whoever stops asking, stops it."""
        try:
            for stage in self._stages():
                if self.closed:  # whoever stops asking now has the bound that the end would tell
                    self._round_bound()
                yield self.standing(stage)
        except KeyboardInterrupt:
            if self.upper == inf:  # nothing is in hand yet
                raise
            self.stopped = "proven" if self.closed else "user"
            yield self.standing("plan")
            return
        self._round_bound()
        if self.closed:
            self.stopped = "proven"
        elif self.finished or self._near:
            self.stopped = "gap"
        else:
            self.stopped = "clock" if self.clock.work is None else "work"
        yield self.standing("plan")

    def standing(self, stage: str) -> Standing:
        """Where it stands now."""
        bound = min(self.bound, self.upper)
        return Standing(stage, self.upper, bound, self.relative_gap, self.clock.spent, self.chosen.copy())

    def _stages(self) -> Iterator[str]:
        """Every stage in portions, by name."""
        self._first_plan()
        yield "plan"
        if not self.admissible:
            self.bound = self.upper  # nothing is better than nothing at all
            return
        if not self._done and is_covering(self.small):
            for stage in Covering(self).stages():
                self._say(stage)
                yield stage
        if not self._done:
            yield from self._climb_and_shake()
        yield from self._grow()
        if self.levelled:
            yield from self._polish()
            yield from self._by_part()
            yield from self._cut()
        yield from self._programme()
        while not self._done:
            self._shake(10)
            yield "search"
