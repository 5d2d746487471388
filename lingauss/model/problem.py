"""A learning problem: a Gram matrix, a noise level, and what is known of the labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lingauss.algebra.given import as_psd
from lingauss.algebra.psd import PSD, Dense, Diagonal
from lingauss.data.moments import Moments
from lingauss.errors import DomainError
from lingauss.guard import guarded
from lingauss.model import changes, displays
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.evidence import noise_of_fit
from lingauss.model.population import Population, check_same_population
from lingauss.model.truth import Truth, as_rows, need_truth
from lingauss.validation import Array, Immutable, as_count, as_powers, as_squarable, freeze


@guarded
@dataclass(frozen=True, eq=False)
class Problem(Immutable):
    """Y = X W*ᵀ + νE, known through the Gram matrix G = XᵀX and the statistic t = YᵀX (docs/theory.md §1).

    Build one with a constructor: :meth:`from_inputs`, :meth:`from_gram` or :meth:`from_spectrum` where the truth is
    known (results are averaged over labels), :meth:`from_data` or :meth:`from_moments` where labels were observed, and
    :meth:`from_population` where inputs are drawn too (results are averaged over both).

    Attributes
    ----------
    gramian : PSD
        G, (d, d); of inputs that are drawn their :class:`~lingauss.model.population.Population`.
    n_samples : int
        n.
    outputs : int
        k.
    label_noise : float
        ν, a standard deviation.
    truth : Truth or None
        What is known of W*.
    observed : (k, d) or None
        t as observed; None where results are averaged over labels.
    test_covariance : PSD or None
        Σ_x, the covariance of test inputs; None means fixed design, Σ_x = G/n.
    intercept : bool
        Whether inputs and labels were centred, so that an intercept was fitted.
    label_power : float or None
        tr YᵀY of the observed (centred) labels, which errors on unseen rows need beside t; None where unknown.
    """

    gramian: PSD
    n_samples: int
    outputs: int
    label_noise: float
    truth: Truth | None = None
    observed: Array | None = None
    test_covariance: PSD | None = None
    intercept: bool = False
    label_power: float | None = None

    @classmethod
    def from_inputs(cls, X: Any, truth: Any = None, *, label_noise: float, test_cov: Any = None) -> Problem:
        """Build a problem from inputs X (n, d), used as given (not centred), and true weights.

        Parameters
        ----------
        X : (n, d)
            Inputs, rows are samples.
        truth : (k, d) or (d,), optional
            True weights W*; one axis means one output. Without them only results that need no truth exist.
        label_noise : float
            ν > 0, a standard deviation.
        test_cov : (d, d), optional
            Σ_x; default G/n (fixed design).

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError, DomainError, CovarianceError
        """
        moments = Moments.from_data(X, center=False)
        G, n = moments.gram, moments.n_samples
        return cls.from_gram(G, n_samples=n, truth=truth, label_noise=label_noise, test_cov=test_cov)

    @classmethod
    def from_gram(
        cls, G: Any, *, n_samples: int, truth: Any = None, label_noise: float, test_cov: Any = None
    ) -> Problem:
        """Build a problem from the Gram matrix G = XᵀX (d, d) of ``n_samples`` inputs; see :meth:`from_inputs`."""
        gramian = as_psd(G, "G")
        weights = None if truth is None else as_rows(truth, "truth", gramian.dim)
        return cls(
            gramian,
            as_count(n_samples, "n_samples", minimum=1),
            1 if weights is None else len(weights),
            as_squarable(label_noise, "label_noise", minimum=0.0, strict=True),
            None if weights is None else Truth(weights),
            test_covariance=None if test_cov is None else as_psd(test_cov, "test_cov", gramian.dim),
        )

    @classmethod
    def from_spectrum(
        cls,
        eigenvalues: Any,
        signal: Any,
        *,
        n_samples: int,
        label_noise: float,
        outputs: int = 1,
        test_cov: Any = None,
    ) -> Problem:
        """Build a problem in the eigenbasis of G; nothing of size d × d is formed.

        Parameters
        ----------
        eigenvalues : (d,)
            s_i ≥ 0 in any order.
        signal : (d,)
            |w_i|², the squared norm of W*'s column i, summed over outputs; the columns' signs are taken as independent.
        n_samples, outputs : int
            n and k.
        label_noise : float
            ν > 0, a standard deviation.
        test_cov : (d, d), optional
            Σ_x in the coordinates of ``eigenvalues``; default G/n.

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError, DomainError, CovarianceError
        """
        gramian = Diagonal(as_powers(eigenvalues, "eigenvalues"))
        return cls(
            gramian,
            as_count(n_samples, "n_samples", minimum=1),
            as_count(outputs, "outputs", minimum=1),
            as_squarable(label_noise, "label_noise", minimum=0.0, strict=True),
            Truth(None, Diagonal(as_powers(signal, "signal", gramian.dim))),
            test_covariance=None if test_cov is None else as_psd(test_cov, "test_cov", gramian.dim),
        )

    @classmethod
    def from_population(
        cls,
        eigenvalues: Any,
        signal: Any,
        *,
        n_samples: int,
        label_noise: float,
        outputs: int = 1,
        test_cov: None = None,
    ) -> Problem:
        """Build a problem whose inputs are drawn anew: results are averages over inputs and labels (docs/unseen.md).

        Rows x = Σ^½ z have independent entries z of mean 0 and variance 1. Excess risks and gaps on new rows are
        deterministic equivalents: exact as n and d grow together, within a few per cent at n = 100
        (docs/theory.md §10).

        Parameters
        ----------
        eigenvalues : (d,)
            s_i ≥ 0, the variances of *one* row along the principal directions of the population, in any order: not the
            eigenvalues of a Gram matrix, which are about n times as large (:meth:`from_spectrum` takes those).
        signal, n_samples, label_noise, outputs
            As for :meth:`from_spectrum`.
        test_cov : None
            New rows come from the same population.

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError, DomainError
        """
        check_same_population(test_cov)
        n, noise = n_samples, label_noise
        one_row = cls.from_spectrum(eigenvalues, signal, n_samples=n, label_noise=noise, outputs=outputs)
        return changes.changed(one_row, gramian=Population(one_row.gramian), test_covariance=one_row.gramian)

    @classmethod
    def from_data(
        cls,
        X: Any,
        Y: Any,
        label_noise: float | None = None,
        center: bool = True,
        test_cov: Any = None,
        *,
        weights: Any = None,
    ) -> Problem:
        """Build a problem from observed inputs X (n, d) and labels Y (n, k) or (n,).

        Parameters
        ----------
        X, Y
            The data; one row per sample.
        label_noise : float, optional
            ν > 0, a standard deviation; default: estimated from the least-squares residuals, pooled over outputs.
        center : bool
            Whether an intercept is fitted (inputs and labels are centred).
        test_cov : (d, d), optional
            Σ_x about the training mean; default G/n (fixed design).
        weights : (n,), optional
            How much each row counts: a label of weight w has noise of variance ν²/w. Default: all alike.

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError, DomainError, CovarianceError
        NoiseEstimationError
            If the noise is to be estimated and n leaves no residual degree of freedom.
        """
        moments = Moments.from_data(X, Y, center=center, weights=weights)
        return cls.from_moments(moments, label_noise, test_cov=test_cov)

    @classmethod
    def from_moments(cls, moments: Moments, label_noise: float | None = None, test_cov: Any = None) -> Problem:
        """Build a problem from :class:`Moments` with labels; see :meth:`from_data`."""
        if not isinstance(moments, Moments):
            raise DomainError("Moments", type(moments).__name__, "Build them with lg.Moments.from_data(X, Y).")
        gramian, observed = Dense(moments.gram), freeze(moments.statistic.copy())
        test_covariance = None if test_cov is None else as_psd(test_cov, "test_cov", gramian.dim)
        noise = noise_of_fit(moments, gramian) if label_noise is None else label_noise
        return cls(
            gramian,
            moments.n_samples,
            moments.outputs,
            as_squarable(noise, "label_noise", minimum=0.0, strict=True),
            observed=observed,
            test_covariance=test_covariance,
            intercept=moments.centred,
            label_power=float(moments.label_scatter.trace()),
        )

    with_truth = changes.with_truth
    with_statistic = changes.with_statistic
    with_label_noise = changes.with_label_noise
    with_samples = changes.with_samples
    plug_in = changes.plug_in

    @property
    def gram(self) -> Array:
        """G as an array, (d, d)."""
        return self.gramian.matrix

    @cached_property
    def n_features(self) -> int:
        """Number of input features, d."""
        return self.gramian.dim

    @cached_property
    def population(self) -> Population | None:
        """What inputs are drawn from; None where they are given."""
        return self.gramian if isinstance(self.gramian, Population) else None

    @cached_property
    def mode(self) -> str:
        """How results are meant: 'averaged' over labels (and inputs), 'plug-in' averaged, or 'observed'."""
        if self.population is not None:
            return "averaged over inputs"
        if self.observed is not None or self.truth is None:
            return "observed"
        return "plug-in" if self.truth.plug_in else "averaged"

    @cached_property
    def unturned_eigenbasis(self) -> Eigenbasis:
        """Eigenbasis of G as it was found, whatever the signal is."""
        return Eigenbasis.of(self.gramian)

    @cached_property
    def eigenbasis(self) -> Eigenbasis:
        """Eigenbasis of G; tied directions are ordered by signal (docs/theory.md §4.8)."""
        return self.unturned_eigenbasis.resolved(self.signal_rows)

    def signal_rows(self) -> Array | None:
        """Return rows that order directions of equal eigenvalues: the labels' t, else a root of the truth."""
        return self.truth.rows if self.observed is None and self.truth is not None else self.observed

    @cached_property
    def signal(self) -> Array:
        """E|w_i|², the squared norm of the truth's column i in the eigenbasis, summed over outputs, (d,).

        Raises
        ------
        MissingTruthError
        """
        return freeze(need_truth(self, "divergences").power(self.eigenbasis))

    def _repr_html_(self) -> str:
        varying = None if self.population is not None else int(np.count_nonzero(self.eigenbasis.eigenvalues))
        sizes = displays.Sizes(self.n_samples, self.n_features, self.outputs)
        own_test_inputs = self.test_covariance is not None
        return displays.problem_html(sizes, varying, self.label_noise, self.mode, self.intercept, own_test_inputs)

    def __repr__(self) -> str:
        sizes = displays.Sizes(self.n_samples, self.n_features, self.outputs)
        if self.population is not None:
            return displays.population_text(sizes, self.label_noise, self.mode, self.population.trace)
        own_test_inputs = self.test_covariance is not None
        return displays.problem_text(sizes, self.label_noise, self.mode, self.intercept, own_test_inputs)
