"""How many a plan's new units would draw, from whom, and how sure that is: a range wherever nobody counted.

A unit attracts by what it offers (its services) and by how easily it is reached otherwise (stops of public
transport near it). Where users of standing units were counted the parameters are fitted to them; else three
declared sets are run, and the answer is a range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utopias.access.diverted import Diverted, Pull, diverted, fitted
from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.domain.study import Study
from utopias.scenario.walks import study_of

# Walks of 5, 8 and 12 minutes on average, and homes that pull from strongly to weakly: assumptions of this project.
DECLARED = (
    Pull("exponential 5 min", home=2.0),
    Pull("exponential 8 min", home=1.0),
    Pull("exponential 12 min", home=0.5),
)
STOP_METRES = 400.0
STOP_SHARE = 0.25  # of a usual place's attraction that the usual number of stops adds; assumption


@dataclass(frozen=True, eq=False)
class Drawn:
    """One ``Diverted`` for each set of parameters; low, central and high unless they were fitted.

    explained : share of the deviance of the counts that the fitted parameters explain; None where none were fitted.
    """

    runs: tuple[Diverted, ...]
    pulls: tuple[Pull, ...]
    explained: float | None
    study: Study
    sites: tuple[int, ...]
    fixed: tuple[int, ...]

    def rows(self) -> list[dict[str, Any]]:
        """One row a unit: place_id, name, new, users before and after (a list each, one a set of parameters)."""
        places = self.study.places
        return [
            {
                "place_id": str(places["place_id"].iloc[i]),
                "name": str(places["name"].iloc[i]),
                "new": i in self.sites,
                "before": [float(run.before.by_place[i]) for run in self.runs],
                "after": [float(run.after.by_place[i]) for run in self.runs],
            }
            for i in (*self.sites, *self.fixed)
        ]


def draw_users(
    plan: Plan,
    *,
    pulls: Sequence[Pull] = DECLARED,
    counts: Mapping[str, float] | None = None,
    stops: AnyArray | None = None,
) -> Drawn:
    """Users of the plan's new units: how many come from standing units, and how many went to none.

    counts : place id -> users counted at standing units; four or more of them fit the parameters. stops : (k, 2)
    easting and northing of stops of public transport, in metres of the town.

    Raises
    ------
    ProblemError : no tables; counts of places that are no units; too few counts.
    """
    study = study_of(None, plan)
    demand = _demand(study)
    attraction = attraction_of(study, stops)
    opened = [*plan.fixed, *plan.sites]
    explained = None
    if counts is not None:
        ids = study.places["place_id"].astype(str).to_numpy()
        lost = sorted(set(counts) - {ids[i] for i in plan.fixed})
        if lost:
            raise ProblemError(
                Fault(
                    "unknown-unit",
                    Sentence("{count} counted places are no units that stand", count=len(lost)),
                    "counts",
                    "use a place_id of units.parquet",
                    count=len(lost),
                    first=lost[0],
                )
            )
        seen = np.array([float(counts.get(key, np.nan)) for key in ids])
        pull, explained = fitted(study.times, demand, attraction, seen, opened=plan.fixed)
        pulls = (pull,)
    runs = [diverted(study.times, demand, attraction, pull, standing=plan.fixed, new=plan.sites) for pull in pulls]
    assert len(opened) == len(set(opened))
    return Drawn(tuple(runs), tuple(pulls), explained, study, plan.sites, plan.fixed)


def attraction_of(study: Study, stops: AnyArray | None = None) -> Floats:
    """(m,) 1 for a unit with the usual number of services: more services draw more, stops near it add up to a quarter.

    A place whose services nobody told counts as usual.
    """
    ids = study.place_ids
    told = study.modules.groupby(study.modules["place_id"].astype(str))["service"].nunique()
    services = np.array([float(told.get(key, np.nan)) for key in ids])
    usual = float(np.nanmedian(services)) if np.isfinite(services).any() else 1.0
    size: Floats = np.where(np.isfinite(services), services, usual) / max(usual, 1.0)
    if stops is None or not len(stops):
        return size
    x, y = (study.places[name].to_numpy(dtype=np.float64) for name in ("x", "y"))
    points = np.asarray(stops, dtype=np.float64)
    near = np.array(
        [float((np.hypot(points[:, 0] - a, points[:, 1] - b) <= STOP_METRES).sum()) for a, b in zip(x, y, strict=True)]
    )
    mean = float(near.mean())
    return size if mean == 0 else size * (1.0 - STOP_SHARE + STOP_SHARE * near / mean)


def _demand(study: Study) -> Demand:
    blocks = study.blocks
    return Demand(
        study.times.origins,
        blocks["persons"].to_numpy(dtype=np.float64),
        str(study.town.get("group", "all")),
        blocks["planned"].to_numpy(dtype=bool),
    )
