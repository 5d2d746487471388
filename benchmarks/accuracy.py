"""How many digits divergences keep, against 80 digits on the same float64 numbers, beside what users pick today.

Run ``python benchmarks/accuracy.py``; it prints the README's table and checks lingauss against its goals, exiting with
an error where one is missed. Libraries that are not installed are left out (``pip install torch numpyro``).
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.stats import ortho_group

import lingauss as lg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import high_precision as exact

SIZES = (1e-2, 1e-4, 1e-6, 1e-8, 1e-10)
CONDITIONS = (1e2, 1e6, 1e10)
DIM, SEEDS = 5, 5
FROM_SPECTRA = 1e-14

Divergence = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], float]


def of_lingauss(mean_p: np.ndarray, cov_p: np.ndarray, mean_q: np.ndarray, cov_q: np.ndarray) -> float:
    return lg.kl(lg.Gaussian(mean_p, cov_p), lg.Gaussian(mean_q, cov_q))


def by_hand(mean_p: np.ndarray, cov_p: np.ndarray, mean_q: np.ndarray, cov_q: np.ndarray) -> float:
    """Evaluate the textbook formula with scipy's Cholesky factors."""
    factor, step = cho_factor(cov_q), mean_q - mean_p
    trace, quadratic = np.trace(cho_solve(factor, cov_p)), step @ cho_solve(factor, step)
    log_dets = np.linalg.slogdet(cov_q)[1] - np.linalg.slogdet(cov_p)[1]
    return float(0.5 * (trace + quadratic - len(step) + log_dets))


def of_torch() -> Divergence:
    import torch
    from torch.distributions import MultivariateNormal, kl_divergence

    def law(mean: np.ndarray, cov: np.ndarray) -> Any:
        return MultivariateNormal(torch.from_numpy(mean), covariance_matrix=torch.from_numpy(cov))

    return lambda mp, cp, mq, cq: float(kl_divergence(law(mp, cp), law(mq, cq)))


def of_numpyro() -> Divergence:
    import jax

    jax.config.update("jax_enable_x64", True)
    from numpyro.distributions import MultivariateNormal, kl_divergence

    return lambda mp, cp, mq, cq: float(kl_divergence(MultivariateNormal(mp, cp), MultivariateNormal(mq, cq)))


def contestants() -> dict[str, Divergence]:
    found: dict[str, Divergence] = {"lingauss": of_lingauss}
    for name, build in (("torch", of_torch), ("numpyro", of_numpyro)):
        if importlib.util.find_spec(name):
            found[name] = build()
        else:
            print(f"{name} is not installed and left out")
    return found | {"scipy by hand": by_hand}


def rotated(eigenvalues: np.ndarray, seed: int) -> np.ndarray:
    vectors = ortho_group.rvs(len(eigenvalues), random_state=seed)
    matrix = (vectors * eigenvalues) @ vectors.T
    return 0.5 * (matrix + matrix.T)


def scaled_pairs(size: float, condition: float) -> Iterable[tuple[np.ndarray, ...]]:
    """Draw student = (1 + size) · teacher, with the student's mean as far away in the teacher's own units."""
    for seed in range(SEEDS):
        teacher = rotated(np.geomspace(1.0, 1.0 / condition, DIM), seed)
        step = size * np.linalg.cholesky(teacher) @ np.random.default_rng(seed).normal(size=DIM)
        yield step, (1.0 + size) * teacher, np.zeros(DIM), teacher


def outcome(divergence: Divergence, pairs: Iterable[tuple[np.ndarray, ...]]) -> tuple[float, bool, bool]:
    """Return the worst relative error, whether a value was negative, and whether a call failed or gave NaN."""
    worst, negative, failed = 0.0, False, False
    for pair in pairs:
        try:
            ours = divergence(*pair)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            failed = True
            continue
        if math.isnan(ours):
            failed = True
            continue
        worst, negative = max(worst, exact.relative_error(ours, exact.kl(*pair))), negative or ours < 0.0
    return worst, negative, failed


def shown(result: tuple[float, bool, bool]) -> str:
    worst, negative, failed = result
    return "fails" if failed else f"{worst:.0e}" + (", negative" if negative else "")


def kl_table() -> float:
    """Print relative errors of every library and return lingauss's worst share of its goal."""
    libraries, worst = contestants(), 0.0
    print("\n| student / teacher − 1 | condition | " + " | ".join(libraries) + " |")
    print("|---" * (len(libraries) + 2) + "|")
    for condition in CONDITIONS:
        for size in SIZES:
            results = {name: outcome(f, scaled_pairs(size, condition)) for name, f in libraries.items()}
            worst = max(worst, results["lingauss"][0] / allowed(condition))
            print(f"| {size:.0e} | {condition:.0e} | " + " | ".join(map(shown, results.values())) + " |")
    law = rotated(np.geomspace(1.0, 1e-14, DIM), 0)
    line = np.outer([1.0, 2.0, -1.0], [1.0, 2.0, -1.0])
    for what, pair in (
        ("the same law, condition 1e14 (0)", (np.ones(DIM), law, np.ones(DIM), law.copy())),
        ("singular, shared range (0.153)", (np.zeros(3), 2.0 * line, np.zeros(3), line)),
        ("singular, unlike ranges (+inf)", (np.zeros(3), np.eye(3), np.zeros(3), line)),
    ):
        print(f"| {what} | | " + " | ".join(said(f, pair) for f in libraries.values()) + " |")
    return worst


def said(divergence: Divergence, pair: tuple[np.ndarray, ...]) -> str:
    try:
        return f"{divergence(*pair):.3g}"
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return type(error).__name__


def allowed(condition: float) -> float:
    return 1e-13 * condition / 100


def worst_cell(ledger: lg.Ledger, cells: Any) -> float:
    errors = [exact.relative_error(ledger.cells[i, j], cells[i][j]) for i in range(2) for j in range(3)]
    return max(*errors, exact.relative_error(ledger.total, sum(map(sum, cells))))


def ledgers(size: float, condition: float) -> float:
    """Return the worst cell of bare laws in oblique subspaces, as a share of the goal."""
    worst = 0.0
    for number, (step, student, origin, teacher) in enumerate(scaled_pairs(size, condition)):
        basis = np.random.default_rng([number, 1]).normal(size=(DIM, 2))
        ours = lg.ledger(lg.Gaussian(step, student), lg.Gaussian(origin, teacher), subspace=basis)
        worst = max(worst, worst_cell(ours, exact.ledger(step, student, origin, teacher, basis)))
    return worst / allowed(condition)


def distillations(size: float, condition: float) -> float:
    """Return the worst cell of dense distillations, as a share of the goal."""
    worst = 0.0
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        gram, truth = rotated(np.geomspace(10.0, 10.0 / condition, DIM), seed), rng.normal(size=(2, DIM))
        basis = np.linalg.qr(rng.normal(size=(DIM, 3)))[0]
        penalty = 10.0 / condition
        learners = {"teacher": lg.Ridge(penalty), "student": lg.Ridge(penalty * (1 + size), 1 + size)}
        problem = lg.Problem.from_gram(gram, n_samples=10, truth=truth, label_noise=0.5)
        case = lg.Distillation(problem, **learners, bottleneck=lg.Subspace(basis), mixing=size)
        cells = exact.distillation(
            gram, truth, label_noise=0.5, averaged=True, outputs=2, basis=basis, mixing=size, **learners
        )
        worst = max(worst, worst_cell(case.divergence(), cells))
    return worst / allowed(condition)


def spectra(size: float, condition: float) -> float:
    """Return the worst cell and the worst point of a sweep from spectra, as a share of the goal."""
    spectrum = np.geomspace(math.sqrt(condition), 1.0 / math.sqrt(condition), DIM)
    signal = np.random.default_rng(0).uniform(0.5, 2.0, size=DIM)
    problem = lg.Problem.from_spectrum(spectrum, signal, n_samples=9, label_noise=0.5, outputs=2)
    learners = {"teacher": lg.Ridge(0.5, 1.5), "student": lg.Ridge(0.5 * (1 + size), 1.5 * (1 + size))}
    case = lg.Distillation(problem, **learners, bottleneck=lg.Principal(3), mixing=0.0)
    swept = case.sweep(student_rank=range(DIM + 1), draws=(1, 2))["divergence"].sel(draws=1)
    worst = 0.0
    for rank in range(DIM + 1):
        cells = exact.distillation(
            np.diag(spectrum),
            np.diag(np.sqrt(signal)),
            label_noise=0.5,
            averaged=True,
            outputs=2,
            basis=np.eye(DIM)[:, :rank],
            mixing=0.0,
            **learners,
        )
        point = exact.relative_error(float(swept.sel(student_rank=rank)), sum(map(sum, cells)))
        worst = max(worst, point, worst_cell(case.replace(rank=rank).divergence(), cells))
    return worst / FROM_SPECTRA


def main() -> int:
    shares = {"divergence of dense laws": kl_table()}
    for name, measure in (
        ("ledger of dense laws, oblique subspace", ledgers),
        ("dense distillation, oblique subspace", distillations),
        ("distillation and sweep from spectra", spectra),
    ):
        shares[name] = max(measure(size, condition) for size in SIZES for condition in CONDITIONS)
    print(
        f"\nLargest error as a share of the goal: {FROM_SPECTRA:.0e} from spectra, 1e-13 · condition/100 from matrices"
    )
    for name, share in shares.items():
        print(f"{name:42s} {share:.2f}")
    return int(max(shares.values()) > 1.0)


if __name__ == "__main__":
    sys.exit(main())
