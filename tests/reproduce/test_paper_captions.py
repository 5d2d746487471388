"""Captions of the paper's case study say what its numbers are, found again one design at a time or by interpolation."""

import io
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from reproduce.sentences import says
from reproduce.small_studies import EIGENVALUES, SIGNAL, SMALL, known, observed
from reproduce.test_captions import settings

import lingauss as lg
from lingauss.reproduce import output
from lingauss.reproduce.figures import PAPER_CHARTS
from lingauss.reproduce.studies import FULL, Study, paper

FIGURES = Path(__file__).parents[2] / "figures"
PARTS = ("total", "exact", "bias", "variance", "rank_bottleneck", "training")
AXES = {"rank": "student_rank", "noise": "label_noise", "temperature": "temperature", "penalty": "penalty"}
SYMBOLS = {"student_rank": "r", "label_noise": "ν", "temperature": "τ", "penalty": "λ"}


def small(name, problem, **changes):
    matched = lg.Ridge(6.0)
    case = lg.Distillation(problem, matched, matched, lg.Principal(3), temperature=1.0).replace(**changes)
    return Study(name, name.capitalize(), f"the rows of {name}", f"What of {name}?", case, 6.0, (0.05, 5.0), (1, 2, 3))


STUDIES = {
    "known": lambda: small("known", known()),
    "observed": lambda: small("observed", observed()),
    "cold": lambda: small("cold", known(), student_temperature=0.02, temperature=3.0, draws=4),
}


@cache
def study(name):
    return STUDIES[name]()


@cache
def figure(name, chart):
    return PAPER_CHARTS[chart](study(name), SMALL)


def frame(results):
    return pd.read_csv(io.BytesIO(output.table(results)))


def process_told(study, along, f):
    """The words on the process along an axis, with their numbers from single rows of its table."""
    axis = AXES[along]
    by = f.set_index(axis)
    process, weights = by["process_total"].idxmin(), by["divergence"].idxmin()
    slack = (by["process_total"] - by["process_exact"]).to_numpy()
    numbers = {"least": slack.min(), "most": slack.max()}
    price = " Convexity leaves the process's total {least:n} to {most:n} nats above its exact divergence."
    if f"{numbers['least']:.3g}" == f"{numbers['most']:.3g}":
        price = price.replace(" to {most:n}", "")
        del numbers["most"]
    if along == "rank":
        at, full = by.loc[study.case.rank], by.index[-1]
        told = {"rank": study.case.rank, "p": at["process_rank_bottleneck"] / at["process_total"]}
        told["w"] = at["rank_bottleneck"] / at["divergence"]
        finding = "At rank {rank:d} the bottleneck is {p:p} % of the process, {w:p} % of the weights."
        why = (
            "Soft labels do not know how small the student is, so that their bias and variance are the same at every "
            "rank; the student's kernel pays for what it does not see. In the weights' ledger directions that are "
            "learned pay bias and variance instead. The process costs least at rank {process:d}, the weights at rank "
            "{weights:d}"
        )
        numbers |= {"process": process, "weights": weights}
        at_end = [name for name, best in (("the process", process), ("the weights", weights)) if best == full]
        if at_end:
            which = "both" if len(at_end) == 2 else at_end[0]
            why += (
                f": {which} at full rank, because a student that learns as its teacher does pays less for a direction "
                "it sees than for one it does not"
            )
        return finding, told, f"{why}.{price}", numbers
    if along == "temperature":
        finding = "The process costs least at τ = {process:g2}, the weights at τ = {weights:g2}."
        why = (
            "Soft labels unlike the true ones in noise cost (nk/2)(τ/m − 1 − log τ/m), which binds the best "
            "temperature of the process to the number of draws (docs/theory.md §6.4). Weights know no such cost: "
            "soft-label noise enters them through the student's variance alone."
        )
        if weights == by.index[0]:
            why += (
                " Their optimum lies at the low end of the range because a student as warm as its teacher has no room "
                "for more spread (docs/theory.md §5.3)."
            )
        return finding, {"process": process, "weights": weights}, why + price, numbers
    largest = by[["process_bias", "process_variance", "process_rank_bottleneck"]].idxmax(axis=1)
    words = largest.str.removeprefix("process_").str.replace("_", " ")
    finding, told = f"{words.iloc[0].capitalize()} is the process's largest cost", {}
    for number, (before, (x, word)) in enumerate(zip(words, list(words.items())[1:], strict=False)):
        if word != before:
            finding += f", from ν = {{x{number}:g2}} {word}"
            told[f"x{number}"] = x
    why = (
        "Only squared biases follow the noise, as 1/ν², in either ledger (docs/theory.md §4.6): the process's bias and "
        "that part of its bottleneck which is missed signal. What noise and spread cost is the same at every ν."
    )
    return f"{finding}.", told, why + price, numbers


def is_tighter(one):
    """Of one teacher's rows, whether the sharpness-aware bound is below the other, without distance and radius."""
    width = one.pivot_table(index=one.attrs["axis"], columns="bound", values="value", sort=False)
    return width["sharpness upper"] < width[one.attrs["rival"]] * (1.0 - 1e-15)


def teachers(f, axis, rival):
    """The rows of each teacher."""
    for penalty, one in f.groupby("penalty") if axis != "penalty" else [(None, f)]:
        one.attrs |= {"axis": axis, "rival": rival}
        yield penalty, one


def crossed(one, axis):
    """Where ϱ = ϱ₀ on the line between two points in logarithms of all three; the axis itself where it begins at 0."""
    rows = one.groupby(axis)[["distance", "radius"]].first()
    x, apart, radius = rows.index.to_numpy(float), np.log(rows["distance"] / rows["radius"]).to_numpy(), rows["radius"]
    for i in range(len(x) - 1):
        if (apart[i] < 0.0) != (apart[i + 1] < 0.0):
            share = np.interp(0.0, *zip(*sorted(zip(apart[i : i + 2], (0.0, 1.0), strict=True)), strict=True))
            ends = x[i : i + 2] if x[i] > 0.0 else None
            at = np.exp(np.interp(share, (0, 1), np.log(ends))) if ends is not None else share * x[i + 1]
            yield float(at), float(np.exp(np.interp(share, (0, 1), np.log(radius.iloc[i : i + 2]))))


def tightness_told(study, along, f):
    """The words on the regime along an axis, with their numbers from the bounds themselves."""
    axis = AXES[along]
    rival = "Chernoff upper" if along == "penalty" else "variance proxy upper"
    each = [(penalty, is_tighter(one), list(crossed(one, axis))) for penalty, one in teachers(f, axis, rival)]
    if along == "penalty":
        rows = f.groupby("penalty")[["steepness", "radius"]].first()
        flat, sharp = rows["steepness"].idxmin(), rows["steepness"].idxmax()
        why = (
            "With test inputs that vary {wider:p} % more than the training inputs a teacher's gap is curved, and some "
            "are flatter than others: its slope g is least at λ = {a:n} (g = {b:n}, ϱ₀ = {c:n}) and largest at λ = "
            "{d:n} (g = {e:n}, ϱ₀ = {f:n}). Of two teachers with bounds of the same width ℬ the flatter one has the "
            "wider radius, ϱ₀ = 2ℬ/(g + √(g² + 2hℬ)); but students of teachers with little penalty are farther away. "
            "Upper and lower (thin) side of the Chernoff bound, which takes the place of the sub-Gaussian one here, "
            "are not the same (docs/theory.md §7.4)."
        )
        numbers = dict(zip("abcdef", [flat, *rows.loc[flat], sharp, *rows.loc[sharp]], strict=True))
        finding = "Sharpness-aware is tighter for {share:p} % of the teachers."
        return finding, {"share": each[0][1].mean()}, why, {"wider": 0.02, **numbers}
    told, numbers = {}, {}
    shares, sentences = [], []
    for place, (penalty, tighter, found) in enumerate(each):
        shares.append(f"{{s{place}:p}} % (λ = {{p{place}:n}})")
        told |= {f"s{place}": tighter.mean(), f"p{place}": penalty}
        points = ", ".join(f"{SYMBOLS[axis]} = {{x{place}{i}:n}} (ϱ₀ = {{r{place}{i}:n}})" for i in range(len(found)))
        where = (
            f"reaches the radius at {points}"
            if found
            else f"stays {'within' if tighter.all() else 'beyond'} the radius"
        )
        sentences.append(f"At λ = {{p{place}:n}} the student {where}.")
        numbers |= {f"p{place}": penalty}
        numbers |= {
            f"{letter}{place}{i}": value
            for i, pair in enumerate(found)
            for letter, value in zip("xr", pair, strict=True)
        }
    why = (
        "At the training inputs the gap of every teacher is as steep, g = 2ν√(k tr G)/n, and h = 0, so that the radius "
        "ϱ₀ = √(2σ̄²K_n)/g follows the width of the other bound alone. "
    )
    return f"Sharpness-aware is tighter on {', '.join(shares)} of the axis.", told, why + " ".join(sentences), numbers


def told(study, chart, f):
    kind, along = chart.split("-by-")
    return (process_told if kind == "process" else tightness_told)(study, along, f)


@pytest.mark.parametrize("chart", list(PAPER_CHARTS))
@pytest.mark.parametrize("name", list(STUDIES))
def test_findings_and_laws_are_those_of_the_table(name, chart):
    drawn = figure(name, chart)
    finding, found, why, numbers = told(study(name), chart, frame(drawn.results))
    says(drawn.finding, finding, **found)
    says(drawn.why, why, **numbers)
    template, values = settings(study(name), chart, frame(drawn.results))
    says(drawn.settings, template, **values)
    assert drawn.title.startswith(f"{study(name).title}: ")
    assert "inferred" in drawn.source


@pytest.mark.parametrize("along", ["rank", "noise", "temperature"])
@pytest.mark.parametrize("name", list(STUDIES))
def test_rows_of_the_process_are_two_ledgers_of_one_design(name, along):
    axis = AXES[along]
    f = frame(figure(name, f"process-by-{along}").results)
    for _, row in f.iterrows():
        case = study(name).case.replace(**{axis: int(row[axis]) if along == "rank" else row[axis]})
        process, weights = case.process_ledger(), case.divergence()
        assert_allclose(
            row[[f"process_{part}" for part in PARTS]], [getattr(process, part) for part in PARTS], atol=1e-9
        )
        expected = [weights.total, weights.bias, weights.variance, weights.rank_bottleneck]
        assert_allclose(row[["divergence", "bias", "variance", "rank_bottleneck"]].astype(float), expected, atol=1e-9)


def wider(case):
    """The same design where test inputs vary 2 % more, built from its spectrum."""
    cov = np.diag(1.02 * EIGENVALUES / 60)
    problem = lg.Problem.from_spectrum(EIGENVALUES, SIGNAL, n_samples=60, label_noise=0.4, outputs=2, test_cov=cov)
    return case.replace(problem=problem)


@pytest.mark.parametrize("along", ["rank", "noise", "temperature", "penalty"])
@pytest.mark.parametrize("name", list(STUDIES))
def test_rows_of_the_regime_are_bounds_and_sharpness_of_one_design(name, along):
    axis, case = AXES[along], study(name).case
    if along == "penalty":
        case, name = wider(study("known").case), "known"
    f = frame(figure(name, f"tightness-by-{along}").results)
    for _, row in f.iloc[:: max(1, len(f) // 12)].iterrows():
        at = int(row[axis]) if along == "rank" else row[axis]
        here = case.replace(**{"penalty": row["penalty"], axis: at})
        assert_allclose(row["value"], here.bounds()[row["bound"]].value, rtol=1e-8)
        sharp = here.sharpness()
        assert_allclose([row["steepness"], row["distance"]], [sharp.gradient, sharp.distance], rtol=1e-8)


@pytest.mark.parametrize("chart", list(PAPER_CHARTS))
def test_committed_captions_are_true_of_the_committed_tables(chart):
    table = FIGURES / f"paper-{chart}.csv"
    if not table.exists():
        pytest.skip("not drawn")
    finding, found, _, _ = told(paper(), chart, pd.read_csv(table))
    caption = table.with_suffix(".txt").read_text(encoding="utf-8")
    fresh = PAPER_CHARTS[chart](paper(), FULL).finding
    assert f" {fresh} " in caption
    says(fresh, finding, **found)
