"""Every table and the student that an analysis writes are found again by refits."""

import re

import numpy as np
import pandas as pd
import pytest
from analysis.report_reader import reads
from analysis.told_analyses import NAMES, alternatives, analysed, close, outputs, used
from numpy.testing import assert_allclose
from typer.testing import CliRunner

import lingauss as lg
from lingauss.cli import app


@pytest.fixture
def cases():
    return analysed()


@pytest.fixture(params=["one", "two", "columns", "classes"])
def told(request):
    return analysed()[request.param]


def test_the_cases_are_no_easy_ones(cases):
    """No two costs are equal, none is monotone over the others' order, and every recommendation is another rank."""
    ranks, r = cases["one"].ranks, cases["one"].refits
    assert (ranks["recommended"], ranks["best on new rows"], int(np.argmin(r.every_risk))) == (5, 4, 6)
    assert len(set(ranks.values())) == 4
    assert (np.diff(r.every_risk) > 0).any()
    assert abs(r.own_penalty / r.penalty - 1.0) > 0.3
    assert len({told.rank for told in cases.values()} - {0, 7}) > 1


def test_choices_are_those_of_refits(told):
    found = told.csv("choices")
    assert list(found.index) == ["; ".join(names) for names in told.choices.values()]
    squared, here = told.errors[list(told.choices)], told.refits.every_risk[list(told.choices)] + told.refits.noise_risk
    columns = {
        "directions": list(told.choices),
        "error_at_inputs": told.error(here),
        "r2_at_inputs": told.explained(here),
        "error_on_new_rows": told.error(squared),
        "standard_error": told.spread(squared),
        "r2_on_new_rows": told.explained(squared),
    }
    if told.of_classes:
        columns["accuracy_on_new_rows"] = [told.refits.accuracy(rank) for rank in told.choices]
    assert list(found.columns) == list(columns)
    for name, expected in columns.items():
        close(found[name], expected)
    pd.testing.assert_frame_equal(found, told.advice.choices_table())


def test_errors_on_new_rows_are_close_to_those_of_leaving_out_every_row(cases):
    for name in ("one", "two"):
        refits = [cases[name].refits.left_out(rank) for rank in range(8)]
        assert_allclose(cases[name].unseen, refits, rtol=0.03)  # from moments: an average row is left out


def test_costs_by_rank_are_those_of_naive_formulas(told):
    found = told.csv("by-rank")
    costs = np.array([told.ledger(rank) for rank in range(8)])
    assert found.index.name == "student_rank"
    assert list(found.index) == list(range(8))
    assert list(found.columns) == ["excess_risk", "divergence", "bias", "variance", "rank_bottleneck"]
    close(found["excess_risk"], told.refits.every_risk)
    close(found[["bias", "variance", "rank_bottleneck"]], costs)
    close(found["divergence"], costs.sum(axis=1))
    pd.testing.assert_frame_equal(found, told.advice.by_rank(), check_index_type=False)


def test_settings_are_of_the_student_that_is_closest_to_the_teacher(told):
    found, r = told.csv("settings"), told.refits
    assert list(found.columns) == ["predictions", "uncertainty"]
    rows = {
        "student_rank": (told.rank, told.rank),
        "temperature": (0.0, None),
        "mixing": (r.mixing, told.law_mixing),
        "draws": (np.nan, r.draws),
        "floor": (np.nan, None),
        "student_penalty": (r.own_penalty, r.own_penalty),
    }
    assert list(found.index) == list(rows)
    for name, expected in rows.items():
        close(found.loc[name][:1], expected[:1])
        if expected[1] is not None:
            close(found.loc[name][1:], expected[1:])
    temperature, floor = found.loc[["temperature", "floor"], "uncertainty"]
    least = told.ledger(told.rank).sum()
    for factor in (0.97, 1.03):
        assert told.ledger(told.rank, temperature=temperature * factor).sum() > least
        assert told.ledger(told.rank, floor=floor * factor).sum() > least
    if told.kind in ("one", "two"):
        assert_allclose([temperature, floor], r.closest(told.rank, told.law_mixing), rtol=1e-4)


def test_other_choices_cost_what_refits_of_them_cost(told):
    found, expected = told.csv("alternatives"), alternatives(told)
    assert list(found.index) == list(expected)
    assert list(found.columns) == ["rank", "mixing", "temperature", "excess_risk", "squared_error", "above_least"]
    risks = np.array([row[-1] for row in expected.values()])
    close(found[["rank", "mixing", "temperature", "excess_risk"]], list(expected.values()))
    close(found["squared_error"], risks + told.refits.noise_risk)
    close(1.0 + found["above_least"], risks / told.refits.every_risk.min())  # the digits are those of the ratio


def test_coefficients_and_directions_are_those_of_refits(told):
    weights, intercept = told.refits.weights(told.rank)
    found = told.csv("coefficients")
    assert list(found.index) == ["intercept", *(NAMES[j] for j in used(told))]
    assert list(found.columns) == outputs(told)
    assert_allclose(found, np.vstack([intercept, weights[used(told)]]), rtol=1e-6)
    seen = told.csv("projection")
    assert list(seen.index) == list(found.index)[1:]
    assert list(seen.columns) == [f"direction {i + 1}" for i in range(told.rank)]
    loadings = told.refits.basis[used(told), : told.rank] / told.refits.X.std(axis=0)[used(told), None]
    assert_allclose(np.abs(seen), np.abs(loadings), rtol=1e-6, atol=1e-12)
    X = told.refits.X[:, used(told)]
    inside = (X - X.mean(axis=0)) @ seen.to_numpy()
    both = np.column_stack([np.ones(len(X)), inside])
    predicted = told.refits.X @ weights + intercept
    assert_allclose(both @ np.linalg.lstsq(both, predicted, rcond=None)[0], predicted, rtol=1e-6, atol=1e-9)


def test_the_student_that_is_kept_predicts_and_says_how_wrong_it_will_be(told, tmp_path):
    (tmp_path / "student.npz").write_bytes(told.files["student.npz"])
    student, r = lg.load_student(tmp_path / "student.npz"), told.refits
    weights, intercept = r.weights(told.rank)
    X = r.X[:, used(told)]
    assert_allclose(student.decision(X), r.X @ weights + intercept, rtol=1e-6, atol=1e-9)
    assert (student.rank, student.outputs, student.origin) == (told.rank, tuple(outputs(told)), "the DataFrame")
    assert student.features == tuple(NAMES[j] for j in used(told))
    assert student.error_name == told.word
    close(
        [student.error, student.explained], [told.error(told.errors[told.rank]), told.explained(told.errors[told.rank])]
    )
    close(student.centre, X.mean(axis=0))
    reads(
        student.expected(), "expected {name} {error}, R² {share} on rows like those of the DataFrame",
        name=told.word, error=student.error, share=student.explained,
    )  # fmt: skip
    listed = ", ".join(f"'{name}'" for name in outputs(told))
    assert re.fullmatch(
        rf"Student\({len(used(told))} features, {told.rank} directions, {listed}, expected {told.word} ([\d.]+)\)",
        repr(student),
    )
    pd.DataFrame(X, columns=student.features).to_csv(tmp_path / "new.csv", index=False)
    words = ["predict", str(tmp_path / "student.npz"), str(tmp_path / "new.csv"), "--out", str(tmp_path / "p.csv")]
    assert CliRunner().invoke(app, words).exit_code == 0
    written = pd.read_csv(tmp_path / "p.csv")
    if told.of_classes:
        assert list(written.columns) == ["kind"]
        best = (r.X @ weights + intercept).argmax(axis=1)
        assert list(written["kind"]) == [["cheap", "dear", "fair"][j] for j in best]
    else:
        assert list(written.columns) == outputs(told)
        assert_allclose(written, r.X @ weights + intercept, rtol=1e-6)
