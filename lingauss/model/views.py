"""Bottlenecks that are a subspace once the problem is known: some of its features, or what its teacher needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import rounding
from lingauss.errors import DomainError, MissingTruthError
from lingauss.guard import hinted
from lingauss.model.bottleneck import Spectral, Subspace
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.problem import Problem
from lingauss.model.truth import need_truth
from lingauss.validation import Array, as_count, as_items
from lingauss.vocabulary import unknown_name

NEW = 1e-6  # length of a unit vector's part outside a span, above which it is a direction of its own


@hinted
@dataclass(frozen=True)
class Features:
    """Keep some of the features and drop the others; whatever they are correlated with, the dense route.

    Parameters
    ----------
    columns : sequence of int or of str
        Distinct features, counted from 0; the first r of them are kept when the rank is swept. Names are for data whose
        columns have them, as in :func:`lingauss.analyze`; :meth:`numbered` makes numbers of them.

    Raises
    ------
    DomainError, ShapeError, NotNumericError
        If a column repeats or is negative, or if there is no list of them.
    """

    columns: tuple[int | str, ...]

    def __post_init__(self) -> None:
        given: Any = self.columns
        listed = (given,) if isinstance(given, str) else as_items(given, "features")
        columns = tuple(column if isinstance(column, str) else as_count(column, "feature") for column in listed)
        if len(set(columns)) != len(columns):
            raise DomainError("distinct features", f"{columns}", "Remove repeats.")
        object.__setattr__(self, "columns", columns)

    @property
    def rank(self) -> int:
        """Number of features kept, r."""
        return len(self.columns)

    def leading(self, rank: int) -> Features:
        """Return the bottleneck that keeps the first ``rank`` of the features."""
        return Features(self.columns[: as_count(rank, "rank", maximum=self.rank)])

    def numbered(self, names: Sequence[str]) -> Features:
        """Return the same features by their numbers among names.

        Raises
        ------
        UnknownNameError
        """
        for column in self.columns:
            if isinstance(column, str) and column not in names:
                raise unknown_name("a feature", column, names)
        return Features(tuple(names.index(one) if isinstance(one, str) else one for one in self.columns))

    def subspace(self, dim: int) -> Subspace:
        """Return the span of the features in R^dim.

        Raises
        ------
        DomainError
            If they are known by their names alone, or one is none of them.
        """
        numbers = [column for column in self.columns if not isinstance(column, str)]
        if len(numbers) < self.rank:
            raise DomainError(
                "features by number in a problem, whose columns have no names",
                f"{self.columns!r:.80}",
                "Count columns from 0, or use Features(names).numbered(all_names).",
            )
        dim = as_count(dim, "dim")
        if numbers and max(numbers) >= dim:
            raise DomainError(f"features from 0 to {dim - 1}", f"{max(numbers)}", "Count columns from 0.")
        return Subspace(np.eye(dim)[:, np.array(numbers, dtype=np.intp)])


@hinted
@dataclass(frozen=True)
class Aligned:
    """Keep the ``rank`` directions that the teacher's mean predictions need most: reduced-rank regression.

    Their span is that of G^(−½)V_r, where V_r are the leading right singular vectors of M G^(½) and M, (k, d), is the
    teacher's mean given the labels, or its average over them (docs/theory.md §4.11). No other r directions fit the
    teacher's predictions at the inputs better; what they miss is the sum of the squared singular values beyond r. From
    the rank of M on, at most k, nothing is missed; the principal directions follow then.

    Parameters
    ----------
    rank : int
        r from 0 to d.
    """

    rank: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "rank", as_count(self.rank, "rank"))


Bottleneck = Spectral | Subspace | Features | Aligned


def aligned(rank: int, basis: Eigenbasis, weights: Array) -> Subspace:
    """Return the directions that :class:`Aligned` keeps.

    Parameters
    ----------
    rank : int
    basis : Eigenbasis
        Of G.
    weights : (k, d)
        M.
    """
    root = np.sqrt(basis.eigenvalues)
    _, sizes, right = np.linalg.svd(basis.rotate(weights) * root, full_matrices=False)
    needed = right[sizes > rounding(len(root)) * sizes.max(initial=0.0)][:rank]
    whitened = np.divide(needed, root, out=np.zeros_like(needed), where=root > 0.0).T
    found = np.linalg.qr(whitened)[0] if len(needed) else whitened
    return Subspace(basis.vectors @ completed(found, rank))


def completed(basis: Array, rank: int) -> Array:
    """Complete orthonormal columns, (d, r'), to (d, rank) by the first unit vectors that are not in their span."""
    d = len(basis)
    columns = list(basis.T)
    for unit in np.eye(d):
        if len(columns) == rank:
            break
        known = np.array(columns).reshape(-1, d)
        left = unit - known.T @ (known @ unit)
        size = float(np.linalg.norm(left))
        if size > NEW:
            left = left / size
            left = left - known.T @ (known @ left)  # once more, against rounding
            columns.append(left / np.linalg.norm(left))
    return np.array(columns).reshape(-1, d).T


def taught(problem: Problem, teacher: Channel) -> Array:
    """Return the teacher's mean weights given the labels, or on average over them, (k, d).

    Raises
    ------
    MissingTruthError
        If nothing tells their signs.
    """
    statistic = problem.observed
    if statistic is None:
        mean = need_truth(problem, "what a teacher predicts").mean
        if mean is None:
            raise MissingTruthError(
                "a truth with signs, because directions follow from what the teacher predicts",
                "the power of each direction alone",
                "Pass the weights with problem.with_truth(W), or keep directions that do not depend on them.",
            )
        statistic = mean @ problem.gram
    return np.atleast_2d(teacher.at(statistic).mean)
