"""``utopias screen``: which candidate plots may take a unit, which only if, and which not, each with its rule."""

from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.speech import Speech
from utopias.domain.land import VERDICTS, LandRule, Reason, Screening
from utopias.language.words import Words


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.screen"))
    def screen(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        rules: Annotated[Path | None, typer.Option(help=words.say("cli.option.rules"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.land import has_land_facts, read_rules
        from utopias.land import screen as judge
        from utopias.territory.town_folder import read_town

        asked = read_rules(rules)
        place = read_town(town)
        found = judge(place, asked)
        if json:
            speech.answer({"town": place.name, "made_up": place.made_up, **found.to_json()})
            return
        if place.made_up:
            speech.say("cli.made-up")
        if not has_land_facts(place):
            speech.say("cli.screen.no-facts")
        show_screening(found, speech)


def show_screening(found: Screening, speech: Speech) -> None:
    """Counts by verdict, counts by rule, then each site, the worst first."""
    words = speech.words
    speech.table(
        words.plural("cli.screen.title", len(found.sites)),
        [words.say("cli.head.verdict"), words.say("cli.head.sites")],
        [[words.say(f"land.{verdict}"), words.number(found.count(verdict))] for verdict in VERDICTS],
    )
    reasons = [reason for site in found.sites for reason in site.reasons]
    rows = []
    for rule in found.rules:
        said = [reason.found is not None for reason in reasons if reason.rule == rule.id]
        if said:
            row = [f"{label(rule, words)} ({rule.id})", words.say(f"land.{rule.result}")]
            rows.append([*row, words.number(sum(said)), words.number(len(said) - sum(said))])
    if rows:
        heads = [words.say(f"cli.head.{name}") for name in ("rule", "verdict", "sites", "not-known")]
        speech.table(words.say("cli.screen.rules"), heads, rows, texts=2)
    order = sorted(range(len(found.sites)), key=lambda i: (VERDICTS.index(found.sites[i].verdict), i))
    sites = []
    for site in (found.sites[i] for i in order):
        named = site.name if site.name == site.id else f"{site.name} ({site.id})"
        decided = site.decided_by
        why = "" if decided is None else reason_of(decided, found, words)
        sites.append([named, words.say(f"land.{site.verdict}"), why])
    if sites:
        heads = [words.say(f"cli.head.{name}") for name in ("site", "verdict", "decided-by")]
        speech.table(words.say("cli.screen.sites"), heads, sites, texts=3)


def label(rule: LandRule, words: Words) -> str:
    """What the rule says, in the reader's language or another that the rule has."""
    return words.group(rule.id, {rule.id: rule.label})


def reason_of(reason: Reason, found: Screening, words: Words) -> str:
    """Why, as a sentence without its full stop; said as not known where the column does not say."""
    said = label(found.rule(reason.rule), words)
    return said if reason.found is not None else words.say("land.not-known", rule=said)
