"""The student to use: what is saved predicts as what was trained, from every door, and scikit-learn's checks hold."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from typer.testing import CliRunner

import lingauss as lg
from lingauss.analysis.student import TEXTS
from lingauss.cli import app
from lingauss.errors import FileFormatError, LingaussError, NotFiniteError, ShapeError, UnknownNameError
from lingauss.sklearn import DistilledRidge


def table(n=120, seed=0):
    """Named columns in units far apart, and a target."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)) * [1.0, 30.0, 1e-3, 500.0], columns=["a", "b", "c", "d"])
    frame["y"] = 3.0 * frame.a + frame.b / 10 - 800 * frame.c + 40 + rng.normal(size=n)
    return frame


@pytest.fixture
def trained(tmp_path):
    """An analysis, and where its student is kept."""
    advice = lg.analyze(table(), "y")
    return advice, advice.student().save(tmp_path / "student.npz")


def ridge_on_directions(frame, features, target, rank, penalty):
    """Return weights and intercept of ridge on the leading principal directions, by scikit-learn alone."""
    scaler = StandardScaler().fit(frame[features])
    Z = scaler.transform(frame[features])
    directions = np.linalg.svd(Z, full_matrices=False)[2][:rank].T
    model = Ridge(alpha=penalty).fit(Z @ directions, frame[target])
    weights = directions @ np.atleast_2d(model.coef_).T / scaler.scale_[:, None]
    return weights.T, model.intercept_ - scaler.mean_ @ weights


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_the_student_is_ridge_on_the_leading_directions(rank):
    frame = table()
    advice = lg.analyze(frame, "y", rank_budget=rank, tolerance=1e-9)
    student = advice.student()
    assert student.rank == rank
    weights, intercept = ridge_on_directions(frame, list("abcd"), "y", rank, advice.recommended.student.penalty)
    assert_allclose(student.weights, weights, rtol=1e-9, atol=1e-12)
    assert_allclose(student.intercept, intercept, rtol=1e-9)


def test_a_student_that_sees_nothing_predicts_the_mean():
    student = lg.analyze(table(), "y", rank_budget=0).student()
    assert student.rank == 0
    assert_allclose(student.predict(table()), table().y.mean(), rtol=1e-12)


def test_predictions_depend_on_the_features_only_through_what_the_student_sees():
    frame = table()
    student = lg.analyze(frame, "y", rank_budget=2).student()
    seen = (frame[list("abcd")].to_numpy() - student.centre) @ student.projection
    again = np.linalg.lstsq(np.column_stack([np.ones(len(seen)), seen]), student.predict(frame), rcond=None)
    assert_allclose(np.column_stack([np.ones(len(seen)), seen]) @ again[0], student.predict(frame), rtol=1e-9)


def test_a_student_mixed_with_soft_labels_is_trained_on_them():
    frame = table()
    advice = lg.analyze(frame, "y", rank_budget=2, tolerance=1e-9, mixing=0.6)
    penalty = advice.recommended.student.penalty
    teacher, constant = ridge_on_directions(frame, list("abcd"), "y", 4, penalty)
    soft = frame[list("abcd")].to_numpy() @ teacher[0] + constant
    mixed = frame.assign(y=0.4 * frame.y + 0.6 * soft)
    weights, intercept = ridge_on_directions(mixed, list("abcd"), "y", 2, penalty)
    assert_allclose(advice.student().weights, weights, rtol=1e-9)
    assert_allclose(advice.student().intercept, intercept, rtol=1e-9)


def test_a_kept_student_predicts_as_the_one_that_was_trained(trained):
    advice, path = trained
    student = lg.load_student(path)
    assert_array_equal(student.predict(table()), advice.student().predict(table()))
    assert repr(student) == repr(advice.student())
    assert advice.student().to_bytes() == path.read_bytes()


def test_a_kept_student_holds_no_pickle(trained):
    _, path = trained
    with np.load(path, allow_pickle=False) as archive:
        assert all(archive[name].dtype.kind in "Uf" for name in archive.files)


def test_columns_are_found_by_name_in_any_order(trained):
    _, path = trained
    student, frame = lg.load_student(path), table()
    mixed = frame[["d", "y", "b", "a", "c"]].assign(other=1)
    assert_array_equal(student.predict(mixed), student.predict(frame))
    assert_array_equal(student.predict(frame[list("abcd")].to_numpy()), student.predict(frame))


def test_bad_rows_are_refused_by_name(trained):
    _, path = trained
    student, frame = lg.load_student(path), table()
    with pytest.raises(UnknownNameError, match="'c'"):
        student.predict(frame.drop(columns="c"))
    with pytest.raises(ShapeError, match="4 columns 'a', 'b', 'c', 'd'"):
        student.predict(np.zeros((2, 3)))
    with pytest.raises(NotFiniteError, match=r"nan in 'b', row 2"):
        student.predict(frame.assign(b=[1.0, np.nan, *frame.b[2:]]))


def test_classes_are_predicted_as_classes():
    frame = table().assign(kind=lambda f: np.where(f.y > 45, "high", np.where(f.y > 35, "middle", "low")))
    student = lg.analyze(frame.drop(columns="y"), "kind").student()
    found = student.predict(frame)
    assert set(found) <= {"high", "middle", "low"}
    assert_array_equal(found, np.array(student.classes)[student.decision(frame).argmax(axis=1)])


def damaged(path, what):
    """Return the content of a student's file with something wrong."""
    with np.load(path) as archive:
        held = {name: archive[name] for name in archive.files}
    match what:
        case "format":
            held["format"] = np.array("lingauss student 99")
        case "shapes":
            held["weights"] = held["weights"][:, 1:]
        case "missing":
            del held["weights"]
    stream = io.BytesIO()
    np.savez(stream, **held)
    return stream.getvalue()


@pytest.mark.parametrize("what", ["format", "shapes", "missing"])
def test_a_damaged_student_is_refused(trained, what):
    _, path = trained
    path.write_bytes(damaged(path, what))
    with pytest.raises(FileFormatError, match=r"student\.npz"):
        lg.load_student(path)


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_what_is_no_student_is_refused(tmp_path, content):
    path = tmp_path / "other.npz"
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "hello")
    else:
        path.write_bytes(content)
    with pytest.raises(FileFormatError):
        lg.load_student(path)


def test_every_text_of_a_student_survives(trained, tmp_path):
    odd = table().rename(columns={"a": "Größe, m²", "b": "=1+1", "c": "[red]x", "d": "d\n"})
    student = lg.analyze(odd, "y").student()
    back = lg.load_student(student.save(tmp_path / "s.npz"))
    assert all(getattr(back, name) == getattr(student, name) for name in TEXTS)


# The command


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, words, catch_exceptions=False)


def test_predict_writes_what_the_student_predicts_and_says_how_wrong_it_is(run, trained, tmp_path):
    advice, _ = trained
    table().drop(columns="y").to_csv(tmp_path / "new.csv", index=False)
    result = run("predict", "student.npz", "new.csv", "--out", "found.csv")
    assert result.exit_code == 0
    found = pd.read_csv(tmp_path / "found.csv")
    assert list(found.columns) == ["y"]
    assert_allclose(found.y, advice.student().predict(table()), rtol=1e-12)
    chosen = next(one for one in advice.choices if "recommended" in one.names)
    rmse = np.sqrt(float(chosen.unseen))
    assert f"120 predictions in found.csv; expected RMSE {rmse:.4g}" in result.output


def test_predict_prints_to_the_screen_what_it_would_write(run, trained, tmp_path):
    table().to_csv(tmp_path / "new.csv", index=False)
    printed = run("predict", "student.npz", "new.csv").stdout
    run("predict", "student.npz", "new.csv", "--out", "found.csv")
    assert printed.encode() == (tmp_path / "found.csv").read_bytes()


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".csv.gz", ".npy"])
def test_predict_reads_every_kind_of_table(run, trained, tmp_path, ending):
    frame, path = table().drop(columns="y"), tmp_path / f"new{ending}"
    if ending == ".npy":
        np.save(path, frame.to_numpy())
    else:
        frame.to_csv(path, index=False, sep="\t" if ending == ".tsv" else ",")
    assert run("predict", "student.npz", path.name, "--out", "found.csv").exit_code == 0
    found = pd.read_csv(tmp_path / "found.csv").y
    assert_allclose(found, lg.load_student("student.npz").predict(frame), rtol=1e-12)


def test_predict_refuses_what_is_missing(run, trained, tmp_path):
    table().drop(columns=["y", "b"]).to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(LingaussError, match="'b'"):
        run("predict", "student.npz", "new.csv")
    table().assign(a=-999).to_csv(tmp_path / "codes.csv", index=False)
    with pytest.raises(NotFiniteError, match=r"'a'.*row 1"):
        run("predict", "student.npz", "codes.csv", "--missing", "-999")


# scikit-learn


@pytest.mark.filterwarnings("ignore::lingauss.errors.UnidentifiableNoiseWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([DistilledRidge(), DistilledRidge(penalty=1.0, mixing=0.5, standardise=False)])
def test_the_estimator_keeps_scikit_learns_contract(estimator, check):
    check(estimator)


def test_the_estimator_is_the_student_of_the_analysis():
    frame = table()
    model = DistilledRidge().fit(frame[list("abcd")], frame.y)
    student = lg.analyze(frame, "y").student()
    assert_allclose(model.predict(frame[list("abcd")]), student.predict(frame), rtol=1e-9)
    assert model.n_directions_ == student.rank
    assert_allclose(model.teacher_.predict(frame[list("abcd")].to_numpy()), expected_of_teacher(frame), rtol=1e-9)


def expected_of_teacher(frame):
    """Return predictions of ridge on all features."""
    penalty = lg.analyze(frame, "y").recommended.teacher.penalty
    scaler = StandardScaler().fit(frame[list("abcd")])
    Z = scaler.transform(frame[list("abcd")])
    return Ridge(alpha=penalty).fit(Z, frame.y).predict(Z)


def test_the_estimator_shows_what_its_student_sees():
    frame = table()
    X = frame[list("abcd")]
    model = DistilledRidge(n_directions=2).set_output(transform="pandas").fit(X, frame.y)
    seen = model.transform(X)
    assert list(seen.columns) == ["distilledridge0", "distilledridge1"]
    assert_allclose(seen.mean(), 0.0, atol=1e-9)
    constant = np.column_stack([np.ones(len(seen)), seen])
    found = model.predict(X)
    assert_allclose(constant @ np.linalg.lstsq(constant, found, rcond=None)[0], found, rtol=1e-9)


@pytest.mark.parametrize("bottleneck", ["principal", "aligned", "features"])
def test_the_estimator_may_see_in_other_ways(bottleneck):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 5))
    Y = X @ rng.normal(size=(5, 3)) + rng.normal(size=(100, 3))
    model = DistilledRidge(bottleneck=bottleneck, tolerance=0.5).fit(X, Y)
    student = lg.analyze(X, Y, bottleneck=bottleneck, tolerance=0.5).student()
    used = [int(name[1:]) for name in student.features]
    assert_allclose(model.predict(X), student.predict(X[:, used]), rtol=1e-9)


def test_the_estimator_works_inside_pipelines_and_searches():
    frame = table()
    pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), DistilledRidge(standardise=False))
    search = GridSearchCV(pipeline, {"distilledridge__n_directions": [1, 2, 4]}, cv=3).fit(frame[list("abcd")], frame.y)
    assert search.best_params_ == {"distilledridge__n_directions": 4}
    assert search.score(frame[list("abcd")], frame.y) > 0.9
