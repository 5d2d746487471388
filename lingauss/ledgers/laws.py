"""A law t ↦ W of weights, as generalisation sees it: by eigen-direction or as a dense channel, side by side.

The first answers wherever teacher, student and test inputs share the eigenbasis of G, in O(d); the second everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import rounding
from lingauss.algebra.numerics import safe_ratio
from lingauss.algebra.rooted import Rooted
from lingauss.ledgers.squares import error_rows, expected_square
from lingauss.model.design import Design
from lingauss.model.learners import Learner
from lingauss.model.problem import Problem
from lingauss.model.truth import need_truth
from lingauss.validation import Array


class Weights(Protocol):
    """A law of weights given the statistic t, W = t Aᵀ + b + spread."""

    @property
    def problem(self) -> Problem:
        """The problem t comes from."""

    @property
    def recovered(self) -> float:
        """Tr(GA): how many of the labels' degrees of freedom the mean takes up, per output."""

    @property
    def training_spread(self) -> float:
        """Tr(GV), V the covariance given the labels: variance summed over training inputs, per output."""

    def squared_error(self, what: str) -> float:
        """Return E tr((W − W*) G (W − W*)ᵀ): squared error of predictions summed over training inputs.

        Raises
        ------
        MissingTruthError
            If the problem knows no truth; ``what`` says what it was needed for.
        """

    @property
    def signal_to_spread(self) -> Array | None:
        """Eigenvalues x of V⁻¹ ν²AGAᵀ: variance from label noise against spread; None where there is none beside it."""

    def leverages(self, rows: Array) -> Array:
        """Return the share of each input's own label noise in its prediction, ν² zᵀAᵀC⁻¹Az, C = V + ν²AGAᵀ, (m,)."""

    def prediction_variances(self, rows: Array) -> Array:
        """Return the variance zᵀCz of each input's prediction over labels and spread, per output, (m,)."""

    def squared_biases(self, rows: Array, what: str) -> Array:
        """Return E‖(E W − W*) z‖² for every input, over the truth, (m,)."""


@dataclass(frozen=True, eq=False)
class SpectralWeights:
    """A law of independent eigen-directions; arrays (d,), variances in units of ν².

    Attributes
    ----------
    problem : Problem
    gain : (d,)
        A, from t to W.
    missed : (d,)
        1 − s A, with digits of its own.
    variance : (d,)
        V.
    """

    problem: Problem
    gain: Array
    missed: Array
    variance: Array

    @cached_property
    def _power(self) -> float:
        return self.problem.label_noise**2

    @property
    def _s(self) -> Array:
        return self.problem.eigenbasis.eigenvalues

    @cached_property
    def _total(self) -> Array:
        """Variance of every weight over labels and spread, C, in units of ν²."""
        return self._s * np.square(self.gain) + self.variance

    @property
    def recovered(self) -> float:
        return float(np.sum(self._s * self.gain))

    @property
    def training_spread(self) -> float:
        return self._power * float(np.sum(self._s * self.variance))

    def squared_error(self, what: str) -> float:
        need_truth(self.problem, what)
        bias = float(np.sum(self._s * np.square(self.missed) * self.problem.signal))
        return bias + self.problem.outputs * self._power * float(np.sum(self._s * self._total))

    @property
    def signal_to_spread(self) -> Array | None:
        moved = self._s * np.square(self.gain)
        if np.any((self.variance == 0.0) & (moved > 0.0)):
            return None
        return safe_ratio(moved, self.variance)

    def leverages(self, rows: Array) -> Array:
        turned = self.problem.eigenbasis.rotate(rows)
        return np.asarray(np.square(turned) @ safe_ratio(np.square(self.gain), self._total))

    def prediction_variances(self, rows: Array) -> Array:
        return np.asarray(self._power * (np.square(self.problem.eigenbasis.rotate(rows)) @ self._total))

    def squared_biases(self, rows: Array, what: str) -> Array:
        basis = self.problem.eigenbasis
        missed = basis.rotate(need_truth(self.problem, what).rows) * self.missed
        return np.asarray(np.sum(np.square(missed @ basis.rotate(rows).T), axis=0))


@dataclass(frozen=True, eq=False)
class DenseWeights:
    """Any law, as a channel of whole matrices.

    Attributes
    ----------
    problem : Problem
    channel : Channel
    """

    problem: Problem
    channel: Channel

    @property
    def recovered(self) -> float:
        return float(np.sum(self.problem.gram * self.channel.A.T))

    @property
    def training_spread(self) -> float:
        return float(np.sum(self.problem.gram * self.channel.cov))

    def squared_error(self, what: str) -> float:
        return expected_square(self.problem, self.channel, self.problem.gram, what)

    @cached_property
    def _moved(self) -> Array:
        """Rows M with MᵀM = ν²AGAᵀ."""
        return np.asarray(self.problem.label_noise * self.problem.gramian.root.T @ self.channel.A.T)

    @property
    def signal_to_spread(self) -> Array | None:
        size = np.linalg.norm(self._moved, axis=1, keepdims=True)
        if not self.channel.covariance.contains(self._moved, np.broadcast_to(size, self._moved.shape)):
            return None
        return np.asarray(np.square(np.linalg.svd(self.channel.covariance.whiten(self._moved), compute_uv=False)))

    def leverages(self, rows: Array) -> Array:
        total = self.channel.covariance + Rooted(self._moved.T)
        return np.asarray(np.sum(np.square(total.whiten(self.problem.label_noise * rows @ self.channel.A.T)), axis=1))

    def prediction_variances(self, rows: Array) -> Array:
        drawn = np.sum((rows @ self.channel.cov) * rows, axis=1)
        return np.asarray(np.sum(np.square(rows @ self._moved.T), axis=1) + drawn)

    def squared_biases(self, rows: Array, what: str) -> Array:
        return np.asarray(np.sum(np.square(error_rows(self.problem, self.channel, what) @ rows.T), axis=0))


def teacher_weights(design: Design) -> SpectralWeights | DenseWeights:
    """Return the teacher's law."""
    problem, teacher = design.problem, design.teacher
    if not isinstance(teacher, Learner) or problem.test_covariance is not None:
        return DenseWeights(design.framed.problem, design.framed.teacher_predictor)
    s = problem.eigenbasis.eigenvalues
    law = design.prepared.sides.teacher if design.is_spectral else teacher.spectral(s, np.asarray(problem.label_noise))
    return SpectralWeights(problem, *(np.broadcast_to(part, s.shape) for part in (law.gain, law.missed, law.variance)))


def student_weights(design: Design, with_floor: bool) -> SpectralWeights | DenseWeights:
    """Return the student's law; without its unlearned spread outside the bottleneck that is what it predicts with."""
    if not design.is_spectral_at_fixed_design:
        here = design.framed
        return DenseWeights(here.problem, here.student_channel if with_floor else here.student_predictor)
    sides, kept = design.prepared.sides, design.keeps
    s, teacher, student = sides.s, sides.teacher, sides.student
    share = design.mixing**2 / design.draws * s * np.square(student.gain)
    learned = sides.own_variance + share * (s * sides.teacher_variance + design.temperature)
    return SpectralWeights(
        design.problem,
        np.where(kept, student.gain * (1.0 - design.mixing * teacher.missed), 0.0),
        np.where(kept, student.missed + design.mixing * s * teacher.missed * student.gain, 1.0),
        np.where(kept, learned, sides.floor_variance if with_floor else 0.0),
    )


def mutual_information(weights: Weights) -> float:
    """Return I(D; W) = (k/2) log det(I + V⁻¹ ν²AGAᵀ) in nats; +inf if a linear image of the labels is revealed."""
    x = weights.signal_to_spread
    return math.inf if x is None else 0.5 * weights.problem.outputs * float(np.sum(np.log1p(x)))


def lautum_information(weights: Weights) -> float:
    """Return L(D; W), the divergence of the product of the marginals from the joint law, in nats.

    (Palomar & Verdú 2008.)
    """
    x = weights.signal_to_spread
    return math.inf if x is None else 0.5 * weights.problem.outputs * float(np.sum(2.0 * x - np.log1p(x)))


def symmetrised_information(weights: Weights) -> float:
    """Return I_SKL(D; W) = I + L = k tr(V⁻¹ ν²AGAᵀ) in nats (Aminian et al. 2021)."""
    x = weights.signal_to_spread
    return math.inf if x is None else weights.problem.outputs * float(np.sum(x))


def individual_information(weights: Weights, rows: Array) -> Array:
    """Return I(y_i; W) for every sample, the mutual information of weights and one label vector, (n,) nats.

    −(k/2) log(1 − leverage); with a fitted intercept, of weights and intercept together (Bu, Zou & Veeravalli 2020).

    Parameters
    ----------
    rows : (n, d)
        Inputs X, centred if an intercept was fitted.
    """
    problem = weights.problem
    leverage = weights.leverages(rows) + problem.intercept / problem.n_samples
    seen = leverage >= 1.0 - rounding(problem.n_features)
    return np.where(seen, np.inf, -0.5 * problem.outputs * np.log1p(-np.where(seen, 0.0, leverage)))
