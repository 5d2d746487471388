"""Students on other inputs than their teacher's, without one of the teacher's rows (docs/theory.md §9.3).

Such a student is W_S = W_T Mᵀ with an M that knows nothing of the teacher's rows, so its error on a row left out is
that of the teacher at the input Mᵀx: with the hat matrix N = XMRXᵀ, R = (G + λ_T)⁻¹, of the student's predictions,

    e = y − ŷ_S + N_ii r_T/(1 − h_T).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.unseen.loss import Loss
from lingauss.unseen.ridge import RidgeFit, teacher_residual
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class TaughtElsewhere:
    """A student's law W_S | W_T in the eigenbasis of the teacher's Gram matrix.

    Attributes
    ----------
    map : (d, d)
        M.
    cov : (d, d)
        Row covariance of W_S given W_T and the soft labels' mean.
    """

    map: Array
    cov: Array

    def loss(self, teacher: RidgeFit, dispersion: float, draws: int) -> Loss:
        """Return the student's loss; the teacher's weights are drawn at dispersion ω, and m draws averaged."""
        frame, space = teacher.frame, teacher.frame.space
        outputs, root = space.labels.shape[1], np.sqrt(space.eigenvalues)
        seen = len(root)
        sent = root[:, None] * self.map[:seen]  # what a point of the sample space makes of the teacher's weights
        hat = sent[:, :seen] * (root / (space.eigenvalues + teacher.penalty))
        weight = frame.level(frame.product(hat, np.eye(seen)))
        error = frame.along(space.labels - hat @ space.labels) + frame.beyond
        ratio = weight / teacher.left
        error = error + (ratio[:, None] if np.ndim(ratio) else ratio) * teacher_residual(teacher)
        spread = frame.level(frame.product((root[:, None] * self.cov[:seen, :seen]) * root, np.eye(seen)))
        if dispersion > 0.0:
            shrunk = np.full(sent.shape[1], teacher.penalty)
            shrunk[:seen] += space.eigenvalues
            half = sent / np.sqrt(shrunk)
            drawn = frame.level(frame.product(half, half)) + np.square(weight) / teacher.left
            spread = spread + dispersion / draws * drawn
        return Loss.fixed(frame.losses(error, error) + frame.spreads(np.asarray(outputs * spread)))
