"""``utopias share``: places of a service for each 1,000 people where they live, and people for each place at each unit."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from utopias.cli.line import Line, groups_in, services_in
from utopias.cli.speech import Speech
from utopias.domain.catalogue import read_catalogue
from utopias.language.values import say_code
from utopias.language.words import Words

if TYPE_CHECKING:
    from utopias.access.catchment import Check
    from utopias.domain.town import Town
    from utopias.domain.travel_times import TravelTimes
    from utopias.scenario.sharing import Sharing

AREAS_SHOWN, PLACES_SHOWN = 5, 15
METHODS = "balanced, 2sfca, e2sfca, 3sfca, balanced-levels"  # those of access.catchment, unread until a command runs


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.share"))
    def share(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        service: Annotated[str, typer.Option(help=words.say("cli.share.service"))],
        for_: Annotated[str | None, typer.Option("--for", help=words.say("cli.share.for"))] = None,
        within: Annotated[str, typer.Option(help=words.say("cli.option.within"))] = "15 min",
        walker: Annotated[str, typer.Option(help=words.say("cli.option.walker"))] = "adult",
        method: Annotated[str, typer.Option(help=words.say("cli.share.method", methods=METHODS))] = "balanced",
        decay: Annotated[str | None, typer.Option(help=words.say("cli.share.decay"))] = None,
        add: Annotated[list[str] | None, typer.Option(help=words.say("cli.share.add"))] = None,
        assume_usual: Annotated[bool, typer.Option("--assume-usual", help=words.say("cli.share.assume-usual"))] = False,
        catalogue: Annotated[Path | None, typer.Option(help=words.say("cli.site.catalogue"))] = None,
        to: Annotated[Path | None, typer.Option(help=words.say("cli.share.to"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.access.catchment import decay_of
        from utopias.scenario.on_what import walk
        from utopias.scenario.sharing import giving_places, share_places
        from utopias.territory.od_write import must_be_table, write_rows
        from utopias.territory.town_folder import read_town

        line = Line(words)
        limit = line.time(within, "--within")
        curve = line.tried(lambda: decay_of(method, decay, limit), None)  # said before the walks, not after them
        if to is not None:
            line.tried(lambda: must_be_table(to), None)
        own = line.catalogue(catalogue)
        modules = read_catalogue() if own is None else own
        (wanted,) = line.services([service], services_in(town, own), "--service")
        asked = None if for_ is None else line.group(for_, groups_in(town))
        who = line.walker(walker)
        line.done()
        with speech.working() as progress:
            progress("reading", 0.0)
            place = read_town(town)
            giving = giving_places(place, wanted, modules, add=tuple(add or ()), assume_usual=assume_usual)
            group = giving.group if asked is None else asked
            place.demand(group)
            times = walk(place, walker=who, within=limit, progress=progress)
            shared = share_places(place, times, giving, group=group, within=limit, method=method, decay=curve)
            if to is not None:
                progress("writing", 0.0)
                write_rows(shared.rows(place), to)
        if json:
            speech.answer(_as_json(shared, place, times, who))
        else:
            _show(shared, place, times, speech)
            if to is not None:
                speech.say("cli.written", file=str(to))


def _as_json(shared: "Sharing", town: "Town", times: "TravelTimes", walker: str) -> dict[str, Any]:
    giving, found = shared.giving, shared.catchment
    crowding = found.crowding.tolist()
    return {
        "town": town.name,
        "made_up": town.made_up,
        "service": giving.service,
        "group": shared.demand.group,
        "estimated": shared.demand.estimated,
        "within_minutes": found.within.minutes,
        "walker": walker,
        "estimated_times": times.estimated,
        "method": found.method,
        "decay": found.decay,
        "people": float(shared.demand.total),
        "without": shared.without,
        "places_per_1000": {
            "mean": shared.mean,
            **{f"at_{100 * share:.0f}_of_100": value for share, value in shared.quantiles().items()},
        },
        "places": [
            {
                "place_id": str(giving.places.ids[k]),
                "name": str(giving.places.names[k]),
                "role": str(giving.places.role[k]),
                "places_a_week": float(giving.week[k]),
                "people": float(found.allotted[k]),
                "people_per_place": crowding[k] or None,
            }
            for k in range(len(giving.places))
        ],
        "areas": [
            {
                "area": str(row["area"]),
                "people": float(row["people"]),
                "without": float(row["without"]),
                "places_per_1000": None if math.isnan(row["per_thousand"]) else float(row["per_thousand"]),
            }
            for row in shared.areas(town).to_dict(orient="records")
        ],
        "checks": {
            name: {"found": check.found, "there": check.there, "holds": check.holds}
            for name, check in (("people", found.people), ("capacity", found.capacity))
        },
        "inflation": None if math.isnan(found.inflation) else found.inflation,
        "unused_places": found.unused,
        "unknown": list(giving.unknown),
        "added_without_service": list(giving.idle),
        "assumptions": [{"code": one.code, "values": dict(one.values)} for one in giving.assumed],
    }


def _show(shared: "Sharing", town: "Town", times: "TravelTimes", speech: Speech) -> None:
    words, giving, found = speech.words, shared.giving, shared.catchment
    labels = {group.id: dict(group.labels) for group in town.groups}
    minutes = words.minutes(found.within.minutes)
    speech.say(
        "cli.share.title",
        service=words.group(giving.service, labels),
        group=words.group(shared.demand.group, labels),
        town=town.name,
        minutes=minutes,
        method=found.method,
    )
    walker = str(times.notes["walker"])
    if walker != "adult":
        speech.say("cli.share.walker", walker=words.group(walker, {}))
    for key in giving.idle:
        speech.say("cli.share.gives-none", sites=key, service=words.group(giving.service, labels))
    if found.decay != "flat":
        speech.say("cli.share.weights", decay=found.decay)
    is_index = found.method == "balanced-levels"
    if is_index:
        speech.say("cli.share.levels")
    total = float(shared.demand.total)
    if total:
        with_some = (total - shared.without) / total
        said = {"people": words.number(total), "share": words.percent(with_some, 1), "minutes": minutes}
        if is_index:
            speech.say("cli.share.people-index", **said)
        else:
            speech.say("cli.share.people", **said, mean=_amount(words, shared.mean))
    values = list(shared.quantiles().values())
    if values[0] is not None:
        speech.table(
            words.say("cli.share.spread"),
            [
                words.say(f"cli.head.at-{name}")
                for name in ("tenth", "quarter", "half", "three-quarters", "nine-tenths")
            ],
            [[_amount(words, value) for value in values]],
        )
    _show_places(shared, speech)
    _show_areas(shared, town, speech)
    _show_checks(shared, speech)
    for one in giving.assumed:
        speech.say("cli.share.assumed", sentence=say_code(words, f"assumption.{one.code}", one.values, labels))
    if giving.unknown:
        _plural("cli.share.unknown", len(giving.unknown), speech, names="; ".join(giving.unknown))
    if shared.demand.estimated:
        speech.say("cli.share.estimated-group")
    if times.estimated:
        speech.say("cli.estimated-times")
    if town.made_up:
        speech.say("cli.made-up")


def _show_places(shared: "Sharing", speech: Speech) -> None:
    words, giving, found = speech.words, shared.giving, shared.catchment
    order = sorted(range(len(giving.places)), key=lambda k: -float(found.crowding[k]))
    speech.table(
        words.say("cli.share.places"),
        [words.say(f"cli.head.{head}") for head in ("place", "places-week", "allotted", "people-place")],
        [
            [
                str(giving.places.names[k]),
                words.number(float(giving.week[k])),
                words.number(float(found.allotted[k])),
                _amount(words, float(found.crowding[k])) if found.crowding[k] else "–",
            ]
            for k in order[:PLACES_SHOWN]
        ],
    )
    if len(order) > PLACES_SHOWN:
        _plural("cli.share.more-places", len(order) - PLACES_SHOWN, speech)


def _show_areas(shared: "Sharing", town: "Town", speech: Speech) -> None:
    words = speech.words
    rows = shared.areas(town).query("without > 0").head(AREAS_SHOWN).to_dict(orient="records")
    if not rows:
        return
    named = bool((town.blocks.colonia != "").any())
    speech.table(
        words.say("cli.share.areas" if named else "cli.share.census-areas"),
        [
            words.say(f"cli.head.{head}")
            for head in ("colonia" if named else "census-area", "people", "without", "per-1000")
        ],
        [
            [
                str(row["area"]) or words.say("word.not-known"),
                words.number(float(row["people"])),
                words.number(float(row["without"])),
                _amount(words, float(row["per_thousand"])),
            ]
            for row in rows
        ],
    )


def _show_checks(shared: "Sharing", speech: Speech) -> None:
    words, found = speech.words, shared.catchment
    _show_check("cli.share.check-people", found.people, speech)
    _show_check("cli.share.check-capacity", found.capacity, speech)
    if not found.people.holds:
        key = "cli.share.inflation" if found.inflation > 1 else "cli.share.deflation"
        speech.say(key, times=_amount(words, found.inflation))
    if found.unused:
        speech.say("cli.share.unused", places=words.number(found.unused))


def _show_check(key: str, check: "Check", speech: Speech) -> None:
    words = speech.words
    verdict = words.say("cli.share.holds" if check.holds else "cli.share.fails")
    found, there = (words.number(value) for value in check)
    speech.say(key, found=found, there=there, verdict=verdict)


def _plural(key: str, count: int, speech: Speech, **values: str) -> None:
    speech.out.print(speech.words.plural(key, count, **values), markup=False)


def _amount(words: Words, value: float | None) -> str:
    """Three figures, and never a nought for what is not nothing."""
    if value is None:
        return "–"
    return words.trimmed(value, 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 4)
