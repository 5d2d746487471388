"""Every column of every table holds what its name says: each is found again one design at a time.

On designs whose costs are all unequal and rise and fall, so that no column can stand in for another.
"""

import io

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from reproduce.small_studies import EIGENVALUES, SIGNAL, figure, frame, study
from scipy.optimize import minimize_scalar

import lingauss as lg
from lingauss.reproduce import output
from lingauss.reproduce.figures import CHARTS

COSTS = ("bias", "variance", "rank_bottleneck")
DIGITS = 1e-9  # a CSV has ten


def costs(case):
    ledger = case.divergence()
    return {"divergence": ledger.total, **{name: getattr(ledger, name) for name in COSTS}}


def own_risk(case):
    return {
        "student_excess_risk": case.excess_risk().student,
        "teacher_excess_risk": case.excess_risk().teacher,
    }


def alone(problem, penalty):
    """Ridge distilled into itself, both predicting with their means."""
    ridge = lg.Ridge(penalty, temperature=0.0)
    return lg.Distillation(problem, ridge, ridge, temperature=0.0)


def least_risk(problem):
    """The penalty of least risk for ridge regression alone, and that risk."""
    found = minimize_scalar(
        lambda log: alone(problem, np.exp(log)).excess_risk().teacher,
        bounds=(np.log(1e-6), np.log(1e5)), method="bounded", options={"xatol": 1e-10},
    )  # fmt: skip
    return float(np.exp(found.x)), float(found.fun)


def lossless(case, share):
    """Both learners of the family at a share ξ of soft labels: τ = (1 − ξ)/ξ and τ_S = 1 − ξ."""
    teacher, left = lg.Ridge(6.0), 1.0 - share
    student = lg.Ridge(1.0, temperature=left)
    return lg.Distillation(case.problem, teacher, student, temperature=left / share, mixing=share)


# Of each chart: the columns that single designs give, row by row.
CELLS = {
    "ledger-by-rank": lambda case, row: costs(case.replace(rank=int(row.student_rank))),
    "rank-noise-map": lambda case, row: costs(
        case.replace(rank=int(row.student_rank), label_noise=row.label_noise)
    ),
    "dominance-map": lambda case, row: costs(
        case.replace(rank=int(row.student_rank), temperature=row.temperature, draws=8)
    ),
    "temperature-curves": lambda case, row: costs(
        case.replace(rank=int(row.student_rank), temperature=row.temperature, draws=8)
    ),
    "mixing-curves": lambda case, row: costs(
        case.replace(rank=int(row.student_rank), mixing=row.mixing, draws=8, temperature=5.0)
    ),
    "student-beats-teacher": lambda case, row: own_risk(case.replace(rank=int(row.student_rank), mixing=row.mixing)),
    "pareto-front": lambda case, row: costs(
        other := case.replace(rank=int(row.student_rank), mixing=row.mixing, draws=8, temperature=5.0)
    ) | own_risk(other),
    "self-distillation": lambda case, row: own_risk(alone(case.problem, row.penalty).replace(mixing=row.mixing)),
    "lossless-valley": lambda case, row: costs(
        lossless(case, row.mixing).replace(student_penalty=row.student_penalty)
    ),
    "sample-size-scaling": lambda case, row: costs(case.replace(rank=3, n_samples=int(row.n_samples))),
    "theory-and-simulation": lambda case, row: costs(case.replace(rank=int(row.student_rank))),
}  # fmt: skip
MOST = 150  # rows of a table that are looked up


@pytest.mark.parametrize("chart", list(CELLS))
@pytest.mark.parametrize("name", ["uneven", "observed"])
def test_every_row_is_that_of_one_design(name, chart):
    f, case = frame(name, chart), study(name).case
    checked = set()
    for row in f.iloc[:: max(1, len(f) // MOST)].itertuples():
        expected = CELLS[chart](case, row)
        for column in expected.keys() & set(f):
            assert_allclose(getattr(row, column), expected[column], rtol=1e-8, atol=1e-9, err_msg=column)
            checked.add(column)
    assert checked == set(f) & {"divergence", *COSTS, "student_excess_risk", "teacher_excess_risk"}


AT_LEAST = [
    ("rank-noise-map", "best_rank", "student_rank", "label_noise", "divergence"),
    ("dominance-map", "best_rank", "student_rank", "temperature", "divergence"),
    ("temperature-curves", "best_temperature", "temperature", "student_rank", "divergence"),
    ("mixing-curves", "best_mixing", "mixing", "student_rank", "divergence"),
    ("self-distillation", "best_mixing", "mixing", "penalty", "student_excess_risk"),
    ("repeated-distillation", "best_round", "round", "mixing", "relative_risk"),
]


@pytest.mark.parametrize(("chart", "column", "axis", "over", "quantity"), AT_LEAST)
def test_the_best_setting_is_the_one_that_costs_least(chart, column, axis, over, quantity):
    f = frame("uneven", chart)
    for _, rows in f.groupby(over):
        assert rows[column].nunique() == 1
        assert rows.loc[rows[quantity].idxmin(), axis] == rows[column].iloc[0]
    results = figure("uneven", chart).results
    assert results[column].attrs == results[axis].attrs


@pytest.mark.parametrize(
    ("chart", "axis", "at", "over", "quantity"),
    [
        ("temperature-curves", "temperature", 0.1, "student_rank", "divergence"),
        ("mixing-curves", "mixing", 1.0, "student_rank", "divergence"),
        ("self-distillation", "mixing", 0.0, "penalty", "student_excess_risk"),
    ],
)
def test_a_gain_is_the_change_from_what_its_name_says(chart, axis, at, over, quantity):
    f = frame("uneven", chart)
    for _, rows in f.groupby(over):
        start = rows.loc[(rows[axis] - at).abs().idxmin(), quantity]
        assert_allclose(rows["gain"], rows[quantity].min() / start - 1.0, rtol=1e-7, atol=1e-9)
        assert rows["gain"].max() <= 0.0
    symbol = "τ" if axis == "temperature" else "ξ"
    assert figure("uneven", chart).results["gain"].attrs["long_name"] == f"change from {symbol} = {at:g}"


def test_the_costs_of_a_direction_are_those_of_a_problem_that_has_no_other():
    f, case, rank = frame("uneven", "ledger-by-direction"), study("uneven").case, 3
    penalty = least_risk(case.problem)[0]
    assert f["direction"].tolist() == list(range(1, 9))
    assert f["kept"].tolist() == [number <= rank for number in f["direction"]]
    for row, eigenvalue, signal in zip(f.itertuples(), EIGENVALUES, SIGNAL, strict=True):
        problem = lg.Problem.from_spectrum([eigenvalue], [signal], n_samples=60, label_noise=0.4, outputs=2)
        kept = case.replace(problem=problem, bottleneck=lg.Principal(1))
        dropped = kept.replace(rank=0)
        tuned = alone(problem, penalty)
        seen = kept if row.kept else dropped
        expected = {
            "eigenvalue": eigenvalue,
            "retained_cost": kept.divergence().total,
            "discarded_cost": dropped.divergence().total,
            "worth_keeping": kept.divergence().total < dropped.divergence().total,
            "teacher_excess_risk": kept.excess_risk().teacher,
            "student_excess_risk": seen.excess_risk().student,
            "student_beats_teacher": seen.excess_risk().student < seen.excess_risk().teacher,
            "hard_labels_excess_risk": seen.replace(mixing=0.0).excess_risk().student,
            "mean_teacher_excess_risk": kept.replace(teacher_temperature=0.0).excess_risk().teacher,
            "tuned_teacher_excess_risk": tuned.excess_risk().teacher,
        }
        assert set(expected) == set(f) - {"direction", "kept"}
        for column, value in expected.items():
            assert_allclose(getattr(row, column), value, rtol=1e-7, atol=1e-12, err_msg=column)


def test_the_front_is_of_designs_that_none_beats_in_both_and_the_best_share_has_least_risk():
    f = frame("uneven", "pareto-front")
    values = f[["divergence", "student_excess_risk"]].to_numpy()
    for row, on_front in zip(values, f["front"], strict=True):
        beaten = np.any(np.all(values <= row, axis=1) & np.any(values < row, axis=1))
        assert on_front == (not beaten)
    f, case = frame("uneven", "student-beats-teacher"), study("uneven").case
    assert f[f["student_rank"] == 0]["best_mixing"].isna().all()
    for rank in range(1, 8):
        best = f[f["student_rank"] == rank]["best_mixing"]
        assert best.nunique() == 1
        shares = best.iloc[0] + np.array([-0.003, 0.0, 0.003])
        near = [case.replace(rank=rank, mixing=share).excess_risk().student for share in shares]
        assert near[1] == min(near)


def test_risks_above_tuned_ridge_are_in_per_cent_of_it():
    f, problem = frame("uneven", "self-distillation"), study("uneven").case.problem
    penalty, least = least_risk(problem)
    assert_allclose(f["relative_risk"], 100.0 * (f["student_excess_risk"] / least - 1.0), rtol=1e-6, atol=1e-7)
    assert_allclose(np.unique(f["penalty"]) / penalty, [0.4, 0.63, 1.0, 1.26, 1.6], rtol=1e-4)


def filters(problem, penalty):
    """In every direction how much of the least-squares weights ridge regression keeps, and what the rest risks."""
    keep = EIGENVALUES / (EIGENVALUES + penalty)

    def risk(kept):
        wrong = (1.0 - kept) ** 2 * EIGENVALUES * SIGNAL
        noise = 2 * 0.4**2 * kept**2 * (EIGENVALUES > 0.0)  # two outputs
        return np.sum(wrong + noise)

    return keep, risk


def test_rounds_of_distillation_are_filters_applied_again():
    """a ← f (ξ a + 1 − ξ) in every direction, a = f to begin with; the best shares are a least-squares problem."""
    f, problem = frame("uneven", "repeated-distillation"), study("uneven").case.problem
    keep, risk = filters(problem, 0.1 * least_risk(problem)[0])
    alone = risk(keep)
    for mixing, rows in f.groupby("mixing"):
        kept, expected = keep, []
        for _ in range(16):
            kept = keep * (mixing * kept + 1.0 - mixing)
            expected.append(risk(kept) / alone)
        assert_allclose(rows.sort_values("round")["relative_risk"], expected, rtol=1e-5)
        limit = keep * (1.0 - mixing) / (1.0 - mixing * keep)
        assert_allclose(rows["limit_relative_risk"], risk(limit) / alone, rtol=1e-5)
    least = f.drop_duplicates("round").set_index("round")["least_relative_risk"]
    for count in (1, 2):  # a = Σ c_k f^k over k = 1 … count + 1, Σ c_k = 1
        powers = np.stack([keep ** (k + 1) for k in range(count + 1)], axis=1)
        steps = powers[:, 1:] - powers[:, :1]
        weight = np.sqrt(np.append((EIGENVALUES * SIGNAL)[:-1], 0.0)), np.sqrt(2 * 0.4**2 * (EIGENVALUES > 0.0))
        system = np.vstack([weight[0][:, None] * steps, weight[1][:, None] * steps])
        target = np.concatenate([weight[0] * (1.0 - powers[:, 0]), -weight[1] * powers[:, 0]])
        found = np.linalg.lstsq(system, target, rcond=None)[0]
        assert_allclose(least[count], risk(powers[:, 0] + steps @ found) / alone, rtol=1e-5)
    assert np.all(np.diff(least) < 1e-6)  # what float64 leaves of mixings that tell almost equal rounds apart


def test_bounds_and_gaps_are_those_of_one_design():
    f, case = frame("uneven", "bounds-and-truth"), study("uneven").case
    for temperature, rows in f.groupby("temperature"):
        here = case.replace(rank=3, draws=8, temperature=temperature)
        table, gaps = here.bounds(), here.gaps()
        for row in rows.itertuples():
            bound = table[row.bound]
            expected = [bound.value, bound.slack, bound.holds, here.divergence().total, gaps.teacher, gaps.student]
            told = [row.value, row.slack, row.holds, row.divergence, row.teacher_gap, row.student_gap]
            assert_allclose(told, expected, rtol=1e-8)
            assert (row.side, row.learner) == (bound.side, bound.learner)
            exact = {"student": gaps.student, "teacher": gaps.teacher}[row.learner]
            assert_allclose(row.slack, (row.value - exact) * (1.0 if row.side == "upper" else -1.0), atol=1e-8)


def test_large_sample_laws_are_where_the_costs_lead():
    f = frame("uneven", "sample-size-scaling").sort_values("n_samples")
    case = study("uneven").case.replace(rank=3)
    far = case.replace(n_samples=60 * 10**7).divergence()
    last = f.iloc[-1]
    grown = 60 * 10**7 / last["n_samples"]
    assert_allclose(last["bias_law"] / grown, far.bias, rtol=1e-5)
    assert_allclose(last["variance_law"], far.variance, rtol=1e-5)
    assert_allclose(last["rank_bottleneck_law"] * grown, far.rank_bottleneck, rtol=1e-5)
    growth = f["n_samples"] / last["n_samples"]
    assert_allclose(f["bias_law"] * growth, last["bias_law"], rtol=1e-8)
    assert_allclose(f["variance_law"], last["variance_law"], rtol=1e-8)
    assert_allclose(f["rank_bottleneck_law"] / growth, last["rank_bottleneck_law"], rtol=1e-8)
    for row in f.itertuples():
        every = [case.replace(rank=rank, n_samples=int(row.n_samples)).divergence().total for rank in range(8)]
        assert row.best_rank == int(np.argmin(every))


def test_the_valley_is_empty_where_the_family_runs():
    f, case = frame("uneven", "lossless-valley"), study("uneven").case
    assert_allclose(f["family"], (1.0 - f["mixing"]) * 6.0, rtol=DIGITS)
    for row in f.drop_duplicates("mixing").itertuples():
        assert lossless(case, row.mixing).replace(student_penalty=row.family).divergence().total < 1e-12


def test_simulated_columns_are_those_of_the_simulation_of_one_design():
    f = frame("uneven", "theory-and-simulation")
    assert f["student_rank"].tolist() == [3, 4] or len(f) == 2
    for seed, row in enumerate(f.itertuples()):
        simulation = study("uneven").case.replace(rank=int(row.student_rank)).simulate(2700, seed)
        for name in COSTS:
            told = [getattr(row, f"{name}_simulated"), getattr(row, f"{name}_standard_error")]
            assert_allclose(told, simulation[name], rtol=DIGITS)


@pytest.mark.parametrize("chart", list(CHARTS))
def test_both_files_hold_the_same_numbers_and_units_are_kept(chart, tmp_path):
    results = figure("uneven", chart).results
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


RISKS = ("student_excess_risk", "teacher_excess_risk")
UNITS = {"divergence": "nats", **dict.fromkeys(RISKS, "squared label units")}
UNITS |= dict.fromkeys(COSTS, "nats") | dict.fromkeys((f"{name}_law" for name in COSTS), "nats")
UNITS |= dict.fromkeys((f"{name}_{part}" for name in COSTS for part in ("simulated", "standard_error")), "nats")
UNITS |= {"best_rank": "directions", "student_rank": "directions", "temperature": "1", "best_temperature": "1"}
UNITS |= {"mixing": "1", "best_mixing": "1", "gain": "1", "relative_risk": {"%", "1"}, "best_round": "1"}
UNITS |= {"label_noise": "label units", "penalty": "squared input units", "student_penalty": "squared input units"}
UNITS |= {"n_samples": "1", "round": "1"}
PLAIN = ("ledger-by-direction", "bounds-and-truth")  # tables whose columns are told in docs


@pytest.mark.parametrize("chart", [name for name in CHARTS if name not in PLAIN])
def test_columns_tell_their_units(chart):
    results = figure("uneven", chart).results
    told = {name: results[name].attrs["units"] for name in results.variables if "units" in results[name].attrs}
    assert {"front", "family", "limit_relative_risk", "least_relative_risk"} >= set(results.variables) - set(told)
    for name, units in told.items():
        assert units in UNITS[name], name
