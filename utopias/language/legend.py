"""What the legend of a map file calls its classes, in the reader's language."""

from __future__ import annotations

from utopias.language.words import Words, catalogue

_OWN, _NEED = "legend.", "need."


def legend(language: str | Words) -> dict[str, str]:
    """Class in the GeoPackage -> its words: ``gained`` -> "Ganan con el plan"; fifths of need by their number.

    ``language``: es, en or fr. For ``u.write_geopackage(plan, to="plan.gpkg", labels=u.legend("es"))``.
    """
    words = language if isinstance(language, Words) else Words(language)
    keys = catalogue(words.language)
    said = {key.removeprefix(_OWN).replace("-", " "): words.say(key) for key in keys if key.startswith(_OWN)}
    fifths = {key.removeprefix(_NEED): words.say(key) for key in keys if key.removeprefix(_NEED).isdigit()}
    return said | fifths
