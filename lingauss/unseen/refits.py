"""Students that keep eigen-directions, or descend, without each row in turn: an eigenbasis for every row left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lingauss.algebra.factor import rounding
from lingauss.model.design import Design
from lingauss.unseen.frames import Rows
from lingauss.unseen.loss import Loss
from lingauss.unseen.reduced import Learners
from lingauss.validation import Array

BLOCK = 2**22  # numbers in the eigenvectors that are held at a time


def refitted(case: Design, rows: Rows) -> tuple[Loss, Loss]:
    """Return the losses of teacher and student of a design in the eigenbasis at every row, in O(n d³)."""
    blocks = [_block(case, part) for part in _blocks(rows)]
    teachers, students = zip(*blocks, strict=True)
    return Loss.joined(teachers), Loss.joined(students)


def _blocks(rows: Rows) -> Iterator[Rows]:
    step = max(1, BLOCK // max(1, rows.points.shape[1]) ** 2)
    for start in range(0, len(rows.points), step):
        some = slice(start, start + step)
        yield Rows(rows.space, rows.points[some], rows.labels[some], rows.inflation[some])


def _block(case: Design, rows: Rows) -> tuple[Loss, Loss]:
    space, d = rows.space, case.problem.n_features
    inputs, t = rows.points * np.sqrt(space.eigenvalues), space.labels.T * np.sqrt(space.eigenvalues)
    spectrum, vectors = np.linalg.eigh(np.diag(space.eigenvalues) - inputs[:, :, None] * inputs[:, None, :])
    spectrum, vectors = spectrum[:, ::-1], vectors[:, :, ::-1]
    live = spectrum > rounding(spectrum.shape[1]) * spectrum[:, :1]
    row = np.einsum("ij,ijl->il", inputs, vectors)
    # t = YᵀX of the others has no part where their Gram matrix has none
    learned = ((t - rows.labels[:, :, None] * inputs[:, None, :]) @ vectors) * (row * live)[:, None, :]
    idle = np.sum(np.where(live, 0.0, np.square(row)), axis=1) / np.maximum(d - live.sum(axis=1), 1)
    energy = np.repeat(idle[None], d, axis=0)  # of the row; what the others have nothing of may lie anywhere there
    energy[: row.shape[1]] = np.where(live, np.square(row), idle[:, None]).T
    gram = np.zeros_like(energy)
    gram[: row.shape[1]] = np.where(live, spectrum, 0.0).T

    learners = Learners.of(case, gram)
    noise = case.problem.label_noise**2
    kept = np.zeros((d, 1))
    kept[case.retained_directions] = 1.0

    def predicted(gain: Array) -> Array:
        whole = np.broadcast_to(gain, gram.shape)[: row.shape[1]]
        return np.asarray(np.einsum("ikl,li->ik", learned, whole))

    def spread(variance: Array) -> Array:
        return rows.spreads(case.problem.outputs * noise * np.sum(energy * variance, axis=0))

    gain = kept * learners.student.gain
    teacher = rows.labels - predicted(learners.teacher.gain)
    true, soft = rows.labels - predicted(gain), predicted(gain * learners.teacher.missed)
    return Loss.fixed(rows.losses(teacher, teacher) + spread(learners.teacher.variance)), Loss(
        rows.losses(true, true) + spread(kept * learners.student.variance),
        2.0 * rows.losses(true, soft),
        rows.losses(soft, soft) + spread(kept * learners.copied),
    )
