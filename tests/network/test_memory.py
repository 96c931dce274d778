"""What a network and its sums take is said before they begin, and is what they take."""

import tracemalloc

import numpy as np
import pytest

from utopias.compiled.kernel import always
from utopias.domain import memory
from utopias.domain.errors import TooLargeError
from utopias.network.every_node import A_NODE, A_NODE_OF_FLOATS
from utopias.network.street_network import BYTES_A_NODE, BYTES_AN_EDGE, StreetNetwork


def grid(side, *, back=3):
    """All streets of a grid, dearer by ``back`` one way than the other."""
    node = np.arange(side * side).reshape(side, side)
    x, y = (axis.ravel() * 50.0 for axis in np.meshgrid(np.arange(side), np.arange(side)))
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    cost = np.random.default_rng(1).integers(1, 900, len(tail))
    return StreetNetwork.from_edges(x, y, tail, head, cost, cost + back)


def at_most(work):
    tracemalloc.start(1)
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("back", [0, 3])
def test_building_and_sums_stay_within_what_is_said(back):
    with always("machine"):
        grid(8, back=back).sums(np.ones(64), 900)  # code is made before the bytes are counted
        grid(8, back=back).sums(np.full(64, 0.5), 900)
        side = 400
        built = at_most(lambda: grid(side, back=back))
        # What is given and copied beside it: coordinates, and ends and costs as 32 and 64 bits.
        said = (BYTES_AN_EDGE + 60) * 2 * side * (side - 1) + (BYTES_A_NODE + 32) * side * side
        assert 0.5 * said < built < said
        network = grid(side, back=back)
        for each, values in ((A_NODE, np.ones(side * side, dtype=int)), (A_NODE_OF_FLOATS, np.full(side * side, 0.5))):
            taken = at_most(lambda values=values: network.sums(values, 900))
            assert taken < each * side * side


def test_sums_that_would_not_fit_are_refused_with_the_number_that_would(monkeypatch):
    network = grid(10)
    monkeypatch.setattr(memory, "free_memory", lambda: A_NODE * 100)
    assert network.sums(np.ones(100), 0).sum() == 100
    with pytest.raises(TooLargeError) as refusal:
        network.sums(np.full(100, 0.5), 0)
    assert refusal.value.codes == ("too-many-nodes",)
    assert f"enough for {A_NODE * 100 // A_NODE_OF_FLOATS}" in refusal.value.faults[0].what


def test_one_cost_both_ways_is_kept_once_and_gives_what_two_give():
    flat, steep = grid(20, back=0), grid(20, back=1)
    assert flat.forward is flat.reverse
    assert flat.edges.back is flat.edges.onward
    again = steep.reweigh(np.arange(len(flat.edges)), flat.edges.onward)
    values = np.arange(400)
    assert (again.sums(values, 2000) == flat.sums(values, 2000)).all()
    assert (again.edges.before_back == flat.edges.before_back).all()
