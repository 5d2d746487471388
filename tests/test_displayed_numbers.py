"""Displays of terminals and notebooks hold, beside every name, the number that the name says, found another way."""

import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import lingauss as lg

N, NOISE = 100, 0.5
EIGENVALUES, SIGNAL = np.array([100.0, 10.0, 1.0]), np.array([1.0, 0.3, 0.7])
PROBLEM = lg.Problem.from_spectrum(EIGENVALUES, SIGNAL, n_samples=N, label_noise=NOISE)
CASE = lg.Distillation(
    PROBLEM, lg.Ridge(2.0), lg.Ridge(0.5, temperature=0.25), lg.Principal(rank=2), temperature=0.4, mixing=0.8
)
DESCENTS = CASE.replace(
    teacher=lg.NoisyGradientDescent(5, 0.005), student=lg.NoisyGradientDescent(5, 0.005, penalty=2.0), bottleneck=None
)


class Rows(HTMLParser):
    """The rows of a table, each as the texts of its cells."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.caption, self.inside = [], "", ""
        self.feed(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))

    def handle_starttag(self, tag, attrs):
        self.inside = tag
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.inside == "caption":
            self.caption += data
        elif self.inside in ("th", "td", "br"):
            self.rows[-1][-1] += data

    def handle_endtag(self, tag):
        self.inside = "" if tag != "br" else self.inside


def in_notebooks(shown):
    return {name.strip(): cells for name, *cells in Rows(shown._repr_html_()).rows if name.strip()}


def in_terminals(shown):
    rows = (re.split(r"\s{2,}", line.strip()) for line in repr(shown).splitlines()[1:])
    return {name: cells for name, *cells in rows}


def teacher_weights():
    """Gains, variances and the law of labels, per direction, from the definition of ridge posteriors."""
    gain = EIGENVALUES / (EIGENVALUES + 2.0)
    return gain, NOISE**2 / (EIGENVALUES + 2.0)


def risks():
    """Excess risks at the training inputs of the student, its variants and its teachers, from bias and variance."""
    s, f, seen = EIGENVALUES, EIGENVALUES / (EIGENVALUES + 0.5), np.array([1.0, 1.0, 0.0])
    a, spread = teacher_weights()

    def student(mixing):
        gain = seen * f * (1.0 - mixing + mixing * a)
        soft = (seen * f * mixing) ** 2 * (s * spread + 0.4 * NOISE**2)  # one draw, spread of weights and of labels
        own = seen * 0.25 * NOISE**2 / (s + 0.5)
        return np.sum((1.0 - gain) ** 2 * s * SIGNAL + NOISE**2 * gain**2 + soft + s * own) / N

    def ridge(penalty, temperature):
        gain = s / (s + penalty)
        return np.sum((1 - gain) ** 2 * s * SIGNAL + NOISE**2 * (gain**2 + temperature * s / (s + penalty))) / N

    penalties = np.geomspace(1e-3, 1e3, 200_001)
    g = s / (s + penalties[:, None])
    tuned = np.sum((1 - g) ** 2 * s * SIGNAL + NOISE**2 * g**2, axis=1) / N
    best = int(np.argmin(tuned))
    return {
        "student": student(0.8),
        "teacher, one draw": ridge(2.0, 1.0),
        "same student, hard labels (ξ = 0)": student(0.0),
        "teacher, mean predictions": ridge(2.0, 0.0),
        "tuned ridge teacher": tuned[best],
    }, penalties[best]


def test_baselines_are_told_with_their_names_and_as_shares_of_the_students():
    found, penalty = risks()
    for rows in (in_terminals(CASE.baselines()), in_notebooks(CASE.baselines())):
        assert rows.pop("who predicts") == ["excess risk", "student's share"]
        (tuned,) = [name for name in rows if name.startswith("tuned")]
        assert float(tuned.removeprefix("tuned ridge teacher, λ = ")) == pytest.approx(penalty, rel=1e-3)
        rows["tuned ridge teacher"] = rows.pop(tuned)
        assert rows.keys() == found.keys()
        for name, (risk, share) in rows.items():
            assert float(risk) == pytest.approx(found[name], rel=1e-5), name
            assert float(share.removesuffix(" %")) == pytest.approx(100.0 * found["student"] / found[name], rel=1e-3)


def test_risks_and_gaps_are_told_of_the_side_they_belong_to():
    found, _ = risks()
    s, (a, _) = EIGENVALUES, teacher_weights()
    gain = np.array([1.0, 1.0, 0.0]) * s / (s + 0.5) * (0.2 + 0.8 * a)
    gaps = 2.0 * NOISE**2 / N * np.sum(a), 2.0 * NOISE**2 / N * np.sum(gain)
    for shown, (teacher, student) in (
        (CASE.excess_risk(), (found["teacher, one draw"], found["student"])),
        (CASE.gaps(), gaps),
    ):
        rows = in_notebooks(shown)
        assert rows.keys() == {"teacher", "student", "student less teacher"}
        told = [float(rows[name][0].replace("−", "-")) for name in rows]
        assert told == pytest.approx([teacher, student, student - teacher], rel=1e-5)


SHARP, PATH = CASE.sharpness(), DESCENTS.path_divergence()
DISTILLED = CASE.replace(mixing=1.0)
LEDGER, PROCESS = DISTILLED.process_ledger(), DISTILLED.process_divergence()
SETTLED = lg.Chain(CASE, 1, fresh="labels").best_stationary_mixing()
# Names as they are shown, and the numbers of the record, found from one another where they must agree.
TOLD = {
    "sharpness": (
        SHARP,
        {
            "gradient g": 2.0 * NOISE * math.sqrt(EIGENVALUES.sum()) / N,
            "curvature h": 0.0,
            "distance ϱ": SHARP.distance,
            "width gϱ + ½hϱ²": 2.0 * NOISE * math.sqrt(EIGENVALUES.sum()) / N * SHARP.distance,
        },
    ),
    "path": (
        PATH,
        {
            "steps": 5,
            "mean": PATH.mean,
            "label noise": PATH.noise,
            "spread": PATH.spread,
            "total": PATH.mean + PATH.noise + PATH.spread,
            "last iterates": DESCENTS.divergence().total,
        },
    ),
    "process": (
        PROCESS,
        {"statistic": PROCESS.statistic, "weights": PROCESS.weights, "total": PROCESS.statistic + PROCESS.weights},
    ),
    "process ledger": (
        LEDGER,
        {
            "bias": LEDGER.bias,
            "label noise": LEDGER.label_noise,
            "spread": LEDGER.spread,
            "observation": LEDGER.observation,
            "variance": LEDGER.label_noise + LEDGER.spread + LEDGER.observation,
            "rank bottleneck": LEDGER.rank_bottleneck,
            "training": LEDGER.training,
            "total": LEDGER.bias + LEDGER.variance + LEDGER.rank_bottleneck + LEDGER.training,
            "exact": LEDGER.exact,
            "slack": LEDGER.bias + LEDGER.variance + LEDGER.rank_bottleneck + LEDGER.training - LEDGER.exact,
        },
    ),
    "stationary mixing": (
        SETTLED,
        {
            "mixing, the share of soft labels": SETTLED.mixing,
            "share of true labels": 1.0 - SETTLED.mixing,
            "excess risk (labels²)": lg.Chain(
                CASE.replace(mixing=SETTLED.mixing), 1, fresh="labels"
            ).stationary_excess_risk(),
        },
    ),
}


@pytest.mark.parametrize(("shown", "expected"), TOLD.values(), ids=list(TOLD))
def test_every_row_has_the_number_that_its_name_says(shown, expected):
    values = [value for value in expected.values() if value]
    assert len({f"{value:.5g}" for value in values}) == len(values)  # no row could stand in for another
    for rows in (in_terminals(shown), in_notebooks(shown)):
        assert rows.pop("cost", ["nats"]) == ["nats"]  # a header
        assert rows.keys() == expected.keys()
        for name, value in expected.items():
            assert float(rows[name][0]) == pytest.approx(value, rel=1e-5, abs=1e-12), name


def test_cumulants_tell_mean_variance_and_where_they_are_finite():
    found = CASE.gap_cumulants
    a, spread = teacher_weights()
    told = {
        "mean": 2.0 * NOISE**2 / N * a.sum(),
        "variance": 4.0 * NOISE**2 / N**2 * np.sum(EIGENVALUES * spread + NOISE**2 * a**2),
    }
    rows = in_notebooks(found)
    low, high = map(float, rows.pop("finite on")[0].strip("()").split(", "))
    assert rows.keys() == told.keys()
    assert float(rows["mean"][0]) == pytest.approx(told["mean"], rel=1e-5)
    step = 1e-4  # of a second difference
    curvature = (found(step) - 2.0 * found(0.0) + found(-step)) / step**2
    assert float(rows["variance"][0]) == pytest.approx(curvature, rel=1e-4)
    assert math.isfinite(found(0.999 * low))
    assert math.isfinite(found(0.999 * high))
    assert f"mean {told['mean']:.6g}, variance {rows['variance'][0]}, finite on ({low:.4g}, {high:.4g})" in repr(found)


def test_mixings_of_rounds_are_told_in_their_order_and_reach_the_risk_that_is_told():
    cold = CASE.replace(bottleneck=None, temperature=0.0, teacher_temperature=0.0, student_temperature=0.0)
    found = lg.Chain(cold, 3).best_mixing()
    for rows in (in_terminals(found), in_notebooks(found)):
        mixings = [float(one) for one in rows["mixing, first round to last"][0].split(", ")]
        risk, attained = rows["excess risk (labels²)"][0].split(", ")
        assert attained == ("attained" if found.attained else "not attained")
        assert rows["unique"] == ["yes" if found.unique else "no"]
        chain = lg.Chain(found.chain.case, 3, mixing=mixings)
        assert float(chain.sweep(quantities=["excess_risk"])["excess_risk"][-1]) == pytest.approx(float(risk), rel=1e-3)


def test_an_optimum_tells_its_value_at_its_settings():
    best = CASE.replace(draws=8).optimize(over=("student_rank", "temperature"))
    value = r"Optimum of divergence: (\S+) at student_rank=(\d), temperature=(\S+)"
    told, rank, temperature = re.match(value, repr(best)).groups()
    there = CASE.replace(draws=8, rank=int(rank), temperature=float(temperature)).divergence().total
    assert float(told) == pytest.approx(there, rel=1e-5)
    page, rows = Rows(best._repr_html_()), in_notebooks(best)
    assert page.caption == f"Optimum of divergence: {told}"
    assert (rows["student_rank"], rows["temperature"]) == ([rank], [temperature])
    others = [CASE.replace(draws=8, rank=one).optimize(over=("temperature",)).value for one in range(4)]
    assert int(rank) == int(np.argmin(others))


def test_a_problem_and_moments_tell_their_sizes():
    rows = in_notebooks(PROBLEM.with_label_noise(0.25))
    assert [rows[name] for name in ("samples n", "features d", "outputs k", "label noise ν (standard deviation)")] == [
        ["100"], ["3"], ["1"], ["0.25"],
    ]  # fmt: skip
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    for center, told in ((True, "the mean"), (False, "the origin")):
        rows = in_notebooks(lg.Moments.from_data(X, Y, center=center))
        assert [rows[name] for name in ("samples n", "features d", "outputs k", "taken about")] == [
            ["7"], ["3"], ["2"], [told],
        ]  # fmt: skip
