"""The beginning of a file: what has come so far, and by what the server would know it is still the same file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence

if sys.platform != "win32":
    import fcntl


@dataclass(frozen=True, slots=True)
class Mark:
    """What the server said of the file when its first bytes came; total : bytes, -1 where it did not say."""

    address: str = ""
    etag: str = ""
    modified: str = ""
    total: int = -1

    @classmethod
    def of(cls, address: str, headers: Mapping[str, str], total: int) -> Mark:
        return cls(address, headers.get("ETag", ""), headers.get("Last-Modified", ""), total)

    @property
    def validator(self) -> str:
        """For If-Range: a strong ETag, else the date; a weak ETag may not be used (RFC 9110, 13.1.5)."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified

    def is_other(self, headers: Mapping[str, str], total: int) -> bool:
        """Whether an answer speaks of another version of the file."""
        etag = headers.get("ETag", "")
        return bool(etag and self.etag and etag != self.etag) or (total >= 0 <= self.total and total != self.total)


@dataclass(eq=False)
class Part:
    """``NAME.part`` while it is open, and ``NAME.part.json`` with its mark."""

    path: Path
    file: BinaryIO
    mark: Mark

    @property
    def size(self) -> int:
        return self.file.seek(0, os.SEEK_END)

    def begin(self, mark: Mark) -> None:
        """Throw away what has come, and remember whose beginning comes now."""
        self.file.truncate(0)
        self.file.seek(0)
        self.mark = mark
        _beside(self.path).write_text(json.dumps(asdict(mark)), encoding="utf-8")

    def add(self, chunk: bytes) -> None:
        left = memoryview(chunk)
        while left:  # a file without a buffer may take less than it is given, as a disk does that is nearly full
            left = left[self.file.write(left) :]

    def becomes(self, target: Path) -> None:
        """Take the whole name, safely on the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        os.replace(self.path, target)
        _beside(self.path).unlink(missing_ok=True)


@contextmanager
def part_of(target: Path) -> Iterator[Part]:
    """The part of ``target``, held by this run alone; whatever happens, what has come stays for the next run.

    Raises
    ------
    TableError : ``being-fetched``, another run holds it.
    """
    path = target.with_name(target.name + ".part")
    file = path.open("a+b", buffering=0)
    try:
        _hold(file, path)
        yield Part(path, file, _read_mark(path))
    finally:
        empty = not file.closed and file.seek(0, os.SEEK_END) == 0
        file.close()
        if empty:
            path.unlink(missing_ok=True)
            _beside(path).unlink(missing_ok=True)


def _hold(file: BinaryIO, path: Path) -> None:
    if sys.platform == "win32":
        return  # there the system itself refuses to rename a file that another run has open
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        what = Sentence("another run is fetching {file}", file=path.name.removesuffix(".part"))
        raise TableError(Fault("being-fetched", what, str(path), "wait for it, or stop it")) from None


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _read_mark(path: Path) -> Mark:
    """The mark; an empty one, which resumes nothing, where it is lost or damaged."""
    try:
        said = json.loads(_beside(path).read_text(encoding="utf-8"))
        return Mark(str(said["address"]), str(said["etag"]), str(said["modified"]), int(said["total"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Mark()
