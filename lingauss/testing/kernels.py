"""Strategies for Gaussian laws and channels."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from lingauss.algebra.channel import Channel
from lingauss.algebra.gaussian import Gaussian
from lingauss.testing.arrays import matrices, psd_matrices


@st.composite
def gaussians(
    draw: st.DrawFn,
    *,
    dim: int | None = None,
    max_dim: int = 4,
    outputs: int | None = None,
    condition: float = 1e4,
    rank: int | None = None,
) -> Gaussian:
    """Draw a Gaussian law.

    Parameters
    ----------
    dim, max_dim : int
        Its coordinates, or their largest number.
    outputs : int, optional
        Number of rows k; default 1 to 3.
    condition, rank
        Of its covariance; see :func:`psd_matrices`.
    """
    d = draw(st.integers(1, max_dim)) if dim is None else dim
    k = draw(st.integers(1, 3)) if outputs is None else outputs
    return Gaussian(draw(matrices(rows=k, columns=d)), draw(psd_matrices(dim=d, condition=condition, rank=rank)))


@st.composite
def channels(
    draw: st.DrawFn,
    *,
    dim_in: int | None = None,
    dim_out: int | None = None,
    max_dim: int = 4,
    deterministic: bool | None = None,
    condition: float = 1e4,
    rank: int | None = None,
) -> Channel:
    """Draw a channel.

    Parameters
    ----------
    dim_in, dim_out, max_dim : int
        Lengths of the rows it takes and gives, or the largest of them.
    deterministic : bool, optional
        Whether it adds no noise; None leaves that open.
    condition, rank
        Of the covariance of its noise; see :func:`psd_matrices`.
    """
    into = draw(st.integers(1, max_dim)) if dim_in is None else dim_in
    out = draw(st.integers(1, max_dim)) if dim_out is None else dim_out
    silent = draw(st.booleans()) if deterministic is None else deterministic
    cov = np.zeros((out, out)) if silent else draw(psd_matrices(dim=out, condition=condition, rank=rank))
    return Channel(draw(matrices(rows=out, columns=into)), cov, draw(matrices(rows=1, columns=out))[0])
