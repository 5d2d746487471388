"""Every target that is not printed in a source, once more with numpy alone: none comes from lingauss."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from lingauss import atlas


def of(name, variable, **at):
    """Return the one target of an entry that lies there."""
    (found,) = (
        target
        for target in atlas.entry(name).targets
        if target.variable == variable and target.at == at and target.origin is not atlas.Origin.PRINTED
    )
    return found


def assert_is(target, value):
    assert abs(value - target.number) <= target.tolerance


def test_best_share_of_das_and_sanghavi():
    s, w2, penalty = np.array([4.0, 1.0, 0.25]), np.array([1.0, 1.0, 0.25]), 0.5

    def best(noise):
        curvature = np.sum(s**2 * (noise + s * w2) / (s + penalty) ** 4)
        return np.sum(s**2 * (noise - penalty * w2) / (s + penalty) ** 3) / (penalty * curvature)

    for noise in (0.3, 2.0, 20.0):
        assert_is(of("das2023", "mixing", noise=noise), best(noise))
    assert_is(of("das2023", "noise_of_none"), brentq(best, 0.1, 1.0, xtol=1e-14))
    assert_is(of("das2023", "noise_of_all"), brentq(lambda noise: best(noise) - 1.0, 0.1, 10.0, xtol=1e-14))
    assert_is(of("das2023", "limit"), np.sum(s**2 / (s + penalty) ** 3) / np.sum(s**2 / (s + penalty) ** 4) / penalty)


def best_risk(s, signal, noise, penalty, steps):
    """Least risk over mixtures of the shrinkages (s/(s + λ))^j, j = 1 … steps + 1: what self-distillation reaches."""
    powers = np.array([(s / (s + penalty)) ** (j + 1) for j in range(steps + 1)])
    differences = powers[1:] - powers[:1]
    weight = np.sqrt(s * signal + noise)
    ideal = s * signal / (s * signal + noise)
    coefficients = np.linalg.lstsq((weight * differences).T, weight * (ideal - powers[0]), rcond=1e-15)[0]
    shrinkage = powers[0] + coefficients @ differences
    return np.sum(s * signal * (1 - shrinkage) ** 2 + noise * shrinkage**2)


@pytest.mark.parametrize("panel", ["distinct", "tied", "spread"])
def test_risks_of_pareek_du_and_oh(panel):
    s = {"tied": np.array([1.0, 1.0, 1 / 2, 1 / 3])}.get(panel, 1.0 / np.arange(1, 5)) ** 2
    signal = np.full(4, 0.25) if panel == "spread" else np.eye(4)[0]
    for steps in range(5):
        assert_is(of("pareek2024", "excess_risk", panel=panel, steps=steps), best_risk(s, signal, 0.1, 0.125, steps))
    assert_is(of("pareek2024", "bound", panel=panel), np.sum(0.1 * s * signal / (s * signal + 0.1)))


@pytest.mark.parametrize("rank", [2, 5, 10, 20, 50, 100])
def test_growth_of_the_gain_of_pareek_du_and_oh(rank):
    s = np.arange(1.0, rank + 1.0) ** (2 * math.log(0.8) / math.log(rank))

    def risk(log):
        shrinkage = s / (s + math.exp(log))
        return (1 - shrinkage[0]) ** 2 + 0.01 * np.sum(shrinkage**2)

    best = minimize_scalar(risk, bounds=(-12.0, 12.0), method="bounded", options={"xatol": 1e-10}).fun
    assert_is(of("pareek2024growth", "gain", rank=rank), best / (0.01 / 1.01))
    assert_is(of("pareek2024growth", "most"), 1.01 / 0.01)


def test_minimum_norm_of_hastie_et_al():
    strength, noise = 5.0, 1.0
    for ratio in (0.5, 1.1, 1.809, 4.0):
        below = noise * ratio / (1 - ratio) if ratio < 1 else math.inf
        above = strength * (1 - 1 / ratio) + noise / (ratio - 1) if ratio > 1 else math.inf
        assert_is(of("hastie2022", "least_norm", ratio=ratio), min(below, above))


def test_sharp_constants_of_ali_kolter_and_tibshirani():
    def largest(ratio):
        return -minimize_scalar(lambda x: -ratio(x), bounds=(0.1, 10.0), method="bounded", options={"xatol": 1e-10}).fun

    assert_is(of("ali2019", "sharp"), largest(lambda x: (-math.expm1(-x) * (1 + x) / x) ** 2))
    tuned = largest(lambda x: (math.exp(-2 * x) + math.expm1(-x) ** 2 / x) * (1 + x))
    assert_is(of("ali2019", "sharp_tuned"), tuned)


def test_bounds_of_bu_zou_and_veeravalli():
    n = 10
    nats = 0.5 * math.log(n / (n - 1))
    assert_is(of("bu2020", "gap", n=n), 2 / n)
    assert_is(of("bu2020", "published", n=n), math.sqrt(2 * (n + 1) ** 2 / n**2 * math.log(n / (n - 1))))

    def cost(log):  # of a loss that is a square of variance (n + 1)/n, at one inverse temperature
        slope, size = math.exp(log), (n + 1) / n
        return (nats + 0.5 * (2 * slope * size - math.log1p(2 * slope * size))) / slope

    assert_is(of("bu2020", "sharp", n=n), minimize_scalar(cost, bounds=(-8.0, 3.0), method="bounded").fun)


def test_every_target_that_is_not_printed_is_recomputed_here():
    source = Path(__file__).read_text(encoding="utf-8")
    for name in atlas.names():
        for target in atlas.entry(name).targets:
            if target.origin is not atlas.Origin.PRINTED:
                assert f'of("{name}", "{target.variable}"' in source
