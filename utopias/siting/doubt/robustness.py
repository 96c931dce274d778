"""What becomes of a plan when its inputs are as uncertain as they are: the second statement about it.

Each draw moves everything at once and asks the question again, by greedy and interchange: fast, and
with a bound beside, so that the reader sees how far the answer of a draw itself may be off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Length
from utopias.domain.robustness import Robustness
from utopias.domain.sentences import Sentence
from utopias.scale import Runner
from utopias.siting.choose.cover_swaps import SWAPPED
from utopias.siting.choose.near_covers import must_be_a_walk
from utopias.siting.choose.near_rooms import near_with_rooms
from utopias.siting.doubt import draws as drawing
from utopias.siting.doubt.cover_draws import WALK_NOISE, CoverGround, stand_covers
from utopias.siting.doubt.draws import Ground, Uncertain, stand
from utopias.siting.doubt.room_draws import RoomGround, stand_with_rooms
from utopias.siting.full_cover.cover_plan import recounted
from utopias.siting.median.replay import limit_again, must_be_of, must_come_out, put_again
from utopias.siting.question.charges import Equal
from utopias.siting.question.charging import LARGEST_EXPONENT, LIMITED, limit_of
from utopias.siting.question.faults import fault_of_seed
from utopias.siting.question.problem import Problem
from utopias.witness.worst import WORST_AIMS


def robustness(
    problem: Problem,
    plan: Plan,
    *,
    draws: int = 100,
    seed: int = 7,
    near: str | Length = "400 m",
    progress: Progress = silent,
    runner: Runner | None = None,
) -> Robustness:
    """Solve the problem again in ``draws`` worlds that could as well be true, and see how ``plan`` stands there.

    What moves, at once, in each draw (``varied`` says it with its ranges): people (lognormal, by block and by
    census area together), walking speed, circuity where the times are estimated, the limit of cover-most and least-poverty
    (two thirds, four fifths, all or four thirds of the plan's own: 10, 12, 15 or 20 min for 15), the weights of the need index where it weighs, and a tenth of the candidates that
    are withdrawn (never a forced one). Speed, circuity and limit move only where the problem carries a
    study, since bare costs have no unit.

    A draw is answered by greedy and interchange, from nothing and from the plan. The plan's value in a draw
    is that of its sites; a withdrawn lot is first replaced by the one lot that then gains most, so a plan
    is not blamed for a lot that nobody could have built on. Regret = |best - plan| / best.

    For smallest-worst, worst-first, cover-all and cover-twice the walks of each block move by themselves too, for one place may
    decide such a plan, and of equally good answers of a draw the one that keeps most of the plan's sites is taken.
    worst-first is judged by its first distance. Of cover-all the plan's value is its own sites and as few beside as all
    then need who can be served at all (``left_out``: the weight of the others), whatever the money; its limit does not move.
    Where places fill up who goes where is decided anew in each draw, and a place has the room it has.

    Parameters
    ----------
    near : a site chosen that is not of the plan and lies this near counts as a replacement in ``kept_in``;
        distances need a study, without one ``kept_in`` is ``chosen_in``.
    runner : workers; the result is the same for any number of them.

    Returns
    -------
    Robustness. ``within_*`` : 5th and 95th percentile of the persons within by the plan, unchanged, at its
    own limit, under the draws of people, speed and circuity. ``worst_gap`` : the largest gap of a draw's
    own answer to its bound. Ctrl-C keeps the draws done so far and says ``stopped="user"``.

    Raises
    ------
    ProblemError : no draws asked for, or no seed; ``every-plan-as-good``, a longest walk at the end of the table.
    MisalignedError : a plan that is not of this problem.
    """
    faults = [] if (wrong := fault_of_seed(seed)) is None else [wrong]
    if isinstance(draws, bool) or not isinstance(draws, (int, np.integer)) or draws < 1:
        faults.append(
            Fault("bad-draws", Sentence("draws is {draws!r}", draws=draws), "draws", "a whole number of 1 or more")
        )
    if faults:
        raise ProblemError(faults)
    metres = Length.of(near).metres
    ground: Ground | CoverGround | RoomGround
    if problem.capacities is not None:
        ground = _room_ground(problem, plan, seed)
        work: Callable[[Sequence[int]], list[dict[str, Any]]] = partial(stand_with_rooms, ground)
    elif plan.aim in SWAPPED:
        ground = _cover_ground(problem, plan, seed)
        work = partial(stand_covers, ground)
    else:
        ground = _ground(problem, plan, seed)
        work = partial(stand, ground)
    crew = runner or Runner()
    portion = 2 if crew.workers <= 1 else max(1, -(-draws // (4 * crew.workers)))
    batches = [range(first, min(first + portion, draws)) for first in range(0, draws, portion)]
    rows: list[dict[str, Any]] = []
    stopped = ""
    try:
        progress("robustness", 0.0)
        for batch in crew.map(work, batches):
            rows += batch
            progress("robustness", len(rows) / draws)
    except KeyboardInterrupt:
        if not rows:
            raise
        stopped = "user"
    return _summed(problem, plan, ground, rows, seed, metres, stopped)


def _ground(problem: Problem, plan: Plan, seed: int) -> Ground:
    asked = put_again(problem, plan)
    charge = asked.charge
    if problem.beyond is None:  # nobody may be left out: charge what no reached place costs
        far = float(problem.pairs.costs.max(initial=0.0)) * 2 + 1
        kappa = charge.kappa if isinstance(charge, Equal) else 0.0
        charge = replace(charge, beyond=min(far, LARGEST_EXPONENT / kappa) if kappa else far)
    limited = asked.aim.name in LIMITED
    return Ground(charge=charge, median=asked.median, **_uncertain(problem, plan, seed, asked.limit, limited))


def _cover_ground(problem: Problem, plan: Plan, seed: int) -> CoverGround:
    """The same of an aim over the worst walk or full coverage; the limit of cover-all is a right, and is not drawn."""
    must_be_of(problem, plan)
    aim = plan.asked
    limit = limit_of(problem, aim.name, limit_again(problem, plan))
    must_come_out(plan, recounted(problem, aim, plan.sites, np.zeros(0), limit).value)
    if aim.name in WORST_AIMS:
        must_be_a_walk(problem, plan)
    shared = _uncertain(problem, plan, seed, limit, aim.name == "cover-twice")
    return CoverGround(problem=replace(problem, study=None, loads=None), aim=aim, limit=limit, **shared)


def _room_ground(problem: Problem, plan: Plan, seed: int) -> RoomGround:
    """The same where places fill up."""
    near_with_rooms(problem, plan, 0.0, np.zeros(problem.pairs.sites, dtype=bool))  # the plan is of this problem
    aim = plan.asked
    limit = limit_of(problem, aim.name, limit_again(problem, plan))
    shared = _uncertain(problem, plan, seed, limit, aim.name in LIMITED)
    return RoomGround(problem=replace(problem, study=None), aim=aim, limit=limit, **shared)


def _uncertain(problem: Problem, plan: Plan, seed: int, limit: float | None, limited: bool) -> dict[str, Any]:
    """What the ground of any aim holds. limit : of the aim over bare costs."""
    import pandas as pd

    study, n = problem.study, problem.shape[0]
    weights = np.asarray(problem.weights, dtype=np.float64)
    given = np.zeros(problem.pairs.sites, dtype=bool)
    given[[*problem.fixed, *problem.forced]] = True
    persons, area, circuity = weights, np.zeros(n, dtype=np.int64), 0.0
    indicators: dict[str, Floats] = {}
    index: dict[str, float] = {}
    if study is not None:
        blocks = study.blocks
        counted = blocks["planned"].to_numpy(dtype=bool)
        persons = np.where(counted, blocks["persons"].to_numpy(dtype=float), 0.0)
        area = pd.factorize(blocks["area_id"].astype(str))[0].astype(np.int64)
        circuity = float(study.times.notes.get("circuity", 1.3)) if study.times.estimated else 0.0
        if study.town.get("weighted_by") == "need":
            index = {i["id"]: float(i["weight"]) for i in study.town["indicators"] if i["weight"] > 0}
            indicators = {key: blocks[key].to_numpy(dtype=float) for key in index}
    return {
        "limited": limited,
        "starts": problem.pairs.starts,
        "columns": problem.pairs.columns,
        "costs": problem.pairs.costs,
        "given": given,
        "weights": weights,
        "persons": persons,
        "area": area,
        "plan": np.array(sorted(set(plan.sites) - set(problem.forced)), dtype=np.int64),
        "multipliers": _multipliers(plan, n),
        "own_limit": float(plan.within.deciseconds) if study is not None and plan.within is not None else limit,
        "table_limit": float(study.times.limit.deciseconds) if study is not None else np.inf,
        "timed": study is not None,
        "used_circuity": circuity,
        "indicators": indicators,
        "index_weights": index,
        "seed": seed,
    }


def _multipliers(plan: Plan, n: int) -> Floats:
    return np.array(plan.multipliers) if len(plan.multipliers) == n else np.zeros(n)


def _summed(
    problem: Problem,
    plan: Plan,
    ground: Uncertain,
    rows: list[dict[str, Any]],
    seed: int,
    metres: float,
    stopped: str,
) -> Robustness:
    forced = sorted(set(plan.sites) & set(np.flatnonzero(ground.given).tolist()))
    cut = sum(row.pop("cut") for row in rows)
    for row in rows:
        row["sites"] = sorted([*row["sites"], *forced])
    chosen = np.zeros((len(rows), problem.pairs.sites), dtype=bool)
    for at, row in enumerate(rows):
        chosen[at, row["sites"]] = True
    nearby = _nearby(problem, plan, metres)
    own = list(plan.sites)
    once = chosen[:, own]
    strangers = chosen.copy()
    strangers[:, own] = False
    kept = once | ((strangers.astype(np.int64) @ nearby.T.astype(np.int64)) > 0)
    regret = np.array([row["regret"] for row in rows])
    within = np.array([row["within"] for row in rows])
    return Robustness(
        draws=len(rows),
        seed=seed,
        varied=_varied(ground, cut),
        chosen_in=[int(k) for k in once.sum(axis=0)],
        kept_in=[int(k) for k in kept.sum(axis=0)],
        near_metres=metres,
        regret_median=float(np.median(regret)),
        regret_p90=float(np.percentile(regret, 90)),
        within_low=float(np.percentile(within, 5)),
        within_high=float(np.percentile(within, 95)),
        worst_gap=max(float(row["gap"]) for row in rows),
        stopped=stopped,
        rows=rows,
    )


def _nearby(problem: Problem, plan: Plan, metres: float) -> Bools:
    """(plan sites, sites) whether a site lies within ``metres`` of a site of the plan; nowhere without a study."""
    own: Longs = np.array(plan.sites, dtype=np.int64)
    if problem.study is None:
        return np.zeros((len(own), problem.pairs.sites), dtype=bool)
    places = problem.study.places
    x, y = (places[name].to_numpy(dtype=float)[: problem.pairs.sites] for name in ("x", "y"))
    near: Bools = np.hypot(x[own, None] - x[None, :], y[own, None] - y[None, :]) <= metres
    return near


def _varied(ground: Uncertain, cut: int) -> dict[str, Any]:
    """What moved, for the reader; all figures are the constants of ``utopias.siting.doubt.draws``."""
    varied: dict[str, Any] = {
        "people": {"block_sd_log": drawing.BLOCK_NOISE, "area_sd_log": drawing.AREA_NOISE},
        "withdrawn_share": drawing.WITHDRAWN,
        "withdrawn_lots": "replaced by the best single lot",
    }
    if ground.timed:
        varied["walking_speed"] = list(drawing.SPEED)
        if ground.limited:
            varied["limit_minutes"] = [limit / 600.0 for limit in drawing.limits_of(ground)]
        if ground.used_circuity:
            varied["circuity"] = list(drawing.CIRCUITY)
        if cut:
            varied["draws_cut_by_table"] = cut
    if ground.timed and isinstance(ground, CoverGround):
        varied["walks"] = {"block_sd_log": WALK_NOISE}
    if isinstance(ground, CoverGround) and ground.aim.name == "cover-all":
        del varied["withdrawn_lots"]
        varied["completed"] = "its own sites and as few beside as all then need"
    if isinstance(ground, CoverGround) and ground.aim.name in WORST_AIMS:
        varied["judged"] = "by the longest walk"
    if ground.index_weights:
        varied["index_weights"] = list(drawing.INDEX_WEIGHTS)
    return varied
