"""One plan for several worlds: today's people and tomorrow's, judged on average or by the worst of them.

On average is easy: covering and walking are sums of people, so the mean world is one more question of the same
kind. By the worst is not: the best plan for the worst world is none of their own best plans. Prices on the
worlds (adding up to one) make each mixture a question of the usual kind, whose bound holds for the worst as well;
the prices are found by cutting planes, and every plan met on the way is a candidate.

Source
------
Max-min by Lagrangian prices on the scenarios: Snyder (2006), IIE Transactions 38:547-564 (a review); cutting
planes: Kelley (1960), J. SIAM 8:703-712.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.doubt.compared_worlds import COMPARED, compared_in_worlds
from utopias.siting.doubt.in_worlds import InWorlds
from utopias.siting.median.aims import put
from utopias.siting.median.replay import loss_of, mask
from utopias.siting.question.given import numbers
from utopias.siting.question.problem import Problem, must_be_a_problem
from utopias.siting.question.rules import Rules
from utopias.siting.solve import solve

JUDGES = ("mean", "worst")
AIMS_IN_WORLDS = ("cover-most", "least-walk")
ROUNDS = 12


def solve_worlds(
    problem: Problem,
    worlds: Mapping[str, AnyArray],
    *,
    judge: str = "worst",
    aim: str | Aim = "cover-most",
    within: str | Duration | float | None = "15 min",
    time_limit: str | Duration = "2 min",
    work: int | None = None,
    seed: int = 7,
    progress: Progress = silent,
) -> InWorlds:
    """The plan that is best in several worlds at once.

    Parameters
    ----------
    worlds : name -> (n,) weights of that world, finite, 0 or more; two worlds or more.
    judge : "mean": the share covered (or the mean walk) averaged over the worlds, each counting alike. "worst": the
        least share covered (the longest mean walk) of any world.
    aim : "cover-most" or "least-walk"; of the others that count people, and with rooms, by the best of the plans that are best for one world each, and the bound is
        that of each world alone. time_limit : of all that is solved together; else as in ``solve``.

    Returns
    -------
    InWorlds: the plan, what the judge makes of it (``value``, with a ``bound`` that no plan passes), and each world by itself.
    Where the time is out, the best plan and the best bound so far, not ``proven``.

    Raises
    ------
    ProblemError : fewer than two worlds, weights that make no sense, another aim or judge: all at once.
    """
    must_be_a_problem(problem)
    asked = Aim.of(aim)
    _must_be_sound(problem, worlds, judge, asked)
    rules = Rules.of(time_limit, work, seed, 0.0, progress)
    if problem.capacities is not None or asked.name in COMPARED:
        told = {name: np.asarray(weights, dtype=np.float64) for name, weights in worlds.items()}
        return compared_in_worlds(problem, told, asked, within, judge, rules)
    begun = monotonic()
    names = list(worlds)
    weights = [np.asarray(worlds[name], dtype=np.float64) for name in names]
    totals = np.array([w.sum() for w in weights])
    each = rules.seconds / (len(names) + (1 if judge == "mean" else ROUNDS))
    sign = 1.0 if asked.more_is_better else -1.0

    def asks(mixture: Floats) -> Plan:
        """The plan for worlds mixed by these prices; its value is that of the mixture."""
        mixed = np.sum([p * w / t for p, w, t in zip(mixture, weights, totals, strict=True)], axis=0)
        question = replace(problem, weights=mixed * float(totals[0]), loads=None, study=None, unit=1.0)
        return solve(question, aim=asked, within=limit, time_limit=f"{max(each, 0.5):g} s", work=work, seed=seed)

    limit: float | None = None
    if problem.study is not None and within is not None:
        limit = float(Duration.of(within).deciseconds) if asked.name == "cover-most" else None  # type: ignore[arg-type]
    elif not isinstance(within, (str, Duration)):
        limit = within

    def stands(plan: Plan) -> Floats:
        """(worlds,) what the plan comes to in each: share covered, or mean walk."""
        found = []
        for w, total in zip(weights, totals, strict=True):
            question = put(replace(problem, weights=w, loads=None, study=None, unit=1.0), asked, limit)
            found.append(question.value(loss_of(question, mask(question, plan))) / total)
        return np.array(found)

    best: dict[str, tuple[float, float]] = {}
    met: list[tuple[Plan, Floats]] = []
    for at, name in enumerate(names):
        alone = np.zeros(len(names))
        alone[at] = 1.0
        plan = asks(alone)
        if plan.stopped == "user":  # without the best of every world there is nothing to judge by
            raise KeyboardInterrupt
        scale = totals[at] / float(totals[0]) / problem.unit if sign < 0 else totals[at] / float(totals[0])
        best[name] = plan.value * scale, plan.bound * scale
        met.append((plan, stands(plan)))
        progress("worlds", (at + 1) / (len(names) + ROUNDS))
    if judge == "mean":
        even = np.full(len(names), 1.0 / len(names))
        plan = asks(even)
        met.append((plan, stands(plan)))
        bound = plan.bound / float(totals[0])
        worth = [float(shares.mean()) for _, shares in met]
    else:
        bound = sign * min(
            sign * best[name][1] / t * (problem.unit if sign < 0 else 1.0)
            for name, t in zip(names, totals, strict=True)
        )
        for turn in range(ROUNDS):
            worth = [float((sign * shares).min()) * sign for _, shares in met]
            lead = max(sign * value for value in worth)
            if sign * bound - lead <= 1e-9 * max(abs(bound), 1e-9) or monotonic() - begun > rules.seconds:
                break
            prices, promised = _prices(np.array([sign * shares for _, shares in met]))
            if sign * bound <= promised + 1e-9 * max(abs(promised), 1e-9):
                break  # no mixture bounds better than the plans met already promise
            plan = asks(prices)
            met.append((plan, stands(plan)))
            bound = sign * min(sign * bound, sign * plan.bound / float(totals[0]))
            if plan.stopped == "user":
                break
            progress("worlds", (len(names) + turn + 1) / (len(names) + ROUNDS))
        worth = [float((sign * shares).min()) * sign for _, shares in met]
    lead_at = int(np.argmax([sign * value for value in worth]))
    plan, shares = met[lead_at]
    value = worth[lead_at]
    bound = sign * max(sign * bound, sign * value)
    whole = totals if sign > 0 else totals / problem.unit
    return InWorlds(
        judge=judge,
        plan=plan,
        values={name: float(s * t) for name, s, t in zip(names, shares, whole, strict=True)},
        best=best,
        shares={name: float(s) for name, s in zip(names, shares, strict=True)},
        value=value,
        bound=bound,
        proven=abs(bound - value) <= 1e-7 * max(abs(value), 1e-9),
        seconds=monotonic() - begun,
    )


def _prices(shares: Floats) -> tuple[Floats, float]:
    """The prices (worlds,) under which the best plan met so far promises least; and what it promises."""
    from scipy.optimize import linprog

    plans, worlds = shares.shape
    found = linprog(
        np.append(np.zeros(worlds), 1.0),
        A_ub=np.column_stack([shares, -np.ones(plans)]),
        b_ub=np.zeros(plans),
        A_eq=np.append(np.ones(worlds), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[(0, 1)] * worlds + [(None, None)],
    )
    prices = np.clip(found.x[:worlds], 0.0, None)
    return prices / prices.sum(), float(found.fun)


def _must_be_sound(problem: Problem, worlds: Mapping[str, AnyArray], judge: str, aim: Aim) -> None:
    faults = []
    if not isinstance(worlds, Mapping):
        what = Sentence("the worlds are of the type {type}, and each needs a name", type=type(worlds).__name__)
        mend = "give a dict of weights by name: {'today': weights, 'in 2030': others}"
        faults.append(Fault("worlds-without-names", what, "worlds", mend))
        worlds = {}
    elif len(worlds) < 2:
        faults.append(Fault("too-few-worlds", "one world is no choice among worlds", "worlds", "give two or more"))
    if judge not in JUDGES:
        faults.append(
            Fault(
                "unknown-judge",
                Sentence("{judge!r} is no way to judge worlds", judge=judge),
                "judge",
                Sentence("use one of: {listed}", listed=", ".join(JUDGES)),
            )
        )
    if aim.name not in (*AIMS_IN_WORLDS, *COMPARED):
        faults.append(
            Fault(
                "aim-without-worlds",
                Sentence(
                    "{aim} looks at where people live and not at how many: other people change nothing in its value",
                    aim=aim.name,
                ),
                "aim",
                Sentence("use one of: {listed}", listed=", ".join((*AIMS_IN_WORLDS, *COMPARED))),
            )
        )
    for name, given in worlds.items():
        weights = numbers(given, f"worlds, {name}", faults)
        if weights is None:
            continue
        if weights.shape != (problem.shape[0],):
            what = Sentence(
                "{count} weights for {demand_places} demand places", count=weights.size, demand_places=problem.shape[0]
            )
            faults.append(Fault("misaligned", what, f"worlds, {name}", "give one weight a row of the table"))
        elif not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
            faults.append(
                Fault(
                    "bad-weights",
                    Sentence(
                        "the weights of the world {name} are not finite numbers of 0 or more, some over 0", name=name
                    ),
                    "worlds",
                    "mend the counts at their source",
                )
            )
    if faults:
        raise ProblemError(faults)
