"""From a problem to a plan: the best sites that were found, and how much better any could be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from utopias.domain.aim import Aim
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.full_cover.cover_all import cover_all
from utopias.siting.full_cover.cover_twice import cover_twice
from utopias.siting.full_cover.smallest_worst import smallest_worst
from utopias.siting.full_cover.worst_first import worst_first
from utopias.siting.median.by_median import by_median
from utopias.siting.question.problem import Problem, must_be_a_problem
from utopias.siting.question.rules import Rules
from utopias.siting.question.terms import faults_of_terms
from utopias.siting.rooms.by_rooms import by_rooms

Method: TypeAlias = Callable[[Problem, Aim, str | Duration | float | None, Rules], Plan]
METHODS: dict[str, Method] = {
    **dict.fromkeys(
        ("cover-most", "least-walk", "least-cost", "fair-walk", "least-poverty", "cover-gradually"), by_median
    ),
    "smallest-worst": smallest_worst,
    "cover-all": cover_all,
    "cover-twice": cover_twice,
    "worst-first": worst_first,
}
# The aims that weigh sites against walks, and so find themselves how many open.
FREE_NUMBER = ("least-cost",)
SOLVED_AIMS = tuple(METHODS)
# The aims whose answer is how many sites there must be.
FINDS_HOW_MANY = ("cover-all",)


def solve(
    problem: Problem,
    *,
    aim: str | Aim = "cover-most",
    within: str | Duration | float | None = "15 min",
    time_limit: str | Duration = "2 min",
    work: int | None = None,
    seed: int = 7,
    gap: float = 0.0,
    progress: Progress = silent,
) -> Plan:
    """The best plan found, with a bound that no plan passes.

    Parameters
    ----------
    aim : a name, or ``Aim.of(name, **terms)``. "cover-most" (maximal covering: weight covered by fixed and new
        sites together), "least-walk" (p-median: sum of weight times cost; person-minutes for a town), "fair-walk"
        (Kolm-Pollak with its ``aversion``), "least-poverty" (Foster-Greer-Thorbecke with its ``severity``),
        "cover-gradually" (the sum of weight times ``decay`` of the cost), "least-cost" (walks at ``value_of_time``
        plus site costs; then neither number nor budget needs to be given), "smallest-worst" (p-center), "cover-all"
        (set covering), "cover-twice" (backup coverage), "worst-first" (lexicographic max-min). manual/aims.md tells
        which for what.
    within : the limit of cover-most and the line of least-poverty; a pair exactly at it is within. For a town a
        duration; for bare costs a number in their unit, or None for every stored pair. The other aims use the whole
        table and charge ``problem.beyond`` where no open site reaches; a decay counts nobody there.
    time_limit : the search ends at the latest half a second or 5 % after it, where the processor is its own. A table is put
        in order, a first plan made and recounted whatever the limit: 0.6 s for 4 million pairs, 1.5 s for 10 million.
        The first search on a machine also waits for its kernels to be compiled, once; ``utopias warm`` does that beforehand.
    work : rounds of counted work instead of the clock: the same plan for the same seed on any machine.
    gap : stop as soon as the relative gap is this or less; 0 goes on to the proof.

    Returns
    -------
    Plan. ``stopped`` is "proven", "gap", "clock", "work" or "user": Ctrl-C gives the best plan so far.
    ``proven`` : within the model no plan is better (bound and value less than one apart where weights
    and costs are whole numbers, else closer than 1e-7 of the value). Ties in the assignment go to the lower index.

    Raises
    ------
    ProblemError : an aim or a limit that this problem cannot be asked. InfeasibleError : no plan keeps all rules; the
    places that cannot be reached together are named in the time that is left, and it is told where they may be more than needed.
    """
    must_be_a_problem(problem)
    asked = Aim.of(aim)
    rules = Rules.of(time_limit, work, seed, gap, progress)
    if wrong := faults_of_aim(asked):
        raise ProblemError(wrong)
    if (fault := fault_of_limits(asked, problem.open, problem.budget)) is not None:
        raise ProblemError(fault)
    if problem.capacities is not None:
        return by_rooms(problem, asked, within, rules)
    return METHODS[asked.name](problem, asked, within, rules)


def faults_of_aim(aim: str | Aim) -> list[Fault]:
    """What is wrong with an aim or its terms, whatever the problem; nothing where it is solved here."""
    try:
        asked = Aim.of(aim)
    except ProblemError as error:
        return list(error.faults)
    name = asked.name
    if name in METHODS:
        return faults_of_terms(asked)
    return [
        Fault(
            code="aim-not-yet",
            what=Sentence("the aim {aim!r} is not solved yet; {listed} are there", aim=name, listed=", ".join(METHODS)),
            where="aim",
            mend=Sentence("use one of: {listed}", listed=", ".join(METHODS)),
        )
    ]


def fault_of_limits(aim: str | Aim, open: int | None, budget: float | None) -> Fault | None:
    """What is wrong with the limits of new sites for this aim; None where they can stand."""
    name = Aim.of(aim).name
    if name in FINDS_HOW_MANY:
        if open is None:
            return None
        return Fault(
            "number-not-asked",
            Sentence("{aim} finds how many new sites are needed, and open={open} was given", aim=name, open=open),
            "open",
            "leave open out; a budget may stand",
        )
    if open is not None or budget is not None or name in FREE_NUMBER:
        return None
    return Fault(
        "no-limit",
        "neither a number nor a budget limits the new sites",
        "open, budget",
        "say open=5, budget=..., or both (--open 5, --budget 600M)",
    )
