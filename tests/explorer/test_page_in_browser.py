"""The page under the hand: controls, presets, buttons, address, copies, downloads, and every reader."""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Profile, opened

import lingauss as lg
from lingauss.explorer import Explorer, explore
from lingauss.explorer.assemble import assemble
from lingauss.explorer.presets import presets
from lingauss.explorer.subject import subject_of

pytestmark = pytest.mark.browser

HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
CONTROLS = {
    "student_rank": "Student rank",
    "label_noise": "Label noise",
    "temperature": "Temperature",
    "mixing": "Mixing",
    "draws": "Draws",
    "teacher_penalty": "Teacher penalty",
    "student_penalty": "Student penalty",
    "student_temperature": "Student temperature",
    "teacher_temperature": "Teacher temperature",
    "floor": "Floor",
    "n_samples": "Samples",
}


def design() -> lg.Distillation:
    index = np.arange(1.0, 13.0)
    problem = lg.Problem.from_spectrum(300 / index, 1 / index, n_samples=120, label_noise=0.5, outputs=2)
    return lg.Distillation(
        problem, lg.Ridge(20.0), lg.Ridge(5.0, 0.25), lg.Principal(6), floor=0.01, temperature=3.0, draws=2
    )


def observed() -> lg.Distillation:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 5)) * [5.0, 3.0, 2.0, 1.0, 0.5]
    Y = X @ rng.standard_normal((5, 2)) + rng.standard_normal((80, 2))
    return lg.Distillation(lg.Problem.from_data(X, Y), lg.Ridge(2.0), lg.Ridge(1.0, 0.5), lg.Principal(3))


def elsewhere() -> lg.Distillation:
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=9, label_noise=0.5, test_cov=np.eye(2))
    return lg.Distillation(problem, bottleneck=lg.Principal(1))


def tied() -> lg.Distillation:
    problem = lg.Problem.from_gram(np.diag([3.0, 3.0, 3.0, 1.0]), n_samples=20, label_noise=0.5)
    labelled = problem.with_statistic([[1.0, 2.0, 0.5, 0.3], [0.2, -1.0, 2.0, 1.0]])
    return lg.Distillation(labelled, student=lg.Ridge(0.5))


def long() -> lg.Distillation:
    index = np.arange(1.0, 5001.0)
    problem = lg.Problem.from_spectrum(1e4 / index, 1 / index, n_samples=9000, label_noise=0.5)
    return lg.Distillation(problem, bottleneck=lg.Principal(1700))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page with a hostile title and a problem of every kind, because opening one takes a second."""
    cases = {"yours": design(), "observed": observed(), "elsewhere": elsewhere(), "tied": tied(), "long": long()}
    html = assemble({key: subject_of(case, HOSTILE) for key, case in cases.items()} | presets())
    return Explorer(HOSTILE, html).save(tmp_path_factory.mktemp("page") / "page.html")


@pytest.fixture(scope="module")
def visit(profile: Profile, file: Path) -> Any:
    return opened(profile.context, file)


@pytest.fixture
def page(visit: Any, profile: Profile) -> Iterator[Any]:
    """The page as it opens; afterwards nothing may have gone wrong in it, or left it."""
    visit.evaluate("Explorer.select('yours')")
    settled(visit)
    yield visit
    assert profile.complaints == []


def settled(page: Any) -> dict[str, Any]:
    """The state once everything has been drawn."""
    return page.evaluate("Explorer.redraw().then(() => ({ key: Explorer.state.key, ...Explorer.state.design }))")


def until(page: Any, condition: str, seconds: float = 20.0) -> None:
    """Wait for a condition; the page's own policy forbids the driver to evaluate text inside it."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.02)


def total(page: Any) -> float:
    return float(page.evaluate("Explorer.state.answers.ledger.total[Explorer.state.answers.place]"))


def library_total(case: lg.Distillation, state: dict[str, Any]) -> float:
    settings = {name: state[name] for name in CONTROLS if name != "floor"}
    return float(case.replace(**settings, floor=state["floor"]).divergence().total)


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
    assert page.evaluate("document.querySelectorAll('.figure .cartesianlayer').length") == 5


@pytest.mark.parametrize("what", ["rank", "temperature", "floor"])
def test_buttons_find_the_optimisers_settings(page: Any, what: str) -> None:
    page.get_by_role("button", name=f"Best {what}", exact=True).click()
    name = "student_rank" if what == "rank" else what
    best = design().optimize(over=[name])
    assert settled(page)[name] == pytest.approx(best.settings[name], rel=1e-6)
    assert total(page) == pytest.approx(best.value, rel=1e-9)


def test_all_three_buttons_at_once_and_back(page: Any) -> None:
    start = settled(page)
    page.get_by_role("button", name="All three").click()
    best = design().optimize(over=["student_rank", "temperature", "floor"])
    state = settled(page)
    for name, value in best.settings.items():
        assert state[name] == pytest.approx(value, rel=1e-6)
    assert total(page) == pytest.approx(best.value, rel=1e-9)
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
    code = page.evaluate("Python.snippet(Explorer.state.subject, Explorer.state.design)")
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(compile(code, "copied", "exec"), names)  # noqa: S102
    return names["case"]


def assert_same_numbers(page: Any, case: lg.Distillation) -> None:
    found = page.evaluate("Model.evaluate(Explorer.state.subject, Explorer.state.design)")
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
    paths = "Array.from(document.querySelectorAll('.figure .cartesianlayer'), (layer) => layer.innerHTML)"
    before = page.evaluate(paths)
    page.locator("#set-temperature").focus()
    page.keyboard.press("End")
    settled(page)
    assert len(before) == 5
    assert all(old != new for old, new in zip(before, page.evaluate(paths), strict=True))


DRAWN = """(id) => document.getElementById(`figure-${id}`).calcdata.map(
  ([{ trace: { name, x, y } }]) => ({ name, x: x && [...x], y: y && [...y] }))"""


def test_drawn_curves_are_the_numbers(page: Any) -> None:
    page.evaluate("Explorer.apply({ label_noise: 0.31, student_rank: 4 })")  # through the light redraw
    settled(page)
    case = design().replace(label_noise=0.31, student_rank=4)
    swept = case.sweep(
        student_rank=range(13), quantities=["divergence", "variance", "student_gap", "student_excess_risk"]
    )
    ledger = {trace["name"]: trace for trace in page.evaluate(DRAWN, "ledger")}
    np.testing.assert_allclose(ledger["variance"]["y"], swept["variance"], rtol=1e-10)
    np.testing.assert_allclose(ledger["rank bottleneck"]["y"], swept["divergence"], rtol=1e-10)
    assert ledger["present design"]["x"] == [4]
    for view, quantity in (("gaps", "student_gap"), ("risks", "student_excess_risk")):
        curves = {trace["name"]: trace for trace in page.evaluate(DRAWN, view)}
        np.testing.assert_allclose(curves["student"]["y"], swept[quantity], rtol=1e-10)
    table = case.by_direction()
    curves = {trace["name"]: trace for trace in page.evaluate(DRAWN, "directions")}
    np.testing.assert_allclose(curves["rank cost, dropped"]["y"][4:], table["discarded_cost"][4:], rtol=1e-10)
    assert curves["rank cost, dropped"]["y"][:4] == [None] * 4
    path, here = page.evaluate(DRAWN, "map")
    assert here["y"] == [4]
    assert here["x"] == [pytest.approx(math.log10(0.31))]
    noise = 10 ** path["x"][20]
    assert path["y"][20] == case.replace(label_noise=noise).optimize(over=["student_rank"]).settings["student_rank"]


def test_axes_always_show_the_present_design(page: Any) -> None:
    page.evaluate("Explorer.apply({ student_rank: 12 })")
    for noise in (0.05, 0.5, 5.0):
        page.evaluate("(noise) => Explorer.apply({ label_noise: noise })", noise)
        settled(page)
        for view in ("ledger", "gaps", "risks"):
            low, high = page.evaluate("(id) => document.getElementById(`figure-${id}`)._fullLayout.yaxis.range", view)
            (value,) = next(t["y"] for t in page.evaluate(DRAWN, view) if t["name"] == "present design")
            assert low <= value <= high


def test_downloads_hold_data_and_pictures(page: Any, tmp_path: Path) -> None:
    def fetched(label: str) -> bytes:
        with page.expect_download() as download:
            page.get_by_role("button", name=label, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path.read_bytes()

    rows = list(csv.reader(fetched("Ledger by rank: download the data as CSV").decode().splitlines()))
    assert rows[0][-1] == "divergence (nats)"
    found = np.array(rows[1:], dtype=float)
    np.testing.assert_allclose(found[:, -1], design().sweep(student_rank=range(13))["divergence"], rtol=1e-10)
    assert b"<svg" in fetched("Rank and label noise: download the picture as SVG")[:200]
    assert fetched("Ledger by direction: download the picture as PNG").startswith(b"\x89PNG")


def test_tables_stand_in_for_every_figure(page: Any) -> None:
    for view, rows in (("ledger", 13), ("map", 41), ("directions", 12), ("gaps", 13), ("risks", 13)):
        page.locator(f"#table-{view} > summary").press("Enter")
        until(page, f"document.querySelectorAll('#table-{view} tbody tr').length === {rows}")
    first = page.locator("#table-ledger tbody tr").nth(6).locator("td").last.inner_text()
    assert first == page.locator("#value-total").inner_text()


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


def test_the_formula_of_the_thing_under_the_pointer_is_shown(page: Any) -> None:
    page.locator("#figure-risks").scroll_into_view_if_needed()
    drawn = page.evaluate(
        """() => { const figure = document.getElementById("figure-risks"); const { xaxis, yaxis } = figure._fullLayout;
             const rect = figure.getBoundingClientRect(); const { student } = Explorer.state.answers.risks;
             return [rect.x + xaxis._offset + xaxis.d2p(8), rect.y + yaxis._offset + yaxis.d2p(student[8])]; }"""
    )
    page.mouse.move(drawn[0] - 3, drawn[1])
    page.mouse.move(*drawn)
    page.wait_for_selector("#formula[data-shown=student_risk]")
    assert "student" in page.locator("#formula-value").inner_text()
    page.locator("#view-gaps").get_by_role("button", name="variance proxy").focus()
    page.wait_for_selector("#formula[data-shown=universal_bound]")
    assert page.locator("#formula-title").inner_text() == "Bound on the difference of the gaps"
    assert page.locator("#formula-body math").count() >= 1
    assert page.locator("#formula-body math msqrt").first.bounding_box()["width"] > 5


def test_the_map_says_what_is_under_the_pointer(page: Any) -> None:
    page.locator("#figure-map").scroll_into_view_if_needed()
    x, y, noise = page.evaluate(
        """() => { const { xaxis, yaxis } = document.getElementById("figure-map")._fullLayout;
             const { x, y } = document.getElementById("figure-map").getBoundingClientRect();
             const noise = Explorer.state.map.noises[8]; // far from the path of the best rank
             return [x + xaxis._offset + xaxis.d2p(Math.log10(noise)), y + yaxis._offset + yaxis.d2p(2), noise]; }"""
    )
    page.mouse.move(x - 1, y)
    page.mouse.move(x, y)
    page.wait_for_selector("#formula[data-shown=retained_cost]")
    value = design().replace(label_noise=noise, student_rank=2).divergence().total
    text = page.evaluate("(value) => Format.number(value)", value)
    assert page.locator("#formula-value").inner_text() == f"rank 2, ν = {noise:.3g}: {text}"
    page.keyboard.press("Escape")
    assert page.locator("#formula.open").count() == 0


def test_the_map_is_painted_from_its_numbers(page: Any) -> None:
    shape, pixels, costs = page.evaluate(
        """() => { const canvas = document.getElementById("heat"); const { width, height } = canvas;
             const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
             return [[height, width, 4], [...data], Explorer.state.map.rows.map((row) => [...row])]; }"""
    )
    assert shape == [13, 41, 4]
    picture, costs = np.reshape(pixels, shape)[::-1], np.array(costs)
    np.testing.assert_array_equal(picture[np.unravel_index(costs.argmin(), costs.shape)], [0x44, 0x01, 0x54, 255])
    np.testing.assert_array_equal(picture[np.unravel_index(costs.argmax(), costs.shape)], [0xFD, 0xE7, 0x25, 255])
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
    gaps = {trace["name"]: trace for trace in page.evaluate(DRAWN, "gaps")}
    np.testing.assert_allclose(gaps["student"]["y"][3], case.gaps().student, rtol=1e-10)
    assert page.locator("#set-n_samples").is_disabled()
    assert page.locator("#value-student-risk").inner_text() == "–"
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
    exec(page.evaluate("Python.snippet(Explorer.state.subject, Explorer.state.design)"), names)  # noqa: S102
    assert names["case"].divergence().total == pytest.approx(total(page), rel=1e-10)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_systems_theme_is_followed_until_another_is_chosen(page: Any, scheme: str) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    ink = "document.getElementById('figure-risks')._fullLayout.font.color"
    colours = {"light": ("rgb(255, 255, 255)", "#222222"), "dark": ("rgb(21, 24, 28)", "#e8eaed")}
    other = "dark" if scheme == "light" else "light"
    for theme, shown in (("auto", scheme), (other, other), ("auto", scheme)):
        page.emulate_media(color_scheme=scheme)
        while page.evaluate("document.documentElement.dataset.theme") != theme:
            page.get_by_role("button", name="Theme").click()
        settled(page)
        assert (page.evaluate(ground), page.evaluate(ink)) == colours[shown]


@pytest.mark.parametrize("width", [375, 1024, 1280])
def test_nothing_is_wider_than_the_screen(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    widths = (
        "Array.from(document.querySelectorAll('.figure'), (figure) => figure.offsetWidth - figure._fullLayout.width)"
    )
    until(page, f"{widths}.every((difference) => Math.abs(difference) < 1)")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


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
