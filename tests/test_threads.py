"""Work on threads: every part is done once, and errors are not lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Barrier, Event, Thread, get_ident

import numpy as np
import pytest
import scipy.linalg.lapack
import threadpoolctl

import lingauss as lg
from lingauss import threads
from lingauss.threads import cores, cut, in_threads, one_blas_thread


@pytest.mark.parametrize(("length", "parts"), [(10, 3), (2, 5), (7, 1), (4, 0)])
def test_a_cut_covers_everything_once(length, parts):
    pieces = cut(length, parts)
    assert [i for piece in pieces for i in range(length)[piece]] == list(range(length))
    assert len(pieces) == max(1, min(parts, length))


@pytest.mark.parametrize(("length", "parts"), [(10, 3), (100, 7), (8, 4), (9, 2)])
def test_the_parts_of_a_cut_are_nearly_equal(length, parts):
    sizes = [piece.stop - piece.start for piece in cut(length, parts)]
    assert len(sizes) == parts
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("number", [1, 2, 5])
def test_every_part_has_a_thread_of_its_own_and_the_last_is_the_callers(number):
    """All work at once: none can finish before every other has begun."""
    all_here, workers = Barrier(number, timeout=20.0), {}

    def work(part):
        workers[part] = get_ident()
        all_here.wait()

    in_threads(work, range(number))
    assert len(set(workers.values())) == number
    assert workers[number - 1] == get_ident()


def shares_of(monkeypatch, module, work):
    """How many rows each thread is given, of as many threads as cores."""
    monkeypatch.setattr(module, "cores", lambda: 4)
    shared = []

    def watched(do, parts):
        shared.append(list(parts))
        in_threads(do, parts)

    monkeypatch.setattr(module, "in_threads", watched)
    work()
    return shared


def test_rows_of_data_are_shared_evenly_among_the_cores(monkeypatch):
    from lingauss.data import scatter

    monkeypatch.setattr(scatter, "BLOCK_ROWS", 50)
    rows, given = np.random.default_rng(0).normal(size=(403, 3)), []
    add_up = scatter._Buffer.add_up

    def counted(self, rows, start, stop, shift):
        given.append(stop - start)
        return add_up(self, rows, start, stop, shift)

    monkeypatch.setattr(scatter._Buffer, "add_up", counted)
    shares = shares_of(monkeypatch, scatter, lambda: lg.Moments.from_data(rows))
    assert [len(parts) for parts in shares] == [4] * len(shares)
    assert max(given[:4]) - min(given[:4]) <= 1
    assert sum(given[:4]) == 403
    np.testing.assert_allclose(lg.Moments.from_data(rows).scatter, np.cov(rows.T, bias=True) * 403, rtol=1e-12)


def test_rows_of_a_grid_are_shared_evenly_among_the_cores(monkeypatch):
    from lingauss.sums import outer

    monkeypatch.setattr(outer, "WRITTEN", 10)
    whole = np.zeros((41, 7))

    def write(some):
        whole[some] += np.arange(41)[some, None]

    (parts,) = shares_of(monkeypatch, outer, lambda: outer._over_rows(write, whole))
    sizes = [part.stop - part.start for part in parts]
    assert (len(sizes), sum(sizes)) == (4, 41)
    assert max(sizes) - min(sizes) <= 1
    assert np.array_equal(whole[:, 0], np.arange(41.0))
    monkeypatch.setattr(outer, "WRITTEN", 1000)
    (parts,) = shares_of(monkeypatch, outer, lambda: outer._over_rows(write, whole))
    assert len(parts) == 1


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


def test_cores_are_those_this_process_may_use_or_else_all_there_are(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 3, 5}, raising=False)
    assert cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert cores() == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1


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


SMALL = threads.SMALL


@pytest.mark.parametrize(
    "sizes", [[], [0, 0], [1], [SMALL], [SMALL + 1], [SMALL, SMALL], [SMALL, SMALL + 1], [SMALL + 1, SMALL], [3, 2, 1],
              [SMALL - 1, SMALL, SMALL + 1, SMALL + 2]]
)  # fmt: skip
def test_a_call_limits_blas_as_long_as_its_largest_matrices_are_small(sizes, monkeypatch):
    """Once for the call, and only while there is one."""
    users = threads._BLAS.users
    monkeypatch.setattr(threads.CALL, "open", True, raising=False)
    for number, rows in enumerate(sizes):
        threads.whole_matrices(rows)
        assert threads._BLAS.users - users == (0 < max(sizes[: number + 1]) <= SMALL)
    if any(sizes):
        threads.end_of_call()
    assert threads._BLAS.users == users
    assert threads.CALL.rows == 0
    monkeypatch.setattr(threads.CALL, "open", False)
    for rows in sizes:
        threads.whole_matrices(rows)
    assert threads._BLAS.users == users
    assert threads.CALL.rows == 0


def test_matrices_outside_of_any_call_leave_blas_alone_on_every_thread():
    before, seen = threads._BLAS.users, []

    def use():
        threads.whole_matrices(3)
        seen.append((threads._BLAS.users, threads.CALL.rows))

    use()
    on_a_thread(use).join()
    assert seen == [(before, 0)] * 2


@needs_known_blas
def test_no_libraries_but_blas_are_limited():
    pytest.importorskip("sklearn.datasets")  # which brings OpenMP
    found = threads._Blas().libraries
    assert {library.user_api for library in found} == {"blas"}
    assert len(found) == len([pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"])


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


def problem(kind):
    gram = np.diag([5.0, 3.0, 2.0, 1.0, 0.5, 0.25])
    if kind == "diagonal":
        return lg.Problem.from_spectrum(np.diag(gram), np.ones(6), n_samples=20, label_noise=0.5)
    if kind == "data":
        rng = np.random.default_rng(0)
        inputs = rng.standard_normal((40, 6))
        return lg.Problem.from_data(inputs, inputs @ np.ones((6, 2)) + rng.standard_normal((40, 2))).plug_in()
    test = np.eye(6) + 0.1 if kind == "test inputs" else None
    return lg.Problem.from_gram(gram + 0.1, n_samples=20, truth=np.ones((2, 6)), label_noise=0.5, test_cov=test)


def dense_case(kind="matrix"):
    return lg.Distillation(problem(kind), bottleneck=lg.Subspace(np.arange(18.0).reshape(6, 3) ** 0.5))


ASK = {
    "divergence": lambda case: case.divergence(),
    "prediction_divergence": lambda case: case.prediction_divergence(),
    "reverse_divergence": lambda case: case.reverse_divergence(),
    "divergence_from": lambda case: case.divergence_from(lg.Ridge(3.0)),
    "label_divergence": lambda case: case.label_divergence(),
    "process_divergence": lambda case: case.process_divergence(),
    "gaps": lambda case: case.gaps(),
    "excess_risk": lambda case: case.excess_risk(),
    "mutual_information": lambda case: case.mutual_information(),
    "gap_cumulants": lambda case: case.gap_cumulants,
    "sharpness": lambda case: case.sharpness(),
    "bounds": lambda case: case.bounds(),
    "sweep": lambda case: case.sweep(student_rank=[1, 2, 3], temperature=[0.5, 1.0]),
    "optimize": lambda case: case.optimize(over=("student_rank", "temperature")),
    "simulate": lambda case: case.simulate(4000),
    "chain": lambda case: lg.Chain(case, 2).ledger(2).total,
    "student_channel": lambda case: case.student_channel,
}


@pytest.fixture
def blas_inside(monkeypatch):
    """Return the numbers of BLAS threads under which LAPACK is asked for factors."""
    controller, inside = threadpoolctl.ThreadpoolController().select(user_api="blas"), []

    def watched(function):
        def watching(*args, **kwargs):
            inside.append({library["num_threads"] for library in controller.info()})
            return function(*args, **kwargs)

        return watching

    for module, names in (
        (np.linalg, ("eigh", "eigvalsh", "svd", "qr", "slogdet", "lstsq", "inv")),
        (scipy.linalg.lapack, ("dpotrf", "dpocon", "dpotri", "dtrtri")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, watched(getattr(module, name)))
    return inside


@needs_known_blas
@pytest.mark.usefixtures("two_blas_threads")
@pytest.mark.parametrize("kind", ["diagonal", "matrix", "test inputs", "data"])
@pytest.mark.parametrize("question", ASK)
def test_small_matrices_keep_blas_to_one_thread_until_the_call_is_done(question, kind, blas_inside):
    if kind == "test inputs" and question == "sharpness":
        pytest.skip("asks for a fixed design")
    case = dense_case(kind)
    ASK[question](case)
    assert blas_inside
    assert all(threads == {1} for threads in blas_inside)
    assert blas_threads() == {2}


@needs_known_blas
@pytest.mark.usefixtures("two_blas_threads")
def test_a_problem_is_made_of_small_data_on_one_blas_thread(blas_inside):
    problem("data")
    assert blas_inside
    assert all(threads == {1} for threads in blas_inside)
    assert blas_threads() == {2}


@needs_known_blas
@pytest.mark.usefixtures("two_blas_threads")
def test_an_error_gives_the_threads_back():
    broken = lg.Distillation(problem("matrix"), teacher=lg.Ridge(1.0, temperature=0.0), student=lg.Ridge(1.0))
    with pytest.raises(lg.errors.ShapeError):
        broken.prediction_divergence(np.eye(3))
    assert blas_threads() == {2}


@pytest.fixture
def limits(monkeypatch):
    """Return how often BLAS was limited, as a list that grows."""
    calls, enter = [], threads._BLAS.enter
    monkeypatch.setattr(threads._BLAS, "enter", lambda: (calls.append(1), enter()))
    return calls


def test_eigen_directions_leave_blas_alone(limits):
    case = lg.Distillation(problem("matrix"), bottleneck=lg.Principal(3))
    _ = case.problem.eigenbasis
    limits.clear()
    for question in ("divergence", "prediction_divergence", "gaps", "excess_risk", "mutual_information", "sweep"):
        ASK[question](case)
    case.replace(temperature=2.0, label_noise=0.3, student_rank=2).divergence()
    assert not limits


def test_large_matrices_keep_all_threads(limits, monkeypatch):
    monkeypatch.setattr(threads, "SMALL", 5)
    case = dense_case()
    for question in ("divergence", "gaps", "bounds", "sweep"):
        ASK[question](case)
    assert not limits


def test_a_public_call_limits_blas_once(limits):
    case = dense_case()
    limits.clear()
    case.bounds()
    assert len(limits) == 1


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
may_fork = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def is_so_in_a_child(question):
    """Whether a question is answered with yes in a forked process, within ten seconds."""
    child = os.fork()
    if child == 0:
        answer = 1
        try:
            signal.alarm(10)
            answer = 0 if question() else 1
        finally:
            os._exit(answer)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@needs_fork
@needs_known_blas
@may_fork
@pytest.mark.usefixtures("two_blas_threads")
def test_a_child_forgets_who_limited_blas_on_threads_it_does_not_have():
    entered, done = Event(), Event()

    def use():
        with one_blas_thread():
            entered.set()
            done.wait(20)

    def is_free():
        if (threads._BLAS.users, blas_threads()) != (0, {2}):
            return False
        with one_blas_thread():
            inside = blas_threads()
        return (inside, blas_threads()) == ({1}, {2})

    user = on_a_thread(use)
    entered.wait(20)
    assert is_so_in_a_child(is_free)
    assert blas_threads() == {1}
    done.set()
    user.join()
    assert blas_threads() == {2}
    assert is_so_in_a_child(is_free)


@needs_fork
@needs_known_blas
@may_fork
@pytest.mark.usefixtures("two_blas_threads")
def test_a_child_goes_on_with_what_its_own_thread_limits():
    def ends_as_here():
        inside = threads._BLAS.users, blas_threads()
        limit.__exit__(None, None, None)
        return (inside, threads._BLAS.users, blas_threads()) == ((1, {1}), 0, {2})

    limit = one_blas_thread()
    limit.__enter__()
    assert is_so_in_a_child(ends_as_here)
    limit.__exit__(None, None, None)


@needs_fork
@may_fork
def test_a_fork_waits_for_whoever_is_setting_limits_and_leaves_the_lock_free():
    inside, left = Event(), []

    def hold():
        with threads._BLAS.lock:
            inside.set()
            time.sleep(0.2)
            left.append(True)

    holder = on_a_thread(hold)
    inside.wait(20)
    assert is_so_in_a_child(lambda: left and threads._BLAS.lock.acquire(timeout=5))
    assert threads._BLAS.lock.acquire(timeout=5)
    threads._BLAS.lock.release()
    holder.join()


@needs_fork
@may_fork
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="a cached property has no lock")
def test_a_child_can_compute_properties_that_a_thread_it_does_not_have_was_computing():
    known = vars(lg.Problem)["eigenbasis"]
    locked, done = Event(), Event()

    def compute():
        with known.lock:
            locked.set()
            done.wait(20)

    worker = on_a_thread(compute)
    locked.wait(20)
    assert is_so_in_a_child(lambda: problem("matrix").eigenbasis is not None)
    done.set()
    worker.join()


@needs_fork
def test_forks_of_computing_threads_neither_hang_nor_stay_on_one_blas_thread():
    script = Path(__file__).parents[1] / "benchmarks" / "forks.py"
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", script, "25"], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
