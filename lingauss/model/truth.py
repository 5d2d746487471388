"""What is known of the true weights: themselves, their power per direction, or a posterior standing in for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lingauss.algebra.psd import PSD, Dense
from lingauss.errors import MissingTruthError, SingularGramError
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.evidence import evidence_penalty
from lingauss.validation import Array, Immutable, as_frozen, as_scalar, freeze, shape_of


@dataclass(frozen=True, eq=False)
class Truth(Immutable):
    """The true weights W* through their mean and second moment (docs/theory.md §1.6).

    Every averaged quantity is quadratic in W*, so E[W*ᵀW*] is all it needs: exact weights, a power per eigen-direction
    whose signs do not matter, and a posterior average are the same to it.

    Attributes
    ----------
    mean : (k, d) or None
        W*, or its posterior mean; None where only powers are known.
    spread : PSD or None
        E[W*ᵀW*] about the mean, summed over outputs, (d, d).
    plug_in : bool
        Whether this is an estimate from the labels.
    """

    mean: Array | None
    spread: PSD | None = None
    plug_in: bool = False

    @classmethod
    def posterior(
        cls, observed: Array, basis: Eigenbasis, outputs: int, label_noise: float, penalty: float | None
    ) -> Truth:
        """Return the ridge posterior given t = YᵀX (k, d) as observed; see :meth:`Problem.plug_in`."""
        if penalty is None:
            penalty = evidence_penalty(basis.eigenvalues, basis.power(observed), outputs, label_noise)
        penalty = as_scalar(penalty, "penalty", minimum=0.0)
        if penalty == 0.0 and not basis.eigenvalues[-1]:
            raise SingularGramError("a positive penalty", "0 with a singular Gram matrix", "Pass penalty > 0.")
        shrunk = basis.eigenvalues + penalty
        mean = (basis.rotate(observed) / shrunk) @ basis.vectors.T
        spread = basis.with_eigenvalues(outputs * label_noise**2 / shrunk)
        return cls(freeze(mean), Dense(freeze(spread)), plug_in=True)

    def power(self, basis: Eigenbasis) -> Array:
        """Return E|w_i|² in an eigenbasis, summed over outputs, (d,)."""
        power = np.zeros_like(basis.eigenvalues)
        if self.mean is not None:
            power = power + basis.power(self.mean)
        if self.spread is not None:
            power = power + basis.variances(self.spread)
        return power

    @property
    def rows(self) -> Array:
        """A root of the second moment: rows R with RᵀR = E[W*ᵀW*], the mean's k rows first."""
        parts = [part for part in (self.mean, None if self.spread is None else self.spread.root.T) if part is not None]
        return np.concatenate(parts)

    def shifted(self, rows: Array, offset: Array) -> Array:
        """Add a fixed offset to what became of the mean's rows.

        Parameters
        ----------
        rows : (m, d)
            A linear image of :attr:`rows`.
        offset : (d,) or (k, d)
            The offset of each output.

        Raises
        ------
        MissingTruthError
            If the offset is not zero and only the truth's power is known, whose signs would now matter.
        """
        if not np.any(offset):
            return rows
        if self.mean is None:
            raise MissingTruthError(
                "a truth with signs, because a channel has an offset b",
                "the power of each direction alone",
                "Pass the weights with problem.with_truth(W).",
            )
        k = len(self.mean)
        return np.concatenate([rows[:k] + offset, rows[k:]])


class Labelled(Protocol):
    """Whatever may know true weights, or labels."""

    @property
    def truth(self) -> Truth | None:
        """What is known of W*."""

    @property
    def observed(self) -> Array | None:
        """T as observed."""


def need_truth(problem: Labelled, what: str) -> Truth:
    """Return the truth, or say that ``what`` is an average over labels which needs one.

    Raises
    ------
    MissingTruthError
    """
    if problem.truth is None:
        raise MissingTruthError(
            f"a problem with a truth: {what} are averages over labels",
            "observed labels alone" if problem.observed is not None else "neither truth nor labels",
            "Use problem.with_truth(W), or problem.plug_in() to let the posterior stand in.",
        )
    return problem.truth


def as_rows(value: Any, name: str, dim: int) -> Array:
    """Check weights or a statistic from outside and return one row per output, (k, d); one axis means one output.

    Raises
    ------
    ShapeError, NotNumericError, NotFiniteError
    """
    if len(shape_of(value, name)) == 1:
        return freeze(as_frozen(value, name, (("features", dim),)).reshape(1, -1))
    return as_frozen(value, name, (("outputs", None), ("features", dim)))
