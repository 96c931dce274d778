"""A plan as a folder of tables: CSV for spreadsheets, GeoParquet for programs, and what each column means.

blocks, places, modules, comparison, about   .csv
columns.csv      one row a column of these: table, column, type, unit, meaning, source
blocks, units, sites, providers              .parquet (GeoParquet 1.1): the same with outlines or points
README.txt       what it is, how good, how it is written, sources, licences, how to cite

Every text is English and goes through ``say``, so that whoever knows languages can hand in words.
A text that a spreadsheet would run as a formula has an apostrophe before it in the CSV, and in the
GeoParquet not: there it is exact. The folder is whole or absent.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd

from utopias.domain.comparison import Comparison
from utopias.domain.folders import whole_folder
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence as Line  # its words stand in tables.*.po, not among the faults
from utopias.domain.tables import columns
from utopias.domain.versions import VERSION
from utopias.territory.export import plan_layers
from utopias.territory.geoparquet import write_parquet
from utopias.territory.plan_layers import (  # fmt: skip
    about_table,
    blocks_table,
    comparison_table,
    limit_of_plan,
    places_table,
    study_of_plan,
)

Say: TypeAlias = Callable[[str], str]
Spreadsheet: TypeAlias = Literal["", "point", "comma"]
# Cells that begin so are run by Excel, LibreOffice and Google Sheets (OWASP, "CSV Injection").
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST = 15  # digits that a spreadsheet keeps of a number
DECLARED = {"blocks": "plan_blocks", "places": "plan_places", "modules": "modules"}
OF_LAYER = {"blocks": "plan_blocks", "units": "plan_places", "sites": "plan_places", "providers": "plan_places"}
# table, column -> type, unit, meaning, source: what no columns file declares.
PLAIN = {
    "by": ("text", "", "what the parts are: a group, a fifth by need, an area", "plan"),
    "part": ("text", "", "the part of the people", "plan"),
    "people": ("number", "persons", "people of the part in the planned area", "census"),
    "within_before": ("number", "persons", "of these, within the limit of a unit as things are", "plan"),
    "within_after": ("number", "persons", "of these, within the limit when the plan is built", "plan"),
    "gain": ("number", "persons", "within only after", "plan"),
    "loss": ("number", "persons", "within only before", "plan"),
    "still_out": ("number", "persons", "not within after", "plan"),
    "minutes_before": ("number", "min", "mean walk to the nearest unit as things are; a lower bound where some reach none", "plan"),
    "minutes_after": ("number", "min", "the same when the plan is built", "plan"),
    "estimated": ("flag", "", "the group is a formula, not a count", "town"),
    "what": ("text", "", "what is said of the plan", "plan"),
    "value": ("text", "", "what it is", "plan"),
}  # fmt: skip


def as_it_is(text: str) -> str:
    """English stays English."""
    return str(text)


def write_tables(
    plan: Plan,
    table: Comparison | None = None,
    *,
    to: str | Path,
    language: str = "en",
    say: Say = as_it_is,
    spreadsheet: Spreadsheet = "",
    day: str = "",
    replace: bool = False,
) -> Path:
    """Write a plan's tables as a folder; see the head of this file. The times stay in the plan folder.

    Parameters
    ----------
    table : one more comparison, beside those of the findings.
    language : whose labels of groups are taken. say : English -> the reader's language (``u.spoken("es")``).
    spreadsheet : "" plain CSV: UTF-8, commas, points. "point": for a double click in Excel where decimals have a
        point (Mexico, USA): a byte order mark, and digits that are names (keys) kept as text. "comma": the same
        with decimal commas and semicolons between (France, Spain).
    day : when it was written, as the README and the citation say it; empty: not said.

    Raises
    ------
    ProblemError : the plan carries no tables of a town, or no limit.
    TableError : the folder exists and ``replace`` is False, is not ours, or holds something else (a town, a plan); no reference system.
    """
    study = study_of_plan(plan)
    blocks = blocks_table(plan)
    sheets = {
        "blocks": blocks,
        "places": places_table(plan),
        "modules": study.modules,
        "comparison": comparison_table(plan, table),
        "about": about_table(plan),
    }
    sheets["columns"] = column_sheet(sheets, study.town, language=language, say=say)
    layers = plan_layers(plan, blocks)
    with whole_folder(Path(to), replace=replace, kind="columns.csv") as beside:
        guarded = 0
        for name, sheet in sheets.items():
            safe, count = guarded_cells(sheet, digits_as_text=bool(spreadsheet))
            guarded += count
            safe.to_csv(
                beside / f"{name}.csv",
                index=False,
                encoding="utf-8-sig" if spreadsheet else "utf-8",
                sep=";" if spreadsheet == "comma" else ",",
                decimal="," if spreadsheet == "comma" else ".",
                lineterminator="\r\n" if spreadsheet else "\n",
            )
        for name, (frame, geometry, crs) in layers.items():
            kinds = ("Point",) if name != "blocks" else ()
            write_parquet(
                beside / f"{name}.parquet", frame, table=OF_LAYER[name], geometry=geometry, crs=crs, kinds=kinds
            )
        told = read_me(plan, sheets, list(layers), spreadsheet=spreadsheet, guarded=guarded, day=day, say=say)
        ending = "\r\n" if spreadsheet else "\n"
        said = ending.join(say(line) for line in told) + ending
        (beside / "README.txt").write_bytes(said.encode("utf-8-sig" if spreadsheet else "utf-8"))
    return Path(to)


def write_blocks(plan: Plan, *, to: str | Path) -> Path:
    """Write the blocks of a plan, with who reaches and who gains, as one GeoParquet file; a file there is replaced."""
    path = Path(to)
    frame, geometry, crs = plan_layers(plan)["blocks"]
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        write_parquet(beside, frame, table="plan_blocks", geometry=geometry, crs=crs)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def guarded_cells(sheet: pd.DataFrame, *, digits_as_text: bool = False) -> tuple[pd.DataFrame, int]:
    """The sheet with an apostrophe before every text that would be run as a formula, and how many there were.

    Column names are texts too. ``digits_as_text``: a text of digits alone that a spreadsheet would shorten
    (a zero ahead, or more than 15) is written ="0900700010010001", which Excel shows whole.
    """
    made, count = sheet.copy(), 0
    for name in made.columns:
        values = made[name]
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            continue
        cells = [_guarded(cell, digits_as_text) for cell in values.tolist()]
        count += sum(
            isinstance(new, str) and new[:1] == "'" and new != old
            for new, old in zip(cells, values.tolist(), strict=True)
        )
        made[name] = pd.Series(cells, index=made.index, dtype=object)
    named = [str(_guarded(str(name), False)) for name in made.columns]
    count += sum(new != str(old) for new, old in zip(named, made.columns, strict=True))
    made.columns = pd.Index(named)
    return made, count


def _guarded(cell: Any, digits_as_text: bool) -> Any:
    if not isinstance(cell, str):
        return cell
    if cell.startswith(FORMULA_SIGNS):
        return "'" + cell
    if (
        digits_as_text
        and cell.isascii()
        and cell.isdigit()
        and (len(cell) > LONGEST or (cell[0] == "0" and cell != "0"))
    ):
        return f'="{cell}"'
    return cell


def column_sheet(
    sheets: Mapping[str, pd.DataFrame], town: Mapping[str, Any], *, language: str = "en", say: Say = as_it_is
) -> pd.DataFrame:
    """One row a column of every sheet: table, column, type, unit, meaning, source."""
    counted = {
        **{g["id"]: ("number", "persons", _label(g, language, say), g.get("source", "")) for g in town.get("groups", [])},
        **{i["id"]: ("number", "", _label(i, language, say), i.get("source", "")) for i in town.get("indicators", [])},
    }  # fmt: skip
    rows = []
    for name, sheet in sheets.items():
        said = PLAIN
        if name in DECLARED:
            said = {c.name: (c.type, _unit(c.unit, c.type, town), c.meaning, c.source) for c in columns(DECLARED[name])}
        for column in sheet.columns:
            kind, unit, meaning, source = said.get(str(column), counted.get(str(column), ("text", "", "", "")))
            rows.append((name, str(column), say(kind), say(unit), say(meaning), say(source)))
    return pd.DataFrame(rows, columns=["table", "column", "type", "unit", "meaning", "source"])


def read_me(
    plan: Plan,
    sheets: Mapping[str, pd.DataFrame],
    layers: list[str],
    *,
    spreadsheet: Spreadsheet,
    guarded: int,
    day: str,
    say: Say = as_it_is,
) -> list[str]:
    """The lines of README.txt, in English, each a sentence that can be said in another language.

    ``say`` is for the names of the sources, which stand inside a line.
    """
    study, limit = study_of_plan(plan), limit_of_plan(plan)
    town, sites = str(study.town.get("name", "")), len(plan.sites)
    lines: list[str] = [
        Line("Tables of a plan for {town}: new sites {sites}, limit {limit}", town=town, sites=sites, limit=str(limit)),
        "",
    ]
    if study.town.get("made_up"):
        lines += ["The data are made up: no figure here describes a real place.", ""]
    lines += [
        Line("Aim {aim}; value {value}; bound {bound}; gap {gap:.3%}.", aim=plan.aim, value=_amount(plan, plan.value), bound=_amount(plan, plan.bound), gap=plan.gap),
        *_weighed(plan),
        "Proven within the model: no plan is better." if plan.proven else "Not proven: a better plan may exist, at most by the gap.",
        "",
        "FILES",
        *(Line("{file}: rows {rows:,}", file=f"{name}.csv", rows=len(sheet)) for name, sheet in sheets.items()),
        Line("{files}: the same as GeoParquet, with outlines or points", files=", ".join(f"{name}.parquet" for name in layers)),
        "columns.csv says of every column its type, its unit, what it means and where it comes from.",
        "Names of tables and columns, and the words that stand in cells (reached, gained, ...), are English in every language.",
        "",
        "HOW THE CSV IS WRITTEN",
        {
            "": "UTF-8 without a mark, commas between columns, decimal points: for programs.",
            "point": "For Excel with decimal points: UTF-8 with a byte order mark, commas between columns.",
            "comma": "For Excel with decimal commas: UTF-8 with a byte order mark, semicolons between columns.",
        }[spreadsheet],
        "An empty cell is not known, never 0.",
        Line("Texts that a spreadsheet would run as a formula have an apostrophe before them: {count:,} cells. In the GeoParquet they are exact.", count=guarded),
    ]  # fmt: skip
    if spreadsheet:
        lines.append('Keys of digits are written ="0900...": Excel shows them whole. Other programs should read the GeoParquet.')  # fmt: skip
    lines += ["", "SOURCES AND LICENCES"]
    for source in study.town.get("sources", []):
        rest = [str(source[key]) for key in ("address", "licence", "date") if source.get(key)]
        lines.append(", ".join([say(str(source["name"])), *rest]))
    if not study.town.get("sources"):
        lines.append("Nothing says where the data come from.")
    cited = "; ".join(say(str(source["name"])) for source in study.town.get("sources", []))
    lines += [
        "What was computed from these tables has no licence of its own: those of the sources hold.",
        "",
        "HOW TO CITE",
        Line("{town}: plan of new sites {sites}, limit {limit}, computed with utopias {version}.", town=town, sites=sites, limit=str(limit), version=VERSION),
    ]  # fmt: skip
    if cited:
        lines.append(Line("Data: {sources}.", sources=cited))
    if day:
        lines.append(Line("Written on {day}.", day=day))
    if study.town.get("hash"):
        lines.append(Line("Fingerprint of the town folder: {hash}", hash=str(study.town["hash"])))
    return lines


def _amount(plan: Plan, value: float) -> str:
    """A value of the plan's aim: whole, but for those that count no whole things."""
    return f"{value:,.4f}" if plan.aim in ("fair-walk", "least-poverty") else f"{value:,.0f}"


def _weighed(plan: Plan) -> list[str]:
    """What the value counts where an index multiplies people; without one, nothing to add."""
    index = plan.weighted_by
    if plan.aim != "cover-most" or not index:
        return []
    if index == "need":
        return ["Value and bound are in people weighted by need: each person weighs the need index of their place, 0 to 1."]  # fmt: skip
    return [Line("Value and bound are in people weighted by the index {index}.", index=index)]


def _unit(unit: str, kind: str, town: Mapping[str, Any]) -> str:
    if kind == "choice":
        return ""
    return str(town.get("currency") or unit) if unit == "currency" else unit


def _label(said: Mapping[str, Any], language: str, say: Say) -> str:
    labels = said.get("labels", {})
    label = str(labels.get(language) or labels.get("en") or said["id"])
    if not said.get("estimated"):
        return label
    return say(Line("{label} (estimate: {formula})", label=label, formula=say(str(said["formula"]))))
