"""Problems with something changed; what has been found out about them goes along as far as it stays true.

| changed | eigenbasis of G | ordered by signal where eigenvalues tie | signal |
|---|---|---|---|
| truth, labels | kept | anew | anew |
| label noise | kept | kept | kept |
| sample size | scaled | scaled | kept |
"""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol, TypeVar

from lingauss.algebra.psd import PSD
from lingauss.errors import DomainError, MissingLabelsError
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.population import Population
from lingauss.model.truth import Labelled, Truth, as_rows, need_truth
from lingauss.validation import as_count, as_scalar, as_squarable


class Changeable(Labelled, Protocol):
    """What changes look at of a :class:`~lingauss.model.problem.Problem`, whose methods they are."""

    @property
    def gramian(self) -> PSD:
        """G, (d, d)."""

    @property
    def n_samples(self) -> int:
        """N."""

    @property
    def outputs(self) -> int:
        """K."""

    @property
    def label_noise(self) -> float:
        """ν, a standard deviation."""

    @property
    def eigenbasis(self) -> Eigenbasis:
        """Eigenbasis of G."""


P = TypeVar("P", bound=Changeable)


def with_truth(problem: P, truth: Any) -> P:
    """Return the same inputs with known true weights (k, d) or (d,): results become averages over labels."""
    weights = as_rows(truth, "truth", problem.gramian.dim)
    fields = {"truth": Truth(weights), "outputs": len(weights), "observed": None, "label_power": None}
    return changed(problem, "unturned_eigenbasis", **fields)


def with_statistic(problem: P, t: Any, label_power: float | None = None) -> P:
    """Return the same inputs with observed labels, known through t = YᵀX (k, d) or (d,).

    Parameters
    ----------
    t : (k, d) or (d,)
    label_power : float, optional
        tr YᵀY, which only :meth:`Distillation.cross_validation` needs.

    Raises
    ------
    DomainError
        If inputs are not given but drawn.
    """
    if isinstance(problem.gramian, Population):
        raise DomainError(
            "inputs that were given, to which labels were observed",
            "a population, of which no row has been drawn",
            "Use Problem.from_data(X, Y).",
        )
    observed = as_rows(t, "t", problem.gramian.dim)
    power = None if label_power is None else as_scalar(label_power, "label_power", minimum=0.0)
    fields = {"truth": None, "outputs": len(observed), "observed": observed, "label_power": power}
    return changed(problem, "unturned_eigenbasis", **fields)


def with_label_noise(problem: P, label_noise: float) -> P:
    """Return the same problem at another label noise ν > 0, a standard deviation."""
    noise = as_squarable(label_noise, "label_noise", minimum=0.0, strict=True)
    return changed(problem, "unturned_eigenbasis", "eigenbasis", "signal", label_noise=noise)


def with_samples(problem: P, n_samples: int) -> P:
    """Return the problem with n samples of the same distribution: G grows in proportion to n.

    Raises
    ------
    MissingTruthError
        If labels were observed: those of other samples are unknown.
    """
    need_truth(problem, "results at another sample size")
    n = as_count(n_samples, "n_samples", minimum=1)
    growth = n / problem.n_samples
    grown = changed(problem, "signal", gramian=problem.gramian.scaled(growth), n_samples=n)
    for name in ("unturned_eigenbasis", "eigenbasis"):
        if name in vars(problem):
            vars(grown)[name] = getattr(problem, name).scaled(growth)
    return grown


def plug_in(problem: P, penalty: float | None = None) -> P:
    """Return the averaged problem whose truth is the ridge posterior given the observed labels.

    E|w_i|² = |m_i|² + k v_i takes the truth's place (docs/theory.md §3.2); results are marked as plug-in.

    Parameters
    ----------
    penalty : float, optional
        λ > 0 of the prior N(0, (ν²/λ) I); default: the one that maximises the marginal likelihood.

    Raises
    ------
    MissingLabelsError
        If no labels were observed.
    NoiseEstimationError
        If no finite penalty maximises the marginal likelihood.
    """
    if problem.observed is None:
        raise MissingLabelsError("a problem with observed labels", "one without", "Build it with from_data.")
    truth = Truth.posterior(problem.observed, problem.eigenbasis, problem.outputs, problem.label_noise, penalty)
    return changed(problem, "unturned_eigenbasis", truth=truth, observed=None, label_power=None)


def changed(problem: P, *kept: str, **fields: Any) -> P:
    """Return the problem with other fields; what has been found out and stays true goes along by name."""
    other: P = dataclasses.replace(problem, **fields)  # type: ignore[type-var]
    vars(other).update({name: value for name, value in vars(problem).items() if name in kept})
    return other
