"""The best spread of the discarded directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.chain_rule import kl_full
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.gaussian import kl
from lingauss.symbolic.normal_form import split_sums
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.student import SCALE_DIFFERENCE, gibbs
from lingauss.symbolic.symbols import (
    covariance,
    discarded,
    floor,
    i,
    k,
    lambda_S,
    lambda_T,
    over_directions,
    rho,
    s,
    scale_S,
    scale_T,
    shift,
    spectrum,
    v,
    variances,
)  # fmt: skip

SUBJECT = "The best floor"

FLOOR_STAR = sp.Symbol("floor_star")


@cache
def _discarded_spread() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return the spread of the discarded directions, its derivative in the floor and the floor where that vanishes."""
    spread = over_directions(k * kl(0, floor, 0, v), discarded)
    slope = split_sums(sp.diff(spread, floor))
    (best,) = sp.solve(slope, floor)
    return spread, slope, best


def prior_floor_excess() -> Derivation:
    """Excess of the default floor over the teacher's variance: settings first subtracted, then divided (theory §4)."""
    prior, (_, variance) = scale_S / lambda_S, gibbs(lambda_T, scale_T)
    closed = SCALE_DIFFERENCE * (s + lambda_T) / (scale_T * lambda_S) + (lambda_T - lambda_S + s) / lambda_S
    return Derivation(
        name="prior_floor_excess",
        title="Excess of the variance ratio at the default floor",
        statement=sp.Eq(rho - 1, closed),
        steps=(
            Step(prior / variance, "ratio ρ of the student's prior variance and the teacher's variance"),
            Step(prior / variance - 1, "its excess"),
        ),
    )


def floor_star() -> Derivation:
    """Best floor of an eigenvector bottleneck: the harmonic mean of the teacher's discarded variances (theory §5)."""
    spread, slope, best = _discarded_spread()
    return Derivation(
        name="floor_star",
        title="Best floor: harmonic mean of the discarded variances",
        statement=sp.Eq(FLOOR_STAR, discarded / sp.Sum(1 / variances[i], (i, 1, discarded))),
        steps=(
            Step(spread, "divergence in the discarded directions when the means agree; only it depends on the floor"),
            Step(slope, "its derivative in the floor, increasing in the floor times the floor"),
            Step(best, "solve for the zero"),
        ),
        assumptions=(Assumption(sp.true, "bottleneck along eigenvectors of the Gram matrix, V_T diagonal"),),
    )


def floor_star_spread() -> Derivation:
    """Discarded spread at the best floor: arithmetic over geometric mean of the s_i + λ_T (theory §5)."""
    spread, _, best = _discarded_spread()
    posterior = {variances: scale_T / (spectrum[i] + lambda_T)}
    at_best, known = (
        e.replace(lambda x: isinstance(x, sp.Indexed), lambda x: posterior[x.base]) for e in (spread, best)
    )
    arithmetic = sp.Sum(spectrum[i] + lambda_T, (i, 1, discarded)) / discarded
    logs = sp.Sum(sp.log(spectrum[i] + lambda_T), (i, 1, discarded))
    return Derivation(
        name="floor_star_spread",
        title="Discarded spread at the best floor: log of arithmetic over geometric mean",
        statement=sp.Eq(sp.Symbol("spread_star"), k * (discarded * sp.log(arithmetic) - logs) / 2),
        steps=(
            Step(at_best, "discarded spread with v_i = τ_Tσ_T²/(s_i + λ_T)"),
            Step(split_sums(at_best).subs(floor, split_sums(known)), "at the best floor"),
        ),
    )


@cache
def _full_cost() -> sp.Expr:
    """Return the divergence in three dimensions when coordinates 2 and 3 are discarded with variance `floor`."""
    S = covariance("S", 3)
    return kl_full(3).subs({S[0, 1]: 0, S[0, 2]: 0, S[1, 2]: 0, S[1, 1]: floor, S[2, 2]: floor})


def floor_star_any_subspace() -> Derivation:
    """Best floor for a full teacher covariance: (d−r)/tr(U⊥ᵀV_T⁻¹U⊥), here d = 3, r = 1 (theory §5)."""
    T = covariance("T", 3)
    slope = sp.diff(_full_cost(), floor)
    (best,) = sp.solve(slope, floor)
    minors = T[0, 0] * T[2, 2] - T[0, 2] ** 2, T[0, 0] * T[1, 1] - T[0, 1] ** 2
    return Derivation(
        name="floor_star_any_subspace",
        title="Best floor for any subspace, d = 3 and r = 1",
        statement=sp.Eq(FLOOR_STAR, 2 / ((minors[0] + minors[1]) / T.det())),
        steps=(
            Step(_full_cost(), "divergence with S_ab = 0 and S_bb = floor·I"),
            Step(slope, "its derivative in the floor"),
            Step(best, "solve for the zero: 2 over the trace of the discarded block of T⁻¹"),
        ),
        assumptions=(Assumption(T.det() > 0, "T positive definite"),),
    )


def floor_star_rank_cost() -> Derivation:
    """Floor that minimises the rank cost alone: (d−r)/tr(T_bb⁻¹), here d − r = 2 (theory §5)."""
    S, T, m = covariance("S", 2), covariance("T", 2), shift(2)
    isotropic = {S[0, 1]: 0, S[0, 0]: floor, S[1, 1]: floor}
    cost = kl_full(2).subs({**isotropic, m[0]: 0, m[1]: 0})
    (best,) = sp.solve(sp.diff(cost, floor), floor)
    return Derivation(
        name="floor_star_rank_cost",
        title="Best floor for the rank cost alone, two discarded coordinates",
        statement=sp.Eq(FLOOR_STAR, 2 * (T[0, 0] * T[1, 1] - T[0, 1] ** 2) / (T[0, 0] + T[1, 1])),
        steps=(
            Step(cost, "divergence of N(0, floor·I) from the teacher's law of the discarded coordinates"),
            Step(sp.diff(cost, floor), "its derivative in the floor"),
            Step(best, "solve for the zero: 2 over the trace of T_bb⁻¹"),
        ),
        assumptions=(Assumption(T.det() > 0, "T positive definite"),),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (prior_floor_excess, floor_star, floor_star_spread, floor_star_any_subspace, floor_star_rank_cost)
}
