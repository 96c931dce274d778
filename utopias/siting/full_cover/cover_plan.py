"""A plan of an aim over the worst walk or full coverage: recounted by the witness, carrying all that a recount needs."""

from __future__ import annotations

from typing import Any

from utopias.domain.aim import Aim
from utopias.domain.arrays import Floats
from utopias.domain.plan import Certificate, Plan
from utopias.domain.quantities import Duration
from utopias.siting.question.as_plan import as_plan, nearest_open, told
from utopias.siting.question.charging import bare_limit
from utopias.siting.question.problem import Problem
from utopias.siting.question.terms import plain_terms
from utopias.witness.covers import COVER_AIMS, recount_covers
from utopias.witness.worst import WORST_AIMS, recount_worst


def cover_plan(
    problem: Problem,
    aim: Aim,
    sites: tuple[int, ...],
    multipliers: Floats,
    *,
    within: str | Duration | float | None,
    limit: float | None = None,
    terms: dict[str, Any] | None = None,
) -> Plan:
    """The plan that opens ``sites``; its bound is the root bound. ``limit`` : of the aims that have one, in the costs' unit."""
    certificate = recounted(problem, aim, sites, multipliers, limit)
    return as_plan(
        problem,
        aim.name,
        sites,
        certificate,
        assignment=nearest_open(problem, sites, limit),
        multipliers=multipliers,
        within=within,
        beyond=problem.beyond if aim.name in WORST_AIMS else None,
        terms={**plain_terms(aim), **bare_limit(problem, limit), **(terms or {})},
    )


def recounted(
    problem: Problem, aim: Aim, sites: tuple[int, ...], multipliers: Floats, limit: float | None
) -> Certificate:
    """What the witness counts of a choice of new sites, in the aim's unit."""
    shared = told(problem) | {"sites": sites, "multipliers": multipliers, "site_count": problem.pairs.sites}
    if aim.name in COVER_AIMS:
        terms: dict[str, Any] = {
            name: aim.terms[name] for name in ("times", "count", "unreachable") if name in aim.terms
        }
        del shared["beyond"]
        return recount_covers(aim=aim.name, within=limit, **shared, **terms)
    found = recount_worst(**shared)
    return Certificate(found.value / problem.unit, found.bound / problem.unit, found.checks)
