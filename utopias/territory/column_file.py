"""The column file: a small TOML text that says which of a user's columns is which of ours.

    crs = "EPSG:4326"                       # of the coordinates, where the file does not say
    x = "lon"                               # columns of the coordinates; or h3 = "hex_id"
    y = "lat"
    layer = "colonias"                      # of a GeoPackage, or of a zip with several shapefiles
    assumed = ["people of 2010 ..."]        # what was taken as so while the table was made: every report says it
    layout = "inegi-2020"                   # a known layout (see census); "plain": none, whatever the columns are

    [format]
    decimal = ","                           # also: separator, thousands, encoding, skip (lines before the header)
    masked = { "*" = 1.5 }                  # what a masked count stands for; masked = 1.5 means "*"
    missing = ["N/D"]                       # texts that mean: not known
    pad = { block_id = 13 }                 # bring lost leading zeros back, to this width
    repair = true                           # mend invalid polygons, and say so
    numbered = "court-"                     # rows without a key: court-1, court-2, ...
    prefix = "school-"                      # before every key
    without_coordinates = "leave out"       # else rows without coordinates are a fault

    [columns]                               # ours = yours; a list is added up, or joined for a key
    block_id = "CVEGEO"
    people = "POBTOT"

    [groups]
    "older people" = "P_60YMAS"
    "children 0-5" = ["P_0A2", "P_3A5"]
    "young people" = { formula = "0.43 * POBTOT", estimated = true, source = "census 2020, state" }

    [indicators]
    "no piped water" = { column = "falta_dist", weight = 1.0, source = "..." }

    [fixed]                                 # the same in every row
    kind = "school"

    [values.project_status]                 # their words = ours
    "terminada" = "finished"

    [only]                                  # rows to keep; [leave_out] the rows not to keep
    ALCALDIA = "Iztapalapa"

    [source]
    name = "Censo 2020"                     # also address, licence, date

A key that is not known here is a fault: a word misspelt must not be a word ignored. The keys of
``[format]`` may also stand at the top of the file, as ``crs`` and its neighbours do above.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from utopias.domain.errors import Fault, TableError
from utopias.domain.findings import Source
from utopias.domain.sentences import Sentence
from utopias.domain.tables import columns
from utopias.territory.formula import Formula, formula, sum_of

MASK = "*"  # INEGI's mark for counts withheld under its confidentiality rule
LAYOUTS = ("inegi-2020", "plain")  # foreign layouts that need no [columns]; plain: none
# The tables a column file can speak of; a site is a place too.
OUR_TABLES = ("trips", "schools", "blocks", "sites", "modules", "fronts", "edges")


@dataclass(frozen=True, slots=True)
class Format:
    """How the file is written. Every field may be left out; the reader then looks for itself, or refuses."""

    separator: str = ""
    decimal: str = ""
    thousands: str = ""
    encoding: str = ""
    skip: int = 0
    masked: Mapping[str, float] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    pad: Mapping[str, int] = field(default_factory=dict)
    numbered: str = ""
    prefix: str = ""
    crs: str = ""
    layer: str = ""
    x: str = ""
    y: str = ""
    h3: str = ""
    repair: bool = False
    without_coordinates: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a group is counted or an indicator read: a formula over the user's columns.

    estimated : a formula is an estimate unless the file says otherwise; a column or a sum is a count.
    weight, from_group, fill : of an indicator only; ``fill`` is the value where it is not known.
    """

    formula: Formula
    estimated: bool = False
    source: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0
    from_group: str = ""
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class ColumnFile:
    """A column file that was read and checked; the empty one says nothing."""

    path: Path | None = None
    format: Format = field(default_factory=Format)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, Rule] = field(default_factory=dict)
    indicators: Mapping[str, Rule] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: Source | None = None
    assumed: tuple[str, ...] = ()
    layout: str = ""


def read_column_file(path: str | Path) -> ColumnFile:
    """Read and check a column file; every fault of it at once.

    Raises
    ------
    TableError : no such file, no TOML, an unknown key or column, a value of the wrong kind, a bad formula.
    """
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError:
        lost = Sentence("there is no column file {file}", file=file.name)
        raise TableError(Fault("no-such-file", lost, str(file), "mend the path; it is a text file (.toml)")) from None
    except UnicodeDecodeError:
        raise TableError(
            Fault("not-utf-8", Sentence("{file} is not UTF-8 text", file=file.name), mend="save it as UTF-8")
        ) from None
    return parse_column_file(text, path=file)


def parse_column_file(text: str, *, path: Path | None = None) -> ColumnFile:
    """The same from the text itself. Raises TableError as ``read_column_file`` does."""
    name = path.name if path else Sentence("the column file")
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = Sentence("{name} cannot be read: {error}", name=name, error=error)
        raise TableError(Fault("not-toml", what, mend='write it as TOML: people = "POBTOT"')) from None
    reader = _Reader(name)
    top = {key: said.pop(key) for key in list(said) if key in _FORMAT}
    made = ColumnFile(
        path=path,
        format=reader.format(top, reader.table(said, "format")),
        columns=reader.columns(reader.table(said, "columns")),
        groups=reader.rules(reader.table(said, "groups"), "groups"),
        indicators=reader.rules(reader.table(said, "indicators"), "indicators"),
        fixed=reader.fixed(reader.table(said, "fixed")),
        values=reader.values(reader.table(said, "values")),
        only=reader.rows(reader.table(said, "only"), "only"),
        leave_out=reader.rows(reader.table(said, "leave_out"), "leave_out"),
        source=reader.source(reader.table(said, "source")),
        assumed=reader.assumed(said.pop("assumed", [])),
        layout=reader.layout(said.pop("layout", "")),
    )
    reader.unknown(said, "", (*_FORMAT, "assumed", "layout", *_TABLES))
    for both in sorted(made.columns.keys() & made.fixed.keys()):
        reader.fault("said-twice", Sentence("{both} is in [columns] and in [fixed]", both=both), "keep one of them")
    if reader.faults:
        raise TableError(reader.faults)
    return made


_TABLES = ("format", "columns", "groups", "indicators", "fixed", "values", "only", "leave_out", "source")
_FORMAT: dict[str, type | tuple[type, ...]] = {
    "separator": str, "decimal": str, "thousands": str, "encoding": str, "skip": int, "masked": (dict, int, float),
    "missing": list, "pad": dict, "numbered": str, "prefix": str, "crs": str, "layer": str, "x": str, "y": str,
    "h3": str, "repair": bool, "without_coordinates": str,
}  # fmt: skip
_RULE: dict[str, type | tuple[type, ...]] = {
    "column": str, "columns": list, "formula": str, "estimated": bool, "source": str, "labels": dict,
}  # fmt: skip
_INDICATOR = _RULE | {"weight": (int, float), "from_group": str, "fill": (int, float)}
OURS = {column.name: column for table in OUR_TABLES for column in columns(table)}


class _Reader:
    """Takes the TOML apart, table by table, and keeps every fault."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[Fault] = []

    def fault(self, code: str, what: str, mend: str) -> None:
        self.faults.append(Fault(code, what, where=self.name, mend=mend))

    def bad(self, what: str, mend: str) -> None:
        self.fault("bad-value", what, mend)

    def table(self, said: dict[str, Any], key: str) -> dict[str, Any]:
        value = said.pop(key, {})
        if isinstance(value, dict):
            return value
        self.bad(Sentence("{key} is no table", key=key), Sentence("write [{key}] on a line of its own", key=key))
        return {}

    def unknown(self, said: Mapping[str, Any], table: str, known: tuple[str, ...]) -> None:
        for key in said:
            self.fault(
                "unknown-key",
                Sentence("{key!r} is not known in [{table}]", key=key, table=table)
                if table
                else Sentence("{key!r} is not known", key=key),
                Sentence("use one of: {listed}", listed=", ".join(known)),
            )

    def checked(self, said: Mapping[str, Any], table: str, kinds: Mapping[str, Any]) -> dict[str, Any]:
        """The keys of ``said`` that are known and of the right kind."""
        self.unknown({key: 0 for key in said if key not in kinds}, table, tuple(kinds))
        good = {}
        for key, value in said.items():
            wanted = kinds.get(key)
            if wanted is None:
                continue
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                self.bad(
                    Sentence("{key} in [{table}] cannot be {value!r}", key=key, table=table, value=value),
                    _KIND_WORDS[key],
                )
            else:
                good[key] = value
        return good

    def format(self, top: dict[str, Any], under: dict[str, Any]) -> Format:
        for both in sorted(top.keys() & under.keys()):
            self.fault("said-twice", Sentence("{both} is at the top and in [format]", both=both), "keep one of them")
        good = self.checked(top | under, "format", _FORMAT)
        masked = good.get("masked", {})
        good["masked"] = masked if isinstance(masked, dict) else {MASK: masked}
        for mark, value in good["masked"].items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                self.bad(
                    Sentence("masked {mark!r} cannot stand for {value!r}", mark=mark, value=value),
                    _KIND_WORDS["masked"],
                )
        for column, width in good.get("pad", {}).items():
            if isinstance(width, bool) or not isinstance(width, int) or width < 1:
                self.bad(
                    Sentence("pad of {column} cannot be {width!r}", column=column, width=width), _KIND_WORDS["pad"]
                )
        good["missing"] = tuple(str(text) for text in good.get("missing", ()))
        for key, allowed in (("decimal", ".,"), ("thousands", ".,' ")):
            if good.get(key) and good[key] not in tuple(allowed):
                self.bad(Sentence("{key} cannot be {good!r}", key=key, good=good[key]), _KIND_WORDS[key])
        if len(good.get("separator", "")) > 1:
            self.bad(Sentence("separator cannot be {good!r}", good=good["separator"]), _KIND_WORDS["separator"])
        if good.get("without_coordinates", "leave out") != "leave out":
            self.bad('without_coordinates can only be "leave out"', "or leave the key out")
        if bool(good.get("x")) != bool(good.get("y")):
            self.bad("x and y go together", "name the columns of both coordinates")
        return Format(**good)

    def columns(self, said: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        good = {}
        for ours, theirs in said.items():
            names = (theirs,) if isinstance(theirs, str) else tuple(theirs) if isinstance(theirs, list) else ()
            if ours not in OURS or ours in ("x", "y"):
                self.unknown({ours: 0}, "columns", tuple(key for key in OURS if key not in ("x", "y")))
            elif not names or not all(isinstance(name, str) and name for name in names):
                self.bad(
                    Sentence("{ours} in [columns] cannot be {theirs!r}", ours=ours, theirs=theirs),
                    "name a column, or a list of them",
                )
            else:
                good[ours] = names
        return good

    def rules(self, said: dict[str, Any], table: str) -> dict[str, Rule]:
        good = {}
        for key, value in said.items():
            if table == "groups" and key == "all":
                self.fault("unknown-key", "'all' is everybody", "say people = ... in [columns]")
                continue
            if isinstance(value, str):
                value = {"column": value}
            elif isinstance(value, list):
                value = {"columns": value}
            if not isinstance(value, dict):
                self.bad(
                    Sentence("{key} in [{table}] cannot be {value!r}", key=key, table=table, value=value),
                    _KIND_WORDS["formula"],
                )
                continue
            rule = self.checked(value, f"{table}.{key}", _INDICATOR if table == "indicators" else _RULE)
            ways = [way for way in ("column", "columns", "formula") if rule.get(way)]
            if len(ways) != 1:
                self.bad(
                    Sentence("{key} in [{table}] needs one of column, columns, formula", key=key, table=table),
                    _KIND_WORDS["formula"],
                )
                continue
            written = rule.pop(ways[0])
            try:
                made = (
                    formula(written)
                    if ways[0] == "formula"
                    else sum_of((written,) if ways[0] == "column" else tuple(str(name) for name in written))
                )
            except TableError as error:
                where = Sentence("{key} in [{table}] of {name}", key=key, table=table, name=self.name)
                self.faults += [replace(fault, where=where) for fault in error.faults]
                continue
            rule.setdefault("estimated", ways[0] == "formula" and table == "groups")
            good[key] = Rule(formula=made, **{k: v for k, v in rule.items() if k not in ("column", "columns")})
        return good

    def fixed(self, said: dict[str, Any]) -> dict[str, Any]:
        self.unknown({key: 0 for key in said if key not in OURS}, "fixed", tuple(OURS))
        return {key: value for key, value in said.items() if key in OURS}

    def values(self, said: dict[str, Any]) -> dict[str, dict[str, Any]]:
        self.unknown({key: 0 for key in said if key not in OURS}, "values", tuple(OURS))
        good = {}
        for key, words in said.items():
            if isinstance(words, dict):
                good[key] = {str(theirs): ours for theirs, ours in words.items()}
            else:
                self.bad(
                    Sentence("{key} in [values] is no table", key=key),
                    Sentence('write [values.{key}] and "theirs" = "ours"', key=key),
                )
        return good

    def rows(self, said: dict[str, Any], table: str) -> dict[str, tuple[str, ...]]:
        good = {}
        for column, value in said.items():
            listed = value if isinstance(value, list) else [value]
            if not listed or any(isinstance(one, dict | list) for one in listed):
                self.bad(
                    Sentence("{column} in [{table}] cannot be {value!r}", column=column, table=table, value=value),
                    "name one value or a list",
                )
            good[column] = tuple(_as_written(one) for one in listed)
        return good

    def assumed(self, said: Any) -> tuple[str, ...]:
        if isinstance(said, list) and all(isinstance(text, str) and text for text in said):
            return tuple(said)
        self.bad(
            Sentence("assumed cannot be {said!r}", said=said), 'give sentences: assumed = ["the people of 2010 ..."]'
        )
        return ()

    def layout(self, said: Any) -> str:
        if said in ("", *LAYOUTS):
            return str(said)
        self.bad(
            Sentence("layout cannot be {said!r}", said=said),
            Sentence("use one of: {listed}", listed=", ".join(LAYOUTS)),
        )
        return ""

    def source(self, said: dict[str, Any]) -> Source | None:
        good = self.checked(said, "source", dict.fromkeys(("name", "address", "licence", "date"), str))
        return Source(**({"name": ""} | good)) if good else None


def _as_written(value: Any) -> str:
    """A TOML value as a cell of a table would show it: true, 7, Iztapalapa."""
    return str(value).lower() if isinstance(value, bool) else str(value)


_KIND_WORDS = {
    "separator": 'write one character: separator = ";"',
    "decimal": 'write decimal = "," or "."',
    "thousands": "write one of: . , ' or a blank",
    "encoding": 'name it: encoding = "latin-1"',
    "skip": "write how many lines stand before the header: skip = 3",
    "masked": 'write what the mark stands for: masked = { "*" = 1.5 }',
    "missing": 'list the texts: missing = ["N/D"]',
    "pad": "write the width of the key: pad = { block_id = 13 }",
    "repair": "write true or false",
    "estimated": "write true or false",
    "formula": 'write a column "P_60YMAS", a list of them, or { formula = "0.43 * POBTOT" }',
    "columns": "list the columns to add up",
    "labels": 'write { es = "personas mayores", en = "older people" }',
    "weight": "write a number",
    "fill": "write a number",
} | dict.fromkeys(
    ("numbered", "prefix", "crs", "layer", "x", "y", "h3", "without_coordinates", "column", "source", "from_group",
     "name", "address", "licence", "date"),
    "write a text in quotes",
)  # fmt: skip
