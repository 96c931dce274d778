"""What it does to the count when a need index multiplies persons, and how much hangs on its weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from scipy.stats import rankdata

from utopias.domain.arrays import Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.town import NeedIndicator
from utopias.equity.need import need_index, quintiles_of_people


def refuse_group_in_index(group: str, indicators: Iterable[NeedIndicator]) -> None:
    """Raise when an index would count a group twice: as the demand, and again as a sign of need.

    Raises
    ------
    ProblemError : code ``group-in-index``, naming each indicator of weight whose ``from_group``
        is the group the plan is for.
    """
    twice = [indicator for indicator in indicators if indicator.from_group == group and indicator.weight > 0]
    if twice:
        raise ProblemError(
            Fault(
                code="group-in-index",
                what=f"the plan is for {group!r}, and {', '.join(i.id for i in twice)} would count the same people again",
                where="indicators of town.toml",
                mend=f"give {', '.join(i.id for i in twice)} the weight 0, or plan for another group",
                count=len(twice),
                first=twice[0].id,
            )
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
    (top, bottom): fifths 5 and 1 of the people; NaN where an end has nobody.
    """
    fifth = quintiles_of_people(need, persons)
    people, weight = float(persons.sum()), float(weights.sum())
    if people <= 0 or weight <= 0:
        return float("nan"), float("nan")

    def counted(number: int) -> float:
        here = float(persons[fifth == number].sum())
        return float(weights[fifth == number].sum()) / here / (weight / people) if here > 0 else float("nan")

    return counted(5), counted(1)


def rank_changes(
    columns: Mapping[str, Floats], weights: Mapping[str, float], people: Floats, *, swing: float = 0.5
) -> dict[str, float]:
    """What changes when each weight alone is raised, then lowered, by ``swing`` of itself.

    Returns
    -------
    swing; trials (two an indicator of weight); for the worst trial of each kind: ``places_max``
    places that change their fifth, ``people_max`` persons who live there, ``share_max`` of all
    whose need is known, ``spearman_min`` rank correlation of the places with the index as asked
    (places with nobody left out; 1 when nothing can change). ``people <indicator>`` is the worst
    of the two trials of that indicator.

    Source
    ------
    One-at-a-time weight tests: Saisana, Saltelli & Tarantola (2005), J. R. Stat. Soc. A 168:307-323.
    """
    if not 0 <= swing <= 1:
        raise ProblemError(Fault("bad-swing", f"{swing} is not between 0 and 1", mend="0.5 moves each weight by half"))
    asked = need_index(columns, weights)
    lived_in = ~np.isnan(asked) & (people > 0)
    fifth, known = quintiles_of_people(asked, people), float(people[lived_in].sum())
    found = {"swing": swing, "trials": 0.0, "places_max": 0.0, "people_max": 0.0, "share_max": 0.0, "spearman_min": 1.0}
    for name in columns:
        if weights[name] <= 0:
            continue
        worst = 0.0
        for factor in (1 - swing, 1 + swing):
            if len([other for other in weights if weights[other] > 0]) == 1 and factor == 0:
                continue  # the only indicator cannot be taken away
            index = need_index(columns, {**weights, name: weights[name] * factor})
            # an indicator lowered to nothing may make a place known that was not: compare those known before
            moved = (quintiles_of_people(np.where(np.isnan(asked), np.nan, index), people) != fifth) & (fifth > 0)
            worst = max(worst, float(people[moved].sum()))
            found["trials"] += 1
            found["places_max"] = max(found["places_max"], float((moved & lived_in).sum()))
            found["spearman_min"] = min(found["spearman_min"], _spearman(asked[lived_in], index[lived_in]))
        found[f"people {name}"] = worst
        found["people_max"] = max(found["people_max"], worst)
    found["share_max"] = found["people_max"] / known if known > 0 else 0.0
    return found


def _spearman(first: Floats, second: Floats) -> float:
    if len(first) < 2:
        return 1.0
    a, b = rankdata(first.round(12)), rankdata(second.round(12))
    if a.std() == 0 or b.std() == 0:
        return 1.0 if a.std() == b.std() else 0.0
    return float(np.corrcoef(a, b)[0, 1])
