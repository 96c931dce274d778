"""The search for cover several times over: greedy, swaps and restarts for a choice, prices on places for a bound, HiGHS for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import Any

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.siting.covers.cover_programme import LARGEST
from utopias.siting.covers.cover_search import Effort
from utopias.siting.covers.reach import Reach
from utopias.siting.covers.set_cover_rows import Merged
from utopias.siting.full_cover.twice_kernels import cover_more
from utopias.siting.highs import Lines, Status, branch_until, handed, run, solution, start_from
from utopias.siting.kernels import NEVER
from utopias.witness.worst import most_for

# Restarts of the search before the relaxation; steps towards it where it is too large; sites closed in one restart.
RESTARTS, STEPS, CLOSED = 12, 300, 4


class TwiceSearch:
    """Values here are the weight gained beside what fixed and forced sites cover already (``sure``)."""

    def __init__(self, merged: Merged, reach: Reach, effort: Effort, gap: float, sure: float) -> None:
        self.cover, self.weights, self.reach, self.effort, self.gap, self.sure = (
            merged.cover, merged.weights, reach, effort, gap, sure,
        )  # fmt: skip
        names = self.cover.names
        self.costs: Floats = np.zeros(len(names)) if reach.prices is None else np.asarray(reach.prices)[names]
        self.purse = NEVER if reach.prices is None else reach.purse
        self.chosen: Bools = np.zeros(len(names), dtype=bool)
        self.value = -1.0
        self.bound = float(self.weights.sum())
        self.prices: Floats = np.zeros(len(self.weights))  # per unit of weight: the same for all rows that were merged
        self.whole = bool((self.weights == np.floor(self.weights)).all())
        self.finished = False
        self.start: Bools | None = None  # a choice that keeps the rules
        self.stopped = ""

    @property
    def closed(self) -> bool:
        # what the programme's gap and the margin on its bound may leave, and the rounding of a sum
        slack = 1e-6 if self.whole else 1e-8 * self._size
        return self.value >= 0 and self.bound <= self.value + slack

    @property
    def _size(self) -> float:
        """What tolerances are shares of: the value, or where nearly nothing can be covered a millionth of all weight."""
        return max(self.value + self.sure, 1e-6 * (float(self.weights.sum()) + self.sure))

    @property
    def _ready(self) -> bool:
        near = self.bound - self.value <= self.gap * max(self.value + self.sure, 1e-9)
        return self.closed or (self.gap > 0 and near)

    def steps(self) -> Iterator[str]:
        """Search in portions until proven, near enough, out of time or work, or stopped by the user; ``stopped`` says which."""
        self.effort.progress("plan", 0.0)
        try:
            if self.start is not None:
                self.value, self.chosen = self.weight_of(self.start), self.start.copy()
                self._improve(self.start, 0)
                yield "plan"
            self._improve(np.zeros(len(self.chosen), dtype=bool), 0)
            if self.value < 0:
                return
            yield "plan"
            for _ in range(RESTARTS):
                self._restart(1)
                yield "search"
            if not self._ready:
                self._price()
                yield "bound"
            if not self._ready and not self.effort.out and len(self.cover.columns) <= LARGEST:
                self.effort.say("programme")
                self._programme()
                yield "programme"
            while not self._ready and not self.effort.out and not self.finished:
                self._restart(1)
                yield "search"
        except KeyboardInterrupt:
            if self.value < 0:
                raise
            self.stopped = "proven" if self.closed else "user"
            return
        if self.closed:
            self.stopped = "proven"
        elif self._ready or self.finished:
            self.stopped = "gap"
        else:
            self.stopped = "clock" if self.effort.clock.work is None else "work"

    def _have(self, chosen: Bools) -> Longs:
        """(rows,) how many of the chosen reach each."""
        cover = self.cover
        of_row = np.repeat(np.arange(len(cover.need)), np.diff(cover.starts))
        have: Longs = np.bincount(of_row[chosen[cover.columns]], minlength=len(cover.need))
        return have

    def weight_of(self, chosen: Bools) -> float:
        """The weight that a choice gains."""
        return float(self.weights[self._have(chosen) >= self.cover.need].sum())

    def losses(self, chosen: Bools) -> Floats:
        """(sites chosen,) the weight that leaving each out loses."""
        site_starts, rows = self.cover.by_site
        tight = np.where(self._have(chosen) == self.cover.need, self.weights, 0.0)[rows]
        sums = np.concatenate([[0.0], np.cumsum(tight)])
        lost: Floats = (sums[site_starts[1:]] - sums[site_starts[:-1]])[chosen]
        return lost

    def completed(self, start: Bools) -> Bools | None:
        """A choice filled up by gain, nothing swapped; None where the number cannot be paid."""
        cover, trial = self.cover, start.copy()
        value = cover_more(
            *cover.by_row, *cover.by_site, cover.need, self.weights, trial, self.costs, self.purse,
            self.reach.number, 0, 0,
        )  # fmt: skip
        return None if value < 0 else trial

    def _improve(self, start: Bools, first: int) -> None:
        cover, trial = self.cover, start.copy()
        value = cover_more(
            *cover.by_row, *cover.by_site, cover.need, self.weights, trial, self.costs, self.purse,
            self.reach.number, first, 20,
        )  # fmt: skip
        if value > self.value:
            self.value, self.chosen = float(value), trial

    def _restart(self, rounds: int) -> None:
        """Close a few sites by lot, open others by lot, improve; from the best plan each time."""
        for _ in range(rounds):
            if self._ready or self.effort.out:
                return
            luck = self.effort.draw(2 + 2 * CLOSED)
            trial = self.chosen.copy()
            for turn in range(1 + int(luck[0] * min(CLOSED, max(1, int(trial.sum()) - 1)))):
                opened, others = np.flatnonzero(trial), np.flatnonzero(~trial)
                if not len(opened) or not len(others):
                    break
                out, into = (
                    opened[int(luck[2 + turn] * len(opened))],
                    others[int(luck[2 + CLOSED + turn] * len(others))],
                )
                trial[out] = False
                if float(self.costs[trial].sum()) + self.costs[into] <= self.purse:
                    trial[into] = True
            self._improve(trial, int(luck[1] * len(trial)))
            self.effort.say("search")

    def _bound_at(self, prices: Floats) -> tuple[float, Floats]:
        """(no choice gains more, sums of prices by site) at prices per unit of weight, 0 to 1 / need."""
        cover = self.cover
        paid = prices * self.weights
        of_row = np.repeat(np.arange(len(paid)), np.diff(cover.starts))
        sums: Floats = np.bincount(cover.columns, weights=paid[of_row], minlength=len(cover.names)).astype(np.float64)
        limits = [float(sums.sum())]
        if self.reach.number >= 0:
            limits.append(float(np.sort(sums)[::-1][: self.reach.number].sum()))
        if self.purse < NEVER:
            limits.append(most_for(sums, self.costs, self.purse))
        return float(self.weights.sum() - np.dot(cover.need, paid)) + min(limits), sums

    def _offer(self, prices: Floats) -> None:
        inside = np.clip(prices, 0.0, 1.0 / np.maximum(self.cover.need, 1))
        bound, _ = self._bound_at(inside)
        if self.whole:
            bound = floor(bound + 1e-6)
        if bound < self.bound:
            self.bound, self.prices = bound, inside

    def _price(self) -> None:
        if not len(self.weights):
            return
        if len(self.cover.columns) <= LARGEST:
            solver = self._built(whole=False)
            if run(solver, self.effort.seconds) and solver.getModelStatus() == Status.kOptimal:
                duals = -np.asarray(solver.getSolution().row_dual)[: len(self.weights)] * self._scale
                self._offer(np.abs(duals) / np.maximum(self.weights, 1e-300))
                return
        self.descend(STEPS)

    def descend(self, steps: int) -> None:
        """Steps of prices towards the relaxation, each of which bounds."""
        prices = 0.5 / np.maximum(self.cover.need, 1)
        of_row, cover = np.repeat(np.arange(len(prices)), np.diff(self.cover.starts)), self.cover
        for step in range(steps):
            if self.effort.out and step:
                return
            self._offer(prices)
            _, sums = self._bound_at(prices)
            best = np.zeros(len(sums), dtype=bool)
            worth = sums if self.purse >= NEVER else sums / np.maximum(self.costs, 1e-12)
            order = np.argsort(-worth, kind="stable")
            most = (
                self.reach.number if self.reach.number >= 0 else int((np.cumsum(self.costs[order]) <= self.purse).sum())
            )
            best[order[:most]] = True
            given = np.bincount(of_row[best[cover.columns]], minlength=len(prices))
            prices = np.clip(
                prices + 0.2 / (1.0 + 0.1 * step) * (cover.need - given) / cover.need.max(), 0.0, 1.0 / cover.need
            )

    @property
    def _scale(self) -> float:
        """Weights in the programme are at most 1000, so that its tolerances mean something."""
        return max(float(self.weights.max(initial=0.0)) / 1000.0, 1e-12)

    def _programme(self) -> None:
        solver = self._built(whole=True)
        gap = (0.999 if self.whole else 1e-9 * self._size) / self._scale
        branch_until(solver, gap=gap, nodes=self.effort.nodes, relative=self.gap)
        m, n = len(self.chosen), len(self.weights)
        cover = self.cover
        of_row = np.repeat(np.arange(n), np.diff(cover.starts))
        have = np.bincount(of_row[self.chosen[cover.columns]], minlength=n) >= cover.need
        start_from(solver, np.concatenate([self.chosen, have]))
        run(solver, self.effort.seconds)
        info = solver.getInfo()
        self.effort.done += max(1, int(info.mip_node_count))
        if (values := solution(solver)) is not None:
            trial = values[:m] > 0.5
            served = np.bincount(of_row[trial[cover.columns]], minlength=n) >= cover.need
            fits = self.reach.number < 0 or int(trial.sum()) == self.reach.number
            if fits and float(self.costs[trial].sum()) <= self.purse:
                value = float(self.weights[served].sum())
                if value > self.value:
                    self.value, self.chosen = value, trial
        bound = -float(info.mip_dual_bound) * self._scale
        if np.isfinite(bound):
            bound = floor(bound + 1e-4) if self.whole else bound + 1e-9 * self._size
            self.bound = max(self.value, min(self.bound, bound))
        self.finished = solver.getModelStatus() == Status.kOptimal

    def _built(self, *, whole: bool) -> Any:
        cover, m, n = self.cover, len(self.chosen), len(self.weights)
        length = np.diff(cover.starts)
        starts = cover.starts + np.arange(n + 1)
        index, value = np.empty(int(starts[-1]), dtype=np.int32), np.ones(int(starts[-1]))
        at = np.repeat(starts[:-1], length) + np.arange(len(cover.columns)) - np.repeat(cover.starts[:-1], length)
        index[at] = cover.columns
        index[starts[1:] - 1] = m + np.arange(n)
        value[starts[1:] - 1] = -cover.need
        lines = Lines()
        lines.add(starts, index, value, np.zeros(n), np.full(n, np.inf))
        lines.add_number(m, self.reach.number)
        lines.add_purse(self.costs, self.purse)
        price = np.concatenate([np.zeros(m), -self.weights / self._scale])
        return handed(lines, price, most=np.ones(m + n), whole=m + n if whole else 0)
