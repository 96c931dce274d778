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
    words, question = speech.words, plan.question
    town, currency, persons = question.town, question.town["currency"], plan.persons
    if town["made_up"]:
        speech.say("cli.made-up")
    speech.say(
        "cli.equip.headline-weighted" if town["weighted_by"] else "cli.equip.headline",
        town=town["name"],
        sites=len(plan.bundles),
        before=words.number(plan.before),
        after=words.number(plan.value),
        money=words.money(plan.spent, currency),
        upkeep=words.money(plan.yearly, currency),
    )
    if plan.proven:
        speech.say("cli.equip.proven")
    else:
        speech.say("cli.equip.open-gap", gap=words.percent(plan.gap, 2), why=words.say(f"stopped.{plan.stopped}"))
    speech.table(
        words.say("cli.equip.sites"),
        [words.say(f"cli.head.{head}") for head in ("site", "ground", "money-once", "money-year", "served")],
        [
            [
                _named(plan, site),
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
        speech.say("cli.equip.offers", site=_named(plan, site), services=offered)
    _show_services(plan, speech)
    _show_assumed(plan, speech)


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


def _named(plan: ModulePlan, site: int) -> str:
    question = plan.question
    name = question.site_names[site] if question.site_names else ""
    return named(question.id_of(site), name)


def _show_services(plan: ModulePlan, speech: Speech) -> None:
    words, question, persons = speech.words, plan.question, plan.persons
    labels = question.town["labels"]
    rows = []
    for s, service in enumerate(question.services):
        people, new = float(service.persons.sum()), sum(s in bundle for bundle in plan.bundles.values())
        served = float(persons[:, s].sum())
        star = " *" if service.group in question.town["estimated"] else ""
        rows.append(
            [
                words.group(service.name, labels),
                words.group(service.group, labels) + star,
                words.number(service.limit / question.unit),
                words.trimmed(service.importance, 2),
                words.number(new),
                words.number(people),
                words.number(served),
                words.percent(served / people) if people else "–",
            ]
        )
    heads = ("service", "group", "standard", "importance", "new", "people", "served", "share")
    speech.table(
        words.say("cli.equip.services-title"), [words.say(f"cli.head.{head}") for head in heads], rows, texts=2
    )


def _show_assumed(plan: ModulePlan, speech: Speech) -> None:
    words, question = speech.words, plan.question
    town, assumed = question.town, question.town["assumed"]
    labels = town["labels"]
    speech.say("cli.equip.assumed-ground", share=words.percent(town["buildable"]))
    if assumed["plots"]:
        speech.say("cli.equip.assumed-plots", plots=assumed["plots"], area=words.number(assumed["plot_area"]))
    speech.say("cli.equip.assumed-money", year=str(town["price_year"]))
    if not assumed["places"]:
        speech.say("cli.equip.no-places")
    else:
        shares = [s for s in question.services if s.capacity is not None]
        if shares:
            told = words.listed(f"{words.group(s.name, labels)} {words.percent(s.share)}" for s in shares)
            speech.say("cli.equip.assumed-shares", services=told)
        if assumed["no_limit"]:
            named = words.listed(words.group(name, labels) for name in assumed["no_limit"])
            speech.say("cli.equip.no-limit", services=named)
        if assumed["usual"]:
            speech.say("cli.equip.assumed-usual", modules=assumed["usual"])
    if town["left_out"]:
        named = words.listed(
            f"{words.group(name, labels)} ({words.say(f'cli.equip.lacking.{why}')})"
            for name, why in town["left_out"].items()
        )
        speech.say("cli.equip.left-out", services=named)
    if town.get("excluded"):
        speech.say("cli.equip.excluded", sites=town["excluded"])
    if town["weighted_by"]:
        speech.say("cli.equip.weighted")
    if town["estimated"]:
        speech.say("cli.estimated-groups")
    if town["estimated_times"]:
        speech.say("cli.estimated-times")
