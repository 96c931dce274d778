"""The modules a unit is made of, and what each costs: declared, with low, central and high."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from utopias.domain.errors import Fault, TableError
from utopias.domain.quantities import Duration, Minutes, half_up
from utopias.domain.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Range:
    """A figure that is not known to the peso: low, central, high. Whole-unknown is ``None``, never 0."""

    low: float
    central: float
    high: float

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.central + other.central, self.high + other.high)

    def times(self, factor: float) -> Range:
        """Each figure times ``factor`` (0 or more)."""
        return Range(self.low * factor, self.central * factor, self.high * factor)

    def rounded(self) -> Range:
        """Each figure rounded half up to a whole number."""
        return Range(half_up(self.low), half_up(self.central), half_up(self.high))


@dataclass(frozen=True, slots=True)
class Module:
    """One service as a unit offers it.

    service : its name in the catalogue. group : who it is for, by group id.
    places_a_week : places in one week of a module of usual size, None where not known.
    area_m2 : built or open ground it takes.
    standard : how far its people walk for it, one way. share_of_group : who of them want a place in a week, 0 to 1;
        None where not known. Both are told by the catalogue; a catalogue without them has 15 minutes, and no share.
    build, equip : money once; run, staff : money a year; None where not known.
    """

    service: str
    group: str
    places_a_week: float | None
    area_m2: float | None
    build: Range | None
    equip: Range | None
    run: Range | None
    staff: Range | None
    price_year: int
    source: str
    standard: Duration = Minutes(15)
    share_of_group: float | None = None


# Periods in a week of opening, Tuesday to Sunday 9 to 18 h (published for Libertad, descubreenmexico.com):
# an assumption for every place whose hours are not read.
PERIODS_A_WEEK = {"hour": 54.0, "day": 6.0, "week": 1.0}
STANDARD_MINUTES = (
    15.0  # on foot from home, the borough's stated standard of planning (domain.md 0.3); where no row says
)
MONEY = ("build", "equip", "run", "staff")
ENDS = ("low", "central", "high")
HEAD = (
    "service",
    "group",
    "places_a_week",
    "area_m2",
    *(f"{m}_{e}" for m in MONEY for e in ENDS),
    "price_year",
    "source",
)
MAY_LACK = ("standard_min", "share_of_group")  # a catalogue of before these columns stays readable


def read_catalogue(text: str | None = None, *, where: str = "catalogue") -> dict[str, Module]:
    """Modules by service name, from the CSV shipped with the package or from ``text`` of the same layout.

    Columns: service, group, places_a_week, area_m2, then build, equip, run, staff each as
    ``_low _central _high`` in the town's currency, price_year, source; and where they are there standard_min
    (minutes on foot, empty: 15) and share_of_group (over 0, at most 1). An empty cell is not known; a figure of
    money has all three ends or none.

    Raises
    ------
    TableError : every fault of the table at once: columns missing, a service repeated, what is no
        number of 0 or more, ends out of order or one of them missing, several price years.
    """
    if text is None:
        text = resources.files("utopias.domain").joinpath("catalogue.csv").read_text(encoding="utf-8")
    reader = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    lost = [name for name in HEAD if name not in (reader.fieldnames or ())]
    if lost:
        what = Sentence("{count} columns are missing: {listed}", count=len(lost), listed=", ".join(lost))
        raise TableError(Fault("missing-column", what, where, "take manual/costs.md's columns", len(lost)))
    rows, faults = list(reader), []
    if not rows:
        faults.append(Fault("empty-table", "the catalogue has no module", where, "write one row a module"))
    modules: dict[str, Module] = {}
    for number, row in enumerate(rows, 1):
        cells = {name: (row.get(name) or "").strip() for name in (*HEAD, *MAY_LACK)}
        found = list(_faults_of(cells, Sentence("row {number}: {cells}", number=number, cells=cells["service"]), where))
        if cells["service"] in modules:
            found.append(
                Fault(
                    "duplicate-key",
                    Sentence("the service {cells!r} stands twice", cells=cells["service"]),
                    where,
                    "keep one row",
                )
            )
        faults += found
        if not found:
            modules[cells["service"]] = _module(cells)
    if len({module.price_year for module in modules.values()}) > 1:
        faults.append(
            Fault("price-years", "the modules are in prices of several years", where, "bring them to one year")
        )
    if faults:
        raise TableError(faults)
    return modules


def _module(cells: dict[str, str]) -> Module:
    return Module(
        service=cells["service"],
        group=cells["group"],
        places_a_week=float(cells["places_a_week"]) if cells["places_a_week"] else None,
        area_m2=float(cells["area_m2"]) if cells["area_m2"] else None,
        build=_range(cells, "build"),
        equip=_range(cells, "equip"),
        run=_range(cells, "run"),
        staff=_range(cells, "staff"),
        price_year=int(cells["price_year"]),
        source=cells["source"],
        standard=Minutes(float(cells["standard_min"] or STANDARD_MINUTES)),
        share_of_group=float(cells["share_of_group"]) if cells["share_of_group"] else None,
    )


def _range(cells: dict[str, str], name: str) -> Range | None:
    ends = [cells[f"{name}_{end}"] for end in ENDS]
    if not any(ends):
        return None
    low, central, high = (float(end) for end in ends)
    return Range(low, central, high)


def _faults_of(cells: dict[str, str], first: str, where: str) -> Iterator[Fault]:
    """What is wrong with one row."""
    for name in ("service", "price_year"):
        if not cells[name]:
            yield Fault("missing-value", Sentence("a module has no {name}", name=name), where, "fill it", first=first)
    if cells["price_year"] and not cells["price_year"].isdecimal():
        yield Fault(
            "not-a-number",
            Sentence("price_year is {cells!r}", cells=cells["price_year"]),
            where,
            "write a year: 2025",
            first=first,
        )
    sound = True
    for name in HEAD[2:-2]:
        if cells[name] and not _is_amount(cells[name]):
            sound = False
            yield Fault(
                "not-a-number",
                Sentence("{name} is {cells!r}", name=name, cells=cells[name]),
                where,
                "a number of 0 or more, with a point",
                first=first,
            )
    for name, most in (("standard_min", math.inf), ("share_of_group", 1.0)):
        if cells[name] and not (_is_amount(cells[name]) and 0 < float(cells[name]) <= most):
            yield Fault(
                "not-a-number",
                Sentence("{name} is {cells!r}", name=name, cells=cells[name]),
                where,
                "standard_min: minutes over 0; share_of_group: over 0 and at most 1; or nothing",
                first=first,
            )
    for money in MONEY if sound else ():
        ends = [cells[f"{money}_{end}"] for end in ENDS]
        if any(ends) and not all(ends):
            yield Fault(
                "missing-value",
                Sentence("{money} has not all of low, central, high", money=money),
                where,
                "give all, or none",
                first=first,
            )
        elif all(ends) and not float(ends[0]) <= float(ends[1]) <= float(ends[2]):
            yield Fault(
                "out-of-order",
                Sentence("{money} is not low, central, high in order", money=money),
                where,
                "put them in order",
                first=first,
            )


def _is_amount(text: str) -> bool:
    try:
        return 0 <= float(text) < math.inf
    except ValueError:
        return False
