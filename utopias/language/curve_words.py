"""How the two aims of a trade-off are called and their values said, the same on the screen, on paper and on a page."""

from __future__ import annotations

from math import floor
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
    def people(self) -> tuple[float, float] | None: ...
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


def step_told(words: Words, curve: Curve, above: tuple[float, float], here: tuple[float, float]) -> str:
    """What choosing ``here`` in place of ``above`` brings and what it costs, as people would say it to each other.

    Both are values of the two aims; a change that would be said as 0 is left out.
    """
    told = [_change(words, curve, side, _as_shown(curve, side, above, here)) for side in (1, 0)]
    better = [text for is_better, text in told if is_better and text]
    worse = [text for is_better, text in told if not is_better and text]
    if better and worse:
        return words.say("choose.step", better=better[0], worse=worse[0])
    return words.say("choose.step.alone", change=(better + worse or [words.say("choose.step.nothing")])[0])


def _as_shown(curve: Curve, side: int, above: tuple[float, float], here: tuple[float, float]) -> float:
    """The difference of the two values as the table shows them, so that whoever subtracts finds the same."""
    if curve.units[side] == "money":  # shown to three figures only: their difference would be none
        return here[side] - above[side]
    tenths = 10.0 if curve.units[side] == "minutes" else 1.0
    first, second = (floor(value[side] * tenths + 0.5) for value in (above, here))
    return (second - first) / tenths


def _change(words: Words, curve: Curve, side: int, change: float) -> tuple[bool, str]:
    """Whether a change of aim 0 or 1 is for the better, and the change in words; "" where it would be said as 0."""
    aim, group = curve.aims[side], curve.groups[side]
    is_better = change > 0 if aim == "cover-most" else change < 0
    key = f"choose.step.{aim}.{'more' if change > 0 else 'less'}"
    limit = "" if curve.within_minutes is None else words.minutes(curve.within_minutes)
    people = words.people(group, curve.labels) if group else words.people("all")
    if curve.weighted_by and aim in _OF_PEOPLE and not group:
        people = value_unit(words, "cover-most", curve.weighted_by)
    elif aim == "least-walk" and curve.people is not None and curve.people[side] > 0:
        seconds = round(60 * abs(change) / curve.people[side])
        shown = words.plural("choose.seconds", seconds) if seconds < 60 else words.minutes(seconds / 60)
        key += ".mean.of" if group else ".mean"
        shown = shown if seconds or not change else words.say("choose.under-a-second")
        return is_better, words.say(key, change=shown, people=people) if change else ""
    if aim == "smallest-worst" and group:
        key += ".of"
    shown = point_value(words, curve, side, abs(change))
    return is_better, "" if shown in ("0", "0.0", "0,0") else words.say(key, change=shown, people=people, limit=limit)
