"""What is known of the true weights: themselves, their power per direction, or a posterior standing in for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.algebra.psd import PSD
from lingauss.errors import MissingTruthError
from lingauss.validation import Array, Immutable


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
