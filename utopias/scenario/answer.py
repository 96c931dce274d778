"""One question to a town, one plan back: walk, solve, doubt, account, in this order.

The pipe that the command line and the city both use. Every step is a free function that a
notebook may call alone; here they only follow one another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from utopias.access.on_foot import travel_times
from utopias.domain.aim import TERMS, Aim
from utopias.domain.catalogue import Module
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.land import Land, LandRule, Screening
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.network.profiles import Profile
from utopias.scale import Runner
from utopias.scenario.findings import findings
from utopias.scenario.land import fault_of_forced, fault_of_scarcity, land_of, screening_of
from utopias.scenario.on_what import walked
from utopias.scenario.rooms import rooms_for
from utopias.siting.charging import faults_in
from utopias.siting.faults import fault_of_seed
from utopias.siting.problem import Problem
from utopias.siting.robustness import robustness
from utopias.siting.solve import fault_of_aim, fault_of_limits, solve

# The table of times reaches at least this far, so that the draws of a longer limit (20 min) and a
# slower walk (15 %) still find their pairs, and a mean walk is not cut at the plan's own limit.
HORIZON = Minutes(30)
# Nobody walks longer to a unit and back in a day; the table of times reaches twice as far.
LONGEST = Minutes(12 * 60)


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


def walk(
    town: Town,
    *,
    walker: str | Profile = "adult",
    within: Duration = Minutes(15),
    speed: str | None = None,
    slope: str = "tobler",
    after_dark: float = 1.0,
    circuity: float = 1.3,
    progress: Progress = silent,
    runner: Runner | None = None,
) -> TravelTimes:
    """Times on foot from every block to fixed units, sites and providers.

    Along the streets where the town has some; else straight lines times ``circuity``, marked estimated: then of a
    walker only the speed counts, and a ``slope`` or ``after_dark`` that somebody chose is refused.
    The table reaches 30 minutes, or twice ``within`` where that is longer.

    Raises
    ------
    ProblemError : ``bad-limit``, ``unknown-walker``, ``unknown-slope``, ``bad-after-dark``, ``no-streets``.
    """
    if (wrong := _fault_of_limit(within)) is not None:
        raise ProblemError(wrong)
    progress("streets", 0.0)
    walking = walked(town, walker=walker, speed=speed, slope=slope, after_dark=after_dark, circuity=circuity)
    horizon = _horizon(within)
    places = town.fixed + town.sites + town.providers
    return travel_times(walking, town.blocks, places, within=horizon, progress=progress, runner=runner or Runner.here())


def answer(
    town: Town,
    question: Question,
    *,
    times: TravelTimes | None = None,
    progress: Progress = silent,
    runner: Runner | None = None,
    keep: Callable[[Plan], object] = lambda _: None,
) -> Plan:
    """The plan that answers ``question``, with its robustness and its findings.

    keep : called with the first good plan and again with the finished one, so that whoever is
        stopped or killed in between still has the first.

    Ctrl-C once a plan is found never loses it: it is accounted for and kept, then given back with its
    robustness short (it says so) or without any. ``was_stopped`` tells. A second Ctrl-C ends all.

    Raises
    ------
    ProblemError, MisalignedError : the question does not fit the town; all faults at once, before the walks.
    InfeasibleError : no plan can meet it. KeyboardInterrupt : stopped before there was any plan.
    """
    found = must_make_sense(town, question)
    runner = runner or Runner.here()
    if times is None:
        times = walk(
            town,
            walker=question.walker,
            within=question.within,
            speed=question.speed,
            slope=question.slope,
            after_dark=question.after_dark,
            circuity=question.circuity,
            progress=progress,
            runner=runner,
        )
    room, terms = _room(town, question)
    problem = Problem.for_town(
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
    if terms:
        assert problem.study is not None
        problem.study.town["rooms"] = terms
    plan = solve(
        problem,
        aim=question.asked,
        within=question.within,
        time_limit=question.time_limit,
        seed=question.seed,
        progress=progress,
    )
    account = partial(
        findings,
        problem,
        rates=question.participation,
        aversion=question.aversion,
        catalogue=question.catalogue,
    )
    screened = None if found is None else Land(found)
    try:
        plan = plan.with_(findings=account(plan, land=screened))
        keep(plan)
    except KeyboardInterrupt:
        plan = plan.with_(findings=account(plan, land=screened))
        keep(plan)
        return plan
    if plan.stopped == "user":
        return plan
    try:
        if found is not None:
            land = land_of(
                problem,
                plan,
                found,
                forbidden=question.forbidden,
                time_limit=question.time_limit,
                progress=progress,
            )
            plan = plan.with_(findings=account(plan, land=land))
            keep(plan)
    except KeyboardInterrupt:
        return plan
    if not question.draws or plan.undrawn:  # nothing can be drawn: the plan has no robustness, and the screen says why
        return plan
    try:
        doubt = robustness(problem, plan, draws=question.draws, seed=question.seed, progress=progress, runner=runner)
        whole = plan.with_(robustness=doubt, findings=account(plan, robustness=doubt))
        keep(whole)
    except KeyboardInterrupt:
        return plan
    return whole


def was_stopped(plan: Plan, question: Question) -> bool:
    """Whether the user stopped the work on ``plan`` before it was all that ``question`` asked for."""
    land = None if plan.findings is None else plan.findings.land
    if plan.stopped == "user" or (land is not None and land.waivers is None):
        return True
    return bool(question.draws) and not plan.undrawn and (plan.robustness is None or plan.robustness.stopped == "user")


def must_make_sense(town: Town, question: Question) -> Screening | None:
    """Raise every fault that the question has whatever the walks will be: heard at once, not after minutes of work.

    Gives the screening of the town's land, where the question looks at it.
    """
    faults = [fault for fault in (_fault_of_limit(question.within), *_faults_of_aim(question)) if fault is not None]
    if question.draws < 0:
        faults.append(
            Fault(
                "bad-draws", Sentence("draws is {draws}", draws=question.draws), "draws", "a whole number of 0 or more"
            )
        )
    if (wrong := fault_of_seed(question.seed)) is not None:
        faults.append(wrong)
    found = None
    try:
        found = screening_of(town, land=question.land, rules=question.rules, waive=question.waive)
    except ProblemError as error:
        faults += error.faults
    try:
        _room(town, question)
    except ProblemError as error:
        faults += error.faults
    if found is not None and (wrong := fault_of_forced(found, question.forced)) is not None:
        faults.append(wrong)
    sensible = not faults
    try:
        asked = Problem.for_town(
            town,
            no_walks(town, question.within),
            demand=question.group,
            open=question.open,
            budget=question.budget,
            forced=question.forced,
            forbidden=forbidden_of(question, found),
            weigh_by=question.weigh_by,
        )
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


def _room(town: Town, question: Question) -> tuple[dict[str, float] | None, dict[str, Any]]:
    """The room of each place in the service that fills up, and what was assumed; None where the question names none."""
    if question.room_of is None:
        return None, {}
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
    return rooms_for(
        town,
        question.room_of,
        participation=question.participation[0],
        days_closed=question.closed,
        catalogue=question.catalogue,
    )


def _faults_of_aim(question: Question) -> list[Fault | None]:
    """What is wrong with the aim, its terms, and what limits the new sites."""
    try:
        asked = question.asked
    except ProblemError as error:
        return list(error.faults)
    return [fault_of_aim(asked), fault_of_limits(asked, question.open, question.budget)]


def forbidden_of(question: Question, found: Screening | None) -> tuple[str, ...]:
    """What the planner rules out, then what the land does; a site demanded and excluded is told as a fault of its own."""
    excluded = () if found is None else found.excluded
    taken = {*question.forbidden, *question.forced}
    return (*question.forbidden, *(key for key in excluded if key not in taken))


def no_walks(town: Town, within: Duration) -> TravelTimes:
    """A table of times before anybody has walked: every place stands, and reaches nothing yet."""
    places = town.fixed + town.sites
    return TravelTimes(
        origins=town.blocks.ids,
        destinations=places.ids,
        starts=np.zeros(len(town.blocks) + 1, dtype=np.int64),
        columns=np.zeros(0, dtype=np.int32),
        deciseconds=np.zeros(0, dtype=np.int32),
        limit=_horizon(within),
        origin_status=np.zeros(len(town.blocks), dtype=np.int8),
        destination_status=np.zeros(len(places), dtype=np.int8),
    )


def _horizon(within: Duration) -> Duration:
    return max(HORIZON, Duration(2 * within.deciseconds))


def _fault_of_limit(within: Duration) -> Fault | None:
    if Minutes(0) < within <= LONGEST:
        return None
    what = Sentence("a walk of {within} is no limit to plan with", within=within)
    return Fault(
        "bad-limit", what, "within", Sentence('give one over 0 and up to {LONGEST}: "15 min"', LONGEST=LONGEST)
    )
