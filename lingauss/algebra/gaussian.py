"""Matrix-normal laws with independent rows: a mean (k, d) and one row covariance (d, d) shared by the k rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.algebra.given import as_psd
from lingauss.algebra.psd import PSD, Dense, symmetrised
from lingauss.errors import DomainError, ShapeError
from lingauss.guard import guarded
from lingauss.html_table import html_settings
from lingauss.memory import check_memory
from lingauss.validation import (
    Array,
    Immutable,
    as_array,
    as_count,
    as_frozen,
    as_generator,
    as_indices,
    shape_of,
)


@guarded
@dataclass(frozen=True, eq=False, init=False)
class Gaussian(Immutable):
    """A Gaussian law of k independent rows in R^d that share their covariance (docs/theory.md §1).

    Parameters
    ----------
    mean : (k, d) or (d,)
        Row means; one axis means one row.
    cov : (d, d) or Diagonal
        Row covariance, symmetric positive semidefinite; singular covariances are legal.

    Raises
    ------
    ShapeError, NotFiniteError, NotNumericError, CovarianceError

    Examples
    --------
    >>> import lingauss as lg
    >>> lg.Gaussian([0.0, 1.0], [[2.0, 0.5], [0.5, 1.0]]).marginal([1]).cov
    array([[1.]])
    """

    mean: Array
    covariance: PSD

    def __init__(self, mean: Any, cov: Any) -> None:
        single = len(shape_of(mean, "mean")) == 1
        axes = (("features", None),) if single else (("outputs", None), ("features", None))
        checked = as_frozen(mean, "mean", axes)
        object.__setattr__(self, "mean", checked)
        object.__setattr__(self, "covariance", as_psd(cov, "cov", checked.shape[-1]))

    @property
    def cov(self) -> Array:
        """Row covariance as an array, (d, d)."""
        return self.covariance.matrix

    @property
    def rows(self) -> Array:
        """Mean as a stack of rows, (k, d)."""
        return np.atleast_2d(self.mean)

    @property
    def dim(self) -> int:
        """Length of a row, d."""
        return int(self.mean.shape[-1])

    @property
    def outputs(self) -> int:
        """Number of rows, k."""
        return len(self.rows)

    def marginal(self, index: Sequence[int]) -> Gaussian:
        """Return the law of the coordinates in ``index``, in that order.

        Raises
        ------
        DomainError, ShapeError
            If an index repeats or is outside 0 … d−1, or if there is no list of numbers.
        """
        kept = as_indices(index, "coordinates", self.dim)
        return Gaussian(self.mean[..., kept], self.covariance.block(kept))

    def condition(self, index: Sequence[int], value: Any) -> Gaussian:
        """Return the law of the remaining coordinates, in order, given those in ``index``.

        Parameters
        ----------
        index : sequence of int
            Coordinates that are known.
        value : (len(index),) or (k, len(index))
            Their values; a single row serves all outputs.

        Raises
        ------
        DomainError
            If an index repeats or is out of range, if nothing remains, or if the value is impossible under a singular
            law.
        """
        known = as_indices(index, "coordinates", self.dim)
        rest = np.setdiff1d(np.arange(self.dim), known)
        if not len(rest):
            raise DomainError(
                "at least one coordinate left", "an index that holds all", "Condition on fewer coordinates."
            )
        single = len(shape_of(value, "value")) == 1
        axes = (("index", len(known)),) if single else (("outputs", self.outputs), ("index", len(known)))
        given = as_array(value, "value", axes)
        surprise = np.atleast_2d(given - self.mean[..., known])
        known_law = self.covariance.block(known)
        if not known_law.contains(surprise, np.abs(given) + np.abs(self.rows[:, known])):
            raise DomainError(
                "a value this law can take", "one outside the support of its singular covariance", "Check the value."
            )
        shift, residual = schur_reduce(known_law, self.cov[np.ix_(rest, known)], self.covariance.block(rest))
        mean = self.rows[:, rest] + known_law.whiten(surprise) @ shift.T
        return Gaussian(mean if self.mean.ndim == 2 else mean[0], residual)

    def sample(self, size: int, seed: int | np.random.Generator) -> Array:
        """Draw ``size`` independent copies, (size, k, d) or (size, d) as the mean's shape is.

        Raises
        ------
        DomainError
            If the size, or the seed, is no whole number of at least 0.
        GridTooLargeError
            If the samples would not fit in the memory that is free.
        """
        generator, count = as_generator(seed), as_count(size, "size")
        root = self.covariance.root
        check_memory(2 * 8 * count * self.outputs * max(self.dim, root.shape[1]), "samples")
        noise = generator.standard_normal((count, *self.mean.shape[:-1], root.shape[1]))
        return np.asarray(self.mean + noise @ root.T)

    def _repr_html_(self) -> str:
        rows = len(self.rows)
        return html_settings(
            "Gaussian",
            [
                ("dimension", self.dim),
                ("rows, independent, of one covariance", rows if rows > 1 else None),
                ("rank of the covariance", self.covariance.rank),
            ],
        )

    def __repr__(self) -> str:
        return f"Gaussian(mean {self.mean.shape}, cov rank {self.covariance.rank} of {self.dim})"


def check_comparable(p: Gaussian, q: Gaussian) -> None:
    """Refuse anything but two Gaussian laws of one shape.

    Raises
    ------
    DomainError, ShapeError
    """
    for law in (p, q):
        if not isinstance(law, Gaussian):
            raise DomainError("two Gaussian laws", type(law).__name__, "Build them with lg.Gaussian(mean, cov).")
    if p.rows.shape != q.rows.shape:
        raise ShapeError(f"two laws of shape {q.rows.shape}", f"shape {p.rows.shape}", "Compare laws of equal shape.")


def schur_reduce(known: PSD, cross: Array, rest: PSD, rank: int | None = None) -> tuple[Array, Dense]:
    """Split a joint covariance [[known, crossᵀ], [cross, rest]] into a regression and what it leaves.

    Parameters
    ----------
    known : PSD of dimension b
        Covariance of the coordinates conditioned on.
    cross : (a, b)
        Covariance of the rest with them.
    rest : PSD of dimension a
        Covariance of the rest.
    rank : int, optional
        Rank of the joint covariance, where it is singular: the residual then has what ``known`` leaves of it.

    Returns
    -------
    regression : (a, rank of known)
        K such that the rest's conditional mean moves by ``known.whiten(surprise) @ K.T``.
    residual : Dense
        Conditional covariance; its rank is judged on the scale of ``rest``.
    """
    regression = known.whiten(cross)
    left = None if rank is None else max(rank - known.rank, 0)
    return regression, Dense(symmetrised(rest.matrix - regression @ regression.T), rest.deviations, left)
