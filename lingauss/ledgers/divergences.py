"""How far apart the weights and the predictions of teacher and student are, as ledgers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.given import as_psd
from lingauss.ledgers.dispatch import ledger_of
from lingauss.ledgers.ledger import Ledger
from lingauss.ledgers.matrices import channel_pair, prediction_ledger, weight_ledger
from lingauss.ledgers.spectral import Spectral
from lingauss.model.checks import check_fit
from lingauss.model.design import Design
from lingauss.model.learners import Learner
from lingauss.model.shards import Shards
from lingauss.model.ties import warn_of_ties


def divergence(design: Design) -> Ledger:
    """Return K_n = E_t KL(student's weights given t ‖ teacher's) as a ledger, in nats (docs/theory.md §3–4).

    Averaged over labels where the problem knows a truth (mode 'averaged', or 'plug-in'), at the observed labels
    otherwise. The total is +inf for a hard bottleneck or a deterministic student; the bias stays finite.

    Raises
    ------
    MissingTruthError
        If the problem has neither truth nor labels.
    """
    warn_of_ties(design, (design.rank,))
    return ledger_of(design, "weights")


def prediction_divergence(design: Design, gram: Any = None) -> Ledger:
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
    if gram is not None:
        return prediction_ledger(design, as_psd(gram, "gram", design.problem.n_features))
    if design.is_spectral_at_fixed_design:
        warn_of_ties(design, (design.rank,))
    return ledger_of(design, "predictions")


def divergence_from(design: Design, reference: Learner | Channel | Shards) -> Ledger:
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
    check_fit(design.problem, reference, design.student, None)
    if design.is_spectral and isinstance(reference, Learner):
        cells, least = Spectral(design).cells_from(reference, np.array([design.rank]))
        return Ledger(cells[0], float(least[0]), "weights", design.problem.mode)
    return weight_ledger(design, reference)


def reverse_divergence(design: Design) -> Ledger:
    """Return E_t KL(teacher's weights given t ‖ student's) as a ledger, in nats; see :meth:`divergence`.

    The chain rule is the same, with the roles of the two laws exchanged (docs/theory.md §4).
    """
    if design.is_spectral:
        cells = Spectral(design).reversed_cells(np.array([design.rank]))[0]
        # The student's unlearned spread is alike in all directions, which some floor then matches.
        return Ledger(cells, float(cells[1, 0] + cells[1, 1]), "weights", design.problem.mode)
    return channel_pair(design).reversed.weight_ledger()


def jeffreys_divergence(design: Design) -> float:
    """Return K_n plus the reverse divergence, in nats; symmetric in teacher and student."""
    return divergence(design).total + reverse_divergence(design).total
