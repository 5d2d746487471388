"""Every target that is not printed in a source, once more with numpy alone: none comes from lingauss."""

import math
from pathlib import Path

import mpmath
import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from lingauss import atlas
from lingauss.atlas.entries import bishop2006, garg2025, he2025, mobahi2020


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


def test_shares_of_close_singular_values_of_pareek_du_and_oh():
    """Three steps shrink by a − P₁a(1 − a) − P₂a²(1 − a) − P₃a³(1 − a), a = s/(s + λ); P₁ is the last share."""
    for gap in (0.2, 0.1, 0.05, 0.02, 0.01):
        with mpmath.workdps(60):
            s = [(1 - mpmath.mpf(str(gap)) * j) ** 2 for j in range(4)]
            kept = [each / (each + mpmath.mpf(1) / 8) for each in s]
            weight = [mpmath.sqrt((s[0] if j == 0 else 0) + mpmath.mpf(1) / 10) for j in range(4)]
            ideal = [s[0] / (s[0] + mpmath.mpf(1) / 10), 0, 0, 0]
            effects = mpmath.matrix(
                [[-w * a**j * (1 - a) for j in (1, 2, 3)] for w, a in zip(weight, kept, strict=True)]
            )
            target = mpmath.matrix([w * (i - a) for w, i, a in zip(weight, ideal, kept, strict=True)])
            products = mpmath.lu_solve(effects, target)
            rest = mpmath.norm(effects * products - target) ** 2 + mpmath.mpf(1) / 10 * ideal[0]
        assert_is(of("pareek2024ties", "share", gap=gap, step=3), float(products[0]))
        assert_is(of("pareek2024ties", "size", gap=gap, step=3), abs(float(products[0])))
        if gap in (0.2, 0.01):
            assert_is(of("pareek2024ties", "risk", gap=gap), float(rest))
    assert_is(of("pareek2024ties", "bound"), 0.1 / 1.1)


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


def test_transfer_points_of_phuong_and_lampert():
    for points in (5, 10, 20, 40):
        assert_is(of("phuong2019", "distance", points=points), max(0.0, 1 - points / 20))


def test_generations_of_dohmatob_feng_and_kempe():
    s, signal, rows, noise = np.ones(100), np.full(100, 0.01), 400, 0.25
    kappa = effective_penalty(s, 0.1, rows)
    clean = product_risk(s, signal, noise, rows, 0.1, 0.1)
    kept, omega = 1 / (1 + kappa), 100 / (1 + kappa) ** 2 / rows
    slope = noise / (rows - 100) * 100 * (kept**2 + omega / (1 - omega) * (1 - kept) ** 2)
    for count in (0, 1, 10):
        assert_is(of("dohmatob2024", "risk", generation=count), clean + count * slope)
    assert_is(of("dohmatob2024", "slope"), slope)
    for count in range(5):
        assert_is(of("dohmatob2024", "forgetting", generation=count), 1 - 0.5 ** (count + 1))


def test_generations_of_gerstgrasser_et_al_and_of_dey_and_donoho():
    squares = np.sum(1 / np.arange(1.0, 101.0) ** 2)
    for variable, factor, count in (("replace", 0.1, 100), ("accumulate", 0.1, squares)):
        assert_is(of("gerstgrasser2024", variable, generation=100), factor * count)
    for variable, count in (("replace_drawn", 100), ("accumulate_drawn", squares)):
        target = of("gerstgrasser2024", variable, generation=100)
        assert target.number == pytest.approx(100 / (1000 - 100 - 1) * count, abs=5e-8)
    assert_is(of("gerstgrasser2024", "limit"), 0.1 * math.pi**2 / 6)
    for design in ("flat", "power law", "one direction"):
        assert_is(of("dey2024", "augment", design=design, generation=10), np.sum(1 / np.arange(1.0, 11.0) ** 2))
        assert_is(of("dey2024", "discard", design=design, generation=10), 10.0)


def settled(weight, supply, *, reused=False):
    """Return the variance W ← w(truth + e) + (1 − w)(W + noise) settles at, over that of one fit."""
    if reused:  # the mean of all rounds is that of the one data set
        return 1 + supply * (1 - weight) ** 2 / (1 - (1 - weight) ** 2)
    return (weight**2 + supply * (1 - weight) ** 2) / (1 - (1 - weight) ** 2)


def test_golden_ratio_of_he_xu_and_cheng():
    golden = he2025.GOLDEN
    for supply in (0.25, 0.5, 1.0, 2.0, 4.0):
        best = (math.sqrt(supply**2 + 4 * supply) - supply) / 2
        assert_is(of("he2025", "best_weight", supply=supply), best)
        assert settled(best, supply) == pytest.approx(best, rel=1e-12)
        for other in (best - 1e-3, best + 1e-3):
            assert settled(best, supply) < settled(other, supply)
    assert_is(of("he2025", "best_risk", supply=1.0), golden)
    assert_is(of("he2025", "fresh", weight=golden), settled(golden, 1.0))
    assert_is(of("he2025", "reused", weight=golden), settled(golden, 1.0, reused=True))


def settled_ridge(weight, penalty, ratio=2.0):
    """Return the risk at which rounds of ridge settle on isotropic inputs, by the law of Marchenko and Pastur.

    In a direction of eigenvalue s of XᵀX/n, with a = s/(s + λ), the mean is shrunk by w a/(1 − (1 − w)a), and the
    variance is (w² + (1 − w)²) (a²/s) / (1 − ((1 − w)a)²) over n.
    """
    low, high = (1 - math.sqrt(ratio)) ** 2, (1 + math.sqrt(ratio)) ** 2
    angle = (np.arange(4000) + 0.5) * math.pi / 4000
    s = (low + high) / 2 - (high - low) / 2 * np.cos(angle)
    mass = ((high - low) / 2 * np.sin(angle)) ** 2 / (2 * math.pi * ratio * s) * math.pi / 4000
    kept = s / (s + penalty)
    mean = weight * kept / (1 - (1 - weight) * kept)
    spread = (weight**2 + (1 - weight) ** 2) * kept**2 / s / (1 - ((1 - weight) * kept) ** 2)
    return max(0.0, 1 - 1 / ratio) + np.sum(mass * ((1 - mean) ** 2 + ratio * spread))


def test_real_shares_of_garg_bhattacharya_and_sur():
    for weight in (1.0, garg2025.GOLDEN, 0.5, 0.25):
        assert_is(of("garg2025", "risk", penalty=0.0, weight=weight), 0.5 + settled(weight, 1.0))
        assert settled_ridge(weight, 0.0) == pytest.approx(0.5 + settled(weight, 1.0), rel=1e-9)
    assert_is(of("garg2025", "best_weight", penalty=0.0), garg2025.GOLDEN)
    for penalty in (0.1, 1.0):
        assert_is(of("garg2025", "risk", penalty=penalty, weight=1.0), settled_ridge(1.0, penalty))
        best = minimize_scalar(
            lambda w, lam=penalty: settled_ridge(w, lam), bounds=(0.3, 1.0), method="bounded", options={"xatol": 1e-9}
        )
        assert_is(of("garg2025", "best_weight", penalty=penalty), best.x)
        assert_is(of("garg2025", "best_risk", penalty=penalty), best.fun)


def kept_by_minimum_norm(s, rows):
    level = brentq(lambda log: np.sum(s / (s + math.exp(log))) - rows, -50.0, 10.0, xtol=1e-13)
    return s / (s + math.exp(level))


def test_self_training_of_wu_yang_and_sun():
    s, signal = np.append(np.full(5, 50.0), np.ones(195)), np.append(np.full(5, 0.004), np.full(195, 0.0005))
    kept = kept_by_minimum_norm(s, 100)
    overlap = np.sum(kept**2) / 100
    mean, spread, noise, risks = np.ones(200), np.zeros(200), 1.0, []
    for _ in range(12):  # second moments of the labels' weights: mean² of the signal, and what is no signal
        unlearned = np.sum(s * (1 - kept) ** 2 * (signal * mean**2 + spread))
        added = kept**2 / s * (noise + unlearned) / (100 * (1 - overlap))
        mean, spread, noise = kept * mean, kept**2 * spread + added, 0.0
        risks.append(np.sum(s * (signal * (1 - mean) ** 2 + spread)))
    for fit, risk in enumerate(risks, start=1):
        assert_is(of("wu2026", "risk", fit=fit), risk)
    assert_is(of("wu2026", "best_fit"), 1 + np.argmin(risks))
    assert_is(of("wu2026", "null"), np.sum(s * signal))


def test_surrogates_of_ildiz_et_al():
    index = np.arange(1.0, 501.0)
    s, energy = index**-2, index**-1.5
    for rows in (100, 200, 300):
        kept = kept_by_minimum_norm(s, rows)
        missed, overlap = 1 - kept, np.sum(kept**2) / rows

        def risk(gain, missed=missed, overlap=overlap):
            unlearned = np.sum(energy * gain**2 * missed**2)
            return np.sum(energy * ((1 - missed) * gain - 1) ** 2) + overlap / (1 - overlap) * unlearned

        best = kept / (kept**2 + missed**2 * overlap / (1 - overlap))
        mask = (missed**2 < 1 - overlap).astype(float)
        for name, gain in (("true", np.ones(500)), ("surrogate", best), ("mask", mask)):
            assert_is(of("ildiz2024", name, rows=rows), risk(gain))
        for other in (best * 1.01, best * 0.99):
            assert risk(best) < risk(other)
        for place in (0, 100, 250, 499):
            flipped = mask.copy()
            flipped[place] = 1 - flipped[place]
            assert risk(mask) < risk(flipped)
        if rows == 200:
            assert_is(of("ildiz2024", "kept", rows=rows), np.sum(mask))
            assert_is(of("ildiz2024", "amplified", rows=rows), np.sum(best > 1))
            assert_is(of("ildiz2024", "largest", rows=rows), np.max(best))


def test_subspaces_of_dong_et_al():
    assert_is(of("dong2025", "teacher"), 10 / 100)
    for overlap in (0, 5, 10):
        published = (overlap + (10 - overlap) * 10 / 1000) / 100
        assert_is(of("dong2025", "student", overlap=overlap, samples=1000), published)


def test_students_of_moniri_and_hassani():
    s, signal, rows = np.ones(100), np.full(100, 0.01), 200
    for penalty in (0.01, 0.1, 0.5):
        teacher = product_risk(s, signal, 1.0, rows, penalty, penalty)
        assert_is(of("moniri2025", "teacher", teacher_penalty=penalty), teacher)
        learned = 1 - effective_penalty(s, penalty, rows) / (1 + effective_penalty(s, penalty, rows))

        def risk(log, learned=learned, teacher=teacher):
            kappa = effective_penalty(s, math.exp(log), rows)
            kept, omega = 1 / (1 + kappa), 0.5 / (1 + kappa) ** 2
            length = teacher - 1 + 2 * learned  # E|w_T|², from |w_T − w|² and the mean of w_T
            return 1 - 2 * kept * learned + kept**2 * length + omega / (1 - omega) * (1 - kept) ** 2 * length

        best = minimize_scalar(risk, bounds=(-16.0, 3.0), method="bounded", options={"xatol": 1e-10})
        assert_is(of("moniri2025", "best", teacher_penalty=penalty), best.fun)
        if penalty < 0.5:
            assert_is(of("moniri2025", "best_penalty", teacher_penalty=penalty), math.exp(best.x))


def test_penalties_behind_the_columns_of_bishop():
    powers = np.vander(np.linspace(0.0, 1.0, 10), 10, increasing=True)

    def worst(column, penalty):
        solved = np.linalg.solve(powers.T @ powers + penalty * np.eye(10), powers.T @ np.array(bishop2006.LABELS))
        printed = np.array([float(value) for value in bishop2006.TABLE[column]])
        return np.max(np.abs(solved - printed))

    assert worst("ln λ = −18", 1.03745e-7) < 0.00501
    assert all(worst("ln λ = −18", penalty) > 0.00501 for penalty in (1.0374e-7, 1.0376e-7))
    assert worst("ln λ = −18", math.exp(-18.0)) > 100.0
    assert all(worst("ln λ = 0", penalty) < 0.00501 for penalty in (9.23, 10.18))
    assert all(worst("ln λ = 0", penalty) > 0.00501 for penalty in (1.0, 9.21, 10.19))
    assert math.log(1.03745e-8) == pytest.approx(-18.38, abs=0.005)


def test_every_target_that_is_not_printed_is_recomputed_here():
    source = Path(__file__).read_text(encoding="utf-8")
    for name in atlas.names():
        for target in atlas.entry(name).targets:
            if target.origin is not atlas.Origin.PRINTED:
                assert f'of("{name}", ' in source
                assert f'"{target.variable}"' in source
