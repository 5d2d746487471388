"""Every optional mark of a chart is explained by itself, and every refusal says what is needed and what makes it."""

import numpy as np
import pytest
import xarray as xr
from charts.chart_reading import case, words
from matplotlib.figure import Figure

import lingauss as lg
from lingauss import charts
from lingauss.errors import MissingResultError

LEDGER = ("divergence", "bias", "variance", "rank_bottleneck")
RISKS = ("student_excess_risk", "teacher_excess_risk")
PROCESS = tuple(f"process_{cost}" for cost in ("total", "bias", "variance", "rank_bottleneck", "training"))
SIMULATED = tuple(
    f"{cost}{part}"
    for cost in ("bias", "variance", "rank_bottleneck")
    for part in ("", "_simulated", "_standard_error")
)
BOUNDS = ("value", "student_gap", "teacher_gap")
REGIME = ("value", "holds", "teacher_gap", "student_gap", "distance", "radius")
EVERY_COST = "quantities=('divergence', 'bias', 'variance', 'rank_bottleneck')"


@pytest.fixture
def ax():
    with charts.style():
        yield Figure(layout="none").add_subplot()


# chart: the axes and quantities it needs, and the call that makes them
NEEDED = {
    charts.bounds_and_truth: (("bound", "temperature"), BOUNDS, "lingauss.bound_curves(case, 'temperature', […])"),
    charts.dominance_map: (
        ("student_rank", "temperature"), ("bias", "variance", "rank_bottleneck"),
        "case.sweep(student_rank=range(d + 1), temperature=[…], quantities=('bias', 'variance', 'rank_bottleneck'))",
    ),
    charts.error_by_rank: (("student_rank",), ("error", "standard_error", "error_at_inputs"), "analysis.errors()"),
    charts.ledger_by_rank: (("student_rank",), ("divergence", "variance", "bias", "rank_bottleneck"),
                            f"case.sweep(student_rank=range(d + 1), {EVERY_COST})"),
    charts.loss_by_size: (("keep",), ("cost",), "lingauss.layers.sweep(layers, keep=[…])"),
    charts.lossless_valley: (("mixing", "student_penalty"), ("divergence",),
                             "case.sweep(mixing=[…], student_penalty=[…])"),
    charts.mixing_curves: (("mixing", "student_rank"), ("divergence",),
                           "case.sweep(student_rank=[…], mixing=[…], quantities=('divergence',))"),
    charts.pareto_front: (("student_rank",), ("divergence", "student_excess_risk"),
                          "case.sweep(student_rank=[…], quantities=('divergence', 'student_excess_risk'))"),
    charts.process_and_weights: (
        ("student_rank",), (*PROCESS, *LEDGER),
        f"case.sweep(student_rank=[…], quantities=({', '.join(map(repr, (*PROCESS, *LEDGER)))}))",
    ),
    charts.rank_noise_map: (("student_rank", "label_noise"), ("divergence",),
                            "case.sweep(student_rank=range(d + 1), label_noise=[…])"),
    charts.repeated_distillation: (
        ("round", "mixing"), ("excess_risk", "limit_excess_risk", "least_excess_risk"),
        "Chain(case, rounds).sweep(mixing=[…], quantities=['excess_risk']), its limits and best mixings",
    ),
    charts.risk_by_rank: (("student_rank",), RISKS, f"case.sweep(student_rank=range(d + 1), quantities={RISKS})"),
    charts.risk_by_samples: (
        ("n_samples", "learner"), ("excess_risk",),
        "case.sweep(n_samples=[…], quantities=['student_excess_risk']) for each learner, side by side",
    ),
    charts.sample_size_scaling: (("n_samples",), ("bias", "variance", "rank_bottleneck", "divergence"),
                                 f"case.sweep(n_samples=[…], {EVERY_COST})"),
    charts.student_beats_teacher: (("student_rank", "mixing"), RISKS,
                                   f"case.sweep(student_rank=range(d + 1), mixing=[…], quantities={RISKS})"),
    charts.temperature_curves: (("student_rank", "temperature"), ("divergence",),
                                "case.sweep(student_rank=[…], temperature=[…])"),
    charts.theory_and_simulation: (
        ("student_rank",), SIMULATED,
        "simulated_sweep(case, student_rank=[…], quantities=('bias', 'variance', 'rank_bottleneck',))",
    ),
    charts.tightness_regime: (("bound", "temperature"), REGIME, "lingauss.bound_curves(case, 'temperature', […])"),
}  # fmt: skip
GIVEN = {
    charts.bounds_and_truth: {"families": ("variance proxy",)},
    charts.pareto_front: {"front": xr.DataArray(np.ones(2, bool), dims="student_rank")},
}


@pytest.mark.parametrize("chart", list(NEEDED), ids=lambda chart: chart.__name__)
def test_a_chart_of_nothing_says_what_it_needs_and_the_call_that_makes_it(ax, chart):
    axes, quantities, call = NEEDED[chart]
    with pytest.raises(MissingResultError) as error:
        chart(xr.Dataset(), ax, **GIVEN.get(chart, {}))
    assert error.value.expected == f"results over {', '.join(axes)} holding {', '.join(quantities)}"
    assert error.value.got == f"axes none without {', '.join(quantities)}"
    assert error.value.remedy == f"Make them with {call}."


def test_every_chart_of_results_is_among_them():
    of_tables = {"style", "ledger_by_direction", "layer_costs"}
    assert {chart.__name__ for chart in NEEDED} | of_tables == set(charts.__all__)


def names(ax):
    legend = ax.get_legend()
    return [] if legend is None else list(words(ax))


def each_alone(draw, **marks):
    """The words of the key without any mark and with each mark alone."""
    found = {}
    for some in ({}, *({name: value} for name, value in marks.items())):
        with charts.style():
            ax = Figure(layout="none").add_subplot()
            draw(ax, **some)
            found[next(iter(some), "none")] = names(ax)
    return found


def test_each_mark_is_explained_also_where_it_is_the_only_one():
    by_rank = case().sweep(student_rank=range(9), quantities=(*LEDGER, *RISKS, *PROCESS))
    stack = ["divergence", "rank bottleneck", "bias", "variance"]
    marks = {"best": 3, "recommended": 2}
    assert each_alone(lambda ax, **some: charts.ledger_by_rank(by_rank, ax, **some), **marks) == {
        "none": stack, "best": ["best: rank 3", *stack], "recommended": ["recommended: rank 2", *stack],
    }  # fmt: skip
    lines = ["student", "teacher"]
    assert each_alone(lambda ax, **some: charts.risk_by_rank(by_rank, ax, **some), **marks, tolerance=0.0125) == {
        "none": lines, "best": [*lines, "best: rank 3"], "recommended": [*lines, "recommended: rank 2"],
        "tolerance": ["within 1.25 % of the best", *lines],
    }  # fmt: skip
    both = ["total", "bias", "variance", "rank bottleneck", "training", "of the process", "of the weights"]
    marks = {"best_process": 8.0, "best_weights": 3.0}
    assert each_alone(lambda ax, **some: charts.process_and_weights(by_rank, ax, **some), **marks) == {
        "none": both, "best_process": [*both, "least total"], "best_weights": [*both, "least total"],
    }  # fmt: skip


def test_each_mark_of_curves_is_explained_also_where_it_is_the_only_one():
    divergence = case(draws=8).sweep(student_rank=[2, 5], temperature=[0.1, 1.0, 10.0])["divergence"]
    best = divergence.idxmin("temperature")
    results = divergence.to_dataset()
    assert each_alone(lambda ax, **some: charts.temperature_curves(results, ax, **some), best=best, limit=5.0) == {
        "none": [], "best": ["best, τ*"], "limit": ["matching law"],
    }  # fmt: skip
    risk = case().sweep(penalty=[0.5, 20.0], mixing=[-1.0, 0.0, 1.0, 2.0], quantities=RISKS[:1])
    best = risk[RISKS[0]].idxmin("mixing")
    marks = {"best": best, "limit": 0.7512, "reference": (0.5, "tuned ridge"), "highest": 50.0}
    assert each_alone(lambda ax, **some: charts.mixing_curves(risk, ax, quantity=RISKS[0], **some), **marks) == {
        "none": [], "best": ["best, ξ*"], "limit": ["no bias, ξ = 0.751"], "reference": ["tuned ridge"],
        "highest": ["λ = 0.5", "λ = 20"],
    }  # fmt: skip
    sizes = case().sweep(n_samples=[10, 100, 1000], quantities=LEDGER)
    assert each_alone(lambda ax, **some: charts.sample_size_scaling(sizes, ax, **some), asymptotes=2.0 * sizes) == {
        "none": [], "asymptotes": ["large-sample law"],
    }  # fmt: skip


def test_each_mark_of_a_map_is_explained_also_where_it_is_the_only_one():
    noisy = case().sweep(student_rank=range(4), label_noise=[0.1, 1.0, 10.0])
    best = noisy["divergence"].idxmin("student_rank").astype(int)
    assert each_alone(lambda ax, **some: charts.rank_noise_map(noisy, ax, **some), best=best, at=0.12345) == {
        "none": [], "best": ["best rank"], "at": ["ν = 0.123"],
    }  # fmt: skip
    shares = case().sweep(student_rank=range(4), mixing=[-1.0, 0.0, 1.0, 2.0], quantities=(*RISKS, "divergence"))
    risk = shares[RISKS[0]]
    marks = {"best": risk.idxmin("mixing"), "baselines": {"nothing": 0.5 * float(risk.min())}}
    won = "as good as its teacher's draw"
    found = each_alone(lambda ax, **some: charts.student_beats_teacher(shares, ax, **some), **marks)
    assert found["none"][0].startswith(won)
    assert found["best"] == [*found["none"], "least risk at each rank"]
    assert found["baselines"] == [*found["none"], "as good as nothing (never)"]
    front = lg.pareto_front(shares, ["divergence", RISKS[0]])
    marks = {"named": {"one": shares.isel(student_rank=3, mixing=0)}, "references": {"teacher": 0.1}}
    assert each_alone(lambda ax, **some: charts.pareto_front(shares, ax, front=front, **some), **marks) == {
        "none": [], "named": ["one: r = 3, ξ = −1"], "references": ["teacher"],
    }  # fmt: skip
    valley = case(rank=8).sweep(mixing=[0.2, 0.5, 0.8], student_penalty=[0.1, 1.0, 10.0])
    assert each_alone(lambda ax, **some: charts.lossless_valley(valley, ax, **some), family=valley["mixing"]) == {
        "none": [], "family": ["lossless family"],
    }  # fmt: skip


def one_curve(chart, points):
    """A chart of a single curve over some points."""
    heat = [0.1, 1.0, 10.0][:points]
    once, each = ("mixing", [1.0]), ("round", np.ones(points))
    rounds = {"excess_risk": (("round", "mixing"), np.ones((points, 1))), "limit_excess_risk": once}
    sizes = {"learner": ["one"], "n_samples": [10, 100, 1000][:points]}
    given = {
        charts.mixing_curves: lambda: case().sweep(penalty=[2.0], mixing=heat),
        charts.temperature_curves: lambda: case().sweep(student_rank=[2], temperature=heat),
        charts.repeated_distillation: lambda: xr.Dataset(
            rounds | {"least_excess_risk": each}, {"round": np.arange(points), "mixing": [0.5]}
        ),
        charts.risk_by_samples: lambda: xr.Dataset({"excess_risk": (tuple(sizes), np.ones((1, points)))}, sizes),
        charts.bounds_and_truth: lambda: lg.bound_curves(case(), "temperature", heat).isel(bound=[0]),
        charts.tightness_regime: lambda: lg.bound_curves(case(), "temperature", heat).expand_dims(penalty=[1.0]),
    }[chart]
    return given(), GIVEN.get(chart, {})


@pytest.mark.parametrize(
    "chart",
    [
        *(charts.mixing_curves, charts.temperature_curves, charts.repeated_distillation),
        *(charts.risk_by_samples, charts.bounds_and_truth, charts.tightness_regime),
    ],
    ids=lambda chart: chart.__name__,
)
def test_one_curve_is_enough_but_not_one_point_of_it(ax, chart):
    results, options = one_curve(chart, 2)
    assert chart(results, ax, **options)
    results, options = one_curve(chart, 1)
    with pytest.raises(MissingResultError, match="at least two values of"):
        chart(results, ax, **options)
