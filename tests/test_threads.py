"""Work on threads: every part is done once, and errors are not lost."""

from threading import Event, Thread

import numpy as np
import pytest
import threadpoolctl

import lingauss as lg
from lingauss.ledgers.ledger import Ledger
from lingauss.threads import cores, cut, in_threads, one_blas_thread


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


def blas_threads():
    return {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}


needs_known_blas = pytest.mark.skipif(not blas_threads(), reason="threadpoolctl knows no BLAS of this system")


@needs_known_blas
def test_blas_is_limited_until_the_last_user_is_done():
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        first, second = one_blas_thread(), one_blas_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert blas_threads() == {1}
        second.__exit__(None, None, None)
        assert blas_threads() == before


def on_a_thread(work, *args):
    thread = Thread(target=work, args=args)
    thread.start()
    return thread


@pytest.fixture
def two_blas_threads():
    """Two threads, set where nothing else is: threadpoolctl lets the thread that set a limit keep the say over it."""
    before = threadpoolctl.ThreadpoolController().limit(limits=None)
    on_a_thread(threadpoolctl.threadpool_limits, 2, "blas").join()
    yield
    on_a_thread(before.restore_original_limits).join()


@needs_known_blas
@pytest.mark.usefixtures("two_blas_threads")
def test_blas_is_restored_by_the_last_user_on_whichever_thread():
    before, entered, first_is_done = blas_threads(), Event(), Event()

    def use():
        with one_blas_thread():
            entered.set()
            first_is_done.wait(10)

    with one_blas_thread():
        last = on_a_thread(use)
        entered.wait(10)
    first_is_done.set()
    last.join()
    assert blas_threads() == before


@needs_known_blas
@pytest.mark.usefixtures("two_blas_threads")
def test_blas_is_limited_on_another_thread_than_before():
    inside = []

    def use():
        with one_blas_thread():
            inside.append(blas_threads())

    use()
    on_a_thread(use).join()
    assert inside == [{1}, {1}]


@needs_known_blas
def test_designs_with_small_matrices_leave_blas_as_they_found_it(monkeypatch):
    inside = []
    monkeypatch.setattr(Ledger, "__init__", lambda self, *args: inside.append(blas_threads()))
    problem = lg.Problem.from_gram(np.eye(3) + 1.0, n_samples=9, truth=np.ones(3), label_noise=0.5)
    basis = np.linalg.qr(np.arange(9.0).reshape(3, 3) ** 0.5)[0][:, :2]
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        lg.Distillation(problem, bottleneck=lg.Subspace(basis)).divergence()
        assert inside == [{1}]
        assert blas_threads() == before
