"""The names a made-up town uses: invented in Spanish, so that nothing in it can be taken for a real place."""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Ints, Longs, Texts, texts
from utopias.territory.borough.chance import stream
from utopias.territory.borough.districts import HILLSIDE, LAKE, OLD, PARK, TOWERS, WORKS

# Nouns with their article after "de", so that prefixes join: "Lomas" + "de la Nube".
NOUNS = (
    "de la Nube", "del Eco", "de la Brújula", "del Telar", "de la Quimera", "del Papalote", "de la Luciérnaga", "del Relámpago",
    "de la Madrugada", "del Grillo", "de la Tinaja", "del Trompo", "de la Cometa", "del Rehilete", "de la Marimba", "del Acordeón",
    "de la Semilla", "del Ajolote Azul", "de la Ceniza", "del Tezontle Rojo", "de la Jícara", "del Comal", "de la Rueca", "del Faro",
    "de la Espiga", "del Carrizo", "de la Milpa Soñada", "del Huerto", "de la Cigarra", "del Caracol", "de la Balsa", "del Remo",
    "de la Sombra", "del Mediodía", "de la Lluvia Nueva", "del Granizo", "de la Campana", "del Reloj", "de la Escoba", "del Tambor",
    "de la Piedra Hueca", "del Puente Largo", "de la Orilla", "del Pozo", "de la Cantera", "del Barro", "de la Greda", "del Vidrio",
    "de la Paloma", "del Gorrión", "de la Garza", "del Zanate", "de la Mariposa", "del Venado", "de la Ardilla", "del Coyote",
    "de la Palabra", "del Silencio", "de la Risa", "del Abrazo", "de la Promesa", "del Encuentro", "de la Tregua", "del Sosiego",
)  # fmt: skip

_PREFIXES = {
    OLD: ("Barrio", "Pueblo Viejo", "Barrio Alto", "Barrio Bajo", "Rinconada", "Pueblo"),
    HILLSIDE: ("Lomas", "Ampliación Lomas", "Mirador", "Laderas", "Cerro", "Cañada"),
    TOWERS: ("Unidad Habitacional", "Conjunto", "Unidad Habitacional Nueva", "Torres", "Multifamiliar", "Condominios"),
    WORKS: ("Zona Industrial", "Parque de Talleres", "Almacenes", "Central", "Patios", "Bodegas"),
    PARK: ("Parque", "Bosque", "Deportivo", "Alameda", "Vivero", "Jardín"),
    LAKE: ("Isla", "Lago", "Laguna", "Chinampería", "Ciénega", "Embarcadero"),
}
_USUAL = ("Prados", "Valle", "Jardines", "Ampliación Prados", "Granjas", "Ejidos")

STREETS = tuple(
    tuple(f"{prefix} {noun}" for prefix in prefixes for noun in NOUNS)
    for prefixes in (
        ("Avenida", "Calzada"),
        ("Eje", "Avenida"),
        ("Calle", "Privada"),
        ("Andador", "Callejón"),
        ("Escalinata", "Subida"),
    )
)


def colonia_names(pattern: Ints, seed: int) -> Texts:
    """(c,) a name of its own for every district; where the nouns run out, sections are numbered."""
    chance = stream(seed, "colonias")
    order = np.argsort(chance.random(len(NOUNS)))
    rank = np.zeros(len(pattern), dtype=np.int64)
    for kind in np.unique(pattern):
        rank[pattern == kind] = np.arange(int((pattern == kind).sum()))
    named = []
    for kind, at in zip(pattern.tolist(), rank.tolist(), strict=True):
        prefixes = _PREFIXES.get(kind, _USUAL)
        section, within = divmod(at, len(NOUNS) * len(prefixes))
        turn, noun = divmod(within, len(NOUNS))
        name = f"{prefixes[(noun + turn) % len(prefixes)]} {NOUNS[order[noun]]}"
        named.append(name if section == 0 else f"{name}, {section + 1}ª sección")
    return texts(named)


def area_keys(number: Longs) -> Texts:
    """(n,) keys of 13 characters as the census writes them: 09 099, locality, area, check sign.

    The shape is that of an AGEB key, with its leading zero and a last sign that may be the letter A.
    Municipality 099 of entity 09 does not exist: no invented row can be joined to a real one.
    """
    signs = np.array(list("0123456789A"))
    local, own = number // 999 + 1, number % 999 + 1
    return texts(
        f"09099{a:04d}{b:03d}{sign}"
        for a, b, sign in zip(local.tolist(), own.tolist(), signs[(number * 7) % 11].tolist(), strict=True)
    )
