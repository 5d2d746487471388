"""Generalisation of teacher and student: exact gaps and risks, and the law of the teacher's gap (docs/theory.md §7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lingauss.guard import guarded
from lingauss.model.gap import TeacherStudent, expected_excess_risk, expected_gap
from lingauss.model.process import CoupledProcess
from lingauss.model.small_matrices import on_one_blas_thread

if TYPE_CHECKING:
    from lingauss.algebra.cumulants import CumulantFunction
    from lingauss.model.sharpness import Sharpness


@guarded
@dataclass(frozen=True, eq=False)
class Generalisation(CoupledProcess):
    """What a coupled process says about test losses; parameters as for :class:`Distillation`."""

    @on_one_blas_thread
    def gaps(self) -> TeacherStudent:
        """Return the exact expected generalisation gaps, test minus training loss (docs/theory.md §7.1).

        Averaged over labels and drawn weights; squared loss summed over outputs. The student's is that of its
        predictor.

        Raises
        ------
        MissingTruthError
            If test_cov was given and the problem knows no truth.
        """
        here = self.framed
        return TeacherStudent(
            expected_gap(here.problem, here.teacher_channel), expected_gap(here.problem, here.student_predictor)
        )

    @on_one_blas_thread
    def excess_risk(self) -> TeacherStudent:
        """Return E tr((W − W*) Σ_x (W − W*)ᵀ) of teacher and student (docs/theory.md §5.7).

        Averaged over labels and drawn weights, summed over outputs. The student's is that of its predictor.

        Raises
        ------
        MissingTruthError
            If the problem knows no truth.
        """
        here = self.framed
        return TeacherStudent(
            expected_excess_risk(here.problem, here.teacher_channel),
            expected_excess_risk(here.problem, here.student_predictor),
        )

    @cached_property
    def gap_cumulants(self) -> CumulantFunction:
        """Cumulant function Λ of the teacher's gap over data and weights: domain, mean, variance, all cumulants.

        At any test covariance (docs/theory.md §7.5); averaged over the truth where that is a plug-in.

        Raises
        ------
        MissingTruthError
            If the problem knows no truth.
        DomainError
            If n_samples is below the rank of the Gram matrix.
        """
        from lingauss.model.cumulants import joint_cumulants

        return joint_cumulants(self.framed.problem, self.framed.teacher, self.framed.teacher_channel)

    @cached_property
    def conditional_gap_cumulants(self) -> CumulantFunction:
        """Cumulant function Λ_c of the teacher's gap given the data, averaged over it (docs/theory.md §7.3–7.4).

        Raises
        ------
        MissingTruthError
            If test_cov was given and the problem knows no truth.
        """
        from lingauss.model.cumulants import conditional_cumulants

        return conditional_cumulants(self.framed.problem, self.framed.teacher_channel)

    def gap_cgf(self, lam: Any) -> Any:
        """Return Λ(λ) = log E_T e^{λ gap} of the teacher, unconditional, in nats (docs/theory.md §7.5).

        Parameters
        ----------
        lam : float or array
            λ, per squared label.

        Returns
        -------
        float or ndarray
            Like ``lam``; +inf exactly outside the domain ``gap_cumulants.domain``.

        Raises
        ------
        MissingTruthError, DomainError, NotFiniteError, NotNumericError
        """
        return self.gap_cumulants(lam)

    def variance_proxy(self) -> float:
        """Return σ̄², the mean variance of the teacher's gap given the data, a true sub-Gaussian parameter of it.

        In squared units of the gap (docs/theory.md §7.3).

        Raises
        ------
        NotSubGaussianError
            If test_cov was given: the gap is then quadratic in the weights, and such a bound can be false.
        """
        from lingauss.model.bounds import variance_proxy

        return variance_proxy(self.framed.problem, self.framed.teacher_channel)

    def sharpness(self) -> Sharpness:
        """Return gradient and curvature of the gap at the teacher's weights, and the student's distance (§7.8).

        Raises
        ------
        MissingTruthError
            If the problem knows no truth.
        """
        self.problem.need_truth("sharpness")
        from lingauss.model.sharpness import sharpness

        here = self.framed
        return sharpness(here.problem, here.teacher_channel, here.student_channel, here.apart)

    @on_one_blas_thread
    def mutual_information(self) -> TeacherStudent:
        """Return I(D; W) of teacher and student, in nats; +inf where weights reveal a linear image of the labels."""
        from lingauss.model.information import mutual_information

        here = self.framed
        return TeacherStudent(
            mutual_information(here.problem, here.teacher_channel),
            mutual_information(here.problem, here.student_predictor),
        )
