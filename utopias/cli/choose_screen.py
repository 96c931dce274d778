"""Why these sites, what else could be, and what lies between two aims, on the screen."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from utopias.cli.named import named, names_of
from utopias.cli.speech import Speech
from utopias.domain.choices import Choices
from utopias.domain.plan import Plan
from utopias.domain.trade_off import TradeOff
from utopias.language.curve_words import point_head, point_value, step_told
from utopias.language.values import value_number, value_unit
from utopias.language.words import Words

if TYPE_CHECKING:
    from utopias.siting.choose.reasons import ChosenSite, Explanation, RefusedSite

SHOWN = 10  # refused sites told on the screen, the smallest loss first; --json has them all


def why_json(told: Explanation, plan: Plan, site: str | None) -> dict[str, Any]:
    """The explanation as plain values; with a site, that one alone. A loss that no rule allows is null."""
    chosen = [_plain(asdict(one)) for one in told.chosen if site in (None, one.id)]
    refused = [_plain(asdict(one)) for one in told.refused if site in (None, one.id)]
    return {"aim": told.aim, "value": plan.value, "ties": plan.ties, "chosen": chosen, "refused": refused}


def _made_up(plan: Plan, speech: Speech) -> None:
    if plan.study is not None and plan.study.town.get("made_up"):
        speech.say("cli.made-up")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: None if value == float("inf") else value for key, value in row.items()}


def show_why(told: Explanation, plan: Plan, speech: Speech, site: str | None) -> None:
    """Chosen and refused sites with what each is worth; of one site who alone gains by it too."""
    words, names = speech.words, names_of(plan)
    _made_up(plan, speech)
    unit = value_unit(words, plan.aim, plan.weighted_by)
    chosen = [one for one in told.chosen if site in (None, one.id)]
    refused = [one for one in told.refused if site in (None, one.id)]
    if chosen:
        speech.table(
            words.say("cli.why.chosen", unit=unit),
            [words.say(f"cli.why.head.{name}") for name in ("site", "only", "loss", "instead", "swap", "proof")],
            [_chosen(one, speech, names) for one in chosen],
            texts=(0, 3, 5),
        )
    if refused:
        shown = refused[:SHOWN]
        speech.table(
            words.say("cli.why.refused", unit=unit, n=len(shown), all=len(refused)),
            [words.say(f"cli.why.head.{name}") for name in ("site", "swap", "goes", "least", "proof")],
            [_refused(one, plan, speech, names) for one in shown],
            texts=(0, 2, 4),
        )
    if site is not None:
        for one in chosen:
            _gains(one, plan, speech)
    proven_in, proven_out = sum(one.proven_in for one in told.chosen), sum(one.proven_out for one in told.refused)
    if site is None:
        speech.say(
            "cli.why.proofs", inside=proven_in, chosen=len(told.chosen), outside=proven_out, refused=len(told.refused)
        )
    if plan.ties:
        speech.say("cli.why.ties", n=words.number(plan.ties))


def _chosen(one: ChosenSite, speech: Speech, names: dict[str, str]) -> list[str]:
    words = speech.words
    return [
        named(one.id, names.get(one.id, "")),
        words.number(one.only_here),
        _loss(one.loss, speech),
        names.get(one.replacement_id, one.replacement_id) or "–",
        _loss(one.replacement_loss, speech),
        words.say("cli.why.in") if one.proven_in else "–",
    ]


def _refused(one: RefusedSite, plan: Plan, speech: Speech, names: dict[str, str]) -> list[str]:
    words, ids = speech.words, [] if plan.study is None else plan.study.place_ids
    goes = "" if one.instead_of is None else ids[one.instead_of]
    least = words.say("cli.why.not-allowed") if one.sure_loss == float("inf") else words.number(one.sure_loss)
    return [
        named(one.id, names.get(one.id)),
        _loss(one.loss, speech),
        names.get(goes, "–"),
        least,
        words.say("cli.why.out") if one.proven_out else "–",
    ]


def _loss(value: float | None, speech: Speech) -> str:
    return speech.words.say("cli.why.not-allowed") if value is None else speech.words.number(value)


def _gains(one: ChosenSite, plan: Plan, speech: Speech) -> None:
    """Whom this site alone reaches: by group, and by fifth of need."""
    words = speech.words
    labels = plan.findings.labels if plan.findings is not None else {}
    rows = [[words.group(name, labels), words.number(persons)] for name, persons in one.only_groups.items()]
    rows += [
        [words.say("cli.why.fifth", fifth=words.say(f"need.{fifth}")), words.number(persons)]
        for fifth, persons in one.only_need.items()
    ]
    if rows:
        speech.table(words.say("cli.why.gains"), [words.say("cli.head.group"), words.say("cli.head.people")], rows)


def choices_json(found: Choices, plan: Plan) -> dict[str, Any]:
    """The choices beside the plan's own value."""
    return {"value": plan.value, "bound": plan.bound, "sites": plan.site_ids, **found.to_json()}


def show_choices(found: Choices, plan: Plan, speech: Speech) -> None:
    """One row a plan: its value, what it opens instead, who gains and who loses."""
    words = speech.words
    _made_up(plan, speech)
    unit = value_unit(words, plan.aim, plan.weighted_by)
    if not found.choices:
        speech.say("cli.alternatives.none", within=words.percent(found.within, 1), near=words.number(found.near_metres))
        return
    rows = [
        [
            words.say(
                "cli.alternatives.change",
                left=words.listed(found.names.get(key, key) for key in one.left),
                taken=words.listed(found.names.get(key, key) for key in one.taken),
            ),
            value_number(words, plan.aim, one.value),
            value_number(words, plan.aim, one.loss),
            words.number(one.gain),
            words.number(one.lose),
            "–" if one.neediest is None else words.signed(one.neediest),
        ]
        for one in found.choices
    ]
    heads = ("change", "value", "loss", "gain", "lose", "neediest")
    speech.table(
        words.say("cli.alternatives.title", within=words.percent(found.within, 1), unit=unit),
        [words.say(f"cli.alternatives.head.{name}") for name in heads],
        rows,
    )
    if plan.flows is not None:
        speech.say("cli.alternatives.rooms")
    speech.say("cli.alternatives.note")


def show_curve(found: TradeOff, speech: Speech) -> None:
    """One row a point: both values, the bound of the first, and the sites that it opens."""
    words = speech.words
    heads = [words.say("cli.trade-off.point"), *(point_head(words, found, side) for side in (0, 1))]
    heads.append(words.say("choose.head.bound"))
    rows = [
        [
            str(k),
            *(point_value(words, found, side, point.values[side]) for side in (0, 1)),
            words.say("choose.proven") if point.proven else point_value(words, found, 0, point.bound),
        ]
        for k, point in enumerate(found.points, start=1)
    ]
    speech.table(words.say("cli.trade-off.title", town=found.town), heads, rows)
    speech.say("cli.trade-off.sites")
    for k in range(len(found.points)):  # under the table, not in it: five names leave no room for figures
        speech.say("cli.trade-off.row", n=k + 1, sites=_sites(found, k, words))
    if len(found.points) > 1:
        speech.say("choose.step.intro")
        for k, (above, here) in enumerate(pairwise(found.points), start=1):
            step = words.say("choose.step.name", above=str(k), here=str(k + 1))
            speech.out.print(f"{step}: {step_told(words, found, above.values, here.values)}", markup=False)
    if found.method == "weights":
        speech.say("choose.weights")
    if found.unreachable:
        speech.say("choose.unreachable", n=words.number(found.unreachable))
    if found.stopped != "done":
        speech.say(f"choose.stopped.{found.stopped}")


def _sites(found: TradeOff, at: int, words: Words) -> str:
    """The sites of the first point; of every other what goes and what comes, seen from the point above."""
    here = found.points[at].ids
    if at == 0:
        return words.listed(named(key, found.names.get(key)) for key in here)
    above = found.points[at - 1].ids
    left = (named(key, found.names.get(key)) for key in above if key not in here)
    taken = (named(key, found.names.get(key)) for key in here if key not in above)
    return words.say("choose.change", left=words.listed(left), taken=words.listed(taken))
