"""Areas that lie over each other: whoever lives there would be counted twice, and nobody would see it.

A census parts the ground. Catchments, electoral and other layers may not, and a borough may come once in the
table and once more in its surroundings.
"""

from __future__ import annotations

import numpy as np
import shapely

from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.territory.ledger import Ledger, Note

MOST = 0.05  # share of the ground counted twice from which a table is refused
TOLD = 0.005  # from which it is told; lines of one border drawn twice stay under it


def doubled_ground(outlines: AnyArray) -> tuple[float, Floats]:
    """The share of the ground that lies in a second area, 0 to 1, and (n,) m2 of each area under others.

    outlines : (n,) valid polygons in metres; points have no ground.
    """
    under = np.zeros(len(outlines))
    ground = shapely.area(outlines)
    here = np.flatnonzero(ground > 0)
    if len(here) < 2:
        return 0.0, under
    one, other = shapely.STRtree(outlines[here]).query(outlines[here], predicate="intersects")
    one, other = here[one[one < other]], here[other[one < other]]
    shared = shapely.area(shapely.intersection(outlines[one], outlines[other]))
    np.add.at(under, one, shared)
    np.add.at(under, other, shared)
    return float(shared.sum() / ground.sum()), under


def check_overlaps(outlines: AnyArray, where: str, ledger: Ledger) -> None:
    """Fault ``overlapping-areas`` where over a twentieth of the ground is counted twice; note ``overlap`` over 0.5 %."""
    share, under = doubled_ground(outlines)
    if share < TOLD:
        return
    doubled = under > TOLD * np.maximum(shapely.area(outlines), 1e-9)
    count = int(doubled.sum())
    if share < MOST:
        ledger.notes.append(
            Note("overlap", f"{share:.1%} of the ground lies in two areas", where, count,
                 values={"areas": len(outlines), "ground_share": round(share, 4)})
        )  # fmt: skip
        return
    ledger.faults.append(
        Fault(
            code="overlapping-areas",
            what=Sentence(
                "{count:,} of {total:,} areas lie over each other: {percent:.0f} of every 100 m2 would be counted twice, and who lives there",
                count=count, total=len(outlines), percent=100 * share,
            ),
            where=where,
            mend="give areas that part the ground between them (blocks, AGEB, cells); catchments do not",
            count=count,
            first=Sentence("area {number}", number=int(np.flatnonzero(doubled)[0]) + 1),
        )
    )  # fmt: skip
