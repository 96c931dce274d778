"""Curves of decay: by hand, against scipy, as written, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.access.test_measures import table
from utopias.access.measures import gravity, opportunities_within
from utopias.domain.decay import EXAMPLES, FLAT, Decay, thirds, zones
from utopias.domain.errors import ProblemError, QuantityError
from utopias.domain.quantities import Minutes

HOUR = Minutes(60)


def at(decay: str, *minutes: float) -> list[float]:
    """The weights of walks of so many minutes."""
    curve = Decay.of(decay).table(HOUR, HOUR)
    return [float(curve[round(minute * 600)]) for minute in minutes]


@pytest.mark.parametrize(
    ("decay", "minutes", "weights"),
    [
        ("flat", [0, 30, 60], [1, 1, 1]),
        ("steps 5 min:1, 10 min:0.68, 15 min:0.22", [0, 5, 5.1, 10, 15, 15.1], [1, 1, 0.68, 0.68, 0.22, 0]),
        ("linear 15 min", [0, 3, 15, 20], [1, 0.8, 0, 0]),
        ("exponential 10 min", [0, 10, 20], [1, math.exp(-1), math.exp(-2)]),
        ("gaussian 20 min", [0, 20, 30], [1, 0, 0]),
        ("gaussian 20 min", [10], [(math.exp(-1 / 8) - math.exp(-1 / 2)) / (1 - math.exp(-1 / 2))]),
        ("power 2", [0, 1, 2, 10], [1, 1, 0.25, 0.01]),
        ("power 1, 5 min", [5, 10], [1, 0.5]),
        ("log-logistic 10 min, 3", [0, 10, 20], [1, 0.5, 1 / 9]),
    ],
)
def test_the_weights_of_each_curve_by_hand(decay, minutes, weights):
    assert at(decay, *minutes) == pytest.approx(weights, abs=1e-15)


def test_the_logistic_is_the_published_example():
    # The table of decay_logistic(cutoff = 30, sd = 5) in the manual of the R package accessibility.
    assert at("logistic 30 min, 5 min", 0, 30, 45, 60) == pytest.approx(
        [1.0, 5.000094e-01, 4.314804e-03, 1.877853e-05], rel=1e-6
    )


def test_the_log_logistic_is_the_survival_function_of_scipy():
    walks = [1, 4, 9, 30]
    assert at("log-logistic 8 min, 2.5", *walks) == pytest.approx(stats.fisk.sf(walks, 2.5, scale=8))


@pytest.mark.parametrize("written", EXAMPLES.values())
def test_a_decay_is_written_as_it_was_read(written):
    assert Decay.of(written).written == written
    assert Decay.of(Decay.of(written)).written == written
    assert Decay.of(written).source


@pytest.mark.parametrize("written", EXAMPLES.values())
def test_every_curve_begins_at_one_and_never_rises(written):
    curve = Decay.of(written).table(HOUR, HOUR)
    assert curve[0] == pytest.approx(1)
    assert (np.diff(curve) <= 0).all()


@pytest.mark.parametrize("written", EXAMPLES.values())
def test_the_limit_is_within_and_a_decisecond_more_weighs_nothing(written):
    curve = Decay.of(written).table(Minutes(12), HOUR)
    assert len(curve) == 36_001
    assert (curve[7_201:] == 0).all()
    assert curve[:7_201].tolist() == Decay.of(written).table(HOUR, HOUR)[:7_201].tolist()


def test_any_function_of_minutes_is_a_decay():
    def half_gone(minutes):
        return 0.5 ** (minutes / 7)

    decay = Decay.of(half_gone)
    assert decay.written == "half_gone"
    assert decay.table(HOUR, HOUR)[14 * 600] == pytest.approx(0.25)


def test_thirds_are_three_zones_up_to_the_limit():
    assert thirds(Minutes(15)).written == "steps 5 min:1, 10 min:0.68, 15 min:0.22"


def test_a_weight_too_small_to_matter_is_none():
    assert at("exponential 1 s", 1, 10) == [pytest.approx(math.exp(-60)), 0]


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        ("cubic 5 min", "unknown-decay", "use one of: flat"),
        ("", "unknown-decay", "is no decay"),
        ("exponential", "bad-decay", "it has 0 numbers"),
        ("exponential 5 min, 6 min", "bad-decay", "exponential 10 min"),
        ("linear 0 min", "bad-decay", "not over 0"),
        ("power two", "bad-decay", "no number over 0"),
        ("power -1", "bad-decay", "no number over 0"),
        ("log-logistic 5 min, inf", "bad-decay", "no number over 0"),
        ("steps", "bad-decay", "names no zone"),
        ("steps 5 min", "bad-decay", "no zone with its weight"),
        ("steps 5 min:-1", "bad-decay", "no zone with its weight"),
        ("steps 10 min:1, 5 min:0.5", "bad-decay", "do not rise"),
    ],
)
def test_what_makes_no_sense_is_refused_with_how_to_write_it(written, code, said):
    with pytest.raises(ProblemError, match=said) as refusal:
        Decay.of(written)
    assert refusal.value.codes == (code,)


def test_a_time_without_its_unit_is_refused():
    with pytest.raises(QuantityError):
        Decay.of("exponential 10")


def test_all_faults_of_zones_are_told_at_once():
    with pytest.raises(ProblemError) as refusal:
        zones(("10 min", 1), ("5 min", math.nan))
    assert refusal.value.codes == ("bad-decay", "bad-decay")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda minutes: -minutes, "36000 weights are no numbers"),
        (lambda minutes: minutes * np.nan, "36001 weights"),
        (lambda minutes: minutes * 0, "no walk up to 60 min weighs anything"),
        (lambda _: 1.0, "shape"),
    ],
)
def test_a_function_that_gives_no_weights_is_refused(function, said):
    with pytest.raises(ProblemError, match=said):
        Decay.of(function).table(HOUR, HOUR)


def test_gravity_by_hand_counts_the_near_more():
    times = table([[0, 10, 20], [None, 15, None], [None, None, None]])
    assert gravity(times, [4, 8, 16], "steps 10 min:1, 20 min:0.25").tolist() == [16, 2, 0]
    assert gravity(times, [4, 8, 16], "flat", within="10 min").tolist() == [12, 0, 0]


@given(minutes=st.integers(0, 60), seed=st.integers(0, 99))
def test_gravity_without_decay_is_the_opportunities_within(minutes, seed):
    rng = np.random.default_rng(seed)
    times = table([[float(t) if t < 45 else None for t in row] for row in rng.integers(0, 60, (6, 4))])
    capacity = rng.integers(0, 9, 4)
    limit = f"{minutes} min"
    assert (
        gravity(times, capacity, FLAT, within=limit).tolist() == opportunities_within(times, capacity, limit).tolist()
    )
