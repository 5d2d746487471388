"""Rounds of models that learn from one another on rows or labels that are drawn anew: where they settle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import solve_linear
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.effective_penalty import DRAWN
from lingauss.symbolic.provenance import Source, Step
from lingauss.symbolic.symbols import draws, n, nonnegative, positive, real, tau, v, xi

SUBJECT = "Unseen inputs: rounds"

ROUNDS = Source("setting: Dohmatob et al. 2024, arXiv 2402.07712; stationary law: derived here")
GARG = Source("result at τ = 1: Garg, Bhattacharya & Sur 2025, arXiv 2509.22341; any τ, and this derivation: here")
SETTLING = Assumption(sp.true, "|ξ| < 1, so that rounds settle")
NOISY = Assumption(tau > 0, "noisy soft labels")
FIXED_INPUTS = Assumption(sp.true, "one set of rows whose labels are drawn anew in every round, and no penalty")

H, innovation = positive("H"), positive("S")
theta, mean, spread = real("theta"), real("mu"), nonnegative("drawn_spread")
noise = tau / draws


def redrawn_rows_law() -> Derivation:
    """Mean and variance, in one direction, at which rounds on new rows settle (theory §10.6)."""
    learned = H * ((1 - xi) * theta + xi * mean)
    scattered = H**2 * (xi**2 * (v + spread) + innovation / n)
    return Derivation(
        name="redrawn_rows_law",
        title="Where rounds on new rows settle",
        statement=sp.Eq(
            sp.Tuple(mean, v),
            sp.Tuple(
                (1 - xi) * H * theta / (1 - xi * H), H**2 * (xi**2 * spread + innovation / n) / (1 - xi**2 * H**2)
            ),
        ),
        steps=(
            Step(sp.Tuple(learned, scattered), "mean and variance after one more round, from those before"),
            Step(
                sp.Tuple(solve_linear(learned - mean, mean), solve_linear(scattered - v, v)),
                "what a round leaves as it is",
            ),
        ),
        assumptions=(DRAWN, SETTLING),
        source=ROUNDS,
    )


@cache
def _stationary() -> tuple[sp.Expr, sp.Expr]:
    """Return the variance after one more round, and the stationary one."""
    after = xi**2 * v + (1 - xi) ** 2 + noise * xi**2
    return after, solve_linear(sp.expand(after) - v, v)


def redrawn_labels_variance() -> Derivation:
    """Variance at which rounds on new labels settle, over that of one fit (theory §10.6)."""
    after, settled = _stationary()
    return Derivation(
        name="redrawn_labels_variance",
        title="Where rounds on new labels settle",
        statement=sp.Eq(v, ((1 - xi) ** 2 + noise * xi**2) / (1 - xi**2)),
        steps=(
            Step(after, "ξ of the last round's variance, squared, and new noise of true and soft labels"),
            Step(settled, "what a round leaves as it is"),
        ),
        assumptions=(FIXED_INPUTS, SETTLING),
        source=GARG,
    )


def redrawn_labels_share() -> Derivation:
    """Best share of true labels in rounds on new labels, also its variance: (√5 − 1)/2 at τ = m (theory §10.6)."""
    _, settled = _stationary()
    slope = sp.fraction(sp.cancel(sp.together(sp.diff(settled, xi))))[0]
    best = min(sp.solve(slope, xi), key=lambda root: root.subs({tau: 1, draws: 1}))
    least = (sp.sqrt(tau * (tau + 4 * draws)) - tau) / (2 * draws)
    return Derivation(
        name="redrawn_labels_share",
        title="Best share of true labels in rounds on new labels, and the variance it leaves",
        statement=sp.Eq(sp.Tuple(1 - sp.Symbol("xi_star"), v), sp.Tuple(least, least)),
        steps=(
            Step(settled, "stationary variance over that of one fit of true labels"),
            Step(slope, "numerator of its derivative in ξ"),
            Step(sp.Tuple(1 - best, settled.subs(xi, best)), "its root below 1"),
        ),
        assumptions=(FIXED_INPUTS, NOISY),
        source=GARG,
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build for build in (redrawn_rows_law, redrawn_labels_variance, redrawn_labels_share)
}
