"""A plan on the screen: the same numbers as its folder and its report, none computed here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from utopias.cli.land_screen import show_land
from utopias.cli.named import named
from utopias.cli.speech import Speech
from utopias.domain.comparison import Comparison
from utopias.domain.findings import Findings, Part
from utopias.domain.plan import Plan
from utopias.language.values import say_rooms, value_number, value_terms, value_unit
from utopias.language.words import Words


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan, its findings and its robustness as one object."""
    return {
        "aim": plan.aim,
        "terms": plan.terms,
        "within_minutes": None if plan.within is None else plan.within.minutes,
        "open": plan.open,
        "budget": plan.budget,
        "seed": plan.seed,
        "sites": plan.site_ids,
        "value": plan.value,
        "bound": plan.bound,
        "root_bound": plan.root_bound,
        "gap": plan.gap,
        "proven": plan.proven,
        "stopped": plan.stopped,
        "seconds": plan.seconds,
        "certificate": None if plan.certificate is None else asdict(plan.certificate),
        "findings": None if plan.findings is None else plan.findings.to_json(),
        "robustness": None if plan.robustness is None else asdict(plan.robustness),
    }


def show_plan(plan: Plan, speech: Speech) -> None:
    """Headline, the two statements, the sites, the groups."""
    words, found = speech.words, plan.findings
    if found is None:
        speech.say("cli.plan.bare", sites=", ".join(plan.site_ids), value=_value(plan, words))
        return
    if found.made_up:
        speech.say("cli.made-up")
    _headline(found, speech)
    if plan.aim != "cover-most" or plan.weighted_by:  # of the others the headline is the value
        _aim(plan, found, speech)
    if plan.flows is not None and plan.study is not None:
        told = say_rooms(words, float(plan.flows.persons.sum()), plan.study.town.get("rooms", {}))
        speech.out.print(told, markup=False)
    if plan.proven:
        speech.say("cli.plan.proven", gap=words.percent(plan.gap, 3))
    else:
        speech.say("cli.plan.open-gap", gap=words.percent(plan.gap, 2), why=words.say(f"stopped.{plan.stopped}"))
    robust = plan.robustness
    if robust is not None:
        speech.say(
            "cli.plan.robust",
            draws=robust.draws,
            median=words.percent(robust.regret_median, 1),
            worse=words.percent(robust.regret_p90, 1),
        )
    speech.table(
        words.say("cli.plan.sites"),
        [
            words.say("cli.head.site"),
            words.say("cli.head.only-here"),
            *([words.say("cli.head.chosen", draws=robust.draws), words.say("cli.head.kept")] if robust else []),
            words.say("cli.head.cost"),
        ],
        [
            [
                named(site.id, site.name),
                words.number(site.only_here),
                *(
                    ["–" if times is None else words.number(times) for times in (site.chosen_in, site.kept_in)]
                    if robust
                    else []
                ),
                words.say("money.not-known")
                if site.cost is None
                else words.money(site.cost, found.costs.currency if found.costs else "", short=True),
            ]
            for site in found.sites
        ],
    )
    speech.table(words.say("cli.plan.groups"), _heads(speech), [_row(part, found, speech) for part in found.groups])
    if found.land is not None:
        show_land(found.land, plan, speech)
    if plan.undrawn:
        speech.say(f"cli.plan.no-draws.{plan.undrawn}")
    if any(part.estimated for part in found.groups):
        speech.say("cli.estimated-groups")
    if found.headline.estimated_times:
        speech.say("cli.estimated-times")


def show_comparison(table: Comparison, plan: Plan, speech: Speech, *, against: str | None) -> None:
    """One row a part: before, after, gains, losses, still out, mean minutes."""
    words, found = speech.words, plan.findings
    parts = [Part(**{str(key): value for key, value in row.items()}) for row in table.frame.to_dict(orient="records")]
    title = "cli.compare.title" if against is None else "cli.compare.against"
    speech.table(
        words.say(title, by=words.say(f"cli.by.{table.noun}"), other=against or ""),
        _heads(speech),
        [_row(part, found, speech, by=table.by) for part in parts],
    )
    if table.counted != "walks":
        speech.say(f"cli.compare.counted.{table.counted}")


def _value(plan: Plan, words: Words) -> str:
    return f"{value_number(words, plan.aim, plan.value)} {value_unit(words, plan.aim, plan.weighted_by)}"


def _aim(plan: Plan, found: Findings, speech: Speech) -> None:
    """What the plan is to be best at, its value and its terms; of the equal walk, the mean beside it."""
    words = speech.words
    bound = value_number(words, plan.aim, plan.bound)
    speech.say(f"aim.{plan.aim}.goal", limit=words.minutes(found.headline.within_minutes))
    speech.say("cli.plan.value", value=_value(plan, words), bound=bound)
    if plan.aim in ("smallest-worst", "worst-first") and plan.beyond is not None and plan.value >= plan.beyond / 600:
        # Every plan that leaves one person past the table has this value: "proven" says little there.
        speech.say("cli.plan.past-the-table", limit=words.minutes(plan.beyond / 600))
    if terms := value_terms(words, plan.aim, plan.terms):
        speech.out.print(terms, markup=False)


def _headline(found: Findings, speech: Speech) -> None:
    words, head = speech.words, found.headline
    speech.say(
        "cli.plan.headline",
        group=words.people(head.group, found.labels),
        before=words.of_hundred(head.before / head.people) if head.people else "0",
        after=words.of_hundred(head.after / head.people) if head.people else "0",
        out=words.number(head.people - head.after),
        gain=words.number(head.gain),
        minutes=words.minutes(head.within_minutes),
    )
    if head.cut_people:
        speech.say(
            "cli.plan.cut",
            people=words.number(head.cut_people),
            low=words.number(head.after_low),
            high=words.number(head.after_high),
        )


def _heads(speech: Speech) -> list[str]:
    columns = ["part", "people", "before", "after", "gain", "loss", "still-out"]
    if speech.is_wide:
        columns += ["minutes-before", "minutes-after"]
    return [speech.words.say(f"cli.head.{column}") for column in columns]


def _row(part: Part, found: Findings | None, speech: Speech, *, by: str = "group") -> list[str]:
    words = speech.words
    name = words.group(str(part.part), found.labels if found else None)
    if by == "need" and str(part.part) == "0":  # no fifth: nobody knows the need of these places
        name = words.say("need.0")
    counts = (part.people, part.within_before, part.within_after, part.gain, part.loss, part.still_out)
    return [
        name + (" *" if part.estimated else ""),
        *(words.number(count) for count in counts),
        *(words.number(minutes, 1) for minutes in (part.minutes_before, part.minutes_after) if speech.is_wide),
    ]
