"""The words of a town: its name, reference system, groups and sources, in ``town.toml``.

Read by the standard library; written here by hand for exactly this structure, so that a
person can read and mend it. Texts are escaped after TOML 1.0 (toml.io), basic strings.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from utopias.domain.errors import Fault, TableError
from utopias.domain.findings import Assumption, Source
from utopias.domain.sentences import Sentence
from utopias.domain.town import Group, NeedIndicator

FORMAT = 1
NAME = "town.toml"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


@dataclass(frozen=True)
class TownWords:
    """What ``town.toml`` says. ``files`` maps each file of the folder to its sha256."""

    name: str
    crs: str
    zone: str
    currency: str
    made_up: bool
    groups: tuple[Group, ...] = ()
    indicators: tuple[NeedIndicator, ...] = ()
    sources: tuple[Source, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def write_words(words: TownWords) -> str:
    """The text of ``town.toml``."""
    lines = [f"format = {FORMAT}"]
    lines += [f"{key} = {_text(getattr(words, key))}" for key in ("name", "crs", "zone", "currency")]
    lines.append(f"made_up = {_flag(words.made_up)}")
    for source in words.sources:
        lines += ["", "[[sources]]", f"title = {_text(source.name)}"]
        lines += [f"{key} = {_text(getattr(source, key))}" for key in ("address", "licence", "date")]
    for group in words.groups:
        lines += ["", "[[groups]]", f"id = {_text(group.id)}", f"labels = {_labels(group.labels)}"]
        lines += [f"estimated = {_flag(group.estimated)}"]
        lines += [f"{key} = {_text(getattr(group, key))}" for key in ("formula", "source")]
    for indicator in words.indicators:
        lines += ["", "[[indicators]]", f"id = {_text(indicator.id)}", f"labels = {_labels(indicator.labels)}"]
        lines += [f"weight = {float(indicator.weight)!r}"]
        lines += [f"{key} = {_text(getattr(indicator, key))}" for key in ("from_group", "source")]
    for assumption in words.assumptions:
        lines += ["", "[[assumptions]]", f"code = {_text(assumption.code)}", f"values = {_value(assumption.values)}"]
    lines += ["", "[files]", *(f"{_text(name)} = {_text(digest)}" for name, digest in sorted(words.files.items()))]
    return "\n".join(lines) + "\n"


def read_words(text: str) -> TownWords:
    """The inverse of ``write_words``.

    Raises
    ------
    TableError : no TOML, a key missing or of another type, or a format of a later version; all named.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TableError(
            Fault(
                "unreadable",
                Sentence("{NAME} is no TOML ({error})", NAME=NAME, error=error),
                NAME,
                "mend the line it names",
            )
        ) from error
    faults: list[Fault] = []
    if said.get("format") != FORMAT:
        faults.append(
            Fault(
                "other-format",
                Sentence("format is {get!r}, this program reads {FORMAT}", get=said.get("format"), FORMAT=FORMAT),
                NAME,
                "read it with the version that wrote it, or build the town again",
            )
        )
    top = _record(said, {"name": str, "crs": str, "zone": str, "currency": str, "made_up": bool}, {}, NAME, faults)
    plain = {"source": ""}
    words = {
        "sources": [
            _record(
                row,
                {"title": str},
                {"address": "", "licence": "", "date": ""},
                Sentence("sources of {NAME}", NAME=NAME),
                faults,
            )
            for row in _rows(said, "sources", faults)
        ],
        "groups": [
            _record(
                row,
                {"id": str, "labels": dict},
                plain | {"estimated": False, "formula": ""},
                Sentence("groups of {NAME}", NAME=NAME),
                faults,
            )
            for row in _rows(said, "groups", faults)
        ],
        "indicators": [
            _record(
                row,
                {"id": str, "labels": dict},
                plain | {"weight": 1.0, "from_group": ""},
                Sentence("indicators of {NAME}", NAME=NAME),
                faults,
            )
            for row in _rows(said, "indicators", faults)
        ],
        "assumptions": [
            _record(row, {"code": str, "values": dict}, {}, Sentence("assumptions of {NAME}", NAME=NAME), faults)
            for row in _rows(said, "assumptions", faults)
        ],
    }
    files = said.get("files", {})
    if not isinstance(files, dict) or not all(isinstance(digest, str) for digest in files.values()):
        faults.append(Fault("wrong-type", "files is not a table of names and hashes", NAME, "make the folder again"))
    if faults:
        raise TableError(faults)
    return TownWords(
        **top,
        groups=tuple(Group(**row) for row in words["groups"]),
        indicators=tuple(NeedIndicator(**row) for row in words["indicators"]),
        sources=tuple(Source(name=row.pop("title"), **row) for row in words["sources"]),
        assumptions=tuple(Assumption(**row) for row in words["assumptions"]),
        files=files,
    )


def _rows(said: Mapping[str, Any], key: str, faults: list[Fault]) -> list[dict[str, Any]]:
    rows = said.get(key, [])
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    faults.append(
        Fault(
            "wrong-type",
            Sentence("{key} is not a list of tables", key=key),
            NAME,
            Sentence("write each as [[{key}]]", key=key),
        )
    )
    return []


def _record(
    row: Mapping[str, Any], required: Mapping[str, type], optional: Mapping[str, Any], where: str, faults: list[Fault]
) -> dict[str, Any]:
    """The named keys of one table, with the optional ones filled; its faults are added to ``faults``."""
    made = dict(optional)
    kinds = dict(required) | {key: type(value) for key, value in optional.items()}
    for key, kind in kinds.items():
        if key not in row:
            if key in required:
                faults.append(
                    Fault(
                        "missing-key",
                        Sentence("{key} is not said", key=key),
                        where,
                        Sentence("write {key} = ...", key=key),
                    )
                )
            continue
        value: Any = float(row[key]) if kind is float and type(row[key]) is int else row[key]
        whole = isinstance(value, kind)
        if isinstance(value, dict) and whole:
            whole = _is_plain(value) if key == "values" else all(isinstance(label, str) for label in value.values())
        if not whole:
            faults.append(
                Fault(
                    "wrong-type",
                    Sentence("{key} = {value!r} is not of type {name}", key=key, value=value, name=kind.__name__),
                    where,
                    "mend the value",
                )
            )
        made[key] = value
    return made


def _text(value: str) -> str:
    escaped = "".join(
        _ESCAPES.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 0x20 or ord(c) == 0x7F else c) for c in str(value)
    )
    return f'"{escaped}"'


def _is_plain(value: Any) -> bool:
    """Whether a value is one that JSON holds too: no date, no endless number."""
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, str)) or (isinstance(value, float) and math.isfinite(value))


def _value(value: Any) -> str:
    """A plain value on one line; tables inline, their keys quoted."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_text(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return _flag(value)
    return repr(value) if isinstance(value, (int, float)) else _text(value)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _labels(labels: Mapping[str, str]) -> str:
    return (
        "{ " + ", ".join(f"{_text(language)} = {_text(label)}" for language, label in labels.items()) + " }"
        if labels
        else "{}"
    )
