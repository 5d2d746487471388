"""The effective penalty κ, to which randomness of the inputs turns a ridge penalty (docs/theory.md §10.1)."""

from __future__ import annotations

import numpy as np

from lingauss.validation import Array

BLOCK = 2**16  # numbers at once, which stay in the processor's cache
ITERATIONS = 200  # far beyond what Newton takes; bisection alone would need fewer than that
CLOSE = 1e-8  # to the root in log κ, so that one step more reaches it: what is left goes with the square


def effective_penalties(s: Array, n_samples: Array, penalty: Array) -> Array:
    """Return κ ≥ 0, the root of n − λ/κ = Σ s/(s + κ), for many sample sizes and penalties.

    With m = min(n, r) of the r positive eigenvalues on the left, both sides are sums of positive terms,

        (n − m) + Σ_{i≤m} κ/(s_i + κ)  =  λ/κ + Σ_{i>m} s_i/(s_i + κ),

    the left one rises with κ and the right one falls: nothing cancels, however small κ is.

    Parameters
    ----------
    s : (d,)
        Eigenvalues of the covariance of what is seen, zeros allowed, in any order.
    n_samples : (P,)
        n ≥ 1, whole numbers.
    penalty : (P,)
        λ ≥ 0 on the Gram matrix.

    Returns
    -------
    (P,) ndarray
        0 where λ = 0 and n ≥ r.
    """
    positive = np.sort(s[s > 0.0])[::-1]
    kappa = np.zeros(len(penalty))
    top = np.minimum(n_samples, len(positive)).astype(np.intp)
    interior = (penalty > 0.0) | (n_samples < len(positive))
    for m in np.unique(top[interior]).tolist():
        rows = np.flatnonzero(interior & (top == m))
        step = max(1, BLOCK // max(len(positive), 1))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            kappa[some] = _roots(positive[:m], positive[m:], n_samples[some] - float(m), penalty[some])
    return kappa


def _roots(above: Array, below: Array, spare: Array, penalty: Array) -> Array:
    """Return κ by Newton's method for the logarithm of both sides in log κ, where they are nearly straight lines."""
    low, high = _bracket(above, below, spare, penalty)
    kappa = np.sqrt(low) * np.sqrt(high)
    buffers = tuple(np.empty((len(penalty), len(side))) for side in (above, below))
    for _ in range(ITERATIONS):
        difference, slope = _balance(above, below, buffers, spare, penalty, kappa)
        low = np.where(difference < 0.0, kappa, low)
        high = np.where(difference > 0.0, kappa, high)
        newton = kappa * np.exp(np.clip(-difference / slope, -700.0, 700.0))
        inside = (newton >= low) & (newton <= high)
        last = np.abs(difference) <= CLOSE * slope
        kappa = np.where(inside | last, newton, np.sqrt(low) * np.sqrt(high))
        if np.all(last):
            break
    return kappa


def _balance(
    above: Array, below: Array, buffers: tuple[Array, ...], spare: Array, penalty: Array, kappa: Array
) -> tuple[Array, Array]:
    """Return log(left/right) and its derivative in log κ, (P,) each."""
    column, per_kappa = kappa[:, None], penalty / kappa
    missed = np.divide(column, np.add(above, column, out=buffers[0]), out=buffers[0])
    seen = np.divide(below, np.add(below, column, out=buffers[1]), out=buffers[1])
    left, right = np.sum(missed, axis=1), np.sum(seen, axis=1)
    squares = (np.einsum("pi,pi->p", part, part) for part in (missed, seen))
    bent = [whole - square for whole, square in zip((left, right), squares, strict=True)]
    rising, falling = spare + left, per_kappa + right
    return np.log(rising / falling), bent[0] / rising + (per_kappa + bent[1]) / falling


def _bracket(above: Array, below: Array, spare: Array, penalty: Array) -> tuple[Array, Array]:
    """Return bounds of κ: n ≤ (λ + Σs)/κ above, and below n ≥ λ/κ and n ≥ j s_j/(s_j + κ) for every j."""
    n = spare + len(above)
    high = (penalty + (np.sum(above) + np.sum(below))) / n
    low = np.maximum(penalty, np.max(np.arange(1, len(below) + 1) * below, initial=0.0)) / n
    return low * (1.0 - 1e-12), high * (1.0 + 1e-12)
