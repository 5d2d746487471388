"""From a library case to the same experiment in the oracles' label space."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import oracles
from oracles import Setting

from lingauss import Distillation, Subspace


def inputs_of(case: Distillation) -> np.ndarray:
    """Some X (n, d) with the problem's Gram matrix."""
    root = case.problem.gramian.root
    n = case.problem.n_samples
    frame = np.linalg.qr(np.random.default_rng(0).standard_normal((n, root.shape[1])))[0]
    return frame @ root.T


def setting_of(case: Distillation) -> Setting:
    """The oracle's setting of a case; a plug-in truth enters through its mean, observed labels not at all."""
    truth = case.problem.truth
    return Setting(
        X=inputs_of(case),
        truth=np.zeros((case.problem.outputs, case.problem.n_features)) if truth is None else truth.mean,
        label_noise=case.problem.label_noise,
        teacher_penalty=case.teacher.penalty,
        teacher_temperature=case.teacher.temperature,
        teacher_noise=case.teacher.noise,
        student_penalty=case.student.penalty,
        student_temperature=case.student.temperature,
        student_noise=case.student.noise,
        basis=case.basis,
        floor=case.floor,
        temperature=case.temperature,
        mixing=case.mixing,
        draws=case.draws,
    )


def labels_of(case: Distillation) -> np.ndarray:
    """Some Y (n, k) with the observed statistic, completed by arbitrary residuals orthogonal to the inputs."""
    X = inputs_of(case)
    fitted = X @ np.linalg.lstsq(X.T @ X, case.problem.observed.T, rcond=None)[0]
    residual = np.random.default_rng(1).standard_normal(fitted.shape)
    return fitted + residual - X @ np.linalg.lstsq(X, residual, rcond=None)[0]


def dense(case: Distillation) -> Distillation:
    """The same case with its spectral bottleneck given as a plain subspace, which takes the dense route."""
    return case.replace(bottleneck=Subspace(case.basis))


def oracle_cells(case: Distillation) -> np.ndarray:
    """The six cells (2, 3) in label space, in the case's own mode."""
    setting = setting_of(case)
    if case.problem.mode == "observed":
        return oracles.observed_cells(setting, labels_of(case))
    cells = oracles.cells(setting)
    if case.problem.mode == "plug-in":
        # Mean costs are quadratic in the truth: their average is their value at a root of its second moment.
        cells[:, 0] = oracles.cells(replace(setting, truth=case.problem.truth.rows))[:, 0]
    return cells
