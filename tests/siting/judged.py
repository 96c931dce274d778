"""What no plan may ever say, however early it was stopped: each contradiction in words."""

from __future__ import annotations

from typing import Any

from tests.siting.brute_force import value
from utopias.domain.aim import Aim
from utopias.domain.plan import Plan

SAME = 1e-9  # two sums of the same numbers in another order
CLOSED = 1e-6  # what a proof leaves open of a value that is not whole: 1e-7 of the first plan's


def contradictions(
    plan: Plan, case: dict[str, Any], aim: str, *, optimum: float | None = None, known: float | None = None
) -> list[str]:
    """What is false in a plan, by plain numpy and by what is known; none where all is true.

    optimum : proven by somebody else. known : a value that somebody reached, which no bound may rule out.
    """
    more = Aim.of(aim).more_is_better

    def better(a: float, b: float) -> bool:
        slack = 1e-7 * max(1.0, abs(b))
        return a > b + slack if more else a < b - slack

    found = value(case, plan.sites, aim)
    wrong = []
    if abs(found - plan.value) > SAME * max(1.0, abs(found)):
        wrong.append(f"says {plan.value!r}, plain numpy {found!r}")
    if plan.certificate is None or not plan.certificate.holds:
        wrong.append("its certificate does not hold")
    elif abs(plan.certificate.value - found) > SAME * max(1.0, abs(found)):
        wrong.append(f"its certificate says {plan.certificate.value!r}, plain numpy {found!r}")
    for name, bound in (("bound", plan.bound), ("root bound", plan.root_bound)):
        wrong += [
            f"the {name} {bound!r} rules out {reached!r}"
            for reached in (found, optimum, known)
            if reached is not None and better(reached, bound)
        ]
    if optimum is not None and better(plan.value, optimum):
        wrong.append(f"{plan.value!r} is better than the optimum {optimum!r}")
    if plan.proven != (plan.stopped == "proven"):
        wrong.append(f"proven is {plan.proven}, stopped is {plan.stopped!r}")
    if plan.proven:
        if abs(plan.value - plan.bound) > CLOSED * max(1.0, abs(plan.value)):
            wrong.append(f"proven with {plan.value!r} under a bound of {plan.bound!r}")
        wrong += [
            f"proven at {plan.value!r}, and {reached!r} is known"
            for reached in (optimum, known)
            if reached is not None and better(reached, plan.value - (0 if more else CLOSED * abs(plan.value)))
        ]
    return wrong
