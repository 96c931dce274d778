"""Words: numbers as each language writes them, keys that must exist, and the language that is picked."""

from __future__ import annotations

import math
from datetime import date
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utopias.domain.aim import TERMS
from utopias.domain.catalogue import Range, read_catalogue
from utopias.domain.demand import GROUPS
from utopias.language.words import LANGUAGES, UnknownWordsError, Words, catalogue, pick_language

ES, EN, FR = (Words(language) for language in LANGUAGES)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_three_catalogues_hold_the_same_keys() -> None:
    keys = {language: set(catalogue(language)) for language in LANGUAGES}
    assert keys["es"] == keys["en"] == keys["fr"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_sentence_has_the_same_places_in_every_language(language: str) -> None:
    other, odd = catalogue(language), []
    for key, forms in catalogue("es").items():
        mine = set().union(*map(places, forms))
        theirs = set().union(*map(places, other[key]))
        # A singular may say "one" instead of {n}.
        if mine != theirs or len(forms) != len(other[key]):
            odd.append(key)
    assert not odd


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_left_untranslated(language: str) -> None:
    spoken = {k: f for k, f in catalogue(language).items() if not k.startswith("cli.head.")}  # a corner may be empty
    assert not [key for key, forms in spoken.items() if not forms or not all(form.strip() for form in forms)]
    if language != "es":
        long_ones = {k: f for k, f in catalogue("es").items() if len(f[0].split()) > 4}
        assert not [key for key, forms in long_ones.items() if catalogue(language)[key] == forms]


def test_an_unknown_key_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownWordsError, match=r"no\.such\.key"):
        ES.say("no.such.key")


def test_a_place_without_a_value_is_an_error() -> None:
    with pytest.raises(UnknownWordsError, match="share"):
        ES.say("word.of-hundred")


def test_a_bare_float_is_refused_so_that_nothing_is_rounded_in_secret() -> None:
    with pytest.raises(UnknownWordsError, match="bare number"):
        ES.say("word.of-hundred", share=61.4)  # type: ignore[arg-type]


def test_braces_in_a_value_stay_text() -> None:
    assert ES.say("word.of-hundred", share="{share}") == "{share} de cada 100"


@pytest.mark.parametrize(
    ("words", "number", "percent", "tenths"),
    [
        (ES, "1,835,487", "61%", "11.4"),
        (EN, "1,835,487", "61%", "11.4"),
        (FR, "1\u202f835\u202f487", "61\xa0%", "11,4"),
    ],
)
def test_numbers_are_written_as_the_country_writes_them(words: Words, number: str, percent: str, tenths: str) -> None:
    assert words.number(1_835_486.5) == number
    assert words.percent(0.614) == percent
    assert words.trimmed(11.4) == tenths


def test_halves_round_up_also_where_binary_numbers_hide_them() -> None:
    assert (ES.number(2.5), ES.number(0.5), ES.number(1.005, 2), ES.number(-0.2)) == ("3", "1", "1.01", "0")


def test_a_number_that_is_not_known_cannot_be_written() -> None:
    with pytest.raises(UnknownWordsError):
        ES.number(math.nan)


def test_changes_carry_a_true_sign_and_zero_none() -> None:
    assert (ES.signed(1200), ES.signed(-300), ES.signed(0.2)) == ("+1,200", "−300", "0")
    assert ES.percent(-0.112, 1) == "−11.2%"


@given(st.floats(0, 1))
def test_nearly_all_is_never_said_as_all_nor_a_few_as_none(share: float) -> None:
    said = ES.of_hundred(share)
    assert (said == "100") == (share == 1.0)
    assert (said == "0") == (share == 0.0)


@given(st.floats(0.02, 0.98))
def test_shares_in_the_middle_are_whole_hundredths(share: float) -> None:
    assert "." not in ES.of_hundred(share)


def test_plurals_follow_each_language() -> None:
    assert [ES.minutes(n) for n in (1, 15, 11.4)] == ["1 minuto", "15 minutos", "11.4 minutos"]
    assert [FR.minutes(n) for n in (0, 1, 2)] == ["0 minute", "1 minute", "2 minutes"]
    assert [EN.minutes(n) for n in (0, 1, 2)] == ["0 minutes", "1 minute", "2 minutes"]


def test_money_is_said_as_people_say_it() -> None:
    assert ES.money(180e6, "MXN") == "180 millones de pesos"
    assert ES.money(1e6, "MXN") == "1 millón de pesos"
    assert ES.money(999_600, "MXN") == "1 millón de pesos"
    assert ES.money(1.25e9, "MXN") == "1,250 millones de pesos"
    assert ES.money(827e3, "MXN") == "827 mil pesos"
    assert ES.money(3_150, "COP") == "3,150 pesos colombianos"
    assert ES.money(180e6, "MXN", short=True) == "MXN\u00a0180\u00a0M"
    assert FR.money(8.27e6, "EUR") == "8,27 millions de euros"


def test_a_range_is_told_in_one_scale_and_not_known_is_never_zero() -> None:
    assert ES.money_range(Range(150e6, 180e6, 1.2e9), "MXN") == "180 millones de pesos (entre 150 y 1,200)"
    assert ES.money_range(Range(5.0, 5.0, 5.0), "MXN") == "5 pesos"
    assert ES.money_range(None, "MXN") == "no se conoce"


def test_days_are_written_in_full_and_a_bare_year_stays() -> None:
    assert ES.date("2026-11-23") == "23 de noviembre de 2026"
    assert FR.date(date(2026, 11, 23)) == "23 novembre 2026"
    assert ES.date("2020") == "2020"


def test_a_town_names_its_groups_itself_and_another_language_is_better_than_none() -> None:
    labels = {"elders": {"es": "Abuelas y abuelos"}}
    assert ES.group("elders", labels) == "Abuelas y abuelos"
    assert FR.group("elders", labels) == "Abuelas y abuelos"
    assert ES.group("nobody knows", labels) == "nobody knows"
    assert ES.people("elders", labels) == "personas del grupo «Abuelas y abuelos»"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_group_aim_and_service_of_ours_has_words(language: str) -> None:
    words = Words(language)
    assert not [g for g in GROUPS if f"group.{g}" not in words or f"people.{g}" not in words]
    assert not [a for a in TERMS if f"aim.{a}.unit" not in words or f"aim.{a}.goal" not in words]
    assert not [s for s in read_catalogue() if f"group.{s}" not in words]


@pytest.mark.parametrize(
    ("option", "environ", "locale", "picked"),
    [
        ("fr", {"UTOPIAS_LANGUAGE": "en"}, "es_MX.UTF-8", "fr"),
        (None, {"UTOPIAS_LANGUAGE": "en"}, "es_MX.UTF-8", "en"),
        (None, {}, "fr_CA.UTF-8", "fr"),
        ("es-MX", {}, None, "es"),
        (None, {}, "C.UTF-8", "es"),
        (None, {}, "de_DE", "es"),
        (None, {"UTOPIAS_LANGUAGE": ""}, None, "es"),
    ],
)
def test_the_language_is_the_option_then_the_environment_then_the_locale_then_spanish(
    option: str | None, environ: dict[str, str], locale: str | None, picked: str
) -> None:
    assert pick_language(option, environ, locale) == picked


def test_a_wish_we_cannot_meet_is_refused() -> None:
    with pytest.raises(UnknownWordsError, match="de"):
        pick_language("de", {}, None)
    with pytest.raises(UnknownWordsError, match="xx"):
        pick_language(None, {"UTOPIAS_LANGUAGE": "xx"}, None)


@pytest.mark.parametrize("words", [ES, FR], ids=["es", "fr"])
def test_what_the_made_up_town_says_of_itself_is_said_in_the_readers_language(words: Words) -> None:
    from utopias.territory.synthetic import synthetic_town

    town = synthetic_town("borough", people=20_000, seed=7)
    texts = [source.name for source in town.sources] + [group.formula for group in town.groups]
    assert not [text for text in texts if words.ours(text) == text]
    assert words.ours("Censo de 2020") == "Censo de 2020"
