"""Any number of a design given its inputs, averaged over inputs that are drawn from a population."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from lingauss.data.moments import Moments
from lingauss.errors import DomainError
from lingauss.model.bottleneck import Selected, Subspace
from lingauss.model.changes import changed
from lingauss.model.design import Design
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.fresh import FreshInputs
from lingauss.model.population import not_averaged
from lingauss.model.problem import Problem
from lingauss.model.views import Bottleneck
from lingauss.progress import tracked
from lingauss.simulation.simulate import Estimate
from lingauss.sweep.labelled import checked_quantities
from lingauss.sweep.pointwise import quantities_of
from lingauss.validation import as_count

if TYPE_CHECKING:
    import pandas as pd

Case = TypeVar("Case", bound=Design)


@dataclass(frozen=True, eq=False)
class InputAverage(Generic[Case]):
    """Averages of exact numbers given inputs over drawn inputs; made by :meth:`Distillation.average_over_inputs`.

    Attributes
    ----------
    case : Design
        Of a population.
    trials : int
        How many sets of Gaussian inputs are drawn.
    seed : int
        The same seed gives the same inputs for every number that is asked for.
    """

    case: Case
    trials: int
    seed: int

    def __getitem__(self, name: str) -> Estimate:
        """Return one quantity by its name in sweeps, and the standard error over inputs.

        Raises
        ------
        UnknownNameError
        """
        if name not in self._known:
            checked_quantities([name])
            self._known[name] = self.of(lambda case: quantities_of(case, (name,))[name])
        return self._known[name]

    def of(self, number: Callable[[Case], float]) -> Estimate:
        """Return any number of the designs given their inputs, such as ``lambda case: case.bounds()[0].value``.

        Infinite where it is infinite for some inputs.

        Raises
        ------
        DomainError
            If it is no function.
        """
        if not callable(number):
            raise DomainError("a function of a design", type(number).__name__, "Pass a callable.")
        values = np.array(
            [number(self.given(trial)) for trial in tracked(range(self.trials), self.trials, "drawn inputs")]
        )
        if not np.all(np.isfinite(values)):
            return Estimate(math.inf, math.inf)
        return Estimate(float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(self.trials)))

    def given(self, trial: int) -> Case:
        """Return the design given the inputs of one trial.

        Directions of the population are then a subspace, and fresh inputs are transfer inputs.
        """
        case, rng = self.case, np.random.default_rng([self.seed, as_count(trial, "trial")])
        inputs = case.problem if case.problem.population is None else drawn(case.problem, rng)
        changes: dict[str, Any] = {"problem": inputs, "bottleneck": self._subspace(case.bottleneck)}
        if isinstance(case.transfer, FreshInputs):
            rows = rng.standard_normal((case.transfer.n_samples, inputs.n_features))
            root = inputs.test_covariance.root  # type: ignore[union-attr]
            changes["transfer"] = Moments.from_data(rows @ root.T, center=False)
        return case.replace(**changes, teacher_bottleneck=self._subspace(case.teacher_bottleneck))

    def _subspace(self, bottleneck: Bottleneck | None) -> Bottleneck | None:
        """Return directions of the population as a subspace, which those of drawn inputs are not."""
        if not isinstance(bottleneck, Selected):
            return bottleneck
        axes = Eigenbasis.of(self.case.problem.test_covariance)  # type: ignore[arg-type]
        return Subspace(axes.vectors[:, np.array(bottleneck.directions, dtype=np.intp)])

    def to_frame(self, *names: str) -> pd.DataFrame:
        """Return one row per quantity: value and standard_error."""
        import pandas as pd

        rows = {name: self[name] for name in checked_quantities(names)}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "standard_error"])

    @cached_property
    def _known(self) -> dict[str, Estimate]:
        return {}

    def __repr__(self) -> str:
        return f"InputAverage({self.trials} drawn sets of {self.case.problem.n_samples} inputs, seed {self.seed})"


def average_over_inputs(case: Case, trials: int = 100, seed: int = 0) -> InputAverage[Case]:
    """Draw inputs from the population again and again, and average what the design comes to given each of them.

    For every quantity, those without a closed form on average over inputs too (docs/unseen.md).

    Parameters
    ----------
    trials : int
        At least 2 sets of Gaussian inputs.
    seed : int
        The same seed gives the same inputs.

    Returns
    -------
    InputAverage
        Estimates with standard errors: ``["divergence"]`` by a quantity's name in sweeps, ``of(function)`` for any
        number of a design.

    Raises
    ------
    DomainError
        Unless the problem is one of :meth:`Problem.from_population`, or the student learns from :class:`FreshInputs`.
    """
    if not case.averages_over_inputs:
        raise DomainError(
            "a problem whose inputs are drawn from a population, or a student on FreshInputs",
            "inputs that are given",
            "Build it with Problem.from_population, or ask the design itself.",
        )
    if isinstance(case.transfer, FreshInputs) and case.mixing != 1.0:
        raise not_averaged(f"a student of fresh inputs with true labels of their own, mixing={case.mixing:g},")
    return InputAverage(case, as_count(trials, "trials", minimum=2), as_count(seed, "seed"))


def drawn(problem: Problem, rng: np.random.Generator) -> Problem:
    """Draw n Gaussian rows from the population and return the problem given these, whose test inputs are as before."""
    covariance = problem.test_covariance
    if covariance is None:
        raise AssertionError("a population has a covariance")
    rows = rng.standard_normal((problem.n_samples, problem.n_features)) * np.sqrt(covariance.matrix.diagonal())
    given = Problem.from_inputs(rows, label_noise=problem.label_noise, test_cov=covariance.matrix)
    return changed(given, outputs=problem.outputs, truth=problem.truth)
