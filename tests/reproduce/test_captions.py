"""What a caption says is so: its words are these, its numbers those of the table beside it or of the design itself.

Every number is read back from the sentence and found again without the code that wrote it: from the CSV with pandas,
from one design at a time, from a quadratic in ξ, from a scalar minimisation over the penalty.
"""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reproduce import told_costs, told_drawn, told_paper, told_risks, told_shares
from reproduce.sentences import says
from reproduce.small_studies import SMALL, STUDIES_OF, figure, frame, study
from reproduce.told_settings import settings
from sklearn.datasets import load_digits

import lingauss as lg
from lingauss.reproduce.figures import FIGURES, lossless, mixing
from lingauss.reproduce.studies import FULL, drawn, handwritten_digits, paper, power_law

TOLD = {
    "ledger-by-rank": told_costs.ledger_by_rank,
    "ledger-by-direction": told_costs.ledger_by_direction,
    "rank-noise-map": told_costs.rank_noise_map,
    "dominance-map": told_costs.dominance_map,
    "temperature-curves": told_costs.temperature_curves,
    "sample-size-scaling": told_costs.sample_size_scaling,
    "lossless-valley": told_shares.lossless_valley,
    "theory-and-simulation": told_costs.theory_and_simulation,
    "mixing-curves": told_shares.mixing_curves,
    "student-beats-teacher": told_risks.student_beats_teacher,
    "pareto-front": told_risks.pareto_front,
    "bounds-and-truth": told_risks.bounds_and_truth,
    "self-distillation": told_shares.self_distillation,
    "repeated-distillation": told_shares.repeated_distillation,
    **{f"process-by-{along}": partial(told_paper.process, along=along) for along in ("rank", "noise", "temperature")},
    **{f"tightness-by-{along}": partial(told_paper.tightness, along=along) for along in told_paper.AXES},
    "double-descent": told_drawn.double_descent,
    "fixed-and-new": told_drawn.fixed_and_new,
    "weak-teacher": told_drawn.weak_teacher,
    "collapse": told_drawn.collapse,
}
FIGURES_FOLDER = Path(__file__).parents[2] / "figures"


def test_every_figure_has_a_reader_of_its_words():
    assert TOLD.keys() == {name.removeprefix(f"{recipe.study().name}-") for name, recipe in FIGURES.items()}
    assert TOLD.keys() == STUDIES_OF.keys()


@pytest.mark.parametrize(("name", "chart"), [(name, chart) for chart, names in STUDIES_OF.items() for name in names])
def test_captions_say_what_the_numbers_are(name, chart):
    shown, f = figure(name, chart), frame(name, chart)
    told = TOLD[chart](study(name), f) | {"settings": settings(study(name), chart, f)}
    for part in ("what", "finding", "why", "settings", "source"):
        template, expected = told[part]
        says(getattr(shown, part), template, **expected)
    assert shown.title == f"{study(name).title}: {told['title'][0]}"
    assert shown.caption == " ".join([shown.what, shown.finding, shown.why, shown.settings, shown.source])


@pytest.mark.skipif(not FIGURES_FOLDER.exists(), reason="not in a clone")
@pytest.mark.parametrize("name", list(FIGURES))
def test_committed_captions_are_true_of_the_committed_tables(name):
    """Without drawing anything: the text beside a CSV is read, and its numbers are found again in that CSV."""
    subject = FIGURES[name].study()
    chart = name.removeprefix(f"{subject.name}-")
    f = pd.read_csv(FIGURES_FOLDER / f"{name}.csv")
    extra = {"trials": FULL.trials} if chart == "theory-and-simulation" else {}
    told = TOLD[chart](subject, f, **extra)
    parts = [told["what"], told["finding"], told["why"], settings(subject, chart, f), told["source"]]
    numbers, templates = {}, []
    for place, (template, expected) in enumerate(parts):
        templates.append(re.sub(r"\{(\w+:)", rf"{{p{place}\1", template))
        numbers |= {f"p{place}{hole}": value for hole, value in expected.items()}
    caption = (FIGURES_FOLDER / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")
    says(caption, " ".join(templates), **numbers)


def test_every_sentence_that_a_caption_may_contain_is_read_somewhere():
    """The studies take the captions to both ends of every range, so that no branch is left unread."""
    everything = " ".join(
        figure(*one).caption for one in ((name, chart) for chart, names in STUDIES_OF.items() for name in names)
    )
    for words in (
        "optimum is at full rank", "optimum is at rank 0", "directions together cost more", "and they are the same",
        "; wrong: ", "no principal bottleneck can", "It is rank 0 at", "It is full rank at", "spread rules again",
        "best rank is rank 0 at", "best rank is full rank at", "low end of the range", "high end of the range",
        "times as much as", "From n = 6 to 60,000", "the divergence is least at",
        "the smallest within 5 % of it",
        " …", "directions without variance are not drawn", "direction without variance is not drawn", "as much risk as",
        "less risk than", ": both at full rank",
        ": the process at full rank", ": the weights at full rank", "stays within",
        "stays beyond", "reaches the radius",
        "held fixed along the axis", "share of soft labels ξ = 0.02", "floor 0.5", "at the edge of the range. The",
    ):  # fmt: skip
        assert words in everything, words


def test_what_the_family_loses_is_told_where_it_is_more_than_rounding(monkeypatch):
    monkeypatch.setattr(lossless, "ROUNDING", 0.0)
    f = frame("uneven", "lossless-valley")
    says(
        lossless.lossless_valley(study("uneven"), SMALL).finding,
        "On the family the divergence is at most {most:n} nats, elsewhere up to {top:n} nats.",
        most=0.0, top=f["divergence"].max(),
    )  # fmt: skip


def test_shares_that_are_best_beyond_the_range_are_counted(monkeypatch):
    """A penalty far below the best one wants a share beyond 2, one far above it a share below −1."""
    monkeypatch.setattr(mixing, "AROUND", (0.1, 0.63, 1.0, 1.26, 40.0))
    drawn = mixing.self_distillation(study("uneven"), SMALL)
    assert drawn.results["best_mixing"].to_numpy()[[0, -1]].tolist() == [2.0, -1.0]
    assert " 2 of 5 optima lie at the edge of the range drawn; the true ones are beyond it." in drawn.why


SUBJECTS = {
    "digits": "scikit-learn's digits ({n:d} samples × {d:d} pixels, ten one-hot outputs, centred)",
    "power-law": "a synthetic problem ({n:d} samples × {d:d} features, one output) with eigenvalues {n:d}/i and signal "
    "|wᵢ|² = 1/i",
    "unseen": "a synthetic population ({d:d} features, one output) with variances i^−1.1 and signal |wᵢ|² = i^−0.4/20",
}
SUBJECTS["paper"] = SUBJECTS["power-law"]


@pytest.mark.parametrize("study", [handwritten_digits, power_law, paper, drawn])
def test_what_the_data_are_is_said_of_the_data_that_are_taken(study):
    one, case = study(), study().case
    n, d, noise = case.problem.n_samples, case.problem.n_features, case.problem.label_noise
    says(one.subject, SUBJECTS[one.name], **({"d": d} if one.name == "unseen" else {"n": n, "d": d}))
    index = np.arange(1.0, d + 1.0)
    if one.name == "digits":
        pixels, digits = load_digits(return_X_y=True)
        assert case.problem.outputs == len(set(digits)) == 10
        gram = (pixels - pixels.mean(0)).T @ (pixels - pixels.mean(0))
        np.testing.assert_allclose(case.problem.gram, gram, rtol=1e-9, atol=1e-6)
        return
    if one.name == "unseen":
        made = lg.Problem.from_population(index**-1.1, index**-0.4 / 20, n_samples=n, label_noise=noise)
    else:
        made = lg.Problem.from_spectrum(n / index, 1.0 / index, n_samples=n, label_noise=noise)
    assert case.replace(problem=made).excess_risk() == case.excess_risk()
