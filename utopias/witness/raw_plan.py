"""A plan folder as plain tables, read straight from its files and believed in nothing.

The readers of the domain make nouns that check themselves; a witness must be able to look at a
folder that is wrong, so it reads JSON and parquet itself and says what it could not use.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.domain.quantities import Duration
from utopias.witness.checks import Check

FORMAT = 1
COLUMNS = {
    "demand.parquet": ("block_id", "planned", "people", "persons", "weight", "apart", "quintile", "known_to"),
    "places.parquet": ("place_id", "role", "cost"),
    "times.parquet": ("block", "place", "deciseconds"),
    "multipliers.parquet": ("multiplier",),
    "assignment.parquet": ("site",),
}
KEYS = ("aim", "within", "open", "budget", "value", "bound", "root_bound", "gap", "proven", "stopped", "sites", "fixed")


@dataclass(frozen=True, eq=False)
class RawPlan:
    """What the files say.

    said : plan.json. blocks, places : tables as they stand. block, place, deciseconds : (pairs,) times, in
    ascending order of block. multipliers, assignment : as they stand. findings, robustness : dictionaries or None.
    limit : deciseconds up to which the times were computed. flows : place, site, persons, where places fill up.
    """

    said: dict[str, Any]
    blocks: pd.DataFrame
    places: pd.DataFrame
    block: Longs
    place: Longs
    deciseconds: Longs
    multipliers: Floats
    assignment: Longs
    findings: dict[str, Any] | None
    robustness: dict[str, Any] | None
    limit: int
    flows: pd.DataFrame | None = None

    @property
    def n(self) -> int:
        return len(self.blocks)

    @property
    def m(self) -> int:
        """Sites of the problem: fixed units and candidates; providers come after them."""
        return int(self.places["role"].isin(["fixed", "candidate"]).sum())

    @property
    def within(self) -> int | None:
        """The limit of the plan in deciseconds."""
        return None if self.said["within"] is None else Duration.of(self.said["within"]).deciseconds

    @property
    def study(self) -> dict[str, Any]:
        said: dict[str, Any] = self.said["study"]
        return said

    @property
    def town(self) -> dict[str, Any]:
        said: dict[str, Any] = self.study.get("town") or {}
        return said

    @property
    def counted(self) -> Bools:
        """(n,) planned blocks: those of every denominator."""
        counted: Bools = self.blocks["planned"].to_numpy(dtype=bool)
        return counted

    def positions(self, name: str) -> list[int]:
        """The list ``sites``, ``fixed``, ``forced`` or ``forbidden`` of plan.json."""
        return [int(i) for i in self.said.get(name) or []]

    def nearest(self, open_sites: list[int]) -> Longs:
        """(n,) deciseconds to the nearest of the open sites; -1 where the table has none."""
        among = np.isin(self.place, open_sites)
        far = np.iinfo(np.int64).max
        least = np.full(self.n, far)
        np.minimum.at(least, self.block[among], self.deciseconds[among])
        least[least == far] = -1
        return least


def read_raw_plan(folder: Path) -> tuple[RawPlan | None, list[Check]]:
    """The plan, or None where its files cannot carry a recount; and the checks ``files`` and ``tables``."""
    faults: list[str] = []
    said = _json(folder / "plan.json", faults)
    if said is not None:
        faults += [f"plan.json: no {key}" for key in KEYS if key not in said]
    if said is not None and said.get("format") != FORMAT:
        faults.append(f"plan.json: format {said.get('format')!r}, and {FORMAT} is the one known here")
    if said is not None and not said.get("study"):
        faults.append("plan.json: no study, hence nothing to recount from")
    tables = {name: _table(folder / name, columns, faults) for name, columns in COLUMNS.items()}
    findings = _json(folder / "findings.json", faults, optional=True)
    robustness = _json(folder / "robustness.json", faults, optional=True)
    files = Check("files", not faults, None, faults or None, len(COLUMNS) + 1)
    if faults or said is None:
        return None, [files]
    pairs = tables["times.parquet"].sort_values(["block", "place"], kind="stable")
    try:
        limit = Duration.of(said["study"]["limit"]).deciseconds
        plan = RawPlan(
            said=said,
            blocks=tables["demand.parquet"],
            places=tables["places.parquet"],
            block=pairs["block"].to_numpy(dtype=np.int64),
            place=pairs["place"].to_numpy(dtype=np.int64),
            deciseconds=pairs["deciseconds"].to_numpy(dtype=np.int64),
            multipliers=tables["multipliers.parquet"]["multiplier"].to_numpy(dtype=float),
            assignment=tables["assignment.parquet"]["site"].to_numpy(dtype=np.int64),
            findings=findings,
            robustness=robustness,
            limit=limit,
            flows=_flows(folder / "flows.parquet", faults),
        )
        wrong = _misfits(plan)
    except (ValueError, TypeError, KeyError) as error:
        return None, [files, Check("tables", False, None, [str(error)])]
    return (None if wrong else plan), [files, Check("tables", not wrong, None, wrong or None, len(pairs))]


def _flows(file: Path, faults: list[str]) -> pd.DataFrame | None:
    return _table(file, ("place", "site", "persons"), faults) if file.exists() else None


def agree_blocks(code: str, plan: RawPlan, right: Bools, said: AnyArray, found: AnyArray, note: str = "") -> Check:
    """A check of one number a block; the first five that are not ``right`` are told by block_id."""
    wrong = np.flatnonzero(~right)[:5]
    ids = plan.blocks["block_id"].to_numpy(dtype=object)[wrong]
    told, counted = (
        {str(key): float(value) for key, value in zip(ids, values[wrong], strict=True)} or None
        for values in (said, found)
    )
    return Check(code, bool(right.all()), told, counted, plan.n, note)


def _misfits(plan: RawPlan) -> list[str]:
    """What keeps the tables from speaking of the same places."""
    wrong = []
    if len(plan.multipliers) not in (0, plan.n):
        wrong.append(f"{len(plan.multipliers)} multipliers for {plan.n} blocks")
    if len(plan.assignment) != plan.n:
        wrong.append(f"{len(plan.assignment)} assignments for {plan.n} blocks")
    for name, values, end in (("block", plan.block, plan.n), ("place", plan.place, len(plan.places))):
        if len(values) and (values.min() < 0 or values.max() >= end):
            wrong.append(f"times.parquet: a {name} that is not among the {end}")
    if len(plan.deciseconds) and (plan.deciseconds.min() < 0 or plan.deciseconds.max() > plan.limit):
        wrong.append(f"times.parquet: a time under 0 or over {plan.limit} deciseconds")
    if (np.diff(plan.block * len(plan.places) + plan.place) == 0).any():
        wrong.append("times.parquet: two times for one pair")
    for name, table in (("block_id", plan.blocks), ("place_id", plan.places)):
        if table[name].duplicated().any():
            wrong.append(f"{name} repeats")
    if not plan.places["role"].iloc[: plan.m].isin(["fixed", "candidate"]).all():
        wrong.append("places.parquet: a provider stands among the sites")
    for name in ("people", "persons", "weight"):
        numbers = plan.blocks[name].to_numpy(dtype=float)
        if not (np.isfinite(numbers) & (numbers >= 0)).all():
            wrong.append(f"demand.parquet: {name} is not everywhere a number of 0 or more")
    for name in ("sites", "fixed", "forced", "forbidden"):
        if any(i < 0 or i >= plan.m for i in plan.positions(name)):
            wrong.append(f"plan.json: {name} names a site that is not among the {plan.m}")
    if plan.within is not None and plan.within > plan.limit:
        wrong.append(f"plan.json: within is longer than the {plan.limit} deciseconds of the times")
    return wrong


def _json(path: Path, faults: list[str], *, optional: bool = False) -> dict[str, Any] | None:
    if not path.is_file():
        if not optional:
            faults.append(f"{path.name}: missing")
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        faults.append(f"{path.name}: {error}")
        return None
    if not isinstance(data, dict):
        faults.append(f"{path.name}: not an object")
        return None
    return data


def _table(path: Path, columns: tuple[str, ...], faults: list[str]) -> pd.DataFrame:
    if not path.is_file():
        faults.append(f"{path.name}: missing")
        return pd.DataFrame()
    try:
        frame = pd.read_parquet(path)
    except (ValueError, OSError) as error:
        faults.append(f"{path.name}: {error}")
        return pd.DataFrame()
    faults += [f"{path.name}: no column {name}" for name in columns if name not in frame.columns]
    return frame
