"""What a plan means, in numbers ready to be read: computed once, then only shown.

The screen, the report, the web page and the plan folder all show these very
numbers. Rooms that make them (scenario, equity, costs) put no sentences in;
rooms that show them (report, cli, city) compute nothing.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass, field
from typing import Any, Union

from utopias.domain.catalogue import Range
from utopias.domain.land import Land


@dataclass(frozen=True, slots=True)
class Headline:
    """The first sentence: of ``people`` of ``group``, how many can walk to a unit within the limit.

    The low and high figures are the bounds for what lies beyond the known surroundings: low counts
    nobody in a cut block who is not seen to reach; high counts everybody in a cut block as reaching.
    apart : people of the group with no way to any place at all (island, no street); in no aim.
    """

    group: str
    estimated_group: bool
    within_minutes: float
    people: float
    before: float
    after: float
    gain: float
    loss: float
    before_low: float
    before_high: float
    after_low: float
    after_high: float
    cut_people: float
    apart: float
    estimated_times: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One row of before and after. Persons; mean minutes to the nearest unit, the table's limit where none (a lower bound)."""

    part: str
    people: float
    within_before: float
    within_after: float
    gain: float
    loss: float
    still_out: float
    minutes_before: float
    minutes_after: float
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of equity, before and after. ``code`` names it; ``parameters`` are what it was asked with.

    of : the group that a measure between groups sets against everybody; empty for all others.
    """

    code: str
    before: float | None
    after: float | None
    unit: str
    parameters: dict[str, float] = field(default_factory=dict)
    annex: bool = False
    of: str = ""


@dataclass(frozen=True, slots=True)
class SiteFinding:
    """One chosen site: what it gives, what it is worth, how sure it is, what it takes away.

    only_here : persons who reach this unit and no other after the plan.
    loss : what the aim would lose without it (in the aim's unit); best replacement and its loss.
    chosen_in, kept_in : draws in which it was chosen; chosen or replaced within 400 m.
    displaced : provider whose use it takes, and people who then reach no other of that service.
    """

    id: str
    name: str
    x: float
    y: float
    area_m2: float | None
    owner: str
    cost: float | None
    reached: float
    only_here: float
    loss: float
    replacement: str
    replacement_loss: float | None
    chosen_in: int | None
    kept_in: int | None
    displaced: str
    displaced_people: float | None


@dataclass(frozen=True, slots=True)
class RefusedSite:
    """A site that was not chosen, and what the plan's value loses if it must take it (best swap)."""

    id: str
    name: str
    loss: float


@dataclass(frozen=True, slots=True)
class Supply:
    """One service: could the people who can reach it also be served?

    target : persons of the service's group who reach a place that gives it (planned and around).
    places_week_* : places a week in units before and after; ``substitutes_week``: others' places
        times their declared substitution (``substitutes_week_after``: without those whose use a new
        site takes; None: as before). ``rates``: for each participation rate, persons who want
        a weekly place, and the share that could have one before and after.
    gap_* : persons wanting (at the middle rate) minus own places minus substitutes, at least 0.
    unknown_* : modules of the units whose places nobody knows, ``substitutes_unknown*`` those of the
        others: where there are some, places and shares served are at least, gaps at most what is said;
        with no known place beside them, not known.
    """

    service: str
    group: str
    target_before: float
    target_after: float
    places_week_before: float
    places_week_after: float
    substitutes_week: float
    rates: list[ServedAtRate]
    gap_before: float
    gap_after: float
    declared_rate: bool
    substitutes_week_after: float | None = None
    unknown_before: int = 0
    unknown_after: int = 0
    substitutes_unknown: int = 0
    substitutes_unknown_after: int = 0


@dataclass(frozen=True, slots=True)
class ServedAtRate:
    """At this share of the target group wanting a weekly place: how many, and the share served."""

    rate: float
    wanted_before: float
    wanted_after: float
    served_before: float
    served_after: float


@dataclass(frozen=True, slots=True)
class Costs:
    """Money of the whole plan. A Range that is not known is None and its parts stand in ``unknown``."""

    currency: str
    price_year: int
    build: Range | None
    equip: Range | None
    run: Range | None
    staff: Range | None
    annual: Range | None
    per_person: Range | None
    per_place: Range | None
    discount: float
    life_years: int
    ratio: float | None
    unknown: list[str]
    per_site: dict[str, Range | None]


@dataclass(frozen=True, slots=True)
class Weighting:
    """How far a need index hangs on its weights, and what it did to the count.

    index : "" where no index multiplied anybody; then top and bottom are 1.
    top, bottom : of the neediest and the least needy fifth; the average resident stands for 1.
    rank_changes : by indicator, the rank correlation of places that remains when its weight moves by
        half. moved_people : by indicator, persons whose place then changes its fifth.
    """

    index: str
    indicators: dict[str, float]
    top: float
    bottom: float
    rank_changes: dict[str, float]
    moved_people: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something taken as so, by code, with its values; the languages hold the sentence."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table came from."""

    name: str
    address: str = ""
    licence: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything a report says about one plan."""

    town: str
    made_up: bool
    headline: Headline
    groups: list[Part]
    need: list[Part]
    areas: list[Part]
    equity: list[Measure]
    sites: list[SiteFinding]
    refused: list[RefusedSite]
    supply: list[Supply]
    costs: Costs | None
    weighting: Weighting | None
    assumptions: list[Assumption]
    sources: list[Source]
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    land: Land | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists, for ``json.dump``; ``remake`` is the inverse."""
        return dataclasses.asdict(self)


def remake(kind: Any, data: Any) -> Any:
    """Rebuild nested dataclasses from what ``dataclasses.asdict`` made of them."""
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        if data is None:
            return None
        return remake(next(arg for arg in typing.get_args(kind) if arg is not type(None)), data)
    if origin in (list, tuple):
        inner = typing.get_args(kind)[0]
        return origin(remake(inner, item) for item in data)
    if origin is dict:
        inner = typing.get_args(kind)[1]
        return {key: remake(inner, value) for key, value in data.items()}
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{f.name: remake(hints[f.name], data[f.name]) for f in dataclasses.fields(kind) if f.name in data})  # type: ignore[operator]
    return data
