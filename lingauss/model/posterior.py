"""A fitted model as a teacher: from its mean and covariance to the problem it solved, or to a law that stands alone."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import rounding
from lingauss.algebra.given import as_psd
from lingauss.algebra.psd import PSD, Dense
from lingauss.errors import CovarianceError, DomainError
from lingauss.guard import hinted
from lingauss.html_table import html_settings
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem
from lingauss.model.truth import Truth
from lingauss.validation import Array, Immutable, as_flag, as_frozen, as_squarable, freeze, shape_of


@dataclass(frozen=True, eq=False)
class Posterior(Immutable):
    """A fitted model, ready to teach; made by :func:`from_posterior`.

    Attributes
    ----------
    problem : Problem
        Gram matrix, noise and the statistic t under which the teacher has its law.
    teacher : Ridge or Channel
        For ``Distillation``; a Channel where the law was given for known inputs and does not depend on t.
    law : PSD
        Row covariance of the weights, (d, d).
    mean : (k, d)
        Mean of the weights.
    assumed : tuple of str
        What had to be assumed, one sentence each.
    """

    problem: Problem
    teacher: Ridge | Channel
    law: PSD
    mean: Array
    assumed: tuple[str, ...]

    def plug_in(self) -> Problem:
        """Return the averaged problem in which this law stands in for the truth (docs/theory.md §3.2)."""
        truth = Truth(self.mean, self.law.scaled(float(len(self.mean))), plug_in=True)
        return dataclasses.replace(self.problem, truth=truth, observed=None, label_power=None)

    def __repr__(self) -> str:
        outputs, features = self.mean.shape
        told = f"Posterior({features} features, {outputs} outputs), teacher {self.teacher!r}"
        return "\n".join(line for part in (told, *self.assumed) for line in wrap(part, 80, subsequent_indent="  "))

    def _repr_html_(self) -> str:
        outputs, features = self.mean.shape
        rows = [("features", features), ("outputs", outputs), ("teacher", repr(self.teacher))]
        return html_settings("Posterior", rows, "\n".join(self.assumed))


@hinted
def from_posterior(
    mean: Any,
    cov: Any = None,
    *,
    label_noise: float,
    n_samples: int,
    prior_variance: float | None = None,
    gram: Any = None,
    penalty: float | None = None,
    intercept: bool = False,
) -> Posterior:
    """Turn a fitted model's weights into a teacher.

    There are three exact readings, and what is given chooses among them (docs/theory.md §1.8):

    * ``cov`` and ``prior_variance``: a Bayes posterior under the prior N(0, prior_variance · I). Bayes' rule run
      backwards gives the data it has seen, G = ν² cov⁻¹ − λI with λ = ν²/prior_variance and t = mean (G + λI), for
      which ``Ridge(λ)`` has exactly this law.
    * ``gram`` and ``penalty`` without ``cov``: bare coefficients of a ridge fit. Their covariance is *assumed* to be
      that of the Bayes posterior, ν² (G + λI)⁻¹, and t is the one for which ridge gives these coefficients.
    * ``cov`` and ``gram``: any Gaussian law, from wherever, over inputs with that Gram matrix. The teacher is a Channel
      that does not depend on the labels; its own generalisation gap then means nothing.

    Parameters
    ----------
    mean : (k, d) or (d,)
        Weights; (outputs, features), as in scikit-learn's ``coef_`` and torch's ``weight``.
    cov : (d, d) or (k·d, k·d), optional
        Row covariance shared by the outputs. One of all k·d weights, output by output, must be that same matrix for
        every output and 0 between outputs.
    label_noise : float
        ν > 0, a standard deviation.
    n_samples : int
        Samples behind the Gram matrix; risks are per sample.
    prior_variance : float, optional
        Variance of the prior of each weight; ``math.inf`` for a flat prior.
    gram : (d, d), optional
        XᵀX of the inputs the student is trained on, centred where an intercept is fitted.
    penalty : float, optional
        λ > 0, with which bare coefficients were fitted: minimising ‖Y − XWᵀ‖² + λ‖W‖².
    intercept : bool
        Whether an intercept was fitted beside the weights; its variance then counts in risks and gaps.

    Returns
    -------
    Posterior

    Raises
    ------
    DomainError
        Unless exactly one of the readings applies.
    CovarianceError
        If the covariance is wider than its prior, singular under a flat prior, or differs between outputs.
    ShapeError, NotFiniteError, NotNumericError

    Examples
    --------
    >>> import lingauss as lg
    >>> fitted = lg.from_posterior(
    ...     [1.0, -0.5], [[0.02, 0.0], [0.0, 0.1]], label_noise=1.0, n_samples=50, prior_variance=0.5
    ... )
    >>> case = lg.Distillation(fitted.problem, fitted.teacher, student=lg.Ridge(2.0), bottleneck=lg.Principal(1))
    >>> print(f"{case.divergence().total:.3f} nats")
    2.897 nats
    """
    weights = _rows(mean)
    noise = as_squarable(label_noise, "label_noise", minimum=0.0, strict=True)
    data = _Data(noise, n_samples, as_flag(intercept, "intercept"))
    given = {
        name for name, value in (("cov", cov), ("prior_variance", prior_variance), ("gram", gram)) if value is not None
    }
    given |= {"penalty"} if penalty is not None else set()
    if given == {"cov", "prior_variance"}:
        return _bayes(weights, _shared(cov, weights), data, prior_variance)
    if given == {"gram", "penalty"}:
        return _coefficients(weights, as_psd(gram, "gram", weights.shape[1]), data, penalty)
    if given == {"cov", "gram"}:
        return _law(weights, _shared(cov, weights), as_psd(gram, "gram", weights.shape[1]), data)
    raise DomainError(
        "cov with prior_variance, gram with penalty, or cov with gram",
        ", ".join(sorted(given)) or "mean alone",
        "A Bayes posterior has a prior (math.inf for a flat one), bare coefficients a Gram matrix and a penalty, any "
        "other law the Gram matrix of the student's inputs.",
    )


class _Data(NamedTuple):
    """What a fitted model does not tell of the data behind it."""

    noise: float
    n_samples: int
    intercept: bool

    def problem(self, gram: Any, t: Array) -> Problem:
        problem = Problem.from_gram(gram, n_samples=self.n_samples, label_noise=self.noise).with_statistic(t)
        return dataclasses.replace(problem, intercept=self.intercept)


def _bayes(weights: Array, law: Dense, data: _Data, prior_variance: Any) -> Posterior:
    noise = data.noise
    prior = (
        math.inf
        if np.ndim(prior_variance) == 0 and prior_variance == math.inf
        else as_squarable(prior_variance, "prior_variance", minimum=0.0, strict=True)
    )
    if law.is_singular:
        raise CovarianceError(
            "a posterior with some spread in every direction",
            f"a covariance of rank {law.rank} of {law.dim}",
            "No finite data leave a weight without spread; pass cov with gram instead.",
        )
    penalty = noise**2 / prior
    half = law.whiten(np.eye(law.dim))
    precision = noise**2 * (half @ half.T)
    gram = precision - penalty * np.eye(law.dim)
    if np.linalg.eigvalsh(gram)[0] < -rounding(law.dim) * np.abs(precision).max():
        raise CovarianceError(
            "a posterior no wider than its prior in any direction",
            f"a posterior variance of {np.linalg.eigvalsh(law.matrix)[-1]:.4g} under a prior variance of {prior:.4g}",
            "Pass the prior variance the model was fitted with.",
        )
    problem = data.problem(gram, weights @ precision)
    prior_told = "a flat prior" if prior == math.inf else f"the prior N(0, {prior:.4g} I)"
    told = (
        f"The covariance is that of a Bayes posterior under {prior_told} and label noise {noise:.4g}, shared by all "
        "outputs; the Gram matrix is what Bayes' rule run backwards makes of it.",
    )
    return Posterior(problem, Ridge(penalty), law, weights, told)


def _coefficients(weights: Array, gram: PSD, data: _Data, penalty: Any) -> Posterior:
    size = as_squarable(penalty, "penalty", minimum=0.0, strict=True)
    teacher = Ridge(size)
    problem = data.problem(gram, weights @ (gram.matrix + size * np.eye(gram.dim)))
    told = (
        f"No covariance was given: the coefficients are taken as the mean of the Bayes posterior of ridge regression, "
        f"whose covariance is {data.noise:.4g}² (G + {size:.4g} I)⁻¹ for every output.",
    )
    return Posterior(problem, teacher, teacher.channel(gram, data.noise).covariance, weights, told)


def _law(weights: Array, law: Dense, gram: PSD, data: _Data) -> Posterior:
    d = gram.dim
    problem = data.problem(gram, weights @ gram.matrix)
    teacher = Channel(np.zeros((d, d)), law, weights if len(weights) > 1 else weights[0])
    told = (
        "The teacher's law is taken as it is, whatever labels it was fitted to; its own generalisation gap is not that "
        "of the fit.",
        "True labels, where a mixing below 1 uses them, are the teacher's mean predictions.",
    )
    return Posterior(problem, teacher, law, weights, told)


def _rows(mean: Any) -> Array:
    if len(shape_of(mean, "mean")) == 1:
        return freeze(as_frozen(mean, "mean", (("features", None),)).reshape(1, -1))
    return as_frozen(mean, "mean", (("outputs", None), ("features", None)))


def _shared(cov: Any, weights: Array) -> Dense:
    """Return the row covariance that all outputs share."""
    k, d = weights.shape
    size = shape_of(cov, "cov")
    if k == 1 or size != (k * d, k * d):
        return Dense(as_psd(cov, "cov", d).matrix)
    joint = as_psd(cov, "cov", k * d).matrix
    first = joint[:d, :d]
    if np.abs(joint - np.kron(np.eye(k), first)).max() > 1e-6 * np.abs(first).max():
        raise CovarianceError(
            "one row covariance shared by all outputs, and none between outputs",
            "a covariance whose blocks differ",
            "Distil each output by itself, or pass the (d, d) covariance that stands for all.",
        )
    return Dense(freeze(first.copy()))
