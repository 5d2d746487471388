# ruff: noqa: N816 - subscripts T and S name teacher and student, as in the mathematics
"""The symbols of the formulas, one vocabulary for all subjects; names as in sweeps where those exist.

Variances are in squared label units; σ, ν are standard deviations; s is an eigenvalue of the Gram matrix.
"""

from __future__ import annotations

import sympy as sp


def positive(name: str) -> sp.Symbol:
    """Return a positive symbol."""
    return sp.Symbol(name, positive=True)


def nonnegative(name: str) -> sp.Symbol:
    """Return a nonnegative symbol."""
    return sp.Symbol(name, nonnegative=True)


def real(name: str) -> sp.Symbol:
    """Return a real symbol."""
    return sp.Symbol(name, real=True)


# data
s, n, k = positive("s"), positive("n"), positive("k")
nu = positive("nu")
w = real("w")
signal = nonnegative("signal")
t = real("t")
density = positive("gamma")  # eigenvalue per sample, s = nγ

# learners
lam, lambda_T, lambda_S = positive("lam"), positive("lambda_T"), positive("lambda_S")
tau_T, tau_S = positive("tau_T"), positive("tau_S")
sigma_T, sigma_S = positive("sigma_T"), positive("sigma_S")
scale_T, scale_S = tau_T * sigma_T**2, tau_S * sigma_S**2  # posterior scales τσ²

# distillation
tau = nonnegative("tau")
xi, draws, floor = real("xi"), positive("m"), positive("floor")

# abbreviations that the statements explain under "where"
kappa, p, q, A, v, u = (
    real("kappa"),
    positive("p"),
    nonnegative("q"),
    real("A"),
    positive("v"),
    real("u"),
)
rho = positive("rho")

# several directions
i = sp.Symbol("i", integer=True, positive=True)
decay, signal_decay = positive("alpha"), positive("beta")  # of a power-law spectrum
d = sp.Symbol("d", integer=True, positive=True)
rank = sp.Symbol("r", integer=True, nonnegative=True)
intercept = sp.Symbol("intercept", integer=True, nonnegative=True)  # how many were fitted: 1 or 0
discarded = sp.Symbol("m_b", integer=True, positive=True)
spectrum = sp.IndexedBase("spectrum", positive=True)  # names differ from the scalars': a formula may hold both
signals = sp.IndexedBase("signals", nonnegative=True)
variances = sp.IndexedBase("variances", positive=True)
densities = sp.IndexedBase("densities", positive=True)


PER_DIRECTION = {s: spectrum, signal: signals, v: variances, density: densities}  # scalars, and their arrays


def at_direction(term: sp.Basic) -> sp.Basic:
    """Return a per-direction term for direction i: the scalars s, |w|², v and γ become their i-th values."""
    return term.xreplace({scalar: array[i] for scalar, array in PER_DIRECTION.items()})


def over_directions(term: sp.Expr, last: sp.Expr = d, first: sp.Expr = sp.S.One) -> sp.Sum:
    """Sum a per-direction term over the directions from first to last."""
    return sp.Sum(at_direction(term), (i, first, last))


def covariance(name: str, size: int) -> sp.Matrix:
    """Return a symmetric matrix of symbols name_11, name_12, …; diagonal entries are positive."""
    entries = {(a, b): symbol for a, b, symbol in covariance_entries(name)}
    return sp.Matrix(size, size, lambda a, b: entries[min(a, b) + 1, max(a, b) + 1])


def covariance_entries(name: str) -> list[tuple[int, int, sp.Symbol]]:
    """Return row, column and symbol of the upper triangle of a covariance of up to three coordinates."""
    pairs = [(a, b) for a in range(1, 4) for b in range(a, 4)]
    return [(a, b, (positive if a == b else real)(f"{name}_{a}{b}")) for a, b in pairs]


def shift(size: int) -> sp.Matrix:
    """Return a column Δ_1, Δ_2, … of differences of means."""
    return sp.Matrix(size, 1, lambda a, _: real(f"Delta_{a + 1}"))
