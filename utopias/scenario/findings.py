"""Everything a report says about one plan, computed once.

Needs only the plan and the tables it carries, so a plan read from its folder can be accounted
for as well as one just made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from utopias.costs import EQUIP_LIFE_YEARS, OWN_COST_RANGE, RATIO_YEARS, costs
from utopias.domain.arrays import Floats
from utopias.domain.catalogue import Module, read_catalogue
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.findings import Costs, Findings, Headline, Part, Source
from utopias.domain.land import Land
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.domain.robustness import Robustness
from utopias.domain.sentences import Sentence
from utopias.domain.study import Study
from utopias.equity import aversion_per_minute
from utopias.scenario.assumed import assumptions_of
from utopias.scenario.before_after import UNKNOWN, rows_by
from utopias.scenario.fairness import measures, weighting
from utopias.scenario.services import Offer, added_places, offer_of, supply
from utopias.scenario.sites import displaced_by, refused_sites, site_findings
from utopias.scenario.walks import Walks, cut_blocks, limit_of, planned_persons, study_of, walks_to

if TYPE_CHECKING:
    from utopias.siting.choose.reasons import Explanation
    from utopias.siting.question.problem import Problem

COST_TERMS = {
    "equip_life_years": EQUIP_LIFE_YEARS,
    "ratio_years": RATIO_YEARS,
    "own_low": OWN_COST_RANGE[0],
    "own_high": OWN_COST_RANGE[1],
}


def findings(
    problem: Problem | Study | None,
    plan: Plan,
    *,
    catalogue: Mapping[str, Module] | None = None,
    rates: Sequence[float] = (0.05, 0.10, 0.20),
    aversion: float = 1.0,
    robustness: Robustness | None = None,
    land: Land | None = None,
) -> Findings:
    """What ``plan`` means, for whom, at what cost, and what it rests on.

    Parameters
    ----------
    problem : the question, a study, or None to take the tables that the plan carries.
    catalogue : modules and their money; None is the one shipped with this program.
    rates : shares of a service's group that want a place once a week, each over 0 to 1; a single
        one counts as declared by the planner, several as a sweep.
    aversion : of the equal walk (Kolm-Pollak), 0 or more; a plan of fair-walk keeps that of its aim, and its kappa.
    robustness : None takes that of the plan.
    land : how the candidates were screened; None takes what findings the plan already has.

    Returns
    -------
    Findings. Persons are of the plan's group in the planned area unless a field says otherwise.
    ``need`` is empty where no need is known; areas stand by name. With nobody to plan for all
    parts are empty and every measure None.

    Raises
    ------
    ProblemError : no tables at all; a rate or an aversion that makes no sense; a limit longer than
        the table of times. All faults of the options at once.
    MisalignedError : the plan is not of these tables: other sites, or another value.
    """
    _refuse(rates, aversion)
    study = study_of(problem, plan)
    modules = read_catalogue() if catalogue is None else catalogue
    doubt = plan.robustness if robustness is None else robustness
    limit, chosen = limit_of(plan, study)
    opened = (*plan.fixed, *plan.sites)
    before, after = walks_to(study, plan.fixed, limit), walks_to(study, opened, limit)
    headline = _headline(study, before, after, limit)
    offer = offer_of(study, modules)
    told = _explained(problem, study, plan, limit)
    gone = sorted(set(displaced_by(study, plan.sites).values()))
    served, served_as = supply(study, offer, limit, today=plan.fixed, opened=opened, displaced=gone, rates=rates)
    money = _costs(study, plan, modules, offer, headline.gain)
    need = _parts("need", study, before, after)
    kappa = aversion_per_minute(before.charged, planned_persons(study), aversion)
    if "kappa" in plan.terms:  # the aim's own, so that the report has one equal walk and not two
        aversion, kappa = float(plan.terms["aversion"]), float(plan.terms["kappa"])
    return Findings(
        town=str(study.town.get("name", "")),
        made_up=bool(study.town.get("made_up", False)),
        headline=headline,
        groups=_parts("group", study, before, after),
        need=[] if all(part.part == UNKNOWN["need"] for part in need) else need,
        areas=_parts("area", study, before, after),
        equity=measures(study, before, after, limit, aversion=aversion, kappa=kappa),
        sites=site_findings(study, plan, limit, told, offer, doubt),
        refused=refused_sites(study, told),
        supply=served,
        costs=money,
        weighting=weighting(study),
        assumptions=assumptions_of(
            study,
            limit,
            chosen_limit=chosen,
            headline=headline,
            before=before,
            after=after,
            kappa=kappa,
            aversion=aversion,
            costs=money,
            cost_terms=COST_TERMS,
            supply=served_as,
            robustness=doubt,
        ),
        sources=[Source(**source) for source in study.town.get("sources", ())],
        labels={
            str(one["id"]): {str(language): str(label) for language, label in one["labels"].items()}
            for one in (*study.town.get("groups", ()), *study.town.get("indicators", ()))
        },
        land=plan.findings.land if land is None and plan.findings is not None else land,
    )


def _explained(question: Problem | Study | None, study: Study, plan: Plan, limit: Duration) -> Explanation | None:
    """What each site is worth, by the question itself or by the same one put again from the tables.

    None where nobody weighs anything: there is no question then, and nothing to tell.
    """
    from utopias.siting.choose.explain import explain  # here: comparing two saved plans needs no solver
    from utopias.siting.question.problem import Problem

    if not study.blocks["weight"].any():
        return None
    if not isinstance(question, Problem) or question.study is not study:
        question = Problem.from_study(
            study,
            open=plan.open,
            budget=plan.budget,
            forced=plan.forced,
            forbidden=plan.forbidden,
            beyond=plan.beyond,
            single_source=plan.single_source,
        )
    return explain(question, plan.with_(within=limit))


def _headline(study: Study, before: Walks, after: Walks, limit: Duration) -> Headline:
    persons = planned_persons(study)
    group = str(study.town.get("group", "all"))
    cut = cut_blocks(study, limit)

    def sum_of(mask: np.ndarray, counted: Floats = persons) -> float:
        return float(counted[mask].sum())

    return Headline(
        group=group,
        estimated_group=_is_estimated(study, group),
        within_minutes=limit.minutes,
        people=float(persons.sum()),
        before=sum_of(before.within),
        after=sum_of(after.within),
        gain=sum_of(after.within & ~before.within),
        loss=sum_of(before.within & ~after.within),
        before_low=sum_of(before.within),
        before_high=sum_of(before.within | cut),
        after_low=sum_of(after.within),
        after_high=sum_of(after.within | cut),
        cut_people=sum_of(cut),
        apart=sum_of(study.blocks["apart"].to_numpy(dtype=bool)),
        estimated_times=study.times.estimated,
    )


def _parts(by: str, study: Study, before: Walks, after: Walks) -> list[Part]:
    return [Part(**row, estimated=_is_estimated(study, row["part"])) for row in rows_by(by, study, before, after)]


def _is_estimated(study: Study, group: str) -> bool:
    return any(one["id"] == group and one.get("estimated", False) for one in study.town.get("groups", ()))


def _costs(study: Study, plan: Plan, catalogue: Mapping[str, Module], offer: Offer, gain: float) -> Costs | None:
    """Money of the new sites; None where the plan opens none."""
    if not plan.sites:
        return None
    sites = study.places.iloc[list(plan.sites)]
    services = {
        str(study.places["place_id"].iloc[site]): [str(service) for service in offer.service[offer.place == site]]
        for site in plan.sites
    }
    return costs(
        sites[["place_id", "cost"]],
        services,
        catalogue,
        added_people=gain,
        added_places=added_places(offer, plan.sites),
        currency=str(study.town.get("currency", "")),
    )


def _refuse(rates: Sequence[float], aversion: float) -> None:
    faults = []
    if not rates or not all(0 < rate <= 1 for rate in rates):
        faults.append(
            Fault(
                code="bad-rate",
                what=Sentence("{list} are no shares of a group that wants a place a week", list=list(rates)),
                where="rates",
                mend="give one share or more, each over 0 and up to 1: (0.05, 0.10, 0.20)",
            )
        )
    if not np.isfinite(aversion) or aversion < 0:
        faults.append(
            Fault(
                "bad-aversion",
                Sentence("{aversion} is not an aversion of 0 or more", aversion=aversion),
                "aversion",
                "1 is usual",
            )
        )
    if faults:
        raise ProblemError(faults)
