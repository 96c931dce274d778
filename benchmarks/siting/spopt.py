"""The same questions put to spopt, solved by HiGHS in one thread: from the table of costs to the answer, as its users do."""

from __future__ import annotations

from dataclasses import dataclass
from time import process_time
from typing import Any

from utopias.domain.arrays import AnyArray

LIMIT = 300.0  # seconds of its solver


@dataclass(frozen=True, slots=True)
class Theirs:
    """What spopt answers. status is pulp's word: after a time limit it says "Optimal" too, so it proves nothing.

    value : nan where it found nothing in time.
    """

    value: float
    status: str
    build: float
    solve: float


def loaded() -> None:
    """The imports, seconds of them, before the clock."""
    import pulp  # noqa: F401
    import spopt.locate  # noqa: F401


def covering(costs: AnyArray, weights: AnyArray, radius: float, open: int) -> Theirs:
    """MCLP: most weight within the radius of so many sites."""
    from spopt.locate import MCLP

    return _solved(lambda: MCLP.from_cost_matrix(costs, weights, radius, p_facilities=open))


def median(costs: AnyArray, weights: AnyArray, open: int, limit: float = LIMIT) -> Theirs:
    """P-median: least weighted cost."""
    from spopt.locate import PMedian

    return _solved(lambda: PMedian.from_cost_matrix(costs, weights, p_facilities=open), limit)


def fewest(costs: AnyArray, radius: float) -> Theirs:
    """LSCP: the fewest sites that cover all."""
    from spopt.locate import LSCP

    return _solved(lambda: LSCP.from_cost_matrix(costs, radius))


def _solved(build: Any, limit: float = LIMIT) -> Theirs:
    import pulp

    begun = process_time()
    model = build()
    built = process_time()
    try:
        model.solve(pulp.HiGHS(msg=False, timeLimit=limit, threads=1))
        value = model.problem.objective.value()
    except RuntimeError:  # how spopt says that nothing was found in time
        value = None
    status = pulp.LpStatus[model.problem.status]
    return Theirs(float("nan") if value is None else float(value), status, built - begun, process_time() - built)
