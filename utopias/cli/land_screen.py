"""Land on the screen: what was excluded and why, and what one waiver would gain; none of it computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from utopias.cli.speech import Speech
from utopias.domain.land import CONDITIONAL, FIT, VERDICTS, JointSite, Land, Screened, Screening
from utopias.domain.plan import Plan
from utopias.language.land import ban_of, conditions_of, label, reason_of
from utopias.language.values import value_number, value_unit

MOST = 8  # waivers told on the screen of a plan; all of them stand in findings.json


def show_screening(found: Screening, speech: Speech) -> None:
    """Counts by verdict, counts by rule, then each site, the worst first."""
    words = speech.words
    speech.table(
        words.plural("cli.screen.title", len(found.sites)),
        [words.say("cli.head.verdict"), words.say("cli.head.sites")],
        [[words.say(f"land.{verdict}"), words.number(found.count(verdict))] for verdict in VERDICTS],
    )
    rows = [
        [
            f"{label(rule.id, rule.label, words)} ({rule.id})",
            words.say(f"land.{rule.result}"),
            words.number(broken),
            words.number(unknown),
        ]
        for rule, broken, unknown in found.by_rule()
    ]
    if rows:
        heads = [words.say(f"cli.head.{name}") for name in ("rule", "verdict", "sites", "not-known")]
        speech.table(words.say("cli.screen.rules"), heads, rows, texts=2)
    order = sorted(range(len(found.sites)), key=lambda i: (VERDICTS.index(found.sites[i].verdict), i))
    sites = []
    for site in (found.sites[i] for i in order):
        named = site.name if site.name == site.id else f"{site.name} ({site.id})"
        decided = site.decided_by
        why = "" if decided is None else reason_of(found, decided, words)
        sites.append([named, words.say(f"land.{site.verdict}"), why])
    if sites:
        heads = [words.say(f"cli.head.{name}") for name in ("site", "verdict", "decided-by")]
        speech.table(words.say("cli.screen.sites"), heads, sites, texts=3)


def show_joint(joint: Sequence[JointSite], verdicts: Mapping[str, Screened], speech: Speech) -> None:
    """The joint sites with their area, and what the rules say of them as they then are."""
    words = speech.words
    if not joint:
        speech.say("cli.screen.no-joint")
        return
    rows = [
        [
            one.name,
            words.say(f"land.{verdicts[one.id].verdict}"),
            words.number(len(one.members)),
            words.number(one.area_m2),
        ]
        for one in joint
    ]
    heads = [words.say(f"cli.head.{name}") for name in ("site", "verdict", "sites", "area")]
    speech.table(words.plural("cli.screen.joint", len(joint)), heads, rows, texts=2)
    speech.say("cli.screen.joint-note")


def show_land(land: Land, plan: Plan, speech: Speech) -> None:
    """Of a plan: how many sites its land excluded, the conditions of those it opens, the best waivers."""
    words, found = speech.words, land.screening
    speech.say(
        "land.counts",
        excluded=len(found.excluded),
        all=len(found.sites),
        conditional=found.count(CONDITIONAL),
        fit=found.count(FIT),
    )
    if found.waived:
        speech.say("land.waived", waived=words.listed(ban_of(found, key, words) for key in found.waived))
    for site in (one for one in found.sites if one.id in set(plan.site_ids) and one.reasons):
        speech.say("cli.land.condition", site=site.name, conditions=conditions_of(found, site, words))
    if land.waivers is None:
        speech.say("land.waivers.not-reckoned")
        return
    told = [one for one in land.waivers if one.gain is None or one.gain > 0]
    if not told:
        if found.excluded:
            speech.say("land.waivers.nothing")
        return
    rows = [
        [
            ban_of(found, one.id, words),
            words.number(len(one.sites)),
            words.say("word.not-known") if one.gain is None else value_number(words, plan.aim, one.gain, signed=True),
        ]
        for one in told[:MOST]
    ]
    heads = [words.say("cli.head.waiver"), words.say("cli.head.frees")]
    heads.append(words.say("cli.head.gains", unit=value_unit(words, plan.aim, plan.weighted_by)))
    speech.table(words.say("land.waivers.title"), heads, rows)
    if len(told) > MOST:
        speech.say("cli.land.more", more=len(told) - MOST)
