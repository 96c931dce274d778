"""What a plan is to be best at: the name of an aim, and the terms that make it exact.

An aim with terms is written ``Aim.of("fair-walk", aversion=1.0)``; a bare name takes the usual terms. A plan
keeps both, so that anybody who recounts it knows what was counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence

# Each aim with the terms it knows and their usual values; the aims whose value is better the more it is.
TERMS: dict[str, dict[str, float | str]] = {
    "cover-most": {},
    "least-walk": {},
    "smallest-worst": {},
    "cover-all": {"times": 1, "count": "sites", "unreachable": "refuse"},
    "least-cost": {"value_of_time": 0.0},
    "fair-walk": {"aversion": 1.0},
    "least-poverty": {"severity": 2},
    "cover-gradually": {"decay": "linear"},
    "cover-twice": {"times": 2},
    "worst-first": {"levels": 3},
}
# The aims that are no sum of capped walks: explanations, alternatives and draws have their own way with them.
NO_MEDIAN = ("smallest-worst", "worst-first", "cover-all", "cover-twice")
# Those that ``siting`` solves: for the help of a prompt, which must not wait for a solver to load.
SOLVED = (
    "cover-most",
    "least-walk",
    "least-cost",
    "fair-walk",
    "least-poverty",
    "cover-gradually",
    "smallest-worst",
    "cover-all",
    "cover-twice",
    "worst-first",
)
MORE_IS_BETTER = ("cover-most", "cover-gradually", "cover-twice")


@dataclass(frozen=True, slots=True)
class Aim:
    """An aim and its terms, the usual ones where none is given.

    name : one of ``TERMS``. terms : every term of that aim, by name.
    """

    name: str
    terms: Mapping[str, float | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in TERMS:
            raise ProblemError(
                Fault(
                    "unknown-aim",
                    Sentence(
                        "the aim {aim!r} is not known; {listed} are there", aim=self.name, listed=", ".join(TERMS)
                    ),
                    "aim",
                    Sentence("use one of: {listed}", listed=", ".join(TERMS)),
                )
            )
        usual = TERMS[self.name]
        odd = sorted(set(self.terms) - set(usual))
        if odd:
            raise ProblemError(
                Fault(
                    "unknown-term",
                    Sentence("{aim} has no term {listed}", aim=self.name, listed=", ".join(odd)),
                    "aim",
                    Sentence("its terms are: {listed}", listed=", ".join(usual) or "-"),
                )
            )
        object.__setattr__(self, "terms", MappingProxyType({**usual, **self.terms}))

    @classmethod
    def of(cls, aim: str | Aim, **terms: float | str) -> Aim:
        """The aim of a name and terms; an Aim passes through, with further terms put over its own."""
        if isinstance(aim, Aim):
            return cls(aim.name, {**aim.terms, **terms}) if terms else aim
        return cls(aim, terms)

    @property
    def more_is_better(self) -> bool:
        return self.name in MORE_IS_BETTER

    def __str__(self) -> str:
        return self.name
