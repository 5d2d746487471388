"""The page under the hand: controls, presets, buttons, address, copies, and every reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Profile, opened
from pages import CONTROLS, HOSTILE, design, elsewhere, library_total, long, observed, settled, tied, total, until

import lingauss as lg
from lingauss.explorer import explore

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_moves_the_design_by_keyboard_alone(page: Any, name: str) -> None:
    before = settled(page)
    slider = page.get_by_role("slider", name=CONTROLS[name], exact=False).and_(page.locator(f"#set-{name}"))
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    after = settled(page)
    assert after[name] > before[name]
    assert {key for key in after if after[key] != before[key]} == {name}
    assert float(page.get_by_label(f"{CONTROLS[name]}, exact value", exact=True).input_value()) == after[name]
    assert slider.get_attribute("aria-valuetext").split()[0] in page.evaluate(
        "(value) => Format.number(value)", after[name]
    )
    assert total(page) == pytest.approx(library_total(design(), after), rel=1e-10)


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_takes_an_exact_number_and_refuses_nonsense(page: Any, name: str) -> None:
    exact = {"student_rank": 9, "draws": 17, "n_samples": 333}.get(name, 0.123456789012345)
    number = page.get_by_label(f"{CONTROLS[name]}, exact value", exact=True)
    number.fill(str(exact))
    number.press("Enter")
    state = settled(page)
    assert state[name] == exact
    assert page.locator("#objection").inner_text() == ""
    assert total(page) == pytest.approx(library_total(design(), state), rel=1e-10)
    for nonsense in ("", "abc", "-1e999"):
        number.fill(nonsense)
        number.press("Enter")
        assert settled(page)[name] == exact
        assert CONTROLS[name] in page.get_by_role("alert").inner_text()


def test_a_floor_can_follow_the_students_prior(page: Any) -> None:
    box = page.get_by_label("the student’s prior variance")
    box.check()
    state = settled(page)
    assert state["floor"] is None
    assert page.locator("#set-floor").is_disabled()
    assert total(page) == pytest.approx(library_total(design(), state), rel=1e-10)
    box.uncheck()
    assert settled(page)["floor"] == 0.01


def test_a_design_without_a_law_is_explained_and_not_taken(page: Any) -> None:
    page.get_by_label("the student’s prior variance").check()
    number = page.get_by_label("Student temperature, exact value")
    number.fill("0")
    number.press("Enter")
    assert settled(page)["student_temperature"] == 0.25
    assert "prior variance" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize(("key", "rank"), [("digits", 32), ("power-law", 32), ("lossless", 64), ("yours", 6)])
def test_presets_open_with_their_design(page: Any, key: str, rank: int) -> None:
    page.get_by_label("Problem").select_option(key)
    state = settled(page)
    assert (state["key"], state["student_rank"]) == (key, rank)
    if key == "lossless":
        assert abs(total(page)) < 1e-20
    assert page.evaluate("document.querySelectorAll('.figure canvas').length") == 6


@pytest.mark.parametrize("what", ["rank", "temperature", "floor", "mixing"])
def test_buttons_find_the_optimisers_settings(page: Any, what: str) -> None:
    page.get_by_role("button", name=f"Best {what}", exact=True).click()
    name = "student_rank" if what == "rank" else what
    best = design().optimize(over=[name])
    assert settled(page)[name] == pytest.approx(best.settings[name], rel=1e-6)
    assert total(page) == pytest.approx(best.value, rel=1e-9)


def test_the_process_is_an_objective_of_pure_distillation(page: Any) -> None:
    page.get_by_label("Objective").select_option("process")
    case = design()
    for what in ("rank", "temperature"):
        page.get_by_role("button", name=f"Best {what}", exact=True).click()
        settled(page)
    found = page.evaluate("Explorer.state.design")
    case = case.optimize(over=["student_rank"], objective="process").design
    case = case.optimize(over=["temperature"], objective="process").design
    assert (found["student_rank"], found["temperature"]) == (case.rank, pytest.approx(case.temperature, rel=1e-9))
    shown = page.evaluate("(value) => Format.number(value)", case.process_ledger().total)
    assert page.locator("#value-process_total").inner_text() == shown
    assert "for process" in page.locator("#summary").inner_text() or page.evaluate(
        "Readouts.summary(Explorer.scene()).includes('for process')"
    )
    page.evaluate("Explorer.apply({ mixing: 0.5 })")
    settled(page)
    assert page.get_by_label("Objective").input_value() == "divergence"
    assert "pure distillation" in page.get_by_role("alert").inner_text()
    assert page.locator("#value-process_total").inner_text() == "–"
    page.get_by_label("Objective").select_option("process")
    assert "pure distillation" in page.get_by_role("alert").inner_text()
    page.locator("#axis-quantity").select_option("process_total")
    page.locator("#axis-name").select_option("mixing")
    settled(page)
    assert "pure distillation" in page.locator("#note-axis").inner_text()
    page.evaluate("Explorer.state.axis = { name: 'temperature', quantity: 'divergence' }")


def test_the_best_of_all_is_no_worse_than_the_optimiser_and_can_be_undone(page: Any) -> None:
    start = settled(page)
    page.get_by_role("button", name="Best of all").click()
    best = design().optimize(over=["student_rank", "temperature", "floor"])
    settled(page)
    assert total(page) <= best.value
    page.get_by_role("button", name="Reset").click()
    assert settled(page) == start


def test_the_address_holds_the_state(page: Any, profile: Profile, file: Path) -> None:
    page.evaluate("Explorer.apply({ student_rank: 4, label_noise: 0.7123, mixing: -0.25, floor: null, draws: 5 })")
    state = settled(page)
    until(page, "location.hash.includes('draws=5')")
    again = opened(profile.context, file, page.evaluate("location.hash"))
    assert settled(again) == state
    again.evaluate("location.hash = '#subject=power-law&student_rank=11'")
    until(again, "Explorer.state.key === 'power-law'")
    assert settled(again)["student_rank"] == 11
    again.close()


@pytest.mark.parametrize("fragment", ["#nonsense", "#subject=none&student_rank=-3&label_noise=x&draws=1.5", "#%%%"])
def test_an_address_that_makes_no_sense_opens_the_starting_design(page: Any, fragment: str) -> None:
    page.evaluate("Explorer.select('power-law')")
    page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    until(page, "Explorer.state.key === 'yours'")
    state = settled(page)
    assert (state["student_rank"], state["label_noise"], state["draws"]) == (6, 0.5, 2)


def rebuilt(page: Any) -> lg.Distillation:
    """The design that the page's Python makes."""
    code = page.evaluate("Python.snippet(Explorer.scene().subject, Explorer.state.design)")
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(compile(code, "copied", "exec"), names)  # noqa: S102
    return names["case"]


ANSWERS = """(() => {
  const { ledger, gaps, risks } = Answers.of(Explorer.scene().subject, Explorer.state.design);
  return { ledger, gaps, risks };
})()"""


def assert_same_numbers(page: Any, case: lg.Distillation) -> None:
    found = page.evaluate(ANSWERS)
    rank = case.rank
    cells = np.array([column[str(rank)] if isinstance(column, dict) else column[rank] for column in _cells(found)])
    ledger = case.divergence()
    np.testing.assert_allclose(cells.reshape(2, 3), ledger.cells, rtol=1e-10, atol=1e-10 * ledger.total)
    assert _at(found["gaps"]["student"], rank) == pytest.approx(case.gaps().student, rel=1e-10)
    if found["risks"]:
        assert _at(found["risks"]["student"], rank) == pytest.approx(case.excess_risk().student, rel=1e-10)


def _cells(found: dict[str, Any]) -> list[Any]:
    return list(found["ledger"]["cells"])


def _at(column: Any, index: int) -> float:
    return float(column[str(index)] if isinstance(column, dict) else column[index])


@pytest.mark.parametrize("key", ["yours", "digits", "power-law", "lossless"])
def test_copied_python_gives_the_same_numbers(page: Any, key: str) -> None:
    page.evaluate("(key) => Explorer.select(key)", key)
    page.evaluate(
        "Explorer.apply({ n_samples: 700, label_noise: 0.4, temperature: 2.5, student_rank: 5, floor: null })"
    )
    state = settled(page)
    case = rebuilt(page)
    assert (case.rank, case.temperature, case.problem.n_samples) == (5, 2.5, 700)
    assert (case.teacher.penalty, case.student.temperature) == (state["teacher_penalty"], state["student_temperature"])
    assert_same_numbers(page, case)


def test_copied_python_of_observed_labels_gives_the_same_numbers(page: Any) -> None:
    page.evaluate("Explorer.select('observed')")
    case = rebuilt(page)
    assert_same_numbers(page, case)
    assert case.problem.mode == "observed"
    assert case.divergence().total == pytest.approx(observed().divergence().total, rel=1e-10)


@pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")
def test_tied_observed_directions_are_copied_in_order(page: Any) -> None:
    page.evaluate("Explorer.select('tied')")
    for rank in range(5):
        page.evaluate("(rank) => Explorer.apply({ student_rank: rank })", rank)
        case = rebuilt(page)
        assert_same_numbers(page, case)
        assert case.divergence().total == pytest.approx(
            tied().replace(bottleneck=lg.Principal(rank), floor=None).divergence().total, rel=1e-10
        )


def test_the_copy_button_shows_the_code_and_says_what_it_did(page: Any) -> None:
    page.get_by_role("button", name="Copy as Python").click()
    until(page, "document.getElementById('copied').textContent !== ''")
    assert "lg.Distillation(" in page.locator("#python-code").inner_text()


def test_moving_a_control_redraws_every_view(page: Any) -> None:
    pictures = "Array.from(document.querySelectorAll('.figure canvas'), (canvas) => canvas.toDataURL())"
    before = page.evaluate(pictures)
    page.locator("#set-temperature").focus()
    page.keyboard.press("End")
    settled(page)
    assert len(before) == 6
    assert all(old != new for old, new in zip(before, page.evaluate(pictures), strict=True))


DRAWN = """(id) => { const { layers, marks } = Figures.drawn.get(id).figure;
  return [...layers, ...marks].map(({ name, x, y, values }) => ({ name, x, y, values })); }"""


def drawn(page: Any, view: str) -> dict[str, dict[str, Any]]:
    return {layer["name"]: layer for layer in page.evaluate(DRAWN, view)}


def test_drawn_curves_are_the_numbers(page: Any) -> None:
    page.evaluate("Explorer.apply({ label_noise: 0.31, student_rank: 4 })")
    settled(page)
    case = design().replace(label_noise=0.31, student_rank=4)
    swept = case.sweep(
        student_rank=range(13), quantities=["divergence", "variance", "student_gap", "student_excess_risk"]
    )
    ledger = drawn(page, "ledger")
    np.testing.assert_allclose(ledger["variance"]["y"], swept["variance"], rtol=1e-10)
    np.testing.assert_allclose(ledger["divergence"]["y"], swept["divergence"], rtol=1e-10)
    assert ledger["present design"]["x"] == 4
    for view, curve, quantity in (
        ("gaps", "exact, student", "student_gap"),
        ("risks", "student", "student_excess_risk"),
    ):
        np.testing.assert_allclose(drawn(page, view)[curve]["y"], swept[quantity], rtol=1e-10)
    table = case.by_direction()
    curves = drawn(page, "directions")
    np.testing.assert_allclose(curves["dropped"]["y"][4:], table["discarded_cost"][4:], rtol=1e-10)
    np.testing.assert_allclose(curves["if dropped"]["y"][:4], table["discarded_cost"][:4], rtol=1e-10)
    assert curves["dropped"]["y"][:4] == [None] * 4
    noises = drawn(page, "map")
    assert (noises["present design"]["x"], noises["present design"]["y"]) == (0.31, 4)
    path = noises["best rank at each noise"]
    best = case.replace(label_noise=path["x"][20]).optimize(over=["student_rank"])
    assert path["y"][20] == best.settings["student_rank"]


MARKS = """(id) => { const { figure, axes } = Figures.drawn.get(id);
  return figure.marks.map((mark) => ({ name: mark.name, ...Plot.placeMark(axes, mark),
    left: axes.left, right: axes.right, top: axes.top, bottom: axes.bottom })); }"""


@pytest.mark.parametrize("rank", [0, 1, 12])
@pytest.mark.parametrize("noise", [1e-9, 0.05, 5.0, 1e9])
def test_marks_never_leave_a_figure(page: Any, rank: int, noise: float) -> None:
    """Beyond an axis they stand on its edge, where an arrow says the value."""
    page.evaluate("([rank, noise]) => Explorer.apply({ student_rank: rank, label_noise: noise })", [rank, noise])
    settled(page)
    for view in ("ledger", "map", "gaps", "risks", "axis"):
        marks = page.evaluate(MARKS, view)
        assert any(mark["name"] == "present design" for mark in marks)
        for mark in marks:
            assert mark["left"] <= mark["x"] <= mark["right"]
            assert mark["top"] <= mark["y"] <= mark["bottom"]


def test_tables_stand_in_for_every_figure(page: Any) -> None:
    counts = {"ledger": 13, "map": 41, "directions": 12, "gaps": 13, "risks": 13, "axis": 61}
    for view, rows in counts.items():
        page.locator(f"#table-{view} > summary").press("Enter")
        until(page, f"document.querySelectorAll('#table-{view} tbody tr').length === {rows}")
    first = page.locator("#table-ledger tbody tr").nth(6).locator("td").last.inner_text()
    assert first == page.locator("#value-divergence").inner_text()


def test_the_summary_is_spoken_after_a_rest(page: Any) -> None:
    status = page.locator("#summary[role=status][aria-live=polite]")
    page.evaluate("Explorer.apply({ student_rank: 3 })")
    until(page, "document.getElementById('summary').textContent.startsWith('Rank 3:')")
    best = design().optimize(over=["student_rank"]).settings["student_rank"]
    assert f"best rank is {best}" in status.inner_text()


def test_everything_that_acts_has_a_name(page: Any) -> None:
    nameless = page.evaluate(
        """() => Array.from(document.querySelectorAll("button, input, select, summary, [tabindex='0']"))
             .filter((node) => !(node.getAttribute("aria-label") || node.labels?.length || node.textContent.trim()))
             .map((node) => node.outerHTML)"""
    )
    assert nameless == []
    assert page.locator("html").get_attribute("lang") == "en"
    ids = page.evaluate(
        "Array.from(document.querySelectorAll('body > :not(main) [id], aside [id]'), (node) => node.id)"
    )
    assert len(ids) == len(set(ids))


PLACE = """([view, x, y]) => { const { axes } = Figures.drawn.get(view);
  const box = document.getElementById(`figure-${view}`).getBoundingClientRect();
  return [box.x + axes.x.at(x), box.y + axes.y.at(y)]; }"""


def point_at(page: Any, view: str, x: float, y: float) -> None:
    page.locator(f"#figure-{view}").scroll_into_view_if_needed()
    across, down = page.evaluate(PLACE, [view, x, y])
    page.mouse.move(across - 3, down)
    page.mouse.move(across, down)


def test_the_formula_of_the_thing_under_the_pointer_is_shown(page: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    risk = page.evaluate("Explorer.scene().answers.risks.student[8]")
    point_at(page, "risks", 8, risk)
    page.wait_for_selector("#formula[data-shown=student_risk]")
    assert "student" in page.locator("#formula-value").inner_text()
    assert page.locator("#reading-risks").inner_text() == page.locator("#formula-value").inner_text()
    page.locator("#view-gaps").get_by_role("button", name="variance proxy", exact=True).focus()
    page.wait_for_selector("#formula[data-shown=universal_bound]")
    assert page.locator("#formula-title").inner_text() == "Bound on the difference of the gaps"
    assert page.locator("#formula-body math").count() >= 1
    assert page.locator("#formula-body math msqrt").first.bounding_box()["width"] > 5


def test_every_symbol_is_defined_and_has_its_present_value(page: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.locator("#readout").get_by_role("button", name="bias").click()
    page.wait_for_selector("#formula[data-shown=retained_bias]")
    rows = [row.locator("td").all_inner_texts() for row in page.locator("#formula-symbols tr").all()]
    shown = {meaning: value for _, meaning, value in rows}
    assert all(shown.values())
    assert shown["student's penalty"] == "5"
    assert shown["eigenvalue of the Gram matrix"] == "50"  # of direction 6, the last that is kept
    bias = page.evaluate("Explorer.scene().answers.costs.columns[0][5]")
    assert shown["bias of one direction, nats"] == page.evaluate("(value) => Format.number(value)", bias)
    assert "direction 6, which is kept" in page.locator("#formula-symbols caption").inner_text()


def test_the_map_says_what_is_under_the_pointer(page: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    noise = page.evaluate("Explorer.scene().map.noises[8]")  # far from the path of the best rank
    point_at(page, "map", noise, 2)
    page.wait_for_selector("#formula[data-shown=retained_cost]")
    value = design().replace(label_noise=noise, student_rank=2).divergence().total
    text = page.evaluate("(value) => Format.number(value)", value)
    assert page.locator("#formula-value").inner_text() == f"rank 2, ν = {noise:.3g}: {text} nats"


def test_the_map_is_painted_from_its_numbers(page: Any) -> None:
    shape, pixels, costs = page.evaluate(
        """() => { const canvas = Explorer.scene().map.picture; const { width, height } = canvas;
             const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
             return [[height, width, 4], [...data], Explorer.scene().map.rows.map((row) => [...row])]; }"""
    )
    assert shape == [13, 41, 4]
    picture, costs = np.reshape(pixels, shape)[::-1], np.array(costs)
    np.testing.assert_array_equal(picture[np.unravel_index(costs.argmin(), costs.shape)], [0x00, 0x22, 0x4E, 255])
    np.testing.assert_array_equal(picture[np.unravel_index(costs.argmax(), costs.shape)], [0xFE, 0xE8, 0x38, 255])
    brightness = picture[..., 1].ravel()[np.argsort(costs.ravel())]
    assert np.all(np.diff(brightness) >= 0)


def test_hostile_titles_are_text(page: Any) -> None:
    assert page.evaluate("window.hacked === undefined")
    assert page.title() == f"{HOSTILE} · lingauss explorer"
    assert page.locator("#subject option").first.text_content() == HOSTILE
    assert rebuilt(page).rank == 6


def test_without_a_truth_its_views_say_so_and_the_rest_works(page: Any) -> None:
    case = observed()
    page.evaluate("Explorer.select('observed')")
    settled(page)
    assert "without true weights" in page.locator("#note-risks").inner_text()
    assert page.locator("#figure-risks").is_hidden()
    assert "bounds" in page.locator("#note-gaps").inner_text()
    gaps = drawn(page, "gaps")
    np.testing.assert_allclose(gaps["exact, student"]["y"][3], case.gaps().student, rtol=1e-10)
    assert page.locator("#set-n_samples").is_disabled()
    assert page.locator("#value-student_excess_risk").inner_text() == "–"
    page.locator("#set-student_rank").focus()
    page.keyboard.press("ArrowLeft")
    assert settled(page)["student_rank"] == 2
    assert total(page) == pytest.approx(case.replace(rank=2).divergence().total, rel=1e-10)
    page.get_by_label("Problem").select_option("digits")
    settled(page)
    assert page.locator("#figure-risks").is_visible()


def test_other_test_inputs_leave_out_gaps_and_risks(page: Any) -> None:
    page.evaluate("Explorer.select('elsewhere')")
    settled(page)
    for view in ("gaps", "risks"):
        assert "test_cov" in page.locator(f"#note-{view}").inner_text()
        assert page.locator(f"#figure-{view}").is_hidden()
    assert page.locator("#figure-ledger").is_visible()
    assert total(page) == pytest.approx(elsewhere().divergence().total, rel=1e-10)


def test_a_long_spectrum_moves_through_ranks_that_it_can_show(page: Any) -> None:
    page.evaluate("Explorer.select('long')")
    assert settled(page)["student_rank"] == 1700
    assert "all 5000 directions" in page.locator("#note").inner_text()
    page.locator("#set-student_rank").focus()
    page.keyboard.press("ArrowRight")
    rank = settled(page)["student_rank"]
    assert 1700 < rank < 1750
    assert total(page) == pytest.approx(long().replace(rank=rank).divergence().total, rel=1e-10)
    number = page.get_by_label("Student rank, exact value")
    number.fill(str(rank - 1 if rank > 1701 else rank + 1))
    number.press("Enter")
    assert settled(page)["student_rank"] == rank
    assert "nearest" in page.get_by_role("alert").inner_text()
    names = {"case": long(), "print": lambda *_: None}
    exec(page.evaluate("Python.snippet(Explorer.scene().subject, Explorer.state.design)"), names)  # noqa: S102
    assert names["case"].divergence().total == pytest.approx(total(page), rel=1e-10)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_systems_theme_is_followed_until_another_is_chosen(page: Any, scheme: str) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    ink = "Palette.present().ink"
    colours = {"light": ("rgb(255, 255, 255)", "#222222"), "dark": ("rgb(21, 24, 28)", "#e8eaed")}
    other = "dark" if scheme == "light" else "light"
    for theme, shown in (("auto", scheme), (other, other), ("auto", scheme)):
        page.emulate_media(color_scheme=scheme)
        while page.evaluate("document.documentElement.dataset.theme") != theme:
            page.get_by_role("button", name="Theme").click()
        settled(page)
        assert (page.evaluate(ground), page.evaluate(ink)) == colours[shown]


@pytest.mark.parametrize("width", [375, 720, 1024, 1440])
def test_nothing_is_wider_than_the_screen(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    widths = (
        "Array.from(document.querySelectorAll('.figure'), (figure) => figure.offsetWidth - figure.firstChild.width)"
    )
    until(page, f"{widths}.every((difference) => Math.abs(difference) < 1)")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    inner = "[...document.querySelectorAll('main, .design, #content')].map((one) => one.scrollWidth - one.clientWidth)"
    assert max(page.evaluate(inner)) <= 1


def test_the_page_shows_itself_in_a_notebooks_frame(profile: Profile) -> None:
    page = profile.context.new_page()
    page.set_content(explore(design())._repr_html_())
    frame = page.frame_locator("iframe")
    frame.locator("html[data-ready]").wait_for(timeout=60_000)
    number = frame.get_by_label("Student rank, exact value")
    number.fill("2")
    number.press("Enter")
    frame.locator("#summary", has_text="Rank 2:").wait_for()
    assert json.loads(frame.locator("#subjects").inner_text())["yours"]["design"]["student_rank"] == 6
    page.close()
    assert profile.complaints == []
