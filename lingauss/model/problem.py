"""A learning problem: a Gram matrix, a noise level, and what is known of the labels."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lingauss.algebra.given import as_psd
from lingauss.algebra.psd import PSD, Dense, Diagonal
from lingauss.data.moments import Moments
from lingauss.errors import DomainError, MissingLabelsError, MissingTruthError
from lingauss.guard import guarded
from lingauss.html_table import html_settings
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.evidence import noise_of_fit
from lingauss.model.truth import Truth, as_rows
from lingauss.validation import (
    Array,
    Immutable,
    as_count,
    as_powers,
    as_scalar,
    as_squarable,
    freeze,
)


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
        G, (d, d).
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
        return cls.from_gram(
            moments.gram, n_samples=moments.n_samples, truth=truth, label_noise=label_noise, test_cov=test_cov
        )

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
        signal : (d,)
            |w_i|², the squared norm of W*'s column i, summed over outputs.
        n_samples, outputs : int
            n and k.
        label_noise : float
            ν > 0, a standard deviation.
        test_cov : None
            New rows come from the same population.

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError, DomainError
        """
        from lingauss.model.population import Population

        if test_cov is not None:
            raise DomainError(
                "no test_cov, because new rows come from the same population",
                "one",
                "Leave it out, or give inputs and test_cov with Problem.from_gram.",
            )
        return Population.of(eigenvalues, signal, n_samples, label_noise, outputs)

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
        t = moments.statistic
        gramian = Dense(moments.gram)
        problem = cls(
            gramian,
            moments.n_samples,
            moments.outputs,
            math.nan,
            observed=freeze(t.copy()),
            test_covariance=None if test_cov is None else as_psd(test_cov, "test_cov", gramian.dim),
            intercept=moments.centred,
            label_power=float(moments.label_scatter.trace()),
        )
        if label_noise is None:
            label_noise = noise_of_fit(moments, gramian)
        return problem.with_label_noise(label_noise)

    def with_truth(self, truth: Any) -> Problem:
        """Return the same inputs with known true weights (k, d) or (d,): results become averages over labels."""
        weights = as_rows(truth, "truth", self.n_features)
        fields = {"truth": Truth(weights), "outputs": len(weights), "observed": None, "label_power": None}
        return self._changed("unturned_eigenbasis", **fields)

    def with_statistic(self, t: Any, label_power: float | None = None) -> Problem:
        """Return the same inputs with observed labels, known through t = YᵀX (k, d) or (d,).

        Parameters
        ----------
        t : (k, d) or (d,)
        label_power : float, optional
            tr YᵀY, which only :meth:`Distillation.cross_validation` needs.
        """
        observed = as_rows(t, "t", self.n_features)
        power = None if label_power is None else as_scalar(label_power, "label_power", minimum=0.0)
        fields = {"truth": None, "outputs": len(observed), "observed": observed, "label_power": power}
        return self._changed("unturned_eigenbasis", **fields)

    def with_label_noise(self, label_noise: float) -> Problem:
        """Return the same problem at another label noise ν > 0, a standard deviation."""
        noise = as_squarable(label_noise, "label_noise", minimum=0.0, strict=True)
        return self._changed("unturned_eigenbasis", "eigenbasis", "signal", label_noise=noise)

    def with_samples(self, n_samples: int) -> Problem:
        """Return the problem with n samples of the same distribution: G grows in proportion to n.

        Raises
        ------
        MissingTruthError
            If labels were observed: those of other samples are unknown.
        """
        self.need_truth("results at another sample size")
        n = as_count(n_samples, "n_samples", minimum=1)
        growth = n / self.n_samples
        grown = self._changed("signal", gramian=self.gramian.scaled(growth), n_samples=n)
        for name in ("unturned_eigenbasis", "eigenbasis"):
            if name in vars(self):
                vars(grown)[name] = getattr(self, name).scaled(growth)
        return grown

    def plug_in(self, penalty: float | None = None) -> Problem:
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
        if self.observed is None:
            raise MissingLabelsError("a problem with observed labels", "one without", "Build it with from_data.")
        truth = Truth.posterior(self.observed, self.eigenbasis, self.outputs, self.label_noise, penalty)
        return self._changed("unturned_eigenbasis", truth=truth, observed=None, label_power=None)

    def _changed(self, *kept: str, **fields: Any) -> Problem:
        """Return the problem with other fields; what has been found out and stays true goes along by name."""
        changed = dataclasses.replace(self, **fields)
        vars(changed).update({name: value for name, value in vars(self).items() if name in kept})
        return changed

    @property
    def gram(self) -> Array:
        """G as an array, (d, d)."""
        return self.gramian.matrix

    @property
    def n_features(self) -> int:
        """Number of input features, d."""
        return self.gramian.dim

    @cached_property
    def mode(self) -> str:
        """How results are meant: 'averaged' over labels, 'plug-in' averaged, or 'observed'."""
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
        return self.turned(self.unturned_eigenbasis)

    def turned(self, basis: Eigenbasis) -> Eigenbasis:
        """Return the eigenbasis of any inputs with its tied directions ordered by this problem's signal."""
        if not basis.clusters:
            return basis
        rows = self.truth.rows if self.observed is None and self.truth is not None else self.observed
        return basis if rows is None else basis.resolved(rows)

    @cached_property
    def signal(self) -> Array:
        """E|w_i|², the squared norm of the truth's column i in the eigenbasis, summed over outputs, (d,).

        Raises
        ------
        MissingTruthError
        """
        return freeze(self.need_truth("divergences").power(self.eigenbasis))

    def need_truth(self, what: str) -> Truth:
        """Return the truth, or say that ``what`` is an average over labels which needs one.

        Raises
        ------
        MissingTruthError
        """
        if self.truth is None:
            raise MissingTruthError(
                f"a problem with a truth: {what} are averages over labels",
                "observed labels alone" if self.observed is not None else "neither truth nor labels",
                "Use problem.with_truth(W), or problem.plug_in() to let the posterior stand in.",
            )
        return self.truth

    def _repr_html_(self) -> str:
        varying = int(np.count_nonzero(self.eigenbasis.eigenvalues))
        labels = {"averaged": "averaged over, the truth is known", "observed": "as observed"}
        return html_settings(
            "Problem",
            [
                ("samples n", f"{self.n_samples:,}"),
                (
                    "features d",
                    f"{self.n_features:,}" + (f", {varying:,} directions vary" if varying < self.n_features else ""),
                ),
                ("outputs k", self.outputs),
                ("label noise ν (standard deviation)", f"{self.label_noise:.4g}"),
                ("labels", labels.get(self.mode, "averaged over, the posterior for truth (plug-in)")),
                ("intercept", "fitted: inputs and labels are centred" if self.intercept else "none"),
                (
                    "risks",
                    "at the training inputs" if self.test_covariance is None else "at inputs of covariance test_cov",
                ),
            ],
        )

    def __repr__(self) -> str:
        sizes = f"{self.n_samples} samples, {self.n_features} features, {self.outputs} outputs"
        kept = ["intercept"] * self.intercept + ["own test_cov"] * (self.test_covariance is not None)
        return f"Problem({', '.join([sizes, f'label_noise={self.label_noise:.4g}', self.mode, *kept])})"
