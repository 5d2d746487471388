"""The advice: true risks within the tolerance, students that can be trained, and the same answer from every door."""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal

import lingauss as lg
from lingauss.analysis.advice import Wishes, advise
from lingauss.analysis.evidence import PENALTIES, leave_one_out_penalty
from lingauss.analysis.options import Scaling
from lingauss.analysis.preparation import prepare
from lingauss.errors import DomainError, LingaussError, MissingLabelsError, NoiseEstimationError, NotFiniteError
from lingauss.model.evidence import joint_evidence


def data(seed=0, n=150, d=12, k=1, noise=0.7, decay=1.0):
    """Correlated inputs, labels and the truth behind them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * np.arange(1, d + 1) ** -decay @ rng.normal(size=(d, d)) + rng.normal(size=d)
    W = rng.normal(size=(k, d))
    return X, X @ W.T + noise * rng.normal(size=(n, k)), W


# What is recommended


def above_the_best(problems, tolerances):
    """By which fraction the true risk of what is recommended exceeds the best true risk, problem by problem."""
    above = []
    for seed in range(problems):
        rng = np.random.default_rng([7, seed])
        d, noise = int(rng.integers(4, 16)), float(rng.uniform(0.3, 3.0))
        X, Y, W = data([seed, 1], n=int(rng.integers(60, 200)), d=d, noise=noise, decay=float(rng.uniform(0.0, 1.0)))
        advice = lg.analyze(X, Y, tolerance=tolerances[0])
        truth = advice.observed.with_truth(W * advice.prepared.feature_scale).with_label_noise(noise)
        penalty = advice.recommended.teacher.penalty
        wider = advise(advice.problem, penalty, Wishes(tolerances[1]))
        designs = [advice.recommended, wider.predicting.design]
        best = designs[0].replace(problem=truth, rank=d)
        least = best.optimize(over=("student_rank", "mixing"), objective="excess_risk").value
        above.append([design.replace(problem=truth).excess_risk().student / least - 1.0 for design in designs])
    return np.array(above)


def test_the_true_risk_of_the_recommended_design_is_within_the_tolerance_on_average():
    tolerances = (0.05, 0.5)
    above = above_the_best(200, tolerances)  # on average 4.7 % and 22 %, against the best design in hindsight
    assert (above >= -1e-9).all()
    assert (above.mean(axis=0) <= tolerances).all()


def test_the_rank_is_the_smallest_within_the_tolerance():
    X, Y, _ = data(d=20)
    for objective, noise in (("excess_risk", 0.0), ("squared_error", 1.0)):
        advice = lg.analyze(X, Y, tolerance=0.1, objective=objective)
        cost = advice.by_rank()["excess_risk"] + noise * advice.problem.label_noise**2
        assert advice.rank == cost.index[cost <= 1.1 * cost.min()].min()


def test_a_tolerance_on_divergence_compares_divergences():
    X, Y, _ = data(d=9, n=400)
    advice = lg.analyze(X, Y, tolerance=0.3, objective="divergence")
    values = advice.advice.judged.values
    assert advice.rank == np.flatnonzero(values <= 1.3 * values.min())[0]
    assert advice.faithful.divergence().total == pytest.approx(values[advice.rank], rel=1e-9)


def test_a_budget_caps_the_rank_and_its_cost_is_told():
    X, Y, _ = data(d=10)
    advice = lg.analyze(X, Y, rank_budget=3)
    assert advice.rank == 3
    assert "The rank budget costs" in advice.verdict()
    assert lg.analyze(X, Y, rank_budget=99).rank == lg.analyze(X, Y).rank


def test_a_wide_tolerance_keeps_nothing_and_a_zero_tolerance_the_best():
    X, Y, _ = data()
    assert lg.analyze(X, Y, tolerance="100000000%").rank == 0
    advice = lg.analyze(X, Y, tolerance=0.0)
    assert advice.rank == advice.advice.best_rank


def test_faithful_settings_cannot_be_improved_by_moving_them():
    X, Y, _ = data(n=60)
    advice = lg.analyze(X, Y, tolerance=0.5)
    table = advice.sensitivities()
    assert (table[["10 % smaller", "10 % larger"]].to_numpy() >= -1e-12).all()
    assert math.isfinite(advice.faithful.divergence().total)


# The student can be trained


@pytest.mark.parametrize("k", [1, 3])
def test_coefficients_are_those_of_a_student_trained_on_the_mixed_labels(k):
    X, Y, _ = data(k=k)
    advice = lg.analyze(X, Y, tolerance=0.3, scale_targets=False)
    Z = (X - X.mean(axis=0)) @ advice.projection().to_numpy()
    full = (X - X.mean(axis=0)) / X.std(axis=0)
    penalty, centred = advice.recommended.teacher.penalty, Y - Y.mean(axis=0)
    teacher = full @ np.linalg.solve(full.T @ full + penalty * np.eye(full.shape[1]), full.T @ centred)
    mixing = advice.recommended.mixing
    labels = (1 - mixing) * centred + mixing * teacher
    trained = Z @ np.linalg.solve(Z.T @ Z + penalty * np.eye(Z.shape[1]), Z.T @ labels) + Y.mean(axis=0)
    table = advice.coefficients().to_numpy()
    assert_allclose(table[0] + X @ table[1:], trained, rtol=1e-9, atol=1e-9)


def test_one_hot_students_have_one_column_per_class():
    X, Y, _ = data(k=1)
    kind = np.where(Y[:, 0] > np.median(Y), "high", "low")
    advice = lg.analyze(pd.DataFrame(X).add_prefix("f"), pd.Series(kind, name="level"))
    assert list(advice.coefficients().columns) == ["level = high", "level = low"]
    assert list(advice.projection().index) == [f"f{j}" for j in range(12)]
    assert_allclose(advice.coefficients().sum(axis=1), [1.0] + 12 * [0.0], atol=1e-9)


# Noise and penalty


def test_leave_one_out_takes_the_penalty_of_least_error_on_each_left_out_row():
    X, Y, _ = data(n=30, d=5, k=2)
    advice = lg.analyze(X, Y, leave_one_out=True, scale_targets=False)
    Z = X / X.std(axis=0)
    s = np.linalg.eigvalsh((Z - Z.mean(axis=0)).T @ (Z - Z.mean(axis=0)))[-1]

    def error(penalty):
        total = 0.0
        for i in range(len(Z)):
            rest, labels = np.delete(Z, i, axis=0), np.delete(Y, i, axis=0)
            a, b = rest - rest.mean(axis=0), labels - labels.mean(axis=0)
            weights = np.linalg.solve(a.T @ a + penalty * np.eye(5), a.T @ b)
            total += np.sum((Y[i] - labels.mean(axis=0) - (Z[i] - rest.mean(axis=0)) @ weights) ** 2)
        return total

    grid = np.geomspace(1e-9 * s, 1e3 * s, PENALTIES)
    best = grid[np.argmin([error(penalty) for penalty in grid])]
    assert advice.recommended.teacher.penalty == pytest.approx(best, rel=1e-9)
    assert any("leave-one-out" in note for note in advice.notes)


def left_out(X, Y, penalty):
    """The squared error of predicting each row from all others, by refitting; at penalty 0 the fit of least norm."""
    total = 0.0
    for i in range(len(X)):
        rest, labels = np.delete(X, i, axis=0), np.delete(Y, i, axis=0)
        a, b = rest - rest.mean(axis=0), labels - labels.mean(axis=0)
        fitted = np.linalg.pinv(a.T @ a + penalty * np.eye(X.shape[1]), rcond=1e-10, hermitian=True) @ a.T @ b
        total += np.sum((Y[i] - labels.mean(axis=0) - (X[i] - rest.mean(axis=0)) @ fitted) ** 2)
    return total


def penalty_left_out(X, Y):
    names = [tuple(f"{kind}{j}" for j in range(size)) for kind, size in (("x", X.shape[1]), ("y", Y.shape[1]))]
    prepared = prepare(lg.Moments.from_data(X, Y), *names, Scaling(standardise=False), numeric=False)
    problem = lg.Problem.from_moments(prepared.moments, label_noise=1.0)
    try:
        return leave_one_out_penalty([(X[:5], Y[:5]), (X[5:], Y[5:])], prepared, problem)
    except NoiseEstimationError as error:
        return str(error)


@pytest.mark.parametrize("noise", [0.0, 0.3, 3.0])
@pytest.mark.parametrize("seed", range(4))
def test_leave_one_out_takes_no_penalty_that_none_or_all_of_it_beats(seed, noise):
    """With fewer rows than features the error levels off towards penalty 0, where every row is fitted."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(12, 20))
    Y = X @ rng.normal(size=(20, 2)) * 0.1 + noise * rng.normal(size=(12, 2))
    s = np.linalg.eigvalsh((X - X.mean(axis=0)).T @ (X - X.mean(axis=0)))[-1]
    grid = np.geomspace(1e-9 * s, 1e3 * s, PENALTIES)[60::4]
    ends, least = (left_out(X, Y, 0.0), left_out(X, Y, 1e12 * s)), min(left_out(X, Y, value) for value in grid)
    found = penalty_left_out(X, Y)
    if isinstance(found, str):
        assert min(ends) <= least * (1 + 1e-6)
        assert ("towards penalty 0" in found) == (ends[0] < ends[1])
    else:
        assert left_out(X, Y, found) <= least * (1 + 1e-9)
        assert left_out(X, Y, found) < min(ends)
    order = rng.permutation(len(X))
    assert penalty_left_out(X[order], Y[order]) == (found if isinstance(found, str) else pytest.approx(found, rel=1e-9))


def test_a_row_that_alone_tells_a_weight_counts_in_the_leave_one_out_error():
    rng = np.random.default_rng(5)
    X = np.column_stack([rng.normal(size=(30, 2)), np.eye(30)[:, 7]])
    Y = X @ [[1.0], [0.5], [2.0]] + rng.normal(size=(30, 1))
    s = np.linalg.eigvalsh((X - X.mean(axis=0)).T @ (X - X.mean(axis=0)))[-1]
    grid = np.geomspace(1e-9 * s, 1e3 * s, PENALTIES)
    best = grid[np.argmin([left_out(X, Y, value) for value in grid])]
    assert penalty_left_out(X, Y) == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("leave_one_out", [False, True])
def test_analysis_of_fewer_rows_than_features_never_reads_a_plateau_as_noise(leave_one_out):
    """True ν is .5; a point of the plateau was ν ≈ 1e-4, another one after a permutation of the rows."""
    refused = 0
    for seed in (0, 1, 8):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((40, 120))
        Y = X @ rng.standard_normal((120, 1)) / np.sqrt(120) + 0.5 * rng.standard_normal((40, 1))
        try:
            advice = lg.analyze(X, Y, leave_one_out=leave_one_out)
        except NoiseEstimationError as error:
            assert "Pass penalty or label_noise explicitly" in str(error)  # noqa: PT017
            refused += 1
        else:
            assert advice.problem.label_noise > 0.1
    assert refused == 2


def test_noise_and_penalty_together_maximise_the_marginal_likelihood():
    X, Y, _ = data(n=15, d=30, k=2)
    X = X - X.mean(axis=0)
    s, U = np.linalg.eigh(X.T @ X)
    s = np.maximum(s, 0) * (s > 1e-9 * s[-1])
    penalty, noise = joint_evidence(s, np.sum((Y.T @ X @ U) ** 2, axis=0), float(np.sum(Y**2)), 15, 2)

    def likelihood(lam, nu):
        cov = nu**2 * (np.eye(15) + X @ X.T / lam)
        return sum(multivariate_normal(np.zeros(15), cov).logpdf(y) for y in Y.T)

    best = likelihood(penalty, noise)
    for factor in (0.97, 1.03):
        assert likelihood(factor * penalty, noise) < best
        assert likelihood(penalty, factor * noise) < best


def test_more_features_than_rows_are_no_obstacle_and_the_estimate_says_so():
    X, Y, _ = data(n=25, d=60)
    advice = lg.analyze(X, Y)
    assert any("together with the penalty" in note for note in advice.notes)
    assert advice.rank <= 24


def test_a_given_penalty_needs_no_peak_and_the_noise_maximises_the_likelihood_at_it():
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(6, 10)), rng.normal(size=(6, 2))
    with pytest.raises(NoiseEstimationError, match=r"penalty infinity.*Pass penalty"):
        lg.analyze(X, Y)
    advice = lg.analyze(X, Y, penalty=3.0, standardise=False, scale_targets=False)
    assert any("at the given penalty" in note for note in advice.notes)
    center = np.linalg.qr(np.eye(6) - 1 / 6)[0][:, :5]  # an intercept takes one degree of freedom
    Z, T = center.T @ X, center.T @ Y

    def likelihood(nu):
        return sum(multivariate_normal(np.zeros(5), nu**2 * (np.eye(5) + Z @ Z.T / 3.0)).logpdf(y) for y in T.T)

    best = likelihood(advice.problem.label_noise)
    assert max(likelihood(factor * advice.problem.label_noise) for factor in (0.97, 1.03)) < best


def test_labels_without_signal_are_refused_with_the_remedy():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 3))
    Y = rng.normal(size=200)
    Y -= X @ np.linalg.lstsq(X, Y, rcond=None)[0]
    with pytest.raises(NoiseEstimationError, match="Pass penalty"):
        lg.analyze(X, Y)
    advice = lg.analyze(X, Y, penalty=1e3, tolerance=0.5)
    assert advice.rank == 0


# Every door leads to the same advice


def test_moments_arrays_frames_and_memory_maps_give_the_same_advice(tmp_path):
    X, Y, _ = data(k=2)
    np.save(tmp_path / "X.npy", X)
    doors = {
        "arrays": lg.analyze(X, Y),
        "lists": lg.analyze(X.tolist(), Y.tolist()),
        "moments": lg.analyze(lg.Moments.from_data(X, Y)),
        "frame": lg.analyze(pd.DataFrame(X), pd.DataFrame(Y, columns=["a", "b"])),
        "array and frame": lg.analyze(X, pd.DataFrame(Y, columns=["a", "b"])),
        "mapped": lg.analyze(np.load(tmp_path / "X.npy", mmap_mode="r"), Y),
        "joint frame": lg.analyze(pd.DataFrame(np.column_stack([X, Y])), ["12", "13"]),
    }
    expected = doors["arrays"]
    for name, found in doors.items():
        assert found.rank == expected.rank, name
        assert_allclose(found.coefficients(), expected.coefficients(), rtol=1e-8, err_msg=name)


def test_objects_and_nullable_columns_that_are_numbers_are_taken_as_numbers():
    X, Y, _ = data()
    expected = lg.analyze(X, Y).coefficients().to_numpy()
    frame = pd.DataFrame(X).add_prefix("x").assign(y=Y[:, 0])
    for found in (lg.analyze(X, Y.astype(object)), lg.analyze(frame.convert_dtypes(), "y")):
        assert_allclose(found.coefficients(), expected, rtol=1e-9)
    holes = frame.astype({"y": object})
    holes.loc[[2, 9], "y"] = None
    assert "2 of 150 rows" in lg.analyze(holes, "y", drop_missing=True).notes[0]


def test_a_fitted_posterior_gives_the_advice_of_the_data_behind_it():
    X, Y, _ = data()
    direct = lg.analyze(X, Y, standardise=False)
    problem, teacher = direct.observed, direct.recommended.replace(teacher_temperature=1.0).teacher
    law = teacher.channel(problem.gramian, problem.label_noise).at(problem.observed)
    fitted = lg.from_posterior(
        law.mean,
        law.cov,
        label_noise=problem.label_noise,
        n_samples=len(X),
        prior_variance=problem.label_noise**2 / teacher.penalty,
        intercept=True,
    )
    advice = lg.analyze(fitted)
    assert advice.rank == direct.rank
    assert advice.recommended.excess_risk().student == pytest.approx(direct.recommended.excess_risk().student, rel=1e-6)
    assert advice.faithful.divergence().total == pytest.approx(direct.faithful.divergence().total, rel=1e-6)
    assert advice.notes == fitted.assumed


def test_standardised_advice_does_not_depend_on_units():
    X, Y, _ = data()
    units = 10.0 ** np.arange(-6, 6)
    assert_allclose(
        lg.analyze(X * units, Y).coefficients().iloc[1:, 0] * units,
        lg.analyze(X, Y).coefficients().iloc[1:, 0],
        rtol=1e-7,
    )


# What it says


def test_estimates_are_called_plug_in_wherever_they_appear():
    X, Y, _ = data()
    advice = lg.analyze(X, Y)
    assert advice.problem.mode == "plug-in"
    assert advice.recommended.prediction_divergence().mode == "plug-in"
    for told in (repr(advice), advice._repr_html_(), advice.report()):
        assert "plug-in" in told


def test_hostile_names_are_escaped():
    X, Y, _ = data(d=2)
    hostile = "<script>alert('&')</script>"
    advice = lg.analyze(pd.DataFrame(X, columns=[hostile, "b"]), pd.Series(Y[:, 0], name=f"y{hostile}"))
    for page in (advice.report(), advice._repr_html_()):
        assert "<script" not in page
    assert "&lt;script&gt;" in advice.report()


def test_teacher_and_full_rank_stand_beside_the_recommended_design():
    X, Y, _ = data()
    table = lg.analyze(X, Y).alternatives()
    best = table.loc["the best rank"]
    assert table.loc[["recommended", "the teacher itself", "all directions"], "excess_risk"].notna().all()
    assert best["above_least"] == pytest.approx(0.0, abs=1e-9)
    students = table.drop(["the teacher itself", "ridge at its best penalty, in hindsight"])  # of the given penalty
    assert (students["above_least"] >= -1e-9).all()


def test_weights_of_rows_change_no_unit_of_the_features():
    X, Y, _ = data(n=60)
    weights = np.random.default_rng(0).uniform(0.5, 3.0, 60)
    scales = [
        lg.analyze(lg.Moments.from_data(X, Y, weights=weights * factor)).prepared.feature_scale for factor in (1.0, 4.0)
    ]
    assert_allclose(scales[0], scales[1], rtol=1e-12)
    mean = np.average(X, axis=0, weights=weights)
    assert_allclose(scales[0], np.sqrt(np.average(np.square(X - mean), axis=0, weights=weights)), rtol=1e-12)


# Bad input beyond files


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda X, Y: lg.analyze(X), LingaussError),
        (lambda X, Y: lg.analyze(X, Y[:-1]), LingaussError),
        (lambda X, Y: lg.analyze(X, np.where(Y > 1, np.nan, Y)), NotFiniteError),
        (lambda X, Y: lg.analyze(X, Y, features=["x0"]), DomainError),
        (lambda X, Y: lg.analyze(lg.Moments.from_data(X)), MissingLabelsError),
        (lambda X, Y: lg.analyze(lg.Moments.from_data(X, Y), "y"), DomainError),
        (lambda X, Y: lg.analyze(lg.Moments.from_data(X, Y), leave_one_out=True), DomainError),
        (lambda X, Y: lg.analyze(X, Y.astype("datetime64[s]")), LingaussError),
        (lambda X, Y: lg.analyze(pd.DataFrame(X), Y[:-1]), LingaussError),
        (lambda X, Y: lg.analyze(pd.DataFrame(X).assign(when="2020"), Y), LingaussError),
    ],
)
def test_bad_input_gets_a_typed_error(call, error):
    X, Y, _ = data()
    with pytest.raises(error):
        call(X, Y)
