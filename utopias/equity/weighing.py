"""What it does to the count when a need index multiplies persons, and how much hangs on its weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.domain.town import NeedIndicator
from utopias.equity.need import SAME_DECIMALS, need_index, quintiles_of_people


def fault_of_group_in_index(group: str, indicators: Iterable[NeedIndicator]) -> Fault | None:
    """What is wrong where an index counts a group twice: as the demand, and again as a sign of need.

    None, or the fault ``group-in-index``, which names each indicator of weight whose ``from_group`` is
    the group the plan is for.
    """
    twice = [i.id for i in indicators if i.weight > 0 and i.from_group and i.from_group == group]
    if not twice:
        return None
    return Fault(
        code="group-in-index",
        what=Sentence(
            "{listed} counts {group!r} again: it is in the demand and in the index",
            listed=", ".join(twice),
            group=group,
        ),
        where="weigh_by, indicators of town.toml",
        mend=Sentence(
            "give {listed} the weight 0 by index_weights, or plan for another group", listed=", ".join(twice)
        ),
        count=len(twice),
        first=twice[0],
    )


def effective_persons(weights: Floats, persons: Floats, need: Floats) -> tuple[float, float]:
    """How many persons a resident of the neediest and of the least needy fifth counts for.

    The average resident counts for one. Without an index both ends are 1.

    Parameters
    ----------
    weights : (n,) what the aim counts. persons : (n,) residents of the planned area.
    need : (n,) NaN where not known.

    Returns
    -------
    (top, bottom): fifths 5 and 1 of the people, or the fifths nearest to these ends that have anybody,
    where places of equal need leave an end empty. NaN where nobody is counted, or nobody's need is known.
    """
    fifth = quintiles_of_people(need, persons)
    people, weight = float(persons.sum()), float(weights.sum())
    lived_in = fifth[(persons > 0) & (fifth > 0)]
    if people <= 0 or weight <= 0 or not len(lived_in):
        return float("nan"), float("nan")

    def counted(number: int) -> float:
        here = fifth == number
        return float(weights[here].sum()) / float(persons[here].sum()) / (weight / people)

    return counted(int(lived_in.max())), counted(int(lived_in.min()))


@dataclass(frozen=True, slots=True)
class RankChange:
    """The worst that moving the weight of one indicator does: places and persons that change their fifth.

    share : of all persons whose need is known. spearman : rank correlation of the places with the
        index as asked; 1 when nothing changes.
    """

    places: int
    people: float
    share: float
    spearman: float


def rank_changes(
    columns: Mapping[str, Floats], weights: Mapping[str, float], people: Floats, *, swing: float = 0.5
) -> dict[str, RankChange]:
    """What changes when each weight alone is lowered, then raised, by ``swing`` of itself.

    Each figure is the worse of the two trials. An indicator without weight has none. Only places
    where people are counted and need is known take part. One indicator alone changes nothing:
    only proportions matter.

    Raises
    ------
    ProblemError : a ``swing`` under 0 or over 1; all that ``need_index`` refuses.

    Source
    ------
    One-at-a-time weight tests: Saisana, Saltelli & Tarantola (2005), J. R. Stat. Soc. A 168:307-323.
    """
    if not 0 <= swing <= 1:
        raise ProblemError(
            Fault(
                "bad-swing",
                Sentence("{swing} is not between 0 and 1", swing=swing),
                mend="0.5 moves each weight by half",
            )
        )
    asked = need_index(columns, weights)
    counted = ~np.isnan(asked) & (people > 0)
    fifth = quintiles_of_people(asked, people)
    everybody = float(people[counted].sum())
    alone = sum(weight > 0 for weight in weights.values()) == 1
    found = {}
    for name in columns:
        if weights[name] <= 0:
            continue
        places, moved_people, spearman = 0, 0.0, 1.0
        for factor in () if alone else (1 - swing, 1 + swing):
            index = need_index(columns, {**weights, name: weights[name] * factor})
            # an indicator lowered to nothing may make a place known that was not: keep to those known before
            moved = counted & (quintiles_of_people(np.where(counted, index, np.nan), people) != fifth)
            places = max(places, int(moved.sum()))
            moved_people = max(moved_people, float(people[moved].sum()))
            spearman = min(spearman, _spearman(asked[counted], index[counted]))
        found[name] = RankChange(places, moved_people, moved_people / everybody if everybody > 0 else 0.0, spearman)
    return found


def _spearman(first: Floats, second: Floats) -> float:
    if len(first) < 2:
        return 1.0
    a, b = _ranks(first), _ranks(second)
    if a.std() == 0 or b.std() == 0:
        return 1.0 if a.std() == b.std() else 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _ranks(values: Floats) -> Floats:
    """(n,) 1 for the least; equals share the mean of their ranks."""
    _, tie, count = np.unique(values.round(SAME_DECIMALS), return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(count) - (count - 1) / 2)[tie]
    return ranks
