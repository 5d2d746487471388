"""What a student may see of its inputs, and the loss it then has to second order."""

from __future__ import annotations

from lingauss.algebra.psd import Dense, symmetrised
from lingauss.errors import DomainError, ShapeError
from lingauss.model.bottleneck import Principal, Selected, Spectral, Subspace
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.softmax.newton import Newton
from lingauss.softmax.rows import Rows
from lingauss.validation import Array


def directions_of(bottleneck: Spectral | Subspace | None, inputs: Array) -> tuple[Array, int]:
    """Return orthonormal columns (d, m) that a student may see, most important first, and how many of them it sees.

    Raises
    ------
    DomainError, ShapeError
    """
    d = inputs.shape[1]
    if isinstance(bottleneck, Subspace):
        if len(bottleneck.basis) != d:
            raise ShapeError(f"a subspace of R^{d}", f"one of R^{len(bottleneck.basis)}", "Use one row per feature.")
        return bottleneck.basis, bottleneck.rank
    if not isinstance(bottleneck, Principal | Selected | None):
        raise DomainError(
            "bottleneck as Principal, Selected, Subspace or None",
            type(bottleneck).__name__,
            "Costs of class laws do not fall apart into directions; pass, for example, Principal(rank=8).",
        )
    vectors = Eigenbasis.of(Dense(symmetrised(inputs.T @ inputs))).vectors
    if bottleneck is None:
        return vectors, d
    if bottleneck.rank > d or (isinstance(bottleneck, Selected) and max(bottleneck.directions, default=0) >= d):
        raise DomainError(f"at most {d} directions", f"{bottleneck}", "A student has as many as features at most.")
    if isinstance(bottleneck, Selected):
        return vectors[:, list(bottleneck.directions)], bottleneck.rank
    return vectors, bottleneck.rank


def newton_of(rows: Rows, directions: Array) -> Newton:
    """Return the second-order loss of rows seen through a bottleneck."""
    return Newton(rows.law, rows.inputs @ directions, rows.logits, rows.labels)
