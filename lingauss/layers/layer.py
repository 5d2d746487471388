"""One linear map inside a trained net, under a Kronecker curvature: a linear-Gaussian problem."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lingauss.algebra.psd import PSD, Dense, Diagonal
from lingauss.data.moments import Moments
from lingauss.errors import DomainError
from lingauss.guard import guarded
from lingauss.layers.given import as_new_weight, bias_cost, given_fields, moments_of
from lingauss.layers.ledger import Factors, LayerLedger
from lingauss.layers.roots import damped, root_of
from lingauss.layers.whitened import Whitened, row_space
from lingauss.model.bottleneck import Subspace
from lingauss.model.problem import Problem
from lingauss.validation import Array, Immutable, as_count, as_squarable, freeze


@guarded
@dataclass(frozen=True, eq=False, init=False)
class Layer(Immutable):
    """A linear map z = W a + b inside a net, and what a change of it costs (docs/real-students.md).

    To second order, with the curvature a Kronecker product, replacing W by W′ moves the net's class law by
    ½ tr(S D C Dᵀ) nats per row, D = W′ − W, if the bias follows by −D ā. All costs here are that form.

    Parameters
    ----------
    weight : (k, d), or (k, channels, ...) of a convolution
        W; kernels are unfolded. Of an embedding it is the transposed table, (width, tokens).
    inputs : Moments or Diagonal
        Of a, one vector per position, unfolded patches for a convolution; centred if there is a bias. For an embedding
        ``lg.Diagonal(frequencies)``: one-hot inputs, whose factor is never formed.
    output_factor : (k, k)
        S, the mean over rows of Σ_positions ggᵀ, g the gradient of log p(y) with respect to z at labels y drawn from
        the net itself.
    bias : (k,), optional
        b. Without it, the inputs' second moment about the origin takes the place of C.
    rows : int, optional
        n, inputs of the net; default: as many as there are input vectors. A row may hold many positions.
    damping : float, optional
        Share of each factor's mean eigenvalue that is added to it. Default: 0 where the inputs' factor has full rank
        and at least 4 input vectors per feature behind it, or is diagonal; else 1e-3.
    last : bool
        Whether z are the logits themselves, so that :meth:`bound` holds.

    Attributes
    ----------
    input_factor : PSD
        C, or without bias A, the mean of aaᵀ before damping.
    kernel : tuple of int
        Shape of a convolution's kernel, (channels, ...); empty otherwise.

    Raises
    ------
    ShapeError, NotFiniteError, NotNumericError, CovarianceError, DomainError

    Warns
    -----
    FewInputsWarning
        If there are fewer than 4 input vectors per feature and no damping was asked for.

    Examples
    --------
    >>> import numpy as np
    >>> import lingauss as lg
    >>> from lingauss.layers import Layer
    >>> rng = np.random.default_rng(0)
    >>> inputs = lg.Moments.from_data(rng.standard_normal((100, 3)) * [3.0, 1.0, 0.1] + 5.0)
    >>> layer = Layer(np.eye(2, 3), inputs, output_factor=np.diag([1.0, 2.0]), bias=np.zeros(2))
    >>> left, right, bias = layer.factors(rank=1)
    >>> print(f"{layer.costs[1]:.3f} nats per row at best, {layer.ledger(left @ right).total:.3f} with these factors")
    1.006 nats per row at best, 1.006 with these factors
    """

    weight: Array
    inputs: Moments | Diagonal
    output_factor: Array
    bias: Array | None
    rows: int
    damping: float
    last: bool
    input_factor: PSD
    kernel: tuple[int, ...]

    def __init__(
        self,
        weight: Any,
        inputs: Moments | Diagonal,
        output_factor: Any,
        bias: Any = None,
        rows: Any = None,
        damping: Any = None,
        last: bool = False,
    ) -> None:
        for name, value in given_fields(weight, inputs, output_factor, bias, rows, damping, last).items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_factors(
        cls,
        weight: Any,
        input_factor: Any,
        output_factor: Any,
        *,
        count: Any,
        input_mean: Any = None,
        bias: Any = None,
        rows: Any = None,
        damping: Any = None,
        last: bool = False,
    ) -> Layer:
        """Build a layer from Kronecker factors that were computed elsewhere.

        Parameters
        ----------
        weight, output_factor, bias, rows, damping, last
            As for the class.
        input_factor : (d, d)
            Mean of aaᵀ; about the mean of a if ``input_mean`` is given, else about the origin.
        count : int
            Input vectors it is a mean over.
        input_mean : (d,), optional
            ā; a layer with a bias needs it.
        """
        inputs = moments_of(input_factor, input_mean, count, weight)
        return cls(weight, inputs, output_factor, bias, rows, damping, last)

    @classmethod
    def for_squared_loss(
        cls, weight: Any, inputs: Moments, *, noise: float, bias: Any = None, damping: float | None = None
    ) -> Layer:
        """Return the last layer of a net for regression: without damping all its costs are exact.

        Parameters
        ----------
        weight, inputs, bias, damping
            As for the class.
        noise : float
            ν > 0, standard deviation of the labels around the net's outputs: S = I/ν².
        """
        variance = as_squarable(noise, "noise", minimum=0.0, strict=True) ** 2
        return cls(weight, inputs, np.eye(len(weight)) / variance, bias, damping=damping)

    @property
    def count(self) -> int:
        """Input vectors behind the factors: rows × positions."""
        return self.inputs.n_samples if isinstance(self.inputs, Moments) else self.rows

    @property
    def unseen(self) -> tuple[int, ...]:
        """Inputs that were 0 throughout, or never varied where there is a bias; nothing was learned about them.

        Without damping their columns of the weight cost nothing and are dropped: of an embedding, whole tokens.
        """
        return tuple(np.flatnonzero(self.input_factor.deviations == 0.0).tolist())

    @property
    def full_rank(self) -> int:
        """min(k, d)."""
        return min(len(self.weight), len(self.weight.T))

    @cached_property
    def _metric(self) -> PSD:
        return damped(self.input_factor, self.damping)

    @cached_property
    def _whitened(self) -> Whitened:
        output = damped(Dense(self.output_factor), self.damping)
        return Whitened(self.weight, output.root, root_of(self._metric))

    @cached_property
    def costs(self) -> Array:
        """Least cost at every rank from 0 to full, (min(k, d) + 1,), in nats per row; convex, the last one 0."""
        return self._whitened.tails

    def factors(self, rank: int) -> Factors:
        """Return the layer of a rank that costs least.

        Parameters
        ----------
        rank : int
            From 0 to min(k, d), at which the weight comes back as it is.

        Returns
        -------
        Factors
            left (k, r), right (r, d) and the bias b + (W − W′)ā, which takes up what the mean input would change.
        """
        return self._with_bias(*self._whitened.best(as_count(rank, "rank", maximum=self.full_rank)))

    def refit(self, new_weight: Any, rank: int | None = None) -> Factors:
        """Return the best layer with the row space of a new weight: it mends a wrong left factor for free.

        Parameters
        ----------
        new_weight, rank
            As in :meth:`ledger`.
        """
        rows = self._row_space(new_weight, rank)
        return self._with_bias(self._whitened.refitted(rows), rows)

    def ledger(self, new_weight: Any, new_bias: Any = None, rank: int | None = None) -> LayerLedger:
        """Split what a new weight costs, whoever made it, in nats per row.

        Times ``rows`` it is the ledger of two matrix-normal laws with the means S^½W′ and S^½W, row covariance
        (nC)⁻¹ and the row space of W′ as the subspace.

        Parameters
        ----------
        new_weight : (k, d), or (k, channels, ...)
            W′. Its rank is judged by the digits of its type: a product taken in float32 has them in float32.
        new_bias : (k,), optional
            Default: the one of :meth:`shifted_bias`, which costs nothing.
        rank : int, optional
            The rank it is meant to have, if it may have less; default: the one it has.

        Raises
        ------
        ShapeError, NotFiniteError, NotNumericError
        DomainError
            If the weight has a higher rank, or if a bias is passed to a layer without one.
        """
        new, rows = self._new(new_weight), self._row_space(new_weight, rank)
        size = len(rows) if rank is None else int(rank)
        offset = bias_cost(self.shifted_bias(new), new_bias, self._whitened.output_root)
        parts = self._whitened.excess(new @ rows.T @ rows, rows, size)
        return LayerLedger(size, float(self.costs[size]), *parts, offset)

    def bound(self, new_weight: Any, new_bias: Any = None) -> float:
        """Return an upper bound on the mean KL divergence that a new last layer causes, in nats per row.

        ¼ E‖z′ − z‖² about its mean over classes, since no Hessian of log-sum-exp exceeds ½I. It holds for the rows
        behind ``inputs``, without damping, and is one to two orders of magnitude loose: a guarantee, no estimate.

        Parameters
        ----------
        new_weight : (k, d)
        new_bias : (k,), optional
            Default: the one of :meth:`shifted_bias`.

        Raises
        ------
        DomainError
            If the layer's outputs are not the logits.
        """
        if not self.last:
            raise DomainError("the last layer, whose outputs are the logits", "another", "Pass last=True if it is.")
        new = self._new(new_weight)
        centring = np.eye(len(new)) - 1.0 / len(new)  # a shift of all logits changes no class law
        change = root_of(self.input_factor).colour(centring @ (new - self.weight))
        spread = 0.25 * float(np.sum(np.square(change)))
        return spread + bias_cost(self.shifted_bias(new), new_bias, centring / np.sqrt(2.0))

    def shifted_bias(self, new_weight: Any) -> Array | None:
        """Return b + (W − W′)ā, the bias with which a new weight costs least; None without bias."""
        if self.bias is None or not isinstance(self.inputs, Moments):
            return None
        return freeze(self.bias + (self.weight - self._new(new_weight)) @ self.inputs.input_mean)

    def subspace(self, rank: int) -> Subspace:
        """Return the row space of :meth:`factors`, as a bottleneck of :meth:`problem`; its errors are theirs."""
        return Subspace(self.factors(rank).right.T)

    def problem(self, label_noise: float = 1e-9) -> Problem:
        """Return the regression whose excess risk at fixed design is twice the cost.

        Outputs are whitened, S^½W is the truth, nC the Gram matrix. With ``Ridge(1e-9, temperature=0)`` as teacher and
        student, ``subspace(rank)`` as bottleneck and floor 0, half the student's excess risk is ``costs[rank]``.

        Parameters
        ----------
        label_noise : float
            A standard deviation in whitened outputs. A layer has no labels, so nothing but rounding by default; at 1
            divergences of weights are those of the matrix normals in :meth:`ledger`.
        """
        gram, truth = self._metric.scaled(float(self.rows)), self._whitened.output_root.T @ self.weight
        return Problem.from_gram(gram, n_samples=self.rows, truth=truth, label_noise=label_noise)

    def _with_bias(self, left: Array, right: Array) -> Factors:
        return Factors(freeze(left), freeze(right), self.shifted_bias(left @ right))

    def _new(self, new_weight: Any) -> Array:
        return as_new_weight(new_weight, self.weight.shape, self.kernel)

    def _row_space(self, new_weight: Any, rank: int | None) -> Array:
        """Return orthonormal rows (r, d) that span those of a new weight."""
        most = None if rank is None else as_count(rank, "rank", maximum=self.full_rank)
        return row_space(self._new(new_weight), getattr(new_weight, "dtype", None) == np.float32, most)

    def __repr__(self) -> str:
        k, d = self.weight.shape
        bias = "bias" if self.bias is not None else "no bias"
        return f"Layer({k} × {d}, {bias}, {self.rows} rows, {self.count} input vectors, damping {self.damping:g})"
