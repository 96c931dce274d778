"""A town: its people, places, streets and words, as one frozen noun read from a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.arrays import Bools, Floats, Texts, frozen
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.findings import Assumption, Source
from utopias.domain.later import PutsOff
from utopias.domain.places import Places, places
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Basemap, Shapes
from utopias.domain.streets import Streets

if TYPE_CHECKING:
    import pandas as pd


def _none() -> None:
    """A default that leaves no value in the class, as ``PutsOff`` needs."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people the town can count. ``formula`` says how, where it is an estimate."""

    id: str
    labels: Mapping[str, str]
    estimated: bool = False
    formula: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class NeedIndicator:
    """One number a block of how hard life is there: a share or a score, higher is more need.

    from_group : the group whose share it is, if any; a plan for that group may not also weigh by it.
    """

    id: str
    labels: Mapping[str, str]
    weight: float = 1.0
    from_group: str = ""
    source: str = ""


@dataclass(frozen=True, eq=False)
class Blocks(PutsOff):
    """(n,) the places where people live, fine enough that a distance from their point means something.

    x, y : (n,) metres, a point inside the block (never the centroid of a large area).
    people : (n,) persons; groups[id] : (n,) persons of that group; indicators[id] : (n,) numbers.
    planned : (n,) inside the planned area. known_to : (n,) metres to the nearest unknown ground.
    shapes : (n,) outlines, for maps; None where only points are known.
    """

    ids: Texts
    x: Floats
    y: Floats
    people: Floats
    groups: Mapping[str, Floats]
    planned: Bools
    area_id: Texts
    colonia: Texts
    known_to: Floats
    indicators: Mapping[str, Floats] = field(default_factory=dict)
    shapes: Shapes | None = field(default_factory=_none)

    def __post_init__(self) -> None:
        n = len(self.ids)
        columns = {
            name: getattr(self, name) for name in ("x", "y", "people", "planned", "area_id", "colonia", "known_to")
        }
        columns |= dict(self.groups) | dict(self.indicators)
        if self.shapes is not None:
            columns["shapes"] = self.shapes
        wrong = [name for name, column in columns.items() if len(column) != n]
        if wrong:
            raise MisalignedError(
                Fault("misaligned", Sentence("{listed} have not the {n} rows of ids", listed=", ".join(wrong), n=n))
            )
        for name in ("ids", "x", "y", "people", "planned", "area_id", "colonia", "known_to"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        self.put_off()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def places(self) -> Places:
        """The blocks' points, as places to travel from."""
        return places(self.ids, self.x, self.y, role="block")

    def is_cut(self, limit: Duration, metres_per_second: float) -> Bools:
        """(n,) whether somebody walking ``limit`` from the block may leave the ground the town knows."""
        cut: Bools = self.known_to < limit.seconds * metres_per_second
        return cut


@dataclass(frozen=True, eq=False)
class Town(PutsOff):
    """Everything a plan starts from. ``hash`` is that of its folder's MANIFEST, or of its content.

    modules, facts : tables with the declared columns; a module's ``place_id`` is a unit, a provider,
        or a site (what would be built there).
    assumptions : what was taken as so while the town was built; every plan of it says them again.
    lots : (sites,) outlines of the sites' ground, empty where one is known as a point; None where all are.
    schools : where children are fetched from, with level and pupils; None where the town knows of none.
    """

    name: str
    crs: str
    zone: str
    currency: str
    made_up: bool
    blocks: Blocks
    units: Places
    sites: Places
    providers: Places
    modules: pd.DataFrame
    facts: pd.DataFrame
    streets: Streets | None
    basemap: Basemap | None
    groups: tuple[Group, ...]
    indicators: tuple[NeedIndicator, ...]
    sources: tuple[Source, ...]
    hash: str = ""
    assumptions: tuple[Assumption, ...] = ()
    lots: Shapes | None = field(default_factory=_none)
    schools: Places | None = field(default_factory=_none)

    def __post_init__(self) -> None:
        if self.lots is not None and len(self.lots) != len(self.sites):
            what = Sentence(
                "{outlines} outlines of lots for {sites} sites", outlines=len(self.lots), sites=len(self.sites)
            )
            raise MisalignedError(Fault("misaligned", what, mend="give one a site, empty where it is not known"))
        self.put_off()

    def __repr__(self) -> str:
        around = len(self.blocks) - int(self.blocks.planned.sum())
        schools = "" if self.schools is None else f"schools {len(self.schools):,}, "
        streets = "none" if self.streets is None else f"{len(self.streets):,}"
        return (
            f"<Town {self.name!r}{', made up' if self.made_up else ''}: people {self.planned_people:,.0f}, "
            f"blocks {len(self.blocks) - around:,} and {around:,} around, units {len(self.units):,}, "
            f"sites {len(self.sites):,}, providers {len(self.providers):,}, {schools}street edges {streets}, {self.crs}>"
        )

    def demand(self, group: str) -> Demand:
        """Persons of ``group`` by block; ``all`` is everybody.

        Raises
        ------
        ProblemError : the town has no such group; the fault lists those it has.
        """
        if group == "all":
            return Demand(self.blocks.ids, self.blocks.people, "all", self.blocks.planned)
        if group not in self.blocks.groups:
            raise ProblemError(
                Fault(
                    code="unknown-group",
                    what=Sentence("{name} does not count {group!r}", name=self.name, group=group),
                    where="groups of town.toml",
                    mend=Sentence("use one of: {listed}", listed=", ".join(["all", *self.blocks.groups])),
                )
            )
        known = {g.id: g for g in self.groups}
        estimated = known[group].estimated if group in known else False
        return Demand(self.blocks.ids, self.blocks.groups[group], group, self.blocks.planned, estimated=estimated)

    def must_know_schools(self) -> Places:
        """The schools; a town built with a table of none has none. Raises ProblemError where it was built without."""
        if self.schools is None:
            raise ProblemError(
                Fault(
                    "no-schools",
                    "the town was built without schools",
                    mend="build it with --schools FILE, since nobody can be fetched from a school that is not known; "
                    "for the made-up borough: run utopias demo again",
                )
            )
        return self.schools

    @property
    def fixed(self) -> Places:
        """The units a plan takes as given: operating or under construction."""
        return self.units.take(self.units.is_fixed)

    @property
    def planned_people(self) -> float:
        """Everybody in the planned area."""
        return float(np.sum(self.blocks.people[self.blocks.planned]))
