"""How the two aims of a trade-off are called and their values said, the same on the screen, on paper and on a page."""

from __future__ import annotations

from typing import Protocol

from utopias.language.words import Words


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
    def labels(self) -> dict[str, dict[str, str]]: ...


def point_head(words: Words, curve: Curve, side: int) -> str:
    """What stands over the column of aim 0 or 1, and along its axis: with its unit."""
    aim, group = curve.aims[side], curve.groups[side]
    limit = "" if curve.within_minutes is None else words.minutes(curve.within_minutes)
    if group:
        return words.say(f"choose.axis.{aim}.of", limit=limit, people=words.people(group, curve.labels))
    return words.say(f"choose.axis.{aim}", limit=limit)


def point_value(words: Words, curve: Curve, side: int, value: float) -> str:
    """A value of aim 0 or 1: people and walks whole, minutes to a tenth, money short."""
    unit = curve.units[side]
    if unit == "money":
        return words.money(value, curve.currency, short=True) if curve.currency else words.number(value)
    return words.trimmed(value, 1) if unit == "minutes" else words.number(value)
