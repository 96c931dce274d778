"""Work that can be watched: the search of any aim told portion by portion, in the aim's own unit, from a start if there is one.

``solve`` does the work to its end; ``improve`` tells its moments. Both are the same search.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.plan import Plan
from utopias.siting.kernels import NEVER
from utopias.siting.question.clock import Clock


@dataclass(frozen=True, eq=False)
class Begun:
    """A start as a choice (m,) that keeps number and purse, what completed it, what of it did not fit.

    chosen : without forced sites; None where nothing was begun, or nothing came of it.
    """

    chosen: Bools | None = None
    added: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()

    @property
    def sites(self) -> Longs | None:
        """Positions of the chosen, ascending."""
        return None if self.chosen is None else np.flatnonzero(self.chosen)


@dataclass(frozen=True, eq=False)
class Moment:
    """A choice in hand and what is known of it.

    chosen : positions of the new sites without forced ones, ascending. value, bound : in the aim's unit.
    closed : no choice is better.
    """

    chosen: Longs
    value: float
    bound: float
    closed: bool


class Work(ABC):
    """One search under its clock. ``stopped`` : why it ended, as of a Plan; "" while it goes on."""

    clock: Clock
    begun: Begun
    stopped: str = ""

    @abstractmethod
    def portions(self) -> Iterator[object]:
        """The search in portions; sets ``stopped`` at its end. Ctrl-C ends it where a choice is in hand, else it is raised."""

    @abstractmethod
    def of_start(self) -> Moment | None:
        """The start as it stands; None without one, or where it leaves somebody who must be reached."""

    @abstractmethod
    def now(self) -> Moment | None:
        """The best choice so far, the start among them; None before there is one."""

    @abstractmethod
    def plan_of(self, moment: Moment) -> Plan:
        """The plan of a moment's choice, recounted, with the bound that is known by now."""

    @abstractmethod
    def refuse(self) -> Exception:
        """Why there is no plan, once the search has ended without one."""

    def ended(self, moment: Moment) -> str:
        """Why a plan made of this moment ends here: whoever makes it before the end has stopped the search."""
        return "proven" if moment.closed else self.stopped or "user"

    def moments(self) -> Iterator[Moment]:
        """The start as it stands, then where the search stands after each portion, then its end.

        Raises
        ------
        InfeasibleError : at the end, where there is no plan.
        """
        if (first := self.of_start()) is not None:
            yield first
        for _ in self.portions():
            if (moment := self.now()) is not None:
                yield moment
        yield self._end()

    def plan(self) -> Plan:
        """The plan at the end of the search."""
        for _ in self.portions():
            pass
        return self.plan_of(self._end())

    def _end(self) -> Moment:
        if (moment := self.now()) is None:
            raise self.refuse()
        return moment


def begun_from(
    positions: Sequence[int] | None,
    free: Bools,
    forced: Sequence[int],
    *,
    number: int,
    prices: Floats,
    purse: float,
    losses: Callable[[Bools], Floats],
    complete: Callable[[Bools], Bools | None],
) -> Begun:
    """A start made to keep number (-1: any) and purse: sites whose loss is least go, then ``complete`` adds what is missing.

    losses : (sites chosen,) what leaving each out loses. complete : the choice with as many as must be; None: none can be.
    """
    if positions is None:
        return Begun()
    asked = np.zeros(len(free), dtype=bool)
    asked[list(positions)] = True
    asked[list(forced)] = False
    chosen = asked & free
    most = len(chosen) if number < 0 else number
    while chosen.any() and (int(chosen.sum()) > most or (purse < NEVER and float(prices[chosen].sum()) > purse)):
        opened = np.flatnonzero(chosen)
        chosen[opened[int(np.argmin(losses(chosen)))]] = False
    whole = complete(chosen.copy())
    if whole is None:
        return Begun(None, (), _told(asked))
    return Begun(whole, _told(whole & ~asked), _told(asked & ~whole))


def _told(mask: Bools) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())
