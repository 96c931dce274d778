"""Several things that one choice of sites must be good at, laid one over the other as one question.

A part is a capped weighted median of its own: whom it counts, and what it charges. Two parts share the
sites and not the rows, so that their sum is again one median, which the search, the bound and the
witness already know. All parts are brought to one cap: a cost c under a cap k of weight w is the cost
c C / k under the cap C of weight w k / C.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from utopias.domain.aim import MORE_IS_BETTER
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.question.pairs import sorted_pairs
from utopias.siting.question.problem import Problem


@dataclass(frozen=True, eq=False)
class Part:
    """(rows,) by (m,) sites: sum of ``weights`` times the least cost over the open sites, ``cap`` at most."""

    rows: Longs
    columns: Ints
    costs: Floats
    weights: Floats
    cap: float

    def loss(self, chosen: Bools) -> float:
        """What the sites of ``chosen`` (m,), fixed ones among them, leave to pay."""
        least = np.full(len(self.weights), self.cap)
        serves = chosen[self.columns]
        np.minimum.at(least, self.rows[serves], self.costs[serves])
        return float(np.dot(self.weights, least))


def part_of(problem: Problem, aim: str, limit: float | None, weights: Floats, beyond: float) -> Part:
    """The part that "cover-most" within ``limit``, or "least-walk" under ``beyond``, asks for."""
    pairs = problem.pairs
    rows, columns, costs = pairs.rows, pairs.columns, pairs.costs
    if aim in MORE_IS_BETTER:
        near = np.ones(len(costs), dtype=bool) if limit is None else costs <= limit
        return Part(rows[near], columns[near], np.zeros(int(near.sum())), weights, 1.0)
    near = costs < beyond
    return Part(rows[near], columns[near], costs[near], weights, beyond)


def stacked(problem: Problem, parts: Sequence[tuple[Part, float]]) -> Problem:
    """The question whose least walk is the sum of the parts, each times its share; same sites, same rules."""
    cap = max(part.cap for part, _ in parts)
    rows, columns, costs, weights, below = [], [], [], [], 0
    for part, share in parts:
        scale = cap / part.cap
        rows.append(part.rows + below)
        columns.append(part.columns)
        costs.append(part.costs * scale)
        weights.append(part.weights * (share / scale))
        below += len(part.weights)
    pairs = sorted_pairs(
        np.concatenate(rows), np.concatenate(columns), np.concatenate(costs), (below, problem.pairs.sites)
    )
    return replace(
        problem, pairs=pairs, weights=np.concatenate(weights), beyond=cap, kind="costs", unit=1.0, study=None
    )


def without_larger(sets: Bools) -> Longs:
    """Positions of the rows of ``sets`` (k, m) that hold no other row: whoever meets these meets all.

    Of equal rows the first stays.
    """
    packed = np.packbits(sets, axis=1)
    _, first = np.unique(packed, axis=0, return_index=True)
    kept = first[np.argsort(sets[first].sum(axis=1), kind="stable")]
    matrix = sets[kept].astype(np.float32)
    size = matrix.sum(axis=1)
    redundant = np.zeros(len(kept), dtype=bool)
    for begin in range(0, len(kept), 1_000):
        rows = slice(begin, begin + 1_000)
        inside = matrix[: begin + 1_000] @ matrix[rows].T >= size[: begin + 1_000, None]  # each in each of these
        np.fill_diagonal(inside[begin:], False)
        redundant[rows] = inside.any(axis=0)
    minimal: Longs = np.sort(kept[~redundant]).astype(np.int64)
    return minimal
