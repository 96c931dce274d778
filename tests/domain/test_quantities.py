"""Numbers know their unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utopias.domain.errors import QuantityError
from utopias.domain.quantities import Duration, Length, Metres, Minutes, Persons, Visits, half_up


@pytest.mark.parametrize(
    ("written", "deciseconds"),
    [("15 min", 9000), ("15min", 9000), ("1.5 h", 54000), ("90 s", 900), ("0 s", 0), (" 2 min ", 1200), ("0.05 s", 1)],
)
def test_a_duration_is_read_with_its_unit(written: str, deciseconds: int) -> None:
    assert Duration.of(written).deciseconds == deciseconds


@pytest.mark.parametrize(
    "written", [15, 15.0, None, "15", "15 minutes", "15 m", "min 15", "-3 min", "1,5 min", "nan min", ""]
)
def test_a_bare_or_unknown_duration_is_refused(written: object) -> None:
    with pytest.raises(QuantityError) as refusal:
        Duration.of(written)  # type: ignore[arg-type]
    assert "15 min" in str(refusal.value), "the refusal shows how to write it"


def test_a_length_is_read_with_its_unit() -> None:
    assert Length.of("1.2 km").decimetres == 12_000
    assert Length.of("400m") == Metres(400)
    with pytest.raises(QuantityError):
        Length.of("400 s")


@given(st.integers(0, 10**6))
def test_a_written_duration_reads_back(deciseconds: int) -> None:
    assert Duration.of(f"{Duration(deciseconds).seconds} s").deciseconds == deciseconds


@pytest.mark.parametrize(("value", "rounded"), [(2.5, 3), (3.5, 4), (2.4999, 2), (0.5, 1), (0.0, 0)])
def test_halves_round_up_and_not_to_even(value: float, rounded: int) -> None:
    assert half_up(value) == rounded


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_minutes_are_finite_and_not_negative(value: float) -> None:
    with pytest.raises(QuantityError):
        Minutes(value)


def test_persons_and_visits_do_not_add_up() -> None:
    assert Persons(3) + Persons(4) == 7
    with pytest.raises(QuantityError) as refusal:
        Persons(3) + Visits(4)  # type: ignore[operator]
    assert refusal.value.codes == ("kinds-do-not-add",)


def test_a_count_is_never_negative_or_nan() -> None:
    for value in (-1.0, float("nan")):
        with pytest.raises(QuantityError):
            Persons(value)
