"""Streets as read: junctions, and edges between them with their lines. No cost is known here."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Texts, frozen, texts
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines

ON_THE_FRONT = ("sidewalk", "ramps", "lit", "crossing")  # what a street has or lacks, edge by edge
FOOTBRIDGE = "footbridge"  # the kind of an edge on which no door opens: it is over the ground, or only drawn
SAID = ("yes", "part", "no", "")  # part: on one side, or along a part of the edge; "": not known, which is not no


@dataclass(frozen=True, eq=False)
class StreetFront:
    """(e,) what stands along each edge, each a word of ``SAID``.

    sidewalk : a sidewalk. ramps : it comes down to the street by ramps. lit : public lighting.
    crossing : a marked crossing for walkers.

    Raises
    ------
    MisalignedError : arrays of several lengths. A word that is none of ``SAID`` is told by the check of the table.
    """

    sidewalk: Texts
    ramps: Texts
    lit: Texts
    crossing: Texts

    def __post_init__(self) -> None:
        if len({len(getattr(self, name)) for name in ON_THE_FRONT}) > 1:
            raise MisalignedError([Fault("misaligned", "sidewalk, ramps, lit and crossing differ in length")])
        for name in ON_THE_FRONT:
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.sidewalk)


def unknown_front(edges: int) -> StreetFront:
    """Nothing is known of any of so many edges."""
    return StreetFront(*(texts([""] * edges) for _ in ON_THE_FRONT))


@dataclass(frozen=True, eq=False)
class Streets:
    """A walkable map: (j,) junctions and (e,) edges, each walkable both ways.

    x, y : (j,) metres in the town's reference system.
    tail, head : (e,) junction of the first and of the last vertex of each line.
    length : (e,) metres along the street; what the clock counts.
    rise : (e,) metres gained from tail to head, NaN where not known.
    kind, name, surface : (e,) text; steps, foot : (e,) flags (foot: one may walk here).
    lines : (e,) the drawn course, from tail to head; places are attached to it.
    front : (e,) sidewalk, ramps, light and crossing; without it, nothing is known of any.
    """

    x: Floats
    y: Floats
    tail: Ints
    head: Ints
    length: Floats
    rise: Floats
    kind: Texts
    name: Texts
    surface: Texts
    steps: Bools
    foot: Bools
    lines: Lines
    front: StreetFront = field(default_factory=lambda: unknown_front(0))

    def __post_init__(self) -> None:
        edges, junctions = len(self.tail), len(self.x)
        if not len(self.front):
            object.__setattr__(self, "front", unknown_front(edges))
        faults = []
        for name in ("head", "length", "rise", "kind", "name", "surface", "steps", "foot", "lines", "front"):
            if len(getattr(self, name)) != edges:
                faults.append(
                    Fault(
                        "misaligned",
                        Sentence(
                            "{field} has {count} rows, tail {edges}",
                            field=name,
                            count=len(getattr(self, name)),
                            edges=edges,
                        ),
                    )
                )
        if len(self.y) != junctions:
            faults.append(
                Fault(
                    "misaligned", Sentence("y has {count} rows, x {junctions}", count=len(self.y), junctions=junctions)
                )
            )
        if edges and (min(self.tail.min(), self.head.min()) < 0 or max(self.tail.max(), self.head.max()) >= junctions):
            faults.append(
                Fault(
                    "edge-of-nothing",
                    "some edges end at a junction that does not exist",
                    mend="mend tail and head in edges",
                )
            )
        if not (np.isfinite(self.length).all() and (self.length >= 0).all()):
            bad = ~np.isfinite(self.length) | (self.length < 0)
            faults.append(
                Fault(
                    "bad-length",
                    Sentence(
                        "{count} of {edges} edges have no length of 0 m or more", count=int(bad.sum()), edges=edges
                    ),
                    mend="mend length_m in edges",
                    count=int(bad.sum()),
                )
            )
        if faults:
            raise MisalignedError(faults)
        for name in ("x", "y", "tail", "head", "length", "rise", "kind", "name", "surface", "steps", "foot"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.tail)
