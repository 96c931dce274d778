"""A plan of sites and services on paper: what it comes to, each new unit with what it offers, whom each service serves.

The same figures as the folder of ``utopias equip`` and the screen; nothing is computed here but sums and shares.
"""

from __future__ import annotations

from utopias.domain.module_plan import ModulePlan
from utopias.domain.versions import VERSION
from utopias.language.words import Words
from utopias.report.paper import Block, Card, Cards, Document, Paragraph, Points, Section, Table


def services_document(plan: ModulePlan, words: Words) -> Document:
    """The whole document: the sentence, how good it is, the units one by one, the services, what was taken as so."""
    town = plan.question.town
    name = str(town["name"])
    lead = headline(plan, words)
    blocks: list[Block] = [Paragraph(words.say("made-up.long", town=name), "warning")] if town["made_up"] else []
    blocks += [Paragraph(lead, "lead"), Paragraph(certainty(plan, words))]
    return Document(
        language=words.language,
        title=words.plural("services.title", len(plan.bundles), town=name),
        kicker=words.say("report.kicker"),
        subtitle=words.say("services.subtitle"),
        description=lead,
        mark=words.say("made-up.mark") if town["made_up"] else "",
        foot=words.say("report.foot", town=name, version=VERSION),
        page_of=words.say("report.page-of", n="{n}", all="{all}"),
        contents_word=words.say("report.contents"),
        skip_word=words.say("report.skip"),
        sections=(
            Section("first", "", tuple(blocks)),
            Section("services", words.say("services.section"), (_served(plan, words),)),
            Section("units", words.say("cli.equip.sites"), (_units(plan, words),)),
            Section("assumed", words.say("years.assumed"), (Points(tuple(("", one) for one in assumed(plan, words))),)),
        ),
    )


def headline(plan: ModulePlan, words: Words) -> str:
    """What the plan comes to: units, people served before and after, money once and a year."""
    town, currency = plan.question.town, plan.question.town["currency"]
    return words.say(
        "cli.equip.headline-weighted" if town["weighted_by"] else "cli.equip.headline",
        town=town["name"],
        sites=len(plan.bundles),
        before=words.number(plan.before),
        after=words.number(plan.value),
        money=words.money(plan.spent, currency),
        upkeep=words.money(plan.yearly, currency),
    )


def certainty(plan: ModulePlan, words: Words) -> str:
    """Proven within the model, or how far off at most and why the search ended."""
    if plan.proven:
        return words.say("cli.equip.proven")
    return words.say("cli.equip.open-gap", gap=words.percent(plan.gap, 2), why=words.say(f"stopped.{plan.stopped}"))


def site_name(plan: ModulePlan, site: int) -> str:
    """The name of a new unit's site with its id; the id alone where it has no other name."""
    key = plan.question.id_of(site)
    name = plan.question.site_names[site] if plan.question.site_names else ""
    return f"{name} ({key})" if name and name != key else key


def rows_of_services(plan: ModulePlan, words: Words) -> tuple[list[str], list[list[str]]]:
    """Heads, and a row a service: its group, walk and weight, new units with it, its people, and those served."""
    question, persons = plan.question, plan.persons
    labels, rows = question.town["labels"], []
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
    return [words.say(f"cli.head.{head}") for head in heads], rows


def assumed(plan: ModulePlan, words: Words) -> list[str]:
    """What was taken as so, what was left out and why: a sentence each."""
    question = plan.question
    town, taken = question.town, question.town["assumed"]
    labels = town["labels"]
    told = [words.say("cli.equip.assumed-ground", share=words.percent(town["buildable"]))]
    if taken["plots"]:
        told.append(words.say("cli.equip.assumed-plots", plots=taken["plots"], area=words.number(taken["plot_area"])))
    told.append(words.say("cli.equip.assumed-money", year=str(town["price_year"])))
    if not taken["places"]:
        told.append(words.say("cli.equip.no-places"))
    else:
        shares = [s for s in question.services if s.capacity is not None]
        if shares:
            listed = words.listed(f"{words.group(s.name, labels)} {words.percent(s.share)}" for s in shares)
            told.append(words.say("cli.equip.assumed-shares", services=listed))
        if taken["no_limit"]:
            listed = words.listed(words.group(name, labels) for name in taken["no_limit"])
            told.append(words.say("cli.equip.no-limit", services=listed))
        if taken["usual"]:
            told.append(words.say("cli.equip.assumed-usual", modules=taken["usual"]))
    if town["left_out"]:
        listed = words.listed(
            f"{words.group(name, labels)} ({words.say(f'cli.equip.lacking.{why}')})"
            for name, why in town["left_out"].items()
        )
        told.append(words.say("cli.equip.left-out", services=listed))
    if town.get("excluded"):
        told.append(words.say("cli.equip.excluded", sites=town["excluded"]))
    if town["weighted_by"]:
        told.append(words.say("cli.equip.weighted"))
    if town["estimated"]:
        told.append(words.say("cli.estimated-groups"))
    if town["estimated_times"]:
        told.append(words.say("cli.estimated-times"))
    return told


def _served(plan: ModulePlan, words: Words) -> Table:
    heads, rows = rows_of_services(plan, words)
    return Table(
        "services",
        words.say("cli.equip.services-title"),
        tuple(heads),
        ("left", "left", "right", "right", "right", "right", "right", "right"),
        tuple(tuple(row) for row in rows),
        words.say("services.note"),
    )


def _units(plan: ModulePlan, words: Words) -> Cards:
    question, currency, persons = plan.question, plan.question.town["currency"], plan.persons
    labels = question.town["labels"]
    return Cards(
        tuple(
            Card(
                str(k),
                site_name(plan, site),
                (
                    (
                        words.say("services.offers"),
                        words.listed(words.group(question.services[s].name, labels) for s in bundle) + ".",
                    ),
                    (words.say("services.served"), words.number(float(persons[site].sum()))),
                    (
                        words.say("services.ground"),
                        words.say(
                            "services.ground-of",
                            used=words.number(question.area_of(bundle)),
                            usable=words.number(float(question.areas[site])),
                        ),
                    ),
                    (words.say("services.once"), words.money(question.money_of(site, bundle), currency)),
                    (words.say("services.yearly"), words.money(question.upkeep_of(bundle), currency)),
                ),
            )
            for k, (site, bundle) in enumerate(plan.bundles.items(), start=1)
        )
    )
