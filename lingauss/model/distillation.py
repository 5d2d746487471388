"""A teacher and a student coupled through soft labels, and every exact number about the pair."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lingauss.algebra.psd import as_psd
from lingauss.errors import TiedSpectrumWarning
from lingauss.model.bottleneck import Principal
from lingauss.model.gap import TeacherStudent, expected_excess_risk, expected_gap
from lingauss.model.ledger import Ledger
from lingauss.model.process import CoupledProcess

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from lingauss.design.result import Optimum


@dataclass(frozen=True, eq=False)
class Distillation(CoupledProcess):
    """One design: a problem, a teacher, a student and how they are coupled (docs/theory.md §2).

    Parameters
    ----------
    problem : Problem
        Inputs, noise level and truth or observed labels.
    teacher : Learner or Channel
        A learner, or any channel t ↦ W (so that students can teach).
    student : Learner or Channel
        A learner, which trains on soft labels through the bottleneck; or, by :meth:`from_channels`, its whole law t ↦
        W.
    bottleneck : Principal, Best, Subspace or None
        Which directions the student sees; None is all of them.
    floor : float, optional
        Variance ≥ 0 of the student's weights outside the bottleneck; 0 is the hard bottleneck. Default: the student's
        prior variance.
    temperature : float
        τ ≥ 0; soft labels carry observation noise of variance τν².
    mixing : float
        ξ; the student trains on (1 − ξ) true + ξ soft labels. Below 0 and above 1 are legal.
    draws : int
        m ≥ 1, independent teacher draws averaged in the soft labels.

    Raises
    ------
    DomainError
        If a setting is outside its range (a rank above d included).
    ShapeError
        If a subspace or a channel does not fit the problem's features.
    SingularGramError
        If a penalty is 0 and the Gram matrix the learner sees is singular.
    UndefinedFloorError
        If directions are discarded and the student has no prior variance to default to.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=0.5)
    >>> case = lg.Distillation(problem, teacher=lg.Ridge(0.5), student=lg.Ridge(0.5), bottleneck=lg.Principal(rank=2))
    >>> case.divergence().total < case.replace(rank=0).divergence().total
    True
    """

    def divergence(self) -> Ledger:
        """Return K_n = E_t KL(student's weights given t ‖ teacher's) as a ledger, in nats (docs/theory.md §3–4).

        Averaged over labels where the problem knows a truth (mode 'averaged', or 'plug-in'), at the observed labels
        otherwise. The total is +inf for a hard bottleneck or a deterministic student; the bias stays finite.

        Raises
        ------
        MissingTruthError
            If the problem has neither truth nor labels.
        """
        if self.is_spectral:
            return self._spectral_ledger("weights")
        return self.pair.weight_ledger()

    def prediction_divergence(self, gram: Any = None) -> Ledger:
        """Return the divergence of the *joint* predictive laws at all test inputs, in nats; always finite.

        Never larger than :meth:`divergence` (data processing). Labels at the test inputs carry noise ν
        (docs/theory.md §3.4).

        Parameters
        ----------
        gram : (d, d), optional
            Gram matrix of the test inputs; default n Σ_x, which at fixed design is G.

        Raises
        ------
        ShapeError, CovarianceError, MissingTruthError
        """
        problem = self.problem
        if gram is not None:
            return self.pair.prediction_ledger(as_psd(gram, "gram", problem.n_features))
        if problem.test_covariance is not None:
            return self.pair.prediction_ledger(problem.test_covariance.scaled(problem.n_samples))
        if self.is_spectral:
            return self._spectral_ledger("predictions")
        return self.pair.prediction_ledger(problem.gramian)

    def gaps(self) -> TeacherStudent:
        """Return the exact expected generalisation gaps, test minus training loss (docs/theory.md §7.1).

        Averaged over labels and drawn weights; squared loss summed over outputs. The student's is that of its
        predictor.

        Raises
        ------
        MissingTruthError
            If test_cov was given and the problem knows no truth.
        """
        return TeacherStudent(
            expected_gap(self.problem, self.teacher_channel), expected_gap(self.problem, self.student_predictor)
        )

    def excess_risk(self) -> TeacherStudent:
        """Return E tr((W − W*) Σ_x (W − W*)ᵀ) of teacher and student (docs/theory.md §5.7).

        Averaged over labels and drawn weights, summed over outputs. The student's is that of its predictor.

        Raises
        ------
        MissingTruthError
            If the problem knows no truth.
        """
        return TeacherStudent(
            expected_excess_risk(self.problem, self.teacher_channel),
            expected_excess_risk(self.problem, self.student_predictor),
        )

    def sweep(
        self,
        *,
        quantities: Sequence[str] = ("divergence",),
        chunks: Mapping[str, int] | None = None,
        **axes: Any,
    ) -> xr.Dataset:
        """Return exact quantities over a product of design axes.

        Parameters
        ----------
        quantities : sequence of str
            Among ``divergence``, ``bias``, ``variance``, ``rank_bottleneck``, ``rank_irreducible``, the six cells
            (``retained_mean``, ``retained_noise``, ``retained_spread``, ``discarded_…``), all of these with the prefix
            ``prediction_``, ``divergence_per_weight``, ``teacher_gap``, ``student_gap``, ``teacher_excess_risk`` and
            ``student_excess_risk``.
        chunks : mapping of axis to int, optional
            How many values of each axis a block has; axes not named are not cut. The result is then lazy, its blocks
            evaluated by Dask when they are asked for (docs/scale.md).
        **axes
            One sequence of distinct values per design axis: ``student_rank``, ``label_noise``, ``temperature``,
            ``mixing``, ``draws``, ``floor``, ``n_samples``, ``penalty``, ``teacher_penalty``, ``student_penalty``,
            ``teacher_temperature``, ``student_temperature``. Settings left None resolve again in every cell. Ranks
            are sorted; without ``student_rank`` the design's own rank is kept.

        Returns
        -------
        xarray.Dataset
            One variable per quantity over the axes in the order given, with units; fixed settings as JSON in its
            attributes. A quantity that does not depend on an axis repeats along it without taking memory (read-only:
            copy before writing).

        Raises
        ------
        UnknownNameError, EmptyDataError, DomainError, NotFiniteError, MissingTruthError, GridTooLargeError
        MissingDependencyError
            If ``chunks`` is given and Dask is not installed.
        BlockError
            On evaluation, if a block of a chunked sweep cannot be computed.
        """
        from lingauss.design.sweep import sweep

        return sweep(self, axes, quantities, chunks)

    def optimize(
        self,
        *,
        over: Sequence[str],
        objective: str = "divergence",
        tolerance: float | None = None,
        rank_budget: int | None = None,
    ) -> Optimum:
        """Return the best design over some settings, with a certificate (docs/theory.md §5).

        Parameters
        ----------
        over : sequence of str
            Among ``student_rank``, ``temperature``, ``student_temperature``, ``floor`` and ``mixing``. A ``Best``
            bottleneck chooses its directions anew.
        objective : str
            ``divergence``, ``prediction_divergence`` or ``excess_risk`` (of the student).
        tolerance : float, optional
            Take the smallest rank whose value is within this fraction of the best, instead of the best rank.
        rank_budget : int, optional
            Largest rank to consider.

        Raises
        ------
        UnknownNameError, EmptyDataError, DomainError, MissingTruthError
        """
        from lingauss.design.optimum import optimize

        return optimize(self, over, objective, tolerance, rank_budget)

    def by_direction(self) -> pd.DataFrame:
        """Return what each eigen-direction costs and risks: which to keep, and where the student beats the teacher.

        Returns
        -------
        pandas.DataFrame
            One row per direction, largest eigenvalue first: eigenvalue, kept, retained_cost and discarded_cost in
            nats, worth_keeping (docs/theory.md §5.5); where a truth is known at fixed design also both excess risks,
            in squared label units, and student_beats_teacher.

        Raises
        ------
        DomainError
            Unless both sides are learners and the bottleneck keeps whole eigen-directions.
        """
        from lingauss.design.by_direction import by_direction

        return by_direction(self)

    def _spectral_ledger(self, level: str) -> Ledger:
        if isinstance(self.bottleneck, Principal) and self.problem.eigenbasis.cuts_cluster(self.rank):
            warnings.warn(
                f"rank {self.rank} cuts through equal eigenvalues of the Gram matrix, where the principal directions "
                "are ambiguous; the tied ones were ordered by their signal.",
                TiedSpectrumWarning,
                stacklevel=3,
            )
        return self.directions.ledger(self.retained_directions, level, self.problem.mode)
