"""Ridge regression on drawn inputs: its effective penalty, and its loss on unseen rows with and without a penalty."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import limit_of, solve_linear
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.provenance import Source, Step
from lingauss.symbolic.simplify import tidy
from lingauss.symbolic.symbols import (
    d,
    k,
    lam,
    n,
    nu,
    over_directions,
    positive,
    rho,
    s,
    sigma_T,
    signal,
    tau_T,
)  # fmt: skip

SUBJECT = "Unseen inputs: the effective penalty"

EQUATION = Source("result: Bach 2023, Hastie et al. 2022; from the row that is left out: derived here")
RIDGE_LOSS = Source("result: Hastie et al. 2022, Bach 2023; this derivation: here")
HERE_FROM_EQUATION = Source("from the equation of the effective penalty (Bach 2023): derived here")
DRAWN = Assumption(
    sp.true, "rows are drawn, s are eigenvalues of their covariance; exact as n and d grow in proportion"
)

effective = positive("effective")  # κ
per_row = positive("ell")  # penalty on the Gram matrix of one row on average, λ/n
overlap = positive("gamma_TT")
loss = positive("S_TT")
H, MISSED = s / (s + effective), effective / (s + effective)
OVERLAP_IS = sp.Eq(overlap, over_directions(H**2) / n)
ROWS_ARE = sp.Eq(n, lam / effective + over_directions(H))


def effective_penalty() -> Derivation:
    """Return n as a function of the effective penalty κ = λ/(nρ), the equation that defines κ (theory §10.1)."""
    leverage = over_directions(s / (s + effective)) * effective / lam
    return Derivation(
        name="effective_penalty",
        title="Equation of the effective penalty",
        statement=sp.Eq(n, ROWS_ARE.rhs),
        steps=(
            Step(
                sp.Eq(1 / rho, 1 + over_directions(s / (n * rho * s + lam))),
                "a row that is left out is missed by 1/ρ times its residual: 1 plus its leverage in the fit without it,"
                " where n rows weigh nρΣ",
            ),
            Step(sp.Eq(n * effective / lam, 1 + leverage), "with κ = λ/(nρ)"),
            Step(solve_linear(n * effective / lam - 1 - leverage, n), "solve for n"),
        ),
        assumptions=(DRAWN,),
        source=EQUATION,
    )


def residual_factor() -> Derivation:
    """Residuals are smaller than errors on unseen rows by the share of rows that no direction takes (theory §10.1)."""
    share = 1 - over_directions(H) / n
    return Derivation(
        name="residual_factor",
        title="Residual factor",
        statement=sp.Eq(rho, lam / (n * effective)),
        where=(ROWS_ARE,),
        steps=(
            Step(share, "1 − tr H/n: what degrees of freedom leave of n rows"),
            Step(share.subs(n, ROWS_ARE.rhs), "n from the equation of the effective penalty"),
        ),
        assumptions=(DRAWN,),
        source=HERE_FROM_EQUATION,
    )


def effective_penalty_slope() -> Derivation:
    """Sensitivity dκ/dℓ of the effective penalty, ℓ = λ/n: 1/(1 − γ) (theory §10.1)."""
    penalty = effective - over_directions(effective * H) / n
    rate = 1 - over_directions(sp.cancel(sp.diff(effective * H, effective))) / n
    return Derivation(
        name="effective_penalty_slope",
        title="Sensitivity of the effective penalty",
        statement=sp.Eq(sp.Derivative(effective, per_row), 1 / (1 - overlap)),
        where=(OVERLAP_IS,),
        steps=(
            Step(sp.Eq(per_row, penalty), "λ/n = κρ as a function of κ"),
            Step(rate, "its derivative in κ"),
            Step(1 / rate, "derivative of the inverse function"),
        ),
        assumptions=(DRAWN,),
        source=HERE_FROM_EQUATION,
    )


def _made(over: Callable[[sp.Expr], sp.Expr] = over_directions) -> sp.Expr:
    """Return the loss that a loss brings about: rows that are missed by S scatter the weights by H²S/n."""
    return k * nu**2 + over(MISSED**2 * s * signal) + over(H**2) / n * loss


def _ridge_loss(over: Callable[[sp.Expr], sp.Expr] = over_directions) -> sp.Expr:
    """Return the loss that brings itself about."""
    return solve_linear(_made(over) - loss, loss)


def unseen_teacher_loss() -> Derivation:
    """Test loss of ridge regression on drawn inputs, label noise included (theory §10.3)."""
    return Derivation(
        name="unseen_teacher_loss",
        title="Loss of ridge regression on unseen inputs",
        statement=sp.Eq(loss, (k * nu**2 + over_directions(MISSED**2 * s * signal)) / (1 - overlap)),
        where=(OVERLAP_IS,),
        steps=(
            Step(
                sp.Eq(loss, _made()),
                "label noise, what shrinkage H misses of the signal, and the weights' variance H²S/n in each direction:"
                " what a row would be missed by is noise to the fit",
            ),
            Step(_ridge_loss(), "solve for S"),
        ),
        assumptions=(DRAWN,),
        source=RIDGE_LOSS,
    )


def unseen_least_squares_loss() -> Derivation:
    """Test loss of least squares on more rows than directions: no bias, and variance that explodes at n = d."""
    return Derivation(
        name="unseen_least_squares_loss",
        title="Loss of least squares on unseen inputs",
        statement=sp.Eq(loss, k * nu**2 * n / (n - d)),
        steps=(
            Step(_ridge_loss(), "loss of ridge regression"),
            Step(tidy(limit_of(_ridge_loss(), effective, sp.S.Zero)), "λ → 0 with n > d rows: κ → 0"),
        ),
        assumptions=(DRAWN, Assumption(n > d, "more rows than directions")),
        source=RIDGE_LOSS,
    )


def unseen_interpolator_loss() -> Derivation:
    """Test loss of the interpolator of minimum norm in directions that are all alike: the other side of n = d."""
    alike = _ridge_loss(lambda term: d * term)
    root = solve_linear(n * (s + effective) - d * s, effective)
    return Derivation(
        name="unseen_interpolator_loss",
        title="Loss of the minimum-norm interpolator, isotropic inputs",
        statement=sp.Eq(loss, s * d * signal * (1 - n / d) + k * nu**2 * d / (d - n)),
        steps=(
            Step(alike, "loss of ridge regression, d directions alike"),
            Step(sp.Eq(effective, root), "λ → 0 with n < d rows: the root κ of n = ds/(s + κ)"),
            Step(sp.cancel(sp.together(alike.subs(effective, root))), "put in"),
        ),
        assumptions=(DRAWN, Assumption(n < d, "fewer rows than directions")),
        source=RIDGE_LOSS,
    )


def unseen_drawn_spread() -> Derivation:
    """Return what a draw from the posterior adds to the loss on unseen rows (theory §10.3)."""
    scale = k * tau_T * sigma_T**2
    resolvent = scale * effective * over_directions(H) / lam
    return Derivation(
        name="unseen_drawn_spread",
        title="Loss of a draw of the weights on unseen inputs",
        statement=sp.Eq(sp.Symbol("V"), scale * (1 - rho) / rho),
        where=(sp.Eq(rho, lam / (n * effective)),),
        steps=(
            Step(resolvent, "kτσ² tr Σ(G + λ)⁻¹, where λ(G + λ)⁻¹ acts on average as κ(Σ + κ)⁻¹"),
            Step(resolvent.subs(over_directions(H), n - lam / effective), "the equation of the effective penalty"),
        ),
        assumptions=(DRAWN,),
        source=HERE_FROM_EQUATION,
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        effective_penalty,
        residual_factor,
        effective_penalty_slope,
        unseen_teacher_loss,
        unseen_least_squares_loss,
        unseen_interpolator_loss,
        unseen_drawn_spread,
    )
}
