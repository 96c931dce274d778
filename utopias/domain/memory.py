"""How much memory a job will take, said before it begins.

A job that would not fit is refused at once with the size it needs and the size that would fit, not
killed after an hour. Whoever makes a big table asks here first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from utopias.domain.errors import Fault, TooLargeError
from utopias.domain.sentences import Sentence

GIGABYTE = 1e9
ENDLESS = 2**62  # things that fit where the machine does not say how much it has


def must_fit(
    count: int,
    *,
    each: int,
    of: str,
    where: str,
    fixed: int = 0,
    memory: int | None = None,
    mend: Callable[[int], str] | None = None,
    code: str = "too-many-pairs",
) -> tuple[int, int]:
    """Refuse a job that needs more memory than there is.

    Parameters
    ----------
    count : things of which each takes ``each`` bytes at the worst moment. fixed : bytes of everything else.
    of : what the things are, a ``Sentence`` ("times"). where : the job ("travel times").
    memory : bytes allowed; None for what the machine has free.
    mend : given how many things would fit, what to ask for instead, in the words of who asked (a limit, a
        number of places); None: only how many would fit is said.

    Returns
    -------
    bytes the job is expected to take, and how many of the things would fit.

    Raises
    ------
    TooLargeError : it would not fit.
    """
    needed = count * each + fixed
    allowed = free_memory() if memory is None else memory
    if allowed is None:
        return needed, ENDLESS
    most = max(0, allowed - fixed) // each
    if needed > allowed:
        raise TooLargeError(
            Fault(
                code=code,
                what=Sentence(
                    "{needed:,.2f} GB are needed for about {count:,} {things}; {free:,.2f} GB are free, enough for {most:,}",
                    count=count,
                    things=of,
                    needed=needed / GIGABYTE,
                    free=allowed / GIGABYTE,
                    most=most,
                ),
                where=where,
                mend=Sentence("ask for less at a time, or take a larger machine") if mend is None else mend(most),
                count=count,
            )
        )
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
