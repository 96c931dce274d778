"""A question as the witness takes it, and a choice of new sites with its recount as the plan that everybody else reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from utopias.domain.arrays import Floats, Ints
from utopias.domain.plan import Certificate, Plan
from utopias.domain.quantities import Duration
from utopias.siting.lists import first_open
from utopias.siting.question.pairs import Pairs
from utopias.siting.question.problem import Problem


def told(problem: Problem, *, pairs: Pairs | None = None, weights: Floats | None = None) -> dict[str, Any]:
    """The question as the witness takes it, in plain arrays: the table, the weights, the rules; with other pairs or weights."""
    pairs = problem.pairs if pairs is None else pairs
    return {
        "starts": pairs.starts,
        "columns": pairs.columns,
        "costs": pairs.costs,
        "weights": np.asarray(problem.weights) if weights is None else weights,
        "fixed": problem.fixed,
        "forced": problem.forced,
        "forbidden": problem.forbidden,
        "open": problem.open,
        "budget": problem.budget,
        "site_costs": problem.site_costs,
        "beyond": problem.beyond,
    }


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


def nearest_open(problem: Problem, sites: tuple[int, ...], limit: float | None) -> Ints:
    """(n,) the nearest open site, fixed or new, within ``limit``; -1 where there is none; ties to the lower index."""
    return nearest_in(problem.pairs if limit is None else problem.pairs.near(limit), sites + problem.fixed)


def nearest_in(pairs: Pairs, opened: tuple[int, ...]) -> Ints:
    """(n,) the first open site of each row, -1 where there is none."""
    first: Ints = first_open(pairs.starts, pairs.columns, pairs.opened(opened))
    return first
