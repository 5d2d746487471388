"""Seeded malformed and extreme calls of the public API, and what their outcome must never be."""

from __future__ import annotations

import decimal
import math
import signal
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any

import high_precision as exact
import mpmath
import numpy as np
import pandas as pd
import xarray as xr

import lingauss as lg
from lingauss.errors import LingaussError, TiedSpectrumWarning

SECONDS = 20  # of one call; a hang, on however busy a machine

JUNK: tuple[Any, ...] = (
    None,
    "text",
    b"bytes",
    "",
    (),
    [],
    {},
    {1.0},
    object(),
    1 + 2j,
    [1 + 2j],
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    True,
    np.datetime64("2020-01-01"),
    np.timedelta64(3, "s"),
    decimal.Decimal("1.5"),
    Fraction(1, 3),
    [[1.0], [1.0, 2.0]],
    [[]],
    [None],
    ["a", "b"],
    [math.nan, 1.0],
    np.ma.masked,
    np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    np.float16(6e4),
    np.array(1.0),
    np.zeros((0, 3)),
    np.zeros((2, 2, 2)),
    np.array([1.0, "x"], dtype=object),
    (value for value in [1.0]),
    pd.NA,
    pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}),
    xr.DataArray([1.0, math.nan], dims="x"),
    range(3),
    int,
    len,
)
NUMBERS = (0.0, -0.0, 1.0, -1.0, 0.5, 3.0, 7, 1e-5, 1e5, 1e-160, 1e160, 1e300, -1e300, 1e-300, 5e-324, 1.7e308, 2**60)


def number(rng: np.random.Generator) -> Any:
    return NUMBERS[rng.integers(len(NUMBERS))]


def extreme(rng: np.random.Generator, value: Any) -> Any:
    """Return an argument with some numbers changed to extreme ones, or in another container, shape or scale."""
    array = np.array(value, dtype=np.float64)
    kind = rng.integers(9)
    if kind == 0:
        return array * float(number(rng)) if abs(float(number(rng))) < 1e200 else array * 1e-200
    if kind == 1 and array.size:
        array.reshape(-1)[rng.integers(array.size)] = float(number(rng))
        return array
    if kind == 2 and array.ndim == 2:
        units = 10.0 ** rng.integers(-160, 160, size=array.shape[1])
        return array * units if array.shape[0] != array.shape[1] else array * units * units[:, None]
    if kind == 3 and array.ndim == 2 and array.shape[0] == array.shape[1]:
        array[0, -1] += float(number(rng))
        return array
    if kind == 4 and array.ndim:
        return array[..., :-1] if rng.random() < 0.5 else array[None]
    if kind == 5 and array.ndim == 2:
        return pd.DataFrame(array) if rng.random() < 0.5 else xr.DataArray(array)
    if kind == 6:
        return array.astype(rng.choice([np.float32, np.float16, np.int64, np.bool_, object]))
    if kind == 7:
        return -array
    return np.zeros_like(array)


@dataclass(frozen=True)
class Call:
    """A public function and a maker of legal arguments for it."""

    name: str
    function: Callable[..., Any]
    arguments: Callable[[np.random.Generator], dict[str, Any]]
    oracle: Callable[[dict[str, Any], Any], bool] | None = None


def matrix(rng: np.random.Generator, dim: int, rank: int | None = None) -> np.ndarray:
    root = rng.integers(-2, 3, size=(dim, dim if rank is None else rank)).astype(float)
    return root @ root.T + (np.eye(dim) if rank is None else 0.0)


def law(rng: np.random.Generator, dim: int = 2) -> dict[str, Any]:
    rank = None if rng.random() < 0.7 else int(rng.integers(0, dim + 1))
    return {"mean": rng.integers(-2, 3, size=dim).astype(float), "cov": matrix(rng, dim, rank)}


def two_laws(rng: np.random.Generator) -> dict[str, Any]:
    first, second = law(rng), law(rng)
    return {"m": first["mean"], "S": first["cov"], "n": second["mean"], "T": second["cov"]}


def on_two(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(m: Any, S: Any, n: Any, T: Any, **rest: Any) -> Any:
        return function(lg.Gaussian(m, S), lg.Gaussian(n, T), **rest)

    return call


def spectrum(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "eigenvalues": rng.integers(0, 5, size=3).astype(float),
        "signal": rng.integers(0, 3, size=3).astype(float),
        "n_samples": 6,
        "label_noise": 0.5,
    }


def settings(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "n_samples": 6,
        "label_noise": 0.5,
        "teacher_penalty": 0.5,
        "student_penalty": 1.0,
        "teacher_temperature": float(rng.integers(0, 2)),
        "student_temperature": 1.0,
        "teacher_noise": None,
        "floor": None if rng.random() < 0.7 else 0.3,
        "temperature": 1.0,
        "mixing": 0.7,
        "draws": 2,
    }


def spectral_design(rng: np.random.Generator) -> dict[str, Any]:
    return spectrum(rng) | settings(rng) | {"rank": int(rng.integers(0, 4))}


def dense_design(rng: np.random.Generator) -> dict[str, Any]:
    basis = np.array([[1.0, 1.0, 0.0], [1.0, -1.0, 1.0], [0.0, 1.0, 1.0]])[:, : rng.integers(0, 4)]
    gram = matrix(rng, 3, None if rng.random() < 0.6 else int(rng.integers(0, 4)))
    return {"gram": gram, "truth": rng.integers(-2, 3, size=3).astype(float), "basis": basis} | settings(rng)


def distillation(**given: Any) -> lg.Distillation:
    n, noise = given.pop("n_samples"), given.pop("label_noise")
    bottleneck: Any
    if "gram" in given:
        gram, truth = given.pop("gram"), given.pop("truth")
        problem = lg.Problem.from_gram(gram, n_samples=n, truth=truth, label_noise=noise)
        bottleneck = lg.Subspace(given.pop("basis"))
    else:
        eigenvalues, signal = given.pop("eigenvalues"), given.pop("signal")
        problem = lg.Problem.from_spectrum(eigenvalues, signal, n_samples=n, label_noise=noise)
        bottleneck = lg.Principal(given.pop("rank"))
    teacher = lg.Ridge(given.pop("teacher_penalty"), given.pop("teacher_temperature"), given.pop("teacher_noise"))
    student = lg.Ridge(given.pop("student_penalty"), given.pop("student_temperature"))
    return lg.Distillation(problem, teacher, student, bottleneck=bottleneck, **given)


def on_design(use: Callable[[lg.Distillation], Any]) -> Callable[..., Any]:
    return lambda **given: use(distillation(**given))


def data(rng: np.random.Generator) -> dict[str, Any]:
    return {"X": rng.integers(-3, 4, size=(7, 2)).astype(float), "Y": rng.integers(-3, 4, size=(7, 1)).astype(float)}


CASE = {"eigenvalues": [4.0, 1.0, 0.25], "signal": [1.0, 0.5, 2.0], "n_samples": 6, "label_noise": 0.5}


def legal_case() -> lg.Distillation:
    problem = lg.Problem.from_spectrum(**CASE)
    return lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(1.0), bottleneck=lg.Principal(2))


def calls() -> list[Call]:
    uses: dict[str, Callable[[lg.Distillation], Any]] = {
        "divergence": lambda case: case.divergence(),
        "reverse_divergence": lambda case: case.reverse_divergence(),
        "prediction_divergence": lambda case: case.prediction_divergence(),
        "gaps": lambda case: (case.gaps(), case.excess_risk()),
        "gap_cgf": lambda case: case.gap_cgf([-1.0, 0.1]),
        "bounds": lambda case: [bound.value for bound in case.bounds()],
        "label_divergence": lambda case: case.label_divergence(),
        "process_divergence": lambda case: case.replace(mixing=1.0, draws=1).process_divergence(),
        "mutual_information": lambda case: case.mutual_information(),
        "sweep": lambda case: case.sweep(student_rank=range(case.largest_rank + 1), temperature=[0.0, 2.0]),
        "channels": lambda case: (case.teacher_channel, case.student_channel),
    }
    found = [
        Call("Gaussian", lambda mean, cov: lg.Gaussian(mean, cov), law),
        Call("kl", on_two(lg.kl), two_laws, kl_is_right),
        Call("jeffreys", on_two(lg.jeffreys), two_laws),
        Call("renyi", on_two(lg.renyi), lambda rng: two_laws(rng) | {"order": rng.choice([0.25, 1.0, 2.0])}),
        Call("wasserstein2", on_two(lg.wasserstein2), two_laws),
        Call("ledger", on_two(lg.ledger), lambda rng: two_laws(rng) | {"subspace": [[1.0], [2.0]]}, total_is_kl),
        Call(
            "condition",
            lambda mean, cov, index, value: lg.Gaussian(mean, cov).condition(index, value),
            lambda rng: law(rng, 3) | {"index": [0], "value": [0.5]},
        ),
        Call(
            "marginal",
            lambda mean, cov, index: lg.Gaussian(mean, cov).marginal(index),
            lambda rng: law(rng, 3) | {"index": [2, 0]},
        ),
        Call(
            "sample",
            lambda mean, cov, size: lg.Gaussian(mean, cov).sample(size, 0),
            lambda rng: law(rng) | {"size": 3},
        ),
        Call(
            "invert",
            lambda A, cov, b, mean, S: lg.Channel(A, cov, b).invert(lg.Gaussian(mean, S)),
            lambda rng: {
                "A": rng.integers(-2, 3, size=(2, 2)).astype(float),
                "cov": matrix(rng, 2, 1),
                "b": [0.0, 1.0],
                "mean": [1.0, 2.0],
                "S": matrix(rng, 2),
            },
        ),
        Call("Diagonal", lambda variances: lg.Diagonal(variances), lambda rng: {"variances": [1.0, 0.0, 2.0]}),
        Call("Subspace", lambda basis: lg.Subspace(basis), lambda rng: {"basis": [[1.0, 0.0], [1.0, 1.0]]}),
        Call("Selected", lambda directions: lg.Selected(directions), lambda rng: {"directions": (0, 2)}),
        Call("Principal", lambda rank: lg.Principal(rank), lambda rng: {"rank": 2}),
        Call("from_data", lambda X, Y: lg.Problem.from_data(X, Y), data),
        Call("Moments", lambda X, Y: lg.Moments.from_data(X, Y) + lg.Moments.from_data(X, Y), data),
        Call("from_batches", lambda X, Y: lg.Moments.from_batches([(X, Y), (X, Y)]), data),
        Call(
            "plug_in",
            lambda X, Y, penalty: lg.Problem.from_data(X, Y, label_noise=0.5).plug_in(penalty),
            lambda rng: data(rng) | {"penalty": 0.5},
        ),
        Call(
            "from_inputs",
            lambda X, W, noise: lg.Problem.from_inputs(X, truth=W, label_noise=noise),
            lambda rng: {"X": data(rng)["X"], "W": [1.0, -1.0], "noise": 0.5},
        ),
        Call("from_spectrum", lg.Problem.from_spectrum, spectrum),
        Call(
            "with_truth",
            lambda truth: lg.Problem.from_spectrum(**CASE).with_truth(truth),
            lambda rng: {"truth": [1.0] * 3},
        ),
        Call(
            "sub_gaussian_bound",
            lg.sub_gaussian_bound,
            lambda rng: {"teacher_gap": 1.0, "divergence": 0.5, "variance_proxy": 2.0},
        ),
        Call("bounded_loss_proxy", lg.bounded_loss_proxy, lambda rng: {"largest": 2.0}),
        Call(
            "central_condition_bound",
            lg.central_condition_bound,
            lambda rng: {"teacher_gap": 1.0, "divergence": 0.5, "eta": 0.5, "c": 0.5},
        ),
        Call(
            "sharpness_bound",
            lg.sharpness_bound,
            lambda rng: {"teacher_gap": 1.0, "distance": 0.5, "gradient": 2.0, "curvature": 1.0},
        ),
        Call("sharpness_radius", lg.sharpness_radius, lambda rng: {"width": 0.5, "gradient": 2.0, "curvature": 1.0}),
        Call(
            "sweep axes",
            lambda **axes: legal_case().sweep(**axes),
            lambda rng: {"student_rank": [0, 2], "temperature": [0.5, 1.0], "floor": [0.5], "label_noise": [0.25, 1.0]},
        ),
        Call(
            "replace",
            lambda **changes: legal_case().replace(**changes).divergence(),
            lambda rng: {"student_rank": 1, "temperature": 0.5, "n_samples": 20, "penalty": 0.25, "draws": 3},
        ),
        Call(
            "optimize",
            lambda over, objective, tolerance, rank_budget: (
                legal_case()
                .optimize(over=over, objective=objective, tolerance=tolerance, rank_budget=rank_budget)
                .value
            ),
            lambda rng: {
                "over": ("student_rank", "temperature"),
                "objective": "divergence",
                "tolerance": 0.1,
                "rank_budget": 2,
            },
        ),
    ]
    for name, use in uses.items():
        found += [Call(name, on_design(use), spectral_design), Call(f"dense {name}", on_design(use), dense_design)]
    return found


def kl_is_right(given: dict[str, Any], ours: float) -> bool:
    """Whether a finite divergence agrees with 700 digits, and an infinite one with exact rank arithmetic."""
    parts = [np.array(given[name], dtype=np.float64) for name in ("m", "S", "n", "T")]
    mean_p, cov_p, mean_q, cov_q = parts
    if any(np.linalg.cond(_correlation(cov)) > 1e6 for cov in (cov_p, cov_q)):
        return ours >= 0.0  # what is singular is decided up to rounding
    with mpmath.workdps(700):
        p, q = ((cov + cov.T) / 2 for cov in map(exact.matrix, (cov_p, cov_q)))
        step = exact.matrix(mean_p) - exact.matrix(mean_q)
        truth = (exact.trace(step * q**-1 * step.T) + step.rows * exact.psi(p, q)) / 2
        return bool(abs(mpmath.mpf(ours) - truth) <= mpmath.mpf(1e-7) * abs(truth) + mpmath.mpf(1e-290))


def _correlation(cov: np.ndarray) -> np.ndarray:
    deviations = np.sqrt(np.abs(cov.diagonal()))
    if not deviations.all():
        return np.zeros_like(cov)
    return cov / deviations / deviations[:, None]


def total_is_kl(given: dict[str, Any], ours: lg.Ledger) -> bool:
    laws = lg.Gaussian(given["m"], given["S"]), lg.Gaussian(given["n"], given["T"])
    divergence = lg.kl(*laws)
    return ours.total == divergence or math.isclose(ours.total, divergence, rel_tol=1e-6, abs_tol=1e-12)


class HangError(Exception):
    """A call took too long."""


def draw(rng: np.random.Generator, known: list[Call]) -> tuple[Call, dict[str, Any]]:
    """Draw a call with up to three arguments spoilt."""
    call = known[rng.integers(len(known))]
    arguments = call.arguments(rng)
    for _ in range(int(rng.integers(1, 4))):
        name = list(arguments)[rng.integers(len(arguments))]
        value = arguments[name]
        chance = rng.random()
        if chance < 0.3:
            arguments[name] = JUNK[rng.integers(len(JUNK))]
        elif chance < 0.5 or not isinstance(value, list | np.ndarray):
            arguments[name] = number(rng)
        else:
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    arguments[name] = extreme(rng, value)
            except (TypeError, ValueError, OverflowError):
                arguments[name] = JUNK[rng.integers(len(JUNK))]
    return call, arguments


def outcome(call: Call, arguments: dict[str, Any]) -> tuple[str, str]:
    """Return how a call ended, and what is wrong with that: nothing with a typed error or a right answer."""

    def late(*_: Any) -> None:
        raise HangError

    previous = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", TiedSpectrumWarning)
            result = call.function(**arguments)
        if any(math.isnan(value) for value in numbers_in(result)):
            return "NaN", "NaN"
        if call.oracle is not None and not call.oracle(arguments, result):
            return "wrong", f"wrong: {result!r}"
    except LingaussError as error:
        return type(error).__name__, ""
    except HangError:
        return "hang", "hang"
    except Exception as error:  # what must never happen
        return "untyped", f"{type(error).__name__}: {error}"
    else:
        return "answer", ""
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def numbers_in(result: Any) -> Iterator[float]:
    """Yield every number a result holds."""
    if isinstance(result, float | np.floating):
        yield float(result)
    elif isinstance(result, np.ndarray) and result.dtype.kind == "f":
        yield from result.reshape(-1).tolist()
    elif isinstance(result, xr.Dataset):
        for name in result:
            yield from np.asarray(result[name]).reshape(-1).tolist()
    elif is_dataclass(result):
        for field in fields(result):
            yield from numbers_in(getattr(result, field.name))
    elif isinstance(result, list | tuple):
        for value in result:
            yield from numbers_in(value)
