"""One question answered by us and by peers: equality first, then interleaved rounds, then medians.

No second is told of an answer that is not equal to the peer's. Clocks are handed in, so that the
arithmetic is tested without waiting.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Work = Callable[[], Any]
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must be (``floor``, endless: nothing) and what is aimed for; at least so much, or at most."""

    floor: float
    aim: float
    at_least: bool = True

    def keeps(self, value: float) -> bool:
        return value >= self.floor if self.at_least else value <= self.floor

    def reaches_aim(self, value: float) -> bool:
        return value >= self.aim if self.at_least else value <= self.aim


@dataclass(frozen=True)
class Peer:
    """Another program's way to the same answer.

    work : what is timed. differs : our answer and theirs -> what is not equal, "" where nothing is.
    bar : what its seconds over ours must be; None: shown only.
    share : of our work, what it is asked (pandana 20 of 1,000 rows: 0.02); its seconds are divided by it, which is
        fair only where each part costs the same, and is told in ``note``.
    once : timed in the first round only, since it takes minutes.
    """

    work: Work
    differs: Callable[[Any, Any], str]
    bar: Bar | None = None
    share: float = 1.0
    note: str = ""
    once: bool = False


@dataclass(frozen=True)
class Contest:
    """A question, our way to its answer, and the peers'.

    warm : compiles ours on a small input, and makes what is made once for a network. once : what that is; then the
        seconds of ``warm`` are told, though not counted.
    """

    ours: Work
    peers: Mapping[str, Peer]
    warm: Work = lambda: None
    once: str = ""
    size: str = ""
    clock: Callable[[], float] = time.process_time


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a row. bar : None where it is only shown. seconds : what stood over and under a ratio."""

    label: str
    value: float
    unit: str
    bar: Bar | None = None
    ours: float | None = None
    theirs: float | None = None
    note: str = ""

    @property
    def mark(self) -> str:
        """ "aim", "kept" or "MISSED"; "" without a bar; "short" of an aim under which there is no bar."""
        if self.bar is None:
            return ""
        if not self.bar.keeps(self.value):
            return "MISSED"
        if self.bar.reaches_aim(self.value):
            return "aim"
        return "kept" if math.isfinite(self.bar.floor) else "short"


@dataclass(frozen=True)
class Outcome:
    """What a row found.

    wrong : what was not equal; then there are no figures. rounds : every round's seconds.
    equal : whom or what the answer was compared with. made : seconds of what is made once and not counted.
    plan : of a plan, its value, bound, whether proven, and seconds, as they are told. notes : what else is told.
    """

    figures: Sequence[Figure] = ()
    wrong: Sequence[str] = ()
    size: str = ""
    rounds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    equal: Sequence[str] = ()
    made: Mapping[str, float] = field(default_factory=dict)
    plan: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.wrong and self.figures:
            raise ValueError("a row that is not equal has no figures")


def decide(contest: Contest, rounds: int = ROUNDS) -> Outcome:
    """Answer once each and compare; then, where all are equal, ``rounds`` rounds of everybody in turn.

    Returns
    -------
    Outcome: for each peer the median over rounds of its seconds over ours of the same round. The first, compared
    answer of each is its first round.
    """
    made: dict[str, float] = {}
    if contest.once:
        started = contest.clock()
        contest.warm()
        made[contest.once] = contest.clock() - started
    else:
        contest.warm()
    seconds: dict[str, list[float]] = {"ours": [], **{name: [] for name in contest.peers}}
    mine = _timed(contest, seconds["ours"], contest.ours)
    wrong = []
    for name, peer in contest.peers.items():
        said = peer.differs(mine, _timed(contest, seconds[name], peer.work))
        if said:
            wrong.append(f"{name}: {said}")
    if wrong:
        return Outcome(wrong=wrong, size=contest.size)
    for _ in range(rounds - 1):
        _timed(contest, seconds["ours"], contest.ours)
        for name, peer in contest.peers.items():
            if not peer.once:
                _timed(contest, seconds[name], peer.work)
    figures = [_ratio(name, peer, seconds) for name, peer in contest.peers.items()]
    return Outcome(figures, size=contest.size, rounds=seconds, equal=tuple(contest.peers), made=made)


def _timed(contest: Contest, into: list[float], work: Work) -> Any:
    started = contest.clock()
    result = work()
    into.append(contest.clock() - started)
    return result


def _ratio(name: str, peer: Peer, seconds: Mapping[str, Sequence[float]]) -> Figure:
    theirs = [taken / peer.share for taken in seconds[name]]
    mine = seconds["ours"]
    # A peer timed once stands against our median: its one round beside ours is no better than the others.
    each = [theirs[0] / statistics.median(mine)] if peer.once else [t / m for t, m in zip(theirs, mine, strict=True)]
    return Figure(
        label=name,
        value=statistics.median(each),
        unit="x",
        bar=peer.bar,
        ours=statistics.median(mine),
        theirs=statistics.median(theirs),
        note=peer.note,
    )


def repeated(work: Work, times: int, clock: Callable[[], float]) -> tuple[Any, list[float]]:
    """The last result and every run's seconds."""
    taken, result = [], None
    for _ in range(times):
        started = clock()
        result = work()
        taken.append(clock() - started)
    return result, taken
