"""Members of a zip, taken out by the recipe's pattern: each under its bare name, so that no name leads out of the folder."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence

PIECE = 1 << 20  # bytes copied at once
SHOWN = 12  # names listed in a fault


def unpacked(pack: Path, pattern: str, into: Path) -> Path:
    """The member of ``pack`` that ``pattern`` names, copied into ``into``; a shapefile with all of its parts.

    pattern : as the shell has it, over the whole name in the zip; ``*`` also crosses folders. Empty: the only
        file there is; a zip with a shapefile is then given back as it is, for its reader knows zips.

    Raises
    ------
    TableError : ``no-such-member``, ``several-members`` (which there are), ``broken-zip``, ``disk-full``.
    """
    try:
        with zipfile.ZipFile(pack) as files:
            names = [one.filename for one in files.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
            if not pattern and any(name.lower().endswith(".shp") for name in names):
                return pack
            chosen = _chosen(names, pattern, pack)
            parts = [name for name in names if _is_part(name, chosen)]
            _must_fit(pack, sum(files.getinfo(name).file_size for name in parts), into)
            into.mkdir(parents=True, exist_ok=True)
            for name in parts:
                with files.open(name) as source, (into / PurePosixPath(name).name).open("wb") as copy:
                    shutil.copyfileobj(source, copy, PIECE)
            return into / PurePosixPath(chosen).name
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        what = Sentence("{file} cannot be unpacked: {error}", file=pack.name, error=str(error))
        raise TableError(Fault("broken-zip", what, str(pack), "delete it and fetch it again")) from None


def _chosen(names: list[str], pattern: str, pack: Path) -> str:
    found = [name for name in names if fnmatchcase(name, pattern)] if pattern else names
    if len(found) == 1:
        return found[0]
    shown = ", ".join((found or names)[:SHOWN])
    if not found:
        what = Sentence("{file} holds no {pattern}", file=pack.name, pattern=pattern)
        raise TableError(Fault("no-such-member", what, str(pack), Sentence("mend member in the recipe; it holds: {names}", names=shown)))  # fmt: skip
    what = Sentence("{count:,} files of {file} could be meant", count=len(found), file=pack.name)
    mend = Sentence("say in the recipe which one: member = ...; for example: {names}", names=shown)
    raise TableError(Fault("several-members", what, str(pack), mend, len(found)))


def _is_part(name: str, chosen: str) -> bool:
    """The member itself; of a shapefile every file of its name in its folder."""
    if name == chosen or not chosen.lower().endswith(".shp"):
        return name == chosen
    one, other = PurePosixPath(name), PurePosixPath(chosen)
    return one.parent == other.parent and one.name.split(".")[0] == other.name.split(".")[0]


def _must_fit(pack: Path, size: int, into: Path) -> None:
    home = next(path for path in into.absolute().parents if path.exists())
    if size > shutil.disk_usage(home).free:
        what = Sentence("there is no room left in {folder}", folder=home.name)
        mend = Sentence("{file} unpacks to {size:,} bytes: make room and run again", file=pack.name, size=size)
        raise TableError(Fault("disk-full", what, str(home), mend))
