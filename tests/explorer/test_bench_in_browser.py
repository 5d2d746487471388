"""The page as a bench: designs side by side, moved by hand, along any axis, of own spectra, and into a paper."""

from __future__ import annotations

import csv
import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Profile, opened
from matplotlib import pyplot as plt
from pages import design, observed, settled, total, until

import lingauss as lg
from lingauss.explorer import explore
from lingauss.explorer.presets import presets
from lingauss.explorer.subject import describe

pytestmark = pytest.mark.browser


def pin(page: Any, **changes: Any) -> None:
    page.evaluate("(changes) => Explorer.apply(changes)", changes)
    page.get_by_role("button", name="Pin this design").click()
    settled(page)


def executed(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(compile(code, "copied", "exec"), names)  # noqa: S102
    return names


# ---- pin and compare ----


def test_pinned_designs_stand_beside_the_present_one_in_every_view(page: Any) -> None:
    for rank, mixing in ((3, 0.5), (9, 0.0), (12, 1.0)):
        pin(page, student_rank=rank, mixing=mixing)
    assert page.get_by_role("button", name="Three designs are pinned").is_disabled()
    page.evaluate("Explorer.apply({ student_rank: 6 })")
    settled(page)
    code = "Object.fromEntries([...Figures.drawn].map(([id, { figure }]) => [id, figure.layers.concat(figure.marks)]))"
    for view, parts in page.evaluate(code).items():
        names = {part["name"] for part in parts}
        assert {"A: Design A", "B: Design B", "C: Design C"} <= names, view
    case = design().replace(student_rank=3, mixing=0.5)
    marks = {part["name"]: part for part in page.evaluate(code)["ledger"] if "y" in part}
    assert marks["A: Design A"]["y"] == pytest.approx(case.divergence().total, rel=1e-10)
    assert marks["A: Design A"]["x"] == 3


def test_the_comparison_holds_the_librarys_numbers_and_their_differences(page: Any) -> None:
    pin(page, student_rank=3, mixing=0.5)
    page.evaluate("Explorer.apply({ student_rank: 8, mixing: 1, label_noise: 0.7 })")
    settled(page)
    header, *rows = page.evaluate("(({ header, rows }) => [header, ...rows])(Comparison.table(Explorer.scene()))")
    assert header == ["", "unit", "present", "A, Design A", "A minus present"]
    table = {row[0]: row[2:] for row in rows}
    here, held = (
        design().replace(student_rank=rank, mixing=xi, label_noise=nu) for rank, xi, nu in ((8, 1, 0.7), (3, 0.5, 0.5))
    )
    assert set(table) >= {"Student rank r", "Label noise ν", "Mixing ξ"}
    assert "Temperature τ" not in table  # in which they agree
    for name, value in (
        ("divergence", lambda case: case.divergence().total),
        ("bias", lambda case: case.divergence().bias),
        ("rank bottleneck", lambda case: case.divergence().rank_bottleneck),
        ("divergence of predictions", lambda case: case.prediction_divergence().total),
        ("student’s gap", lambda case: case.gaps().student),
        ("teacher’s excess risk", lambda case: case.excess_risk().teacher),
        ("student’s excess risk", lambda case: case.excess_risk().student),
    ):
        expected = [value(here), value(held), value(held) - value(here)]
        assert table[name] == pytest.approx(expected, rel=1e-9)
    shown = page.locator("#comparison tbody tr", has_text="Student rank").inner_text()
    assert "3 (−5)" in shown


def test_who_pays_lists_the_directions_that_differ_most(page: Any) -> None:
    pin(page, student_rank=3)
    page.evaluate("Explorer.apply({ student_rank: 8 })")
    settled(page)
    page.locator("#who-pays > summary").press("Enter")
    until(page, "document.querySelectorAll('#who-pays tbody tr').length === 12")
    here, held = (design().replace(student_rank=rank).by_direction() for rank in (8, 3))
    paid = [np.where(table["kept"], table["retained_cost"], table["discarded_cost"]) for table in (here, held)]
    found = page.evaluate("Comparison.payers(Explorer.scene()).rows")
    assert found[0]["direction"] == 1 + int(np.argmax(np.abs(paid[0] - paid[1])))
    for row in found:
        i = row["direction"] - 1
        assert [row["cost"], *row["others"]] == pytest.approx([paid[0][i], paid[1][i]], rel=1e-9)


def test_pinned_designs_are_named_restored_shared_and_removed(page: Any, profile: Profile, file: Path) -> None:
    pin(page, student_rank=3, mixing=0.25)
    page.evaluate("Explorer.select('power-law')")
    pin(page, student_rank=20)
    name = page.get_by_label("Name of design A")
    name.fill("small & <new>")
    name.press("Enter")
    settled(page)
    until(page, "location.hash.includes('small')")
    again = opened(profile.context, file, page.evaluate("location.hash"))
    pins = again.evaluate("Explorer.state.pins.map(({ letter, name, key, design }) => [letter, name, key, design])")
    assert [(letter, title, key) for letter, title, key, _ in pins] == [
        ("A", "small & <new>", "yours"),
        ("B", "Design B", "power-law"),
    ]
    assert (pins[0][3]["student_rank"], pins[0][3]["mixing"], pins[1][3]["student_rank"]) == (3, 0.25, 20)
    again.get_by_role("button", name="Restore design A").click()
    state = settled(again)
    assert (state["key"], state["student_rank"], state["mixing"]) == ("yours", 3, 0.25)
    again.get_by_role("button", name="Remove design A").click()
    settled(again)
    assert again.evaluate("Explorer.state.pins.length") == 1
    again.close()


def test_copied_python_makes_the_comparison(page: Any) -> None:
    pin(page, student_rank=3, mixing=0.5)
    pin(page, student_rank=9, floor=None)
    page.evaluate("Explorer.apply({ student_rank: 6, mixing: 1 })")
    settled(page)
    names = executed(page.evaluate("Python.comparison(Explorer.scene())"))
    table = lg.compare(names["designs"])
    assert list(table.index) == ["present", "A: Design A", "B: Design B"]
    expected = page.evaluate(
        "[Explorer.scene(), ...Explorer.scene().pins].map(({ answers }) => answers.ledger.total[answers.place])"
    )
    np.testing.assert_allclose(table["divergence"], expected, rtol=1e-10)


# ---- direct manipulation ----


PLACE = """([view, x, y]) => { const { axes } = Figures.drawn.get(view);
  const box = document.getElementById(`figure-${view}`).getBoundingClientRect();
  return [box.x + axes.x.at(x), box.y + axes.y.at(y)]; }"""


def place(page: Any, view: str, x: float, y: float) -> list[float]:
    page.locator(f"#figure-{view}").scroll_into_view_if_needed()
    return page.evaluate(PLACE, [view, x, y])


def test_dragging_over_the_ledger_moves_the_rank(page: Any) -> None:
    page.mouse.move(*place(page, "ledger", 2.2, 1))
    page.mouse.down()
    assert settled(page)["student_rank"] == 2
    page.mouse.move(*place(page, "ledger", 8.9, 1))
    assert settled(page)["student_rank"] == 9
    page.mouse.move(*place(page, "ledger", 30.0, 1))  # beyond the figure
    assert settled(page)["student_rank"] == 12
    page.mouse.up()
    page.mouse.move(*place(page, "ledger", 4.0, 1))
    assert settled(page)["student_rank"] == 12


def test_clicking_on_the_map_moves_rank_and_noise(page: Any) -> None:
    page.mouse.click(*place(page, "map", 2.0, 9.2))
    state = settled(page)
    assert state["student_rank"] == 9
    assert state["label_noise"] == pytest.approx(2.0, rel=0.02)
    assert total(page) == pytest.approx(
        design().replace(student_rank=9, label_noise=state["label_noise"]).divergence().total, rel=1e-10
    )


def test_arrow_keys_move_the_design_on_the_ledger_and_the_map(page: Any) -> None:
    page.locator("#figure-ledger").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert settled(page)["student_rank"] == 7
    page.locator("#figure-map").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    state = settled(page)
    assert state["student_rank"] == 8
    assert state["label_noise"] > 0.5


def test_a_click_on_a_direction_keeps_or_drops_it(page: Any) -> None:
    costs = design().by_direction()
    s = costs["eigenvalue"].to_numpy()
    page.mouse.click(*place(page, "directions", s[9], costs["discarded_cost"].to_numpy()[9]))
    state = settled(page)
    assert state["student_rank"] == 7
    page.mouse.click(*place(page, "directions", s[1], costs["retained_cost"].to_numpy()[1]))
    settled(page)
    kept = [0, 2, 3, 4, 5, 9]
    case = design().replace(bottleneck=lg.Selected(kept))
    assert total(page) == pytest.approx(case.divergence().total, rel=1e-10)
    ledger = page.evaluate("Array.from(Explorer.scene().answers.ledger.total)")
    np.testing.assert_allclose(ledger[:7], case.sweep(student_rank=range(7))["divergence"], rtol=1e-10)
    found = page.evaluate("Explorer.scene().answers.risks.student[Explorer.scene().answers.place]")
    assert found == pytest.approx(case.excess_risk().student, rel=1e-10)
    rebuilt = executed(page.evaluate("Python.snippet(Explorer.scene().subject, Explorer.state.design)"))["case"]
    assert rebuilt.divergence().total == pytest.approx(case.divergence().total, rel=1e-10)
    until(page, "location.hash.includes('order=')")
    fragment = page.evaluate("location.hash")
    page.evaluate("Explorer.select('yours')")
    until(page, "!location.hash.includes('order=')")
    page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    until(page, "Explorer.state.design.order !== null")
    settled(page)
    assert total(page) == pytest.approx(case.divergence().total, rel=1e-10)
    until(page, "!document.getElementById('leading').hidden")
    page.get_by_role("button", name="Keep the leading directions again").click()
    settled(page)
    assert total(page) == pytest.approx(design().divergence().total, rel=1e-10)


def test_a_selected_student_opens_with_its_directions(browser: Any, tmp_path: Path) -> None:
    case = design().replace(bottleneck=lg.Selected([7, 0, 3]))
    page = opened(browser.new_context(), explore(case).save(tmp_path / "page.html"))
    assert total(page) == pytest.approx(case.divergence().total, rel=1e-10)
    ledger = page.evaluate("Array.from(Explorer.scene().answers.ledger.total)")
    np.testing.assert_allclose(ledger[:4], case.sweep(student_rank=range(4))["divergence"], rtol=1e-10)
    page.evaluate("Explorer.apply({ order: null })")
    until(page, "location.hash.includes('order=leading')")
    assert total(page) == pytest.approx(case.replace(bottleneck=lg.Principal(3)).divergence().total, rel=1e-10)
    page.close()


def test_keys_choose_a_direction_and_keep_or_drop_it(page: Any) -> None:
    page.locator("#figure-directions").focus()
    page.keyboard.press("ArrowLeft")  # direction 5: the cursor starts at the last that is kept
    assert "direction 5, kept" in page.locator("#reading-directions").inner_text()
    page.keyboard.press(" ")
    settled(page)
    case = design().replace(bottleneck=lg.Selected([0, 1, 2, 3, 5]))
    assert total(page) == pytest.approx(case.divergence().total, rel=1e-10)


# ---- objectives ----


def test_the_objective_decides_what_is_best(page: Any) -> None:
    page.get_by_label("Objective").select_option("excess_risk")
    page.get_by_label("Tolerance").fill("20")
    page.get_by_label("Tolerance").press("Enter")
    page.get_by_role("button", name="Best rank", exact=True).click()
    best = design().optimize(over=["student_rank"], objective="excess_risk", tolerance=0.2)
    assert settled(page)["student_rank"] == best.settings["student_rank"]
    until(page, "document.getElementById('summary').textContent.includes('best rank for student’s excess risk')")
    until(page, "location.hash.includes('objective=excess_risk') && location.hash.includes('tolerance=0.2')")
    page.get_by_label("Rank budget").fill("2")
    page.get_by_label("Rank budget").press("Enter")
    page.get_by_role("button", name="Best rank", exact=True).click()
    assert settled(page)["student_rank"] <= 2
    for field, nonsense in (("Tolerance", "-3"), ("Rank budget", "1.5")):
        page.get_by_label(field).fill(nonsense)
        page.get_by_label(field).press("Enter")
        assert field in page.get_by_role("alert").first.inner_text()
    page.evaluate("Explorer.state.wish = { objective: 'divergence', tolerance: 0, budget: null }")


def test_objectives_that_a_problem_lacks_cannot_be_chosen(page: Any) -> None:
    page.get_by_label("Objective").select_option("excess_risk")
    page.evaluate("Explorer.select('observed')")
    settled(page)
    assert page.evaluate("Explorer.state.wish.objective") == "divergence"
    assert page.locator("#objective option[value=excess_risk]").is_disabled()
    page.get_by_label("Objective").select_option("prediction_divergence")
    page.get_by_role("button", name="Best rank", exact=True).click()
    best = observed().optimize(over=["student_rank"], objective="prediction_divergence")
    assert settled(page)["student_rank"] == best.settings["student_rank"]
    page.get_by_label("Objective").select_option("divergence")


# ---- along an axis ----


def test_the_sixth_view_draws_a_quantity_along_an_axis_for_all_designs(page: Any) -> None:
    pin(page, mixing=0.5)
    page.evaluate("Explorer.apply({ mixing: 1 })")
    page.get_by_label("Draw", exact=True).select_option("student_excess_risk")
    page.get_by_label("against", exact=True).select_option("student_penalty")
    settled(page)
    layers = page.evaluate("Figures.drawn.get('axis').figure.layers")
    here, held = layers
    for layer, mixing in ((here, 1.0), (held, 0.5)):
        swept = design().replace(mixing=mixing).sweep(student_penalty=layer["x"], quantities=["student_excess_risk"])
        np.testing.assert_allclose(layer["y"], swept["student_excess_risk"], rtol=1e-10)
    marks = page.evaluate("Figures.drawn.get('axis').figure.marks")
    least = [mark for mark in marks if mark["name"] == "least"]
    assert [mark["y"] for mark in least] == [min(here["y"]), min(held["y"])]
    until(page, "location.hash.includes('axis=student_penalty')")
    for axis, quantity in (("rounds", "divergence"), ("teacher_steps", "student_excess_risk"), ("draws", "bias")):
        page.get_by_label("against", exact=True).select_option(axis)
        page.get_by_label("Draw", exact=True).select_option(quantity)
        settled(page)
        assert len(page.evaluate("Figures.drawn.get('axis').figure.layers")) == 2
    page.get_by_label("Draw", exact=True).select_option("teacher_gap")
    page.get_by_label("against", exact=True).select_option("rounds")
    settled(page)
    assert "Choose another quantity" in page.locator("#note-axis").inner_text()
    page.evaluate("Explorer.state.axis = { name: 'temperature', quantity: 'divergence' }")


# ---- own spectra ----


def use(page: Any, text: str) -> None:
    if page.locator("#own").is_hidden():
        page.get_by_role("button", name="Your spectrum").click()
    page.get_by_label("Eigenvalues and signal, one direction per line").fill(text)
    page.get_by_role("button", name="Use this spectrum").click()
    settled(page)


CURVE = """() => { const { quantity, found } = AxisView.curves(Explorer.scene());
  return found.map(({ x, y, design, subject }) =>
    [Array.from(y), x.map((value) => quantity.at(subject, { ...design, [Explorer.state.axis.name]: value }))]);
}"""


def test_a_curve_that_is_kept_is_the_one_that_would_be_computed(page: Any) -> None:
    """Whatever moves: the rank, the axis's own setting, others, and back; alone and with a pinned design."""
    page.evaluate("Explorer.state.axis = { name: 'temperature', quantity: 'divergence' }")
    moves = [{"student_rank": 3}, {"temperature": 7.0}, {"student_penalty": 2.0}, {"student_rank": 9}, {"draws": 5}]
    for place, move in enumerate([*moves, {"student_penalty": 5.0, "draws": 2}, {"label_noise": 0.2}]):
        page.evaluate("(move) => Explorer.apply(move)", move)
        if place == 2:
            page.get_by_role("button", name="Pin this design").click()
        settled(page)
        curves = page.evaluate(CURVE)
        assert len(curves) == 1 + (place >= 2)
        for kept, fresh in curves:
            np.testing.assert_allclose(kept, fresh, rtol=1e-12)


def test_a_typed_spectrum_is_a_problem_like_any_other(page: Any, profile: Profile, file: Path) -> None:
    use(page, "1")
    page.locator("#own-samples").fill("40")
    use(page, "s,w\n1.5,0.25\n100, 1\n 9;2\n\n")
    state = settled(page)
    assert state["key"] == "own"
    problem = lg.Problem.from_spectrum([100, 9, 1.5], [1, 2, 0.25], n_samples=40, label_noise=0.5)
    case = lg.Distillation(
        problem,
        lg.Ridge(state["teacher_penalty"]),
        lg.Ridge(state["student_penalty"]),
        lg.Principal(state["student_rank"]),
    )
    assert total(page) == pytest.approx(case.divergence().total, rel=1e-10)
    until(page, "location.hash.includes('own=')")
    again = opened(profile.context, file, page.evaluate("location.hash"))
    assert settled(again)["key"] == "own"
    assert total(again) == pytest.approx(case.divergence().total, rel=1e-10)
    again.close()
    page.locator("#own-samples").fill("")
    page.get_by_role("button", name="Your spectrum").click()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "got none"),
        ("1 2 3\n4 5 6", "columns"),
        ("1 2\n3", "columns in line 2"),
        ("-1\n2", "Eigenvalues and signals are squares"),
        ("1\nabc", "“abc” in line 2"),
        ("0\n0", "eigenvalue above 0"),
        ("1e999\n1", "finite"),
        ("1 " * 5000, "at most 4096"),
    ],
)
def test_what_is_no_spectrum_is_refused_with_its_place(page: Any, text: str, words: str) -> None:
    before = settled(page)
    use(page, text)
    assert words in page.locator("#own-objection").inner_text()
    assert settled(page) == before


def test_power_laws_and_files_fill_the_spectrum(page: Any, tmp_path: Path) -> None:
    use(page, "3")
    for field, value in (("law-size", "32"), ("law-top", "500"), ("law-decay", "1.5"), ("law-signal", "0.5")):
        page.locator(f"#{field}").fill(value)
    page.get_by_role("button", name="Use this power law").click()
    settled(page)
    subject = page.evaluate("Explorer.scene().subject")
    index = np.arange(1.0, 33.0)
    np.testing.assert_allclose(subject["eigenvalues"], 500 * index**-1.5, rtol=1e-12)
    np.testing.assert_allclose(subject["signal"], index**-0.5, rtol=1e-12)
    path = tmp_path / "spectrum.csv"
    path.write_text("eigenvalue\n4\n8\n", encoding="utf-8")
    page.locator("#own-file").set_input_files(path)
    until(page, "Explorer.scene().subject.eigenvalues.length === 2")
    assert page.evaluate("Explorer.scene().subject.eigenvalues") == [8, 4]
    page.evaluate(
        """() => { const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["s;w\\n6;1\\n5;2\\n3;3\\n"], "dropped.csv"));
          document.getElementById("own").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true })); }"""
    )
    until(page, "Explorer.scene().subject.eigenvalues.length === 3")
    assert page.evaluate("Explorer.scene().subject.signal") == [1, 2, 3]
    page.get_by_role("button", name="Your spectrum").click()


# ---- into the paper ----


def fetched(page: Any, tmp_path: Path, label: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=label, exact=True).click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_bytes()


def test_pictures_carry_legend_settings_and_units_at_the_width_of_a_column(page: Any, tmp_path: Path) -> None:
    pin(page, student_rank=3)
    for inches, choice in ((3.5, "single column"), (7.0, "double column")):
        page.get_by_label("Save as").select_option(label=choice)
        svg = fetched(page, tmp_path, "Ledger by rank: download the picture as SVG").decode()
        for words in ("rank bottleneck", "best rank", "present design", "A: Design A", "divergence (nats)", "ν = 0.5"):
            assert f"{words}" in svg
        assert f'width="{96 * inches:g}"' in svg
        png = fetched(page, tmp_path, "Ledger by rank: download the picture as PNG")
        width, height = struct.unpack(">II", png[16:24])
        assert width == round(300 * inches)
        assert height > 600
    svg = fetched(page, tmp_path, "Rank and label noise: download the picture as SVG").decode()
    assert "data:image/png;base64," in svg
    assert "nats" in svg
    page.get_by_label("Save as").select_option(label="single column")


def test_downloaded_numbers_are_the_librarys_with_all_their_digits(page: Any, tmp_path: Path) -> None:
    data = fetched(page, tmp_path, "Ledger by rank: download the data as CSV").decode()
    rows = list(csv.reader(data.splitlines()))
    assert rows[0][-1] == "divergence (nats)"
    found = np.array(rows[1:], dtype=float)
    np.testing.assert_allclose(found[:, -1], design().sweep(student_rank=range(13))["divergence"], rtol=1e-10)
    data = fetched(page, tmp_path, "Rank and label noise: download the data as CSV").decode()
    grid = list(csv.DictReader(io.StringIO(data)))
    assert len(grid) == 13 * 41
    noises = [float(row["label noise ν"]) for row in grid[:41]]
    swept = design().sweep(student_rank=range(13), label_noise=noises)["divergence"]
    found = np.array([float(row["divergence (nats)"]) for row in grid]).reshape(13, 41)
    np.testing.assert_allclose(found, swept, rtol=1e-10)
    assert sum(row["best rank at this noise"] == "yes" for row in grid) == 41


@pytest.mark.parametrize("view", ["ledger", "map", "directions", "gaps", "risks", "axis"])
def test_copied_matplotlib_code_draws_the_view(
    page: Any, view: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    code = page.evaluate("(view) => Python.chart(view, Explorer.scene(), 3.5)", view)
    names = executed(code)
    assert (tmp_path / f"lingauss-{view}.pdf").stat().st_size > 1000
    assert names["ax"].get_xlabel()
    assert names["figure"].get_figwidth() == 3.5
    plt.close(names["figure"])


@pytest.mark.parametrize(
    ("axis", "quantity"),
    [("rounds", "student_excess_risk"), ("teacher_steps", "divergence"), ("student_steps", "student_gap")],
)
def test_copied_code_draws_the_same_curve_along_rounds_and_steps(
    page: Any, axis: str, quantity: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    page.evaluate("([name, quantity]) => { Explorer.state.axis = { name, quantity }; }", [axis, quantity])
    settled(page)
    names = executed(page.evaluate("Python.chart('axis', Explorer.scene(), 3.5)"))
    (line,) = names["ax"].get_lines()
    (layer,) = page.evaluate("Figures.drawn.get('axis').figure.layers")
    np.testing.assert_allclose(line.get_xdata(), layer["x"])
    np.testing.assert_allclose(line.get_ydata(), layer["y"], rtol=1e-8)
    plt.close(names["figure"])
    page.evaluate("Explorer.state.axis = { name: 'temperature', quantity: 'divergence' }")


DRAWN = """({ subject, axis }) => {
  const wish = { objective: "unseen_risk", tolerance: 0, budget: null };
  const scene = Scene.of({ key: "drawn", design: subject.design, pins: [], wish, axis }, { drawn: subject });
  const lines = RisksView.figure(scene).layers.map(({ name, y }) => [name, Array.from(y)]);
  return {
    axis: [Python.chart("axis", scene, 3.5), Array.from(AxisView.figure(scene).layers[0].y)],
    risks: [Python.chart("risks", scene, 3.5), Object.fromEntries(lines)],
    snippet: Python.snippet(subject, subject.design),
  };
}"""


@pytest.mark.filterwarnings("ignore::lingauss.errors.EquivalentWarning")  # of few rows
@pytest.mark.parametrize("axis", ["mixing", "n_samples", "student_rank"])
def test_copied_code_knows_inputs_that_are_drawn(
    page: Any, axis: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    subject = describe(presets()["power-law"])
    subject["n_samples"] = subject["design"]["n_samples"] = 80
    chosen = {"name": axis, "quantity": "student_unseen_risk"}
    found = page.evaluate(DRAWN, {"subject": subject, "axis": chosen})
    code, values = found["axis"]
    names = executed(code)
    np.testing.assert_allclose(names["ax"].get_lines()[0].get_ydata(), values, rtol=1e-8)
    code, lines = found["risks"]
    drawn = {line.get_label(): line.get_ydata() for line in executed(code)["ax"].get_lines()}
    student, teacher = (lines[f"{learner}, unseen inputs"] for learner in ("student", "teacher"))
    np.testing.assert_allclose(drawn["student, unseen inputs"], student, rtol=1e-8)
    np.testing.assert_allclose(drawn["teacher, unseen inputs"], teacher[-1], rtol=1e-8)
    risk = executed(found["snippet"])["drawn"].excess_risk()
    np.testing.assert_allclose([risk.student, risk.teacher], [student[subject["design"]["student_rank"]], teacher[-1]])
    plt.close("all")


def test_subject_data_in_the_address_is_only_numbers(page: Any) -> None:
    use(page, "5 1\n3 2")
    until(page, "decodeURIComponent(location.hash).includes('[5,3]')")
    own = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('own')")
    assert json.loads(own) == [[5, 3], [1, 2], 8, 1, 0.5]
    page.get_by_role("button", name="Your spectrum").click()
