"""Every sentence of the advice in the case that calls for it, its numbers found again; and amounts as they are told."""

import inspect
import io
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from analysis.by_designs import unseen
from analysis.by_refits import Refits
from analysis.report_reader import ReportReader, is_told, reads
from numpy.testing import assert_allclose
from rich.console import Console

import lingauss as lg
from lingauss.analysis.amounts import apart, more, rough, share, signed, signed_percent
from lingauss.analysis.screen import show
from lingauss.analysis.training import trained
from lingauss.cli.data import analyze as analyze_command
from lingauss.errors import DomainError, LingaussError

GAINS_NOTHING = "Distilling gains nothing here that exceeds its uncertainty; train on the true labels."
TRUE = "Train on the true labels."


def rows(n=90, d=4, noise=1.0, seed=0, weights=(3.0, -2.0, 1.0, 0.5)):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) @ (np.eye(d) + 0.3 * rng.normal(size=(d, d)))
    return X, (X @ np.resize(weights, d) + noise * rng.normal(size=n))[:, None]


def page_of(advice, monkeypatch):
    """The parts of the page, without drawing."""
    monkeypatch.setattr("lingauss.analysis.report._images", lambda found: {})
    return ReportReader(advice.report()).parts


def section(parts, start):
    return next(part for part in parts if part.title.startswith(start))


# Amounts


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        (share, 0.5543, ".55"), (share, 0.996, ".996"), (share, 0.99996, ".99996"), (share, 0.999999, "1"),
        (share, 0.0, ".00"), (share, -0.031, "−.03"), (share, -3.25, "−3.25"), (share, np.nan, "–"),
        (share, 0.9949, ".99"), (share, 1.0, "1"), (share, 0.30303, ".30"), (share, 0.007, ".01"),
        (rough, 0.01234, "0.012"), (rough, 123.4, "120"), (rough, 12345.0, "12,000"), (rough, 1.55, "1.6"),
        (rough, 0.0, "0"), (rough, np.inf, "inf"), (rough, 3.04e-9, "3.0e-09"), (rough, -0.567, "-0.57"),
        (rough, 1.23e-5, "0.000012"), (rough, 1.26e-6, "1.3e-06"),
        (signed, 2.5, "+2.5"), (signed, -2.5, "−2.5"), (signed, 0.0, "+0"), (signed, 0.4, "+0.4"),
        (signed, -0.4, "−0.4"),
        (signed_percent, 0.123, "12 %"), (signed_percent, -0.0123, "−1.2 %"), (signed_percent, 4e-6, "0 %"),
        (signed_percent, -4e-6, "0 %"), (signed_percent, 6e-6, "0.0006 %"), (signed_percent, 0.5, "50 %"),
        (signed_percent, -0.5, "−50 %"), (signed_percent, 1.5, "150 %"),
        (more, 0.123, "12 % more"), (more, -0.123, "12 % less"), (more, 4e-6, "no more"),
        (more, -6e-6, "0.0006 % less"),
        (apart, [1.234, 5.6789], ["1.23", "5.68"]), (apart, [1.2341, 1.2349], ["1.234", "1.235"]),
        (apart, [1.23411, 1.23412], ["1.2341", "1.2341"]), (apart, [1.0, 1.0], ["1.00", "1.00"]),
        (apart, [10041.0, 10042.0], ["10,041", "10,042"]), (apart, [1e6 + 0.1, 1e6], ["1,000,000", "1,000,000"]),
        (apart, [0.000123, 0.00045], ["0.000123", "0.000450"]), (apart, [0.0], ["0"]),
        (apart, [0.0, 2.0], ["0.00", "2.00"]),
        (apart, [1.23e-7, 3e-9], ["1.23e-07", "3.00e-09"]), (apart, [2e17], ["2.00e+17"]), (apart, [], []),
        (apart, [-12.345, 2.0], ["-12.3", "2.0"]), (apart, [np.nan], ["nan"]), (apart, [0.5, np.inf], ["0.500", "inf"]),
        (apart, [2.04e-5], ["0.0000204"]), (apart, [2.04e-6], ["2.04e-06"]), (apart, [1.2e15], ["1.20e+15"]),
        (apart, [1.2e14], ["120,000,000,000,000"]), (apart, [999.6], ["1,000"]),
        (apart, [99.96, 5.0], ["100.0", "5.0"]),
    ],
)  # fmt: skip
def test_amounts_have_as_many_digits_as_are_of_use(function, value, text):
    assert function(value) == text


# How many directions


def test_the_last_direction_is_told_by_what_it_would_cost_to_drop_it():
    X, Y = rows(noise=0.2)
    r, advice = Refits(X, Y), lg.analyze(X, Y)
    here, there = np.sqrt(unseen(r)[[4, 3]])
    assert 10.0 * here > there > 5.0 * here
    told = "Keep all 4 directions: RMSE on new rows {here} (R² {r2}). None can be dropped: with 3 it is {there}"
    r2 = 1.0 - here**2 / Y.var()
    reads(
        advice.verdict(), told + ", {more} % more. " + GAINS_NOTHING,
        here=here, there=there, r2=r2, more=100.0 * (there / here - 1.0),
    )  # fmt: skip
    X, Y = rows(noise=0.12)
    r, advice = Refits(X, Y), lg.analyze(X, Y)
    here, there = np.sqrt(unseen(r)[[4, 3]])
    assert 20.0 * here > there > 10.0 * here
    reads(advice.verdict(), told + ". " + GAINS_NOTHING, here=here, there=there, r2=1.0 - here**2 / Y.var())


def test_a_direction_that_costs_more_at_these_inputs_alone_is_told_as_that():
    X, Y = rows(n=60, weights=(3.0, -2.0, 1.0, 0.2), seed=2)
    errors = unseen(Refits(X, Y))
    assert errors[3] < errors[4]
    here, there = np.sqrt(errors[[4, 3]])
    reads(
        lg.analyze(X, Y).verdict(),
        "Keep all 4 directions: RMSE on new rows {here} (R² {r2}). With 3 it is {there}, but at these inputs more than "
        "the tolerance is lost. " + GAINS_NOTHING,
        here=here, there=there, r2=1.0 - here**2 / Y.var(),
    )  # fmt: skip


def test_a_single_direction_is_the_only_one():
    X, Y = rows(d=1)
    here, there = np.sqrt(unseen(Refits(X, Y))[::-1])
    reads(
        lg.analyze(X, Y).verdict(),
        "Keep the only direction: RMSE on new rows {here} (R² {r2}). None can be dropped: with 0 it is {there}, {more} "
        "% more. " + GAINS_NOTHING,
        here=here, there=there, r2=1.0 - here**2 / Y.var(), more=100.0 * (there / here - 1.0),
    )  # fmt: skip


def test_features_that_tell_nothing_are_called_that(monkeypatch):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(60, 5)), rng.normal(size=(60, 1))
    advice = lg.analyze(X, Y, penalty=5.0, tolerance="1000%")
    errors = np.sqrt(unseen(Refits(X, Y, given_penalty=5.0)))
    assert errors.min() == errors[0]
    shares = 1.0 - errors[[0, 5]] ** 2 / Y.var()
    assert shares.max() <= 0.0
    reads(
        advice.verdict(),
        "These features tell nothing of new rows: predicting the mean is as good. Keep none of the 5 directions: RMSE "
        "on new rows {here} instead of {all} with all of them (R² {own} instead of {other}). " + TRUE,
        here=errors[0], all=errors[5], own=shares[0], other=shares[1],
    )  # fmt: skip
    parts = page_of(advice, monkeypatch)
    assert section(parts, "What smaller students lose").said("warning") == [
        "No direction is worth keeping: the features hardly tell the targets from noise."
    ]
    assert [part.title for part in parts[1:3]] == ["The student", "What smaller students lose in predictions"]
    assert section(parts, "The student").said() == []


def test_a_student_as_large_as_the_teacher_is_told_how_it_becomes_smaller(monkeypatch):
    X, Y = rows()
    parts = page_of(lg.analyze(X, Y), monkeypatch)
    part = section(parts, "What smaller students lose")
    assert part.said("note") == [
        "No smaller rank is within the tolerance. A larger one, or a rank budget, makes the student smaller."
    ]
    assert part.said("warning") == []
    smaller = section(
        page_of(lg.analyze(X, Y, rank_budget=2, tolerance=1e-9), monkeypatch), "What smaller students lose"
    )
    assert smaller.said("note") == smaller.said("warning") == []


def test_a_rank_budget_is_told_by_its_cost():
    X, Y = rows()
    r, advice = Refits(X, Y), lg.analyze(X, Y, rank_budget=2, tolerance=1e-9)
    errors, shares = np.sqrt(unseen(r)[[2, 4]]), 1.0 - unseen(r)[[2, 4]] / Y.var()
    best = int(np.argmin(r.every_risk))
    reads(
        advice.verdict(),
        "Keep 2 of 4 directions: RMSE on new rows {own} instead of {all} with all of them (R² {share} instead of "
        "{other}). " + GAINS_NOTHING + " The rank budget costs {above} % more excess risk than rank {best}, the best.",
        own=errors[0], all=errors[1], share=shares[0], other=shares[1],
        above=100.0 * (r.every_risk[2] / r.every_risk[best] - 1.0), best=best,
    )  # fmt: skip
    assert "budget" not in lg.analyze(X, Y, rank_budget=2, tolerance="100000%").verdict()


def test_more_columns_than_six_are_counted():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 9))
    Y = (X @ np.arange(9.0, 0.0, -1.0) + 6.0 * rng.normal(size=120))[:, None]
    r, advice = Refits(X, Y, sight="features"), lg.analyze(X, Y, bottleneck="features", rank_budget=8, tolerance=1e-9)
    assert advice.rank == 8
    names = ", ".join(f"x{int(np.argmax(column))}" for column in r.basis[:, :6].T)
    assert advice.verdict().startswith(f"Keep 8 of 9 columns ({names} and 2 more): RMSE on new rows ")


def test_directions_that_held_out_rows_speak_against_are_counted(monkeypatch):
    X, Y = rows()
    plain = lg.analyze(X, Y, tolerance=1e-9)
    errors = plain.held_out.errors[:, 2:3] * [3.0, 2.0, 1.0, 10.0, 11.0]
    real = lg.analysis.advising.hold_out
    monkeypatch.setattr(
        "lingauss.analysis.advising.hold_out",
        lambda parts, recipe: type(plain.held_out)(errors, (found := real(parts, recipe)).weights, found.models),
    )
    advice = lg.analyze(X, Y, tolerance=1e-9)
    assert (plain.rank, advice.rank, advice.guarded) == (4, 2, 4)
    assert advice.verdict().endswith(
        " The model alone would keep 4, but on rows held out the last 2 made predictions worse."
    )


# Whether to distil


def test_soft_labels_are_told_by_their_share_and_by_what_they_save():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 5))
    Y = (X @ [1.0, 0.9, 1.1, 1.2, 0.8] + 0.5 * rng.normal(size=400))[:, None]
    advice = lg.analyze(X, Y, penalty=400.0)
    mixing = advice.recommended.mixing
    assert mixing < -0.1
    mixed, plain = (np.sqrt(unseen(Refits(X, Y, given_penalty=400.0, mixing=xi))[5]) for xi in (mixing, 0.0))
    assert mixed < plain
    told = advice.verdict().partition("Distilling")[2]
    reads(
        told,
        " helps: train on {true} times the true plus {soft} times the teacher's labels (RMSE {mixed} instead of "
        "{plain}).",
        true=1.0 - mixing, soft=mixing, mixed=mixed, plain=plain,
    )  # fmt: skip
    tried = [unseen(Refits(X, Y, given_penalty=400.0, mixing=mixing + step))[5] for step in (-0.05, 0.0, 0.05)]
    assert np.argmin(tried) == 1


def test_what_soft_labels_save_is_uncertain_as_the_rows_say():
    """Both students err on the same rows: 2 √(mean square of an error · mean square of the change / n)."""
    X, Y = rows(n=200, noise=2.0)
    gain = lg.analyze(X, Y, penalty=60.0, student_penalty=30.0).advice.gain
    settings = {"given_penalty": 60.0, "student_penalty": 30.0}
    plain, mixed = (Refits(X, Y, mixing=xi, **settings) for xi in (0.0, gain.mixing))
    errors = unseen(plain)[4], unseen(mixed)[4]
    assert_allclose(gain.saved, errors[0] - errors[1], rtol=1e-6, atol=1e-9)
    predicted = [each.Z @ each.fit(each.Z, each.T, 4, each.basis)[0] for each in (plain, mixed)]
    apart_by = np.mean((predicted[0] - predicted[1]) ** 2)
    assert_allclose(gain.standard_error, 2.0 * np.sqrt(errors[0] * apart_by / 200), rtol=1e-6)
    assert gain.pays == (gain.saved > 2.0 * gain.standard_error)


def test_labels_without_noise_leave_nothing_to_distil(monkeypatch):
    X, Y = rows(noise=0.0)
    advice = lg.analyze(X, Y)
    assert advice.verdict().endswith(
        " The labels have no noise, so soft labels have nothing to add: train on the labels as they are."
    )
    notes = section(page_of(advice, monkeypatch), "Data, noise").said()
    reads(
        notes[1],
        "Label noise ν = {noise} (standard deviation), nominal, a millionth of the labels' own: the features fit them "
        "without residuals, as they do the outputs of a linear teacher. What noise, and with it sharing it between "
        "teacher and student, would change cannot be said.",
        noise=1e-6 * Y.std(),
    )  # fmt: skip
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    weights = np.linalg.lstsq(Z, Y - Y.mean(axis=0), rcond=None)[0]
    reads(
        notes[2],
        "The teacher's penalty λ = {penalty} goes with that noise; it leaves {freedom} effective degrees of freedom of "
        "{d}. It is the alpha of scikit-learn's Ridge on the same features.",
        penalty=1e-12 * Y.var() * 4 / np.sum(weights**2), freedom=4, d=4,
    )  # fmt: skip


# What is uncertain


def test_a_floor_without_effect_is_told_nowhere_as_a_number(monkeypatch):
    X, Y = rows()
    advice = lg.analyze(X, Y)
    parts = page_of(advice, monkeypatch)
    [(_, _, settings)] = section(parts, "Recommended settings").tables
    assert ["floor φ, variance of unlearned weights", "no effect", "no effect"] in settings
    [(_, _, moves)] = section(parts, "How faithful").tables
    assert [row[0] for row in moves] == ["temperature τ"]
    assert list(advice.sensitivities().index) == ["temperature"]
    assert np.isnan(advice.settings().loc["floor", "uncertainty"])
    assert "floor" not in repr(advice)
    best = int(np.argmin(advice.by_rank()["divergence"]))
    assert best == 4
    assert section(parts, "How faithful").said()[0].endswith("for the rank bottleneck, which no training removes.")


def test_noise_that_only_widens_the_student_is_best_left_out(monkeypatch):
    """Every retained variance of the student is that of the teacher or more, whatever noise is added."""
    X, Y = rows()
    told = (
        "The best temperature is 0: the student's variances are on the whole no smaller than the teacher's already, "
        "and noise in the soft labels only widens them (docs/theory.md §5.3)."
    )
    wide = lg.analyze(X, Y, student_temperature=1.5)
    assert wide.faithful.temperature == 0.0
    assert told in section(page_of(wide, monkeypatch), "How faithful").said()
    r = Refits(X, Y, student_temperature=1.5)
    inverse = np.linalg.inv(r.Z.T @ r.Z + r.penalty * np.eye(4))
    hat = inverse @ r.Z.T @ r.Z
    student = r.noise**2 * (1.5 * inverse + hat @ inverse @ hat.T)
    assert np.trace(np.linalg.solve(r.noise**2 * inverse, student)) >= 4.0
    narrow = lg.analyze(X, Y)
    assert narrow.faithful.temperature > 0.0
    assert told not in section(page_of(narrow, monkeypatch), "How faithful").said()
    nothing = lg.analyze(X, Y, rank_budget=0)
    assert told not in section(page_of(nothing, monkeypatch), "How faithful").said()


# What is known of the data


def notes_of(advice, monkeypatch):
    return section(page_of(advice, monkeypatch), "Data, noise").said()


def test_what_is_given_is_told_as_given(monkeypatch):
    X, Y = rows()
    notes = notes_of(lg.analyze(X, Y, penalty=7.0, label_noise=2.5), monkeypatch)
    assert notes[1] == "Label noise ν = 2.5 (standard deviation), as given."
    sizes = np.linalg.eigvalsh(Refits(X, Y).Z.T @ Refits(X, Y).Z)
    reads(
        notes[2],
        "The teacher's penalty λ = 7 as given; it leaves {freedom} effective degrees of freedom of 4. It is the alpha "
        "of scikit-learn's Ridge on the same features.",
        freedom=np.sum(sizes / (sizes + 7.0)),
    )  # fmt: skip


def test_a_penalty_by_leaving_rows_out_is_told_as_that(monkeypatch):
    X, Y = rows(n=40)
    notes = notes_of(lg.analyze(X, Y, leave_one_out=True), monkeypatch)
    assert " with the least exact leave-one-out error, from a second pass over the rows; it leaves " in notes[2]


def test_few_rows_are_told_by_the_degrees_of_freedom_that_they_leave(monkeypatch):
    X, Y = rows(n=13)
    notes = notes_of(lg.analyze(X, Y), monkeypatch)
    assert re.fullmatch(
        r"Label noise ν = [\d.]+ \(standard deviation\), estimated by marginal likelihood together with the penalty, "
        "because 13 rows leave 8 residual degrees of freedom\\.",
        notes[1],
    )
    assert "maximises the marginal likelihood, from moments" in notes[2]
    notes = notes_of(lg.analyze(X, Y, penalty=2.0), monkeypatch)
    assert "estimated by marginal likelihood at the given penalty, because 13 rows leave 8 " in notes[1]
    wide, Y = rows(n=12, d=15)
    notes = notes_of(lg.analyze(wide, Y, penalty=2.0), monkeypatch)
    assert notes[1] == (
        "There are no more rows than features: all is said of the 11 directions that rows span. Along all others "
        "nothing is learned, and weights keep their prior."
    )
    assert "because 12 rows leave 0 residual degrees of freedom" in notes[2]
    assert " effective degrees of freedom of 11. " in notes[3]


def test_units_that_were_kept_are_told_with_their_danger(monkeypatch):
    X, Y = rows()
    X = X / X.std(axis=0) * [1.0, 2.0, 3.0, 40.0]
    kept = (
        "Features and targets were centred, so that an intercept is fitted; features kept their units, with standard "
        "deviations {low} to {high}."
    )
    danger = "Features of large units dominate penalties and principal directions; standardise them."
    notes = notes_of(lg.analyze(X, Y, standardise=False), monkeypatch)
    reads(notes[0], kept, low=1.0, high=40.0)
    assert danger not in notes
    notes = notes_of(lg.analyze(X * [1.0, 1.0, 1.0, 3.0], Y, standardise=False), monkeypatch)
    reads(notes[0], kept, low=1.0, high=120.0)
    assert notes[1] == danger
    ready = (X - X.mean(axis=0)) / X.std(axis=0)
    notes = notes_of(lg.analyze(ready, Y), monkeypatch)
    assert notes[0] == "Features came centred and of unit standard deviation."
    for other in (ready + 0.1, 1.1 * ready):
        assert notes_of(lg.analyze(other, Y), monkeypatch)[0].startswith("Features and targets were centred")


def test_columns_and_rows_that_were_left_out_are_told(monkeypatch):
    X, Y = rows()
    frame = pd.DataFrame(X, columns=list("abcd")).assign(flat=3.0, even=-1.0, y=Y[:, 0])
    frame.loc[[4, 9], "b"] = np.nan
    notes = notes_of(lg.analyze(frame, "y", drop_missing=True, drop_constant=True), monkeypatch)
    assert notes[:2] == [
        "2 of 90 rows had a missing entry and were left out.",
        "Constant features were left out: 'flat', 'even'.",
    ]


def test_a_target_that_is_scaled_is_told_in_its_own_unit():
    X, Y = rows()
    plain, scaled = lg.analyze(X, 50.0 * Y, penalty=2.0), lg.analyze(X, 50.0 * Y, penalty=2.0, scale_targets=True)
    assert_allclose(scaled.choices_table(), plain.choices_table(), rtol=1e-9)
    assert scaled.verdict() == plain.verdict()
    assert_allclose(scaled.coefficients(), plain.coefficients(), rtol=1e-9)


# What is not known


def test_a_fitted_model_is_told_without_rows(monkeypatch):
    X, Y = rows()
    direct = lg.analyze(X, Y, standardise=False, tolerance=0.6)
    problem = direct.observed
    law = direct.recommended.replace(teacher_temperature=1.0).teacher.channel(problem.gramian, problem.label_noise)
    at = law.at(problem.observed)
    penalty = direct.recommended.teacher.penalty
    fitted = lg.from_posterior(
        at.mean, at.cov, label_noise=problem.label_noise, n_samples=len(X),
        prior_variance=problem.label_noise**2 / penalty, intercept=True,
    )  # fmt: skip
    advice = lg.analyze(fitted, tolerance=0.6)
    risks = direct.by_rank()["excess_risk"].to_numpy()
    errors = np.sqrt(risks[[advice.rank, 4]] + problem.label_noise**2)
    if advice.rank == 4:
        told = "Keep all 4 directions: RMSE at these inputs {own}. None can be dropped: with 3 it is {fewer}, {more} % "
        told += "more. "
        fewer = np.sqrt(risks[3] + problem.label_noise**2)
        values = {"own": errors[0], "fewer": fewer, "more": 100.0 * (fewer / errors[0] - 1.0)}
    else:
        told = f"Keep {advice.rank} of 4 directions: RMSE at these inputs {{own}} instead of {{all}} with all of them. "
        values = {"own": errors[0], "all": errors[1]}
    reads(advice.verdict(), told + TRUE, **values)
    parts = page_of(advice, monkeypatch)
    assert parts[0].title == "Which student for a fitted model?"
    assert section(parts, "The student").said("warning") == [
        "The labels' own power is unknown, so nothing can be said of unseen rows."
    ]
    [(_, header, table)] = parts[0].tables
    for row in table:
        cells = dict(zip(header, row, strict=True))
        assert [cells[name] for name in ("RMSE new", "±", "R² new", "R² here")] == 4 * ["–"]
        assert is_told(cells["RMSE here"], np.sqrt(risks[int(cells["directions"])] + problem.label_noise**2))
    assert [part.title for part in parts].count("The student's coefficients") == 0
    assert section(parts, "Data, noise").said() == list(fitted.assumed)
    assert (advice.outputs, advice.features) == (("y",), ("x0", "x1", "x2", "x3"))
    twice = lg.from_posterior(
        np.vstack([at.mean, 2.0 * at.mean]), at.cov, label_noise=problem.label_noise, n_samples=len(X),
        prior_variance=problem.label_noise**2 / penalty, intercept=True,
    )  # fmt: skip
    assert lg.analyze(twice).outputs == ("y0", "y1")
    assert np.isnan(advice.errors()["error"]).all()
    assert np.isnan(advice.choices_table()[["error_on_new_rows", "standard_error", "r2_on_new_rows"]]).all(axis=None)


def test_moments_have_no_names_and_no_rows_to_hold_out(monkeypatch):
    X, Y = rows()
    single = lg.analyze(lg.Moments.from_data(X, Y))
    double = lg.analyze(lg.Moments.from_data(X, np.column_stack([Y, Y + X[:, :1]])))
    assert (single.features, single.outputs, double.outputs) == (("x0", "x1", "x2", "x3"), ("y",), ("y0", "y1"))
    assert page_of(single, monkeypatch)[0].title == "Which student for moments?"
    assert single.notices == ()
    assert_allclose(single.choices_table(), lg.analyze(X, Y).choices_table(), rtol=1e-9)
    columns = lg.analyze(lg.Moments.from_data(X, Y), bottleneck="features")
    told = "There are no rows to hold out, or too few, so nothing can be said of unseen ones."
    assert columns.notices == (told,)
    assert section(page_of(columns, monkeypatch), "The student").said("warning") == [told]


def test_doubts_about_errors_on_new_rows_stand_before_everything_else(monkeypatch):
    X, Y = rows(n=60)
    X[::20] *= 40.0
    Y[::20] *= 3.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # none is shown: a page tells them
        advice = lg.analyze(X, Y)
    r = Refits(X, Y)
    errors, measured = unseen_quietly(r), r.held_out_mean(advice.rank)
    times = measured / errors[advice.rank]
    assert times > 1.2
    warned = section(page_of(advice, monkeypatch), "The student").said("warning")
    reads(
        warned[-1],
        "Students trained without a fifth of the rows have a squared error on it {times} times the cross-validated "
        "one: some rows weigh far more than others, or directions change with the rows.",
        times=times,
    )  # fmt: skip
    assert tuple(warned) == advice.notices
    assert all(text[0].isupper() and text.endswith(".") for text in warned)


def unseen_quietly(r):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return unseen(r)


def test_what_errors_other_students_have_is_said_where_it_is_known():
    X, Y = rows(seed=5, weights=(3.0, 0.4, 0.2, 0.1))
    advice = lg.analyze(X, Y, tolerance=0.3)
    table = advice.choices_table().set_index("directions")
    assert len(table) < 5
    for rank in range(5):
        student = trained(advice, rank, 0.0)
        weights, intercept = Refits(X, Y).weights(rank)
        assert_allclose(student.decision(X), X @ weights + intercept, rtol=1e-6)
        known = table.loc[rank, ["error_on_new_rows", "r2_on_new_rows"]] if rank in table.index else [np.nan, np.nan]
        assert_allclose([student.error, student.explained], known, rtol=1e-12)
        assert trained(advice, rank, 1.0).expected() == "how wrong they are is unknown"


def test_rivals_are_uncertain_as_their_parts_differ():
    X, Y = rows(n=60)
    Y = np.column_stack([Y, Y + X[:, :1], X[:, 1:2] - Y])
    advice = lg.analyze(X, Y, bottleneck="principal", rank_budget=1, tolerance=1e-9, scale_targets=False)
    assert [one.name for one in advice.rivals] == ["principal", "aligned", "features"]
    for one in advice.rivals:
        r = Refits(X, Y, sight=one.name)
        parts = r.held_out(1)
        assert_allclose(
            [one.unseen, one.unseen.standard_error], [parts.mean(), parts.std(ddof=1) / np.sqrt(5)], rtol=1e-6
        )
        assert_allclose(one.at_inputs, r.risk(1) + r.noise_risk, rtol=1e-6)


def test_classes_beside_other_targets_are_predicted_as_scores():
    X, Y = rows(n=120)
    frame = pd.DataFrame(X, columns=list("abcd")).assign(
        kind=np.where(Y[:, 0] > 0.3, "high", "low"), side=np.where(X[:, 0] > 0, "left", "right"), price=Y[:, 0]
    )
    both = lg.analyze(frame.drop(columns="price"), ["kind", "side"])
    names = ("kind = high", "kind = low", "side = left", "side = right")
    assert (both.outputs, both.student().classes, both.unit.error) == (names, (), "Brier score")
    one_hot = np.column_stack([frame.kind == "high", frame.kind == "low", frame.side == "left", frame.side == "right"])
    r = Refits(X, one_hot.astype(float))
    scores = np.zeros((120, 4))
    for part in r.parts():
        scores[part] = r.T[part] - r.left(both.rank, part, None) + r.Y.mean(axis=0)
    right = [scores[:, pair].argmax(axis=1) == one_hot[:, pair].argmax(axis=1) for pair in ([0, 1], [2, 3])]
    assert_allclose(both.chosen().accuracy, np.mean(right), atol=1e-12)
    mixed = lg.analyze(frame.drop(columns="side"), ["kind", "price"])
    assert (mixed.unit.error, mixed.student().classes, mixed.chosen().accuracy) == ("RMSE", (), None)
    assert (mixed.prepared.output_scale == 1.0).all()
    single = lg.analyze(frame.drop(columns=["side", "price"]), "kind")
    assert single.student().classes == ("high", "low")


# What it may be told


def test_the_command_and_the_call_start_from_the_same_settings():
    spoken = {"noise": "label_noise"}
    python = {name: each.default for name, each in inspect.signature(lg.analyze).parameters.items()}
    for name, each in inspect.signature(analyze_command).parameters.items():
        if name in ("file", "targets", "out", "force", "details"):
            continue
        default = python.pop(spoken.get(name, name))
        if name == "tolerance":
            assert (default, each.default) == (0.05, "5%")
        else:
            assert (default or None) == (each.default or None), name
            assert type(default) is type(each.default) or not default
    assert set(python) == {"data", "targets", "scale_targets"}


@pytest.mark.parametrize(
    "name", ["standardise", "drop_constant", "scale_targets", "leave_one_out", "drop_missing", "classes"]
)
def test_what_is_neither_yes_nor_no_is_refused_by_its_name(name):
    X, Y = rows()
    with pytest.raises(DomainError, match=name):
        lg.analyze(X, Y, **{name: "yes"})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tolerance": -0.1}, "tolerance"), ({"rank_budget": 1.5}, "rank_budget"),
        ({"student_penalty": -1.0}, "student_penalty"),
        ({"penalty": 0.0}, "penalty"), ({"label_noise": 0.0}, "label_noise"), ({"bottleneck": "row"}, "a bottleneck"),
        ({"objective": "gap"}, "an objective"), ({"draws": 0}, "draws"), ({"mixing": np.nan}, "mixing"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_by_its_name(options, words):
    X, Y = rows()
    with pytest.raises(LingaussError, match=words):
        lg.analyze(X, Y, **options)


def test_a_folder_that_is_none_is_refused_by_its_name():
    X, Y = rows()
    with pytest.raises(DomainError, match="folder"):
        lg.analyze(X, Y).save(7)


# What it rests on


def test_what_the_advice_rests_on_is_so(monkeypatch):
    """Each claim beside the words that make it."""
    rng = np.random.default_rng(2)
    X, Y = rows(n=4000, noise=1.0)
    bent = Y + 2.0 * (X[:, :1] ** 2 - 1.0)
    straight, curved = lg.analyze(X, Y), lg.analyze(X, bent)
    [plug_in, rests_on] = section(page_of(curved, monkeypatch), "What this rests on").said()
    assert plug_in == (
        "All costs are plug-in estimates: averages over labels in which the posterior of the weights, given these "
        "labels, stands in for the unknown truth."
    )
    r = Refits(X[:300], Y[:300])
    mean, spread = r.posterior[:1], r.posterior[1:]
    drawn = mean + rng.normal(size=(20_000, 4)) @ spread
    inverse = np.linalg.inv(r.Z.T @ r.Z + r.penalty * np.eye(4))
    noise = r.noise * rng.normal(size=(20_000, 4)) @ np.linalg.cholesky(r.Z.T @ r.Z).T
    missed = (drawn @ r.Z.T @ r.Z + noise) @ inverse - drawn
    sampled = np.mean(np.sum((missed @ r.Z.T) ** 2, axis=1)) / 300 + r.noise**2 / 300
    assert_allclose(lg.analyze(X[:300], Y[:300]).by_rank()["excess_risk"][4], sampled, rtol=0.05)
    assert rests_on == (
        "The costs are exact for labels that are linear in the features plus Gaussian noise, the same for every "
        "output, and for new labels at inputs like these. Where labels are far from linear, the label noise contains "
        "what the features cannot explain, and the advice is about the best linear fit."
    )
    curve = 2.0 * (X[:, :1] ** 2 - 1.0)
    design = np.column_stack([np.ones(4000), X])
    unexplained = np.mean((curve - design @ np.linalg.lstsq(design, curve, rcond=None)[0]) ** 2)
    assert_allclose(curved.problem.label_noise**2, straight.problem.label_noise**2 + unexplained, rtol=0.05)
    best = np.linalg.lstsq(design, bent, rcond=None)[0][:, 0]
    assert_allclose(curved.coefficients()["y"], best, rtol=0.02, atol=0.02)


def test_classes_are_told_as_least_squares_and_not_as_misclassified_samples(monkeypatch):
    X, Y = rows()
    kind = np.where(Y[:, 0] > 0.3, "high", "low")
    advice = lg.analyze(X, kind)
    said = section(page_of(advice, monkeypatch), "What this rests on").said()
    assert said[2:] == [
        "Classes are fitted by least squares on one-hot labels; excess risk is then in squared error (the Brier "
        "score), not in misclassified samples."
    ]
    assert len(section(page_of(lg.analyze(X, Y), monkeypatch), "What this rests on").said()) == 2
    one_hot = (kind[:, None] == ["high", "low"]).astype(float)
    r = Refits(X, one_hot)
    weights, intercept = r.weights(advice.rank)
    assert_allclose(advice.student().decision(X), X @ weights + intercept, rtol=1e-6)


# How much is shown


def test_coefficients_are_shown_where_there_are_few_and_folded_where_there_are_some(monkeypatch):
    rng = np.random.default_rng(0)
    for d, k, shown, folded in ((12, 1, True, False), (13, 1, True, True), (19, 10, True, True), (20, 10, False, None)):
        X = rng.normal(size=(120, d))
        advice = lg.analyze(X, X @ rng.normal(size=(d, k)) + rng.normal(size=(120, k)))
        parts = [part for part in page_of(advice, monkeypatch) if part.title == "The student's coefficients"]
        assert [part.folded for part in parts] == ([folded] if shown else [])


def test_large_coefficients_are_told_without_exponents(monkeypatch):
    X, Y = rows()
    advice = lg.analyze(X, 1e5 * Y + 1e6)
    [(_, _, cells)] = section(page_of(advice, monkeypatch), "The student's coefficients").tables
    for (_, cell), value in zip(cells, advice.coefficients()["y"], strict=True):
        assert cell == f"{value:,.0f}"
        assert "e" not in cell
    small = lg.analyze(X, 1e3 * Y)
    [(_, _, cells)] = section(page_of(small, monkeypatch), "The student's coefficients").tables
    for (_, cell), value in zip(cells, small.coefficients()["y"], strict=True):
        assert "e" not in cell
        assert is_told(cell.replace("-", "−"), value)


def test_the_screen_emphasises_titles_and_shows_no_code():
    X, Y = rows()
    advice, screen = lg.analyze(X, Y), io.StringIO()
    show(advice, Console(file=screen, width=120, force_terminal=True, color_system="standard"), details=True)
    told = screen.getvalue()
    for title in ("Which student for the arrays?", "Recommended settings", "What this rests on"):
        assert f"\x1b[1m{title}\x1b[0m" in told
    assert "\x1b[3mRecommended (plug-in)\x1b[0m" in told
    assert "load_student" not in told
