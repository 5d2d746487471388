"""Ridge regressions on drawn inputs, each through a view of the population's directions (docs/theory.md §10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.errors import SingularGramError
from lingauss.validation import Array

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]


def residual_factors(n_samples: Array, penalty: Array, kappa: Array, rank: int) -> Array:
    """Return ρ = λ/(nκ), or what is left of n rows over so many directions without a penalty, over n."""
    spare = np.maximum(n_samples - rank, 0.0)
    return np.asarray(np.divide(penalty, kappa, out=spare, where=penalty > 0.0) / n_samples)


def no_posterior() -> SingularGramError:
    """Return the error of a draw from a law that does not exist."""
    return SingularGramError(
        "more samples than directions seen, because a penalty is 0 and its posterior is drawn from",
        "as many or fewer",
        "Use penalty > 0, or temperature 0 for the minimum-norm interpolator.",
    )


@dataclass(frozen=True, eq=False)
class Fits:
    """Ridge regressions at P points, as far as they do not depend on labels.

    Attributes
    ----------
    n_samples, kappa : (P,)
        n and the effective penalty κ.
    residual : (P,)
        ρ = 1 − df/n, the factor from errors on unseen rows to residuals; 0 for one that interpolates.
    seen : (V, d)
        Which directions each of a few views shows.
    view : (P,) of int
        The number of the view.
    """

    n_samples: Array
    kappa: Array
    residual: Array
    seen: Mask
    view: Index

    @classmethod
    def of(cls, s: Array, n_samples: Array, penalty: Array, seen: Mask, view: Index) -> Self:
        """Return ridge regressions of penalty λ (P,) on n rows (P,) of a population with eigenvalues s (d,)."""
        kappa, residual = np.empty(len(view)), np.empty(len(view))
        for number, mask in enumerate(seen):
            here = view == number
            n, lam = n_samples[here], penalty[here]
            rank = int(np.count_nonzero(s[mask]))
            kappa[here] = effective_penalties(s[mask], n, lam)
            residual[here] = residual_factors(n, lam, kappa[here], rank)
        return cls(n_samples, kappa, residual, seen, view)

    def at(self, points: slice | Index) -> Fits:
        """Return some of the points."""
        return Fits(self.n_samples[points], self.kappa[points], self.residual[points], self.seen, self.view[points])

    def shrinkage(self, s: Array) -> tuple[Array, Array]:
        """Return H = s/(s + κ) and 1 − H, each with digits of its own, 0 and 1 where hidden, (P, d)."""
        kappa = self.kappa[:, None]
        whole = s + kappa
        whole[whole == 0.0] = 1.0
        if self.seen.all():
            return s / whole, kappa / whole
        shown = self.seen[self.view]
        return np.where(shown, s / whole, 0.0), np.where(shown, kappa / whole, 1.0)
