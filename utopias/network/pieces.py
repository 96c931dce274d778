"""Which connected piece of a network each node belongs to."""

# mypy: allow-untyped-defs, disable-error-code="call-overload"

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import AnyArray, Ints


@kernel(types.int64(types.I4, types.I4, types.OUT_I4), work=turns_of, compiles_in=0.5)
def join_ends(tail, head, piece):
    """Fill ``piece`` (n,) with the number of each node's connected piece, in order of its first node; how many.

    Union by the lower number with halved paths: Tarjan & van Leeuwen (1984), J. ACM 31:245-281.
    """
    for node in range(len(piece)):
        piece[node] = node
    for edge in range(len(tail)):
        a = tail[edge]
        while piece[a] != a:
            piece[a] = piece[piece[a]]
            a = piece[a]
        b = head[edge]
        while piece[b] != b:
            piece[b] = piece[piece[b]]
            b = piece[b]
        if a < b:
            piece[b] = a
        elif b < a:
            piece[a] = b
    found = np.int64(0)
    for node in range(len(piece)):
        # The root of a node is a lower one, whose place already holds its piece's number.
        if piece[node] == node:
            piece[node] = found
            found += 1
        else:
            piece[node] = piece[piece[node]]
    return found


def connected_pieces(nodes: int, tail: AnyArray, head: AnyArray) -> tuple[int, Ints]:
    """How many connected pieces there are, and (nodes,) the piece of each node, in order of first nodes.

    Parameters
    ----------
    tail, head : (e,) nodes joined, in either direction. A node without an edge is a piece of its own.
    """
    piece = np.empty(nodes, dtype=np.int32)
    ends = (np.ascontiguousarray(end, dtype=np.int32) for end in (tail, head))
    return int(join_ends(*ends, piece)), piece
