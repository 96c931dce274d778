"""Colonias by name: each point of the town in the colonia that holds it, its name written out as people write it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import shapely

from utopias.domain.town import Town

HERE = Path(__file__).parent


def with_colonias(town: Town, data: Path) -> Town:
    """The town with a colonia for each of its points: the one that holds it, else the nearest.

    Planned points take a colonia of Iztapalapa alone, so that none bears the name of a neighbour over the border. The
    layer says no alcaldía (its column is empty): a colonia is Iztapalapa's if a point inside it lies in the limit.
    Nine outlines cross themselves and are mended.
    """
    layer = geopandas.read_file(data / "people" / "criminologia_capas.gpkg", layer="colonias").to_crs(town.crs)
    layer["geometry"] = layer.make_valid()
    limit = geopandas.read_file(data / "people" / "iztapalapa_limit.geojson").to_crs(town.crs).union_all()
    own = layer.representative_point().within(limit).to_numpy()
    names = np.array([one_name(name) for name in layer["colonia_nombre"]], dtype=object)
    names[own] = told_apart(names[own].tolist())
    points = shapely.points(town.blocks.x, town.blocks.y)
    colonia = np.full(len(points), "", dtype=object)
    planned = town.blocks.planned
    for asking, offered in ((planned, own), (~planned, np.ones(len(layer), dtype=bool))):
        nearest = shapely.STRtree(layer.geometry.to_numpy()[offered]).nearest(points[asking])
        colonia[asking] = names[offered][nearest]
    told = tuple(one for one in town.assumptions if one.code != "built-no-colonia")  # no longer so
    return replace(town, blocks=replace(town.blocks, colonia=colonia), assumptions=told)


def told_apart(names: list[str]) -> list[str]:
    """A second colonia of the same name gets a number: El Molino, El Molino (2)."""
    seen: Counter[str] = Counter()
    made = []
    for name in names:
        seen[name] += 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return made


def one_name(name: str) -> str:
    """``EJTO DE OTE II (U HAB)`` as ``Ejército de Oriente II (U. H.)``."""
    if name in _NAMES:
        return _NAMES[name]
    said = (
        re.sub(r"\s+", " ", name.replace("_", " ")).replace("( ", "(").replace("SUPER MANZANA", "SUPERMANZANA").strip()
    )
    made = re.sub(r"[^\W_]+", lambda word: _word(word[0], first=word.start() == 0), said)
    return re.sub(r"(?<=\w)\(", " (", made).replace("U. H.", "U.\u00a0H.")


def _word(word: str, *, first: bool) -> str:
    if word in _WORDS:
        return _WORDS[word]
    if word in _CAPITALS:
        return word
    small = word.lower()
    if small in _SMALL and not first:
        return small
    accented: str = _ACCENTS.get(_plain(small), small.capitalize())
    return accented


def _plain(word: str) -> str:
    return word.lower().translate(str.maketrans("áéíóúñ", "aeioun"))


_SAID = tomllib.loads((HERE / "spelling.toml").read_text(encoding="utf-8"))
_NAMES: dict[str, str] = _SAID["names"]
_WORDS: dict[str, str] = _SAID["words"]
_CAPITALS = frozenset(_SAID["keep"]["capitals"])
_SMALL = frozenset(_SAID["keep"]["small"])
_ACCENTS = {_plain(word): word for word in _SAID["keep"]["accents"]}
