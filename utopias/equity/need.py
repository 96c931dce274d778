"""Who needs most: an index of places with open weights, and quintiles of people by it.

The index is a property of a place, never of a person who lives there. It orders places; it
multiplies persons only where a planner asks for that (see ``weighing``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence

# Two indices that agree in so many decimals are one: sums of the same shares in another order differ in the last bits.
SAME_DECIMALS = 12


def need_index(columns: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Weighted mean of indicators, each stretched from 0 at its lowest place to 1 at its highest.

    Parameters
    ----------
    columns : id -> (n,) numbers, a share or a score; higher is more need. NaN: not known there.
    weights : id -> 0 or more, the same ids; only their proportions matter.

    Returns
    -------
    (n,) 0 to 1. NaN at a place where an indicator that has weight is not known: nothing is
    filled in. An indicator that is the same everywhere tells no place from another and adds 0.

    Raises
    ------
    ProblemError : no indicator, ids that differ, columns of different lengths, an infinite value,
        weights that are negative, not finite, or all 0. All faults at once.

    Source
    ------
    Linear aggregation of range-scaled indicators: OECD/JRC (2008), Handbook on Constructing
    Composite Indicators, steps 5 and 6.
    """
    faults = _faults(columns, weights)
    if faults:
        raise ProblemError(faults)
    used = {name: np.asarray(columns[name], dtype=np.float64) for name in columns if weights[name] > 0}
    total = float(sum(weights[name] for name in used))
    index: Floats = np.zeros(len(next(iter(columns.values()))))
    for name, values in used.items():
        index += weights[name] / total * _stretched(values)
    return np.clip(index, 0.0, 1.0)  # only what rounding put beyond the ends


def quintiles_of_people(need: Floats, people: Floats) -> Longs:
    """The fifth of the people each place belongs to, by need: 1 least, 5 most.

    Places are laid in order of need, each as wide as its people; a place belongs to the fifth
    that holds its middle. Places of equal need stay together, as one wide place, so the answer
    does not depend on the order of the rows, and fifths may then be unequal.

    Parameters
    ----------
    need : (n,) index, NaN where not known. people : (n,) persons, 0 or more; give 0 for places
        that shall be sorted but not counted (the surroundings).

    Returns
    -------
    (n,) 1 to 5; 0 where need is not known, and everywhere when nobody is counted.

    Raises
    ------
    ProblemError : lengths differ, or people are not numbers of 0 or more.
    """
    index, persons = np.asarray(need, dtype=np.float64), np.asarray(people, dtype=np.float64)
    faults = []
    if index.shape != persons.shape:
        faults.append(
            Fault("misaligned", Sentence("need has {count} rows, people {total}", count=len(index), total=len(persons)))
        )
    bad = ~np.isfinite(persons) | (persons < 0)
    if bad.any():
        faults.append(
            Fault(
                code="bad-weight",
                what=Sentence(
                    "{count} of {total} counts of people are not numbers of 0 or more",
                    count=int(bad.sum()),
                    total=len(bad),
                ),
                mend="mend the counts in the blocks table",
                count=int(bad.sum()),
                first=Sentence("row {row}", row=int(np.flatnonzero(bad)[0]) + 1),
            )
        )
    if faults:
        raise ProblemError(faults)
    fifth: Longs = np.zeros(len(index), dtype=np.int64)
    known = ~np.isnan(index)
    total = float(persons[known].sum())
    if total <= 0:
        return fifth
    _, tie = np.unique(index[known].round(SAME_DECIMALS), return_inverse=True)
    width = np.bincount(tie, weights=persons[known])
    middle = (np.cumsum(width) - width / 2) / total
    fifth[known] = np.clip(np.floor(5 * middle + 1e-9).astype(np.int64) + 1, 1, 5)[tie]
    return fifth


def _stretched(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    if high == low:
        return np.where(np.isnan(values), np.nan, 0.0)
    stretched: Floats = (values - low) / (high - low)
    return stretched


def _faults(columns: Mapping[str, Floats], weights: Mapping[str, float]) -> list[Fault]:
    if not columns:
        return [Fault("no-indicators", "a need index needs at least one indicator", mend="name one in town.toml")]
    faults = []
    if set(columns) != set(weights):
        lost = sorted(set(columns) ^ set(weights))
        faults.append(
            Fault(
                code="unknown-indicator",
                what=Sentence("indicators and weights do not name the same: {listed}", listed=", ".join(lost)),
                mend=Sentence(
                    "give every indicator one weight; the town has {listed}", listed=", ".join(sorted(columns))
                ),
                count=len(lost),
                first=lost[0],
            )
        )
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {n}" for name, n in lengths.items())
        faults.append(Fault("misaligned", Sentence("indicators have different lengths: {said}", said=said)))
    for name, column in columns.items():
        infinite = np.isinf(np.asarray(column, dtype=np.float64))
        if infinite.any():
            faults.append(
                Fault(
                    code="not-finite",
                    what=Sentence(
                        "{count} of {total} values are infinite", count=int(infinite.sum()), total=len(infinite)
                    ),
                    where=Sentence("indicator {name!r}", name=name),
                    mend="leave the cell empty where the indicator is not known",
                    count=int(infinite.sum()),
                    first=Sentence("row {row}", row=int(np.flatnonzero(infinite)[0]) + 1),
                )
            )
    wrong = [name for name, weight in weights.items() if not np.isfinite(weight) or weight < 0]
    if wrong:
        faults.append(
            Fault(
                code="bad-weight",
                what=Sentence("weights of {listed} are not numbers of 0 or more", listed=", ".join(wrong)),
                mend="write a number of 0 or more; only proportions matter",
                count=len(wrong),
                first=wrong[0],
            )
        )
    elif not any(weight > 0 for weight in weights.values()):
        faults.append(Fault("no-weight", "every indicator has the weight 0", mend="give at least one a weight over 0"))
    return faults
