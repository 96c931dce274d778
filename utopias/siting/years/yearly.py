"""A median asked over budget years: when each site is built, equipped and open, and what each year may pay.

The median is stored once; a year sees it through which sites are open by then. Years here are serving years, 0 the
year after the first budget (``year_kernels``); ``when`` is the works year of each site, ``years`` where not chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, vstack

from utopias.domain.arrays import Bools, Floats, Ints
from utopias.siting.kernels import NEVER
from utopias.siting.median.aims import Median
from utopias.siting.median.programme import Rows
from utopias.siting.question.faults import PURSE_SLACK
from utopias.siting.years.year_kernels import losses_by_year

# Works a year where nothing limits them.
ANY_NUMBER = 1 << 40


@dataclass(frozen=True, eq=False)
class Yearly:
    """(n,) demand by (m,) sites over (years,) serving years.

    median : without forced sites among its caps, without number and purse. share : (years,) what a person counts in
    each. forced : (m,) must be chosen. works, equip : (m,) money. limits : (years + 1,) money of each budget year.
    carry : what is left goes to the next. capacity : works a year. number : sites in all.
    """

    median: Median
    share: Floats
    forced: Bools
    works: Floats
    equip: Floats
    limits: Floats
    carry: bool
    capacity: int
    number: int

    @classmethod
    def of(
        cls,
        median: Median,
        *,
        share: Floats,
        forced: Bools,
        works: Floats,
        equip: Floats,
        money: Floats,
        carry: bool,
        capacity: int | None,
        number: int,
    ) -> Yearly:
        """With the slack of summed money, as a plan's budget has it; what does not bind is left open."""
        plain = replace(median, number=-1, prices=np.zeros(len(median.free)), purse=NEVER)
        return cls(
            plain,
            share,
            forced,
            works,
            equip,
            money * (1 + PURSE_SLACK),
            carry,
            ANY_NUMBER if capacity is None else capacity,
            number,
        )

    @property
    def years(self) -> int:
        return len(self.share)

    @property
    def barred(self) -> Bools:
        """(m * years,) works years in which a site can be paid by no ledger, were it the only one."""
        limits = np.cumsum(self.limits) if self.carry else self.limits
        works = self.works[:, None] > limits[None, :-1]
        second = (self.works + self.equip if self.carry else self.equip)[:, None] > limits[None, 1:]
        barred: Bools = (works | second | ~self.median.free[:, None]).ravel()
        return barred

    @property
    def lists(self) -> tuple[Any, ...]:
        """What every kernel over years takes first: lists by demand, places by site, caps, weights, shares."""
        median = self.median
        return (*median.rows, *median.by_site[:2], median.cap, median.weights, self.share)

    @property
    def money(self) -> tuple[Any, ...]:
        return self.works, self.equip, self.limits, self.carry, self.capacity

    def losses(self, when: Ints) -> Floats:
        """(years,) what a schedule loses in each serving year, without the median's constant."""
        median, losses = self.median, np.zeros(self.years)
        losses_by_year(*median.rows, median.cap, median.weights, when, losses)
        return losses

    def loss(self, when: Ints) -> float:
        """What a schedule loses in all serving years together."""
        return float(np.dot(self.share, self.losses(when) + self.median.constant))

    def spending(self, when: Ints) -> tuple[Floats, Floats]:
        """(years + 1,) money for works and for equipment in each budget year."""
        chosen = np.flatnonzero(when < self.years)
        works = np.bincount(when[chosen], weights=self.works[chosen], minlength=self.years + 1)
        equip = np.bincount(when[chosen] + 1, weights=self.equip[chosen], minlength=self.years + 1)
        return works.astype(np.float64), equip.astype(np.float64)

    def keeps_rules(self, when: Ints) -> bool:
        """Whether a schedule keeps number, forced sites, works a year and the money of every year."""
        chosen = when < self.years
        works, equip = self.spending(when)
        left = self.limits - works - equip
        if self.carry:
            left = np.cumsum(left)
        return (
            int(chosen.sum()) == self.number
            and not (chosen & ~self.median.free).any()
            and bool(chosen[self.forced].all())
            and int(np.bincount(when[chosen], minlength=1).max()) <= self.capacity
            and bool((left >= -1e-12 * np.maximum(self.limits, 1.0)).all())
        )

    def expanded(self) -> tuple[Median, Rows]:
        """The same question as one median with a copy of the lists a year, and the rules that tie the copies.

        Column ``y * m + i`` is 1 where site i serves in serving year y.
        """
        median, years, m = self.median, self.years, len(self.median.free)
        pairs = len(median.columns)
        copies = np.arange(years)
        starts = np.concatenate([[0], (median.starts[1:][None, :] + copies[:, None] * pairs).ravel()])
        columns = (median.columns[None, :] + copies[:, None].astype(np.int32) * np.int32(m)).ravel()
        wide = replace(
            median,
            starts=starts.astype(np.int64),
            columns=columns.astype(np.int32),
            costs=np.tile(median.costs, years),
            cap=np.tile(median.cap, years),
            weights=(self.share[:, None] * median.weights[None, :]).ravel(),
            free=np.tile(median.free, years),
            prices=np.zeros(years * m),
            fees=np.zeros(years * m),
            constant=median.constant * float(self.share.sum()),
            step=0.0,
            _turned=[],
        )
        return wide, self._rules()

    def _rules(self) -> Rows:
        years, m = self.years, len(self.median.free)
        site = np.arange(m)
        rows: list[Any] = []
        lower: list[float] = []
        upper: list[float] = []

        def rule(parts: list[tuple[int, Floats]], low: float, high: float) -> None:
            """One row: of each (serving year, (m,) factor)."""
            kept = [(y, factor) for y, factor in parts if y >= 0]
            columns = np.concatenate([y * m + site for y, _ in kept]) if kept else site[:0]
            values = np.concatenate([factor for _, factor in kept]) if kept else np.zeros(0)
            rows.append(coo_matrix((values, (np.zeros(len(columns), int), columns)), shape=(1, years * m)).tocsr())
            lower.append(low)
            upper.append(high)

        unit, inf = max(float((self.works + self.equip).max(initial=0.0)), 1e-9), np.inf
        works, equip, one = self.works / unit, self.equip / unit, np.ones(m)
        limits = (np.cumsum(self.limits) if self.carry else self.limits) / unit
        rule([(years - 1, one)], self.number, self.number)
        if self.forced.any():
            rule([(years - 1, self.forced.astype(float))], int(self.forced.sum()), int(self.forced.sum()))
        for t in range(years + 1):
            last = min(t, years - 1)
            begun = works if self.carry or t < years else 0 * works  # no works are begun in the last budget year
            parts = [(last, begun), (t - 1, equip)]
            if not self.carry:
                parts += [(t - 1, -begun), (t - 2, -equip)]
            rule(parts, -inf, float(limits[t]))
            if t < years and self.capacity < ANY_NUMBER:
                rule([(t, one), (t - 1, -one)], -inf, float(self.capacity))
        later, earlier = csr_matrix(_diagonals(years, m, 1)), csr_matrix(_diagonals(years, m, 0))
        chain = later - earlier
        return Rows(
            vstack([*rows, chain]).tocsr(),
            np.concatenate([np.array(lower), np.zeros(chain.shape[0])]),
            np.concatenate([np.array(upper), np.full(chain.shape[0], inf)]),
        )

    def serving(self, when: Ints) -> Bools:
        """(years * m,) which column of ``expanded`` a schedule sets."""
        serving: Bools = (when[None, :] <= np.arange(self.years)[:, None]).ravel()
        return serving

    def when_of(self, serving: Bools) -> Ints:
        """The schedule of the columns of ``expanded``."""
        when: Ints = (self.years - serving.reshape(self.years, -1).sum(axis=0)).astype(np.int32)
        return when


def _diagonals(years: int, m: int, shift: int) -> Any:
    """((years - 1) * m, years * m) picks column (y + shift, i) in row (y, i)."""
    rows = np.arange((years - 1) * m)
    return coo_matrix((np.ones(len(rows)), (rows, rows + shift * m)), shape=(len(rows), years * m))
