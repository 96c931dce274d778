"""What each aim charges for a walk, stated again from its definition, and how a sum of charges becomes its value.

Costs are those of the table (deciseconds in a town); ``unit`` of them are one of the value's (600 a minute).
A multiplier is a charge: for least-walk a cost; for fair-walk (e^(k c) - 1) / k with k = kappa / unit, a cost
again; for cover-most, cover-gradually and least-poverty a pure number; for least-cost money.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from utopias.domain.arrays import Bools, Floats

AIMS = ("cover-most", "least-walk", "least-cost", "fair-walk", "least-poverty", "cover-gradually")
MOST = ("cover-most", "cover-gradually")
# Aims whose value names the limit.
LIMITED = ("cover-most", "least-poverty")
_TIMES = {"s": 10.0, "min": 600.0, "h": 36000.0}


@dataclass(frozen=True, eq=False)
class Charged:
    """charges : (pairs,) of each pair, inf where the aim does not serve it. cap : where no open site reaches.

    value : the aim's value of a sum of charges over everybody, ``more`` of which is better or worse.
    """

    charges: Floats
    cap: float
    value: Callable[[float], float]
    more: bool


def charged(
    aim: str,
    costs: Floats,
    *,
    within: float | None,
    beyond: float | None,
    terms: Mapping[str, Any],
    unit: float,
    total: float,
) -> Charged:
    """The charges of an aim of ``AIMS`` over ``costs`` (pairs,); total : of all weights."""
    far = math.inf if beyond is None else float(beyond)
    if aim == "cover-most":
        covers = np.isfinite(costs) & (costs <= (np.inf if within is None else within))
        return Charged(np.where(covers, 0.0, np.inf), 1.0, lambda lost: max(total - lost, 0.0), True)
    if aim == "cover-gradually":
        weight, top = curve(str(terms["decay"]), costs), float(curve(str(terms["decay"]), np.zeros(1))[0])
        kept = np.where(weight > 0, np.maximum(top - weight, 0.0), np.inf)
        return Charged(kept, top, lambda lost: max(total * top - lost, 0.0), True)
    if aim == "fair-walk" and float(terms["kappa"]) > 0:
        kappa = float(terms["kappa"])  # a minute, or a unit of cost: the value's own unit

        def weighed(cost: Floats) -> Floats:
            with np.errstate(over="ignore"):
                return unit / kappa * np.expm1(kappa * cost / unit)

        def equal(lost: float) -> float:
            # No walk is under 0, so that a bound under it says 0; ln has no value there.
            return math.log1p(max(lost, 0.0) / total * kappa / unit) / kappa if math.isfinite(lost) else math.inf

        return Charged(weighed(costs), float(weighed(np.array([far]))[0]), equal, False)
    if aim == "fair-walk":
        return Charged(costs, far, lambda lost: max(lost, 0.0) / total / unit, False)
    if aim == "least-poverty":
        line, severity = float(within or 0.0), int(terms["severity"])

        def gap(cost: Floats) -> Floats:
            beyond_line: Bools = cost > line
            return np.where(beyond_line, np.abs(cost - line) ** severity / line**severity, 0.0)

        cap = 1.0 if severity == 0 else float(gap(np.array([far]))[0])
        return Charged(gap(costs), cap, lambda lost: lost / total, False)
    if aim == "least-cost":
        # Money an hour of walking, over the minutes of the value's unit; 0: the costs are money already.
        hourly = float(terms["value_of_time"])
        rate = hourly / 60.0 / unit if hourly else 1.0
        return Charged(costs * rate, far * rate, lambda lost: lost, False)
    return Charged(costs, far, lambda lost: lost / unit, False)


def curve(written: str, cost: Floats) -> Floats:
    """(k,) what a walk of each cost counts, by a decay as it is written: deciseconds, or plain costs where no unit stands."""
    kind, _, rest = written.partition(" ")
    parts = [part.strip() for part in rest.split(",")] if rest else []
    if kind == "flat":
        return np.ones(len(cost))
    if kind == "steps":
        counts: Floats = np.zeros(len(cost))
        for part in reversed(parts):
            end, _, weight = part.partition(":")
            counts[cost <= _length(end)] = float(weight)
        return counts
    if kind == "power":
        return np.maximum(cost / _length(parts[1]), 1.0) ** -float(parts[0])
    if kind == "log-logistic":
        with np.errstate(over="ignore"):
            return 1.0 / (1.0 + (cost / _length(parts[0])) ** float(parts[1]))
    size = [_length(part) for part in parts]
    share = cost / size[0] if size[0] else cost
    if kind == "linear":
        return np.where(share < 1.0, 1.0 - share, 0.0)
    if kind == "between":
        return np.interp(cost, size, [1.0, 0.0])
    if kind == "exponential":
        return np.exp(-share)
    if kind == "gaussian":
        return np.where(share < 1.0, (np.exp(-(share**2) / 2) - math.exp(-0.5)) / (1.0 - math.exp(-0.5)), 0.0)
    if kind == "logistic":
        slope = math.pi / (size[1] * math.sqrt(3.0))
        with np.errstate(over="ignore"):
            return (1.0 + math.exp(-size[0] * slope)) / (1.0 + np.exp((cost - size[0]) * slope))
    raise ValueError(f"the decay {written!r} is not known")


def _length(written: str) -> float:
    """A time in deciseconds, rounded half up as the plan's own; a plain number as it stands."""
    number, _, unit = written.strip().partition(" ")
    return float(number) if not unit else math.floor(float(number) * _TIMES[unit] + 0.5)
