"""Access on the way: a unit between school and home, beside a unit near home.

Whoever fetches a child from school does not set out from home. What counts is how much longer the way
home becomes by way of a unit, and whether both are home within the window that the day leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.access.chain_join import Least, bytes_of, least_by_way
from utopias.access.chain_walks import ChainWalks
from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs, frozen
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.quantities import Duration, Persons
from utopias.domain.sentences import Sentence
from utopias.domain.trips import Trips


@dataclass(frozen=True, eq=False)
class Chained:
    """What each trip gains by a unit on the way, and how that crosses access from home. Times in whole deciseconds.

    unit : (t,) the unit with the least detour (position in ``walks.units``), -1 where none is within the walks.
    walk : (t,) school to unit to home by it; direct : (t,) school to home; extra : (t,) what the detour adds.
        -1 where not known. in_window : (t,) home in time, with the stay. on_the_way : (t,) and ``extra`` at most.
    persons : (t,) people of the demand on each trip, of planned homes only; near_trip : (t,) a unit is within of its home.
    both, only_from_home, only_on_the_way, neither : persons; they add up to ``total``.
    without_trip : persons of the demand (in the four above) from whose home nobody goes to a school.
    home_too_late : persons on trips whose straight way home alone is over the window's walk, or unknown.
    bytes_stated : what the join took at its height, as said before it began.
    by_unit : (m,) persons for whom the unit is on the way and adds least.
    """

    unit: Longs
    walk: Longs
    direct: Longs
    extra: Longs
    in_window: Bools
    on_the_way: Bools
    persons: Floats
    near_trip: Bools
    both: Persons
    only_from_home: Persons
    only_on_the_way: Persons
    neither: Persons
    without_trip: Persons
    home_too_late: Persons
    by_unit: Floats
    group: str
    stay: Duration
    window: Duration
    most_extra: Duration
    within: Duration
    bytes_stated: int
    estimated: bool

    def __post_init__(self) -> None:
        for name in ("unit", "walk", "direct", "extra", "in_window", "on_the_way", "persons", "near_trip", "by_unit"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __repr__(self) -> str:
        told = ", estimated" if self.estimated else ""
        return (
            f"<Chained {self.group!r}{told}: of {float(self.total):,.0f}, {float(self.from_home):,.0f} have a unit within "
            f"{self.within} of home, {float(self.by_chain):,.0f} one at most {self.most_extra} out of the way from school>"
        )

    @property
    def from_home(self) -> Persons:
        """Persons with a unit within ``within`` of home."""
        return Persons(float(self.both) + float(self.only_from_home))

    @property
    def by_chain(self) -> Persons:
        """Persons with a unit on the way from school."""
        return Persons(float(self.both) + float(self.only_on_the_way))

    @property
    def total(self) -> Persons:
        """Everybody of the demand in the planned area."""
        return Persons(sum(map(float, (self.both, self.only_from_home, self.only_on_the_way, self.neither))))

    @property
    def home_in_time(self) -> Persons:
        """Persons with any unit that lets them be home within the window, whatever it adds."""
        return Persons(float(self.persons[self.in_window].sum()))

    def on_the_way_within(self, extra: str | Duration) -> tuple[Persons, Persons]:
        """Persons with a unit in the window that adds at most ``extra``, and those of them with none near home.

        A unit ``m`` minutes from home adds at most 2 m where ways are as long back as there and homes have one
        door, as blocks do: a walk to it and home again. So compare access from home within 15 min with an ``extra`` of 30 min.
        """
        on = self.in_window & (self.extra >= 0) & (self.extra <= Duration.of(extra).deciseconds)
        return Persons(float(self.persons[on].sum())), Persons(float(self.persons[on & ~self.near_trip].sum()))

    def extra_of_share(self, share: float) -> Duration | None:
        """What the detour adds at most for ``share`` of those who can be home in time; None where nobody can."""
        on = self.in_window & (self.persons > 0)
        if not on.any():
            return None
        order = np.argsort(self.extra[on], kind="stable")
        running = np.cumsum(self.persons[on][order])
        at = min(int(np.searchsorted(running, share * running[-1])), len(running) - 1)
        return Duration(int(self.extra[on][order][at]))


def chained(
    walks: ChainWalks,
    trips: Trips,
    demand: Demand,
    *,
    stay: str | Duration,
    window: str | Duration,
    extra: str | Duration = "10 min",
    within: str | Duration = "15 min",
    rounding: str | Duration = "0.1 s",
    memory: int | None = None,
) -> Chained:
    """Find the unit least out of the way between school and home, for everybody who fetches a child.

    For a trip from school s to home h and a unit u: walk = t(s, u) + t(u, h), extra = walk - t(s, h). The
    two are home in time when walk + stay is at most the window; exactly at it is in time.

    Parameters
    ----------
    walks : the four tables; (s,) schools and (h,) homes of ``trips``, in its order.
    trips : (t,) who goes from which school to which home.
    demand : (h,) the people who are counted, at their homes. Those of a home are shared over its trips as
        its children are: every one of them is taken to fetch a child as the children of the block go to
        school. ``trips.from_home(planned)`` counts the children themselves.
    stay : at the unit. window : from leaving school to being home. extra : how much longer than straight
        home a unit may make the walk, and still be on the way. within : from home to a unit.
    rounding : how coarsely the tables are rounded. By so much a detour may come out shorter than the way
        straight home; it then adds 0.

    Returns
    -------
    Chained. Nothing is guessed beyond the tables: where they end before the window does, the question is refused.

    Raises
    ------
    ProblemError : the window is shorter than the stay; demand of another origin; a table too short for the
        window; a detour shorter than the way straight home (``not-shortest``: the tables do not fit together).
    MisalignedError : other schools or homes. TooLargeError : it would not fit.

    Source
    ------
    Detours between two fixed stops of a day: the time-space prism of Hägerstrand (1970), Papers of the
    Regional Science Association 24:7-21; here of walks on one network, with whole deciseconds.
    """
    halt, day, most = Duration.of(stay), Duration.of(window), Duration.of(extra)
    near, coarse = Duration.of(within), Duration.of(rounding)
    _must_fit_together(walks, trips, demand, halt, day, near)
    leg = day.deciseconds - halt.deciseconds
    horizon = min(walks.to_door.limit.deciseconds, walks.from_door.limit.deciseconds)
    beside = len(walks.straight_home.columns)
    found = least_by_way(
        walks.to_door, walks.from_door, trips.school, trips.home, limit=horizon, beside=beside, memory=memory
    )
    direct = _straight(walks, trips.school, trips.home)
    extra_walk = _extra(found, direct, walks, trips, coarse=coarse.deciseconds, leg=leg)

    in_window = (found.deciseconds >= 0) & (found.deciseconds <= leg)
    on_the_way = in_window & (extra_walk >= 0) & (extra_walk <= most.deciseconds)
    unit = np.where(found.door >= 0, walks.doors_unit[found.door], -1) if len(walks.doors_unit) else found.door
    counted = np.where(demand.planned, demand.persons, 0.0)
    children = trips.by_home
    share = np.divide(trips.persons, children[trips.home], out=np.zeros(len(trips)), where=children[trips.home] > 0)
    persons = counted[trips.home] * share
    near_home = walks.from_home.within(near).any_unit()
    alone = children == 0
    home, out = near_home[trips.home], ~on_the_way

    def of(trip: Bools, block: Bools) -> Persons:
        return Persons(float(persons[trip].sum()) + float(counted[alone & block].sum()))

    nowhere = np.zeros(len(counted), dtype=bool)
    return Chained(
        unit=unit.astype(np.int64),
        walk=found.deciseconds,
        direct=direct,
        extra=extra_walk,
        in_window=in_window,
        on_the_way=on_the_way,
        persons=persons,
        near_trip=home,
        both=of(home & on_the_way, nowhere),
        only_from_home=of(home & out, near_home),
        only_on_the_way=of(~home & on_the_way, nowhere),
        neither=of(~home & out, ~near_home),
        without_trip=Persons(float(counted[alone].sum())),
        home_too_late=Persons(float(persons[(direct < 0) | (direct > leg)].sum())),
        by_unit=np.bincount(
            unit[on_the_way].astype(np.int64), weights=persons[on_the_way], minlength=len(walks.units)
        ).astype(np.float64),
        group=demand.group,
        stay=halt,
        window=day,
        most_extra=most,
        within=near,
        bytes_stated=bytes_of(len(trips), len(walks.from_door.columns) + beside, len(walks.doors_unit)),
        estimated=walks.estimated or trips.estimated or demand.estimated,
    )


def _straight(walks: ChainWalks, school: Ints, home: Ints) -> Longs:
    """(t,) deciseconds straight home of each trip, -1 where the table does not reach so far."""
    table = walks.straight_home
    h = len(table.destinations)
    key = table.rows * h + table.columns
    order = np.arange(len(key))
    if len(key) and not bool((key[1:] > key[:-1]).all()):  # tables of others need not rise in their rows
        order = np.argsort(key, kind="stable")
    asked = school.astype(np.int64) * h + home
    at = np.searchsorted(key, asked, sorter=order)
    there = at < len(key)
    there[there] = key[order[at[there]]] == asked[there]
    direct = np.full(len(school), -1, dtype=np.int64)
    direct[there] = table.deciseconds[order[at[there]]]
    return direct


def _extra(found: Least, direct: Longs, walks: ChainWalks, trips: Trips, *, coarse: int, leg: int) -> Longs:
    """(t,) what the detour adds, -1 where not known; refuses tables that do not fit together."""
    end = walks.straight_home.limit.deciseconds
    known = found.deciseconds >= 0
    least = np.where(direct < 0, end + 1, direct)  # an absent way straight home is over its table's limit
    short = known & (least - found.deciseconds > coarse)
    faults = []
    if short.any():
        worst = int(np.argmax(np.where(short, least - found.deciseconds, -1)))
        faults.append(
            Fault(
                "not-shortest",
                Sentence(
                    "{count:,} of {t:,} trips are shorter by way of a unit than straight home, one by {by}",
                    count=int(short.sum()), t=len(direct), by=Duration(int(least[worst] - found.deciseconds[worst])),
                ),
                "walks between schools, units and homes",
                "make the tables from one network for one walker; for tables in whole minutes say rounding=\"1 min\"",
                int(short.sum()),
                Sentence("{one} to {other}", one=trips.schools[trips.school[worst]], other=trips.homes[trips.home[worst]]),
            )
        )  # fmt: skip
    blind = known & (direct < 0) & (found.deciseconds > end) & (found.deciseconds <= leg)
    if blind.any():
        faults.append(
            Fault(
                "limit-beyond-table",
                Sentence(
                    "the walks straight home end at {end}, and {count:,} of {t:,} trips can be home in time beyond it",
                    end=Duration(end), count=int(blind.sum()), t=len(direct),
                ),
                mend=Sentence('compute them again with within="{limit}" or more', limit=Duration(leg)),
                count=int(blind.sum()),
            )
        )  # fmt: skip
    if faults:
        raise ProblemError(faults)
    return np.where(known & (direct >= 0), np.maximum(found.deciseconds - direct, 0), np.where(known & (found.deciseconds <= end), 0, -1))  # fmt: skip


def _must_fit_together(
    walks: ChainWalks, trips: Trips, demand: Demand, stay: Duration, window: Duration, near: Duration
) -> None:
    demand.must_start_at("home")
    demand.must_match(walks.homes)
    for mine, theirs, of in (
        (trips.schools, walks.schools, Sentence("schools")),
        (trips.homes, walks.homes, Sentence("homes")),
    ):
        if not _same(mine, theirs):
            raise MisalignedError(
                Fault(
                    "different-places",
                    Sentence("trips and walks do not speak of the same {of} in the same order", of=of),
                    mend="make both from the same town",
                )
            )
    if window < stay:
        raise ProblemError(
            Fault(
                "window-under-stay",
                Sentence("a window of {window} does not hold a stay of {stay}", window=window, stay=stay),
                "window",
                "the window is the time between leaving school and being home: the stay and all walks",
            )
        )
    leg = Duration(window.deciseconds - stay.deciseconds)
    walks.to_door.must_reach(leg)
    walks.from_door.must_reach(leg)
    walks.from_home.must_reach(near)


def _same(one: AnyArray, other: AnyArray) -> bool:
    return len(one) == len(other) and bool((one == other).all())
