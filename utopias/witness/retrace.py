"""The deep check: is the plan's table of times, and of people, that of the town it names?

A plan folder whose times were edited, and whose every number was worked out again from them, is in
itself whole. Only the town can contradict it. This program compares the tables, and rebuilds a seeded
draw of times from the raw streets (``walk``), or from coordinates where the plan says its times are estimated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.errors import Fault, VerificationError
from utopias.domain.folders import folder_hash, manifest_faults
from utopias.domain.progress import Progress, silent
from utopias.domain.sentences import Sentence
from utopias.witness.checks import Check
from utopias.witness.pace import paces_of
from utopias.witness.raw_plan import RawPlan, agree_blocks
from utopias.witness.town_files import RawTown, read_raw_town
from utopias.witness.walk import ATTACHED, Joining, statuses, walkable, walking_times

# Two programs that project a point onto a line differ in the sixteenth digit, and a half may then be rounded
# up by one and down by the other: one decisecond for each of the two legs and each of the two cut edges.
ROUNDING = 4


def retrace(plan: RawPlan, town: Path, *, pairs: int = 200, seed: int = 7, progress: Progress = silent) -> list[Check]:
    """The checks ``town-changed``, ``town-blocks``, ``town-places``, ``town-apart`` and ``town-times``.

    Parameters
    ----------
    town : the town's folder. pairs : how many pairs of a planned block and a site are rebuilt: three quarters drawn
        from the stored times, one quarter from pairs the table leaves out, which must be beyond its limit.
    """
    progress("town", 0.4)
    raw = read_raw_town(town)
    checks = [_same_town(plan, town), _blocks(plan, raw), _places(plan, raw)]
    progress("retrace", 0.5)
    notes = plan.study.get("notes") or {}
    if not {"walker", "speed_m_s"} <= set(notes):
        return [*checks, Check("town-times", True, None, None, 0, "times-were-given")]
    if not checks[1].held and checks[1].note == "other-blocks":
        return [*checks, Check("town-times", False, None, None, 0, "other-blocks")]
    rng = np.random.default_rng(seed)
    block, place, said = _draw(plan, raw, pairs, rng)
    if plan.study["estimated"]:
        found = _straight(plan, raw, block, place, float(notes["circuity"]), float(notes["speed_m_s"]))
    elif raw.streets is None:
        return [*checks, Check("town-times", False, None, ["the town has no streets"])]
    elif (paces := paces_of(notes)).unknown:
        return [*checks, Check("town-times", False, list(paces.unknown), None, 0, "unknown-rules")]
    else:
        streets = walkable(raw.streets, paces=paces, speed=float(notes["speed_m_s"]), joining=_joining(notes))
        points = np.concatenate(_doors(plan.blocks["block_id"], raw, np.arange(plan.n)))
        status = statuses(streets, points)
        apart = plan.blocks["apart"].to_numpy(dtype=bool)
        checks.append(agree_blocks("town-apart", plan, apart == (status != ATTACHED), apart, status != ATTACHED))
        found = walking_times(
            streets, _doors(plan.blocks["block_id"], raw, block), _doors(plan.places["place_id"], raw, place),
            at_most=plan.limit + ROUNDING,
        )  # fmt: skip
    progress("retrace", 0.95)
    return [*checks, _compared(plan, block, place, said, found)]


def must_be_town(folder: Path) -> None:
    """Raise VerificationError, code ``no-town``, unless a town folder is there."""
    if not (folder / "town.toml").is_file():
        raise VerificationError(
            Fault(
                "no-town",
                Sentence("{folder} is not a town folder", folder=folder),
                mend="give the folder that build or gather wrote",
            )
        )


def _joining(notes: dict[str, Any]) -> Joining:
    """How doors found their streets when the times were made; as usual where the notes do not say."""
    usual = Joining()
    return Joining(
        at_most=float(notes.get("snap_at_most_m", usual.at_most)),
        extra=float(notes.get("snap_extra_m", usual.extra)),
        island_share=float(notes.get("island_share", usual.island_share)),
    )


def _same_town(plan: RawPlan, town: Path) -> Check:
    """The hash in the plan is that of the folder; else the files that are not as the town's MANIFEST says."""
    said = str(plan.town.get("hash", ""))
    faults = [fault.what for fault in manifest_faults(town)]
    found = folder_hash(town) if not any("no MANIFEST" in fault for fault in faults) else "none"
    held = said == found and not faults
    return Check("town-changed", held, said, found if held else [found, *faults])


def _blocks(plan: RawPlan, raw: RawTown) -> Check:
    """The plan's blocks are the town's, with the same people, groups, points and indicators."""
    mine = plan.blocks
    if "block_id" not in raw.blocks or list(mine["block_id"].astype(str)) != list(raw.blocks["block_id"].astype(str)):
        return Check("town-blocks", False, len(mine), len(raw.blocks), plan.n, "other-blocks")
    unlike = _unlike(mine, raw.blocks, [name for name in mine.columns if name in raw.blocks])
    return Check("town-blocks", not unlike, None, unlike or None, plan.n)


def _places(plan: RawPlan, raw: RawTown) -> Check:
    """The plan's places are among the town's units, sites and providers, at the same points and costs."""
    theirs = raw.places.set_index(raw.places["place_id"].astype(str)) if len(raw.places) else raw.places
    lost = [str(key) for key in plan.places["place_id"] if str(key) not in theirs.index]
    if lost:
        return Check("town-places", False, lost[:5], None, len(plan.places), "no-such-place")
    aligned = theirs.loc[[str(key) for key in plan.places["place_id"]]].reset_index(drop=True)
    names = [
        name for name in ("x", "y", "cost", "area_m2", "owner", "replaces") if name in aligned and name in plan.places
    ]
    unlike = _unlike(plan.places, aligned, names)
    return Check("town-places", not unlike, None, unlike or None, len(plan.places))


def _unlike(mine: pd.DataFrame, theirs: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """Columns with differing rows: how many, and the first row with both values."""
    unlike: dict[str, Any] = {}
    for name in names:
        a, b = mine[name].reset_index(drop=True), theirs[name].reset_index(drop=True)
        if pd.api.types.is_numeric_dtype(a) and pd.api.types.is_numeric_dtype(b):
            x, y = a.to_numpy(dtype=float), b.to_numpy(dtype=float)
            # The town leaves empty what the plan writes as endless (all ground known).
            alike = (x == y) | (~np.isfinite(x) & ~np.isfinite(y))
        else:
            alike = (a.astype(object).fillna("").astype(str) == b.fillna("").astype(str)).to_numpy(dtype=bool)
        if not alike.all():
            first = int(np.flatnonzero(~alike)[0])
            unlike[name] = {"rows": int((~alike).sum()), "row": first + 1, "plan": str(a[first]), "town": str(b[first])}
    return unlike


def _draw(plan: RawPlan, raw: RawTown, pairs: int, rng: np.random.Generator) -> tuple[Longs, Longs, Longs]:
    """(k,) blocks and sites, and the stored time of each pair or -1; only places whose doors the town knows."""
    known = np.array([str(key) in raw.doors for key in plan.places["place_id"]], dtype=bool)
    stored = np.flatnonzero((plan.place < plan.m) & known[plan.place])
    taken = np.sort(rng.choice(stored, size=min(len(stored), pairs - pairs // 4), replace=False))
    absent = _absent(plan, known, min(pairs // 4, 4 * plan.n * plan.m), rng)
    block = np.concatenate([plan.block[taken], absent[0]])
    place = np.concatenate([plan.place[taken], absent[1]])
    return block, place, np.concatenate([plan.deciseconds[taken], np.full(len(absent[0]), -1)])


def _absent(plan: RawPlan, known: Bools, count: int, rng: np.random.Generator) -> tuple[Longs, Longs]:
    """Pairs the table leaves out, half of them among the nearest left out by straight line (an edited table hides there)."""
    if plan.m == 0 or plan.n == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    stored = set(zip(plan.block.tolist(), plan.place.tolist(), strict=True))
    x, y = (plan.blocks[name].to_numpy(dtype=float) for name in ("x", "y"))
    px, py = (plan.places[name].to_numpy(dtype=float)[: plan.m] for name in ("x", "y"))
    drawn: set[tuple[int, int]] = set()
    for k, block in enumerate(rng.integers(0, plan.n, count).tolist()):
        free = [i for i in np.flatnonzero(known[: plan.m]).tolist() if (block, i) not in stored]
        if free:
            near = free[int(np.argmin(np.hypot(px[free] - x[block], py[free] - y[block])))]
            drawn.add((block, near if k % 2 else free[int(rng.integers(len(free)))]))
    pairs = np.array(sorted(drawn), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _doors(ids: pd.Series, raw: RawTown, positions: Longs) -> list[Floats]:
    """The doors of the places at these positions, by id."""
    return [raw.doors[str(ids.iloc[i])] for i in positions]


def _straight(plan: RawPlan, raw: RawTown, block: Longs, place: Longs, circuity: float, speed: float) -> list[set[int]]:
    """Metres of the straight line between the best doors, times the circuity, over the speed, half up."""
    found = []
    pairs = zip(_doors(plan.blocks["block_id"], raw, block), _doors(plan.places["place_id"], raw, place), strict=True)
    for here, there in pairs:
        metres: Floats = np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1))
        found.append({int(np.floor(float(metres.min()) * 10.0 * circuity / speed + 0.5))})
    return found


def _compared(plan: RawPlan, block: Longs, place: Longs, said: Longs, found: list[set[int]]) -> Check:
    """How many pairs are exact, how many within rounding, how many wrong; a pair left out must be beyond the limit."""
    exact = near = 0
    wrong: dict[str, Any] = {}
    wrong_found: dict[str, Any] = {}
    for i, j, time, times in zip(block.tolist(), place.tolist(), said.tolist(), found, strict=True):
        if time < 0:
            off = min((max(0, plan.limit + 1 - other) for other in times), default=0)
        else:
            off = min((abs(time - other) for other in times), default=plan.limit)
        exact += off == 0
        near += 0 < off <= ROUNDING
        if off > ROUNDING and len(wrong) < 5:
            key = f"{plan.blocks['block_id'].iloc[i]} - {plan.places['place_id'].iloc[j]}"
            wrong[key] = None if time < 0 else time
            wrong_found[key] = sorted(times) or None
    told = {"pairs": len(said), "exact": exact, "within_rounding": near, "wrong": len(said) - exact - near}
    # Times rebuilt along straight lines say nothing of streets, and must not look as if they did.
    note = "straight-lines" if plan.study["estimated"] else ""
    return Check("town-times", exact + near == len(said), wrong or None, {**told, **wrong_found}, len(said), note)
