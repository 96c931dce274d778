"""A plan's question, put again: what explanation, alternatives and robustness start from."""

from __future__ import annotations

from dataclasses import replace
from math import isclose
from typing import NamedTuple

import numpy as np

from utopias.domain.aim import NO_MEDIAN
from utopias.domain.arrays import Bools
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.median.aims import Put
from utopias.siting.median.kept import merged_of, put_or_kept
from utopias.siting.question.problem import Problem


class Again(NamedTuple):
    """A plan's aim put again, the plan's choice of the sites that are free in it (m,), and what the median loses with it."""

    asked: Put
    chosen: Bools
    loss: float


def put_again(problem: Problem, plan: Plan) -> Put:
    """The aim of ``plan`` put to ``problem`` with the plan's own limit; its value must come out again (see ``again``)."""
    return again(problem, plan).asked


def again(problem: Problem, plan: Plan, *, free_forced: bool = False) -> Again:
    """The same with the plan's place in it.

    free_forced : forced sites are put as free ones, so that what they are worth can be seen. A plan by hand that was not recounted yet (it has no certificate) has no value to come out.

    Raises
    ------
    MisalignedError : the plan opens sites that are no candidates here, leaves out one that is forced,
        takes others as fixed, or its value does not come out.
    ProblemError : ``not-for-this-aim``, and as ``put``.
    """
    if plan.aim in NO_MEDIAN:
        raise ProblemError(
            Fault(
                code="not-for-this-aim",
                what=Sentence("a plan for {aim} sums no walks: it cannot be put as a median", aim=plan.aim),
                where="plan.aim",
                mend="ask explain, alternatives or robustness, which know every aim",
            )
        )
    must_be_of(problem, plan)
    question = replace(problem, forced=()) if free_forced and problem.forced else problem
    asked = put_or_kept(question, plan.asked, limit_again(problem, plan))
    chosen = mask(asked, plan)
    unpaid = np.flatnonzero(chosen & ~asked.median.free)
    if len(unpaid):
        raise MisalignedError(
            Fault(
                code="plan-of-another-problem",
                what=Sentence(
                    "the plan opens {count} sites that alone cost more than this problem has to spend",
                    count=len(unpaid),
                ),
                where="plan.sites, budget",
                mend="pass the problem that the plan was solved from",
                count=len(unpaid),
                first=str(unpaid[0]),
            )
        )
    loss = loss_of(asked, chosen)
    must_come_out(plan, asked.value(loss))
    return Again(asked, chosen, loss)


def must_come_out(plan: Plan, value: float) -> None:
    """Raise MisalignedError where a plan that was recounted says another value than its sites come to here."""
    if plan.certificate is None or isclose(value, plan.value, rel_tol=1e-6, abs_tol=1e-6):
        return
    raise MisalignedError(
        Fault(
            code="plan-of-another-problem",
            what=Sentence(
                "the plan says {value:,.6g}; in this problem its sites come to {value_2:,.6g}",
                value=plan.value,
                value_2=value,
            ),
            where="plan.value",
            mend="pass the problem that the plan was solved from",
        )
    )


def limit_again(problem: Problem, plan: Plan) -> Duration | float | None:
    """The limit the plan was asked with: a town's ``within``, or over bare costs the number among its terms."""
    if problem.study is not None:
        return plan.within
    said = plan.terms.get("line", plan.terms.get("limit"))
    return None if said is None else float(said)


def must_be_of(problem: Problem, plan: Plan) -> None:
    """Raise MisalignedError where the plan's sites cannot be of this problem."""
    strange = sorted(set(plan.sites) - set(problem.candidates.tolist()))
    left_out = sorted(set(problem.forced) - set(plan.sites))
    if strange or left_out or tuple(sorted(plan.fixed)) != tuple(sorted(problem.fixed)):
        raise MisalignedError(
            Fault(
                code="plan-of-another-problem",
                what=Sentence(
                    "the plan opens {count} sites that are no candidates here, leaves out {total} that are forced, or takes others as fixed",
                    count=len(strange),
                    total=len(left_out),
                ),
                where="plan.sites, plan.fixed",
                mend="pass the problem that the plan was solved from",
                count=max(1, len(strange) + len(left_out)),
                first=str([*strange, *left_out][0]) if strange or left_out else "",
            )
        )


def mask(asked: Put, plan: Plan) -> Bools:
    """(m,) the sites of the plan that were free to choose; forced ones are in the caps already."""
    chosen = np.zeros(len(asked.median.free), dtype=bool)
    chosen[[site for site in plan.sites if site not in asked.given]] = True
    return chosen


def loss_of(asked: Put, chosen: Bools) -> float:
    """What the median loses with this choice."""
    return merged_of(asked.median).median.value(chosen)
