"""Leading orders of the six cells as the sample grows, s = nγ."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import leading_order
from lingauss.symbolic.cells import KAPPA_IS, discarded, retained
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.gaussian import kl
from lingauss.symbolic.normal_form import split_logs
from lingauss.symbolic.primitives import ExcessLog
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.student import student_law
from lingauss.symbolic.symbols import (
    density,
    draws,
    floor,
    k,
    kappa,
    n,
    nu,
    p,
    q,
    rho,
    s,
    scale_S,
    scale_T,
    signal,
    tau,
    v,
    xi,
)  # fmt: skip

SUBJECT = "Large samples"
GROWING = Assumption(sp.true, "eigenvalues grow with the sample, s = nγ")


def _growing(
    name: str, title: str, cell: sp.Expr, order: int, coefficient: sp.Expr, where: tuple[sp.Eq, ...]
) -> Derivation:
    """State the limit of n^(−order) times a cell that is rational in s."""
    grown = cell.subs(s, n * density)
    found, exponent = leading_order(grown, n)
    if exponent != order:
        raise ArithmeticError(f"'{name}' grows as n to the power {exponent}, not {order}")
    return _stated(name, title, grown, order, coefficient, found, where)


def _stated(
    name: str, title: str, grown: sp.Expr, order: int, coefficient: sp.Expr, found: sp.Expr, where: tuple[sp.Eq, ...]
) -> Derivation:
    cell = sp.Symbol(name.removeprefix("large_n_"))
    return Derivation(
        name=name,
        title=title,
        statement=sp.Eq(sp.Limit(cell / n**order, n, sp.oo), coefficient),
        where=where,
        steps=(Step(grown, "the cell at s = nγ"), Step(found, f"limit of the cell over n to the power {order}")),
        assumptions=(GROWING,),
    )


def large_n_retained_bias() -> Derivation:
    """Bias falls as 1/n (theory §5)."""
    closed = kappa**2 * signal / (2 * scale_T * density)
    return _growing("large_n_retained_bias", "Bias, as 1/n", retained().mean, -1, closed, (KAPPA_IS,))


def large_n_retained_noise() -> Derivation:
    """Label-noise part of the variance falls as 1/n² (theory §5)."""
    closed = k * kappa**2 * nu**2 / (2 * scale_T * density**2)
    return _growing(
        "large_n_retained_noise", "Variance, label noise, as 1/n²", retained().noise, -2, closed, (KAPPA_IS,)
    )


def large_n_retained_spread() -> Derivation:
    """Spread part of the variance tends to a constant, 0 iff the spreads match (theory §5)."""
    law = student_law()
    ratio, order = leading_order((law.variance / law.teacher_variance).subs(s, n * density), n)
    if order != 0:
        raise ArithmeticError(f"the variance ratio grows as n to the power {order}")
    of_ratio = k * split_logs(kl(0, rho * v, 0, v))
    x = p - 1 + xi**2 * (1 + q) / draws
    return Derivation(
        name="large_n_retained_spread",
        title="Variance, spread, constant",
        statement=sp.Eq(sp.Limit(sp.Symbol("retained_spread"), n, sp.oo), k * ExcessLog(x) / 2),
        where=(sp.Eq(p, scale_S / scale_T), sp.Eq(q, tau * nu**2 / scale_T)),
        steps=(
            Step(of_ratio, "the spread as a function of the variance ratio ρ, continuous for ρ > 0"),
            Step(ratio, "limit of the variance ratio at s = nγ"),
            Step(of_ratio.subs(rho, ratio), "put the limit in"),
        ),
        assumptions=(GROWING,),
    )


def large_n_discarded_bias() -> Derivation:
    """Mean part of the rank cost grows as n (theory §5)."""
    closed = signal * density / (2 * scale_T)
    return _growing("large_n_discarded_bias", "Rank cost, mean, as n", discarded().mean, 1, closed, ())


def large_n_discarded_noise() -> Derivation:
    """Label-noise part of the rank cost tends to a constant (theory §5)."""
    closed = k * nu**2 / (2 * scale_T)
    return _growing("large_n_discarded_noise", "Rank cost, label noise, constant", discarded().noise, 0, closed, ())


def large_n_discarded_spread() -> Derivation:
    """Spread part of the rank cost grows as n at a fixed floor (theory §5)."""
    grown = discarded().spread.subs(s, n * density)
    found = sp.limit(grown / n, n, sp.oo)
    closed = k * floor * density / (2 * scale_T)
    return _stated("large_n_discarded_spread", "Rank cost, spread, as n", grown, 1, closed, found, ())


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        large_n_retained_bias,
        large_n_retained_noise,
        large_n_retained_spread,
        large_n_discarded_bias,
        large_n_discarded_noise,
        large_n_discarded_spread,
    )
}
