"""One file from the net, whole or not at all: resumed where it broke off, tried again a bounded number of times.

A part is only ever continued where the server confirms that it is still the same file (If-Range);
in every other case it starts again. What has come stays on the disk for the next run.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from utopias.domain.errors import Fault, TableError
from utopias.domain.progress import Progress
from utopias.domain.sentences import Sentence
from utopias.territory.gather.content import fault_of_content
from utopias.territory.gather.door import Answer, NoAnswerError, opened
from utopias.territory.gather.part import Mark, Part, part_of
from utopias.territory.gather.recipe import Download

IDLE_ATTEMPTS = 5  # in a row that bring not one byte
MOST_ATTEMPTS = 60  # of one file in one run, however little each brings
LONGEST_PAUSE = 30.0  # seconds between attempts
_PASSING = (408, 425, 429, 500, 502, 503, 504)  # answers that may be others in a while
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")

Tell: TypeAlias = Callable[[str, Mapping[str, Any]], None]


class Open(Protocol):
    """``door.opened``, or a stand-in."""

    def __call__(self, address: str, headers: Mapping[str, str], /) -> AbstractContextManager[Answer]: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on: attempts in a row without a byte, attempts at all, and how to wait (seconds)."""

    idle: int = IDLE_ATTEMPTS
    most: int = MOST_ATTEMPTS
    wait: Callable[[float], None] = time.sleep


class UnreachableError(TableError):
    """The host of an address was not reached: the others of the same host need not be tried as long."""


def fetch(
    download: Download,
    folder: Path,
    *,
    progress: Progress,
    tell: Tell,
    patience: Patience,
    ask: Open = opened,
) -> Path:
    """The file of ``download`` in ``folder``: the one that lies there, if it is right, else fetched.

    progress : is called with the file's name and the share that has come (0 where its length is not known).
    tell : is called with ``moved`` (address), ``again`` (why, seconds), ``changed`` (the part was of another version).

    Raises
    ------
    UnreachableError : ``unreachable``.
    TableError : ``not-fetched`` (with the server's answer), ``cut-short``, ``wrong-checksum``, ``web-page``,
        ``not-this-kind``, ``empty-file``, ``disk-full``, ``being-fetched``. A file that came whole and is wrong is
        kept aside as ``NAME.wrong``.
    """
    target = folder / download.file
    if target.exists():
        wrong = fault_of_content(target, download)
        if wrong is not None:
            raise TableError(wrong)
        return target
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with part_of(target) as part:
            _must_fit(download, folder, part.size)
            _fill(part, download, progress, tell, patience, ask, target)
            wrong = fault_of_content(part.path, download)
            if wrong is not None:
                aside = target.with_name(target.name + ".wrong")
                part.becomes(aside)
                raise TableError(_named(wrong, target, aside))
            part.becomes(target)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise TableError(_full(folder)) from None
    return target


def _fill(
    part: Part, download: Download, progress: Progress, tell: Tell, patience: Patience, ask: Open, target: Path
) -> None:
    """Bring the part to its full length. Raises TableError as ``fetch`` does."""
    idle, best, why, offline, again = 0, part.size, Sentence("no attempt was made"), False, True
    for turn in range(patience.most):
        pause = 0.0
        try:
            if _attempt(part, download, progress, tell, ask):
                return
            why = Sentence("it ends before its time, at {have:,} bytes", have=part.size)
            offline = False
        except NoAnswerError as error:
            why, offline, again = error.why, error.offline, error.again
        except _LaterError as error:
            why, offline, pause = error.why, False, error.seconds
        idle, best = (0, part.size) if part.size > best else (idle + 1, best)  # starting again is no headway
        if not again or idle >= patience.idle or turn + 1 == patience.most:
            break
        pause = min(max(pause, 2.0 ** max(idle - 1, 0)), LONGEST_PAUSE)
        tell("again", {"file": download.file, "why": why, "seconds": pause})
        patience.wait(pause)
    raise _gave_up(part, download, why, again, offline, target)


class _LaterError(Exception):
    """The server is there and cannot answer now. seconds : how long it asks to wait."""

    def __init__(self, why: Sentence, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.why, self.seconds = why, seconds


def _attempt(part: Part, download: Download, progress: Progress, tell: Tell, ask: Open) -> bool:
    """Ask once, take what comes; True where the part is then whole."""
    have, mark = part.size, part.mark
    resume = have > 0 and mark.address == download.address and bool(mark.validator)
    headers = {"Range": f"bytes={have}-", "If-Range": mark.validator} if resume else {}
    with ask(download.address, headers) as answer:
        if answer.address != download.address:
            tell("moved", {"file": download.file, "address": answer.address})
        start, end, total = _range_of(answer)
        if answer.status == 416 and resume:
            if total == have and not mark.is_other(answer.headers, total):
                return True
            part.begin(Mark())
            return False
        if answer.status == 206 and resume:
            if start != have or answer.encoded or mark.is_other(answer.headers, total):
                tell("changed", {"file": download.file})
                part.begin(Mark())
                return False
            if mark.total < 0 <= total:
                mark = Mark(mark.address, mark.etag, mark.modified, total)
            stop = end + 1
        elif answer.status == 200:
            if resume and have:
                tell("changed", {"file": download.file})
            total = -1 if answer.encoded else _length_of(answer)
            mark = Mark.of(download.address, {} if answer.encoded else answer.headers, total)
            part.begin(mark)
            have, stop = 0, total
        else:
            raise _refused(answer)
        expected = mark.total if mark.total > 0 else download.size
        for chunk in answer.chunks:
            part.add(chunk)
            have += len(chunk)
            progress(download.file, min(have / expected, 1.0) if expected else 0.0)
    if mark.total >= 0:
        return have == mark.total
    return stop < 0 or have == stop  # nobody said how long: it is whole where the connection ended well


def _refused(answer: Answer) -> Exception:
    """What an answer that holds no file means: later, or never."""
    why = Sentence("the server answers {status}", status=answer.status)
    if answer.status in _PASSING:
        asked = answer.headers.get("Retry-After", "")
        return _LaterError(why, float(asked) if asked.isdecimal() else 0.0)
    return NoAnswerError(why, again=False)


def _range_of(answer: Answer) -> tuple[int, int, int]:
    """First and last byte and full length of a Content-Range; -1 where not said."""
    said = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    if said is None:
        return -1, -1, -1
    first, last, total = (int(one) if one and one != "*" else -1 for one in said.groups())
    return first, last, total


def _length_of(answer: Answer) -> int:
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isdecimal() else -1


def _gave_up(part: Part, download: Download, why: Sentence, again: bool, offline: bool, target: Path) -> TableError:
    have = part.size
    code = "unreachable" if offline else "cut-short" if have else "not-fetched"
    page = download.page or download.address
    by_hand = Sentence(
        "try again later, or fetch it by hand ({page}) and put it at {target}", page=page, target=str(target)
    )
    if not again and not offline:
        by_hand = Sentence("mend its address in the recipe, or fetch it by hand ({page}) and put it at {target}", page=page, target=str(target))  # fmt: skip
    elif have:
        by_hand = Sentence("run again: it goes on after {have:,} bytes; or fetch it by hand ({page}) and put it at {target}", have=have, page=page, target=str(target))  # fmt: skip
    what = Sentence("{file} could not be fetched: {why}", file=download.file, why=why)
    kind = UnreachableError if offline else TableError
    return kind(Fault(code, what, download.address, by_hand))


def _must_fit(download: Download, folder: Path, have: int) -> None:
    """Fault ``disk-full`` before the first byte, where the recipe knows the size."""
    if download.size - have > shutil.disk_usage(folder).free:
        raise TableError(_full(folder))


def _full(folder: Path) -> Fault:
    mend = (
        "make room and run again: what has come stays, and goes on from there; or choose another disk with --downloads"
    )
    return Fault("disk-full", Sentence("there is no room left in {folder}", folder=folder.name), str(folder), mend)


def _named(fault: Fault, target: Path, aside: Path) -> Fault:
    """A fault found in the part, in the name of the file, and where it was put aside."""
    what = fault.what
    if isinstance(what, Sentence):
        what = Sentence(what.template, **what.values | {"file": target.name})
    return Fault(fault.code, what, Sentence("kept aside as {aside}", aside=os.fspath(aside)), fault.mend)
