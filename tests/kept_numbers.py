"""500 seeded designs of every kind, every number the library gives about them, and these numbers as once computed.

``python tests/kept_numbers.py`` writes the numbers of today over those that were kept: to be done only where a test's
exception says which of them were wrong.
"""

from __future__ import annotations

import itertools
import json
import math
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import lingauss as lg
from lingauss.errors import LingaussError, TiedSpectrumWarning

COUNT = 500
FILE = Path(__file__).parent / "kept_numbers.npz"
BITS_DROPPED = 14  # of 52: 1e-12 relative, in exchange for a file that compresses

Subject = lg.Distillation | lg.Chain


def draw(number: int) -> Subject:
    """Return a design, or a chain of designs; every fifth has fewer rows than features."""
    rng = np.random.default_rng([500, number])
    few = number % 5 == 0
    kind = ("spectrum", "inputs", "inputs", "intercept", "observed", "plug-in")[number % 6]
    if few and kind == "spectrum" and number % 4:
        kind = "inputs"
    d = int(rng.integers(3 if few else 1, 7))
    n = int(rng.integers(1, d)) + 1 if few else d + 1 + int(rng.integers(0, 6))
    k = int(rng.integers(1, 4))
    X = rng.standard_normal((n, d)) * np.exp(0.3 * rng.standard_normal(d))
    W, noise = rng.standard_normal((k, d)), _size(rng)
    test_cov = None
    if rng.random() < 0.2:
        root = rng.standard_normal((d, d + 1))
        test_cov = root @ root.T / d
    problem = _problem(kind, X, W, noise, test_cov, few, rng)
    center = problem.intercept
    teacher, student = _learner(rng, problem), _learner(rng, problem)
    if rng.random() < 0.15:
        student = _near(teacher, rng)
    settings: dict[str, Any] = {
        "bottleneck": _bottleneck(rng, d, problem.gramian.rank),
        "floor": None if rng.random() < 0.4 else _size(rng),
        "temperature": 0.0 if rng.random() < 0.1 else _size(rng),
        "mixing": float(rng.choice([0.0, 1.0, 1.0, rng.uniform(-0.3, 1.3)])),
        "draws": int(rng.choice([1, 1, 2, 3])),
    }
    if student.temperature == 0.0 and settings["floor"] is None:
        settings["floor"] = _size(rng)
    special = rng.random()
    if special < 0.1:
        other = rng.standard_normal((int(rng.integers(d + 2, 2 * d + 3)), d))
        settings |= {"transfer": lg.Moments.from_data(other, center=center), "mixing": 1.0}
        if isinstance(settings["bottleneck"], lg.Best):
            settings["bottleneck"] = lg.Principal(settings["bottleneck"].rank)
    elif special < 0.2 and kind != "spectrum" and n >= 4:
        parts = np.array_split(X, int(rng.integers(2, 4)))
        if not isinstance(teacher, lg.NoisyGradientDescent):
            teacher = lg.Shards(teacher, [lg.Moments.from_data(part, center=center) for part in parts])
            if isinstance(settings["bottleneck"], lg.Best):
                settings["bottleneck"] = lg.Principal(settings["bottleneck"].rank)
    elif special < 0.35 and not isinstance(settings["bottleneck"], lg.Best):
        case = lg.Distillation(problem, teacher, student, **settings)
        return lg.Chain(case, 3)
    case = lg.Distillation(problem, teacher, student, **settings)
    if special > 0.9 and not isinstance(settings["bottleneck"], lg.Best):
        bent = lg.Channel(case.teacher_channel.A + 0.1, case.teacher_channel.cov, _offset(problem, rng))
        if special > 0.95:
            subspace = np.linalg.qr(rng.standard_normal((d, d)))[0][:, : int(rng.integers(1, d + 1))]
            return lg.Distillation.from_channels(problem, bent, case.student_channel, subspace)
        return case.replace(teacher=bent)
    return case


def _problem(
    kind: str, X: np.ndarray, W: np.ndarray, noise: float, test_cov: Any, few: bool, rng: np.random.Generator
) -> lg.Problem:
    if kind == "spectrum":
        spectrum = np.sum(np.square(X), axis=0)
        if few:
            spectrum[: max(len(spectrum) // 3, 1)] = 0.0
        given = {"n_samples": len(X) + len(spectrum), "label_noise": noise, "outputs": len(W), "test_cov": test_cov}
        return lg.Problem.from_spectrum(spectrum, np.sum(np.square(W), axis=0), **given)
    if kind == "inputs":
        return lg.Problem.from_inputs(X, truth=W, label_noise=noise, test_cov=test_cov)
    Y = X @ W.T + noise * rng.standard_normal((len(X), len(W)))
    problem = lg.Problem.from_data(X, Y, label_noise=noise, test_cov=test_cov)
    if kind == "intercept":
        return problem.with_truth(W)
    return problem if kind == "observed" else problem.plug_in(penalty=1.0)


def _learner(rng: np.random.Generator, problem: lg.Problem) -> Any:
    common = {
        "penalty": _size(rng),
        "temperature": 0.0 if rng.random() < 0.1 else _size(rng),
        "noise": _size(rng) if rng.random() < 0.2 else None,
    }
    largest = float(problem.eigenbasis.eigenvalues[0]) + common["penalty"]
    kind = rng.random()
    if kind < 0.6:
        return lg.Ridge(**common)
    if kind < 0.75:
        return lg.GradientFlow(float(rng.uniform(0.3, 5.0)) / largest, **common)
    steps = math.inf if kind > 0.95 else int(rng.integers(1, 12))
    return lg.NoisyGradientDescent(steps, float(rng.uniform(0.1, 1.2)) / largest, **common)


def _near(teacher: Any, rng: np.random.Generator) -> Any:
    if not isinstance(teacher, lg.Ridge):
        return teacher
    return lg.Ridge(teacher.penalty * 1.001, teacher.temperature * 0.999, teacher.noise)


def _bottleneck(rng: np.random.Generator, d: int, live: int) -> Any:
    """Draw a bottleneck; a spectral one keeps some of the live directions, as null ones are no particular ones."""
    kind = int(rng.integers(0, 5))
    if kind == 3:
        return lg.Subspace(np.linalg.qr(rng.standard_normal((d, d)))[0][:, : int(rng.integers(0, d + 1))])
    rank = int(rng.integers(0, live + 1))
    if kind == 4:
        return lg.Selected(tuple(int(i) for i in rng.permutation(live)[:rank]))
    return (None, lg.Principal(rank), lg.Best(rank))[kind]


def _offset(problem: lg.Problem, rng: np.random.Generator) -> np.ndarray:
    known = problem.observed is not None or (problem.truth is not None and problem.truth.mean is not None)
    return 0.3 * rng.standard_normal(problem.n_features) * known


def _size(rng: np.random.Generator) -> float:
    return float(np.exp(0.6 * rng.normal()))


def numbers(number: int) -> dict[str, list[float]]:
    """Return every number about a design that it has, in groups of one unit; what raises an error is left out.

    Sweeps and optima, which take longer, are those of every third design.
    """
    subject = draw(number)
    questions = itertools.chain(_questions(subject), _searches(subject) if number % 3 == 0 else ())
    found: dict[str, list[float]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TiedSpectrumWarning)
        for name, question in questions:
            try:
                found[name] = [float(value) for value in np.ravel(question())]
            except LingaussError:
                continue
    return found


def _questions(subject: Subject) -> Iterator[tuple[str, Callable[[], Any]]]:
    if isinstance(subject, lg.Chain):
        for number in (2, 3):
            design = subject.designs[number - 1]
            yield f"ledger {number}", lambda number=number: _costs(subject.ledger(number))
            yield f"ledger {number} from first", lambda number=number: _costs(subject.ledger(number, from_first=True))
            yield f"gap {number}", lambda design=design: design.gaps().student
            yield f"risk {number}", lambda design=design: design.excess_risk().student
            yield f"information {number}", lambda design=design: design.mutual_information().student
    case = _first(subject)
    yield "divergence", lambda: _costs(case.divergence())
    yield "predictions", lambda: _costs(case.prediction_divergence())
    yield "reverse", lambda: _costs(case.reverse_divergence())
    yield "from another", lambda: _costs(case.divergence_from(lg.Ridge(0.7, 1.3)))
    yield "gaps", lambda: _both(case.gaps())
    yield "risks", lambda: _both(case.excess_risk())
    yield "information", lambda: _both(case.mutual_information())
    yield "cumulants", lambda: _moments(case.gap_cumulants)
    yield "conditional cumulants", lambda: _moments(case.conditional_gap_cumulants)
    yield "sharpness", lambda: [getattr(case.sharpness(), name) for name in ("gradient", "curvature", "distance")]
    yield "labels", lambda: _of_labels(case.label_divergence())
    yield "process", lambda: [case.process_divergence().statistic, case.process_divergence().weights]
    yield "path", lambda: [case.path_divergence().mean, case.path_divergence().noise, case.path_divergence().spread]
    yield "bounds", lambda: [bound.value for bound in case.bounds().bounds]


def _searches(subject: Subject) -> Iterator[tuple[str, Callable[[], Any]]]:
    if isinstance(subject, lg.Chain):
        yield "swept", lambda: subject.sweep(quantities=["divergence", "first_divergence"], draws=[1, 2]).to_array()
        yield "swept gap", lambda: subject.sweep(quantities=["gap"])["gap"].values
        yield "swept risk", lambda: subject.sweep(quantities=["excess_risk"])["excess_risk"].values
    case = _first(subject)
    yield "swept ranks", lambda: _swept(case, "divergence")
    yield "swept predictions", lambda: _swept(case, "prediction_rank_irreducible")
    yield "swept risks", lambda: _swept(case, "student_excess_risk")
    yield "optimum", lambda: case.optimize(over=("student_rank", "temperature", "floor")).value
    if not isinstance(case.bottleneck, lg.Best):
        yield "optimal risk", lambda: case.optimize(over=("mixing",), objective="excess_risk").value


def _first(subject: Subject) -> lg.Distillation:
    return subject.case if isinstance(subject, lg.Chain) else subject


def _costs(ledger: lg.Ledger) -> list[float]:
    return [*ledger.cells.reshape(-1), ledger.rank_irreducible]


def _both(pair: Any) -> tuple[float, float]:
    return pair.teacher, pair.student


def _moments(law: Any) -> list[float]:
    return [law.mean, law.variance]


def _of_labels(found: Any) -> list[float]:
    return [found.exact, found.statistic, found.squared_bias, found.variance, found.observation]


def _swept(case: lg.Distillation, quantity: str) -> np.ndarray:
    ranks = sorted({0, min(1, case.largest_rank), min(case.problem.gramian.rank, case.largest_rank)})
    return case.sweep(student_rank=ranks, draws=[1, 2], quantities=[quantity])[quantity].values


def kept() -> list[dict[str, list[float]]]:
    """Return the numbers that were kept, design by design."""
    with np.load(FILE) as archive:
        layout, values = json.loads(archive["layout"].tobytes()), archive["values"].tolist()
    designs, start = [], 0
    for lengths in layout:
        designs.append({})
        for name, length in lengths.items():
            designs[-1][name] = values[start : start + length]
            start += length
    return designs


def keep() -> None:
    """Write the numbers of today."""
    designs = [numbers(number) for number in range(COUNT)]
    layout = [{name: len(values) for name, values in design.items()} for design in designs]
    values = np.array([value for design in designs for group in design.values() for value in group])
    rounded = values.view(np.uint64) + np.uint64(1 << BITS_DROPPED - 1) * np.isfinite(values).astype(np.uint64)
    rounded &= ~np.uint64((1 << BITS_DROPPED) - 1)
    text = np.frombuffer(json.dumps(layout, separators=(",", ":")).encode(), dtype=np.uint8)
    np.savez_compressed(FILE, layout=text, values=rounded.view(np.float64))


if __name__ == "__main__":
    keep()
