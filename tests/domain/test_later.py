"""What is put off is made once, whoever asks first."""

import threading
import time
from dataclasses import dataclass

import pytest

from utopias.domain.later import Later, PutsOff


@dataclass(frozen=True, eq=False)
class Noun(PutsOff):
    part: object

    def __post_init__(self) -> None:
        self.put_off()


def test_threads_that_ask_at_once_are_given_one_and_the_same() -> None:
    def make() -> object:
        time.sleep(0.02)
        return object()

    noun, found = Noun(Later(1, make)), []
    threads = [threading.Thread(target=lambda: found.append(noun.part)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_a_part_that_cannot_be_made_says_why_each_time_and_one_that_is_not_there_is_none() -> None:
    noun = Noun(Later(1, lambda: 1 / 0))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            _ = noun.part
    with pytest.raises(AttributeError, match="Noun has no 'other'"):
        _ = noun.other
