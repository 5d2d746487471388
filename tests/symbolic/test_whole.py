"""Wholes over any spectrum are the sums of what is derived per direction, and the numbers of the library."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from explained_numbers import numbers_of
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import AssumptionError
from lingauss.symbolic import derivation
from lingauss.symbolic import symbols as sy
from lingauss.symbolic.calculus import expectation
from lingauss.symbolic.gaussian import log_density
from lingauss.symbolic.normal_form import is_zero
from lingauss.symbolic.whole import WHOLES, of_direction

RELATIVE = 1e-13


def at(name: str, place: int) -> sp.Expr:
    """Return a formula for one direction with the entries of one place."""
    scalars = {sy.s: sy.spectrum[place], sy.signal: sy.signals[place]}
    return of_direction(name).closed_form.xreplace(scalars)


@pytest.mark.parametrize("name", WHOLES)
@pytest.mark.parametrize(("d", "r"), [(1, 0), (1, 1), (2, 1), (3, 2)])
def test_with_one_two_and_three_directions_a_whole_is_the_sum_of_its_directions(name: str, d: int, r: int) -> None:
    whole = WHOLES[name]
    found = derivation(name).substitute(
        {symbol: {"d": d, "r": r}[symbol] for symbol in ("d", "r") if symbol in names_in(name)}
    )
    if d < 2:
        found.verify()
    expected = sp.Add(*(at(part, j) for j in range(1, r + 1) for part in whole.kept))
    expected += sp.Add(*(at(part, j) for j in range(r + 1, d + 1) for part in whole.dropped))
    if whole.sample:
        expected += sy.n * of_direction(whole.sample).closed_form
    if whole.intercept:
        expected += sy.intercept * of_direction(whole.intercept).closed_form
    assert not found.closed_form.has(sp.Sum)
    assert is_zero(found.closed_form - expected)


def names_in(name: str) -> set[str]:
    return {symbol.name for symbol in derivation(name).arguments}


def test_divergences_of_independent_directions_add() -> None:
    x, means, variances = (
        sp.symbols("x_1:3", real=True),
        sp.symbols("m_1:5", real=True),
        sp.symbols("v_1:5", positive=True),
    )
    z = sp.symbols("z_1:3", real=True)
    joint, single = sp.S.Zero, sp.S.Zero
    for j in range(2):
        ratio = log_density(x[j], means[j], variances[j]) - log_density(x[j], means[j + 2], variances[j + 2])
        drawn = sp.expand(ratio.subs(x[j], means[j] + sp.sqrt(variances[j]) * z[j]))
        joint += drawn  # the log density of a product is a sum
        single += expectation(drawn, z[j])
    assert is_zero(expectation(sp.expand(joint), *z) - single)


@pytest.mark.parametrize("seed", range(12))
def test_wholes_are_the_numbers_of_the_library(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d, r = 6, int(rng.integers(0, 7))
    spectrum = np.sort(rng.uniform(0.05, 9.0, d))[::-1]
    signal = rng.uniform(0.0, 2.0, d)
    n, k, m = 30, int(rng.integers(1, 4)), int(rng.integers(1, 4))
    problem = lg.Problem.from_spectrum(spectrum, signal, n_samples=n, label_noise=rng.uniform(0.3, 2.0), outputs=k)
    teacher, student = (lg.Ridge(*rng.uniform(0.2, 2.0, 3)) for _ in "TS")
    settings = {"floor": rng.uniform(0.1, 2.0), "temperature": rng.uniform(0.1, 2.0), "mixing": rng.uniform(-0.2, 1.2)}
    case = lg.Distillation(problem, teacher, student, lg.Principal(r), draws=m, **settings)
    values = {"spectrum": spectrum, "signals": signal, "d": d, "r": r, "n": n, "k": k, "m": m, "intercept": 0}
    values |= {"nu": problem.label_noise, "floor": case.floor, "tau": case.temperature, "xi": case.mixing}
    for learner, role in ((teacher, "T"), (student, "S")):
        values |= {
            f"lambda_{role}": learner.penalty,
            f"tau_{role}": learner.temperature,
            f"sigma_{role}": learner.noise,
        }
    for name, expected in (numbers_of(case) | process_of(case)).items():
        found = derivation(name)
        assert_allclose(
            found.lambdify()(**{symbol.name: values[symbol.name] for symbol in found.arguments}),
            expected,
            rtol=RELATIVE,
            err_msg=name,
        )


def process_of(case: lg.Distillation) -> dict[str, float]:
    """Return the parts of the process, of pure distillation, which alone has such a ledger."""
    ledger = case.replace(mixing=1.0).process_ledger()
    parts = ("bias", "variance", "rank_bottleneck", "training")
    return {f"process_{part}": getattr(ledger, part) for part in parts}


def test_a_rank_above_the_number_of_directions_breaks_an_assumption_that_is_named() -> None:
    with pytest.raises(AssumptionError, match="keeps the first r of d directions"):
        derivation("divergence").substitute({"d": 2, "r": 3})


def test_a_student_that_keeps_everything_has_no_rank_cost() -> None:
    found = derivation("rank_bottleneck").substitute({"r": sy.d})
    assert found.closed_form == 0
    assert not found.assumptions
