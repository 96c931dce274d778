"""From a user's columns to ours: by the column file, by our own names, or by names everybody uses.

A well-known name is taken only where a single column fits, and always told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from utopias.domain.arrays import AnyArray, Bools, Floats
from utopias.domain.demand import GROUPS
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.domain.tables import Column, columns
from utopias.territory.cell_text import Numbers, flags_of, keys_of, numbers_of, texts_of
from utopias.territory.column_file import MASK, ColumnFile, Format, Rule
from utopias.territory.formula import sum_of
from utopias.territory.ledger import Ledger, Note

# Names under which public files often carry what we need (INEGI, IBGE, DANE, Eurostat, OSM extracts).
WELL_KNOWN: dict[str, dict[str, tuple[str, ...]]] = {
    "blocks": {
        "block_id": ("cvegeo", "cvgeo", "cve_geo", "geoid", "cd_setor", "hex_id", "h3", "id"),
        "people": ("pobtot", "pob_tot", "poblacion", "population", "people", "populacao", "habitantes", "pop"),
        "colonia": ("nom_col", "neighbourhood", "neighborhood", "barrio", "bairro"),
    },
    "places": {
        "place_id": ("id", "clave", "clave_id", "code"),
        "name": ("nombre", "nom", "nome"),
    },
    "edges": {"class": ("highway", "fclass"), "name": ("nombre",)},
    "modules": {},
    "trips": {},
    "schools": {
        "place_id": ("id", "clave", "clave_id", "code", "cct"),
        "name": ("nombre", "nom", "nome"),
        "level": ("nivel",),
        "pupils": ("matricula", "alumnos", "enrolment", "enrollment"),
    },
}
WELL_KNOWN["sites"] = WELL_KNOWN["places"]
COORDINATES = {
    "x": ("lon", "lng", "long", "longitude", "longitud", "x", "coord_x", "easting"),
    "y": ("lat", "latitude", "latitud", "y", "coord_y", "northing"),
}
KEYS = {"blocks": "block_id", "places": "place_id", "sites": "place_id", "schools": "place_id"}
# What a town cannot do without: the fault where it is not known, and how it is told.
_NEEDED = {
    "people": ("missing-people", Sentence("blocks have no population")),
    "groups": ("missing-people", Sentence("blocks have no count of")),
    "indicators": ("missing-indicator", Sentence("blocks have no value of")),
}
SHOWN = 12  # column names listed in a fault


@dataclass(frozen=True, eq=False)
class Translation:
    """The frame in our words; ``called``: ours -> the user's columns, as a fault names them."""

    frame: pd.DataFrame
    called: Mapping[str, str]

    def take(self, keep: Bools) -> Translation:
        """The rows of a mask."""
        return Translation(self.frame[keep].reset_index(drop=True), self.called)


def kept_rows(raw: pd.DataFrame, said: ColumnFile, where: str, ledger: Ledger) -> Bools:
    """(n,) the rows that [only] and [leave_out] keep; told in a note. Fault: ``no-such-column``, ``no-rows``."""
    keep = np.ones(len(raw), dtype=bool)
    for rule, wanted in ((said.only, True), (said.leave_out, False)):
        for column, allowed in rule.items():
            if column not in raw.columns:
                ledger.faults.append(_no_column(column, "only" if wanted else "leave_out", raw, where))
            else:
                keep &= texts_of(raw[column]).isin(allowed).to_numpy() == wanted
    if not keep.any():
        ledger.faults.append(
            Fault("no-rows", "[only] and [leave_out] of the column file leave no row", where, "mend their values")
        )
    if not keep.all():
        gone = int((~keep).sum())
        ledger.notes.append(
            Note(
                "rows-not-kept",
                f"{gone:,} of {len(keep):,} rows not kept, as [only] and [leave_out] say",
                where,
                gone,
                values={"rows": len(keep)},
            )
        )
    return keep


def translate(
    raw: pd.DataFrame, said: ColumnFile, table: str | None, where: str, rows: AnyArray, ledger: Ledger
) -> Translation:
    """The declared columns of ``table`` with their types, groups and indicators as numbers, and all else untouched.

    Faults and notes go to ``ledger``: ``no-such-column``, ``ambiguous-column``, ``misplaced-column`` (declared, but
    of another table), and those of ``cell_text``.
    """
    if table is None:
        return Translation(raw.copy(), {})
    declared = {column.name: column for column in columns(table) if column.name not in ("x", "y")}
    if table in ("places", "sites") and "service" in {*raw.columns, *said.columns, *said.fixed}:
        declared = {column.name: column for column in columns("modules")} | declared
    chosen = _chosen(raw, said, table, declared, where, ledger)
    made: dict[str, AnyArray] = {}
    called = {}
    for ours, names in chosen.items():
        called[ours] = " + ".join(names)
        place = Sentence("column {column} of {file}", column=called[ours], file=where)
        made[ours] = _typed(raw, names, declared[ours], said, place, rows, ledger)
    for ours, value in said.fixed.items():
        if ours in declared:
            made[ours] = np.full(len(raw), value, dtype=object)
        else:
            ledger.faults.append(_misplaced(ours, "fixed", table, where))
    key = KEYS.get(table, "")
    if key and said.format.numbered:
        made[key] = np.array([f"{said.format.numbered}{row}" for row in rows], dtype=object)
    if key in made and said.format.prefix:
        made[key] = np.array([f"{said.format.prefix}{one}" if one else one for one in made[key]], dtype=object)
    frame = raw.copy()
    for ours, values in made.items():
        frame[ours] = values
    if table == "blocks":
        _add_rules(frame, raw, said, made, where, rows, ledger)
        called |= {
            key: rule.formula.text for rules in (groups_of(raw, said), said.indicators) for key, rule in rules.items()
        }
    return Translation(frame, called)


def coordinate_columns(raw: pd.DataFrame, form: Format, where: str, ledger: Ledger) -> tuple[str, str] | None:
    """The two columns of coordinates: those the column file names, or the only pair with well-known names."""
    if form.x:
        missing = [(key, name) for key, name in (("x", form.x), ("y", form.y)) if name not in raw.columns]
        ledger.faults += [_no_column(name, key, raw, where) for key, name in missing]
        return None if missing else (form.x, form.y)
    found = {
        axis: [str(name) for name in raw.columns if plain_name(str(name)) in names]
        for axis, names in COORDINATES.items()
    }
    if not found["x"] or not found["y"]:
        return None
    if len(found["x"]) > 1 or len(found["y"]) > 1:
        ledger.faults.append(
            Fault(
                code="ambiguous-column",
                what=Sentence("coordinates may stand in {listed}", listed=", ".join(found["x"] + found["y"])),
                where=where,
                mend=Sentence(
                    'say which in the column file: x = "{found}", y = "{found_2}"',
                    found=found["x"][0],
                    found_2=found["y"][0],
                ),
            )
        )
        return None
    x, y = found["x"][0], found["y"][0]
    if (x, y) != ("x", "y"):
        ledger.notes.append(
            Note("matched-column", f"coordinates read from {x} and {y}", where, values={"columns": {"x": x, "y": y}})
        )
    return x, y


def _chosen(
    raw: pd.DataFrame, said: ColumnFile, table: str, declared: Mapping[str, Column], where: str, ledger: Ledger
) -> dict[str, tuple[str, ...]]:
    """Which of the user's columns makes each of ours."""
    chosen: dict[str, tuple[str, ...]] = {}
    for ours, names in said.columns.items():
        absent = [name for name in names if name not in raw.columns]
        ledger.faults += [_no_column(name, Sentence("columns.{ours}", ours=ours), raw, where) for name in absent]
        if ours not in declared:
            ledger.faults.append(_misplaced(ours, "columns", table, where))
        elif not absent:
            chosen[ours] = names
    taken = {name for names in chosen.values() for name in names}
    for ours, column in declared.items():
        if ours in said.columns or ours in said.fixed or (said.format.numbered and ours == KEYS.get(table)):
            continue
        if ours in raw.columns:
            chosen[ours] = (ours,)
            continue
        names = WELL_KNOWN.get(table, {}).get(ours, ())
        fitting = [str(name) for name in raw.columns if plain_name(str(name)) in (*names, ours) and name not in taken]
        if len(fitting) == 1:
            chosen[ours] = (fitting[0],)
            ledger.notes.append(
                Note(
                    "matched-column",
                    f"{ours} read from {fitting[0]!r}",
                    where,
                    values={"columns": {ours: fitting[0]}},
                )
            )
        elif len(fitting) > 1 and column.required:
            ledger.faults.append(
                Fault(
                    code="ambiguous-column",
                    what=Sentence("{ours} may be any of {listed}", ours=ours, listed=", ".join(fitting)),
                    where=where,
                    mend=Sentence(
                        'say which in the column file: [columns] {ours} = "{fitting}"', ours=ours, fitting=fitting[0]
                    ),
                    count=len(fitting),
                    first=fitting[0],
                )
            )
            chosen.pop(ours, None)
        elif len(fitting) > 1:
            ledger.notes.append(
                Note(
                    "ambiguous-column",
                    f"{ours} left empty: it may be {', '.join(fitting)}",
                    where,
                    values={"column": ours, "candidates": fitting},
                )
            )
    return chosen


def _typed(
    raw: pd.DataFrame, names: tuple[str, ...], column: Column, said: ColumnFile, where: str, rows: AnyArray,
    ledger: Ledger,
) -> AnyArray:  # fmt: skip
    """The user's columns as the declared type: keys and texts joined, numbers added up."""
    form = said.format
    words = said.values.get(column.name, {})
    if column.type in ("number", "integer", "share"):
        parts = [numbers_of(_renamed(raw[name], words), form, where, rows) for name in names]
        for part in parts:
            ledger.faults += part.faults
            ledger.notes += part.notes
        total: AnyArray = np.sum([part.values for part in parts], axis=0)
        code, whom = _NEEDED.get(column.name, ("masked-counts", Sentence("cells are masked with {mark!r}", mark=MASK)))
        _must_be_known(total, parts, code, whom, where, rows, ledger)
        return total
    if column.type == "flag":
        flags, faults = flags_of(_renamed(raw[names[0]], words), where, rows)
        ledger.faults += faults
        return flags
    if column.type == "key":
        joined = None
        for name in names:
            alone = form.pad.get(column.name, 0) if len(names) == 1 else 0
            keys, key_faults, notes = keys_of(raw[name], form.pad.get(name, alone), where, rows)
            ledger.faults += key_faults
            ledger.notes += notes
            joined = keys if joined is None else joined + keys
        if len(names) > 1 and column.name in form.pad:
            joined, key_faults, notes = keys_of(pd.Series(joined), form.pad[column.name], where, rows)
            ledger.faults += key_faults
            ledger.notes += notes
        assert joined is not None
        return joined
    text = texts_of(raw[names[0]])
    for name in names[1:]:
        text = (text + " " + texts_of(raw[name])).str.strip()
    written: AnyArray = _renamed(text.where(~text.isin(form.missing), ""), words).to_numpy(dtype=object)
    return written


def _renamed(values: pd.Series, words: Mapping[str, object]) -> pd.Series:
    """Their words as ours, where [values] says so; any other stays."""
    if not words:
        return values
    text = texts_of(values)
    return text.map(lambda word: words.get(word, word)).astype(object)


def _add_rules(
    frame: pd.DataFrame, raw: pd.DataFrame, said: ColumnFile, made: Mapping[str, AnyArray], where: str, rows: AnyArray,
    ledger: Ledger,
) -> None:  # fmt: skip
    """Groups and indicators as columns of ``frame``. A masked count is never taken as over the block's people."""
    read: dict[str, Numbers] = {}

    def column(name: str) -> Floats:
        if name not in read:
            read[name] = numbers_of(
                raw[name], said.format, Sentence("column {column} of {file}", column=name, file=where), rows
            )
            ledger.faults += read[name].faults
            ledger.notes += read[name].notes
        return read[name].values

    rules: tuple[tuple[str, Mapping[str, Rule]], ...] = (
        ("groups", groups_of(raw, said)),
        ("indicators", said.indicators),
    )
    for table, named in rules:
        for key, rule in named.items():
            absent = [name for name in rule.formula.names if name not in raw.columns]
            if absent:
                ledger.faults += [
                    _no_column(name, Sentence("{table}.{key}", table=table, key=key), raw, where) for name in absent
                ]
                continue
            values = np.broadcast_to(rule.formula.value(column), (len(raw),)).astype(np.float64)
            parts = [read[name] for name in rule.formula.names]
            if table == "groups" and "people" in made:
                masked = np.any([part.masked for part in parts], axis=0)
                people = np.asarray(made["people"], dtype=np.float64)
                over = masked & (values > people)
                if over.any():
                    values[over] = people[over]
                    ledger.notes.append(
                        Note(
                            "masked-over-people",
                            f"{int(over.sum()):,} masked counts of {key!r} lowered to the block's people",
                            where,
                            int(over.sum()),
                            values={"group": key},
                        )
                    )
            if rule.fill is not None and np.isnan(values).any():
                unknown = int(np.isnan(values).sum())
                values = np.where(np.isnan(values), rule.fill, values)
                ledger.notes.append(
                    Note(
                        "filled",
                        f"{unknown:,} unknown values of {key!r} taken as {rule.fill:g}",
                        where,
                        unknown,
                        values={"group": key, "value": float(rule.fill)},
                    )
                )
            code, whom = _NEEDED[table]
            place = Sentence("{text} of {where}", text=rule.formula.text, where=where)
            _must_be_known(values, parts, code, Sentence("{whom} {key!r}", whom=whom, key=key), place, rows, ledger)
            frame[key] = values


def groups_of(raw: pd.DataFrame, said: ColumnFile) -> dict[str, Rule]:
    """The groups the column file counts, and those whose stable id is the very name of a column."""
    plain = {key: Rule(sum_of((key,))) for key in GROUPS if key != "all" and key in raw.columns}
    return plain | dict(said.groups)


def _must_be_known(
    values: Floats, parts: list[Numbers], code: str, whom: str, where: str, rows: AnyArray, ledger: Ledger
) -> None:
    """Fault ``code`` where a value is not known. Cells that are no numbers are told already."""
    stars = np.any([part.stars for part in parts], axis=0)
    bad = np.any([part.bad for part in parts], axis=0)
    missing = stars if code == "masked-counts" else ~np.isfinite(values) & ~bad
    if not missing.any():
        return
    hint = Sentence("the census masks small counts with {mark!r}: say masked = 1.5 in the column file", mark=MASK)
    ledger.faults.append(
        Fault(
            code=code,
            what=Sentence("{count:,} of {total:,} {whom}", count=int(missing.sum()), total=len(missing), whom=whom),
            where=where,
            mend=hint if stars.any() else "fill the empty cells, or leave these rows out with [leave_out]",
            count=int(missing.sum()),
            first=Sentence("row {row}", row=rows[int(np.flatnonzero(missing)[0])]),
        )
    )


def plain_name(name: str) -> str:
    """A name without case, accents or signs: ``Población total`` -> ``poblacion_total``."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "_".join("".join(c if c.isalnum() else " " for c in bare).split())


def _no_column(name: str, asked_by: str, raw: pd.DataFrame, where: str) -> Fault:
    shown = [str(column) for column in raw.columns[:SHOWN]]
    more = "" if len(raw.columns) <= SHOWN else Sentence(" and {count} more", count=len(raw.columns) - SHOWN)
    return Fault(
        code="no-such-column",
        what=Sentence("no column {name!r}, which {asked_by} of the column file names", name=name, asked_by=asked_by),
        where=where,
        mend=Sentence("it has: {listed}{more}", listed=", ".join(shown), more=more),
    )


def _misplaced(name: str, table: str, ours: str, where: str) -> Fault:
    return Fault(
        code="misplaced-column",
        what=Sentence("{name} in [{table}] is no column of {ours}", name=name, table=table, ours=ours),
        where=where,
        mend=Sentence("use one of: {listed}", listed=", ".join(column.name for column in columns(ours))),
    )
