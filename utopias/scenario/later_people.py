"""The people of another year: each group grown or shrunk by a factor that somebody projected.

A projection is made for a whole municipality; here every block changes by the same factor, which nobody has
measured: the plan says so. A group without a factor stays as it is today.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.domain.study import Study

# Groups that do not overlap: together with others of these a factor changes everybody.
AGES = ("children 0-5", "children 6-14", "young people", "adults", "older people")


def read_world(told: str) -> tuple[str, dict[str, float]]:
    """(name, factors by group) of a text like ``2035: children 0-5=0.76, children 6-14=0.70``.

    Raises
    ------
    ProblemError : no name, no factor, a factor that is no number of 0 or more.
    """
    name, colon, rest = told.partition(":")
    pairs = [part.rpartition("=") for part in rest.split(",") if part.strip()]
    factors: dict[str, float] = {}
    for group, equals, number in pairs:
        if equals and re.fullmatch(r"\s*\d+(\.\d+)?\s*", number):
            factors[group.strip()] = float(number)
    if not colon or not name.strip() or not factors or len(factors) != len(pairs):
        raise ProblemError(
            Fault(
                "bad-world",
                Sentence("{told!r} does not say a year and factors by group", told=told),
                "later",
                'write --later "2035: children 0-5=0.76, children 6-14=0.70"',
            )
        )
    return name.strip(), factors


def weights_later(study: Study, factors: Mapping[str, float]) -> Floats:
    """(n,) what the plan's aim would weigh when groups are ``factors`` times as many.

    The plan's own group takes its own factor; a plan for everybody changes by the ages named, each by its factor.
    Weights by need keep their multiplier.

    Raises
    ------
    ProblemError : a group the town does not count, or one that does not change the plan's group: all at once.
    """
    group = str(study.town.get("group", "all"))
    known = [str(one["id"]) for one in study.town.get("groups", ())]
    faults = []
    for name in factors:
        if name not in known and name != "all":
            faults.append(
                Fault(
                    "unknown-group",
                    Sentence("{name} is not counted here", name=name),
                    "later",
                    Sentence("use one of: {listed}", listed=", ".join(["all", *known])),
                )
            )
        elif name != group and not (group == "all" and name in AGES):
            faults.append(
                Fault(
                    "group-without-effect",
                    Sentence("{name} says nothing about {group}, whom the plan is for", name=name, group=group),
                    "later",
                    Sentence("use one of: {listed}", listed=", ".join([group, *AGES] if group == "all" else [group])),
                )
            )
    if faults:
        raise ProblemError(faults)
    persons = study.blocks["persons"].to_numpy(dtype=np.float64)
    weight = study.blocks["weight"].to_numpy(dtype=np.float64)
    if group in factors:
        return weight * factors[group]
    later = persons.copy()
    for name, factor in factors.items():
        later += study.blocks[name].to_numpy(dtype=np.float64) * (factor - 1.0)
    share = np.divide(np.maximum(later, 0.0), persons, out=np.zeros_like(persons), where=persons > 0)
    changed: Floats = weight * share
    return changed
