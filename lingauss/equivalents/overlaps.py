"""What two ridge regressions on drawn inputs have in common: every sum that their errors are made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lingauss.equivalents.fit import Fits
from lingauss.validation import Array

BLOCK = 2**15  # numbers at once, of which some ten arrays stay in the processor's cache


class Overlaps(NamedTuple):
    """Normalised traces of H_S and H_T, and forms of the signal θ (docs/theory.md §12.3); (P,) each.

    Attributes
    ----------
    n_samples
        Rows of both.
    teacher_residual, student_residual
        ρ.
    teacher_filling, student_filling
        1 − ρ = tr H/n.
    teacher_squared, student_squared, shared
        γ_TT = tr H_T²/n, γ_SS and γ_ST.
    teacher_regular, student_regular, regular
        1 − γ_TT, 1 − γ_SS and 1 − γ_ST, without cancellation; 0 at the interpolation peak.
    student_heavy, teacher_heavy, both_heavy
        tr H_S²H_T/n, tr H_SH_T²/n and tr H_T H_S² H_T/n.
    teacher_bias, student_bias, bias
        ‖(I − H_T)θ‖², ‖(I − H_S)θ‖² and their product.
    carried_teacher, carried_student, carried
        Products of H_S(I − H_T)θ, what of the teacher's bias the student takes over, with (I − H_T)θ, with
        (I − H_S)θ and with itself.
    nested
        1 where the student sees all that the teacher sees.
    """

    n_samples: Array
    teacher_residual: Array
    student_residual: Array
    teacher_filling: Array
    student_filling: Array
    teacher_squared: Array
    student_squared: Array
    shared: Array
    teacher_regular: Array
    student_regular: Array
    regular: Array
    student_heavy: Array
    teacher_heavy: Array
    both_heavy: Array
    teacher_bias: Array
    student_bias: Array
    bias: Array
    carried_teacher: Array
    carried_student: Array
    carried: Array
    nested: Array


def overlaps(s: Array, signal: Array, teacher: Fits, student: Fits) -> Overlaps:
    """Return the overlaps of regressions on the same rows that see directions of the population.

    Parameters
    ----------
    s, signal : (d,)
        Eigenvalues of the covariance, and the squared norm of W*'s column in each direction.
    teacher, student : Fits
        Of P points each.
    """
    theta = np.sqrt(s * signal)
    step = max(1, BLOCK // len(s))
    points = len(teacher.n_samples)
    blocks = [
        _overlaps(s, theta, teacher.at(part), student.at(part))
        for part in (slice(start, start + step) for start in range(0, points, step))
    ]
    return blocks[0] if len(blocks) == 1 else Overlaps(*map(np.concatenate, zip(*blocks, strict=True)))


def _overlaps(s: Array, theta: Array, teacher: Fits, student: Fits) -> Overlaps:
    n = student.n_samples
    seen_t, missed_t = teacher.shrinkage(s)
    seen_s, missed_s = (seen_t, missed_t) if _same(teacher, student) else student.shrinkage(s)
    both = seen_s * seen_t
    filling_t, filling_s = np.sum(seen_t, axis=1) / n, np.sum(seen_s, axis=1) / n
    bias_t, bias_s = missed_t * theta, missed_s * theta
    carried = seen_s * bias_t
    nested = ~np.any(teacher.seen[teacher.view] & ~student.seen[student.view], axis=1)
    return Overlaps(
        n_samples=n,
        teacher_residual=teacher.residual,
        student_residual=student.residual,
        teacher_filling=filling_t,
        student_filling=filling_s,
        teacher_squared=_dot(seen_t, seen_t) / n,
        student_squared=_dot(seen_s, seen_s) / n,
        shared=np.sum(both, axis=1) / n,
        # n − Σ HᵢHⱼ = nρᵢ + Σ Hᵢ(1 − Hⱼ), all of it positive
        teacher_regular=teacher.residual + _dot(seen_t, missed_t) / n,
        student_regular=student.residual + _dot(seen_s, missed_s) / n,
        regular=student.residual + _dot(seen_s, missed_t) / n,
        student_heavy=_dot(seen_s, both) / n,
        teacher_heavy=_dot(seen_t, both) / n,
        both_heavy=_dot(both, both) / n,
        teacher_bias=_dot(bias_t, bias_t),
        student_bias=_dot(bias_s, bias_s),
        bias=_dot(bias_s, bias_t),
        carried_teacher=_dot(carried, bias_t),
        carried_student=_dot(carried, bias_s),
        carried=_dot(carried, carried),
        nested=nested.astype(np.float64),
    )


def _same(teacher: Fits, student: Fits) -> bool:
    one_view = teacher.seen.all() and student.seen.all()
    return one_view and np.array_equal(teacher.kappa, student.kappa)


def _dot(left: Array, right: Array) -> Array:
    return np.asarray(np.einsum("pi,pi->p", left, right))
