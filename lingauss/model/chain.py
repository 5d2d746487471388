"""Repeated distillation: every round's student teaches the next (docs/theory.md §5.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import DomainError, ShapeError
from lingauss.guard import hinted
from lingauss.model.bottleneck import Best
from lingauss.model.distillation import Distillation
from lingauss.model.learners import Learner
from lingauss.model.ledger import Ledger
from lingauss.model.repeated_limit import RepeatedLimit
from lingauss.validation import as_count, as_flag, shape_of

if TYPE_CHECKING:
    import xarray as xr

    from lingauss.design.chain_mixing import BestMixing

PER_ROUND = ("mixing", "rank", "temperature")
MOST_ROUNDS = 10_000  # each is work; where more of them lead, Chain.limit() says


@hinted
@dataclass(frozen=True, eq=False)
class Chain:
    """Repeated distillation: a design, and how often its student becomes the next teacher (docs/theory.md §5.10).

    Round 1 is the design itself, with the *first teacher*. In every later round the student of the round before labels
    the inputs, and a new student learns from a mixture of the true and those soft labels. A student behind a bottleneck
    teaches what it predicts: its unlearned spread counts in its ledger and never reaches a label.

    Parameters
    ----------
    case : Distillation
        Round 1; its student is a learner.
    rounds : int
        From 1 to 10,000.
    mixing, temperature : float or sequence of float, optional
        ξ and τ of every round, or of each; default: the design's.
    rank : int or sequence of int, optional
        Student rank of every round, or of each; default: the design's.

    Raises
    ------
    DomainError
        If there are no rounds, a value is outside its range, the student is a channel, or the bottleneck is ``Best``,
        which would choose other directions in every round.
    ShapeError
        If there is not one value per round.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=1.0)
    >>> learner = lg.Ridge(0.1, temperature=0.0)
    >>> case = lg.Distillation(problem, teacher=learner, student=learner, temperature=0.0)
    >>> chain = lg.Chain(case, rounds=8)
    >>> int(chain.sweep(quantities=["excess_risk"])["excess_risk"].idxmin())
    7
    >>> chain.best_mixing().value < case.excess_risk().student
    True
    """

    case: Distillation
    rounds: int
    mixing: float | Sequence[float] | None = None
    rank: int | Sequence[int] | None = None
    temperature: float | Sequence[float] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.case, Distillation):
            raise DomainError("a Distillation, round 1", type(self.case).__name__, "Build one, then repeat it.")
        object.__setattr__(self, "rounds", as_count(self.rounds, "rounds", minimum=1, maximum=MOST_ROUNDS))
        if not isinstance(self.case.student, Learner):
            raise DomainError(
                "a student that learns anew in every round",
                type(self.case.student).__name__,
                "Pass a learner as student; a teacher may be any channel.",
            )
        if isinstance(self.case.bottleneck, Best):
            raise DomainError(
                "a bottleneck that keeps the same directions in every round",
                "Best, which chooses them by their cost",
                "Use Principal, Selected or Subspace.",
            )
        for name in PER_ROUND:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, self._one_per_round(name))
        for values in {tuple(self.settings(number).items()) for number in range(1, self.rounds + 1)}:
            self.case.replace(**dict(values))

    def _one_per_round(self, name: str) -> tuple[Any, ...]:
        given = getattr(self, name)
        shape = shape_of(given, name)
        if shape not in ((), (self.rounds,)):
            raise ShapeError(f"{name} as one value, or {self.rounds}, one per round", f"shape {shape}", "Pass either.")
        values = np.asarray(given).tolist()
        return tuple(values) if shape else (values,) * self.rounds

    def settings(self, number: int) -> dict[str, Any]:
        """Return what a round, counted from 1, sets otherwise than the design.

        Raises
        ------
        DomainError
            If there is no such round.
        """
        number = as_count(number, "number", minimum=1, maximum=self.rounds)
        return {name: getattr(self, name)[number - 1] for name in PER_ROUND if getattr(self, name) is not None}

    def ranks(self) -> tuple[int, ...]:
        """Return the student's rank in every round."""
        return tuple(self.settings(number).get("rank", self.case.rank) for number in range(1, self.rounds + 1))

    def with_rounds(self, rounds: int) -> Chain:
        """Return the first so many rounds of this chain, or more of them where no setting differs between rounds.

        Raises
        ------
        DomainError
            If settings of further rounds are unknown.
        """
        count = as_count(rounds, "rounds", minimum=1, maximum=MOST_ROUNDS)
        changes: dict[str, Any] = {}
        for name in PER_ROUND:
            values = getattr(self, name)
            if values is not None and count > self.rounds and len(set(values)) > 1:
                raise DomainError(
                    f"at most {self.rounds} rounds, because {name} differs between rounds",
                    f"{count}",
                    f"Pass {name} for every round.",
                )
            changes[name] = (
                None if values is None else (values * count)[:count] if len(set(values)) == 1 else values[:count]
            )
        return Chain(self.case, count, **changes)

    @cached_property
    def designs(self) -> tuple[Distillation, ...]:
        """Every round as a design of its own, whose teacher is the law the labels were drawn from."""
        rounds = [self.case.replace(**self.settings(1))]
        for number in range(2, self.rounds + 1):
            rounds.append(self.case.replace(teacher=rounds[-1].student_predictor, **self.settings(number)))
        return tuple(rounds)

    def ledger(self, number: int, *, from_first: bool = False) -> Ledger:
        """Return the ledger of a round's student against its own teacher, or against the first teacher, in nats.

        Parameters
        ----------
        number : int
            The round, from 1.
        from_first : bool
            Whether the first teacher takes the place of the round's own.

        Raises
        ------
        DomainError, MissingTruthError
        """
        number = as_count(number, "number", minimum=1, maximum=self.rounds)
        as_flag(from_first, "from_first")
        design = self.designs[number - 1]
        if number == 1:
            return design.divergence()
        return design.divergence_from(self.case.teacher if from_first else self.designs[number - 2].student_channel)

    def limit(self) -> Distillation:
        """Return where infinitely many rounds lead, as one student of the first teacher's problem.

        Its effective penalty is ℓ/(1 − ξ) (docs/theory.md §5.10): for ridge, ridge with penalty λ/(1 − ξ) (Borup &
        Andersen 2021). The design's student is a :class:`~lingauss.model.repeated_limit.RepeatedLimit` that learns from
        the true labels alone; what it says about divergence is against the first teacher.

        Raises
        ------
        DomainError
            If settings differ between rounds, with transfer inputs, or if the rounds drift apart.
        """
        for name in PER_ROUND:
            if getattr(self, name) is not None and len(set(getattr(self, name))) > 1:
                raise DomainError(
                    f"the same {name} in every round", f"{getattr(self, name)}", "Limits need settings that repeat."
                )
        case = self.case.replace(**self.settings(1))
        if case.transfer is not None or not isinstance(case.student, Learner):
            raise DomainError("students on the training inputs", "transfer inputs", "Without true labels all is lost.")
        student = RepeatedLimit(case.student, case.mixing, case.temperature, case.draws)
        return case.replace(student=student, mixing=0.0, temperature=0.0, draws=1)

    def sweep(self, *, quantities: Sequence[str] | None = None, **axes: Any) -> xr.Dataset:
        """Return exact quantities over rounds and a product of design axes.

        Parameters
        ----------
        quantities : sequence of str, optional
            Among ``divergence``, ``bias``, ``variance``, ``rank_bottleneck`` and the six cells (``retained_mean``,
            ``retained_noise``, ``retained_spread``, ``discarded_…``), each against the round's own teacher or, with the
            prefix ``first_``, against the first teacher; ``gap`` and ``excess_risk`` of the round's predictor. Default:
            the four costs against both, the gap and, where a truth is known, the risk.
        **axes
            As for :meth:`Distillation.sweep`, without ``student_rank`` and without what is set per round.

        Returns
        -------
        xarray.Dataset
            Over ``round``, from 1, and the axes in the order given.

        Raises
        ------
        UnknownNameError, EmptyDataError, DomainError, NotFiniteError, MissingTruthError, GridTooLargeError
        """
        from lingauss.design.chain_sweep import chain_sweep

        return chain_sweep(self, axes, quantities)

    def best_mixing(self) -> BestMixing:
        """Return the mixing of every round that minimises the excess risk of the last student (docs/theory.md §5.10).

        The risk is a quadratic in the composed coefficients, which is minimised exactly.

        Raises
        ------
        MissingTruthError
            If the problem knows no truth.
        DomainError
            With transfer inputs, which have no true labels to mix in.
        """
        from lingauss.design.chain_mixing import best_mixing

        return best_mixing(self)

    def __repr__(self) -> str:
        changes = "".join(f", {name}={getattr(self, name)}" for name in PER_ROUND if getattr(self, name) is not None)
        return f"Chain({self.rounds} rounds{changes})"
