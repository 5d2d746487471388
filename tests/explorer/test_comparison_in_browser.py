"""Pinned designs beside the present one in tables, and the summary that is spoken."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from pages import UNEQUAL, design, put, settled, until, written

pytestmark = pytest.mark.browser


def test_the_whole_comparison_is_saved_with_units_and_differences(compared: Any) -> None:
    text = compared.evaluate("Format.csv(Comparison.table(Explorer.scene()))")
    header, *rows = csv.reader(io.StringIO(text))
    assert header == ["", "unit", "present", "A, Design A", "A minus present"]
    table = {row[0]: row[1:] for row in rows}
    settings = {
        "Student rank r": (20, 40),
        "Label noise ν": (0.4, 0.6),
        "Mixing ξ": (0.9, 0.7),
        "Temperature τ": (3, None),
    }
    for name, (here, there) in settings.items():
        unit, present, pinned, difference = table[name]
        assert (unit, float(present)) == ("", here)
        if there is not None:
            assert float(pinned) == there
        assert float(difference) == pytest.approx(float(pinned) - here)
    assert {"problem", "Draws m"}.isdisjoint(table)
    ranks = compared.evaluate(
        """[Explorer.scene(), ...Explorer.scene().pins].map(({ answers }) => { const { place, ledger, gaps, risks,
          unseen } = answers;
             return [ledger.bias, ledger.variance, ledger.bottleneck, ledger.total, answers.predictions, gaps.student,
               risks.student, unseen.student].map((values) => values[place]).concat(gaps.teacher, risks.teacher,
                 unseen.teacher); })"""
    )
    names = ["bias", "variance", "rank bottleneck", "divergence", "divergence of predictions", "student’s gap",
             "student’s excess risk", "student’s risk, unseen inputs", "teacher’s gap", "teacher’s excess risk",
             "teacher’s risk, unseen inputs"]  # fmt: skip
    for name, here, there in zip(names, *ranks, strict=True):
        unit, *values = table[name]
        assert unit == ("nats" if names.index(name) < 5 else "labels²")
        assert list(map(float, values)) == pytest.approx([here, there, there - here], rel=1e-12)
    assert table["process"][1:] == ["", "", ""]
    compared.evaluate("Explorer.select('yours')")
    settled(compared)
    header, *rows = csv.reader(io.StringIO(compared.evaluate("Format.csv(Comparison.table(Explorer.scene()))")))
    title = compared.evaluate("Explorer.subjects.yours.title")
    assert rows[0] == ["problem", "", title, "Power law", ""]
    assert compared.locator("#comparison th[scope=row]").first.text_content() == "problem"
    shown = compared.locator("#comparison tbody tr").first.locator("td").all_text_contents()
    assert shown == [title, "Power law"]


def test_pinned_columns_of_tables_are_the_pinned_designs(compared: Any) -> None:
    tables = compared.evaluate(
        """Object.fromEntries(ViewPanels.list.map((view) => [view.id, view.table(Explorer.scene())]))"""
    )
    held = compared.evaluate(
        """(() => { const { ledger, gaps, risks } = Explorer.scene().pins[0].answers;
             return { ledger: [...ledger.total], gaps: [...gaps.student], risks: [...risks.student] }; })()"""
    )
    unit = "squared label units"
    heads = {"ledger": "divergence (nats)", "gaps": "student’s gap", "risks": f"student ({unit})"}
    for view, head in heads.items():
        assert tables[view]["header"][-1] == f"A, Design A: {head}"
        assert [row[-1] for row in tables[view]["rows"]] == held[view]
    assert tables["directions"]["header"][-1] == "A, Design A: pays (nats)"
    assert tables["axis"]["header"] == [
        "student penalty (squared input units)", f"present: student’s excess risk ({unit})",
        f"A, Design A: student’s excess risk ({unit})",
    ]  # fmt: skip
    curves = compared.evaluate("Figures.drawn.get('axis').figure.layers.map(({ x, y }) => [[...x], [...y]])")
    columns = list(zip(*tables["axis"]["rows"], strict=True))
    for (xs, ys), column in zip(curves, columns[1:], strict=True):
        assert list(columns[0]) == xs
        assert list(column) == ys
    compared.evaluate("Explorer.select('yours')")  # with fewer ranks than the pinned design
    settled(compared)
    few = compared.evaluate("LedgerView.table(Explorer.scene()).rows.map((row) => row.at(-1))")
    assert few == held["ledger"][:13]
    compared.evaluate("Explorer.state.pins = []; Explorer.state.wish.tolerance = 0")
    page = compared
    page.get_by_role("button", name="Pin this design").click()
    page.evaluate("Explorer.select('power-law')")
    settled(page)
    many = page.evaluate("LedgerView.table(Explorer.scene()).rows.map((row) => row.at(-1))")
    assert many[13:] == [""] * 52
    assert many[12] == pytest.approx(design().replace(rank=12).divergence().total)


ROWS = """Array.from(document.querySelectorAll("#comparison tbody tr"), (row) =>
  Array.from(row.children, (cell) => cell.textContent))"""


def test_the_comparison_follows_the_hand_as_if_it_were_written_anew(compared: Any) -> None:
    for mixing in (0.8, 0.65):
        compared.evaluate("(mixing) => Explorer.apply({ mixing })", mixing)
        settled(compared)
    followed = compared.evaluate(ROWS)
    values = {row[0].removesuffix(" nats").removesuffix(" labels²"): row[1] for row in followed}
    told = compared.evaluate(
        """Object.fromEntries(Array.from(document.querySelectorAll("#readout tr"),
             (row) => [row.children[0].textContent, row.children[1].textContent]))"""
    )
    assert {name: values[name] for name in told} == told
    assert values["Mixing ξ"] == "0.65"
    compared.evaluate("Explorer.state.pins[0].name = 'other'")  # for which the whole table is written anew
    settled(compared)
    assert compared.evaluate(ROWS) == followed


def test_who_pays_shows_the_twelve_that_differ_most(compared: Any) -> None:
    compared.evaluate("document.getElementById('who-pays').open = true")
    until(compared, "document.querySelectorAll('#who-pays tbody tr').length > 0")
    compared.evaluate("ComparePanel.payers(Explorer.scene())")
    cells = compared.evaluate(
        """Array.from(document.querySelectorAll('#who-pays tr'),
             (row) => Array.from(row.children, (one) => one.textContent))"""
    )
    assert cells[0] == ["direction", "present (nats)", "A (nats)"]
    paid = compared.evaluate(
        """[Explorer.scene(), ...Explorer.scene().pins].map(({ answers }) => { const { kept, dropped } = answers.costs;
             return Array.from(kept, (cost, i) => (i < answers.place ? cost : dropped[i])); })"""
    )
    apart = np.abs(np.subtract(*paid))
    order = np.argsort(-apart, kind="stable")[:12]
    assert [int(row[0]) for row in cells[1:]] == [int(i) + 1 for i in order]
    for row, i in zip(cells[1:], order, strict=True):
        assert row[1:] == [written(paid[0][i]), written(paid[1][i])]
    compared.evaluate("Explorer.select('yours')")
    settled(compared)
    compared.evaluate("ComparePanel.payers(Explorer.scene())")
    words = "The pinned designs are of other problems, whose directions are others."
    assert compared.locator("#who-pays caption").text_content() == words
    compared.evaluate("document.getElementById('who-pays').open = false")


def test_the_summary_names_the_objective_and_its_unit(page: Any) -> None:
    for objective, label, unit in (
        ("prediction_divergence", "divergence of predictions", "nats"),
        ("excess_risk", "student’s excess risk", "squared label units"),
    ):
        page.evaluate("(objective) => { Explorer.state.wish = { objective, tolerance: 0, budget: null }; }", objective)
        case = put(page, **UNEQUAL | {"student_rank": 1})
        best = case.optimize(over=["student_rank"], objective=objective)
        rank = best.settings["student_rank"]
        found = page.evaluate("Readouts.summary(Explorer.scene())")
        assert found.endswith(f". The best rank for {label} is {rank}, with {written(best.value)} {unit}.")
        put(page, **UNEQUAL | {"student_rank": rank})
        assert page.evaluate("Readouts.summary(Explorer.scene())").endswith(f". This is the best rank for {label}.")
    page.evaluate("Explorer.state.wish = { objective: 'divergence', tolerance: 0, budget: null }")
