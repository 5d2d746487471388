"""Every reader and every input: axe's rules, no overlap at any size, keys alone, and numbers at the ends of float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pages import CONTROLS, design, settled, total, until

from lingauss.errors import LingaussError

pytestmark = pytest.mark.browser

SIZES = {
    "desktop": (1440, 1000),
    "laptop": (1280, 720),
    "tablet": (1024, 768),
    "zoomed": (720, 500),
    "phone": (390, 844),
}

PINNED = """async () => {
  for (const change of [{ mixing: 0.4 }, { student_rank: 3 }, { label_noise: 1.3, student_rank: 11 }]) {
    await Explorer.apply(change);
    document.getElementById("pin").click();
    await Explorer.redraw();
  }
}"""
OPENED = """async () => {
  document.getElementById("own-open").click();
  for (const details of document.querySelectorAll("details")) details.open = true;
  document.querySelector("#readout [data-formula=retained_cost]").click();
  await Explorer.redraw();
}"""
REFUSED = "Explorer.apply({ label_noise: 1e300, student_rank: 0 })"
TALL = 12_000  # pixels, in which everything is in sight
# States of a tour through the page, each from the one before.
TOUR = {"fresh": "null", "pinned": PINNED, "everything open": OPENED, "an objection": REFUSED}


# Violations, and of the contrasts that axe cannot judge because a node is scrolled away or too short, those below 4.5:
# text in its own colour on the nearest opaque background around it.
AXE = """async () => {
  const { violations, incomplete } = await axe.run(document, { resultTypes: ["violations", "incomplete"] });
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (node) => {
    const [low, high] = [light(getComputedStyle(node).color), light(ground(node))].sort((one, other) => one - other);
    return (high + 0.05) / (low + 0.05);
  };
  const open = incomplete.filter(({ id }) => id === "color-contrast").flatMap(({ nodes }) => nodes)
    .map(({ target }) => document.querySelector(target[0]));
  return [
    ...violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 120))]),
    ...open.filter((node) => contrast(node) < 4.5).map((node) => ["contrast", node.outerHTML.slice(0, 120)]),
  ];
}"""


@pytest.fixture
def toured(page: Any) -> Iterator[Any]:
    """The page, which is put back after its tour."""
    yield page
    page.evaluate(
        """async () => {
          document.getElementById("own").hidden = true;
          for (const details of document.querySelectorAll("details")) details.open = false;
          document.getElementById("formula-close").click();
          Explorer.state.pins = [];
          await Explorer.redraw();
        }"""
    )
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 1000})


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_axe_finds_no_violation_and_decides_every_contrast(toured: Any, axe: str, size: str, scheme: str) -> None:
    page = toured
    page.set_viewport_size({"width": SIZES[size][0], "height": TALL})
    page.emulate_media(color_scheme=scheme)
    page.evaluate(axe)
    for state, step in TOUR.items():
        page.evaluate(step)
        settled(page)
        if state not in ("fresh", "an objection"):
            continue
        page.wait_for_timeout(600)  # tables are filled at rest
        assert page.evaluate(AXE) == [], state


# Each control and readout, scrolled to, is what lies at its own middle and corners; and no two controls overlap.
COVERED = """() => {
  const shown = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length > 0;
  const readouts = ".readout td, #formula-value, #summary, .reading, .note, #objection";
  const kinds = `button, input, select, textarea, summary, ${readouts}`;
  const nodes = [...document.querySelectorAll(kinds)].filter((node) => shown(node) && !node.closest(".skip"));
  const found = [];
  for (const node of nodes) {
    node.scrollIntoView({ block: "center", inline: "center" });
    const { left, top, width, height } = node.getBoundingClientRect();
    if (width < 2 || height < 2) continue;
    for (const [x, y] of [[0.5, 0.5], [0.15, 0.3], [0.85, 0.7]]) {
      const [px, py] = [left + x * width, top + y * height];
      if (px < 0 || py < 0 || px >= innerWidth || py >= innerHeight) {
        found.push(["out of sight", node.outerHTML.slice(0, 90)]);
        break;
      }
      const hit = document.elementFromPoint(px, py);
      const same = hit && (node.contains(hit) || hit.contains(node) || node.labels?.[0]?.contains(hit));
      if (!same) {
        found.push([node.outerHTML.slice(0, 90), hit?.outerHTML.slice(0, 90)]);
        break;
      }
    }
  }
  const boxes = nodes.map((node) => [node, node.getBoundingClientRect()]);
  for (const area of document.querySelectorAll("header.top, .design, #content, #formula")) {
    const inside = boxes.filter(([node]) => area.contains(node) && !node.matches("p"));
    for (const [i, [one, a]] of inside.entries()) {
      for (const [other, b] of inside.slice(i + 1)) {
        if (one.contains(other) || other.contains(one) || one.closest(".scroll") !== other.closest(".scroll")) continue;
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 1) found.push([one.outerHTML.slice(0, 90), other.outerHTML.slice(0, 90)]);
      }
    }
  }
  return found;
}"""


@pytest.mark.parametrize("size", SIZES)
def test_no_element_covers_a_control_or_a_readout_in_any_state_of_a_tour(toured: Any, size: str) -> None:
    page = toured
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    for state, step in TOUR.items():
        page.evaluate(step)
        settled(page)
        page.wait_for_timeout(600)
        assert page.evaluate(COVERED) == [], state
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_the_bottom_sheet_of_a_phone_closes_and_gives_the_focus_back(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    name = page.locator("#readout").get_by_role("button", name="bias")
    name.click()
    assert page.locator("#formula").is_visible()
    assert page.locator("#formula-value").inner_text().startswith("bias: ")
    page.get_by_role("button", name="Close the formula").focus()
    page.keyboard.press("Enter")
    assert page.locator("#formula").is_hidden()
    assert name.evaluate("(node) => node === document.activeElement")
    page.set_viewport_size({"width": 1280, "height": 1000})


def test_everything_that_acts_is_reached_by_tabbing(toured: Any) -> None:
    page = toured
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.evaluate(PINNED)
    settled(page)
    acting = """() => [...document.querySelectorAll("button, input, select, summary, [tabindex='0']")]
      .filter((node) => node.checkVisibility() && !node.disabled)
      .filter((node) => !node.closest("details:not([open]) > :not(summary)"))"""
    count = page.evaluate(f"({acting})().length")
    page.evaluate("document.activeElement.blur(); window.reached = new Set();")
    page.evaluate("document.addEventListener('focusin', ({ target }) => window.reached.add(target))")
    for _ in range(count + 20):
        page.keyboard.press("Tab")
    missed = page.evaluate(f"({acting})().filter((node) => !window.reached.has(node)).map((node) => node.outerHTML)")
    assert missed == []


# ---- numbers at the ends ----

EXTREMES = ["0", "-0", "1e-300", "1e300", "-1e300", "1e200", "1e-149", "1e149", "1e-320", "1e308", "9007199254740991"]
STRANGE = ["", " ", "abc", "NaN", "Infinity", "1e999", "0x10", "1,5", "−2", "２", "1e", "null"]


ENTERED = """async ({ name, texts }) => {
  const field = document.querySelector(`[data-number="${name}"]`);
  const found = [];
  for (const text of texts) {
    await Explorer.select("yours");
    field.value = text;
    field.dispatchEvent(new Event("change"));
    await Explorer.redraw();
    const { answers, design } = Explorer.scene();
    found.push({ text, value: String(design[name]), refused: document.getElementById("objection").textContent,
      readout: document.getElementById("readout").textContent, totals: [...answers.ledger.total].map(String) });
  }
  return found;
}"""


@pytest.mark.parametrize("name", CONTROLS)
def test_whatever_a_field_takes_has_numbers_and_whatever_it_refuses_a_reason(page: Any, name: str) -> None:
    before = settled(page)[name]
    for entered in page.evaluate(ENTERED, {"name": name, "texts": EXTREMES + STRANGE}):
        if entered["refused"]:
            assert float(entered["value"]) == before
            assert entered["refused"].startswith(CONTROLS[name]) or "float64" in entered["refused"]
        else:
            assert float(entered["value"]) == float(entered["text"].replace("−", "-"))
        assert "NaN" not in entered["totals"]
        assert "NaN" not in entered["readout"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("label_noise", 1e300),
        ("label_noise", 1e-300),
        ("label_noise", 0.0),
        ("label_noise", -1.0),
        ("mixing", 1e200),
        ("teacher_penalty", 1e300),
        ("student_penalty", 1e-200),
        ("temperature", -1.0),
        ("floor", -2.0),
        ("draws", 0),
        ("draws", 1.5),
        ("n_samples", 0),
        ("student_rank", -1),
        ("student_rank", 99),
    ],
)
def test_refused_input_gets_the_librarys_own_message(page: Any, name: str, value: float) -> None:
    with pytest.raises(LingaussError) as refusal:
        design().replace(**{name: value})
    page.evaluate("([name, value]) => Explorer.apply({ [name]: value })", [name, value])
    settled(page)
    told = page.locator("#objection").text_content()
    said = (
        str(refusal.value)
        .replace("got -", "got −")
        .replace(".0.", ".")
        .replace("1e+", "1e")
        .replace("got 1e-", "got 1e−")
    )
    assert told == f"{CONTROLS[name]}: {said}"


def test_results_that_leave_float64_are_refused_as_the_library_refuses_them(page: Any) -> None:
    page.evaluate("Explorer.apply({ temperature: 1e308, mixing: 1e149 })")
    assert settled(page)["mixing"] == 1.0
    assert "whose squares, products and ratios fit in float64" in page.locator("#objection").text_content()


@pytest.mark.parametrize("noise", [1e-149, 1e-60, 1e60, 1e149])
def test_tiny_and_huge_label_noise_have_the_librarys_numbers(page: Any, noise: float) -> None:
    page.evaluate("(noise) => Explorer.apply({ label_noise: noise, floor: null })", noise)
    settled(page)
    case = design().replace(label_noise=noise, floor=None)
    assert total(page) == pytest.approx(case.divergence().total, rel=1e-10)
    risk = page.evaluate("Explorer.scene().answers.risks.student[6]")
    assert risk == pytest.approx(case.excess_risk().student, rel=1e-10)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_few_directions_have_whole_ranks_and_curves(page: Any, d: int) -> None:
    text = "\n".join(f"{10.0 / (i + 1)} 1" for i in range(d))
    page.get_by_role("button", name="Your spectrum").click()
    page.get_by_label("Eigenvalues and signal, one direction per line").fill(text)
    page.get_by_role("button", name="Use this spectrum").click()
    settled(page)
    for view in ("ledger", "risks", "gaps"):
        ticks = page.evaluate("(id) => Figures.drawn.get(id).axes.x.ticks.map(({ value }) => value)", view)
        assert ticks == list(range(d + 1))
    for view in ("map", "directions", "axis"):
        axes = page.evaluate(
            "(id) => { const { x, y } = Figures.drawn.get(id).axes; return [x.ticks, y.ticks, x.low, x.high]; }", view
        )
        assert axes[0]
        assert axes[1]
        assert axes[2] < axes[3]
    page.get_by_role("button", name="Your spectrum").click()


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#rnk=3", "rnk"),
        ("#label_noise=1e300", "label_noise=1e300"),
        ("#subject=none", "subject=none"),
        ("#objective=none&axis=none&tolerance=-1", "objective=none; tolerance=-1; axis=none"),
        ("#order=1,2,2", "order=1,2,2"),
        ("#pin=student_rank%3D99", "student_rank=99"),
        ("#own=[[1],[2,3]]", "own"),
        ("#own=alert(1)", "own"),
    ],
)
def test_what_an_address_says_in_vain_is_told(page: Any, fragment: str, words: str) -> None:
    page.evaluate("Explorer.select('power-law')")
    settled(page)
    page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    until(page, "Explorer.state.key === 'yours'")
    settled(page)
    assert words in page.locator("#objection").text_content()
    page.evaluate("Explorer.state.pins = []")


def test_ticks_are_read_as_numbers(page: Any) -> None:
    found = page.evaluate(
        "[Format.tick(0.025, 0.025), Format.tick(1500, 500), Format.tick(-0.5, 0.5), Format.logTick(1000, 5000),"
        " Format.logTick(1e-5, 1), Format.logTick(1e7, 1e7), Format.tick(0, 1)]"
    )
    assert found == ["0.025", "1,500", "−0.5", "1,000", "10⁻⁵", "10⁷", "0"]


@pytest.mark.parametrize("seed", range(20))
def test_ticks_lie_inside_their_axis_and_are_not_crowded(page: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = float(10.0 ** rng.uniform(-12, 6))
    high = low * float(10.0 ** rng.uniform(0.1, 12))
    for log in (False, True):
        axis = page.evaluate(
            "(given) => { const { ticks } = Scale.axis(given, 0, 300); return ticks; }",
            {"low": low, "high": high, "log": log},
        )
        values = [tick["value"] for tick in axis]
        assert 1 <= len(values) <= 12
        room = 1e-6 * (low if log else high - low)
        assert all(low - room <= value <= high * (1 + 1e-6) for value in values)
        assert len({tick["text"] for tick in axis}) == len(axis)
