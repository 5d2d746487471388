"""The sharpness-aware bound: how far the gap can move when weights move by a known distance (docs/theory.md §7.8)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lingauss.algebra.wasserstein import bures2
from lingauss.errors import DomainError
from lingauss.gaps.cumulants import gap_gradient
from lingauss.guard import guarded
from lingauss.html_table import html_settings, text_settings
from lingauss.ledgers.laws import DenseWeights
from lingauss.ledgers.spectral import Spectral
from lingauss.ledgers.squares import covariance_shift
from lingauss.model.design import Design
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.truth import need_truth
from lingauss.validation import as_scalar


@dataclass(frozen=True)
class Sharpness:
    """How steep the teacher's gap is and how far the student's weights are from the teacher's.

    Attributes
    ----------
    gradient : float
        g, root mean square of the gap's gradient at the teacher's weights; squared labels per unit of weight.
    curvature : float
        h = 2‖Q‖, the largest curvature of the gap; 0 at fixed design.
    distance : float
        ϱ, root mean square Wasserstein-2 distance of the two laws of weights given the data.
    """

    gradient: float
    curvature: float
    distance: float

    @property
    def width(self) -> float:
        """gϱ + ½hϱ², which the two expected gaps differ by at most."""
        return self.gradient * self.distance + 0.5 * self.curvature * self.distance**2

    def radius(self, width: float) -> float:
        """Return ϱ₀, the distance below which this bound is tighter than one of the given width; +inf if always.

        Parameters
        ----------
        width : float
            ℬ ≥ 0 of a bound |gen_S − gen_T| ≤ ℬ, for example √(2σ²K_n); +inf is legal.
        """
        return sharpness_radius(width, self.gradient, self.curvature)

    def _told(self) -> list[tuple[str, str]]:
        return [
            ("gradient g", f"{self.gradient:.6g}"),
            ("curvature h", f"{self.curvature:.6g}"),
            ("distance ϱ", f"{self.distance:.6g}"),
            ("width gϱ + ½hϱ²", f"{self.width:.6g}"),
        ]

    def __repr__(self) -> str:
        return text_settings("Sharpness of the teacher's gap", self._told())

    def _repr_html_(self) -> str:
        return html_settings("Sharpness of the teacher's gap", self._told())


@guarded
def sharpness_radius(width: float, gradient: float, curvature: float) -> float:
    """Return ϱ₀ = 2ℬ/(g + √(g² + 2hℬ)): gϱ + ½hϱ² < ℬ exactly for ϱ < ϱ₀ (docs/theory.md §7.8).

    Parameters
    ----------
    width : float
        ℬ ≥ 0; +inf is legal.
    gradient, curvature : float
        g ≥ 0 and h ≥ 0.

    Raises
    ------
    DomainError, NotFiniteError, NotNumericError
    """
    if not (isinstance(width, float) and width == math.inf):
        width = as_scalar(width, "width", minimum=0.0)
    g = as_scalar(gradient, "gradient", minimum=0.0)
    h = as_scalar(curvature, "curvature", minimum=0.0)
    if g == 0.0 and h == 0.0:
        if width == 0.0:
            raise DomainError(
                "a positive width, gradient or curvature", "0 for all three", "Nothing is to be compared."
            )
        return math.inf
    if width == math.inf or width == 0.0:
        return width
    return width / (0.5 * g + math.hypot(0.5 * g, math.sqrt(0.5 * h) * math.sqrt(width)))


def sharpness(design: Design) -> Sharpness:
    """Return gradient and curvature of the gap at the teacher's weights, and the student's distance (§7.8).

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    """
    problem = design.framed.problem
    need_truth(problem, "sharpness")
    distance = math.sqrt(squared_distance(design))
    shift = covariance_shift(problem)
    if shift is None:
        steepness = 4.0 * problem.outputs * (problem.label_noise / problem.n_samples) ** 2
        return Sharpness(math.sqrt(steepness * problem.gramian.trace), 0.0, distance)
    teacher = design.framed.teacher_channel
    steepness = float(np.sum(np.square(gap_gradient(DenseWeights(problem, teacher), shift))))
    steepness += 4.0 * problem.outputs * float(np.sum(np.square(shift @ teacher.covariance.root)))
    return Sharpness(math.sqrt(steepness), 2.0 * float(np.abs(np.linalg.eigvalsh(shift)).max()), distance)


def squared_distance(design: Design) -> float:
    """Return ϱ² = E_D W₂²(student's weights, teacher's weights), in squared units of the weights.

    Averaged over labels, or at the observed ones.

    Raises
    ------
    MissingTruthError
        If the problem has neither truth nor labels.
    """
    if design.is_spectral:
        return Spectral(design).squared_distance()
    here = design.framed
    problem, student, teacher = here.problem, here.student_channel, here.teacher_channel
    gain, offset = student.A - teacher.A, student.b - teacher.b
    moved = float(np.sum(np.square(mean_rows(problem, gain, offset))))
    if problem.observed is None:
        moved += float(np.sum(np.square(noise_rows(problem, gain))))
    return moved + problem.outputs * bures2(student.covariance, teacher.covariance)
