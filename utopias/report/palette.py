"""Colours that survive colour blindness, a grey printer and a bad projector.

Blue stands for reaching and for gain, orange for loss, sand for those still out. Along the
scale of the map the lightness L* falls by 15 or more a step, so that order is seen in grey too;
nothing is told by colour alone: losses carry an outline, gains a sign, sites a number.
Orange-blue keeps neighbouring steps apart by 20 or more in the Lab space under simulated
deutan, protan and tritan sight (Machado, Oliveira & Fernandes 2009, IEEE TVCG 15:1291-1298).
"""

from __future__ import annotations

INK = "#1b1f24"  # text and marks
SOFT = "#5b636d"  # second voice: 5.9 to 1 on paper
PAPER = "#ffffff"
GROUND = "#f1f1ef"  # what lies under the blocks
RULE = "#c9ced4"

REACHED = "#8db6dd"  # within before and after
GAINED = "#1c4f8f"  # within only after: the darkest, the news of the map
OUT = "#ead7b5"  # beyond the limit
LOST = "#c96f12"  # within only before
EMPTY = "#fbfbf9"  # nobody of the group lives here
AROUND = "#e6e8ea"  # surroundings: in no figure
NO_WAY = "#fefefe"  # no street leads here; always with an outline
LIVED = "#cbd2da"  # people live here; who reaches is not asked (the map of a town)

GAIN = GAINED
LOSS = LOST
TRACK = "#e7e3da"  # the whole of a bar

WATER = "#cfdfe6"
GREEN = "#dfe8d3"
ROAD = "#ffffff"
RAIL = "#7b828a"
LIMIT = "#3c434b"


def lightness(colour: str) -> float:
    """CIE L* of ``#rrggbb``, 0 black to 100 white: what a grey printer keeps of it."""
    parts = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116.0 * luminance ** (1 / 3) - 16.0 if luminance > 0.008856 else 903.3 * luminance


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two colours, 1 to 21."""

    def luminance(colour: str) -> float:
        light = lightness(colour)
        return ((light + 16.0) / 116.0) ** 3 if light > 8.0 else light / 903.3

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
