"""INEGI's census of 2020 by block and AGEB: rows and their own totals in one table, with counts withheld.

The file (``RESAGEBURB_09``, ``conjunto_de_datos_ageb_urbana_09_cpv2020``, one a state) holds rows of
blocks and, among them, the totals of AGEB (MZA 000), locality (AGEB 0000), municipality (LOC 0000)
and state (MUN 000). Here the rows of one level are kept, their key is built, and the totals serve
only to find what was withheld. What the columns then mean is a column file like any other.

A ``*`` stands for a count under three; in a block or AGEB of fewer than three dwellings every column
but people and dwellings is withheld, whatever it holds. ``N/D`` is a figure that INEGI has not.
Source: INEGI, Principales resultados por AGEB y manzana urbana 2020, descriptor fd_agebmza_urbana_cpv2020;
for the dwellings, its description of the results by locality of 2010 (fd_iter_2010), which names the
principle of confidentiality of the Ley del Sistema Nacional de Información Estadística y Geográfica.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, Texts
from utopias.domain.errors import Fault
from utopias.domain.findings import Source
from utopias.domain.sentences import Sentence
from utopias.domain.tables import fault_of_rows
from utopias.territory.cell_text import keys_of, numbers_of, texts_of
from utopias.territory.census_counts import ADULT, BANDS, PEOPLE, Cells, Filled, LevelFound, fill_level, published
from utopias.territory.column_file import MASK, ColumnFile, Format, Rule
from utopias.territory.formula import formula, sum_of
from utopias.territory.ledger import Ledger, Note

LAYOUT = "inegi-2020"
KEYS = {"ENTIDAD": 2, "MUN": 3, "LOC": 4, "AGEB": 4, "MZA": 3}  # width of each code in CVEGEO
NOT_AVAILABLE = "N/D"
LEVELS = ("locality", "ageb", "block")  # from the top; the totals above them are not needed
PARENT_KEY = {"ageb": 9, "block": 13}  # characters of CVEGEO that name the row above
SOURCE = Source(
    "INEGI, Censo de Población y Vivienda 2020, principales resultados por AGEB y manzana urbana",
    "https://www.inegi.org.mx/programas/ccpv/2020/",
    "https://www.inegi.org.mx/inegi/terminos.html",
    "2020",
)
# Means and ratios: no total says anything about what is withheld of them.
MEANS = frozenset(("REL_H_M", "PROM_HNV", "GRAPROES", "GRAPROES_F", "GRAPROES_M", "PROM_OCUP", "PRO_OCUP_C"))
COUNTED = {
    "children 0-5": ("P_0A2", "P_3A5"),
    "children 6-14": ("P_6A11", "P_12A14"),
    "older people": ("P_60YMAS",),
    "women": ("POBFEM",),
    "people with disability": ("PCON_DISC",),
}
FROM_15, TO_59 = "P_15A17 + P_18A24", "(P_18YMAS - P_18A24 - P_60YMAS)"  # 15 to 24; 25 to 59
ESTIMATED = ("P_15A17", "P_18A24", ADULT, "P_60YMAS")  # what "young people" and "adults" are made of
# Women alone have a band up to 49: what they have of 25 to 49 in 25 to 59 is taken for everybody.
WOMEN_TO_49 = ("P_15A49_F", "P_15A17_F", "P_18A24_F")
WOMEN_TO_59 = ("P_18YMAS_F", "P_18A24_F", "P_60YMAS_F")
SHARE_TO_49 = 0.78  # where the file lacks them; the PILARES catchments of Mexico City (census 2020) have 0.76 to 0.78
YEARS = 5 / 25  # ages 25 to 29 of 25 to 49, every year alike
READ = (PEOPLE, *BANDS, ADULT, "POBFEM", "PCON_DISC")


@dataclass(frozen=True, eq=False)
class CensusRows:
    """The rows of one level, ready to be translated as any table is.

    frame : (n,) as it came, with ``block_id``, ``area_id`` and ``people``, and with every count that a rule
        reads as a number. kept : (n,) positions in the table that was given.
    said : the column file, with the groups of the census beside its own.
    counts : by mnemonic, what was found, with bounds; empty where nothing was to be found.
    """

    frame: pd.DataFrame
    kept: Longs
    said: ColumnFile
    counts: Mapping[str, Filled]


def is_census(frame: pd.DataFrame, said: ColumnFile) -> bool:
    """Whether a table has INEGI's layout: the column file says so, or says nothing and the columns do."""
    names = {str(name).upper() for name in frame.columns}
    return said.layout == LAYOUT or (not said.layout and names >= {*KEYS, PEOPLE})


def level_of_keys(keys: Iterable[object]) -> str:
    """``block`` or ``ageb`` by the width of the keys of the shapes; empty where they are neither."""
    widths = {len(str(key).strip()) for key in keys}
    return {16: "block", 13: "ageb"}.get(widths.pop(), "") if len(widths) == 1 else ""


def census_rows(
    raw: pd.DataFrame, said: ColumnFile, where: str, rows: AnyArray, ledger: Ledger, *, level: str = ""
) -> CensusRows | None:
    """The rows of ``level`` (blocks where there are some, if it is empty), with what was withheld found.

    Parameters
    ----------
    raw : (n,) text, as read. rows : (n,) row numbers in the file, for faults.
    said : its groups stand before those of the census. Where its ``masked`` gives ``*`` a value, that
        is taken, and nothing is found from totals.

    A gap is raked to the total of its AGEB; where that is withheld too, the AGEB's is first raked to its
    locality's, or taken at the rate of the others, and bounds are told. Notes: ``census-blocks`` or
    ``census-agebs`` (rows kept, and totals not counted), ``census-imputed`` (share of each group),
    ``census-bounds``, ``census-sums-differ``, ``census-young``.

    Faults, then None: ``no-such-column``, ``bad-key``, ``duplicate-key``, ``no-rows``, ``not-a-number``,
    ``missing-people``.
    """
    upper = {name: str(name).upper() for name in raw.columns}
    ours = {*KEYS, *READ, *WOMEN_TO_49, *WOMEN_TO_59}
    table = raw.rename(columns={name: big for name, big in upper.items() if big in ours and big not in raw.columns})
    absent = [name for name in (*KEYS, PEOPLE) if name not in table.columns]
    if absent:
        what = Sentence(
            "{where} lacks {listed}, which the layout {LAYOUT} has",
            where=where,
            listed=", ".join(absent),
            LAYOUT=LAYOUT,
        )
        mend = Sentence('take layout = "{LAYOUT}" out of the column file, or give the right file', LAYOUT=LAYOUT)
        ledger.faults.append(Fault("no-such-column", what, where, mend, len(absent), absent[0]))
        return None
    before = len(ledger.faults)
    keys, kind = _keys(table, where, rows, ledger)
    level = level or ("block" if (kind == "block").any() else "ageb")
    if not (kind == level).any():
        what = Sentence(
            "{where} has no row of a {level}, only of: {listed}",
            where=where,
            level=level,
            listed=", ".join(sorted(set(kind.tolist()))),
        )
        ledger.faults.append(
            Fault("no-rows", what, where, "give shapes of the level the table has, or the whole table")
        )
    if len(ledger.faults) > before:
        return None
    own = _with_groups(said, table, kind, where, ledger)
    found = None
    if MASK not in said.format.masked:
        found = _found(table, _counts_read(own, table), keys, kind, level, where, rows, ledger)
    if len(ledger.faults) > before:
        return None
    kept = np.flatnonzero(kind == level)
    frame = table.iloc[kept].reset_index(drop=True)
    counts = {} if found is None else found.counts
    for name, filled in counts.items():
        frame[name] = filled.values
    frame["block_id"] = keys[kept]
    frame["area_id"] = [key[: PARENT_KEY["block"]] for key in keys[kept]]
    told = f"{len(kept):,} {level}s read, {len(kind) - len(kept):,} rows of other levels not counted"
    ledger.notes.append(
        Note(
            "census-blocks" if level == "block" else "census-agebs",
            told,
            where,
            len(kept),
            values={"totals": len(kind) - len(kept)},
        )
    )
    if found is not None:
        _tell(found, own, where, ledger)
    return CensusRows(frame, kept, own, counts)


def _keys(table: pd.DataFrame, where: str, rows: AnyArray, ledger: Ledger) -> tuple[Texts, Texts]:
    """(n,) the key of each row, as long as its level asks, and its level. Faults: ``bad-key``, ``duplicate-key``."""
    whole = np.full(len(table), "", dtype=object)
    kind = np.full(len(table), "block", dtype=object)
    bad = np.zeros(len(table), dtype=bool)
    for name, width in KEYS.items():
        codes, faults, notes = keys_of(
            table[name], width, Sentence("column {column} of {file}", column=name, file=where), rows
        )
        ledger.faults += faults
        ledger.notes += notes
        whole = whole + codes
        bad |= np.array([len(code) != width or not code.isalnum() for code in codes.tolist()], dtype=bool)
    for level, name in (("ageb", "MZA"), ("locality", "AGEB"), ("municipality", "LOC"), ("state", "MUN")):
        # a total: its own code and all below are zeros
        zeros = np.array([set(key[_start(name) :]) == {"0"} for key in whole.tolist()], dtype=bool)
        kind[zeros] = level
    if bad.any():
        ledger.faults.append(
            fault_of_rows("bad-key", bad, "rows have a code that is none of INEGI's", Sentence("ENTIDAD, MUN, LOC, AGEB, MZA of {where}", where=where),
                          "keep the codes as text: 09, 007, 0001, 001A, 000", pd.Series(whole))
        )  # fmt: skip
    again = pd.Series(whole).duplicated().to_numpy()
    if again.any() and not bad.any():
        ledger.faults.append(
            fault_of_rows("duplicate-key", again, "rows repeat the codes of another", Sentence("ENTIDAD, MUN, LOC, AGEB, MZA of {where}", where=where),
                          "keep one of them", pd.Series(whole))
        )  # fmt: skip
    short = {"ageb": 13, "locality": 9, "municipality": 5, "state": 2}
    keys = np.array([key[: short.get(level, 16)] for key, level in zip(whole, kind, strict=True)], dtype=object)
    return keys, kind


def _start(name: str) -> int:
    """Where the code of this name begins in a key."""
    return sum(list(KEYS.values())[: list(KEYS).index(name)])


def _with_groups(said: ColumnFile, table: pd.DataFrame, kind: Texts, where: str, ledger: Ledger) -> ColumnFile:
    """The column file with people, the groups of the census that it does not count itself, and a source."""
    groups = {
        group: Rule(sum_of(names), source=SOURCE.name)
        for group, names in COUNTED.items()
        if {*names} <= {*table.columns}
    }
    if {*ESTIMATED} <= {*table.columns} and not {"young people", "adults"} <= said.groups.keys():
        to_49 = _share_to_49(table, kind)
        young = to_49 * YEARS
        groups["young people"] = Rule(formula(f"{FROM_15} + {young:.4f} * {TO_59}"), True, SOURCE.name)
        groups["adults"] = Rule(formula(f"{1 - young:.4f} * {TO_59}"), True, SOURCE.name)
        told = f"25 to 29 is {young:.4f} of 25 to 59: a fifth of 25 to 49, which women's bands show to be {to_49:.4f}"
        ledger.notes.append(Note("census-young", told, where, values={"to_49_share": to_49, "young_share": young}))
    return replace(
        said,
        columns={"people": (PEOPLE,)} | dict(said.columns),
        groups=groups | dict(said.groups),
        source=said.source or SOURCE,
    )


def _share_to_49(table: pd.DataFrame, kind: Texts) -> float:
    """Of women of 25 to 59, the share that is under 50, over the rows of the highest level that publishes them."""
    names = [*dict.fromkeys(WOMEN_TO_49 + WOMEN_TO_59)]
    if not {*names} <= {*table.columns}:
        return SHARE_TO_49
    for level in ("municipality", "locality", "ageb", "block"):
        at = np.flatnonzero(kind == level)
        numbers = {
            name: pd.to_numeric(texts_of(table[name].iloc[at]), errors="coerce").to_numpy(dtype=np.float64)
            for name in names
        }
        there = np.all([np.isfinite(one) for one in numbers.values()], axis=0)
        (to_49, *younger), (to_59, *others) = (
            [numbers[name][there].sum() for name in group] for group in (WOMEN_TO_49, WOMEN_TO_59)
        )
        under_50, under_60 = to_49 - sum(younger), to_59 - sum(others)
        if 0 < under_50 <= under_60:
            return float(under_50 / under_60)
    return SHARE_TO_49


def _counts_read(said: ColumnFile, table: pd.DataFrame) -> list[str]:
    """The counts that people, groups and indicators read and that are INEGI's: a star or N/D stands in them, or a band."""
    named = {PEOPLE, *(name for name in READ if name in table.columns)}
    for rule in (*said.groups.values(), *said.indicators.values()):
        named |= {name for name in rule.formula.names if name in table.columns and name.upper() not in MEANS}
    return [name for name in named if name in READ or texts_of(table[name]).isin((MASK, NOT_AVAILABLE)).any()]


def _found(
    table: pd.DataFrame, names: list[str], keys: Texts, kind: Texts, level: str, where: str, rows: AnyArray, ledger: Ledger
) -> LevelFound | None:  # fmt: skip
    """The counts of ``level``, from the top down. Faults: ``not-a-number``, ``missing-people``."""
    cells: dict[str, Cells] = {}
    before = len(ledger.faults)
    for name in names:
        read = numbers_of(
            table[name],
            Format(missing=(NOT_AVAILABLE,)),
            Sentence("column {column} of {file}", column=name, file=where),
            rows,
        )
        ledger.faults += read.faults
        negative = read.values < 0
        if negative.any():
            ledger.faults.append(
                fault_of_rows("out-of-range", negative, "counts are under 0", Sentence("column {column} of {file}", column=name, file=where), "mend them", table[name])
            )  # fmt: skip
        cells[name] = Cells(read.values, read.stars)
    if len(ledger.faults) > before:
        return None
    found = None
    above: Mapping[str, Filled] = {}
    keys_above: AnyArray = np.zeros(0, dtype=object)
    for step in LEVELS[: LEVELS.index(level) + 1]:
        at = np.flatnonzero(kind == step)
        here = {name: Cells(one.values[at], one.stars[at]) for name, one in cells.items()}
        if step == "locality":
            above, keys_above = published(here), keys[at]
            continue
        parents, part = _parents(keys_above, keys[at], PARENT_KEY[step])
        position = pd.Index(keys_above).get_indexer(pd.Index(parents))
        known = position >= 0
        totals = {name: _rows_of(one, position) for name, one in above.items()}
        lost = np.isnan(here[PEOPLE].values) & ~here[PEOPLE].stars & ~known[part]
        if step == level and lost.any():
            ledger.faults.append(
                Fault("missing-people", Sentence("{count:,} of {total:,} {step}s have no population, nor has what they are part of", count=int(lost.sum()), total=len(lost), step=step),
                      Sentence("column {column} of {file}", column=PEOPLE, file=where), "fill the empty cells, or leave these rows out with [leave_out]",
                      int(lost.sum()), Sentence("row {row}", row=rows[at[int(np.flatnonzero(lost)[0])]]))
            )  # fmt: skip
            return None
        found = fill_level(here, part, totals, known)
        said = ~np.isnan(here[PEOPLE].values)  # of a row without people, nothing is a total
        above, keys_above = (
            {name: _rows_of(one, np.flatnonzero(said)) for name, one in found.counts.items()},
            keys[at][said],
        )
    return found


def _parents(keys_above: Texts, keys: Texts, width: int) -> tuple[Texts, Longs]:
    """(k,) every key of the level above, also those that have a row there and none here; (n,) which each row is of."""
    own = [key[:width] for key in keys.tolist()]
    parents = np.array(sorted({*own, *keys_above.tolist()}), dtype=object)
    part: Longs = pd.Index(parents).get_indexer(pd.Index(own, dtype=object)).astype(np.int64)
    return parents, part


def _rows_of(filled: Filled, position: AnyArray) -> Filled:
    """The same at other positions; nothing is known where the position is -1."""
    lost = position < 0

    def taken(values: Floats, otherwise: float) -> Floats:
        if not len(values):
            return np.full(len(position), otherwise)
        made: Floats = np.where(lost, otherwise, values[position])
        return made

    imputed: Bools = taken(filled.imputed.astype(np.float64), 1.0) > 0
    return Filled(
        taken(filled.values, np.nan),
        taken(filled.low, 0.0),
        taken(filled.high, np.inf),
        imputed,
        filled.least,
        filled.most,
    )


def _tell(found: LevelFound, said: ColumnFile, where: str, ledger: Ledger) -> None:
    """What was imputed of each group, how sure its sum is, and where rows and totals disagree."""
    counts = found.counts
    shares: dict[str, float] = {}
    least: dict[str, float] = {}
    most: dict[str, float] = {}
    groups = {"all": Rule(sum_of((PEOPLE,)))} | dict(said.groups)
    for group, rule in groups.items():
        if not {*rule.formula.names} <= counts.keys():
            continue
        whole = rule.formula.value(lambda name: counts[name].values)
        shown = rule.formula.value(lambda name: np.where(counts[name].imputed, 0.0, counts[name].values))
        imputed, everybody = float(np.abs(whole - shown).sum()), float(whole.sum())
        if imputed > 0 and everybody > 0:
            shares[group] = imputed / everybody
        low, high = _sum_between(rule, counts)
        if high - low > 1.0 and everybody > 0:
            least[group], most[group] = low, high
    cells = int(sum(filled.imputed.sum() for filled in counts.values()))
    if shares:
        told = "; ".join(f"{group}: {share:.1%}" for group, share in shares.items())
        ledger.notes.append(Note("census-imputed", f"{cells:,} withheld counts found from totals ({told})", where, cells, values={"share": shares}))  # fmt: skip
    if least:
        told = "; ".join(f"{group}: {least[group]:,.0f} to {most[group]:,.0f}" for group in least)
        ledger.notes.append(Note("census-bounds", f"totals are withheld too ({told})", where, len(least), values={"people_least": least, "people_most": most}))  # fmt: skip
    if found.differs.any():
        areas, people = int(found.differs.sum()), float(np.abs(found.people_off).sum())
        told = f"{areas:,} areas whose rows do not sum to their own total, {people:,.0f} people apart"
        ledger.notes.append(Note("census-sums-differ", told, where, areas, values={"people": people}))


def _sum_between(rule: Rule, counts: Mapping[str, Filled]) -> tuple[float, float]:
    """The least and the most a group can sum to: each count of a linear formula at one end or the other."""
    low = high = 0.0
    for name in rule.formula.names:
        weight = float(np.sum(rule.formula.value(lambda other, one=name: np.asarray(float(other == one)))))  # type: ignore[misc]
        ends = (weight * counts[name].least, weight * counts[name].most)
        low, high = low + min(ends), high + max(ends)
    return low, high
