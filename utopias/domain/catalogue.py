"""The modules a unit is made of, and what each costs: declared, with low, central and high."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

from utopias.domain.quantities import half_up


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


def read_catalogue(text: str | None = None) -> dict[str, Module]:
    """Modules by service name, from the CSV shipped with the package or from ``text`` of the same layout.

    Columns: service, group, places_a_week, area_m2, then build, equip, run, staff each as
    ``_low _central _high`` in the town's currency, price_year, source. An empty cell is not known.
    """
    if text is None:
        text = resources.files("utopias.domain").joinpath("catalogue.csv").read_text(encoding="utf-8")
    modules = {}
    for row in csv.DictReader(text.splitlines()):
        modules[row["service"]] = Module(
            service=row["service"],
            group=row["group"],
            places_a_week=float(row["places_a_week"]) if row["places_a_week"] else None,
            area_m2=float(row["area_m2"]) if row["area_m2"] else None,
            build=_range(row, "build"),
            equip=_range(row, "equip"),
            run=_range(row, "run"),
            staff=_range(row, "staff"),
            price_year=int(row["price_year"]),
            source=row["source"],
        )
    return modules


def _range(row: dict[str, str], name: str) -> Range | None:
    cells = [row[f"{name}_{end}"] for end in ("low", "central", "high")]
    if not all(cells):
        return None
    low, central, high = (float(cell) for cell in cells)
    return Range(low, central, high)
