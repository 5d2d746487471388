"""Models that teach on rows they have never seen: what a ridge regression learns from another (docs/theory.md §10.4).

Weights are in the population's principal directions, and summed over outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.equivalents.fit import no_posterior, residual_factors
from lingauss.equivalents.subspaces import View
from lingauss.validation import Array


class Model(NamedTuple):
    """The law of a model's weights over all labels and rows it came from.

    Attributes
    ----------
    mean : (m, d)
        What becomes of the rows of the truth, whose squares add up to its second moment.
    covariance : (d, d)
        Of the weights' mean given what they were trained on.
    spread : (d, d)
        Of a draw about that.
    """

    mean: Array
    covariance: Array
    spread: Array

    @classmethod
    def of_truth(cls, rows: Array) -> Self:
        """Return the truth as a model that is sure of itself."""
        nothing = np.zeros((rows.shape[1],) * 2)
        return cls(rows, nothing, nothing)

    def excess_risk(self, s: Array, truth: Array) -> float:
        """Return the excess risk of a draw on rows of covariance diag(s)."""
        bias = float(np.sum(s * np.square(self.mean - truth)))
        return bias + float(s @ (self.covariance.diagonal() + self.spread.diagonal()))


class Labels(NamedTuple):
    """How rows are labelled: by a mixture of the truth and a model, with noise.

    Attributes
    ----------
    truth : (m, d)
    teacher : Model
    mixing : float
        ξ, the share of the model's labels.
    draws : int
        Of the model, averaged in every label.
    noise : float
        Energy of a label's noise, summed over outputs.
    pooled : bool
        Whether ξ is the share of rows that the model labels, the others having true labels, and not the share of the
        model in every label.
    """

    truth: Array
    teacher: Model
    mixing: float
    draws: int
    noise: float
    pooled: bool = False

    @property
    def mean(self) -> Array:
        """Rows of the mean of the target weights, (m, d)."""
        return np.asarray((1.0 - self.mixing) * self.truth + self.mixing * self.teacher.mean)

    @property
    def scatter(self) -> Array:
        """Covariance of the target weights, (d, d)."""
        return np.asarray(self.mixing**2 * self._teacher_scatter)

    def disagreement(self, s: Array) -> float:
        """Return what rows of both kinds differ by, and no fit can follow."""
        if not self.pooled:
            return 0.0
        apart = s * (np.sum(np.square(self.teacher.mean - self.truth), axis=0) + self._teacher_scatter.diagonal())
        return self.mixing * (1.0 - self.mixing) * float(np.sum(apart))

    @property
    def _teacher_scatter(self) -> Array:
        return np.asarray(self.teacher.covariance + self.teacher.spread / self.draws)


@dataclass(frozen=True, eq=False)
class RidgeOnRows:
    """Ridge regression on n rows of a population, through a view.

    Attributes
    ----------
    view : View
    n_samples, penalty, dispersion : float
        n, λ ≥ 0 and the energy kτσ² of a draw.
    kappa, residual : float
        The effective penalty κ and the residual factor ρ.
    """

    view: View
    n_samples: float
    penalty: float
    dispersion: float
    kappa: float
    residual: float

    @classmethod
    def of(cls, view: View, n_samples: float, penalty: float, dispersion: float) -> Self:
        """Return the regression.

        Raises
        ------
        SingularGramError
            If weights are drawn from a law that does not exist, because the penalty is 0 and rows are too few.
        """
        n, lam = np.array([float(n_samples)]), np.array([float(penalty)])
        kappa = effective_penalties(view.values, n, lam)
        residual = float(residual_factors(n, lam, kappa, len(view.values))[0])
        if dispersion and not residual:
            raise no_posterior()
        return cls(view, n_samples, penalty, dispersion, float(kappa[0]), residual)

    @property
    def seen(self) -> Array:
        """Shrinkage H along the view's directions, (r,)."""
        return self.view.values / (self.view.values + self.kappa)

    @property
    def regular(self) -> float:
        """1 − γ, 0 at the interpolation peak."""
        values = self.view.values
        return self.residual + float(np.sum(values * self.kappa / np.square(values + self.kappa))) / self.n_samples

    @property
    def transfer(self) -> Array:
        """Mean map from target weights to weights, Σ^−½ H Σ^½, (d, d)."""
        values = self.view.values
        onto = np.sqrt(values) / (values + self.kappa)
        return np.asarray((self.view.axes * onto) @ (self.view.directions.T * np.sqrt(self.view.s)))

    @property
    def scatter(self) -> Array:
        """Covariance of the weights per unit of innovation, Σ^−½ H² Σ^−½/n, (d, d)."""
        values = self.view.values
        return np.asarray(
            (self.view.axes * (values / np.square(values + self.kappa))) @ self.view.axes.T / self.n_samples
        )

    @property
    def spread(self) -> Array:
        """Covariance of a draw, (d, d): that of the prior in directions without variance."""
        if not self.dispersion:
            return np.zeros((len(self.view.s),) * 2)
        values, axes = self.view.values, self.view.axes
        drawn = (axes / (values + self.kappa)) @ axes.T / (self.n_samples * self.residual)
        if self.penalty and axes.shape[1] < self.view.basis.shape[1]:
            drawn += (self.view.basis @ self.view.basis.T - axes @ axes.T) / self.penalty
        return np.asarray(self.dispersion * drawn)

    def missed(self, weights: Array) -> Array:
        """Return what is left of rows of whitened weights, (I − H), (m, d)."""
        directions = self.view.directions
        inside = weights @ directions
        outside = weights - inside @ directions.T
        return np.asarray(outside + (inside * (self.kappa / (self.view.values + self.kappa))) @ directions.T)

    def innovation(self, labels: Labels) -> float:
        """Return S, the squared error of a label on an unseen row; +inf at the interpolation peak."""
        root = np.sqrt(self.view.s)
        unseen = self.missed(labels.mean * root)
        scattered = self.missed(self.missed(labels.scatter * root * root[:, None]).T).trace()
        missed = float(np.sum(np.square(unseen))) + float(scattered) + labels.noise + labels.disagreement(self.view.s)
        if self.regular == 0.0:
            return np.inf if missed else 0.0
        return missed / self.regular

    def learned(self, labels: Labels) -> Model:
        """Return what is learned from labels on rows that the teacher has never seen."""
        onto, innovation = self.transfer, self.innovation(labels)
        if np.isinf(innovation):
            everything = np.full((len(self.view.s),) * 2, np.inf)
            return Model(labels.mean @ onto.T, everything, self.spread)
        covariance = onto @ labels.scatter @ onto.T + innovation * self.scatter
        return Model(labels.mean @ onto.T, covariance, self.spread)
