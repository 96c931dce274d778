"""The siting engine against spopt with HiGHS on the same covering instances, in the same run.

    python benchmarks/bench_siting.py [DEMANDxSITES:OPEN ...]

Values are compared before any time is printed: a faster wrong answer is no answer. Times are wall
seconds from the table of costs to the proven plan, model building included on both sides, best of
``REPEATS`` for ours and one run of spopt (it takes seconds to minutes). Compilation is not counted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.siting.clusters import clustered
from utopias.siting.problem import Problem
from utopias.siting.solve import solve

INSTANCES = ("500x100:10", "5000x200:15")
REPEATS = 3
LIMIT = 300.0  # seconds for spopt's solver


def main(instances: tuple[str, ...]) -> int:
    """Print one line an instance; 1 where a value differs or a proof is missing."""
    costs, weights, radius = clustered(200, 20, density=0.1)
    solve(Problem.from_costs(costs, weights, open=3), within=radius)  # kernels compiled and loaded
    print("instance       value      ours s   proven   spopt+HiGHS s (build + solve)   ratio")
    wrong = 0
    for instance in instances:
        shape, number = instance.split(":")
        demand, sites = (int(part) for part in shape.split("x"))
        costs, weights, radius = clustered(demand, sites)
        ours, plan = min((_ours(costs, weights, radius, int(number)) for _ in range(REPEATS)), key=lambda run: run[0])
        build, run, theirs = _spopt(costs, weights, radius, int(number))
        if not plan.proven or abs(theirs - plan.value) > 1e-6 * max(1.0, plan.value):
            print(
                f"{instance:<13}  ours {plan.value:,.0f} (proven: {plan.proven}), spopt {theirs:,.0f}: not equal, no ratio"
            )
            wrong = 1
            continue
        ratio = (build + run) / ours
        print(
            f"{instance:<13}  {plan.value:>9,.0f}  {ours:>7.3f}   yes      {build:>7.2f} + {run:.2f}{'':<18}{ratio:>6.0f}x"
        )
    return wrong


def _ours(costs, weights, radius, number):  # type: ignore[no-untyped-def]
    begun = perf_counter()
    plan = solve(Problem.from_costs(costs, weights, open=number), aim="cover-most", within=radius, time_limit="60 s")
    return perf_counter() - begun, plan


def _spopt(costs, weights, radius, number):  # type: ignore[no-untyped-def]
    import pulp
    from spopt.locate import MCLP

    begun = perf_counter()
    model = MCLP.from_cost_matrix(costs, weights, radius, p_facilities=number)
    built = perf_counter()
    model.solve(pulp.HiGHS(msg=False, timeLimit=LIMIT, threads=1))
    return built - begun, perf_counter() - built, float(model.problem.objective.value())


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or INSTANCES))
