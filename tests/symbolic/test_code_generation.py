"""Emitted code: as accurate as the algebra allows, and the same in every language."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import mpmath
import numpy as np
import pytest
from points import Point, exact_value, random_point

from lingauss.symbolic import derivation, derivations, excess_log, names
from lingauss.symbolic.codegen import javascript_function
from lingauss.symbolic.primitives import JAVASCRIPT_SOURCE

SEEDS = (1, 2, 3)
NEAR_ONE = (1.0 + 1e-8, 1.0 - 1e-8, 1.0 + 3e-12, 1.0 - 1e-4, 1.0)


def _entries(value: object) -> list[float]:
    return [float(entry) for entry in value] if isinstance(value, (tuple, list)) else [float(value)]


@pytest.mark.parametrize("name", names())
def test_lambdified_statement_equals_what_was_derived_evaluated_to_sixty_digits(name: str) -> None:
    found = derivation(name)
    for seed in SEEDS:
        point = random_point(found, np.random.default_rng(seed))
        truth = [float(value) for value in exact_value(found.derived, point)]
        assert _entries(found.lambdify()(**point)) == pytest.approx(truth, rel=1e-12, abs=0)


def _cells_as_in_the_theory(a: dict[str, float]) -> dict[str, mpmath.mpf]:
    """Write the cells literally as in theory §4, before any cancellation was removed, for 50-digit arithmetic."""
    x = {name: mpmath.mpf(value) for name, value in a.items()}
    scale_T, scale_S = x["tau_T"] * x["sigma_T"] ** 2, x["tau_S"] * x["sigma_S"] ** 2
    gain_T, gain_S = x["s"] / (x["s"] + x["lambda_T"]), x["s"] / (x["s"] + x["lambda_S"])
    v, u = scale_T / (x["s"] + x["lambda_T"]), scale_S / (x["s"] + x["lambda_S"])
    g = (1 - x["xi"]) + x["xi"] * gain_T
    noise = x["nu"] ** 2 / x["s"]
    kept = (gain_S**2 * x["xi"] ** 2 / x["m"] * (v + x["tau"] * noise) + u) / v
    dropped = x["floor"] / v
    return {
        "retained_bias": (gain_S * g - gain_T) ** 2 * x["signal"] / (2 * v),
        "retained_noise": x["k"] * (gain_S * g - gain_T) ** 2 * noise / (2 * v),
        "retained_spread": x["k"] * (kept - 1 - mpmath.log(kept)) / 2,
        "discarded_bias": gain_T**2 * x["signal"] / (2 * v),
        "discarded_noise": x["k"] * gain_T**2 * noise / (2 * v),
        "discarded_spread": x["k"] * (dropped - 1 - mpmath.log(dropped)) / 2,
    }


def _random_setting(rng: np.random.Generator) -> dict[str, float]:
    drawn = ("s", "lambda_T", "lambda_S", "tau_T", "tau_S", "sigma_T", "sigma_S", "nu", "tau", "xi", "floor", "signal")
    return {**{name: float(rng.uniform(0.2, 3.0)) for name in drawn}, "m": 2.0, "k": 3.0}


def _cell(name: str, setting: dict[str, float]) -> float:
    found = derivation(name)
    return float(found.lambdify()(**{symbol.name: setting[symbol.name] for symbol in found.arguments}))


def _assert_cells_match(setting: dict[str, float]) -> None:
    with mpmath.workdps(50):
        truth = _cells_as_in_the_theory(setting)
        total = float(sum(truth.values()))
        for name, value in truth.items():
            assert _cell(name, setting) == pytest.approx(float(value), rel=1e-12, abs=1e-12 * total)
        for side in ("retained", "discarded"):
            whole = float(sum(value for name, value in truth.items() if name.startswith(side)))
            assert _cell(f"{side}_cost", setting) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_cells_equal_the_literal_theory_at_random_points(seed: int) -> None:
    _assert_cells_match(_random_setting(np.random.default_rng(seed)))


@pytest.mark.parametrize("ratio", NEAR_ONE)
def test_cells_keep_their_digits_when_student_and_teacher_nearly_agree(ratio: float) -> None:
    """ρ near 1: the student's scale, or the floor, is the teacher's times 1 ± 1e-8; no soft labels."""
    setting = _random_setting(np.random.default_rng(5))
    setting |= {"xi": 0.0, "sigma_S": setting["sigma_T"], "lambda_S": setting["lambda_T"]}
    setting["tau_S"] = setting["tau_T"] * ratio
    setting["floor"] = setting["tau_T"] * setting["sigma_T"] ** 2 / (setting["s"] + setting["lambda_T"]) * ratio
    _assert_cells_match(setting)


@pytest.mark.parametrize("ratio", NEAR_ONE)
def test_divergence_of_nearly_equal_gaussians_keeps_all_digits(ratio: float) -> None:
    """Relative accuracy of the value itself, though it is of size 1e-17."""
    v_2 = 1.7
    v_1 = v_2 * ratio
    with mpmath.workdps(60):
        rho = mpmath.mpf(v_1) / mpmath.mpf(v_2)
        truth = float((rho - 1 - mpmath.log(rho)) / 2)
    assert derivation("kl_spread_part").lambdify()(v_1, v_2) == pytest.approx(truth, rel=1e-14, abs=0)


def test_primitive_reaches_full_accuracy_over_its_domain() -> None:
    points = np.concatenate([sign * np.logspace(-300, -1e-3, 400) for sign in (1, -1)] + [np.logspace(0, 300, 50)])
    with mpmath.workdps(700):
        truth = [float(mpmath.mpf(x) - mpmath.log(1 + mpmath.mpf(x))) for x in points]
    np.testing.assert_allclose(excess_log(points), truth, rtol=7e-16, atol=0)
    assert excess_log(0.0) == 0.0
    assert excess_log(-1.0) == np.inf
    assert excess_log(np.inf) == np.inf
    assert np.isnan(excess_log(-2.0))


def test_lambdified_statement_broadcasts() -> None:
    spread = derivation("kl_spread_part").lambdify()
    v_1, v_2 = np.linspace(0.5, 2, 4)[:, None], np.linspace(0.5, 2, 3)
    values = spread(v_1, v_2)
    assert values.shape == (4, 3)
    assert values[1, 2] == spread(v_1[1, 0], v_2[2])


def test_python_source_stands_alone_and_gives_the_same_numbers(tmp_path: Path) -> None:
    for found in derivations():
        source = found.to_python()
        assert "lingauss" not in source
        path = tmp_path / f"{found.name}.py"
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(f"emitted_{found.name}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        point = random_point(found, np.random.default_rng(4))
        emitted = _entries(getattr(module, found.name)(**point))
        assert emitted == pytest.approx(_entries(found.lambdify()(**point)), rel=1e-12, abs=0)


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node.js is not installed: the generated JavaScript cannot be checked. Install `node`.")
    return node


def _run_javascript(source: str, tmp_path: Path) -> object:
    script = tmp_path / "formulas.js"
    script.write_text(source, encoding="utf-8")
    done = subprocess.run([_node(), str(script)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _as_json(point: Point) -> list[object]:
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in point.values()]


def test_javascript_run_by_node_equals_python(tmp_path: Path) -> None:
    functions, calls, expected = [], [], []
    for found in derivations():
        functions.append(javascript_function(found.name, found.statement, found.where))
        for seed in SEEDS:
            point = random_point(found, np.random.default_rng(seed))
            calls.append(f"{found.name}(...{json.dumps(_as_json(point))})")
            expected.append((found.name, _entries(found.lambdify()(**point))))
    program = "\n".join([JAVASCRIPT_SOURCE, *functions, f"console.log(JSON.stringify([{', '.join(calls)}]));"])
    results = _run_javascript(program, tmp_path)
    assert isinstance(results, list)
    for value, (name, truth) in zip(results, expected, strict=True):
        assert _entries(value) == pytest.approx(truth, rel=1e-12, abs=0), name


def test_javascript_primitive_equals_the_python_one(tmp_path: Path) -> None:
    points = [
        *(sign * 10.0**power for power in range(-18, 0) for sign in (1, -1)),
        0.0,
        0.49999,
        -0.49999,
        0.5,
        3.0,
        1e9,
    ]
    source = f"{JAVASCRIPT_SOURCE}\nconsole.log(JSON.stringify({json.dumps(points)}.map(excessLog)));"
    np.testing.assert_allclose(_run_javascript(source, tmp_path), excess_log(points), rtol=1e-15, atol=0)


def test_one_emitted_formula_is_complete(tmp_path: Path) -> None:
    source = derivation("discarded_spread").to_javascript()
    assert source.count("function excessLog") == 1
    call = "console.log(JSON.stringify(discarded_spread(0.5, 1, 1, 1, 1, 1)));"
    assert _run_javascript(source + call, tmp_path) == 0


def test_missing_node_fails_with_a_clear_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match=r"Node\.js is not installed"):
        _node()
