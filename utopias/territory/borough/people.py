"""The people of a made-up town: whole persons by block and group, calibrated to what is published of Iztapalapa."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.domain.quantities import half_up
from utopias.domain.town import Group, NeedIndicator
from utopias.territory.borough.chance import bell, share_out, stream
from utopias.territory.borough.districts import HILLSIDE, LAKE, OLD, TOWERS
from utopias.territory.borough.ground import Ground

BASE = 1_835_000  # persons the published totals below are set against; a town of another size keeps the shares
CHILDREN = 337_038  # 0-14 in 2024, CONAPO projection
CHILDREN_0_5 = 122_389  # 100,795 aged 0-4, and a fifth of 107,968 aged 5-9; CONAPO projection for 2024
YOUNG = 0.33  # "33 % aged 15-30", UCLG-CISDP; one source says 15-34
OLDER = 0.16  # aged 60+ of the whole city (1.4 M), press; the borough's own share is not published
WOMEN = 0.515  # assumed: a little over half, as in the city
DISABILITY = 0.05  # assumed: one person in twenty
POVERTY = 772_289 / 1_835_486  # CONEVAL 2020, as quoted in the press: 42.1 %
CARERS = 31.7 / 129.0  # national care survey 2022: 31.7 M carers; of about 129 M inhabitants (assumed)

# How many people share a square metre of built block, against a regular colonia.
CROWDED = {OLD: 0.95, HILLSIDE: 1.3, TOWERS: 1.6, LAKE: 0.45}


def _labels(es: str, en: str, fr: str) -> dict[str, str]:
    return {"es": es, "en": en, "fr": fr}


_CONAPO = "CONAPO, projections by alcaldía, Iztapalapa 2024"
GROUPS = (
    Group(
        "children 0-5",
        _labels("niñas y niños de 0 a 5 años", "children aged 0 to 5", "enfants de 0 à 5 ans"),
        estimated=True,
        formula="ages 0-4 (100,795) + 1/5 of ages 5-9 (107,968), of 1,835,000; spread by need",
        source=_CONAPO,
    ),
    Group(
        "children 6-14",
        _labels("niñas y niños de 6 a 14 años", "children aged 6 to 14", "enfants de 6 à 14 ans"),
        estimated=True,
        formula="ages 0-14 (337,038) less ages 0-5, of 1,835,000; spread by need",
        source=_CONAPO,
    ),
    Group(
        "young people",
        _labels("jóvenes de 15 a 29 años", "young people aged 15 to 29", "jeunes de 15 à 29 ans"),
        estimated=True,
        formula="33 % of people, published as ages 15-30",
        source="UCLG-CISDP, Utopías of Iztapalapa (2023)",
    ),
    Group(
        "adults",
        _labels("personas adultas de 30 a 59 años", "adults aged 30 to 59", "adultes de 30 à 59 ans"),
        estimated=True,
        formula="people less the other four age bands",
        source="derived",
    ),
    Group(
        "older people",
        _labels("personas mayores (60 y más)", "older people (60 and over)", "personnes âgées (60 ans et plus)"),
        estimated=True,
        formula="16 % of people, the share of the whole city; more about the old centre",
        source="La Jornada 23 Oct 2025: 1.4 M of the city; the borough's own share is not known",
    ),
    Group(
        "women",
        _labels("mujeres", "women", "femmes"),
        estimated=True,
        formula="51.5 % of people, assumed",
        source="assumption of this project",
    ),
    Group(
        "people with disability",
        _labels("personas con discapacidad", "people with disability", "personnes handicapées"),
        estimated=True,
        formula="5 % of people, assumed; twice as likely where people are older",
        source="assumption of this project",
    ),
    Group(
        "people in poverty",
        _labels("personas en situación de pobreza", "people in poverty", "personnes en situation de pauvreté"),
        estimated=True,
        formula="42.1 % of people (772,289 of 1,835,486); spread by need",
        source="CONEVAL 2020, as quoted by Ganar-Ganar",
    ),
    Group(
        "carers",
        _labels("personas cuidadoras", "carers", "personnes aidantes"),
        estimated=True,
        formula="24.6 % of people (31.7 M of about 129 M in the country); more where children and older people are",
        source="national care survey 2022, as quoted by El Financiero 3 Oct 2023",
    ),
)
_INVENTED = "invented: rises with the made-up town's hardship, with chance added"
INDICATORS = (
    NeedIndicator(
        "no piped water inside",
        _labels(
            "viviendas sin agua entubada adentro", "homes without piped water inside", "logements sans eau courante"
        ),
        source=_INVENTED,
    ),
    NeedIndicator(
        "crowding",
        _labels("viviendas con hacinamiento", "crowded homes", "logements surpeuplés"),
        source=_INVENTED,
    ),
    NeedIndicator(
        "no basic schooling",
        _labels(
            "personas sin educación básica", "people without basic schooling", "personnes sans instruction de base"
        ),
        source=_INVENTED,
    ),
    NeedIndicator(
        "dependency",
        _labels("razón de dependencia", "dependency ratio", "rapport de dépendance"),
        source="people aged 0-14 and 60+ for each person aged 15-59; the town's own ratio where nobody is 15-59",
    ),
    NeedIndicator(
        "poverty",
        _labels("proporción en pobreza", "share in poverty", "part de pauvreté"),
        from_group="people in poverty",
        source="people in poverty of all people; the town's own share where nobody lives",
    ),
)


@dataclass(frozen=True, eq=False)
class People:
    """(n,) whole persons by block, by group, and the indicators of need."""

    people: Floats
    groups: dict[str, Floats]
    indicators: dict[str, Floats]


def settle(
    ground: Ground,
    x: Floats,
    y: Floats,
    area: Floats,
    pattern: Ints,
    homes: Bools,
    planned: Bools,
    total: int,
    seed: int,
) -> People:
    """Put ``total`` people into the planned blocks, as densely about them, and count their groups.

    Parameters
    ----------
    x, y : (n,) local metres. area : (n,) m2 of the block. pattern : (n,) of its district.
    homes : (n,) whether anybody may live there. planned : (n,). total : persons in the planned blocks.

    The five age bands of a block add up to its people; every other group is at most its people.
    """
    chance = stream(seed, "people")
    need, centre = ground.need(x, y), ground.centrality(x, y)
    crowded = np.ones(len(x))
    for kind, factor in CROWDED.items():
        crowded[pattern == kind] = factor
    weight = area * crowded * (1.0 + 0.25 * bell(chance, len(x))) * homes
    room = np.where(homes, np.int64(total), 0)
    around = half_up(total * float(weight[~planned].sum() / weight[planned].sum()))
    drawn = bell(chance, 4 * len(x)).reshape(4, len(x))

    people = np.zeros(len(x), dtype=np.int64)
    people[planned] = share_out(total, weight[planned], room[planned])
    people[~planned] = share_out(around, weight[~planned], room[~planned])
    groups: dict[str, Longs] = {}

    def spread(share: float, likely: Floats, among: Longs) -> Longs:
        counts = np.zeros(len(x), dtype=np.int64)
        for part in (planned, ~planned):
            whole = half_up(share * float(people[part].sum()))
            counts[part] = share_out(whole, among[part] * likely[part], among[part])
        return counts

    left = people
    for name, share, likely in (
        ("older people", OLDER, 0.85 + 0.9 * centre - 0.45 * (need - 0.5) + 0.06 * drawn[0]),
        ("children 0-5", CHILDREN_0_5 / BASE, 0.75 + 0.6 * need - 0.2 * centre + 0.05 * drawn[1]),
        ("children 6-14", (CHILDREN - CHILDREN_0_5) / BASE, 0.75 + 0.5 * need - 0.2 * centre + 0.04 * drawn[1]),
        ("young people", YOUNG, 0.9 + 0.2 * need + 0.04 * drawn[2]),
    ):
        groups[name] = spread(share, likely, left)
        left = left - groups[name]
    groups["adults"] = left
    someone = np.maximum(people, 1)
    elders = groups["older people"] / someone
    children = (groups["children 0-5"] + groups["children 6-14"]) / someone
    groups["women"] = spread(WOMEN, 1.0 + 0.02 * drawn[3], people)
    groups["people with disability"] = spread(DISABILITY, 0.5 + 0.3 * elders / OLDER + 0.2 * need, people)
    groups["people in poverty"] = spread(POVERTY, 0.04 + need, people)
    groups["carers"] = spread(CARERS, 0.4 + 0.3 * children / (CHILDREN / BASE) + 0.3 * elders / OLDER, people)
    counted = {group.id: groups[group.id].astype(np.float64) for group in GROUPS}
    return People(people.astype(np.float64), counted, _indicators(need, people, groups, planned, chance))


def _indicators(
    need: Floats, people: Longs, groups: dict[str, Longs], planned: Bools, chance: np.random.Generator
) -> dict[str, Floats]:
    n = len(need)

    def share(low: float, high: float, spread: float) -> Floats:
        drawn = low + (high - low) * need + spread * bell(chance, n)
        held: Floats = np.clip(drawn, 0.0, 1.0)
        return held.round(4)

    dependent = groups["children 0-5"] + groups["children 6-14"] + groups["older people"]
    poor = groups["people in poverty"]
    return {
        "no piped water inside": share(-0.06, 0.42, 0.04),
        "crowding": share(0.05, 0.5, 0.05),
        "no basic schooling": share(0.1, 0.46, 0.04),
        "dependency": _ratio(dependent, people - dependent, planned),
        "poverty": _ratio(poor, people, planned),
    }


def _ratio(part: Longs, base: Longs, planned: Bools) -> Floats:
    """part / base to four places; the planned area's own ratio where the base is 0."""
    whole = float(part[planned].sum()) / max(float(base[planned].sum()), 1.0)
    ratio: Floats = np.where(base > 0, part / np.maximum(base, 1), whole)
    return ratio.round(4)
