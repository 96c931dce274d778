"""Whether a file is what the recipe says, by its first bytes (and a zip by its last): an error page is no data."""

from __future__ import annotations

import zipfile
from pathlib import Path

from utopias.domain.errors import Fault
from utopias.domain.folders import sha256
from utopias.domain.sentences import Sentence
from utopias.territory.gather.recipe import Download

HEAD = 4096  # bytes that are looked at
TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")  # little and big endian, classic and BigTIFF


def fault_of_content(path: Path, download: Download) -> Fault | None:
    """What is wrong with a file that lies here, or None: ``wrong-checksum``, ``web-page``, ``not-this-kind``, ``empty-file``.

    Where a checksum is known it alone decides. Where none is known, a CSV or an extract of
    OpenStreetMap that was cut at a full byte cannot be told from a whole one here; its reader may.
    """
    if download.sha256:
        found = sha256(path)
        if found == download.sha256:
            return None
        what = Sentence(
            "{file} is not the file that the recipe means: its sha256 is {found}", file=path.name, found=found
        )
        mend = "if the publisher has renewed it, look at what changed and write its sha256 into the recipe; else fetch it again"
        return Fault("wrong-checksum", what, str(path), mend)
    if path.stat().st_size == 0:
        return Fault("empty-file", Sentence("{file} is empty", file=path.name), str(path), "export or fetch it again")
    with path.open("rb") as file:
        head = file.read(HEAD)
    if is_page(head):
        what = Sentence("{file} is a web page, not a {kind}", file=path.name, kind=download.kind)
        mend = "open the address in a browser: it has moved, or asks for something; fetch the file by hand, or mend the recipe"
        return Fault("web-page", what, str(path), mend)
    if not is_kind(path, head, download.kind):
        what = Sentence("{file} is no whole {kind}", file=path.name, kind=download.kind)
        return Fault("not-this-kind", what, str(path), "fetch it again, or mend kind in the recipe")
    return None


def is_page(head: bytes) -> bool:
    """Whether bytes begin a web page."""
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")) or (
        start.startswith(b"<?xml") and b"<html" in start
    )


def is_kind(path: Path, head: bytes, kind: str) -> bool:
    """Whether a file that begins with ``head`` is of one of the recipe's kinds."""
    if kind == "zip":
        return head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and zipfile.is_zipfile(path)
    if kind == "pbf":  # a length of the first header, then its name (OSM wiki, PBF format)
        return int.from_bytes(head[:4], "big") < 65_536 and b"OSMHeader" in head[:64]
    if kind == "tif":
        return head.startswith(TIFF)
    if kind == "gpkg":
        return head.startswith(b"SQLite format 3\x00")
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if kind == "geojson":
        return text.startswith(b"{")
    return not text.startswith((b"<", b"PK\x03\x04", b"\x1f\x8b", b"%PDF")) and b"\x00" not in head
