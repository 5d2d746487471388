"""Noisy gradient descent (Langevin) in one direction: after T steps, at stationarity, and for small steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import expectation, variance
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.normal_form import is_zero
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.symbols import lam, positive, real, s, t, w

SUBJECT = "Noisy gradient descent"

h, curvature, theta = positive("h"), positive("a"), positive("theta")
tau_w, sigma = positive("tau_w"), positive("sigma")
steps = sp.Symbol("T", integer=True, nonnegative=True)
z = real("z")
STABLE = Assumption(h < 2 / curvature, "the step is small enough for a stationary law")
CURVATURE = Assumption(sp.true, "a = s + λ, the curvature of the penalised loss")
START = Assumption(sp.true, "started at 0")


@cache
def _update() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return one step of the weight, and the maps of mean and variance it induces; w enters with variance v."""
    moved = w - h * (w * curvature - t) + sp.sqrt(2 * h * tau_w) * sigma * z
    spread, zeta = positive("v"), real("zeta")
    mean = expectation(moved, z)
    return moved, mean, sp.expand(variance(moved.subs(w, w + sp.sqrt(spread) * zeta), z, zeta))


@cache
def _after_steps() -> tuple[sp.Expr, sp.Expr]:
    """Return mean and variance after T steps from 0, by solving their linear recursions."""
    _, mean, var = _update()
    spread, ratio, constant = positive("v"), real("r"), real("c_0")
    value = sp.Function("x")
    solved = sp.rsolve(value(steps + 1) - ratio * value(steps) - constant, value(steps), {value(0): 0})
    of_mean = sp.diff(mean, w)
    if not is_zero(sp.diff(var, spread) - of_mean**2):
        raise ArithmeticError("the variance does not contract with the square of the mean's factor")
    return (
        solved.subs({ratio: of_mean, constant: mean.subs(w, 0)}),
        solved.subs({ratio: of_mean**2, constant: var.subs(spread, 0)}),
    )


def langevin_mean() -> Derivation:
    """Mean weight after T steps (theory §1)."""
    moved, mean, _ = _update()
    return Derivation(
        name="langevin_mean",
        title="Mean after T steps",
        statement=sp.Eq(sp.Symbol("E_T"), t * (1 - (1 - h * curvature) ** steps) / curvature),
        steps=(
            Step(moved, "one step: gradient of the penalised loss plus noise of variance 2hτ_wσ²"),
            Step(mean, "its mean given the weight before"),
            Step(_after_steps()[0], "solve the recursion"),
        ),
        assumptions=(CURVATURE, START),
    )


def langevin_variance() -> Derivation:
    """Variance after T steps (theory §1)."""
    _, _, var = _update()
    ratio = 1 - h * curvature
    closed = tau_w * sigma**2 * (1 - ratio ** (2 * steps)) / (curvature - h * curvature**2 / 2)
    return Derivation(
        name="langevin_variance",
        title="Variance after T steps",
        statement=sp.Eq(sp.Symbol("V_T"), closed),
        steps=(
            Step(var, "variance after a step from variance v before"),
            Step(_after_steps()[1], "solve the recursion"),
        ),
        assumptions=(CURVATURE, START),
    )


@cache
def _stationary() -> sp.Expr:
    spread = positive("v")
    (fixed,) = sp.solve(_update()[2] - spread, spread)
    return fixed


def langevin_stationary_variance() -> Derivation:
    """Stationary variance τ_wσ²/(a − ha²/2) (theory §1)."""
    return Derivation(
        name="langevin_stationary_variance",
        title="Stationary variance",
        statement=sp.Eq(sp.Symbol("V_inf"), tau_w * sigma**2 / (curvature - h * curvature**2 / 2)),
        steps=(
            Step(_update()[2], "variance after a step from variance v before"),
            Step(_stationary(), "the variance that stays as it is"),
        ),
        assumptions=(CURVATURE, STABLE),
    )


@cache
def _flow() -> tuple[sp.Expr, sp.Expr]:
    """Return the limits of mean and variance as h → 0 with Th = θ fixed."""
    contraction = sp.diff(_update()[1], w)  # 1 − ha, positive once h < 1/a
    mean, var = (
        moment.subs(steps, theta / h).replace(
            lambda e: e.is_Pow and e.base == contraction and e.has(theta), lambda e: sp.exp(e.exp * sp.log(e.base))
        )
        for moment in _after_steps()
    )
    return sp.limit(mean, h, 0), sp.limit(var, h, 0)


def langevin_flow() -> Derivation:
    """Mean and variance of the Langevin diffusion at time θ: the limit of small steps (theory §1)."""
    mean, var = _flow()
    closed = (
        t * (1 - sp.exp(-curvature * theta)) / curvature,
        tau_w * sigma**2 * (1 - sp.exp(-2 * curvature * theta)) / curvature,
    )
    return Derivation(
        name="langevin_flow",
        title="Small steps at a fixed time θ = Th",
        statement=sp.Eq(sp.Tuple(sp.Symbol("E_theta"), sp.Symbol("V_theta")), sp.Tuple(*closed), evaluate=False),
        steps=(
            Step(sp.Tuple(*_after_steps()), "mean and variance after T steps"),
            Step(sp.Tuple(mean, var), "limit h → 0 with T = θ/h"),
        ),
        assumptions=(CURVATURE, START),
    )


def langevin_ridge_limit() -> Derivation:
    """Small steps and a long time give the ridge channel (theory §1)."""
    limits = [sp.limit(moment, theta, sp.oo).subs(curvature, s + lam) for moment in _flow()]
    return Derivation(
        name="langevin_ridge_limit",
        title="Small steps and a long time: the ridge channel",
        statement=sp.Eq(
            sp.Tuple(sp.Symbol("E_w"), sp.Symbol("Var_w")),
            sp.Tuple(t / (s + lam), tau_w * sigma**2 / (s + lam)),
            evaluate=False,
        ),
        steps=(
            Step(sp.Tuple(*_flow()), "mean and variance at time θ, small steps"),
            Step(sp.Tuple(*limits), "θ → ∞, with a = s + λ"),
        ),
        assumptions=(START,),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        langevin_mean,
        langevin_variance,
        langevin_stationary_variance,
        langevin_flow,
        langevin_ridge_limit,
    )
}
