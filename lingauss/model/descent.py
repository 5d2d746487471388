"""Noisy gradient descent as a learner: after finitely many steps, at stationarity, and in the limit of small steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lingauss.errors import OverflowingError, SingularGramError, UnstableStepError
from lingauss.guard import hinted
from lingauss.html_table import html_fields
from lingauss.model.learners import Law, Learner, of_least_norm
from lingauss.validation import Array, as_count, as_scalar, as_squarable

Mask = npt.NDArray[np.bool_]

LARGEST_GROWTH = 75.0 * math.log(10.0)  # of a weight: variances, and their products, then stay in float64's range


class _Descent(Learner):
    """What descents have in common: the penalised loss they descend and the noise that drives them."""

    penalty: float
    temperature: float
    noise: float | None

    _repr_html_ = html_fields

    @property
    def spreads_everywhere(self) -> bool:
        return self.temperature > 0.0

    @property
    def follows_label_noise(self) -> bool:
        return self.noise is None

    def dispersion(self, label_noise: Any) -> Any:
        """Return ω = τσ², a variance, given the problem's label-noise standard deviation."""
        return self.temperature * np.square(label_noise if self.noise is None else self.noise)

    def _relative_dispersion(self, label_noise: Array) -> Array:
        return np.asarray(self.dispersion(label_noise) / np.square(label_noise))

    def _check_penalised_loss(self) -> None:
        object.__setattr__(self, "penalty", as_squarable(self.penalty, "penalty", minimum=0.0))
        object.__setattr__(self, "temperature", as_scalar(self.temperature, "temperature", minimum=0.0))
        if self.noise is not None:
            object.__setattr__(self, "noise", as_squarable(self.noise, "noise", minimum=0.0, strict=True))

    def _endless(self, eigenvalues: Array, dispersion: Array) -> Law:
        """Return the law when time is unlimited: ridge, and without noise nothing has moved where nothing is curved."""
        curved = bool(np.all(eigenvalues + self.penalty > 0))
        penalty = np.asarray(self.penalty) if curved else of_least_norm(eigenvalues)
        return Law.of_penalty(eigenvalues, penalty, dispersion)

    def _check_curved(self, curvature: Array) -> None:
        if self.spreads_everywhere and not np.all(curvature > 0):
            raise SingularGramError(
                "a nonsingular Gram matrix, because the penalty is 0, time unlimited and the temperature positive",
                "a singular one, in whose null directions the noise accumulates without end",
                "Use penalty > 0, temperature 0, or a finite number of steps.",
            )


@hinted
@dataclass(frozen=True)
class NoisyGradientDescent(_Descent):
    """Gradient descent with Gaussian noise (Langevin), started at W = 0 (docs/theory.md §1.4).

    One step is W ← W − h(W(G + λI) − t) + N(0, 2hτσ²I). After T steps the law is Gaussian, in a direction of curvature
    a = s + λ with gain (1 − (1 − ha)^T)/a. Few steps are a regulariser: **early stopping** acts like a penalty that is
    larger in directions that have not converged (docs/theory.md §1.5).

    A law after finitely many steps exists for every step size. ``steps=math.inf`` is the **stationary law**, which
    needs h < 2/λ_max(G + λI); as h → 0 it is :class:`Ridge` with the same penalty, temperature and noise. Small steps
    at a fixed time Th are :class:`GradientFlow`, which :meth:`flow` gives.

    Parameters
    ----------
    steps : int or math.inf
        T ≥ 1.
    step_size : float
        h > 0, per squared input unit.
    penalty : float
        λ ≥ 0.
    temperature : float
        τ ≥ 0, scales the variance of the injected noise; 0 is plain gradient descent.
    noise : float, optional
        σ > 0, the label-noise standard deviation the learner assumes; default: the problem's.

    Raises
    ------
    DomainError, NotFiniteError, NotNumericError, ShapeError

    Notes
    -----
    The default floor is the learner's own law at s = 0, where labels say nothing and T steps only gather noise:
    τσ²(1 − (1 − hλ)^{2T})/(λ − hλ²/2), or 2hTτσ² at λ = 0. It grows with T, to about the prior variance τσ²/λ of ridge.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=0.5)
    >>> long, short = (lg.NoisyGradientDescent(steps, step_size=0.1, penalty=0.1) for steps in (1000, 5))
    >>> case = lg.Distillation(problem, teacher=long, student=short)
    >>> risk = case.sweep(student_steps=range(1, 50), quantities=["student_excess_risk"])
    >>> int(risk["student_excess_risk"].idxmin())
    4
    """

    steps: float
    step_size: float
    penalty: float = 1.0
    temperature: float = 1.0
    noise: float | None = None

    def __post_init__(self) -> None:
        if not _is_infinite(self.steps):
            object.__setattr__(self, "steps", as_count(self.steps, "steps", minimum=1))
        object.__setattr__(self, "step_size", as_squarable(self.step_size, "step_size", minimum=0.0, strict=True))
        self._check_penalised_loss()

    @property
    def needs_regular_gram(self) -> bool:
        return math.isinf(self.steps) and self.penalty == 0.0 and self.spreads_everywhere

    @property
    def exists_for_any_gram(self) -> bool:
        return False

    def flow(self) -> GradientFlow:
        """Return the limit of small steps at the same time Th."""
        return GradientFlow(self.steps * self.step_size, self.penalty, self.temperature, self.noise)

    def spectral(self, eigenvalues: Array, label_noise: Array) -> Law:
        if math.isinf(self.steps):
            curvature = eigenvalues + self.penalty
            self._check_curved(curvature)
            self._check_stable(curvature)
            dispersion = self._relative_dispersion(label_noise) * 2.0 / (2.0 - self.step_size * curvature)
            return self._endless(eigenvalues, dispersion)
        return self.after(np.asarray(self.steps), eigenvalues, label_noise)

    def after(self, steps: npt.NDArray[Any], eigenvalues: Array, label_noise: Array) -> Law:
        """Return the law after numbers of steps ≥ 1 that broadcast against the eigenvalues; as :meth:`spectral`."""
        curvature = eigenvalues + self.penalty
        relative = self.step_size * curvature  # x: a step multiplies the distance to the fit by 1 − x
        to_flip = 2.0 - relative
        # At x = 2 weights flip for ever. Half a rounding error below, every formula has its limit.
        to_flip = np.where(to_flip == 0.0, np.finfo(np.float64).eps, to_flip)
        with np.errstate(divide="ignore"):
            growth = steps * np.log1p(-np.where(relative > 1.0, to_flip, relative))
        self._check_growth(growth, curvature)
        alternates = (relative > 1.0) & (steps % 2 == 1)
        law = _relaxed(eigenvalues, self.penalty, growth, alternates, steps * self.step_size)
        return law._replace(dispersion=self._relative_dispersion(label_noise) * law.dispersion * 2.0 / to_flip)

    def _check_stable(self, curvature: Array) -> None:
        steepest = float(np.max(curvature))
        limit = 2.0 / steepest if steepest else math.inf
        if self.step_size >= limit:
            raise UnstableStepError(
                f"a step size below {limit:.6g} = 2/λ_max(G + λI), for which a stationary law exists",
                f"{self.step_size:.6g}",
                f"Use step_size < {limit:.6g}, or finitely many steps.",
            )

    def _check_growth(self, growth: Array, curvature: Array) -> None:
        fastest = float(np.max(growth))
        if fastest > LARGEST_GROWTH:
            limit = 2.0 / float(np.max(curvature))
            raise OverflowingError(
                f"weights within the range of float64 after {self.steps:g} steps",
                f"step size {self.step_size:.6g} above {limit:.6g} = 2/λ_max(G + λI), where they grow with every step",
                f"Use step_size < {limit:.6g}, or at most {math.floor(self.steps * LARGEST_GROWTH / fastest)} steps.",
            )


@hinted
@dataclass(frozen=True)
class GradientFlow(_Descent):
    """Langevin diffusion from W = 0: noisy gradient descent of infinitely small steps (docs/theory.md §1.4).

    dW = (t − W(G + λI)) dθ + √(2τσ²) dB up to time θ. In a direction of curvature a = s + λ its gain is (1 − e^{−aθ})/a
    and its variance τσ²(1 − e^{−2aθ})/a; as θ → ∞ it is :class:`Ridge`.

    Parameters
    ----------
    time : float
        θ > 0, number of steps times step size, per squared input unit; ``math.inf`` is ridge.
    penalty, temperature, noise
        As for :class:`NoisyGradientDescent`.

    Raises
    ------
    DomainError, NotFiniteError, NotNumericError, ShapeError

    Notes
    -----
    The default floor is the law at s = 0, τσ²(1 − e^{−2λθ})/λ, or 2θτσ² at λ = 0.

    Examples
    --------
    >>> import math
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=10, label_noise=0.5)
    >>> case = lg.Distillation(problem, teacher=lg.Ridge(0.5), student=lg.GradientFlow(math.inf, penalty=0.5))
    >>> case.replace(mixing=0.0).divergence().total
    0.0
    """

    time: float
    penalty: float = 1.0
    temperature: float = 1.0
    noise: float | None = None

    def __post_init__(self) -> None:
        if not _is_infinite(self.time):
            object.__setattr__(self, "time", as_squarable(self.time, "time", minimum=0.0, strict=True))
        self._check_penalised_loss()

    @property
    def needs_regular_gram(self) -> bool:
        return math.isinf(self.time) and self.penalty == 0.0 and self.spreads_everywhere

    def spectral(self, eigenvalues: Array, label_noise: Array) -> Law:
        curvature = eigenvalues + self.penalty
        dispersion = self._relative_dispersion(label_noise)
        if math.isinf(self.time):
            self._check_curved(curvature)
            return self._endless(eigenvalues, dispersion)
        law = _relaxed(eigenvalues, self.penalty, -self.time * curvature, np.asarray(False), self.time)
        return law._replace(dispersion=dispersion * law.dispersion)


def _relaxed(eigenvalues: Array, penalty: float, growth: Array, alternates: Mask, time: float | Array) -> Law:
    """Return the law of weights whose distance to the fit has been multiplied by c = ±e^growth, from 1.

    Gain (1 − c)/a, effective penalty (λ + sc)/(1 − c), and dispersion 1 + c in units of the noise that drives them.

    Parameters
    ----------
    growth : ndarray
        log |c|.
    alternates : ndarray of bool
        Where c < 0.
    time : float or ndarray
        The gain where the curvature a is 0.
    """
    curvature = eigenvalues + penalty
    size, rest = np.exp(growth), -np.expm1(growth)  # |c| and 1 − |c|, each with its own digits
    left = np.where(alternates, -size, size)
    learned = np.where(alternates, 1.0 + size, rest)
    flat = learned == 0.0  # no curvature, or less than float64 can tell from none
    gain = np.where(flat, time, learned / np.where(flat, 1.0, curvature))
    effective = (penalty + eigenvalues * left) / np.where(flat, 1.0, learned)
    return Law(gain, np.where(flat, 1.0 / time, effective), np.where(alternates, rest, 1.0 + size))


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float | np.floating) and value == math.inf
