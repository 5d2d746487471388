"""The searches behind the buttons of the page, on functions whose least values are known, and against the optimiser."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pages import design, settled
from scipy import optimize

import lingauss as lg
from lingauss.explorer.subject import describe, subject_of

pytestmark = pytest.mark.browser


ROOTS = """(places) => places.map((place) => { let calls = 0;
  const found = LineSearch.root((x) => { calls++; return Math.atan(x) - Math.atan(place); }); return [found, calls];
    })"""


def test_roots_are_found_to_the_last_digits(visit: Any) -> None:
    places = [1e-6, 0.3, 1.0, 7.0, 1e4, 123456.0]
    for place, (root, calls) in zip(places, visit.evaluate(ROOTS, places), strict=True):
        assert root == pytest.approx(place, rel=1e-15 * max(1.0, place) * 10)
        assert calls < 130
    at, none, never = visit.evaluate(
        "[(x) => x ** 3 - 8, (x) => x + 1, () => -1].map((slope) => LineSearch.root(slope))"
    )
    assert at == pytest.approx(2.0, rel=1e-15)
    assert none == 0
    assert never > 1e307 / 4


# Functions with one valley each, in JavaScript and in Python, with the points that a search starts from.
VALLEYS: dict[str, tuple[Any, list[float]]] = {
    "(x - 0.3) ** 2 + 1": (lambda x: (x - 0.3) ** 2 + 1, [-2.0, -1.0, 0.0, 1.0, 2.0]),
    "Math.abs(x - 0.71) ** 1.5": (lambda x: abs(x - 0.71) ** 1.5, [-2.0, -1.0, 0.0, 1.0, 2.0]),
    "Math.cosh(x - 4) + 0.1 * x": (lambda x: math.cosh(x - 4) + 0.1 * x, [0.0, 2.0, 3.0, 5.0, 9.0]),
    "-x * Math.exp(-x)": (lambda x: -x * math.exp(-x), [0.0, 0.5, 2.0, 5.0]),
    "x + 9 / x": (lambda x: x + 9 / x, [0.1, 1.0, 10.0, 100.0]),
    "(x - 1e-3) ** 4 + x ** 2": (lambda x: (x - 1e-3) ** 4 + x**2, [-1.0, 0.1, 0.5, 1.0]),
}


@pytest.mark.parametrize("given", VALLEYS)
def test_least_values_are_found_as_fast_as_brents_method_finds_them(visit: Any, given: str) -> None:
    f, points = VALLEYS[given]
    code = f"""(points) => {{ let calls = 0; const f = (x) => {given};
      const {{ at, value }} = LineSearch.least((x) => {{ calls++; return f(x); }}, points); return [at, value,
        calls]; }}"""
    at, value, calls = visit.evaluate(code, points)
    place = int(np.argmin([f(x) for x in points]))
    bracket = (points[max(0, place - 1)], points[min(len(points) - 1, place + 1)])
    truth = optimize.minimize_scalar(f, bounds=bracket, method="bounded", options={"xatol": 1e-10})
    assert value == f(at)
    assert value <= truth.fun + 1e-13 * abs(truth.fun)
    assert at == pytest.approx(truth.x, rel=1e-6, abs=1e-7)
    assert calls - len(points) <= truth.nfev + 8


def test_least_values_at_an_end_and_ties_are_those_of_the_points(visit: Any) -> None:
    found = visit.evaluate(
        """[(x) => x, (x) => -x, () => 5, (x) => (x === 2 ? Infinity : x)].map((f) => LineSearch.least(f, [1, 2, 4]))"""
    )
    assert found[0] == {"at": 1, "value": 1}
    assert found[1] == {"at": 4, "value": -4}
    assert found[2] == {"at": 1, "value": 5}
    assert found[3]["value"] == 1


PLANE = {
    "(x - 1) ** 2 + 2 * (y + 3) ** 2": (1.0, -3.0),
    "(x - y) ** 2 + 10 * (x + y - 4) ** 2": (2.0, 2.0),
    "Math.abs(x - 0.5) ** 1.5 + Math.abs(y - 20) ** 1.5": (0.5, 20.0),
    "Math.log(1 + (x + 2) ** 2 + 30 * (y - 1) ** 2)": (-2.0, 1.0),
    "(y - x * x) ** 2 + 0.3 * (x - 1) ** 2": (1.0, 1.0),
}


@pytest.mark.parametrize("given", PLANE)
def test_least_values_in_the_plane_are_found_by_a_simplex(visit: Any, given: str) -> None:
    code = f"""() => {{ let calls = 0; const f = ([x, y]) => {{ calls++; return {given}; }};
      const at = LineSearch.simplex(f, [0, 0], [0.1, 0.3]); return [at, calls]; }}"""
    at, calls = visit.evaluate(code)
    assert at == pytest.approx(PLANE[given], abs=2e-6)
    assert calls <= 330


WIDE = """([subject, wish]) => { const { order: _, ...found } = Optimum.spreadsAndRank(subject, subject.design, wish);
  return [found, Model.divergence(subject, found)]; }"""


@pytest.mark.parametrize(("tolerance", "budget"), [(0.0, None), (0.1, None), (0.0, 17), (0.3, 290)])
def test_rank_temperature_and_floor_of_many_directions_are_the_optimisers(
    visit: Any, tolerance: float, budget: int | None
) -> None:
    """Of more ranks than are all tried."""
    index = np.arange(1.0, 301.0)
    problem = lg.Problem.from_spectrum(3e3 / index, 1 / index**0.5, n_samples=900, label_noise=1.3)
    case = lg.Distillation(problem, lg.Ridge(30.0), lg.Ridge(9.0, 0.4), lg.Principal(70), floor=0.01, draws=3)
    wish = {"objective": "divergence", "tolerance": tolerance, "budget": budget}
    found, value = visit.evaluate(WIDE, [describe(subject_of(case, "wide")), wish])
    best = case.optimize(over=["student_rank", "temperature", "floor"], tolerance=tolerance, rank_budget=budget)
    if tolerance == 0.0:
        assert found["student_rank"] == best.settings["student_rank"]
        assert value == pytest.approx(best.value, rel=1e-9)
    else:
        least = case.optimize(over=["student_rank", "temperature", "floor"], rank_budget=budget).value
        assert value <= least * (1 + tolerance)
        assert abs(found["student_rank"] - best.settings["student_rank"]) <= 3
    reached = case.replace(**{name: found[name] for name in ("student_rank", "temperature", "floor")})
    assert reached.divergence().total == pytest.approx(value, rel=1e-9)


def test_ranks_between_those_that_are_all_tried_are_found(visit: Any) -> None:
    """On either side of every third: directions from 99 up to some rank are hardly worth keeping, later ones not."""
    s = np.linspace(300, 200, 300)

    def case_of(signal: np.ndarray) -> lg.Distillation:
        problem = lg.Problem.from_spectrum(s, signal, n_samples=900, label_noise=0.5)
        return lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0), lg.Principal(7), floor=0.01, temperature=0.0)

    strong = np.where(np.arange(300) < 99, 50.0, 0.0)
    kept = case_of(strong).sweep(student_rank=[99, 100], quantities=["student_excess_risk"])["student_excess_risk"]
    worth = 1.2 * float(kept[1] - kept[0]) * 900 / s[99]
    for best in (98, 99, 100, 101):
        signal = strong.copy()
        signal[98:best], signal[best:] = worth, 0.0
        wish = {"objective": "excess_risk", "tolerance": 0, "budget": None}
        found, _ = visit.evaluate(WIDE, [describe(subject_of(case_of(signal), "stopped")), wish])
        assert found["student_rank"] == best


@pytest.mark.parametrize(("signal", "rank"), [(0.0, 0), (1e4, 40)])
def test_the_best_rank_may_be_the_first_or_the_last(visit: Any, signal: float, rank: int) -> None:
    """Where nothing is to be learned, and where everything is."""
    problem = lg.Problem.from_spectrum(np.arange(40.0, 0, -1), np.full(40, signal), n_samples=90, label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(0.5), lg.Principal(7), floor=0.01)
    wish = {"objective": "excess_risk", "tolerance": 0, "budget": None}
    found, _ = visit.evaluate(WIDE, [describe(subject_of(case, "extreme")), wish])
    assert found["student_rank"] == rank


@pytest.mark.parametrize(
    ("what", "objective"),
    [*(("all", objective) for objective in ("divergence", "prediction_divergence", "excess_risk", "process")),
     ("temperature", "prediction_divergence"), ("temperature", "process"), ("floor", "prediction_divergence"),
     ("floor", "process"), ("mixing", "excess_risk"), ("mixing", "divergence"), ("student_penalty", "excess_risk"),
     ("student_penalty", "process"), ("student_rank", "prediction_divergence")],
)  # fmt: skip
def test_every_button_leaves_nothing_to_gain(page: Any, what: str, objective: str) -> None:
    """A twentieth more or less of what was sought is never better, and no other setting has moved."""
    page.evaluate("(objective) => { Explorer.state.wish = { objective, tolerance: 0, budget: null }; }", objective)
    settings = {"temperature": 9.0, "student_temperature": 0.4, "draws": 2, "label_noise": 0.8, "student_penalty": 2.0}
    page.evaluate("(settings) => Explorer.apply(settings)", settings)
    before = settled(page)
    page.locator(f"[data-best={what}]").click()
    after = settled(page)
    sought = ["student_rank", "temperature", "floor", "mixing", "student_penalty"] if what == "all" else [what]
    assert {name for name in after if after[name] != before[name]} <= set(sought)
    case = design().replace(**settings)

    def value(settings: dict[str, Any]) -> float:
        one = case.replace(**settings)
        if objective == "excess_risk":
            return float(one.excess_risk().student)
        ledger = {"divergence": one.divergence, "prediction_divergence": one.prediction_divergence}
        return float(ledger.get(objective, one.process_ledger)().total)

    found = {name: after[name] for name in sought}
    here = value(found)
    assert here <= value({}) * (1 + 1e-12)
    for name in sought:
        if name == "mixing" and objective == "process":
            continue
        step = 1 if name == "student_rank" else 0.05 * abs(found[name]) + (0.01 if name == "mixing" else 0.0)
        for other in (found[name] - step, found[name] + step):
            if name != "student_rank" or 0 <= other <= 12:
                slack = 1e-5 if what == "all" else 1e-12
                assert here <= value({**found, name: other}) * (1 + slack), name
    page.evaluate("Explorer.state.wish = { objective: 'divergence', tolerance: 0, budget: null }")
