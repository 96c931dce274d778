"""Maps drawn by ourselves: blocks before and after, units, new sites with their numbers.

The window is that of the planned area; what lies around is shown, pale, and never counted.
A drawing holds marks and names only; its legend stands beside it as real text, so that it
can be read on a phone of 360 points and by a screen reader.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.domain.study import Study
from utopias.report import palette
from utopias.report.map_marks import lot_mark, name_marks, north_arrow, scale_bar, site_mark, site_marks, unit_mark
from utopias.report.map_paths import (
    WIDTH,
    Frame,
    area_paths,
    cell_paths,
    frame_around,
    joined,
    line_paths,
    square_paths,
)

# What a block is, from its reach before and after. The order is that of drawing.
KINDS = ("around", "lived", "empty", "no way", "out", "lost", "reached", "gained")
FILLS = {
    "before": {
        "around": palette.AROUND,
        "empty": palette.EMPTY,
        "no way": palette.NO_WAY,
        "out": palette.OUT,
        "gained": palette.OUT,
        "reached": palette.REACHED,
        "lost": palette.REACHED,
    },
    "after": {
        "around": palette.AROUND,
        "empty": palette.EMPTY,
        "no way": palette.NO_WAY,
        "out": palette.OUT,
        "gained": palette.GAINED,
        "reached": palette.REACHED,
        "lost": palette.LOST,
    },
    "town": {"around": palette.AROUND, "lived": palette.LIVED, "empty": palette.EMPTY},
}

# Lost and no way are told by an outline too.
_EDGES = {
    palette.LOST: f' stroke="{palette.INK}" stroke-width="6"',
    palette.NO_WAY: f' stroke="{palette.INK}" stroke-width="5"',
}


@dataclass(frozen=True, eq=False)
class MapInk:
    """Everything a map needs, made once and drawn as often as wanted.

    blocks : kind -> path. kinds : the kinds that occur. areas, lines : base map by kind -> path.
    units, sites : (k, 2) grid points; sites in plan order. labels : name, x, y.
    """

    frame: Frame
    blocks: dict[str, str]
    kinds: frozenset[str]
    areas: dict[str, str]
    lines: dict[str, str]
    units: AnyArray
    sites: AnyArray
    labels: tuple[tuple[str, int, int], ...]


def block_kinds(plan: Plan) -> AnyArray:
    """(n,) one of ``KINDS`` for every block of the plan's study, within the headline's limit.

    A block exactly at the limit is within. Before: the fixed units; after: the new sites too.
    """
    study = _study_of(plan)
    limit = Minutes(plan.findings.headline.within_minutes) if plan.findings else plan.within
    if limit is None:
        raise ProblemError(Fault("no-limit", "the plan has no limit to draw", mend="make its findings first"))
    fixed, new = np.array(plan.fixed, dtype=np.int64), np.array(plan.sites, dtype=np.int64)
    before: Bools = study.times.select(fixed).within(limit).any_unit()
    after: Bools = study.times.select(np.concatenate([fixed, new])).within(limit).any_unit()
    blocks = study.blocks
    kinds = np.full(len(blocks), "out", dtype=object)
    kinds[blocks["apart"].to_numpy(dtype=bool)] = "no way"
    kinds[before & after] = "reached"
    kinds[after & ~before] = "gained"
    kinds[before & ~after] = "lost"
    kinds[blocks["persons"].to_numpy(dtype=float) <= 0] = "empty"
    kinds[~blocks["planned"].to_numpy(dtype=bool)] = "around"
    return kinds


def prepare(plan: Plan, *, cells_over: int | None = None) -> MapInk:
    """Turn a plan's study into paths: the slow part of a map, done once.

    cells_over : with more blocks than this they are drawn as cells of a small map, not as outlines.

    Raises
    ------
    ProblemError : the plan carries no study, so there is nothing to draw.
    """
    study = _study_of(plan)
    blocks = study.blocks
    x, y = blocks["x"].to_numpy(dtype=float), blocks["y"].to_numpy(dtype=float)
    planned = blocks["planned"].to_numpy(dtype=bool)
    frame = frame_around(x[planned], y[planned])
    kinds = block_kinds(plan)
    if cells_over is not None and len(blocks) > cells_over:
        drawn = cell_paths(x, y, kinds, frame, 1.1 * spacing(x[planned], y[planned]))
    elif study.outlines is not None:
        drawn = area_paths(study.outlines, kinds, frame)
    else:
        drawn = square_paths(x, y, spacing(x[planned], y[planned]), kinds, frame)
    base = study.basemap
    spots = study.places[["x", "y"]].to_numpy(dtype=float)
    return MapInk(
        frame=frame,
        blocks=drawn,
        kinds=frozenset(drawn),
        areas={} if base is None else area_paths(base.polygons, base.polygon_kind, frame),
        lines={} if base is None else line_paths(base.lines, base.line_kind, frame),
        units=frame.grid(spots[list(plan.fixed)]),
        sites=frame.grid(spots[list(plan.sites)]),
        labels=() if base is None else _labels(base.labels, base.label_x, base.label_y, frame),
    )


def map_svg(
    ink: MapInk,
    view: str,
    *,
    title: str,
    description: str,
    north: str,
    kilometres: str,
    text: int = 112,
    named: bool = False,
    share: str = "",
) -> str:
    """One map as SVG.

    Parameters
    ----------
    view : "before" (units only), "after" (the new sites too) or "town" (units, and all lots as rings).
    title, description : for those who do not see it. north, kilometres : letter and unit, worded.
    text : height of letters in grid steps; 112 is 11 points on a phone of 390.
    named : write the names of places where they fit.
    share : an id prefix: the blocks stand once in the page (``block_definitions``), and every map
        uses them, so that a page with three maps carries one geometry. Empty: the map stands alone.

    Source
    ------
    One compound path a class: this project's bench, 66,000 blocks in 0.8 s.
    """
    frame = ink.frame
    fills = FILLS[view]
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {frame.height}" role="img" '
        f'font-family="Noto Sans, sans-serif" font-size="{text}">',
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>",
        f'<rect width="{WIDTH}" height="{frame.height}" fill="{palette.GROUND}"/>',
        _area(ink.areas.get("green", ""), palette.GREEN),
        _area(ink.areas.get("water", ""), palette.WATER),
    ]
    groups: dict[str, list[str]] = {}
    for kind in KINDS:
        if kind in ink.blocks:
            groups.setdefault(fills[kind], []).append(kind)
    for fill, kinds in groups.items():
        edge = _EDGES.get(fill, "")
        if share:
            out.extend(f'<use href="#{share}-{kind.replace(" ", "-")}" fill="{fill}"{edge}/>' for kind in kinds)
        else:
            out.append(_area(joined(ink.blocks, *kinds), fill, edge))
    out.append(_line(ink.lines.get("road", ""), palette.ROAD, 10))
    out.append(_line(ink.lines.get("canal", ""), palette.WATER, 22))
    out.append(_line(ink.lines.get("rail", ""), palette.RAIL, 10, "44 20"))
    out.append(_limit(ink.areas.get("limit", "")))
    marks = [*_points(ink.units), *(_points(ink.sites) if view == "after" else [])]
    if named:
        out.extend(name_marks(ink.labels, marks, round(text * 0.64), frame.height))
    if view == "town":
        out.extend(lot_mark(x, y, text) for x, y in _points(ink.sites))
    out.extend(unit_mark(x, y, text) for x, y in _points(ink.units))
    if view == "after":
        out.extend(site_marks(_points(ink.sites), text, frame.height))
    out.append(scale_bar(frame, text, kilometres))
    out.append(north_arrow(text, north))
    out.append("</svg>")
    return "".join(out)


def block_definitions(ink: MapInk, share: str) -> str:
    """A hidden SVG that holds the blocks once, for the maps drawn with the same ``share``."""
    paths = "".join(
        f'<path id="{share}-{kind.replace(" ", "-")}" fill-rule="evenodd" d="{d}"/>' for kind, d in ink.blocks.items()
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0" class="held" aria-hidden="true"><defs>{paths}</defs></svg>'


def swatch(kind: str) -> str:
    """The small drawing of a legend: a block of one kind, ``unit``, ``site`` or ``limit``."""
    inside = {
        "unit": unit_mark(60, 50, 80),
        "site": site_mark(60, 50, "1", 62),
        "limit": f'<path d="M0 50H120" stroke="{palette.LIMIT}" stroke-width="12" stroke-dasharray="40 14 8 14"/>',
    }
    fill = FILLS["after"].get(kind, palette.PAPER)
    edge = palette.INK if fill in _EDGES else palette.RULE
    drawn = inside.get(
        kind, f'<rect x="6" y="14" width="108" height="72" fill="{fill}" stroke="{edge}" stroke-width="6"/>'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 100" width="24" height="20" aria-hidden="true" '
        f'font-family="Noto Sans, sans-serif">{drawn}</svg>'
    )


def _study_of(plan: Plan) -> Study:
    if plan.study is None:
        raise ProblemError(
            Fault("no-study", "the plan carries no study, so there is no map", mend="solve a problem made for a town")
        )
    return plan.study


def spacing(x: Floats, y: Floats) -> float:
    """Metres: the side of a square each, were the points spread evenly over their window."""
    if len(x) < 2:
        return 100.0
    return 0.9 * math.sqrt(max(float(np.ptp(x)), 1.0) * max(float(np.ptp(y)), 1.0) / len(x))


def _labels(names: AnyArray, x: Floats, y: Floats, frame: Frame) -> tuple[tuple[str, int, int], ...]:
    if not len(names):
        return ()
    grid = frame.grid(np.stack([np.asarray(x, float), np.asarray(y, float)], axis=1))
    held = frame.holds(grid)
    return tuple((str(n), int(a), int(b)) for n, (a, b), ok in zip(names, grid, held, strict=True) if ok)


def _points(grid: AnyArray) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in grid]


def _area(d: str, fill: str, more: str = "") -> str:
    return f'<path fill="{fill}" fill-rule="evenodd"{more} d="{d}"/>' if d else ""


def _line(d: str, colour: str, width: int, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path fill="none" stroke="{colour}" stroke-width="{width}"{dashed} d="{d}"/>' if d else ""


def _limit(d: str) -> str:
    return _line(d, palette.LIMIT, 14, "80 28 16 28")
