"""Plans where places fill up: who is served is decided together with where to open.

The ascent of the Lagrangian bound proposes sites, the exact split of people values them, swaps that the bound
finds promising improve them, and HiGHS closes what remains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np

from utopias.compiled.kernel import prepare
from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.errors import Fault, InfeasibleError
from utopias.domain.plan import Flows, Plan
from utopias.domain.quantities import Duration
from utopias.siting.kernels import NEVER, greedy
from utopias.siting.median.dual_kernels import cheapest_choice
from utopias.siting.question.faults import no_admissible_choice
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.question.watched import Begun, Moment, Work, begun_from
from utopias.siting.rooms.filled_kernels import ascend_rooms, rooms_reduced
from utopias.siting.rooms.room_plan import filled, gathered, multipliers_of, plan_with_rooms
from utopias.siting.rooms.room_search import RoomSearch
from utopias.siting.rooms.rooms import put_rooms
from utopias.siting.rooms.transport import transport

# What is kept back for the recount, as a share of the seconds that putting the question took.
RECOUNTED = 3.0


def by_rooms(problem: Problem, aim: Aim, within: str | Duration | float | None, rules: Rules) -> Plan:
    """The best plan that keeps every place within its room, with a bound that no such plan passes."""
    return ByRooms(problem, aim, within, rules).plan()


class ByRooms(Work):
    """The search at work, from a start where one is given: its sites, and where they are known its flows."""

    def __init__(
        self,
        problem: Problem,
        aim: Aim,
        within: str | Duration | float | None,
        rules: Rules,
        start: Sequence[int] | None = None,
        flows: Flows | None = None,
    ) -> None:
        prepare((transport, ascend_rooms, rooms_reduced, cheapest_choice), 300 * problem.pairs.count)
        self.problem, self.aim, self.within, self.rules = problem, aim, within, rules
        self.clock = rules.start()
        self.rooms = rooms = put_rooms(problem, aim, within)
        self.clock.reserve = min(RECOUNTED * self.clock.spent, 0.2 * self.clock.seconds)
        self.search = RoomSearch(rooms, self.clock, rules)
        self.begun = self._completed(start)
        self._first: tuple[float, Longs, Floats] | None = None  # what the start loses, its sites, its flows
        if self.begun.chosen is not None:
            same = flows is not None and not self.begun.added and not self.begun.dropped
            if same and flows is not None and (served := gathered(rooms, self.begun.chosen, flows)) is not None:
                self.search.take(self.begun.chosen.copy(), served)
            self.search.offer(self.begun.chosen)
            if self.search.serves:
                self._first = self.search.upper, np.flatnonzero(self.begun.chosen), self.search.served

    def portions(self) -> Iterator[object]:
        """The search."""
        yield from self.search.steps()
        self.stopped = self.search.stopped

    def of_start(self) -> Moment | None:
        """The start as people are split among its sites."""
        return None if self._first is None else self._moment(self._first[1], self._first[0], closed=False)

    def now(self) -> Moment | None:
        """The best choice so far that leaves out nobody who must be served."""
        search = self.search
        if not search.serves:
            return None
        return self._moment(np.flatnonzero(search.chosen), search.upper, closed=search.closed)

    def plan_of(self, moment: Moment) -> Plan:
        """The plan with its flows and the multipliers that the search has by now."""
        search = self.search
        # Of the start, though the search may be further by now.
        first = self._first is not None and np.array_equal(moment.chosen, self._first[1])
        served = self._first[2] if self._first is not None and first else search.served
        if np.array_equal(moment.chosen, np.flatnonzero(search.chosen)):
            served = search.served
        sites = tuple(sorted([*moment.chosen.tolist(), *self.problem.forced]))
        multipliers = multipliers_of(self.rooms, search.best)
        plan = plan_with_rooms(self.problem, self.aim, self.rooms, sites, served, multipliers, within=self.within)
        better = max if self.rooms.total is not None else min
        return plan.with_(
            bound=better(plan.value, self.rooms.value(search.bound)),
            proven=moment.closed,
            seconds=self.clock.spent,
            stopped=self.ended(moment),
            seed=self.rules.seed,
        )

    def refuse(self) -> Exception:
        """No plan has room for everybody, or none was found."""
        return _no_plan(self.search)

    def _moment(self, chosen: Longs, loss: float, *, closed: bool) -> Moment:
        rooms = self.rooms
        return Moment(chosen, rooms.value(loss), rooms.value(min(loss, self.search.bound)), closed)

    def _completed(self, start: Sequence[int] | None) -> Begun:
        """Sites go by the exact split; others come by their walks alone, as if there were room for all."""
        rooms = self.rooms

        def losses(chosen: Bools) -> Floats:
            lost = np.zeros(int(chosen.sum()))
            for at, site in enumerate(np.flatnonzero(chosen).tolist()):
                trial = chosen.copy()
                trial[site] = False
                lost[at] = filled(rooms, trial)[0]
            return lost

        def complete(chosen: Bools) -> Bools | None:
            for by_ratio in (False, True) if rooms.purse < NEVER else (False,):
                trial = chosen.copy()
                if greedy(
                    *rooms.by_site, rooms.cap, rooms.loads, trial, ~rooms.free,
                    rooms.fees, rooms.prices, rooms.purse, rooms.number, by_ratio,
                ):  # fmt: skip
                    return trial
            return None

        return begun_from(
            start, rooms.free, self.problem.forced, number=rooms.number, prices=rooms.prices, purse=rooms.purse,
            losses=losses, complete=complete,
        )  # fmt: skip


def _no_plan(search: RoomSearch) -> InfeasibleError:
    if search.upper == inf and not search.rooms.must:
        return no_admissible_choice()
    proven = search.infeasible
    return InfeasibleError(
        Fault(
            code="not-everyone-served" if proven else "nobody-found-a-plan",
            what="no plan has room for everybody within reach"
            if proven
            else "no plan with room for everybody was found in time",
            where="capacities, open, beyond",
            mend="open more sites, say beyond=... to charge a cost for those left out, or search longer",
        )
    )
