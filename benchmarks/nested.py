"""Six cells at every rank of a nested basis, against the goal of 10 × ``np.linalg.eigh`` of that size.

Design, factors and cells are built anew in every run, as a sweep builds them; one rank on its own shows what the shared
factors save. BLAS has as many threads as it likes; with ``OPENBLAS_NUM_THREADS=1`` eigh is faster still.
"""

from __future__ import annotations

import math

import numpy as np
from timing import medians

import lingauss as lg
from lingauss.ledgers.nested import Nested
from lingauss.sweep.evaluation import sweep_arrays
from lingauss.sweep.labelled import checked_axes

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


def check(case: lg.Distillation) -> None:
    nested = Nested.of(case.replace(temperature=1.5), "weights", np.arange(case.rank + 1))
    if nested is None or not nested.reliable.all():
        raise RuntimeError("every rank was to be computed from shared factors")


def all_ranks(case: lg.Distillation) -> None:
    axes = checked_axes(case, {"student_rank": range(case.rank + 1), "temperature": [1.5]})
    sweep_arrays(case, axes, CELLS)


def one_rank(case: lg.Distillation) -> None:
    case.replace(student_rank=case.rank // 2, temperature=1.5).divergence()


def times_of(features: int) -> dict[str, float]:
    case = design(features)
    check(case)
    return medians(
        {
            "eigh": lambda: np.linalg.eigh(case.problem.gram),
            "all ranks": lambda: all_ranks(case),
            "one rank": lambda: one_rank(case),
        },
        RUNS,
    )


def main() -> None:
    times = {features: times_of(features) for features in SIZES}
    print(f"median of {RUNS}, milliseconds\n")
    print(f"{'d':>4}" + "".join(f"{name:>11}" for name in times[SIZES[0]]) + f"{'all / eigh':>12}")
    for features, row in times.items():
        cells = "".join(f"{1e3 * value:11.1f}" for value in row.values())
        print(f"{features:>4}{cells}{row['all ranks'] / row['eigh']:12.1f}")
    ratio = times[GOAL_SIZE]["all ranks"] / times[GOAL_SIZE]["eigh"]
    first, last = SIZES[0], SIZES[-1]
    growth = math.log(times[last]["all ranks"] / times[first]["all ranks"]) / math.log(last / first)
    print(f"\nall ranks at d = {GOAL_SIZE}: {ratio:.1f} × eigh (goal: at most {GOAL:g})")
    print(f"growth from d = {first} to {last}: d^{growth:.2f} (goal: at most d^{GROWTH_GOAL})")


if __name__ == "__main__":
    main()
