"""How far apart teacher and student are: ledgers of weights and predictions, of labels, processes and paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lingauss.algebra.psd import as_psd
from lingauss.errors import DomainError
from lingauss.guard import guarded
from lingauss.model.checks import check_fit
from lingauss.model.generalisation import Generalisation
from lingauss.model.learners import Learner
from lingauss.model.ledger import Ledger
from lingauss.model.shards import Shards
from lingauss.model.small_matrices import on_one_blas_thread
from lingauss.model.ties import warn_of_ties

if TYPE_CHECKING:
    from lingauss.algebra.channel import Channel
    from lingauss.model.label_divergence import LabelDivergence
    from lingauss.model.path_divergence import PathDivergence
    from lingauss.model.process_divergence import ProcessDivergence


@guarded
@dataclass(frozen=True, eq=False)
class Divergences(Generalisation):
    """What a coupled process says about how far apart its sides are; parameters as for :class:`Distillation`."""

    @on_one_blas_thread
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
        if self.transfer is not None:
            warn_of_ties(self, (self.rank,), stacklevel=3)  # past what keeps it to one thread
        return self._weight_ledger()

    def divergence_from(self, reference: Learner | Channel | Shards) -> Ledger:
        """Return the ledger of this student against another law than that of the teacher it learned from, in nats.

        For example against a teacher of all the data, of a student that was taught by the shards' teachers.

        Parameters
        ----------
        reference : Learner, Shards or Channel
            The law t ↦ W that takes the teacher's place in the divergence.

        Raises
        ------
        DomainError, ShapeError, SingularGramError, MissingTruthError
        """
        check_fit(self.problem, reference, self.student, None)
        return self._weight_ledger(reference)

    def _weight_ledger(self, reference: Learner | Channel | Shards | None = None) -> Ledger:
        """Compare whole covariances; with another law in the teacher's place, if one is given."""
        from lingauss.ledgers.whitened import Whitened

        whitened = Whitened.of(self, reference)
        if whitened is not None:
            return whitened.ledger()
        pair = self.framed.pair
        return (pair if reference is None else pair.against(self.framed_channel_of(reference))).weight_ledger()

    @on_one_blas_thread
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
        here, problem = self.framed, self.framed.problem
        if gram is not None:
            seen = as_psd(gram, "gram", problem.n_features)
            return here.pair.prediction_ledger(seen if self.frame is None else self.frame.covariance(seen))
        if problem.test_covariance is not None:
            return here.pair.prediction_ledger(problem.test_covariance.scaled(problem.n_samples))
        if self.is_spectral:
            return self._spectral_ledger("predictions")
        return here.pair.prediction_ledger(problem.gramian)

    @on_one_blas_thread
    def reverse_divergence(self) -> Ledger:
        """Return E_t KL(teacher's weights given t ‖ student's) as a ledger, in nats; see :meth:`divergence`.

        The chain rule is the same, with the roles of the two laws exchanged (docs/theory.md §4).
        """
        return self.framed.pair.reversed.weight_ledger()

    @on_one_blas_thread
    def jeffreys_divergence(self) -> float:
        """Return K_n plus the reverse divergence, in nats; symmetric in teacher and student."""
        return self.divergence().total + self.reverse_divergence().total

    def label_divergence(self) -> LabelDivergence:
        """Return E_D KL(soft labels ‖ fresh true labels) of one teacher draw, exact and bounded (docs/theory.md §6.1).

        Both label the inputs the student is trained on. Of several teachers on shards, one draw of each is averaged.

        Raises
        ------
        MissingTruthError
            If the problem knows no truth.
        DomainError
            If there are transfer inputs and an intercept.
        """
        from lingauss.model.label_divergence import label_divergence

        here, problem, temperature = self.framed, self.framed.problem, self._temperature_of_one_draw
        if self.transfer is None:
            return label_divergence(problem, here.teacher_channel, temperature, problem.gramian, problem.n_samples)
        if problem.intercept:
            raise DomainError(
                "labels of transfer inputs without an intercept",
                "a problem with one, which does not say how far apart the means of the two sets of inputs are",
                "Build the problem with center=False.",
            )
        transfer = self.transfer.n_samples
        return label_divergence(problem, here.teacher_channel, temperature, here.seen_gramian, transfer)

    def process_divergence(self) -> ProcessDivergence:
        """Return the divergence of (soft statistic, student's weights) from the teacher's pair (docs/theory.md §6.2).

        Raises
        ------
        DomainError
            Unless the student is a learner, mixing is 1, draws is 1 and both are trained on the same inputs.
        MissingTruthError
            If the problem knows no truth.
        """
        if self.mixing != 1.0 or self.draws != 1 or not isinstance(self.student, Learner):
            raise DomainError(
                "pure distillation of a learner from one draw (mixing=1, draws=1)",
                f"mixing={self.mixing:g}, draws={self.draws}, student {type(self.student).__name__}",
                "Use divergence(), which exists for every coupling.",
            )
        if self.transfer is not None:
            raise DomainError(
                "teacher and student on the same inputs, whose statistics are compared",
                "transfer inputs",
                "Use divergence(), which exists for every coupling.",
            )
        from lingauss.model.process_divergence import process_divergence

        here, temperature = self.framed, self._temperature_of_one_draw
        return process_divergence(here.problem, here.teacher_channel, here.own_student_channel, temperature)

    def path_divergence(self) -> PathDivergence:
        """Return E_t KL of the student's whole path of weights from the teacher's, in nats (docs/theory.md §6.3).

        Of two runs of noisy gradient descent, step for step. Never smaller than the divergence of the last iterates,
        which stands beside it. Weights the student does not see take its own steps without labels.

        Raises
        ------
        DomainError
            Unless both sides are :class:`NoisyGradientDescent` with the same finite number of steps, and no floor is
            set where directions are discarded.
        MissingTruthError
            If the problem has neither truth nor labels.
        """
        from lingauss.model.path_divergence import path_divergence

        return path_divergence(self, self.divergence().total)

    @property
    def _temperature_of_one_draw(self) -> float:
        """τ of the labels of one teacher draw; where several teachers label, their noises are averaged."""
        return self.temperature / (len(self.teacher) if isinstance(self.teacher, Shards) else 1)

    def _spectral_ledger(self, level: str) -> Ledger:
        warn_of_ties(self, (self.rank,), stacklevel=4)  # past what keeps a divergence to one thread
        return self.directions.ledger(self.retained_directions, level, self.problem.mode)
