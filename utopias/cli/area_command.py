"""``utopias area``: the ground from which a unit is reached on foot, as a table and as a map."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import typer

from utopias.cli.line import Line, LineError, groups_in
from utopias.cli.speech import Speech
from utopias.cli.walks_told import who_walks
from utopias.domain.errors import Fault, ProblemError, UtopiasError
from utopias.domain.places import Places
from utopias.domain.quantities import Duration, Length
from utopias.domain.sentences import Sentence
from utopias.domain.service_areas import ServiceAreas
from utopias.domain.town import Town
from utopias.domain.travel_times import Status
from utopias.language.legend import legend

Made = TypeVar("Made")
HOLE = 2500.0  # square metres; a hole no larger without a street in it is the middle of a block
NEAR_NAMES = 3  # suggested for each key that is not there


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.area"))
    def area(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        unit: Annotated[list[str] | None, typer.Option(help=words.say("cli.area.unit"))] = None,
        all_: Annotated[bool, typer.Option("--all", help=words.say("cli.area.all"))] = False,
        within: Annotated[str, typer.Option(help=words.say("cli.area.within"))] = "5min,10min,15min",
        walker: Annotated[str, typer.Option(help=words.say("cli.option.walker"))] = "adult",
        speed: Annotated[str | None, typer.Option(help=words.say("cli.option.speed"))] = None,
        slope: Annotated[str, typer.Option(help=words.say("cli.option.slope"))] = "tobler",
        after_dark: Annotated[float | None, typer.Option(help=words.say("cli.option.after-dark"))] = None,
        from_the_unit: Annotated[bool, typer.Option("--from-the-unit", help=words.say("cli.area.from"))] = False,
        for_: Annotated[str, typer.Option("--for", help=words.say("cli.area.for"))] = "all",
        off_street: Annotated[str, typer.Option(help=words.say("cli.area.off-street"))] = "50 m",
        cell: Annotated[str, typer.Option(help=words.say("cli.area.cell"))] = "5 m",
        to: Annotated[list[Path] | None, typer.Option(help=words.say("cli.area.to"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.access.service_area import faults_of_ground, faults_of_limits, service_area
        from utopias.network.effort import DAYLIGHT, must_be_dark, walking_speed
        from utopias.network.slopes import slope_rule
        from utopias.network.street_network import street_network
        from utopias.scale import Runner
        from utopias.territory.export_areas import must_be_areas_file, write_service_areas
        from utopias.territory.town_folder import read_town

        line = Line(words)
        group, who = line.group(for_, groups_in(town)), line.walker(walker)
        faults: list[Fault] = line.faults
        named = [name.strip() for name in within.split(",") if name.strip()]
        limits = [limit for name in named if (limit := _tried(faults, partial(_limit, name))) is not None]
        if limits or not named:
            faults += faults_of_limits(limits)
        off, size = (_tried(faults, partial(Length.of, length)) for length in (off_street, cell))
        if off is not None and size is not None:
            faults += faults_of_ground(off, size, HOLE)
        dark = DAYLIGHT if after_dark is None else after_dark
        if "unknown-walker" not in {one.code for one in faults}:
            _tried(faults, partial(walking_speed, who, speed))
        for check in (partial(slope_rule, slope), partial(must_be_dark, dark)):
            _tried(faults, check)
        for path in to or ():
            _tried(faults, partial(must_be_areas_file, path))
        with speech.working() as progress:
            progress("reading", 0.0)
            place = _tried(faults, lambda: read_town(town))
            if place is not None:
                faults += _faults_of_town(place)
            chosen = None if place is None else _tried(faults, lambda: _chosen(place, unit or [], everyone=all_))
            if faults or place is None or chosen is None or off is None or size is None:
                raise LineError(faults)
            progress("streets", 0.0)
            network = street_network(place, walker=who, speed=speed, slope=slope, after_dark=dark)
            areas = service_area(
                network, chosen, within=limits, from_place=from_the_unit, town=place, reach_off_street=off,
                cell=size, smallest_hole=HOLE, progress=progress, runner=Runner.here(),
            )  # fmt: skip
            for path in to or ():
                progress("writing", 0.0)
                write_service_areas(areas, to=path, labels=legend(words))
        if json:
            speech.answer(_json(areas, place))
            return
        _show(areas, place, group, speech, spoken_speed=speed is not None, slope=slope)
        for path in to or ():
            speech.say("cli.written", file=str(path))


def _show(
    areas: ServiceAreas, town: Town, group: str, speech: Speech, *, spoken_speed: bool = False, slope: str = "tobler"
) -> None:
    words = speech.words
    k = len(areas.limits)
    labels = {one.id: dict(one.labels) for one in town.groups}
    star = " *" if group in areas.estimated else ""
    # 80 columns hold all seven: the group is named above, for its name may be longer than any number.
    heads = [
        words.say(f"cli.head.{head}") for head in ("unit", "limit", "km2", "street-km", "people", "pieces", "holes")
    ]
    heads[4] += star
    way = "from" if areas.from_place else "to"
    dark = areas.notes.get("after_dark")
    who = who_walks(
        words, areas.walker, speed_m_s=areas.speed_m_s if spoken_speed else None, slope=slope,
        after_dark=None if dark is None else float(dark),
    )  # fmt: skip
    title = words.say(f"cli.area.title.{way}", town=town.name, walker=who)
    if group != "all":
        title += ". " + words.say("cli.area.title.people", group=words.group(group, labels))
    speech.table(
        title,
        heads,
        [
            [
                f"{areas.places[row // k]} {areas.names[row // k]}" if row % k == 0 else "",
                words.say("cli.area.minutes", minutes=words.trimmed(float(areas.minutes[row]), 1)),
                words.number(areas.km2[row], 2),
                words.number(areas.street_km[row], 1),
                words.number(areas.people[group][row]),
                words.number(areas.pieces[row]),
                words.number(areas.holes[row]),
            ]
            for row in range(len(areas))
        ],
    )
    if star:
        speech.say("cli.estimated-groups")
    if town.made_up:
        speech.say("cli.made-up")
    lost = areas.places[areas.status == Status.NO_STREET]
    if len(lost):
        speech.say("cli.area.no-street", units=words.listed(lost.tolist()))
    apart = areas.places[areas.status == Status.ISLAND]
    if len(apart):
        speech.say("cli.area.island", units=words.listed(apart.tolist()))
    cut = areas.places[areas.cut.reshape(-1, k).any(axis=1)]
    if len(cut):
        speech.say("cli.area.cut", units=words.listed(cut.tolist()))
    if "after_dark" in areas.notes:
        speech.say("cli.area.after-dark", factor=words.trimmed(float(areas.notes["after_dark"])))
    speech.say("cli.area.off", metres=words.trimmed(areas.reach_off_street.metres))


def _json(areas: ServiceAreas, town: Town) -> dict[str, object]:
    k = len(areas.limits)
    rows = [
        {
            "unit": str(areas.places[row // k]),
            "name": str(areas.names[row // k]),
            "within_minutes": float(areas.minutes[row]),
            "km2": float(areas.km2[row]),
            "street_km": float(areas.street_km[row]),
            "pieces": int(areas.pieces[row]),
            "holes": int(areas.holes[row]),
            "may_be_cut": bool(areas.cut[row]),
            "without_street": bool(areas.status[row // k] == Status.NO_STREET),
            "people": {group: float(count[row]) for group, count in areas.people.items()},
        }
        for row in range(len(areas))
    ]
    return {
        "town": town.name,
        "made_up": town.made_up,
        "walker": areas.walker,
        "way": "from" if areas.from_place else "to",
        "after_dark": areas.notes.get("after_dark", 1.0),
        "off_street_m": areas.reach_off_street.metres,
        "estimated_groups": sorted(areas.estimated & set(areas.people)),
        "areas": rows,
    }


def _chosen(town: Town, keys: list[str], *, everyone: bool) -> Places:
    """The places named, of the units, the sites and the providers; or every unit that operates or is being built."""
    if everyone == bool(keys):
        what = (
            "--unit and --all together: all, or those named?"
            if everyone
            else "neither --unit nor --all says whose area"
        )
        raise ProblemError(
            Fault("no-places", what, where="--unit, --all", mend="give --unit KEY, once or more, or --all")
        )
    if everyone:
        return town.fixed
    known = town.units + town.sites + town.providers
    row = {str(key): i for i, key in enumerate(known.ids)}
    lost = [key for key in keys if key not in row]
    if lost:
        near = [name for key in lost for name in _near(key, known)]
        raise ProblemError(
            Fault(
                code="unknown-place",
                what=Sentence(
                    "{count} of {total} keys belong to no unit, site or provider of {town}",
                    count=len(lost),
                    total=len(keys),
                    town=town.name,
                ),
                where="--unit",
                mend=Sentence("did you mean {listed}?", listed=", ".join(dict.fromkeys(near))),
                count=len(lost),
                first=lost[0],
            )
        )
    return known.take(np.array([row[key] for key in dict.fromkeys(keys)], dtype=np.int64))


def _near(key: str, known: Places) -> list[str]:
    """Keys like the one typed, or of places with such a name; the first of all where there is none."""
    by_name = {str(name).lower(): str(one) for one, name in zip(known.ids, known.names, strict=True)}
    low = {str(one).lower(): str(one) for one in known.ids}
    found = [low[k] for k in get_close_matches(key.lower(), low, NEAR_NAMES)]
    found += [by_name[name] for name in get_close_matches(key.lower(), by_name, 1)]
    found += [one for name, one in by_name.items() if key.lower() in name][:NEAR_NAMES]
    return found[:NEAR_NAMES] or [str(one) for one in known.ids[:NEAR_NAMES]]


def _faults_of_town(town: Town) -> list[Fault]:
    if town.streets is not None:
        return []
    what = "the town was built without streets, and an area is drawn along them"
    return [Fault("no-streets", what, mend="build it again with --streets")]


def _limit(name: str) -> Duration:
    """One limit of --within; what is no time is refused with how the list is written, since commas cut it apart."""
    try:
        return Duration.of(name)
    except UtopiasError as refused:
        raise ProblemError(
            [
                Fault(
                    code=fault.code,
                    what=fault.what,
                    where="--within",
                    mend="give each time its own unit, with a decimal point and commas between: 5min,7.5min,15min",
                )
                for fault in refused.faults
            ]
        ) from refused


def _tried(faults: list[Fault], make: Callable[[], Made]) -> Made | None:
    """What ``make`` makes; None where it refuses, with its faults kept for all to be told at once."""
    try:
        return make()
    except UtopiasError as refused:
        faults.extend(refused.faults)
        return None
