"""What deterministic equivalents are compared with: inputs drawn, labels averaged exactly, nothing of the library."""

from typing import NamedTuple

import numpy as np


class Setting(NamedTuple):
    """A design in plain numbers; seen_t and seen_s are bases (d, r)."""

    s: np.ndarray
    power: np.ndarray
    n: int
    noise: float
    outputs: int
    penalty_t: float
    penalty_s: float
    temperature_t: float
    temperature_s: float
    temperature: float
    mixing: float
    draws: int
    seen_t: np.ndarray
    seen_s: np.ndarray


def rows(rng, kind, n, s):
    z = {
        "gauss": lambda: rng.standard_normal((n, len(s))),
        "rademacher": lambda: rng.choice([-1.0, 1.0], (n, len(s))),
        "student": lambda: rng.standard_t(6, (n, len(s))) / np.sqrt(1.5),
    }[kind]()
    return z * np.sqrt(s)


def gain(gram, seen, penalty):
    inner = seen.T @ gram @ seen
    return (
        seen
        @ (
            np.linalg.pinv(inner, hermitian=True)
            if penalty == 0
            else np.linalg.inv(inner + penalty * np.eye(len(inner)))
        )
        @ seen.T
    )


def given(c, x):
    """Return gaps and risks of teacher and student given inputs, averaged over labels and drawn weights."""
    gram, unit = x.T @ x, c.outputs * c.noise**2
    a_t, a_s = gain(gram, c.seen_t, c.penalty_t), gain(gram, c.seen_s, c.penalty_s)
    mean_t = a_t @ x.T
    mean_s = a_s @ x.T @ ((1 - c.mixing) * np.eye(c.n) + c.mixing * x @ mean_t)
    drawn = a_s @ gram @ a_t @ gram @ a_s * c.temperature_t + c.temperature * a_s @ gram @ a_s
    spreads = c.temperature_t * a_t, c.temperature_s * a_s + c.mixing**2 / c.draws * drawn
    found = []
    for mean, spread in zip((mean_t, mean_s), spreads, strict=True):
        missed, residual = mean @ x - np.eye(len(c.s)), np.eye(c.n) - x @ mean
        risk = np.sum(c.s[:, None] * missed**2 * c.power) + unit * np.sum(c.s[:, None] * mean**2)
        risk += unit * np.sum(c.s * spread.diagonal())
        train = np.sum((residual @ x) ** 2 * c.power) + unit * (np.sum(residual**2) + np.sum(gram * spread))
        found.append((risk + unit - train / c.n, risk))
    return np.array([found[0][0], found[1][0], found[0][1], found[1][1]])


def average(c, kind, trials, seed):
    """Return means and standard errors of the four numbers over inputs."""
    rng = np.random.default_rng(seed)
    values = np.array([given(c, rows(rng, kind, c.n, c.s)) for _ in range(trials)])
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(trials)
