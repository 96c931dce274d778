"""Charts drawn by ourselves: bars of gain and loss, reach by need, and how firm each site stands.

Every chart is 400 units wide with letters of 13, so that it reads on a phone of 360 points and in
half a printed column. Numbers stand beside the bars, signs before the numbers, hatching on what
is lost: without colour the chart says the same. Beside each stands a table with the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from utopias.report import palette

WIDTH = 400
TEXT = 13
_HATCH = (
    '<defs><pattern id="{id}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="5" height="5" fill="{back}"/><rect width="2.2" height="5" fill="{front}"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar from 0 to 1: what stays, what is gained on top of it, what is lost out of it.

    before, after : shares of the whole. lost : share lost on the way. said : the numbers, worded.
    """

    label: str
    before: float
    after: float
    lost: float
    said: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One site over the draws: share in which it was chosen, and chosen or replaced near by."""

    number: str
    label: str
    chosen: float
    kept: float
    said: str


def bars_svg(bars: Sequence[Bar], *, title: str, description: str, id: str) -> str:
    """A bar for each part of the people: reached before, gained (darkest), lost (hatched)."""
    high, step = 16, 52
    out = [_HATCH.format(id=f"{id}-loss", back=palette.PAPER, front=palette.LOSS)]
    for k, bar in enumerate(bars):
        y = 6 + k * step
        kept = max(0.0, min(bar.before - bar.lost, 1.0))
        lost, gained = max(0.0, bar.lost), max(0.0, bar.after - kept)
        out.append(_text(0, y + 12, bar.label, weight=700))
        out.append(_rect(0, y + 18, WIDTH, high, palette.TRACK))
        out.append(_rect(0, y + 18, WIDTH * kept, high, palette.REACHED))
        out.append(_rect(WIDTH * kept, y + 18, WIDTH * min(gained, 1 - kept), high, palette.GAIN))
        if lost > 0:
            x = WIDTH * min(kept + gained, 1.0)
            wide = max(2.0, WIDTH * min(lost, 1 - kept - gained))
            out.append(
                f'<rect x="{x:.1f}" y="{y + 18}" width="{wide:.1f}" height="{high}" fill="url(#{id}-loss)" stroke="{palette.LOSS}" stroke-width="1.5"/>'
            )
        out.append(_text(WIDTH, y + 12, bar.said, anchor="end", colour=palette.SOFT))
    return _svg(out, 6 + len(bars) * step - 8, title, description)


def need_svg(bars: Sequence[Bar], *, title: str, description: str, axis: str, low: str, high: str) -> str:
    """Reach by need, one column a fifth: hollow before, solid after, a line between them."""
    top, tall, left = 46, 190, 34
    column = (WIDTH - left - 10) / max(len(bars), 1)
    ceiling = _ceiling(max([0.1, *(max(b.before, b.after) for b in bars)]))
    out = [_text(0, 14, axis, colour=palette.SOFT)]
    for tick in range(5):
        share = ceiling * tick / 4
        y = top + tall - tall * tick / 4
        out.append(
            f'<path d="M{left} {y:.1f}H{WIDTH}" stroke="{palette.RULE}" stroke-width="{1.2 if tick == 0 else 0.6}"/>'
        )
        out.append(_text(left - 6, y + 4, f"{share * 100:g}", anchor="end", colour=palette.SOFT))
    for k, bar in enumerate(bars):
        x = left + column * (k + 0.5)
        before, after = (top + tall - tall * min(v / ceiling, 1.0) for v in (bar.before, bar.after))
        colour = palette.LOSS if bar.after < bar.before else palette.GAIN
        out.append(f'<path d="M{x:.1f} {before:.1f}V{after:.1f}" stroke="{colour}" stroke-width="5"/>')
        out.append(
            f'<circle cx="{x:.1f}" cy="{before:.1f}" r="6" fill="#fff" stroke="{palette.INK}" stroke-width="2"/>'
        )
        out.append(f'<circle cx="{x:.1f}" cy="{after:.1f}" r="6" fill="{colour}" stroke="#fff" stroke-width="1.5"/>')
        upper = min(before, after) - 11
        out.append(_text(x, upper, bar.said, anchor="middle"))
        out.append(_text(x, top + tall + 18, bar.label, anchor="middle", weight=700))
    out.append(_text(left, top + tall + 36, low, colour=palette.SOFT))
    out.append(_text(WIDTH, top + tall + 36, high, anchor="end", colour=palette.SOFT))
    return _svg(out, top + tall + 44, title, description)


def strips_svg(strips: Sequence[Strip], *, title: str, description: str, id: str) -> str:
    """For each site the draws that chose it (solid) and that chose it or one near by (hatched)."""
    step, high = 50, 14
    out = [_HATCH.format(id=f"{id}-near", back=palette.PAPER, front=palette.REACHED)]
    for k, strip in enumerate(strips):
        y = 6 + k * step
        out.append(
            f'<circle cx="9" cy="{y + 8}" r="9" fill="#fff" stroke="{palette.INK}" stroke-width="2"/>'
            + _text(9, y + 12.5, strip.number, anchor="middle", weight=700, size=11)
        )
        out.append(_text(24, y + 12, _short(strip.label, strip.said), weight=700))
        out.append(_text(WIDTH, y + 12, strip.said, anchor="end", colour=palette.SOFT))
        out.append(_rect(0, y + 21, WIDTH, high, palette.TRACK))
        out.append(
            f'<rect x="0" y="{y + 21}" width="{WIDTH * strip.kept:.1f}" height="{high}" fill="url(#{id}-near)" stroke="{palette.REACHED}"/>'
        )
        out.append(_rect(0, y + 21, WIDTH * strip.chosen, high, palette.GAIN))
    return _svg(out, 6 + len(strips) * step - 8, title, description)


def key_svg(kind: str) -> str:
    """The small drawing of a chart's legend: before, gain, loss, chosen, near, hollow, solid."""
    hatch = {"loss": palette.LOSS, "near": palette.REACHED}
    plain = {"before": palette.REACHED, "gain": palette.GAIN, "chosen": palette.GAIN, "track": palette.TRACK}
    if kind in hatch:
        colour = hatch[kind]
        drawn = (
            f'<rect x="1" y="4" width="22" height="12" fill="#fff" stroke="{colour}" stroke-width="1.5"/>'
            f'<path d="M4 16L12 4M10 16L18 4M16 16L22 7" stroke="{colour}" stroke-width="2"/>'
        )
    elif kind in plain:
        drawn = f'<rect x="1" y="4" width="22" height="12" fill="{plain[kind]}"/>'
    else:
        fill = "#fff" if kind == "hollow" else palette.GAIN
        edge = palette.INK if kind == "hollow" else "#fff"
        drawn = f'<circle cx="12" cy="10" r="6" fill="{fill}" stroke="{edge}" stroke-width="2"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 20" width="24" height="20" aria-hidden="true">{drawn}</svg>'


def _short(label: str, beside: str) -> str:
    """A name cut where the words beside it begin; the table has it whole."""
    room = max(8, int((WIDTH - 30) / (TEXT * 0.56)) - len(beside))
    return label if len(label) <= room else label[: room - 1].rstrip() + "…"


def _ceiling(share: float) -> float:
    return next(top for top in (0.2, 0.4, 0.6, 0.8, 1.0) if share <= top + 1e-9 or top == 1.0)


def _rect(x: float, y: float, wide: float, high: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:g}" width="{max(wide, 0):.1f}" height="{high:g}" fill="{fill}"/>'


def _text(
    x: float,
    y: float,
    said: str,
    *,
    anchor: str = "start",
    weight: int = 400,
    colour: str = palette.INK,
    size: int = TEXT,
) -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{bold}>{escape(said)}</text>'


def _svg(parts: Sequence[str], height: float, title: str, description: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 0 {WIDTH + 4} {height:.0f}" role="img" '
        f'font-family="Noto Sans, sans-serif"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
        + "".join(parts)
        + "</svg>"
    )
