"""Who the plan is for: persons of one named group, place by place."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from utopias.domain.arrays import Bools, Floats, Texts, frozen
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.quantities import Persons
from utopias.domain.sentences import Sentence

# Stable ids; their labels in each language stand in a town's town.toml.
GROUPS = (
    "all",
    "children 0-5",
    "children 6-14",
    "young people",
    "adults",
    "older people",
    "women",
    "people with disability",
    "people in poverty",
    "carers",
)

# Where people set out from. A block is a home; a school, a workplace or a stop is a point of its own.
ORIGINS = ("home", "school", "work", "stop")


@dataclass(frozen=True, eq=False)
class Demand:
    """(n,) persons of one group, at places named by ``origins``.

    persons : (n,) counts, finite, not negative; fractions are allowed (spread or estimated).
    planned : (n,) inside the planned area. The surroundings compete for places but are never
        in a denominator and never carry weight in an aim.
    multiplier : (n,) how much a person here counts in an aim; 1 unless an index was asked for.
    estimated : the group is a formula, not a count; marked wherever it is shown.
    origin : where they set out from: home, school, work or stop. ``origins`` are then places of that kind.
    """

    origins: Texts
    persons: Floats
    group: str
    planned: Bools
    multiplier: Floats = field(default_factory=lambda: np.zeros(0))
    weighted_by: str = ""
    estimated: bool = False
    origin: str = "home"

    def __post_init__(self) -> None:
        n = len(self.origins)
        if len(self.multiplier) == 0 and n:
            object.__setattr__(self, "multiplier", np.ones(n))
        faults = []
        if self.origin not in ORIGINS:
            faults.append(
                Fault(
                    "unknown-origin",
                    Sentence("nobody here sets out from {origin!r}", origin=self.origin),
                    Sentence("demand {group!r}", group=self.group),
                    Sentence("use one of: {listed}", listed=", ".join(ORIGINS)),
                )
            )
        for name in ("persons", "planned", "multiplier"):
            if len(getattr(self, name)) != n:
                faults.append(
                    Fault(
                        "misaligned",
                        Sentence(
                            "{name} has {count} rows, origins {n}", name=name, count=len(getattr(self, name)), n=n
                        ),
                    )
                )
        if all(len(getattr(self, name)) == n for name in ("persons", "multiplier")):
            for name in ("persons", "multiplier"):
                bad = ~np.isfinite(getattr(self, name)) | (getattr(self, name) < 0)
                if bad.any():
                    faults.append(
                        Fault(
                            code="bad-weight",
                            what=Sentence(
                                "{count} of {n} {name} are not numbers of 0 or more",
                                count=int(bad.sum()),
                                n=n,
                                name=name,
                            ),
                            where=Sentence("demand {group!r}", group=self.group),
                            mend="mend the counts of the group in the blocks table",
                            count=int(bad.sum()),
                            first=str(self.origins[int(np.flatnonzero(bad)[0])]),
                        )
                    )
        if faults:
            raise ProblemError(faults)
        for name in ("origins", "persons", "planned", "multiplier"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.origins)

    def __repr__(self) -> str:
        told = ", estimated" if self.estimated else ""
        return f"<Demand {self.group!r}{told} from {self.origin}: {float(self.total):,.0f} persons at {len(self):,} places>"

    @property
    def weights(self) -> Floats:
        """(n,) what an aim counts: persons times multiplier in the planned area, 0 around it."""
        weights: Floats = np.where(self.planned, self.persons * self.multiplier, 0.0)
        return weights

    @property
    def total(self) -> Persons:
        """Persons of the group in the planned area: the denominator."""
        return Persons(float(self.persons[self.planned].sum()))

    def must_start_at(self, origin: str) -> None:
        """Raise ProblemError where the question is about people who set out from elsewhere."""
        if self.origin != origin:
            raise ProblemError(
                Fault(
                    "other-origin",
                    Sentence(
                        "demand {group!r} sets out from {origin}, and the question is about {wanted}",
                        group=self.group,
                        origin=self.origin,
                        wanted=origin,
                    ),
                    mend="count the group where the question needs it",
                )
            )

    def must_match(self, origins: Texts) -> None:
        """Raise MisalignedError unless ``origins`` are the same places in the same order."""
        mine = self.origins
        same = origins.shape == mine.shape and (
            # Both closed for writing and in one place: not a word need be read.
            (origins.ctypes.data == mine.ctypes.data and origins.strides == mine.strides)
            or bool((origins == mine).all())
        )
        if not same:
            raise MisalignedError(
                Fault(
                    code="different-places",
                    what=Sentence(
                        "demand {group!r} speaks of {count:,} places, the table of {total:,} or of others",
                        group=self.group,
                        count=len(self.origins),
                        total=len(origins),
                    ),
                    mend="make both from the same town",
                )
            )
