"""Class laws as functions of logits: probabilities, curvature, divergence."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_softmax, softmax

from lingauss.validation import Array

Classes = npt.NDArray[np.intp]


class ClassLaw(ABC):
    """A family p(y given logits) with m logits per row; arrays have one row per sample."""

    @abstractmethod
    def probabilities(self, logits: Array) -> Array:
        """Return the mean of the labels as they are encoded, (n, m)."""

    @abstractmethod
    def encode(self, classes: Classes, outputs: int) -> Array:
        """Return class numbers (n,) as labels (n, m) for m outputs."""

    @abstractmethod
    def curvature(self, probabilities: Array, a: int, b: int) -> Array:
        """Return entry (a, b) of the Fisher information at the logits, one per row, (n,)."""

    @abstractmethod
    def divergence(self, logits: Array, other: Array) -> Array:
        """Return KL(p ‖ p′) from logits (n, m) to others, one per row, in nats, (n,)."""

    @abstractmethod
    def log_loss(self, classes: Classes, logits: Array) -> Array:
        """Return −log p(y) of class numbers (n,), one per row, in nats, (n,)."""


class Binary(ClassLaw):
    """Two classes by one logit, the log-odds of class 1."""

    def probabilities(self, logits: Array) -> Array:
        """Return the probability of class 1, (n, 1)."""
        return np.asarray(expit(logits))

    def encode(self, classes: Classes, outputs: int) -> Array:
        """Return 0 or 1, (n, 1)."""
        return classes[:, None].astype(np.float64)

    def curvature(self, probabilities: Array, a: int, b: int) -> Array:
        """Return p(1 − p)."""
        return np.asarray(probabilities[:, 0] * (1.0 - probabilities[:, 0]))

    def divergence(self, logits: Array, other: Array) -> Array:
        """Return KL(p ‖ p′)."""
        potential = np.logaddexp(0.0, other) - np.logaddexp(0.0, logits)
        return np.asarray((potential - expit(logits) * (other - logits))[:, 0])

    def log_loss(self, classes: Classes, logits: Array) -> Array:
        """Return −log p(y)."""
        return np.asarray(np.logaddexp(0.0, (1.0 - 2.0 * classes) * logits[:, 0]))


class Softmax(ClassLaw):
    """k classes by k logits; a common shift of a row changes nothing."""

    def probabilities(self, logits: Array) -> Array:
        """Return the probability of every class, (n, k)."""
        return np.asarray(softmax(logits, axis=1))

    def encode(self, classes: Classes, outputs: int) -> Array:
        """Return one-hot labels, (n, k)."""
        return np.asarray(np.eye(outputs)[classes])

    def curvature(self, probabilities: Array, a: int, b: int) -> Array:
        """Return entry (a, b) of diag(p) − ppᵀ."""
        return np.asarray(probabilities[:, a] * (float(a == b) - probabilities[:, b]))

    def divergence(self, logits: Array, other: Array) -> Array:
        """Return KL(p ‖ p′)."""
        log_law = log_softmax(logits, axis=1)
        return np.asarray(np.sum(np.exp(log_law) * (log_law - log_softmax(other, axis=1)), axis=1))

    def log_loss(self, classes: Classes, logits: Array) -> Array:
        """Return −log p(y)."""
        return np.asarray(-np.take_along_axis(log_softmax(logits, axis=1), classes[:, None], axis=1)[:, 0])
