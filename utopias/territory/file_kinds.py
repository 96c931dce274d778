"""What a file is by its first bytes, where its name says something else: a spreadsheet, or a web page.

Both come often: a table saved by a spreadsheet and renamed, and a download that brought the page of an error.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence

HEAD = 512  # bytes looked at
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # the compound file of .xls
_OFFICE_PARTS = ("xl/", "content.xml")  # what the zip of an .xlsx or an .ods holds
SHOWN = 8  # names of files listed


def refuse_disguised(path: Path) -> None:
    """Refuse a spreadsheet or a web page, whatever its name.

    Raises
    ------
    TableError : ``spreadsheet``, ``web-page``.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise TableError(
            Fault(
                "web-page",
                Sentence("{file} is a web page, not data: the download brought a page instead of the file", file=path.name),
                str(path),
                "open it in a browser to see what it says, and fetch the file again",
            )
        )  # fmt: skip
    if _is_spreadsheet(path, head):
        raise TableError(
            Fault(
                "spreadsheet",
                Sentence("{file} is a spreadsheet", file=path.name),
                str(path),
                "open it and save the sheet with the table as CSV UTF-8; to rename it is not enough",
            )
        )


def names_in(path: Path) -> str:
    """The files of a folder or of a zip, for whoever must name one of them."""
    if path.is_dir():
        names = sorted(file.name for file in path.iterdir() if not file.name.startswith("."))
    else:
        with zipfile.ZipFile(path) as pack:
            names = sorted(one.filename for one in pack.infolist() if not one.is_dir())
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def _is_spreadsheet(path: Path, head: bytes) -> bool:
    if head.startswith(_OLD_OFFICE):
        return True
    if not head.startswith(b"PK"):
        return False
    if b"[Content_Types].xml" in head:
        return True
    try:
        with zipfile.ZipFile(path) as pack:
            return any(name.startswith(_OFFICE_PARTS) for name in pack.namelist())
    except (zipfile.BadZipFile, OSError):
        return False
