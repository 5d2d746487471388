"""Inputs that are not given but drawn: known through the population that rows come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

from lingauss.algebra.psd import PSD
from lingauss.errors import DomainError, NotAveragedError
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.validation import Array

REMEDY = (
    "excess_risk() and gaps() are known in closed form on average over inputs; for anything else use "
    "case.average_over_inputs(trials, seed), or Problem.from_spectrum for inputs that are given."
)


def not_averaged(what: str) -> NotAveragedError:
    """Return the error of a quantity that has no closed form on average over inputs."""
    return NotAveragedError("a quantity whose average over drawn inputs has a closed form", what, REMEDY)


def check_same_population(test_cov: Any) -> None:
    """Refuse a covariance of test inputs beside a population.

    Raises
    ------
    DomainError
    """
    if test_cov is not None:
        raise DomainError(
            "no test_cov, because new rows come from the same population",
            "one",
            "Leave it out, or give inputs and test_cov with Problem.from_gram.",
        )


@dataclass(frozen=True, eq=False)
class Population(PSD):
    """What rows are drawn from, in the place of the Gram matrix of given ones: what is asked of that one is refused.

    Attributes
    ----------
    covariance : PSD
        Σ of a row, (d, d).
    """

    covariance: PSD

    def _refuse(self) -> NoReturn:
        raise not_averaged("the Gram matrix or eigenbasis of inputs that are not given but drawn")

    @property
    def dim(self) -> int:
        return self.covariance.dim

    @property
    def trace(self) -> float:
        """E|x|² of a row."""
        return self.covariance.trace

    @cached_property
    def axes(self) -> Eigenbasis:
        """Eigenvalues of the covariance Σ of a row, largest first, with the population's principal directions."""
        return Eigenbasis.of(self.covariance)

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
