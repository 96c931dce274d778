"""Maps drawn by ourselves: blocks before and after, units, new sites with their numbers.

The window is that of the planned area; what lies around is shown, pale, and never counted.
A drawing holds marks and names only; its legend stands beside it as real text, so that it
can be read on a phone of 360 points and by a screen reader.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.domain.study import Study
from utopias.report import palette
from utopias.report.map_paths import WIDTH, Frame, area_paths, frame_around, joined, line_paths, square_paths

# What a block is, from its reach before and after. The order is that of drawing.
KINDS = ("around", "empty", "no way", "out", "lost", "reached", "gained")
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


def prepare(plan: Plan) -> MapInk:
    """Turn a plan's study into paths: the slow part of a map, done once.

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
    if study.outlines is not None:
        drawn = area_paths(study.outlines, kinds, frame)
    else:
        drawn = square_paths(x, y, _spacing(x[planned], y[planned]), kinds, frame)
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
    view : "before" (units only) or "after" (the new sites too).
    title, description : for those who do not see it. north, kilometres : letter and unit, worded.
    text : height of letters in grid steps; 112 is 11 points on a phone of 390.
    named : write the names of places where they fit.
    share : an id prefix. The blocks are then drawn once in ``after`` ... see ``block_definitions``,
        and every map of the page uses them, so that a page with three maps carries one geometry.

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
        edge = f' stroke="{palette.INK}" stroke-width="6"' if fill == palette.LOST else ""
        edge = f' stroke="{palette.SOFT}" stroke-width="4"' if fill == palette.NO_WAY else edge
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
        out.extend(_names(ink.labels, marks, round(text * 0.8), frame.height))
    out.extend(_unit(x, y, text) for x, y in _points(ink.units))
    if view == "after":
        out.extend(_site_marks(_points(ink.sites), text, frame.height))
    out.append(_scale_bar(frame, text, kilometres))
    out.append(_north(text, north))
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
        "unit": _unit(60, 50, 80),
        "site": _site(60, 50, "1", 62),
        "limit": f'<path d="M0 50H120" stroke="{palette.LIMIT}" stroke-width="12" stroke-dasharray="40 14 8 14"/>',
    }
    fill = FILLS["after"].get(kind, palette.PAPER)
    edge = palette.INK if kind == "lost" else palette.SOFT
    drawn = inside.get(
        kind, f'<rect x="6" y="14" width="108" height="72" fill="{fill}" stroke="{edge}" stroke-width="5"/>'
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


def _spacing(x: Floats, y: Floats) -> float:
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


def _unit(x: int, y: int, text: int) -> str:
    half = round(text * 0.36)
    return (
        f'<rect x="{x - half}" y="{y - half}" width="{2 * half}" height="{2 * half}" '
        f'fill="{palette.INK}" stroke="#fff" stroke-width="{max(6, half // 4)}"/>'
    )


def _site(x: int, y: int, number: str, text: int) -> str:
    r = round(text * (0.72 if len(number) < 2 else 0.86))
    return (
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="#fff" stroke="{palette.INK}" stroke-width="{max(6, r // 5)}"/>'
        f'<text x="{x}" y="{y + round(text * 0.36)}" font-size="{text}" font-weight="700" fill="{palette.INK}" '
        f'text-anchor="middle">{number}</text>'
    )


def _site_marks(points: Sequence[tuple[int, int]], text: int, height: int) -> list[str]:
    """Numbered marks, fanned out where they would cover each other, each tied to its true place."""
    apart = round(text * 1.9)
    at = [[float(x), float(y)] for x, y in points]
    for _ in range(60):
        moved = False
        for i in range(len(at)):
            for j in range(i):
                dx, dy = at[i][0] - at[j][0], at[i][1] - at[j][1]
                far = math.hypot(dx, dy)
                if far < apart:
                    angle = math.atan2(dy, dx) if far > 1 else 2.4 * i  # the golden angle, for one spot
                    push = (apart - far) / 2 + 1
                    for k, sign in ((i, 1), (j, -1)):
                        at[k][0] = min(max(at[k][0] + sign * push * math.cos(angle), text), WIDTH - text)
                        at[k][1] = min(max(at[k][1] + sign * push * math.sin(angle), text), height - text)
                    moved = True
        if not moved:
            break
    ties = [
        f'<path d="M{x} {y}L{a:.0f} {b:.0f}" stroke="{palette.INK}" stroke-width="10"/><circle cx="{x}" cy="{y}" r="16" fill="{palette.INK}"/>'
        for (x, y), (a, b) in zip(points, at, strict=True)
        if math.hypot(a - x, b - y) > text * 0.5
    ]
    return [*ties, *(_site(round(a), round(b), str(i + 1), text) for i, (a, b) in enumerate(at))]


def _names(
    labels: Sequence[tuple[str, int, int]], marks: Sequence[tuple[int, int]], text: int, height: int
) -> list[str]:
    """Place names that cover neither a mark nor each other nor the corners; the rest stay unsaid."""
    taken = [(x - text, y - text, x + text, y + text) for x, y in marks]
    taken += [(0, height - 3 * text, 12 * text, height), (WIDTH - 3 * text, 0, WIDTH, 4 * text)]
    drawn = []
    for name, x, y in labels:
        half, up = round(len(name) * text * 0.29) + 10, round(text * 0.75)
        box = (x - half, y - up, x + half, y + up)
        if box[0] < 0 or box[2] > WIDTH or box[1] < 0 or box[3] > height:
            continue
        if any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken):
            continue
        taken.append(box)
        drawn.append(
            f'<text x="{x}" y="{y + round(text * 0.35)}" font-size="{text}" text-anchor="middle" fill="{palette.INK}" '
            f'stroke="#fff" stroke-width="{text // 5}" stroke-linejoin="round" paint-order="stroke">{escape(name)}</text>'
        )
    return drawn


def _scale_bar(frame: Frame, text: int, kilometres: str) -> str:
    """A round length near a fifth of the width."""
    target = WIDTH * frame.metres / 5.0
    power = 10.0 ** math.floor(math.log10(target))
    length = max(step * power for step in (1, 2, 5) if step * power <= target)
    steps = round(length / frame.metres)
    said = f"{length / 1000:g} {kilometres}" if length >= 1000 else f"{length:g} m"
    x, y = round(text * 0.6), frame.height - round(text * 0.6)
    return (
        f'<rect x="{x - text // 3}" y="{y - round(text * 1.75)}" width="{steps + 2 * (text // 3)}" '
        f'height="{round(text * 2.05)}" fill="#fff" fill-opacity="0.85"/>'
        f'<path d="M{x} {y - text // 4}v{text // 4}h{steps}v-{text // 4}" fill="none" stroke="{palette.INK}" stroke-width="14"/>'
        f'<text x="{x}" y="{y - round(text * 0.55)}" fill="{palette.INK}">{said}</text>'
    )


def _north(text: int, letter: str) -> str:
    x, y = WIDTH - round(text * 0.9), round(text * 0.5)
    return (
        f'<path d="M{x} {y}l{text // 3} {text}l-{text // 3}-{text // 4}l-{text // 3} {text // 4}z" fill="{palette.INK}" '
        f'stroke="#fff" stroke-width="6"/><text x="{x}" y="{y + round(text * 2.0)}" text-anchor="middle" font-weight="700" '
        f'fill="{palette.INK}">{letter}</text>'
    )
