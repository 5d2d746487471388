"""Every chart drawn for a problem of any number of directions, for tests of all of them."""

from functools import cache

import numpy as np
import pandas as pd
import xarray as xr

import lingauss as lg
from lingauss import charts
from lingauss.simulation.sweep import simulated_sweep
from lingauss.sweep.growth import large_sample_costs
from lingauss.sweep.pareto import knee

COSTS = ("divergence", "bias", "variance", "rank_bottleneck")
RISKS = ("student_excess_risk", "teacher_excess_risk")
SHARES = np.linspace(-1.0, 2.0, 31)


@cache
def case(d):
    index = np.arange(1.0, d + 1.0)
    problem = lg.Problem.from_spectrum(1000.0 / index, 1.0 / index, n_samples=1000, label_noise=0.5)
    student = lg.Ridge(25.0, temperature=0.25)
    return lg.Distillation(problem, lg.Ridge(100.0), student, lg.Principal(max(1, d // 3)), temperature=10.0)


def averaged(d):
    return case(d).replace(draws=8, temperature=5.0)


def some_ranks(d):
    return sorted({max(1, d // 16), max(1, d // 4), max(1, d // 2), d})


def gain(values, axis):
    return (values.min(axis) / values.isel({axis: 0}, drop=True) - 1.0).assign_attrs(long_name=f"change from {axis}")


def ledger_by_rank(d, ax):
    results = case(d).sweep(student_rank=range(d + 1), quantities=COSTS)
    charts.ledger_by_rank(results, ax, best=int(results["divergence"].idxmin()), recommended=0)


def error_by_rank(d, ax):
    ranks = np.arange(d + 1)
    error = 1.0 + 1.0 / (1.0 + ranks)
    columns = {"error": error, "standard_error": 0.05 * error, "error_at_inputs": 0.98 * error}
    told = {"long_name": "RMSE of price"}
    results = xr.Dataset(
        {name: ("student_rank", values, told) for name, values in columns.items()}, {"student_rank": ranks}
    )
    charts.error_by_rank(results, ax, choices={"recommended": d // 2, "best on new rows": d})


def risk_by_rank(d, ax):
    results = case(d).sweep(student_rank=range(d + 1), quantities=RISKS)
    charts.risk_by_rank(results, ax, best=d, recommended=d // 2, tolerance=0.1)


def ledger_by_direction(d, ax):
    charts.ledger_by_direction(case(d).replace(rank=d // 2).by_direction(), ax)


def rank_noise_map(d, ax):
    results = case(d).sweep(student_rank=range(d + 1), label_noise=np.geomspace(0.1, 10.0, 21))
    charts.rank_noise_map(results, ax, best=results["divergence"].idxmin("student_rank"), at=0.5)


def dominance_map(d, ax):
    results = averaged(d).sweep(student_rank=range(d + 1), temperature=np.geomspace(0.1, 100.0, 31), quantities=COSTS)
    charts.dominance_map(results, ax, best=results["divergence"].idxmin("student_rank"))


def temperature_curves(d, ax):
    divergence = averaged(d).sweep(student_rank=some_ranks(d), temperature=np.geomspace(0.1, 100.0, 31))["divergence"]
    best, change = divergence.idxmin("temperature"), gain(divergence, "temperature")
    charts.temperature_curves(divergence.to_dataset(), ax, best=best, limit=5.0, gain=change)


def mixing_curves(d, ax):
    divergence = averaged(d).sweep(student_rank=some_ranks(d), mixing=SHARES)["divergence"]
    best = divergence.idxmin("mixing")
    charts.mixing_curves(divergence.to_dataset(), ax, best=best, limit=0.75, gain=gain(divergence, "mixing"))


def mixing_curves_close_up(d, ax):
    results = case(d).sweep(penalty=[1.0, 10.0, 100.0], mixing=SHARES, quantities=RISKS[:1])
    risk = results[RISKS[0]]
    highest, tuned = float(risk.sel(mixing=0.0, method="nearest").max()), case(d).baselines().tuned_teacher
    told = (tuned, "tuned teacher")
    best = risk.idxmin("mixing")
    charts.mixing_curves(results, ax, quantity=RISKS[0], best=best, reference=told, highest=highest)


def sample_size_scaling(d, ax):
    sizes = [100, 1000, 10_000, 100_000, 1_000_000]
    results = case(d).sweep(n_samples=sizes, quantities=COSTS)
    charts.sample_size_scaling(results, ax, asymptotes=large_sample_costs(case(d), sizes))


def student_beats_teacher(d, ax):
    results, found = case(d).sweep(student_rank=range(d + 1), mixing=SHARES, quantities=RISKS), case(d).baselines()
    others = {"its teacher's mean predictions": found.mean_teacher, "a tuned teacher": found.tuned_teacher}
    best = results[RISKS[0]].idxmin("mixing")
    charts.student_beats_teacher(results, ax, best=best, baselines=others)


def pareto_front(d, ax):
    aims = ("divergence", "student_excess_risk")
    results = averaged(d).sweep(student_rank=range(d + 1), mixing=SHARES, quantities=aims)
    named = {"knee": knee(results, aims), "closest": results.isel(results["divergence"].argmin(...))}
    front = lg.pareto_front(results, aims)
    charts.pareto_front(results, ax, front=front, named=named, references={"teacher": case(d).excess_risk().teacher})


def bounds_and_truth(d, ax):
    results = lg.bound_curves(averaged(d), "temperature", np.geomspace(0.1, 100.0, 5))
    charts.bounds_and_truth(results, ax, families=("variance proxy", "sharpness", "mutual information"))


LEDGERS = (*COSTS, *(f"process_{cost}" for cost in ("total", "bias", "variance", "rank_bottleneck", "training")))


def process_by_rank(d, ax):
    results = case(d).sweep(student_rank=range(d + 1), quantities=LEDGERS)
    charts.process_and_weights(results, ax, best_process=0, best_weights=d)


def process_by_temperature(d, ax):
    results = averaged(d).sweep(temperature=np.geomspace(0.1, 100.0, 31), quantities=LEDGERS)
    charts.process_and_weights(results, ax, best_process=float(results["process_total"].idxmin()))


def tightness_by_rank(d, ax):
    charts.tightness_regime(lg.bound_curves(case(d), "student_rank", range(d + 1)), ax)


def tightness_by_temperature(d, ax):
    temperatures = np.geomspace(0.1, 100.0, 7)
    curves = [lg.bound_curves(case(d).replace(penalty=p), "temperature", temperatures) for p in (10.0, 1000.0)]
    charts.tightness_regime(xr.concat(curves, pd.Index([10.0, 1000.0], name="penalty")), ax)


def repeated_distillation(d, ax):
    ridge = lg.Ridge(1.0, temperature=0.0)
    alone = lg.Distillation(case(d).problem, ridge, ridge, temperature=0.0)
    results = lg.Chain(alone, 6).sweep(mixing=[0.7, 0.9, 1.0], quantities=["excess_risk"])
    results["limit_excess_risk"] = 0.5 * results["excess_risk"].isel(round=-1)
    results["least_excess_risk"] = results["excess_risk"].min("mixing")
    charts.repeated_distillation(results, ax, best=results["excess_risk"].idxmin("round").astype(int))


def lossless_valley(d, ax):
    results = averaged(d).replace(rank=d).sweep(mixing=SHARES[11:20], student_penalty=np.geomspace(5.0, 100.0, 21))
    charts.lossless_valley(results, ax, family=100.0 * (1.0 - results["mixing"]))


def theory_and_simulation(d, ax):
    ranks = sorted({0, d // 2, d})
    charts.theory_and_simulation(simulated_sweep(case(d), quantities=COSTS[1:], trials=2700, student_rank=ranks), ax)


def risk_by_samples(d, ax):
    sizes = xr.DataArray([10, 100, 1000, 10_000], dims="n_samples", attrs={"long_name": "training samples"})
    told = {"long_name": "excess risk of the student", "units": "squared label units"}
    peaked = xr.DataArray([[3.0, np.inf, 0.2, 0.1], [2.0, 9.0, 0.4, 0.3]], dims=("learner", "n_samples"), attrs=told)
    results = xr.Dataset({"excess_risk": peaked}, {"n_samples": sizes, "learner": ["labels", "soft labels"]})
    charts.risk_by_samples(results, ax, directions=100)


def layer_costs(d, ax):
    costs = {f"layer {number}": 10.0 * number / np.arange(1.0, d + 3.0) for number in (1, 2, 3)}
    charts.layer_costs(costs, ax, chosen={"layer 1": 1, "layer 2": None, "layer 3": d})


def loss_by_size(d, ax):
    keep = xr.DataArray([0.2, 0.5, 0.8], dims="keep", attrs={"long_name": "share of parameters kept"})
    losses = {"cost": [1.0, 0.3, 0.1], "predicted": [3.0, 0.5, 0.2], "measured": [2.5, 0.8, 0.3]}
    losses["measured_error"] = [0.2, 0.05, 0.01]
    charts.loss_by_size(xr.Dataset({name: ("keep", row) for name, row in losses.items()}, {"keep": keep}), ax)


DRAWN = [
    error_by_rank,
    ledger_by_rank, risk_by_rank, ledger_by_direction, rank_noise_map, dominance_map, temperature_curves, mixing_curves,
    mixing_curves_close_up, sample_size_scaling, student_beats_teacher, pareto_front, bounds_and_truth,
    process_by_rank, process_by_temperature, tightness_by_rank, tightness_by_temperature,
    repeated_distillation, lossless_valley, theory_and_simulation,
]  # fmt: skip
FEW = [risk_by_samples, layer_costs, loss_by_size]  # whose results do not hang on the number of directions
