"""Who is fetched from which school to which home: the flow that a chain of walks is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Texts, frozen
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.sentences import Sentence

# How trips were found: counted by somebody, or worked out here.
FOUND = ("declared", "nearest", "gravity")


@dataclass(frozen=True, eq=False)
class Trips:
    """(t,) trips home from school, each of one school and one home with the children who make it.

    schools, homes : (s,), (h,) ids; ``school`` and ``home`` are positions in them.
    persons : (t,) children, finite, 0 or more; fractions are allowed (worked out, or spread).
    group : whom ``persons`` counts. how : declared, nearest or gravity; all but declared are ``estimated``.
    notes : what the numbers were worked out with (walks, shares, children without a school).
    """

    schools: Texts
    homes: Texts
    school: Ints
    home: Ints
    persons: Floats
    group: str = "children"
    how: str = "declared"
    notes: dict[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = []
        t = len(self.persons)
        if self.how not in FOUND:
            faults.append(_unknown_way(self.how))
        if len(self.school) != t or len(self.home) != t:
            what = Sentence(
                "{t:,} trips, {schools:,} schools of trips and {homes:,} homes of trips do not match",
                t=t, schools=len(self.school), homes=len(self.home),
            )  # fmt: skip
            raise MisalignedError([*faults, Fault("misaligned", what)])
        for name, said, ids in (
            ("school", Sentence("school"), self.schools),
            ("home", Sentence("home"), self.homes),
        ):
            at = np.asarray(getattr(self, name))
            lost = (at < 0) | (at >= len(ids))
            if lost.any():
                faults.append(
                    Fault(
                        "unknown-id",
                        Sentence("{count:,} of {t:,} trips have a {name} that is not there", count=int(lost.sum()), t=t, name=said),
                        mend="mend the ids of the trips, or add the place",
                        count=int(lost.sum()),
                        first=Sentence("trip {row}", row=int(np.flatnonzero(lost)[0]) + 1),
                    )
                )  # fmt: skip
        bad = ~np.isfinite(self.persons) | (np.asarray(self.persons) < 0)
        if bad.any():
            faults.append(
                Fault(
                    "bad-weight",
                    Sentence("{count:,} of {t:,} trips have persons that are no number of 0 or more", count=int(bad.sum()), t=t),
                    mend="mend the counts of the trips",
                    count=int(bad.sum()),
                    first=Sentence("trip {row}", row=int(np.flatnonzero(bad)[0]) + 1),
                )
            )  # fmt: skip
        if faults:
            raise ProblemError(faults)
        object.__setattr__(self, "school", np.ascontiguousarray(self.school, dtype=np.int32))
        object.__setattr__(self, "home", np.ascontiguousarray(self.home, dtype=np.int32))
        object.__setattr__(self, "persons", np.ascontiguousarray(self.persons, dtype=np.float64))
        for name in ("schools", "homes", "school", "home", "persons"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.persons)

    def __repr__(self) -> str:
        told = ", estimated" if self.estimated else ""
        return (
            f"<Trips {self.how}{told}: {float(self.persons.sum()):,.0f} {self.group} on {len(self):,} ways "
            f"from {len(self.schools):,} schools to {len(self.homes):,} homes>"
        )

    @property
    def estimated(self) -> bool:
        """Whether nobody counted them: they were worked out from children, schools and walks."""
        return self.how != "declared"

    @property
    def by_home(self) -> Floats:
        """(h,) children fetched to each home."""
        total: Floats = np.bincount(self.home, weights=self.persons, minlength=len(self.homes)).astype(np.float64)
        return total

    @property
    def by_school(self) -> Floats:
        """(s,) children fetched from each school."""
        total: Floats = np.bincount(self.school, weights=self.persons, minlength=len(self.schools)).astype(np.float64)
        return total

    def from_home(self, planned: Bools) -> Demand:
        """The fetched children at their homes; ``planned`` (h,): inside the planned area."""
        return Demand(self.homes, self.by_home, self.group, planned, estimated=self.estimated)

    def from_school(self, planned: Bools) -> Demand:
        """The same children where they set out from: at their schools, those of planned homes only.

        ``planned`` is (h,), of the homes: whoever lives around is not counted, wherever the school stands.
        """
        inside = np.asarray(planned)[self.home]
        there = np.bincount(self.school[inside], weights=self.persons[inside], minlength=len(self.schools))
        everywhere = np.ones(len(self.schools), dtype=bool)
        return Demand(
            self.schools, there.astype(np.float64), self.group, everywhere, estimated=self.estimated, origin="school"
        )


def _unknown_way(how: str) -> Fault:
    return Fault(
        "unknown-way-of-trips",
        Sentence("trips are not found by {how!r}", how=how),
        mend=Sentence("use one of: {listed}", listed=", ".join(FOUND)),
    )
