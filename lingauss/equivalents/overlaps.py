"""What two ridge regressions on drawn inputs have in common: every sum that their errors are made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lingauss.equivalents.fit import Fits
from lingauss.validation import Array

BLOCK = 2**15  # numbers at once, of which some ten arrays stay in the processor's cache


class Overlaps(NamedTuple):
    """Normalised traces of H_S and H_T, and forms of the signal θ (docs/theory.md §10.3); (P,) each.

    Attributes
    ----------
    teacher_samples, student_samples
        Rows of each, n; forms of both are per row of the teacher.
    teacher_residual, student_residual
        ρ.
    teacher_filling, student_filling
        1 − ρ = tr H/n.
    teacher_squared, student_squared, shared
        γ_TT = tr H_T²/n, γ_SS and γ_ST.
    teacher_regular, student_regular, regular
        1 − γ_TT, 1 − γ_SS and, for the same rows, 1 − γ_ST, without cancellation; 0 at the interpolation peak.
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

    teacher_samples: Array
    student_samples: Array
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
    """Return the overlaps of regressions that see directions of the population.

    Parameters
    ----------
    s, signal : (d,)
        Eigenvalues of the covariance, and the squared norm of W*'s column in each direction.
    teacher, student : Fits
        Of P points each; one and the same object for learners that do the same.
    """
    theta = np.sqrt(s * signal)
    step = max(1, BLOCK // len(s))
    parts = [slice(start, start + step) for start in range(0, len(teacher.n_samples), step)]
    blocks = [
        _overlaps(s, theta, first := teacher.at(part), first if teacher is student else student.at(part))
        for part in parts
    ]
    return blocks[0] if len(blocks) == 1 else Overlaps(*map(np.concatenate, zip(*blocks, strict=True)))


def _overlaps(s: Array, theta: Array, teacher: Fits, student: Fits) -> Overlaps:
    n, rows = teacher.n_samples, student.n_samples
    sides = [_Side.of(fits, s, theta) for fits in ((teacher,) if teacher is student else (teacher, student))]
    first, second = sides[0], sides[-1]
    both = second.seen * first.seen
    carried = second.seen * first.bias
    twice = _dot(first.bias, first.bias)
    same = first is second
    nested = np.ones(len(n)) if same else ~np.any(teacher.seen[teacher.view] & ~student.seen[student.view], axis=1)
    shared = _dot(second.seen, first.seen) / n
    # n − Σ HᵢHⱼ = nρᵢ + Σ Hᵢ(1 − Hⱼ), all of it positive
    regular = student.residual + _dot(second.seen, first.missed) / n
    across = _dot(carried, first.bias)
    heavy = _dot(second.seen, both) / n
    return Overlaps(
        teacher_samples=n,
        student_samples=rows,
        teacher_residual=teacher.residual,
        student_residual=student.residual,
        teacher_filling=first.filling / n,
        student_filling=second.filling / rows,
        teacher_squared=shared if same else _dot(first.seen, first.seen) / n,
        student_squared=shared if same else _dot(second.seen, second.seen) / rows,
        shared=shared,
        teacher_regular=regular if same else teacher.residual + _dot(first.seen, first.missed) / n,
        student_regular=regular if same else student.residual + _dot(second.seen, second.missed) / rows,
        regular=regular,
        student_heavy=heavy,
        teacher_heavy=heavy if same else _dot(first.seen, both) / n,
        both_heavy=_dot(both, both) / n,
        teacher_bias=twice,
        student_bias=twice if same else _dot(second.bias, second.bias),
        bias=twice if same else _dot(second.bias, first.bias),
        carried_teacher=across,
        carried_student=across if same else _dot(carried, second.bias),
        carried=_dot(carried, carried),
        nested=nested.astype(np.float64),
    )


class _Side(NamedTuple):
    """H, 1 − H, what is missed of the signal, (P, d) each, and tr H, (P,)."""

    seen: Array
    missed: Array
    bias: Array
    filling: Array

    @classmethod
    def of(cls, fits: Fits, s: Array, theta: Array) -> _Side:
        seen, missed = fits.shrinkage(s)
        return cls(seen, missed, missed * theta, np.sum(seen, axis=1))


def _dot(left: Array, right: Array) -> Array:
    return np.asarray(np.einsum("pi,pi->p", left, right))
