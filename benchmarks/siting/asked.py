"""One question asked once: the plan, its seconds, and whether plain sums and what is known agree with it.

Seconds are of the processor, one thread on one core, so that others on the machine take nothing from them; a time limit
is of the wall clock. The sums here are numpy over whole tables and share nothing with the solver.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

import utopias as u
from benchmarks.rounds import Bar, Figure, Outcome
from benchmarks.siting.instances import city
from benchmarks.told import seconds as said
from utopias.domain.aim import Aim
from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.plan import Plan

NEVER = float("inf")
SAME = 1e-9  # of two sums of the same numbers in another order
PROVEN = (
    1.1e-7  # what a proof may leave open of a value that is not whole: 1e-7 of the first plan, which is a little larger
)
PRINTED = 1e-8  # of a published value with four decimals


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan, and what it took from the table of costs to it: seconds of the processor and of the wall clock."""

    plan: Plan
    seconds: float
    wall: float

    @property
    def proven_in(self) -> float:
        """Seconds, endless where it is not proven: a bar on it is then missed."""
        return self.seconds if self.plan.proven else NEVER

    @property
    def cells(self) -> dict[str, str]:
        plan = self.plan
        return {
            "value": number(plan.value),
            "bound": number(plan.bound),
            "proven": "yes" if plan.proven else f"no, {plan.stopped}",
            "seconds": said(self.seconds),
        }

    @property
    def note(self) -> str:
        return f"{said(self.wall)} of the wall clock"


def asked(question: Callable[[], Plan]) -> Asked:
    """Ask once."""
    wall, processor = time.perf_counter(), time.process_time()
    plan = question()
    return Asked(plan, time.process_time() - processor, time.perf_counter() - wall)


def warm(*aims: str) -> None:
    """A small question of each aim: machine code made or loaded, and HiGHS, before a clock runs."""
    import highspy  # noqa: F401  # spends a tenth of a second when it is first imported

    plane = city(200, 20, density=0.1)
    costs = plane.costs()
    for aim in aims:
        problem = u.Problem.from_costs(costs, plane.weights, open=None if aim == "cover-all" else 3)
        u.solve(problem, aim=aim, within=plane.radius if aim == "cover-most" else float(costs.max()))


def number(value: float) -> str:
    """A value as it is told: whole, or with four decimals."""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1e7 else f"{value:,.4f}"


def nearest_of(costs: AnyArray, sites: Sequence[int]) -> Floats:
    """(n,) the least cost to some sites."""
    found: Floats = np.asarray(costs)[:, list(sites)].min(axis=1)
    return found


def counted(aim: str, nearest: Floats, weights: AnyArray, within: float | None = None) -> float:
    """The aim's value, from each place's least cost."""
    if aim == "cover-most":
        assert within is not None
        return float(weights[nearest <= within].sum())
    if aim == "smallest-worst":
        return float(nearest[weights > 0].max())
    return float(weights @ nearest)


def disagreements(
    plan: Plan,
    value: float,
    *,
    optimum: float | None = None,
    reached: float | None = None,
    whole: bool = False,
    name: str = "",
) -> list[str]:
    """What a plan says that cannot be: each contradiction in words, none where all agrees.

    value : recounted. optimum : proven by somebody else. reached : a value that somebody found, proven or not.
    whole : values are whole numbers, so a gap under one is closed.
    """
    most = Aim.of(plan.aim).more_is_better
    wrong = []
    if abs(plan.value - value) > SAME * max(1.0, abs(value)):
        wrong.append(f"says {plan.value!r}, its sites come to {value!r}")

    def better(a: float, b: float) -> bool:
        slack = PRINTED * max(1.0, abs(b))
        return a > b + slack if most else a < b - slack

    if better(plan.value, plan.bound):
        wrong.append(f"the value {plan.value!r} passes the bound {plan.bound!r}")
    if plan.proven and abs(plan.value - plan.bound) > (1.0 if whole else PROVEN * max(1.0, abs(plan.value))):
        wrong.append(f"proven with {plan.value!r} under a bound of {plan.bound!r}")
    for known in [known for known in (optimum, reached) if known is not None]:
        if better(known, plan.bound) or better(known, plan.root_bound):
            wrong.append(f"the bound {plan.bound!r} or {plan.root_bound!r} rules out the known {known!r}")
        if plan.proven and better(known, plan.value):
            wrong.append(f"proven at {plan.value!r}, and {known!r} is known")
    if optimum is not None and better(plan.value, optimum):
        wrong.append(f"{plan.value!r} is better than the optimum {optimum!r}")
    if plan.certificate is None or not plan.certificate.holds:
        wrong.append("its own certificate does not hold")
    return [f"{name}: {line}" if name else line for line in wrong]


def gap_of(run: Asked) -> float:
    """Percent."""
    return 100 * run.plan.gap


def gap_figure(run: Asked, label: str, bar: Bar | None) -> Figure:
    note = f"{label}: {run.plan.stopped}, {said(run.seconds)} of the processor in {run.note}"
    return Figure(label, gap_of(run), "%", bar, note=note)


def one(
    run: Asked, wrong: Sequence[str], figures: Sequence[Figure], *, size: str, equal: Sequence[str], note: str = ""
) -> Outcome:
    """The outcome of a row that asks one question; no figure where something disagrees."""
    if wrong:
        return Outcome(wrong=list(wrong), size=size)
    return Outcome(
        figures, size=size, equal=tuple(equal), plan=run.cells, notes=(f"the plan in {run.note}", *filter(None, [note]))
    )
