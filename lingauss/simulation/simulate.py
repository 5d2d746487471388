"""Simulated quantities beside their closed forms, with standard errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lingauss.errors import DomainError
from lingauss.html_table import html_table
from lingauss.model.design import Design
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.progress import tracked
from lingauss.simulation.experiment import Experiment
from lingauss.simulation.quantities import estimates, exact, test_inputs
from lingauss.simulation.unbiased import pooled
from lingauss.threads import whole_matrices
from lingauss.validation import as_count
from lingauss.vocabulary import unknown_name

if TYPE_CHECKING:
    import pandas as pd

FEWEST_BATCHES, ENOUGH_BATCHES = 20, 400
CELLS_AT_ONCE = 2**20  # numbers in one stack of weights or labels, 8 MB


class Estimate(NamedTuple):
    """A simulated number.

    Attributes
    ----------
    value : float
    standard_error : float
    """

    value: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class Simulation:
    """Every quantity of a design as its carried-out procedure shows it; made by :meth:`Distillation.simulate`.

    Attributes
    ----------
    case : Design
    trials : int
        Label draws that were used, in whole batches.
    batches : int
        Independent batches, whose spread gives the standard errors.
    seed : int
    estimates : mapping of str to Estimate
        By the names quantities have in sweeps, and ``reverse_divergence``, ``process_divergence_weights``,
        ``label_divergence_statistic``, ``teacher_gap_variance`` and ``teacher_gap_variance_given_data``.
    """

    case: Design
    trials: int
    batches: int
    seed: int
    estimates: dict[str, Estimate]

    def __getitem__(self, name: str) -> Estimate:
        """Return one quantity.

        Raises
        ------
        UnknownNameError
            If it was not simulated, because it is not defined for this design.
        """
        if name not in self.estimates:
            raise unknown_name("a simulated quantity", name, self.estimates)
        return self.estimates[name]

    @cached_property
    def exact(self) -> dict[str, float]:
        """What the closed forms say of the same quantities."""
        return exact(self.case, self.estimates)

    @cached_property
    def deviations(self) -> dict[str, float]:
        """Simulated less exact, in standard errors: about standard normal where the closed form is right."""
        return {name: _deviation(found, self.exact[name]) for name, found in self.estimates.items()}

    def to_frame(self) -> pd.DataFrame:
        """Return one row per quantity: simulated, standard_error, exact, and the deviation in standard errors."""
        import pandas as pd

        columns = ["simulated", "standard_error", "exact", "deviation"]
        rows = {name: (*found, self.exact[name], self.deviations[name]) for name, found in self.estimates.items()}
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("quantity")

    @property
    def _lines(self) -> list[tuple[str, ...]]:
        head = ("", "simulated", "standard error", "exact", "deviation")
        return [
            head,
            *(
                (name, f"{value:.6g}", f"{error:.2g}", f"{self.exact[name]:.6g}", f"{self.deviations[name]:+.2f}")
                for name, (value, error) in self.estimates.items()
            ),
        ]

    @property
    def _caption(self) -> str:
        return f"Simulation of {self.trials} label draws in {self.batches} batches, seed {self.seed}"

    def __repr__(self) -> str:
        lines = self._lines
        widths = [max(len(line[i]) for line in lines) for i in range(5)]
        rows = (
            "  ".join(
                [line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))]
            )
            for line in lines
        )
        return "\n".join([self._caption, *rows])

    def _repr_html_(self) -> str:
        return html_table(self._caption, self._lines)


def simulate(case: Design, trials: int, seed: int) -> Simulation:
    """Carry a design out at inputs that are given; see :meth:`lingauss.Distillation.simulate`."""
    trials, seed = as_count(trials, "trials", minimum=1), as_count(seed, "seed", minimum=0)
    if isinstance(case.teacher, WeakTeacher):
        raise DomainError(
            "a teacher that is trained on all features",
            f"one behind {case.teacher_bottleneck!r}",
            "Pass its law case.teacher_predictor as teacher, and teacher_bottleneck=None.",
        )
    whole_matrices(case.problem.n_features)
    experiment = Experiment(case, np.random.default_rng(seed))
    pairs, batches = _layout(experiment, trials)
    size = pairs * 4 * case.problem.outputs * max(len(experiment.inputs), len(experiment.student_inputs), 1)
    together = max(1, CELLS_AT_ONCE // size)
    chunks = [min(together, batches - start) for start in range(0, batches, together)]
    parts = [estimates(experiment, (chunk, pairs)) for chunk in tracked(chunks, len(chunks), "simulated trials")]
    found = {name: Estimate(*pooled(np.concatenate([part[name] for part in parts]))) for name in parts[0]}
    return Simulation(case, pairs * batches, batches, seed, found)


def _layout(experiment: Experiment, trials: int) -> tuple[int, int]:
    """Return pairs per batch and batches: enough pairs to estimate covariances, and batches for the standard errors.

    Raises
    ------
    DomainError
        If there are too few trials for that.
    """
    case = experiment.case
    dimensions = max(case.problem.n_features, test_inputs(case).shape[1])
    fewest = max(2, math.ceil(2 * (dimensions + 3) / case.problem.outputs))
    if trials < FEWEST_BATCHES * fewest:
        raise DomainError(
            f"at least {FEWEST_BATCHES * fewest} trials, from which covariances of {dimensions} dimensions can be told",
            f"{trials}",
            "Simulate more trials, or fewer features.",
        )
    rows = max(len(experiment.inputs), len(experiment.student_inputs), 1)
    most = max(fewest, CELLS_AT_ONCE // (4 * case.problem.outputs * rows))
    pairs = min(max(fewest, trials // ENOUGH_BATCHES), most)
    return pairs, trials // pairs


def _deviation(found: Estimate, closed_form: float) -> float:
    difference = found.value - closed_form if found.value != closed_form else 0.0
    rounding = 1e-9 * (abs(closed_form) + 1e-3) if math.isfinite(closed_form) else 0.0
    if abs(difference) <= rounding:
        return 0.0
    return difference / found.standard_error if found.standard_error else math.copysign(math.inf, difference)
