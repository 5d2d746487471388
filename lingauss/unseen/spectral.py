"""Students that keep eigen-directions, or descend, without one row: averaged over rotations of the sample space.

What such a student learns depends on the row left out through the eigenvectors too, so residuals over 1 − tr(H)/n are
too small. But its prediction for the row left out is a function f of the Gram matrix of all others, and rotating the
sample space changes neither moments nor labels' law, so the error is that of leaving out the direction v = (1, …, 1)/√n
in the coordinates of the left singular vectors: with D = XXᵀ there, V ⟂ v and the labels ỹ,

    Σ_k |ỹ_k|² (a_k/v_k)² / n,    a = v − V f(VᵀDV) VᵀDv,    f(e) = p(e)/e,

where p is the share that the student learns of a label in a direction of eigenvalue e (docs/theory.md §9.4). For ridge
on everything this is generalised cross-validation.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.algebra.psd import Diagonal
from lingauss.model.learners import Law
from lingauss.model.problem import Problem
from lingauss.unseen.interlacing import Interlaced
from lingauss.unseen.loss import Loss
from lingauss.unseen.reduced import Learners
from lingauss.unseen.samples import SampleSpace
from lingauss.validation import Array, Immutable, freeze


@dataclass(frozen=True, eq=False)
class RotatedOut(Immutable):
    """The sample space without one direction, as an average row leaves it.

    Attributes
    ----------
    space : SampleSpace
    problem : Problem
        Inputs with the spectrum that is left, (d,), on which learners state their laws; it knows no labels.
    response : (m, d)
        How much direction j's gain takes off a_k/v_k.
    energy : (d,)
        Squared length of the row left out along direction j.
    """

    space: SampleSpace
    problem: Problem
    response: Array
    energy: Array

    @classmethod
    def of(cls, problem: Problem, space: SampleSpace) -> RotatedOut:
        """Take a direction out that weighs alike on every eigenvector."""
        d, rows = problem.n_features, space.rows
        left = Interlaced.of(space.points, space.multiplicity / rows)
        found = len(left.eigenvalues)
        spectrum, energy = np.zeros(d), np.zeros(d)
        spectrum[:found], energy[:found] = left.eigenvalues, left.power / left.eigenvalues
        if space.is_full:  # all other rows leave a part of this one unexplained, spread over where they have nothing
            energy[found:] = (np.sum(space.eigenvalues) / rows - np.sum(energy)) / (d - found)
        response = np.zeros((len(space.points), d))
        response[:, :found] = left.response
        reduced = dataclasses.replace(
            problem,
            gramian=Diagonal(freeze(spectrum)),
            observed=freeze(np.zeros((problem.outputs, d))),
            truth=None,
            label_power=None,
        )
        return cls(space, reduced, freeze(response), freeze(energy))

    @property
    def spectrum(self) -> Array:
        """Eigenvalues without the row, largest first, (d,)."""
        return self.problem.eigenbasis.eigenvalues

    def teacher_loss(self, law: Law, noise: Array) -> Loss:
        """Return a teacher's loss over a grid, (*grid), from its law on :attr:`spectrum`; noise is ν, (1, *grid)."""
        gain = np.broadcast_to(law.gain, (len(self.spectrum), *law.gain.shape[1:]))
        loss = np.empty(gain.shape[1:])
        for point in np.ndindex(*loss.shape):
            loss[point] = self._scale * (self.space.label_power @ np.square(1.0 - self.response @ gain[:, *point]))
        spread = np.sum(self._along(law.gain.ndim) * law.variance * np.square(noise), axis=0)
        return Loss.fixed(loss + self._outputs * spread)

    def student_loss(
        self, learners: Learners, noise: Array, order: npt.NDArray[np.intp], ranks: npt.NDArray[np.intp]
    ) -> Loss:
        """Return a student's loss at every rank and point of a grid, (R, *grid).

        Parameters
        ----------
        learners : Learners
            On :attr:`spectrum`.
        noise : ndarray
            The problem's ν, (1, *grid).
        order : (d,) of int
            Directions, first those that are kept first.
        ranks : (R,) of int
        """
        kept, missed = np.broadcast_arrays(learners.student.gain, learners.teacher.missed)
        kept, missed = kept[order], missed[order]
        labels = np.sqrt(self._scale * self.space.label_power)
        response = self.response.T[order] * labels
        terms = np.empty((3, len(ranks), *kept.shape[1:]))
        for point in np.ndindex(*kept.shape[1:]):
            learned = response * kept[:, *point, None]
            true = labels - _running(learned, ranks)
            soft = _running(learned * missed[:, *point, None], ranks)
            for part, (left, right) in enumerate(((true, true), (true, soft), (soft, soft))):
                terms[part, :, *point] = np.einsum("rk,rk->r", left, right)
        along = self._outputs * self._along(learners.spectrum.ndim) * np.square(noise)
        own = _running((along * learners.student.variance)[order], ranks)
        copied = _running((along * learners.copied)[order], ranks)
        return Loss(terms[0] + own, 2.0 * terms[1], terms[2] + copied)

    def _along(self, axes: int) -> Array:
        return self.energy.reshape((-1,) + (1,) * (axes - 1))

    @property
    def _scale(self) -> float:
        return self.space.inflation / self.space.rows

    @property
    def _outputs(self) -> float:
        return float(self.problem.outputs * self.space.inflation)


def _running(values: Array, ranks: npt.NDArray[np.intp]) -> Array:
    """Return the sums of the first r values along the first axis, (R, ...)."""
    if len(ranks) == 1:
        return np.asarray(np.sum(values[: ranks[0]], axis=0, keepdims=True))
    sums = np.empty((len(values) + 1, *values.shape[1:]))
    sums[0] = 0.0
    np.cumsum(values, axis=0, out=sums[1:])
    return sums if len(ranks) == len(sums) else sums[ranks]
