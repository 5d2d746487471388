"""Work on threads: every part is done once, and errors are not lost."""

import numpy as np
import pytest

from lingauss.threads import cores, cut, in_threads


@pytest.mark.parametrize(("length", "parts"), [(10, 3), (2, 5), (7, 1), (4, 0)])
def test_a_cut_covers_everything_once(length, parts):
    pieces = cut(length, parts)
    assert [i for piece in pieces for i in range(length)[piece]] == list(range(length))
    assert len(pieces) == max(1, min(parts, length))


@pytest.mark.parametrize("number", [1, 2, 5])
def test_every_part_is_done_once(number):
    done = []
    in_threads(done.append, range(number))
    assert sorted(done) == list(range(number))


@pytest.mark.parametrize("bad", [0, 2])
def test_an_error_on_any_thread_is_raised(bad):
    def work(part):
        if part == bad:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_threads(work, range(3))


def test_threads_inherit_how_numpy_treats_overflow():
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        in_threads(lambda part: np.exp(np.full(part, 1e3)), [1000, 0])


def test_there_is_at_least_one_core():
    assert cores() >= 1
