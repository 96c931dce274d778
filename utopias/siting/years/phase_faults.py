"""Why a number of sites cannot be built with the budgets of these years: what is lacking, in which year, and how to mend it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.budgets import Budgets
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.siting.years.ledger import lacking, most_sites
from utopias.siting.years.yearly import Yearly

# Seconds that each small programme about a refusal may take.
SECONDS = 10.0


def faults_of_ledger(yearly: Yearly, budgets: Budgets, names: AnyArray | None = None) -> list[Fault]:
    """What can be seen without a search: empty where nothing speaks against a schedule yet.

    ``names`` are what the sites are called; their positions where None.
    """
    faults, free = [], yearly.median.free
    years = budgets.years
    if budgets.works_a_year is not None and yearly.number > budgets.works_a_year * yearly.years:
        least = -(-yearly.number // yearly.years)
        faults.append(
            Fault(
                "works-a-year-too-few",
                Sentence(
                    "{number} sites, and at most {most} works a year from {first} to {last}: that is {total}",
                    number=yearly.number,
                    most=budgets.works_a_year,
                    first=years[0],
                    last=years[-2],
                    total=budgets.works_a_year * yearly.years,
                ),
                "works_a_year",
                Sentence(
                    "allow {least} works a year, add years, or ask for fewer; no works begin in {last}, for their "
                    "equipment would have no budget",
                    least=least,
                    last=years[-1],
                ),
            )
        )
    limits = np.cumsum(yearly.limits) if yearly.carry else yearly.limits
    cheapest_works = float(yearly.works[free].min(initial=np.inf))
    if free.any() and cheapest_works > limits[:-1].max():
        faults.append(
            Fault(
                "budget-below-cheapest-works",
                Sentence(
                    "the works of the cheapest site cost {cost:,.0f}, and the largest budget up to {last} is {most:,.0f}",
                    cost=cheapest_works,
                    last=years[-2],
                    most=float(limits[:-1].max()),
                ),
                "budgets",
                "raise the budget of a year; let what is left be carried over, where the law allows it (--carry-over)",
            )
        )
        return faults
    payable = yearly.barred.reshape(len(free), -1)
    cheapest_equip = float(yearly.equip[free].min(initial=np.inf))
    if free.any() and payable.all() and not faults:
        bare = [years[t + 1] for t in range(yearly.years) if limits[t] >= cheapest_works]
        faults.append(
            Fault(
                "no-money-for-equipment",
                Sentence(
                    "no site could be equipped: the equipment of the cheapest costs {cost:,.0f}, to be paid in {listed}, "
                    "the year after works that could be paid",
                    cost=cheapest_equip,
                    listed=", ".join(map(str, bare)),
                ),
                "budgets",
                "give the year after the works money for equipment",
                count=len(bare),
                first=str(bare[0]) if bare else "",
            )
        )
    dear = np.flatnonzero(yearly.forced & payable.all(axis=1))
    if len(dear) and not payable.all():
        faults.append(
            Fault(
                "forced-never-paid",
                Sentence(
                    "the works and equipment of {count} sites that must be built can be paid in no year",
                    count=len(dear),
                ),
                "budgets",
                "raise the budget of a year and of the one after, or leave those sites out",
                count=len(dear),
                first=str(dear[0] if names is None else names[dear[0]]),
            )
        )
    return faults


def fault_of_lacking(yearly: Yearly, budgets: Budgets, *, proven: bool) -> Fault:
    """No schedule keeps the rules: how much money is lacking where, and how many sites could be had as it is."""
    most = most_sites(yearly, seconds=SECONDS)
    if not most:  # those that must be built, all the sites of a plan among them, cannot be: how many of them could
        most = most_sites(replace(yearly, forced=np.zeros_like(yearly.forced)), seconds=SECONDS)
    short = lacking(yearly, seconds=SECONDS)
    said = _told(short, budgets)
    helps = not yearly.carry and lacks_nothing(replace(yearly, carry=True))
    by_carrying = Sentence("; carrying over what a year leaves would be enough (--carry-over)") if helps else ""
    return Fault(
        "budgets-too-small" if proven else "no-schedule-found",
        Sentence("these budgets cannot build {number} sites: lacking, at least: {said}", number=yearly.number, said=said)
        if proven
        else Sentence("no schedule of {number} sites was found in time; it would do to add: {said}", number=yearly.number, said=said),
        "budgets",
        Sentence("add that money in those years, or ask for {most} sites{by_carrying}", most=most, by_carrying=by_carrying),
        count=1 if short is None else max(1, int((short > 0).sum())),
    )  # fmt: skip


def lacks_nothing(yearly: Yearly) -> bool:
    short = lacking(yearly, seconds=SECONDS)
    return short is not None and not short.any()


def _told(short: Floats | None, budgets: Budgets) -> str:
    if short is None or not short.any():
        return "-"
    return "; ".join(f"{year}: {money:,.0f}" for year, money in zip(budgets.years, short, strict=True) if money > 0)


def fault_of_phased_aim(aim: str) -> Fault | None:
    """Aims over years are those that are sums over people, and known by the recount."""
    if aim in PHASED:
        return None
    return Fault(
        "aim-not-phased",
        Sentence("the aim {aim!r} is not phased over years; {listed} are", aim=aim, listed=", ".join(PHASED)),
        "aim",
        "choose the sites by that aim, and order them by one of these: phase_plan(problem, plan, budgets, aim=...)",
    )


PHASED = ("cover-most", "least-walk")
