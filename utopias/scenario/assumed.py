"""What was taken as so, by code with its values: nothing that a figure rests on goes unsaid."""

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.domain.findings import Assumption, Costs, Headline
from utopias.domain.quantities import Duration
from utopias.domain.robustness import Robustness
from utopias.domain.study import Study
from utopias.scenario.before_after import group_columns
from utopias.scenario.rules_told import rules_told
from utopias.scenario.walks import Walks, cut_blocks, planned_persons

# code -> what its values are. Those of ``services`` are listed here too, so that one list holds all.
CODES = {
    "made-up": "",
    "limit-by-default": "minutes",
    "walking-speed": "metres_a_second, kilometres_an_hour, walker",
    "walking-speed-by-default": "metres_a_second, kilometres_an_hour",
    "slope": "rise_known_share",  # of the streets whose rise is known; the others are walked as if flat
    "slope-ignored": "",
    "slope-rule": "rule",
    "profile": "walker, factors, known_share",  # times as long, by fact; share of the streets of which each is known
    "after-dark": "factor, dark_share, edges, lit_unknown, surface_unknown",
    "times-from-table": "source",
    "estimated-times": "circuity",
    "snapped": "metres",
    "table-horizon": "minutes",
    "charged-at-table-end": "people_before, people_after, minutes",
    "apart": "people, blocks",
    "cut": "people, cut_share, metres",
    "not-cut": "metres",
    "surroundings": "people, blocks",
    "no-surroundings": "",
    "estimated-group": "group, formula",
    "need-index": "weights",
    "need-unknown": "people",
    "weighed-by-need": "index",
    "count-of-persons": "",
    "equal-walk": "aversion, kappa",
    "costs": "price_year, discount, life_years, equip_life_years, ratio_years, own_low, own_high",
    "costs-not-known": "parts",
    "participation-swept": "rates, rate",
    "participation-declared": "rates, rate",
    "supply-plain-catchment": "",
    "rooms": "service, participation, availability, unknown, usual",
    "capacity-not-known": "modules, services",
    "capacity-usual": "modules, services",
    "opening-hours": "hours, days, modules",
    "substitution": "low, high, providers",
    "substitution-same": "share, providers",
    "service-group-not-counted": "groups",
    "robustness": "draws, seed, near_metres",
    "no-robustness": "",
}


def assumptions_of(
    study: Study,
    limit: Duration,
    *,
    chosen_limit: bool,
    headline: Headline,
    before: Walks,
    after: Walks,
    kappa: float,
    aversion: float,
    costs: Costs | None,
    cost_terms: dict[str, float],
    supply: list[Assumption],
    robustness: Robustness | None,
) -> list[Assumption]:
    """All of them, in the order of ``CODES``, then ``built-…``, as the town says it was built; fit for JSON."""
    found = [
        *_of_times(study, limit, chosen_limit),
        *_of_people(study, limit, headline, before, after),
        *_of_need(study, aversion, kappa),
        *supply,
    ]
    if study.town.get("rooms"):
        found.append(Assumption("rooms", dict(study.town["rooms"])))
    if study.town.get("made_up"):
        found.append(Assumption("made-up"))
    if costs is not None:
        # the year of a catalogue's prices; a lot's own cost says none
        terms = {"price_year": costs.price_year or None, "discount": costs.discount, "life_years": costs.life_years}
        found.append(Assumption("costs", {**terms, **cost_terms}))
        if costs.unknown:
            found.append(Assumption("costs-not-known", {"parts": len(costs.unknown)}))
    if robustness is None or not robustness.draws:
        found.append(Assumption("no-robustness"))
    else:
        values = {"draws": robustness.draws, "seed": robustness.seed, "near_metres": robustness.near_metres}
        found.append(Assumption("robustness", values))
    order = list(CODES)
    found.sort(key=lambda one: order.index(one.code))
    found += _of_building(study)
    return [Assumption(one.code, {name: _plain(value) for name, value in one.values.items()}) for one in found]


def _of_times(study: Study, limit: Duration, chosen_limit: bool) -> list[Assumption]:
    notes = study.times.notes
    speed = study.times.walking_speed
    values: dict[str, Any] = {"metres_a_second": round(speed, 4), "kilometres_an_hour": round(speed * 3.6, 2)}
    if "speed_m_s" in notes:
        found = [Assumption("walking-speed", {**values, "walker": str(notes.get("walker", ""))})]
    else:
        found = [Assumption("walking-speed-by-default", values)]
    if not chosen_limit:
        found.append(Assumption("limit-by-default", {"minutes": limit.minutes}))
    if "walker" not in notes and "source" in notes:
        found.append(Assumption("times-from-table", {"source": str(notes["source"])}))
    elif float(notes.get("rise_known", 0.0)) > 0:
        found.append(Assumption("slope", {"rise_known_share": notes["rise_known"]}))
    else:
        found.append(Assumption("slope-ignored"))
    found += rules_told(notes)
    if study.times.estimated:
        found.append(Assumption("estimated-times", {"circuity": notes.get("circuity")}))
    if "snap_at_most_m" in notes:
        found.append(Assumption("snapped", {"metres": notes["snap_at_most_m"]}))
    found.append(Assumption("table-horizon", {"minutes": study.times.limit.minutes}))
    return found


def _of_people(study: Study, limit: Duration, headline: Headline, before: Walks, after: Walks) -> list[Assumption]:
    persons = planned_persons(study)
    found = []
    charged = {
        "people_before": float(persons[np.isnan(before.minutes)].sum()),
        "people_after": float(persons[np.isnan(after.minutes)].sum()),
        "minutes": study.times.limit.minutes,
    }
    if charged["people_before"] or charged["people_after"]:
        found.append(Assumption("charged-at-table-end", charged))
    apart = study.blocks["apart"].to_numpy(dtype=bool) & study.blocks["planned"].to_numpy(dtype=bool)
    if apart.any():
        found.append(Assumption("apart", {"people": headline.apart, "blocks": int(apart.sum())}))
    metres = round(limit.seconds * study.times.walking_speed, 1)
    if cut_blocks(study, limit).any():
        share = headline.cut_people / headline.people if headline.people else 0.0
        found.append(Assumption("cut", {"people": headline.cut_people, "cut_share": share, "metres": metres}))
    else:
        found.append(Assumption("not-cut", {"metres": metres}))
    around = ~study.blocks["planned"].to_numpy(dtype=bool)
    if around.any():
        people = float(study.blocks["persons"].to_numpy(dtype=np.float64)[around].sum())
        found.append(Assumption("surroundings", {"people": people, "blocks": int(around.sum())}))
    else:
        found.append(Assumption("no-surroundings"))
    shown = {group for group, _ in group_columns(study)}
    for group in study.town.get("groups", ()):
        if group.get("estimated") and group["id"] in shown:
            values = {"group": str(group["id"]), "formula": str(group.get("formula", ""))}
            found.append(Assumption("estimated-group", values))
    return found


def _of_need(study: Study, aversion: float, kappa: float) -> list[Assumption]:
    found = [Assumption("equal-walk", {"aversion": aversion, "kappa": kappa})]
    index = str(study.town.get("weighted_by", ""))
    found.append(Assumption("weighed-by-need", {"index": index}) if index else Assumption("count-of-persons"))
    quintile = study.blocks["quintile"].to_numpy(dtype=np.int64)
    if (quintile > 0).any():
        weights = {str(i["id"]): float(i["weight"]) for i in study.town.get("indicators", ())}
        found.append(Assumption("need-index", {"weights": weights}))
        unknown = float(planned_persons(study)[quintile == 0].sum())
        if unknown:
            found.append(Assumption("need-unknown", {"people": unknown}))
    return found


def _of_building(study: Study) -> list[Assumption]:
    """What the town says was assumed when it was made from files, in the order it was told."""
    return [Assumption(str(one["code"]), dict(one["values"])) for one in study.town.get("assumptions", ())]


def _plain(value: Any) -> Any:
    """A value as JSON has it: no numpy number, no NaN."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (np.integer, np.floating, np.bool_)):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
