"""The names a planner types in a notebook, each loaded when it is first used.

``import utopias as u`` is light: neither geopandas nor numba nor typer is read before
a name that needs it is touched.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from utopias.domain.versions import VERSION as __version__

_HOME = {
    "Minutes": "utopias.domain.quantities",
    "Metres": "utopias.domain.quantities",
    "Persons": "utopias.domain.quantities",
    "UtopiasError": "utopias.domain.errors",
    "Town": "utopias.domain.town",
    "Demand": "utopias.domain.demand",
    "TravelTimes": "utopias.domain.travel_times",
    "Plan": "utopias.domain.plan",
    "Module": "utopias.domain.catalogue",
    "read_catalogue": "utopias.domain.catalogue",
    "read_town": "utopias.territory.town_folder",
    "write_town": "utopias.territory.town_folder",
    "build_town": "utopias.territory.build",
    "synthetic_town": "utopias.territory.synthetic",
    "read_travel_times": "utopias.territory.od_table",
    "write_travel_times": "utopias.territory.od_write",
    "write_geopackage": "utopias.territory.export",
    "to_geodataframe": "utopias.territory.export",
    "write_csv": "utopias.territory.export",
    "street_network": "utopias.network.street_network",
    "straight_lines": "utopias.network.straight_lines",
    "travel_times": "utopias.access.on_foot",
    "people_within": "utopias.access.measures",
    "opportunities_within": "utopias.access.measures",
    "nearest": "utopias.access.measures",
    "floating_catchment": "utopias.access.catchment",
    "served": "utopias.access.catchment",
    "Problem": "utopias.siting.problem",
    "solve": "utopias.siting.solve",
    "robustness": "utopias.siting.robustness",
    "explain": "utopias.siting.explain",
    "alternatives": "utopias.siting.alternatives",
    "verify": "utopias.witness.verify",
    "compare": "utopias.scenario",
    "findings": "utopias.scenario",
    "write_report": "utopias.report.document",
    "Runner": "utopias.scale",
}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"utopias has no {name!r}; it has {', '.join(sorted(_HOME))}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
