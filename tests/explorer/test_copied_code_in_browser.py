"""Code that is copied from the page, and the line of settings under its pictures."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from pages import QUANTITIES, design, long, settled

import lingauss as lg

pytestmark = pytest.mark.browser


def executed(code: str, **names: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"print": lambda *_: None, **names}
    exec(compile(code, "copied", "exec"), found)  # noqa: S102
    return found


OWN = {
    "student_rank": 1500, "label_noise": 0.3, "temperature": 2.5, "mixing": 0.4, "floor": 0.02, "draws": 3,
    "n_samples": 7000, "teacher_penalty": 11.0, "teacher_temperature": 1.7, "student_penalty": 4.0,
    "student_temperature": 0.6,
}  # fmt: skip


def test_copied_changes_of_a_long_spectrum_have_every_setting(page: Any) -> None:
    page.evaluate("Explorer.select('long')")
    rank = page.evaluate("Explorer.subjects.long.bins.ranks.find((rank) => rank > 1200)")
    settings = OWN | {"student_rank": rank}
    page.evaluate("(settings) => Explorer.apply(settings)", settings)
    settled(page)
    case = executed(page.evaluate("Python.snippet(Explorer.scene().subject, Explorer.state.design)"), case=long())[
        "case"
    ]
    teacher, student = lg.Ridge(11.0, 1.7), lg.Ridge(4.0, 0.6)
    assert (case.teacher, case.student, case.rank, case.floor, case.draws) == (teacher, student, rank, 0.02, 3)
    assert (case.temperature, case.mixing, case.problem.label_noise, case.problem.n_samples) == (2.5, 0.4, 0.3, 7000)
    code = page.evaluate("Python.chart('ledger', Explorer.scene(), 3.5)")
    ranks = list(map(str, page.evaluate("Explorer.subjects.long.bins.ranks")))
    assert f"student_rank=[{', '.join(ranks)}]" in code
    code = page.evaluate("Python.chart('gaps', Explorer.scene(), 3.5)")
    assert f'"student_rank", [{", ".join(ranks[1:])}])' in code


DRAWN = (
    ("student_rank", "divergence"), ("label_noise", "bias"), ("mixing", "rank_bottleneck"),
    ("draws", "prediction_divergence"), ("student_penalty", "teacher_excess_risk"), ("rounds", "student_excess_risk"),
    ("teacher_steps", "student_gap"), ("student_steps", "divergence"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "quantity"), DRAWN)
def test_code_of_the_sixth_view_names_its_axes_and_scales(
    page: Any, name: str, quantity: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: None)
    page.evaluate("([name, quantity]) => { Explorer.state.axis = { name, quantity }; }", [name, quantity])
    page.evaluate("Explorer.apply({ teacher_noise: 0.8, student_noise: 0.3 })")
    settled(page)
    label = page.evaluate("(name) => Axes.byName[name].label", name)
    widths = {3.5: 2.5, 4: 2.5, 7: 3.5}
    for width, height in widths.items() if name == "mixing" else [(7, 3.5)]:
        found = executed(page.evaluate("(width) => Python.chart('axis', Explorer.scene(), width)", width))
        axes = found["ax"]
        assert tuple(found["figure"].get_size_inches()) == (width, height)
        assert (axes.get_xlabel(), axes.get_ylabel()) == (label, "{} ({})".format(*QUANTITIES[quantity]))
        assert axes.get_xscale() == ("linear" if name in ("mixing", "student_rank", "rounds") else "log")
        drawn = page.evaluate("Figures.drawn.get('axis').figure.layers[0]")
        np.testing.assert_allclose(axes.get_lines()[0].get_xdata(), drawn["x"])
        np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), drawn["y"], rtol=1e-7)
        plt.close("all")
    page.evaluate("Explorer.state.axis = { name: 'temperature', quantity: 'divergence' }")


def test_code_of_views_of_selected_directions_goes_up_to_what_is_kept(page: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: None)
    order = [7, 0, 3, *(i for i in range(12) if i not in (7, 0, 3))]
    page.evaluate("(order) => Explorer.apply({ order: Int32Array.from(order), student_rank: 3 })", order)
    settled(page)
    case = design().replace(bottleneck=lg.Selected([7, 0, 3]))
    for view, first in (("ledger", 0), ("gaps", 1), ("risks", 0)):
        found = executed(page.evaluate("(view) => Python.chart(view, Explorer.scene(), 3.5)", view))
        assert found["case"].bottleneck == case.bottleneck
        lines = [np.asarray(line.get_xdata(), float) for line in found["ax"].lines if len(line.get_xdata()) > 1]
        assert any(np.array_equal(np.unique(xs), np.arange(first, 4)) for xs in lines), view
        plt.close("all")


def test_the_line_under_a_picture_tells_noises_and_selected_directions(page: Any) -> None:
    order = [1, 0, *range(2, 12)]
    changes = {"teacher_noise": 0.31, "student_noise": 0.83, "floor": None}
    page.evaluate(
        "([changes, order]) => Explorer.apply({ ...changes, order: Int32Array.from(order) })", [changes, order]
    )
    settled(page)
    told = page.evaluate(
        """() => { const words = []; const { asSvg } = Pens;
             Pens.asSvg = () => { const pen = asSvg(); const { text } = pen;
               return { ...pen, text: (x, y, said, style) => { words.push(said); text(x, y, said, style); } }; };
             const { createObjectURL } = URL, { click } = HTMLAnchorElement.prototype;
             URL.createObjectURL = () => "#"; HTMLAnchorElement.prototype.click = () => {};
             Downloads.picture(ViewPanels.list[0], Explorer.scene(), "svg", 7);
             Object.assign(Pens, { asSvg }); URL.createObjectURL = createObjectURL;
             HTMLAnchorElement.prototype.click = click;
             return words.join(" "); }"""
    )
    assert re.search(
        r"d = 12, k = 2, r = 6, ν = 0\.5, τ = 3, ξ = 1, m = 2, φ = prior, n = 120, λ of teacher = 20, "
        r"λ of student = 5, "
        r"τ of teacher = 1, τ of student = 0\.25, σ of teacher = 0\.31, σ of student = 0\.83, selected directions\.$",
        told,
    ), told
