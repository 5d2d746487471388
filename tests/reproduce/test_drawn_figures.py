"""What a figure of the case study marks is what its table says: optima, paths, baselines and laws, read back."""

import numpy as np
import pytest
from charts.test_reading import ends, the_line, words
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from reproduce.small_studies import figure, frame, study

from lingauss import charts
from lingauss.charts import style
from lingauss.errors import MissingResultError

NAME = "uneven"


@pytest.fixture
def drawn():
    def draw(chart, name=NAME):
        with style():
            page = Figure()
            FigureCanvasAgg(page)
            ax = page.add_subplot()
            figure(name, chart).draw(ax)
        return ax

    return draw


def one_per(f, axis, *columns):
    """The columns with one value per value of an axis."""
    rows = f.drop_duplicates(axis).sort_values(axis).dropna(subset=list(columns))
    return rows[[axis, *columns]].to_numpy()


@pytest.mark.parametrize("chart", ["rank-noise-map", "dominance-map"])
def test_the_path_over_a_map_is_the_best_rank(drawn, chart):
    axis = "label_noise" if chart.startswith("rank") else "temperature"
    ax = drawn(chart)
    assert_allclose(the_line(ax, "best rank").get_xydata(), one_per(frame(NAME, chart), axis, "best_rank"), rtol=1e-9)
    if axis == "label_noise":
        assert the_line(ax, "ν = 0.4").get_xdata() == [0.4, 0.4]


CIRCLED = [
    ("temperature-curves", "temperature", "student_rank", "divergence", "best, τ*; change from τ = 0.1"),
    ("mixing-curves", "mixing", "student_rank", "divergence", "best, ξ*; change from ξ = 1"),
    ("self-distillation", "mixing", "penalty", "relative_risk", "best, ξ*; change from ξ = 0"),
]


@pytest.mark.parametrize(("chart", "axis", "over", "quantity", "word"), CIRCLED)
def test_circles_stand_on_the_least_of_each_curve(drawn, chart, axis, over, quantity, word):
    f = frame(NAME, chart)
    least = f.loc[f.groupby(over)[quantity].idxmin()].sort_values(over)
    assert_allclose(the_line(drawn(chart), word).get_xydata(), least[[axis, quantity]], rtol=1e-8, atol=1e-9)


def test_guides_stand_where_the_laws_put_them(drawn):
    assert the_line(drawn("temperature-curves"), "matching law").get_xdata() == pytest.approx([5.0, 5.0])
    assert the_line(drawn("mixing-curves"), "no bias, ξ = 0.75").get_xdata() == [0.75, 0.75]
    assert the_line(drawn("self-distillation"), "tuned ridge, not distilled").get_ydata() == [0.0, 0.0]


def test_marked_ranks_are_the_best_and_the_smallest_within_the_tolerance(drawn):
    f = frame("gentle", "ledger-by-rank").set_index("student_rank")["divergence"]
    key, best = words(drawn("ledger-by-rank", "gentle")), f.idxmin()
    near = min(rank for rank in f.index if f[rank] <= 1.05 * f[best])
    assert near < best
    assert {f"best: rank {best}", f"recommended: rank {near}"} <= key.keys()


def test_beads_are_the_best_share_of_every_rank_and_lines_have_their_baselines(drawn):
    ax, f = drawn("student-beats-teacher"), frame(NAME, "student-beats-teacher")
    beads = the_line(ax, "least risk at each rank").get_xydata()
    assert_allclose(beads[:, ::-1], one_per(f, "student_rank", "best_mixing"), rtol=1e-8, atol=1e-9)
    found = study(NAME).case.baselines()
    assert f"as good as its teacher's mean predictions{reached(f, found.mean_teacher)}" in words(ax)
    assert f"as good as a tuned teacher, λ = {found.tuned_penalty:.3g}{reached(f, found.tuned_teacher)}" in words(ax)


def reached(f, risk):
    share = f["student_excess_risk"] / risk
    return "" if share.min() < 1.0 < share.max() else " (always)" if share.max() <= 1.0 else " (never)"


def test_named_designs_and_references_of_the_front_are_those_of_the_table(drawn):
    ax, f = drawn("pareto-front"), frame(NAME, "pareto-front")
    closest = f.loc[f["divergence"].idxmin()]
    (word,) = [word for word in words(ax) if word.startswith("closest: ")]
    place = [[closest["student_excess_risk"], closest["divergence"]]]
    assert_allclose(the_line(ax, word).get_xydata(), place, rtol=1e-8)
    found = study(NAME).case.replace(draws=8, temperature=5.0).baselines()
    assert_allclose(the_line(ax, "teacher's draw").get_xdata(), found.teacher)
    assert_allclose(the_line(ax, "tuned teacher").get_xdata(), found.tuned_teacher)
    points = [one for one in ax.collections if type(one).__name__ == "PathCollection"][1]
    assert len(points.get_offsets()) == f["front"].sum()


def test_best_rounds_and_the_best_mixings_are_those_of_the_table(drawn):
    ax, f = drawn("repeated-distillation"), frame(NAME, "repeated-distillation")
    inside = f[(f["round"] == f["best_round"]) & (f["round"] > 1) & (f["round"] < 16)].sort_values("mixing")
    assert_allclose(the_line(ax, "best round").get_xydata(), inside[["round", "relative_risk"]], rtol=1e-8)
    least = one_per(f, "round", "least_relative_risk")
    assert_allclose(the_line(ax, "best mixings").get_xydata(), least, rtol=1e-8)


def test_the_family_lies_in_its_valley_and_laws_beside_their_costs(drawn):
    f = frame(NAME, "lossless-valley")
    beads = the_line(drawn("lossless-valley"), "lossless family").get_xydata()
    assert_allclose(beads, one_per(f, "mixing", "family"), rtol=1e-8)
    ax, f = drawn("sample-size-scaling"), frame(NAME, "sample-size-scaling")
    dashed = [line.get_ydata() for line in ax.lines if line.get_linestyle() == "--"]
    assert len(dashed) == 3
    for line, cost in zip(dashed, ("bias", "variance", "rank_bottleneck"), strict=True):
        assert_allclose(line, f[f"{cost}_law"], rtol=1e-8)
    assert [name.rstrip(" ↓↑") for name in ends(ax)] == ["bias", "variance", "rank bottleneck", "divergence"]


def test_bounds_directions_and_simulations_are_drawn_of_their_tables(drawn):
    f = frame(NAME, "bounds-and-truth")
    ax = drawn("bounds-and-truth")
    assert_allclose(
        the_line(ax, "exact, student").get_ydata(), one_per(f, "temperature", "student_gap")[:, 1], rtol=1e-8
    )
    assert {word.removeprefix("bound: ") for word in words(ax) if word.startswith("bound: ")} == {
        "variance proxy", "sharpness", "mutual information",
    }  # fmt: skip
    table = frame(NAME, "ledger-by-direction")
    kept = table[table["kept"] & (table["eigenvalue"] > 0.0)]
    points = the_line(drawn("ledger-by-direction"), "kept").get_xydata()
    assert_allclose(points, kept[["eigenvalue", "retained_cost"]], rtol=1e-8)
    f, ax = frame(NAME, "theory-and-simulation"), drawn("theory-and-simulation")
    for place, cost in enumerate(("bias", "variance", "rank_bottleneck")):
        assert_allclose(ax.lines[2 * place + 1].get_ydata(), f[f"{cost}_simulated"], rtol=1e-8)
        assert np.all(np.isfinite(ax.lines[2 * place].get_ydata()))


def test_risks_over_samples_are_the_given_curves_and_a_peak_leaves_the_axes():
    results = figure("unseen", "double-descent").results
    with style():
        ax = Figure().add_subplot()
        artists = charts.risk_by_samples(results, ax, directions=120)
    for curve, learner in zip(artists, results["learner"], strict=False):
        values = results["excess_risk"].sel(learner=learner).to_numpy()
        assert_allclose(curve.get_ydata()[np.isfinite(values)], values[np.isfinite(values)])
        assert np.all(curve.get_ydata()[np.isinf(values)] > ax.get_ylim()[1])
    assert {"true labels", "soft labels", "best mixture"} <= {text.get_text() for text in ax.texts}
    with pytest.raises(MissingResultError, match="n_samples"):
        charts.risk_by_samples(results.drop_vars("excess_risk"), ax)
