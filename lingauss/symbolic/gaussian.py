"""Divergences of univariate Gaussians, from their integrals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import expectation, integrate_exponential, lhopital, log_density
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.primitives import ExcessLog
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.symbols import positive, real

SUBJECT = "Divergences of univariate Gaussians"

mu_1, mu_2 = real("mu_1"), real("mu_2")
v_1, v_2 = positive("v_1"), positive("v_2")
alpha = positive("alpha")
x, z = real("x"), real("z")
KL, KL_MEAN, KL_SPREAD, RENYI = sp.symbols("KL KL_mean KL_spread R_alpha")


@cache
def kl(mean_1: sp.Expr = mu_1, var_1: sp.Expr = v_1, mean_2: sp.Expr = mu_2, var_2: sp.Expr = v_2) -> sp.Expr:
    """Return KL(N(mean_1, var_1) ‖ N(mean_2, var_2)) in nats, by integrating the log ratio of the densities."""
    log_ratio = log_density(x, mu_1, v_1) - log_density(x, mu_2, v_2)
    standardised = log_ratio.subs(x, mu_1 + sp.sqrt(v_1) * z)
    integral = sp.expand_log(expectation(standardised, z))
    return integral.subs({mu_1: mean_1, v_1: var_1, mu_2: mean_2, v_2: var_2}, simultaneous=True)


def _integral() -> sp.Integral:
    ratio = log_density(x, mu_1, v_1) - log_density(x, mu_2, v_2)
    return sp.Integral(sp.exp(log_density(x, mu_1, v_1)) * ratio, (x, -sp.oo, sp.oo))


def kl_univariate() -> Derivation:
    """KL of two univariate Gaussians: a mean part and a spread part, no cross term (theory §3)."""
    return Derivation(
        name="kl_univariate",
        title="Divergence of two univariate Gaussians",
        statement=sp.Eq(KL, (mu_1 - mu_2) ** 2 / (2 * v_2) + ExcessLog((v_1 - v_2) / v_2) / 2),
        steps=(
            Step(_integral(), "definition of the Kullback–Leibler divergence"),
            Step(kl(), "x = μ₁ + √v₁ z and the moments of the standard normal"),
        ),
    )


def kl_mean_part() -> Derivation:
    """Price of a shifted mean: what is left when the variances agree (theory §3)."""
    return Derivation(
        name="kl_mean_part",
        title="Mean part of the divergence",
        statement=sp.Eq(KL_MEAN, (mu_1 - mu_2) ** 2 / (2 * v_2)),
        steps=(
            Step(kl(), "the integral of the log ratio"),
            Step(kl(var_1=v_2), "equal variances: only the mean differs"),
        ),
    )


def kl_spread_part() -> Derivation:
    """Price of another variance: what the mean part leaves, whatever the means (theory §3)."""
    return Derivation(
        name="kl_spread_part",
        title="Spread part of the divergence",
        statement=sp.Eq(KL_SPREAD, ExcessLog((v_1 - v_2) / v_2) / 2),
        steps=(
            Step(kl(), "the integral of the log ratio"),
            Step(kl() - kl(var_1=v_2), "take off the mean part; the means have gone: the split is exact"),
        ),
    )


def wasserstein_univariate() -> Derivation:
    """Squared Wasserstein-2 distance of two univariate Gaussians, from the best coupling (theory §7)."""
    correlation, z_1, z_2 = real("c"), real("z_1"), real("z_2")
    first, second = mu_1 + sp.sqrt(v_1) * z_1, mu_2 + sp.sqrt(v_2) * (correlation * z_1 + z_2)
    # the second draw keeps unit variance: its part independent of the first has variance 1 − c²
    distance = expectation(sp.expand((first - second) ** 2 - v_2 * z_2**2), z_1, z_2) + v_2 * (1 - correlation**2)
    return Derivation(
        name="wasserstein_univariate",
        title="Squared Wasserstein distance of two univariate Gaussians",
        statement=sp.Eq(
            sp.Symbol("W2_squared"), (mu_1 - mu_2) ** 2 + (v_1 - v_2) ** 2 / (sp.sqrt(v_1) + sp.sqrt(v_2)) ** 2
        ),
        steps=(
            Step(sp.expand(distance), "mean squared distance of draws with correlation c, falling in c"),
            Step(sp.expand(distance).subs(correlation, 1), "the best coupling: c = 1"),
        ),
    )


def _renyi() -> tuple[sp.Expr, sp.Expr]:
    """Return the logarithm of ∫ p^α q^{1−α} dx and the precision of the tilted law, αv₂ + (1−α)v₁ over v₁v₂."""
    precision = positive("Lambda")
    exponent = sp.expand(
        alpha * log_density(x, mu_1, v_1).subs(sp.log(2 * sp.pi * v_1), 0)
        + (1 - alpha) * log_density(x, mu_2, v_2).subs(sp.log(2 * sp.pi * v_2), 0)
    )
    actual = sp.cancel(-sp.diff(exponent, x, 2))
    shifted = sp.expand(exponent - exponent.coeff(x, 2) * x**2) - precision * x**2 / 2
    integral = integrate_exponential(shifted, x)
    constants = -(alpha * sp.log(2 * sp.pi * v_1) + (1 - alpha) * sp.log(2 * sp.pi * v_2)) / 2
    logarithm = constants + sp.expand_log(sp.log(integral), force=False)
    return sp.expand_log(logarithm).subs(precision, actual), actual


def renyi_univariate() -> Derivation:
    """Rényi divergence of order α, from the Gaussian integral of p^α q^{1−α} (theory §8)."""
    log_integral, precision = _renyi()
    blend = alpha * v_2 + (1 - alpha) * v_1
    wide, narrow = (1 - alpha) * (v_1 - v_2) / v_2, alpha * (v_2 - v_1) / v_1
    spread = alpha * (v_1 - v_2) ** 2 / (2 * v_1 * v_2) - ExcessLog(narrow) / 2
    closed = alpha * (mu_1 - mu_2) ** 2 / (2 * blend) + spread - alpha * ExcessLog(wide) / (2 * (1 - alpha))
    p, q = (sp.exp(log_density(x, m, var)) for m, var in ((mu_1, v_1), (mu_2, v_2)))
    return Derivation(
        name="renyi_univariate",
        title="Rényi divergence of order α",
        statement=sp.Eq(RENYI, closed),
        steps=(
            Step(sp.log(sp.Integral(p**alpha * q ** (1 - alpha), (x, -sp.oo, sp.oo))) / (alpha - 1), "definition"),
            Step(precision, "precision of the integrand, a Gaussian"),
            Step(log_integral / (alpha - 1), "complete the square and integrate"),
        ),
        assumptions=(
            Assumption(blend > 0, "the integral converges"),
            Assumption(sp.Ne(alpha, 1), "order other than 1"),
        ),
    )


def renyi_to_kl() -> Derivation:
    """Rényi divergence at order 1 is the Kullback–Leibler divergence (theory §8)."""
    log_integral, _ = _renyi()
    return Derivation(
        name="renyi_to_kl",
        title="Rényi divergence as the order tends to 1",
        statement=sp.Eq(sp.Limit(RENYI, alpha, 1), (mu_1 - mu_2) ** 2 / (2 * v_2) + ExcessLog((v_1 - v_2) / v_2) / 2),
        steps=(
            Step(log_integral, "logarithm of the integral of p^α q^(1−α), which vanishes at α = 1"),
            Step(lhopital(log_integral, alpha - 1, alpha, sp.S.One), "l'Hôpital: its derivative at α = 1"),
        ),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (kl_univariate, kl_mean_part, kl_spread_part, wasserstein_univariate, renyi_univariate, renyi_to_kl)
}
