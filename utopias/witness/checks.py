"""What a verification is made of: one check after the other, each with what the plan says and what was found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# A recount adds the same floats in another order: equal to a millionth of a person and nine digits.
ABSOLUTE, RELATIVE = 1e-6, 1e-9


@dataclass(frozen=True, slots=True)
class Check:
    """One thing recounted.

    code : stable, for programs and translations. held : whether the plan says what was found.
    said, found : the plan's number and the recounted one; for a table only the cells that differ, by
        "row: column". count : how many numbers were compared. note : a stable code that limits what
        the check means ("proven-by-search": it cannot be repeated from the files, only bounded).
    """

    code: str
    held: bool
    said: Any = None
    found: Any = None
    count: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """All checks of one folder. ``not_recounted`` names what stands in it and was looked at by nobody."""

    folder: str
    checks: tuple[Check, ...]
    not_recounted: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every check held; False where there was none."""
        return bool(self.checks) and all(check.held for check in self.checks)

    @property
    def failed(self) -> tuple[str, ...]:
        """The codes that did not hold, in order."""
        return tuple(check.code for check in self.checks if not check.held)

    def __getitem__(self, code: str) -> Check:
        return next(check for check in self.checks if check.code == code)

    def to_json(self) -> dict[str, Any]:
        """Keys folder, holds, checks (code, held, said, found, count, note), not_recounted; every number finite."""
        checks = [_plain(asdict(check)) for check in self.checks]
        name = Path(self.folder).name
        return {"folder": name, "holds": self.holds, "checks": checks, "not_recounted": list(self.not_recounted)}


def same(said: Any, found: Any) -> bool:
    """Equal, numbers up to the order of addition; not-a-number equals nothing, and nothing (None) only itself."""
    if isinstance(said, bool) or isinstance(found, bool):
        return isinstance(said, bool) and isinstance(found, bool) and said == found
    if isinstance(said, (int, float)) and isinstance(found, (int, float)):
        if math.isinf(said) or math.isinf(found):
            return said == found
        return abs(said - found) <= ABSOLUTE + RELATIVE * abs(found)
    return type(said) is type(found) and bool(said == found)


def agree(code: str, said: Any, found: Any, *, note: str = "") -> Check:
    """One number, text or list against its recount."""
    if isinstance(said, list) and isinstance(found, list):
        held = len(said) == len(found) and all(same(a, b) for a, b in zip(said, found, strict=True))
        return Check(code, held, said, found, max(len(found), 1), note)
    return Check(code, same(said, found), said, found, 1, note)


def agree_cells(code: str, said: Mapping[str, Any], found: Mapping[str, Any], *, note: str = "") -> Check:
    """Many named numbers at once; only those that differ are told."""
    wrong = [name for name in (*found, *(key for key in said if key not in found)) if not _cell(said, found, name)]
    return Check(
        code,
        not wrong,
        {name: said.get(name) for name in wrong} or None,
        {name: found.get(name) for name in wrong} or None,
        len(found),
        note,
    )


def _cell(said: Mapping[str, Any], found: Mapping[str, Any], name: str) -> bool:
    return name in said and name in found and same(said[name], found[name])


def _plain(data: Any) -> Any:
    """The same without numpy numbers and without what JSON cannot say (inf and nan become text)."""
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(value) for value in data]
    if hasattr(data, "item"):
        data = data.item()
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)
    return data
