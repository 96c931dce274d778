"""Whom each new site reaches that no other open site does: what would be lost to them if it were not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Floats, Ints, Longs
from utopias.domain.plan import Plan
from utopias.siting.lists import LISTS
from utopias.siting.median.kept import nearest_kept
from utopias.siting.question.problem import Problem

CLOSED, GIVEN = -2, -1  # of a site's place among the new ones; fixed sites are given
_TABLE = types.Array(types.float64, 2, readonly=True)
_SUMS = types.Array(types.float64, 2)


@dataclass(frozen=True, eq=False)
class OnlyHere:
    """Of each new site of a plan, in order: what reaches it and no other open site.

    weight : (k,). groups : id -> (k,) persons of each group of the town. need : (k, 6) persons by fifth of need, the
    first of unknown need; neither without a study. Persons are those of the planned area.
    """

    weight: Floats
    groups: Mapping[str, Floats] = field(default_factory=dict)
    need: Floats | None = None


def only_here(problem: Problem, plan: Plan, limit: float | None) -> OnlyHere:
    """What reaches one new site of ``plan`` within ``limit`` (in the unit of costs; None: at all) and nothing else, in one pass.

    Where the plan was just solved, whoever is nearest to a fixed site, or to none, is passed over at once.
    """
    opened = np.array(sorted(plan.sites), dtype=np.int64)
    pairs, study = problem.pairs, problem.study
    order = np.full(pairs.sites, CLOSED)
    order[list(problem.fixed)] = GIVEN
    order[opened] = np.arange(len(opened))
    demand = problem.shape[0]
    nearest = nearest_kept(problem, plan.sites, limit)
    if nearest is None:  # anybody may be
        nearest = np.full(demand, opened[0] if len(opened) else -1, dtype=np.int32)
    weight, groups, need = sums_only_here(
        pairs.starts,
        pairs.columns,
        pairs.costs,
        order,
        nearest,
        np.inf if limit is None else limit,
        np.asarray(problem.weights, dtype=np.float64),
        np.zeros((demand, 0)) if study is None else study.people.counted,
        np.zeros(demand, dtype=np.int64) if study is None else study.people.fifth,
        len(opened),
    )
    if study is None:
        return OnlyHere(weight)
    return OnlyHere(weight, dict(zip(study.people.groups, groups.T, strict=True)), need)


@kernel(
    types.Tuple((types.OUT_F8, _SUMS, _SUMS))(
        *LISTS, types.I8, types.I4, types.float64, types.F8, _TABLE, types.I8, types.int64
    ),
    work=turns_of,
    allocates=True,
)
def sums_only_here(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    order: Longs,
    nearest: Ints,
    limit: float,
    weights: Floats,
    counted: Floats,
    fifth: Longs,
    new: int,
) -> tuple[Floats, Floats, Floats]:
    """(weight (new,), persons by group (new, g), persons by fifth (new, 6)); ``counted`` (n, 1 + g) as of a study's people."""
    groups = max(counted.shape[1] - 1, 0)
    weight, by_group, by_fifth = np.zeros(new), np.zeros((new, groups)), np.zeros((new, 6))
    for j in range(len(starts) - 1):
        if nearest[j] < 0 or order[nearest[j]] < 0:
            continue
        alone = CLOSED
        for k in range(starts[j], starts[j + 1]):
            if costs[k] > limit:
                break
            at = order[columns[k]]
            if at != CLOSED:
                if alone != CLOSED:
                    alone = GIVEN
                    break
                alone = at
        if alone >= 0:
            weight[alone] += weights[j]
            for g in range(groups):
                by_group[alone, g] += counted[j, g + 1]
            if counted.shape[1]:
                by_fifth[alone, fifth[j]] += counted[j, 0]
    return weight, by_group, by_fifth
