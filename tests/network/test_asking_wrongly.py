"""What cannot be asked of the engine is refused, all of it at once, before anything is searched."""

import numpy as np
import pytest

from utopias.domain.errors import ProblemError, TooLargeError, UtopiasError
from utopias.network import rows as rows_file
from utopias.network.chains import BLOCKED
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner


@pytest.fixture(scope="module")
def street() -> StreetNetwork:
    k = np.arange(9)
    return StreetNetwork.from_edges(80.0 * np.arange(10), np.zeros(10), k, k + 1, np.full(9, 600))


NODES = [
    ([0, 10, -1], "spot-nowhere"),
    ([0.0, 1.0], "not-whole"),
    ([True, False], "not-whole"),
    ([0, None], "not-whole"),
    (["0"], "not-whole"),
    ([np.nan], "not-whole"),
    ([[0, 1], [2, 3]], "misaligned"),
    (3, "misaligned"),
    (None, "misaligned"),
]


@pytest.mark.parametrize(("nodes", "code"), NODES, ids=str)
def test_nodes_that_are_none_are_refused_by_every_question(street, nodes, code):
    for ask in (
        lambda: street.rows(nodes, 600),
        lambda: street.nearest(nodes, 1),
        lambda: street.sums(np.ones(10), 600, 3 if nodes is None else nodes),
    ):
        with pytest.raises(ProblemError) as refusal:
            ask()
        assert code in refusal.value.codes


def test_the_first_node_that_is_none_is_shown_with_its_place(street):
    with pytest.raises(ProblemError) as refusal:
        street.rows([0, 10, -1], 600)
    (fault,) = refusal.value.faults
    assert fault.what == "2 of 3 nodes are not of this network"
    assert fault.first == "position 1: node 10"
    assert fault.mend == "nodes are numbered from 0 to 9, as they were given to the network"


@pytest.mark.parametrize("limit", [-1, BLOCKED, 600.0, "600", "20 km", "fast", None, np.nan, True])
def test_a_limit_that_is_none_is_refused(street, limit):
    for ask in (street.rows, street.nearest):
        if limit is None and ask == street.nearest:
            continue  # there it means all
        with pytest.raises(UtopiasError):
            ask([0], limit) if ask == street.rows else ask([0], 1, limit)
    with pytest.raises(UtopiasError):
        street.sums(np.ones(10), limit)


@pytest.mark.parametrize("k", [0, -3, 4, 1.0, "2", None, True])
def test_a_k_that_is_none_or_more_than_there_are_is_refused(street, k):
    with pytest.raises(ProblemError) as refusal:
        street.nearest([0, 1, 1], k)
    assert refusal.value.codes == ("bad-count",)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.ones(9), "misaligned"),
        (np.ones((10, 1)), "misaligned"),
        (7, "misaligned"),
        (np.r_[np.ones(9), np.nan], "bad-weight"),
        (np.r_[np.ones(9), np.inf], "bad-weight"),
        (["1"] * 10, "not-a-number"),
        (np.ones(10) * 1j, "not-a-number"),
        (np.array([None] * 10), "not-a-number"),
    ],
)
def test_values_that_are_no_numbers_of_the_nodes_are_refused(street, values, code):
    with pytest.raises(ProblemError) as refusal:
        street.sums(values, 600)
    assert refusal.value.codes == (code,)


def test_all_that_is_wrong_is_told_at_once(street):
    with pytest.raises(ProblemError) as refusal:
        street.nearest([0, 77], 5, -1)
    assert refusal.value.codes == ("spot-nowhere", "bad-count", "bad-limit")
    with pytest.raises(ProblemError) as refusal:
        street.sums(np.r_[np.ones(9), np.nan], "fast", [0.5])
    assert refusal.value.codes == ("bad-weight", "not-whole", "unknown-quantity")
    with pytest.raises(ProblemError) as refusal:
        street.rows([[0]], -1)
    assert refusal.value.codes == ("misaligned", "bad-limit")


def test_rows_that_would_not_fit_are_refused_and_those_that_do_are_found(street):
    every = np.tile(np.arange(10), 20)
    entries = len(street.rows(every, 10**6).nodes)
    assert entries == 2000
    enough = entries * rows_file.BYTES_AN_ENTRY
    assert len(street.rows(every, 10**6, memory=enough).nodes) == entries
    for workers in (1, 2):
        with pytest.raises(TooLargeError) as refusal:
            street.rows(every, 10**6, memory=enough - 1, runner=Runner(workers))
        assert refusal.value.codes == ("too-many-pairs",)
        assert refusal.value.faults[0].count >= entries


def test_rows_that_outgrow_what_a_sample_foretold_stop_where_the_memory_ends(street, monkeypatch):
    monkeypatch.setattr(rows_file, "SAMPLE", 10**6)  # no sample at all
    entries = 2000
    with pytest.raises(TooLargeError):
        street.rows(np.tile(np.arange(10), 20), 10**6, memory=entries * rows_file.BYTES_AN_ENTRY // 3)


def test_the_nearest_of_too_many_are_refused(street):
    needed = 3 * 8 * (2 + 10)  # two junctions, ten nodes
    assert street.nearest([0, 1, 2], 3, memory=needed).cost.shape == (10, 3)
    with pytest.raises(TooLargeError) as refusal:
        street.nearest([0, 1, 2], 3, memory=needed - 1)
    assert refusal.value.faults[0].mend == "take a k of 2 or less, or a larger machine"


def test_what_is_found_is_closed_for_writing(street):
    rows, found = street.rows([0], 600), street.nearest([0])
    for array in (rows.starts, rows.nodes, rows.cost, found.cost, found.which):
        with pytest.raises(ValueError):
            array[0] = 1
