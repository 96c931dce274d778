"""The curve between two aims, drawn by ourselves: numbered points, both axes named, the plan of the report marked.

The first aim goes up, the second to the right. Points are numbered as the rows of the table beside it; the plan's
own point is filled and ringed, or a diamond where it is none of them: without colour the chart says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from utopias.report import palette
from utopias.report.figures import TEXT, WIDTH

_TOP, _TALL, _LEFT, _RIGHT = 34.0, 185.0, 74.0, 14.0
_RADIUS = 10.0
# Where a number goes whose place is taken, in turn: under, over, left, right.
_AROUND = ((0.0, 1.0), (0.0, -1.0), (-1.0, 0.0), (1.0, 0.0))


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis measures, with its unit, and how a value of it is said."""

    label: str
    said: Callable[[float], str]


def curve_svg(
    points: Sequence[tuple[float, float]],
    *,
    up: Axis,
    right: Axis,
    chosen: int | None,
    beside: tuple[float, float] | None,
    title: str,
    description: str,
) -> str:
    """``points`` : (first, second) values in the order of the table. chosen : which one the plan is; beside : its values where it is none."""
    every = [*points, *([beside] if beside is not None and chosen is None else [])]
    ups, rights = _ticks([one[0] for one in every], 5), _ticks([one[1] for one in every], 4)
    wide = WIDTH - _LEFT - _RIGHT

    def at(value: tuple[float, float]) -> tuple[float, float]:
        x = _LEFT + wide * (value[1] - rights[0]) / (rights[-1] - rights[0])
        return x, _TOP + _TALL * (1 - (value[0] - ups[0]) / (ups[-1] - ups[0]))

    out = [_text(0, 14, up.label, weight=700)]
    for tick in ups:
        _, y = at((tick, rights[0]))
        out.append(f'<path d="M{_LEFT:g} {y:.1f}H{WIDTH}" stroke="{palette.RULE}" stroke-width="0.6"/>')
        out.append(_text(_LEFT - 8, y + 4.5, up.said(tick), anchor="end", colour=palette.SOFT))
    # Long figures (30,500,000) stand under every second tick, or fewer: they may not run into each other.
    longest = max(len(right.said(tick)) for tick in rights)
    # The last one ends at the frame and reaches a whole width to the left, its neighbour half a one to the right.
    every_nth = ceil((1.5 * 7 * longest + 8) / (wide / (len(rights) - 1)))
    for k, tick in enumerate(rights):
        x, y = at((ups[0], tick))
        out.append(f'<path d="M{x:.1f} {y:.1f}v5" stroke="{palette.INK}" stroke-width="1"/>')
        last = k == len(rights) - 1
        if (len(rights) - 1 - k) % every_nth:
            continue
        out.append(_text(x, y + 20, right.said(tick), anchor="end" if last else "middle", colour=palette.SOFT))
    bottom = _TOP + _TALL
    out.append(
        f'<path d="M{_LEFT:g} {_TOP:g}V{bottom:g}H{WIDTH}" fill="none" stroke="{palette.INK}" stroke-width="1"/>'
    )
    out.append(_text(WIDTH, bottom + 42, right.label, anchor="end", weight=700))
    steps = sorted(points, key=lambda one: one[1])
    line = " ".join(f"{'M' if k == 0 else 'L'}{x:.1f} {y:.1f}" for k, (x, y) in enumerate(map(at, steps)))
    out.append(f'<path d="{line}" fill="none" stroke="{palette.SOFT}" stroke-width="1.5" stroke-dasharray="5 4"/>')
    shown = _apart([at(one) for one in points])
    for k, ((x, y), (px, py)) in enumerate(zip(shown, map(at, points), strict=True)):
        own = k == chosen
        if (x, y) != (px, py):  # the number stands beside its place, with a line to it
            out.append(f'<path d="M{px:.1f} {py:.1f}L{x:.1f} {y:.1f}" stroke="{palette.INK}" stroke-width="1"/>')
            out.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.5" fill="{palette.INK}"/>')
        if own:
            out.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS + 4:g}" fill="{palette.PAPER}" '
                f'stroke="{palette.INK}" stroke-width="2"/>'
            )
        fill = palette.GAIN if own else palette.PAPER
        out.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS:g}" fill="{fill}" stroke="{palette.INK}" stroke-width="1.6"/>'
        )
        ink = palette.PAPER if own else palette.INK
        out.append(_text(x, y + 4.5, str(k + 1), anchor="middle", weight=700, colour=ink))
    if beside is not None and chosen is None:
        x, y = at(beside)
        out.append(_diamond(x, y))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 0 {WIDTH + 4} {bottom + 50:.0f}" role="img" '
        f'font-family="Noto Sans, sans-serif"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
        + "".join(out)
        + "</svg>"
    )


def starts_at_nought(points: Sequence[tuple[float, float]], beside: tuple[float, float] | None) -> bool:
    """Whether both axes begin at 0; where one does not, a distance on the chart is no share of the whole."""
    every = [*points, *([beside] if beside is not None else [])]
    return _ticks([one[0] for one in every], 5)[0] == 0 and _ticks([one[1] for one in every], 4)[0] == 0


def key_of(kind: str) -> str:
    """The small drawing of the legend: "point", "chosen", "beside"."""
    if kind == "beside":
        drawn = _diamond(14, 14)
    else:
        own = kind == "chosen"
        fill, ink = (palette.GAIN, palette.PAPER) if own else (palette.PAPER, palette.INK)
        ring = f'<circle cx="14" cy="14" r="13" fill="none" stroke="{palette.INK}" stroke-width="1.6"/>' if own else ""
        drawn = (
            f'{ring}<circle cx="14" cy="14" r="9.5" fill="{fill}" stroke="{palette.INK}" stroke-width="1.6"/>'
            + _text(14, 18.5, "n", anchor="middle", weight=700, colour=ink)
        )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 28" width="28" height="28" '
        f'font-family="Noto Sans, sans-serif" aria-hidden="true">{drawn}</svg>'
    )


def _diamond(x: float, y: float) -> str:
    return (
        f'<path d="M{x:.1f} {y - 11:.1f}l11 11l-11 11l-11 -11z" fill="{palette.GAIN}" '
        f'stroke="{palette.INK}" stroke-width="1.6"/>'
    )


def _apart(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where each number stands: at its place, or the nearest free one where an earlier number stands."""
    shown: list[tuple[float, float]] = []
    far = 2 * _RADIUS + 3
    around = [(0.0, 0.0)] + [(dx * far * ring, dy * far * ring) for ring in (1, 2, 3) for dx, dy in _AROUND]
    for x, y in places:
        free = (
            (x + dx, y + dy)
            for dx, dy in around
            if _LEFT < x + dx < WIDTH
            and _TOP - _RADIUS < y + dy < _TOP + _TALL - _RADIUS  # under the axis stand its figures
            and all((x + dx - ox) ** 2 + (y + dy - oy) ** 2 >= far**2 * 0.9 for ox, oy in shown)
        )
        shown.append(next(free, (x, y)))
    return shown


def _ticks(values: Sequence[float], about: int) -> list[float]:
    """Round values from just under the least to just over the largest, so that no point stands on the frame."""
    low, high = min(values), max(values)
    span = max(high - low, abs(high) * 0.02, 1e-9)
    raw = span / about
    unit = 10 ** floor(log10(raw))
    step = next(k * unit for k in (1, 2, 2.5, 5, 10) if k * unit >= raw)
    first = floor((low - 0.04 * span) / step)
    ticks = [max(0.0, first * step) if low >= 0 else first * step]
    while ticks[-1] < high + 0.04 * span:
        ticks.append(ticks[-1] + step)
    return ticks


def _text(x: float, y: float, said: str, *, anchor: str = "start", weight: int = 400, colour: str = palette.INK) -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{TEXT}" fill="{colour}" text-anchor="{anchor}"{bold}>'
        f"{escape(said)}</text>"
    )
