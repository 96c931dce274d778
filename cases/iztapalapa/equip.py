"""Five more houses with their services, on the real borough: run after ``python -m cases.iztapalapa``.

    python -m cases.iztapalapa.equip --into iztapalapa

Reads the town that the case wrote and keeps the plan in plans/five-more-equipped. No plot's area is known: each is taken
as ``PLOT`` square metres, an assumption that the plan carries and the screen says.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import utopias as u
from cases.spoken import asked_language, say
from utopias.domain.module_plan import ModulePlan
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.language.words import Words
from utopias.scenario.equip import EquipQuestion, equip_town

PLOT = 10_000.0  # m2 of a plot; assumption: small beside the units whose area is published (12,000 to 150,000 m2)
# Of the catalogue, what is care, health and learning for groups that the town counts.
SERVICES = (
    "pool", "workshops", "music school", "day house", "rehabilitation", "early stimulation", "canteen", "child room",
    "health house", "women's house",
)  # fmt: skip
QUESTION = EquipQuestion(services=SERVICES, open=5, budget=500e6, upkeep=120e6, plot_area=PLOT)


def main() -> None:
    """Read the arguments, run, print."""
    options = argparse.ArgumentParser(
        prog="python -m cases.iztapalapa.equip", description=(__doc__ or "").splitlines()[0]
    )
    options.add_argument("--into", type=Path, default=Path("iztapalapa"), help="folder that the case wrote")
    asked_language(options)
    asked = options.parse_args()
    plan = equipped(u.read_town(asked.into / "town"), asked.into / "plans" / "five-more-equipped")
    for line in lines(plan, asked.language):
        print(say(line, asked.language), flush=True)


def equipped(town: Town, folder: Path) -> ModulePlan:
    """The plan, kept in ``folder``."""
    plan = equip_town(town, QUESTION)
    plan.save(folder, replace=True)
    return plan


def lines(plan: ModulePlan, language: str) -> Iterator[Sentence]:
    """What it opens, what that costs, whom it serves, how sure; services by their names in ``language``."""
    question, words = plan.question, Words(language)
    yield Sentence(
        "Five more with services: once {spent:,.0f} M, a year {yearly:,.0f} M; served (each once a service) {before:,.0f} "
        "today, {value:,.0f} with them; gap {gap:.2%}",
        spent=plan.spent / 1e6,
        yearly=plan.yearly / 1e6,
        before=plan.before,
        value=plan.value,
        gap=plan.gap,
    )
    for site, bundle in plan.bundles.items():
        yield Sentence(
            "  {name}: {count} services on {used:,.0f} of {room:,.0f} m2: {services}",
            name=question.site_names[site] or question.id_of(site),
            count=len(bundle),
            used=question.area_of(bundle),
            room=float(question.areas[site]),
            services=", ".join(words.group(question.services[s].name) for s in bundle),
        )


if __name__ == "__main__":
    main()
