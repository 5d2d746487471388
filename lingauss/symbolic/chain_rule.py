"""The discarded-first chain rule for full covariances, minimality of the rank cost, the retained precision block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import expected_quadratic, inverse, sub_matrix
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.primitives import ExcessLog
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.symbols import covariance, positive, real, shift

SUBJECT = "Chain rule and rank cost, full covariances"

KL = sp.Symbol("KL")
S_c, T_c, delta, B_T, B_S = positive("S_c"), positive("T_c"), real("delta"), real("B_T"), real("B_S")
POSITIVE_DEFINITE = "positive definite"


@cache
def kl_full(size: int) -> sp.Expr:
    """Return KL(N(Δ, S) ‖ N(0, T)) for full symbolic covariances: the log ratio averaged by its moments."""
    S, T, mean = covariance("S", size), covariance("T", size), shift(size)
    from_teacher = expected_quadratic(inverse(T), mean, S)
    from_own = sp.cancel(expected_quadratic(inverse(S), sp.zeros(size, 1), S))
    return (from_teacher - from_own + sp.log(T.det()) - sp.log(S.det())) / 2


def condition(cov: sp.Matrix, kept: Sequence[int], given: Sequence[int]) -> tuple[sp.Matrix, sp.Matrix]:
    """Return regression B and covariance C of x_kept given x_given, from the density.

    The exponent −½xᵀPx, P = cov⁻¹, as a function of x_kept: its gradient vanishes at B x_given, its curvature is −C⁻¹.
    """
    xs = sp.Matrix([real(f"x_{a + 1}") for a in range(cov.rows)])
    exponent = -(xs.T * inverse(cov) * xs)[0, 0] / 2
    own = [xs[a] for a in kept]
    solution = sp.solve([sp.diff(exponent, x) for x in own], own, dict=True)[0]
    mean = sp.Matrix([sp.expand(sp.cancel(solution[x])) for x in own])
    regression = mean.jacobian([xs[b] for b in given]).applyfunc(sp.cancel)
    curvature = -sp.hessian(exponent, own)
    return regression, inverse(curvature.applyfunc(sp.cancel)).applyfunc(sp.cancel)


def kl_of(S: sp.Matrix, T: sp.Matrix, mean: sp.Matrix) -> sp.Expr:
    """Return the divergence of two Gaussians of up to three coordinates with the given entries."""
    size = S.rows
    names = {covariance("S", size)[a, b]: S[a, b] for a in range(size) for b in range(a, size)}
    names |= {covariance("T", size)[a, b]: T[a, b] for a in range(size) for b in range(a, size)}
    names |= {shift(size)[a]: mean[a] for a in range(size)}
    return kl_full(size).subs(names, simultaneous=True)


def _joint_steps(size: int) -> tuple[Step, ...]:
    S, T = covariance("S", size), covariance("T", size)
    return (
        Step(
            sp.Tuple(S.as_immutable(), T.as_immutable()), "covariances of student and teacher; Δ = difference of means"
        ),
        Step(kl_full(size), "log ratio of the densities, averaged with E xxᵀ = S + ΔΔᵀ"),
    )


def _positive_definite(*matrices: sp.Matrix) -> tuple[Assumption, ...]:
    minors = [sp.expand(M[-r:, -r:].det()) > 0 for M in matrices for r in range(2, M.rows + 1)]
    return (Assumption(sp.And(*minors), POSITIVE_DEFINITE),)


def chain_rule_2d() -> Derivation:
    """Discarded-first chain rule, one retained and one discarded coordinate (theory §4)."""
    S, T, m = covariance("S", 2), covariance("T", 2), shift(2)
    rank = m[1] ** 2 / (2 * T[1, 1]) + ExcessLog((S[1, 1] - T[1, 1]) / T[1, 1]) / 2
    kept = (delta**2 + (B_S - B_T) ** 2 * S[1, 1]) / (2 * T_c) + ExcessLog((S_c - T_c) / T_c) / 2
    return Derivation(
        name="chain_rule_2d",
        title="Rank cost plus retained cost, one coordinate each",
        statement=sp.Eq(KL, rank + kept),
        where=(
            sp.Eq(B_T, T[0, 1] / T[1, 1]),
            sp.Eq(B_S, S[0, 1] / S[1, 1]),
            *(sp.Eq(symbol, M[0, 0] - M[0, 1] ** 2 / M[1, 1]) for symbol, M in ((T_c, T), (S_c, S))),
            sp.Eq(delta, m[0] - B_T * m[1]),
        ),
        steps=_joint_steps(2),
        assumptions=_positive_definite(S, T),
    )


def _spread_2x2(S: sp.Matrix, T: sp.Matrix, det_S: sp.Expr, det_T: sp.Expr) -> sp.Expr:
    """Return ½ψ(S, T) of 2×2 blocks; tr(T⁻¹S) − 1 − det(T⁻¹S) = −det(S−T)/det T leaves nothing to cancel."""
    gap = (S[0, 0] - T[0, 0]) * (S[1, 1] - T[1, 1]) - (S[0, 1] - T[0, 1]) ** 2
    return ExcessLog((det_S - det_T) / det_T) / 2 - gap / (2 * det_T)


def chain_rule_3d_rank_1() -> Derivation:
    """Discarded-first chain rule, one retained and two discarded coordinates (theory §4)."""
    S, T, m = covariance("S", 3), covariance("T", 3), shift(3)
    det_S, det_T, B_T2, B_T3, B_S2, B_S3 = sp.symbols("D_S D_T B_T2 B_T3 B_S2 B_S3", real=True)
    mean_rank = (T[2, 2] * m[1] ** 2 - 2 * T[1, 2] * m[1] * m[2] + T[1, 1] * m[2] ** 2) / (2 * det_T)
    e2, e3 = B_S2 - B_T2, B_S3 - B_T3
    slopes = e2**2 * S[1, 1] + 2 * e2 * e3 * S[1, 2] + e3**2 * S[2, 2]
    kept = (delta**2 + slopes) / (2 * T_c) + ExcessLog((S_c - T_c) / T_c) / 2
    blocks = ((T, T_c, det_T, B_T2, B_T3), (S, S_c, det_S, B_S2, B_S3))
    return Derivation(
        name="chain_rule_3d_rank_1",
        title="Rank cost plus retained cost, two coordinates discarded",
        statement=sp.Eq(KL, mean_rank + _spread_2x2(S[1:, 1:], T[1:, 1:], det_S, det_T) + kept),
        where=(
            *(sp.Eq(det, M[1, 1] * M[2, 2] - M[1, 2] ** 2) for M, _, det, _, _ in blocks),
            *(sp.Eq(b2, (M[0, 1] * M[2, 2] - M[0, 2] * M[1, 2]) / det) for M, _, det, b2, _ in blocks),
            *(sp.Eq(b3, (M[0, 2] * M[1, 1] - M[0, 1] * M[1, 2]) / det) for M, _, det, _, b3 in blocks),
            *(sp.Eq(c, M[0, 0] - b2 * M[0, 1] - b3 * M[0, 2]) for M, c, _, b2, b3 in blocks),
            sp.Eq(delta, m[0] - B_T2 * m[1] - B_T3 * m[2]),
        ),
        steps=_joint_steps(3),
        assumptions=_positive_definite(S, T),
    )


def chain_rule_3d_rank_2() -> Derivation:
    """Discarded-first chain rule, two retained and one discarded coordinate (theory §4)."""
    S, T, m = covariance("S", 3), covariance("T", 3), shift(3)
    det_S, det_T, d_1, d_2, e_1, e_2 = sp.symbols("D_S D_T delta_1 delta_2 e_1 e_2", real=True)
    C_S, C_T = covariance("C_S", 2), covariance("C_T", 2)
    rank = m[2] ** 2 / (2 * T[2, 2]) + ExcessLog((S[2, 2] - T[2, 2]) / T[2, 2]) / 2

    def through_precision(x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return (C_T[1, 1] * x**2 - 2 * C_T[0, 1] * x * y + C_T[0, 0] * y**2) / (2 * det_T)

    kept = through_precision(d_1, d_2) + through_precision(e_1, e_2) * S[2, 2]
    conditional = [
        sp.Eq(C[a, b], M[a, b] - M[a, 2] * M[b, 2] / M[2, 2])
        for C, M in ((C_T, T), (C_S, S))
        for a, b in ((0, 0), (0, 1), (1, 1))
    ]
    return Derivation(
        name="chain_rule_3d_rank_2",
        title="Rank cost plus retained cost, one coordinate discarded",
        statement=sp.Eq(KL, rank + kept + _spread_2x2(C_S, C_T, det_S, det_T)),
        where=(
            *conditional,
            *(sp.Eq(det, C[0, 0] * C[1, 1] - C[0, 1] ** 2) for det, C in ((det_T, C_T), (det_S, C_S))),
            *(sp.Eq(d, m[a] - T[a, 2] / T[2, 2] * m[2]) for a, d in enumerate((d_1, d_2))),
            *(sp.Eq(e, S[a, 2] / S[2, 2] - T[a, 2] / T[2, 2]) for a, e in enumerate((e_1, e_2))),
        ),
        steps=_joint_steps(3),
        assumptions=_positive_definite(S, T),
    )


def conditional_law() -> Derivation:
    """Regression and conditional variance of the retained given the discarded coordinate (theory §4)."""
    T = covariance("T", 2)
    regression, cond = condition(T, [0], [1])
    a, b = real("x_1"), real("x_2")
    exponent = -(sp.Matrix([[a, b]]) * inverse(T) * sp.Matrix([a, b]))[0, 0] / 2
    return Derivation(
        name="conditional_law",
        title="Regression on the discarded coordinate and conditional variance",
        statement=sp.Eq(
            sp.Tuple(B_T, T_c), sp.Tuple(T[0, 1] / T[1, 1], T[0, 0] - T[0, 1] ** 2 / T[1, 1]), evaluate=False
        ),
        steps=(
            Step(exponent, "log density, up to a constant"),
            Step(sp.diff(exponent, a), "its gradient in the retained coordinate"),
            Step(sp.Tuple(regression[0, 0], cond[0, 0]), "zero of the gradient per unit of x₂, and inverse curvature"),
        ),
        assumptions=_positive_definite(T),
    )


def _precision_block(name: str, title: str, size: int, given: Sequence[int]) -> Derivation:
    """State Λ_aa entry by entry as the inverse of the conditional covariance of the coordinates before `given`."""
    T = covariance("T", size)
    kept = list(range(size - len(given)))
    C = covariance("C", len(kept))
    across = sub_matrix(T, kept, given)
    schur = sub_matrix(T, kept, kept) - across * inverse(sub_matrix(T, given, given)) * across.T
    pairs = [(a, b) for a in kept for b in kept if a <= b]
    inverted = inverse(C) if len(kept) > 1 else sp.Matrix([[1 / C[0, 0]]])
    solved = sp.Matrix(size, size, sp.symbols(f"l:{size * size}"))
    solution = sp.solve(list(T * solved - sp.eye(size)), list(solved), dict=True)[0]
    names = [sp.Symbol(f"Lambda_{a + 1}{b + 1}") for a, b in pairs]
    found = [sp.cancel(solution[solved[a, b]]) for a, b in pairs]
    closed = [inverted[a, b] for a, b in pairs]
    return Derivation(
        name=name,
        title=title,
        statement=sp.Eq(_entries(names), _entries(closed), evaluate=False),
        where=tuple(sp.Eq(C[a, b], schur[a, b]) for a, b in pairs),
        steps=(
            Step(sp.Eq(sp.MatMul(T.as_immutable(), solved.as_immutable()), sp.eye(size), evaluate=False), "T Λ = I"),
            Step(_entries(found), "solve; its retained block is C⁻¹"),
        ),
        assumptions=_positive_definite(T),
    )


def _entries(expressions: Sequence[sp.Expr]) -> sp.Basic:
    return expressions[0] if len(expressions) == 1 else sp.Tuple(*expressions)


def precision_block_2d() -> Derivation:
    """Retained block of the precision, one coordinate of two (theory §4)."""
    return _precision_block("precision_block_2d", "Λ_aa is the inverse conditional variance", 2, [1])


def precision_block_3d_rank_1() -> Derivation:
    """Retained block of the precision, one coordinate of three (theory §4)."""
    return _precision_block("precision_block_3d_rank_1", "Λ_aa with two coordinates discarded", 3, [1, 2])


def precision_block_3d_rank_2() -> Derivation:
    """Retained block of the precision, two coordinates of three (theory §4)."""
    return _precision_block("precision_block_3d_rank_2", "Λ_aa with two coordinates retained", 3, [2])


@cache
def _best_kernel() -> tuple[sp.Expr, dict[sp.Symbol, sp.Expr], tuple[sp.Symbol, ...]]:
    """Return the divergence of a student with kernel a | b ~ N(m + βb, c), and the kernel where it is stationary."""
    offset, slope, spread = real("m_a"), real("beta"), positive("c")
    S, m = covariance("S", 2), shift(2)
    student = {S[0, 0]: spread + slope**2 * S[1, 1], S[0, 1]: slope * S[1, 1], m[0]: offset + slope * m[1]}
    divergence = kl_full(2).subs(student, simultaneous=True)
    kernel = (offset, slope, spread)
    (solution,) = sp.solve([sp.numer(sp.together(sp.diff(divergence, x))) for x in kernel], kernel, dict=True)
    return divergence, solution, kernel


def minimal_kernel() -> Derivation:
    """Best kernel for a given law of the discarded coordinate: the teacher's own conditional law (theory §4)."""
    divergence, solution, kernel = _best_kernel()
    T = covariance("T", 2)
    best = sp.Tuple(0, T[0, 1] / T[1, 1], T[0, 0] - T[0, 1] ** 2 / T[1, 1])
    return Derivation(
        name="minimal_kernel",
        title="Kernel that minimises the divergence",
        statement=sp.Eq(sp.Tuple(*kernel), best, evaluate=False),
        steps=(
            Step(divergence, "divergence with the kernel x₁ | x₂ ~ N(m_a + βx₂, c), the law of x₂ held fixed"),
            Step(sp.Tuple(*(solution[x] for x in kernel)), "the only point where the gradient in (m_a, β, c) vanishes"),
        ),
        assumptions=_positive_definite(T),
    )


def rank_cost_minimal() -> Derivation:
    """Least divergence a student with this law on the discarded coordinate can have: the rank cost (theory §4)."""
    divergence, solution, _ = _best_kernel()
    S, T, m = covariance("S", 2), covariance("T", 2), shift(2)
    return Derivation(
        name="rank_cost_minimal",
        title="Least divergence over all kernels",
        statement=sp.Eq(sp.Symbol("KL_min"), m[1] ** 2 / (2 * T[1, 1]) + ExcessLog((S[1, 1] - T[1, 1]) / T[1, 1]) / 2),
        steps=(
            Step(divergence, "divergence with the kernel x₁ | x₂ ~ N(m_a + βx₂, c)"),
            Step(
                divergence.subs(solution),
                "at the stationary kernel; by the chain rule any other adds an average of KLs ≥ 0",
            ),
        ),
        assumptions=_positive_definite(T),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        conditional_law,
        chain_rule_2d,
        chain_rule_3d_rank_1,
        chain_rule_3d_rank_2,
        minimal_kernel,
        rank_cost_minimal,
        precision_block_2d,
        precision_block_3d_rank_1,
        precision_block_3d_rank_2,
    )
}
