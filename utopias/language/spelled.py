"""An id out of what a person typed: the id itself, or its label in any of our languages.

Ids stay as they are in every file; only the prompt is this lenient. Case, accents and what a label puts in
brackets do not matter: ``personas mayores`` is ``older people``. A spelling that two ids share names neither.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches

from utopias.language.words import LANGUAGES, Labels, Words, catalogue

NEAR = 3  # suggested for one that is unknown
_APART = re.compile(r"[\s_-]+")
_BRACKETS = re.compile(r"\s*\([^)]*\)")


def folded(text: str) -> str:
    """A text by which two spellings are compared: no capitals, no accents, one blank between words."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _APART.sub(" ", bare.casefold().replace("’", "'")).strip()


def _like(one: str, other: str) -> float:
    return SequenceMatcher(None, other, one).ratio()


@dataclass(frozen=True)
class Spelled:
    """The ids of one kind with all their spellings.

    ids : as files hold them, in the order in which they are listed. keys : where our words for an id stand, the
    first being its label: ``group.{}``. labels : a town's own, by id and language; they go before ours.
    """

    ids: tuple[str, ...]
    keys: tuple[str, ...] = ("group.{}",)
    labels: Labels = field(default_factory=dict)

    def picked(self, typed: str, first: str = "es") -> str | None:
        """The id that ``typed`` names; None where it names none, or more than one.

        first : the reader's language, looked at before the others: a word of two languages is taken in theirs.
        """
        if typed in self.ids:
            return typed
        wanted = folded(typed)
        for spellings in (self._own(), *map(self._spoken, (first, *(one for one in LANGUAGES if one != first)))):
            if found := spellings.get(wanted):
                return next(iter(found)) if len(found) == 1 else None
        return None

    def near(self, typed: str) -> list[str]:
        """Up to three ids whose id or label is spelled nearly so, or holds what was typed; the nearest first."""
        wanted, every = folded(typed), self._own()
        for language in LANGUAGES:
            for spelling, ids in self._spoken(language).items():
                every.setdefault(spelling, set()).update(ids)
        close = get_close_matches(wanted, every, NEAR, cutoff=0.6)
        if close:  # beside one that is nearly it, those that are far from it only puzzle
            close = get_close_matches(wanted, close, NEAR, cutoff=_like(wanted, close[0]) - 0.1)
        close += [spelling for spelling in every if len(wanted) > 2 and wanted in spelling]
        # In the order of the list where two ids share a spelling: the same answer every time.
        found = [one for spelling in close for one in sorted(every[spelling], key=self.ids.index)]
        return list(dict.fromkeys(found))[:NEAR]

    def shown(self, words: Words, ids: Iterable[str]) -> str:
        """``older people (Personas mayores)``, each id with its label where that says more."""
        return ", ".join(self._shown(words, one) for one in ids)

    def _shown(self, words: Words, one: str) -> str:
        key = self.keys[0].format(one)
        own = self.labels.get(one, {}).get(words.language)
        # Without its brackets: it stands in some, and is as good without them.
        label = _BRACKETS.sub("", own or (words.say(key) if key in words else ""))
        return one if folded(label) in ("", folded(one)) else f"{one} ({label})"

    def _own(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for one in self.ids:
            found.setdefault(folded(one), set()).add(one)
        return found

    def _spoken(self, language: str) -> dict[str, set[str]]:
        ours: Mapping[str, tuple[str, ...]] = catalogue(language)
        found: dict[str, set[str]] = {}
        for one in self.ids:
            told = [self.labels.get(one, {}).get(language, "")]
            told += [ours[key][0] for template in self.keys if (key := template.format(one)) in ours]
            for label in told:
                for spelling in {folded(label), folded(_BRACKETS.sub("", label))} - {""}:
                    found.setdefault(spelling, set()).add(one)
        return found
