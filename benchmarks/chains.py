"""Repeated distillation over temperatures, against the goal of 10 × one ``np.log`` over rounds × temperatures × d.

Divergences of every round from its own teacher and from the first one, gaps and risks; the array core and with labels.
"""

from __future__ import annotations

import numpy as np
from timing import medians

import lingauss as lg
from lingauss.rounds.sweep import chain_arrays
from lingauss.sweep.labelled import checked_axes

ROUNDS, TEMPERATURES, FEATURES = 10, 200, 256
RUNS = 25
GOAL = 10.0
QUANTITIES = ("divergence", "first_divergence", "gap", "excess_risk")
ALL = ("bias", "variance", "rank_bottleneck", "first_bias", "first_variance", "first_rank_bottleneck")


def chain(rank: int) -> lg.Chain:
    """Eigenvalues from 0.1 to 1000; a colder student, averaged draws."""
    spectrum = np.sort(10 ** np.random.default_rng(0).uniform(-1, 3, FEATURES))[::-1]
    problem = lg.Problem.from_spectrum(spectrum, np.ones(FEATURES), n_samples=1000, label_noise=1.0, outputs=10)
    case = lg.Distillation(problem, lg.Ridge(2.0), lg.Ridge(3.0, 0.25), lg.Principal(rank), mixing=0.7, draws=8)
    return lg.Chain(case, ROUNDS)


def main() -> None:
    cells = np.random.default_rng(1).uniform(0.5, 2.0, (ROUNDS, TEMPERATURES, FEATURES))
    out = np.empty_like(cells)
    for rank in (FEATURES, FEATURES // 2):
        repeated = chain(rank)
        axes = checked_axes(repeated.case, {"temperature": np.linspace(0.0, 5.0, TEMPERATURES)})
        times = medians(
            {
                "np.log": lambda: np.log(cells, out=out),
                "core": lambda repeated=repeated, axes=axes: chain_arrays(repeated, axes, QUANTITIES),
                "all quantities": lambda repeated=repeated, axes=axes: chain_arrays(repeated, axes, QUANTITIES + ALL),
                "xarray": lambda repeated=repeated, axes=axes: repeated.sweep(quantities=QUANTITIES, **axes),
            },
            RUNS,
        )
        print(f"\nrank {rank} of {FEATURES}, {ROUNDS} rounds × {TEMPERATURES} temperatures, median of {RUNS}")
        for name, seconds in times.items():
            print(f"{name:>16}{1e3 * seconds:9.2f} ms{seconds / times['np.log']:8.1f} × np.log")
        print(f"goal for the core: at most {GOAL:g} × np.log")


if __name__ == "__main__":
    main()
