"""The names a planner types in a notebook, each loaded when it is first used.

``import utopias as u`` is light: neither geopandas nor numba nor typer is read before
a name that needs it is touched. Under IPython the nouns are shown as cards; elsewhere as text.
"""

from __future__ import annotations

import sys
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
    "Aim": "utopias.domain.aim",
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
    "legend": "utopias.language.legend",
    "to_geodataframe": "utopias.territory.export",
    "write_tables": "utopias.territory.tables_out",
    "spoken": "utopias.language.tables",
    "StreetNetwork": "utopias.network.street_network",
    "street_network": "utopias.network.street_network",
    "straight_lines": "utopias.network.straight_lines",
    "Profile": "utopias.network.profiles",
    "profile_of": "utopias.network.profiles",
    "sweep_after_dark": "utopias.network.after_dark",
    "travel_times": "utopias.access.on_foot",
    "there_and_back": "utopias.access.there_and_back",
    "people_there_and_back": "utopias.access.there_and_back",
    "people_within": "utopias.access.measures",
    "opportunities_within": "utopias.access.measures",
    "nearest": "utopias.access.measures",
    "floating_catchment": "utopias.access.catchment",
    "served": "utopias.access.served",
    "gravity": "utopias.access.measures",
    "Decay": "utopias.domain.decay",
    "Trips": "utopias.domain.trips",
    "ChainWalks": "utopias.access.chain_walks",
    "chain_walks": "utopias.access.chain_walks",
    "school_trips": "utopias.access.school_trips",
    "chained": "utopias.access.chained",
    "read_trips": "utopias.territory.trip_table",
    "ChainQuestion": "utopias.scenario.chain",
    "chain": "utopias.scenario.chain",
    "screen": "utopias.land",
    "read_rules": "utopias.land",
    "Problem": "utopias.siting.question.problem",
    "solve": "utopias.siting.solve",
    "linear_bound": "utopias.siting.linear",
    "ServiceQuestion": "utopias.domain.module_question",
    "ModuleProblem": "utopias.siting.bundles.problem",
    "ModulePlan": "utopias.domain.module_plan",
    "equip": "utopias.siting.bundles.solve",
    "explain_services": "utopias.siting.bundles.explain",
    "recount_modules": "utopias.witness.modules",
    "Budgets": "utopias.domain.budgets",
    "Phases": "utopias.domain.phases",
    "phase": "utopias.siting.years.phase",
    "phase_plan": "utopias.siting.years.phase",
    "improve": "utopias.siting.choose.improve",
    "trade_off": "utopias.siting.curve.trade_off",
    "TradeOff": "utopias.domain.trade_off",
    "robustness": "utopias.siting.doubt.robustness",
    "explain": "utopias.siting.choose.explain",
    "conflict": "utopias.siting.covers.conflict",
    "alternatives": "utopias.siting.choose.alternatives",
    "verify": "utopias.witness.verify",
    "giving_places": "utopias.scenario.sharing",
    "share_places": "utopias.scenario.sharing",
    "compare": "utopias.scenario",
    "findings": "utopias.scenario",
    "Scenario": "utopias.scenario",
    "apply": "utopias.scenario",
    "write_report": "utopias.scenario.reporting",
    "service_area": "utopias.access.service_area",
    "ServiceAreas": "utopias.domain.service_areas",
    "write_service_areas": "utopias.territory.export_areas",
    "solve_worlds": "utopias.siting.doubt.worlds",
    "plan_in_worlds": "utopias.scenario.in_worlds",
    "closures": "utopias.scenario.closures",
    "draw_users": "utopias.scenario.drawn",
    "Pull": "utopias.access.diverted",
    "diverted": "utopias.access.diverted",
    "Runner": "utopias.scale",
}

# What a notebook shows as a card: class by its home, told to IPython by name, so that nothing is loaded for it.
_SHOWN = ("Plan", "Town", "Demand", "TravelTimes", "Problem")
_CLASSES = {name: _HOME[name] for name in _SHOWN} | {
    "Comparison": "utopias.domain.comparison",
    "Places": "utopias.domain.places",
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


def load_ipython_extension(shell: Any) -> None:
    """Let IPython show our nouns as cards: ``%load_ext utopias``, done already by the import in a notebook."""
    formatter = shell.display_formatter.formatters["text/html"]
    for name, home in _CLASSES.items():
        formatter.for_type_by_name(home, name, _card)


def unload_ipython_extension(shell: Any) -> None:
    """Back to text: ``%unload_ext utopias``."""
    formatter = shell.display_formatter.formatters["text/html"]
    for name, home in _CLASSES.items():
        formatter.pop(f"{home}.{name}", None)


def _card(thing: Any) -> str:
    shown: str = import_module("utopias.report.notebook").html_of(thing)
    return shown


def _shell() -> Any:
    """The IPython that runs now; None where none does. IPython is never loaded to find out."""
    running = sys.modules.get("IPython")
    return None if running is None else running.get_ipython()


if _shell() is not None:
    _shell().extension_manager.load_extension("utopias")  # so that %unload_ext knows of it
