"""What the legend of a map file calls its classes, in the reader's language."""

from __future__ import annotations

from utopias.language.words import Words
from utopias.territory.qgis_style import CLASSES, LOOKS, QUINTILES, REACH, STATES


def legend(words: Words) -> dict[str, str]:
    """Class in the GeoPackage -> its words: ``gained`` -> "Ganan con el plan"; quintiles by their need; looks by their name."""
    plain = {name: words.say(f"legend.{name.replace(' ', '-')}") for name in (*REACH, *STATES, *LOOKS, *CLASSES)}
    return plain | {name: words.say(f"need.{name}") for name in QUINTILES}
