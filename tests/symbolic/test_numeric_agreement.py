"""The third route: derived formulas, turned into functions, against the numeric library."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
import lingauss.symbolic as sym

RELATIVE = 1e-12


def random_point(rng):
    """Values of every symbol of one eigen-direction, and the design they describe."""
    return {
        "s": 10 ** rng.uniform(-2, 3),
        "signal": rng.uniform(0.1, 3.0),
        "nu": 10 ** rng.uniform(-1, 0.5),
        "k": int(rng.integers(1, 5)),
        "m": int(rng.integers(1, 9)),
        "lambda_T": 10 ** rng.uniform(-1, 1.5),
        "lambda_S": 10 ** rng.uniform(-1, 1.5),
        "sigma_T": 10 ** rng.uniform(-0.5, 0.5),
        "sigma_S": 10 ** rng.uniform(-0.5, 0.5),
        "tau_T": 10 ** rng.uniform(-0.5, 0.5),
        "tau_S": 10 ** rng.uniform(-1, 0.5),
        "tau": rng.uniform(0.0, 5.0),
        "xi": rng.uniform(-0.5, 1.5),
        "floor": 10 ** rng.uniform(-1, 1),
    }


def design_of(values, rank):
    problem = lg.Problem.from_spectrum(
        [values["s"]], [values["signal"]], n_samples=10, label_noise=values["nu"], outputs=values["k"]
    )
    return lg.Distillation(
        problem,
        lg.Ridge(values["lambda_T"], values["tau_T"], values["sigma_T"]),
        lg.Ridge(values["lambda_S"], values["tau_S"], values["sigma_S"]),
        lg.Principal(rank),
        floor=values["floor"],
        temperature=values["tau"],
        mixing=values["xi"],
        draws=values["m"],
    )


def derived(name, values):
    derivation = sym.derivation(name)
    return float(derivation.lambdify()(*(float(values[argument]) for argument in map(str, derivation.arguments))))


@pytest.mark.parametrize("seed", range(40))
def test_six_cells_are_the_derived_ones(seed):
    values = random_point(np.random.default_rng(seed))
    for row, (side, rank) in enumerate((("retained", 1), ("discarded", 0))):
        ledger = design_of(values, rank).divergence()
        for column, source in enumerate(("bias", "noise", "spread")):
            assert abs(derived(f"{side}_{source}", values) - ledger.cells[row, column]) <= RELATIVE * ledger.total
        assert_allclose(derived(f"{side}_cost", values), ledger.total, rtol=RELATIVE)


@pytest.mark.parametrize("epsilon", [1e-8, -1e-8])
def test_derived_and_numeric_spreads_agree_where_teacher_and_student_nearly_coincide(epsilon):
    values = random_point(np.random.default_rng(0)) | {"xi": 0.0, "tau_T": 1.0, "tau_S": 1.0 + epsilon}
    # With unit noises τσ² is exact; otherwise its rounding, 1e-16 against ε = 1e-8, is all that is left of the digits.
    values |= {"lambda_S": values["lambda_T"], "sigma_S": 1.0, "sigma_T": 1.0, "nu": 1.0}
    ledger = design_of(values, 1).divergence()
    assert_allclose(derived("retained_spread", values), ledger.cells[0, 2], rtol=RELATIVE)


@pytest.mark.parametrize("seed", range(10))
def test_gains_and_variances_are_the_derived_ones(seed):
    values = random_point(np.random.default_rng(seed))
    case = design_of(values, 1)
    assert_allclose(derived("student_gain", values), case.student_channel.A[0, 0], rtol=RELATIVE)
    assert_allclose(derived("student_variance", values), case.student_channel.cov[0, 0], rtol=RELATIVE)


@pytest.mark.parametrize("seed", range(10))
def test_noisy_gradient_descent_is_the_derived_one(seed):
    rng = np.random.default_rng(seed)
    s, penalty, h, t = rng.uniform(0.1, 5.0), rng.uniform(0.0, 2.0), rng.uniform(0.01, 0.12), rng.uniform(0.5, 2.0)
    values = {
        "h": h,
        "a": s + penalty,
        "T": int(rng.integers(1, 40)),
        "tau_w": rng.uniform(0.1, 2.0),
        "sigma": rng.uniform(0.5, 2.0),
        "theta": rng.uniform(0.1, 3.0),
        "t": t,
    }
    settings = (penalty, values["tau_w"], values["sigma"])
    problem = lg.Problem.from_spectrum([s], [1.0], n_samples=5, label_noise=1.0)

    def moments(learner):
        law = learner.channel(problem.gramian, 1.0).at([t])
        return [law.mean[0], law.cov[0, 0]]

    after = moments(lg.NoisyGradientDescent(values["T"], h, *settings))
    assert_allclose(after, [derived("langevin_mean", values), derived("langevin_variance", values)], rtol=RELATIVE)
    stationary = moments(lg.NoisyGradientDescent(np.inf, h, *settings))
    assert_allclose(stationary[1], derived("langevin_stationary_variance", values), rtol=RELATIVE)


@pytest.mark.parametrize("seed", range(5))
def test_infinite_self_distillation_is_the_derived_one(seed):
    rng = np.random.default_rng(seed)
    s, penalty, weight = rng.uniform(0.1, 5.0), rng.uniform(0.1, 2.0), rng.uniform(0.1, 1.0)
    problem = lg.Problem.from_spectrum([s], [1.0], n_samples=5, label_noise=1.0)
    learner = lg.Ridge(penalty, 0.0)
    case = lg.Distillation(problem, learner, learner, temperature=0.0, mixing=1.0 - weight)
    gain = lg.Chain(case, 1).limit().student_channel.A[0, 0]
    stated = sym.derivation("infinite_self_distillation").statement.rhs
    numbers = {symbol: {"s": s, "lam": penalty, "alpha": weight}[symbol.name] for symbol in stated.free_symbols}
    assert_allclose(s * gain, float(stated.subs(numbers)), rtol=RELATIVE)
