"""How much memory a table of times will take, said before the work begins.

A job that would not fit is refused at once with the size it needs, not killed after an hour.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from utopias.domain.arrays import Floats
from utopias.domain.errors import Fault, TooLargeError
from utopias.domain.sentences import Sentence
from utopias.network.slopes import FASTEST

BYTES_A_PAIR = 24  # column and time twice over while the table is turned, and the growing chunks
SAMPLE = 256  # sources whose neighbours are counted to foresee the pairs of all
MARGIN = 1.1  # over the count of the sample


def pairs_expected(
    from_x: Floats, from_y: Floats, to_x: Floats, to_y: Floats, metres: float, *, rise_known: bool = False
) -> int:
    """About how many pairs lie within ``metres`` of each other in a straight line: no fewer are within reach.

    Counted exactly for up to 256 sources evenly spread over those given, and scaled up. Where rises
    are known, the reach grows by the gain of the best way down (19 %).
    """
    if len(from_x) == 0 or len(to_x) == 0:
        return 0
    at = np.unique(np.linspace(0, len(from_x) - 1, min(SAMPLE, len(from_x))).astype(np.int64))
    tree = cKDTree(np.stack([to_x, to_y], 1))
    near = tree.query_ball_point(
        np.stack([from_x[at], from_y[at]], 1), metres * (FASTEST if rise_known else 1.0), return_length=True
    )
    mean = float(np.mean(near))
    margin = 1.0 if len(at) == len(from_x) else MARGIN
    return int(np.ceil(mean * len(from_x) * margin))


def must_fit(pairs: int, *, fixed: int, memory: int | None, grown: bool = False) -> tuple[int, int]:
    """Refuse a table that needs more memory than there is.

    Parameters
    ----------
    pairs : times in the table. fixed : bytes of everything else. memory : bytes allowed; None for
        what the machine has free. grown : the table has outgrown its forecast while being made.

    Returns
    -------
    bytes the job is expected to take, and pairs that would fit.

    Raises
    ------
    TooLargeError : it would not fit.
    """
    needed = pairs * BYTES_A_PAIR + fixed
    allowed = free_memory() if memory is None else memory
    if allowed is not None and needed > allowed:
        raise TooLargeError(
            Fault(
                code="too-many-pairs",
                what=Sentence(
                    "about {count:,} times need {needed:,.2f} GB; {free:,.2f} GB are free",
                    count=pairs,
                    needed=needed / 1000000000.0,
                    free=allowed / 1000000000.0,
                ),
                where="travel times, while they were being made" if grown else "travel times",
                mend="take a shorter limit, fewer destinations at a time, or a larger machine",
                count=pairs,
            )
        )
    most = 2**62 if allowed is None else max(0, allowed - fixed) // BYTES_A_PAIR
    return needed, most


def free_memory() -> int | None:
    """Bytes this machine can still give, None where it does not say (only Linux says)."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None
