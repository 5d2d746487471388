"""Nothing in a chart hides anything else, leaves the page or the axes unmarked, or counts in fractions.

Checked on the extents of what is drawn, for one and for many directions, at the width of one column and of two.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation

import lingauss as lg
from lingauss import charts
from lingauss.charts.end_names import EndName
from lingauss.simulation.sweep import simulated_sweep
from lingauss.sweep.growth import large_sample_costs
from lingauss.sweep.pareto import knee

SIZES = {"one column": (3.5, 2.8), "two columns": (7.2, 3.4)}
DIRECTIONS = (1, 2, 12, 64)
COSTS = ("divergence", "bias", "variance", "rank_bottleneck")
RISKS = ("student_excess_risk", "teacher_excess_risk")
SHARES = np.linspace(-1.0, 2.0, 31)
COUNTED = ("rank", "round")


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


DRAWN = [
    error_by_rank,
    ledger_by_rank, risk_by_rank, ledger_by_direction, rank_noise_map, dominance_map, temperature_curves, mixing_curves,
    mixing_curves_close_up, sample_size_scaling, student_beats_teacher, pareto_front, bounds_and_truth,
    process_by_rank, process_by_temperature, tightness_by_rank, tightness_by_temperature,
    repeated_distillation, lossless_valley, theory_and_simulation,
]  # fmt: skip


def drawn(draw, d, size):
    with charts.style():
        figure = Figure(figsize=SIZES[size])
        canvas = FigureCanvasAgg(figure)
        ax = figure.add_subplot()
        draw(d, ax)
        ax.set_title("Title of a chart")
        figure.draw_without_rendering()
        canvas.draw()
        return figure, canvas.get_renderer()


def words_of(figure):
    """Texts that are read: in the key, in the axes and beside them, titles and labels."""
    for ax in figure.axes:
        yield from (text for text in ax.texts if text.get_text())
        yield from (child for child in ax.get_children() if isinstance(child, Annotation))
        yield from (text for text in (ax.xaxis.label, ax.yaxis.label, ax.title, ax._left_title) if text.get_text())
        for axis in (ax.xaxis, ax.yaxis):
            yield from (text for text in axis.get_ticklabels() if text.get_text() and _in_view(text, ax, axis))
        if ax.get_legend() is not None:
            yield from ax.get_legend().get_texts()


def _in_view(text, ax, axis):
    place = text.get_position()[0 if axis is ax.xaxis else 1]
    low, high = sorted(axis.get_view_interval())
    return low <= place <= high


def overlap(a, b, *, slack=1.0):
    """Pixels by which two boxes overlap in the direction in which they do so least, beyond some slack."""
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    up = min(a.y1, b.y1) - max(a.y0, b.y0)
    return min(across, up) - slack


@pytest.fixture(params=list(SIZES))
def size(request):
    return request.param


@pytest.mark.parametrize("d", DIRECTIONS)
@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_nothing_hides_leaves_or_misleads(draw, d, size):
    with charts.style():  # which says how many ticks fit
        _check(*drawn(draw, d, size))


def _check(figure, renderer):
    words = list(dict.fromkeys(words_of(figure)))
    boxes = [text.get_window_extent(renderer) if not isinstance(text, EndName) else text.lettering(renderer)
             for text in words]  # fmt: skip
    page = figure.bbox
    for text, box in zip(words, boxes, strict=True):
        outside = max(page.x0 - box.x0, box.x1 - page.x1, page.y0 - box.y0, box.y1 - page.y1)
        assert outside <= 1.0, f"{text.get_text()!r} leaves the page"
    for number, (text, box) in enumerate(zip(words, boxes, strict=True)):
        for other, another in zip(words[:number], boxes[:number], strict=True):
            assert overlap(box, another) <= 0.0, f"{text.get_text()!r} hides {other.get_text()!r}"
    for ax in figure.axes:
        _check_key(ax, renderer)
        _check_marks(ax)
        _check_counts(ax)
        _check_names(ax)


def _check_key(ax, renderer):
    legend = ax.get_legend()
    if legend is not None:
        box = legend.get_window_extent(renderer)
        for other in ax.figure.axes:
            assert overlap(box, other.get_window_extent(renderer)) <= 0.0, "the key hides data"


def _check_marks(ax):
    """Every point that is drawn lies on the axes, or a triangle of its colour stands on the edge."""
    edges = [line for line in ax.lines if line.get_gid() == "edge"]
    for line in ax.lines:
        if line in edges or line.get_transform() != ax.transData or not len(line.get_xdata()):
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            places = ax.transAxes.inverted().transform(ax.transData.transform(line.get_xydata()))
        places = places[np.isfinite(places).all(axis=1)]
        if ((places < -1e-3) | (places > 1.0 + 1e-3)).any():
            colours = {line.get_color(), line.get_markeredgecolor()} if isinstance(line.get_color(), str) else None
            assert edges, f"{line.get_label()} leaves the axes unmarked"
            assert colours is None or any(edge.get_color() in colours for edge in edges)
    for points in ax.collections:
        if hasattr(points, "get_offsets") and type(points).__name__ == "PathCollection" and len(points.get_offsets()):
            places = ax.transAxes.inverted().transform(ax.transData.transform(points.get_offsets()))
            assert np.all((places > -1e-3) & (places < 1.0 + 1e-3))


def _check_counts(ax):
    for axis in (ax.xaxis, ax.yaxis):
        if any(word in axis.get_label_text() for word in COUNTED):
            ticks = [tick for tick in axis.get_majorticklocs() if axis.get_view_interval().min() <= tick]
            assert np.array_equal(ticks, np.round(ticks))


def _check_names(ax):
    """Every name stands in the order of the ends, and on its own or joined to it by a line that starts there."""
    names = [child for child in ax.get_children() if isinstance(child, EndName)]
    heights = [name.xyann[1] for name in names]
    assert [name.xy[1] for name in sorted(names, key=lambda name: name.xyann[1])] == sorted(n.xy[1] for n in names)
    assert len(set(heights)) == len(heights)
    for name in names:
        assert name.arrow_patch is not None
        assert 0.0 <= name.xy[1] <= 1.0


def test_the_check_notices_what_it_looks_for():
    def hidden(d, ax):
        ledger_by_rank(d, ax)
        ax.legend(loc="upper left")

    def off_axis(d, ax):
        ax.plot([0.0, 1.0], [0.0, 5.0], label="steep")
        ax.set_ylim(0.0, 1.0)

    def fractions(d, ax):
        ax.plot([11.0, 12.0], [0.0, 1.0])
        ax.set_xlabel("student rank")

    def crowded(d, ax):
        ax.text(0.5, 0.5, "one")
        ax.text(0.5, 0.5, "another")

    def beyond(d, ax):
        ax.text(1.5, 0.5, "far")

    for draw in (hidden, off_axis, fractions, crowded, beyond):
        with pytest.raises(AssertionError):
            test_nothing_hides_leaves_or_misleads(draw, 12, "one column")
