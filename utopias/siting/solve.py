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
from utopias.siting.by_median import by_median
from utopias.siting.problem import Problem
from utopias.siting.rules import Rules

Method: TypeAlias = Callable[[Problem, Aim, str | Duration | float | None, Rules], Plan]
METHODS: dict[str, Method] = dict.fromkeys(
    ("cover-most", "least-walk", "fair-walk", "least-poverty", "cover-gradually"), by_median
)
SOLVED_AIMS = tuple(METHODS)


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
    aim : "cover-most" (maximal covering: weight covered by fixed and new sites together) or
        "least-walk" (p-median: sum of weight times cost; person-minutes for a town).
    within : the limit of cover-most; a pair exactly at the limit is within. For a town a duration; for
        bare costs a number in their unit, or None for every stored pair. least-walk uses the whole table
        and charges ``problem.beyond`` where no open site reaches.
    time_limit : the search ends at the latest half a second or 5 % after it.
    work : rounds of counted work instead of the clock: the same plan for the same seed on any machine.
    gap : stop as soon as the relative gap is this or less; 0 goes on to the proof.

    Returns
    -------
    Plan. ``stopped`` is "proven", "gap", "clock", "work" or "user": Ctrl-C gives the best plan so far.
    ``proven`` : within the model no plan is better (bound and value less than one apart where weights
    and costs are whole numbers, else closer than 1e-7 of the value). Ties in the assignment go to the lower index.

    Raises
    ------
    ProblemError : an aim or a limit that this problem cannot be asked. InfeasibleError : no plan keeps all rules.
    """
    asked = Aim.of(aim)
    rules = Rules.of(time_limit, work, seed, gap, progress)
    if (wrong := fault_of_aim(asked.name)) is not None:
        raise ProblemError(wrong)
    return METHODS[asked.name](problem, asked, within, rules)


def fault_of_aim(aim: str | Aim) -> Fault | None:
    """What is wrong with an aim, whatever the problem; None where it is solved here."""
    try:
        name = Aim.of(aim).name
    except ProblemError as error:
        return error.faults[0]
    if name in METHODS:
        return None
    return Fault(
        code="aim-not-yet",
        what=Sentence("the aim {aim!r} is not solved yet; {listed} are there", aim=name, listed=", ".join(METHODS)),
        where="aim",
        mend=Sentence("use one of: {listed}", listed=", ".join(METHODS)),
    )
