"""The witness of sites and services: every choice of sites and bundles, tried one after the other, and counted by scipy.

Shares no line with the solver. For sites up to 4 and services up to 3.
"""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from scipy.optimize import linprog

from utopias.domain.module_question import ModuleQuestion, ServiceQuestion
from utopias.siting.bundles.problem import ModuleProblem

HAIR = 1e-9


def served_by(question: ModuleQuestion, service: int, sites: list[int]) -> float:
    """The most worth of one service that these sites can serve: a transport problem."""
    asked = question.services[service]
    n = question.shape[0]
    worth = asked.importance * question.multiplier
    pairs = [
        (int(j), int(i))
        for j, i, cost in zip(question.rows, question.columns, question.costs, strict=True)
        if int(i) in sites and cost <= asked.limit
    ]
    if not pairs:
        return 0.0
    limits = [question.places[i, service] / asked.share for i in sites]
    rows, upper = [], []
    for j in range(n):
        rows.append([1.0 if pair[0] == j else 0.0 for pair in pairs])
        upper.append(float(asked.persons[j]))
    for i, limit in zip(sites, limits, strict=True):
        if np.isfinite(limit):
            rows.append([1.0 if pair[1] == i else 0.0 for pair in pairs])
            upper.append(float(limit))
    found = linprog([-worth[j] for j, _ in pairs], A_ub=np.array(rows), b_ub=np.array(upper), method="highs")
    return -float(found.fun)


def bundles_of(question: ModuleQuestion, site: int) -> list[tuple[int, ...]]:
    """Every set of services that the plot holds, with what every site must have; the empty one where it stays shut."""
    services = range(len(question.services))
    every = [b for size in range(1, len(question.services) + 1) for b in combinations(services, size)]
    fits = [
        b
        for b in every
        if set(question.must_have) <= set(b)
        and sum(question.services[s].area for s in b) <= question.areas[site] * (1 + HAIR)
    ]
    if site in question.forbidden or site in question.fixed:
        return [()]
    return fits if site in question.forced else [(), *fits]


def best_of_all(question: ModuleQuestion) -> float | None:
    """The most worth that any choice serves; None where no choice keeps all limits."""
    m, k = question.shape[1:]
    worth: dict[tuple[int, tuple[int, ...]], float] = {}
    best = None
    for choice in product(*(bundles_of(question, i) for i in range(m))):
        new = [i for i in range(m) if choice[i]]
        once = sum(question.site_costs[i] + sum(question.services[s].money for s in choice[i]) for i in new)
        yearly = sum(question.services[s].upkeep for b in choice for s in b)
        if question.open is not None and len(new) > question.open:
            continue
        if question.budget is not None and once > question.budget * (1 + HAIR):
            continue
        if question.upkeep is not None and yearly > question.upkeep * (1 + HAIR):
            continue
        value = 0.0
        for s in range(k):
            sites = tuple(i for i in range(m) if question.offered[i, s] or s in choice[i])
            if (s, sites) not in worth:
                worth[s, sites] = served_by(question, s, list(sites))
            value += worth[s, sites]
        best = value if best is None else max(best, value)
    return best


def any_question(seed: int) -> dict[str, object]:
    """Arguments of a small random question: capacity, ground, money, upkeep, fixed, forced and forbidden by turns."""
    chance = np.random.default_rng(seed)
    n, m, k = int(chance.integers(1, 7)), int(chance.integers(1, 5)), int(chance.integers(1, 4))
    whole = chance.random() < 0.6
    costs = np.where(chance.random((n, m)) < 0.75, chance.integers(0, 20, (n, m)), np.inf).astype(float)

    def amount(most: int) -> float:
        return float(chance.integers(0, most + 1)) if whole else float(np.round(chance.random() * most, 3))

    services = [
        {
            "name": f"s{at}", "group": "all", "persons": np.array([amount(30) for _ in range(n)]), "limit": amount(20),
            "importance": 1.0 if whole else float(np.round(0.2 + chance.random(), 2)),
            "share": float(chance.choice([1.0, 0.5, 0.25])), "area": amount(40), "money": amount(20), "upkeep": amount(9),
            "capacity": None if chance.random() < 0.4 else amount(30),
        }
        for at in range(k)
    ]  # fmt: skip
    roles = chance.permutation(m)
    fixed, forced, forbidden = {}, [], []
    if m > 1 and chance.random() < 0.4:
        fixed = {
            int(roles[0]): {
                f"s{at}": None if chance.random() < 0.4 else amount(30) for at in range(k) if chance.random() < 0.6
            }
        }
    if m > 2 and chance.random() < 0.3:
        forced = [int(roles[1])]
    if m > 3 and chance.random() < 0.4:
        forbidden = [int(roles[2])]
    limits = chance.random(3) < (0.7, 0.5, 0.4)
    if not limits.any():
        limits[0] = True
    room = m - len(fixed) - len(forbidden)
    return {
        "services": services,
        "costs": costs,
        "areas": np.array([amount(90) for _ in range(m)]),
        "open": int(chance.integers(max(1, len(forced)), room + 1)) if limits[0] else None,
        "budget": amount(60) if limits[1] else None,
        "upkeep": amount(25) if limits[2] else None,
        "site_costs": None if chance.random() < 0.5 else np.array([amount(10) for _ in range(m)]),
        "fixed": fixed,
        "forced": forced,
        "forbidden": forbidden,
        "must_have": ["s0"] if chance.random() < 0.2 else [],
        "multiplier": None if whole or chance.random() < 0.5 else np.round(chance.random(n), 2),
    }


def asked(seed: int) -> ModuleProblem:
    """That question as a problem; the errors of making it come through."""
    said = any_question(seed)
    services = [ServiceQuestion(**one) for one in said.pop("services")]  # type: ignore[attr-defined]
    return ModuleProblem.from_arrays(services, said.pop("costs"), **said)  # type: ignore[arg-type]
