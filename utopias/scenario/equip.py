"""One question to a town about sites and what they offer, one plan of services back: screen, walk, choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from utopias.domain.catalogue import Module, read_catalogue
from utopias.domain.errors import Fault, ProblemError, UtopiasError
from utopias.domain.land import LandRule
from utopias.domain.module_plan import ModulePlan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.scale import Runner
from utopias.scenario.land import fault_of_forced, screening_of
from utopias.scenario.on_what import walk
from utopias.siting.bundles.problem import ModuleProblem
from utopias.siting.bundles.solve import equip
from utopias.siting.bundles.town import BUILDABLE, faults_of_plots
from utopias.siting.question.faults import fault_of_seed

HALF_A_MINUTE = Duration(300)  # deciseconds


@dataclass(frozen=True, slots=True)
class EquipQuestion:
    """What a planner asks: which services, at how many sites, for how much once and a year.

    services : names, or empty for all of the catalogue. open : at most so many new sites. The rest as for
    ``ModuleProblem.for_town``, ``walk`` and ``scenario.question.Question``.
    """

    services: tuple[str, ...] = ()
    open: int | None = None
    budget: float | None = None
    upkeep: float | None = None
    must_have: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    importance: Mapping[str, float] = field(default_factory=dict)
    standards: Mapping[str, str] = field(default_factory=dict)
    catalogue: Mapping[str, Module] | None = None
    buildable: float = BUILDABLE
    plot_area: float | None = None
    weigh_by: str | None = None
    places: bool = True
    walker: str = "adult"
    circuity: float = 1.3
    land: bool | None = None
    rules: tuple[LandRule, ...] | None = None
    waive: tuple[str, ...] = ()
    time_limit: Duration = HALF_A_MINUTE
    seed: int = 7


def equip_town(
    town: Town,
    question: EquipQuestion,
    *,
    times: TravelTimes | None = None,
    progress: Progress = silent,
    runner: Runner | None = None,
) -> ModulePlan:
    """The plan of sites and services that answers ``question``.

    Sites that the town's land rules out do not open, as in ``answer``; how many were is told in the plan's
    ``question.town["excluded"]``. Ctrl-C gives the best plan so far.

    Raises
    ------
    ProblemError, MisalignedError : the question does not fit the town. InfeasibleError : nothing can meet it.
    """
    found = screening_of(town, land=question.land, rules=question.rules, waive=question.waive)
    if found is not None and (wrong := fault_of_forced(found, question.forced)) is not None:
        raise ProblemError(wrong)
    excluded = () if found is None else found.excluded
    taken = {*question.forbidden, *question.forced}
    if times is None:
        times = walk(
            town,
            walker=question.walker,
            within=_half(longest_standard(question)),
            circuity=question.circuity,
            progress=progress,
            runner=runner,
        )
    problem = ModuleProblem.for_town(
        town,
        times,
        services=question.services or "all",
        open=question.open,
        budget=question.budget,
        upkeep=question.upkeep,
        forced=question.forced,
        forbidden=(*question.forbidden, *(key for key in excluded if key not in taken)),
        must_have=question.must_have,
        importance=question.importance,
        standards=question.standards,
        catalogue=question.catalogue,
        buildable=question.buildable,
        plot_area=question.plot_area,
        weigh_by=question.weigh_by,
        places=question.places,
    )
    told = replace(problem, town={**problem.town, "excluded": len(excluded), "walker": question.walker})
    return equip(told, time_limit=question.time_limit, seed=question.seed, progress=progress)


def faults_of_equip(question: EquipQuestion) -> list[Fault]:
    """What is wrong with a question whatever the town, to be told before one is read."""
    faults = faults_of_plots(question.buildable, question.plot_area)
    if question.open is None and question.budget is None and question.upkeep is None:
        what = "neither a number nor a budget limits the new sites"
        faults.append(
            Fault("no-limit", what, "open, budget", "say open=5, budget=..., or both (--open 5, --budget 600M)")
        )
    for written in question.standards.values():
        try:
            Duration.of(written)
        except UtopiasError as error:
            faults += error.faults
    if (wrong := fault_of_seed(question.seed)) is not None:
        faults.append(wrong)
    return faults


def longest_standard(question: EquipQuestion) -> Duration:
    """How far anybody walks for any of the services asked for."""
    known = read_catalogue() if question.catalogue is None else question.catalogue
    names = question.services or tuple(known)
    limits = [known[name].standard for name in names if name in known and name not in question.standards]
    limits += [Duration.of(text) for text in question.standards.values()]
    return max(limits, default=Minutes(15))


def _half(limit: Duration) -> Duration:
    """The walk whose table of times reaches ``limit``: it goes twice as far as it is asked for."""
    return Duration(max(1, -(-limit.deciseconds // 2)))
