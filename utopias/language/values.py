"""One value of a coded sentence, read out by its kind: a share in a hundred, a number, a list, a table.

An assumption carries plain values by name; the name says the kind of a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, isfinite, log10
from typing import Any

from utopias.language.words import Labels, Words

# Names of numbers in an assumption or a parameter that are shares of 1.
_DECIMALS = {"fair-walk": 2, "least-poverty": 4}  # of the values of aims that count no whole things
_WALKS = ("smallest-worst", "worst-first")  # aims whose value is one walk: told to a tenth where it is not whole
_WHOLE = ("people", "persons", "blocks")  # counts that a spread makes fractional: told whole
_COUNTED = ("modules", "providers")  # what a sentence counts: one of them is said in the singular
_SHARES = ("share", "rate", "rates", "withdrawn", "swing", "discount", "participation", "availability")


def read_out(words: Words, name: str, value: Any, labels: Labels | None = None) -> str:
    """The value as text; ids of groups, indicators and services by their label, None as "not known"."""
    if value is None:
        return words.say("word.not-known")
    if isinstance(value, bool):
        return words.say("word.yes" if value else "word.no")
    if isinstance(value, int | float):
        if name.endswith("_year"):
            return str(int(value))  # 2025 is no count: no comma
        if any(name == kind or name.endswith(f"_{kind}") for kind in _SHARES):
            return words.percent(value, 0 if abs(value * 100 - round(value * 100)) < 1e-9 else 1)
        if any(name == kind or name.startswith(f"{kind}_") for kind in _WHOLE):
            return words.number(value)
        return words.trimmed(value, 2 if abs(value) >= 0.1 or value == 0 else 4)
    if isinstance(value, Mapping):
        return "; ".join(
            words.say("word.pair", name=words.group(str(key), labels), value=read_out(words, name, item, labels))
            for key, item in value.items()
        )
    if isinstance(value, list | tuple):
        return words.listed(read_out(words, name, item, labels) for item in value)
    return words.group(str(value), labels)


def value_unit(words: Words, aim: str, weighted_by: str = "") -> str:
    """The unit of a plan's value, of its bound and of every loss or gain of it: the one place that says it.

    A person whom an index multiplies is no longer one person: 50,000 weighted people may be 800,000.
    Only the aim that counts people changes its unit; minutes, sites and costs keep theirs.
    """
    if aim not in ("cover-most", "cover-twice") or not weighted_by:
        return words.say(f"aim.{aim}.unit")
    if weighted_by == "need":
        return words.say("aim.cover-most.unit-by-need")
    return words.say("aim.cover-most.unit-by-index", index=weighted_by)


def value_number(words: Words, aim: str, value: float, *, signed: bool = False) -> str:
    """A value of an aim, its bound, or a loss or gain of it: whole where people or money are counted.

    A longest walk is told to a tenth of its unit; minutes of an equal walk and measures of poverty keep decimals, a small one as many as show two digits of it.
    """
    if aim in _WALKS and isfinite(value):
        return words.signed(value, 1) if signed else words.trimmed(value, 1)
    decimals = _DECIMALS.get(aim, 0)
    if decimals and value and isfinite(value):
        decimals = min(max(decimals, 1 - floor(log10(abs(value)))), 8)
    return words.signed(value, decimals) if signed else words.number(value, decimals)


def value_terms(words: Words, aim: str, terms: Mapping[str, Any]) -> str:
    """The terms an aim was asked with, and what they came to, in one sentence; "" where it has none."""
    if f"aim.{aim}.terms" not in words:
        return ""
    said = {
        name: value if isinstance(value, str) else words.trimmed(value, 4 if abs(value) < 1 else 2)
        for name, value in terms.items()
    }
    if "decay" in said:
        kind, _, rest = said["decay"].partition(" ")
        ends = rest.split(", ")
        if kind == "between" and len(ends) == 2:
            said["decay"] = words.say("decay.between", full=ends[0], none=ends[1])
        elif kind in ("flat", "linear"):
            said["decay"] = f"{words.say(f'decay.{kind}')} {rest}".rstrip()
    return words.say(f"aim.{aim}.terms", **{"kappa": "–", "mean": "–"} | said)


def say_rooms(words: Words, persons: float, terms: Mapping[str, Any]) -> str:
    """For how many persons there is room, of which service, and how many of them are taken to come.

    terms : ``service`` and ``participation``, as ``study.town["rooms"]`` keeps them.
    """
    return words.say(
        "cli.plan.rooms",
        persons=words.number(persons),
        service=words.group(str(terms.get("service", "")), {}),
        share=read_out(words, "participation", float(terms.get("participation", 1.0))),
    )


def say_code(words: Words, key: str, values: Mapping[str, Any], labels: Labels | None = None) -> str:
    """The sentence of ``key`` with its values read out.

    Raises
    ------
    UnknownWordsError : no such key, or a place of the sentence has no value.
    """
    said = {name: read_out(words, name, value, labels) for name, value in values.items()}
    counted = next((values[name] for name in _COUNTED if name in values), None)
    return words.plural(key, counted, **said) if isinstance(counted, int) else words.say(key, **said)
