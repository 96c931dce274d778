"""Where nobody has counted who goes to which school: a declared guess from children, schools and walks.

Everything made here is estimated and says so. Singly constrained: every child of an age that goes to
school goes to one, and schools fill as they may. Enrolment is only how much a school attracts, since
registers count public schools and both shifts, and seldom add up to the children of a town.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, Texts, texts
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.places import Places
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.town import Blocks
from utopias.domain.travel_times import TravelTimes
from utopias.domain.trips import Trips

# Level: the group its children are a part of, and which part: three years of six, six of nine, three of nine, taking
# every year of age as equally many and every child of the age as going. Assumptions of this project.
GOING: dict[str, tuple[str, float]] = {
    "kindergarten": ("children 0-5", 3 / 6),  # ages 3 to 5
    "primary": ("children 6-14", 6 / 9),  # ages 6 to 11
    "secondary": ("children 6-14", 3 / 9),  # ages 12 to 14
}
FETCHED = ("kindergarten", "primary")  # who is fetched; from 12 on most go alone. An assumption of this project
WAYS = ("gravity", "nearest")


def school_trips(
    times: TravelTimes,
    schools: Places,
    blocks: Blocks,
    *,
    levels: tuple[str, ...] = FETCHED,
    how: str = "gravity",
    decay: str | Duration = "5 min",
) -> Trips:
    """Estimate how many children of each block go to each school.

    With C children of a level at home h, P pupils of a school s of that level, t the walk from s to h:

    gravity : C(h) x P(s) exp(-t(s, h) / decay) / sum over schools within the table. nearest : all C(h)
    to the school with the shortest walk, of equally near ones the first; pupils are not looked at.

    Parameters
    ----------
    times : (s, h) school to home; its limit is how far a child walks to school at all.
    schools : (s,) with the columns ``level`` and, for gravity, ``pupils``. A level not in ``GOING``
        (special schools, adults) gets nobody, nor does a school of 0 pupils by gravity.
    blocks : (h,) with the groups ``children 0-5`` and ``children 6-14`` as the levels ask.
    decay : the walk over which a school loses 63 % of its pull. An assumption of this project; try 3 and 10 min.

    Returns
    -------
    Trips of (s, h), estimated; only pairs with somebody. ``notes`` hold ``children``, those of the planned
        area at the ages of the levels, and ``without_school``, those of them with no school of theirs in the table.

    Raises
    ------
    ProblemError : an unknown level or way; the town does not count the children; schools that do not say
        their level, or for gravity their pupils. MisalignedError : other schools or homes.

    Source
    ------
    Production-constrained gravity: Wilson (1971), Environment and Planning 3:1-32.
    """
    pull = Duration.of(decay)
    faults = [*_faults_of_question(levels, how, pull, blocks), *_faults_of_schools(schools, levels, how)]
    for mine, theirs, of in (
        (times.origins, schools.ids, Sentence("schools")),
        (times.destinations, blocks.ids, Sentence("homes")),
    ):
        if len(mine) != len(theirs) or not bool((mine == theirs).all()):
            what = Sentence("trips and walks do not speak of the same {of} in the same order", of=of)
            raise MisalignedError(Fault("different-places", what, mend="make both from the same town"))
    if faults:
        raise ProblemError(faults)
    level = _level(schools)
    rows, columns = times.rows, times.columns.astype(np.int64)
    parts: list[tuple[Longs, Longs, Floats]] = []
    going, lost = 0.0, 0.0
    for name in dict.fromkeys(levels):
        group, part = GOING[name]
        children = np.asarray(blocks.groups[group], dtype=np.float64) * part
        pairs = np.flatnonzero((level == name)[rows])
        weight = _nearest(times, pairs) if how == "nearest" else _pull(times, pairs, schools, pull)
        total = np.bincount(columns[pairs], weights=weight, minlength=len(blocks))
        served = total > 0
        going += float(children[blocks.planned].sum())
        lost += float(children[blocks.planned & ~served].sum())
        kept = (weight > 0) & (children[columns[pairs]] > 0)
        pairs, weight = pairs[kept], weight[kept]
        at = columns[pairs]
        parts.append((rows[pairs], at, children[at] * (weight / total[at])))
    none = np.zeros(0, dtype=np.int64)
    return Trips(
        schools=schools.ids,
        homes=blocks.ids,
        school=np.concatenate([none, *(one for one, _, _ in parts)]).astype(np.int32),
        home=np.concatenate([none, *(one for _, one, _ in parts)]).astype(np.int32),
        persons=np.concatenate([np.zeros(0), *(one for _, _, one in parts)]),
        how=how,
        notes={
            "levels": ", ".join(levels),
            "decay_min": pull.minutes,
            "walk_min": times.limit.minutes,
            "children": going,
            "without_school": lost,
        },
    )


def _pull(times: TravelTimes, pairs: Longs, schools: Places, decay: Duration) -> Floats:
    if not len(pairs):
        return np.zeros(0)
    pupils = schools.table["pupils"].to_numpy(dtype=np.float64)
    return pupils[times.rows[pairs]] * np.exp(-times.deciseconds[pairs] / decay.deciseconds)


def _nearest(times: TravelTimes, pairs: Longs) -> Floats:
    """1 for the nearest school of each home, the first of equally near ones; 0 for the others."""
    order = np.lexsort((times.rows[pairs], times.deciseconds[pairs], times.columns[pairs]))
    home = times.columns[pairs][order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = home[1:] != home[:-1]
    weight = np.zeros(len(pairs))
    weight[order[first]] = 1.0
    return weight


def _level(schools: Places) -> Texts:
    if "level" not in schools.table.columns:  # only where there is no school at all
        return texts([""] * len(schools))
    named: Texts = schools.table["level"].astype(object).fillna("").astype(str).to_numpy(dtype=object)
    return named


def _faults_of_question(levels: tuple[str, ...], how: str, decay: Duration, blocks: Blocks) -> list[Fault]:
    faults = []
    if how not in WAYS:
        what = Sentence("children are not given to schools by {how!r}", how=how)
        faults.append(
            Fault("unknown-way-of-trips", what, mend=Sentence("use one of: {listed}", listed=", ".join(WAYS)))
        )
    if not decay.deciseconds:
        faults.append(Fault("bad-decay", "a decay of 0 min leaves no school any pull", mend='give one over 0: "5 min"'))
    strange = [name for name in levels if name not in GOING]
    if strange or not levels:
        what = Sentence("{listed} is no level of school", listed=", ".join(map(repr, strange)) or "''")
        faults.append(Fault("unknown-level", what, "levels", Sentence("use one of: {listed}", listed=", ".join(GOING))))
    groups = dict.fromkeys(GOING[name][0] for name in levels if name in GOING)
    missing = [group for group in groups if group not in blocks.groups]
    if missing:
        what = Sentence(
            "the town does not count {listed}, from whom trips to school are worked out", listed=", ".join(missing)
        )
        mend = "count them while the town is built, or give the trips themselves"
        faults.append(Fault("unknown-group", what, "groups of town.toml", mend, len(missing), missing[0]))
    return faults


def _faults_of_schools(schools: Places, levels: tuple[str, ...], how: str) -> list[Fault]:
    if not len(schools):
        return []
    if "level" not in schools.table.columns:
        return [
            Fault(
                "missing-column", "the schools do not say their level", "schools", "add a column level to the schools"
            )
        ]
    if how != "gravity":
        return []
    mine = np.isin(_level(schools), levels)
    if "pupils" in schools.table.columns:
        pupils = np.asarray(schools.table["pupils"].to_numpy(dtype=np.float64, na_value=np.nan))
    else:
        pupils = np.full(len(schools), np.nan)
    unknown: Bools = mine & ~np.isfinite(pupils)
    if not unknown.any():
        return []
    return [_unknown_pupils(schools, unknown, int(mine.sum()))]


def _unknown_pupils(schools: Places, unknown: AnyArray, total: int) -> Fault:
    return Fault(
        "pupils-not-known",
        Sentence("{count:,} of {total:,} schools do not say how many pupils they have", count=int(unknown.sum()), total=total),
        "column pupils of the schools",
        'give them, leave those schools out, or ask for how="nearest", which does not look at pupils',
        int(unknown.sum()),
        str(schools.ids[int(np.flatnonzero(unknown)[0])]),
    )  # fmt: skip
