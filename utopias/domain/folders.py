"""Folders that are whole or absent: written beside, sealed with hashes, then renamed."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from utopias.domain.errors import Fault, TableError

MANIFEST = "MANIFEST"


@contextmanager
def whole_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a folder to fill; it takes the name ``target`` only when the block ends well.

    On an error, a full disk or Ctrl-C nothing of it stays. A process that is killed leaves at
    most a folder ``.NAME.partial-PID`` beside, which the next writer of the same name sweeps.

    Raises
    ------
    TableError : ``target`` exists and ``replace`` is False, or is no folder of ours.
    """
    target = settled(Path(target))
    must_be_free(target, replace=replace)
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.glob(f".{target.name}.partial-*"):
        if not _alive(stale.name.rpartition("-")[2]):
            shutil.rmtree(stale, ignore_errors=True)
    beside = target.parent / f".{target.name}.partial-{os.getpid()}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        yield beside
        seal(beside)
        _sync(beside)
        old = target.parent / f".{target.name}.old-{os.getpid()}"
        if target.exists():
            os.replace(target, old)
        try:
            os.replace(beside, target)
        except OSError:
            if old.exists():
                os.replace(old, target)
            raise
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def must_be_free(target: Path, *, replace: bool) -> None:
    """Raise TableError where a folder may not be written: asked before long work, not after it.

    An existing folder is replaced only when ``replace`` says so, and only if it is one of ours
    (sealed with a MANIFEST) or empty.
    """
    if not target.exists():
        return
    if not replace:
        fault = Fault("already-there", f"{target} exists", mend="choose another name, or pass replace (--replace)")
        raise TableError(fault)
    if not target.is_dir() or (any(target.iterdir()) and not (target / MANIFEST).exists()):
        what = f"{target} is not a folder that this program wrote; it is left alone"
        raise TableError(Fault("not-ours", what, mend="choose another name"))


def settled(target: Path) -> Path:
    """``target`` itself, after a replacement that was killed between its two renames is undone."""
    if not target.exists():
        for old in target.parent.glob(f".{target.name}.old-*"):
            if not _alive(old.name.rpartition("-")[2]):
                os.replace(old, target)
                break
    return target


def seal(folder: Path) -> None:
    """Write the MANIFEST: one line ``sha256  name`` for every file, sorted by name."""
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}" for path in _files(folder)]
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8")


def manifest_faults(folder: Path) -> list[Fault]:
    """What in ``folder`` is not as its MANIFEST says: changed, missing, or added."""
    path = folder / MANIFEST
    if not path.exists():
        return [
            Fault("no-manifest", f"{folder} has no MANIFEST", mend="it is not a whole folder of ours; make it again")
        ]
    said = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        said[name] = digest
    found = {file.relative_to(folder).as_posix(): file for file in _files(folder)}
    faults = [Fault("file-missing", f"{name} is missing", str(folder)) for name in said if name not in found]
    faults += [Fault("file-added", f"{name} is not in the MANIFEST", str(folder)) for name in found if name not in said]
    faults += [
        Fault(
            "file-changed",
            f"{name} has been changed since it was written",
            str(folder),
            "make the folder again, or take the original",
        )
        for name, file in found.items()
        if name in said and sha256(file) != said[name]
    ]
    return faults


def sha256(path: Path) -> str:
    """The hash of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_hash(folder: Path) -> str:
    """One hash for a sealed folder: that of its MANIFEST."""
    return sha256(folder / MANIFEST)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)


def _sync(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
