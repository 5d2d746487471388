"""What a student may be made to see: principal directions, those the teacher's predictions need, or some columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from lingauss.analysis.columns import forward_selection
from lingauss.model.bottleneck import Principal, Subspace
from lingauss.model.problem import Problem
from lingauss.model.truth import need_truth
from lingauss.model.views import Features, aligned
from lingauss.validation import Array
from lingauss.vocabulary import unknown_name


@dataclass(frozen=True)
class Sight(ABC):
    """How directions are found on a problem with observed labels.

    Attributes
    ----------
    penalty : float
        λ of the teacher, whose predictions directions may follow from.
    """

    penalty: float

    @abstractmethod
    def bottleneck(self, problem: Problem) -> Principal | Features | Subspace:
        """Return all directions, those that small ranks keep first."""

    def basis(self, problem: Problem) -> Array:
        """Return them as orthonormal columns, (m, r)."""
        found = self.bottleneck(problem)
        if isinstance(found, Principal):
            return problem.eigenbasis.vectors[:, : found.rank]
        return (found.subspace(problem.n_features) if isinstance(found, Features) else found).basis


class ByVariance(Sight):
    """Principal directions, as many as the inputs vary in."""

    def bottleneck(self, problem: Problem) -> Principal:
        return Principal(int(np.count_nonzero(problem.eigenbasis.eigenvalues)))


class ByTeacher(Sight):
    """The directions that the teacher's mean predictions need, then principal ones."""

    def bottleneck(self, problem: Problem) -> Subspace:
        basis = problem.eigenbasis
        rows = basis.rotate(problem.observed)  # type: ignore[arg-type]
        taught = (rows / (basis.eigenvalues + self.penalty)) @ basis.vectors.T
        seen = int(np.count_nonzero(basis.eigenvalues))
        return aligned(seen, basis, np.asarray(taught))


class ByColumn(Sight):
    """Columns, each the one that lowers the excess risk of ridge most when it joins those before it, plug-in."""

    def bottleneck(self, problem: Problem) -> Features:
        rows = need_truth(problem.plug_in(self.penalty), "forward selection").rows
        noise_power = problem.outputs * problem.label_noise**2
        order, _ = forward_selection(problem.gram, rows.T @ rows, self.penalty, noise_power)
        return Features(tuple(order.tolist()))


SIGHTS: dict[str, type[Sight]] = {"principal": ByVariance, "aligned": ByTeacher, "features": ByColumn}


def sight_of(name: str, penalty: float) -> Sight:
    """Return a way to find directions by its name.

    Raises
    ------
    UnknownNameError
    """
    if name not in SIGHTS:
        raise unknown_name("a bottleneck", name, SIGHTS)
    return SIGHTS[name](penalty)
