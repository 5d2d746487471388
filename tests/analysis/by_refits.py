"""What an analysis of a table says, found again with explicit matrices and refits: no moments, nothing of ``lingauss``.

Errors of predictions come from hat matrices, directions from singular vectors, laws from the naive formulas of
``oracles``, and rows are left out by leaving them out. All is in standardised features and, unless said, in squared
units of the targets as the analysis scales them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import oracles
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import multivariate_normal
from sklearn.linear_model import LinearRegression

PARTS = 5


@dataclass(frozen=True, eq=False)
class Refits:
    """A table X (n, d), Y (n, k), and how its student is trained; ``sight`` is 'principal', 'aligned' or 'features'."""

    X: np.ndarray
    Y: np.ndarray
    student_penalty: float | None = None
    mixing: float = 0.0
    sight: str = "principal"
    scale_targets: bool = False
    given_penalty: float | None = None
    draws: int = 1
    student_temperature: float = 0.0

    @cached_property
    def Z(self):
        return (self.X - self.X.mean(axis=0)) / self.X.std(axis=0)

    @cached_property
    def unit(self):
        return self.Y.std(axis=0) if self.scale_targets else np.ones(self.Y.shape[1])

    @cached_property
    def T(self):
        return (self.Y - self.Y.mean(axis=0)) / self.unit

    @property
    def shape(self):
        return (*self.X.shape, self.Y.shape[1])

    @cached_property
    def noise(self):
        """Standard deviation of the labels' noise, from least-squares residuals."""
        n, d, k = self.shape
        left = self.T - LinearRegression().fit(self.Z, self.T).predict(self.Z)
        return float(np.sqrt(np.sum(left**2) / (k * (n - 1 - d))))

    @cached_property
    def penalty(self):
        """The teacher's penalty: the peak of the density of the labels, which are Gaussian."""
        if self.given_penalty is not None:
            return self.given_penalty
        n = len(self.X)
        within = np.linalg.svd(np.eye(n) - 1.0 / n)[0][:, : n - 1]  # what an intercept leaves of n labels
        Z, T = within.T @ self.Z, within.T @ self.T

        def covariance(log_penalty):
            return self.noise**2 * (np.eye(n - 1) + Z @ Z.T / np.exp(log_penalty))

        def surprise(log_penalty):
            return -np.sum(multivariate_normal(np.zeros(n - 1), covariance(log_penalty)).logpdf(T.T))

        def slope(log_penalty):
            """Of twice that: a minimum by values alone has half of the digits."""
            inverse = np.linalg.inv(covariance(log_penalty))
            moved = inverse @ (self.noise**2 * np.eye(n - 1) - covariance(log_penalty))
            return T.shape[1] * np.trace(moved) - np.sum(T * (moved @ inverse @ T))

        near = minimize_scalar(surprise, bounds=(-7, 7), method="bounded").x
        return float(np.exp(brentq(slope, near - 0.01, near + 0.01, xtol=1e-14)))

    @property
    def own_penalty(self):
        return self.penalty if self.student_penalty is None else self.student_penalty

    def directions(self, Z, T):
        """Return all that a student can see of rows, as orthonormal columns, what small ranks keep first."""
        d, k = Z.shape[1], T.shape[1]
        inverse = np.linalg.inv(Z.T @ Z + self.penalty * np.eye(d))
        principal = np.linalg.svd(Z, full_matrices=False)[2].T
        if self.sight == "principal":
            return principal
        if self.sight == "aligned":
            taught = Z @ inverse @ Z.T @ T
            right = np.linalg.svd(taught, full_matrices=False)[2].T
            first = np.linalg.lstsq(Z, taught @ right, rcond=None)[0]
            return np.linalg.qr(np.column_stack([first, principal]))[0][:, :d]
        mean = inverse @ Z.T @ T
        signal, kept = mean @ mean.T + k * self.noise**2 * inverse, []
        while len(kept) < d:
            rest = [j for j in range(d) if j not in kept]
            kept.append(min(rest, key=lambda j: self._loss(Z, np.eye(d)[:, [*kept, j]], signal, k)))
        return np.eye(d)[:, kept]

    def _loss(self, Z, seen, signal, k):
        """Return n times the excess risk of ridge with the teacher's penalty on some directions."""
        G = Z.T @ Z
        P = seen @ np.linalg.inv(seen.T @ G @ seen + self.penalty * np.eye(seen.shape[1])) @ seen.T
        missed = np.eye(len(G)) - P @ G
        return np.trace(missed.T @ G @ missed @ signal) + k * self.noise**2 * np.trace(P @ G @ P @ G)

    @cached_property
    def basis(self):
        return self.directions(self.Z, self.T)

    # Laws

    def setting(self, rank, *, spread, mixing=None, temperature=0.0, floor=0.0):
        """Return the experiment of a rank; ``spread`` tells laws of weights from mean predictions."""
        return oracles.Setting(
            self.Z,
            np.zeros((self.shape[2], self.shape[1])),
            label_noise=self.noise,
            teacher_penalty=self.penalty,
            teacher_temperature=float(spread),
            student_penalty=self.own_penalty,
            student_temperature=self.student_temperature if spread else 0.0,
            basis=self.basis[:, :rank],
            floor=floor,
            temperature=temperature,
            mixing=self.mixing if mixing is None else mixing,
            draws=self.draws if spread else 1,
        )

    @cached_property
    def posterior(self):
        """Rows whose sum of squares is the second moment of the weights given the labels, (k + kd, d)."""
        inverse = np.linalg.inv(self.Z.T @ self.Z + self.penalty * np.eye(self.shape[1]))
        spread = self.noise * np.linalg.cholesky(inverse).T
        return np.vstack([(inverse @ self.Z.T @ self.T).T, *[spread] * self.shape[2]])

    def _averaged(self, function, setting):
        """Average a quadratic function of the truth over the posterior."""
        rows, none = self.posterior, np.zeros_like(self.posterior)
        return (
            function(oracles.replace(setting, truth=rows))
            - function(oracles.replace(setting, truth=none))
            + function(setting)
        )

    def risks(self, rank, mixing=None, temperature=0.0):
        """Return the excess risks of the teacher's and the student's mean predictions, an intercept's included."""
        setting = self.setting(rank, spread=False, mixing=mixing, temperature=temperature)
        return self._averaged(lambda each: np.array(oracles.excess_risk(each)), setting) + self.noise_risk / len(self.X)

    def risk(self, rank, mixing=None, temperature=0.0):
        return float(self.risks(rank, mixing, temperature)[1])

    @cached_property
    def every_risk(self):
        return np.array([self.risk(rank) for rank in range(self.shape[1] + 1)])

    @property
    def noise_risk(self):
        return self.shape[2] * self.noise**2

    def least_teacher_risk(self):
        """Return the excess risk of ridge on all features at the penalty that is best for it."""

        def risk(log_penalty):
            setting = oracles.replace(self.setting(0, spread=False), teacher_penalty=np.exp(log_penalty))
            return float(self._averaged(lambda each: np.array(oracles.excess_risk(each)), setting)[0])

        found = minimize_scalar(risk, bounds=(-8, 8), method="bounded", options={"xatol": 1e-8})
        return float(found.fun) + self.noise_risk / len(self.X)

    def ledger(self, rank, temperature, floor, mixing=1.0):
        """Return bias, variance and rank cost of the student's law against the teacher's posterior, in nats."""
        setting = self.setting(rank, spread=True, mixing=mixing, temperature=temperature, floor=floor)
        (bias, *variance), lost = self._averaged(oracles.cells, setting)
        return np.array([bias, sum(variance), sum(lost)])

    def closest(self, rank, mixing=1.0):
        """Return temperature and floor of the least divergence; for principal directions neither moves the other."""
        found = [
            minimize_scalar(function, bounds=(-12, 12), method="bounded", options={"xatol": 1e-9}).x
            for function in (
                lambda value: self.ledger(rank, np.exp(value), 1.0, mixing).sum(),
                lambda value: self.ledger(rank, 1.0, np.exp(value), mixing).sum(),
            )
        ]
        return tuple(np.exp(found).tolist())

    # Rows left out

    def fit(self, Z, T, rank, basis, mixing=None):
        """Return weights (d, k) of the student of rows, and their means."""
        mixing = self.mixing if mixing is None else mixing
        z, t = Z.mean(axis=0), T.mean(axis=0)
        inside, labels, d = Z - z, T - t, Z.shape[1]
        soft = inside @ np.linalg.solve(inside.T @ inside + self.penalty * np.eye(d), inside.T @ labels)
        U = (self.directions(inside, labels) if basis is None else basis)[:, :rank]
        seen = inside @ U
        target = seen.T @ ((1.0 - mixing) * labels + mixing * soft)
        return U @ np.linalg.solve(seen.T @ seen + self.own_penalty * np.eye(rank), target), z, t

    def left(self, rank, part, basis):
        """Return what predictions of rows miss, (rows, k), of a student trained without them."""
        weights, z, t = self.fit(self.Z[~part], self.T[~part], rank, basis)
        return self.T[part] - t - (self.Z[part] - z) @ weights

    def least_risk(self, most, mixed):
        """Return the least excess risk of any rank up to a budget, and where labels may be mixed at any mixing."""
        least = []
        for rank in range(most + 1):
            low, middle, high = (self.risk(rank, mixing) for mixing in (0.0, 0.5, 1.0))
            curve = np.polyfit([0.0, 0.5, 1.0], [low, middle, high], 2)  # of the mixing, exactly
            inside = -curve[1] / (2.0 * curve[0]) if mixed and curve[0] > 0.0 else self.mixing
            least.append(np.polyval(curve, inside))
        return min(least)

    def left_out(self, rank):
        """Return the squared error of predicting each row from all the others, the same directions seen."""
        rows = np.arange(len(self.Z))
        return float(np.mean([np.sum(self.left(rank, rows == row, self.basis) ** 2) for row in rows]))

    def parts(self):
        return [np.arange(len(self.Z)) % PARTS == part for part in range(PARTS)]

    def held_out(self, rank):
        """Return the squared error on every fifth row of students that found their directions without it, (5,)."""
        return np.array([np.mean(np.sum(self.left(rank, part, None) ** 2, axis=1)) for part in self.parts()])

    def held_out_mean(self, rank):
        sizes = [part.sum() for part in self.parts()]
        return float(np.average(self.held_out(rank), weights=sizes))

    def accuracy(self, rank):
        """Return the share of rows whose class is told by the student that has not seen them."""
        told = 0
        for part in self.parts():
            scores = (self.T[part] - self.left(rank, part, None)) * self.unit + self.Y.mean(axis=0)
            told += np.sum(scores.argmax(axis=1) == self.Y[part].argmax(axis=1))
        return told / len(self.Y)

    # The trained student, in the units that were read

    def weights(self, rank, mixing=None):
        """Return weights (d, k) and intercept (k,)."""
        found = self.fit(self.Z, self.T, rank, self.basis, mixing)[0] * self.unit / self.X.std(axis=0)[:, None]
        return found, self.Y.mean(axis=0) - self.X.mean(axis=0) @ found
