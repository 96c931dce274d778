"""An independent witness for small problems: every admissible choice, valued in plain numpy."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import strategies as st

from utopias.siting.problem import Problem


def admissible(case: dict[str, Any]) -> list[tuple[int, ...]]:
    """Every choice of new sites that keeps number, budget, forced and forbidden."""
    m = case["costs"].shape[1]
    candidates = [i for i in range(m) if i not in case["fixed"] and i not in case["forbidden"]]
    sizes = range(len(candidates) + 1) if case["open"] is None else [case["open"]]
    choices = [c for k in sizes for c in combinations(candidates, k) if set(case["forced"]) <= set(c)]
    if case["budget"] is not None:
        choices = [c for c in choices if sum(case["site_costs"][i] for i in c) <= case["budget"]]
    return choices


def value(case: dict[str, Any], sites: tuple[int, ...], aim: str) -> float:
    """The aim's value of one choice; inf where somebody is not reached who must be."""
    open_sites = [*sites, *case["fixed"]]
    nearest = case["costs"][:, open_sites].min(axis=1) if open_sites else np.full(len(case["weights"]), np.inf)
    if aim == "cover-most":
        return float(case["weights"][nearest <= case["within"]].sum())
    if case["beyond"] is not None:
        nearest = np.minimum(nearest, case["beyond"])
    counted = case["weights"] > 0
    return float((case["weights"][counted] * nearest[counted]).sum())


def optimum(case: dict[str, Any], aim: str) -> float:
    """The best value of all admissible choices; nan where there is no choice at all."""
    values = [value(case, choice, aim) for choice in admissible(case)]
    if not values:
        return float("nan")
    return max(values) if aim == "cover-most" else min(values)


def problem(case: dict[str, Any]) -> Problem:
    return Problem.from_costs(
        case["costs"],
        case["weights"],
        **{name: case[name] for name in ("open", "fixed", "forced", "forbidden", "site_costs", "budget", "beyond")},
    )


@st.composite
def cases(draw: st.DrawFn, *, whole: bool = True, must_reach: bool = False) -> dict[str, Any]:
    """A small question with some of: absent pairs, fixed, forced, forbidden, a number, a budget, or both."""
    n, m = draw(st.integers(1, 12)), draw(st.integers(3, 7))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    costs = random.integers(0, 12, (n, m)).astype(float)
    costs[random.random((n, m)) < draw(st.sampled_from([0.0, 0.3, 0.6]))] = np.inf
    weights = random.integers(0, 9, n).astype(float)
    if not whole:
        weights = weights * random.random(n)
    weights[random.integers(n)] = 3.0
    roles = random.permutation(m)
    fixed = sorted(roles[: draw(st.integers(0, 1))].tolist())
    rest = [int(i) for i in roles if int(i) not in fixed]
    forbidden = rest[: draw(st.integers(0, 1))]
    rest = [i for i in rest if i not in forbidden]
    forced = rest[: draw(st.integers(0, 1))]
    limits = draw(st.sampled_from(["open", "budget", "both"]))
    site_costs = random.integers(1, 6, m).astype(float)
    number = draw(st.integers(max(1, len(forced)), len(rest)))
    least = float(np.sort(site_costs[rest])[:number].sum() + site_costs[forced].sum())
    return {
        "costs": costs,
        "weights": weights,
        "within": float(draw(st.integers(0, 8))),
        "beyond": None if must_reach else float(draw(st.integers(3, 15))),
        "fixed": fixed,
        "forced": forced,
        "forbidden": forbidden,
        "open": None if limits == "budget" else number,
        "budget": None if limits == "open" else least + float(draw(st.integers(0, 4))),
        "site_costs": site_costs,
    }
