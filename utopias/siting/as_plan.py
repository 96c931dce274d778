"""A choice of new sites and its recount, as the plan that everybody else reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from utopias.domain.arrays import Floats, Ints
from utopias.domain.plan import Certificate, Plan
from utopias.domain.quantities import Duration
from utopias.siting.problem import Problem


def as_plan(
    problem: Problem,
    aim: str,
    sites: tuple[int, ...],
    certificate: Certificate,
    *,
    assignment: Ints,
    multipliers: Floats,
    within: str | Duration | float | None,
    beyond: float | None,
    terms: Mapping[str, Any],
) -> Plan:
    """The plan that opens ``sites``: its bound is the root bound, and nobody says yet how it was found (``with_``)."""
    return Plan(
        aim=aim,
        sites=sites,
        fixed=tuple(sorted(problem.fixed)),
        assignment=assignment,
        value=certificate.value,
        bound=certificate.bound,
        proven=False,
        seconds=0.0,
        stopped="by hand",
        seed=0,
        within=None if problem.study is None or within is None else Duration.of(within),  # type: ignore[arg-type]
        open=problem.open,
        budget=problem.budget,
        multipliers=multipliers,
        forced=tuple(sorted(problem.forced)),
        forbidden=tuple(sorted(problem.forbidden)),
        beyond=beyond,
        root_bound=certificate.bound,
        certificate=certificate,
        study=problem.study,
        terms=dict(terms),
    )
