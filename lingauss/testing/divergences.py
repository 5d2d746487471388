"""What a divergence of two Gaussian laws must satisfy, as laws that a function of one's own can be put to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

from lingauss.algebra.channel import Channel
from lingauss.algebra.gaussian import Gaussian
from lingauss.testing.arrays import matrices, psd_matrices, rotations
from lingauss.testing.claims import at_most, equal
from lingauss.testing.falsification import described
from lingauss.testing.kernels import channels, gaussians
from lingauss.testing.search import falsify
from lingauss.validation import Array

Divergence: TypeAlias = Callable[[Gaussian, Gaussian], float]


@dataclass(frozen=True)
class DivergenceLaw:
    """A law of divergences.

    Attributes
    ----------
    statement : str
        As it is written.
    over : Hypothesis strategy
        What it is about: laws, and maps of them.
    slack : callable
        From a divergence and what was drawn to a relative slack, at least 0 where the law holds.
    """

    statement: str
    over: st.SearchStrategy[Any]
    slack: Callable[[Divergence, Any], float]


@st.composite
def pairs(draw: st.DrawFn, *, dim: int | None = None, outputs: int | None = None) -> tuple[Gaussian, Gaussian]:
    """Draw two nonsingular laws of one shape."""
    p = draw(gaussians(dim=dim, max_dim=3, outputs=outputs, condition=1e2))
    return p, draw(gaussians(dim=p.dim, outputs=p.outputs, condition=1e2))


@st.composite
def _pairs_and_channels(draw: st.DrawFn) -> tuple[Gaussian, Gaussian, Channel]:
    p, q = draw(pairs())
    return p, q, draw(channels(dim_in=p.dim, max_dim=3, deterministic=False, condition=1e2))


@st.composite
def _pairs_and_maps(draw: st.DrawFn) -> tuple[Gaussian, Gaussian, Channel]:
    p, q = draw(pairs())
    linear = draw(psd_matrices(dim=p.dim, condition=16.0)) @ draw(rotations(dim=p.dim))
    return p, q, Channel(linear, np.zeros((p.dim, p.dim)), draw(matrices(rows=1, columns=p.dim))[0])


@st.composite
def _independent_pairs(draw: st.DrawFn) -> tuple[Gaussian, Gaussian, Gaussian, Gaussian]:
    outputs = draw(st.integers(1, 2))
    first, second = (draw(pairs(dim=draw(st.integers(1, 2)), outputs=outputs)) for _ in range(2))
    return *first, *second


def _nonnegative(divergence: Divergence, drawn: tuple[Gaussian, Gaussian]) -> float:
    return at_most(0.0, divergence(*drawn), scale=1.0)


def _zero_on_itself(divergence: Divergence, drawn: tuple[Gaussian, Gaussian]) -> float:
    return equal(divergence(drawn[0], drawn[0]), 0.0, scale=1.0)


def _positive(divergence: Divergence, drawn: tuple[Gaussian, Gaussian]) -> float:
    p, q = drawn
    apart = np.any(p.rows != q.rows) or np.any(p.cov != q.cov)
    return -1.0 if apart and divergence(p, q) <= 0.0 else 0.0


def _invariant(divergence: Divergence, drawn: tuple[Gaussian, Gaussian, Channel]) -> float:
    p, q, change = drawn
    return equal(divergence(change.push(p), change.push(q)), divergence(p, q), scale=1.0)


def _processed(divergence: Divergence, drawn: tuple[Gaussian, Gaussian, Channel]) -> float:
    p, q, channel = drawn
    return at_most(divergence(channel.push(p), channel.push(q)), divergence(p, q), scale=1.0)


def _additive(divergence: Divergence, drawn: tuple[Gaussian, Gaussian, Gaussian, Gaussian]) -> float:
    p, q, other_p, other_q = drawn
    joint = divergence(_product(p, other_p), _product(q, other_q))
    return equal(joint, divergence(p, q) + divergence(other_p, other_q), scale=1.0)


def _product(p: Gaussian, q: Gaussian) -> Gaussian:
    """Return the law of independent coordinates, those of p before those of q."""
    cov: Array = np.zeros((p.dim + q.dim,) * 2)
    cov[: p.dim, : p.dim], cov[p.dim :, p.dim :] = p.cov, q.cov
    return Gaussian(np.hstack([p.rows, q.rows]), cov)


NONNEGATIVE = DivergenceLaw("D(p, q) ≥ 0", pairs(), _nonnegative)
ZERO_ON_ITSELF = DivergenceLaw("D(p, p) = 0", pairs(), _zero_on_itself)
POSITIVE = DivergenceLaw("D(p, q) > 0 unless p = q", pairs(), _positive)
INVARIANT = DivergenceLaw("D is the same after an invertible affine map", _pairs_and_maps(), _invariant)
PROCESSED = DivergenceLaw("no channel increases D (data processing)", _pairs_and_channels(), _processed)
ADDITIVE = DivergenceLaw("D adds over independent coordinates", _independent_pairs(), _additive)

DIVERGENCE_LAWS = (NONNEGATIVE, ZERO_ON_ITSELF, POSITIVE, INVARIANT, PROCESSED, ADDITIVE)


def assert_divergence(
    divergence: Divergence,
    *,
    laws: Sequence[DivergenceLaw] = DIVERGENCE_LAWS,
    cases: int = 200,
    seed: int = 0,
    rtol: float = 1e-8,
) -> None:
    """Assert that a function of two Gaussian laws is a divergence.

    Parameters
    ----------
    divergence : callable
        From two nonsingular laws of one shape to a number.
    laws : sequence of DivergenceLaw
        Which to check: ``NONNEGATIVE``, ``ZERO_ON_ITSELF``, ``POSITIVE``, ``INVARIANT`` (under invertible affine maps),
        ``PROCESSED`` (data processing) and ``ADDITIVE`` (over independent coordinates). Default: all, which the
        Kullback–Leibler and Rényi divergences satisfy; squared Hellinger distance is not additive, Wasserstein distance
        not invariant.
    cases, seed
        How many pairs to try for each law, and from which seed.
    rtol : float
        Rounding allowed, relative to the divergences but at least to 1 nat.

    Raises
    ------
    AssertionError
        If a law fails, with the simplest laws found that break it, as Python.
    ClaimError
        If the function raises or returns no number.

    Examples
    --------
    >>> import lingauss as lg
    >>> assert_divergence(lg.kl, cases=20)
    >>> assert_divergence(lg.wasserstein2, laws=[NONNEGATIVE, ZERO_ON_ITSELF, POSITIVE, ADDITIVE], cases=20)
    """
    name = getattr(divergence, "__name__", type(divergence).__name__)
    for law in laws:

        def slack(drawn: Any, law: DivergenceLaw = law) -> float:
            return law.slack(divergence, drawn)

        slack.__name__ = name if name.isidentifier() else "divergence"
        found = falsify(slack, over=law.over, cases=cases, seed=seed, tolerance=rtol)
        if found:
            raise AssertionError(f"{name} breaks the law: {law.statement}\n\n{described(found.case)}")
