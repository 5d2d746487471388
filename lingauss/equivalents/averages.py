"""Designs whose inputs are drawn, over product grids: what is asked of their directions once, and put together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lingauss.equivalents.fit import Fits, Index, Mask
from lingauss.equivalents.fresh import fresh_parabolas
from lingauss.equivalents.overlaps import Overlaps, overlaps
from lingauss.equivalents.pair import Generalisation, Rule, Settings, generalisation, student_parabolas
from lingauss.equivalents.principal import Setting, principal_students
from lingauss.equivalents.subspaces import Regressions, View, subspace_overlaps
from lingauss.errors import EquivalentWarning
from lingauss.guard import guarded
from lingauss.model.bottleneck import Principal, Selected, Spectral, Subspace
from lingauss.model.design import Design
from lingauss.model.fresh import FreshInputs
from lingauss.model.learners import Ridge
from lingauss.model.population import Population, not_averaged
from lingauss.model.truth import need_truth
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
        Student ranks.
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
    shape = (len(ranks), *(len(values) for values in axes.values()))
    found = _of_sample_directions(design, ranks, axes) if sees_sample_directions(design, ranks) else None
    if found is None:
        shared = overlaps_of(design, ranks, axes)
        warn_of_peak(shared)
        found = generalisation(shared, settings_of(design, axes), rule_of(design))
    return Generalisation(*(np.broadcast_to(number, shape) for number in found))


def sees_sample_directions(design: Design, ranks: Ranks) -> bool:
    """Whether students see principal directions of their rows, and not all of them."""
    return isinstance(design.bottleneck, Principal) or (design.bottleneck is None and not _is_whole(design, ranks))


def _of_sample_directions(design: Design, ranks: Ranks, axes: Axes) -> Generalisation:
    """Return gaps and risks of students that see principal directions of the rows."""
    if design.teacher_bottleneck is not None or design.transfer is not None:
        raise not_averaged("a Principal bottleneck beside a weak teacher or FreshInputs, where Selected has one")
    population, teacher, student = _parts(design)
    truth = need_truth(design.problem, "results on average over inputs")
    setting = Setting(
        ranks.reshape(-1, *(1 for _ in axes)).astype(np.float64),
        _along(axes, design.problem.n_samples, "n_samples"),
        _along(axes, teacher.penalty, "teacher_penalty", "penalty"),
        _along(axes, student.penalty, "student_penalty", "penalty"),
    )
    whole = averages(design.replace(bottleneck=None), np.array([population.dim]), axes)
    return principal_students(
        population.axes.eigenvalues, truth.power(population.axes), setting, settings_of(design, axes), whole
    )


def overlaps_of(design: Design, ranks: Ranks, axes: Axes) -> Overlaps:
    """Return what the teachers and students of a grid have in common, (R or 1, *grid or 1) each."""
    population, teacher, student = _parts(design)
    s = population.axes.eigenvalues
    n = _along(axes, design.problem.n_samples, "n_samples")
    rows = (n, n) if design.transfer is None else (n, _along(axes, design.transfer.n_samples, "transfer_samples"))
    penalties = [
        _along(axes, learner.penalty, f"{role}_penalty", "penalty")
        for role, learner in (("teacher", teacher), ("student", student))
    ]
    sights = [
        _Sight.of(population, "teacher", design.teacher_bottleneck, axes.get("teacher_rank"), "teacher_rank", axes),
        _Sight.of(population, "student", design.view, None if _is_whole(design, ranks) else ranks, "", axes),
    ]
    grids = [_Grid.of(*setting) for setting in zip(rows, penalties, sights, strict=True)]
    shape = np.broadcast_shapes(*(grid.shape for grid in grids))
    places = [_points(grid.shape, shape) for grid in grids]
    truth = need_truth(design.problem, "results on average over inputs")
    if all(isinstance(sight.shown, np.ndarray) for sight in sights):
        alike = all(np.array_equal(*pair) for pair in (rows, penalties, [sight.shown for sight in sights]))
        first = grids[0].fits(s).at(places[0])
        found = overlaps(s, truth.power(population.axes), first, first if alike else grids[1].fits(s).at(places[1]))
    else:
        theta = population.axes.rotate(truth.rows) * np.sqrt(s)
        found = subspace_overlaps(
            *(grid.regressions(s, theta, place) for grid, place in zip(grids, places, strict=True))
        )
    return Overlaps(*(field.reshape(shape) for field in found))


def settings_of(design: Design, axes: Axes) -> Settings:
    """Return what of the designs of a grid is no sum over directions."""
    _, teacher, student = _parts(design)
    variance = np.square(_along(axes, design.problem.label_noise, "label_noise"))
    draws = _along(axes, design.draws, "draws")
    spreads = [
        design.problem.outputs
        * _along(axes, learner.temperature, f"{role}_temperature")
        * (variance if learner.noise is None else learner.noise**2)
        for role, learner in (("teacher", teacher), ("student", student))
    ]
    return Settings(
        design.problem.outputs * variance,
        _along(axes, design.mixing, "mixing"),
        _along(axes, design.temperature, "temperature") / draws,
        spreads[0],
        spreads[0] / draws,
        spreads[1],
    )


def rule_of(design: Design) -> Rule:
    """Return how gaps and risks of the student follow from what it has in common with its teacher."""
    return fresh_parabolas if isinstance(design.transfer, FreshInputs) else student_parabolas


def warn_of_peak(shared: Overlaps) -> None:
    """Warn where 1 − γ of a learner is so small that its equivalent is off, but not 0."""
    sides = (
        ("teacher", shared.teacher_regular, shared.teacher_samples),
        ("student", shared.student_regular, shared.student_samples),
    )
    for role, regular, rows in sides:
        near = (regular > 0.0) & (regular < 2.0 / rows)
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
    population, teacher, student = design.problem.population, design.teacher, design.student
    if population is None:
        raise AssertionError("only a population is averaged over")
    for role, learner in (("teacher", teacher), ("student", student)):
        if type(learner) is not Ridge:
            raise not_averaged(f"a {type(learner).__name__} as {role}, where Ridge has one")
    if not isinstance(design.transfer, FreshInputs | None):
        raise not_averaged("transfer inputs that are given, where FreshInputs(m) has one")
    return population, teacher, student  # type: ignore[return-value]


def _is_whole(design: Design, ranks: Ranks) -> bool:
    """Whether students of all these ranks are without a bottleneck."""
    return design.bottleneck is None and bool(np.all(ranks == design.problem.n_features))


class _Sight(NamedTuple):
    """What learners of several ranks are shown, and where on the grid the ranks are.

    Attributes
    ----------
    shown : (V, d) of bool, or sequence of V arrays (d, r)
        Which of the population's directions, or orthonormal bases in them.
    view : (V, 1, …) or so, of int
        Numbers of the views along the axis that their ranks have.
    """

    shown: Mask | list[Array]
    view: Index

    @classmethod
    def of(
        cls,
        population: Population,
        role: str,
        bottleneck: Spectral | Subspace | None,
        ranks: Array | Ranks | None,
        axis: str,
        axes: Axes,
    ) -> _Sight:
        """Return the views of a bottleneck at several ranks, None for its own; student ranks have the first axis."""
        d = population.dim
        if bottleneck is None and ranks is None:
            return cls(np.ones((1, d), np.bool_), np.zeros((1,) * (1 + len(axes)), np.intp))
        if not isinstance(bottleneck, Selected | Subspace):
            shown = f"{bottleneck or 'Principal'} as bottleneck of the {role}"
            raise not_averaged(f"{shown}, which depends on the drawn inputs, where Selected and Subspace have one")
        counts = np.array([bottleneck.rank]) if ranks is None else np.asarray(ranks, dtype=np.intp)
        shape = [1] * (1 + len(axes))
        shape[1 + list(axes).index(axis) if axis in axes else 0] = len(counts)
        view = np.arange(len(counts)).reshape(shape)
        if isinstance(bottleneck, Selected):
            return cls(np.argsort(bottleneck.ranking(np.empty(d))) < counts[:, None], view)
        basis = population.axes.rotate(bottleneck.basis.T).T
        return cls([basis[:, :count] for count in counts.tolist()], view)

    def bases(self) -> list[Array]:
        """Return orthonormal bases of the views."""
        if isinstance(self.shown, list):
            return self.shown
        everything = np.eye(self.shown.shape[1])
        return [everything[:, mask] for mask in self.shown]


def _along(axes: Axes, default: float, *names: str) -> Array:
    """Put a setting's values on the grid axis of the first of its names that has one, else have it fixed."""
    shape = [1] * (1 + len(axes))
    name = next((name for name in names if name in axes), None)
    if name is None:
        return np.full(shape, default, dtype=np.float64)
    shape[1 + list(axes).index(name)] = len(axes[name])
    return np.reshape(axes[name], shape).astype(np.float64)


class _Grid(NamedTuple):
    """Ridge regressions over the part of a grid that they depend on."""

    n_samples: Array
    penalty: Array
    view: Index
    sight: _Sight

    @classmethod
    def of(cls, n_samples: Array, penalty: Array, sight: _Sight) -> _Grid:
        n, lam, view = np.broadcast_arrays(n_samples, penalty, sight.view)
        return cls(n, lam, view, sight)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.view.shape

    def fits(self, s: Array) -> Fits:
        """Return all of them, where views are directions of the population."""
        shown = self.sight.shown
        if isinstance(shown, list):
            raise AssertionError("subspaces have regressions of their own")
        return Fits.of(s, self.n_samples.ravel(), self.penalty.ravel(), shown, self.view.ravel())

    def regressions(self, s: Array, theta: Array, points: Index) -> Regressions:
        """Return those at some points, through views as bases."""
        views = [View(basis, s, theta) for basis in self.sight.bases()]
        return Regressions(self.n_samples.flat[points], self.penalty.flat[points], views, self.view.flat[points])


def _points(shape: tuple[int, ...], whole: tuple[int, ...]) -> Index:
    """Return the number, within a part of a grid, of every point of the whole, in order."""
    return np.broadcast_to(np.arange(math.prod(shape)).reshape(shape), whole).ravel()
