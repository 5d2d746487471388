"""What a reader meets first: five questions answered within a screen, each number against a recomputation."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn import datasets
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_predict
from typer.testing import CliRunner

import lingauss as lg
from lingauss.analysis.advice import Wishes
from lingauss.analysis.choices import Unit
from lingauss.analysis.options import Options, Scaling, Teaching
from lingauss.cli import app
from lingauss.tables.reading import Reading

WIDTH, HEIGHT = 80, 24


def houses(n=500):
    """A housing-like table: names, large units, correlated columns."""
    rng = np.random.default_rng(3)
    area = rng.lognormal(7.4, 0.35, n)
    rooms = np.round(area / 650 + rng.normal(0, 0.7, n))
    columns = {
        "area": area.round(),
        "rooms": rooms,
        "baths": np.round(0.7 * rooms + rng.normal(0, 0.5, n)),
        "age": rng.integers(0, 90, n),
        "lot": (area * rng.lognormal(1.2, 0.4, n)).round(),
        "school": rng.uniform(1, 10, n).round(1),
        "distance": rng.gamma(2, 5, n).round(2),
        "tax": rng.normal(1, 0.1, n).round(3),
    }
    frame = pd.DataFrame(columns)
    frame["price"] = 90 * area + 12e3 * frame.baths - 700 * frame.age + 9e3 * frame.school + rng.normal(0, 36e3, n)
    return frame


def named(bunch):
    frame = bunch.frame.copy()
    frame["target"] = np.array(bunch.target_names)[frame["target"]]
    return frame


FRAMES = {
    "diabetes": (lambda: datasets.load_diabetes(as_frame=True, scaled=False).frame, "target"),
    "wine": (lambda: named(datasets.load_wine(as_frame=True)), "target"),
    "cancer": (lambda: named(datasets.load_breast_cancer(as_frame=True)), "target"),
    "houses": (houses, "price"),
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command in an empty folder on a narrow terminal, without drawing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setattr("lingauss.analysis.report.render", lambda draw, kinds: dict.fromkeys(kinds, b"<svg/>"))
    return lambda *words: CliRunner().invoke(app, words, catch_exceptions=False)


@pytest.mark.parametrize("name", [*FRAMES, "digits", "embeddings"])
def test_five_questions_are_answered_on_one_screen(run, tmp_path, name):
    if name == "embeddings":
        rng = np.random.default_rng(0)
        X = rng.normal(size=(300, 40)).astype("f4")
        np.savez(
            tmp_path / "x.npz", X=X, labels=X[:, :3] + rng.normal(size=(300, 3)), filenames=np.array(["a"], object)
        )
        words = ["x.npz", "--targets", "labels"]
    elif name == "digits":
        X, digit = datasets.load_digits(return_X_y=True)
        pd.DataFrame(X[:500, 2:40]).add_prefix("pixel").assign(digit=digit[:500]).to_csv(
            tmp_path / "x.csv", index=False
        )
        words = ["x.csv", "--targets", "digit", "--classes", "--drop-constant"]
    else:
        load, target = FRAMES[name]
        load().to_csv(tmp_path / "x.csv", index=False)
        words = ["x.csv", "--targets", target]
    result = run("analyze", *words)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) <= HEIGHT
    assert max(map(len, lines)) <= WIDTH
    told = " ".join(result.stdout.split())
    assert re.search(r"Keep (all )?\d+ (of \d+ )?directions", told)  # how many can I drop?
    assert re.search(r"(RMSE|Brier score) on new rows [\d.,]+", told)  # what does it cost in my unit?
    assert re.search("Distilling (gains nothing|helps)", told)  # is distilling worth it?
    assert "Columns that matter most" in told
    assert "lingauss predict x-analysis/student.npz NEW.csv" in told  # how do I use the student?


def leave_one_out(frame, target, rank, penalty):
    """Return the root mean squared error of predicting each row from all the others, by refits."""
    X = frame.drop(columns=target).to_numpy(dtype=float)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    directions = np.linalg.svd(Z, full_matrices=False)[2][:rank].T
    y = frame[target].to_numpy(dtype=float)
    found = cross_val_predict(Ridge(alpha=penalty), Z @ directions, y, cv=len(y))
    return np.sqrt(np.mean(np.square(y - found))), r2_score(y, found)


@pytest.mark.parametrize("name", ["diabetes", "houses"])
def test_errors_on_new_rows_are_those_of_refits_without_a_row(name):
    load, target = FRAMES[name]
    frame = load()
    advice = lg.analyze(frame, target)
    for row in advice.choices_table().itertuples():
        error, explained = leave_one_out(frame, target, row.directions, advice.recommended.student.penalty)
        assert_allclose(row.error_on_new_rows, error, rtol=0.01)  # from moments: to first order in the leverages
        assert_allclose(row.r2_on_new_rows, explained, atol=0.01)


def test_errors_at_the_training_inputs_are_noise_and_excess_risk_in_the_targets_unit():
    advice = lg.analyze(houses(), "price")
    noise, costs = advice.problem.label_noise, advice.by_rank()["excess_risk"]
    for row in advice.choices_table().itertuples():
        assert_allclose(row.error_at_inputs, np.sqrt(noise**2 + costs[row.directions]), rtol=1e-9)


def test_the_verdict_quotes_the_table():
    advice = lg.analyze(datasets.load_diabetes(as_frame=True, scaled=False).frame, "target")
    table = advice.choices_table().set_index("directions")["error_on_new_rows"]
    told = re.fullmatch(
        r"Keep (\d+) of (\d+) directions: RMSE on new rows ([\d.]+) instead of ([\d.]+) with all of them .*",
        advice.verdict(),
    )
    kept, everything, *errors = map(float, told.groups())
    assert_allclose(errors, table[[int(kept), int(everything)]], rtol=2e-4)


def test_at_most_six_choices_are_told_and_the_recommended_is_among_them():
    for load, target in FRAMES.values():
        table = lg.analyze(load(), target).choices_table()
        assert len(table) <= 6
        assert sum("recommended" in name for name in table.index) == 1
        assert table.directions.is_monotonic_decreasing


def test_the_cross_validated_choice_has_the_least_error_of_all_ranks():
    advice = lg.analyze(datasets.load_diabetes(as_frame=True, scaled=False).frame, "target")
    errors = advice.errors()["error"]
    assert advice.chosen("best on new rows").rank == int(errors.to_numpy().argmin())


def test_accuracy_is_that_of_models_that_have_not_seen_the_row():
    bunch = datasets.load_wine()
    advice = lg.analyze(bunch.data, bunch.target, classes=True)
    X, penalty = bunch.data, advice.recommended.student.penalty
    Z, labels = (X - X.mean(axis=0)) / X.std(axis=0), np.eye(3)[bunch.target]
    right = 0
    for part in range(5):
        held = np.arange(len(Z)) % 5 == part
        centre = Z[~held].mean(axis=0)
        U = np.linalg.svd(Z[~held] - centre, full_matrices=False)[2][: advice.rank].T
        model = Ridge(alpha=penalty).fit((Z[~held] - centre) @ U, labels[~held])
        right += np.sum(model.predict((Z[held] - centre) @ U).argmax(axis=1) == bunch.target[held])
    assert advice.chosen().accuracy == pytest.approx(right / len(Z), abs=1e-12)


def test_alternatives_are_held_against_ridge_at_its_best_penalty():
    advice = lg.analyze(datasets.load_diabetes(as_frame=True, scaled=False).frame, "target")
    risks = advice.alternatives()["excess_risk"]
    teacher = advice.recommended.teacher.penalty
    tried = [
        advice.advice.widest.replace(teacher_penalty=teacher * factor).excess_risk().teacher
        for factor in np.geomspace(0.1, 10.0, 201)
    ]
    assert_allclose(risks["ridge at its best penalty, in hindsight"], min(tried), rtol=1e-4)
    assert risks["ridge at its best penalty, in hindsight"] <= risks["the teacher itself"]


def test_details_explain_why_another_rank_is_closer_to_the_teacher(run, tmp_path):
    frame = datasets.load_diabetes(as_frame=True, scaled=False).frame
    advice = lg.analyze(frame, "target")
    costs = advice.by_rank()["divergence"]
    assert costs.idxmin() != advice.rank
    frame.to_csv(tmp_path / "x.csv", index=False)
    told = " ".join(run("analyze", "x.csv", "--targets", "target", "--details").stdout.split())
    assert f"at these settings rank {costs.idxmin()} is closest, {costs.min():.3g} nats" in told
    noise = advice.problem.label_noise
    assert f"an RMSE of {noise:.1f}" in told


# Soft labels


def test_soft_labels_are_recommended_where_they_gain_more_than_is_uncertain():
    """With a penalty far too large, soft labels of a negative share undo some of the shrinkage."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 5))
    Y = X @ np.ones(5) + 0.5 * rng.normal(size=400)
    advice = lg.analyze(X, Y, penalty=400.0, label_noise=0.5)
    gain = advice.advice.gain
    assert gain.saved > 2.0 * gain.standard_error
    assert advice.recommended.mixing == gain.mixing != 0.0
    assert "Distilling helps" in advice.verdict()
    fresh = rng.normal(size=(20_000, 5))
    truth = fresh @ np.ones(5)
    plain = lg.analyze(X, Y, penalty=400.0, label_noise=0.5, mixing=0.0, student_temperature=1.0)
    errors = [np.mean(np.square(one.student().predict(fresh) - truth)) for one in (advice, plain)]
    assert errors[0] < errors[1]


@pytest.mark.parametrize("seed", range(5))
def test_with_a_tuned_penalty_distilling_is_not_recommended(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(100, 6))
    advice = lg.analyze(X, X @ np.ones(6) + rng.normal(size=100))
    assert advice.recommended.mixing == 0.0
    assert "Distilling gains nothing" in advice.verdict()


# Labels without noise


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_linear_teachers_own_outputs_are_answered(outputs):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 8)) * np.arange(8, 0, -1)
    W = rng.normal(size=(8, outputs)) * np.arange(8, 0, -1)[:, None] ** 2
    advice = lg.analyze(X, X @ W, standardise=False, tolerance=0.02, scale_targets=False)
    assert advice.noiseless
    assert "The labels have no noise" in advice.verdict()
    errors = advice.by_rank()["excess_risk"]
    Z = (X - X.mean(axis=0)) @ np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2].T
    labels = X @ W - (X @ W).mean(axis=0)
    missed = [np.sum(np.square(labels - Z[:, :r] @ np.linalg.lstsq(Z[:, :r], labels, rcond=None)[0])) for r in range(9)]
    assert_allclose(errors, np.array(missed) / 200, atol=1e-6 * missed[0] / 200)
    assert advice.rank == next(r for r in range(9) if missed[r] <= 0.02 * missed[0])


def test_rounding_is_no_error_where_labels_have_no_noise():
    X = np.random.default_rng(0).normal(size=(200, 3))
    advice = lg.analyze(X, X @ [1.0, 2.0, 0.5])
    assert advice.verdict().startswith(
        "Keep all 3 directions: RMSE on new rows 0 (R² 1). None can be dropped: with 2 it"
    )
    assert advice.guarded is None
    assert advice.notices == ()
    single = lg.analyze(X[:, :1], X[:, 0])
    assert single.verdict().startswith("Keep the only direction: RMSE on new rows 0 (R² 1).")
    assert single.notices == ()


def test_noise_of_float32_is_no_noise():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4)).astype("f4")
    assert lg.analyze(X, X @ np.ones((4, 1), "f4")).noiseless
    assert not lg.analyze(X, X @ np.ones(4) + 1e-3 * rng.normal(size=200)).noiseless


# Fewer rows than features


@pytest.mark.parametrize("standardise", [True, False])
def test_wide_tables_give_the_numbers_of_their_moments(standardise):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(15, 40)) @ rng.normal(size=(40, 40))
    Y = X @ rng.normal(size=(40, 2)) + rng.normal(size=(15, 2))
    options = {"penalty": 30.0, "label_noise": 2.0, "standardise": standardise, "scale_targets": False}
    wide, tall = lg.analyze(X, Y, **options), lg.analyze(lg.Moments.from_data(X, Y), **options)
    assert wide.rank == tall.rank
    assert_allclose(wide.by_rank()["excess_risk"], tall.by_rank()["excess_risk"], rtol=1e-8)
    assert any("no more rows than features" in note for note in wide.notes)
    assert_allclose(wide.coefficients().to_numpy(), tall.coefficients().to_numpy(), rtol=1e-7, atol=1e-9)


# One record of options


def test_the_command_line_and_python_know_the_same_options():
    import inspect

    from lingauss.cli import data

    spoken = {"label_noise": "noise"}
    python = {spoken.get(name, name) for name in inspect.signature(lg.analyze).parameters} - {"data", "scale_targets"}
    shell = set(inspect.signature(data.analyze).parameters) - {"file", "out", "force", "details"}
    assert python == shell
    fields = {name for part in (Reading, Scaling, Teaching, Wishes) for name in part.__dataclass_fields__}
    assert fields == set(inspect.signature(lg.analyze).parameters) - {"data", "targets"}
    assert set(Options.__dataclass_fields__) == {"reading", "scaling", "teaching", "wishes"}


def test_a_unit_tells_errors_of_several_outputs_as_one_root():
    unit = Unit("RMSE", 10.0, outputs=2, variance=8.0, classes=False)
    assert unit.of(4.5) == pytest.approx(15.0)
    assert unit.explained(2.0) == pytest.approx(0.75)
    step = 1e-6
    assert unit.spread_of(4.5, step) == pytest.approx(unit.of(4.5 + step) - unit.of(4.5), rel=1e-5)
