"""Folders that are whole or absent: written beside, sealed with hashes, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence

MANIFEST = "MANIFEST"
# What desktops leave in any folder that is looked at: nobody's work.
DROPPINGS = (".DS_Store", "Thumbs.db", "desktop.ini")


@contextmanager
def whole_folder(target: Path, *, replace: bool = False, kind: str = "") -> Iterator[Path]:
    """Give a folder to fill; it takes the name ``target`` only when the block ends well.

    On an error, a full disk or Ctrl-C nothing of it stays. A process that is killed leaves at
    most a folder ``.NAME.partial-PID`` beside, which the next writer of the same name sweeps.

    kind : the file by which such a folder is known ("plan.json"); see ``must_be_free``.

    Raises
    ------
    TableError : ``target`` exists and ``replace`` is False, or is no folder of ours, or one of another kind.
    """
    target = settled(Path(target))
    must_be_free(target, replace=replace, kind=kind)
    target.parent.mkdir(parents=True, exist_ok=True)
    for kind in ("partial", "old"):
        for stale in target.parent.glob(f".{target.name}.{kind}-*"):
            if not _alive(stale.name.rpartition("-")[2]):
                shutil.rmtree(stale, ignore_errors=True)
    beside = target.parent / f".{target.name}.partial-{os.getpid()}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        yield beside
        seal(beside)
        _sync(beside)
        _take_name(beside, target, replace=replace)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _take_name(beside: Path, target: Path, *, replace: bool) -> None:
    """Rename, so that at every moment the old folder or the new one can be found; Ctrl-C brings the old one back."""
    old = target.parent / f".{target.name}.old-{os.getpid()}"
    try:
        if replace and target.exists():
            os.replace(target, old)
        os.rename(beside, target)  # refused by the system itself where somebody else took the name meanwhile
    except BaseException as error:
        if old.exists() and not target.exists():
            os.replace(old, target)
        if isinstance(error, OSError) and error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            raise TableError(_written_meanwhile(target)) from None
        raise
    shutil.rmtree(old, ignore_errors=True)


def must_be_free(target: Path, *, replace: bool, kind: str = "") -> None:
    """Raise TableError where a folder may not be written: asked before long work, not after it.

    An existing folder is replaced only when ``replace`` says so, and only if it is empty or one of ours:
    sealed with a MANIFEST, and without a file that we did not put there. With ``kind``, the file by which the
    folder to be written is known, only where that file is there too: tables never take a town's or a plan's place.
    """
    if not target.exists():
        _must_be_writable(target)
        return
    if not replace:
        fault = Fault(
            "already-there",
            Sentence("{target} exists", target=target),
            mend="choose another name, or pass replace (--replace)",
        )
        raise TableError(fault)
    if not target.is_dir() or (any(target.iterdir()) and not (target / MANIFEST).exists()):
        what = Sentence("{target} is not a folder that this program wrote; it is left alone", target=target)
        raise TableError(Fault("not-ours", what, mend="choose another name"))
    if kind and any(target.iterdir()) and not (target / kind).exists():
        what = Sentence("{target} holds something else of this program (no {kind}); it is left alone", target=target, kind=kind)  # fmt: skip
        raise TableError(Fault("another-kind", what, mend="choose another name"))
    guests = [path.relative_to(target).as_posix() for path in files_of(target)] if any(target.iterdir()) else []
    guests = sorted(set(guests) - set(_said(target)))
    if guests:
        raise TableError(
            Fault(
                code="not-ours",
                what=Sentence(
                    "{target} also holds {count} files that this program did not write; it is left alone",
                    target=target,
                    count=len(guests),
                ),
                where=str(target),
                mend="move them out, or choose another name",
                count=len(guests),
                first=guests[0],
            )
        )
    _must_be_writable(target)


def _must_be_writable(target: Path) -> None:
    """Raise TableError where the folder that ``target`` is to stand in is no folder, or may not be written."""
    home = next(path for path in target.absolute().parents if path.exists())
    if not home.is_dir():
        fault = Fault(
            "not-a-folder", Sentence("{home} is a file, so nothing can be in it", home=home), mend="choose another name"
        )
    elif not os.access(home, os.W_OK | os.X_OK):
        fault = Fault(
            "not-writable",
            Sentence("{home} may not be written by you", home=home),
            mend="choose another folder, or ask for leave",
        )
    else:
        return
    raise TableError(fault)


@dataclass(eq=False)
class Claim:
    """A folder's name that one run writes more than once: first a plan, later the same plan with more.

    Refused at once where the name is taken. Each writing is refused when somebody else has written the folder
    since the last look, so that two runs into one name end in one whole folder and one clear word.
    """

    target: Path
    replace: bool = False
    kind: str = ""
    _seen: str = field(default="", init=False)

    def __post_init__(self) -> None:
        must_be_free(settled(self.target), replace=self.replace, kind=self.kind)
        self._seen = _state(self.target)

    def write(self, save: Callable[[bool], object]) -> None:
        """Call ``save`` with whether the folder that is there may be replaced."""
        if _state(self.target) != self._seen:
            raise TableError(_written_meanwhile(self.target))
        save(self._seen != _state(None))
        self._seen = _state(self.target)


def _state(folder: Path | None) -> str:
    """What stands at a name: nothing, something without a MANIFEST, or the hash of its MANIFEST."""
    if folder is None or not folder.exists():
        return "nothing"
    return folder_hash(folder) if (folder / MANIFEST).is_file() else "no manifest"


def _written_meanwhile(target: Path) -> Fault:
    return Fault(
        code="already-there",
        what=Sentence("another run has written {target} meanwhile; what it wrote is left as it is", target=target),
        mend="choose another name and run again",
    )


def settled(target: Path) -> Path:
    """``target`` itself, after a replacement that was killed between its two renames is undone."""
    if not target.exists():
        for old in target.parent.glob(f".{target.name}.old-*"):
            if not _alive(old.name.rpartition("-")[2]):
                os.replace(old, target)
                break
    return target


# What a folder that is no plan is instead, by the file it is known by, and the next move for its reader.
_OTHER_KINDS = {
    "equip.json": Sentence(
        "this is a plan of sites and services, from utopias equip: utopias report and utopias verify read it"
    ),
    "phases.json": Sentence(
        "this is a schedule, from utopias phase: utopias report and utopias verify read it; give here the plan it was made from"
    ),
    "trade_off.json": Sentence("this is a curve, from utopias trade-off: give it to utopias report PLAN --trade-off"),
    "town.toml": Sentence("this is a town: make a plan of it with utopias site, and give its folder"),
}


def no_plan_there(folder: Path) -> Fault:
    """The refusal of a folder that is no plan: it says what it is instead, where that can be seen."""
    mend = next(
        (told for file, told in _OTHER_KINDS.items() if (folder / file).is_file()), "give the folder that --out named"
    )
    return Fault("no-plan", Sentence("{source} is not a plan folder", source=folder), mend=mend)


def seal(folder: Path) -> None:
    """Write the MANIFEST: one line ``sha256  name`` for every file, sorted by name."""
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}" for path in files_of(folder)]
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8")


def manifest_faults(folder: Path) -> list[Fault]:
    """What in ``folder`` is not as its MANIFEST says: changed, missing, or added."""
    path = folder / MANIFEST
    if not path.exists():
        return [
            Fault(
                "no-manifest",
                Sentence("{folder} has no MANIFEST", folder=folder),
                mend="it is not a whole folder of ours; make it again",
            )
        ]
    said = _said(folder)
    found = {file.relative_to(folder).as_posix(): file for file in files_of(folder)}
    faults = [
        Fault("file-missing", Sentence("{name} is missing", name=name), str(folder))
        for name in said
        if name not in found
    ]
    faults += [
        Fault("file-added", Sentence("{name} is not in the MANIFEST", name=name), str(folder))
        for name in found
        if name not in said
    ]
    faults += [
        Fault(
            "file-changed",
            Sentence("{name} has been changed since it was written", name=name),
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


def own_folder() -> Path:
    """The user's own folder for what can always be made again: machine code, notes of what was checked."""
    home = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return (Path(home) if home else Path.home() / ".cache") / "utopias"


def folder_hash(folder: Path) -> str:
    """One hash for a sealed folder: that of its MANIFEST."""
    return sha256(folder / MANIFEST)


def _said(folder: Path) -> dict[str, str]:
    """What the MANIFEST says: the hash of each file by its name."""
    lines = (
        (folder / MANIFEST).read_text(encoding="utf-8", errors="replace").splitlines()
        if (folder / MANIFEST).exists()
        else []
    )
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def files_of(folder: Path) -> list[Path]:
    """Every file of a folder but its MANIFEST and what desktops leave there, sorted."""
    kept = (path for path in folder.rglob("*") if path.name != MANIFEST and path.name not in DROPPINGS)
    return sorted(path for path in kept if path.is_file())


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
