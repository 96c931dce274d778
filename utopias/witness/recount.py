"""Count a plan again from plain arrays: its value, its rules, and a bound no plan can pass.

Shares no line with the solver or the access engine: numpy sums over (start, column, cost) rows, nothing
else. Who doubts a plan reads this file, or does the same sums in a spreadsheet (manual, "verify").

The mathematics
---------------
Demand j has weight ``w_j >= 0``; a site i that reaches it does so at cost ``c_ij``; an absent pair is not
reached. Sites F are open whatever happens (fixed, forced), S are the other new ones, ``S`` admissible when it keeps
the number and the budget. With ``k_j = min(beyond, min over i in F of c_ij)``, what j costs before S,

    value(S) = sum_j w_j * min(k_j, min over i in S of c_ij).

Each aim charges its own ``c_ij`` for a walk and reads its own value from the sum (``charged``): for cover-most it is 0
within the limit and absent beyond it, ``beyond`` is 1, and value(S) is the weight NOT covered; the plan's value is
``sum_j w_j - value(S)``. For least-cost the cost of each site of S is added to both sides, and to its rho below,
which may then be over 0 and is left out where no number demands it. The reading rises or falls with the sum, so that a bound on the sum becomes one on the value.

For any ``v_j`` between 0 and ``k_j`` and any S,

    min(k_j, min over S of c_ij)  >=  v_j + min(0, min over S of (c_ij - v_j))  >=  v_j + sum over S of min(0, c_ij - v_j),

the first since ``k_j >= v_j`` and hence min(k_j, a) >= min(v_j, a), the second since a sum of numbers <= 0 is at most
its least. Weighted and summed over j, with ``rho_i = sum_j w_j * min(0, c_ij - v_j)  <=  0``,

    value(S)  >=  L(v)  =  sum_j w_j * v_j  +  min over admissible S of sum over i in S of rho_i.

L is the Lagrangian bound in which the assignment rows are priced (Geoffrion 1974; Cornuejols, Fisher & Nemhauser
1977, Management Science 23:789-810; Galvao & ReVelle 1996 for covering). Its minimum is easy: with a number alone,
the p least rho; with a budget, the fractional knapsack of Dantzig (1957), whose value no whole choice passes; with both,
the larger of the two minima, each of which ignores one of the rules. A multiplier u_j outside [0, k_j] is brought to
the nearer end: the v so made is one of those for which the inequality holds, so that no list of numbers whatsoever can
make a false bound, only a weak one. Nothing has to be believed of how the multipliers were found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Certificate
from utopias.domain.sentences import Sentence
from utopias.witness.charged import AIMS, charged
from utopias.witness.rules_kept import PURSE_SLACK, least_of, mask, must_fit, rows_of

# Sums of the same floats in another order differ in the last digits; people are never counted so fine.
SLACK = 1e-9


def recount(
    *,
    aim: str,
    starts: AnyArray,
    columns: AnyArray,
    costs: AnyArray,
    weights: Floats,
    sites: Sequence[int],
    fixed: Sequence[int],
    open: int | None,
    budget: float | None,
    site_costs: Floats | None,
    beyond: float | None,
    within: float | None,
    multipliers: Floats,
    forbidden: Sequence[int] = (),
    forced: Sequence[int] = (),
    site_count: int | None = None,
    terms: Mapping[str, Any] = MappingProxyType({}),
    unit: float = 1.0,
) -> Certificate:
    """Recount value and root bound of opening ``sites``, and check every rule of the problem.

    Parameters
    ----------
    aim : one of ``charged.AIMS``. terms : of the aim, as the plan tells them (kappa, severity, decay).
    starts, columns, costs : (n + 1,), (pairs,), (pairs,) compressed rows, demand by site: row j holds the sites
        that reach demand j and at which cost. A stored 0 is a cost of 0; an absent pair is not reached.
    weights : (n,) finite, 0 or more; usually persons (times a multiplier).
    sites : the new sites. fixed : open beforehand, never counted. forced : must be among ``sites``.
    forbidden : may not be. open : exact number of new sites, None where only the budget counts.
    budget, site_costs : money for the new sites; (m,) cost of each. A site whose cost is not known (NaN)
        cannot be opened under a budget.
    beyond : cost charged where no open site reaches, or only at more; None: all must be reached. Not of covering.
    within : cover-most: a pair counts when its cost is at most this; None: every stored pair counts. least-poverty:
        the line, over 0.
    multipliers : (n,) one a demand, as the aim charges it (least-walk: a cost; cover-most: a share, 0 to 1; see
        ``charged``); empty: all 0.
    unit : units of cost in one of the value's (600 deciseconds a minute).
    site_count : m, where no site_costs tell it.

    Returns
    -------
    Certificate: value (cover-most: weight covered; least-walk: weight times cost, inf where somebody is not
    reached and ``beyond`` is None), bound (what the root bound L above reads as; cover-most: the total weight minus
    L), and the checks known-sites, number, fixed-apart, forced, forbidden, budget, everyone-served, multipliers, bound: each
    True where it holds or does not apply.

    Raises
    ------
    ProblemError : an aim that has no such recount. MisalignedError : rows, weights and multipliers do not fit
    together, or weights are not numbers of 0 or more.
    """
    counting = Recount(
        aim=aim, starts=starts, columns=columns, costs=costs, weights=weights, fixed=fixed, open=open, budget=budget,
        site_costs=site_costs, beyond=beyond, within=within, multipliers=multipliers, forbidden=forbidden, forced=forced,
        site_count=site_count, terms=terms, unit=unit,
    )  # fmt: skip
    return counting.of(sites)


class Recount:
    """A question read once, for the recount of one choice after another; what is asked, and of what, as in ``recount``."""

    def __init__(
        self,
        *,
        aim: str,
        starts: AnyArray,
        columns: AnyArray,
        costs: AnyArray,
        weights: Floats,
        fixed: Sequence[int],
        open: int | None,
        budget: float | None,
        site_costs: Floats | None,
        beyond: float | None,
        within: float | None,
        multipliers: Floats,
        forbidden: Sequence[int] = (),
        forced: Sequence[int] = (),
        site_count: int | None = None,
        terms: Mapping[str, Any] = MappingProxyType({}),
        unit: float = 1.0,
    ) -> None:
        must_recount(aim, starts, columns, costs, weights, multipliers)
        self.open, self.budget, self.weights = open, budget, weights
        n = len(weights)
        site = np.asarray(columns)
        self.total = float(weights.sum())
        self.read = charged(
            aim,
            np.asarray(costs, dtype=np.float64),
            within=within,
            beyond=beyond,
            terms=terms,
            unit=unit,
            total=self.total,
        )
        cost, cap = self.read.charges, self.read.cap
        reaching = cost <= cap if np.isfinite(cap) else np.isfinite(cost)
        if not reaching.all():
            starts = np.concatenate([[0], np.cumsum(reaching)])[starts]
            site, cost = site[reaching], cost[reaching]
        self.starts, self.site, self.cost = starts, site, cost
        named = [int(i) for i in (*fixed, *forced, *forbidden)]
        self.m = site_count if site_count is not None else len(site_costs) if site_costs is not None else None
        self.size = max([-1 if self.m is None else self.m - 1, *named, int(np.asarray(columns).max(initial=-1))]) + 1
        self.given, self.forbidden, self.named = set(map(int, fixed)), set(map(int, forbidden)), named
        self.must = set(map(int, forced)) - self.given
        self.fees = _fees(aim, site_costs, self.size)
        self.prices = (
            None if site_costs is None else np.append(site_costs, np.full(self.size - len(site_costs), np.nan))
        )
        self.most = None if budget is None else budget * (1 + PURSE_SLACK)
        self.usable = bool(np.isfinite(multipliers).all()) if len(multipliers) else True
        self.least = self._least(multipliers if self.usable and len(multipliers) else np.zeros(n))

    def _least(self, asked: Floats) -> float:
        """L of the multipliers ``asked`` (n,), and what the forced sites charge."""
        weights, cost = self.weights, self.cost
        share = np.clip(asked, 0.0, self._paid(self.given | self.must))
        under = np.flatnonzero(cost < np.repeat(share, np.diff(self.starts)))
        demand = rows_of(self.starts, under)
        gained = weights[demand] * (cost[under] - share[demand])
        rho = np.bincount(self.site[under], weights=gained, minlength=self.size).astype(np.float64) + self.fees
        free = ~mask(self.given | self.must | self.forbidden, self.size)
        left = None if self.open is None else self.open - len(self.must)
        prices, purse = self.prices, None
        if self.most is not None and prices is not None:
            purse = self.most - float(prices[sorted(self.must)].sum())
        least = least_rho(rho[free], left, purse, None if prices is None else prices[free])
        return float(np.dot(weights, share)) + float(self.fees[sorted(self.must)].sum()) + least

    def _paid(self, opened: set[int]) -> Floats:
        """(n,) what each place pays where these are open."""
        return least_of(self.starts, self.cost, mask(opened, self.size)[self.site], self.read.cap)

    def of(self, sites: Sequence[int]) -> Certificate:
        """The recount of opening ``sites``: its own value and checks, the bound of the question's multipliers."""
        listed = [int(i) for i in sites]
        new, weights, m = set(listed), self.weights, self.m
        known = sorted(i for i in new if 0 <= i < self.size)
        paid = self._paid(new | self.given)
        lost = float(np.dot(weights[weights > 0], paid[weights > 0])) + float(self.fees[known].sum())
        value, bound = self.read.value(lost), self.read.value(self.least)
        # Sums of charges are compared, in their own size: a logarithm of them would hide or feign a difference.
        slack = SLACK * max(1.0, self.total, abs(lost) if np.isfinite(lost) else 0.0)
        in_range = all(i >= 0 and (m is None or i < m) for i in (*listed, *self.named))
        spent = 0.0 if self.prices is None or not in_range else float(self.prices[listed].sum())
        most = self.most
        return Certificate(
            value=value,
            bound=bound,
            checks={
                "known-sites": in_range and len(listed) == len(new),
                "number": self.open is None or len(listed) == self.open,
                "fixed-apart": not new & self.given,
                "forced": self.must <= new,
                "forbidden": not new & self.forbidden,
                "budget": most is None or (self.prices is not None and in_range and spent <= most),
                "everyone-served": bool(np.isfinite(value)),
                "multipliers": self.usable,
                "bound": bool(self.least <= lost + slack),
            },
        )


def _fees(aim: str, site_costs: Floats | None, size: int) -> Floats:
    """(size,) what opening each site adds to the sum: its cost where the aim is least-cost, inf where none is known."""
    fees: Floats = np.zeros(size)
    if aim == "least-cost" and site_costs is not None:
        fees[: len(site_costs)] = np.where(np.isfinite(site_costs), site_costs, np.inf)
    return fees


def least_rho(rho: Floats, number: int | None, purse: float | None, prices: Floats | None) -> float:
    """The least sum of rho that keeps the number and, in fractions, the purse; the larger of the two minima."""
    minima = [float(np.minimum(rho, 0.0).sum())]
    if number is not None:
        minima.append(float(np.sort(rho)[: max(number, 0)].sum()))
    if purse is not None and prices is not None:
        payable = np.isfinite(prices) & (prices <= purse)
        gain, price = np.maximum(-rho[payable], 0.0), prices[payable]
        free = price <= 0
        order = np.argsort(-gain[~free] / price[~free], kind="stable")
        gain_paid, price_paid = gain[~free][order], price[~free][order]
        spent_before = np.cumsum(price_paid) - price_paid
        part = np.clip((purse - spent_before) / price_paid, 0.0, 1.0)
        minima.append(-float(gain[free].sum()) - float(np.dot(gain_paid, part)))
    return max(minima)


def must_recount(
    aim: str, starts: AnyArray, columns: AnyArray, costs: AnyArray, weights: Floats, multipliers: Floats
) -> None:
    if aim not in AIMS:
        raise ProblemError(
            Fault(
                "aim-not-recounted",
                Sentence("{aim!r} has no recount", aim=aim),
                mend=Sentence("it is known for {listed}", listed=", ".join(AIMS)),
            )
        )
    must_fit(starts, columns, costs, weights, multipliers)
