"""A linear student of Hinton's softmax distillation, in closed form (docs/real-students.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import DomainError, MissingLabelsError
from lingauss.guard import guarded
from lingauss.model.bottleneck import Principal, Selected, Spectral, Subspace
from lingauss.softmax.channel import case_of
from lingauss.softmax.newton import Settings
from lingauss.softmax.rows import Rows
from lingauss.softmax.selection import scores
from lingauss.softmax.views import directions_of, newton_of
from lingauss.validation import Array, Immutable, as_array, as_scalar, as_squarable, freeze

if TYPE_CHECKING:
    import xarray as xr

    from lingauss.distillation import Distillation


@guarded
def student(
    X: Any,
    y: Any,
    teacher_logits: Any,
    temperature: float = 1.0,
    alpha: float = 1.0,
    penalty: float = 1.0,
    bottleneck: Spectral | Subspace | None = None,
) -> Student:
    """Return the linear student of least distillation loss to second order: one Newton step from its teacher's logits.

    Minimises Σ_i (1 − α) CE(y_i, f_i) + α T² KL(softmax(fᵀ_i/T) ‖ softmax(f_i/T)) + (λ/2)‖W‖², expanded at the
    teacher's logits fᵀ, over f = W x within the bottleneck. Each row has its own weight, which is what the temperature
    does: T is not the temperature τ of noisy labels, α is not the mixing ξ (docs/real-students.md).

    Parameters
    ----------
    X : (n, d)
        Inputs as given; for an intercept append a column of ones, which is then penalised too.
    y : (n,) of int, or None
        Classes from 0 on, in the order of the logits. None only with ``alpha=1``.
    teacher_logits : (n,) or (n, k)
        Log-odds of class 1, or one logit per class. Two logits amount to log-odds at half the penalty.
    temperature : float
        T > 0.
    alpha : float
        α from 0 to 1, the share of soft labels.
    penalty : float
        λ > 0.
    bottleneck : Principal, Selected, Subspace or None
        Which directions of x the student sees; principal ones are those of XᵀX.

    Returns
    -------
    Student

    Raises
    ------
    DomainError
        If a setting is outside its range, or a class has no logit.
    MissingLabelsError
        If ``alpha`` is below 1 without classes.
    ShapeError, EmptyDataError, NotNumericError, NotFiniteError, IllConditionedError

    Examples
    --------
    >>> import numpy as np
    >>> import lingauss as lg
    >>> from lingauss import softmax
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((200, 5))
    >>> logits = X @ rng.standard_normal((5, 3))
    >>> small = softmax.student(X, None, logits, temperature=2.0, penalty=0.1, bottleneck=lg.Principal(3))
    >>> small.weights.shape
    (3, 5)
    >>> full = softmax.student(X, None, logits, temperature=2.0, penalty=0.1)
    >>> full.divergence(X, logits) < small.divergence(X, logits)
    True
    """
    rows = Rows.of(X, y, teacher_logits)
    share = as_scalar(alpha, "alpha", minimum=0.0)
    if share > 1.0:
        raise DomainError("alpha from 0 to 1", f"{share:g}", "It is the share of soft labels.")
    if share < 1.0 and rows.classes is None:
        raise MissingLabelsError("classes y, which alpha below 1 gives weight to", "none", "Pass y, or alpha=1.")
    directions, rank = directions_of(bottleneck, rows.inputs)
    settings = Settings(
        as_squarable(temperature, "temperature", minimum=0.0, strict=True),
        share,
        as_squarable(penalty, "penalty", minimum=0.0, strict=True),
        rank,
    )
    directions = directions[:, :rank]
    weights = newton_of(rows, directions).weights(settings)
    return Student(freeze(weights @ directions.T), settings, bottleneck, rows)


@guarded
@dataclass(frozen=True, eq=False)
class Student(Immutable):
    """A linear student, as returned by :func:`student`.

    Attributes
    ----------
    weights : (k, d), or (1, d) for log-odds
    settings : Settings
    bottleneck : Principal, Selected, Subspace or None
    rows : Rows
        What it was distilled on.
    """

    weights: Array
    settings: Settings
    bottleneck: Spectral | Subspace | None
    rows: Rows

    def logits(self, X: Any) -> Array:
        """Return the logits of inputs (n, d): (n, k), or (n,) log-odds."""
        inputs = as_array(X, "X", (("samples", None), ("features", self.weights.shape[1])))
        found = inputs @ self.weights.T
        return np.asarray(found[:, 0] if len(self.weights) == 1 else found)

    def divergence(self, X: Any, teacher_logits: Any) -> float:
        """Return the mean KL(teacher ‖ student) of class laws at temperature 1, in nats per row."""
        rows = Rows.of(X, None, teacher_logits)
        self.rows.check_like(rows)
        return float(np.mean(rows.law.divergence(rows.logits, rows.inputs @ self.weights.T)))

    @cached_property
    def case(self) -> Distillation:
        """The same design as a coupled process, for two classes and a linear teacher: its ledger has all six cells.

        At its optimum a logistic teacher with penalty λ_T is ridge regression on its working response, with Gram
        matrix Σ h xxᵀ and ν = 1; this student is a channel of the same statistic. Results are averaged over labels,
        the teacher's posterior standing in for the truth.

        Raises
        ------
        DomainError
            For more than two classes, a teacher whose logits are not linear in X, or one that is not the penalised
            optimum on these rows.
        MissingLabelsError
            Without classes.
        """
        return case_of(self.rows, self.settings, self.bottleneck)

    def sweep(
        self,
        *,
        temperature: Sequence[float] | None = None,
        alpha: Sequence[float] | None = None,
        penalty: Sequence[float] | None = None,
        student_rank: Sequence[int] | None = None,
        objective: str = "divergence",
        held_out: tuple[Any, Any, Any] | None = None,
        folds: int = 5,
    ) -> Selection:
        """Score settings on rows held out, by the closed form: nothing is trained.

        Parameters
        ----------
        temperature, alpha, penalty, student_rank : sequence, optional
            Values to try; default: this student's own. Ranks keep the leading directions of the bottleneck, the
            principal ones without.
        objective : {'divergence', 'log_loss'}
            What the recommended setting has least: mean KL(teacher ‖ student), or the loss of the true classes.
        held_out : (X, y, teacher_logits), optional
            Rows to score on; y may be None. Default: every row is held out once, in ``folds`` parts.
        folds : int
            At least 2.

        Returns
        -------
        Selection
            ``.results``, a labelled grid of both scores in nats per row, and ``.recommended``, the best setting's
            student, distilled on all rows.

        Raises
        ------
        DomainError, EmptyDataError, UnknownNameError, MissingLabelsError, ShapeError
        """
        axes = {"temperature": temperature, "alpha": alpha, "penalty": penalty, "student_rank": student_rank}
        found = scores(self.rows, self.settings, self.bottleneck, axes, objective, held_out, folds)
        rank, logits = int(found.best.pop("student_rank")), self.rows.logits
        given = logits[:, 0] if logits.shape[1] == 1 else logits
        seen = _leading(self.bottleneck, rank)
        recommended = student(self.rows.inputs, self.rows.classes, given, bottleneck=seen, **found.best)
        return Selection(found.results, recommended, found.objective)

    def __repr__(self) -> str:
        set_to, (m, d) = self.settings, self.weights.shape
        return (
            f"Student({m} logits, {d} features, rank {set_to.rank}, temperature={set_to.temperature:g}, "
            f"alpha={set_to.alpha:g}, penalty={set_to.penalty:g})"
        )


@dataclass(frozen=True, eq=False)
class Selection:
    """Scores of settings, and the best of them.

    Attributes
    ----------
    results : xarray.Dataset
        Over temperature, alpha, penalty and student_rank: divergence and, where classes are known, log_loss.
    recommended : Student
        Of the setting with the least objective, on all rows.
    objective : str
    """

    results: xr.Dataset
    recommended: Student
    objective: str

    def __repr__(self) -> str:
        grid = " × ".join(f"{size} {name}" for name, size in self.results.sizes.items())
        best = float(self.results[self.objective].min())
        return f"Selection({grid}: least {self.objective} {best:.4g} nats per row with {self.recommended})"


def _leading(bottleneck: Spectral | Subspace | None, rank: int) -> Spectral | Subspace:
    return bottleneck.leading(rank) if isinstance(bottleneck, Subspace | Selected) else Principal(rank)
