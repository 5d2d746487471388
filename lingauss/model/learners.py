"""Learners: how labels become weights, as a law per eigen-direction and as a dense channel t → W."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.numerics import scaled_square
from lingauss.algebra.psd import PSD, Dense, Diagonal
from lingauss.errors import SingularGramError, UndefinedFloorError
from lingauss.guard import hinted
from lingauss.html_table import html_fields
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.validation import Array, as_scalar, as_squarable


class Law(NamedTuple):
    """What a learner makes of the labels in each eigen-direction (docs/theory.md §1.5).

    A weight has mean ``gain`` · t and variance ``dispersion`` · ``gain``. The effective penalty ℓ = 1/gain − s says the
    same as the gain, with the digits that tell two learners apart; the gain has those that are lost in s + ℓ where a
    learner overshoots and ℓ ≈ −s. The arrays broadcast against the eigenvalues, of length 1 along axes they do not
    depend on.

    Attributes
    ----------
    gain
        α, from t to W.
    penalty
        ℓ, finite.
    dispersion
        ω/ν², in units of the problem's noise variance.
    dispersion_tail
        What rounding has removed from the dispersion: the digits in which two close learners differ.
    """

    gain: Array
    penalty: Array
    dispersion: Array
    dispersion_tail: Array = np.zeros(())

    @classmethod
    def of_penalty(cls, eigenvalues: Array, penalty: Array, dispersion: Array, tail: Array | None = None) -> Law:
        """Return the law W = t/(s + ℓ) with variance ω/(s + ℓ)."""
        return cls(1.0 / (eigenvalues + penalty), penalty, dispersion, np.zeros(()) if tail is None else tail)

    @property
    def variance(self) -> Array:
        """Variance of a weight given the labels, in units of ν²."""
        return self.dispersion * self.gain

    @property
    def missed(self) -> Array:
        """1 − s · gain, the share of a true weight that is not recovered: negative where the learner overshoots."""
        return self.penalty * self.gain


def of_least_norm(eigenvalues: Array) -> Array:
    """Return effective penalties of the minimum-norm interpolator: 0, and in null directions any that is not.

    Labels have nothing there, so that all positive penalties leave the same weight of 0.
    """
    return np.where(eigenvalues > 0.0, 0.0, np.max(eigenvalues, initial=0.0) or 1.0)


class Learner(ABC):
    """A learner that is linear in the labels and acts alike on equal eigenvalues of the Gram matrix.

    In an eigen-direction with eigenvalue s any such learner is ridge regression with an effective penalty ℓ(s) and a
    dispersion ω(s): W = t/(s + ℓ) with variance ω/(s + ℓ) (docs/theory.md §1.5). A new learner states its
    :class:`Law`; its dense channel, prior variance and place in sweeps follow.
    """

    @property
    def needs_regular_gram(self) -> bool:
        """Whether the learner exists only for a nonsingular Gram matrix."""
        return False

    @property
    def exists_for_any_gram(self) -> bool:
        """Whether the learner has a law whatever the Gram matrix is."""
        return not self.needs_regular_gram

    @property
    def spreads_everywhere(self) -> bool:
        """Whether the learner's law has some variance in every direction."""
        return False

    @property
    def follows_label_noise(self) -> bool:
        """Whether the learner's law in units of the label noise ν is the same whatever ν is."""
        return False

    @abstractmethod
    def spectral(self, eigenvalues: Array, label_noise: Array) -> Law:
        """Return the learner's law per eigen-direction.

        Parameters
        ----------
        eigenvalues : ndarray
            s ≥ 0; directions on the first axis, further axes are those of a grid.
        label_noise : ndarray
            The problem's ν, a standard deviation, broadcasting against ``eigenvalues``.

        Raises
        ------
        SingularGramError, UnstableStepError, OverflowingError
            If the learner has no law at these eigenvalues.
        """

    def channel(self, gramian: PSD, label_noise: float) -> Channel:
        """Return the channel t ↦ W for a Gram matrix (d, d) and the problem's label noise, a standard deviation."""
        if isinstance(gramian, Diagonal):
            gain, variance = gains_and_variances(self, gramian.variances, label_noise)
            return Channel(np.diag(gain), Diagonal(variance))
        basis = Eigenbasis.of(gramian)
        gain, variance = gains_and_variances(self, basis.eigenvalues, label_noise)
        return Channel(basis.with_eigenvalues(gain), Dense(basis.with_eigenvalues(variance)))

    def precisions(self, eigenvalues: Array, label_noise: float) -> tuple[float, Array]:
        """Return what every direction's precision is at least, and what each has beyond that: a number ≥ 0 and (d,).

        Where data only ever add precision the first is that of a weight they say nothing about.
        """
        whole = 1.0 / gains_and_variances(self, eigenvalues, label_noise)[1]
        alone = 0.0 if self.needs_regular_gram else 1.0 / self.prior_variance(label_noise)
        least = min(alone, float(whole.min(initial=math.inf)))
        return least, whole - least

    def prior_variance(self, label_noise: float) -> float:
        """Return the variance of a weight the data say nothing about, the default floor: the law at eigenvalue 0.

        Raises
        ------
        UndefinedFloorError
            If the learner implies none.
        """
        if self.needs_regular_gram or not self.spreads_everywhere:
            raise UndefinedFloorError(
                "a student with some spread where it sees no data, which is the default floor",
                f"{self!r}",
                "Pass floor explicitly: a variance, or 0 for the hard bottleneck.",
            )
        return float(label_noise**2 * self.spectral(np.zeros(()), np.asarray(label_noise)).variance)


def gains_and_variances(learner: Learner, eigenvalues: Array, label_noise: float) -> tuple[Array, Array]:
    """Return gain and variance of every direction, (d,) each, in the units of the weights."""
    law = learner.spectral(eigenvalues, np.asarray(label_noise))
    gain, variance = np.broadcast_arrays(law.gain, label_noise**2 * law.variance, eigenvalues)[:2]
    return gain, variance


def law_of_seen(learner: Learner, s: Array, label_noise: Array, seen: int) -> Law:
    """Return :meth:`Learner.spectral` for a student that sees only the first ``seen`` directions.

    Null directions it never sees get a regular stand-in, so that an unpenalised student within the range is legal.
    """
    unseen = (s == 0) & (np.arange(len(s)) >= seen).reshape((-1,) + (1,) * (s.ndim - 1))
    if not (learner.needs_regular_gram and unseen.any()):
        return learner.spectral(s, label_noise)
    return learner.spectral(np.where(unseen, np.max(s) or 1.0, s), label_noise)


@hinted
@dataclass(frozen=True)
class Ridge(Learner):
    """Ridge regression, as a Bayes or Gibbs posterior (docs/theory.md §1).

    t ↦ N(t (G + λI)⁻¹, τσ² (G + λI)⁻¹): temperature 1 is the Bayes posterior under the prior N(0, (σ²/λ) I),
    temperature 0 the deterministic ridge estimate.

    Parameters
    ----------
    penalty : float
        λ ≥ 0. At 0 and temperature 0 this is least squares, of minimum norm where the Gram matrix is singular; with
        some spread, 0 needs a nonsingular Gram matrix.
    temperature : float
        τ ≥ 0, scales the posterior covariance.
    noise : float, optional
        σ > 0, the label-noise standard deviation the learner assumes; default: the problem's.

    Raises
    ------
    DomainError, NotFiniteError, NotNumericError
    """

    penalty: float = 1.0
    temperature: float = 1.0
    noise: float | None = None

    _repr_html_ = html_fields

    def __post_init__(self) -> None:
        object.__setattr__(self, "penalty", as_squarable(self.penalty, "penalty", minimum=0.0))
        object.__setattr__(self, "temperature", as_scalar(self.temperature, "temperature", minimum=0.0))
        if self.noise is not None:
            object.__setattr__(self, "noise", as_squarable(self.noise, "noise", minimum=0.0, strict=True))

    @property
    def needs_regular_gram(self) -> bool:
        return self.penalty == 0.0 and self.spreads_everywhere

    @property
    def spreads_everywhere(self) -> bool:
        return self.temperature > 0.0

    @property
    def follows_label_noise(self) -> bool:
        return self.noise is None

    def dispersion(self, label_noise: float) -> float:
        """Return ω = τσ², a variance, given the problem's label-noise standard deviation."""
        return self.temperature * (label_noise if self.noise is None else self.noise) ** 2

    def spectral(self, eigenvalues: Array, label_noise: Array) -> Law:
        singular = not np.all(eigenvalues > 0)
        self._check_regular(singular)
        penalty, temperature = np.asarray(self.penalty), np.asarray(self.temperature)
        if singular and not self.penalty:
            penalty = of_least_norm(eigenvalues)
        if self.noise is None:
            return Law.of_penalty(eigenvalues, penalty, temperature)
        return Law.of_penalty(eigenvalues, penalty, *scaled_square(temperature, np.asarray(self.noise), label_noise))

    def precisions(self, eigenvalues: Array, label_noise: float) -> tuple[float, Array]:
        dispersion = self.dispersion(label_noise)
        return self.penalty / dispersion, eigenvalues / dispersion

    def channel(self, gramian: PSD, label_noise: float) -> Channel:
        dispersion = self.dispersion(label_noise)
        self._check_regular(gramian.is_singular)
        if isinstance(gramian, Diagonal):
            gains = _inverse(gramian.variances + self.penalty)
            return Channel(np.diag(gains), Diagonal(dispersion * gains))
        if self.penalty == 0.0 and gramian.is_singular:
            basis = Eigenbasis.of(gramian)
            return Channel(basis.with_eigenvalues(_inverse(basis.eigenvalues)), Diagonal(np.zeros(gramian.dim)))
        penalised = Dense(gramian.matrix + self.penalty * np.eye(gramian.dim))
        if penalised.is_singular:  # in float64 only: the penalty vanishes beside G, but not in G's null directions
            basis = Eigenbasis.of(gramian)
            gain = basis.with_eigenvalues(1.0 / (basis.eigenvalues + self.penalty))
        else:
            halfway = penalised.whiten(np.eye(gramian.dim))
            gain = halfway @ halfway.T
        return Channel(gain, Dense(dispersion * gain))

    def prior_variance(self, label_noise: float) -> float:
        """Return τσ²/λ, the prior variance tempered like the posterior.

        Raises
        ------
        UndefinedFloorError
            At penalty 0 (the prior is flat) or temperature 0 (the estimate has no spread).
        """
        if self.penalty == 0.0 or self.temperature == 0.0:
            zero = "penalty" if self.penalty == 0.0 else "temperature"
            raise UndefinedFloorError(
                "a student with a proper prior, whose variance is the default floor",
                f"a Ridge of {zero} 0",
                "Pass floor explicitly: a variance, or 0 for the hard bottleneck.",
            )
        return self.dispersion(label_noise) / self.penalty

    def _check_regular(self, singular: bool) -> None:
        if self.needs_regular_gram and singular:
            raise SingularGramError(
                "a nonsingular Gram matrix, because the penalty is 0 and the weights have some spread",
                "a singular one",
                "Use penalty > 0, temperature 0 for the interpolator of minimum norm, drop dependent features, or keep "
                "only directions of positive eigenvalue.",
            )


def _inverse(values: Array) -> Array:
    """Return 1/values, 0 where they are 0."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0.0)
