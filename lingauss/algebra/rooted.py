"""Covariances that are known through a root, which holds twice the digits of its square."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lingauss.algebra.factor import Cholesky, SpectralRoot, factorise_root
from lingauss.algebra.psd import PSD, Dense, Factored
from lingauss.threads import whole_matrices
from lingauss.validation import Array, freeze


@dataclass(frozen=True, eq=False)
class Rooted(Factored):
    """A covariance R Rᵀ given by R itself: ranks are judged and vectors whitened without squaring it.

    Parameters
    ----------
    given : (d, m)
        R, of any width and rank.
    scale : (d,), optional
        Standard deviations that set what counts as zero when the rank is decided. Default: each coordinate's own, so
        that a row of zeros, and no other, is deterministic; a rotated root needs the size of what it was rotated from.
    """

    given: Array
    scale: Array | None = None

    def __post_init__(self) -> None:
        if self.given.shape[1] > 2 * len(self.given):  # as many columns as rows say as much
            object.__setattr__(self, "given", np.asarray(np.linalg.qr(self.given.T, mode="r")).T)
        freeze(self.given)

    @property
    def dim(self) -> int:
        return len(self.given)

    @cached_property
    def matrix(self) -> Array:
        whole_matrices(len(self.given))
        return freeze(self.given @ self.given.T)

    @cached_property
    def deviations(self) -> Array:
        return freeze(np.linalg.norm(self.given, axis=1)) if self.scale is None else self.scale

    @cached_property
    def _factor(self) -> Cholesky | SpectralRoot:
        whole_matrices(len(self.given))
        return factorise_root(self.given, self.deviations)

    @property
    def span(self) -> tuple[Array, Array]:
        return self.given.T, np.broadcast_to(self.deviations, self.given.T.shape)

    def block(self, index: Any) -> Rooted:
        return Rooted(self.given[index], None if self.scale is None else self.scale[index])

    def scaled(self, factor: float) -> Rooted:
        return Rooted(np.sqrt(factor) * self.given, None if self.scale is None else np.sqrt(factor) * self.scale)

    def congruence(self, A: Array) -> Rooted:
        return Rooted(A @ self.given)

    def __add__(self, other: PSD) -> PSD:
        if isinstance(other, Dense):
            return other + self
        scale = None if self.scale is None else np.hypot(self.scale, other.deviations)
        return Rooted(np.concatenate([self.given, other.root], axis=1), scale)

    @classmethod
    def rotated(cls, covariance: PSD, turn: Array) -> Rooted:
        """Express a covariance in an orthonormal basis, the columns of ``turn`` (d, c)."""
        root = turn.T @ (covariance.given if isinstance(covariance, Rooted) else covariance.root)
        return cls(root, np.full(len(root), np.linalg.norm(covariance.deviations)))
