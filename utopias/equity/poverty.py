"""Access poverty: who lives beyond the limit, and how far beyond.

Times are minutes to the nearest unit; NaN where none was reached in the table of times. Whoever
is not reached is poor, and counts at the end of the table: their gap is a lower bound.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence


def charged(minutes: Floats, table_minutes: float) -> Floats:
    """(n,) ``minutes`` with the end of the table where none was reached: a lower bound of the walk."""
    walked: Floats = np.where(np.isnan(minutes), table_minutes, minutes)
    return walked


def access_poverty(minutes: Floats, persons: Floats, limit: float, order: int, *, table_minutes: float) -> float:
    """Foster-Greer-Thorbecke measure of order 0, 1 or 2 over minutes walked.

    Order 0 is the share of people beyond the limit. Order 1 is their mean gap in limits, over
    everybody: (t - z) / z with t the walk and z the limit. Order 2 squares the gap, so that one
    person two limits away weighs more than two people one limit away.

    Parameters
    ----------
    minutes : (n,) to the nearest unit, NaN where none was reached; exactly at the limit is not poor.
    persons : (n,) 0 or more. limit : z, minutes over 0.
    table_minutes : the end of the table, at least ``limit``: charged where none was reached.

    Returns
    -------
    0 or more; order 0 never over 1. NaN when nobody lives there.

    Raises
    ------
    ProblemError : another order; a limit of 0 or over the end of the table; misaligned columns.

    Source
    ------
    Foster, Greer & Thorbecke (1984), Econometrica 52:761-766, with the line turned round because
    minutes are a bad.
    """
    faults = []
    if order not in (0, 1, 2):
        faults.append(
            Fault(
                "unknown-order",
                Sentence("{order} is not an order of access poverty", order=order),
                mend="use 0, 1 or 2",
            )
        )
    if not 0 < limit <= table_minutes:
        faults.append(
            Fault(
                code="limit-beyond-table",
                what=Sentence(
                    "a limit of {limit:g} min was asked of a table that ends at {table_minutes:g} min",
                    limit=limit,
                    table_minutes=table_minutes,
                ),
                mend="use a limit over 0 and no longer than the table",
            )
        )
    if len(minutes) != len(persons):
        faults.append(
            Fault(
                "misaligned",
                Sentence("minutes have {count} rows, persons {total}", count=len(minutes), total=len(persons)),
            )
        )
    if faults:
        raise ProblemError(faults)
    people = float(persons.sum())
    if people <= 0:
        return float("nan")
    poor = np.isnan(minutes) | (minutes > limit)
    gap = (charged(minutes[poor], table_minutes) - limit) / limit
    weight = np.ones_like(gap) if order == 0 else gap**order
    return float((weight * persons[poor]).sum() / people)


def share(persons: Floats, counted: AnyArray) -> float:
    """Share of ``persons`` that ``counted`` marks (a mask, or 0 to 1 a place); NaN when there is nobody."""
    people = float(persons.sum())
    return float((persons * counted).sum() / people) if people > 0 else float("nan")


def difference(first: float, second: float) -> float:
    """``first`` minus ``second``, in the unit of both."""
    return first - second


def ratio(first: float, second: float) -> float:
    """``first`` over ``second``; NaN where the second is 0, for then no ratio says anything."""
    return first / second if second else float("nan")
