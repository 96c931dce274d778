"""The recipe: a small TOML text that says which files make a town, where they lie, and what becomes of each.

    name = "Iztapalapa"
    crs = "EPSG:32614"                      # metres; without it the UTM zone of the blocks
    zone = "America/Mexico_City"
    currency = "MXN"
    about = { es = "...", en = "..." }      # one sentence for ``gather --list``

    [downloads.census]
    address = "https://www.inegi.org.mx/....zip"
    kind = "zip"                            # what it must turn out to be: zip, pbf, csv, tif, gpkg, geojson
    licence = "..."
    sha256 = "..."                          # and bytes, where known
    verified = false                        # nobody has fetched it by this recipe yet; seen: when it was read elsewhere

    [build]                                 # the words of ``build``: blocks, shapes, streets, units, ...
    blocks = { from = "census", member = "*/ageb_urbana.csv", columns = "columns/census.toml" }
    streets = "streets"                     # short for { from = "streets" }
    units = { file = "units.csv" }          # a file beside the recipe
    key = "CVEGEO"

    [area]
    planned = { MUN = "007" }               # rows of the blocks that are planned; the others are the surroundings
    around = "3 km"                         # of which only those this near are kept
    without_shape = 0.01                    # up to this share of people may live in blocks without a shape

A key that is not known is a fault, and every fault of a recipe is told at once. Nothing is fetched here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from utopias.domain.errors import Fault, QuantityError, TableError
from utopias.domain.findings import Source
from utopias.domain.quantities import Length
from utopias.domain.sentences import Sentence

KINDS = ("zip", "pbf", "csv", "tif", "gpkg", "geojson")
# The files ``build_town`` takes, and whether a column file may stand beside each.
INPUTS = {
    "blocks": True, "shapes": True, "streets": True, "street_front": True, "terrain": False, "units": True, "sites": True, "providers": True,
    "schools": True, "modules": True, "surroundings": True, "weight_surface": True, "known_area": True,
}  # fmt: skip
SEVERAL = ("shapes", "terrain")  # may be given in several files, which are put together
_TOP = {"name": str, "crs": str, "zone": str, "currency": str, "about": (str, dict), "downloads": dict, "build": dict, "area": dict}  # fmt: skip
_DOWNLOAD = {
    "address": str, "file": str, "kind": str, "licence": str, "source": str, "date": str, "sha256": str, "bytes": int,
    "verified": bool, "seen": str, "page": str, "note": (str, dict),
}  # fmt: skip
_INPUT = {"from": (str, list), "member": (str, list), "file": str, "columns": str}
_AREA = {"planned": dict, "around": str, "without_shape": (int, float)}
_NEEDED = {"recipe": ("name", "zone", "currency", "downloads", "build"), "download": ("address", "kind", "licence")}


@dataclass(frozen=True, slots=True)
class Download:
    """One file at one address. size : bytes, 0 where not known. file : its name in the folder of downloads."""

    key: str
    address: str
    file: str
    kind: str
    licence: str
    source: str = ""
    date: str = ""
    sha256: str = ""
    size: int = 0
    verified: bool = False
    seen: str = ""
    page: str = ""
    note: Mapping[str, str] = field(default_factory=dict)

    def as_source(self) -> Source:
        """Whom to name in a report of the town."""
        return Source(self.source or self.file, self.address, self.licence, self.date)


@dataclass(frozen=True, slots=True)
class Input:
    """What one word of ``build`` is made of: downloads by key with members of their zips, or a file beside the recipe."""

    downloads: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    file: Path | None = None
    columns: Path | None = None


@dataclass(frozen=True)
class Recipe:
    """A recipe that was read and checked.

    planned : column -> values of the rows of ``blocks`` that are planned; empty: all are.
    around : metres; None keeps all surroundings. without_shape : share of people, 0 to 0.05.
    """

    path: Path
    name: str
    zone: str
    currency: str
    downloads: tuple[Download, ...]
    inputs: Mapping[str, Input]
    crs: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    planned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    around: float | None = None
    without_shape: float = 0.0

    @property
    def id(self) -> str:
        """The name by which the command line calls it."""
        return self.path.stem

    def without(self, words: Iterable[str]) -> Recipe:
        """The recipe without these words of ``build``, and without the downloads that only they need.

        Raises
        ------
        TableError : ``not-in-recipe``, a word that the recipe does not have, or ``blocks``.
        """
        left = set(words)
        may_go = [word for word in self.inputs if word != "blocks"]
        strange = sorted(left - set(may_go))
        if strange:
            what = Sentence("{word!r} cannot be left out of the recipe {recipe}", word=strange[0], recipe=self.id)
            use = Sentence("use one of: {known}", known=", ".join(may_go))
            raise TableError(Fault("not-in-recipe", what, mend=use, count=len(strange)))
        inputs = {word: one for word, one in self.inputs.items() if word not in left}
        used = {name for one in inputs.values() for name in one.downloads}
        return replace(self, inputs=inputs, downloads=tuple(one for one in self.downloads if one.key in used))


def read_recipe(path: str | Path) -> Recipe:
    """Read and check a recipe.

    Raises
    ------
    TableError : ``no-such-file``, ``not-utf-8``, ``not-toml``, ``unknown-key``, ``missing-key``, ``bad-value``,
        ``bad-address``, ``bad-checksum``, ``no-such-download``, ``unused-download``, ``same-file``; all at once.
    """
    file = Path(path)
    try:
        said = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError:
        mend = "mend the path, or see the recipes that come along: utopias gather --list"
        raise TableError(Fault("no-such-file", Sentence("there is no recipe {file}", file=file.name), str(file), mend)) from None  # fmt: skip
    except UnicodeDecodeError:
        raise TableError(Fault("not-utf-8", Sentence("{file} is not UTF-8 text", file=file.name), mend="save it as UTF-8")) from None  # fmt: skip
    except tomllib.TOMLDecodeError as error:
        what = Sentence("{file} cannot be read as TOML: {error}", file=file.name, error=str(error))
        raise TableError(Fault("not-toml", what, str(file), 'write it as TOML: name = "..."')) from None
    reader = _Reader(file)
    made = reader.recipe(said)
    if reader.faults:
        raise TableError(reader.faults)
    assert made is not None
    return made


class _Reader:
    """Takes the TOML apart and keeps every fault."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []

    def fault(self, code: str, what: str, mend: str, table: str = "") -> None:
        name = self.path.name
        self.faults.append(Fault(code, what, Sentence("[{table}] of {file}", table=table, file=name) if table else name, mend))  # fmt: skip

    def checked(self, said: Mapping[str, Any], kinds: Mapping[str, Any], table: str, needed: tuple[str, ...] = ()) -> dict[str, Any]:  # fmt: skip
        """The keys that are known and of the right kind; a needed one that is absent is a fault."""
        good = {}
        for key, value in said.items():
            kind = kinds.get(key)
            if kind is None:
                use = Sentence("use one of: {known}", known=", ".join(kinds))
                self.fault("unknown-key", Sentence("{key!r} is not known here", key=key), use, table)
            elif not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool) or value == "":
                self.bad(key, value, "see manual/gather.md for what each key holds", table)
            else:
                good[key] = value
        for key in needed:
            if key not in said:
                mend = "see manual/gather.md for what each key holds"
                self.fault("missing-key", Sentence("{key} is not said", key=key), mend, table)
        return good

    def bad(self, key: str, value: object, mend: str, table: str = "") -> None:
        self.fault("bad-value", Sentence("{key} cannot be {value!r}", key=key, value=value), mend, table)

    def recipe(self, said: dict[str, Any]) -> Recipe | None:
        good = self.checked(said, _TOP, "", _NEEDED["recipe"])
        downloads = [self.download(key, one) for key, one in good.get("downloads", {}).items()]
        kept = tuple(one for one in downloads if one is not None)
        inputs, key = self.build(dict(good.get("build", {})), set(good.get("downloads", {})))
        by_file: dict[str, str] = {}
        for one in kept:
            other = by_file.setdefault(one.file.casefold(), one.key)
            if other != one.key:
                what = Sentence(
                    "{one} and {other} would be the same file {file}", one=other, other=one.key, file=one.file
                )
                self.fault("same-file", what, 'give one of them another name: file = "..."', f"downloads.{one.key}")
        if "build" in good:
            for name in sorted(good.get("downloads", {}).keys() - _named(good["build"])):
                what = Sentence("{key} is downloaded for nothing", key=name)
                self.fault("unused-download", what, "name it in [build], or take it out", f"downloads.{name}")
        planned, around, spare = self.area(good.get("area", {}), inputs)
        if self.faults:
            return None
        return Recipe(
            path=self.path,
            name=good["name"],
            zone=good["zone"],
            currency=good["currency"],
            downloads=kept,
            inputs=inputs,
            crs=good.get("crs", ""),
            about=_by_language(good.get("about", {})),
            key=key,
            planned=planned,
            around=around,
            without_shape=spare,
        )

    def download(self, key: str, said: Any) -> Download | None:
        table, before = f"downloads.{key}", len(self.faults)
        if not isinstance(said, dict):
            self.bad(key, said, Sentence("write [downloads.{key}] on a line of its own", key=key), "downloads")
            return None
        good = self.checked(said, _DOWNLOAD, table, _NEEDED["download"])
        address = good.get("address", "")
        if address:
            self.address(address, "address", table)
        if good.get("page"):
            self.address(good["page"], "page", table)
        if good.get("kind", "zip") not in KINDS:
            self.bad("kind", good["kind"], Sentence("use one of: {known}", known=", ".join(KINDS)), table)
        if good.get("bytes", 1) < 1:
            self.bad("bytes", good["bytes"], "write how many bytes it has, or leave it out", table)
        if "sha256" in good and not re.fullmatch(r"[0-9a-fA-F]{64}", good["sha256"]):
            what = Sentence("{value!r} is no sha256", value=good["sha256"])
            self.fault("bad-checksum", what, "it has 64 signs of 0 to 9 and a to f: sha256sum FILE prints it", table)
        file = good.get("file") or unquote(PurePosixPath(urlsplit(address).path).name if self._splits(address) else "")
        if address and not re.fullmatch(r"[^\W_][^/\\:\x00-\x1f]*", file):
            self.bad("file", file, 'say under which name it is kept, without folders: file = "census.zip"', table)
        if len(self.faults) > before:
            return None
        return Download(
            key, address, file, good["kind"], good["licence"], good.get("source", ""), good.get("date", ""),
            good.get("sha256", "").lower(), good.get("bytes", 0), good.get("verified", False), good.get("seen", ""),
            good.get("page", ""), _by_language(good.get("note", {})),
        )  # fmt: skip

    @staticmethod
    def _splits(address: str) -> bool:
        try:
            urlsplit(address)
        except ValueError:
            return False
        return True

    def address(self, address: str, key: str, table: str) -> None:
        """Fault ``bad-address``: no http or https, no host, or a name and password in it."""
        parts = urlsplit(address) if self._splits(address) else None
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", address):
            what = Sentence("{value!r} is no address of the web", value=address)
            self.fault("bad-address", what, "write it whole: https://host/path/file.zip", table)
        elif parts.username or parts.password:
            what = Sentence("the {key} holds a name or a password", key=key)
            self.fault("bad-address", what, "a recipe is published: give an address that needs none", table)

    def build(self, said: dict[str, Any], downloads: set[str]) -> tuple[dict[str, Input], str]:
        key = said.pop("key", "")
        if not isinstance(key, str):
            self.bad("key", key, "name the column that joins blocks and shapes", "build")
            key = ""
        made = {}
        for word, value in self.checked(said, dict.fromkeys(INPUTS, (str, dict)), "build", ("blocks",)).items():
            one = self.input(word, {"from": value} if isinstance(value, str) else value, downloads)
            if one is not None:
                made[word] = one
        return made, key

    def input(self, word: str, said: dict[str, Any], downloads: set[str]) -> Input | None:
        table, before = f"build.{word}", len(self.faults)
        good = self.checked(said, _INPUT, table)
        if ("from" in good) == ("file" in good):
            self.fault("missing-key", "one of from and file is needed", "name a download, or a file beside the recipe", table)  # fmt: skip
            return None
        names, members = (_listed(good.get(key, [])) for key in ("from", "member"))
        for value, key in ((names, "from"), (members, "member")):
            if any(not isinstance(one, str) or not one for one in value) or good.get(key) == []:
                self.bad(key, good[key], "name one, or a list of them", table)
        for name in names:
            if isinstance(name, str) and name not in downloads:
                known = Sentence("use one of: {known}", known=", ".join(sorted(downloads)))
                self.fault("no-such-download", Sentence("no download is called {name!r}", name=name), known, table)
        several = len(names) * max(len(members), 1) > 1
        if several and word not in SEVERAL:
            self.bad("from", good.get("from"), Sentence("only {known} may come in several files", known=", ".join(SEVERAL)), table)  # fmt: skip
        if "columns" in good and (several or not INPUTS[word]):
            self.bad("columns", good["columns"], "leave it out: no column file is read with it", table)
        paths = {key: self.path.parent / good[key] for key in ("file", "columns") if key in good}
        for key, path in paths.items():
            if not path.is_file():
                what = Sentence("there is no file {file} beside the recipe", file=good[key])
                self.fault("no-such-file", what, "put it there, or mend the name", table)
        if len(self.faults) > before:
            return None
        return Input(tuple(names), tuple(members), paths.get("file"), paths.get("columns"))

    def area(self, said: dict[str, Any], inputs: Mapping[str, Input]) -> tuple[dict[str, tuple[str, ...]], float | None, float]:  # fmt: skip
        good = self.checked(said, _AREA, "area")
        planned = {}
        for column, value in good.get("planned", {}).items():
            values = _listed(value)
            if not values or any(isinstance(one, dict | list) for one in values):
                self.bad(column, value, 'write planned = { MUN = "007" }, or a list of values', "area")
            planned[str(column)] = tuple(str(one) for one in values)
        if len(planned) > 1:  # the others are then not simply the rows that lack them
            self.bad("planned", good["planned"], "name one column", "area")
        if planned and "surroundings" in inputs:
            what = "planned parts the blocks, and [build] gives surroundings as well"
            self.fault("bad-value", what, "keep one of them", "area")
        around = None
        if "around" in good:
            try:
                around = Length.of(good["around"]).metres
            except QuantityError:
                self.bad("around", good["around"], 'write a length with its unit: around = "3 km"', "area")
        spare = float(good.get("without_shape", 0.0))
        if not 0 <= spare <= 0.05:
            self.bad("without_shape", spare, "write a share of people between 0 and 0.05", "area")
        return planned, around, spare


def _named(build: Mapping[str, Any]) -> set[str]:
    """The downloads that [build] names, also in lines with other faults."""
    found = [one.get("from", []) if isinstance(one, dict) else one for one in build.values()]
    return {name for one in found for name in _listed(one) if isinstance(name, str)}


def _by_language(said: str | Mapping[str, Any]) -> dict[str, str]:
    """A text by language; under "" where the recipe says it in one only."""
    return {"": said} if isinstance(said, str) else {str(key): str(text) for key, text in said.items()}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
