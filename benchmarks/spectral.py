"""Speed of single questions about one design, beside what they cannot be faster than, all in one run.

A spectral design is a few passes over its directions, so that its questions are held to the sweep of the same numbers,
to one ``np.linalg.eigh`` of as many rows, and to numpy written by hand. Every contestant makes its design anew. Dense
designs are held to themselves on one BLAS thread. ``python benchmarks/spectral.py``; the thread setting is printed.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController
from timing import medians

import lingauss as lg

DIRECTIONS = 512
RUNS = 9
FEW = 20  # calls timed together where one takes too little
LOOP = 1000
OUTPUTS = 3
TEACHER, STUDENT = lg.Ridge(2.0), lg.Ridge(3.0, 0.25)


def spectrum(d: int) -> np.ndarray:
    return np.sort(10 ** np.random.default_rng(0).uniform(-1, 3, d))[::-1]


def spectral_problem(d: int) -> lg.Problem:
    return lg.Problem.from_spectrum(spectrum(d), np.ones(d), n_samples=2 * d, label_noise=0.5, outputs=OUTPUTS)


def design(problem: lg.Problem) -> lg.Distillation:
    return lg.Distillation(problem, TEACHER, STUDENT, lg.Principal(problem.n_features // 4))


def row(what: str, measured: float, unit: str, goal: float) -> None:
    verdict = "" if measured <= goal else "  MISSED"
    print(f"  {what:<86} {measured:8.2f} {unit:<3} goal {goal:g}{verdict}")


def compare(
    what: str, question: Callable[[], object], reference: Callable[[], object], goal: float, runs: int = RUNS
) -> None:
    """Time a question and its reference in turns, so that what ran before is the same for both."""
    times = medians({"question": question, "reference": reference}, runs)
    took = f"{1e3 * times['reference']:.3g} ms"
    row(f"{what} ({took})", times["question"] / times["reference"], "×", goal)


def questions() -> None:
    """Time one design of 512 directions."""
    problem, rng = spectral_problem(DIRECTIONS), np.random.default_rng(1)
    square = rng.standard_normal((DIRECTIONS, DIRECTIONS))
    gram = square @ square.T
    noise, temperature = itertools.count(1), itertools.count(1)
    base = design(problem)
    base.divergence()

    def one_point(*quantities: str) -> Callable[[], object]:
        return lambda: design(problem).sweep(quantities=quantities, temperature=[1.0])

    def best_of(*settings: str) -> Callable[[], object]:
        return lambda: design(problem).optimize(over=settings)

    def sweep_and_argmin() -> object:
        return design(problem).sweep(student_rank=range(DIRECTIONS + 1))["divergence"].values.argmin()

    def eigh() -> object:
        return np.linalg.eigh(gram)

    def noises() -> None:
        for _ in range(FEW):
            base.replace(label_noise=0.5 + 1e-3 * next(noise)).divergence()

    def temperatures() -> None:
        for _ in range(FEW):
            base.replace(temperature=1.0 + 1e-3 * next(temperature)).divergence()

    everything = ("student_rank", "temperature", "floor")
    print(f"{DIRECTIONS} directions, from the spectrum")
    swept = one_point("teacher_gap", "student_gap")
    compare("gaps(), in one-point sweeps of the same", lambda: design(problem).gaps(), swept, 2)
    swept = one_point("teacher_excess_risk", "student_excess_risk")
    compare("excess_risk(), in one-point sweeps of the same", lambda: design(problem).excess_risk(), swept, 2)
    compare("optimize over rank, in sweeps over all ranks with argmin", best_of("student_rank"), sweep_and_argmin, 5)
    compare("optimize over rank, temperature and floor, in eigh", best_of(*everything), eigh, 3)
    compare("bounds(), in eigh", lambda: design(problem).bounds(), eigh, 2)
    compare(f"{FEW} × replace(label_noise) and divergence(), in the same of temperature", noises, temperatures, 2)


def by_hand(problem: lg.Problem, rank: int, temperature: float) -> np.ndarray:
    """Return the six cells of a ridge pair as one would write them down, (2, 3)."""
    s, power, k = problem.gramian.variances, problem.signal * problem.gramian.variances**2, problem.outputs
    unit = problem.label_noise**2
    a, b = 1.0 / (s + TEACHER.penalty), 1.0 / (s + STUDENT.penalty)
    teacher = unit * TEACHER.temperature * a
    student = unit * STUDENT.temperature * b + b**2 * s * (s * teacher + temperature * unit)
    floor = unit * STUDENT.temperature / STUDENT.penalty
    moved = np.where(np.arange(len(s)) < rank, s * a * b - a, -a)
    ratio = np.where(np.arange(len(s)) < rank, student, floor) / teacher
    leverage = 0.5 * moved**2 / teacher
    costs = np.array([leverage * power, leverage * k * s * unit, 0.5 * k * (ratio - 1.0 - np.log(ratio))])
    return np.array([costs[:, :rank].sum(axis=1), costs[:, rank:].sum(axis=1)])


def loop(d: int = 64) -> None:
    """Time a user's own loop over temperatures."""
    problem = spectral_problem(d)
    case, temperatures = design(problem), np.linspace(0.5, 2.0, LOOP).tolist()
    for temperature in temperatures[:3]:
        exact = case.replace(temperature=temperature).divergence().cells
        np.testing.assert_allclose(by_hand(problem, case.rank, temperature), exact, rtol=1e-9)

    def with_lingauss() -> None:
        for temperature in temperatures:
            case.replace(temperature=temperature).divergence()

    def with_numpy() -> None:
        for temperature in temperatures:
            by_hand(problem, case.rank, temperature)

    times = medians({"lingauss": with_lingauss, "numpy": with_numpy}, 5)
    print(f"{d} directions, {LOOP} × replace(temperature) and divergence(): {LOOP / times['lingauss']:,.0f} a second")
    row("in numpy by hand, six cells each", times["lingauss"] / times["numpy"], "×", 6)


MANY = """
import resource, sys, time
import numpy as np, lingauss as lg
s = np.sort(10 ** np.random.default_rng(0).uniform(-1, 3, 10**6))[::-1]
lg.Distillation(lg.Problem.from_spectrum(s[:9], s[:9], n_samples=20, label_noise=0.5)).gaps()
start = time.perf_counter()
problem = lg.Problem.from_spectrum(s, np.ones(10**6), n_samples=2 * 10**6, label_noise=0.5, outputs=3)
lg.Distillation(problem, lg.Ridge(2.0), lg.Ridge(3.0, 0.25), lg.Principal(250_000)).gaps()
seconds = time.perf_counter() - start
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10))
"""


def many_directions() -> None:
    """Time a million directions, in a process of its own."""
    found = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, check=True).stdout
    seconds, megabytes = map(float, found.split())
    print("1,000,000 directions, from the spectrum to the gaps")
    row("seconds", seconds, "s", 1)
    row("peak memory of the process, python and numpy included", megabytes, "MB", 300)


def dense_questions(d: int) -> Mapping[str, Callable[[], object]]:
    """Questions about a design with test inputs of its own and an oblique subspace, made anew each time."""
    rng = np.random.default_rng(2)
    inputs = rng.standard_normal((3 * d, d)) * np.geomspace(1.0, 0.1, d)
    labels = inputs @ np.ones((d, OUTPUTS)) + rng.standard_normal((3 * d, OUTPUTS))
    subspace = lg.Subspace(np.linalg.qr(rng.standard_normal((d, d // 4)))[0])
    gram, test = inputs.T @ inputs, np.eye(d) + 0.1

    def ask(question: Callable[[lg.Distillation], Any], test_cov: Any = None) -> Callable[[], object]:
        def asked() -> object:
            problem = lg.Problem.from_gram(
                gram, n_samples=3 * d, truth=np.ones((OUTPUTS, d)), label_noise=0.5, test_cov=test_cov
            )
            return question(lg.Distillation(problem, TEACHER, STUDENT, subspace))

        return asked

    return {
        "from_data": lambda: lg.Problem.from_data(inputs, labels),
        "spectral divergence": lambda: design(lg.Problem.from_data(inputs, labels)).divergence(),
        "divergence": ask(lambda case: case.divergence()),
        "prediction_divergence": ask(lambda case: case.prediction_divergence()),
        "gaps": ask(lambda case: case.gaps(), test),
        "excess_risk": ask(lambda case: case.excess_risk(), test),
        "mutual_information": ask(lambda case: case.mutual_information()),
        "bounds": ask(lambda case: case.bounds(), test),
        "optimize temperature": ask(lambda case: case.optimize(over=("temperature",))),
    }


def threads(d: int) -> None:
    """Time default threads beside one."""
    blas = ThreadpoolController().select(user_api="blas")

    def on_one_thread(question: Callable[[], object]) -> object:
        with blas.limit(limits=1):
            return question()

    print(f"{d} features, dense, in the time on one BLAS thread")
    for name, question in dense_questions(d).items():
        compare(name, question, partial(on_one_thread, question), 1.1, max(RUNS, 5000 // d))


def main() -> None:
    libraries = ThreadpoolController().select(user_api="blas").info()
    print("BLAS threads: " + ", ".join(f"{library['num_threads']} ({library['prefix']})" for library in libraries))
    questions()
    loop()
    many_directions()
    for d in (64, 256, 512):
        threads(d)


if __name__ == "__main__":
    main()
