"""Every column of every table holds what its name says, found again; both files hold it, and tell its unit.

On designs whose costs are all unequal and rise and fall, so that no column can stand in for another.
"""

import io
import itertools
from functools import partial

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from reproduce import columns, columns_of_bounds, columns_of_rounds
from reproduce.small_studies import CHART, EIGENVALUES, PLAIN, SIGNAL, figure, frame, study
from reproduce.told_costs import COSTS
from reproduce.told_paper import AXES
from reproduce.told_risks import tuned

from lingauss.reproduce import output
from lingauss.reproduce.figures import FIGURES

FOUND = {
    "ledger-by-rank": columns.ledger_by_rank,
    "ledger-by-direction": columns.ledger_by_direction,
    "rank-noise-map": columns.rank_noise_map,
    "dominance-map": columns.dominance_map,
    "temperature-curves": columns.temperature_curves,
    "mixing-curves": columns.mixing_curves,
    "sample-size-scaling": columns.sample_size_scaling,
    "student-beats-teacher": columns.student_beats_teacher,
    "pareto-front": columns.pareto_front,
    "self-distillation": columns.self_distillation,
    "lossless-valley": columns.lossless_valley,
    "theory-and-simulation": columns.theory_and_simulation,
    "bounds-and-truth": columns_of_bounds.bounds_and_truth,
    **{f"process-by-{along}": partial(columns_of_bounds.process, along=along) for along in list(AXES)[:3]},
    **{f"tightness-by-{along}": partial(columns_of_bounds.tightness, along=along) for along in AXES},
    "repeated-distillation": columns_of_rounds.repeated_distillation,
    "double-descent": columns_of_rounds.double_descent,
    "fixed-and-new": columns_of_rounds.fixed_and_new,
    "weak-teacher": columns_of_rounds.weak_teacher,
    "collapse": columns_of_rounds.collapse,
}
DIGITS = 1e-9  # a CSV has ten
# What is found by a limit, a minimisation or on a coarser grid; all else agrees to the digits of a CSV.
RELATIVE = {"sample-size-scaling": 1e-5, "repeated-distillation": 1e-5, "self-distillation": 1e-6}
RELATIVE |= {"double-descent": 1e-6, "collapse": 1e-6}
ABSOLUTE = {("student-beats-teacher", "best_mixing"): 0.5 * 3.0 / 1200 + 1e-9}  # half a step of the shares tried


def differs(chart, column, told, found):
    """Whether a column is not what it was found to be."""
    told, found = np.asarray(told), np.asarray(found)
    if found.dtype.kind not in "iuf":
        return not np.array_equal(told, found)
    absolute = ABSOLUTE.get((chart, column), 1e-9 * np.max(np.abs(found), where=np.isfinite(found), initial=1.0))
    return not np.allclose(told, found, RELATIVE.get(chart, 2e-9), absolute, equal_nan=True)


def test_every_figure_has_a_reader_of_its_columns():
    named = {name.removeprefix(f"{recipe.study().name}-") for name, recipe in FIGURES.items()}
    assert FOUND.keys() == named == CHART.keys()


ALSO_OBSERVED = [chart for chart in PLAIN if PLAIN[chart] == "uneven" and chart not in
    ("ledger-by-direction", "repeated-distillation", "sample-size-scaling")]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "chart"),
    [(name, chart) for chart, name in PLAIN.items()] + [("observed", chart) for chart in ALSO_OBSERVED],
)
def test_every_column_holds_what_its_name_says(name, chart):
    f, axes = frame(name, chart), list(figure(name, chart).results.sizes)
    found = FOUND[chart](study(name), f)
    assert sorted(found) == sorted(set(f) - set(axes))
    for column in found:
        known = found[column][[value is not None for value in found[column]]].infer_objects()
        told = f.loc[known.index, column]
        assert len(known)
        assert not differs(chart, column, told, known), f"{column}\n{told}\n{known}"


def test_the_least_risk_of_many_rounds_never_rises_and_is_that_of_the_best_filter_in_the_end():
    """Sixteen rounds reach every filter of seven directions, and so signal/(signal + noise) in each."""
    f = frame("uneven", "repeated-distillation").drop_duplicates("round").set_index("round")["least_relative_risk"]
    assert np.all(np.diff(f) < 1e-6)  # what float64 leaves of mixings that tell almost equal rounds apart
    seen = EIGENVALUES > 0.0
    keep = (EIGENVALUES / (EIGENVALUES + 0.1 * tuned(study("uneven").case.problem)[0]))[seen]
    power, noise = (EIGENVALUES * SIGNAL)[seen], 2 * 0.4**2
    alone = np.sum((1.0 - keep) ** 2 * power + noise * keep**2)
    assert f[16] == pytest.approx(np.sum(power * noise / (power + noise)) / alone, rel=1e-6)


@pytest.mark.parametrize("chart", list(CHART))
def test_no_column_could_stand_in_for_another(chart):
    """Otherwise two that are taken for each other would go unnoticed above."""
    f = frame(PLAIN[chart], chart)
    columns = [column for column in f if f[column].dtype.kind == "f"]
    alike = {pair for pair in itertools.combinations(columns, 2) if not differs(chart, pair[0], f[pair[0]], f[pair[1]])}
    assert not alike


@pytest.mark.parametrize("chart", list(CHART))
def test_both_files_hold_the_same_numbers_and_units_are_kept(chart, tmp_path):
    results = figure(PLAIN[chart], chart).results
    (tmp_path / "numbers.nc").write_bytes(output.netcdf(results))
    with xr.open_dataset(tmp_path / "numbers.nc", engine="scipy") as kept:
        xr.testing.assert_equal(kept, results)
        assert {name: kept[name].attrs for name in kept.variables} == {
            name: results[name].attrs for name in results.variables
        }
    f = pd.read_csv(io.BytesIO(output.table(results)))
    axes = list(results.sizes)
    assert list(f)[: len(axes)] == axes
    assert len(f) == np.prod(list(results.sizes.values()))
    for row in f.iloc[:: max(1, len(f) // 20)].to_dict("records"):
        point = {axis: row[axis] for axis in axes}
        here = results.sel({axis: value for axis, value in point.items() if isinstance(value, str | bool)})
        for axis, value in point.items():
            if axis in here.dims:
                here = here.sel({axis: value}, method="nearest")
        for name in set(f) - set(axes):
            value = here[name].item()
            if isinstance(value, str):
                assert row[name] == value
            else:
                assert_allclose(row[name], value, rtol=DIGITS)


RISKS = {"excess_risk", "limit_excess_risk", "least_excess_risk", "student_excess_risk", "teacher_excess_risk"}
NATS = {"divergence", *COSTS} | {f"{name}_{part}" for name in COSTS for part in ("law", "simulated", "standard_error")}
NATS |= {f"process_{part}" for part in ("total", "exact", "training", *COSTS)}
PENALTIES = {"penalty", "student_penalty", "family"}
SHARES = {"mixing", "best_mixing", "gain", "relative_risk", "limit_relative_risk", "least_relative_risk"}
COUNTS = {"n_samples", "round", "best_round"}
UNITS = dict.fromkeys(NATS, "nats") | dict.fromkeys(RISKS, "squared label units") | {"label_noise": "label units"}
UNITS |= dict.fromkeys(PENALTIES, "squared input units") | dict.fromkeys(SHARES | COUNTS, "1")
UNITS |= {"temperature": "1", "best_temperature": "1", "student_rank": "directions", "best_rank": "directions"}
NAMED = {"learner", "front"}  # words and truth values
TOLD_IN_DOCS = ("ledger-by-direction", "bounds-and-truth", "tightness")  # tables of directions and of bounds


@pytest.mark.parametrize("chart", [name for name in CHART if not name.startswith(TOLD_IN_DOCS)])
def test_columns_tell_their_units(chart):
    results = figure(PLAIN[chart], chart).results
    told = {name: results[name].attrs.get("units") for name in set(results.variables) - NAMED}
    per_cent = {"relative_risk": "%"} if chart == "self-distillation" else {}
    assert told == {name: (UNITS | per_cent)[name] for name in told}
