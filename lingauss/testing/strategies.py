"""Hypothesis strategies for every public noun: keyword-only, small by default, shrinking to round numbers."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from lingauss.algebra.channel import Channel
from lingauss.algebra.gaussian import Gaussian
from lingauss.algebra.psd import symmetrised
from lingauss.model.bottleneck import Best, Principal, Subspace
from lingauss.model.distillation import Distillation
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem
from lingauss.validation import Array

QUARTERS = 4  # drawn numbers are multiples of 1/4, so that shrunk examples read well and sums of them are exact
MODES = ("averaged", "observed", "plug-in")


def numbers(*, minimum: float, maximum: float) -> st.SearchStrategy[float]:
    """Draw multiples of ¼ between two bounds, shrinking towards zero or the bound nearest to it."""
    low, high = math.ceil(minimum * QUARTERS), math.floor(maximum * QUARTERS)
    return st.integers(low, high).map(lambda count: count / QUARTERS)


@st.composite
def matrices(draw: st.DrawFn, *, rows: int, columns: int, maximum: float = 2.0) -> Array:
    """Draw a (rows, columns) array of round numbers."""
    entries = draw(
        st.lists(numbers(minimum=-maximum, maximum=maximum), min_size=rows * columns, max_size=rows * columns)
    )
    return np.array(entries, dtype=np.float64).reshape(rows, columns)


@st.composite
def rotations(draw: st.DrawFn, *, dim: int) -> Array:
    """Draw an orthogonal (dim, dim) matrix, a product of up to two reflections; it shrinks to the identity."""
    rotation = np.eye(dim)
    for _ in range(draw(st.integers(0, 2))):
        normal = draw(matrices(rows=1, columns=dim))
        length = float(np.sum(np.square(normal)))
        if length > 0:
            rotation = rotation - (2.0 / length) * (rotation @ normal.T) @ normal
    return rotation


@st.composite
def psd_matrices(draw: st.DrawFn, *, dim: int, condition: float = 1e4, rank: int | None = None) -> Array:
    """Draw a positive-semidefinite (dim, dim) matrix.

    Parameters
    ----------
    dim : int
    condition : float
        Largest ratio of its positive eigenvalues, which lie between 1 and ``condition``.
    rank : int, optional
        Number of positive eigenvalues; default ``dim``.
    """
    live = dim if rank is None else rank
    exponents = draw(st.lists(st.integers(0, 8), min_size=live, max_size=live))
    eigenvalues = np.zeros(dim)
    eigenvalues[:live] = condition ** (np.array(exponents) / 8.0)
    rotation = draw(rotations(dim=dim))
    return symmetrised((rotation * eigenvalues) @ rotation.T)


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
    """Draw a Gaussian law of ``outputs`` rows (default 1 to 3) in ``dim`` coordinates (default 1 to ``max_dim``)."""
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
) -> Channel:
    """Draw a channel; ``deterministic`` fixes whether it adds noise, None leaves that open."""
    into = draw(st.integers(1, max_dim)) if dim_in is None else dim_in
    out = draw(st.integers(1, max_dim)) if dim_out is None else dim_out
    silent = draw(st.booleans()) if deterministic is None else deterministic
    cov = np.zeros((out, out)) if silent else draw(psd_matrices(dim=out))
    return Channel(draw(matrices(rows=out, columns=into)), cov, draw(matrices(rows=1, columns=out))[0])


@st.composite
def problems(
    draw: st.DrawFn,
    *,
    max_features: int = 3,
    max_outputs: int = 3,
    condition: float = 1e3,
    modes: tuple[str, ...] = MODES,
    singular: bool = False,
) -> Problem:
    """Draw a fixed-design problem.

    Parameters
    ----------
    max_features, max_outputs : int
        Largest d and k.
    condition : float
        Largest ratio of positive eigenvalues of the Gram matrix, which lie between 1 and ``condition``.
    modes : tuple of str
        Among 'averaged', 'observed' and 'plug-in'.
    singular : bool
        Whether the Gram matrix may lose rank.
    """
    d = draw(st.integers(1, max_features))
    k = draw(st.integers(1, max_outputs))
    rank = draw(st.integers(1, d)) if singular else d
    gram = draw(psd_matrices(dim=d, condition=condition, rank=rank))
    n = draw(st.integers(d, d + 5))
    noise = draw(numbers(minimum=0.25, maximum=2.0))
    truth = draw(matrices(rows=k, columns=d))
    problem = Problem.from_gram(gram, n_samples=n, truth=truth, label_noise=noise)
    mode = draw(st.sampled_from(modes))
    if mode == "averaged":
        return problem
    observed = problem.with_statistic((truth + draw(matrices(rows=k, columns=d))) @ gram)
    return observed if mode == "observed" else observed.plug_in(penalty=draw(numbers(minimum=0.25, maximum=4.0)))


@st.composite
def ridges(draw: st.DrawFn, *, deterministic: bool = False) -> Ridge:
    """Draw a ridge learner of positive penalty; ``deterministic`` allows temperature 0."""
    return Ridge(
        penalty=draw(numbers(minimum=0.25, maximum=8.0)),
        temperature=draw(numbers(minimum=0.0 if deterministic else 0.25, maximum=4.0)),
        noise=draw(st.none() | numbers(minimum=0.25, maximum=2.0)),
    )


@st.composite
def bottlenecks(draw: st.DrawFn, *, features: int, spectral: bool | None = None) -> Principal | Best | Subspace | None:
    """Draw a bottleneck for d ``features``, rank 0 and d included; ``spectral`` fixes whether it keeps eigenvectors."""
    rank = draw(st.integers(0, features))
    if spectral is None:
        spectral = draw(st.booleans())
    if not spectral:
        return Subspace(draw(rotations(dim=features))[:, :rank])
    return draw(st.sampled_from([None, Principal(rank), Best(rank)]))


@st.composite
def distillations(
    draw: st.DrawFn,
    *,
    max_features: int = 3,
    max_outputs: int = 3,
    modes: tuple[str, ...] = MODES,
    spectral: bool | None = None,
    hard: bool = False,
    singular: bool = False,
) -> Distillation:
    """Draw a distillation.

    Parameters
    ----------
    max_features, max_outputs, modes, singular
        As for :func:`problems`.
    spectral : bool, optional
        Whether the bottleneck keeps eigenvectors; None leaves that open.
    hard : bool
        Whether the floor may be 0 and the student deterministic, so that divergences may be infinite.
    """
    problem = draw(problems(max_features=max_features, max_outputs=max_outputs, modes=modes, singular=singular))
    floor = draw(st.none() | numbers(minimum=0.0 if hard else 0.25, maximum=4.0))
    student = draw(ridges(deterministic=hard))
    if floor is None and student.temperature == 0.0:
        floor = 1.0
    return Distillation(
        problem,
        teacher=draw(ridges()),
        student=student,
        bottleneck=draw(bottlenecks(features=problem.n_features, spectral=spectral)),
        floor=floor,
        temperature=draw(numbers(minimum=0.0, maximum=4.0)),
        mixing=draw(numbers(minimum=-0.5, maximum=1.5)),
        draws=draw(st.integers(1, 5)),
    )
