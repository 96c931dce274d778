"""How the two aims of a trade-off are called and their values said, the same on the screen, on paper and on a page."""

from __future__ import annotations

from typing import Protocol

from utopias.language.values import value_unit
from utopias.language.words import Words

_OF_PEOPLE = ("cover-most", "least-walk")  # sums in which an index multiplies the people of the question


class Curve(Protocol):
    """What is needed of ``domain.trade_off.TradeOff``."""

    @property
    def aims(self) -> tuple[str, str]: ...
    @property
    def groups(self) -> tuple[str, str]: ...
    @property
    def units(self) -> tuple[str, str]: ...
    @property
    def currency(self) -> str: ...
    @property
    def within_minutes(self) -> float | None: ...
    @property
    def weighted_by(self) -> str: ...
    @property
    def labels(self) -> dict[str, dict[str, str]]: ...


def point_head(words: Words, curve: Curve, side: int) -> str:
    """What stands over the column of aim 0 or 1, and along its axis: with its unit."""
    aim, group = curve.aims[side], curve.groups[side]
    limit = "" if curve.within_minutes is None else words.minutes(curve.within_minutes)
    if group:
        return words.say(f"choose.axis.{aim}.of", limit=limit, people=words.people(group, curve.labels))
    if curve.weighted_by and aim in _OF_PEOPLE:
        return words.say(
            f"choose.axis.{aim}.weighted", limit=limit, people=value_unit(words, "cover-most", curve.weighted_by)
        )
    return words.say(f"choose.axis.{aim}", limit=limit)


def point_value(words: Words, curve: Curve, side: int, value: float) -> str:
    """A value of aim 0 or 1: people and walks whole, minutes to a tenth, money short."""
    unit = curve.units[side]
    if unit == "money":
        return words.money(value, curve.currency, short=True) if curve.currency else words.number(value)
    return words.number(value, 1 if unit == "minutes" else 0)


def tick_value(words: Words, curve: Curve, side: int, value: float) -> str:
    """A value along an axis: as in the table, whole minutes without their tenth."""
    return words.trimmed(value, 1) if curve.units[side] == "minutes" else point_value(words, curve, side, value)
