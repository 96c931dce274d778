"""Why no plan can reach everybody: a small set of places that cannot be reached together, and how many sites they need.

Places are left out of the conflict one at a time: if the rest still cannot be reached together, the place was not
needed for it (deletion filter; Chinneck & Dravnieks 1991, ORSA J. Comput. 3:157-168). What remains is irreducible:
without any one of its places there would be no conflict. Whether no smaller set exists at all is told too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import comb, inf

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.covers.cover_search import Effort, least_cover
from utopias.siting.covers.reach import Reach, reach_of
from utopias.siting.covers.set_cover import Cover, bound_at, kept
from utopias.siting.covers.set_cover_kernels import SURE
from utopias.siting.question.charging import limit_of
from utopias.siting.question.clock import Clock
from utopias.siting.question.problem import Problem, must_be_a_problem
from utopias.siting.question.rules import Rules

# Sets of places tried to see whether a smaller conflict exists; beyond, irreducible is all that is said.
TRIED = 2_000
# Seconds in which a conflict is looked for, at most, after a search has ended without a plan; and how far past the limit of
# that search, as a share of what a limit is held to (half a second or 5 %): the rest is for the portion that is under way.
SECONDS, PAST = 20.0, 0.3
# What is said of a set of places that conflict.
KINDS = {
    "smallest": Sentence("no smaller set conflicts"),
    "irreducible": Sentence("without any one of them the others do not conflict"),
    "not-reduced": Sentence("perhaps more than needed: the time ended"),
}
# Places named in a fault; the data name all.
NAMED = 12


@dataclass(frozen=True, slots=True)
class Conflict:
    """Demands that no plan reaches together, though all of them could be reached by some site or other.

    demands : positions, ascending; ``ids`` : block ids, or the positions as text. One demand alone: no site reaches it.
    sites_needed : new sites that these demands alone need; None where one demand alone is reached by none, and where
        the time ended before it was known.
    open, budget : what the question allows for new sites (None: no such limit).
    kind : "smallest" (no conflict has fewer demands), "irreducible" (each of them is needed for it), or
        "not-reduced", where the time ended before.
    """

    demands: tuple[int, ...]
    ids: tuple[str, ...]
    sites_needed: int | None
    open: int | None
    budget: float | None
    kind: str


def conflict(
    problem: Problem,
    *,
    within: str | Duration | float | None = None,
    times: int = 1,
    time_limit: str | Duration = "20 s",
    seed: int = 7,
) -> Conflict | None:
    """A smallest set of demands that the number and the budget cannot bring within a limit together.

    Parameters
    ----------
    within : the limit as for cover-most; None for bare costs: every stored pair. For a town, None is the limit of
        its times. times : how many open sites each demand wants.
    time_limit : of the wall clock; what is found by then is told with what is known of it (``kind``).

    Returns
    -------
    Conflict, of demands of weight over 0 only; sites that are open anyway count. None: there is no conflict, or the
    time ended before one was known.

    Raises
    ------
    ProblemError : a limit or a time that does not fit.
    """
    must_be_a_problem(problem)
    if problem.study is not None and within is None:
        limit: float = float(problem.study.times.limit.deciseconds)
    else:
        asked = limit_of(problem, "cover-all", within)
        limit = float(problem.pairs.costs.max(initial=0.0)) if asked is None else asked
    if isinstance(times, bool) or not isinstance(times, (int, np.integer)) or times < 1:
        raise ProblemError(
            Fault("bad-times", Sentence("times is {times!r}", times=times), "times", "a whole number of 1 or more")
        )
    effort = Effort(Rules.of(time_limit, None, seed, 0.0).start(), seed)
    reach = reach_of(problem, beyond=None, given_count=False)
    cover, most, rows = asked_at(problem, reach, limit, int(times))
    return _conflict(problem, cover, most, rows, effort)


def asked_at(problem: Problem, reach: Reach, limit: float, times: int) -> tuple[Cover, float, Longs]:
    """(cover of every place of weight that the given sites leave short, what its choice may cost, positions of its rows)."""
    served = given_within(problem, limit)[reach.rows]
    cover = reach.within(limit, times=times, count_given=served)
    most = reach.limit if reach.prices is not None or reach.number >= 0 else inf
    return cover, most, reach.rows[served < times]


def given_within(problem: Problem, limit: float) -> Longs:
    """(n,) how many of the sites that are open anyway, fixed and forced, reach each place within the limit."""
    given = np.zeros(problem.pairs.sites, dtype=bool)
    given[list(problem.fixed + problem.forced)] = True
    near = given[problem.pairs.columns] & (problem.pairs.costs <= limit)
    counted: Longs = np.bincount(problem.pairs.rows[near], minlength=len(problem.weights))
    return counted


def _conflict(
    problem: Problem,
    cover: Cover,
    most: float,
    rows: Longs,
    effort: Effort,
    *,
    certain: bool = False,
    prices: Floats | None = None,
) -> Conflict | None:
    """The conflict of ``cover``.

    certain : there is one; then all places are named where the time ends before fewer are known to be one.
    prices : (rows,) that may show by themselves that there is one.
    """
    lone = np.flatnonzero(np.diff(cover.starts) < cover.need)
    if len(lone):
        return _told(problem, rows[lone[:1]], None, "smallest")
    if prices is None or not _priced_out(cover, prices, most):
        if certain and effort.clock.out:
            return _told(problem, rows, None, "not-reduced")
        found = least_cover(cover, effort, limit=most, enough=most)
        if found.chosen is not None:
            return None
        if not found.closed:
            return _told(problem, rows, None, "not-reduced") if certain else None
        prices = found.prices
    members = np.flatnonzero(prices > 0)
    if not _priced_out(cover, prices, most) and not _impossible(cover, members, most, effort):
        members = np.arange(len(cover.need))
    members, whole = _filtered(cover, members, prices, most, effort)
    kind = "irreducible" if whole else "not-reduced"
    if whole and (len(members) <= 2 or _none_smaller(cover, len(members), most, effort)):
        kind = "smallest"
    needed = None if effort.clock.out else _needed(cover, members, effort)
    return _told(problem, rows[members], needed, kind)


def _priced_out(cover: Cover, prices: Floats, most: float) -> bool:
    """Whether the prices by themselves show that the rows that bear one cannot be served; no search is needed then."""
    bound, _ = bound_at(cover, prices)
    return bound > most + SURE * max(1.0, abs(most))


def _impossible(cover: Cover, members: Longs, most: float, effort: Effort) -> bool | None:
    """Whether these rows alone cannot be served within the limit; None where that was not found out."""
    if not len(members):
        return False
    asked = np.zeros(len(cover.need), dtype=bool)
    asked[members] = True
    rest = replace(kept(cover, asked, np.ones(len(cover.names), dtype=bool)), rows=np.arange(len(members)), _turned=[])
    found = least_cover(rest, effort, limit=most, enough=most)
    if found.chosen is not None:
        return False
    return True if found.closed else None


def _filtered(cover: Cover, members: Longs, prices: Floats, most: float, effort: Effort) -> tuple[Longs, bool]:
    """Leave out what is not needed, in halves first, then one by one, the cheapest first; whether each that is left is needed."""
    order = members[np.argsort(prices[members], kind="stable")]
    part, at, sure = len(order) // 2, 0, True
    while True:
        while at < len(order):
            if effort.clock.out:
                return np.sort(order), False
            trial = np.concatenate([order[:at], order[at + max(part, 1) :]])
            alone = _impossible(cover, trial, most, effort)
            if alone:
                order = trial
            else:
                sure = sure and (alone is not None or part > 1)
                at += max(part, 1)
        if part <= 1:
            return np.sort(order), sure
        part, at = part // 2, 0


def _none_smaller(cover: Cover, size: int, most: float, effort: Effort) -> bool:
    """Whether no set of fewer rows conflicts: by number where a site each would do, else by trying them all."""
    if cover.exactly < 0 and bool((cover.prices == 1.0).all()) and bool((cover.need == 1).all()) and size <= most + 1:
        return True  # ``most`` sites serve any ``most`` rows, one each
    n = len(cover.need)
    if sum(comb(n, k) for k in range(1, size)) > TRIED:
        return False
    return all(
        not effort.clock.out and _impossible(cover, np.array(trial), most, effort) is False
        for k in range(1, size)
        for trial in combinations(range(n), k)
    )


def _needed(cover: Cover, members: Longs, effort: Effort) -> int | None:
    """How many sites these rows alone need; None where that was not found out."""
    asked = np.zeros(len(cover.need), dtype=bool)
    asked[members] = True
    alone = kept(cover, asked, np.ones(len(cover.names), dtype=bool))
    counted = replace(
        alone, prices=np.ones(len(alone.names)), exactly=-1, side=None, rows=np.arange(len(members)), _turned=[]
    )
    found = least_cover(counted, effort)
    return len(found.chosen) if found.chosen is not None and found.closed else None


def _told(problem: Problem, demands: Longs, needed: int | None, kind: str) -> Conflict:
    ids = [str(i) for i in demands.tolist()]
    if problem.study is not None:
        ids = problem.study.blocks["block_id"].iloc[demands].astype(str).tolist()
    return Conflict(tuple(int(i) for i in demands), tuple(ids), needed, problem.open, problem.budget, kind)


def no_plan_meets_all(
    problem: Problem,
    proven: bool,
    seed: int,
    clock: Clock,
    *,
    limit: float | None = None,
    times: int = 1,
    prices: Floats | None = None,
) -> InfeasibleError:
    """The error of a search that found no plan that reaches everybody: with the conflict, where none exists.

    clock : of that search. limit : within which all must be reached; None: at any stored cost. prices : (n,) of the
    places, as that search found them; they are looked at first.
    """
    found = None
    if proven:
        found = conflict_of_all(problem, seed, clock, limit=limit, times=times, certain=True, prices=prices)
    return InfeasibleError(_not_found() if found is None else fault_of(found, problem))


def conflict_of_all(
    problem: Problem,
    seed: int,
    clock: Clock,
    *,
    limit: float | None = None,
    times: int = 1,
    certain: bool = False,
    prices: Floats | None = None,
) -> Conflict | None:
    """The conflict of all places of weight, at any stored cost where ``limit`` is None; None: none, or not found in time.

    clock : of the search that ended without a plan; what it has left is what there is. certain : it was proven that no
    plan reaches everybody, so that there is a conflict; it is then told however little time is left. prices : (n,) of the
    places, that may show it.
    """
    at = float(problem.pairs.costs.max(initial=0.0)) if limit is None else limit
    cover, most, rows = asked_at(problem, reach_of(problem, beyond=None, given_count=False), at, times)
    shown = None if prices is None else prices[rows]
    return _conflict(problem, cover, most, rows, Effort(after(clock), seed), certain=certain, prices=shown)


def after(clock: Clock) -> Clock:
    """What naming a conflict may take once a search has ended: what is left of its time, and a little past its limit.

    Counted work knows no time: ``SECONDS`` then.
    """
    if clock.work is not None:
        return Clock(SECONDS)
    return Clock(min(SECONDS, clock.seconds + PAST * max(0.5, 0.05 * clock.seconds) - clock.spent))


def fault_of(found: Conflict, problem: Problem) -> Fault:
    """A conflict as a fault: how many places, which, what they would need, and what could be changed."""
    named = ", ".join(found.ids[:NAMED])
    if len(found.ids) > NAMED:
        named = Sentence("{listed} and {count} more", listed=named, count=len(found.ids) - NAMED)
    first = found.ids[0] if problem.study is not None else Sentence("demand {position}", position=found.demands[0])
    if found.sites_needed is None and len(found.ids) == 1:
        what = Sentence("no site reaches this place: {listed}", listed=named)
        mend = "add sites near it, allow a longer walk, or say beyond=... to charge a cost there"
    elif found.sites_needed is None and found.open is not None:
        what = Sentence(
            "{count} places cannot all be reached with as much as may open ({kind}): {listed}",
            count=len(found.ids),
            kind=KINDS[found.kind],
            listed=named,
        )
        mend = "open more sites, allow a longer walk, or say beyond=... to charge a cost for those left out"
    elif (
        found.sites_needed is not None
        and found.open is not None
        and found.sites_needed > found.open - len(problem.forced)
    ):
        what = Sentence(
            "{count} places cannot all be reached: they alone need {needed} new sites beside those that are set, and {open} may open ({kind}): {listed}",
            count=len(found.ids),
            needed=found.sites_needed,
            open=found.open - len(problem.forced),
            kind=KINDS[found.kind],
            listed=named,
        )
        mend = "open more sites, allow a longer walk, or say beyond=... to charge a cost for those left out"
    else:
        what = Sentence(
            "{count} places cannot all be reached for the money there is ({kind}): {listed}",
            count=len(found.ids),
            kind=KINDS[found.kind],
            listed=named,
        )
        mend = "raise the budget, allow a longer walk, or say beyond=... to charge a cost for those left out"
    return Fault("cannot-all-be-met", what, "open, budget, beyond", mend, count=len(found.ids), first=first)


def _not_found() -> Fault:
    return Fault(
        "nobody-found-a-plan",
        "no plan that reaches every place of weight was found in time, and none was ruled out",
        "open, beyond",
        "open more sites, say beyond=... to charge a cost for those left out, or search longer",
    )
