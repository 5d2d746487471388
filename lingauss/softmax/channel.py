"""Two-class distillation of a linear teacher as a channel of the teacher's working response."""

from __future__ import annotations

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import Dense, symmetrised
from lingauss.distillation import Distillation
from lingauss.errors import DomainError, MissingLabelsError
from lingauss.model.bottleneck import Spectral, Subspace, complement
from lingauss.model.posterior import from_posterior
from lingauss.softmax.law import Binary
from lingauss.softmax.newton import Settings
from lingauss.softmax.rows import Rows
from lingauss.softmax.views import directions_of
from lingauss.validation import Array

LINEAR = 1e-8  # relative residual up to which logits count as linear in the inputs
CONVERGED = 1e-6  # relative gradient up to which a teacher counts as trained to its optimum


def case_of(given: Rows, set_to: Settings, bottleneck: Spectral | Subspace | None) -> Distillation:
    """Return a two-class student and its teacher as a coupled process; see :attr:`Student.case`."""
    rows = _log_odds(given)
    penalty = set_to.penalty / given.logits.shape[1]  # two logits W and −W have twice the squared norm of one
    weights, teacher_penalty = _teacher(rows)
    law, X = Binary(), rows.inputs

    def gram(temperature: float) -> Array:
        curvature = law.curvature(law.probabilities(rows.logits / temperature), 0, 0)
        return symmetrised((X * curvature[:, None]).T @ X)

    own = gram(1.0)
    weighted = (1.0 - set_to.alpha) * own + set_to.alpha * gram(set_to.temperature)
    fitted = from_posterior(weights, gram=own, penalty=teacher_penalty, label_noise=1.0, n_samples=len(rows))
    teacher = (
        fitted.teacher if isinstance(fitted.teacher, Channel) else fitted.teacher.channel(fitted.problem.gramian, 1.0)
    )
    directions, rank = directions_of(bottleneck, X)
    kept = directions[:, :rank]
    precision = Dense(symmetrised(kept.T @ weighted @ kept) + penalty * np.eye(rank))
    half = kept @ precision.whiten(np.eye(rank))
    spread = half @ half.T
    gain = spread @ ((1.0 - set_to.alpha) * np.eye(len(own)) + (weighted - (1.0 - set_to.alpha) * own) @ teacher.A)
    dropped = complement(kept)
    whole = spread + dropped @ dropped.T / penalty  # unlearned directions keep the prior's variance
    channel = Channel(gain, symmetrised(whole))
    return Distillation.from_channels(fitted.plug_in(), teacher, channel, subspace=kept if rank < len(own) else None)


def _log_odds(rows: Rows) -> Rows:
    k = rows.logits.shape[1]
    if k > 2:
        raise DomainError(
            "two classes: rows of more share no curvature, so there is no channel",
            f"{k} classes",
            "Use the student itself.",
        )
    return rows if k == 1 else Rows(rows.inputs, rows.logits[:, 1:] - rows.logits[:, :1], rows.classes)


def _teacher(rows: Rows) -> tuple[Array, float]:
    """Return the weights (d,) and the penalty of a linear teacher at its optimum."""
    X, logits = rows.inputs, rows.logits[:, 0]
    if rows.labels is None:
        raise MissingLabelsError("classes y, from which the teacher learned", "none", "Pass y to softmax.student.")
    weights, *_ = np.linalg.lstsq(X, logits, rcond=None)
    off = float(np.linalg.norm(X @ weights - logits))
    if off > LINEAR * np.linalg.norm(logits):
        raise DomainError(
            "a teacher whose logits are linear in X, intercept included in X",
            f"logits {off / np.linalg.norm(logits):.1e} away from that",
            "Use the student itself; its divergence and sweep need no linear teacher.",
        )
    residual = rows.labels[:, 0] - Binary().probabilities(rows.logits)[:, 0]
    pull = X.T @ residual
    penalty = float(pull @ weights / (weights @ weights))
    size = float(np.linalg.norm(np.abs(X).T @ np.abs(residual)))
    off = float(np.linalg.norm(pull - penalty * weights))
    if penalty <= 0.0 or off > CONVERGED * size:
        raise DomainError(
            "a teacher trained to the optimum of a penalised logistic loss on these rows",
            f"a gradient of {off / size:.1e} of its parts at the best penalty, {penalty:.3g}",
            "Train it on the same X and y, its intercept penalised as well, to a smaller tolerance.",
        )
    return np.asarray(weights), penalty
