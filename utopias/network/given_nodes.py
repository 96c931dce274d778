"""Nodes, values and limits that are asked about, looked over before a search begins: all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from utopias.domain.arrays import AnyArray, frozen
from utopias.domain.errors import Fault, ProblemError, UtopiasError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.network.chains import BLOCKED

MEAN_OF = 4096  # links whose mean cost stands for that of all


def node_faults(nodes: AnyArray, count: int, where: str) -> list[Fault]:
    """What keeps ``nodes`` from being a row of positions among ``count`` nodes; the same one may come again."""
    if nodes.ndim != 1:
        return [
            Fault(
                "misaligned",
                Sentence("{where} have shape {shape}, not one row of nodes", where=where, shape=nodes.shape),
            )
        ]
    if len(nodes) == 0:
        return []
    if not np.issubdtype(nodes.dtype, np.integer):
        return [
            Fault(
                code="not-whole",
                what=Sentence("{where} are no whole numbers", where=where),
                where=where,
                mend="give the positions of nodes, from 0, as integers",
            )
        ]
    lost = (nodes < 0) | (nodes >= count)
    if not lost.any():
        return []
    first = int(np.flatnonzero(lost)[0])
    return [
        Fault(
            code="spot-nowhere",
            what=Sentence(
                "{count:,} of {total:,} nodes are not of this network", count=int(lost.sum()), total=len(nodes)
            ),
            where=where,
            mend=Sentence("nodes are numbered from 0 to {last:,}, as they were given to the network", last=count - 1),
            count=int(lost.sum()),
            first=Sentence("position {spot}: node {number}", spot=first, number=int(nodes[first])),
        )
    ]  # fmt: skip


def cost_limit(limit: int | str | Duration) -> int:
    """A limit as a whole number of cost units.

    Raises
    ------
    ProblemError : under 0, or so large that a blocked way would lie within.
    QuantityError : neither a whole number nor a time with its unit.
    """
    whole = isinstance(limit, (int, np.integer)) and not isinstance(limit, bool)
    most = int(limit) if whole else Duration.of(limit).deciseconds  # type: ignore[arg-type]
    if not 0 <= most < BLOCKED:
        raise ProblemError(
            Fault(
                "bad-limit",
                Sentence("a limit of {limit} is under 0 or of {blocked:,} or more", limit=str(limit), blocked=BLOCKED),
                mend="give a whole number in the unit of the costs, or a time with its unit",
            )
        )
    return most


def asked(faults: Iterable[Fault], limit: int | str | Duration) -> int:
    """The limit in cost units; every fault of it and of ``faults`` is told at once.

    Raises
    ------
    ProblemError : there is any.
    """
    told, most = list(faults), 0
    try:
        most = cost_limit(limit)
    except UtopiasError as refusal:
        told += refusal.faults
    if told:
        raise ProblemError(told)
    return most


def mean_link(costs: AnyArray, most: int) -> float:
    """The mean cost of links, none counted for more than ``most``; from some thousands of them evenly picked."""
    some = costs[:: max(1, len(costs) // MEAN_OF)]
    return float(np.minimum(some, most).mean()) if len(some) else 1.0


def closed(array: AnyArray) -> AnyArray:
    """Contiguous and closed for writing, as the kernels' signatures say."""
    view: AnyArray = frozen(np.ascontiguousarray(array))
    return view
