"""How a rule about land, a reason and a waiver are said, on the screen and in print alike.

Rules carry their own words by language, since a city writes them; a language that a rule lacks
is stood in for by another that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from utopias.language.words import Words


class Rule(Protocol):
    """A rule, as ``domain.land.LandRule`` is."""

    @property
    def id(self) -> str: ...
    @property
    def label(self) -> Mapping[str, str]: ...
    @property
    def waiver(self) -> Mapping[str, str]: ...


class Reason(Protocol):
    """Why a rule speaks, as ``domain.land.Reason`` is."""

    @property
    def rule(self) -> str: ...
    @property
    def found(self) -> str | float | None: ...


class Site(Protocol):
    """A screened site, as ``domain.land.Screened`` is."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def reasons(self) -> Iterable[Reason]: ...


class Found(Protocol):
    """All of them, as ``domain.land.Screening`` is."""

    @property
    def rules(self) -> Iterable[Rule]: ...
    @property
    def sites(self) -> Iterable[Site]: ...


def label(id: str, said: Mapping[str, str], words: Words) -> str:
    """What a rule says, or what would lift it, in the reader's language or another that it has."""
    return words.group(id, {id: said})


def reason_of(found: Found, reason: Reason, words: Words) -> str:
    """Why, as a sentence without its full stop; said as not known where the column does not say."""
    rule = next(rule for rule in found.rules if rule.id == reason.rule)
    said = label(rule.id, rule.label, words)
    return said if reason.found is not None else words.say("land.not-known", rule=said)


def conditions_of(found: Found, site: Site, words: Words) -> str:
    """Every reason of a site in one row, what is known first."""
    known = [reason_of(found, reason, words) for reason in site.reasons if reason.found is not None]
    unknown = [label(rule.id, rule.label, words) for rule in found.rules if _is_unknown(site, rule)]
    said = [*known, *([words.say("land.not-known", rule="; ".join(unknown))] if unknown else [])]
    return "; ".join(said)


def ban_of(found: Found, id: str, words: Words) -> str:
    """A ban by the rule or the site it is of: a rule by what would lift it, a site by its name."""
    for rule in found.rules:
        if rule.id == id:
            return words.say("land.waiver.rule", waiver=label(id, rule.waiver, words), rule=id)
    site = next((site for site in found.sites if site.id == id), None)
    return id if site is None or site.name == id else f"{site.name} ({id})"


def _is_unknown(site: Site, rule: Rule) -> bool:
    return any(reason.rule == rule.id and reason.found is None for reason in site.reasons)
