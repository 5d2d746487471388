"""How far the student's own kernel t̂ ↦ W is from the teacher's, over the soft statistic (docs/theory.md §6.2)."""

from __future__ import annotations

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.errors import DomainError
from lingauss.ledgers.chain_rule import Shift
from lingauss.ledgers.gaussian_ledger import Laws, ledger_of_laws
from lingauss.ledgers.route import Ranks
from lingauss.ledgers.spectral import Spectral
from lingauss.model.design import Design
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.learners import Learner
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.validation import Array


def kernel_cells(design: Design, ranks: Ranks) -> Array:
    """Return the six cells of E KL(q_S(·|t̂) ‖ q_T(·|t̂)), discarded first, for pure distillation.

    In nats, (R, 2, 3). The noise of the true labels, of the teacher's draws and of the soft labels stand in the
    label-noise column.

    Parameters
    ----------
    design : Design
        Its mixing is not looked at; the teacher's draws are averaged.
    ranks : (R,) of int
        Student ranks, the last of them the design's own.

    Raises
    ------
    DomainError
        With transfer inputs, unless the teacher is one learner, whose recipe can be fitted anew.
    MissingTruthError
        If the problem knows no truth.
    """
    if design.is_spectral:
        return Spectral(design).kernel_cells(ranks)
    designs = (design if rank == design.rank else design.replace(student_rank=rank) for rank in ranks.tolist())
    return np.array([_by_matrices(one) for one in designs])


def _by_matrices(design: Design) -> Array:
    """Compare the kernels of any bottleneck on any inputs as whole matrices."""
    here = design.framed
    problem, own = here.problem, here.own_student_channel
    teacher, soft = _teacher_anew(here), here.replace(mixing=1.0).mixed_statistic
    gain, offset = own.A - teacher.A, own.b - teacher.b
    mean = mean_rows(problem, gain @ soft.A, soft.b @ gain.T + offset)
    drawn = np.sqrt(problem.outputs) * soft.covariance.root.T @ gain.T
    noise = np.concatenate([noise_rows(problem, gain @ soft.A), drawn])

    def shift(rows: Array) -> Shift:
        return Shift(rows, np.abs(rows))

    laws = Laws(
        own.covariance,
        teacher.covariance,
        own.cov - teacher.cov,
        shift(mean),
        shift(noise),
        problem.outputs,
        problem.mode,
    )
    return ledger_of_laws(laws, here.basis).cells


def _teacher_anew(design: Design) -> Channel:
    """Return the teacher's kernel on the inputs the student is trained on."""
    if isinstance(design.teacher, WeakTeacher):
        raise DomainError(
            "a teacher that sees every direction, whose kernel the student's is compared with",
            f"one behind {design.teacher_bottleneck!r}",
            "Use divergence(), which exists for every teacher.",
        )
    if design.transfer is None:
        return design.teacher_channel
    if not isinstance(design.teacher, Learner):
        raise DomainError(
            "one learner as teacher, whose recipe can be fitted anew on the transfer inputs",
            type(design.teacher).__name__,
            "Use divergence(), which exists for every teacher.",
        )
    return design.teacher.channel(design.seen_gramian, design.problem.label_noise)
