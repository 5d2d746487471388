"""Designs are computed on threads and in pools of processes, forked or spawned, with the same results and no hang."""

import multiprocessing
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

import lingauss as lg
from lingauss.threads import one_blas_thread

JOBS, THREADS, SECONDS = 60, 8, 30


def job(number):
    rng = np.random.default_rng(number)
    X = rng.standard_normal((40, 6))
    problem = lg.Problem.from_data(X, X @ np.ones(6) + rng.standard_normal(40))
    case = lg.Distillation(problem.plug_in(1.0), bottleneck=lg.Subspace(rng.standard_normal((6, 3))))
    best = case.optimize(over=("temperature",))
    return case.divergence().total, case.excess_risk().student, best.value


def test_sixty_jobs_on_eight_threads_give_what_they_give_alone():
    expected = list(map(job, range(JOBS)))
    with ThreadPoolExecutor(THREADS) as pool:
        np.testing.assert_allclose(list(pool.map(job, range(JOBS), timeout=SECONDS)), expected, rtol=1e-12)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_sixty_jobs_in_a_pool_of_processes_give_what_they_give_alone(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")
    expected = list(map(job, range(JOBS)))  # with threads of BLAS started before the fork
    with warnings.catch_warnings(), multiprocessing.get_context(method).Pool(2) as pool:
        warnings.simplefilter("ignore", DeprecationWarning)
        found = pool.map_async(job, range(JOBS)).get(SECONDS)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_pools_forked_while_eight_threads_compute_give_what_is_given_alone():
    expected, done = list(map(job, range(12))), Event()

    def compute(number):
        while not done.is_set():
            job(number)

    with ThreadPoolExecutor(THREADS) as threads, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        busy = [threads.submit(compute, number) for number in range(THREADS)]
        try:
            for _ in range(3):
                with multiprocessing.get_context("fork").Pool(2) as pool:
                    found = pool.map_async(job, range(12)).get(SECONDS)
                np.testing.assert_allclose(found, expected, rtol=1e-12)
        finally:
            done.set()
        assert [each.result(SECONDS) for each in busy] == [None] * THREADS


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_fork_neither_waits_for_threads_it_does_not_have_nor_keeps_their_limits():
    context = multiprocessing.get_context("fork")
    with ThreadPoolExecutor(1) as threads, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        limit = one_blas_thread()
        threads.submit(limit.__enter__).result()
        child = context.Process(target=_limit_alone)
        child.start()
        child.join(SECONDS)
        child.kill()
        assert child.exitcode == 0
        threads.submit(limit.__exit__, None, None, None).result()


def _limit_alone():
    from lingauss.threads import _BLAS

    assert not _BLAS.users
    with one_blas_thread():
        assert _BLAS.users
    assert not _BLAS.users
