"""Each check of the bench catches a falsified answer; and lets pass what differs lawfully.

Our engine's place is taken by scipy here, so that the checks are tried apart from what they check. ``.ci/run`` runs the
same contests with the engine itself (``python -m benchmarks access --little``).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csgraph

from benchmarks.access import equality, graphs, walking
from benchmarks.access.shares import apart
from benchmarks.rounds import Bar, Contest, decide

BAR = Bar(1, 1)


class Searched:
    """The methods of ``StreetNetwork`` that the bench asks, by scipy; each may be falsified on its way out."""

    def __init__(self, graph: graphs.Graph, falsify: Callable[[Any], Any] = lambda answer: answer) -> None:
        self.graph, self.falsify = graph, falsify
        self.far = csgraph.dijkstra(graph.matrix())

    def sums(self, values: Any, limit: int) -> Any:
        return self.falsify((self.far <= limit) @ values)

    def rows(self, sources: Any, limit: int) -> Any:
        within = self.far[sources] <= limit
        row, nodes = np.nonzero(within)
        starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(sources)))])
        return self.falsify((starts, nodes, self.far[sources][within].astype(np.int32)))

    def nearest(self, nodes: Any, k: int, limit: int) -> Any:
        far = self.far[:, nodes]
        order = np.argsort(far, axis=1, kind="stable")[:, :k]
        cost = np.take_along_axis(far, order, axis=1)
        none = cost > limit
        return self.falsify((np.where(none, -1, cost).astype(np.int32), np.where(none, -1, order).astype(np.int32)))

    def table(self, sources: Any, targets: Any) -> Any:
        far = self.far[np.ix_(sources, targets)]
        return self.falsify(np.where(np.isinf(far), -1, far).astype(np.int32))

    def reweigh(self, edges: Any, costs: Any) -> Any:
        graph = self.graph
        cost = walking.changed_costs(graph, edges, costs)
        changed = graphs.Graph(graph.name, graph.x, graph.y, graph.tail, graph.head, cost, graph.people)
        return Searched(changed, self.falsify)


def last_by_one(answer: Any) -> Any:
    """The smallest wrong: the last cost, or the last sum, one more."""
    if isinstance(answer, tuple) and len(answer) == 2:  # costs and ids of the nearest
        return last_by_one(answer[0]), answer[1]
    if isinstance(answer, tuple):
        return (*answer[:-1], last_by_one(answer[-1]))
    wrong = np.array(answer)
    wrong.ravel()[-1] += 1
    return wrong


CONTESTS: dict[str, Callable[[walking.Ground], Contest]] = {
    "sums": lambda ground: walking.sums(ground, metres=400, bar=BAR),
    "rows": lambda ground: walking.rows(ground, metres=400, sites=20, bar=BAR),
    "nearest": lambda ground: walking.nearest(ground, places=30, k=3, metres=800, bar=BAR),
    "table": lambda ground: walking.table(ground, side=25, sampled=5, scipy_bar=BAR, pandana_bar=BAR),
    "edit": lambda ground: walking.edit(ground, side=25, bar=BAR),
}


@pytest.fixture(scope="module")
def graph() -> graphs.Graph:
    return graphs.little(9)


@pytest.mark.parametrize("name", CONTESTS)
def test_the_right_answer_is_equal_to_the_peers(name: str, graph: graphs.Graph) -> None:
    assert not asked(name, graph, Searched(graph)).wrong


@pytest.mark.parametrize("name", CONTESTS)
def test_an_answer_with_one_number_one_too_large_is_caught(name: str, graph: graphs.Graph) -> None:
    found = asked(name, graph, Searched(graph, last_by_one))
    assert any("1 of " in said for said in found.wrong)
    assert not found.figures


def test_a_wrong_id_at_a_right_cost_is_caught(graph: graphs.Graph) -> None:
    def others(answer: Any) -> Any:
        cost, which = answer
        return cost, np.where(which == 4, 5, which)

    assert "ids of untied places differ" in asked("nearest", graph, Searched(graph, others)).wrong[0]


def copies(count: int) -> graphs.Graph:
    return graphs.tile(graphs.little(6), round(count**0.5))


@pytest.mark.parametrize("wrong_on", ["nothing", "all copies", "the whole alone"])
def test_fewer_copies_stand_for_the_whole_only_where_ours_agrees_on_both(wrong_on: str) -> None:
    def first_by_one(answer: Any) -> Any:
        return answer + (np.arange(len(answer)) == 0)

    ground = walking.Ground(copies(16), time.process_time, copies)
    right = lambda answer: answer  # noqa: E731
    ground.__dict__["ours"] = Searched(ground.graph, right if wrong_on == "nothing" else first_by_one)
    part = ground.fewer_copies(4)
    part.__dict__["ours"] = Searched(part.graph, first_by_one if wrong_on == "all copies" else right)
    contest = walking.tiled_sums(ground, metres=400, copies=4, bar=BAR)
    found = decide(Contest(contest.ours, contest.peers), rounds=1)
    assert bool(found.wrong) == (wrong_on != "nothing")


def asked(name: str, graph: graphs.Graph, network: Searched) -> Any:
    ground = walking.Ground(graph, time.process_time)
    ground.__dict__["ours"] = network
    contest = CONTESTS[name](ground)
    return decide(Contest(contest.ours, contest.peers), rounds=1)


def test_equally_near_places_may_be_named_in_any_order() -> None:
    theirs = pd.DataFrame([[5, 5, 9, 1, 0, 2]])
    assert equality.nearest_differ(([[5, 5, 9]], [[0, 1, 2]]), theirs, 3) == ""
    assert "costs differ" in equality.nearest_differ(([[5, 6, 9]], [[0, 1, 2]]), theirs, 3)


def test_the_last_rank_may_be_tied_with_a_place_nobody_names() -> None:
    theirs = pd.DataFrame([[5, 9, 0, 2]])
    assert equality.nearest_differ(([[5, 9]], [[0, 1]]), theirs, 2) == ""


def test_no_place_within_is_no_place_for_both() -> None:
    theirs = pd.DataFrame([[5, -1, 0, np.nan]])
    assert equality.nearest_differ(([[5, -1]], [[0, -1]]), theirs, 2) == ""
    assert "1 of 2 costs differ" in equality.nearest_differ(([[5, 5]], [[0, 0]]), theirs, 2)


def test_no_way_is_minus_one_whatever_a_peer_calls_it() -> None:
    assert equality.table_differs(np.array([[0, -1, -1]]), np.array([[0, np.inf, 4294967.295]])) == ""
    assert "1 of 3 costs differ" in equality.table_differs(np.array([[0, 7, -1]]), np.array([[0, np.inf, np.inf]]))


def test_a_shape_that_is_not_the_peers_is_told() -> None:
    assert equality.sums_differ(np.zeros(3), np.zeros(4)) == "sums of shape (3,) against (4,)"


def test_shares_may_differ_in_the_last_digits_only() -> None:
    right = np.array([1.0, 0.0, 3.0])
    assert apart(right * (1 + 1e-14), right) == ""
    assert "1 of 3 differ" in apart(np.array([1.0, 0.0, 3.0 + 1e-9]), right)
    assert "1 of 3 differ" in apart(np.array([1.0, 1e-300, 3.0]), right)
    assert "1 of 3 differ" in apart(np.array([1.0, np.nan, 3.0]), right)


def test_a_tile_is_the_city_again_joined_at_the_seams() -> None:
    one = graphs.little(12)
    four = graphs.tile(one, 2)
    assert len(four) == 4 * len(one)
    seams = len(four.tail) - 4 * len(one.tail)
    assert 0 < seams <= 4 * graphs.SEAM
    apart_of_one = csgraph.connected_components(one.matrix(), directed=False)[0]
    apart_of_four = csgraph.connected_components(four.matrix(), directed=False)[0]
    assert apart_of_four < 4 * apart_of_one
    # Inside a copy nothing changed: costs of the second are those of the first, shifted.
    inside = (four.tail >= len(one)) & (four.tail < 2 * len(one)) & (four.head >= len(one)) & (four.head < 2 * len(one))
    assert (four.cost[inside] == one.cost).all()
