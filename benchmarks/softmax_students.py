"""Linear students trained by Hinton's loss beside the closed form: who is close, and which settings are chosen.

python benchmarks/softmax_students.py --seeds 3
"""

from __future__ import annotations

import argparse
import itertools

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from scipy.stats import spearmanr
from sklearn.datasets import load_breast_cancer, load_digits, load_wine

import lingauss as lg
from lingauss.softmax import student


def trained_student(X, y, teacher, temperature, alpha, penalty, U) -> np.ndarray:
    """Minimise Hinton's loss itself."""
    Z, k = X @ U, teacher.shape[1]
    onehot, target = np.eye(k)[y], softmax(teacher / temperature, axis=1)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        W = flat.reshape(k, -1)
        logits = Z @ W.T
        value = -(1 - alpha) * np.sum(onehot * log_softmax(logits, axis=1))
        value -= alpha * temperature**2 * np.sum(target * log_softmax(logits / temperature, axis=1))
        hard, soft = softmax(logits, axis=1) - onehot, softmax(logits / temperature, axis=1) - target
        gradient = ((1 - alpha) * hard + alpha * temperature * soft).T @ Z + penalty * W
        return value + penalty / 2 * np.sum(W**2), gradient.ravel()

    found = minimize(loss, np.zeros(k * Z.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 2000})
    return found.x.reshape(k, -1) @ U.T


def report_softmax(seed: int) -> tuple[list[float], list[float]]:
    """Return trained over closed-form divergence wherever T ≥ 2, and what the chosen setting loses to the best."""
    print("\nSoftmax distillation: 16 settings (T 1, 2, 4, 20; α .5, 1; λ; held-out KL at the teacher)")
    print(
        "  data, rank                    Spearman   trained/closed T=1   T≥2   chosen/best   (4, 1)/best   worst/best"
    )
    off, regret = list[float](), list[float]()
    axes = {"temperature": [1.0, 2.0, 4.0, 20.0], "alpha": [0.5, 1.0], "penalty": [0.3, 3.0]}
    for name, load, directions in (
        ("digits", load_digits, 16),
        ("wine", load_wine, 13),
        ("breast cancer", load_breast_cancer, 20),
    ):
        X, y = load(return_X_y=True)
        X = (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-9)
        X = np.column_stack([X @ np.linalg.svd(X, full_matrices=False)[2][:directions].T, np.ones(len(X))])
        order = np.random.default_rng(seed).permutation(len(X))[:800]
        X, y = X[order], y[order]
        half, k, d = len(X) // 2, y.max() + 1, X.shape[1]
        hard = np.zeros((half, k))
        teacher = trained_student(X[:half], y[:half], hard, 1.0, 0.0, 1.0, np.eye(d))
        logits = X @ teacher.T
        law = log_softmax(logits[half:], axis=1)
        for share in (0.3, 1.0):
            rank = max(1, round(share * d))
            given = student(X[:half], y[:half], logits[:half], bottleneck=lg.Principal(rank))
            found = given.sweep(**axes, held_out=(X[half:], y[half:], logits[half:]))
            predicted = found.results["divergence"].to_numpy().ravel()
            U = np.linalg.eigh(X[:half].T @ X[:half])[1][:, ::-1][:, :rank]
            settings = list(itertools.product(*axes.values()))
            measured = []
            for setting in settings:
                W = trained_student(X[:half], y[:half], logits[:half], *setting, U)
                measured.append(np.mean(np.sum(np.exp(law) * (law - log_softmax(X[half:] @ W.T, axis=1)), axis=1)))
            measured = np.array(measured)
            factor = np.exp(np.abs(np.log(measured / predicted)))
            cold = np.array([setting[0] == 1.0 for setting in settings])
            usual = min(m for m, setting in zip(measured, settings, strict=True) if setting[:2] == (4.0, 1.0))
            best = measured.min()
            off += list(factor[~cold])
            regret.append(measured[predicted.argmin()] / best)
            print(
                f"  {name + f', {rank} of {d}':30s}{spearmanr(predicted, measured)[0]:8.2f}"
                f"{np.median(factor[cold]):18.2f}{np.median(factor[~cold]):9.2f}"
                f"{regret[-1]:12.2f}{usual / best:14.2f}{measured.max() / best:13.2f}"
            )
    return off, regret


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    seeds = range(parser.parse_args().seeds)
    off, regret = map(np.concatenate, zip(*map(report_softmax, seeds), strict=True))
    print(f"  all: trained/closed where T ≥ 2 {np.median(off):.2f} in the median of {len(off)} students;", end=" ")
    print(f"chosen/best {np.median(regret):.3f} in the median and {max(regret):.2f} at worst of {len(regret)} choices")


if __name__ == "__main__":
    main()
