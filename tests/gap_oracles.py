"""Literal generalisation gaps in label space, and their cumulant functions by direct log-determinants.

A gap is computed from labels and weights as test loss minus training loss, no terms cancelled by hand. As a function of
the standard normal noise (of labels, and of the weights) it is a quadratic polynomial; its coefficients are read off by
second differences, which are exact for a quadratic. Nothing is imported from ``lingauss``. Sections refer to
``docs/theory.md``; noises are standard deviations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Experiment:
    """Teacher weights y M + shift + u root.T per output, given labels y = X w + ν e; M (n, d), root (d, r).

    With an intercept, inputs and labels are centred before training, and a test input is the training mean plus a
    deviation of covariance ``test_cov``.
    """

    X: Array
    truth: Array
    noise: float
    M: Array
    root: Array
    test_cov: Array
    intercept: bool = False
    shift: Array | float = 0.0

    def gap(self, output: int, e: Array, u: Array) -> float:
        """Test loss minus training loss of one output (§7.1), at label noise e (n,) and weight noise u (r,)."""
        n, w = len(self.X), self.truth[output]
        y = self.X @ w + self.noise * e
        centre, level = (self.X.mean(axis=0), y.mean()) if self.intercept else (np.zeros(len(w)), 0.0)
        weights = (y - level) @ self.M + np.broadcast_to(self.shift, self.truth.shape)[output] + u @ self.root.T
        predicted = level + (self.X - centre) @ weights
        off_centre = level - centre @ w
        difference = weights - w
        test = self.noise**2 + difference @ self.test_cov @ difference + off_centre**2
        return float(test - np.sum(np.square(y - predicted)) / n)

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of label-noise and of weight-noise variables per output."""
        return len(self.X), self.root.shape[1]


def quadratic(f, size: int) -> tuple[float, Array, Array]:
    """Value, gradient (size,) and Hessian (size, size) at 0 of a quadratic polynomial, by exact differences."""
    eye = np.eye(size)
    value = f(np.zeros(size))
    ahead, behind = np.array([f(x) for x in eye]), np.array([f(-x) for x in eye])
    hessian = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            hessian[i, j] = (
                f(eye[i] + eye[j]) - ahead[i] - ahead[j] + value if i != j else ahead[i] + behind[i] - 2 * value
            )
    return value, (ahead - behind) / 2, hessian


def log_mgf(value: float, gradient: Array, hessian: Array, lam: float) -> float:
    """Log E exp(λ q(z)) of a quadratic polynomial of a standard normal z: log-determinant, +∞ unless I − λH ≻ 0."""
    precision = np.eye(len(gradient)) - lam * hessian
    if len(gradient) and np.linalg.eigvalsh(precision)[0] <= 0:
        return np.inf
    tilt = lam**2 * gradient @ np.linalg.solve(precision, gradient) / 2 if len(gradient) else 0.0
    return float(lam * value - np.linalg.slogdet(precision)[1] / 2 + tilt)


def joint_cgf(experiment: Experiment, lam: float) -> float:
    """Log E exp(λ gap) over labels and weights together (§7.5), summed over outputs."""
    n, r = experiment.sizes
    total = 0.0
    for output in range(len(experiment.truth)):
        total += log_mgf(*quadratic(lambda z, j=output: experiment.gap(j, z[:n], z[n:]), n + r), lam)
    return total


def conditional_cgf(experiment: Experiment, lam: float) -> float:
    """E_D log E[exp(λ gap) | D] (§7.2), summed over outputs.

    Given the labels' noise e it is a quadratic polynomial of e, whose mean over N(0, I_n) is its mean over ±√n e_i.
    """
    n, r = experiment.sizes
    points = np.concatenate([np.sqrt(n) * np.eye(n), -np.sqrt(n) * np.eye(n)])
    total = 0.0
    for output in range(len(experiment.truth)):
        values = [log_mgf(*quadratic(lambda u, j=output, e=e: experiment.gap(j, e, u), r), lam) for e in points]
        total += float(np.mean(values))
    return total


def sample_gaps(experiment: Experiment, size: int, rng: np.random.Generator) -> Array:
    """Independent draws of the gap, summed over outputs: (size,)."""
    n, r = experiment.sizes
    draws = np.zeros(size)
    for output in range(len(experiment.truth)):
        value, gradient, hessian = quadratic(lambda z, j=output: experiment.gap(j, z[:n], z[n:]), n + r)
        z = rng.standard_normal((size, n + r))
        draws += value + z @ gradient + np.einsum("si,ij,sj->s", z, hessian, z) / 2
    return draws
