"""Every chart of an analysis is read back by its artists: what refits say, marked where it belongs."""

import numpy as np
import pytest
from analysis.report_reader import drawn
from analysis.told_analyses import analysed, close
from matplotlib.collections import PolyCollection
from numpy.testing import assert_allclose


@pytest.fixture(params=["one", "two", "columns", "classes"])
def told(request):
    return analysed()[request.param]


def test_the_chart_of_errors_draws_what_refits_say(told):
    ax, r = told.charts["error-by-rank"], told.refits
    new, here = told.error(told.errors), told.error(r.every_risk + r.noise_risk)
    line = drawn(ax, "new rows")
    first = int(line.get_xdata()[0])
    ranks = np.arange(first, 8)
    close(line.get_xdata(), ranks)
    close(line.get_ydata(), new[ranks])
    close(drawn(ax, "training inputs, predicted").get_ydata(), here[ranks])
    band = drawn(ax, "± 1 s.e.")
    assert isinstance(band, PolyCollection)
    corners = band.get_paths()[0].vertices
    for rank in ranks:
        heights = sorted({round(height, 9) for at, height in corners if at == rank})
        assert_allclose(
            [heights[0], heights[-1]], new[rank] + np.array([-1, 1]) * told.spread(told.errors[rank]), rtol=1e-6
        )
    marks = {told.ranks[name]: [] for name in ("recommended", "best on new rows")}
    for name in ("recommended", "best on new rows"):
        marks[told.ranks[name]].append(name)
    for rank, names in marks.items():
        x, y = drawn(ax, f"{', '.join(names)}: {rank}").get_data()
        close([*x, *y], [rank, new[rank]])
    # From one rank before the first with less than half as much again as the least error, or marked.
    near = int(np.argmax(new <= 1.5 * new.min()))
    assert first == max(min(near, *marks) - 1, 0)
    assert ax.get_xlabel() == f"{told.thing}s kept"
    unit = "standard deviations of the targets" if told.kind in ("two", "columns") else ""
    assert ax.get_ylabel().startswith(told.word + " of price" * (told.kind == "one"))
    assert unit in ax.get_ylabel()
    errors = told.advice.errors()
    close(errors["error"], new)
    close(errors["standard_error"], told.spread(told.errors))
    close(errors["error_at_inputs"], here)
    close(errors["student_rank"], range(8))


def test_the_chart_of_risks_marks_the_best_and_the_recommended_rank(told):
    ax, risks = told.charts["risk-by-rank"], told.refits.every_risk
    best = int(np.argmin(risks))
    close(drawn(ax, "student").get_xdata(), range(8))
    close(drawn(ax, "student").get_ydata(), risks)
    close(drawn(ax, "teacher").get_ydata(), 2 * [told.refits.risks(0)[0]])
    for word, rank in (("best", best), ("recommended", told.rank)):
        x, y = drawn(ax, f"{word}: rank {rank}").get_data()
        close([*x, *y], [rank, risks[rank]])
    shade = (
        drawn(ax, f"within {100 * told.tolerance:.3g} % of the best").get_extents().transformed(ax.transData.inverted())
    )
    close([shade.y0, shade.y1], [risks.min(), (1.0 + told.tolerance) * risks.min()])


def test_the_chart_of_the_ledger_stacks_its_three_costs(told):
    ax = told.charts["ledger-by-rank"]
    costs = np.array([told.ledger(rank) for rank in range(8)])
    total = costs.sum(axis=1)
    line = drawn(ax, "divergence")
    first = int(line.get_xdata()[0])
    near = int(np.argmax(total <= 10.0 * total.min()))
    assert first == max(min(near, told.rank - 1, 6), 0)
    close(line.get_xdata(), range(first, 8))
    close(line.get_ydata(), total[first:])
    x, y = drawn(ax, f"recommended: rank {told.rank}").get_data()
    close([*x, *y], [told.rank, total[told.rank]])
    assert ax.get_ylim()[1] >= 1.5 * total[told.rank] * (1.0 - 1e-6)


def test_the_chart_of_temperatures_circles_the_best_of_each_rank(told):
    ax = told.charts["temperature-curves"]
    floor, shown = told.spread_settings[1], sorted({max(1, told.rank // 2), told.rank, 7})
    curves = [line for line in ax.lines if len(line.get_xdata()) > 100]
    grid = np.geomspace(0.01, 100.0, 161)
    assert len(curves) == len(shown)
    circles = drawn(ax, "best, τ*")
    for curve, rank, temperature, height in zip(curves, shown, *circles.get_data(), strict=True):
        close(curve.get_xdata(), grid)
        some = slice(None, None, 40)
        expected = [told.ledger(rank, temperature=value, floor=floor).sum() for value in grid[some]]
        close(curve.get_ydata()[some], expected)
        lowest = int(np.argmin(curve.get_ydata()))
        close([temperature, height], [grid[lowest], curve.get_ydata()[lowest]])
        moved = [told.ledger(rank, temperature=temperature * factor).sum() for factor in (0.9, 1.0, 1.12)]
        assert temperature == grid[0] or np.argmin(moved) == 1
    named = {text.get_text() for text in ax.texts}
    assert {f"r = {rank}" for rank in shown} <= named


CAPTIONS = {
    "error-by-rank": "Error on new rows by how much the student keeps, with one standard error, and the choices above.",
    "risk-by-rank": "Excess risk of the student's predictions by rank, at the recommended mixing; plug-in.",
    "ledger-by-rank": "Divergence of the student's weights from the teacher's posterior by rank, stacked from its "
    "three costs, at the recommended temperature and floor; plug-in.",
    "temperature-curves": "Divergence against the temperature of the soft labels at several ranks, at the recommended "
    "floor; circles mark the best temperature of each rank on the grid; plug-in.",
}


def test_every_chart_stands_in_its_section_with_its_own_caption(told):
    places = {
        "The student": ["error-by-rank"],
        "What smaller students lose in predictions": ["risk-by-rank"],
        "How faithful the student is to the teacher's uncertainty": ["ledger-by-rank", "temperature-curves"],
    }
    for part in told.page:
        expected = [(CAPTIONS[name], CAPTIONS[name], told.files[f"{name}.svg"]) for name in places.get(part.title, [])]
        assert part.images == expected, part.title
