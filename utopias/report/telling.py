"""What every page of a report needs at hand: the plan, its findings, the words, and the turns they share.

Nothing is summed here. A figure that is not in the findings is not in the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utopias.domain.catalogue import Range
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.findings import Costs, Findings, Headline, Part, Source
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.domain.versions import VERSION
from utopias.language.values import read_out, say_code, value_number, value_terms, value_unit
from utopias.language.words import UnknownWordsError, Words


@dataclass(frozen=True, eq=False)
class Telling:
    """A plan, what it means, and the language to say it in."""

    plan: Plan
    findings: Findings
    words: Words

    @classmethod
    def of(cls, plan: Plan, words: Words) -> Telling:
        """Refuses a plan without findings: this room draws numbers, it does not make them."""
        if plan.findings is None:
            raise ProblemError(
                Fault(
                    "no-findings",
                    "the plan carries no findings to report",
                    mend="make them first: plan = plan.with_(findings=u.findings(problem, plan))",
                )
            )
        return cls(plan, plan.findings, words)

    @property
    def headline(self) -> Headline:
        return self.findings.headline

    @property
    def costs(self) -> Costs | None:
        return self.findings.costs

    @property
    def limit(self) -> str:
        """The limit as said in a sentence: 15 minutos."""
        return self.words.minutes(self.headline.within_minutes)

    @property
    def people(self) -> str:
        """The plan's group as a plural noun: personas mayores."""
        return self.words.people(self.headline.group, self.findings.labels)

    @property
    def unit(self) -> str:
        """The unit of the plan's value and of what it loses or gains: personas ponderadas por necesidad."""
        return value_unit(self.words, self.plan.aim, self.plan.weighted_by)

    @property
    def terms(self) -> str:
        """The terms of the plan's aim in one sentence; "" where it has none."""
        return value_terms(self.words, self.plan.aim, self.plan.terms)

    def amount(self, value: float, *, signed: bool = False) -> str:
        """A value, loss or gain of the plan's aim, in ``unit``."""
        return value_number(self.words, self.plan.aim, value, signed=signed)

    def group(self, id: str) -> str:
        """The label of a group, indicator or service."""
        return self.words.group(id, self.findings.labels)

    def count(self, value: float | None) -> str:
        """Persons or other whole things; "not known" for None, never 0."""
        return self.words.say("word.not-known") if value is None else self.words.number(value)

    def gain(self, value: float) -> str:
        return self.words.signed(value)

    def loss(self, value: float) -> str:
        """A loss with its minus; 0 bare."""
        return self.words.signed(-value)

    def share(self, part: float, whole: float) -> str:
        """How many in a hundred; a dash where there is nobody to count."""
        return self.words.of_hundred(part / whole) if whole > 0 else "–"

    def of_hundred(self, part: float, whole: float) -> str:
        """ "61 of every 100"; said of nobody, "nobody lives here"."""
        if whole <= 0:
            return self.words.say("word.nobody")
        return self.words.say("word.of-hundred", share=self.share(part, whole))

    def place(self, id: str) -> str:
        """The name of a place by its id, where the plan's tables have it."""
        study = self.plan.study
        if study is None or "name" not in study.places:
            return id
        named = study.places["name"][study.places["place_id"] == id]
        name = str(named.iloc[0]) if len(named) else ""
        return f"{name} ({id})" if name and name != id else id

    def money(self, value: Range | None) -> str:
        currency = self.costs.currency if self.costs else self.currency
        return self.words.money_range(value, currency)

    @property
    def areas(self) -> str:
        """What the rows of the table of areas are: ``colonias``, or ``areas`` where these are census keys."""
        study = self.plan.study
        return "areas" if study is not None and study.areas_are_keys else "colonias"

    @property
    def currency(self) -> str:
        study = self.plan.study
        return str(study.town.get("currency", "")) if study is not None else ""

    def credit(self, unit: str) -> str:
        """What stands under every table and figure: unit, sources with dates, and who counted."""
        sources = self.findings.sources
        named = self.words.listed(self.source(s) for s in sources[:2]) if sources else self.words.say("word.not-known")
        if len(sources) > 2:
            named = self.words.plural("credit.more", len(sources) - 2, sources=named)
        return self.words.say("credit.line", unit=self.words.say(f"credit.unit.{unit}"), sources=named, version=VERSION)

    def source(self, source: Source) -> str:
        """A source with its date."""
        name = self.words.ours(source.name)
        if not source.date:
            return name
        return self.words.say("credit.dated", name=name, date=self.words.date(source.date))

    def marked(self, part: Part) -> str:
        """The label of a group, marked where the group is an estimate."""
        label = capital(self.group(part.part))
        return self.words.say("word.estimated-group", label=label) if part.estimated else label

    def value(self, name: str, value: Any) -> str:
        """One value of an assumption or of what was varied, read out by the kind its name says."""
        return read_out(self.words, name, value, self.findings.labels)

    def worded(self, key: str, values: Mapping[str, Any]) -> str:
        """A coded sentence with its values read out.

        Raises
        ------
        ProblemError : the code has no words: a report that leaves out what was assumed must not be made.
        """
        try:
            return say_code(self.words, key, values, self.findings.labels)
        except UnknownWordsError as lost:
            raise ProblemError(
                Fault(
                    "no-words",
                    str(lost),
                    where=Sentence("{language}.po", language=self.words.language),
                    mend=Sentence("add {key!r} to es.po, en.po and fr.po", key=key),
                )
            ) from lost


def capital(text: str) -> str:
    """The first letter large, the others as they are: a label at the head of a row."""
    return text[:1].upper() + text[1:]
