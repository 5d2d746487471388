"""Moments of 2,000,000 × 64 numbers in batches, against the matrix products they contain done in memory at once.

The goals: at least 70 % of the speed of ``X.T @ X`` with one output, of ``X.T @ X`` and ``Y.T @ X`` with ten; less
memory than three batches; results that depend neither on how the data are cut nor on how far they lie from the origin,
to 1e-12 of the columns' own spreads.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
from timing import medians

from lingauss import Moments

SAMPLES, FEATURES, OUTPUTS = 2_000_000, 64, (1, 10)
BATCH = 50_000
RUNS = 9
SPEED_GOAL, MEMORY_GOAL, AGREEMENT_GOAL = 0.7, 3.0, 1e-12
FAR = 1e6
CHECKED = 400_000  # samples of the accuracy checks

Pair = tuple[np.ndarray, np.ndarray]


def data(samples: int, outputs: int, seed: int = 0) -> Pair:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((samples, FEATURES)), rng.standard_normal((samples, outputs))


def batches(X: np.ndarray, Y: np.ndarray) -> Iterator[Pair]:
    for start in range(0, len(X), BATCH):
        yield X[start : start + BATCH], Y[start : start + BATCH]


def speed() -> None:
    X, Y = data(SAMPLES, max(OUTPUTS))
    one, ten = (np.ascontiguousarray(Y[:, :k]) for k in OUTPUTS)
    contestants: dict[str, Callable[[], object]] = {
        "X.T @ X": lambda: X.T @ X,
        "moments, k = 1": lambda: Moments.from_batches(batches(X, one)),
        "X.T @ X, Y.T @ X": lambda: (X.T @ X, ten.T @ X),
        "moments, k = 10": lambda: Moments.from_batches(batches(X, ten)),
    }
    times = medians(contestants, RUNS)
    X += FAR
    far = medians({name: contestants[name] for name in ("X.T @ X", "moments, k = 1")}, RUNS)
    print(f"{SAMPLES:,} × {FEATURES} in batches of {BATCH:,}, median of {RUNS}")
    for name, seconds in times.items():
        print(f"  {name:<18} {1e3 * seconds:7.0f} ms")
    for label, moments, product in (
        ("k = 1", times["moments, k = 1"], times["X.T @ X"]),
        ("k = 10", times["moments, k = 10"], times["X.T @ X, Y.T @ X"]),
        ("k = 1, mean 1e6", far["moments, k = 1"], far["X.T @ X"]),
    ):
        print(f"speed at {label}: {product / moments:.0%} of the products' (goal: at least {SPEED_GOAL:.0%})")


def memory() -> None:
    tracemalloc.start()
    Moments.from_batches(data(BATCH, max(OUTPUTS), seed) for seed in range(8))
    peak = tracemalloc.get_traced_memory()[1] / (8 * BATCH * (FEATURES + max(OUTPUTS)))
    tracemalloc.stop()
    print(f"peak memory: {peak:.2f} batches (goal: less than {MEMORY_GOAL:g})")


def difference(a: Moments, b: Moments) -> float:
    """Return the largest difference of two scatters, in units of the columns' spreads."""
    spread = np.sqrt(b.scatter.diagonal())
    return float(np.max(np.abs(a.scatter - b.scatter) / spread / spread[:, None]))


def agreement() -> None:
    import dask.array as da

    X, Y = data(CHECKED, max(OUTPUTS))
    for offset in (0.0, FAR):
        X += offset
        whole = Moments.from_data(X, Y)
        a, b, c = (
            Moments.from_data(X[part], Y[part]) for part in (slice(999), slice(999, 250_000), slice(250_000, None))
        )
        lazy = Moments.from_data(da.from_array(X, chunks=(30_000, 20)), da.from_array(Y, chunks=(70_000, 10)))
        results = {"merged": difference((a + b) + c, a + (b + c)), "Dask": difference(lazy, whole)}
        shown = ", ".join(f"{name} {value:.0e}" for name, value in results.items())
        print(f"differences at mean {offset:g}: {shown} (goal: at most {AGREEMENT_GOAL:.0e})")


def main() -> None:
    speed()
    memory()
    agreement()


if __name__ == "__main__":
    main()
