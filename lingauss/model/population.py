"""Problems whose inputs are not given but drawn: known through the population that rows come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from lingauss.algebra.psd import PSD, Diagonal
from lingauss.errors import DomainError, NotAveragedError
from lingauss.guard import guarded
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.problem import Problem
from lingauss.model.truth import Truth
from lingauss.validation import Array, as_count, as_powers, as_squarable

REMEDY = (
    "excess_risk() and gaps() are known in closed form on average over inputs; for anything else use "
    "case.average_over_inputs(trials, seed), or Problem.from_spectrum for inputs that are given."
)


def not_averaged(what: str) -> NotAveragedError:
    """Return the error of a quantity that has no closed form on average over inputs."""
    return NotAveragedError("a quantity whose average over drawn inputs has a closed form", what, REMEDY)


@dataclass(frozen=True, eq=False)
class Undrawn(PSD):
    """The Gram matrix of inputs that have not been drawn: it has a size, and whatever else is asked of it is refused.

    Attributes
    ----------
    features : int
        d.
    """

    features: int

    def _refuse(self) -> NoReturn:
        raise not_averaged("the Gram matrix or eigenbasis of inputs that are not given but drawn")

    @property
    def dim(self) -> int:
        return self.features

    @property
    def matrix(self) -> Array:
        self._refuse()

    @property
    def rank(self) -> int:
        self._refuse()

    @property
    def deviations(self) -> Array:
        self._refuse()

    @property
    def root(self) -> Array:
        self._refuse()

    @property
    def log_det(self) -> float:
        self._refuse()

    def whiten(self, rows: Array) -> Array:
        self._refuse()

    def contains(self, rows: Array, magnitude: Array) -> bool:
        self._refuse()

    def block(self, index: Any) -> PSD:
        self._refuse()

    def scaled(self, factor: float) -> PSD:
        return self  # other inputs that have not been drawn

    def __add__(self, other: PSD) -> PSD:
        self._refuse()


@guarded
@dataclass(frozen=True, eq=False, repr=False)
class Population(Problem):
    """A problem of n rows that are drawn anew from a population; results are averages over inputs and labels.

    Made by :meth:`Problem.from_population`. ``test_covariance`` is the covariance Σ of a row; ``gramian`` has a size
    and no entries.
    """

    @classmethod
    def of(cls, eigenvalues: Any, signal: Any, n_samples: Any, label_noise: Any, outputs: Any) -> Population:
        """Check and build; see :meth:`Problem.from_population`."""
        covariance = Diagonal(as_powers(eigenvalues, "eigenvalues"))
        return cls(
            Undrawn(covariance.dim),
            as_count(n_samples, "n_samples", minimum=1),
            as_count(outputs, "outputs", minimum=1),
            as_squarable(label_noise, "label_noise", minimum=0.0, strict=True),
            Truth(None, Diagonal(as_powers(signal, "signal", covariance.dim))),
            test_covariance=covariance,
        )

    @cached_property
    def axes(self) -> Eigenbasis:
        """Eigenvalues of the covariance Σ of a row, largest first, with the population's principal directions."""
        return Eigenbasis.of(self.test_covariance)  # type: ignore[arg-type]

    @cached_property
    def direction_signal(self) -> Array:
        """Squared norm of W*'s column in each direction of :attr:`axes`, summed over outputs, (d,)."""
        return self.need_truth("results on average over inputs").power(self.axes)

    @property
    def mode(self) -> str:
        return "averaged over inputs"

    def with_statistic(self, t: Any, label_power: float | None = None) -> NoReturn:
        raise DomainError(
            "inputs that were given, to which labels were observed",
            "a population, of which no row has been drawn",
            "Use Problem.from_data(X, Y).",
        )

    def drawn(self, rng: np.random.Generator) -> Problem:
        """Draw n Gaussian rows and return the problem given these inputs, whose test inputs are the population's."""
        deviations = np.sqrt(self.test_covariance.matrix.diagonal())  # type: ignore[union-attr]
        rows = rng.standard_normal((self.n_samples, self.n_features)) * deviations
        return self.given(rows)

    def given(self, rows: Array) -> Problem:
        """Return the problem of the given rows (n, d), with this truth, noise and covariance of test inputs."""
        problem = Problem.from_inputs(rows, label_noise=self.label_noise, test_cov=self.test_covariance.matrix)  # type: ignore[union-attr]
        return problem._changed(outputs=self.outputs, truth=self.truth)

    def __repr__(self) -> str:
        sizes = f"{self.n_samples} drawn samples, {self.n_features} features, {self.outputs} outputs"
        trace = float(np.sum(self.axes.eigenvalues))
        return (
            f"Population({sizes}, label_noise={self.label_noise:.4g}, E|x|²={trace:.4g}, averaged over inputs; a Gram "
            f"matrix of them has trace about {self.n_samples * trace:.4g})"
        )
