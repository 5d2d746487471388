"""What the page says beside its pictures: numbers, ticks, tables, what a problem is, and what it does not take."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
import pytest
from pages import settled, until, written

from lingauss.explorer.presets import presets

pytestmark = pytest.mark.browser


def test_numbers_are_written_by_their_digits(visit: Any) -> None:
    rng = np.random.default_rng(6)
    values = [float(sign * 10.0 ** rng.uniform(-8, 9)) for sign in (1, -1) for _ in range(150)]
    values += [0.0, math.inf, -math.inf, math.nan, 1e6, 999_949.0, 1e-4, 9.9e-5, -1e6, 1.5e300, 120_000.0, 5e-324, 1e20]
    for digits in (3, 4, 6):
        found = visit.evaluate(
            "([values, digits]) => values.map((one) => Format.number(one, digits))", [values, digits]
        )
        assert found == [written(value, digits) for value in values]
    assert visit.evaluate("[Format.number(null), Format.number(undefined), Format.number(1234.56)]") == [
        "–",
        "–",
        "1235",
    ]
    assert visit.evaluate("[2, -2, 0].map(Format.signed)") == ["+2", "−2", "0"]


def test_ticks_of_linear_axes_have_the_digits_of_their_step(visit: Any) -> None:
    told = {
        (0.5, 0.25): "0.5", (0.25, 0.25): "0.25", (2.5, 2.5): "2.5", (1.0, 0.5): "1", (1234.0, 1.0): "1,234",
        (-1500.0, 500.0): "−1,500", (1e6, 1e6): "1e6", (999_999.0, 1.0): "999,999", (0.001, 0.001): "0.001",
        (9e-5, 1e-5): "9e−5", (0.00025, 0.00005): "0.00025", (3e-17, 1e-6): "0", (-2.5e6, 5e5): "−2.5e6",
        (0.002, 0.0005): "0.002", (0.0125, 0.0025): "0.0125", (0.3, 0.1): "0.3", (70.0, 10.0): "70",
        (0.30000000000000004, 0.1): "0.3", (1.02e-8, 1e-9): "1.02e−8", (0.9e-9, 1.0): "0",
        (1234567.0, 1.0): "1.23457e6",
    }  # fmt: skip
    found = visit.evaluate("(given) => given.map(([value, step]) => Format.tick(value, step))", list(map(list, told)))
    assert found == list(told.values())


def test_ticks_of_logarithmic_axes_are_powers_where_the_axis_is_wide(visit: Any) -> None:
    told = {
        (0.001, 1.0): "0.001", (0.0005, 1.0): "5·10⁻⁴", (1000.0, 1000.0): "1,000", (1000.0, 1e6): "10³",
        (999_000.0, 999_999.0): "999,000", (2e6, 1e7): "2·10⁶", (1e-12, 1.0): "10⁻¹²", (1.5e10, 1e11): "1.5·10¹⁰",
        (3.0, 1e6): "3·10⁰", (10.0, 1e9): "10¹", (3.0, 10.0): "3", (0.25, 10.0): "0.25", (6.7e-98, 1.0): "6.7·10⁻⁹⁸",
        (1e45, 1e45): "10⁴⁵",
    }  # fmt: skip
    found = visit.evaluate("(given) => given.map(([value, top]) => Format.logTick(value, top))", list(map(list, told)))
    assert found == list(told.values())


def test_tables_are_csv_that_a_reader_of_csv_reads_back(visit: Any) -> None:
    rows = [["a", 'say "b"', "c, d"], [1, 0.1, None], ["line\nbreak", -2e-300, "plain"]]
    text = visit.evaluate("([header, ...rows]) => Format.csv({ header, rows })", rows)
    expected = [["" if cell is None else str(cell) for cell in row] for row in rows]
    assert list(csv.reader(io.StringIO(text, newline=""))) == expected
    assert text.startswith('a,"say ""b""","c, d"\n1,0.1,\n')
    assert text.endswith("\n")


def test_numbers_are_read_as_people_write_them(visit: Any) -> None:
    good = {
        "1": 1,
        " 2.5 ": 2.5,
        "−3": -3,
        "-3": -3,
        "+4": 4,
        ".5": 0.5,
        "6.": 6,
        "1e3": 1e3,
        "1E-3": 1e-3,
        "2e+2": 200,
    }
    assert visit.evaluate("(texts) => texts.map(Format.read)", list(good)) == list(good.values())
    bad = ["", " ", "x", "1,5", "0x10", "1e", "e5", "1 2", "--1", "1.2.3", "Infinity", "."]
    assert all(map(math.isnan, visit.evaluate("(texts) => texts.map(Format.read)", bad)))


def test_the_theme_is_said_on_its_button(page: Any) -> None:
    seen = [page.locator("#theme").text_content()]
    for _ in range(3):
        page.locator("#theme").click()
        seen.append(page.locator("#theme").text_content())
    start = ["Theme: auto", "Theme: light", "Theme: dark"].index(seen[0])
    assert seen == [["Theme: auto", "Theme: light", "Theme: dark"][(start + step) % 3] for step in range(4)]


MODES = {
    "averaged": "averaged over labels",
    "plug-in": "averaged over labels, the posterior standing in for the truth",
    "observed": "at the observed labels",
}


def test_a_problem_is_introduced_by_its_samples_directions_outputs_and_average(page: Any) -> None:
    known = {key: (s.n_samples, len(s.eigenvalues), s.outputs, s.mode) for key, s in presets().items()}
    known |= {
        "yours": (120, 12, 2, "averaged"),
        "observed": (80, 5, 2, "observed"),
        "long": (9000, 5000, 1, "averaged"),
    }
    known |= {"elsewhere": (9, 2, 1, "averaged")}
    for key, (samples, directions, outputs, mode) in known.items():
        page.evaluate("(key) => Explorer.select(key)", key)
        plural = "" if outputs == 1 else "s"
        facts = f"{samples} samples, {directions} directions, {outputs} output{plural}"
        assert page.locator("#facts").inner_text() == facts
        assert page.locator("#mode").inner_text() == MODES[mode]
        note = ""
        if key == "long":
            ranks = page.evaluate("Explorer.subjects.long.bins.ranks.length")
            note = (
                f"Sums are over all 5000 directions. Ranks move through {ranks} of them; between these, directions are "
                "shown by their mean."
            )
        assert page.locator("#note").text_content() == note
    settled(page)


WISHED = """([field, text]) => { const at = (id) => document.getElementById(id);
  at(field).value = text;
  at(field).dispatchEvent(new Event("change"));
  return [at("objection").textContent, Explorer.state.wish, at("tolerance").value, at("budget").value]; }"""


def test_refused_tolerances_and_budgets_say_what_was_expected(page: Any) -> None:
    tolerance = "Tolerance: expected tolerance at least 0; got something else. Pass a number at least 0."
    budget = (
        "Rank budget: expected rank_budget, a whole number of at least 0; got something else. Leave it empty for none."
    )
    for field, text, words, wish in (
        ("tolerance", "12.5", "", (0.125, None)),
        ("tolerance", "-1", tolerance, (0.125, None)),
        ("tolerance", "x", tolerance, (0.125, None)),
        ("tolerance", "1e999", tolerance, (0.125, None)),
        ("tolerance", "0", "", (0, None)),
        ("budget", "0", "", (0, 0)),
        ("budget", "-1", budget, (0, 0)),
        ("budget", "1.5", budget, (0, 0)),
        ("budget", "x", budget, (0, 0)),
        ("budget", "7", "", (0, 7)),
        ("tolerance", "", "", (0, 7)),
        ("budget", "", "", (0, None)),
    ):
        said, found, *shown = page.evaluate(WISHED, [field, text])
        assert said == words
        assert (found["tolerance"], found["budget"]) == wish
        assert shown == [f"{100 * wish[0]:g}", "" if wish[1] is None else str(wish[1])]
    settled(page)


def test_a_page_opens_with_the_divergence_along_the_temperature_and_no_further_wish(page: Any) -> None:
    page.evaluate(
        """Explorer.state.wish = { objective: "excess_risk", tolerance: 0.3, budget: 4 };
           Explorer.state.axis = { name: "mixing", quantity: "bias" };
           location.hash = "#subject=power-law" """
    )
    until(page, "Explorer.state.key === 'power-law'")
    settled(page)
    found = page.evaluate("[Explorer.state.wish, Explorer.state.axis]")
    assert found[0] == {"objective": "divergence", "tolerance": 0, "budget": None}
    assert found[1] == {"name": "temperature", "quantity": "divergence"}
    fields = ("objective", "tolerance", "budget", "axis-name", "axis-quantity")
    assert [page.locator(f"#{field}").input_value() for field in fields] == [
        "divergence", "0", "", "temperature", "divergence",
    ]  # fmt: skip


def test_an_address_that_is_entered_counts_whatever_the_page_writes_there_meanwhile(page: Any) -> None:
    page.evaluate("""location.hash = "#subject=power-law&draws=7"; history.replaceState(null, "", "#subject=digits")""")
    until(page, "Explorer.state.key !== 'yours'")
    state = settled(page)
    assert (state["key"], state["draws"]) == ("power-law", 7)


def test_what_was_copied_is_said(page: Any) -> None:
    for works, words in (("true", "Copied."), ("false", "Selected: copy it with the keyboard.")):
        page.evaluate("document.getElementById('copied').textContent = ''")
        page.evaluate(
            f"""() => {{ const writeText = async (text) => {{ if (!{works}) throw new Error("no");
              window.taken = text; }};
                 Object.defineProperty(navigator, "clipboard", {{ value: {{ writeText }}, configurable: true }}); }}"""
        )
        page.get_by_role("button", name="Copy as Python").click()
        page.wait_for_timeout(20)
        assert page.locator("#copied").text_content() == words
    code = page.locator("#python-code").text_content()
    assert page.evaluate("window.taken") == code
    assert page.evaluate("getSelection().toString()").strip() == code.strip()
    page.evaluate("delete navigator.clipboard; getSelection().removeAllRanges()")
