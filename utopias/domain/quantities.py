"""Numbers that know their unit.

A quantity is written as a number with a point and a unit, blank optional:
``15 min``, ``1.2km``, ``90 s``. Inside, time is integer **deciseconds** and
length integer **decimetres**, rounded half up once. Persons, enrolments, visits
and services are four kinds of count that do not add up.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Self

from utopias.domain.errors import Fault, QuantityError
from utopias.domain.sentences import Sentence

_WRITTEN = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_METRES = {"m": 1.0, "km": 1000.0}

# Walking speeds on the flat, metres per second. Adult: 4.8 km/h, the usual planning value
# (80 m/min; also in ../knowledge and in Conveyal R5's range of 3.6-5.0 km/h). The others are
# assumptions of this project, lower by common observation; override by ``speed=``.
WALKERS: dict[str, float] = {
    "adult": 4.8 / 3.6,
    "child": 4.0 / 3.6,
    "older person": 3.2 / 3.6,
    "wheelchair": 3.0 / 3.6,
    "pram": 3.6 / 3.6,
}


def half_up(value: float) -> int:
    """Round to the nearest integer, halves away from zero upwards (2.5 -> 3), as this house does."""
    return math.floor(value + 0.5)


def _read(text: object, units: dict[str, float], kind: str, example: str) -> float:
    if not isinstance(text, str):
        raise QuantityError(
            Fault(
                code="bare-number",
                what=Sentence("{text!r} is a {kind} without a unit", text=text, kind=kind),
                mend=Sentence('write the unit: "{example}"', example=example),
            )
        )
    match = _WRITTEN.fullmatch(text)
    if match is None or match.group(2) not in units:
        raise QuantityError(
            Fault(
                code="unknown-quantity",
                what=Sentence("{text!r} is not a {kind}", text=text, kind=kind),
                mend=Sentence(
                    'write a number with a point and one of {listed}: "{example}"',
                    listed=", ".join(units),
                    example=example,
                ),
            )
        )
    return float(match.group(1)) * units[match.group(2)]


@dataclass(frozen=True, order=True, slots=True)
class Duration:
    """A length of time in whole deciseconds. Make one with ``Duration.of("15 min")`` or ``Minutes(15)``."""

    deciseconds: int

    def __post_init__(self) -> None:
        if self.deciseconds < 0:
            raise QuantityError(
                Fault("negative-duration", Sentence("{deciseconds} ds is under zero", deciseconds=self.deciseconds))
            )

    @classmethod
    def of(cls, written: str | Duration) -> Self:
        """Read ``"15 min"``; a Duration passes through; a bare number is refused."""
        if isinstance(written, Duration):
            return cls(written.deciseconds)
        return cls(half_up(_read(written, _SECONDS, Sentence("duration"), "15 min") * 10.0))

    @property
    def minutes(self) -> float:
        return self.deciseconds / 600.0

    @property
    def seconds(self) -> float:
        return self.deciseconds / 10.0

    def __str__(self) -> str:
        return f"{self.minutes:g} min"


@dataclass(frozen=True, order=True, slots=True)
class Length:
    """A distance in whole decimetres. Make one with ``Length.of("1.2 km")`` or ``Metres(1200)``."""

    decimetres: int

    def __post_init__(self) -> None:
        if self.decimetres < 0:
            raise QuantityError(
                Fault("negative-length", Sentence("{decimetres} dm is under zero", decimetres=self.decimetres))
            )

    @classmethod
    def of(cls, written: str | Length) -> Self:
        """Read ``"400 m"``; a Length passes through; a bare number is refused."""
        if isinstance(written, Length):
            return cls(written.decimetres)
        return cls(half_up(_read(written, _METRES, Sentence("length"), "400 m") * 10.0))

    @property
    def metres(self) -> float:
        return self.decimetres / 10.0

    def __str__(self) -> str:
        return f"{self.metres:g} m"


def Minutes(value: float) -> Duration:
    """``value`` minutes, at least 0, rounded half up to the decisecond."""
    return Duration(half_up(_finite(value, "minutes") * 600.0))


def Metres(value: float) -> Length:
    """``value`` metres, at least 0, rounded half up to the decimetre."""
    return Length(half_up(_finite(value, "metres") * 10.0))


def _finite(value: float, unit: str) -> float:
    if not math.isfinite(value):
        raise QuantityError(
            Fault("not-finite", Sentence("{value} {unit} is not a finite number", value=value, unit=unit))
        )
    return value


@dataclass(frozen=True, order=True, slots=True)
class _Count:
    value: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.value) or self.value < 0:
            raise QuantityError(
                Fault(
                    "bad-count",
                    Sentence("{value} is not a count of {name}", value=self.value, name=type(self).__name__),
                )
            )

    def __add__(self, other: Self) -> Self:
        if type(other) is not type(self):
            raise QuantityError(
                Fault(
                    code="kinds-do-not-add",
                    what=Sentence(
                        "{name} and {name_2} do not add up", name=type(self).__name__, name_2=type(other).__name__
                    ),
                    mend="count one kind at a time: a person may enrol twice and visit thirty times",
                )
            )
        return type(self)(self.value + other.value)

    def __float__(self) -> float:
        return self.value

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (int, float)):
            return self.value == other
        return type(other) is type(self) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.value))


class Persons(_Count):
    """People, each counted once."""


class Enrolments(_Count):
    """Places taken in an activity; one person may hold several."""


class Visits(_Count):
    """Times that somebody came through the door."""


class Services(_Count):
    """Acts of service given."""
