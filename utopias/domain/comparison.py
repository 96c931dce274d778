"""Before and after, for whom: gains and losses apart, never net alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "part",
    "people",
    "within_before",
    "within_after",
    "gain",
    "loss",
    "still_out",
    "minutes_before",
    "minutes_after",
)


@dataclass(frozen=True, eq=False)
class Comparison:
    """A table with one row a part of the people: a group, a need quintile, an area.

    frame : the columns of ``COLUMNS``. people, within_*, gain, loss, still_out in persons of the
        planned area; minutes_* the mean walk to the nearest unit in minutes, where whoever
        reaches none in the table of times is counted at the table's own limit (a lower bound).
    counted : "walks"; "rooms" where those for whom there is room are counted in their stead; "doors" where a plan counts
        places and they could not be looked at.
    by : group, need, area or all. area_keys : its areas are census keys, as no block names a colonia. ``gain - loss = within_after - within_before`` in every row.
    """

    by: str
    within: Duration
    frame: pd.DataFrame
    area_keys: bool = False
    counted: str = "walks"

    @property
    def noun(self) -> str:
        """The last part of a text's key: what one row is, ``by``, or ``area-key`` where areas bear no name."""
        return "area-key" if self.by == "area" and self.area_keys else self.by

    def __post_init__(self) -> None:
        if tuple(self.frame.columns[: len(COLUMNS)]) != COLUMNS:
            raise MisalignedError(
                Fault("bad-columns", Sentence("a comparison has the columns {listed}", listed=", ".join(COLUMNS)))
            )

    def __getitem__(self, column: str) -> pd.Series:
        return self.frame[column]

    def __len__(self) -> int:
        return len(self.frame)
