"""Formulas beside the views, with the numbers of their symbols."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pytest
from pages import UNEQUAL, design, put, settled, written

import lingauss as lg

pytestmark = pytest.mark.browser


BEGIN = {
    "bias": "retained_bias", "variance": "retained_spread", "rank_bottleneck": "discarded_cost",
    "divergence": "retained_cost", "prediction_divergence": "retained_cost", "process_total": "kernel_discarded",
    "teacher_gap": "gap_teacher", "student_gap": "gap_student", "teacher_excess_risk": "teacher_risk",
    "student_excess_risk": "student_risk", "teacher_unseen_risk": None, "student_unseen_risk": None,
}  # fmt: skip


def test_readouts_lead_to_formulas_beside_which_stands_their_sum(page: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    case = put(page, **UNEQUAL | {"mixing": 1.0})
    catalogue = page.evaluate("JSON.parse(document.getElementById('formulas').textContent)")
    ledger, gaps, risks = case.divergence(), case.gaps(), case.excess_risk()
    kept, dropped, every = "5 directions kept", "7 directions dropped", "12 directions"
    sums = {
        "bias": ("bias", ledger.bias, "nats", kept), "variance": ("variance", ledger.variance, "nats", kept),
        "rank_bottleneck": ("rank bottleneck", ledger.rank_bottleneck, "nats", dropped),
        "divergence": ("divergence", ledger.total, "nats", every),
        "prediction_divergence": ("divergence of predictions", case.prediction_divergence().total, "nats", every),
        "process_total": ("process", case.process_ledger().total, "nats", "140 labels and 12 directions"),
        "teacher_gap": ("teacher’s gap", gaps.teacher, "squared label units", every),
        "student_gap": ("student’s gap", gaps.student, "squared label units", every),
        "teacher_excess_risk": ("teacher’s excess risk", risks.teacher, "squared label units", every),
        "student_excess_risk": ("student’s excess risk", risks.student, "squared label units", every),
    }  # fmt: skip
    buttons = page.evaluate(
        """Array.from(document.querySelectorAll('#readout button'),
             ({ dataset }) => [dataset.quantity, dataset.formula ?? null])"""
    )
    assert {name: None if formula in (None, "null") else formula for name, formula in buttons} == BEGIN
    for name, (label, value, unit, over) in sums.items():
        page.locator(f"#readout button[data-quantity={name}]").focus()
        assert page.evaluate("document.getElementById('formula').dataset.shown") == BEGIN[name]
        told = page.locator("#formula-value").text_content()
        assert told == f"{label}: {written(value)} {unit}, summed over {over}"
        found = catalogue[BEGIN[name]]
        assert page.locator("#formula-title").text_content() == found["title"]
        notes = page.locator("#formula-notes li").all_text_contents()
        assert notes == [*found["assumptions"], found["source"]]
        assert page.locator("#formula-python").text_content() == f'lingauss.symbolic.derivation("{BEGIN[name]}")'


VALUES = """(formula) => { const scene = Explorer.scene();
  return Array.from({ length: 12 }, (_, i) => FormulaValues.of(scene, i, formula).values); }"""


@pytest.mark.parametrize("mixing", [0.6, 1.0])
def test_symbols_of_formulas_have_the_librarys_numbers_in_every_direction(page: Any, mixing: float) -> None:
    """Those that are parts of the same name's sum add up to it; each learner's are its own."""
    settings = UNEQUAL | {"mixing": mixing}
    page.evaluate("(settings) => Explorer.apply({ ...settings, teacher_noise: 0.9, student_noise: 0.35 })", settings)
    settled(page)
    case = design().replace(**settings)
    teacher = lg.Ridge(case.teacher.penalty, case.teacher.temperature, 0.9)
    case = case.replace(teacher=teacher, student=lg.Ridge(case.student.penalty, case.student.temperature, 0.35))
    values, own = page.evaluate(VALUES, "retained_cost"), page.evaluate(VALUES, "teacher_risk")
    whole, cold = (one.replace(bottleneck=None) for one in (case, case.replace(temperature=0.0)))
    gains, variances = whole.student_channel.A.diagonal(), whole.student_channel.cov.diagonal()
    v = whole.teacher_channel.cov.diagonal()
    start = cold.student_channel.cov.diagonal() / v
    s = case.by_direction()["eigenvalue"].to_numpy()
    signal, shares = 1 / np.arange(1.0, 13), s / (s + 15)
    power = s**2 * (shares**2 * (signal + 2 * 0.49 / s) + 2 * v / 3) + 2 * s * 2.5 * 0.49 / 3
    alone = case.replace(mixing=0.0).replace(bottleneck=None).student_channel.cov.diagonal()
    gaps, bounds = case.gaps(), case.bounds()
    expected: dict[str, Any] = {
        "K_n": case.divergence().total, "gen_T": gaps.teacher, "gen_S": gaps.student, "s": s, "spectrum": s,
        "bound": bounds["variance proxy upper"].value - gaps.teacher, "rho": variances / v, "x_a": variances / v - 1,
        "x_b": 0.03 / v - 1, "excess": start - 1, "slopes": (variances / v - start) / 2.5, "variances": v,
        "v": v, "v_T": v,
        "V_S": variances, "V_w": variances, "A_S": gains, "A_w": gains, "p_i": s * gains, "h": 1 - s * gains,
        "a": shares,
        "signal": signal, "soft_power": power, "x_q": alone / v - 1, "soft_label_level": 1, "d": 12, "r": 5, "m_b": 7,
        "k": 2, "n": 140, "m": 3, "floor": 0.03, "nu": 0.7, "tau": 2.5, "xi": mixing, "lambda_T": 15, "lambda_S": 4,
        "tau_T": 1.4, "tau_S": 0.3, "sigma_T": 0.9, "sigma_S": 0.35, "kappa": 15 * (1 - mixing) - 4,
    }  # fmt: skip
    for name, value in expected.items():
        np.testing.assert_allclose([one[name] for one in values], np.broadcast_to(value, 12), rtol=1e-7, err_msg=name)
    for name, value in {"p_i": shares, "h": 15 / (s + 15), "V_w": v}.items():
        np.testing.assert_allclose([one[name] for one in own], value, rtol=1e-12, err_msg=name)

    def total(names: list[str], *, kept: bool | None = None) -> float:
        some = slice(None) if kept is None else slice(0, 5) if kept else slice(5, None)
        return float(sum(one[name] for one in values[some] for name in names))

    cells = case.divergence().cells
    for side, row, kept in (("retained", cells[0], True), ("discarded", cells[1], False)):
        parts = [total([f"{side}_{part}"], kept=kept) for part in ("bias", "noise", "spread")]
        assert parts == pytest.approx(list(row), rel=1e-9)
        assert total([f"{side}_cost"], kept=kept) == pytest.approx(sum(row))
    if mixing != 1.0:
        assert "c_1" not in values[0]
        return
    process = case.process_ledger()
    assert total(["soft_label_bias"]) == pytest.approx(process.bias)
    labels = 140 * values[0]["soft_label_observation"]
    assert total(["soft_label_noise", "soft_label_spread"]) + labels == pytest.approx(process.variance)
    assert total(["kernel_retained"], kept=True) == pytest.approx(process.training)
    assert total(["kernel_discarded"], kept=False) == pytest.approx(process.rank_bottleneck)
    kernels = [(one.training + one.rank_bottleneck) for one in
               (case.replace(temperature=temperature).process_ledger() for temperature in (1.0, 2.0))]  # fmt: skip
    assert values[0]["c_1"] == pytest.approx(kernels[1] - kernels[0])
    page.evaluate("Explorer.apply({ teacher_temperature: 2.8 })")
    settled(page)
    hot = page.evaluate(VALUES, "retained_cost")
    assert [one["soft_label_noise"] for one in hot] == [one["soft_label_noise"] for one in values]
    ratio = [one["soft_label_spread"] / before["soft_label_spread"] for one, before in zip(hot, values, strict=True)]
    assert ratio == pytest.approx([2.0] * 12)


def test_captions_say_which_direction_the_numbers_are_of(page: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.evaluate("(settings) => Explorer.apply(settings)", UNEQUAL)
    settled(page)
    tables = page.evaluate(
        """() => { const names = Object.keys(JSON.parse(document.getElementById("formulas").textContent));
          const seen = {};
             const cells = () => Array.from(document.querySelectorAll("#formula-symbols tr"),
               (row) => row.lastChild.textContent);
             const caption = () => document.querySelector("#formula-symbols caption").textContent;
             for (const name of names) {
               FormulaPanel.show(name, "", null); const usual = caption();
               FormulaPanel.show(name, "", 1); const [first, said] = [cells(), caption()];
               FormulaPanel.show(name, "", 9); seen[name] = [usual, said, caption(), first, cells()];
             }
             return seen; }"""
    )
    for name, (_, said, after, first, last) in tables.items():
        if first == last and said != "In the present design:":
            assert name in ("bias_free_mixing", "process_temperature_star"), name
        if said == "In the present design:":
            assert (after, first) == (said, last), name
        else:
            assert said == "Of direction 2, which is kept:", name
            assert after == "Of direction 10, which is dropped:"
            assert first != last
    page.evaluate("Explorer.select('yours')")  # of which no direction has been read off
    page.evaluate("(settings) => Explorer.apply(settings)", UNEQUAL)
    settled(page)
    usual = page.evaluate(
        """() => { const names = Object.keys(JSON.parse(document.getElementById("formulas").textContent));
             return Object.fromEntries(names.map((name) => { FormulaPanel.show(name, "", null);
               return [name, document.querySelector("#formula-symbols caption").textContent]; })); }"""
    )
    dropped = {"discarded_cost", "kernel_discarded", "discarded_bias", "discarded_noise", "discarded_spread",
               "unseen_risk", "floor_star"}  # fmt: skip
    for name, caption in usual.items():
        of = "Of direction 6, which is dropped:" if name in dropped else "Of direction 5, which is kept:"
        assert caption in (of, "In the present design:"), name
    assert all(usual[name] == "Of direction 6, which is dropped:" for name in dropped)


def test_the_drawer_of_formulas_opens_and_closes_and_gives_the_focus_back(page: Any) -> None:
    page.set_viewport_size({"width": 1000, "height": 900})
    drawer = "document.getElementById('formula').classList.contains('open')"
    button = page.locator("#readout button[data-quantity=bias]")
    button.focus()
    assert not page.evaluate(drawer)
    for close in ("key", "button"):
        button.click()
        assert page.evaluate(drawer)
        page.locator("#formula-close").focus()
        if close == "key":
            page.keyboard.press("a")
            assert page.evaluate(drawer)
            page.keyboard.press("Escape")
        else:
            page.locator("#formula-close").click()
        assert not page.evaluate(drawer)
        assert page.evaluate("document.activeElement.dataset.quantity") == "bias"
    page.set_viewport_size({"width": 1280, "height": 1000})


FITTED = """(names) => names.map((name) => { FormulaPanel.show("bias_free_mixing", ""); FormulaPanel.show(name, "");
  const body = document.getElementById("formula-body");
  return Array.from(body.children, (math) => { const given = math.style.fontSize; math.style.fontSize = "";
    return [given, body.clientWidth / math.scrollWidth]; }); })"""


def test_formulas_are_set_as_small_as_their_column_needs_down_to_a_limit(page: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    settled(page)
    names = ["student_risk", "retained_bias", "kernel_retained", "temperature_star", "gap_teacher"]
    seen = set()
    for size, share in chain.from_iterable(page.evaluate(FITTED, names)):
        expected = None if share >= 1 else max(0.62, 0.98 * share)
        assert (float(size.removesuffix("em")) if size else None) == pytest.approx(expected)
        seen.add("whole" if expected is None else "least" if expected == 0.62 else "smaller")
    assert len(seen) >= 2, seen
