"""What goes wrong is said in three languages: every template of every room stands in both catalogues."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from utopias.domain.sentences import Sentence
from utopias.language.sentences import sentence, sentences

ROOT = Path(__file__).parents[2] / "utopias"
# Calls that make a fault; a literal among their arguments is read by people. The code comes first in all of them.
FAULTS = {"Fault", "fault", "bad", "fault_of_rows", "_fault", "_faults", "_unknown", "_truncated", "_misplaced"}
# Names under which a sentence waits before it is put into a fault.
WAITING = {"what", "where", "mend", "first", "said", "whom", "MEND_CRS", "MEND_PRJ"}


def templates() -> dict[str, str]:
    """Every template of the rooms, and the file that says it."""
    found: dict[str, str] = {}
    for file in sorted(ROOT.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "Fault" in text or "Sentence(" in text:
            found.update(dict.fromkeys(_templates_of(ast.parse(text)), str(file.relative_to(ROOT))))
    return found


def _templates_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called == "Sentence":
                yield from _literals(node.args[0])
            elif called in FAULTS:
                first = 1 if called not in ("bad", "_truncated") else 0
                spoken = [k.value for k in node.keywords if k.arg in ("what", "where", "mend", "first")]
                for argument in [*node.args[first:], *spoken]:
                    yield from _literals(argument, only_sentences=True)
        elif isinstance(node, ast.Assign):
            names = [
                name for target in node.targets for name in (target.elts if isinstance(target, ast.Tuple) else [target])
            ]
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for name, value in zip(names, values, strict=False):
                if isinstance(name, ast.Name) and name.id in WAITING:
                    yield from _literals(value, only_sentences=True)
                elif isinstance(name, ast.Name) and name.id == "_KIND_WORDS":
                    yield from (n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and " " in str(n.value))


def _literals(node: ast.AST, *, only_sentences: bool = False) -> Iterator[str]:
    """The texts that ``node`` may be; with ``only_sentences`` those of more than a word (a word is a name)."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if node.value and (not only_sentences or " " in node.value):
            yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body, only_sentences=only_sentences)
        yield from _literals(node.orelse, only_sentences=only_sentences)


def places(text: str) -> set[str]:
    """The places to fill; what stands in the braces of TOML (``{ en = "..." }``) is none."""
    return {name for _, name, _, _ in Formatter().parse(text) if name and name.isidentifier()}


@pytest.mark.parametrize("language", ["es", "fr"])
def test_every_fault_is_said_in_the_readers_language(language: str) -> None:
    lost = {text: file for text, file in templates().items() if text not in sentences(language)}
    assert not lost, f"add these to faults.{language}.po"


@pytest.mark.parametrize("language", ["es", "fr"])
def test_no_catalogue_keeps_a_sentence_that_nobody_says(language: str) -> None:
    assert not sorted(sentences(language).keys() - templates().keys())


@pytest.mark.parametrize("language", ["es", "fr"])
def test_a_translated_fault_has_the_same_values(language: str) -> None:
    odd = [
        template
        for template, forms in sentences(language).items()
        if any(not form.strip() or ("{" in template and places(form) != places(template)) for form in forms)
    ]
    assert not odd


def test_a_sentence_is_its_english_text_and_keeps_its_values() -> None:
    made = Sentence("{count:,} of {total:,} rows", count=1234, total=5000)
    assert made == "1,234 of 5,000 rows"
    assert pickle.loads(pickle.dumps(made)).values == {"count": 1234, "total": 5000}


def test_braces_of_a_constant_sentence_are_left_alone() -> None:
    assert Sentence('masked = { "*" = 1.5 }') == 'masked = { "*" = 1.5 }'
    assert sentence('masked = { "*" = 99.5 }', "es") == 'masked = { "*" = 99.5 }'


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    made = Sentence("{count:,} x {share:.1f} of 12345 {name}", count=1234567, share=2.5, name="1.5")
    assert sentence(made, "fr") == "1\u202f234\u202f567 x 2,5 of 12345 1.5"
    assert sentence(made, "es") == "1,234,567 x 2.5 of 12345 1.5"


def test_what_no_catalogue_holds_is_shown_as_it_came() -> None:
    assert sentence("GDAL said something", "es") == "GDAL said something"
