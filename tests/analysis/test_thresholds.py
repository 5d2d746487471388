"""Where an analysis changes its mind: each threshold from both sides, with the words that tell which side it was."""

import inspect
import io
import re

import numpy as np
import pandas as pd
import pytest
from analysis.by_refits import Refits
from analysis.report_reader import ReportReader, drawn, reads, saved_to_be_read
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from rich.console import Console

import lingauss as lg
from lingauss.analysis.advice import Wishes
from lingauss.analysis.choices import least
from lingauss.analysis.mixing import Gain
from lingauss.analysis.options import Scaling, Teaching
from lingauss.analysis.screen import show
from lingauss.analysis.student import mean_of
from lingauss.analysis.wording import written
from lingauss.errors import ConstantColumnError, DomainError, FileFormatError, ForeignFileError, LingaussError
from lingauss.report import Table


def rows(n=90, d=4, noise=1.0, seed=0, outputs=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) @ (np.eye(d) + 0.3 * rng.normal(size=(d, d)))
    return X, X @ rng.normal(size=(d, outputs)) + noise * rng.normal(size=(n, outputs))


# Noise


@pytest.mark.parametrize(("n", "way"), [(14, "by marginal likelihood"), (15, "from least-squares residuals")])
def test_ten_residual_degrees_of_freedom_tell_the_noise(n, way):
    X, Y = rows(n=n)
    [told] = [note for note in lg.analyze(X, Y).notes if note.startswith("Label noise")]
    assert f"estimated {way}" in told
    assert re.search(rf"\b{n - 5} (residual )?degrees of freedom", told)


def test_a_gain_counts_from_two_standard_errors_on():
    assert Gain(0.5, 2.01, 1.0).pays
    assert not Gain(0.5, 1.99, 1.0).pays
    assert not Gain(0.5, 0.0, 0.0).pays


# Rows held out


@pytest.mark.parametrize("n", [19, 20])
def test_every_fifth_of_the_rows_must_have_four_of_them(n):
    X, Y = rows(n=n)
    assert (lg.analyze(X, Y).held_out is None) == (n < 20)


def with_held_out(monkeypatch, errors):
    """Let rows held out say something else: errors of every part at every rank."""
    real = lg.analysis.advising.hold_out

    def said(parts, recipe):
        found = real(parts, recipe)
        return type(found)(np.asarray(errors), found.weights, found.models)

    monkeypatch.setattr("lingauss.analysis.advising.hold_out", said)


@pytest.mark.parametrize(
    ("excess", "spread", "guarded"),
    [(0.05, 0.0, True), (0.0102, 0.0, True), (0.0098, 0.0, False), (0.5, 0.098, True), (0.5, 0.102, False)],
)
def test_rows_held_out_overrule_beyond_five_standard_errors_and_one_in_a_hundred(monkeypatch, excess, spread, guarded):
    X, Y = rows()
    parts = np.array([-1.0, 1.0, 0.0, -1.0, 1.0])
    parts *= spread * np.sqrt(5) / parts.std(ddof=1)  # so that their mean is uncertain by the spread
    errors = np.array([[3.0, 2.0, 1.5, 1.0, 1.0 + excess + part] for part in parts])
    with_held_out(monkeypatch, errors)
    advice = lg.analyze(X, Y, tolerance=1e-9)
    assert (advice.guarded is not None) == guarded
    assert advice.rank == (3 if guarded else 4)


@pytest.mark.parametrize(
    ("n", "times", "doubted"),
    [(300, 1.21, True), (300, 1.19, False), (300, 0.79, True), (300, 0.81, False), (50, 1.41, True), (50, 1.39, False)],
)
def test_rows_held_out_are_doubted_beyond_a_fifth_and_two_standard_errors(monkeypatch, n, times, doubted):
    X, Y = rows(n=n)
    plain = lg.analyze(X, Y)
    with_held_out(monkeypatch, np.full((5, 5), times * float(plain.chosen().unseen)))
    advice = lg.analyze(X, Y)
    assert bool(advice.notices) == doubted
    if doubted:
        reads(
            advice.notices[0],
            "Students trained without a fifth of the rows have a squared error on it {times} times the cross-validated "
            "one: some rows weigh far more than others, or directions change with the rows.",
            times=times,
        )


def test_where_leaving_a_row_out_is_impossible_the_reason_is_told(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 15))
    Y = X[:, 0] + rng.normal(size=12)
    advice = lg.analyze(X, Y, penalty=2.0, label_noise=1.0, student_penalty=0.0)
    assert len(advice.notices) == 1
    assert advice.notices[0].startswith("Nothing can be said of unseen rows: expected a nonsingular Gram matrix")
    assert advice.unseen is None
    assert " at these inputs " in advice.verdict()
    monkeypatch.setattr("lingauss.analysis.report._images", lambda found: {})
    parts = ReportReader(advice.report()).parts
    assert parts[1].said("warning") == list(advice.notices)


@pytest.mark.parametrize("penalty", [1e-3, 30.0])
def test_learners_that_nearly_interpolate_are_doubted_in_whole_sentences(penalty):
    """Labels keep (1 − p)² of their squares along each direction, and all of them where there is none."""
    X, Y = rows(n=24, d=20)
    advice = lg.analyze(X, Y, penalty=penalty, label_noise=1.0)
    left = np.ones(23)
    left[:20] = penalty / (np.linalg.svd((X - X.mean(axis=0)) / X.std(axis=0), compute_uv=False) ** 2 + penalty)
    free = left.sum() ** 2 / np.sum(left**2)
    missing = (23 - free) / (free * 22)
    told = [notice for notice in advice.notices if "nearly interpolates" in notice]
    assert len(told) == (2 if missing > 0.1 else 0) == (2 if penalty < 1.0 else 0)
    for who, notice in zip(("student", "teacher"), told, strict=False):
        assert notice == (
            f"The {who} nearly interpolates, with about {free:.2g} residual degrees of freedom of 23: its error on "
            f"unseen rows from moments is too small by about {missing:.0%}. Raise its penalty, or pass the rows."
        )


def test_what_the_columns_look_like_is_told_before_all_else():
    X, Y = rows()
    frame = pd.DataFrame(X, columns=list("abcd")).assign(id=np.arange(90), y=Y[:, 0])
    advice = lg.analyze(frame, "y")
    [notice] = advice.notices
    assert notice.startswith("'id' seems to number the rows")
    assert not any("number the rows" in note for note in advice.notes)


# What small choices cost


@pytest.mark.parametrize(("rank", "fewer", "more"), [(20, "2 fewer directions", "2 more directions"),
                                                     (5, "1 fewer direction", "1 more direction"),
                                                     (25, "2 fewer directions", None), (0, None, "1 more direction"),
                                                     (24, "2 fewer directions", "1 more direction")])  # fmt: skip
def test_a_tenth_of_the_directions_fewer_or_more_is_told_by_its_risk(rank, fewer, more):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 25)) * 1.2 ** -np.arange(25)
    Y = (X * 1.3 ** np.arange(25)).sum(axis=1) + rng.normal(size=200)
    advice = lg.analyze(X, Y, standardise=False, rank_budget=rank, tolerance=1e-9)
    assert advice.rank == rank
    table, risks = advice.alternatives(), advice.by_rank()["excess_risk"]
    near = [name for name in table.index if " direction" in name and name != "all directions"]
    assert near == [name for name in (fewer, more) if name]
    for name, sign in ((fewer, -1), (more, 1)):
        if name:
            there = rank + sign * int(name.split()[0])
            assert table.loc[name, "rank"] == there
            assert_allclose(table.loc[name, "excess_risk"], risks[there], rtol=1e-9)


def test_principal_directions_count_until_they_hold_their_share_of_the_variance():
    q = np.random.default_rng(0).normal(size=(60, 4))
    q = np.linalg.qr(q - q.mean(axis=0))[0]
    Y = q.sum(axis=1) + 0.1 * np.random.default_rng(1).normal(size=60)
    for shares, rank in (
        ([0.5, 0.4501, 0.0399, 0.01], 2),
        ([0.5, 0.4499, 0.0401, 0.01], 3),
        ([0.96, 0.025, 0.01, 0.005], 1),
    ):
        table = lg.analyze(q * np.sqrt(shares) * 10.0, Y, standardise=False).alternatives()
        assert table.loc["PCA of 95% of the variance", "rank"] == rank


def test_a_rank_is_dear_or_cheap_by_the_objective_that_was_asked_for():
    X, Y = rows(n=60, d=6, noise=3.0, seed=4, outputs=2)
    for objective in ("excess_risk", "squared_error"):
        r = Refits(X, Y)
        base = 0.0 if objective == "excess_risk" else r.noise_risk
        least = r.least_risk(6, mixed=True)
        for tolerance in (0.02, 0.3, 0.99):
            advice = lg.analyze(X, Y, objective=objective, tolerance=tolerance, scale_targets=False)
            within = r.every_risk <= least + tolerance * (least + base)
            assert advice.rank == (int(np.argmax(within)) if within.any() else int(np.argmin(r.every_risk)))


@pytest.mark.parametrize(("tolerance", "rank"), [(0.08, 2), (0.1, 1)])
def test_without_noise_the_tolerance_is_a_share_of_what_labels_vary(tolerance, rank):
    """Under a budget of 2 of what varies .2 is missed, with one direction .29: .08 or .1 more, of the whole."""
    q = np.random.default_rng(0).normal(size=(60, 4))
    q = np.linalg.qr(q - q.mean(axis=0))[0]
    Y = 3.0 * q @ np.sqrt([0.71, 0.09, 0.15, 0.05])
    advice = lg.analyze(q * [4.0, 3.0, 2.0, 1.0], Y, standardise=False, rank_budget=2, tolerance=tolerance)
    assert advice.noiseless
    assert_allclose(advice.by_rank()["excess_risk"], Y.var() * np.array([1.0, 0.29, 0.2, 0.05, 0.0]), atol=1e-9)
    assert advice.rank == rank


# Units


def test_targets_of_one_spread_keep_their_unit(monkeypatch):
    X, Y = rows(outputs=2)
    Y = 7.0 * (Y - Y.mean(axis=0)) / Y.std(axis=0)
    Y[:, 1] *= Y[:, 0].std() / Y[:, 1].std()
    Y = np.round(Y * 2.0**20) / 2.0**20
    alike = lg.analyze(X, Y, scale_targets=False)
    assert alike.unit.told == ""
    assert "standard deviations" not in str(alike.errors()["error"].attrs)
    differ = lg.analyze(X, Y * [1.0, 3.0])
    assert differ.unit.told == "standard deviations of the targets"
    assert differ.errors()["error"].attrs["units"] == "standard deviations of the targets"
    assert differ.errors()["error"].attrs["long_name"] == "RMSE"
    kept = lg.analyze(X, Y * [1.0, 3.0], scale_targets=False)
    assert kept.unit.told == ""
    r = Refits(X, Y * [1.0, 3.0])
    assert_allclose(
        kept.choices_table()["error_at_inputs"].iloc[0], np.sqrt((r.every_risk[4] + r.noise_risk) / 2), rtol=1e-6
    )


def test_moments_of_several_targets_are_scaled_as_rows_are():
    X, Y = rows(outputs=2)
    rows_, moments = lg.analyze(X, Y * [1.0, 9.0]), lg.analyze(lg.Moments.from_data(X, Y * [1.0, 9.0]))
    assert_allclose(moments.prepared.output_scale, (Y * [1.0, 9.0]).std(axis=0), rtol=1e-9)
    assert_allclose(moments.choices_table(), rows_.choices_table(), rtol=1e-9)


@pytest.mark.parametrize("bottleneck", [None, "aligned", "features"])
@pytest.mark.parametrize(("features", "targets"), [(1e6, 1e9), (1e-6, 1e-9), (1.0, 1e12)])
def test_advice_does_not_depend_on_the_units_of_what_is_read(bottleneck, features, targets):
    X, Y = rows(outputs=2)
    Y = np.column_stack([Y, Y.sum(axis=1)])  # of which the teacher's predictions need two directions
    options = {"bottleneck": bottleneck, "tolerance": 0.5, "scale_targets": False}
    plain, other = lg.analyze(X, Y, **options), lg.analyze(X * features, Y * targets, **options)
    assert other.rank == plain.rank
    assert list(other.choices_table().index) == list(plain.choices_table().index)
    for name, column in plain.choices_table().items():
        scale = targets if name.startswith(("error", "standard")) else 1.0
        assert_allclose(other.choices_table()[name], column * scale, rtol=1e-6)
    assert [one.name for one in other.rivals] == [one.name for one in plain.rivals]
    moved = other.coefficients().to_numpy() * np.array([1.0, *4 * [features]])[:, None] / targets
    assert_allclose(moved, plain.coefficients(), rtol=1e-6, atol=1e-9)
    words = [re.sub(r"\d[\d.,]*(e[-+]\d+)?,?", "", one.verdict()) for one in (plain, other)]
    assert words[0] == words[1]


def test_of_errors_that_differ_by_rounding_the_first_is_the_least():
    assert least([3.0, 2.0, 2.0 * (1.0 - 1e-15), 2.5]) == 1
    assert least([3.0, 2.0, 1.999]) == 2
    X, Y = rows(outputs=2)
    lossless = lg.analyze(X, np.column_stack([Y, Y.sum(axis=1)]), bottleneck="aligned", scale_targets=False)
    assert lossless.choices_table().loc["best on new rows", "directions"] == 2  # a third and fourth change nothing


def test_what_is_not_of_an_analysis_is_overwritten_by_force_alone(tmp_path):
    X, Y = rows()
    advice = lg.analyze(X, Y)
    (tmp_path / "choices.csv").write_text("mine")
    (tmp_path / "other.txt").write_text("mine too")
    with pytest.raises(ForeignFileError, match=r"choices\.csv"):
        saved_to_be_read(advice, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["choices.csv", "other.txt"]
    assert (tmp_path / "choices.csv").read_text() == "mine"
    files, _ = saved_to_be_read(advice, tmp_path, force=True)
    assert files["choices.csv"].startswith(b"choice,directions,")
    assert (tmp_path / "other.txt").read_text() == "mine too"


@pytest.mark.parametrize("ratio", [99.5, 100.5])
def test_units_a_hundred_times_as_large_are_dangerous(ratio):
    X, Y = rows()
    X = (X - X.mean(axis=0)) / X.std(axis=0) * [1.0, 2.0, 3.0, ratio]
    notes = lg.analyze(X, Y, standardise=False).notes
    assert any("large units dominate" in note for note in notes) == (ratio > 100.0)


@pytest.mark.parametrize(
    ("shift", "spread", "ready"),
    [(0.7e-6, 1.0, True), (1.5e-6, 1.0, False), (0.0, 1.0 + 0.7e-6, True), (0.0, 1.0 - 1.5e-6, False)],
)
def test_features_within_a_millionth_come_centred_and_of_unit_spread(shift, spread, ready):
    X, Y = rows()
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    Z[:, 2] = Z[:, 2] * spread + shift
    first = lg.analyze(Z, Y).notes[0]
    assert (first == "Features came centred and of unit standard deviation.") == ready


@pytest.mark.parametrize(("n", "wide"), [(12, True), (13, False)])
def test_tables_of_more_rows_than_features_are_kept_as_moments(n, wide):
    X, Y = rows(n=n, d=12)
    advice = lg.analyze(X, Y, penalty=2.0, label_noise=1.0)
    assert any("no more rows than features" in note for note in advice.notes) == wide
    assert (advice.prepared.rotation is not None) == wide


def test_columns_that_vary_by_rounding_alone_are_constant():
    X, Y = rows()
    for mean in (1e6, -1e6):
        wobble = np.where(np.arange(90) % 2, mean, mean * (1.0 + 2.0**-52))
        with pytest.raises(ConstantColumnError, match="'x4'"):
            lg.analyze(np.column_stack([X, wobble]), Y)
    small = np.where(np.arange(90) % 2, 1e6, 1e6 * (1.0 + 1e-10))
    assert lg.analyze(np.column_stack([X, small]), Y).prepared.moments.n_features == 5
    with pytest.raises(ConstantColumnError, match="'y1'"):
        lg.analyze(X, np.column_stack([Y, np.ones(90)]))
    with pytest.raises(ConstantColumnError, match="Pass features that vary"):
        lg.analyze(np.ones((90, 2)), Y, drop_constant=True)


# A fitted model alone


@pytest.fixture(scope="module")
def fitted():
    X, Y = rows()
    G = X.T @ X
    mean = np.linalg.solve(G + 2.0 * np.eye(4), X.T @ Y).T
    return lg.from_posterior(
        mean, np.linalg.inv(G + 2.0 * np.eye(4)), label_noise=1.0, n_samples=90, prior_variance=0.5
    )


@pytest.mark.parametrize("beside", [{"penalty": 2.0}, {"label_noise": 1.0}, {"targets": "y"}])
def test_a_fitted_model_needs_nothing_beside_it(fitted, beside):
    with pytest.raises(DomainError, match="part of the posterior"):
        lg.analyze(fitted, **beside)


def test_a_fitted_model_may_be_asked_for_its_columns(fitted):
    advice = lg.analyze(fitted, bottleneck="features", rank_budget=2, tolerance=1e-9)
    assert re.match(r"Keep 2 of 4 columns \(x\d, x\d\): RMSE at these inputs ", advice.verdict())
    assert lg.analyze(fitted).notices == ("The labels' own power is unknown, so nothing can be said of unseen rows.",)


def test_a_fitted_model_without_a_prior_is_refused():
    X, Y = rows()
    G = X.T @ X
    flat = lg.from_posterior(
        np.linalg.solve(G, X.T @ Y).T, np.linalg.inv(G), label_noise=1.0, n_samples=90, prior_variance=np.inf
    )
    with pytest.raises(DomainError, match="flat prior"):
        lg.analyze(flat)


# The student that is kept


def test_the_student_of_the_mean_says_what_it_is():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 3)) + 5.0, rng.normal(size=(30, 2)) * [1.0, 4.0] + [2.0, -1.0]
    both, one = mean_of(X, Y), mean_of(X, Y[:, 0])
    assert_allclose(both.predict(X[:2]), [Y.mean(axis=0)] * 2)
    assert_allclose(one.predict(X[:2]), [Y[:, 0].mean()] * 2)
    assert_allclose(both.error, np.sqrt(np.mean((Y - Y.mean(axis=0)) ** 2)))
    assert_allclose(one.error, Y[:, 0].std())
    assert_allclose(both.centre, X.mean(axis=0))
    assert (both.rank, both.outputs, one.outputs) == (0, ("y0", "y1"), ("y",))
    assert (both.features, both.explained, both.error_name) == (("x0", "x1", "x2"), 0.0, "RMSE")
    assert one.expected() == f"expected RMSE {one.error:.4g}, R² 0.00 on rows like those of the arrays"


def test_large_errors_are_told_in_full_and_unknown_ones_as_unknown():
    X, Y = rows()
    large, larger = lg.analyze(X, 9.0e3 * Y).student(), lg.analyze(X, 1.2e4 * Y).student()
    assert 9e3 < large.error < 9999.0
    assert larger.error > 1e4
    assert f"RMSE {large.error:.0f}" in repr(large)
    assert f"RMSE {larger.error:,.0f}" in repr(larger)
    assert f"expected RMSE {larger.error:,.0f}, R²" in larger.expected()


def damaged(path, **changes):
    with np.load(path) as archive:
        held = {name: archive[name] for name in archive.files} | changes
    stream = io.BytesIO()
    np.savez(stream, **{name: value for name, value in held.items() if value is not None})
    path.write_bytes(stream.getvalue())
    return path


def test_a_student_says_which_version_has_kept_it(tmp_path):
    X, Y = rows()
    with np.load(lg.analyze(X, Y).student().save(tmp_path / "student.npz"), allow_pickle=False) as archive:
        assert str(archive["version"]) == lg.__version__


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": None}, "its format is another one"),
        ({"format": np.array("lingauss student 99")}, "its format is another one"),
        ({"weights": np.zeros(4)}, "parts that do not fit"),
        ({"weights": np.zeros((2, 4))}, "parts that do not fit"),
        ({"weights": np.zeros((1, 3))}, "parts that do not fit"),
        ({"intercept": np.zeros(2)}, "parts that do not fit"),
        ({"intercept": np.zeros((1, 1))}, "parts that do not fit"),
        ({"features": np.array(["a", "b"])}, "parts that do not fit"),
        ({"outputs": np.array(["a", "b"])}, "parts that do not fit"),
        ({"weights": np.array([["a"] * 4])}, "could not convert"),
        ({"error": np.array([1.0, 2.0])}, "."),
        ({"origin": None}, "origin"),
        ({"features": np.array([None, 1], dtype=object)}, "no npz file, or one with pickled objects"),
    ],
)
def test_a_student_that_is_not_whole_is_refused_with_what_is_wrong(tmp_path, changes, words):
    X, Y = rows()
    path = lg.analyze(X, Y).student().save(tmp_path / "student.npz")
    assert lg.load_student(path).outputs == ("y",)
    with pytest.raises(FileFormatError, match=words):
        lg.load_student(damaged(path, **changes))


def test_rows_that_no_student_can_use_are_refused_by_place():
    X, Y = rows()
    student = lg.analyze(X, Y).student()
    bad = X.copy()
    bad[[7, 11], [2, 0]] = np.inf
    with pytest.raises(LingaussError, match=r"inf in 'x2', row 8"):
        student.predict(bad)
    for shape in ((4,), (3, 5), (2, 4, 1)):
        with pytest.raises(LingaussError, match=re.escape(f"shape {shape}")):
            student.predict(np.zeros(shape))
    with pytest.raises(LingaussError, match="columns 'x0', 'x1', 'x2', 'x3'"):
        student.predict(np.zeros((3, 5)))


# One record of settings


def test_settings_left_out_are_the_same_wherever_they_are_left_out():
    python = {name: each.default for name, each in inspect.signature(lg.analyze).parameters.items()}
    for record in (Wishes(), Scaling(), Teaching()):
        assert vars(record) == {name: python[name] for name in vars(record)}


# The charts


def labels(ax):
    return [artist.get_label() for artist in (*ax.lines, *ax.collections, *ax.patches)]


def test_what_is_within_the_tolerance_is_shaded_where_risks_are_what_it_is_of(tmp_path):
    X, Y = rows(seed=2)
    for objective, shaded in (("excess_risk", True), ("squared_error", False), ("divergence", False)):
        _, charts = saved_to_be_read(lg.analyze(X, Y, objective=objective), tmp_path / objective)
        assert ("within 5 % of the best" in labels(charts["risk-by-rank"])) == shaded


@pytest.mark.parametrize(("rank", "shown"), [(0, [1, 6]), (1, [1, 6]), (3, [1, 3, 6]), (5, [2, 5, 6])])
def test_temperatures_are_drawn_at_the_recommended_rank_at_half_of_it_and_at_all(tmp_path, rank, shown):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 6)) * [3.0, 2.5, 2.0, 1.5, 1.0, 0.5]
    Y = X.sum(axis=1) + rng.normal(size=90)
    advice = lg.analyze(X, Y, rank_budget=rank, tolerance=1e-9, standardise=False)
    assert advice.rank == rank
    _, charts = saved_to_be_read(advice, tmp_path)
    ax = charts["temperature-curves"]
    assert [text.get_text() for text in ax.texts if text.get_text().startswith("r = ")] == [f"r = {r}" for r in shown]
    assert len(drawn(ax, "best, τ*").get_xdata()) == len(shown)
    ledger = charts["ledger-by-rank"]
    total = advice.by_rank()["divergence"].to_numpy()
    first = int(drawn(ledger, "divergence").get_xdata()[0])
    assert first == max(min(int(np.argmax(total <= 10.0 * total.min())), rank - 1, 5), 0)
    assert drawn(ledger, f"recommended: rank {rank}").get_ydata()[0] == pytest.approx(total[rank])
    alone = Figure().subplots()
    lg.charts.ledger_by_rank(advice.advice.ledger_by_rank().isel(student_rank=slice(first, None)), alone)
    assert ledger.get_ylim()[1] == pytest.approx(max(alone.get_ylim()[1], 1.5 * total[rank]))
    errors = advice.errors()["error"].to_numpy()
    start = int(drawn(charts["error-by-rank"], "new rows").get_xdata()[0])
    marked = [one.rank for one in advice.choices if {"recommended", "best on new rows"} & set(one.names)]
    assert start == max(min(int(np.argmax(errors <= 1.5 * errors.min())), *marked) - 1, 0)


@pytest.mark.parametrize("noise", [0.4, 1.0])
def test_charts_start_where_costs_come_within_sight(tmp_path, noise):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 12)) * 1.15 ** -np.arange(12)
    advice = lg.analyze(X, X @ (1.15 ** -np.arange(12)) + noise * rng.normal(size=200), standardise=False)
    _, charts = saved_to_be_read(advice, tmp_path)
    total, errors = advice.by_rank()["divergence"].to_numpy(), advice.errors()["error"].to_numpy()
    near = [int(np.argmax(total <= factor * total.min())) for factor in (5.0, 10.0, 20.0)]
    seen = [int(np.argmax(errors <= factor * errors.min())) for factor in (1.25, 1.5, 2.0)]
    told = near if noise == 1.0 else seen
    assert told[0] > told[1] > told[2] > 1
    assert drawn(charts["ledger-by-rank"], "divergence").get_xdata()[0] == min(near[1], advice.rank - 1)
    assert drawn(charts["error-by-rank"], "new rows").get_xdata()[0] == max(seen[1] - 1, 0)


def test_nothing_is_drawn_of_rows_that_were_never_seen(fitted, tmp_path):
    files, charts = saved_to_be_read(lg.analyze(fitted), tmp_path)
    assert sorted(charts) == ["ledger-by-rank", "risk-by-rank", "temperature-curves"]
    assert "student.npz" not in files
    part = next(part for part in ReportReader(files["report.html"].decode()).parts if part.title == "The student")
    assert part.images == []


# The screen


def test_the_screen_uses_bold_and_italic_alone_and_tables_have_no_frame():
    X, Y = rows()
    advice, screen = lg.analyze(X, Y), io.StringIO()
    show(advice, Console(file=screen, width=150, force_terminal=True, color_system="truecolor"), details=True)
    told = screen.getvalue()
    assert set(re.findall(r"\x1b\[[\d;]*m", told)) == {"\x1b[0m", "\x1b[1m", "\x1b[3m"}
    lines = told.splitlines()
    for start in ("recommended", "the teacher itself", "temperature τ", "x2", "cost"):
        [row] = [line for line in lines if re.match(rf"\x1b\[1m{start} *\x1b\[0m", line)]
        assert "".join(re.findall(r"\x1b\[1m(.*?)\x1b\[0m", row)).strip() == start
    plain = io.StringIO()
    show(advice, Console(file=plain, width=150), details=True)
    texts = plain.getvalue().splitlines()
    rules = [place for place, line in enumerate(texts) if line.startswith("─")]
    assert len(rules) == 5
    for place in rules:
        assert set(texts[place].rstrip()) == {"─"}
        width = max(len(line.rstrip()) for line in texts[place - 1 : place + 2])
        assert len(texts[place].rstrip()) >= width, "a rule is as wide as its table"
        assert all(line[:1].strip() for line in texts[place + 1 : place + 2]), "rows start at the left edge"
    assert not any(mark in plain.getvalue() for mark in "│┃┏╭|")


@pytest.mark.parametrize("width", [80, 100, 130])
def test_no_word_of_a_header_and_no_number_is_broken(width):
    X, Y = rows()
    advice, screen = lg.analyze(X, Y), io.StringIO()
    show(advice, Console(file=screen, width=width), details=True)
    lines = [line.rstrip() for line in screen.getvalue().splitlines()]
    report = written(advice)
    tables = [report.summary, *(block for part in report.sections for block in part.blocks if isinstance(block, Table))]
    assert len(tables) == 5
    for table in tables:
        start = lines.index(table.caption)
        rule = next(i for i in range(start, len(lines)) if lines[i].startswith("─"))
        assert sorted(" ".join(lines[start + 1 : rule]).split()) == sorted(" ".join(table.header).split())
        end = next(i for i in range(rule + 1, len(lines) + 1) if i == len(lines) or not lines[i])
        shown = " ".join(lines[rule + 1 : end]).split()
        for number in (cell for row in table.rows for cell in row[1:] if re.fullmatch(r"[−+]?[\d.,]+", cell)):
            assert number in shown


def test_long_words_are_broken_into_pieces_that_can_be_read():
    X, Y = rows()
    long = "x" * 40
    advice = lg.analyze(pd.DataFrame(X, columns=[long, "b", "c", "d"]), Y)
    screen = io.StringIO()
    show(advice, Console(file=screen, width=24), details=True)
    table = screen.getvalue().partition("In the units")[2].partition("What smaller")[0]
    assert [len(piece) for piece in re.findall("x+", table)] == [16, 16, 8]
