"""One question to a town, one plan back: walk, solve, doubt, account, in this order.

The pipe that the command line and the city both use. Every step is a free function that a
notebook may call alone; here they only follow one another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from utopias.access.on_foot import travel_times
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.network.straight_lines import straight_lines
from utopias.network.street_network import street_network
from utopias.scale import Runner
from utopias.scenario.findings import findings
from utopias.siting.problem import Problem
from utopias.siting.robustness import robustness
from utopias.siting.solve import solve

# The table of times reaches at least this far, so that the draws of a longer limit (20 min) and a
# slower walk (15 %) still find their pairs, and a mean walk is not cut at the plan's own limit.
HORIZON = Minutes(30)


@dataclass(frozen=True, slots=True)
class Question:
    """What a planner asks: for whom, within how long, how many or for how much.

    forced, forbidden : place ids. weigh_by : None or "need". draws : 0 leaves robustness out.
    """

    group: str = "all"
    aim: str = "cover-most"
    within: Duration = Minutes(15)
    open: int | None = None
    budget: float | None = None
    walker: str = "adult"
    circuity: float = 1.3
    weigh_by: str | None = None
    forced: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    draws: int = 100
    time_limit: Duration = Minutes(2)
    seed: int = 7


def walk(
    town: Town,
    *,
    walker: str = "adult",
    within: Duration = Minutes(15),
    circuity: float = 1.3,
    progress: Progress = silent,
    runner: Runner | None = None,
) -> TravelTimes:
    """Times on foot from every block to fixed units, sites and providers.

    Along the streets where the town has some; else straight lines times ``circuity``, marked estimated.
    The table reaches 30 minutes, or twice ``within`` where that is longer.
    """
    progress("streets", 0.0)
    walking = (
        straight_lines(town, circuity=circuity, walker=walker)
        if town.streets is None
        else street_network(town, walker=walker)
    )
    horizon = max(HORIZON, Duration(2 * within.deciseconds))
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

    Ctrl-C after the first plan leaves robustness short (it says so), never the plan lost.

    Raises
    ------
    ProblemError, MisalignedError : the question does not fit the town; all faults at once.
    InfeasibleError : no plan can meet it.
    """
    runner = runner or Runner.here()
    if times is None:
        times = walk(
            town,
            walker=question.walker,
            within=question.within,
            circuity=question.circuity,
            progress=progress,
            runner=runner,
        )
    problem = Problem.for_town(
        town,
        times,
        demand=question.group,
        open=question.open,
        budget=question.budget,
        forced=question.forced,
        forbidden=question.forbidden,
        weigh_by=question.weigh_by,
    )
    plan = solve(
        problem,
        aim=question.aim,
        within=question.within,
        time_limit=question.time_limit,
        seed=question.seed,
        progress=progress,
    )
    plan = plan.with_(findings=findings(problem, plan))
    keep(plan)
    if question.draws and plan.stopped != "user":
        doubt = robustness(problem, plan, draws=question.draws, seed=question.seed, progress=progress, runner=runner)
        plan = plan.with_(robustness=doubt, findings=findings(problem, plan, robustness=doubt))
        keep(plan)
    return plan
