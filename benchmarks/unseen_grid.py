"""Errors on unseen rows of all ranks × 20 penalties × 21 mixings from moments, against one eigendecomposition."""

import numpy as np
from timing import medians

import lingauss as lg

FEATURES, SAMPLES = 512, 1000
RUNS = 7
GOAL = 10.0


def main() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((SAMPLES, FEATURES)) * np.arange(1, FEATURES + 1) ** -0.5
    problem = lg.Problem.from_data(X, X @ rng.standard_normal(FEATURES) + rng.standard_normal(SAMPLES))
    learner = lg.Ridge(1.0, temperature=0.0)
    case = lg.Distillation(problem, learner, learner, lg.Principal(1), floor=0.0, temperature=0.0)
    for penalty in ("student_penalty", "penalty"):
        axes = {
            "student_rank": range(FEATURES + 1),
            penalty: np.geomspace(0.01, 100.0, 20),
            "mixing": np.linspace(-0.5, 1.5, 21),
        }
        times = medians(
            {
                "eigh": lambda: np.linalg.eigh(problem.gram),
                "sweep": lambda axes=axes: case.sweep(quantities=["student_cross_validation"], **axes),
            },
            RUNS,
        )
        ratio = times["sweep"] / times["eigh"]
        print(f"{penalty:>16}: {1e3 * times['sweep']:6.0f} ms, {ratio:4.1f} × eigh({FEATURES}), goal {GOAL:g} ×")
    times = medians(
        {
            "optimum": lambda: case.optimize(
                over=["student_rank", "student_penalty", "mixing"], objective="cross_validation"
            )
        },
        1,
    )
    print(f"optimum over rank, penalty and mixing: {times['optimum']:.2f} s")


if __name__ == "__main__":
    main()
