"""What the bench prints: Markdown, so that the tables of the manual are this output and nothing else."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.rounds import Bar, Figure
from benchmarks.rows import Bench, Row

KEPT, MISSED, WRONG = 0, 1, 2  # exit codes; the worst row counts


def header(bench: Bench) -> str:
    """Where and with what this was measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in bench.versions)
    return (
        f"Python {platform.python_version()} on {_processor()}, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f} at the start; {versions}."
    )


def section(bench: Bench, name: str) -> str:
    """The head of a section's table."""
    return f"\n### {bench.sections[name]}\n\n{_line(bench.columns)}\n{_line(['---'] * len(bench.columns))}"


def lines(bench: Bench, row: Row, told: Mapping[str, Any], *, little: bool = False) -> Iterator[str]:
    """The lines of one row, as its bench lays them out."""
    for cells in bench.cells(row, told, little=little):
        yield _line(cells)


def work_of(row: Row, told: Mapping[str, Any]) -> str:
    """What a row asks, and of how much."""
    return f"{row.what}; {told['size']}" if told.get("size") else row.what


def notes(bench: Bench, row: Row, told: Mapping[str, Any], *, little: bool = False) -> Iterator[str]:
    """What a reader must know beside a row: what was left out of its seconds, the load, the memory."""
    if trouble(told) or little:
        return
    said = [figure.note for figure in figures_of(told) if figure.note] + list(told.get("notes", []))
    said += [f"equal to {', '.join(told['equal'])}"] if told["equal"] and row.section in bench.compared else []
    said += [f"not counted: {name} made in {seconds(taken)}" for name, taken in told["made"].items()]
    said += [f"load {told['load']:.1f}", f"peak {told['peak_mb']:,.0f} MB"]
    yield f"- `{row.name}`: {'; '.join(said)}."


def trouble(told: Mapping[str, Any]) -> str:
    """What a row cannot be believed for; "" where it can."""
    if told.get("wrong"):
        return "NOT EQUAL: " + "; ".join(told["wrong"])
    if "error" in told:
        return f"ERROR: {told['error']}"
    if "not_run" in told:
        return f"not run: {told['not_run']}"
    if "not_yet" in told:
        return f"not there yet: {told['not_yet']}"
    return ""


def code(told: Mapping[str, Any], *, little: bool = False) -> int:
    """The exit code of one row: a floor missed or nothing run is 1, not equal or broken is 2.

    A little run asks for equality alone: no bar is missed there, nor what is not there yet.
    """
    if told.get("wrong") or "error" in told:
        return WRONG
    if "not_run" in told:
        return MISSED
    if little:
        return KEPT
    if "not_yet" in told:
        return MISSED
    return MISSED if any(figure.mark == "MISSED" for figure in figures_of(told)) else KEPT


def figures_of(told: Mapping[str, Any]) -> list[Figure]:
    """The figures, from plain values again."""
    return [
        Figure(**{**figure, "bar": None if figure["bar"] is None else Bar(**figure["bar"])})
        for figure in told.get("figures", [])
    ]


def seconds(value: float) -> str:
    """Three figures that count: "0.0413 s", "22.2 s"."""
    return f"{_three(value)} s"


def shown(value: float, unit: str) -> str:
    """A figure with its unit; a count of so many is whole, and one without an end is "never"."""
    if not math.isfinite(value):
        return "never"
    if unit.startswith("of "):
        return f"{value:,.0f} {unit}"
    return f"{_three(value)}{'' if unit in ('x', '') else ' '}{unit}"


def _three(value: float) -> str:
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return f"{value:.{max(0, 3 - whole)}f}" if abs(value) >= 0.1 else f"{value:.3g}"


def bar_shown(bar: Bar | None, unit: str, which: str) -> str:
    if bar is None:
        return ""
    if not math.isfinite(getattr(bar, which)):
        return "–"
    sign = "≥" if bar.at_least else "≤"
    return f"{sign} {getattr(bar, which):g}{'' if unit in ('x', '') else ' '}{unit}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", file.read_text(encoding="utf-8")) if file.exists() else None
    return found[1].strip() if found else platform.machine()
