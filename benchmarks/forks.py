"""Fork while threads compute: no child hangs, and none is left on the one BLAS thread that the parent was limited to.

``python benchmarks/forks.py 1000``; set OPENBLAS_NUM_THREADS=2 to try it where there is one core.
"""

from __future__ import annotations

import os
import signal
import sys
from threading import Event, Thread

import numpy as np
from threadpoolctl import ThreadpoolController

import lingauss as lg

PATIENCE = 20  # seconds a child may take
HUNG, LIMITED, WRONG = 1, 2, 3


def dense_design() -> lg.Distillation:
    basis = np.linalg.qr(np.random.default_rng(0).standard_normal((8, 3)))[0]
    problem = lg.Problem.from_gram(np.eye(8) + 1.0, n_samples=20, truth=np.ones(8), label_noise=0.5)
    return lg.Distillation(problem, bottleneck=lg.Subspace(basis))


def threads(controller: ThreadpoolController) -> list[int]:
    return [library["num_threads"] for library in controller.info()]


def fork_while_computing(forks: int) -> dict[str, int]:
    """Return how many children hung, stayed limited or computed something else."""
    problems = {"hung": 0, "on one BLAS thread": 0, "with wrong numbers": 0}
    controller = ThreadpoolController().select(user_api="blas")
    before, expected = threads(controller), dense_design().divergence().total
    done = Event()

    def compute() -> None:
        while not done.is_set():
            dense_design().divergence()

    workers = [Thread(target=compute) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(forks):
            child = os.fork()
            if not child:
                _in_child(controller, before, expected)
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                problems["hung"] += 1
            elif os.WEXITSTATUS(status):
                problems[{LIMITED: "on one BLAS thread", WRONG: "with wrong numbers"}[os.WEXITSTATUS(status)]] += 1
    finally:
        done.set()
        for worker in workers:
            worker.join()
    return problems


def _in_child(controller: ThreadpoolController, before: list[int], expected: float) -> None:
    signal.alarm(PATIENCE)
    limited = threads(controller) != before
    same = abs(dense_design().divergence().total / expected - 1.0) < 1e-12
    limited |= threads(controller) != before
    os._exit(LIMITED if limited else 0 if same else WRONG)


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    found = fork_while_computing(number)
    print(f"{number} children of two computing threads: " + ", ".join(f"{n} {what}" for what, n in found.items()))
    sys.exit(any(found.values()))
