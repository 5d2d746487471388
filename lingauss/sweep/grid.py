"""Directions over a product of design axes, each array only as large as what it depends on."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from lingauss.errors import DomainError, UndefinedFloorError
from lingauss.model.axes import AXES
from lingauss.model.bottleneck import Best, Selected
from lingauss.model.design import Design
from lingauss.model.directions import Directions
from lingauss.model.labels import eigen_powers
from lingauss.model.learners import Law, Learner, law_of_seen
from lingauss.model.sides import Floor, Labels, Sides
from lingauss.model.truth import need_truth
from lingauss.validation import Array

Axes = Mapping[str, Array]
LEARNER_AXES = {
    "teacher": ("penalty", "teacher_penalty", "teacher_temperature", "teacher_steps"),
    "student": ("penalty", "student_penalty", "student_temperature", "student_steps"),
}


def directions_over(case: Design, axes: Axes, ranks: npt.NDArray[np.intp]) -> Directions:
    """Return the eigen-directions of a design at every point of a grid.

    Parameters
    ----------
    case : Design
        The design; learners on both sides and no general subspace.
    axes : mapping of name to (m,) values
        Checked values of any design axes but ``student_rank``; their order is that of the grid's axes.
    ranks : (R,) of int
        The student ranks that will be asked for.

    Returns
    -------
    Directions
        With one grid axis for each of ``axes``.

    Raises
    ------
    SingularGramError, MissingTruthError, DomainError
    """
    problem = case.problem
    if "n_samples" in axes:
        need_truth(problem, "results at other sample sizes")
    noise = _along("label_noise", axes, problem.label_noise)
    growth = _along("n_samples", axes, problem.n_samples) / problem.n_samples
    mean_square, noise_power = (_column(power, axes) for power in eigen_powers(problem))
    s = _column(problem.eigenbasis.eigenvalues, axes) * growth
    seen = len(s) if isinstance(case.bottleneck, Best | Selected) else int(ranks.max())
    # E t grows in proportion to n, and so does the variance that label noise gives it.
    return Directions(
        Sides(
            s,
            _laws("teacher", case, axes, lambda learner: learner.spectral(s, noise)),
            _laws("student", case, axes, lambda learner: law_of_seen(learner, s, noise, seen)),
            _floor(case, axes, noise, int(ranks.min())),
        ),
        Labels(
            mean_square / problem.label_noise**2 * np.square(growth),
            np.square(problem.label_noise / noise),
            noise_power * growth,
        ),
        _along("temperature", axes, case.temperature),
        _along("mixing", axes, case.mixing),
        _along("draws", axes, case.draws),
        problem.outputs,
    )


def _column(values: Array, axes: Axes) -> Array:
    """Put values on the axis of directions."""
    return values.reshape((-1,) + (1,) * len(axes))


def _along(name: str, axes: Axes, default: float) -> Array:
    """Put a setting's values on its own grid axis; a fixed setting has length 1 everywhere."""
    values = axes.get(name, np.array([default], dtype=np.float64))
    shape = [1] * (1 + len(axes))
    if name in axes:
        shape[1 + list(axes).index(name)] = len(values)
    return np.reshape(values, shape)


def _laws(role: str, case: Design, axes: Axes, law_of: Callable[[Learner], Law]) -> Law:
    """Law of a learner over its own axes, found by asking one learner per combination of their values."""
    own = [name for name in axes if name in LEARNER_AXES[role]]
    if not own:
        return Law(*(_of_rank(part, 1 + len(axes)) for part in law_of(_changed(role, case, [], []))))
    places = [1 + list(axes).index(name) for name in own]
    laws = {}
    for index in itertools.product(*(range(len(axes[name])) for name in own)):
        values = [axes[name][i] for name, i in zip(own, index, strict=True)]
        laws[index] = law_of(_changed(role, case, own, values))
    parts = ({index: law[part] for index, law in laws.items()} for part in range(len(Law._fields)))
    return Law(*(_assemble(pieces, places, len(axes)) for pieces in parts))


def _changed(role: str, case: Design, names: list[str], values: list[float]) -> Learner:
    fields = {"teacher": case.teacher, "student": case.student}
    for name, value in sorted(zip(names, values, strict=True), key=lambda change: list(AXES).index(change[0])):
        AXES[name].change(fields, value)
    learner = fields[role]
    if not isinstance(learner, Learner):
        raise DomainError(f"a learner as {role}", "a channel", "Sweep a design whose teacher and student are learners.")
    return learner


def _assemble(pieces: Mapping[tuple[int, ...], Array], places: list[int], n_axes: int) -> Array:
    """Put one array per combination side by side along the axes in ``places``."""
    rank = 1 + n_axes
    padded = {index: _of_rank(piece, rank) for index, piece in pieces.items()}
    shape = list(next(iter(padded.values())).shape)
    for axis, place in enumerate(places):
        shape[place] = 1 + max(index[axis] for index in padded)
    whole = np.empty(shape)
    for index, piece in padded.items():
        where: list[slice] = [slice(None)] * rank
        for i, place in zip(index, places, strict=True):
            where[place] = slice(i, i + 1)
        whole[tuple(where)] = piece
    return whole


def _of_rank(values: Array, rank: int) -> Array:
    """Put axes of length 1 in front until there are so many."""
    return values.reshape((1,) * (rank - values.ndim) + values.shape)


def _floor(case: Design, axes: Axes, noise: Array, smallest_rank: int) -> Floor:
    """Return the floor in units of ν², the student's law without data, or why that has no variance."""
    if "floor" in axes or case.floor is not None:
        return _along("floor", axes, math.nan if case.floor is None else case.floor) / np.square(noise)
    if smallest_rank == case.problem.n_features:
        return np.zeros((1,) * noise.ndim)

    def prior(student: Learner) -> Law:
        student.prior_variance(case.problem.label_noise)  # raises where there is none
        return student.spectral(np.zeros((1,) * noise.ndim), noise)

    try:
        return _laws("student", case, axes, prior)
    except UndefinedFloorError as error:
        return error
