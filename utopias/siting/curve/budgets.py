"""The best of a sum for each amount of money: budgets from the cheapest choice to what the best of all costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from utopias.siting.curve.along_curve import Curve
from utopias.siting.curve.stacked import stacked


def by_budgets(curve: Curve) -> None:
    """Fill ``curve`` with the best plans under budgets; the second aim is "least-cost".

    A plan found under a budget may cost less than it; its bound holds for every plan that costs no more.
    """
    problem = curve.problem
    prices = problem.site_costs
    assert prices is not None  # the aim was refused without
    base = curve.part(0)
    most = problem.budget
    if most is None and (problem.open is None or np.isnan(prices[problem.candidates]).any()):
        most = float(np.nansum(prices[problem.candidates]))  # a cost that is not known is refused by the problem
    question = replace(stacked(problem, [(base, 1.0)]), budget=most)
    search, stopped = curve.search(question, 1.0 / curve.points)
    first = curve.sites(search)
    curve.keep(first, curve.value(0, search.bound), question=question, search=search, proven=search.closed)
    dearest, cheapest = float(prices[list(first)].sum()), _cheapest(curve)
    free_number = problem.open is None  # then to open none but the forced sites is a choice too
    curve.second_bound = float(prices[list(problem.forced)].sum()) if free_number else cheapest
    start = None
    budgets = np.linspace(cheapest, dearest, curve.points)[:-1] if cheapest < dearest else np.zeros(0)
    for k, budget in enumerate(budgets):
        if stopped == "user" or curve.over:
            return
        question = replace(question, budget=float(budget))
        search, stopped = curve.search(question, 1.0 / (curve.points - 1 - k), start=start)
        start = search.chosen
        curve.keep(
            curve.sites(search), curve.value(0, search.bound), question=question, search=search, proven=search.closed
        )


def _cheapest(curve: Curve) -> float:
    """The least that a choice of the number asked costs; without a number, the one cheapest site beside those forced."""
    problem = curve.problem
    assert problem.site_costs is not None
    forced = float(problem.site_costs[list(problem.forced)].sum())
    free = sorted(problem.site_costs[[i for i in problem.candidates if i not in problem.forced]].tolist())
    count = min(1, len(free)) if problem.open is None else problem.open - len(problem.forced)
    return forced + float(sum(free[:count]))
