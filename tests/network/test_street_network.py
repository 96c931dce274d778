"""The network as a noun: made from streets or edges, frozen, honest about what it lacks."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tests.network.grids import random_grid, streets_of
from tests.toy import toy_town
from utopias.domain.errors import ProblemError, TableError
from utopias.network.order import hilbert_key, hilbert_order
from utopias.network.straight_lines import straight_lines
from utopias.network.street_network import StreetNetwork, street_network


def test_a_town_and_its_streets_give_the_same_network():
    town = toy_town()
    one, other = street_network(town), street_network(town.streets)
    assert (one.forward.costs == other.forward.costs).all()
    assert len(one) == 2


def test_a_town_without_streets_is_told_of_straight_lines():
    with pytest.raises(ProblemError, match="straight_lines") as refusal:
        street_network(replace(toy_town(), streets=None))
    assert refusal.value.codes == ("no-streets",)


def test_streets_that_nobody_may_walk_are_refused():
    with pytest.raises(ProblemError) as refusal:
        street_network(streets_of([0, 80], [0, 0], [0], [1], foot=[False]))
    assert refusal.value.codes == ("no-walkable-street",)


def test_steps_cut_the_network_of_a_wheelchair_in_two():
    streets = streets_of([0, 80, 160, 240], [0, 0, 0, 0], [0, 1, 2], [1, 2, 3], steps=[False, True, False])
    assert street_network(streets).component_share.tolist() == [1.0]
    assert street_network(streets, walker="wheelchair").component_share.tolist() == [0.5, 0.5]


def test_the_arrays_of_a_network_are_closed_for_writing():
    network = street_network(random_grid(4, 4, seed=1))
    for array in (network.x, network.forward.costs, network.reverse.heads, network.chains.onward, network.edges.chain):
        with pytest.raises(ValueError):
            array[0] = 1


def test_junctions_near_on_the_ground_are_near_in_the_order():
    network = street_network(random_grid(30, 30, seed=2, dropped=0.05))
    start = np.repeat(np.arange(len(network)), np.diff(network.forward.starts))
    in_order = np.median(np.abs(start - network.forward.heads))
    shuffled = np.random.default_rng(0).permutation(len(network))
    at_random = np.median(np.abs(shuffled[start] - shuffled[network.forward.heads]))
    assert in_order < at_random / 10


def test_the_hilbert_curve_visits_every_cell_once_by_steps_of_one():
    across, up = np.meshgrid(np.arange(16.0), np.arange(16.0))
    x, y = across.ravel(), up.ravel()
    assert len(np.unique(hilbert_key(x, y))) == 256
    order = hilbert_order(x, y)
    step = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert (step == 1).all()


def test_points_all_in_one_spot_keep_their_order():
    assert hilbert_order(np.ones(5), np.ones(5)).tolist() == [0, 1, 2, 3, 4]
    assert len(hilbert_order(np.zeros(0), np.zeros(0))) == 0


def test_a_network_from_edges_has_the_costs_it_was_given():
    network = StreetNetwork.from_edges([0, 80], [0, 0], [0], [1], [600], [700])
    assert network.chains.onward.tolist() + network.chains.back.tolist() in ([600, 700], [700, 600])
    assert StreetNetwork.from_edges([0, 80], [0, 0], [0], [1], [600]).forward.costs.tolist() == [600, 600]


def test_every_fault_of_edges_is_told_at_once():
    with pytest.raises(TableError) as refusal:
        StreetNetwork.from_edges([0, np.nan], [0, 0], [0, 5], [1, 1], [1.5, -1.0])
    assert refusal.value.codes == ("no-coordinates", "not-whole", "edge-of-nothing", "bad-cost")
    with pytest.raises(TableError) as refusal:
        StreetNetwork.from_edges([0, 1], [0], [0], [1, 1], [1])
    assert refusal.value.codes == ("misaligned", "misaligned")
    with pytest.raises(TableError) as refusal:
        StreetNetwork.from_edges([0, 1], [0, 1], [], [], [])
    assert refusal.value.codes == ("no-walkable-street",)


@pytest.mark.parametrize("circuity", [0.9, float("nan"), float("inf")])
def test_a_circuity_under_one_or_no_number_is_refused(circuity):
    with pytest.raises(ProblemError) as refusal:
        straight_lines(toy_town(), circuity=circuity)
    assert refusal.value.codes == ("bad-circuity",)


def test_reading_these_rooms_does_not_load_the_compiler():
    code = (
        "import sys, utopias.access.on_foot, utopias.access.catchment, utopias.network.attach;"
        "print('numba' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_reweighing_nothing_changes_nothing():
    network = StreetNetwork.from_edges([0, 1, 2], [0, 0, 0], [0, 1], [1, 2], [5, 7])
    assert network.reweigh([], []).table([0], [2]).tolist() == [[12]]
