"""Strategies for data, problems, learners, bottlenecks and whole distillations."""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import Diagonal
from lingauss.data.moments import Moments
from lingauss.distillation import Distillation
from lingauss.model.bottleneck import Best, Principal, Selected, Spectral, Subspace
from lingauss.model.descent import GradientFlow, NoisyGradientDescent
from lingauss.model.learners import Learner, Ridge
from lingauss.model.problem import Problem
from lingauss.model.truth import Truth
from lingauss.testing.arrays import QUARTERS, matrices, numbers, octaves, rotated, rotations

MODES = ("averaged", "observed", "plug-in")


@st.composite
def moments(
    draw: st.DrawFn,
    *,
    max_features: int = 3,
    max_outputs: int = 2,
    max_samples: int = 8,
    centred: bool | None = None,
) -> Moments:
    """Draw the moments of some data.

    Parameters
    ----------
    max_features, max_outputs, max_samples : int
        Largest d, k and n; no outputs means inputs without labels.
    centred : bool, optional
        Whether scatters are about the mean; None leaves that open.
    """
    d = draw(st.integers(1, max_features))
    k = draw(st.integers(0, max_outputs))
    n = draw(st.integers(1, max_samples))
    center = draw(st.booleans()) if centred is None else centred
    labels = draw(matrices(rows=n, columns=k)) if k else None
    return Moments.from_data(draw(matrices(rows=n, columns=d)), labels, center=center)


@st.composite
def problems(
    draw: st.DrawFn,
    *,
    features: int | None = None,
    max_features: int = 3,
    outputs: int | None = None,
    max_outputs: int = 3,
    condition: float = 1e3,
    modes: tuple[str, ...] = MODES,
    singular: bool = False,
    spectrum: bool | None = False,
    test_cov: bool | None = False,
    intercept: bool | None = False,
) -> Problem:
    """Draw a problem with at least as many samples as features.

    Parameters
    ----------
    features, max_features, outputs, max_outputs : int
        d and k, or the largest of them.
    condition : float
        Largest ratio of positive eigenvalues of the Gram matrix, which are powers of two from 1.
    modes : tuple of str
        Among 'averaged', 'observed' and 'plug-in'.
    singular : bool
        Whether the Gram matrix may lose rank.
    spectrum : bool, optional
        Whether only the spectrum of the Gram matrix, and the truth's power along it, are known; None leaves that open.
    test_cov : bool, optional
        Whether test inputs have a covariance of their own, instead of a fixed design; None leaves that open.
    intercept : bool, optional
        Whether inputs and labels were centred; None leaves that open.
    """
    k = draw(st.integers(1, max_outputs)) if outputs is None else outputs
    mode = draw(st.sampled_from(modes))
    by_spectrum, moved, centred = (draw(_decided(choice)) for choice in (spectrum, test_cov, intercept))
    sizes = (1, max_features) if features is None else (features, features)
    directions = draw(_directions(*sizes, max_outputs if outputs is None else k, octaves(condition)))
    d = len(directions)
    exponents, weights, errors, test_exponents = zip(*directions, strict=True)
    eigenvalues = 2.0 ** np.array(exponents)
    truth, error = (np.array([column[:k] for column in columns]).T / QUARTERS for columns in (weights, errors))
    if singular:
        eigenvalues[draw(st.integers(1, d)) :] = 0.0
    rotation = draw(rotations(dim=d))
    gram = Diagonal(eigenvalues) if by_spectrum else rotated(eigenvalues, rotation)
    problem = Problem.from_gram(
        gram,
        n_samples=d + draw(st.integers(0, 5)) + centred,
        label_noise=draw(numbers(minimum=0.25, maximum=2.0, simplest=1.0)),
        test_cov=rotated(2.0 ** np.array(test_exponents), draw(rotations(dim=d))) if moved else None,
    )
    if centred:
        problem = dataclasses.replace(problem, intercept=True)
    if mode == "averaged" and by_spectrum:
        powers = Truth(None, Diagonal(np.sum(np.square(truth), axis=0)))
        return dataclasses.replace(problem, truth=powers, outputs=k)
    if mode == "averaged":
        return problem.with_truth(truth)
    observed = problem.with_statistic((truth + error) @ problem.gram)
    penalties = numbers(minimum=0.25, maximum=4.0, simplest=1.0)
    return observed if mode == "observed" else observed.plug_in(penalty=draw(penalties))


@lru_cache
def _directions(
    fewest: int, most: int, outputs: int, levels: int
) -> st.SearchStrategy[list[tuple[int, list[int], list[int], int]]]:
    """Draw eigen-directions, which are dropped whole when a problem is simplified.

    Each has the exponent of its eigenvalue, a column of the truth and of what observed labels add to it, in quarters,
    and the exponent of an eigenvalue of the covariance of test inputs. Columns are of one length however many outputs
    there are, so that fewer outputs can be tried without drawing anything anew.
    """
    column = st.lists(st.integers(-2 * QUARTERS, 2 * QUARTERS), min_size=outputs, max_size=outputs)
    return st.lists(
        st.tuples(st.integers(0, levels), column, column, st.integers(-3, 6)), min_size=fewest, max_size=most
    )


def _decided(choice: bool | None) -> st.SearchStrategy[bool]:
    return st.booleans() if choice is None else st.just(choice)


@st.composite
def ridges(draw: st.DrawFn, *, deterministic: bool = False, unpenalised: bool = False) -> Ridge:
    """Draw a ridge learner; it shrinks to the default one.

    Parameters
    ----------
    deterministic, unpenalised : bool
        Whether its temperature, or its penalty, may be 0.
    """
    return Ridge(
        penalty=draw(numbers(minimum=0.0 if unpenalised else 0.25, maximum=8.0, simplest=1.0)),
        temperature=draw(numbers(minimum=0.0 if deterministic else 0.25, maximum=4.0, simplest=1.0)),
        noise=draw(st.none() | numbers(minimum=0.25, maximum=2.0, simplest=1.0)),
    )


@st.composite
def descents(draw: st.DrawFn, *, deterministic: bool = False) -> NoisyGradientDescent | GradientFlow:
    """Draw noisy gradient descent of one to eight steps, or gradient flow of as long a time.

    Parameters
    ----------
    deterministic : bool
        Whether their temperature may be 0.
    """
    steps, size = draw(st.integers(1, 8)), 2.0 ** -draw(st.integers(3, 10))
    penalty = draw(numbers(minimum=0.0, maximum=4.0, simplest=1.0))
    temperature = draw(numbers(minimum=0.0 if deterministic else 0.25, maximum=4.0, simplest=1.0))
    noise = draw(st.none() | numbers(minimum=0.25, maximum=2.0, simplest=1.0))
    descent = NoisyGradientDescent(steps, size, penalty, temperature, noise)
    return descent.flow() if draw(st.booleans()) else descent


def learners(*, deterministic: bool = False) -> st.SearchStrategy[Learner]:
    """Draw a learner of any kind; ``deterministic`` allows temperature 0."""
    return ridges(deterministic=deterministic) | descents(deterministic=deterministic)


@st.composite
def bottlenecks(draw: st.DrawFn, *, features: int, spectral: bool | None = None) -> Spectral | Subspace | None:
    """Draw a bottleneck, rank 0 and full rank included; it shrinks to none.

    Parameters
    ----------
    features : int
        d.
    spectral : bool, optional
        Whether it keeps whole eigenvectors; None leaves that open.
    """
    kinds = (None, Principal, Best, Selected, Subspace)
    kind = draw(st.sampled_from(kinds if spectral is None else kinds[:4] if spectral else kinds[4:]))
    if kind is None:
        return None
    rank = draw(st.integers(0, features))
    if kind is Subspace:
        return Subspace(draw(rotations(dim=features))[:, :rank])
    if kind is Selected:
        return Selected(tuple(draw(st.permutations(range(features)))[:rank]))
    return Principal(rank) if kind is Principal else Best(rank)


@st.composite
def distillations(
    draw: st.DrawFn,
    *,
    features: int | None = None,
    max_features: int = 3,
    outputs: int | None = None,
    max_outputs: int = 3,
    condition: float = 1e3,
    modes: tuple[str, ...] = MODES,
    spectral: bool | None = None,
    hard: bool = False,
    singular: bool = False,
    spectrum: bool | None = False,
    test_cov: bool | None = False,
    intercept: bool | None = False,
    teacher: st.SearchStrategy[Learner | Channel] | None = None,
    student: st.SearchStrategy[Learner | Channel] | None = None,
    transfer: bool | None = False,
) -> Distillation:
    """Draw a distillation; it shrinks towards one feature, one output and the default of every setting.

    Parameters
    ----------
    features, max_features, outputs, max_outputs, condition, modes, singular, spectrum, test_cov, intercept
        As for :func:`problems`.
    spectral : bool, optional
        Whether the bottleneck keeps whole eigenvectors; None leaves that open.
    hard : bool
        Whether the floor may be 0 and the student deterministic, so that divergences may be infinite.
    teacher, student : strategy, optional
        Learners, or channels t ↦ W of as many ``features``. Default: :func:`ridges`.
    transfer : bool, optional
        Whether the student is trained on other inputs than the teacher; None leaves that open.
    """
    problem = draw(
        problems(
            features=features,
            max_features=max_features,
            outputs=outputs,
            max_outputs=max_outputs,
            condition=condition,
            modes=modes,
            singular=singular,
            spectrum=spectrum,
            test_cov=test_cov,
            intercept=intercept,
        )
    )
    taught = draw(ridges() if teacher is None else teacher)
    learned = draw(ridges(deterministic=hard) if student is None else student)
    moved = draw(_decided(transfer))
    bottleneck = draw(
        bottlenecks(features=problem.n_features, spectral=spectral).filter(
            lambda drawn: not (moved and isinstance(drawn, Best))  # which compares costs in common eigen-directions
        )
    )
    if isinstance(learned, Channel):
        return Distillation(problem, teacher=taught, student=learned, bottleneck=bottleneck)
    floor = draw(st.none() | numbers(minimum=0.0 if hard else 0.25, maximum=4.0, simplest=1.0))
    if floor is None and not learned.spreads_everywhere:
        floor = 1.0
    other = None
    if moved:
        inputs = draw(matrices(rows=draw(st.integers(1, 6)), columns=problem.n_features))
        other = Moments.from_data(inputs, center=problem.intercept)
    return Distillation(
        problem,
        teacher=taught,
        student=learned,
        bottleneck=bottleneck,
        floor=floor,
        temperature=draw(numbers(minimum=0.0, maximum=4.0, simplest=1.0)),
        mixing=1.0 if other else draw(numbers(minimum=-0.5, maximum=1.5, simplest=1.0)),
        draws=draw(st.integers(1, 5)),
        transfer=other,
    )
