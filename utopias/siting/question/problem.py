"""The question a planner asks: where to open how many, or for how much money, for whom.

A ``Problem`` is plain arrays: it has never heard of streets, and an aim is put to it only when
it is solved. For a town it also carries the tables it was made from, so that a plan can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from utopias.domain.arrays import AnyArray, Floats, Ints, Longs, frozen
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.domain.study import Study
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.siting.question import given
from utopias.siting.question.faults import faults_of_question, faults_of_size, raise_all
from utopias.siting.question.pairs import Pairs, pairs_of_costs, pairs_of_coverage, sorted_pairs
from utopias.siting.question.points import read
from utopias.siting.question.town_study import study_of_town

DECISECONDS_A_MINUTE = 600.0


@dataclass(frozen=True, eq=False)
class Problem:
    """(n,) demand places by (m,) sites, and what is given.

    pairs : who can be served where, at which cost a unit of weight; rows sorted by cost, then site.
    weights : (n,) finite, 0 or more; what an aim counts.
    open : exact number of NEW sites (fixed not counted, forced counted), or None. budget : money for
        the new sites, or None; ``site_costs`` (m,) is then known for every candidate.
    fixed : open whatever happens. forced : new, and must be chosen. forbidden : may not be.
    beyond : cost charged where no open site reaches; None: every place of weight must be reached.
    kind : "costs", or "coverage" where only who covers whom is known.
    unit : how many units of ``costs`` make one of a plan's value (600 deciseconds a minute; else 1).
    study : the tables of a town, or None.
    row_of : (customers,) which demand place each customer was gathered into; None where none were.
    capacities : (m,) persons each site has room for, inf for no limit; None: no place fills up.
    single_source : each demand place goes to one site as a whole, or is left out as a whole.
    loads : (n,) persons who take room; None: the weights.
    """

    pairs: Pairs
    weights: Floats
    open: int | None
    fixed: tuple[int, ...] = ()
    forced: tuple[int, ...] = ()
    forbidden: tuple[int, ...] = ()
    site_costs: Floats | None = None
    budget: float | None = None
    beyond: float | None = None
    kind: str = "costs"
    unit: float = 1.0
    study: Study | None = None
    row_of: Ints | None = None
    capacities: Floats | None = None
    single_source: bool = False
    loads: Floats | None = None

    def __post_init__(self) -> None:
        names = None if self.study is None else self.study.places["place_id"].to_numpy()
        raise_all(
            faults_of_question(
                demand_places=self.pairs.places,
                sites=self.pairs.sites,
                weights=self.weights,
                open=self.open,
                fixed=self.fixed,
                forced=self.forced,
                forbidden=self.forbidden,
                site_costs=self.site_costs,
                budget=self.budget,
                beyond=self.beyond,
                names=names,
            )
        )
        object.__setattr__(self, "weights", frozen(self.weights))

    @property
    def shape(self) -> tuple[int, int]:
        """Demand places, sites."""
        return self.pairs.places, self.pairs.sites

    @cached_property
    def candidates(self) -> Longs:
        """The sites that may be chosen: neither fixed nor forbidden, ascending; read only."""
        keep = np.ones(self.pairs.sites, dtype=bool)
        keep[list(self.fixed + self.forbidden)] = False
        chosen: Longs = np.flatnonzero(keep)
        chosen.flags.writeable = False
        return chosen

    @classmethod
    def from_costs(
        cls,
        costs: Any,
        weights: AnyArray | Sequence[float],
        *,
        open: int | None = None,
        fixed: Sequence[int] = (),
        forced: Sequence[int] = (),
        forbidden: Sequence[int] = (),
        site_costs: AnyArray | Sequence[float] | None = None,
        budget: float | None = None,
        capacities: AnyArray | Sequence[float] | None = None,
        single_source: bool = False,
        beyond: float | None = None,
    ) -> Problem:
        """A question over any table of costs.

        Parameters
        ----------
        costs : (demand, sites) per unit of weight, 0 or more. Dense with inf where a site cannot
            serve, or scipy.sparse, where stored entries count, also a stored 0, and absence is
            "not reachable".
        weights : (demand,) finite, 0 or more.
        open, budget : at least one of the two. site_costs : (sites,); NaN is "not known".
        capacities : (sites,) weight each site can serve, inf for no limit; a place may be split among sites,
            unless ``single_source``. Aims: cover-most, least-walk, least-cost.

        Raises
        ------
        ProblemError : all faults at once. InfeasibleError : the budget cannot pay what is asked.
        """
        pairs, faults = pairs_of_costs(costs)
        room, wrong = given.capacity(capacities, single_source, pairs.sites)
        wrong += given.misnamed(costs, {"weights": weights}, {"site_costs": site_costs, "capacities": capacities})
        return cls._made(
            pairs, faults + wrong, weights, open, fixed, forced, forbidden, site_costs, budget,
            beyond=beyond, kind="costs", capacities=room, single_source=single_source,
        )  # fmt: skip

    @classmethod
    def from_coverage(
        cls,
        covered: Any,
        weights: AnyArray | Sequence[float],
        *,
        open: int | None = None,
        fixed: Sequence[int] = (),
        forced: Sequence[int] = (),
        forbidden: Sequence[int] = (),
        site_costs: AnyArray | Sequence[float] | None = None,
        budget: float | None = None,
    ) -> Problem:
        """A question where only who covers whom is known; for the covering aims.

        ``covered`` is (demand, sites): booleans, numbers with inf for "does not cover", or
        scipy.sparse, where a stored entry covers, also a stored 0. The rest as in ``from_costs``.
        """
        pairs, faults = pairs_of_coverage(covered)
        faults += given.misnamed(covered, {"weights": weights}, {"site_costs": site_costs})
        return cls._made(
            pairs, faults, weights, open, fixed, forced, forbidden, site_costs, budget, beyond=None, kind="coverage"
        )

    @classmethod
    def from_points(
        cls,
        customers: Any,
        weights: AnyArray | Sequence[float],
        sites: Any,
        *,
        within: float,
        open: int | None = None,
        fixed: Sequence[int] = (),
        forced: Sequence[int] = (),
        forbidden: Sequence[int] = (),
        site_costs: AnyArray | Sequence[float] | None = None,
        budget: float | None = None,
    ) -> Problem:
        """A covering question over points of a plane, ten million as well as ten; for the covering aims.

        Parameters
        ----------
        customers, sites : (n, 2), (m, 2) x and y, one unit, no degrees. weights : (n,) finite, 0 or more.
        within : the radius in that unit. A customer exactly at it is within: dx * dx + dy * dy <= within * within.

        Returns
        -------
        A problem whose demand places are not the customers but the different sets of sites that cover some, with
        their weights summed: ``row_of`` (n,) tells which is whose. A plan's ``assignment`` and ``multipliers`` have one
        number a set (the covering open site of the lowest index; -1: none); ``of_customers(plan.assignment)`` has
        one a customer. The witness recounts the plan over the sets. No table of all pairs is made.

        Raises
        ------
        ProblemError : all faults at once. InfeasibleError : the budget cannot pay what is asked.
        """
        found, faults = read(customers, weights, sites, within)
        rest: dict[str, Any] = {"beyond": None, "kind": "coverage", "row_of": frozen(found.row_of)}
        return cls._made(found.pairs, faults, found.weights, open, fixed, forced, forbidden, site_costs, budget, **rest)

    def of_customers(self, values: AnyArray) -> AnyArray:
        """(customers,) what ``values`` (demand places,) says of each customer the problem was made from."""
        return values if self.row_of is None else np.asarray(values)[self.row_of]

    @classmethod
    def for_town(
        cls,
        town: Town,
        times: TravelTimes,
        *,
        demand: str | Demand = "all",
        open: int | None = None,
        budget: float | None = None,
        forced: Sequence[str | int] = (),
        forbidden: Sequence[str | int] = (),
        weigh_by: str | None = None,
        index_weights: Mapping[str, float] | None = None,
        capacities: Mapping[str, float] | None = None,
        single_source: bool = False,
    ) -> Problem:
        """The question of a town: its fixed units given, its sites to choose from.

        Parameters
        ----------
        times : from ``town.blocks`` to at least the fixed units and the sites.
        demand : a group the town counts, or a Demand over its blocks.
        forced, forbidden : place ids, or positions among the problem's sites (fixed units first).
        weigh_by : None counts persons; "need" multiplies them by the need index.
        index_weights : indicator id -> weight, in place of those in town.toml.
        capacities : place id -> persons of the group it has room for, for every fixed unit and site that may open;
            one that is not named has room for nobody. single_source : a block goes to one place as a whole.
            People of the surroundings, whom the plan does not count, take no room in it.

        A block without a way to any place (``apart`` in the study) has weight 0. Demand that no open
        site reaches in the table is charged the table's limit by the aims over distance.

        Raises
        ------
        MisalignedError : the times are of other places. ProblemError : every other fault, at once;
        ``group-in-index`` where an indicator of the index counts the demanded group again.
        """
        study, faults = study_of_town(town, times, demand, weigh_by, index_weights)
        if capacities is not None:
            faults += given.rooms_into(study, capacities)
        return cls._of_study(study, faults, open, budget, forced, forbidden, None, single_source)

    @classmethod
    def from_study(
        cls,
        study: Study,
        *,
        open: int | None = None,
        budget: float | None = None,
        forced: Sequence[str | int] = (),
        forbidden: Sequence[str | int] = (),
        beyond: float | None = None,
        single_source: bool = False,
    ) -> Problem:
        """The question put again from the tables that a plan carries: its sites, weights, costs and charges.

        ``beyond`` : deciseconds charged where no open site reaches; None is the limit of the times. The
        rest as in ``for_town``. A plan's own question is ``from_study(plan.study, open=plan.open, ...)``.
        """
        return cls._of_study(study, [], open, budget, forced, forbidden, beyond, single_source)

    @classmethod
    def _of_study(
        cls,
        study: Study,
        faults: list[Fault],
        open: int | None,
        budget: float | None,
        forced: Sequence[str | int],
        forbidden: Sequence[str | int],
        beyond: float | None,
        single_source: bool,
    ) -> Problem:
        """Fixed units and candidates are the sites; providers, who stand after them, serve in no aim."""
        role = study.places["role"].to_numpy()
        sites = int((role != "provider").sum())
        position = {key: i for i, key in enumerate(study.places["place_id"].tolist()[:sites])}
        kept = study.times.columns < sites
        pairs = sorted_pairs(
            study.times.rows[kept],
            study.times.columns[kept],
            study.times.deciseconds[kept],
            (len(study.blocks), sites),
        )
        return cls._made(
            pairs,
            faults,
            study.blocks["weight"].to_numpy(dtype=float),
            open,
            np.flatnonzero(role == "fixed").tolist(),
            given.positions(forced, position, "forced", faults),
            given.positions(forbidden, position, "forbidden", faults),
            study.places["cost"].to_numpy(dtype=float)[:sites],
            budget,
            beyond=float(study.times.limit.deciseconds) if beyond is None else beyond,
            kind="costs",
            unit=DECISECONDS_A_MINUTE,
            study=study,
            capacities=None if "room" not in study.places else study.places["room"].to_numpy(dtype=float)[:sites],
            single_source=single_source,
            loads=np.where(study.blocks["weight"] > 0, study.blocks["persons"], 0.0).astype(float),
        )

    @classmethod
    def _made(
        cls,
        pairs: Pairs,
        faults: list[Fault],
        weights: AnyArray | Sequence[float],
        open: int | None,
        fixed: Sequence[int],
        forced: Sequence[int],
        forbidden: Sequence[int],
        site_costs: AnyArray | Sequence[float] | None,
        budget: float | None,
        **rest: Any,
    ) -> Problem:
        """Gather the faults of the table with those of the question, then make the problem."""
        people = given.numbers(weights, "weights", faults)
        asked: dict[str, Any] = {
            "weights": np.ones(pairs.places) if people is None else people,
            "open": given.whole(open, faults),
            "fixed": given.indices(fixed, "fixed", faults),
            "forced": given.indices(forced, "forced", faults),
            "forbidden": given.indices(forbidden, "forbidden", faults),
            "site_costs": None if site_costs is None else given.numbers(site_costs, "site_costs", faults),
            "budget": given.amount(budget, "bad-budget", "budget", faults),
        }
        rest["beyond"] = given.amount(rest.get("beyond"), "bad-beyond", "beyond", faults)
        faults += faults_of_size(
            pairs.largest, **{key: asked[key] for key in ("weights", "site_costs")}, beyond=rest["beyond"]
        )
        if faults:
            readable = pairs.sites > 0
            more = faults_of_question(
                demand_places=pairs.places,
                sites=pairs.sites,
                beyond=rest.get("beyond"),
                names=None if rest.get("study") is None else rest["study"].places["place_id"].to_numpy(),
                **asked,
            )
            told = {fault.code for fault in faults}
            told |= {"zero-weight"} if "all-apart" in told else set()  # that one says why
            told |= {"no-site-costs"} if "no-numbers" in told else set()
            raise_all([*faults, *(f for f in more if f.code not in told)] if readable else faults)
        return cls(pairs=pairs, **asked, **rest)


def must_be_a_problem(given: object) -> None:
    """Raise ProblemError where a table, a town or anything else stands in the place of a problem."""
    if not isinstance(given, Problem):
        raise ProblemError(
            Fault(
                "no-problem",
                Sentence("what is given to solve is of the type {type}, not a Problem", type=type(given).__name__),
                "problem",
                "make one first: Problem.from_costs(table, weights, open=5), from_coverage, from_points or for_town",
            )
        )
