"""Designs whose inputs are drawn, over product grids: what is asked of their directions once, and put together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lingauss.equivalents.fit import Fits, Index, Mask
from lingauss.equivalents.overlaps import Overlaps, overlaps
from lingauss.equivalents.pair import Generalisation, Settings, generalisation
from lingauss.errors import EquivalentWarning
from lingauss.guard import guarded
from lingauss.model.bottleneck import Selected
from lingauss.model.design import Design
from lingauss.model.learners import Ridge
from lingauss.model.population import Population, not_averaged
from lingauss.notices import notify
from lingauss.validation import Array

Axes = Mapping[str, Array]
Ranks = npt.NDArray[np.intp]


@guarded
def averages(design: Design, ranks: Ranks, axes: Axes) -> Generalisation:
    """Return gaps and risks on average over inputs, at every rank and point of a grid.

    Parameters
    ----------
    design : Design
        Of a population.
    ranks : (R,) of int
        Student ranks, the last of them the design's own.
    axes : mapping of name to (m,) values
        Checked values of design axes other than ``student_rank``.

    Returns
    -------
    Generalisation
        Arrays (R, *grid); those that do not depend on an axis repeat along it.

    Raises
    ------
    NotAveragedError
        If the design has no closed form.
    SingularGramError
    """
    shared = overlaps_of(design, ranks, axes)
    warn_of_peak(shared)
    found = generalisation(shared, settings_of(design, axes))
    shape = (len(ranks), *(len(values) for values in axes.values()))
    return Generalisation(*(np.broadcast_to(number, shape) for number in found))


def overlaps_of(design: Design, ranks: Ranks, axes: Axes) -> Overlaps:
    """Return what the teachers and students of a grid have in common, (R or 1, *grid or 1) each."""
    population, teacher, student = _parts(design)
    s = population.axes.eigenvalues
    n = _along(axes, population.n_samples, "n_samples")
    penalties = [
        _along(axes, learner.penalty, f"{role}_penalty", "penalty")
        for role, learner in (("teacher", teacher), ("student", student))
    ]
    whole, views = np.ones((1, len(s)), np.bool_), _views(design, ranks)
    teachers = _Grid.of(n, penalties[0], whole)
    students = _Grid.of(n, penalties[1], views)
    shape = np.broadcast_shapes(teachers.shape, students.shape)
    first = teachers.fits(s).at(_points(teachers.shape, shape))
    alike = np.array_equal(penalties[0], penalties[1]) and np.array_equal(whole, views)
    second = first if alike else students.fits(s).at(_points(students.shape, shape))
    found = overlaps(s, population.direction_signal, first, second)
    return Overlaps(*(field.reshape(shape) for field in found))


def settings_of(design: Design, axes: Axes) -> Settings:
    """Return what of the designs of a grid is no sum over directions."""
    population, teacher, student = _parts(design)
    variance = np.square(_along(axes, population.label_noise, "label_noise"))
    draws = _along(axes, design.draws, "draws")
    spreads = [
        population.outputs
        * _along(axes, learner.temperature, f"{role}_temperature")
        * (variance if learner.noise is None else learner.noise**2)
        for role, learner in (("teacher", teacher), ("student", student))
    ]
    return Settings(
        population.outputs * variance,
        _along(axes, design.mixing, "mixing"),
        _along(axes, design.temperature, "temperature") / draws,
        spreads[0],
        spreads[0] / draws,
        spreads[1],
    )


def warn_of_peak(shared: Overlaps) -> None:
    """Warn where 1 − γ of a learner is so small that its equivalent is off, but not 0."""
    for role, regular in (("teacher", shared.teacher_regular), ("student", shared.student_regular)):
        near = (regular > 0.0) & (regular < 2.0 / shared.n_samples)
        if np.any(near):
            notify(
                f"the {role}'s 1 − γ is {float(np.min(regular[near])):.2g}, below 2/n, so near its interpolation peak "
                "that averages over inputs are off by far more than a few per cent; raise the penalty, or use "
                "average_over_inputs(trials, seed).",
                EquivalentWarning,
            )
            return


def _parts(design: Design) -> tuple[Population, Ridge, Ridge]:
    """Return population, teacher and student of a design that has closed forms.

    Raises
    ------
    NotAveragedError
    """
    population, teacher, student = design.problem, design.teacher, design.student
    if not isinstance(population, Population):
        raise AssertionError("only a population is averaged over")
    for role, learner in (("teacher", teacher), ("student", student)):
        if type(learner) is not Ridge:
            raise not_averaged(f"a {type(learner).__name__} as {role}, where Ridge has one")
    if design.transfer is not None:
        raise not_averaged("transfer inputs that are given")
    return population, teacher, student  # type: ignore[return-value]


def _views(design: Design, ranks: Ranks) -> Mask:
    """Return which directions a student of each rank sees, (R, d), or (1, d) where that is all."""
    d = design.problem.n_features
    bottleneck = design.bottleneck
    if bottleneck is None and np.all(ranks == d):
        return np.ones((1, d), np.bool_)
    if not isinstance(bottleneck, Selected):
        raise not_averaged(f"{bottleneck or 'Principal'} of drawn inputs, where Selected(directions) has one")
    order = bottleneck.ranking(np.empty(d))
    return np.argsort(order) < ranks[:, None]


def _along(axes: Axes, default: float, *names: str) -> Array:
    """Put a setting's values on the grid axis of the first of its names that has one, else have it fixed."""
    shape = [1] * (1 + len(axes))
    name = next((name for name in names if name in axes), None)
    if name is None:
        return np.full(shape, default, dtype=np.float64)
    shape[1 + list(axes).index(name)] = len(axes[name])
    return np.reshape(axes[name], shape).astype(np.float64)


class _Grid(NamedTuple):
    """Ridge regressions over the part of a grid that they depend on, the views on its first axis."""

    n_samples: Array
    penalty: Array
    view: Index
    seen: Mask

    @classmethod
    def of(cls, n_samples: Array, penalty: Array, seen: Mask) -> _Grid:
        number = np.reshape(np.arange(len(seen)), (-1,) + (1,) * (n_samples.ndim - 1))
        n, lam, view = np.broadcast_arrays(n_samples, penalty, number)
        return cls(n, lam, view, seen)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.view.shape

    def fits(self, s: Array) -> Fits:
        return Fits.of(s, self.n_samples.ravel(), self.penalty.ravel(), self.seen, self.view.ravel())


def _points(shape: tuple[int, ...], whole: tuple[int, ...]) -> Index:
    """Return the number, within a part of a grid, of every point of the whole, in order."""
    return np.broadcast_to(np.arange(math.prod(shape)).reshape(shape), whole).ravel()
