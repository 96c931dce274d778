"""What somebody would change in a town: units more or fewer, a wall, a footbridge. In their order; nothing is changed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, TypeAlias

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.domain.errors import Fault, ProblemError, UtopiasError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.network.barriers import line_points
from utopias.scenario.today import Today, today_of

OUTSIDE = 3000.0  # metres beyond the box of all blocks: what lies farther is no change to this town


@dataclass(frozen=True, slots=True)
class AddUnit:
    """Open a unit: on a site of the town (its id), or at a point of one's own."""

    id: str
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Close a unit that is open, or one that an earlier change opened."""

    id: str


@dataclass(frozen=True, eq=False)
class WalkedLine:
    """A line on the ground, (k, 2) metres: a ``barrier`` that nobody crosses, or a ``footbridge`` on which people do."""

    role: str
    points: Floats


Edit: TypeAlias = AddUnit | Remove | WalkedLine


@dataclass(frozen=True, eq=False)
class Scenario:
    """Ordered changes to a town, each method giving a new one; ``apply`` says what they would do.

    town : stays as it is. within : what counts as reached. walking : keywords of ``street_network`` (walker, speed, ...).
    circuity : of straight lines, for a town without streets.

    All scenarios made from one another share the town as it is today, computed when first applied.
    """

    town: Town
    within: str | Duration = "15 min"
    circuity: float = 1.3
    walking: Mapping[str, Any] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    faults: tuple[Fault, ...] = ()
    _known: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"<Scenario of {self.town.name!r}: {len(self.edits)} changes, within {self.within}>"

    def add_unit(self, id: str, *, x: float | None = None, y: float | None = None) -> Scenario:
        """Open a unit on the site ``id``; or, with x and y in metres, a new one that shall be called ``id``.

        A unit of today that was closed opens again where it was or, with x and y, where it moved.
        """
        faults = list(self.faults)
        at_point = _is_finite(x) and _is_finite(y)
        sites = self.town.sites.ids
        if (x is None) != (y is None) or (x is not None and not at_point):
            faults.append(
                Fault("no-coordinates", Sentence("unit {id!r} has no finite x and y", id=id), mend="give both, in metres of the town's reference system")
            )  # fmt: skip
        elif not id.strip():
            faults.append(Fault("no-name", "a unit needs a name", mend="give the id of a site, or a name of your own"))
        elif id in self.open_ids:
            faults.append(
                Fault(
                    "duplicate-key",
                    Sentence("unit {id!r} is open already", id=id),
                    mend="close it first, or add another",
                )
            )
        elif at_point and id in sites:
            faults.append(
                Fault("duplicate-key", Sentence("there is a place {id!r} already", id=id), mend="give the new unit a name of its own")
            )  # fmt: skip
        elif at_point:
            faults += faults_of_ground(self.town, np.array([[x, y]], dtype=np.float64), Sentence("unit {id!r}", id=id))
        elif not at_point and id not in sites and id not in self._fixed:
            faults.append(_unknown(id, "sites", sorted(sites.tolist())))
        return replace(self, edits=(*self.edits, AddUnit(id, x, y)), faults=tuple(faults))

    def remove(self, id: str) -> Scenario:
        """Close the open unit ``id``."""
        faults = self.faults
        if id not in self.open_ids:
            faults = (*faults, _unknown(id, "open units", sorted(self.open_ids)))
        return replace(self, edits=(*self.edits, Remove(id)), faults=faults)

    def barrier(self, line: object) -> Scenario:
        """Let nobody cross ``line``, its (k, 2) points in metres, from here on; a later footbridge goes over it."""
        return self._walked("barrier", line)

    def footbridge(self, line: object) -> Scenario:
        """Let people walk along ``line``, whose ends lie within 50 m of a street."""
        return self._walked("footbridge", line)

    @property
    def open_ids(self) -> tuple[str, ...]:
        """The units open after the changes so far, those of today first."""
        found = list(self._fixed)
        for edit in self.edits:
            if isinstance(edit, AddUnit) and edit.id not in found:
                found.append(edit.id)
            elif isinstance(edit, Remove) and edit.id in found:
                found.remove(edit.id)
        return tuple(found)

    @property
    def kept(self) -> Bools:
        """(m,) whether each unit of today stays as it is: one that is closed and opened again is a new one."""
        closed = {edit.id for edit in self.edits if isinstance(edit, Remove)}
        return np.array([key not in closed for key in self._fixed], dtype=bool)

    @property
    def _fixed(self) -> tuple[str, ...]:
        of, fixed = self._known.get("fixed", (None, ()))
        if of is not self.town:
            fixed = tuple(str(key) for key in self.town.fixed.ids)
            self._known["fixed"] = self.town, fixed
        found: tuple[str, ...] = fixed
        return found

    @property
    def today(self) -> Today:
        """The town without any change, as these people walk it.

        Raises
        ------
        ProblemError and its kin : see ``street_network``, ``straight_lines``, ``travel_times``.
        """
        within = Duration.of(self.within)
        asked = (self.town, within, self.circuity, dict(self.walking))
        of, today = self._known.get("today", (None, None))
        if of != asked:  # the first time, or of a copy that asks something else
            today = today_of(self.town, within=within, circuity=self.circuity, walking=self.walking)
            self._known["today"] = asked, today
        found: Today = today
        return found

    def _walked(self, role: str, line: object) -> Scenario:
        faults = list(self.faults)
        points = np.zeros((0, 2))
        if self.town.streets is None:
            faults.append(
                Fault("no-streets", Sentence("a {role} changes streets, and the town has none", role=Sentence(role)), mend="build the town with streets")
            )  # fmt: skip
        try:
            points = line_points(line, Sentence(role))
            faults += faults_of_ground(self.town, points, Sentence(role))
        except UtopiasError as error:
            faults += error.faults
        return replace(self, edits=(*self.edits, WalkedLine(role, points)), faults=tuple(faults))

    def must_stand(self) -> None:
        """Raise every fault of every change at once.

        Raises
        ------
        ProblemError : unknown or repeated ids, points and lines that are none, streets that are not there.
        """
        if self.faults:
            raise ProblemError(list(self.faults))


def _is_finite(number: object) -> bool:
    """Whether it is a number at all, and no infinite one; text is none."""
    return isinstance(number, (int, float, np.number)) and bool(np.isfinite(number))


def faults_of_ground(town: Town, points: Floats, what: Sentence) -> list[Fault]:
    """A point far from every block is no place of the town: degrees, or x and y exchanged, more often than not."""
    blocks = np.stack([town.blocks.x, town.blocks.y], 1)
    if len(blocks) == 0:
        return []
    low, high = blocks.min(axis=0) - OUTSIDE, blocks.max(axis=0) + OUTSIDE

    def outside(some: Floats) -> Bools:
        beyond: Bools = ((some < low) | (some > high)).any(axis=1)
        return beyond

    lost = outside(points)
    if not lost.any():
        return []
    mend = "give metres of the town's reference system, or a file that says its own"
    if (np.abs(points) <= [180.0, 90.0]).all():
        mend = "these look like degrees: give metres of the town's reference system, or a file that says its own"
    elif not outside(points[:, ::-1]).any():
        mend = "x and y look exchanged: x is the distance east, y north"
    first = points[int(np.flatnonzero(lost)[0])]
    return [
        Fault(
            code="outside-town",
            what=Sentence(
                "{what}: {count} of {total} points lie over {far:g} km from every block of the town",
                what=what, count=int(lost.sum()), total=len(points), far=OUTSIDE / 1000,
            ),
            mend=mend,
            count=int(lost.sum()),
            first=Sentence("x {x:.1f}, y {y:.1f}", x=first[0], y=first[1]),
        )
    ]  # fmt: skip


def _unknown(id: str, where: str, known: list[str]) -> Fault:
    near = get_close_matches(id.lower(), [key.lower() for key in known], 3)
    listed = [key for key in known if key.lower() in near] or known[:8]
    shown = ", ".join(listed) + (", ..." if len(known) > len(listed) else "")
    return Fault(
        "unknown-place",
        Sentence("there is no {id!r} among the {where}", id=id, where=Sentence(where)),
        mend=Sentence("name one of: {listed}", listed=shown),
    )
