"""The marks over a map: units, numbered sites, place names, the scale bar and the north arrow.

A unit is a black square, a new site a white disc with its number: told apart by shape, not by
colour. Marks that would cover each other are moved aside and tied to their true place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from utopias.report import palette
from utopias.report.map_paths import WIDTH, Frame


def unit_mark(x: int, y: int, text: int) -> str:
    """A unit that stands: a black square, edged in white so that it shows on dark blocks."""
    half = round(text * 0.36)
    return (
        f'<rect x="{x - half}" y="{y - half}" width="{2 * half}" height="{2 * half}" '
        f'fill="{palette.INK}" stroke="#fff" stroke-width="{max(6, half // 4)}"/>'
    )


def lot_mark(x: int, y: int, text: int) -> str:
    """A lot where a unit could open: a small ring."""
    return f'<circle cx="{x}" cy="{y}" r="{round(text * 0.17)}" fill="#fff" stroke="{palette.SOFT}" stroke-width="12"/>'


def site_mark(x: int, y: int, number: str, text: int) -> str:
    """A new site: a white disc with its number."""
    r = round(text * (0.72 if len(number) < 2 else 0.86))
    return (
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="#fff" stroke="{palette.INK}" stroke-width="{max(6, r // 5)}"/>'
        f'<text x="{x}" y="{y + round(text * 0.36)}" font-size="{text}" font-weight="700" fill="{palette.INK}" '
        f'text-anchor="middle">{number}</text>'
    )


def site_marks(points: Sequence[tuple[int, int]], text: int, height: int) -> list[str]:
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
    return [*ties, *(site_mark(round(a), round(b), str(i + 1), text) for i, (a, b) in enumerate(at))]


def name_marks(
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
            f'<text class="place" x="{x}" y="{y + round(text * 0.35)}" font-size="{text}" text-anchor="middle" fill="{palette.INK}" '
            f'stroke="#fff" stroke-width="{round(text * 0.28)}" stroke-linejoin="round" paint-order="stroke">{escape(name)}</text>'
        )
    return drawn


def scale_bar(frame: Frame, text: int, kilometres: str) -> str:
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


def north_arrow(text: int, letter: str) -> str:
    """Up is north in every frame."""
    x, y = WIDTH - round(text * 0.9), round(text * 0.5)
    return (
        f'<path d="M{x} {y}l{text // 3} {text}l-{text // 3}-{text // 4}l-{text // 3} {text // 4}z" fill="{palette.INK}" '
        f'stroke="#fff" stroke-width="6"/><text x="{x}" y="{y + round(text * 2.0)}" text-anchor="middle" font-weight="700" '
        f'fill="{palette.INK}">{letter}</text>'
    )
