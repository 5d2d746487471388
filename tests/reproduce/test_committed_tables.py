"""The tables in the repository run over the ranges that the case study names, and hold what the library computes."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from reproduce import columns
from reproduce.small_studies import SMALL, STUDIES_OF, figure
from reproduce.small_studies import study as small
from reproduce.test_tables import FOUND, differs
from reproduce.told_risks import tuned

import lingauss as lg
from lingauss.reproduce.figures import DRAWN_CHARTS, FIGURES
from lingauss.reproduce.findings import matching_temperature
from lingauss.reproduce.studies import FULL, QUICK, Resolution

FOLDER = Path(__file__).parents[2] / "figures"
committed = pytest.mark.skipif(not FOLDER.exists(), reason="not in a clone")


def grid(study, chart, resolution):
    """The axes of a table in full, from the ranges that captions name."""
    full = 120 if study.name == "unseen" else study.full_rank
    every = {"student_rank": np.arange(full + 1)}
    temperatures = {"temperature": np.geomspace(0.1, 100.0, resolution.temperatures)}
    swept = study.noises if chart not in DRAWN_CHARTS else (1.0, 1.0)
    noises = {"label_noise": np.geomspace(*swept, resolution.noises)}
    shares = {"mixing": np.linspace(-1.0, 2.0, resolution.shares)}
    fine = {"mixing": np.linspace(-1.0, 2.0, 4 * resolution.shares - 3)}
    n, around = study.case.problem.n_samples, np.array([0.4, 0.63, 1.0, 1.26, 1.6])
    if chart == "self-distillation":
        around *= tuned(study.case.problem)[0]
    pair = {"penalty": [0.1 * study.penalty, study.penalty]}
    inside = np.linspace(0.02, 0.98, resolution.shares)
    sizes = np.geomspace(15, 2000, resolution.sizes).astype(int)
    unseen = {"n_samples": sorted({120} | {size for size in sizes if abs(size - 120) > 0.02 * 120})}
    few = min(61, resolution.temperatures), min(61, resolution.noises)
    return {
        "ledger-by-rank": every,
        "ledger-by-direction": {"direction": np.arange(1, study.case.problem.n_features + 1)},
        "rank-noise-map": every | noises,
        "dominance-map": every | {"temperature": np.geomspace(0.1, 100.0, resolution.shares)},
        "temperature-curves": {"student_rank": study.ranks} | temperatures,
        "mixing-curves": {"student_rank": study.ranks} | fine,
        "sample-size-scaling": {"n_samples": np.unique(np.round(n * np.geomspace(0.1, 1000.0, resolution.sizes)))},
        "student-beats-teacher": every | shares,
        "pareto-front": every | {"mixing": np.linspace(-0.5, 1.5, 2 * resolution.shares - 1)},
        "bounds-and-truth": {"temperature": np.geomspace(0.1, 100.0, min(41, resolution.temperatures // 2))},
        "self-distillation": {"penalty": around} | fine,
        "repeated-distillation": {"round": np.arange(1, 17), "mixing": [0.7, 0.9, 0.97, 1.0]},
        "lossless-valley": {
            "mixing": inside,
            "student_penalty": study.penalty * np.geomspace(0.01, 2.0, 2 * resolution.shares),
        },
        "theory-and-simulation": {"student_rank": np.round(np.linspace(4, full - 4, resolution.simulations))},
        "process-by-rank": every,
        "process-by-noise": noises,
        "process-by-temperature": temperatures,
        "tightness-by-rank": pair | every,
        "tightness-by-noise": pair | {"label_noise": np.geomspace(*swept, few[1])},
        "tightness-by-temperature": pair | {"temperature": np.geomspace(0.1, 100.0, few[0])},
        "tightness-by-penalty": {"penalty": study.penalty * np.geomspace(0.01, 10.0, few[1])},
        "double-descent": unseen,
        "fixed-and-new": unseen,
        "weak-teacher": every | shares,
        "collapse": {"round": np.arange(1, 13), "mixing": [0.0, 0.1, 0.4, 0.7, 1.0]},
    }[chart]


def check_axes(f, axes):
    for axis, values in axes.items():
        assert_allclose(np.unique(f[axis]), np.sort(values), rtol=1e-4 if axis == "penalty" else 1e-8, atol=1e-9)


@pytest.mark.parametrize("chart", list(STUDIES_OF))
def test_a_table_runs_over_its_ranges(chart):
    for name in STUDIES_OF[chart][:2]:
        results = figure(name, chart).results
        axes = grid(small(name), chart, SMALL)
        assert set(axes) == set(results.sizes) - {"bound", "learner"}
        check_axes({axis: results[axis].to_numpy() for axis in axes}, axes)


@committed
@pytest.mark.parametrize("name", list(FIGURES))
def test_a_committed_table_runs_over_the_ranges_of_its_study_in_full(name):
    study = FIGURES[name].study()
    check_axes(pd.read_csv(FOLDER / f"{name}.csv"), grid(study, name.removeprefix(f"{study.name}-"), FULL))


# Those whose columns are found for a problem of a few directions alone.
OF_SMALL_PROBLEMS = ("ledger-by-direction", "sample-size-scaling", "repeated-distillation", "lossless-valley",
    "theory-and-simulation", "tightness-by-penalty")  # fmt: skip


@committed
@pytest.mark.parametrize("name", [name for name in FIGURES if not name.endswith(OF_SMALL_PROBLEMS)])
def test_some_rows_of_a_committed_table_are_those_of_one_design(name, monkeypatch):
    monkeypatch.setattr(columns, "MOST", 9)
    study = FIGURES[name].study()
    chart, f = name.removeprefix(f"{study.name}-"), pd.read_csv(FOLDER / f"{name}.csv")
    found = FOUND[chart](study, f)
    for column in found:
        if column.startswith("best_"):
            continue  # where ten digits do not tell which is the least: read with the captions
        assert not differs(chart, column, f.loc[found.index, column], found[column]), column


def test_the_report_has_one_section_per_study_and_opens_with_the_paper():
    sections = [
        (study.name, study.title, next(names))
        for study, names in itertools.groupby(FIGURES, lambda name: FIGURES[name].study())
    ]
    assert sections == [
        ("paper", "The paper's case", "paper-process-by-rank"),
        ("digits", "Digits", "digits-ledger-by-rank"),
        ("power-law", "Power law", "power-law-ledger-by-rank"),
        ("unseen", "Unseen inputs", "unseen-double-descent"),
    ]
    assert all(name.startswith(f"{recipe.study().name}-") for name, recipe in FIGURES.items())


def test_grids_and_images_are_finer_in_a_full_run():
    assert list(Resolution.__dataclass_fields__) == [*vars(FULL)]
    for field, value in vars(FULL).items():
        assert getattr(QUICK, field) < value, field


def test_the_matching_temperature_is_where_strong_directions_lose_no_spread():
    problem = lg.Problem.from_spectrum([1e9], [1.0], n_samples=10, label_noise=0.5)
    case = lg.Distillation(problem, student=lg.Ridge(temperature=0.25, noise=0.75), mixing=0.8, draws=3)
    matched = case.replace(temperature=matching_temperature(case))
    assert matched.divergence().cells[0, 2] < 1e-15
    assert matched.replace(temperature=1.01 * matched.temperature).divergence().cells[0, 2] > 1e-6
    assert matching_temperature(case.replace(student_temperature=4.0)) is None
