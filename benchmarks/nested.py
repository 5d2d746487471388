"""Six cells at every rank of a nested basis, against the goal of 10 × ``np.linalg.eigh`` of that size.

Design, factors and cells are built anew in every run. The alternatives take turns so that a busy machine slows all; one
rank on its own shows what the shared factors save.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable

import numpy as np

import lingauss as lg
from lingauss.design.nested import Nested
from lingauss.design.sweep import checked_axes, sweep_arrays

SIZES = (128, 256, 512)
RUNS = 15
GOAL, GOAL_SIZE = 10.0, 256
GROWTH_GOAL = 3.3
CELLS = tuple(f"{side}_{source}" for side in ("retained", "discarded") for source in ("mean", "noise", "spread"))


def design(features: int) -> lg.Distillation:
    """Eigenvalues from 1 to 10⁴ in random directions, seen through a random nested basis."""
    rng = np.random.default_rng(0)
    rotation, basis = (np.linalg.qr(rng.standard_normal((features, features)))[0] for _ in range(2))
    root = rotation * np.sqrt(np.geomspace(1.0, 1e4, features))
    truth = rng.standard_normal((4, features))
    problem = lg.Problem.from_gram(root @ root.T, n_samples=4 * features, truth=truth, label_noise=0.7)
    return lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(2.0, 0.5), lg.Subspace(basis))


def cells(case: lg.Distillation) -> None:
    nested = Nested.of(case.replace(temperature=1.5))
    if nested is None or not nested.reliable.all():
        raise RuntimeError("every rank was to be computed from shared factors")


def sweep(case: lg.Distillation) -> None:
    axes = checked_axes(case, {"student_rank": range(case.rank + 1), "temperature": [1.5]})
    sweep_arrays(case, axes, CELLS)


def one_rank(case: lg.Distillation) -> None:
    case.replace(student_rank=case.rank // 2, temperature=1.5).divergence()


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(features: int) -> dict[str, float]:
    case = design(features)
    works: dict[str, Callable[[], object]] = {
        "eigh": lambda: np.linalg.eigh(case.problem.gram),
        "all ranks": lambda: cells(case),
        "sweep": lambda: sweep(case),
        "one rank": lambda: one_rank(case),
    }
    for work in works.values():
        work()
    runs = [{name: seconds(work) for name, work in works.items()} for _ in range(RUNS)]
    return {name: statistics.median(run[name] for run in runs) for name in works}


def main() -> None:
    times = {features: medians(features) for features in SIZES}
    print(f"median of {RUNS}, milliseconds\n")
    print(f"{'d':>4}" + "".join(f"{name:>11}" for name in times[SIZES[0]]) + f"{'all / eigh':>12}{'sweep / eigh':>14}")
    for features, row in times.items():
        ratios = f"{row['all ranks'] / row['eigh']:12.1f}{row['sweep'] / row['eigh']:14.1f}"
        print(f"{features:>4}" + "".join(f"{1e3 * value:11.1f}" for value in row.values()) + ratios)
    ratio = times[GOAL_SIZE]["all ranks"] / times[GOAL_SIZE]["eigh"]
    first, last = SIZES[0], SIZES[-1]
    growth = math.log(times[last]["all ranks"] / times[first]["all ranks"]) / math.log(last / first)
    print(f"\nall ranks at d = {GOAL_SIZE}: {ratio:.1f} × eigh (goal: at most {GOAL:g})")
    print(f"growth from d = {first} to {last}: d^{growth:.2f} (goal: at most d^{GROWTH_GOAL})")


if __name__ == "__main__":
    main()
