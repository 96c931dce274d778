"""What people read: sentences by key, and numbers, shares, minutes and money in their language.

Every other room returns codes and values; this one turns them into words. A key is a
stable dotted code (``report.lead.reach``); its sentence stands in ``es.po``, ``en.po`` and
``fr.po``, read when first needed and kept. A sentence takes its numbers already worded,
so that no number is rounded twice or in secret. An unknown key is an error, never an
empty place on a page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Protocol, TypeAlias

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent, get_currency_name

LANGUAGES = ("es", "en", "fr")
# The region decides how numbers are written: Mexico parts thousands with a comma.
LOCALES = {"es": "es_MX", "en": "en", "fr": "fr"}

_SCALES = {"million": 1e6, "thousand": 1e3, "unit": 1.0}

Labels: TypeAlias = Mapping[str, Mapping[str, str]]


class UnknownWordsError(LookupError):
    """A key, a language or a value that the catalogues do not hold."""


class MoneyRange(Protocol):
    """Low, central and high of one figure, as ``domain.catalogue.Range`` has them."""

    @property
    def low(self) -> float: ...
    @property
    def central(self) -> float: ...
    @property
    def high(self) -> float: ...


@cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Every key of one language with its sentence, or with its singular and plural."""
    if language not in LANGUAGES:
        raise UnknownWordsError(f"{language!r} is none of {', '.join(LANGUAGES)}")
    entries = {}
    for name in (f"{language}.po", f"cli.{language}.po"):  # what is printed, and what a prompt says
        with resources.files("utopias.language").joinpath(name).open("rb") as file:
            read = read_po(file, locale=language, abort_invalid=True)
        for message in read:
            if not message.id:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            text = message.string
            forms = (text,) if isinstance(text, str) else tuple(text or ())
            entries[key] = tuple(map(_french_blanks, forms)) if language == "fr" else forms
    return entries


class Words:
    """The words of one language. ``Words("es").say("report.lead.reach", share="61", …)``."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._entries = catalogue(language)
        self._locale = Locale.parse(LOCALES[language])

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def say(self, key: str, **values: str | int) -> str:
        """The sentence of ``key`` with its places filled.

        values : text as it is; a whole number is written with its thousands. A float is refused:
            word it first with ``number``, ``percent``, ``minutes`` or ``money``.

        Raises
        ------
        UnknownWordsError : no such key, or a place of the sentence has no value.
        """
        return self._fill(key, self._entry(key)[0], values)

    def plural(self, key: str, n: float, **values: str | int) -> str:
        """The sentence of ``key`` for ``n`` things; ``{n}`` stands for the number as written."""
        forms = self._entry(key)
        text = forms[0] if self._locale.plural_form(n) == "one" else forms[-1]
        return self._fill(key, text, {"n": self.trimmed(n), **values})

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with its thousands parted, rounded half up to ``decimals``."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return _true_minus(format_decimal(_half_up(value, decimals), format=pattern, locale=self._locale))

    def trimmed(self, value: float, decimals: int = 1) -> str:
        """A number with at most ``decimals``, and no zeros at its end: 15, 11.4."""
        rounded = _half_up(value, decimals)
        needed = next((d for d in range(decimals) if _half_up(rounded, d) == rounded), decimals)
        return self.number(rounded, needed)

    def signed(self, value: float, decimals: int = 0) -> str:
        """A change: +1,200 or −300 with the true minus sign; nothing before a zero."""
        rounded = _half_up(value, decimals)
        sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
        return sign + self.number(abs(rounded), decimals)

    def percent(self, share: float, decimals: int = 0) -> str:
        """A share of 1 as a percentage, rounded half up."""
        pattern = self._locale.percent_formats[None].pattern
        last = pattern.rindex("0") + 1  # the digits end here; what follows is the sign and its blank
        spelled = pattern[:last] + ("." + "0" * decimals if decimals else "") + pattern[last:]
        return _true_minus(format_percent(_half_up(share, decimals + 2), format=spelled, locale=self._locale))

    def of_hundred(self, share: float) -> str:
        """How many in a hundred, without ever calling nearly all "100" or a few "0"."""
        for decimals in (0, 1, 2):
            shown = _half_up(share * 100.0, decimals)
            if (shown > 0.0 or share <= 0.0) and (shown < 100.0 or share >= 1.0):
                return self.number(shown, decimals)
        return self.number(0.01 if share < 0.5 else 99.99, 2)

    def minutes(self, value: float) -> str:
        """15 minutes, 1 minute, 11.4 minutes."""
        return self.plural("unit.minutes", _half_up(value, 1))

    def money(self, value: float, currency: str, *, short: bool = False) -> str:
        """Money as people say it, to three figures: 180 millones de pesos; ``short``: MXN 180 M."""
        scale, amount = _scaled(value)
        worded = self._amount(amount)
        if short:
            return self.say(f"money.short.{scale}", amount=worded, currency=currency)
        return self.say(f"money.{self._scale(scale, amount)}", amount=worded, currency=self._currency(currency))

    def money_range(self, value: MoneyRange | None, currency: str) -> str:
        """The central figure, then low and high in the same scale: 180 millones de pesos (entre 150 y 220).

        Not known where there is none, never 0.
        """
        if value is None:
            return self.say("money.not-known")
        central = self.money(value.central, currency)
        if value.low == value.high:
            return central
        scale = _scaled(value.central)[0]
        low, high = (self._amount(end / _SCALES[scale]) for end in (value.low, value.high))
        return self.say("money.range", central=central, low=low, high=high)

    def date(self, value: date | str) -> str:
        """A day in full; text that is no ISO day (a year, a month) is shown as it came."""
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            return str(value)
        return format_date(day, "long", locale=self._locale)

    def listed(self, parts: Iterable[str]) -> str:
        """a, b and c; where a part has a comma of its own, with semicolons: a, x; b, y."""
        told = list(parts)
        if len(told) > 1 and any(", " in part for part in told):
            return "; ".join(told)
        return format_list(told, locale=self._locale)

    def group(self, group: str, labels: Labels | None = None) -> str:
        """The label of a group or other id: the town's own first, then ours, else another language's, else the id."""
        given = (labels or {}).get(group, {})
        if given.get(self.language):
            return given[self.language]
        if f"group.{group}" in self:
            return self.say(f"group.{group}")
        return next((given[other] for other in LANGUAGES if given.get(other)), self.ours(group))

    def ours(self, text: str) -> str:
        """A source or formula of our own made-up town in the reader's language; any other text as it came."""
        return self.say(f"ours.{text}") if f"ours.{text}" in self else text

    def people(self, group: str, labels: Labels | None = None) -> str:
        """The people of a group as a plural noun inside a sentence: personas mayores."""
        if f"people.{group}" in self:
            return self.say(f"people.{group}")
        return self.say("people.of-group", label=self.group(group, labels))

    def _entry(self, key: str) -> tuple[str, ...]:
        if key not in self._entries:
            raise UnknownWordsError(
                f"no words for {key!r} in {self.language}.po: add the key to es.po, en.po and fr.po"
            )
        return self._entries[key]

    def _fill(self, key: str, text: str, values: Mapping[str, str | int]) -> str:
        worded = {}
        for name, value in values.items():
            if isinstance(value, float):
                raise UnknownWordsError(f"{key}: {name}={value!r} is a bare number: word it first")
            worded[name] = self.number(value) if isinstance(value, int) else str(value)
        try:
            return text.format(**worded)
        except KeyError as lost:
            raise UnknownWordsError(f"{key}: the sentence wants {lost}, given were {sorted(values)}") from None

    def _amount(self, amount: float) -> str:
        """Three figures, as many as money is ever known to."""
        return self.trimmed(amount, 2 if abs(amount) < 10 else 1 if abs(amount) < 100 else 0)

    def _currency(self, currency: str) -> str:
        own = f"money.name.{currency}"
        return self.say(own) if own in self else get_currency_name(currency, 2, locale=self._locale)

    def _scale(self, scale: str, amount: float) -> str:
        """millón, millones: the one is said only of exactly one (in French of under two)."""
        single = self._locale.plural_form(_half_up(amount, 2)) == "one"
        return f"{scale}.one" if single and scale == "million" else scale


def pick_language(option: str | None, environ: Mapping[str, str], locale: str | None) -> str:
    """The language to speak: the option, else UTOPIAS_LANGUAGE, else the machine's locale, else es.

    ``locale`` is such as ``fr_CA.UTF-8``; one we do not speak falls to Spanish, while an
    explicit wish we cannot meet is refused.
    """
    for wish in (option, environ.get("UTOPIAS_LANGUAGE")):
        if wish:
            language = wish.replace("-", "_").split("_")[0].lower()
            if language not in LANGUAGES:
                raise UnknownWordsError(f"{wish!r} is none of {', '.join(LANGUAGES)}")
            return language
    spoken = (locale or "").replace("-", "_").split("_")[0].lower()
    return spoken if spoken in LANGUAGES else "es"


def _french_blanks(text: str) -> str:
    """The blank before a colon and inside guillemets does not break: no line begins with a sign."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", "\u00a0", text)


def _true_minus(written: str) -> str:
    return written.replace("-", "−")


def _half_up(value: float, decimals: int) -> float:
    """Halves away upwards, on the number as it is written (1.005 is 1.005, not 1.00499…)."""
    if not math.isfinite(value):
        raise UnknownWordsError(f"{value} cannot be written: a figure that is not known is None")
    shift: float = 10.0**decimals
    rounded: float = (
        math.floor(float(f"{value * shift:.9g}" if abs(value * shift) < 1e8 else value * shift) + 0.5) / shift
    )
    return rounded + 0.0  # no minus zero


def _scaled(value: float) -> tuple[str, float]:
    """The scale a sum is said in and the amount in it; 999,600 is said as one million."""
    scale = "million" if abs(value) >= 999_500 else "thousand" if abs(value) >= 9_999.5 else "unit"
    return scale, value / _SCALES[scale]
