"""What a planner asks of a town, and all that is wrong with it before anybody walks.

Put to the town it is a problem of siting; its walks are those of its walker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from utopias.domain.aim import TERMS, Aim
from utopias.domain.capacity import availability
from utopias.domain.catalogue import Module
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.land import LandRule, Screening
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.network.effort import must_be_dark, walking_speed
from utopias.network.slopes import slope_rule
from utopias.scale import Runner
from utopias.scenario.land import fault_of_forced, fault_of_scarcity, screening_of
from utopias.scenario.on_what import fault_of_limit, no_walks, walk
from utopias.scenario.rooms import rooms_for
from utopias.siting.question.charging import faults_in
from utopias.siting.question.faults import fault_of_seed
from utopias.siting.question.problem import Problem
from utopias.siting.solve import fault_of_limits, faults_of_aim


@dataclass(frozen=True, slots=True)
class Question:
    """What a planner asks: for whom, within how long, how many or for how much.

    walker, speed, slope, after_dark : as for ``street_network``. forced, forbidden : place ids. weigh_by : None or "need". draws : 0 leaves robustness out.
    participation : shares of a service's group that want a place a week; one alone counts as declared.
    terms : of the aim (``domain.aim.TERMS``); ``aversion`` stands for itself.
    room_of : service whose places fill up; then one participation must be given. closed : days a year by cause.
    aversion : to inequality, of the Kolm–Pollak mean walk; also the term of fair-walk. catalogue : modules and their money; None is ours.
    land : whether sites that ``rules`` exclude may not open; None: where the town says anything of its land.
    rules : about land; None is ours. waive : rules and sites whose bans are lifted.
    """

    group: str = "all"
    aim: str = "cover-most"
    terms: Mapping[str, float | str] = field(default_factory=dict)
    within: Duration = Minutes(15)
    open: int | None = None
    budget: float | None = None
    walker: str = "adult"
    speed: str | None = None
    slope: str = "tobler"
    after_dark: float = 1.0
    circuity: float = 1.3
    weigh_by: str | None = None
    forced: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    participation: tuple[float, ...] = (0.05, 0.10, 0.20)
    room_of: str | None = None
    closed: Mapping[str, float] = field(default_factory=dict)
    aversion: float = 1.0
    catalogue: Mapping[str, Module] | None = None
    land: bool | None = None
    rules: tuple[LandRule, ...] | None = None
    waive: tuple[str, ...] = ()
    draws: int = 100
    time_limit: Duration = Minutes(2)
    seed: int = 7

    @property
    def asked(self) -> Aim:
        """The aim with its terms. Raises ProblemError: an aim or a term that nobody knows."""
        own = {"aversion": self.aversion} if "aversion" in TERMS.get(self.aim, {}) else {}
        return Aim.of(self.aim, **own | dict(self.terms))


def faults_of_line(question: Question, known: Sequence[Fault] = ()) -> list[Fault]:
    """What is wrong with a question whatever the town, to be told before one is read.

    known : faults found before; one of the same code is not told twice.
    """
    faults = _faults_alone(question)
    checks: list[Callable[[], object]] = [
        partial(walking_speed, question.walker, question.speed),
        partial(slope_rule, question.slope),
        partial(must_be_dark, question.after_dark),
        partial(availability, question.closed),
    ]
    if question.room_of is not None:
        checks.append(partial(_one_share, question))
    for check in checks:
        try:
            check()
        except ProblemError as error:
            faults += error.faults
    told = {fault.code for fault in known}
    return [fault for fault in faults if fault.code not in told]


def _faults_alone(question: Question) -> list[Fault]:
    """What neither the town nor its walks can change."""
    faults = [fault for fault in (fault_of_limit(question.within), *_faults_of_aim(question)) if fault is not None]
    if question.draws < 0:
        what = Sentence("draws is {draws}", draws=question.draws)
        faults.append(Fault("bad-draws", what, "draws", "a whole number of 0 or more"))
    if (wrong := fault_of_seed(question.seed)) is not None:
        faults.append(wrong)
    return faults


def must_make_sense(town: Town, question: Question) -> Screening | None:
    """Raise every fault that the question has whatever the walks will be: heard at once, not after minutes of work.

    Gives the screening of the town's land, where the question looks at it.
    """
    faults = _faults_alone(question)
    found = None
    try:
        found = screening_of(town, land=question.land, rules=question.rules, waive=question.waive)
    except ProblemError as error:
        faults += error.faults
    try:
        rooms_asked(town, question)
    except ProblemError as error:
        faults += error.faults
    if found is not None and (wrong := fault_of_forced(found, question.forced)) is not None:
        faults.append(wrong)
    sensible = not faults
    try:
        asked = problem_of(town, no_walks(town, question.within), question, found)
        wrong_here = [] if faults else faults_in(asked, question.asked)
        faults += wrong_here
        sensible &= not wrong_here
    except ProblemError as error:
        faults += error.faults
        if (
            found is not None
            and (scarce := fault_of_scarcity(town, found, error.codes, budget=question.budget)) is not None
        ):
            faults.append(scarce)
        sensible &= isinstance(error, InfeasibleError)
    if faults:
        raise InfeasibleError(faults) if sensible else ProblemError(faults)
    return found


def walk_for(
    town: Town,
    question: Question,
    *,
    within: Duration | None = None,
    progress: Progress = silent,
    runner: Runner | None = None,
) -> TravelTimes:
    """The walks of ``question``, as ``walk``; ``within`` : another length to walk than the question's own."""
    return walk(
        town,
        walker=question.walker,
        within=question.within if within is None else within,
        speed=question.speed,
        slope=question.slope,
        after_dark=question.after_dark,
        circuity=question.circuity,
        progress=progress,
        runner=runner,
    )


def problem_of(
    town: Town,
    times: TravelTimes,
    question: Question,
    found: Screening | None,
    *,
    room: Mapping[str, float] | None = None,
) -> Problem:
    """``question`` put to the town: the planner's sites and rules, without what the land excludes (``found``).

    room : place id -> persons it has room for, None where nothing fills up.

    Raises
    ------
    ProblemError, InfeasibleError : as ``Problem.for_town``.
    """
    return Problem.for_town(
        town,
        times,
        demand=question.group,
        open=question.open,
        budget=question.budget,
        forced=question.forced,
        forbidden=forbidden_of(question, found),
        weigh_by=question.weigh_by,
        capacities=room,
    )


def forbidden_of(question: Question, found: Screening | None) -> tuple[str, ...]:
    """What the planner rules out, then what the land does; a site demanded and excluded is told as a fault of its own."""
    excluded = () if found is None else found.excluded
    taken = {*question.forbidden, *question.forced}
    return (*question.forbidden, *(key for key in excluded if key not in taken))


def rooms_asked(town: Town, question: Question) -> tuple[dict[str, float] | None, dict[str, Any]]:
    """The room of each place in the service that fills up, and what was assumed; None where the question names none."""
    if question.room_of is None:
        return None, {}
    rate = _one_share(question)
    return rooms_for(
        town,
        question.room_of,
        participation=rate,
        days_closed=question.closed,
        catalogue=question.catalogue,
    )


def _one_share(question: Question) -> float:
    """The one share of people who come that rooms are counted by."""
    if len(question.participation) != 1:
        raise ProblemError(
            Fault(
                "several-participations",
                Sentence(
                    "how many {service} has room for needs one share of people who come", service=question.room_of
                ),
                "participation",
                "give one --participation, as 0.1",
            )
        )
    return question.participation[0]


def _faults_of_aim(question: Question) -> list[Fault | None]:
    """What is wrong with the aim, its terms, and what limits the new sites."""
    try:
        asked = question.asked
    except ProblemError as error:
        return list(error.faults)
    return [*faults_of_aim(asked), fault_of_limits(asked, question.open, question.budget)]
