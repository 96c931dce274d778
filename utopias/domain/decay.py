"""How a place counts less the longer the walk to it: the usual curves, each with its source, and any of your own.

A decay gives a weight to a walk; it is tabulated once by whole deciseconds, so a table of times is weighed by
looking up. It is written as people say it: ``exponential 10 min``, ``steps 5 min:1, 10 min:0.68, 15 min:0.22``.
Over costs that have no unit its lengths are plain numbers: ``exponential 10``.
Which curve holds for a service is a matter of counting who comes from where; none is true by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence

# A weight under this is taken as 0: nobody walks it, and one over it would overflow.
LEAST = 1e-100
EXAMPLES = {
    "flat": "flat",
    "steps": "steps 5 min:1, 10 min:0.68, 15 min:0.22",
    "linear": "linear 15 min",
    "between": "between 5 min, 15 min",
    "exponential": "exponential 10 min",
    "gaussian": "gaussian 15 min",
    "power": "power 2, 1 min",
    "logistic": "logistic 10 min, 3 min",
    "log-logistic": "log-logistic 10 min, 3",
}


# A length of walk as it is written, or, of costs that have no unit, a plain number.
Length: TypeAlias = str | Duration | float
# Which numbers of a written decay are lengths, where not all are.
LENGTHS = {"power": (1,), "log-logistic": (0,)}


@dataclass(frozen=True, eq=False)
class Decay:
    """A weight for every length of walk, known by how it is written.

    written : as the command line takes it; of a curve of your own, its name.
    weigh : from (k,) deciseconds, as floats that hold whole numbers, to (k,) weights of 0 or more; of a decay
        read ``bare``, from (k,) costs in their own unit.
    source : who proposed it.
    """

    written: str
    weigh: Callable[[Floats], AnyArray]
    source: str

    def __str__(self) -> str:
        return self.written

    def __repr__(self) -> str:
        return f"<Decay {self.written}>"

    @classmethod
    def of(cls, given: str | Decay | Callable[[Floats], AnyArray], *, bare: bool = False) -> Decay:
        """Read a written decay, or take any function from (k,) minutes to (k,) weights; a Decay passes through.

        ``bare`` : the lengths written are plain numbers, in the unit of costs that name none. Two lengths alone,
        as ``5 min, 15 min``, are those of ``between``.

        Raises
        ------
        ProblemError : ``unknown-decay``, ``bad-decay``: no such curve, or a number of it that makes no sense.
        QuantityError : a time without its unit.
        """
        if isinstance(given, Decay):
            return given
        if callable(given):
            own = given
            return cls(getattr(own, "__name__", "own"), lambda walk: np.asarray(own(walk / 600.0)), "your own")
        kind, _, rest = str(given).strip().partition(" ")
        if kind[:1].isdigit() and "," in str(given):
            kind, rest = "between", str(given)
        if kind not in EXAMPLES:
            raise ProblemError(
                Fault(
                    "unknown-decay",
                    Sentence("{written!r} is no decay", written=given),
                    "decay",
                    Sentence("use one of: {listed}", listed="; ".join(EXAMPLES.values())),
                )
            )
        parts = [part.strip() for part in rest.split(",")] if rest.strip() else []
        return _MAKERS[kind](_unitless(kind, parts) if bare else parts)

    def table(self, limit: Duration, longest: Duration) -> Floats:
        """(longest + 1,) the weight of a walk of each whole decisecond; 0 over ``limit``, at it not yet.

        Raises
        ------
        ProblemError : ``bad-decay``: a weight under 0 or no number, or none over 0 up to the limit.
        """
        reach = min(limit.deciseconds, longest.deciseconds)
        walk = np.arange(reach + 1, dtype=np.float64)
        weights = np.asarray(self.weigh(walk), dtype=np.float64)
        if weights.shape != walk.shape:
            raise ProblemError(
                _bad(
                    self.written,
                    Sentence(
                        "it gives weights of shape {shape} for {count} walks", shape=weights.shape, count=len(walk)
                    ),
                )
            )
        wrong = ~np.isfinite(weights) | (weights < 0)
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            raise ProblemError(
                _bad(
                    self.written,
                    Sentence("{count} weights are no numbers of 0 or more", count=int(wrong.sum())),
                    count=int(wrong.sum()),
                    first=Sentence(
                        "a walk of {walk} weighs {weight}", walk=Duration(first), weight=float(weights[first])
                    ),
                )
            )
        weights = np.where(weights < LEAST, 0.0, weights)
        if not (weights > 0).any():
            raise ProblemError(_bad(self.written, Sentence("no walk up to {limit} weighs anything", limit=limit)))
        table = np.zeros(longest.deciseconds + 1)
        table[: reach + 1] = weights
        return table


FLAT = Decay("flat", np.ones_like, "Cumulative opportunities: Wachs & Kumagai (1973), Socio-Econ. Plan. Sci. 7:437-456")


def zones(*steps: tuple[Length, float]) -> Decay:
    """Weights by zone: ``zones(("5 min", 1), ("10 min", 0.68))``; a walk at the end of a zone is in it, beyond the last 0.

    Raises ProblemError ``bad-decay``: no zone, ends that do not rise, a weight that is no number of 0 or more.
    """
    ends = np.array([_size(end) for end, _ in steps], dtype=np.float64)
    weights = np.array([*(weight for _, weight in steps), 0.0], dtype=np.float64)
    written = "steps " + ", ".join(f"{_said(end)}:{weight:g}" for end, weight in steps)
    faults = []
    if not len(ends):
        faults.append(_bad(written, Sentence("it names no zone")))
    if (np.diff(ends) <= 0).any():
        faults.append(_bad(written, Sentence("the ends of its zones do not rise")))
    if not np.isfinite(weights).all() or (weights < 0).any():
        faults.append(_bad(written, Sentence("a weight is no number of 0 or more")))
    if faults:
        raise ProblemError(faults)
    return Decay(
        written,
        lambda walk: weights[np.searchsorted(ends, walk)],
        "Luo & Qi (2009), Health & Place 15(4):1100-1107",
    )


def thirds(limit: Duration) -> Decay:
    """1, 0.68 and 0.22 over the three thirds of ``limit``: the weights of Luo & Qi (10, 20, 30 min by car), on foot an assumption."""
    return zones(*((Duration(round(limit.deciseconds * k / 3)), w) for k, w in ((1, 1.0), (2, 0.68), (3, 0.22))))


def linear(end: Length) -> Decay:
    """1 at the door, 0 from ``end`` on."""
    whole = _over_zero("linear", end)
    return Decay(f"linear {_said(end)}", lambda walk: np.maximum(0.0, 1.0 - walk / whole), "the simplest slope")


def between(full: Length, none: Length) -> Decay:
    """1 up to ``full``, 0 from ``none`` on, a straight slope between the two."""
    whole, end = _size(full), _over_zero("between", none)
    if not 0 <= whole < end:
        why = Sentence("it ends at {none}, and is whole up to {full}", none=_said(none), full=_said(full))
        raise ProblemError(_bad("between", why, example=EXAMPLES["between"]))
    return Decay(
        f"between {_said(full)}, {_said(none)}",
        lambda walk: np.clip((end - walk) / (end - whole), 0.0, 1.0),
        "Berman, Krass & Drezner (2003), European J. Operational Research 151(3):474-480",
    )


def exponential(scale: Length) -> Decay:
    """exp(-t / scale): 0.37 at ``scale``, 0.5 at 0.69 of it."""
    whole = _over_zero("exponential", scale)
    return Decay(
        f"exponential {_said(scale)}",
        lambda walk: np.exp(-walk / whole),
        "Wilson (1971), A family of spatial interaction models, Environment and Planning 3(1)",
    )


def gaussian(end: Length) -> Decay:
    """(exp(-(t / end)^2 / 2) - exp(-1/2)) / (1 - exp(-1/2)): flat at the door, 0 from ``end`` on."""
    whole, foot = _over_zero("gaussian", end), math.exp(-0.5)
    return Decay(
        f"gaussian {_said(end)}",
        lambda walk: np.maximum(0.0, (np.exp(-0.5 * (walk / whole) ** 2) - foot) / (1.0 - foot)),
        "Dai (2010), Health & Place, doi:10.1016/j.healthplace.2010.06.012",
    )


def power(exponent: float, least: Length = "1 min") -> Decay:
    """(t / least)^-exponent; up to ``least`` 1, for a power has no end at the door."""
    whole, beta = _over_zero("power", least), _positive("power", exponent)
    return Decay(
        f"power {beta:g}, {_said(least)}",
        lambda walk: (np.maximum(walk, whole) / whole) ** -beta,
        "Hansen (1959), J. American Institute of Planners 25(2):73-76",
    )


def logistic(middle: Length, spread: Length) -> Decay:
    """Falls around ``middle`` with the standard deviation ``spread``; scaled so that it is 1 at the door."""
    at, wide = _over_zero("logistic", middle), _over_zero("logistic", spread)
    slope = math.pi / (wide * math.sqrt(3.0))
    top = 1.0 + math.exp(-at * slope)

    def weigh(walk: Floats) -> AnyArray:
        return top * 0.5 * (1.0 - np.tanh(0.5 * slope * (walk - at)))

    return Decay(
        f"logistic {_said(middle)}, {_said(spread)}", weigh, "Bauer & Groneberg (2016), PLoS ONE 11(7):e0159148"
    )


def log_logistic(middle: Length, exponent: float) -> Decay:
    """1 / (1 + (t / middle)^exponent): 1 at the door, 0.5 at ``middle``, a power far away."""
    at, beta = _over_zero("log-logistic", middle), _positive("log-logistic", exponent)
    return Decay(
        f"log-logistic {_said(middle)}, {beta:g}",
        lambda walk: 1.0 / (1.0 + (walk / at) ** beta),
        "the survival function of the log-logistic distribution; as in Geurs & van Eck (2001)",
    )


def _size(length: Length) -> float:
    """A length in deciseconds; a plain number is one in the unit of costs that name none."""
    return float(length) if isinstance(length, float) else float(Duration.of(length).deciseconds)


def _said(length: Length) -> str:
    return said_bare(length) if isinstance(length, float) else str(Duration.of(length))


def said_bare(length: float) -> str:
    """A length without a unit, short where that is the same number: a cost exactly at it must be found at it again."""
    short = f"{length:.12g}"
    return short if float(short) == length else repr(float(length))


def _over_zero(kind: str, length: Length) -> float:
    whole = _size(length)
    if not 0 < whole < math.inf:
        raise ProblemError(_bad(kind, Sentence("a length of it is not over 0"), example=EXAMPLES[kind]))
    return whole


def _positive(kind: str, exponent: float | str) -> float:
    try:
        number = float(exponent)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ProblemError(
            _bad(kind, Sentence("its power {power} is no number over 0", power=exponent), example=EXAMPLES[kind])
        )
    return number


def _bad(written: str, why: Sentence, *, example: str = "", count: int = 1, first: str = "") -> Fault:
    return Fault(
        "bad-decay",
        Sentence("the decay {written!r} makes no sense: {why}", written=written, why=why),
        "decay",
        Sentence("write it as: {example}", example=example) if example else "",
        count,
        first,
    )


def _unitless(kind: str, parts: list[str]) -> list[Any]:
    """The parts with every length as the plain number it is written as."""
    if kind == "power" and len(parts) == 1:
        parts = [*parts, "1"]
    read: list[Any] = []
    for at, part in enumerate(parts):
        length, colon, weight = part.partition(":")
        try:
            number = float(length)
        except ValueError as error:
            why = Sentence("{part!r} is no plain number, and these costs have no unit", part=length)
            raise ProblemError(_bad(kind, why)) from error
        read.append((number, weight) if colon else number if at in LENGTHS.get(kind, (at,)) else part)
    return read


def _taking(kind: str, counts: Sequence[int], make: Callable[..., Decay]) -> Callable[[list[Any]], Decay]:
    """The maker of a written kind, once it has as many numbers as it takes."""

    def made(parts: list[Any]) -> Decay:
        if len(parts) not in counts:
            why = Sentence("it has {count} numbers", count=len(parts))
            raise ProblemError(_bad(kind, why, example=EXAMPLES[kind]))
        return make(*parts)

    return made


def _read_zones(parts: list[Any]) -> Decay:
    steps: list[tuple[Length, float]] = []
    for part in parts:
        end, colon, weight = (part[0], ":", part[1]) if isinstance(part, tuple) else str(part).partition(":")
        try:
            number = float(weight)
        except ValueError:
            number = math.nan
        if not colon or not 0 <= number < math.inf:
            raise ProblemError(
                _bad("steps", Sentence("{part!r} is no zone with its weight", part=part), example=EXAMPLES["steps"])
            )
        steps.append((end, number))
    return zones(*steps)


_MAKERS: dict[str, Callable[[list[Any]], Decay]] = {
    "flat": _taking("flat", (0,), lambda: FLAT),
    "steps": _read_zones,
    "linear": _taking("linear", (1,), linear),
    "between": _taking("between", (2,), between),
    "exponential": _taking("exponential", (1,), exponential),
    "gaussian": _taking("gaussian", (1,), gaussian),
    "power": _taking("power", (1, 2), power),
    "logistic": _taking("logistic", (2,), logistic),
    "log-logistic": _taking("log-logistic", (2,), log_logistic),
}
