"""Every target that is not printed in a source, once more with numpy alone: none comes from lingauss."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from lingauss import atlas
from lingauss.atlas.entries import mobahi2020


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


def effective_penalty(s, penalty, rows):
    """Solve κ − λ = κ Σ s/(s + κ)/n, with λ on XᵀX/n."""
    top = penalty + np.sum(s) / rows + 1.0
    return brentq(lambda k: k - penalty - k * np.sum(s / (s + k)) / rows, 1e-12, top, xtol=1e-15, rtol=1e-14)


def product_risk(s, signal, noise, rows, first, second):
    """Return E (β̂ − β)ᵀΣ(β̂′ − β) of ridge at two penalties on the same rows, by the equivalent of two resolvents."""
    k1, k2 = (effective_penalty(s, penalty, rows) for penalty in (first, second))
    omega = np.sum(s**2 / ((s + k1) * (s + k2))) / rows
    return (k1 * k2 * np.sum(signal * s / ((s + k1) * (s + k2))) + noise * omega) / (1 - omega)


def distilled_risks(s, signal, noise, rows, penalty):
    """Return risks of ridge and of its pure distillation (1 + λ∂)β̂, and their product, by differences in log λ."""
    step = 0.02
    nodes = step * np.arange(-3, 4)
    slope = np.array([-1, 9, -45, 0, 45, -9, 1]) / (60 * step)  # of sixth order
    grid = np.array(
        [
            [product_risk(s, signal, noise, rows, penalty * math.exp(a), penalty * math.exp(b)) for b in nodes]
            for a in nodes
        ]
    )
    here = np.eye(7)[3]
    pure = here + slope
    return here @ grid @ here, pure @ grid @ pure, here @ grid @ pure


def best_distillation(ridge, pure, both):
    """Return the best share ξ of soft labels, and the risk of (1 − ξ)β̂ + ξ(1 + λ∂)β̂ there."""
    share = (ridge - both) / (ridge + pure - 2 * both)
    return share, ridge + 2 * share * (both - ridge) + share**2 * (ridge + pure - 2 * both)


def test_self_distillation_of_dang_patil_and_rinaldo():
    place = np.arange(200)
    s = np.linalg.eigvalsh(0.25 ** np.abs(np.subtract.outer(place, place)))[::-1]
    signal = np.where(place < 20, 0.9 / 20, 0.1 / 180)

    def risks(penalty):
        return distilled_risks(s, signal, 1.0, 400, penalty)

    for penalty in (0.1, 1.0, 50.0):
        ridge, pure, both = risks(penalty)
        share, best = best_distillation(ridge, pure, both)
        for variable, value in (("ridge", 1 + ridge), ("pure", 1 + pure), ("mixing", share), ("best", 1 + best)):
            assert_is(of("dang2026", variable, penalty=penalty), value)
    least = minimize_scalar(
        lambda log: product_risk(s, signal, 1.0, 400, math.exp(log), math.exp(log)),
        bounds=(-2.0, 1.0), method="bounded", options={"xatol": 1e-6},
    ).fun  # fmt: skip
    assert_is(of("dang2026", "best_ridge"), 1 + least)
    least = minimize_scalar(
        lambda log: best_distillation(*risks(math.exp(log)))[1],
        bounds=(0.7, 1.3), method="bounded", options={"xatol": 1e-4},
    ).fun  # fmt: skip
    assert_is(of("dang2026", "best_of_all"), 1 + least)


def test_limit_of_over_regularised_teachers_of_dang_patil_and_rinaldo():
    for ratio, strength in ((1.0, 1.0), (0.1, 10.0), (0.5, 1.0)):
        distilled = 1 + strength * ratio * (strength + 1) / (strength * (1 + ratio) + ratio)
        best = 1 + product_risk(
            np.ones(1000), np.full(1000, strength / 1000), 1.0, 1000 / ratio, *2 * (ratio / strength,)
        )
        assert_is(of("dang2026limit", "quotient", ratio=ratio, strength=strength), distilled / best)


def test_constant_training_error_of_mobahi_farajtabar_and_bartlett():
    x = np.linspace(0.0, 1.0, 11)
    kernel = np.exp(-80.0 * np.subtract.outer(x, x) ** 2)
    for error in (0.045, 0.02, 0.01):
        labels, rounds = np.array(mobahi2020.LABELS), 0

        def residual(penalty, labels):
            return penalty * np.linalg.solve(kernel + penalty * np.eye(11), labels)

        while np.mean(labels**2) > error:
            penalty = brentq(lambda p, y, e=error: np.mean(residual(p, y) ** 2) - e, 1e-9, 1e9, args=(labels,))
            labels, rounds = labels - residual(penalty, labels), rounds + 1
            if error == 0.02:
                assert_is(of("mobahi2020", "penalty", error=error, round=rounds), penalty)
        assert_is(of("mobahi2020", "rounds", error=error), rounds)


def test_steps_and_spikes_of_lecoiu_mukherjee_and_sur():
    s, signal = np.array([50.0, 20.0, *[5.0] * 18]), np.array([1.0, 0.3, *[0.05] * 18])
    shrunk = np.sum(3.0 * s * signal / (s * signal + 3.0)) / 100
    assert_is(of("lecoiu2026", "shrunk"), shrunk)
    for steps in (2, 3):
        assert_is(of("lecoiu2026", "risk", penalty=4.0, steps=steps), best_risk(s, signal, 3.0, 4.0, steps) / 100)
    for steps, bounds in ((0, (0.0, 5.0)), (1, (-9.0, 0.0)), (2, (1.0, 4.0))):
        least = minimize_scalar(
            lambda log, k=steps: best_risk(s, signal, 3.0, math.exp(log), k), bounds=bounds, method="bounded"
        ).fun
        assert_is(of("lecoiu2026", "tuned", steps=steps), least / 100)


def test_every_target_that_is_not_printed_is_recomputed_here():
    source = Path(__file__).read_text(encoding="utf-8")
    for name in atlas.names():
        for target in atlas.entry(name).targets:
            if target.origin is not atlas.Origin.PRINTED:
                assert f'of("{name}", ' in source
                assert f'"{target.variable}"' in source
