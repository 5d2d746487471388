"""Students trained on other inputs than their teachers (docs/theory.md §2.4)."""

import dataclasses
import json
import math
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, ShapeError, TiedSpectrumWarning
from lingauss.model.provenance import describe
from tests import oracles

RNG = np.random.default_rng(20)
X = RNG.standard_normal((9, 4)) * [2.0, 1.0, 0.7, 0.5]
OTHER = RNG.standard_normal((7, 4)) @ RNG.standard_normal((4, 4))  # correlated: its Gram matrix does not commute with G
W = RNG.standard_normal((2, 4))
NOISE = 0.6
PROBLEM = lg.Problem.from_inputs(X, truth=W, label_noise=NOISE)
TRANSFER = lg.Moments.from_data(OTHER, center=False)
CASE = lg.Distillation(
    PROBLEM,
    lg.Ridge(0.8, 0.7),
    lg.Ridge(1.3, 0.9, noise=0.5),
    lg.Principal(2),
    temperature=1.7,
    draws=3,
    transfer=TRANSFER,
)


def kernels(basis, case=CASE, other=OTHER):
    """Teacher, student and student's predictor as kernels from labels to weights, composed in label space."""
    teacher = oracles.ridge_kernel(X, case.teacher.penalty, NOISE, case.teacher.temperature)
    soft_mean = teacher[0] @ other.T
    soft_cov = (other @ teacher[1] @ other.T + case.temperature * NOISE**2 * np.eye(len(other))) / case.draws
    noise = NOISE if case.student.noise is None else case.student.noise
    M, V = oracles.ridge_kernel(other @ basis, case.student.penalty, noise, case.student.temperature)
    mean, cov = soft_mean @ M @ basis.T, basis @ (V + M.T @ soft_cov @ M) @ basis.T
    outside = oracles.complement(basis)
    floor = case.student.temperature * noise**2 / case.student.penalty
    return teacher, (mean, cov + floor * outside @ outside.T), (mean, cov)


def principal(rank):
    return np.linalg.eigh(OTHER.T @ OTHER)[1][:, ::-1][:, :rank]


@pytest.mark.parametrize("rank", [0, 1, 2, 4])
def test_divergence_and_risks_are_those_of_the_kernels_composed_in_label_space(rank):
    teacher, student, predictor = kernels(principal(rank))
    case = CASE.replace(rank=rank)
    assert_allclose(case.divergence().total, oracles.expected_kl(student, teacher, W @ X.T, NOISE), rtol=1e-10)
    setting = oracles.Setting(X, W, NOISE)
    risk, gap = oracles._risk_and_gap(setting, predictor, None)
    assert_allclose(case.excess_risk().student, risk, rtol=1e-10)
    assert_allclose(case.gaps().student, gap, rtol=1e-10, atol=1e-13)


def test_own_inputs_as_transfer_inputs_change_nothing():
    plain = CASE.replace(transfer=None)
    own = CASE.replace(transfer=lg.Moments.from_data(X, center=False))
    assert plain.is_spectral
    assert not own.is_spectral
    assert_allclose(own.divergence().cells, plain.divergence().cells, rtol=1e-9)
    assert_allclose(own.prediction_divergence().cells, plain.prediction_divergence().cells, rtol=1e-9)
    assert_allclose(own.gaps().student, plain.gaps().student, rtol=1e-12)
    labels = (dataclasses.astuple(case.label_divergence()) for case in (own, plain))
    assert_allclose(*labels, rtol=1e-12)


def test_inputs_of_the_same_directions_cost_each_direction_by_itself():
    s, moved, signal = np.array([9.0, 4.0, 1.0]), np.array([2.0, 5.0, 3.0]), np.array([1.0, 0.5, 0.25])
    problem = lg.Problem.from_spectrum(s, signal, n_samples=20, label_noise=0.5, outputs=2)
    transfer = lg.Moments.from_data(np.diag(np.sqrt(moved)), center=False)
    case = lg.Distillation(problem, lg.Ridge(0.7), lg.Ridge(0.4), temperature=2.0, transfer=transfer)
    a, b = s / (s + 0.7), moved / (moved + 0.4)
    v, u = 0.25 / (s + 0.7), 0.25 / (moved + 0.4) + b**2 * (0.25 / (s + 0.7) + 2.0 * 0.25 / moved)
    shift = (b - 1.0) * a
    assert_allclose(case.divergence().bias, 0.5 * np.sum(shift**2 * signal / v), rtol=1e-12)
    noise, spread = np.sum(shift**2 * 0.25 / (s * v)), np.sum(u / v - 1.0 - np.log(u / v))
    assert_allclose(case.divergence().variance, noise + spread, rtol=1e-12)


def test_endless_transfer_inputs_make_one_draw_the_teacher_and_many_draws_a_known_distance_from_it():
    def total(draws):
        endless = lg.Moments.from_data(1e7 * OTHER, center=False)
        return CASE.replace(transfer=endless, rank=4, draws=draws).divergence().total

    assert_allclose(total(1), 0.0, atol=1e-9)
    assert_allclose(total(5), 2 * 4 / 2 * (1 / 5 - 1 + math.log(5)), rtol=1e-6)


def test_principal_directions_are_those_of_the_inputs_the_student_sees():
    basis = principal(2)
    assert_allclose(CASE.basis @ CASE.basis.T, basis @ basis.T, atol=1e-12)
    same = CASE.replace(bottleneck=lg.Subspace(basis))
    assert_allclose(same.divergence().cells, CASE.divergence().cells, rtol=1e-9)


def test_tied_transfer_directions_are_reported():
    tied = lg.Moments.from_data(np.eye(4), center=False)
    with pytest.warns(TiedSpectrumWarning, match="rank 2 cuts") as caught:
        CASE.replace(transfer=tied).divergence()
    assert caught[0].filename == __file__


@pytest.mark.parametrize("bottleneck", [lg.Principal(2), lg.Subspace(W.T), None])
def test_sweeps_agree_with_designs_one_by_one(bottleneck):
    case = CASE.replace(bottleneck=bottleneck, floor=0.4)
    axes = {"student_rank": [0, 1, 2], "temperature": [0.0, 2.0], "n_samples": [9, 90], "teacher_penalty": [0.5, 3.0]}
    names = ("divergence", "bias", "prediction_divergence", "teacher_gap", "student_gap", "student_excess_risk")
    grid = case.sweep(**axes, quantities=names)
    for point in ({"student_rank": 0, "temperature": 2.0, "n_samples": 9, "teacher_penalty": 3.0},
                  {"student_rank": 2, "temperature": 0.0, "n_samples": 90, "teacher_penalty": 0.5}):  # fmt: skip
        here, found = case.replace(**point), grid.sel(point)
        exact = [here.divergence().total, here.divergence().bias, here.prediction_divergence().total]
        exact += [here.gaps().teacher, here.gaps().student, here.excess_risk().student]
        assert_allclose([float(found[name]) for name in names], exact, rtol=1e-9)


def test_divergence_of_soft_labels_concerns_the_labels_of_the_transfer_inputs():
    n, found = len(OTHER), CASE.label_divergence()
    M, V = oracles.ridge_kernel(X, 0.8, NOISE, 0.7)
    mean = (W @ X.T @ M - W) @ OTHER.T
    spread = OTHER @ V @ OTHER.T / NOISE**2 + 1.7 * np.eye(n)
    noise = np.sum(np.square(M @ OTHER.T))
    exact = 0.5 * np.sum(mean**2) / NOISE**2 + noise + (np.trace(spread) - n - np.linalg.slogdet(spread)[1])
    assert_allclose(found.exact, exact, rtol=1e-10)
    assert found.exact <= found.bound


def test_observed_labels_and_intercepts_are_legal():
    observed = lg.Problem.from_data(X, X @ W.T + 0.3, label_noise=NOISE)
    shifted = lg.Moments.from_data(OTHER + 100.0)  # centred on its own mean: slopes do not care where it lies
    near = lg.Moments.from_data(OTHER)
    case = CASE.replace(problem=observed, transfer=shifted)
    assert case.divergence().mode == "observed"
    assert_allclose(case.divergence().cells, case.replace(transfer=near).divergence().cells, rtol=1e-9)


def test_a_design_with_transfer_inputs_survives_pickling_and_describes_itself():
    back = pickle.loads(pickle.dumps(CASE))  # noqa: S301 (written here)
    assert back.divergence().total == CASE.divergence().total
    assert "Moments(7 samples" in repr(CASE)
    script: dict[str, lg.Distillation] = {}
    exec(CASE.to_python(), script)  # noqa: S102 (our own text)
    assert script["case"].divergence().total == CASE.divergence().total
    assert json.loads(CASE.sweep(temperature=[1.0]).attrs["settings"])["transfer"] == repr(TRANSFER)
    assert describe(CASE.replace(transfer=None))["transfer"] is None
    assert "student_excess_risk" in lg.compare({"transfer": CASE, "plain": CASE.replace(transfer=None)})


def test_chunked_sweeps_carry_transfer_inputs():
    pytest.importorskip("dask")
    lazy = CASE.sweep(temperature=[0.5, 1.0, 2.0], chunks={"temperature": 2}).compute(scheduler="synchronous")
    assert_allclose(lazy["divergence"], CASE.sweep(temperature=[0.5, 1.0, 2.0])["divergence"], rtol=1e-12)


def test_what_transfer_inputs_cannot_do_is_said():
    with pytest.raises(ShapeError, match="4 features, as many as the training inputs; got 3"):
        CASE.replace(transfer=lg.Moments.from_data(OTHER[:, :3], center=False))
    with pytest.raises(DomainError, match=r"no true labels to mix in; got mixing=0\.5"):
        CASE.replace(mixing=0.5)
    with pytest.raises(DomainError, match="no true labels to mix in"):
        CASE.sweep(mixing=[0.0, 1.0])
    with pytest.raises(DomainError, match="center=False, as the training inputs were taken; got center=True"):
        CASE.replace(transfer=lg.Moments.from_data(OTHER))
    with pytest.raises(DomainError, match="transfer as FreshInputs or Moments of inputs; got ndarray"):
        CASE.replace(transfer=OTHER)
    with pytest.raises(DomainError, match="no transfer, because the student is given as its whole law"):
        CASE.replace(student=CASE.student_channel, temperature=1.0, draws=1, bottleneck=None)
    with pytest.raises(DomainError, match="transfer inputs, whose eigen-directions"):
        CASE.replace(bottleneck=lg.Best(2)).divergence()
    with pytest.raises(DomainError, match="on the same inputs, whose statistics are compared"):
        CASE.replace(draws=1).process_divergence()
    with pytest.raises(DomainError, match="got transfer inputs"):
        CASE.replace(bottleneck=lg.Best(2)).optimize(over=("temperature",))
    centred = lg.Problem.from_data(X, X @ W.T, label_noise=NOISE).with_truth(W)
    with pytest.raises(DomainError, match="labels of transfer inputs without an intercept"):
        CASE.replace(problem=centred, transfer=lg.Moments.from_data(OTHER)).label_divergence()
