"""Special cases a formula can be taken to."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from lingauss.symbolic import symbols as sy


@dataclass(frozen=True)
class Specialisation:
    """A special case, applied as far as its symbols occur in a formula.

    Parameters
    ----------
    title
        What the case is.
    values
        Symbol and the expression that replaces it.
    limits
        Symbol and the point it tends to, taken in this order after the substitutions.
    per_direction
        Array over directions and what replaces its i-th entry.
    """

    title: str
    values: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    limits: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    per_direction: tuple[tuple[sp.IndexedBase, sp.Expr], ...] = ()


ISOTROPIC = Specialisation(
    "all directions alike and uncorrelated",
    values=tuple(
        (symbol, sp.S.Zero if a != b else sy.positive(name))
        for name in ("S", "T")
        for a, b, symbol in sy.covariance_entries(name)
    ),
    per_direction=(
        (sy.spectrum, sy.s),
        (sy.signals, sy.signal),
        (sy.variances, sy.v),
        (sy.densities, sy.density),
    ),
)
EQUAL_PENALTIES = Specialisation("one penalty λ of both", values=((sy.lambda_T, sy.lam), (sy.lambda_S, sy.lam)))
DEFAULT_NOISE = Specialisation(
    "assumed noises and floor that follow the label noise, as they do by default",
    values=(
        (sy.floor, sy.tau_S * sy.nu**2 / sy.lambda_S),
        (sy.sigma_T, sy.nu),
        (sy.sigma_S, sy.nu),
    ),
)
POWER_LAW = Specialisation(
    "eigenvalues s i^(−α) and signals |w|² i^(−β)",
    per_direction=((sy.spectrum, sy.s * sy.i**-sy.decay), (sy.signals, sy.signal * sy.i**-sy.signal_decay)),
)
GROWING = Specialisation(
    "eigenvalues that grow with the sample, s = nγ",
    values=((sy.s, sy.n * sy.density),),
    per_direction=((sy.spectrum, sy.n * sy.densities[sy.i]),),
)
LARGE_SAMPLE = Specialisation(
    "n → ∞ with s = nγ",
    values=((sy.s, sy.n * sy.density),),
    limits=((sy.n, sp.oo),),
    per_direction=((sy.spectrum, sy.n * sy.densities[sy.i]),),
)
NO_PENALTY = Specialisation(
    "penalties → 0", limits=((sy.lambda_T, sp.S.Zero), (sy.lambda_S, sp.S.Zero), (sy.lam, sp.S.Zero))
)
MUCH_TEMPERATURE = Specialisation("soft labels of boundless noise, τ → ∞", limits=((sy.tau, sp.oo),))
NO_TEMPERATURE = Specialisation("noiseless soft labels, τ → 0", limits=((sy.tau, sp.S.Zero),))
