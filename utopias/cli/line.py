"""One command line, read whole before anything else: names in the reader's language, and every slip told at once.

What is wrong with a line alone is heard before a town is read. Whoever calls goes on with a stand-in until
``done``, which refuses the line with all that was found: no stand-in is ever used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from utopias.domain.aim import SOLVED
from utopias.domain.budgets import money_of
from utopias.domain.capacity import CAUSES
from utopias.domain.catalogue import Module, read_catalogue
from utopias.domain.errors import Fault, ProblemError, UtopiasError
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.sentences import Sentence
from utopias.language.spelled import Spelled
from utopias.language.words import Labels, Words

Made = TypeVar("Made")

AIMS = Spelled(SOLVED, ("aim.{}.name",))
REASONS = Spelled(CAUSES, ("cause.{}",))
INDICES = Spelled(("need",))
JUDGES = Spelled(("mean", "worst"), ("judge.{}",))
# Each kind of name with the code of its fault and what is said of one that nobody knows.
_NO = {
    "group": ("unknown-group", Sentence("{typed!r} names no group of people that is counted here")),
    "service": ("unknown-service", Sentence("{typed!r} names no service of the catalogue or of the town")),
    "aim": ("unknown-aim", Sentence("{typed!r} names no aim")),
    "cause": ("unknown-cause", Sentence("{typed!r} names no cause of closure")),
    "walker": ("unknown-walker", Sentence("nobody here walks as {typed!r}")),
    "index": ("unknown-index", Sentence("{typed!r} names no index that people could count by")),
    "level": ("unknown-level", Sentence("{typed!r} is no level of school")),
    "judge": ("unknown-judge", Sentence("{typed!r} names no way to judge several years")),
}
NAMES = frozenset(code for code, _ in _NO.values())


class LineError(ProblemError):
    """The line alone is wrong, whatever the folders hold."""


class Line:
    """What was typed, taken one option after another."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.faults: list[Fault] = []

    def done(self) -> None:
        """Raise LineError with every fault of the line; return where there is none."""
        if self.faults:
            raise LineError(list(dict.fromkeys(self.faults)))

    def tried(self, make: Callable[[], Made], instead: Made) -> Made:
        """What ``make`` makes; the stand-in where it refuses, its faults kept."""
        try:
            return make()
        except UtopiasError as refused:
            self.faults += refused.faults
            return instead

    def time(self, written: str, option: str, instead: Duration = Minutes(15)) -> Duration:
        """A length of time, as ``15 min``; a fault says which option it stands in."""
        try:
            return Duration.of(written)
        except UtopiasError as refused:
            self.faults += [replace(fault, where=option) for fault in refused.faults]
            return instead

    def money(self, written: str | None, option: str) -> float | None:
        """An amount, as ``600M``; None where none was given."""
        return None if written is None else self.tried(lambda: money_of(written, option), 1.0)

    def named(self, kind: str, typed: str, known: Spelled, option: str) -> str:
        """The id that was meant; of one that nobody knows, a fault with all ids, their labels and the nearest."""
        found = known.picked(typed.strip(), self._words.language)
        if found is not None:
            return found
        code, what = _NO[kind]
        near = known.near(typed)
        named = known.shown(self._words, known.ids)
        mend = (
            Sentence("did you mean {near}? There are: {named}", near=known.shown(self._words, near), named=named)
            if near
            else Sentence("there are: {named}", named=named)
        )
        self.faults.append(Fault(code, Sentence(what.template, typed=typed), option, mend))
        return typed

    def aim(self, typed: str, option: str = "--aim", known: Spelled = AIMS) -> str:
        """The id of an aim."""
        return self.named("aim", typed, known, option)

    def side(self, typed: str, groups: Spelled | None) -> str:
        """``cover-most`` or ``cover-most:older people``, each part by its id."""
        aim, colon, group = typed.partition(":")
        if not colon:
            return self.aim(aim, "--between")
        return f"{self.aim(aim, '--between')}:{self.group(group, groups, '--between')}"

    def group(self, typed: str, known: Spelled | None, option: str = "--for") -> str:
        """The id of a group; as typed where the town's groups could not be read (its reader says why)."""
        return typed if known is None else self.named("group", typed, known, option)

    def services(self, typed: Iterable[str], known: Spelled | None, option: str) -> tuple[str, ...]:
        """The ids of services, in the order typed."""
        return tuple(one if known is None else self.named("service", one, known, option) for one in typed)

    def walker(self, typed: str) -> str:
        """The id of a walker."""
        from utopias.network.profiles import PROFILES

        return self.named("walker", typed, Spelled(tuple(PROFILES)), "--walker")

    def index(self, typed: str | None) -> str | None:
        """The id of an index to weigh people by."""
        return None if typed is None else self.named("index", typed, INDICES, "--weigh-by")

    def levels(self, typed: Sequence[str]) -> tuple[str, ...]:
        """The ids of levels of school."""
        from utopias.access.school_trips import GOING

        known = Spelled(tuple(GOING), ("level.{}",))
        return tuple(self.named("level", one, known, "--level") for one in typed)

    def judge(self, typed: str) -> str:
        """The id of a way to judge several years."""
        return self.named("judge", typed, JUDGES, "--judge")

    def closures(self, told: Sequence[str]) -> dict[str, float]:
        """Days a year by the id of their cause, out of texts like ``water 12``."""
        from utopias.scenario.rooms import read_closures

        nothing: dict[str, float] = {}
        days = self.tried(lambda: read_closures(told), nothing)
        return {self.named("cause", cause, REASONS, "--closed"): count for cause, count in days.items()}

    def world(self, told: str, groups: Spelled | None) -> tuple[str, dict[str, float]]:
        """The name of a year and its factors by the id of each group, out of a text like ``2035: women=1.1``."""
        from utopias.scenario.later_people import read_world

        nothing: dict[str, float] = {}
        name, factors = self.tried(lambda: read_world(told), ("", nothing))
        return name, {self.group(group, groups, "--later"): factor for group, factor in factors.items()}

    def catalogue(self, path: Path | None) -> Mapping[str, Module] | None:
        """The catalogue of a file; None where none was named."""
        if path is None:
            return None
        nothing: dict[str, Module] = {}
        return self.tried(lambda: read_catalogue(path.read_text(encoding="utf-8"), where=path.name), nothing)


def groups_in(town: Path, *, also: Sequence[str] = ()) -> Spelled | None:
    """The groups of a town's folder with their labels, and those of ``also``; None where they cannot be read."""
    from utopias.territory.glance import groups_of

    found = groups_of(town)
    return None if found is None else groups_with({**found, **{one: {} for one in also}})


def groups_with(labels: Labels) -> Spelled:
    """The groups of these ids; our words for people are spellings too."""
    return Spelled(tuple(labels), ("group.{}", "people.{}"), labels)


def services_in(town: Path | None, modules: Mapping[str, Module] | None, *, own: bool = True) -> Spelled | None:
    """The services of a catalogue, ours where None, and with ``own`` those that the town's places give."""
    found = list(read_catalogue() if modules is None else modules)
    if own and town is not None:
        from utopias.territory.glance import services_of

        given = services_of(town)
        if given is None:
            return None
        found += [one for one in given if one not in found]
    return Spelled(tuple(found))
