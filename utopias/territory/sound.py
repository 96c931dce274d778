"""Folders found without a fault before: the same bytes, looked at by the same checks, are not looked at again.

The check of a whole town takes longer than all else of opening it, and its answer depends on nothing
but the bytes of the folder, which its MANIFEST names, and on the code of the checks. So "without a
fault" is written down under a hash of both, in the user's own folder. The bytes themselves are
hashed at every opening, and a folder with any fault is never written down.
"""

from __future__ import annotations

import contextlib
import hashlib
from functools import cache
from pathlib import Path

from utopias.domain.folders import MANIFEST, files_of, own_folder

# The files whose code decides what a fault is; a test holds this list against their imports.
CHECKS = (
    "domain/columns/*.csv", "domain/*.py",
    "territory/check.py", "territory/geoparquet.py", "territory/table_faults.py", "territory/town_tables.py",
    "territory/town_toml.py", "territory/word_faults.py",
)  # fmt: skip


def sealed_bytes(folder: Path) -> dict[str, bytes] | None:
    """Every file of a sealed folder, by name, MANIFEST too; None unless each is just as the MANIFEST says."""
    try:
        manifest = (folder / MANIFEST).read_bytes()
        lines = manifest.decode("utf-8").splitlines()
        found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files_of(folder)}
    except (OSError, UnicodeDecodeError):
        return None
    said = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    if {name: hashlib.sha256(content).hexdigest() for name, content in found.items()} != said:
        return None
    return found | {MANIFEST: manifest}


def is_sound(hash: str) -> bool:
    """Whether the folder of this hash was found without a fault by the checks as they are now."""
    return _note(hash).is_file()


def remember(hash: str) -> None:
    """Write down that it was. Where that is not possible, the next opening checks again."""
    note = _note(hash)
    with contextlib.suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()


def _note(hash: str) -> Path:
    return own_folder() / "sound" / hashlib.sha256(f"{hash} {_checks()}".encode()).hexdigest()


@cache
def _checks() -> str:
    """One hash of the checks."""
    root = Path(__file__).parents[1]
    files = sorted(file for pattern in CHECKS for file in root.glob(pattern))
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()
