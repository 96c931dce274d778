"""Streets as read: junctions, and edges between them with their lines. No cost is known here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Texts, frozen
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines


@dataclass(frozen=True, eq=False)
class Streets:
    """A walkable map: (j,) junctions and (e,) edges, each walkable both ways.

    x, y : (j,) metres in the town's reference system.
    tail, head : (e,) junction of the first and of the last vertex of each line.
    length : (e,) metres along the street; what the clock counts.
    rise : (e,) metres gained from tail to head, NaN where not known.
    kind, name, surface : (e,) text; steps, foot : (e,) flags (foot: one may walk here).
    lines : (e,) the drawn course, from tail to head; places are attached to it.
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

    def __post_init__(self) -> None:
        edges, junctions = len(self.tail), len(self.x)
        faults = []
        for field in ("head", "length", "rise", "kind", "name", "surface", "steps", "foot", "lines"):
            if len(getattr(self, field)) != edges:
                faults.append(
                    Fault(
                        "misaligned",
                        Sentence(
                            "{field} has {count} rows, tail {edges}",
                            field=field,
                            count=len(getattr(self, field)),
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
        for field in ("x", "y", "tail", "head", "length", "rise", "kind", "name", "surface", "steps", "foot"):
            object.__setattr__(self, field, frozen(getattr(self, field)))

    def __len__(self) -> int:
        return len(self.tail)
