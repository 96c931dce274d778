"""A choice of offers, built up and torn down: the plots, the purse and the upkeep are kept at every moment."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.siting.bundles.flat import Flat
from utopias.siting.bundles.kernels import best_bundles, serve, worth_of_offers
from utopias.siting.kernels import NEVER

# Branches of one site's knapsack in the search, where a good bundle will do.
FEW_NODES = 2_000


@dataclass(eq=False)
class Builder:
    """Builds choices (offers,) over ``flat``; ``offers_of`` : the offers of each site that may open."""

    flat: Flat
    offers_of: list[np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        flat = self.flat
        self.offers_of = np.split(flat.site_offers, flat.site_starts[1:-1])

    def served(self, chosen: Bools) -> Floats:
        """(rows,) persons served by what stands and ``chosen``, exactly."""
        flat = self.flat
        persons: Floats = serve(
            flat.starts, flat.columns, flat.demand, flat.first, flat.limits, chosen | flat.given,
            flat.offer_starts, flat.offer_pairs, flat.row_of_pair,
        )[0]  # fmt: skip
        return persons

    def value(self, chosen: Bools) -> float:
        """The worth of everybody served."""
        return self.flat.constant + float(np.dot(self.served(chosen), self.flat.worth))

    def is_open(self, chosen: Bools) -> Bools:
        """(m,) sites that offer something new."""
        is_open = np.zeros(len(self.flat.free), dtype=bool)
        is_open[self.flat.site[chosen]] = True
        return is_open

    def spent(self, chosen: Bools) -> tuple[float, float]:
        """Money once and a year."""
        flat = self.flat
        once = float(flat.money[chosen].sum() + flat.site_money[self.is_open(chosen)].sum())
        return once, float(flat.yearly[chosen].sum())

    def keeps_rules(self, chosen: Bools) -> bool:
        """Whether a choice keeps the number, the plots, the purse and the upkeep, and what must be."""
        flat = self.flat
        is_open = self.is_open(chosen)
        once, yearly = self.spent(chosen)
        used = np.bincount(flat.site[chosen], weights=flat.area[chosen], minlength=len(is_open))
        return bool(
            not (chosen & flat.given).any()
            and int(is_open.sum()) <= flat.most
            and not (is_open & ~flat.free).any()
            and is_open[flat.forced].all()
            and (used <= flat.rooms).all()
            and once <= flat.purse
            and yearly <= flat.upkeep
            and chosen[flat.must & is_open[flat.site]].all()
        )

    def least(self) -> Bools:
        """The choice that opens only the forced sites, each as cheaply as it can."""
        flat = self.flat
        chosen = np.zeros(len(flat.limits), dtype=bool)
        for site in np.flatnonzero(flat.forced):
            mine = self.offers_of[site]
            if not len(mine):
                continue
            if flat.must[mine].any():
                chosen[mine[flat.must[mine]]] = True
            else:
                price = flat.money[mine] / _size(flat.purse) + flat.yearly[mine] / _size(flat.upkeep)
                chosen[mine[int(np.argmin(price))]] = True
        return chosen

    def fill(self, chosen: Bools, prices: tuple[float, float], *, barred: Bools | None = None) -> Bools:
        """Add the best bundles to ``chosen`` while any gains; ``prices`` of a peso once and a year; ``barred`` (m,) stay shut.

        What is worth less than its money at these prices waits; at the end what still fits is added without them.
        """
        flat, chosen = self.flat, chosen.copy()
        shut = ~flat.free if barred is None else ~flat.free | barred
        m = len(flat.free)
        rho = np.empty(len(flat.limits))
        bounds, values, taken = np.empty(m), np.empty(m), np.zeros(len(rho), dtype=bool)
        for per_peso, per_year in (prices, (0.0, 0.0)) if max(prices) > 0 else ((0.0, 0.0),):
            while True:
                left = np.maximum(flat.demand - self.served(chosen), 0.0)
                worth_of_offers(flat.starts, flat.columns, left, flat.worth, flat.first, flat.limits, rho)
                is_open = self.is_open(chosen)
                once, yearly = self.spent(chosen)
                used = np.bincount(flat.site[chosen], weights=flat.area[chosen], minlength=m)
                site_money = np.where(is_open, 0.0, flat.site_money)
                best_bundles(
                    flat.site_starts, flat.site_offers, rho - per_peso * flat.money - per_year * flat.yearly,
                    flat.area, flat.money, flat.yearly, flat.must, ~chosen, flat.rooms - used, site_money,
                    flat.purse - once if flat.purse < NEVER else NEVER,
                    flat.upkeep - yearly if flat.upkeep < NEVER else NEVER, FEW_NODES, bounds, values, taken,
                )  # fmt: skip
                gains = values - per_peso * site_money
                gains[shut & ~is_open] = -np.inf
                if int(is_open.sum()) >= flat.most:
                    gains[~is_open] = -np.inf
                site = int(np.argmax(gains))
                new = taken & (flat.site == site)
                if not gains[site] > 1e-9 * max(1.0, abs(flat.constant)) or not new.any():
                    break
                chosen |= new
        return chosen

    def without(self, chosen: Bools, sites: np.ndarray) -> Bools:
        """``chosen`` without these sites; forced ones keep their least."""
        left = chosen & ~np.isin(self.flat.site, sites)
        again = self.flat.forced & ~self.is_open(left)
        if again.any():
            left |= self.least() & again[self.flat.site]
        return left

    def trimmed(self, chosen: Bools) -> Bools:
        """``chosen`` with offers taken out until purse and upkeep pay: those that gain least for their money first."""
        flat, chosen = self.flat, chosen & ~self.flat.given
        rho = np.empty(len(flat.limits))
        worth_of_offers(flat.starts, flat.columns, flat.demand, flat.worth, flat.first, flat.limits, rho)
        price = flat.money / _size(flat.purse) + flat.yearly / _size(flat.upkeep)
        keep = flat.must | self.least()
        for o in np.argsort(rho / np.maximum(price, 1e-300), kind="stable"):
            once, yearly = self.spent(chosen)
            if once <= flat.purse and yearly <= flat.upkeep:
                break
            if chosen[o] and not keep[o]:
                chosen[o] = False
        while not self.keeps_rules(chosen) and self.is_open(chosen & ~flat.forced[flat.site]).any():
            others = np.flatnonzero(self.is_open(chosen) & ~flat.forced)
            chosen = self.without(chosen, others[-1:])
        return chosen


def _size(limit: float) -> float:
    """A limit to measure prices by: never 0, never endless."""
    return min(max(limit, 1e-9), 1e18)
