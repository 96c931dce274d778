"""The terms of the aims over the worst walk and full coverage, read and refused in words."""

from __future__ import annotations

from utopias.domain.aim import Aim
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence


def times_of(aim: Aim) -> int:
    """How many sites must cover each place."""
    times = aim.terms["times"]
    if isinstance(times, bool) or not isinstance(times, (int, float)) or times != int(times) or times < 1:
        raise ProblemError(_bad("times", times, "a whole number of 1 or more"))
    return int(times)


def choice_of(aim: Aim, term: str, known: tuple[str, ...]) -> str:
    """A term that is one of some words."""
    said = aim.terms[term]
    if said not in known:
        raise ProblemError(_bad(term, said, Sentence("use one of: {listed}", listed=", ".join(known))))
    return str(said)


def levels_of(aim: Aim) -> int | None:
    """How many levels are asked for; None for all."""
    levels = aim.terms["levels"]
    if levels == "all":
        return None
    if isinstance(levels, (bool, str)) or levels != int(levels) or levels < 1:
        raise ProblemError(_bad("levels", levels, 'a whole number of 1 or more, or "all"'))
    return int(levels)


def _bad(term: str, said: object, mend: str) -> Fault:
    return Fault("bad-term", Sentence("the term {term} is {said!r}", term=term, said=said), "aim", mend)
