"""What an aim charges for a cost, and how the sum of it is read back: all that one median's aim differs by from another's.

The kernels minimise a weighted sum of charges. A charge rises with the cost, so that the nearest open site is the
cheapest; the aim's value rises or falls with the sum, so that a bound on the sum is one on the value. ``witness``
states every charge again, on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import expm1, inf, log1p

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.decay import Decay


@dataclass(frozen=True)
class Charge:
    """The cost itself, ``rate`` a unit of it: least-walk, and least-cost where ``rate`` is money.

    beyond : what a place costs that no open site reaches, in the unit of costs; inf where all must be reached.
    total : of all weights. unit : units of the sum in one of the aim's value.
    """

    beyond: float
    total: float
    unit: float = 1.0
    rate: float = 1.0

    @property
    def cap(self) -> float:
        """What a unit of weight is charged where no open site reaches."""
        return float(self.of(np.array([self.beyond]))[0])

    def of(self, costs: Floats) -> Floats:
        """(k,) what a unit of weight is charged for each cost; inf where it would not be served at all."""
        return costs if self.rate == 1.0 else costs * self.rate

    def value(self, loss: float) -> float:
        """The aim's value of a sum of charges."""
        return loss / self.unit

    def loss(self, value: float) -> float:
        """The sum of charges that comes to a value."""
        return value * self.unit

    def worse(self, now: float, changes: Floats) -> Floats:  # noqa: ARG002 other charges read it
        """(k,) by how much the value grows worse when the sum goes from ``now`` to ``now`` and each change; in the aim's unit."""
        return changes / self.unit

    def among(self, total: float) -> Charge:
        """The same for people of another total weight."""
        return replace(self, total=total)

    def at(self, limit: float) -> Charge:  # noqa: ARG002 other charges read it
        """The same with another limit, where the aim has one."""
        return self

    def scaled(self, multipliers: Floats, times: float) -> Floats:
        """Charges of costs, as those of ``times`` the costs."""
        return multipliers * times


@dataclass(frozen=True)
class Covered(Charge):
    """0 within ``limit``, 1 beyond: what is minimised is the weight left out, the value is the weight covered."""

    limit: float = inf

    @property
    def cap(self) -> float:
        return 1.0

    def of(self, costs: Floats) -> Floats:
        return np.where(costs <= self.limit, 0.0, inf)

    def value(self, loss: float) -> float:
        return max(self.total - loss, 0.0)  # sums in another order: nobody is not a trillionth under nobody

    def loss(self, value: float) -> float:
        return self.total - value

    def at(self, limit: float) -> Covered:
        return replace(self, limit=limit)

    def scaled(self, multipliers: Floats, times: float) -> Floats:  # noqa: ARG002 other charges read it
        return multipliers


@dataclass(frozen=True)
class Graded(Charge):
    """``top`` less the weight of the walk: what is minimised is what distance takes away. ``bare`` : costs have no unit."""

    decay: str = "flat"
    bare: bool = False
    top: float = 1.0

    @property
    def cap(self) -> float:
        return self.top

    def weigh(self, costs: Floats) -> Floats:
        """(k,) what a unit of weight counts at each cost."""
        weights: Floats = np.asarray(Decay.of(self.decay, bare=self.bare).weigh(costs), dtype=np.float64)
        return weights

    def of(self, costs: Floats) -> Floats:
        weight = self.weigh(costs)
        return np.where(weight > 0, np.maximum(self.top - weight, 0.0), inf)

    def value(self, loss: float) -> float:
        return max(self.total * self.top - loss, 0.0)

    def loss(self, value: float) -> float:
        return self.total * self.top - value

    def scaled(self, multipliers: Floats, times: float) -> Floats:  # noqa: ARG002 other charges read it
        return multipliers


@dataclass(frozen=True)
class Equal(Charge):
    """Kolm-Pollak: (e^(kappa c) - 1) / kappa, the cost itself where ``kappa`` (a unit of cost) is 0.

    With one taken off and divided by kappa the charge is a cost again, near the cost where that is short: the sum
    keeps its digits however small kappa is, where e^(kappa c) itself would be 1 for everybody.
    """

    kappa: float = 0.0

    def of(self, costs: Floats) -> Floats:
        with np.errstate(over="ignore"):  # a draw may stretch a way past every number: it is then never gone
            return np.expm1(self.kappa * costs) / self.kappa if self.kappa else costs

    def value(self, loss: float) -> float:
        mean = max(loss, 0.0) / self.total  # a bound under 0 says no more than 0: no walk is shorter
        return (log1p(self.kappa * mean) / self.kappa if self.kappa else mean) / self.unit

    def loss(self, value: float) -> float:
        cost = value * self.unit
        return self.total * (expm1(self.kappa * cost) / self.kappa if self.kappa else cost)

    def worse(self, now: float, changes: Floats) -> Floats:
        """The logarithm of a ratio, since both ends may agree in most of their digits."""
        if not self.kappa:
            return changes / self.total / self.unit
        worse: Floats = np.log1p(self.kappa * changes / (self.total + self.kappa * now)) / self.kappa / self.unit
        return worse

    def scaled(self, multipliers: Floats, times: float) -> Floats:
        if not self.kappa:
            return multipliers * times
        return self.of(np.log1p(self.kappa * multipliers) / self.kappa * times)


@dataclass(frozen=True)
class Poor(Charge):
    """Foster-Greer-Thorbecke: (c / line - 1)^severity beyond the line, 0 up to it; the value is the mean over all weight."""

    line: float = 1.0
    severity: int = 2

    @property
    def cap(self) -> float:
        """Whoever is not reached is beyond the line, whatever stands for their walk."""
        return 1.0 if self.severity == 0 else float(self.of(np.array([self.beyond]))[0])

    def of(self, costs: Floats) -> Floats:
        over = np.maximum(costs / self.line - 1.0, 0.0)
        return np.where(costs > self.line, 1.0 if self.severity == 0 else over**self.severity, 0.0)

    def value(self, loss: float) -> float:
        return loss / self.total

    def loss(self, value: float) -> float:
        return value * self.total

    def worse(self, now: float, changes: Floats) -> Floats:  # noqa: ARG002 other charges read it
        return changes / self.total

    def at(self, limit: float) -> Poor:
        return replace(self, line=limit)

    def scaled(self, multipliers: Floats, times: float) -> Floats:
        """Of severity 1 and 2 the walk is found back; a charge of 0 says nothing of it and stays."""
        if self.severity == 0:
            return multipliers
        return np.where(multipliers > 0, self.of(self.line * (1.0 + multipliers ** (1.0 / self.severity)) * times), 0.0)
