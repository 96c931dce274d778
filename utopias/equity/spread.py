"""How unevenly minutes or reach fall on people: one number a measure.

All measures count persons, not places, and do not change when a place is cut in two.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.equity.need import SAME_DECIMALS


def concentration_index(value: Floats, persons: Floats, need: Floats) -> float:
    """Does ``value`` gather among those of most need (under 0), or of least (over 0)?

    People are ranked from most need to least, as the field ranks from poorest to richest. With
    w the share of people of a place and R the rank of its middle person, 0 to 1,
    C = 2 / mean * sum(w * value * R) - 1. Places of equal need share one rank.

    For reach (a good) under 0 is in favour of those in need; for minutes (a bad) under 0 means
    that those in need walk longer.

    Parameters
    ----------
    value : (n,) 0 or more: reached or not, minutes. persons : (n,) 0 or more.
    need : (n,) higher is more; a place whose need is NaN is left out.

    Returns
    -------
    -1 to 1; for a yes-or-no value within 1 minus its mean (Wagstaff 2005). NaN when nobody is
    counted, or the value is 0 for everybody.

    Source
    ------
    Kakwani, Wagstaff & van Doorslaer (1997), J. Econometrics 77:87-103, weighted fractional rank.
    """
    _must_align(value, persons, need)
    known = ~np.isnan(need)
    _, tie = np.unique(-need[known].round(SAME_DECIMALS), return_inverse=True)
    return _concentration(value[known], persons[known], tie)


def gini(value: Floats, persons: Floats) -> float:
    """Gini coefficient: half the mean difference between two people, over the mean.

    0 when all are equal. The concentration of a value ranked by itself. NaN when nobody is
    counted or all is 0. Of minutes it blames a long walk and a short one alike: for the annex.

    Source
    ------
    Lerman & Yitzhaki (1989), J. Econometrics 42:43-47, for grouped and weighted data.
    """
    _must_align(value, persons)
    _, tie = np.unique(value, return_inverse=True)
    return _concentration(value, persons, tie)


def palma(value: Floats, persons: Floats) -> float:
    """What the tenth with most have, over what the four tenths with least have.

    Of minutes: all the walking of the tenth with the longest walks over that of the forty
    hundredths with the shortest. A place at the edge of a tenth is cut. 0.25 when all are
    equal. NaN when nobody is counted, or the four tenths have nothing.

    Source
    ------
    Palma (2011), Development and Change 42:87-153.
    """
    _must_align(value, persons)
    people = float(persons.sum())
    if people <= 0:
        return float("nan")
    order = np.argsort(value, kind="stable")
    share = np.concatenate([[0.0], np.cumsum(persons[order])]) / people
    held = np.concatenate([[0.0], np.cumsum(persons[order] * value[order])])
    least = float(np.interp(0.4, share, held))
    most = float(held[-1] - np.interp(0.9, share, held))
    return most / least if least > 0 else float("nan")


def aversion_per_minute(minutes: Floats, persons: Floats, aversion: float) -> float:
    """kappa, per minute: ``aversion`` times sum(t) / sum(t squared), over persons.

    So scaled, an aversion means the same in a town of short walks and one of long ones. To
    compare two states of a town use one kappa for both. 0 when nobody walks.

    Source
    ------
    Horton, Logan, Murrell, Skipper & Speakman (2024), arXiv 2401.15452: kappa = alpha * epsilon,
    with epsilon under 0 for a bad; here ``aversion`` is its size, and the sign is in the formula.
    """
    _must_align(minutes, persons)
    squares = float((persons * minutes**2).sum())
    return aversion * float((persons * minutes).sum()) / squares if squares > 0 else 0.0


def equal_equivalent(minutes: Floats, persons: Floats, kappa: float) -> float:
    """Kolm-Pollak: the walk that, if all had it, would be as bad as the walks as they are.

    (1 / kappa) * ln(mean of exp(kappa * t)), never under the mean and never over the longest.
    A minute more for everybody adds exactly one minute. kappa 0 is the mean. Computed from the
    longest walk down, so that no exponent overflows.

    Parameters
    ----------
    minutes : (n,) finite. persons : (n,) 0 or more. kappa : per minute, 0 or more.

    Returns
    -------
    Minutes; NaN when nobody is counted.

    Source
    ------
    Kolm (1976), J. Economic Theory 12:416-442; Sheriff & Maguire (2020), Risk Analysis
    40:2661-2675, for a bad; Horton et al. (2024), arXiv 2401.15452.
    """
    _must_align(minutes, persons)
    if not np.isfinite(kappa) or kappa < 0:
        raise ProblemError(
            Fault("bad-aversion", Sentence("{kappa} is not an aversion of 0 or more", kappa=kappa), mend="1 is usual")
        )
    people = float(persons.sum())
    if people <= 0:
        return float("nan")
    walked, weight = minutes[persons > 0], persons[persons > 0] / people
    longest, mean = float(walked.max()), float((weight * walked).sum())
    if kappa * (longest - float(walked.min())) < 1e-7:  # below this the second order is lost in rounding
        return mean
    return longest + float(np.log((weight * np.exp(kappa * (walked - longest))).sum())) / kappa


def _concentration(value: Floats, persons: Floats, tie: Longs) -> float:
    people = float(persons.sum())
    mean = float((persons * value).sum()) / people if people > 0 else 0.0
    if mean <= 0:
        return float("nan")
    width = np.bincount(tie, weights=persons)
    rank = ((np.cumsum(width) - width / 2) / people)[tie]
    return float((persons * value * (2 * rank - 1)).sum() / (people * mean))


def _must_align(value: Floats, persons: Floats, *more: Floats) -> None:
    lengths = [len(value), len(persons), *(len(column) for column in more)]
    if len(set(lengths)) > 1:
        raise ProblemError(Fault("misaligned", Sentence("columns of one measure have {lengths} rows", lengths=lengths)))
    faults = []
    for name, column in (("values", value), ("persons", persons)):
        bad = ~np.isfinite(column) | (column < 0)
        if bad.any():
            faults.append(
                Fault(
                    code="bad-value",
                    what=Sentence(
                        "{count} of {total} {name} are not numbers of 0 or more",
                        count=int(bad.sum()),
                        total=len(bad),
                        name=name,
                    ),
                    mend="charge those who reach nothing before the measure",
                    count=int(bad.sum()),
                    first=Sentence("row {row}", row=int(np.flatnonzero(bad)[0]) + 1),
                )
            )
    if faults:
        raise ProblemError(faults)
