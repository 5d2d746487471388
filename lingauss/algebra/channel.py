"""Stochastic kernels between Gaussians: affine in the mean, with a fixed row covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.algebra.gaussian import Gaussian
from lingauss.algebra.given import as_psd
from lingauss.algebra.psd import PSD, Dense, Diagonal, symmetrised
from lingauss.errors import DomainError, ShapeError, SignatureError
from lingauss.guard import guarded
from lingauss.html_table import html_settings
from lingauss.memory import check_memory
from lingauss.validation import Array, Immutable, as_array, as_count, as_frozen, shape_of


@guarded
@dataclass(frozen=True, eq=False, init=False)
class Channel(Immutable):
    """The kernel z ↦ N(z Aᵀ + b, S), applied row by row (docs/theory.md §1).

    Parameters
    ----------
    A : (d_out, d_in)
        Linear part.
    cov : (d_out, d_out) or Diagonal
        Row covariance S of the noise the channel adds; zero makes it deterministic.
    b : (d_out,) or (k, d_out), optional
        Offset of every row, or of each row; default 0.

    Raises
    ------
    ShapeError, NotFiniteError, NotNumericError, CovarianceError

    Examples
    --------
    >>> import lingauss as lg
    >>> halve, shift = lg.Channel([[0.5]], [[0.0]]), lg.Channel([[1.0]], [[2.0]], b=[3.0])
    >>> (shift @ halve).at([[4.0]]).mean
    array([[5.]])
    """

    A: Array
    covariance: PSD
    b: Array

    def __init__(self, A: Any, cov: Any, b: Any = None) -> None:
        linear = as_frozen(A, "A", (("out", None), ("in", None)))
        out = linear.shape[0]
        offset = np.zeros(out) if b is None else b
        axes = (("outputs", None), ("out", out)) if len(shape_of(offset, "b")) == 2 else (("out", out),)
        object.__setattr__(self, "A", linear)
        object.__setattr__(self, "covariance", as_psd(cov, "cov", out))
        object.__setattr__(self, "b", as_frozen(offset, "b", axes))

    @classmethod
    def identity(cls, dim: int) -> Channel:
        """Return the channel that changes nothing.

        Raises
        ------
        DomainError
            If the dimension is no whole number of at least 1.
        GridTooLargeError
            If its matrix would not fit in the memory that is free.
        """
        size = as_count(dim, "dim", minimum=1)
        check_memory(2 * 8 * size**2, "a channel with a matrix")
        return cls(np.eye(size), Diagonal(np.zeros(size)))

    @property
    def cov(self) -> Array:
        """Row covariance S as an array, (d_out, d_out)."""
        return self.covariance.matrix

    @property
    def dim_in(self) -> int:
        """Length of the rows it takes."""
        return int(self.A.shape[1])

    @property
    def dim_out(self) -> int:
        """Length of the rows it gives."""
        return int(self.A.shape[0])

    def __matmul__(self, earlier: Channel) -> Channel:
        """Return the channel that applies ``earlier`` first: (A₂A₁, b₁A₂ᵀ + b₂, A₂S₁A₂ᵀ + S₂)."""
        if not isinstance(earlier, Channel):
            raise SignatureError(
                "a Channel to apply first", type(earlier).__name__, "Push laws with channel.push(law)."
            )
        self._check_input(earlier.dim_out, "the earlier channel's output")
        return Channel(
            self.A @ earlier.A,
            earlier.covariance.congruence(self.A) + self.covariance,
            self._mean(earlier.b),
        )

    def push(self, law: Gaussian) -> Gaussian:
        """Return the law of the output when the input follows ``law``."""
        if not isinstance(law, Gaussian):
            raise DomainError("a Gaussian law", type(law).__name__, "Build it with lg.Gaussian(mean, cov).")
        self._check_input(law.dim, "the law")
        return Gaussian(self._mean(law.mean), law.covariance.congruence(self.A) + self.covariance)

    def at(self, z: Any) -> Gaussian:
        """Return the law of the output at the input ``z``, (k, d_in) or (d_in,)."""
        single = len(shape_of(z, "z")) == 1
        axes = (("in", self.dim_in),) if single else (("outputs", None), ("in", self.dim_in))
        return Gaussian(self._mean(as_array(z, "z", axes)), self.covariance)

    def _mean(self, rows: Array) -> Array:
        """Return z Aᵀ + b; where both z and b have one row per output, they must have equally many."""
        if rows.ndim == 2 and self.b.ndim == 2 and len(rows) != len(self.b):
            raise ShapeError(
                f"{len(self.b)} outputs, one for each row of b", f"{len(rows)}", "Pass one offset b (d_out,) for all."
            )
        return np.asarray(rows @ self.A.T + self.b)

    def invert(self, law: Gaussian) -> tuple[Gaussian, Channel]:
        """Return the law of the output and the reversed channel, from output to input: Bayes' rule for ``law``.

        Parameters
        ----------
        law : Gaussian
            Law of the input, k rows in R^d_in.

        Returns
        -------
        marginal : Gaussian
            ``push(law)``.
        reversed : Channel
            Law of the input given the output. Where the output cannot go (a singular marginal) it has gain 0.

        Raises
        ------
        ShapeError

        Examples
        --------
        >>> import lingauss as lg
        >>> prior, observe = lg.Gaussian([0.0], [[1.0]]), lg.Channel([[1.0]], [[3.0]])
        >>> marginal, posterior = observe.invert(prior)
        >>> marginal.cov, posterior.A, posterior.cov
        (array([[4.]]), array([[0.25]]), array([[0.75]]))
        """
        marginal = self.push(law)
        regression = marginal.covariance.whiten(law.cov @ self.A.T)
        gain = regression @ marginal.covariance.whiten(np.eye(self.dim_out)).T
        residual = Dense(symmetrised(law.cov - regression @ regression.T), np.sqrt(law.cov.diagonal()))
        return marginal, Channel(gain, _without_rounding(residual), law.mean - marginal.mean @ gain.T)

    def _check_input(self, dim: int, what: str) -> None:
        if dim != self.dim_in:
            raise ShapeError(
                f"{what} of dimension {self.dim_in}", f"dimension {dim}", "Compose channels whose inner sizes agree."
            )

    def _repr_html_(self) -> str:
        out, into = self.A.shape
        rank = self.covariance.rank
        return html_settings(
            "Channel z ↦ N(zAᵀ + b, S), row by row",
            [
                ("from", f"{into} dimensions"),
                ("to", f"{out} dimensions"),
                ("noise S", f"rank {rank}" if rank else "none: deterministic"),
                ("offset b", "0" if not np.any(self.b) else f"of shape {self.b.shape}"),
            ],
        )

    def __repr__(self) -> str:
        return f"Channel({self.dim_in} → {self.dim_out}, cov rank {self.covariance.rank})"


def _without_rounding(covariance: Dense) -> Dense:
    """Return a covariance rebuilt from its root, so that directions of no variance are exactly so."""
    return Dense(covariance.root @ covariance.root.T, covariance.scale) if covariance.is_singular else covariance
