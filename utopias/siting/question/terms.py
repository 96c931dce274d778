"""The terms of every aim, read and refused in words before any problem is known.

What a problem makes of them (a limit, a curve with its end, kappa) is found in ``charging``.
"""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.decay import Decay
from utopias.domain.errors import Fault, UtopiasError
from utopias.domain.sentences import Sentence

# Terms that are one of some words.
WORDS = {"count": ("sites", "cost"), "unreachable": ("refuse", "leave-out")}
# Curves that end at the limit of the plan.
ENDS_AT_LIMIT = ("linear", "flat")


def faults_of_terms(aim: Aim) -> list[Fault]:
    """What is wrong with the terms of an aim, all of them, whatever problem it will be put to; none: every reader below holds."""
    terms, faults = aim.terms, []
    if "aversion" in terms and not _at_least(terms["aversion"], 0.0):
        what = Sentence("{aversion} is not an aversion of 0 or more", aversion=terms["aversion"])
        faults.append(Fault("bad-aversion", what, "aversion", "1 is usual"))
    if "severity" in terms and (isinstance(terms["severity"], bool) or terms["severity"] not in (0, 1, 2)):
        what = Sentence("{severity} is no severity of access poverty", severity=terms["severity"])
        mend = "0 counts who is beyond the limit, 1 how far, 2 the square of how far"
        faults.append(Fault("bad-severity", what, "severity", mend))
    if "decay" in terms and terms["decay"] not in ENDS_AT_LIMIT:
        # A town writes lengths with their unit, bare costs without: right in either is right so far.
        refused = [error for bare in (False, True) if (error := unreadable(str(terms["decay"]), bare)) is not None]
        faults += list(refused[0].faults) if len(refused) == 2 else []
    if "value_of_time" in terms and not _at_least(terms["value_of_time"], 0.0):
        what = Sentence("{value} is not a value of time of 0 or more", value=terms["value_of_time"])
        faults.append(Fault("bad-value-of-time", what, "value_of_time", "money for an hour of walking, as 40"))
    if "times" in terms and not _is_count(terms["times"]):
        faults.append(_bad("times", terms["times"], "a whole number of 1 or more"))
    if "levels" in terms and terms["levels"] != "all" and not _is_count(terms["levels"]):
        faults.append(_bad("levels", terms["levels"], 'a whole number of 1 or more, or "all"'))
    for term, known in WORDS.items():
        if term in terms and terms[term] not in known:
            faults.append(_bad(term, terms[term], Sentence("use one of: {listed}", listed=", ".join(known))))
    return faults


def unreadable(decay: str, bare: bool) -> UtopiasError | None:
    """Why a decay cannot be read, its lengths with their unit or ``bare``; None where it can."""
    try:
        Decay.of(decay, bare=bare)
    except UtopiasError as error:
        return error
    return None


def times_of(aim: Aim) -> int:
    """How many sites must cover each place."""
    return int(aim.terms["times"])


def counts_cost(aim: Aim) -> bool:
    """Whether what the new sites cost is counted, and not how many they are."""
    return aim.terms["count"] == "cost"


def leaves_out(aim: Aim) -> bool:
    """Whether places that no choice covers are left out, and not refused."""
    return aim.terms["unreachable"] == "leave-out"


def levels_of(aim: Aim) -> int | None:
    """How many levels are asked for; None for all."""
    return None if aim.terms["levels"] == "all" else int(aim.terms["levels"])


def plain_terms(aim: Aim) -> dict[str, Any]:
    """The terms as plain numbers and words, which a plan's JSON can hold."""
    told = {name: value.item() if isinstance(value, np.generic) else value for name, value in aim.terms.items()}
    return told | ({"severity": int(told["severity"])} if "severity" in told else {})


def _bad(term: str, said: object, mend: str) -> Fault:
    return Fault("bad-term", Sentence("the term {term} is {said!r}", term=term, said=said), "aim", mend)


def _at_least(value: object, least: float) -> bool:
    return bool(
        not isinstance(value, (bool, str)) and isinstance(value, (int, float, np.integer)) and least <= value < inf
    )


def _is_count(value: object) -> bool:
    return _at_least(value, 1.0) and float(value).is_integer()  # type: ignore[arg-type]  # a number, since it is at least 1
