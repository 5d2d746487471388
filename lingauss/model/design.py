"""A design as one record: a problem, a teacher, a student and how they are coupled (docs/theory.md §2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import PSD, Dense, Diagonal
from lingauss.data.moments import Moments
from lingauss.errors import DomainError
from lingauss.guard import guarded
from lingauss.model import axes, checks, displays
from lingauss.model.bottleneck import Best, Principal, Selected, Spectral, Subspace
from lingauss.model.coupling import SoftLabels, law_of, mixture_of, predictor, predictor_of, with_floor
from lingauss.model.directions import Directions
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.frame import Frame
from lingauss.model.fresh import FreshInputs
from lingauss.model.labels import eigen_labels
from lingauss.model.learners import Learner, Ridge
from lingauss.model.population import Population
from lingauss.model.prepared import Prepared, handed_over
from lingauss.model.problem import Problem
from lingauss.model.record import record_attributes
from lingauss.model.shards import Shards
from lingauss.model.views import Aligned, Bottleneck, Features, aligned, taught
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.validation import Array, Immutable, freeze


@guarded
@dataclass(frozen=True, eq=False, repr=False)
class Design(Immutable):
    """A problem, a teacher, a student and how they are coupled; parameters as for :class:`Distillation`."""

    problem: Problem
    teacher: Learner | Channel | Shards | WeakTeacher = Ridge()  # noqa: RUF009 (immutable)
    student: Learner | Channel = Ridge()  # noqa: RUF009 (immutable)
    bottleneck: Bottleneck | None = None
    floor: float | None = None
    temperature: float = 1.0
    mixing: float = 1.0
    draws: int = 1
    transfer: Moments | FreshInputs | None = None
    teacher_bottleneck: Principal | Selected | Subspace | None = None
    teacher_floor: float | None = None

    def __post_init__(self) -> None:
        for name, value in checks.checked(self._fields(), vars(Design)).items():
            object.__setattr__(self, name, value)
        # Of a population, which laws exist depends on the inputs.
        if isinstance(self.student, Learner) and self.problem.population is None:
            checks.check_teacher_exists(self.teacher, self.problem)
            if not self.student.exists_for_any_gram and not self.averages_over_inputs:
                _ = self.prepared if self.is_spectral else self.student_predictor

    def replace(self, **changes: Any) -> Self:
        """Return this design with some settings changed.

        Parameters
        ----------
        **changes
            Field names of this class, ``rank``, or names of design axes as in :meth:`Distillation.sweep`. Settings left
            None resolve again. Transfer inputs stay as they are at any ``n_samples``.

        Raises
        ------
        UnknownNameError
            For any other name; the legal ones are listed.
        """
        changed = object.__new__(type(self))
        # Before the fields, whose checks may ask for laws already.
        vars(changed)["_earlier"] = self if "prepared" in vars(self) else vars(self).get("_earlier", self)
        changed.__init__(**axes.changed(self._fields(), changes))  # type: ignore[misc]
        return changed

    def _fields(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @property
    def rank(self) -> int:
        """Number of directions the student sees, r."""
        return self.problem.n_features if self.bottleneck is None else self.bottleneck.rank

    @property
    def largest_rank(self) -> int:
        """The largest rank this design can be given: listed directions, of which the first are kept, cannot grow."""
        listed = isinstance(self.bottleneck, Subspace | Selected | Features)
        return self.rank if listed else self.problem.n_features

    @cached_property
    def view(self) -> Spectral | Subspace | None:
        """The bottleneck as it is on this problem: features, and what the teacher's predictions need, as a subspace.

        Raises
        ------
        MissingTruthError
            If the teacher's predictions are asked for and nothing tells their signs.
        """
        if isinstance(self.bottleneck, Aligned):
            checks.check_inputs_given(self.transfer)
            predicted = taught(self.problem, law_of(self.teacher, self.problem))
            return aligned(self.bottleneck.rank, self.seen_eigenbasis, predicted)
        whole = self.problem.n_features
        return self.bottleneck.subspace(whole) if isinstance(self.bottleneck, Features) else self.bottleneck

    @cached_property
    def retained_directions(self) -> npt.NDArray[np.intp]:
        """Numbers of the eigen-directions of :attr:`seen_gramian` that the student keeps, largest eigenvalue first.

        Raises
        ------
        DomainError
            For a general subspace, which keeps no whole eigen-directions.
        """
        if isinstance(self.view, Subspace):
            raise DomainError("a spectral bottleneck", "a general subspace", "Its directions are bottleneck.basis.")
        return np.sort(self.ranking[: self.rank])

    @cached_property
    def ranking(self) -> npt.NDArray[np.intp]:
        """Numbers of all eigen-directions of :attr:`seen_gramian`, in the order in which ranks keep them."""
        if isinstance(self.bottleneck, Best):
            return self.bottleneck.ranking(self.directions.advantage())
        d = self.problem.n_features
        return self.bottleneck.ranking(np.empty(d)) if isinstance(self.bottleneck, Spectral) else np.arange(d)

    @cached_property
    def keeps(self) -> npt.NDArray[np.bool_]:
        """Whether the student sees each eigen-direction, (d,)."""
        return np.isin(np.arange(self.problem.n_features), self.retained_directions)

    @cached_property
    def basis(self) -> Array:
        """Orthonormal basis U of the directions the student sees, (d, r)."""
        if isinstance(self.view, Subspace):
            return self.view.basis
        return freeze(self.seen_eigenbasis.vectors[:, self.retained_directions])

    @cached_property
    def seen_gramian(self) -> PSD:
        """Gram matrix of the inputs the student is trained on, (d, d): G, or that of the transfer inputs."""
        if self.transfer is None:
            return self.problem.gramian
        if isinstance(self.transfer, Moments):
            return Dense(self.transfer.gram)
        return Population(self.problem.test_covariance)  # type: ignore[arg-type]

    @cached_property
    def seen_eigenbasis(self) -> Eigenbasis:
        """Eigenbasis of the inputs the student is trained on, whose directions a spectral bottleneck keeps."""
        if self.transfer is None:
            return self.problem.eigenbasis
        return Eigenbasis.of(self.seen_gramian).resolved(self.problem.signal_rows)

    @cached_property
    def frame(self) -> Frame | None:
        """The rotation to the eigenbasis of G; None where G is diagonal, or both sides are given as whole laws."""
        given = isinstance(self.teacher, Channel) and isinstance(self.student, Channel)
        return None if given or isinstance(self.problem.gramian, Diagonal) else Frame(self.problem.eigenbasis)

    @cached_property
    def framed(self) -> Self:
        """The same design in the eigenbasis of G, in which every dense number is computed."""
        if self.frame is None:
            return self
        return dataclasses.replace(self, **self.frame.fields(self._fields() | {"bottleneck": self.view}))

    def _from_frame(self, name: str, direct: Callable[[], Channel]) -> Channel:
        """Return a law as it is found in the frame, rotated back; or where the design is its own frame."""
        return direct() if self.frame is None else self.frame.back(getattr(self.framed, name))

    @cached_property
    def teacher_channel(self) -> Channel:
        """The teacher's law t ↦ W_T."""
        if isinstance(self.teacher, Channel):
            return self.teacher
        return self._from_frame("teacher_channel", lambda: law_of(self.teacher, self.problem))

    @cached_property
    def teacher_predictor(self) -> Channel:
        """The law t ↦ W of what the teacher predicts and labels with: zero outside a bottleneck of its own."""
        weak = self.teacher
        if not isinstance(weak, WeakTeacher):
            return self.teacher_channel
        return self._from_frame("teacher_predictor", lambda: predictor_of(weak, self.problem))

    @cached_property
    def student_predictor(self) -> Channel:
        """The law t ↦ BUᵀ of what the student predicts with: zero outside the bottleneck."""
        student = self.student
        if isinstance(student, Channel):
            return student
        return self._from_frame("student_predictor", lambda: self._learned(student) @ self.mixed_statistic)

    @cached_property
    def mixed_statistic(self) -> Channel:
        """The law t ↦ t̃ of the statistic the student is trained on."""
        soft = SoftLabels(self.temperature, self.mixing, self.draws)
        teacher = self.teacher if isinstance(self.teacher, Shards) else (lambda: self.teacher_predictor)
        return self._from_frame("mixed_statistic", lambda: mixture_of(teacher, self.problem, self.seen_gramian, soft))

    @cached_property
    def student_channel(self) -> Channel:
        """The student's law t ↦ W_S, with the unlearned spread outside the bottleneck."""
        return self._from_frame("student_channel", lambda: self._with_floor(self.student_predictor))

    @cached_property
    def own_student_channel(self) -> Channel:
        """The student's own law t̃ ↦ W_S given the labels it trains on, with the unlearned spread."""
        student = self.student
        if isinstance(student, Channel):
            return student
        return self._from_frame("own_student_channel", lambda: self._with_floor(self._learned(student)))

    def _learned(self, student: Learner) -> Channel:
        basis = None if self.rank == self.problem.n_features else self.basis
        return predictor(student, self.seen_gramian, basis, self.problem.label_noise)

    def _with_floor(self, learned: Channel) -> Channel:
        whole = isinstance(self.student, Channel) or self.rank == self.problem.n_features
        return learned if whole else with_floor(learned, self.resolved_floor, self.basis)

    @property
    def resolved_floor(self) -> float | None:
        """The variance outside the bottleneck; None where there is nothing outside and no default exists."""
        if self.floor is not None or isinstance(self.student, Channel) or self.rank == self.problem.n_features:
            return self.floor
        return self.student.prior_variance(self.problem.label_noise)

    @property
    def averages_over_inputs(self) -> bool:
        """Whether inputs of the teacher or of the student are not given but drawn."""
        return self.problem.population is not None or isinstance(self.transfer, FreshInputs)

    @property
    def is_spectral(self) -> bool:
        """Whether everything happens in the eigenbasis of G: learners on both sides, the same inputs, no subspace."""
        learners = isinstance(self.teacher, Learner) and isinstance(self.student, Learner)
        return learners and self.transfer is None and not isinstance(self.bottleneck, Subspace | Features | Aligned)

    @property
    def is_spectral_at_fixed_design(self) -> bool:
        """Whether gaps, risks and predictions fall apart in the eigenbasis of G too: no test inputs of their own."""
        return self.is_spectral and self.problem.test_covariance is None

    @cached_property
    def prepared(self) -> Prepared:
        """Both learners in the eigenbasis of G, as :attr:`directions` without labels.

        Raises
        ------
        DomainError
            Unless both sides are learners on the same inputs, whose costs fall apart into eigen-directions.
        """
        noise = self.problem.label_noise
        return Prepared.of(
            *checks.learners_of(self.teacher, self.student, self.transfer),
            self.problem.eigenbasis.eigenvalues,
            noise,
            self.rank if isinstance(self.bottleneck, Principal) else self.problem.n_features,
            None if self.floor is None else float(np.float64(self.floor) / np.float64(noise) ** 2),
            self.rank < self.problem.n_features,
            handed_over(vars(self).pop("_earlier", None), self.problem),
        )

    @cached_property
    def directions(self) -> Directions:
        """The design in the eigenbasis of G, in units of ν; raises as :attr:`prepared`.

        Raises
        ------
        MissingTruthError
            If the problem has neither truth nor labels.
        """
        return Directions(
            self.prepared.sides,
            eigen_labels(self.problem),
            np.asarray(self.temperature),
            np.asarray(self.mixing),
            np.asarray(float(self.draws)),
            self.problem.outputs,
        )

    record_attributes = cached_property(record_attributes)

    def __repr__(self) -> str:
        return displays.design_text(type(self).__name__, self._fields())

    def _repr_html_(self) -> str:
        rank = f"{self.rank} of {self.problem.n_features}"
        return displays.design_html(type(self).__name__, self._fields(), rank, self.resolved_floor)
