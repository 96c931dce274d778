"""An aim's terms made exact by the problem it is put to: the limit, the curve, kappa, the price of a walk.

Terms that make no sense in any problem are refused in ``terms``; here those that make none in this one.
"""

from __future__ import annotations

from math import inf, isfinite
from typing import Any

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.decay import Decay, said_bare, zones
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.question.charges import Charge, Covered, Equal, Graded, Poor
from utopias.siting.question.faults import listed_sites
from utopias.siting.question.pairs import Pairs, distinct
from utopias.siting.question.problem import Problem
from utopias.siting.question.terms import ENDS_AT_LIMIT, faults_of_terms, plain_terms, unreadable

Within = str | Duration | float | None
# e to this, times every person on earth, is still a number with all its digits (the kernels' own end is 1e300).
LARGEST_EXPONENT = 600.0
# A share of the sum that is charged whatever opens: above it, what is left keeps too few digits to tell plans apart.
UNAVOIDABLE = 1.0 - 1e-6
# Aims that name the limit in what they count.
LIMITED = ("cover-most", "least-poverty", "cover-all", "cover-twice")
NEED_COSTS = (
    "least-walk",
    "fair-walk",
    "least-poverty",
    "cover-gradually",
    "least-cost",
    "smallest-worst",
    "worst-first",
)


def charge_of(problem: Problem, aim: Aim, within: Within) -> tuple[Charge, dict[str, Any]]:
    """What the aim charges in this problem, and its terms with what they came to.

    Told beside the aim's own terms: ``kappa`` of fair-walk (a unit of the value: a minute in a town), the ``limit`` of
    cover-most and the ``line`` of least-poverty over bare costs, and the ``decay`` of cover-gradually as it was read, with its end.

    Raises
    ------
    ProblemError : terms or a limit that make no sense, alone or here; an aim that needs costs.
    """
    if faults := faults_of_terms(aim) + faults_in(problem, aim):
        raise ProblemError(faults)
    limit = limit_of(problem, aim.name, within, aim.terms.get("decay") in ENDS_AT_LIMIT)
    beyond = inf if problem.beyond is None else problem.beyond
    total, unit, told = float(problem.weights.sum()), problem.unit, plain_terms(aim)
    if aim.name == "cover-most":
        return Covered(beyond, total, limit=inf if limit is None else limit), told | bare_limit(problem, limit)
    if aim.name == "fair-walk":
        kappa = kappa_of(problem, float(aim.terms["aversion"]))
        return Equal(beyond, total, unit, kappa=kappa), told | {"kappa": kappa * unit}
    if aim.name == "least-poverty":
        assert limit is not None
        told |= {} if problem.study is not None else {"line": limit}
        return Poor(beyond, total, line=limit, severity=int(aim.terms["severity"])), told
    if aim.name == "least-cost":
        hourly = float(aim.terms["value_of_time"])
        return Charge(beyond, total, rate=hourly / (60.0 * unit) if problem.study is not None else 1.0), told
    if aim.name == "cover-gradually":
        return _graded(problem, str(aim.terms["decay"]), limit, beyond, total, told)
    return Charge(beyond, total, unit), told


def faults_in(problem: Problem, aim: Aim) -> list[Fault]:
    """What this aim asks of a problem beside its walks: for least-cost the price of time, and of every site.

    A decay is written with units in a town, and without over bare costs.
    """
    written = str(aim.terms.get("decay", "flat"))
    if written not in ENDS_AT_LIMIT and (error := unreadable(written, problem.study is None)) is not None:
        return list(error.faults)
    if aim.name != "least-cost":
        return []
    faults, hourly = [], aim.terms["value_of_time"]
    if problem.study is not None and hourly == 0:
        what = "walks in minutes and sites in money do not add up without a price of time"
        mend = "say what an hour of walking costs, times the trips of the years that a site's cost stands for"
        faults.append(Fault("no-value-of-time", what, "value_of_time", mend))
    if problem.study is None and hourly != 0:
        what = "bare costs have no hours: they are taken as money already"
        faults.append(Fault("value-of-bare-costs", what, "value_of_time", "leave it out, and give costs in money"))
    if problem.site_costs is None:
        what = "least-cost adds the cost of each site, and none is given"
        return [*faults, Fault("no-site-costs", what, "site_costs", "give what each site costs")]
    prices = problem.site_costs[problem.candidates]
    unpriced = problem.candidates[~(np.isfinite(prices) & (prices >= 0))]
    if len(unpriced):
        names = None if problem.study is None else problem.study.places["place_id"].to_numpy()
        faults.append(
            Fault(
                code="site-cost-not-known",
                what=Sentence(
                    "{count} of {total} candidate sites have no cost of 0 or more; least-cost adds the cost of each",
                    count=len(unpriced),
                    total=len(prices),
                ),
                where="site_costs",
                mend=Sentence(
                    "find their cost, or leave them out (--forbidden, once for each): {listed}",
                    listed=listed_sites(unpriced, names),
                ),
                count=len(unpriced),
                first=str(unpriced[0] if names is None else names[unpriced[0]]),
            )
        )
    return faults


def limit_of(problem: Problem, aim: str, within: Within, asked: bool = False) -> float | None:
    """The limit in the problem's unit of cost; None where the aim or the problem has none.

    ``asked`` : the terms of the aim ask for it (a curve that ends there).
    """
    limited = aim in LIMITED or asked
    if problem.study is not None:
        if within is None:
            raise ProblemError(Fault("no-within", "a plan for a town needs a limit", "within", 'say within="15 min"'))
        length = Duration.of(within)  # type: ignore[arg-type]  # a bare number is refused there
        problem.study.times.must_reach(length)
        if aim == "least-poverty" and length.deciseconds == 0:
            raise ProblemError(_no_line(within))
        return float(length.deciseconds) if limited else None
    if problem.kind == "coverage" and aim in NEED_COSTS:
        what = Sentence("{aim} needs costs, and only coverage is known", aim=aim)
        raise ProblemError(Fault("no-costs", what, "aim", "use Problem.from_costs"))
    if not limited or problem.kind == "coverage":
        return None
    if within is None and aim == "least-poverty":
        raise ProblemError(_no_line(within))
    if within is None:
        return None
    if isinstance(within, (str, Duration)):
        raise ProblemError(
            Fault(
                code="within-unit",
                what=Sentence("the limit is {within}, but these costs have no unit", within=within),
                where="within",
                mend="give the limit as a number in the unit of the costs, or None for every pair that is stored",
            )
        )
    if not within >= 0:
        raise ProblemError(
            Fault(
                "bad-within",
                Sentence("the limit is {within}", within=within),
                "within",
                "a number of 0 or more in the unit of the costs",
            )
        )
    if aim == "least-poverty" and within in (0, inf):
        raise ProblemError(_no_line(within))
    return float(within)


def bare_limit(problem: Problem, limit: float | None) -> dict[str, float]:
    """``limit`` as a term of the plan over bare costs, where ``within``, a length of time, cannot say it; else nothing."""
    return {} if problem.study is not None or limit is None else {"limit": limit}


def kappa_of(problem: Problem, aversion: float) -> float:
    """kappa a unit of cost: ``aversion`` times sum(w c) / sum(w c squared), c from each place to the nearest site open today.

    Today's are the fixed sites; whoever reaches none is charged ``beyond``, or left out where nothing stands for
    that. Where nothing is open today, c is to the nearest of all sites, also one that is forbidden: so kappa hangs on
    the ground alone, not on what may be chosen. 0 where nobody has any way to go.

    Source
    ------
    Horton, Logan, Murrell, Skipper & Speakman (2024), arXiv 2401.15452; the same scaling as
    ``equity.aversion_per_minute``.
    """
    today = problem.pairs.opened(problem.fixed or range(problem.pairs.sites))
    nearest = problem.pairs.nearest(today, beyond=problem.beyond)
    counted = (problem.weights > 0) & np.isfinite(nearest)
    cost, weight = nearest[counted], problem.weights[counted]
    squares = float(weight @ cost**2)
    return aversion * float(weight @ cost) / squares if squares > 0 else 0.0


def must_keep_digits(charge: Charge, pairs: Pairs, aversion: float) -> None:
    """Refuse a kappa whose exponents overflow over these costs: ``exponent-too-large``."""
    if not isinstance(charge, Equal):
        return
    longest = float(np.max(pairs.costs, initial=charge.beyond if isfinite(charge.beyond) else 0.0))
    exponent = charge.kappa * longest
    if exponent > LARGEST_EXPONENT:
        raise ProblemError(_too_large(charge, aversion, longest, aversion * LARGEST_EXPONENT / exponent))


def must_tell_apart(charge: Charge, always: float, people: float, charged: float, aversion: float) -> None:
    """Refuse a kappa at which those whom no site serves make up the whole sum: ``exponent-too-large``.

    always : what is charged whatever opens, to so many ``people``. charged : what a good choice comes to in all.
    """
    if not isinstance(charge, Equal) or not charge.kappa:
        return
    stuck, every = people + charge.kappa * always, charge.total + charge.kappa * charged  # sums of e^(kappa c)
    if people < charge.total and stuck > UNAVOIDABLE * every:
        raise ProblemError(_too_large(charge, aversion, charge.beyond, None))


def _too_large(charge: Equal, aversion: float, longest: float, most: float | None) -> Fault:
    return Fault(
        code="exponent-too-large",
        what=Sentence(
            "an aversion of {aversion:g} makes kappa {kappa:.3g}, and the longest way of {longest:g} weighs e to the {exponent:,.0f}: no digit is left for the other ways",
            aversion=aversion,
            kappa=charge.kappa * charge.unit,
            longest=longest / charge.unit,
            exponent=charge.kappa * longest,
        ),
        where="aversion",
        mend="so much aversion counts the longest way alone: ask a smaller one, or smallest-worst"
        if most is None
        else Sentence("say an aversion of {most:.3g} or less; more counts the longest way alone", most=most),
    )


def _graded(
    problem: Problem, written: str, limit: float | None, beyond: float, total: float, told: dict[str, Any]
) -> tuple[Graded, dict[str, Any]]:
    """A curve with its end; it may not rise, for then the nearest site would not be the one that counts."""
    bare = problem.study is None
    if written in ENDS_AT_LIMIT:
        if limit is None and written == "linear":
            what = "a straight decay needs the cost at which it ends"
            raise ProblemError(Fault("no-decay-end", what, "decay", "say within=..., or decay='linear 15'"))
        end: float | Duration = inf if limit is None else limit if bare else Duration(round(limit))
        if written == "flat":
            written = "flat" if limit is None else zones((end, 1.0)).written
        else:
            written = f"linear {said_bare(limit)}" if bare and limit is not None else f"linear {end}"
    curve = Decay.of(written, bare=bare)
    at = distinct(np.concatenate([[0.0], problem.pairs.costs]))
    weights = np.asarray(curve.weigh(at), dtype=np.float64)
    if (np.diff(weights) > 0).any():
        first = at[int(np.flatnonzero(np.diff(weights) > 0)[0])] / problem.unit
        what = Sentence("the decay {written!r} rises after {first:g}", written=curve.written, first=first)
        raise ProblemError(Fault("rising-decay", what, "decay", "a longer way may not count more than a shorter one"))
    return Graded(beyond, total, decay=curve.written, bare=bare, top=float(weights[0])), told | {"decay": curve.written}


def _no_line(within: Within) -> Fault:
    what = Sentence("the limit is {within}, and whoever walks farther is to count as poor in access", within=within)
    return Fault("no-line", what, "within", "give a limit over 0: '15 min' in a town, a number over bare costs")
