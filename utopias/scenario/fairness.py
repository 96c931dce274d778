"""Every measure of equity, before and after: computed on the plan's own group, in the planned area.

Codes are stable; the languages hold what they are called. Codes of ``ANNEX`` go to the annex.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.findings import Measure, Weighting
from utopias.domain.quantities import Duration
from utopias.domain.study import Study
from utopias.equity import (
    access_poverty,
    concentration_index,
    difference,
    effective_persons,
    equal_equivalent,
    gini,
    palma,
    rank_changes,
    ratio,
    share,
)
from utopias.scenario.before_after import group_columns
from utopias.scenario.walks import Walks, planned_persons

# code -> unit of its value
MEASURES = {
    "poverty-share": "share",  # FGT 0: people beyond the limit
    "poverty-people": "persons",
    "poverty-gap": "limits",  # FGT 1
    "poverty-gap-squared": "limits squared",  # FGT 2
    "quintile-difference": "share",  # reach of the fifth of most need minus that of least
    "quintile-ratio": "ratio",
    "group-difference": "share",  # reach of the group ``of`` minus that of everybody
    "group-ratio": "ratio",
    "concentration-reach": "index",
    "concentration-minutes": "index",
    "mean-walk": "minutes",
    "equal-walk": "minutes",  # Kolm-Pollak
    "gini-minutes": "index",
    "palma-minutes": "ratio",
}
ANNEX = ("concentration-minutes", "gini-minutes", "palma-minutes")


def measures(
    study: Study, before: Walks, after: Walks, limit: Duration, *, aversion: float, kappa: float
) -> list[Measure]:
    """The measures in the order of ``MEASURES``; None where there is nobody, or nothing, to measure.

    Differences and ratios between fifths are left out where need is not known; between groups, where
    the town counts none. Of the groups the one that reached least before is in the text, the others
    in the annex. ``kappa`` : a minute, what ``aversion`` comes to; one for both, before and after.
    """
    persons = planned_persons(study)
    both = (before, after)
    limit_minutes, table = limit.minutes, before.table_minutes
    found: list[Measure] = []

    def add(
        code: str,
        measure: Callable[[Walks], float],
        said: dict[str, float] | None = None,
        *,
        of: str = "",
        annex: bool = False,
    ) -> None:
        first, second = (_known(measure(walks)) for walks in both)
        found.append(Measure(code, first, second, MEASURES[code], dict(said or {}), annex or code in ANNEX, of))

    def poverty(order: int) -> Callable[[Walks], float]:
        return lambda walks: access_poverty(walks.minutes, persons, limit_minutes, order, table_minutes=table)

    line = {"limit_minutes": limit_minutes, "table_minutes": table}
    add("poverty-share", poverty(0), line)
    add("poverty-people", lambda walks: float(persons[~walks.within].sum()), line)
    add("poverty-gap", poverty(1), line)
    add("poverty-gap-squared", poverty(2), line)
    need = study.blocks["need"].to_numpy(dtype=np.float64)
    quintile = study.blocks["quintile"].to_numpy(dtype=np.int64)
    if (quintile > 0).any():
        top, bottom = (np.where(quintile == end, persons, 0.0) for end in (5, 1))
        add("quintile-difference", lambda walks: difference(share(top, walks.within), share(bottom, walks.within)))
        add("quintile-ratio", lambda walks: ratio(share(top, walks.within), share(bottom, walks.within)))
    for group, theirs, first in _groups(study, before):
        everybody = planned_persons(study, "people")
        add("group-difference", _against(difference, theirs, everybody), of=group, annex=not first)
        add("group-ratio", _against(ratio, theirs, everybody), of=group, annex=not first)
    if (quintile > 0).any():
        add("concentration-reach", lambda walks: concentration_index(walks.within.astype(float), persons, need))
        add(
            "concentration-minutes",
            lambda walks: concentration_index(walks.charged, persons, need),
            {"table_minutes": table},
        )
    add("mean-walk", lambda walks: _mean(walks.charged, persons), {"table_minutes": table})
    add(
        "equal-walk",
        lambda walks: equal_equivalent(walks.charged, persons, kappa),
        {"aversion": aversion, "kappa": kappa},
    )
    add("gini-minutes", lambda walks: gini(walks.charged, persons))
    add("palma-minutes", lambda walks: palma(walks.charged, persons))
    return found


def weighting(study: Study) -> Weighting | None:
    """How far the need index hangs on its weights, and what it did to the count; None without an index.

    A plan that no index weighed has ``index`` "" and both ends at 1: each person counts as one. The
    quintiles of its tables come from the index all the same, so the changes of rank are told always.
    """
    told = {str(i["id"]): float(i["weight"]) for i in study.town.get("indicators", ()) if i["id"] in study.blocks}
    if not any(told.values()):
        return None
    columns = {name: study.blocks[name].to_numpy(dtype=np.float64) for name in told}
    changes = rank_changes(columns, told, planned_persons(study, "people"))
    index = str(study.town.get("weighted_by", ""))
    top, bottom = _ends(study) if index else (1.0, 1.0)
    return Weighting(
        index=index,
        indicators=told,
        top=_known(top) or 0.0,
        bottom=_known(bottom) or 0.0,
        rank_changes={name: change.spearman for name, change in changes.items()},
        moved_people={name: change.people for name, change in changes.items()},
    )


def _ends(study: Study) -> tuple[float, float]:
    """Effective persons a resident of the neediest and of the least needy fifth stands for."""
    counted = study.blocks["planned"].to_numpy(dtype=bool) & ~study.blocks["apart"].to_numpy(dtype=bool)
    persons = np.where(counted, study.blocks["persons"].to_numpy(dtype=np.float64), 0.0)
    weight = np.where(counted, study.blocks["weight"].to_numpy(dtype=np.float64), 0.0)
    return effective_persons(weight, persons, study.blocks["need"].to_numpy(dtype=np.float64))


def _groups(study: Study, before: Walks) -> list[tuple[str, Floats, bool]]:
    """(group, persons, reached least before) of each group but everybody; those of nobody left out."""
    known = [(group, planned_persons(study, column)) for group, column in group_columns(study) if group != "all"]
    lived = [(group, persons) for group, persons in known if persons.sum() > 0]
    if not lived:
        return []
    least = min(lived, key=lambda one: share(one[1], before.within))[0]
    return [(group, persons, group == least) for group, persons in lived]


def _against(measure: Callable[[float, float], float], theirs: Floats, everybody: Floats) -> Callable[[Walks], float]:
    return lambda walks: measure(share(theirs, walks.within), share(everybody, walks.within))


def _mean(minutes: Floats, persons: Floats) -> float:
    people = float(persons.sum())
    return float((minutes * persons).sum() / people) if people > 0 else float("nan")


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
