"""Names as people type them: any of our languages, any accents; what is shared or unknown is not guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utopias.cli.line import AIMS, INDICES, JUDGES, REASONS
from utopias.domain.catalogue import read_catalogue
from utopias.language.spelled import Spelled, folded
from utopias.language.words import LANGUAGES, Words, catalogue

GROUPS = Spelled(
    ("all", "older people", "women", "vecinas"),
    ("group.{}", "people.{}"),
    {"vecinas": {"es": "Vecinas de la barranca (censo propio)", "en": "Neighbours of the gully"}},
)
SERVICES = Spelled(tuple(read_catalogue()))


@pytest.mark.parametrize(
    "typed",
    ["older people", "Older People", "personas mayores", "PERSONAS  MAYORES", "Personas mayores (60 años y más)", "personnes âgées", "personnes agees"],
)  # fmt: skip
def test_an_id_is_named_by_its_label_in_any_language(typed: str) -> None:
    assert GROUPS.picked(typed) == "older people"


def test_a_towns_own_label_names_its_group_with_or_without_its_brackets() -> None:
    assert GROUPS.picked("vecinas de la barranca") == "vecinas"
    assert GROUPS.picked("Vecinas de la Barranca (censo propio)") == "vecinas"
    assert GROUPS.picked("neighbours of the gully") == "vecinas"


def test_a_spelling_that_two_ids_share_names_neither() -> None:
    shared = Spelled(("a", "b"), (), {"a": {"es": "La casa (norte)"}, "b": {"es": "La casa (sur)"}})
    assert shared.picked("la casa") is None
    assert shared.picked("la casa (sur)") == "b"
    assert shared.near("la casa") == ["a", "b"]


def test_the_nearest_spelling_is_suggested_and_nonsense_suggests_nothing() -> None:
    assert SERVICES.near("alverca")[0] == "pool"
    assert SERVICES.near("casa de dia")[0] == "day house"
    assert SERVICES.near("qqqqqqqq") == []


def test_what_is_listed_says_the_id_and_the_label_of_the_reader() -> None:
    assert GROUPS.shown(Words("es"), ["older people"]) == "older people (Personas mayores)"
    assert Spelled(("women",)).shown(Words("en"), ["women"]) == "women"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("known", [SERVICES, AIMS, REASONS, INDICES, JUDGES], ids=["services", "aims", "causes", "indices", "judges"])  # fmt: skip
def test_every_label_we_print_names_its_own_id(known: Spelled, language: str) -> None:
    ours = catalogue(language)
    for one in known.ids:
        key = known.keys[0].format(one)
        assert key in ours, f"{key} has no words in {language}"
        assert known.picked(ours[key][0], language) == one


@given(st.text(max_size=30))
def test_folding_is_done_once_and_for_all(text: str) -> None:
    assert folded(folded(text)) == folded(text)
