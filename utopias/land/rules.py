"""Rules about land, read from a small TOML text that any city can write.

    [[rule]]
    id = "flood"                                # short, its own
    label = { es = "...", en = "...", fr = "..." }   # one language at least
    column = "flood"                            # a column of sites.parquet
    one_of = ["medium", "high"]                 # one test: equals, one_of (words); over, under (a number, strict)
    result = "excluded"                         # or "conditional"
    waiver = { en = "a study of hydraulics" }   # what would lift it; without this line nothing does
    unless = { column = "...", equals = "..." } # the rule is silent where this holds
    source = "who says so"

A key that is not known is a fault; so is a word that the column cannot hold. All faults are told at once.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from utopias.domain.errors import Fault, TableError
from utopias.domain.land import NOT_KNOWN, RESULTS, TESTS, LandRule, LandTest
from utopias.domain.sentences import Sentence
from utopias.domain.tables import columns

KEYS = ("id", "label", "column", *TESTS, "result", "waiver", "unless", "source")
LANGUAGES = ("es", "en", "fr")
ASKABLE = {column.name: column for column in columns("sites") if column.type != "key" and column.name not in ("x", "y")}
NUMBERS = ("number", "integer", "share")


def read_rules(path: str | Path | None = None) -> tuple[LandRule, ...]:
    """The rules of a file, in its order, or those shipped with this program.

    Raises
    ------
    TableError : no such file, no TOML, no rule, a rule twice, a key, column or word that is not known; all at once.
    """
    if path is None:
        shipped = resources.files("utopias.land").joinpath("land_rules.toml").read_text(encoding="utf-8")
        return parse_rules(shipped, where="land_rules.toml")
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError:
        what = Sentence("there is no file of rules {file}", file=file.name)
        raise TableError(Fault("no-such-file", what, where=str(file), mend="give the path of a TOML file")) from None
    except UnicodeDecodeError:
        what = Sentence("{file} is not UTF-8 text", file=file.name)
        raise TableError(Fault("not-utf-8", what, mend="save it as UTF-8")) from None
    return parse_rules(text, where=file.name)


def parse_rules(text: str, *, where: str = "land-rules.toml") -> tuple[LandRule, ...]:
    """The same from the text itself. Raises TableError as ``read_rules`` does."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = Sentence("{file} cannot be read: {reason}", file=where, reason=str(error))
        raise TableError(Fault("not-toml", what, mend="write each rule under a line [[rule]]")) from None
    reader = _Reader(where)
    for key in said:
        if key != "rule":
            reader.fault("unknown-key", Sentence("{key} is not known", key=repr(key)), "write each rule under [[rule]]")
    listed = said.get("rule", [])
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        reader.fault("no-rules", "the file holds no rule", "write each rule under a line [[rule]]")
        listed = []
    rules = [reader.rule(one, number) for number, one in enumerate(listed, 1)]
    ids = [str(one.get("id", "")) for one in listed]
    for twice in sorted({key for key in ids if key and ids.count(key) > 1}):
        reader.fault(
            "duplicate-key", Sentence("the rule {rule} stands twice", rule=repr(twice)), "give each its own id"
        )
    if reader.faults:
        raise TableError(reader.faults)
    return tuple(rule for rule in rules if rule is not None)


class _Reader:
    """Takes the rules apart, one by one, and keeps every fault."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.at = ""
        self.faults: list[Fault] = []

    def fault(self, code: str, what: str, mend: str) -> None:
        where = Sentence("rule {rule} of {file}", rule=self.at, file=self.name) if self.at else self.name
        self.faults.append(Fault(code, what, where=where, mend=mend))

    def rule(self, said: Mapping[str, Any], number: int) -> LandRule | None:
        """One rule; None with its faults told where it makes no sense."""
        before = len(self.faults)
        id = said.get("id")
        self.at = f"{number} ({id})" if id else str(number)
        self.known(said, KEYS)
        if not isinstance(id, str) or not id:
            self.fault("missing-value", "the rule has no id", 'give it one: id = "flood"')
        asks = self.test(said)
        unless = None
        if "unless" in said:
            if isinstance(said["unless"], dict):
                unless = self.test(said["unless"])
                self.known(said["unless"], ("column", *TESTS))
            else:
                what = Sentence("unless cannot be {value}", value=repr(said["unless"]))
                self.fault("bad-value", what, 'write unless = { column = "...", equals = "..." }')
        result = said.get("result")
        if result not in RESULTS:
            what = Sentence("result cannot be {value}", value=repr(result))
            self.fault("bad-value", what, Sentence("use one of: {known}", known=", ".join(RESULTS)))
        label = self.words(said, "label", needed=True)
        waiver = self.words(said, "waiver", needed=False)
        source = said.get("source", "")
        if not isinstance(source, str) or not source:
            self.fault("missing-value", "the rule has no source", "say who set it: a norm, a council, or yourself")
        self.at = ""
        if len(self.faults) > before or asks is None:
            return None
        return LandRule(str(id), label, asks, str(result), waiver, unless, source)

    def known(self, said: Mapping[str, Any], keys: Sequence[str]) -> None:
        """A fault for every key that is none of ``keys``."""
        for key in said:
            if key not in keys:
                mend = Sentence("use one of: {known}", known=", ".join(keys))
                self.fault("unknown-key", Sentence("{key} is not known", key=repr(key)), mend)

    def words(self, said: Mapping[str, Any], key: str, *, needed: bool) -> dict[str, str]:
        """A sentence by language; a plain text serves for all."""
        value = said.get(key, {})
        if isinstance(value, str) and value:
            return dict.fromkeys(LANGUAGES, value)
        sound = isinstance(value, dict) and all(k in LANGUAGES and isinstance(v, str) and v for k, v in value.items())
        if not sound or (key in said and not value):
            self.fault(
                "bad-value",
                Sentence("{key} cannot be {value}", key=key, value=repr(value)),
                'write it by language, in es, en or fr: { en = "..." }',
            )
            return {}
        if needed and not value:
            self.fault("missing-value", "the rule has no label", 'say it in words: label = { en = "..." }')
        return dict(value)

    def test(self, said: Mapping[str, Any]) -> LandTest | None:
        """The question to a column; None with its faults told."""
        name = said.get("column")
        column = ASKABLE.get(name) if isinstance(name, str) else None
        asked = [key for key in TESTS if key in said]
        if column is None:
            what = Sentence("{column} is no column of sites.parquet", column=repr(name))
            self.fault("unknown-column", what, Sentence("use one of: {known}", known=", ".join(ASKABLE)))
        if len(asked) != 1:
            what = Sentence("{count} tests are given, and a rule has one", count=len(asked))
            self.fault("bad-value", what, Sentence("use one of: {known}", known=", ".join(TESTS)))
        if column is None or len(asked) != 1:
            return None
        test, value = asked[0], said[asked[0]]
        if test in ("over", "under"):
            if column.type not in NUMBERS:
                what = Sentence("{column} holds words, and {test} asks for a number", column=column.name, test=test)
                self.fault("bad-value", what, "use equals or one_of")
                return None
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                self.fault(
                    "bad-value", Sentence("{key} cannot be {value}", key=test, value=repr(value)), "write a number"
                )
                return None
            return LandTest(column.name, test, number=float(value))
        if column.type in NUMBERS:
            what = Sentence("{column} holds numbers, and {test} asks for words", column=column.name, test=test)
            self.fault("bad-value", what, "use over or under")
            return None
        listed = [value] if test == "equals" else value
        if not isinstance(listed, list) or not listed or not all(isinstance(one, str) and one for one in listed):
            what = Sentence("{key} cannot be {value}", key=test, value=repr(value))
            self.fault("bad-value", what, 'write equals = "high", or one_of = ["medium", "high"]')
            return None
        if NOT_KNOWN in listed:
            what = Sentence("{key} cannot be {value}", key=test, value=repr(NOT_KNOWN))
            self.fault(
                "bad-value", what, "leave it out: a plot of which that is not known becomes conditional by itself"
            )
            return None
        strange = [one for one in listed if column.choices and one not in column.choices]
        if strange:
            what = Sentence("{column} is never {value}", column=column.name, value=repr(strange[0]))
            self.fault("unknown-choice", what, Sentence("use one of: {known}", known=", ".join(column.choices)))
            return None
        return LandTest(column.name, test, words=tuple(listed))
