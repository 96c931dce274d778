"""What ``explain`` tells, a column a figure: a city has thousands of lots, and most readers look at a few rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, overload

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.siting.choose.only_here import OnlyHere

Row = TypeVar("Row", covariant=True)


class Rows(Sequence[Row]):
    """Columns of equal length, read as rows: each is made when it is asked for. Equal to a sequence of equal rows."""

    @abstractmethod
    def _row(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, at: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(at, slice):
            return tuple(self._row(k) for k in range(len(self))[at])
        return self._row(range(len(self))[at])  # a range knows negative places, and those that are none

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows | tuple | list) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, slots=True)
class ChosenSite:
    """One new site of the plan. Losses are in the aim's unit; 0 or more: how much worse the plan would be.

    only_here : weight of the demand that reaches this open site and no other, fixed or new, within the limit.
    loss : what the aim loses when the site is left out and nothing takes its place; None where the plan
        would then leave somebody unreached who must be.
    replacement : the other site that costs least in its stead (index), and its id; None where no other may.
    sure_loss : what every plan without this site loses at least, by the bound; 0 where the bound cannot tell.
    proven_in : every plan without it is worse than this one (a tie is not worse).
    only_groups, only_need : persons of ``only_here`` by group of the town and by fifth of need (1 least to 5 most, 0
        not known); empty without a study. They are people of the planned area, each counted as one.
    """

    site: int
    id: str
    only_here: float
    loss: float | None
    replacement: int | None
    replacement_id: str
    replacement_loss: float | None
    sure_loss: float = 0.0
    proven_in: bool = False
    only_groups: Mapping[str, float] = field(default_factory=dict)
    only_need: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedSite:
    """One candidate that was not chosen: what the plan loses if it must take it, and which site then goes.

    loss : by the best single swap, or beside all others where no number is given and the money left pays
        for it; in the aim's unit; None where no rule lets it in (budget, number 0, only forced sites to go).
    instead_of : index of the site that goes; None where none has to.
    sure_loss : what every plan with this site loses at least, by the bound: its distance from being chosen, however
        the others stand; 0 where the bound cannot tell, inf where no rule lets it in.
    proven_out : every plan with it is worse than this one.
    """

    site: int
    id: str
    loss: float | None
    instead_of: int | None
    sure_loss: float = 0.0
    proven_out: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class ChosenSites(Rows[ChosenSite]):
    """The new sites of a plan in its order, (k,) a column; NaN and -1 stand for the None of a row.

    ids : (m,) of all sites, by index.
    """

    ids: Sequence[str]
    site: Longs
    only_here: OnlyHere
    loss: Floats
    replacement: Longs
    replacement_loss: Floats
    sure_loss: Floats

    def __len__(self) -> int:
        return len(self.site)

    def _row(self, at: int) -> ChosenSite:
        site, stand_in, only = int(self.site[at]), _known(self.replacement[at]), self.only_here
        return ChosenSite(
            site=site,
            id=self.ids[site],
            only_here=float(only.weight[at]),
            loss=_told(self.loss[at]),
            replacement=stand_in,
            replacement_id="" if stand_in is None else self.ids[stand_in],
            replacement_loss=_told(self.replacement_loss[at]),
            sure_loss=float(self.sure_loss[at]),
            proven_in=bool(self.sure_loss[at] > 0),
            only_groups={name: float(persons[at]) for name, persons in only.groups.items()},
            only_need={} if only.need is None else {k: n for k, n in enumerate(only.need[at].tolist()) if n > 0},
        )


@dataclass(frozen=True, eq=False, repr=False)
class RefusedSites(Rows[RefusedSite]):
    """The candidates that were not chosen, the nearest miss first, (r,) a column; NaN and -1 stand for the None of a row.

    ids : (m,) of all sites, by index.
    """

    ids: Sequence[str]
    site: Longs
    loss: Floats
    instead_of: Longs
    sure_loss: Floats

    def __len__(self) -> int:
        return len(self.site)

    def _row(self, at: int) -> RefusedSite:
        site, sure = int(self.site[at]), float(self.sure_loss[at])
        return RefusedSite(site, self.ids[site], _told(self.loss[at]), _known(self.instead_of[at]), sure, sure > 0)


@dataclass(frozen=True, slots=True)
class Explanation:
    """``chosen`` in plan order; ``refused`` from the nearest miss on; forbidden and fixed sites are in neither.

    Both are sequences of rows, with their figures as columns beside: ``explanation.refused.loss`` is an array.
    """

    aim: str
    chosen: ChosenSites
    refused: RefusedSites


def _told(figure: np.float64) -> float | None:
    return None if np.isnan(figure) else float(figure)


def _known(site: np.int64) -> int | None:
    return None if site < 0 else int(site)
