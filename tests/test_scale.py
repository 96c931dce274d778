"""The same task gives the same answers in the same order, whoever runs it."""

import operator
from functools import partial

import pytest

from utopias.scale import Runner

double = partial(operator.mul, 2)


@pytest.mark.parametrize("runner", [Runner(), Runner(2), Runner(3), Runner(2, "processes")], ids=str)
def test_results_come_in_the_order_of_the_inputs(runner: Runner) -> None:
    assert list(runner.map(double, range(50))) == list(range(0, 100, 2))


@pytest.mark.parametrize("runner", [Runner(), Runner(2), Runner(2, "processes")], ids=str)
def test_the_first_error_ends_the_run(runner: Runner) -> None:
    with pytest.raises(ZeroDivisionError):
        list(runner.map(partial(operator.truediv, 1), [1, 0, 2]))


def test_inputs_are_taken_as_they_are_needed() -> None:
    taken = []

    def inputs():
        for i in range(1000):
            taken.append(i)
            yield i

    results = Runner(2).map(double, inputs())
    next(results)
    assert len(taken) < 20
    results.close()
