"""One draw of what could be otherwise, and the plan's standing in it: picklable, and the same everywhere.

A draw is made from ``(seed, its number)`` alone, so that any number of workers gives the same draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.domain.quantities import half_up
from utopias.equity import need_index
from utopias.siting.kernels import greedy, interchange
from utopias.siting.median.aims import Median
from utopias.siting.median.bounds import Ascent
from utopias.siting.question.charges import Charge

# How far a count of people may be off, as the standard deviation of its logarithm: for one block,
# and for all blocks of a census area together. Assumptions of this project, no census states them by block.
BLOCK_NOISE, AREA_NOISE = 0.10, 0.05
SPEED = (0.85, 1.15)  # times the walker's speed
CIRCUITY = (1.2, 1.5)  # walked over straight distance, where times are estimated; assumption, grid to hillside
LIMITS = (2 / 3, 4 / 5, 1.0, 4 / 3)  # times the plan's own limit: 10, 12, 15, 20 min for one of 15
INDEX_WEIGHTS = (0.5, 1.5)  # times each weight of the need index
WITHDRAWN = 0.10  # share of the candidates
# Steps of the bound's ascent in a draw, from the plan's own multipliers, and bad ones before the step is halved.
BOUND_STEPS, PATIENCE = 60, 5


@dataclass(frozen=True, eq=False)
class Uncertain:
    """What the draws of any aim move. Costs and limits in the unit of the problem's costs.

    given : (m,) open anyway. weights, persons : (n,) what the aim counts; who is counted as within. area : (n,) number of
    the census area. plan : the new sites that were free to choose. multipliers : (n,) of the plan's bound.
    limited : the aim names a limit, and that is drawn too. own_limit : of the plan; None where it has none. timed : costs
    are walking times of a study. used_circuity : of estimated times; 0 where they were measured along streets.
    indicators, index_weights : of the need index, empty where it does not weigh.
    """

    limited: bool
    starts: Longs
    columns: Ints
    costs: Floats
    given: Bools
    weights: Floats
    persons: Floats
    area: Longs
    plan: Longs
    multipliers: Floats
    own_limit: float | None
    table_limit: float
    timed: bool
    used_circuity: float
    indicators: dict[str, Floats]
    index_weights: dict[str, float]
    seed: int


@dataclass(frozen=True, eq=False)
class Ground(Uncertain):
    """What all draws of an aim that sums walks share.

    charge : of the aim, at the plan's own limit. median : as the plan's problem puts it; its lists are made anew in each draw.
    """

    charge: Charge
    median: Median


@dataclass(frozen=True, eq=False)
class Draw:
    """One world: people and weights (n,), the walker ``faster`` than the table's, the limit, and which lots are gone.

    random : the chance that is left, for what one aim moves and others do not.
    """

    people: Floats
    weights: Floats
    speed: float
    circuity: float
    faster: float
    limit: float
    withdrawn: Longs
    random: np.random.Generator


def limits_of(ground: Uncertain) -> list[float]:
    """The limits that are drawn, in whole deciseconds: shares of the plan's own; none where it has none."""
    own = ground.own_limit
    return [np.inf] if own is None else [float(half_up(own * share)) for share in LIMITS]


def stand(ground: Ground, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of these draws: what was drawn, the best found, the plan's value, regret and persons within."""
    return [_one(ground, number) for number in numbers]


def _one(ground: Ground, number: int) -> dict[str, Any]:
    draw = draw_of(ground, number, np.flatnonzero(ground.median.free))
    faster, limit, withdrawn = draw.faster, draw.limit, draw.withdrawn
    open_now = ground.given.copy()
    open_now[ground.plan] = True
    reach = np.inf if ground.own_limit is None else ground.own_limit * faster
    within = persons_within(ground.starts, ground.columns, ground.costs, open_now, draw.people * ground.persons, reach)

    charge = ground.charge.among(float(draw.weights.sum()))
    if ground.timed and ground.limited:
        charge = charge.at(limit)
    median = _drawn(ground, charge, draw.weights, faster, withdrawn)
    best, best_sites, planned = _compete(ground, median)
    bound = Ascent.at(median, charge.scaled(ground.multipliers, 1.0 / faster))
    bound.patience = PATIENCE
    bound.climb(BOUND_STEPS, best, best)
    best_value, plan_value = charge.value(best), charge.value(planned)
    scale = max(abs(best_value), 1e-9)
    return said_of(ground, number, draw) | {
        "best": best_value,
        "plan": plan_value,
        "regret": abs(best_value - plan_value) / scale,
        "gap": abs(best_value - charge.value(min(bound.bound, best))) / scale,
        "within": float(within),
        "sites": np.flatnonzero(best_sites).tolist(),
        "cut": bool(ground.timed and max(limit * faster if ground.limited else 0.0, reach) > ground.table_limit),
    }


def draw_of(ground: Uncertain, number: int, candidates: Longs) -> Draw:
    """The world of this number: the same for every aim over the same ground and candidates."""
    random = np.random.default_rng([ground.seed, number])
    noise = BLOCK_NOISE * random.standard_normal(len(ground.weights))
    noise += AREA_NOISE * random.standard_normal(int(ground.area.max(initial=0)) + 1)[ground.area]
    people = np.exp(noise - (BLOCK_NOISE**2 + AREA_NOISE**2) / 2)  # mean 1
    speed, circuity = random.uniform(*SPEED), random.uniform(*CIRCUITY)
    limits = limits_of(ground)
    limit = limits[random.integers(len(limits))]
    swing = random.uniform(*INDEX_WEIGHTS, len(ground.index_weights))
    withdrawn = random.choice(candidates, round(WITHDRAWN * len(candidates)), replace=False)

    faster = 1.0
    if ground.timed:
        faster = speed * (ground.used_circuity / circuity if ground.used_circuity else 1.0)
    weights = people * (_reweighed(ground, swing) if ground.index_weights else ground.weights)
    return Draw(people, weights, float(speed), float(circuity), faster, limit, withdrawn, random)


def said_of(ground: Uncertain, number: int, draw: Draw) -> dict[str, Any]:
    """What was drawn, as a row tells it."""
    row: dict[str, Any] = {"draw": number, "withdrawn": len(draw.withdrawn)}
    if ground.timed:
        row["speed"] = round(draw.speed, 4)
        if ground.limited:
            row["limit_minutes"] = draw.limit / 600.0
        if ground.used_circuity:
            row["circuity"] = round(draw.circuity, 4)
    return row


def _reweighed(ground: Uncertain, swing: Floats) -> Floats:
    """(n,) persons times the need index with swung weights; an unknown index counts nothing, as in the problem."""
    weights = {key: weight * by for (key, weight), by in zip(ground.index_weights.items(), swing, strict=True)}
    return np.where(ground.weights > 0, ground.persons, 0.0) * np.nan_to_num(need_index(ground.indicators, weights))


def _drawn(ground: Ground, charge: Charge, weights: Floats, faster: float, withdrawn: Longs) -> Median:
    """The median of one draw: other people, another charge or speed, some candidates gone."""
    free = ground.median.free.copy()
    free[withdrawn] = False
    starts, columns, costs, cap = drawn_lists(
        ground.starts,
        ground.columns,
        charge.of(ground.costs * (1.0 / faster)),
        ground.given,
        free,
        weights,
        charge.cap,
    )
    number = min(ground.median.number, int(free.sum()))
    return replace(
        ground.median,
        starts=starts,
        columns=columns,
        costs=costs,
        cap=cap,
        weights=weights,
        free=free,
        number=number,
        step=0.0,
        _turned=[],
    )


def _compete(ground: Ground, median: Median) -> tuple[float, Bools, float]:
    """(best loss found, its sites, loss of the plan with each withdrawn lot replaced as well as one lot can)."""
    fresh = np.zeros(len(median.free), dtype=bool)
    kept = fresh.copy()
    kept[ground.plan] = True
    kept &= median.free
    count = int((~ground.given[ground.plan]).sum()) if median.number < 0 else median.number
    _fill(median, fresh, median.number)
    _fill(median, kept, min(count, int(median.free.sum())))
    planned = median.value(kept)
    best, sites = planned, kept
    for start in (fresh, kept.copy()):
        value = float(
            interchange(
                *median.rows, *median.by_site, median.cap, median.weights, start, median.shut,
                median.fees, median.prices, median.purse, median.number, 0, 50,
            )
        ) + median.constant  # fmt: skip
        if value < best:
            best, sites = value, start
    return best, sites, planned


def _fill(median: Median, chosen: Bools, number: int) -> None:
    greedy(
        *median.by_site, median.cap, median.weights, chosen, median.shut,
        median.fees, median.prices, median.purse, number, False,
    )  # fmt: skip


@kernel(
    types.float64(types.I8, types.I4, types.F8, types.B1, types.F8, types.float64),
    work=turns_of,
)
def persons_within(starts: Longs, columns: Ints, costs: Floats, is_open: Bools, persons: Floats, limit: float) -> float:
    """Persons whose nearest open site costs at most ``limit``; rows are sorted by cost."""
    total = 0.0
    for j in range(len(starts) - 1):
        for k in range(starts[j], starts[j + 1]):
            if costs[k] > limit:
                break
            if is_open[columns[k]]:
                total += persons[j]
                break
    return total


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8, types.OUT_F8))(
        types.I8,
        types.I4,
        types.F8,
        types.B1,
        types.B1,
        types.F8,
        types.float64,
    ),
    work=turns_of,
    allocates=True,
)
def drawn_lists(
    starts: Longs,
    columns: Ints,
    charged: Floats,
    given: Bools,
    free: Bools,
    weights: Floats,
    most: float,
) -> tuple[Longs, Ints, Floats, Floats]:
    """Lists of charges under the cap, which is ``most`` or what a site of ``given`` charges; rows rise."""
    n = len(starts) - 1
    new_starts = np.zeros(n + 1, np.int64)
    new_columns, new_costs = np.empty(len(columns), np.int32), np.empty(len(columns))
    cap = np.zeros(n)
    at = 0
    for j in range(n):
        if weights[j] > 0:
            cap[j] = most
            begun = at
            for k in range(starts[j], starts[j + 1]):
                cost = charged[k]
                if cost >= cap[j]:
                    break
                if given[columns[k]]:
                    cap[j] = cost
                    while at > begun and new_costs[at - 1] >= cost:
                        at -= 1  # as near as what is open already: it can add nothing
                    break
                if free[columns[k]]:
                    new_columns[at] = columns[k]
                    new_costs[at] = cost
                    at += 1
        new_starts[j + 1] = at
    return new_starts, new_columns[:at].copy(), new_costs[:at].copy(), cap
