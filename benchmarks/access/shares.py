"""E2SFCA from one finished table of costs: ours and PySAL's, as far as floating numbers can be equal."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.access.graphs import DECIMETRES
from benchmarks.access.walking import Ground
from benchmarks.rounds import Bar, Contest, Peer
from utopias.access.catchment import floating_catchment
from utopias.domain.arrays import AnyArray, Floats, texts
from utopias.domain.demand import Demand
from utopias.domain.quantities import Duration
from utopias.domain.travel_times import TravelTimes

MOST_APART = 1e-12
WEIGHTS = (1.0, 0.68, 0.22)  # of the three thirds of the limit: Luo & Qi (2009), Health & Place 15:1100-1107


def enhanced(ground: Ground, *, sites: int, metres: int, bar: Bar) -> Contest:
    """Places for each person at every node, from scattered sites with a capacity; the table is made by pandana.

    Its decimetres stand as deciseconds here, which neither program can tell apart. PySAL's own tables are made before
    the clock runs.
    """
    limit = metres * DECIMETRES
    chosen = ground.sites(sites, seed=4)
    pairs = ground.pandana.rows(chosen, limit)
    row = pairs["destination"].to_numpy()
    column = np.searchsorted(chosen, pairs["source"].to_numpy())
    cost = np.rint(pairs["cost"].to_numpy()).astype(np.int32)
    capacity = np.random.default_rng(4).integers(50, 500, len(chosen)).astype(np.float64)
    people = ground.graph.people.astype(np.float64)
    times = _times(len(people), chosen, row, column, cost, limit)
    demand = Demand(times.origins, people, "all", np.ones(len(people), dtype=bool))
    steps = [limit * part // 3 for part in (1, 2, 3)]
    decay = "steps " + ", ".join(f"{step / 10:g} s:{weight:g}" for step, weight in zip(steps, WEIGHTS, strict=True))
    theirs = _pysal(people, chosen, capacity, row, cost, steps, column)

    def ours() -> Floats:
        found: Any = floating_catchment(times, demand, capacity, within=Duration(limit), method="e2sfca", decay=decay)
        access: Floats = found.access
        return access

    return Contest(
        ours=ours,
        peers={"PySAL access enhanced_two_stage_fca": Peer(theirs, apart, bar)},
        warm=ours,
        size=f"{len(chosen):,} sites, {len(people):,} nodes, {len(cost):,} pairs",
    )


def apart(ours: AnyArray, theirs: AnyArray) -> str:
    """Relative difference over ``MOST_APART``, and how many; "" where there is none."""
    larger = np.maximum(np.abs(ours), np.abs(theirs))
    difference = np.divide(np.abs(ours - theirs), larger, out=np.zeros(len(larger)), where=larger != 0)
    over = int((~(difference <= MOST_APART)).sum())
    return (
        f"{over:,} of {len(larger):,} differ by more than {MOST_APART:g}, the most {difference.max():g}" if over else ""
    )


def _times(n: int, chosen: AnyArray, row: AnyArray, column: AnyArray, cost: AnyArray, limit: int) -> TravelTimes:
    order = np.lexsort((column, row))
    starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int64)
    return TravelTimes(
        origins=texts([str(k) for k in range(n)]),
        destinations=texts([str(k) for k in chosen]),
        starts=starts,
        columns=column[order].astype(np.int32),
        deciseconds=cost[order].astype(np.int32),
        limit=Duration(limit),
        origin_status=np.zeros(n, dtype=np.int8),
        destination_status=np.zeros(len(chosen), dtype=np.int8),
    )


def _pysal(  # type: ignore[no-untyped-def]
    people: Floats,
    chosen: AnyArray,
    capacity: Floats,
    row: AnyArray,
    cost: AnyArray,
    steps: list[int],
    column: AnyArray,
):
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from access import Access, weights

        asked = Access(
            demand_df=pd.DataFrame({"id": np.arange(len(people)), "people": people}),
            demand_index="id",
            demand_value="people",
            supply_df=pd.DataFrame({"id": chosen, "capacity": capacity}),
            supply_index="id",
            supply_value="capacity",
            cost_df=pd.DataFrame({"origin": row, "dest": chosen[column], "cost": cost}),
            cost_origin="origin",
            cost_dest="dest",
            cost_name="cost",
        )
    weigh = weights.step_fn(dict(zip(steps, WEIGHTS, strict=True)))

    def theirs() -> Floats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = asked.enhanced_two_stage_fca(name="e", weight_fn=weigh)
        access: Floats = found["e_capacity"].reindex(np.arange(len(people))).fillna(0).to_numpy()
        return access

    return theirs
