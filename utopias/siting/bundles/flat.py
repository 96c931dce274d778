"""The question laid out for the kernels: offers, and rows of demand that the same offers serve.

Demand places that the same sites reach are one row of a service, exactly; who is served anyway, by a fixed unit without
limit, is counted once and leaves. An offer that could never stand (its plot too small, the purse too) is not laid out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.domain.module_question import ModuleQuestion
from utopias.siting.kernels import NEVER
from utopias.siting.question.faults import most_spent

# Sums of money or ground in another order differ in their last digits: no bundle is lost to that. A share.
SLACK = 1e-12
NO_OFFER, ANYWAY = -1, -2


@dataclass(frozen=True, eq=False)
class Flat:
    """(rows,) of demand by (offers,).

    starts, columns : offers by row. demand : (rows,) persons. worth : (rows,) of one person.
    site, service : (offers,) whose offer of what. limits : (offers,) persons it can serve. area, money, yearly : (offers,).
    given : (offers,) of fixed units. must : (offers,) a new site that opens has to have it.
    site_starts, site_offers : the offers of sites that may open, by site.
    offer_starts, offer_pairs, row_of_pair : the pairs by offer. first : rows by falling worth.
    free, forced : (m,) sites that may, and that must open. rooms, site_money : (m,). most : new sites at most.
    purse, upkeep : ``NEVER`` without a limit. constant : worth of those served anyway.
    row_of : (n, k) row of each demand place and service, ``NO_OFFER`` or ``ANYWAY``.
    step : two values differ by this at least, or 0.
    """

    starts: Longs
    columns: Ints
    demand: Floats
    worth: Floats
    site: Longs
    service: Longs
    limits: Floats
    area: Floats
    money: Floats
    yearly: Floats
    given: Bools
    must: Bools
    site_starts: Longs
    site_offers: Longs
    offer_starts: Longs
    offer_pairs: Longs
    row_of_pair: Longs
    first: Longs
    free: Bools
    forced: Bools
    rooms: Floats
    site_money: Floats
    most: int
    purse: float
    upkeep: float
    constant: float
    row_of: Longs
    step: float

    @property
    def upper(self) -> float:
        """What nobody can pass: everybody served that any offer reaches."""
        return self.constant + float(np.dot(self.demand, self.worth))

    def spread(self, multipliers: Floats, question: ModuleQuestion) -> Floats:
        """(n, k) multipliers of the demand places from those of the rows."""
        worth = np.array([s.importance for s in question.services])[None, :] * question.multiplier[:, None]
        share = np.append(multipliers / self.worth, 0.0)[np.where(self.row_of >= 0, self.row_of, len(self.worth))]
        spread: Floats = worth * np.where(self.row_of == ANYWAY, 1.0, share)
        return spread


def flatten(question: ModuleQuestion) -> Flat:
    """Lay ``question`` out; see the file's first lines."""
    _, m, k = question.shape
    purse = NEVER if question.budget is None else most_spent(question.budget)
    upkeep = NEVER if question.upkeep is None else most_spent(question.upkeep)
    rooms = question.areas * (1 + SLACK)
    free = _may_open(question, rooms, purse, upkeep)
    offers = _offers(question, free, rooms, purse, upkeep)
    number = np.full((m, k), -1, dtype=np.int64)
    number[offers] = np.arange(len(offers[0]))
    site, service = offers
    limits = np.array(
        [question.services[s].holds_persons(float(question.places[i, s])) for i, s in zip(site, service, strict=True)]
    ).reshape(-1)
    rows = _Rows(question, number, limits)
    for s in range(k):
        rows.add(s)
    starts, columns = rows.laid()
    row_of_pair = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    by_offer = np.argsort(columns, kind="stable")
    new = np.flatnonzero(~question.offered[site, service]) if len(site) else np.zeros(0, np.int64)
    demand, worth = np.array(rows.demand), np.array(rows.worth)
    whole = all(bool((a == np.floor(a)).all()) for a in (demand, worth, limits[np.isfinite(limits)]))
    each = question.services
    return Flat(
        starts=starts,
        columns=columns,
        demand=demand,
        worth=worth,
        site=site,
        service=service,
        limits=limits,
        area=np.array([each[s].area for s in service], dtype=np.float64),
        money=np.array([each[s].money for s in service], dtype=np.float64),
        yearly=np.array([each[s].upkeep for s in service], dtype=np.float64),
        given=question.offered[site, service] if len(site) else np.zeros(0, dtype=bool),
        must=np.isin(service, question.must_have) & free[site] if len(site) else np.zeros(0, dtype=bool),
        site_starts=np.concatenate([[0], np.cumsum(np.bincount(site[new], minlength=m))]).astype(np.int64),
        site_offers=new.astype(np.int64),
        offer_starts=np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=len(site)))]).astype(np.int64),
        offer_pairs=by_offer.astype(np.int64),
        row_of_pair=row_of_pair.astype(np.int64),
        first=np.argsort(-worth, kind="stable").astype(np.int64),
        free=free,
        forced=_mask(question.forced, m),
        rooms=rooms,
        site_money=np.asarray(question.site_costs, dtype=np.float64),
        most=int(free.sum()) if question.open is None else min(question.open, int(free.sum())),
        purse=purse,
        upkeep=upkeep,
        constant=rows.constant,
        row_of=rows.row_of,
        step=1.0 if whole and rows.constant == np.floor(rows.constant) else 0.0,
    )


def _may_open(question: ModuleQuestion, rooms: Floats, purse: float, upkeep: float) -> Bools:
    """(m,) candidates on whose plot all that every site must have finds room, and that can be paid."""
    free = _mask(question.candidates.tolist(), len(rooms))
    free &= question.area_of(question.must_have) <= rooms
    must = sum(question.services[s].money for s in question.must_have)
    free &= question.site_costs + must <= purse
    if question.upkeep_of(question.must_have) > upkeep:
        free[:] = False
    return free


def _offers(question: ModuleQuestion, free: Bools, rooms: Floats, purse: float, upkeep: float) -> tuple[Longs, Longs]:
    """The offers, by site and then service: those of fixed units, and those that could stand beside the must-haves."""
    can = np.array(question.offered)
    for s in range(len(question.services)):
        beside = tuple(sorted({*question.must_have, s}))
        fits = free & (question.area_of(beside) <= rooms)
        fits &= question.site_costs + sum(question.services[t].money for t in beside) <= purse
        if question.upkeep_of(beside) <= upkeep:
            can[:, s] |= fits
    site, service_of = np.nonzero(can)
    return site.astype(np.int64), service_of.astype(np.int64)


class _Rows:
    """Rows as they are gathered, one service after the other."""

    def __init__(self, question: ModuleQuestion, number: Longs, limits: Floats) -> None:
        self.question, self.number, self.limits = question, number, limits
        n, _, k = question.shape
        self.row_of = np.full((n, k), NO_OFFER, dtype=np.int64)
        self.demand: list[float] = []
        self.worth: list[float] = []
        self.offers: list[Ints] = []
        self.constant = 0.0
        self.of_pair = question.rows

    def add(self, s: int) -> None:
        """The rows of service ``s``: places with the same offers, and the same worth where places may run out."""
        question, service = self.question, self.question.services[s]
        worth = service.importance * question.multiplier
        offer = self.number[question.columns, s]
        keep = (question.costs <= service.limit) & (offer >= 0) & ((service.persons * worth)[self.of_pair] > 0)
        rows, offer = self.of_pair[keep], offer[keep]
        endless = np.isinf(self.limits[offer])
        given = question.offered[question.columns[keep], s]
        anyway = np.zeros(len(worth), dtype=bool)
        anyway[rows[given & endless]] = True
        self.row_of[anyway, s] = ANYWAY
        self.constant += float(np.dot(service.persons[anyway], worth[anyway]))
        open_ = ~anyway[rows]
        rows, offer = rows[open_], offer[open_]
        if not len(rows):
            return
        order = np.lexsort((offer, rows))
        rows, offer = rows[order], offer[order].astype(np.int32)
        places, begin = np.unique(rows, return_index=True)
        end = np.append(begin[1:], len(rows))
        free_of_limit = bool(endless.all())
        known: dict[tuple[bytes, float], int] = {}
        for place, a, b in zip(places.tolist(), begin.tolist(), end.tolist(), strict=True):
            mine = offer[a:b]
            # without a limit only persons times worth counts, so that places of another worth are one row too
            value = float(worth[place])
            amount = float(service.persons[place])
            key = (mine.tobytes(), 1.0 if free_of_limit else value)
            row = known.get(key)
            if row is None:
                row = known[key] = len(self.demand)
                self.offers.append(mine)
                self.demand.append(0.0)
                self.worth.append(service.importance if free_of_limit else value)
            self.demand[row] += amount * value / self.worth[row] if free_of_limit else amount
            self.row_of[place, s] = row

    def laid(self) -> tuple[Longs, Ints]:
        """All rows as compressed rows."""
        starts = np.concatenate([[0], np.cumsum([len(o) for o in self.offers])]).astype(np.int64)
        columns = np.concatenate(self.offers).astype(np.int32) if self.offers else np.zeros(0, np.int32)
        return starts, columns


def _mask(sites: tuple[int, ...] | list[int], size: int) -> Bools:
    mask = np.zeros(size, dtype=bool)
    mask[list(sites)] = True
    return mask
