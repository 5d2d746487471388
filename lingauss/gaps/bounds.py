"""Bounds on the student's gap through its divergence from the teacher, beside the exact gap (docs/theory.md §7)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from lingauss.algebra.cumulants import CumulantFunction, Deviation
from lingauss.errors import DomainError, NotSubGaussianError
from lingauss.gaps.bound_table import Bound, BoundTable
from lingauss.gaps.cumulants import conditional_cumulants, joint_cumulants
from lingauss.gaps.generalisation import gaps
from lingauss.gaps.literature import comparison_bounds
from lingauss.gaps.sharpness import sharpness
from lingauss.ledgers.dispatch import ledger_of
from lingauss.ledgers.laws import DenseWeights, SpectralWeights, student_weights, teacher_weights
from lingauss.ledgers.risk import TeacherStudent, expected_gap
from lingauss.ledgers.squares import covariance_shift
from lingauss.model.design import Design
from lingauss.model.truth import need_truth
from lingauss.validation import as_scalar

HERE = "derived here"
FORM = "after Li & He 2026 (form inferred)"


COUNTEREXAMPLE = (
    "with n = d = 1, X = 1, W* = 0, no penalty, ν = 1, Σ_x = 2, temperatures 10 and 40 and mixing 0 the teacher's gap "
    "has mean 13 and variance 368, K_n = 0.80685, and 13 + √(2·368·0.80685) = 37.37 is below the student's gap 43"
)


def variance_proxy(design: Design) -> float:
    """Return σ̄² = (4ν²k/n²) tr(GV_T), the mean variance of the teacher's gap given the data (docs/theory.md §7.3).

    A true sub-Gaussian parameter of it, in squared units of the gap.

    Raises
    ------
    NotSubGaussianError
        If test_cov was given: the gap is then quadratic in the weights, and such a bound can be false.
    """
    if covariance_shift(design.problem) is not None:
        raise NotSubGaussianError(
            "a fixed design (test_cov=None), where the gap is linear in the weights and so Gaussian given the data",
            f"another test covariance, where it is quadratic and its variance is no such parameter: {COUNTEREXAMPLE}",
            "Use the Chernoff bounds of bounds(), which hold for every test covariance.",
        )
    return conditional_cumulants(teacher_weights(design)).variance


def bounds(design: Design, eta: float | None = None, rows: Any = None) -> BoundTable:
    """Return every bound on the gaps beside the exact gaps, with whether its hypothesis holds and why.

    Bounds through K_n concern the gap of the student's *weights*, floor included. At fixed design that is the gap
    of its predictor; otherwise the table says by how much they differ (docs/bounds.md, docs/theory.md §7).

    Parameters
    ----------
    eta : float, optional
        η > 0 of the central conditions; default: the best one for each.
    rows : (n, d), optional
        Inputs X, for the individual-sample bound.

    Raises
    ------
    MissingTruthError
        If labels were observed: bounds are averages over labels. Use ``problem.plug_in()``.
    DomainError, ShapeError, NotFiniteError, NotNumericError
        If η ≤ 0 or the rows do not have the problem's Gram matrix.
    """
    problem = design.problem
    need_truth(problem, "bounds")
    rate = None if eta is None else as_scalar(eta, "eta", minimum=0.0, strict=True)
    teacher, predictor = teacher_weights(design), student_weights(design, with_floor=False)
    divergence = ledger_of(design).total
    conditional = conditional_cumulants(teacher)
    fixed = covariance_shift(problem) is None
    predicted = gaps(design)
    weights = predicted.student if fixed else expected_gap(student_weights(design, with_floor=True))
    own = TeacherStudent(predicted.teacher, weights)
    above = conditional.deviation(divergence)
    return BoundTable(
        (
            *_proxy_rows(conditional.variance, above.excess if fixed else math.inf, divergence, own, fixed),
            *_chernoff_rows("", conditional, above, divergence, own, rate),
            *_unconditional_rows(teacher, divergence, own, rate),
            *_sharpness_rows(design, above.excess, own),
            *comparison_bounds(design, teacher, predictor, own, rows),
        ),
        divergence,
        own.teacher,
        problem.mode,
        _note(predicted.student, own.student),
    )


def _note(predictor: float, weights: float) -> str:
    if predictor == weights:
        return ""
    return (
        f"The student's gap here is that of its weights, unlearned spread included ({weights:.6g}); "
        f"its predictor's is {predictor:.6g} (docs/theory.md §7.1)."
    )


def _vacuous(divergence: float) -> str:
    return "; says nothing, because K_n = +inf" if divergence == math.inf else ""


def _proxy_rows(variance: float, width: float, divergence: float, gaps: TeacherStudent, fixed: bool) -> Iterator[Bound]:
    """gen_T ∓ √(2σ̄²K_n), fixed design only (docs/theory.md §7.3)."""
    why = (
        f"fixed design: given the data the gap is Gaussian, σ̄² = {variance:.4g}{_vacuous(divergence)}"
        if fixed
        else "Σ_x ≠ G/n: the gap is quadratic in the weights and not sub-Gaussian"
    )
    source = f"{FORM}; constant, docs/theory.md §7.3"
    other = f"{HERE}, docs/theory.md §7.3"
    yield Bound("variance proxy upper", "student", "upper", gaps.teacher + width, gaps.student, fixed, why, source)
    yield Bound("variance proxy lower", "student", "lower", gaps.teacher - width, gaps.student, fixed, why, other)


def _chernoff_rows(
    prefix: str,
    law: CumulantFunction,
    above: Deviation,
    divergence: float,
    gaps: TeacherStudent,
    eta: float | None,
) -> Iterator[Bound]:
    """Inf and sup over λ of ±[K_n + Λ(±λ)]/λ, and the central condition (docs/theory.md §7.2 and §7.4–7.6)."""
    below = law.reflected.deviation(divergence)
    name, source = f"{prefix}Chernoff", f"{HERE}, docs/theory.md {'§7.5' if prefix else '§7.4'}"
    low, high = law.domain
    why = f"Λ is finite on ({low:.4g}, {high:.4g})"
    best = [_vacuous(divergence) or f"; λ = {lam:.4g}" for lam in (above.lam, -below.lam)]
    upper, lower = law.mean + above.excess, law.mean - below.excess
    yield Bound(f"{name} upper", "student", "upper", upper, gaps.student, True, why + best[0], source)
    yield Bound(f"{name} lower", "student", "lower", lower, gaps.student, True, why + best[1], source)
    if eta is None:
        yield _central_row(prefix, law, divergence, gaps, below.lam if divergence < math.inf else 0.0, lower)
    else:
        yield _central_row(prefix, law, divergence, gaps, eta, -(divergence + float(law(-eta))) / eta)


def _central_row(
    prefix: str, law: CumulantFunction, divergence: float, gaps: TeacherStudent, eta: float, value: float
) -> Bound:
    """c(η) gen_T − K_n/η with the best c for η (docs/theory.md §7.6)."""
    # c gen_T = −Λ(−η)/η, whose limits at η = 0 and without any spread are the mean
    if not 0.0 < eta < math.inf:
        share = law.mean
    else:
        share = value + divergence / eta if divergence < math.inf else -float(law(-eta)) / eta
    holds = gaps.teacher > 0 and share > 0
    if gaps.teacher <= 0:
        why = f"gen_T = {gaps.teacher:.4g} is not positive: the condition says nothing"
    elif holds:
        why = f"c = {share / gaps.teacher:.4g} at η = {eta:.4g}{_vacuous(divergence)}"
    else:
        why = f"no c > 0 at η = {eta:.4g}"
    source = f"{FORM}; coefficient, docs/theory.md §7.6"
    return Bound(f"{prefix}central condition", "student", "lower", value, gaps.student, holds, why, source)


def _unconditional_rows(
    teacher: SpectralWeights | DenseWeights, divergence: float, gaps: TeacherStudent, eta: float | None
) -> Iterator[Bound]:
    """Chernoff and central-condition rows from Λ instead of Λ_c, as in the literature (docs/theory.md §7.5–7.6)."""
    try:
        law = joint_cumulants(teacher)
    except DomainError as error:
        source = f"{HERE}, docs/theory.md §7.5"
        why = f"needs {error.expected}"
        upper, lower = ("unconditional Chernoff upper", "unconditional Chernoff lower")
        yield Bound(upper, "student", "upper", math.inf, gaps.student, False, why, source)
        yield Bound(lower, "student", "lower", -math.inf, gaps.student, False, why, source)
        name = "unconditional central condition"
        yield Bound(name, "student", "lower", -math.inf, gaps.student, False, why, source)
        return
    yield from _chernoff_rows("unconditional ", law, law.deviation(divergence), divergence, gaps, eta)


def _sharpness_rows(design: Design, rival: float, gaps: TeacherStudent) -> Iterator[Bound]:
    """gen_T ∓ (gϱ + ½hϱ²) (docs/theory.md §7.8)."""
    measured = sharpness(design)
    why = f"g = {measured.gradient:.4g}, h = {measured.curvature:.4g}, ϱ = {measured.distance:.4g}"
    if measured.gradient > 0 or measured.curvature > 0:
        radius = measured.radius(rival)
        why += (
            f", tighter than the {'variance proxy' if not measured.curvature else 'Chernoff'} within ϱ₀ = {radius:.4g}"
        )
    source = f"{FORM}; gradient, curvature and distance, docs/theory.md §7.8"
    width = measured.width
    yield Bound("sharpness upper", "student", "upper", gaps.teacher + width, gaps.student, True, why, source)
    yield Bound("sharpness lower", "student", "lower", gaps.teacher - width, gaps.student, True, why, source)
