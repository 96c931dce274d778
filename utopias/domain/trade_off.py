"""The curve between two aims: what more of one costs of the other, point by point, for people to choose from.

On disk it is a folder with one file, ``trade_off.json``, and its MANIFEST; no town and no solver is needed to read it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from utopias.domain.aim import MORE_IS_BETTER
from utopias.domain.errors import Fault, VerificationError
from utopias.domain.findings import remake
from utopias.domain.folders import manifest_faults, settled, whole_folder
from utopias.domain.sentences import Sentence
from utopias.domain.versions import VERSION

FILE = "trade_off.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class TradePoint:
    """One choice between the two aims.

    values : of both aims, in their units. bound : of the first; no plan that is as good in the second passes it.
    gap : |values[0] - bound| / max(|values[0]|, 1e-9). root_bound : the part of the bound that the multipliers
    show, recounted by the witness. sites : positions of the new sites, ascending; ids the same by id.
    proven : no plan as good in the second is better in the first. certified : values, rules and root bound were
    counted again without the solver, and agree.
    """

    values: tuple[float, float]
    bound: float
    gap: float
    root_bound: float
    sites: tuple[int, ...]
    ids: tuple[str, ...]
    proven: bool
    certified: bool


@dataclass(frozen=True, slots=True)
class TradeOff:
    """The points found between two aims, from the best of the first to the best of the second; none dominates another.

    aims : names; the first is the one that was optimised, the second the one that was held. groups : whom each
        counts, "" for the people of the question. units : of the two values: "persons", "person-minutes",
        "minutes", "money", or "" over bare costs. currency : of money.
    method : "caps" and "budgets" find points anywhere on the front; "weights" proves those that some weighing of
        the two aims prefers, and adds what lies between them as far as single swaps reach.
    second_bound : no plan at all is better than this in the second aim; None where nobody proved one.
    unreachable : weight that no site reaches within the table of times; it stands in no worst walk.
    stopped : "done", "clock" or "user": why no more points were looked for. names : site id -> name.
    people : whom each aim counts, as far as they reach any site, in persons; None where that is not known.
    plan : values of a plan that is shown beside the curve, or None; plan_point : the point that has its sites.
    """

    aims: tuple[str, str]
    groups: tuple[str, str]
    units: tuple[str, str]
    points: tuple[TradePoint, ...]
    method: str
    within_minutes: float | None
    open: int | None
    budget: float | None
    second_bound: float | None
    unreachable: float
    seconds: float
    seed: int
    stopped: str
    town: str = ""
    town_hash: str = ""
    currency: str = ""
    weighted_by: str = ""
    names: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    plan: tuple[float, float] | None = None
    plan_point: int | None = None
    people: tuple[float, float] | None = None

    def __repr__(self) -> str:
        rows = "; ".join(f"{p.values[0]:,.6g} / {p.values[1]:,.6g}" for p in self.points)
        return f"<TradeOff {self.aims[0]} / {self.aims[1]}: {len(self.points)} points: {rows}>"

    def more_is_better(self, side: int) -> bool:
        """Whether the value of aim 0 or 1 is better the more it is."""
        return self.aims[side] in MORE_IS_BETTER

    def with_(self, **changes: Any) -> TradeOff:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return {"format": FORMAT, **asdict(self), "version": VERSION}

    def save(self, folder: str | Path, *, replace: bool = False) -> Path:
        """Write the folder, whole or not at all; over an existing curve only with ``replace``."""
        target = Path(folder)
        with whole_folder(target, replace=replace, kind=FILE) as beside:
            text = json.dumps(self.to_json(), ensure_ascii=False, indent=1, allow_nan=False)
            (beside / FILE).write_text(text + "\n", encoding="utf-8")
        return target

    @classmethod
    def load(cls, folder: str | Path) -> TradeOff:
        """Read a curve.

        Raises
        ------
        VerificationError : no curve is there, a file is not as the MANIFEST says, or it cannot be read.
        """
        source = settled(Path(folder))
        if not (source / FILE).is_file():
            raise VerificationError(
                Fault(
                    "no-trade-off",
                    Sentence("{source} is not the folder of a trade-off", source=source),
                    mend="give the folder that utopias trade-off --out named",
                )
            )
        faults = manifest_faults(source)
        if faults:
            raise VerificationError(faults)
        try:
            said = json.loads((source / FILE).read_text(encoding="utf-8"))
            if said["format"] != FORMAT:
                raise ValueError(f"it is of format {said['format']!r}, this version reads {FORMAT}")
            read: TradeOff = remake(cls, said)
            return read
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = Sentence(
                "the files of {source} cannot be read as a trade-off ({name}: {error})",
                source=source,
                name=type(error).__name__,
                error=error,
            )
            raise VerificationError(Fault("malformed", what, str(source), "make the trade-off again")) from error
