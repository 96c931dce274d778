"""A plan of services on the screen: the same numbers as its folder, none computed here but sums and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from utopias.cli.named import named
from utopias.cli.speech import Speech
from utopias.domain.module_plan import ModulePlan

if TYPE_CHECKING:
    from utopias.siting.bundles.explain import SiteWorth


def equip_json(plan: ModulePlan, why: Sequence[SiteWorth] | None = None) -> dict[str, Any]:
    """The plan as one object."""
    question, persons = plan.question, plan.persons
    return {
        "town": {name: value for name, value in question.town.items() if name != "labels"},
        "open": question.open,
        "budget": question.budget,
        "upkeep": question.upkeep,
        "value": plan.value,
        "before": plan.before,
        "bound": plan.bound,
        "root_bound": plan.root_bound,
        "gap": plan.gap,
        "proven": plan.proven,
        "stopped": plan.stopped,
        "seconds": plan.seconds,
        "seed": plan.seed,
        "spent": plan.spent,
        "yearly": plan.yearly,
        "sites": [
            {
                "place_id": question.id_of(site),
                "name": question.site_names[site] if question.site_names else "",
                "services": plan.by_name[question.id_of(site)],
                "area_used": question.area_of(bundle),
                "area": float(question.areas[site]),
                "money": question.money_of(site, bundle),
                "upkeep": question.upkeep_of(bundle),
                "persons": {question.services[s].name: float(persons[site, s]) for s in bundle},
            }
            for site, bundle in plan.bundles.items()
        ],
        "services": [
            {
                "service": service.name,
                "group": service.group,
                "standard_minutes": service.limit / question.unit if question.unit else service.limit,
                "importance": service.importance,
                "share": service.share,
                "places_a_week": service.capacity,
                "people": float(service.persons.sum()),
                "served": float(persons[:, s].sum()),
                "served_by_new": float(sum(persons[site, s] for site in plan.sites)),
                "new_sites": sum(s in bundle for bundle in plan.bundles.values()),
            }
            for s, service in enumerate(question.services)
        ],
        "certificate": None if plan.certificate is None else asdict(plan.certificate),
        "why": None if why is None else [asdict(one) for one in why],
    }


def show_equip(plan: ModulePlan, speech: Speech) -> None:
    """What it came to, each new site with its services, each service with whom it serves, and what was assumed."""
    from utopias.report.services import assumed, certainty, headline, rows_of_services, site_name

    words, question = speech.words, plan.question
    town, currency, persons = question.town, question.town["currency"], plan.persons
    if town["made_up"]:
        speech.say("cli.made-up")
    speech.out.print(headline(plan, words), markup=False)
    speech.out.print(certainty(plan, words), markup=False)
    speech.table(
        words.say("cli.equip.sites"),
        [words.say(f"cli.head.{head}") for head in ("site", "ground", "money-once", "money-year", "served")],
        [
            [
                site_name(plan, site),
                f"{words.number(question.area_of(bundle))} / {words.number(float(question.areas[site]))}",
                words.money(question.money_of(site, bundle), currency, short=True),
                words.money(question.upkeep_of(bundle), currency, short=True),
                words.number(float(persons[site].sum())),
            ]
            for site, bundle in plan.bundles.items()
        ],
    )
    for site, bundle in plan.bundles.items():
        offered = words.listed(words.group(question.services[s].name, town["labels"]) for s in bundle)
        speech.say("cli.equip.offers", site=site_name(plan, site), services=offered)
    heads, rows = rows_of_services(plan, words)
    speech.table(words.say("cli.equip.services-title"), heads, rows, texts=2)
    for sentence in assumed(plan, words):
        speech.out.print(sentence, markup=False)


def show_why(told: Sequence[SiteWorth], plan: ModulePlan, speech: Speech) -> None:
    """Of each site: what each service would lose if it were left out, and what else its ground would hold."""
    words, labels = speech.words, plan.question.town["labels"]
    for one in told:
        speech.table(
            words.say("cli.equip.why-title", site=named(one.site, one.name), loss=words.number(one.loss)),
            [words.say(f"cli.head.{head}") for head in ("service", "served", "only-here", "loss-without")],
            [
                [
                    words.group(offer.service, labels),
                    words.number(offer.persons),
                    words.number(offer.only_here),
                    words.number(offer.loss),
                ]
                for offer in one.services
            ],
        )
        fits = [
            words.say(
                "cli.equip.spare-payable" if spare.payable else "cli.equip.spare",
                service=words.group(spare.service, labels),
                gain=words.number(spare.gain),
            )
            for spare in one.spare[:5]
            if spare.gain >= 0.5
        ]
        room = words.number(one.area - one.area_used)
        if fits:
            speech.say("cli.equip.would-fit", room=room, services="; ".join(fits))
        else:
            speech.say("cli.equip.nothing-fits", room=room)


def verify_equip(folder: Path, speech: Speech, *, json: bool) -> bool:
    """Recount a plan of services from its folder and show each check; whether all held."""
    from utopias.witness.modules import verify_modules

    words = speech.words
    with speech.working():
        found = verify_modules(folder)
    if json:
        speech.answer({"holds": found.holds, **asdict(found)})
        return found.holds
    for name, held in found.checks.items():
        mark = words.say("cli.verify.held" if held else "cli.verify.failed")
        speech.out.print(
            f"{mark}  {words.say(f'verify-services.{name}')}", markup=False, style="" if held else "bold red"
        )
    speech.say("cli.equip.recounted", value=words.number(found.value), bound=words.number(found.bound))
    speech.say("cli.verify.holds" if found.holds else "cli.verify.broken")
    return found.holds
