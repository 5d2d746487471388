"""Seeded sequences of calls on public objects, drawn from their signatures, and what must never come of them.

A sequence starts from some legal objects. Every step calls something public of one of them, or of lingauss itself, with
arguments drawn by parameter name: legal ones, results of earlier steps, extreme numbers, or junk. Results that are
lingauss's own join the objects. Not called are constructors of records that only lingauss fills, and the methods by
which it asks learners, bottlenecks and matrices, whose arguments it has checked.
"""

from __future__ import annotations

import inspect
import math
import os
import re
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import adversary
import numpy as np
import pandas as pd
import xarray as xr

import lingauss as lg
from lingauss import errors
from lingauss.errors import LingaussError
from lingauss.explorer import Explorer
from lingauss.optimum.result import Optimum
from lingauss.rounds.mixing import BestMixing
from lingauss.simulation.simulate import Simulation

SECONDS = 10  # of one call; a hang
MEMORY = 2 * 10**9  # bytes; more is a fault
STATUS = Path("/proc/self/status")
STEPS = 6
TYPED = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Warning)]
RECORDS = {
    *("Analysis", "Bound", "BoundTable", "InputAverage", "Ledger"),
    *("Learner", "LingaussError", "Posterior", "Problem"),
}
ASKED_BY_LINGAUSS = {
    "after",
    "block",
    "centred",
    "channel",
    "congruence",
    "contains",
    "dispersion",
    "mahalanobis",
    "prior_variance",
    "ranking",
    "scaled",
    "precisions",
    "spectral",
    "whiten",
}
SLOW = {"explore", "report", "save", "simulate", "analyze"}  # called more rarely
NOT_APPLICABLE = {  # results in which NaN says that there is no such number, as their documentation does
    "by_direction",
    "floor",
    "sensitivities",
    "settings",
    "to_frame",
    "compare",
    "bound_curves",
}

PUBLIC = (
    *(value for name in lg.__all__ if isinstance(value := getattr(lg, name), type)),
    BestMixing,
    Explorer,
    Optimum,
    Simulation,
    xr.Dataset,
)

X = np.array([[1.0, 0.0, 2.0], [0.0, 2.0, 1.0], [1.0, 1.0, 0.0], [3.0, 1.0, 1.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]])
Y = np.array([[1.0], [2.0], [0.0], [3.0], [1.0], [2.0]])
COV = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.25], [0.0, 0.25, 1.5]])
BASIS = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def beginnings(rng: np.random.Generator) -> list[Any]:
    """Return legal objects of every public kind."""
    spectrum = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 0.5, 2.0], n_samples=6, label_noise=0.5)
    observed = lg.Problem.from_data(X, Y, label_noise=0.5, center=bool(rng.integers(2)))
    given = lg.Problem.from_gram(COV, n_samples=6, truth=[1.0, -1.0, 0.5], label_noise=0.5, test_cov=np.eye(3))
    problem = (spectrum, observed, given, observed.plug_in(1.0))[rng.integers(4)]
    student = (lg.Ridge(1.0, 0.5), lg.Ridge(0.5, 0.0), lg.NoisyGradientDescent(9, 0.05))[rng.integers(3)]
    bottleneck = (None, lg.Principal(2), lg.Best(1), lg.Selected((0, 2)), lg.Subspace(BASIS))[rng.integers(5)]
    case = lg.Distillation(problem, lg.Ridge(0.5), student, bottleneck, floor=(None, 0.3)[rng.integers(2)])
    return [
        problem,
        case,
        student,
        lg.Moments.from_data(X, Y, center=problem.intercept),
        lg.Gaussian([1.0, 0.0, -1.0], COV),
        lg.Channel(COV, np.diag([1.0, 0.0, 2.0])),
        *([bottleneck] if bottleneck is not None else []),
        *([lg.Chain(case, 3, mixing=[0.5, 0.7, 1.0])] if not isinstance(bottleneck, lg.Best) else []),
    ]


LEGAL: dict[str, tuple[Any, ...]] = {
    "A": (COV, np.eye(3)),
    "G": (COV,),
    "X": (X, pd.DataFrame(X)),
    "Y": (Y, Y[:, 0], None, pd.Series(Y[:, 0])),
    "axes": ("temperature", "student_rank", "mixing", "label_noise", "n_samples", "floor", "student_penalty", "draws"),
    "axis": ("temperature", "n_samples", "student_rank", "draws"),
    "b": (None, [1.0, 0.0, 2.0]),
    "basis": (BASIS, [1.0, 0.0, 0.0], np.eye(3)),
    "batches": ([(X, Y), (X, Y)], [X, X]),
    "c": (0.5, 1.0),
    "center": (True, False),
    "changes": ("temperature", "rank", "mixing", "n_samples", "penalty", "floor", "draws", "teacher_temperature"),
    "chunks": (None, {}, {"temperature": 1}),
    "cov": (COV, np.eye(3), np.zeros((3, 3))),
    "curvature": (1.0,),
    "data": (X, pd.DataFrame(X, columns=list("abc"))),
    "degrees": ([1.0, 2.0],),
    "dim": (3,),
    "directions": ((0, 2), [1], []),
    "distance": (0.5,),
    "divergence": (0.5, math.inf, 0.0),
    "draws": (1, 3),
    "eigenvalues": ([4.0, 1.0, 0.0], [4.0, 1.0, 0.25]),
    "eta": (None, 0.5),
    "exclude": ((),),
    "features": ([0, 2], 2.0, [1.0, 2.0, 3.0], None),
    "folder": ("out",),
    "force": (True, False),
    "from_first": (True, False),
    "gradient": (1.0,),
    "gram": (COV, None),
    "index": ([0], [2, 0]),
    "intercept": (True, False),
    "kinds": ((),),
    "label_noise": (0.5, 2.0),
    "lam": (0.1, [-1.0, 0.1], 1e6),
    "largest": (2.0,),
    "linear": ([0.5, 0.0],),
    "mean": ([1.0, 0.0, 2.0], np.ones((2, 3))),
    "mixing": (1.0, 0.5, -0.2, [0.5, 0.7]),
    "name": ("case", "design"),
    "noise": (None, 0.5),
    "n_samples": (6, 20),
    "number": (1, 2),
    "objective": ("divergence", "excess_risk", "prediction_divergence"),
    "objectives": (["divergence"], "temperature"),
    "order": (0.5, 2.0, 1, 3),
    "outputs": (1, 2.0, None, [0]),
    "over": ("temperature", ("student_rank", "temperature"), ["mixing"], ("floor", "student_temperature")),
    "penalty": (0.5, 0.0, None),
    "prior_variance": (None, 5.0, math.inf),
    "quantities": (("divergence",), "student_gap", ["bias", "student_excess_risk"], ("prediction_divergence",), None),
    "rank": (0, 1, 2, 3),
    "rank_budget": (None, 2),
    "rounds": (1, 2, 4),
    "rows": (None, X),
    "seed": (0, 7),
    "signal": ([1.0, 0.5, 0.0],),
    "size": (0, 3),
    "step_size": (0.05,),
    "steps": (1, 9, math.inf),
    "subspace": (None, BASIS),
    "t": ([[1.0, 0.5, 0.0]], [1.0, 2.0, 3.0]),
    "targets": (Y, Y[:, 0], "a", 0),
    "teacher_gap": (1.0,),
    "temperature": (1.0, 0.0, 2.5),
    "test_cov": (None, COV),
    "time": (0.5, math.inf),
    "title": ("A problem",),
    "tolerance": (None, 0.1, "5%"),
    "trials": (400,),
    "truth": ([1.0, -1.0, 0.5], np.ones((2, 3))),
    "value": ([0.5], [0.5, 1.0]),
    "values": ([0.5, 1.0], [1, 2]),
    "variance_proxy": (2.0,),
    "variances": ([1.0, 0.0, 2.0],),
    "weights": ([0.5, -0.25], [0.0, 0.0]),
    "width": (0.5,),
    "z": ([1.0, 0.0, 2.0],),
}
FUNCTIONS = {
    "kernel": lambda a, b: np.asarray(a) @ np.asarray(b).T,
    "number": lambda case: case.problem.label_noise,
}
# Sizes and counts that no machine can serve are to be refused; those that it can are the caller's wish.
COUNTS = ("cases", "dim", "draws", "number", "order", "rank", "rounds", "size", "steps", "trials")
IMPOSSIBLE = (-1, 0, 10**12, 2**60, 10**400, 1.5)


class Sequence:
    """Some objects, and the calls made on them so far, written as Python for whoever reads of a fault."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.objects = beginnings(rng)
        self.told: list[str] = []

    def step(self) -> tuple[str, str]:
        """Make one call; return how it ended, and what is wrong with that."""
        owner, name, member = self._choose()
        if not callable(member):
            return self._outcome(f"{type(owner).__name__}.{name}", name, lambda: getattr(owner, name))
        arguments = self._arguments(member)
        label = name if owner is lg else f"{type(owner).__name__}.{name}"
        self.told.append(f"{label}({', '.join(f'{key}={value!r:.120}' for key, value in arguments.items())})")
        return self._outcome(label, name, lambda: member(**arguments))

    def _choose(self) -> tuple[Any, str, Any]:
        while True:
            owner = lg if self.rng.random() < 0.35 else self.objects[self.rng.integers(len(self.objects))]
            if isinstance(owner, xr.Dataset):
                continue
            names = lg.__all__ if owner is lg else [name for name in dir(owner) if not name.startswith("_")]
            name = str(names[self.rng.integers(len(names))])
            if name in ASKED_BY_LINGAUSS or (owner is lg and name in RECORDS - {"Problem"}):
                continue
            if name in SLOW and self.rng.random() < 0.9:
                continue
            if owner is lg and name == "Problem":  # by one of its constructors
                made = ("from_data", "from_gram", "from_inputs", "from_moments", "from_spectrum")
                return lg, f"Problem.{made[self.rng.integers(5)]}", getattr(lg.Problem, made[self.rng.integers(5)])
            kind = inspect.getattr_static(type(owner), name, None)
            if isinstance(kind, property | cached_property):
                if self.rng.random() < 0.8:
                    continue
                return owner, name, None
            member = getattr(owner, name)
            if owner is lg and isinstance(member, type) and self.rng.random() < 0.3:
                makers = [key for key, value in vars(member).items() if isinstance(value, classmethod)]
                if makers:
                    maker = makers[self.rng.integers(len(makers))]
                    return lg, f"{name}.{maker}", getattr(member, maker)
            return owner, name, member

    def _arguments(self, member: Callable[..., Any]) -> dict[str, Any]:
        drawn: dict[str, Any] = {}
        for name, parameter in inspect.signature(member).parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                continue
            if parameter.kind is parameter.VAR_KEYWORD:
                for _ in range(int(self.rng.integers(1, 3))):
                    setting = str(self._of(LEGAL[name]))
                    drawn[setting] = self._value(setting)
                    if name == "axes" and not isinstance(drawn[setting], list | np.ndarray) and self.rng.random() < 0.9:
                        drawn[setting] = [drawn[setting]]
            elif parameter.default is parameter.empty or self.rng.random() < 0.4:
                drawn[name] = self._value(name)
        return drawn

    def _value(self, name: str) -> Any:
        if name in FUNCTIONS:  # what one of the caller's own raises is the caller's
            return self._of((FUNCTIONS[name], *LEGAL.get(name, ()), -1, None, "rbf"))
        chance = self.rng.random()
        if chance < 0.1:
            return self._of(adversary.JUNK)
        if chance < 0.17:
            return self._of(IMPOSSIBLE if name in COUNTS else adversary.NUMBERS)
        if chance < 0.22:
            return self._of(self.objects)
        if name in LEGAL:
            return self._of(LEGAL[name])
        return self._object(name)

    def _object(self, name: str) -> Any:
        """Return an object that a parameter of this name asks for."""
        kinds: dict[str, Any] = {
            "bottleneck": lg.Principal | lg.Best | lg.Selected | lg.Subspace,
            "case": lg.Distillation,
            "cases": lg.Distillation,
            "dataset": xr.Dataset,
            "inputs": lg.Moments,
            "law": lg.Gaussian,
            "learner": lg.Learner,
            "moments": lg.Moments,
            "problem": lg.Problem,
            "results": xr.Dataset,
            "transfer": lg.Moments,
        }
        sides = lg.Gaussian if self.rng.random() < 0.3 else lg.Learner | lg.Channel
        wanted = kinds.get(name, lg.Gaussian if name in ("p", "q") else sides)
        found = [value for value in self.objects if isinstance(value, wanted)]
        if not found:
            return None
        value = self._of(found)
        return {"a": value} if name == "cases" else [value] if name == "inputs" else value

    def _of(self, values: Any) -> Any:
        return values[self.rng.integers(len(values))]

    def _outcome(self, label: str, name: str, call: Callable[[], Any]) -> tuple[str, str]:
        previous = signal.signal(signal.SIGALRM, _late)
        signal.alarm(SECONDS)
        before = peak_memory(afresh=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                for category in TYPED:
                    warnings.simplefilter("ignore", category)
                result = call()
            numbers = [] if name in NOT_APPLICABLE else adversary_numbers(result)
            if any(math.isnan(value) for value in numbers):
                return f"{label}: NaN", "NaN"
        except LingaussError as error:
            return type(error).__name__, ""
        except OSError as error:  # of a path
            return type(error).__name__, "" if name in {*SLOW, "load_student"} else f"{type(error).__name__}: {error}"
        except adversary.HangError:
            return f"{label}: hang", "hang"
        except Exception as error:  # what must never happen
            return f"{label}: untyped", f"{type(error).__name__}: {error}"
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, previous)
        if peak_memory() - before > MEMORY:
            return f"{label}: memory", "more than 2 GB"
        if isinstance(result, PUBLIC):
            self.objects.append(result)
        return "answer", ""


def run(seed: int, number: int) -> tuple[list[str], str]:
    """Run one sequence in the current folder; return how its calls ended, and what was wrong with the last one."""
    sequence = Sequence(np.random.default_rng([seed, number]))
    ends = []
    for _ in range(STEPS):
        end, complaint = sequence.step()
        ends.append(end)
        if complaint:
            return ends, f"sequence {number} of seed {seed}, {end}: {complaint}\n    " + "\n    ".join(sequence.told)
    return ends, ""


def adversary_numbers(result: Any) -> Iterator[float]:
    """Yield every number a result holds, tables included."""
    if isinstance(result, pd.DataFrame):
        for name in result:
            if result[name].dtype.kind == "f":
                yield from result[name].tolist()
    elif isinstance(result, xr.Dataset | xr.DataArray):
        arrays = result.data_vars.values() if isinstance(result, xr.Dataset) else [result]
        for array in arrays:
            if array.chunks is None and array.dtype.kind == "f":
                yield from array.to_numpy().reshape(-1).tolist()
    elif is_dataclass(result) and not isinstance(result, type):
        for field in fields(result):
            if field.name not in NOT_APPLICABLE:
                yield from adversary_numbers(getattr(result, field.name, None))
    elif isinstance(result, dict):
        for value in result.values():
            yield from adversary_numbers(value)
    elif isinstance(result, list | tuple):
        for value in result:
            yield from adversary_numbers(value)
    else:
        yield from adversary.numbers_in(result)


def peak_memory(afresh: bool = False) -> int:
    """Return the most bytes the process has held, since it began or, where the system can forget that, since now."""
    if STATUS.exists():
        if afresh:
            Path("/proc/self/clear_refs").write_text("5")
        return 1024 * int(re.search(r"VmHWM:\s*(\d+) kB", STATUS.read_text())[1])
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _late(*_: Any) -> None:
    raise adversary.HangError


def quiet_folder(path: str) -> None:
    """Work in a folder of one's own, without a browser."""
    os.chdir(path)
    os.environ["BROWSER"] = "false"
