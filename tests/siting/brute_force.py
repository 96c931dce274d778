"""An independent witness for small problems: every admissible choice, valued in plain numpy.

A new aim joins all tests that ask every aim by one function here, under ``by_brute_force``; until it is there
those tests fail. A new rule of a question (capacity, modules) joins as a key of the case: ``drawn`` sets it in turn
with all others, ``problem`` passes it on, ``admissible`` or the values keep it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, product
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

from utopias.domain.aim import Aim
from utopias.siting.question.problem import Problem

Case: TypeAlias = dict[str, Any]
Value: TypeAlias = Callable[[Case, tuple[int, ...]], float]

VALUES: dict[str, Value] = {}
ASKED: dict[str, Callable[[Case], Case]] = {}
LARGE = 100  # places; more stand in a table that is not for trying all choices
RULES = ("open", "fixed", "forced", "forbidden", "site_costs", "budget", "beyond")


def by_brute_force(aim: str, asked: Callable[[Case], Case] = lambda case: case) -> Callable[[Value], Value]:
    """Tell an aim's value of one choice of new sites: what follows from the costs alone, with the aim's usual terms.

    The value is endless (inf, or -inf where more is better) where the choice is no answer. ``asked`` changes a drawn
    case to one that can be put to this aim, as one that takes no number.
    """

    def told(value: Value) -> Value:
        VALUES[aim], ASKED[aim] = value, asked
        return value

    return told


def nearest(case: Case, sites: Sequence[int]) -> np.ndarray:
    """(n,) the least cost to the open sites, new and fixed; inf where none reaches; not more than ``beyond``."""
    open_sites = [*sites, *case["fixed"]]
    found = case["costs"][:, open_sites].min(axis=1) if open_sites else np.full(len(case["weights"]), np.inf)
    return found if case["beyond"] is None else np.minimum(found, case["beyond"])


@by_brute_force("cover-most")
def _cover_most(case: Case, sites: tuple[int, ...]) -> float:
    reached = nearest(case | {"beyond": None}, sites) <= case["within"]
    return float(case["weights"][reached].sum())


@by_brute_force("least-walk")
def _least_walk(case: Case, sites: tuple[int, ...]) -> float:
    counted = case["weights"] > 0
    return float((case["weights"][counted] * nearest(case, sites)[counted]).sum())


def _without_number(case: Case) -> Case:
    """A question that asks how many, at a limit within which more can be reached; all, in a large table."""
    least = case["costs"].min(axis=1)
    within = float(least.max()) * 1.02 if len(least) > LARGE else case["within"] + 6.0
    return case | {"open": None, "beyond": None, "within": within}


def _with_line(case: Case) -> Case:
    """A limit over 0, as a share of it is counted."""
    return case | {"within": case["within"] + 1.0}


def _with_prices(case: Case) -> Case:
    """Every site with a price."""
    return case if case["site_costs"] is not None else case | {"site_costs": np.ones(case["costs"].shape[1])}


@by_brute_force("smallest-worst")
def _smallest_worst(case: Case, sites: tuple[int, ...]) -> float:
    return float(nearest(case, sites)[case["weights"] > 0].max())


@by_brute_force("worst-first")
def _worst_first(case: Case, sites: tuple[int, ...]) -> float:
    """Its value is that of the first level; the levels below have tests of their own."""
    return _smallest_worst(case, sites)


@by_brute_force("cover-all", _without_number)
def _cover_all(case: Case, sites: tuple[int, ...]) -> float:
    reached = nearest(case, sites)[case["weights"] > 0] <= case["within"]
    return float(len(sites)) if reached.all() else np.inf


@by_brute_force("cover-twice")
def _cover_twice(case: Case, sites: tuple[int, ...]) -> float:
    near = case["costs"][:, [*sites, *case["fixed"]]] <= case["within"]
    return float(case["weights"][near.sum(axis=1) >= 2].sum())


@by_brute_force("least-cost", _with_prices)
def _least_cost(case: Case, sites: tuple[int, ...]) -> float:
    """Walks in the unit of the prices, which bare costs are, and what the new sites cost."""
    return _least_walk(case, sites) + float(sum(case["site_costs"][i] for i in sites))


@by_brute_force("fair-walk")
def _fair_walk(case: Case, sites: tuple[int, ...]) -> float:
    """The Kolm-Pollak mean at an aversion of 1, normalised over the walks of today (to all sites where none is open)."""
    counted = case["weights"] > 0
    weight, walk = case["weights"][counted], nearest(case, sites)[counted]
    today = nearest(case, () if case["fixed"] else range(case["costs"].shape[1]))[counted]
    if not np.isfinite(walk).all():
        return float("inf")
    known = np.isfinite(today)
    first, second = (float(weight[known] @ today[known] ** power) for power in (1, 2))
    if not second:
        return float(weight @ walk / weight.sum())
    kappa = first / second
    return float(walk.max() + np.log(weight @ np.exp(kappa * (walk - walk.max())) / weight.sum()) / kappa)


@by_brute_force("least-poverty", _with_line)
def _least_poverty(case: Case, sites: tuple[int, ...]) -> float:
    beyond = np.maximum(nearest(case, sites) / case["within"] - 1, 0.0)
    counted = case["weights"] > 0
    return float(case["weights"][counted] @ beyond[counted] ** 2 / case["weights"].sum())


@by_brute_force("cover-gradually", _with_line)
def _cover_gradually(case: Case, sites: tuple[int, ...]) -> float:
    share = np.clip(1 - nearest(case | {"beyond": None}, sites) / case["within"], 0.0, 1.0)
    return float(case["weights"] @ share)


def value(case: Case, sites: tuple[int, ...], aim: str) -> float:
    """The aim's value of one choice; endless where it is no answer."""
    return VALUES[aim](case, sites)


def admissible(case: Case) -> list[tuple[int, ...]]:
    """Every choice of new sites that keeps number, budget, forced and forbidden."""
    m = case["costs"].shape[1]
    candidates = [i for i in range(m) if i not in case["fixed"] and i not in case["forbidden"]]
    sizes = range(len(candidates) + 1) if case["open"] is None else [case["open"]]
    choices = [c for k in sizes for c in combinations(candidates, k) if set(case["forced"]) <= set(c)]
    if case["budget"] is not None:
        choices = [c for c in choices if sum(case["site_costs"][i] for i in c) <= case["budget"]]
    return choices


def optimum(case: Case, aim: str) -> float:
    """The best value of all admissible choices; nan where there is no choice at all."""
    values = [value(case, choice, aim) for choice in admissible(case)]
    if not values:
        return float("nan")
    return max(values) if Aim.of(aim).more_is_better else min(values)


def problem(case: Case) -> Problem:
    return Problem.from_costs(case["costs"], case["weights"], **{name: case[name] for name in RULES})


def table_case(costs: np.ndarray, weights: np.ndarray, *, open: int, within: float) -> Case:
    """A question of any size with a number alone: to value a plan by, not to try all choices of."""
    none = {"fixed": [], "forced": [], "forbidden": [], "site_costs": None, "budget": None, "beyond": None}
    return {"costs": costs, "weights": weights, "open": open, "within": within, **none}


COMBINATIONS = tuple(
    product(("open", "budget", "both", "short"), (0, 1, 2), (0, 1), (0, 1), (True, False), (True, False))
)  # what limits, fixed, forced, forbidden, whether all must be reached, whole weights


def drawn(seed: int) -> Case:
    """The case of a seed: ``len(COMBINATIONS)`` seeds in a row try every combination of rules once.

    "short" is a budget and a number that may have no choice at all.
    """
    limits, fixed, forced, forbidden, must_reach, whole = COMBINATIONS[seed % len(COMBINATIONS)]
    random = np.random.default_rng(seed)
    n, m = int(random.integers(1, 13)), int(random.integers(fixed + forbidden + 2, 8))
    case = _made(
        random, n, m, limits, fixed, forced, forbidden, gaps=float(random.choice([0.0, 0.3, 0.6])), whole=whole
    )
    case["within"] = float(random.integers(0, 9))
    case["beyond"] = None if must_reach else float(random.integers(3, 16))
    return case


def _made(
    random: np.random.Generator,
    n: int,
    m: int,
    limits: str,
    fixed: int,
    forced: int,
    forbidden: int,
    *,
    gaps: float,
    whole: bool,
) -> Case:
    costs = random.integers(0, 12, (n, m)).astype(float)
    costs[random.random((n, m)) < gaps] = np.inf
    weights = random.integers(0, 9, n).astype(float)
    if not whole:
        weights = weights * random.random(n)
        costs = costs * (1 + random.random((n, m)))
    weights[random.integers(n)] = 3.0
    roles = [int(i) for i in random.permutation(m)]
    given, banned, rest = roles[:fixed], roles[fixed : fixed + forbidden], roles[fixed + forbidden :]
    must = rest[:forced]
    prices = random.integers(1, 6, m).astype(float)
    number = int(random.integers(max(1, len(must)), len(rest) + 1))
    least = float(np.sort(prices[rest])[:number].sum() + prices[must].sum())
    spare = float(random.integers(0, 5))
    purse = max(prices[must].sum(), least - spare) if limits == "short" else least + spare
    return {
        "costs": costs,
        "weights": weights,
        "fixed": sorted(given),
        "forced": must,
        "forbidden": banned,
        "open": None if limits == "budget" else number,
        "budget": None if limits == "open" else float(purse),
        "site_costs": prices,
    }


@st.composite
def cases(draw: st.DrawFn, *, whole: bool = True, must_reach: bool = False) -> Case:
    """A small question with some of: absent pairs, fixed, forced, forbidden, a number, a budget, or both."""
    n, m = draw(st.integers(1, 12)), draw(st.integers(3, 7))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    case = _made(
        random, n, m, draw(st.sampled_from(["open", "budget", "both"])),
        draw(st.integers(0, 1)), draw(st.integers(0, 1)), draw(st.integers(0, 1)),
        gaps=draw(st.sampled_from([0.0, 0.3, 0.6])), whole=whole,
    )  # fmt: skip
    case["within"] = float(draw(st.integers(0, 8)))
    case["beyond"] = None if must_reach else float(draw(st.integers(3, 15)))
    return case
