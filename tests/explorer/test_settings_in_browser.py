"""Settings with their controls, sliders and axes; quantities with their units, and why a problem lacks some."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pages import CONTROLS, QUANTITIES, settled, written

pytestmark = pytest.mark.browser


SYMBOLS = {
    "student_rank": ("r", "directions"), "label_noise": ("ν", "standard deviation"),
    "temperature": ("τ", "of the soft labels"), "mixing": ("ξ", "share of soft labels"),
    "draws": ("m", "teacher draws averaged"), "teacher_penalty": ("λ_T", "squared input units"),
    "student_penalty": ("λ_S", "squared input units"), "student_temperature": ("τ_S", "of its weights"),
    "teacher_temperature": ("τ_T", "of its weights"), "floor": ("φ", "variance where unlearned"),
    "n_samples": ("n", "training samples"),
}  # fmt: skip


LINEAR = ("mixing",)


WHOLE = ("draws", "n_samples")


FROM_ZERO = ("temperature", "student_temperature")


def ranges(noise: float, teacher: float, student: float, floor: float, samples: int) -> dict[str, tuple[float, float]]:
    """Ends of the sliders around the settings that a problem opens with."""
    return {
        "label_noise": (noise / 50, noise * 50), "temperature": (1e-2, 1e3), "mixing": (-0.5, 1.5),
        "draws": (1, 1000), "teacher_penalty": (teacher / 1e3, teacher * 1e3),
        "student_penalty": (student / 1e3, student * 1e3), "student_temperature": (1e-3, 1e2),
        "teacher_temperature": (1e-3, 1e2), "floor": (floor / 1e4, floor * 1e4),
        "n_samples": (max(1, math.floor(samples / 50 + 0.5)), samples * 50),
    }  # fmt: skip


YOURS = ranges(0.5, 20.0, 5.0, 0.01, 120)


RANGES = """(changes) => { const { yours } = Explorer.subjects;
  const subject = { ...yours, ...changes.subject, design: { ...yours.design, ...changes.design } };
  return Object.fromEntries(Settings.list.map(({ name, range }) => [name, range(subject)])); }"""


def test_sliders_run_around_what_a_problem_opens_with(visit: Any) -> None:
    for changes, expected in (
        ({}, YOURS),
        ({"subject": {"n_samples": 24}}, ranges(0.5, 20.0, 5.0, 0.01, 24)),
        ({"subject": {"n_samples": 75}}, ranges(0.5, 20.0, 5.0, 0.01, 75)),
        ({"design": {"floor": None, "teacher_temperature": 3.0}}, ranges(0.5, 20.0, 5.0, 3 * 0.25 / 20, 120)),
        ({"design": {"floor": None, "teacher_noise": 2.0}}, ranges(0.5, 20.0, 5.0, 4 / 20, 120)),
        ({"design": {"floor": 0, "teacher_penalty": 0, "student_penalty": 0}}, ranges(0.5, 1.0, 1.0, 0.25, 120)),
    ):
        found = visit.evaluate(RANGES, changes)
        assert found.pop("student_rank") == [0, 12]
        for name, ends in found.items():
            assert ends == pytest.approx(expected[name], rel=1e-12), name


def ladder(low: float, high: float, steps: int) -> list[int]:
    """Whole numbers evenly spaced in the logarithm, as far as they differ."""
    return sorted({math.floor(low * (high / low) ** (i / steps) + 0.5) for i in range(steps + 1)})


def stops(name: str) -> list[float]:
    """What each position of a slider stands for in the design of the tests."""
    if name == "student_rank":
        return list(range(13))
    low, high = YOURS[name]
    if name in WHOLE:
        return [float(value) for value in ladder(low, high, 300)]
    if name in LINEAR:
        values = np.linspace(low, high, 301)
    else:
        values = np.geomspace(low, high, 300 if name in FROM_ZERO else 301)
    return [0.0] * (name in FROM_ZERO) + [float(f"{value:.3g}") for value in values]


SLIDER = """(name) => { const subject = Explorer.subjects.yours, setting = Settings.byName[name];
  const end = Sliders.sliderEnd(setting, subject), all = Array.from({ length: end + 1 }, (_, i) => i);
  const values = all.map((position) => Sliders.valueAt(setting, subject, position));
  const between = all.slice(2).map((i) => Math.sqrt(Math.abs(values[i] * values[i - 1])));
  const back = (value) => Sliders.positionOf(setting, subject, value);
  return [values, values.map(back), between, between.map(back), [-1, 0, 1e9].map(back)]; }"""


@pytest.mark.parametrize("name", CONTROLS)
def test_every_position_of_a_slider_is_its_own_value(visit: Any, name: str) -> None:
    values, back, between, places, ends = visit.evaluate(SLIDER, name)
    expected = stops(name)
    np.testing.assert_allclose(values, expected, rtol=6e-3 if name not in WHOLE else 0, atol=1e-12)
    assert np.mean(np.array(values) == expected) > 0.97  # ties of rounding apart
    last = len(values) - 1
    apart = np.abs(np.array(back) - np.arange(last + 1))
    assert np.all(apart <= (name in LINEAR))
    assert (ends[0], ends[2]) == (0, last)
    if name == "mixing":
        assert ends[1] == 75
    elif name not in ("student_rank", *WHOLE):
        assert ends[1] == 0
        low, high = YOURS[name]
        first, steps = (1, 299) if name in FROM_ZERO else (0, 300)
        ideal = first + steps * np.log(np.array(between) / low) / math.log(high / low)
        sure = np.abs(ideal % 1 - 0.5) > 1e-6
        np.testing.assert_array_equal(np.array(places)[sure], np.floor(ideal + 0.5)[sure])
    elif name in WHOLE:
        assert places == [next(i for i, stop in enumerate(expected) if stop >= value) for value in between]


CONTROL = """(name) => { const slider = document.getElementById(`set-${name}`);
  const row = slider.closest(".control"), number = row.querySelector("[data-number]");
  return { label: row.querySelector("label").textContent, sub: row.querySelector("sub")?.textContent ?? null,
    quiet: row.querySelector("small").textContent, said: slider.getAttribute("aria-valuetext"),
    slider: [slider.min, slider.max, slider.step, slider.value], number: number.value,
    modes: [number.type, number.inputMode, number.autocomplete, number.spellcheck],
    disabled: [slider.disabled, number.disabled], titles: [slider.title, number.title] }; }"""


def test_a_control_says_its_name_symbol_value_and_unit(page: Any) -> None:
    for name, (symbol, unit) in SYMBOLS.items():
        found, value = page.evaluate(CONTROL, name), page.evaluate("(name) => Explorer.state.design[name]", name)
        base, _, below = symbol.partition("_")
        assert found["label"] == f"{CONTROLS[name]} {base}{below} {unit}"
        assert (found["sub"] or "", found["quiet"]) == (below, unit)
        assert found["said"] == f"{written(value)} {unit}"
        ticks = np.array(stops(name))
        at = int(np.argmax(ticks >= value)) if name in WHOLE else int(np.argmin(np.abs(ticks - value)))
        assert found["slider"] == ["0", str(len(ticks) - 1), "1", str(at)]
        assert float(found["number"]) == value
        assert found["modes"] == ["text", "decimal", "off", False]
        assert (found["disabled"], found["titles"]) == ([False, False], ["", ""])


def test_controls_say_what_is_fixed_and_what_the_prior_is(page: Any) -> None:
    page.evaluate("Explorer.apply({ floor: null })")
    settled(page)
    found = page.evaluate(CONTROL, "floor")
    prior = 0.25 * 0.5**2 / 5  # the student's temperature and noise over its penalty
    assert (found["number"], found["said"]) == ("1.250e-2", f"{written(prior)} variance where unlearned")
    assert found["disabled"] == [True, True]
    assert page.locator("#floor-prior").is_checked()
    assert page.locator("label[for=floor-prior]").inner_text().strip() == "the student’s prior variance"
    page.evaluate("Explorer.select('observed')")
    settled(page)
    found = page.evaluate(CONTROL, "n_samples")
    assert (found["disabled"], found["titles"]) == ([True, True], 2 * ["Labels of other samples are unknown."])
    page.evaluate("Explorer.select('yours')")
    settled(page)
    assert not page.locator("#floor-prior").is_checked()
    assert page.evaluate(CONTROL, "floor")["disabled"] == [False, False]


def test_a_slider_that_is_moved_stays_where_it_is(page: Any) -> None:
    """Also where two of its positions stand for one value."""
    code = """() => { const subject = Explorer.subjects.yours, setting = Settings.byName.mixing;
      const back = (i) => Sliders.positionOf(setting, subject, Sliders.valueAt(setting, subject, i));
      return Array.from({ length: 301 }, (_, i) => i).filter((i) => back(i) !== i); }"""
    slider = page.locator("#set-mixing")
    for place in page.evaluate(code)[:2]:
        page.evaluate(
            """(place) => { const slider = document.getElementById("set-mixing"); slider.value = place;
                 slider.dispatchEvent(new Event("input")); }""",
            place,
        )
        settled(page)
        assert slider.input_value() == str(place)


def test_a_field_being_typed_in_keeps_its_text_until_its_value_is_another(page: Any) -> None:
    number = page.locator("[data-number=temperature]")
    number.focus()
    for typed in ("2.50", "7e0"):
        number.fill(typed)
        number.dispatch_event("change")
        settled(page)
        assert number.input_value() == typed
    page.evaluate("Explorer.apply({ temperature: 4 })")
    settled(page)
    assert number.input_value() == "4"
    page.locator("#reset").focus()
    number.evaluate("(node) => { node.value = '4.00'; }")
    settled(page)
    assert number.input_value() == "4"


CHECKS = (
    """(given) => given.map(([name, value]) => Settings.byName[name].check(value, Explorer.subjects.yours) === null)"""
)


def test_settings_are_taken_up_to_their_ends(visit: Any) -> None:
    taken = {
        ("label_noise", 1.0001e-150): True, ("label_noise", 0.9999e-150): False, ("label_noise", 0.9999e150): True,
        ("label_noise", 1.0001e150): False, ("mixing", 0): True, ("mixing", -1.0001e-150): True,
        ("mixing", -0.9999e-150): False, ("teacher_temperature", 0): False, ("teacher_temperature", 5e-324): True,
        ("student_temperature", 0): True, ("temperature", 0): True, ("temperature", -5e-324): False,
        ("student_penalty", 0): True, ("student_penalty", 1e-151): False, ("teacher_penalty", -1): False,
        ("floor", 0): True, ("floor", None): True, ("floor", -1e-9): False, ("draws", 1): True, ("draws", 0): False,
        ("n_samples", 1): True, ("n_samples", 0): False, ("student_rank", 0): True, ("student_rank", 12): True,
        ("student_rank", 13): False, ("student_rank", -1): False, ("student_rank", 2.5): False,
    }  # fmt: skip
    found = visit.evaluate(CHECKS, [list(one) for one in taken])
    assert dict(zip(taken, found, strict=True)) == taken


OBJECTIONS = """(given) => given.map(([eigenvalues, changes]) => { const { yours } = Explorer.subjects;
  const subject = { ...yours, eigenvalues, signal: eigenvalues };
  return Settings.objection(subject, { ...yours.design, order: null, ...changes }); })"""


def test_designs_without_a_law_are_refused_for_their_reason(visit: Any) -> None:
    prior = (
        "{}: expected a student with a proper prior, whose variance is the default floor; got a Ridge of {} 0. Untick "
        "“the student’s prior variance” and give a floor: a variance, or 0 for the hard bottleneck."
    )
    teacher = (
        "Teacher penalty: expected a nonsingular Gram matrix, because the penalty is 0; got one with an eigenvalue of "
        "0. Use a positive penalty."
    )
    student = (
        "Student penalty: expected positive eigenvalues in the directions kept, because the penalty is 0; got one of "
        "0. Use a positive penalty."
    )
    full, null = [3, 2, 1], [3, 2, 0]
    directions = "Student rank: expected rank from 0 to 3; got 4. A student has at most as many directions as features."
    draws = "Draws: expected draws, a whole number of at least 1; got 0.5. Pass a whole number of at least 1."
    above = "Teacher temperature: expected temperature greater than 0; got 0. Pass a number greater than 0."
    size = "Mixing: expected mixing between 1e-150 and 1e150 in size; got 1e200. Rescale the data."
    for eigenvalues, changes, words in (
        (full, {"student_penalty": 0, "floor": None}, prior.format("Student penalty", "penalty")),
        (full, {"student_temperature": 0, "floor": None}, prior.format("Student temperature", "temperature")),
        (full, {"student_rank": 3, "student_temperature": 0, "floor": None}, None),
        (full, {"student_penalty": 0, "floor": 0.1}, None),
        (full, {"teacher_penalty": 0}, None),
        (null, {"teacher_penalty": 0}, teacher),
        (null, {"student_penalty": 0}, None),
        (null, {"student_rank": 3, "student_penalty": 0}, student),
        (null, {"student_penalty": 0, "order": [2, 1, 0]}, student),
        (null, {"student_rank": 4}, directions),
        (full, {"draws": 0.5}, draws),
        (full, {"teacher_temperature": 0}, above),
        (full, {"mixing": 1e200}, size),
        (full, {"floor": math.nan}, "Floor: expected finite floor; got no number. Enter a number."),
        (full, {"floor": math.inf}, "Floor: expected finite floor; got ∞. Enter a number."),
    ):
        changes = {"student_rank": 2, **changes}
        assert visit.evaluate(OBJECTIONS, [[eigenvalues, changes]]) == [words], changes


AXES = """(key) => Object.fromEntries(Axes.list.map(({ name, label, log, whole, points, here }) => [name,
  { label, log: Boolean(log), whole, points: Array.from(points(Explorer.subjects[key])),
    here: here(Explorer.subjects.yours.design) }]))"""


def test_axes_have_evenly_spaced_points_over_the_range_of_their_slider(visit: Any) -> None:
    axes = visit.evaluate(AXES, "yours")
    assert list(axes) == [*CONTROLS, "rounds", "teacher_steps", "student_steps"]
    at = {"student_rank": 6, "label_noise": 0.5, "temperature": 3, "mixing": 1, "draws": 2, "teacher_penalty": 20}
    at |= {"student_penalty": 5, "student_temperature": 0.25, "teacher_temperature": 1, "floor": 0.01, "n_samples": 120}
    for name, axis in axes.items():
        if name == "rounds":
            expected, label, log, whole = np.arange(1.0, 13), "round of distillation", False, True
        elif name.endswith("steps"):
            expected, log, whole = np.array(ladder(1, 10_000, 60), float), True, True
            label = f"{name.removesuffix('_steps')}’s steps of gradient descent"
        else:
            label = f"{CONTROLS[name].lower()} ({SYMBOLS[name][1]})"
            log, whole = name not in ("mixing", "student_rank"), name in ("student_rank", *WHOLE)
            if name == "student_rank":
                expected = np.arange(13.0)
            elif name in WHOLE:
                expected = np.array(ladder(*YOURS[name], 60), float)
            else:
                expected = (np.geomspace if log else np.linspace)(*YOURS[name], 61)
        assert (axis["label"], axis["log"], axis["whole"]) == (label, log, whole)
        np.testing.assert_allclose(axis["points"], expected, rtol=1e-12, atol=1e-12)
        assert axis["here"] == at.get(name, 1 if name == "rounds" else None)
    nodes = len(visit.evaluate("Explorer.subjects.long.eigenvalues"))
    assert len(visit.evaluate(AXES, "long")["temperature"]["points"]) == round(120_000 / nodes)
    few = "(d) => Axes.byName.mixing.points({ ...Explorer.subjects.yours, eigenvalues: Array(d).fill(1) }).length"
    assert [visit.evaluate(few, d) for d in (1900, 2000, 9600, 20_000)] == [61, 60, 13, 13]


def test_quantities_and_objectives_are_named_with_their_units(visit: Any) -> None:
    found = visit.evaluate("Quantities.list.map(({ name, label, unit, short }) => [name, label, unit, short])")
    short = {"nats": "nats", "squared label units": "labels²"}
    assert found == [[name, *words, short[words[1]]] for name, words in QUANTITIES.items()]
    options = "(id) => Array.from(document.getElementById(id).options, ({ value, text }) => [value, text])"
    assert visit.evaluate(options, "axis-quantity") == [[name, label] for name, (label, _) in QUANTITIES.items()]
    assert visit.evaluate(options, "objective") == [
        [objective, QUANTITIES[name][0]]
        for objective, name in {
            "divergence": "divergence", "prediction_divergence": "prediction_divergence", "process": "process_total",
            "excess_risk": "student_excess_risk", "unseen_risk": "student_unseen_risk",
        }.items()
    ]  # fmt: skip


LACKING = """([key, changes]) => { const subject = { ...Explorer.subjects[key], ...changes };
  return Object.fromEntries(Quantities.list.map(({ name, lacking }) => [name, lacking(subject, subject.design)])); }"""


def test_what_a_problem_lacks_is_said_of_just_those_quantities(visit: Any) -> None:
    truth = "The data come without true weights, which this average over labels needs."
    given = "The inputs are given, and nobody knows what others would be drawn from."
    other = "The design has test inputs other than its training inputs (test_cov), which the page cannot follow."
    few = "Fewer samples than directions that vary have no labels with this Gram matrix."
    impure = "The process has a ledger for pure distillation alone, whose mixing is 1."
    long_ = "Averages over unseen inputs are computed for spectra of up to 512 directions."
    unseen = {"teacher_unseen_risk": given, "student_unseen_risk": given}
    process = [name for name in QUANTITIES if name.startswith("process")]
    risks = ["teacher_excess_risk", "student_excess_risk"]
    gaps = ["prediction_divergence", "teacher_gap", "student_gap"]
    design_of = visit.evaluate("Explorer.subjects.yours.design")
    for key, changes, expected in (
        ("yours", {}, unseen),
        ("observed", {}, unseen | dict.fromkeys([*risks, *process], truth)),
        ("elsewhere", {}, unseen | dict.fromkeys([*risks, *gaps], other)),
        ("power-law", {}, {}),
        ("yours", {"design": design_of | {"mixing": 0.5}}, unseen | dict.fromkeys(process, impure)),
        ("yours", {"design": design_of | {"n_samples": 11}}, unseen | dict.fromkeys(process, few)),
        ("yours", {"design": design_of | {"n_samples": 12}}, unseen),
        ("yours", {"population": True, "eigenvalues": [1.0] * 512, "signal": [1.0] * 512}, dict.fromkeys(process, few)),
        ("yours", {"population": True, "eigenvalues": [1.0] * 513, "signal": [1.0] * 513},
         dict.fromkeys(process, few) | dict.fromkeys(unseen, long_)),
    ):  # fmt: skip
        found = visit.evaluate(LACKING, [key, changes])
        assert {name: words for name, words in found.items() if words is not None} == expected, (key, changes)


def test_risks_on_unseen_inputs_are_known_of_512_directions_but_not_of_513(visit: Any) -> None:
    code = """(d) => { const subject = { ...Explorer.subjects["power-law"], eigenvalues: Array(d).fill(1),
      signal: Array(d).fill(1) };
      return Answers.of(subject, subject.design).unseen === null; }"""
    assert [visit.evaluate(code, d) for d in (512, 513)] == [False, True]
