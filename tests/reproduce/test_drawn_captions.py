"""Captions of figures on drawn inputs: every number is found again one design at a time, or in the table."""

import warnings
from functools import cache

import numpy as np
import pytest
from matplotlib.figure import Figure as Page
from numpy.testing import assert_allclose
from reproduce.sentences import says
from reproduce.small_studies import SMALL
from scipy.optimize import minimize_scalar

import lingauss as lg
from lingauss import charts
from lingauss.errors import EquivalentWarning, MissingResultError
from lingauss.reproduce.figures import DRAWN_CHARTS
from lingauss.reproduce.studies import drawn

COLD = lg.Ridge(0.0, temperature=0.0)
S, SIGNAL = np.arange(1, 121.0) ** -1.1, np.arange(1, 121.0) ** -0.4 / 20


@cache
def figure(chart):
    return DRAWN_CHARTS[chart](drawn(), SMALL)


def design(n=200, **settings):
    problem = lg.Problem.from_population(S, SIGNAL, n_samples=n, label_noise=0.5)
    told = {"teacher": lg.Ridge(1.0, temperature=0.0), "student": lg.Ridge(0.3, temperature=0.0), "temperature": 0.0}
    return lg.Distillation(problem, **told | {"mixing": 0.5} | settings)


def student(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquivalentWarning)
        return case.excess_risk().student


def test_what_is_told_of_double_descent_is_so():
    told = figure("double-descent")
    sizes = told.results["n_samples"].to_numpy()
    for learner, mixing in (("true labels", 0.0), ("soft labels", 1.0)):
        values = [student(design(int(n), student=COLD, mixing=mixing)) for n in sizes]
        assert_allclose(told.results["excess_risk"].sel(learner=learner), values, rtol=1e-12)
    # a parabola in ξ from three designs
    last = [student(design(int(sizes[-1]), student=COLD, mixing=mixing)) for mixing in (0.0, 1.0, 2.0)]
    curvature = last[0] - 2 * last[1] + last[2]
    slope = last[1] - last[0] - 0.5 * curvature
    mixing, least = -slope / curvature, last[0] - 0.5 * slope**2 / curvature
    assert 120 in sizes
    says(
        told.finding,
        "At {n:d} samples soft labels alone leave a risk of {soft:n}, true labels one without bound; at {last:d} the "
        "best mixture is {xi:n} and gains {gain:p} %.",
        n=120, soft=student(design(120, student=COLD, mixing=1.0)), last=sizes[-1], xi=mixing, gain=1 - least / last[0],
    )  # fmt: skip
    assert student(design(120, student=COLD, mixing=0.0)) == np.inf


def test_what_is_told_of_fixed_inputs_is_so():
    told = figure("fixed-and-new")
    sizes = told.results["n_samples"].to_numpy().tolist()
    new = np.array([student(design(n)) for n in sizes])
    given = [lg.Problem.from_spectrum(n * S, SIGNAL, n_samples=n, label_noise=0.5) for n in sizes]
    fixed = np.array([design().replace(problem=problem).excess_risk().student for problem in given])
    assert_allclose(told.results["excess_risk"].sel(learner="new inputs"), new, rtol=1e-12)
    assert_allclose(told.results["excess_risk"].sel(learner="training inputs"), fixed, rtol=1e-12)
    worst = int(np.argmax(new / fixed))
    says(
        told.finding,
        "Fixed inputs flatter most at {n:d} samples, where new ones are {most:n} times as risky; at {last:d} they "
        "still are {end:n} times.",
        n=sizes[worst], most=(new / fixed)[worst], last=sizes[-1], end=new[-1] / fixed[-1],
    )  # fmt: skip


def test_what_is_told_of_weak_teachers_is_so():
    told = figure("weak-teacher")
    case = design(
        teacher=lg.Ridge(0.01, temperature=0.0), teacher_bottleneck=lg.Selected(range(15)),
        bottleneck=lg.Selected(range(120)),
    )  # fmt: skip
    shares = told.results["mixing"].to_numpy()
    ratio = told.results["student_excess_risk"] / told.results["teacher_excess_risk"]
    for rank, mixing in ((0, shares[0]), (30, shares[7]), (120, shares[-1])):
        one = case.replace(rank=rank, mixing=float(mixing)).excess_risk()
        assert float(ratio.sel(student_rank=rank, mixing=mixing)) == pytest.approx(one.student / one.teacher, rel=1e-12)
    rank, share = np.unravel_index(np.argmin(ratio.to_numpy()), ratio.shape)
    pure = np.argmin(np.abs(shares - 1.0))
    says(
        told.finding,
        "The student wins on {won:p} % of the map; best is {best:n} times the teacher's risk, at rank {rank:d} and "
        "ξ = {xi:n}. Soft labels alone reach {pure:n} times.",
        won=(ratio < 1).mean(), best=ratio.min(), rank=rank, xi=shares[share], pure=ratio.isel(mixing=pure).min(),
    )  # fmt: skip


def test_what_is_told_of_collapse_is_so():
    told = figure("collapse")
    learner = lg.Ridge(0.3, temperature=0.0)
    case = design(teacher=learner, student=learner, temperature=1.0)
    alone = case.excess_risk().teacher

    def last(**settings):
        return float(lg.Chain(case, 12, 1.0, fresh="inputs", **settings).sweep()["excess_risk"][-1])

    found = minimize_scalar(
        lambda mixing: lg.Chain(case.replace(mixing=mixing), 1, fresh="inputs").stationary_excess_risk(),
        bounds=(0.0, 0.9), method="bounded", options={"xatol": 1e-10},
    )  # fmt: skip
    says(
        told.finding,
        "Of soft labels alone round {r:d} has {soft:n} times the first teacher's risk, with all data kept {kept:n} "
        "times; a share of true labels of {share:n} is best for ever, at {least:n} times.",
        r=12, soft=last() / alone, kept=last(accumulate=True) / alone, share=1 - found.x, least=found.fun / alone,
    )  # fmt: skip
    for mixing in told.results["mixing"].to_numpy():
        chain = lg.Chain(case.replace(mixing=float(mixing)), 12, fresh="inputs")
        assert_allclose(told.results["excess_risk"].sel(mixing=mixing), chain.sweep()["excess_risk"], rtol=1e-12)
        limit = float(told.results["limit_excess_risk"].sel(mixing=mixing))
        assert limit == pytest.approx(chain.stationary_excess_risk(), rel=1e-12)


@pytest.mark.parametrize("chart", list(DRAWN_CHARTS))
def test_captions_tell_the_population_and_what_values_are(chart):
    told = figure(chart)
    assert "Data: a synthetic population (120 features, one output) with variances i^−1.1 and signal" in told.caption
    assert "label noise ν = 0.5" in told.settings
    assert told.settings.endswith("deterministic equivalents, a few per cent from them at a hundred samples.")
    penalties = {
        "double-descent": "λ_T = 1, student's penalty 0",
        "fixed-and-new": "λ_T = 1, student's penalty λ_S = 0.3",
        "weak-teacher": "λ_T = 0.01, student's penalty λ_S = 0.3",
        "collapse": "λ_T = 0.3, student's penalty λ_S = 0.3, soft-label temperature τ = 1",
    }
    assert penalties[chart] in told.settings


def test_risks_over_samples_are_the_given_curves_and_a_peak_leaves_the_axes():
    results = figure("double-descent").results
    with charts.style():
        ax = Page().add_subplot()
        artists = charts.risk_by_samples(results, ax, directions=120)
        for curve, learner in zip(artists, results["learner"], strict=False):
            values = results["excess_risk"].sel(learner=learner).to_numpy()
            drawn_values = curve.get_ydata()
            assert_allclose(drawn_values[np.isfinite(values)], values[np.isfinite(values)])
            assert np.all(drawn_values[np.isinf(values)] > ax.get_ylim()[1])
        assert {"true labels", "soft labels", "best mixture"} <= {text.get_text() for text in ax.texts}
        with pytest.raises(MissingResultError, match="n_samples"):
            charts.risk_by_samples(results.drop_vars("excess_risk"), ax)
