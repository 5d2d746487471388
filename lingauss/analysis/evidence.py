"""How noisy the labels are and how strongly the teacher is penalised: measured, and said how."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lingauss.algebra.factor import EPS, rounding
from lingauss.analysis.options import Teaching
from lingauss.analysis.preparation import Prepared
from lingauss.data.moments import Moments
from lingauss.errors import NoiseEstimationError
from lingauss.model.evidence import FLAT, evidence_penalty, joint_evidence
from lingauss.model.problem import Problem
from lingauss.validation import Array, as_squarable

FEWEST_DEGREES = 10  # residual degrees of freedom below which residuals say too little about the noise
NOMINAL = 1e-6  # of the labels' standard deviation: the noise of labels without any
RESIDUAL = 1e-12  # of the labels' variance, below which there are no residuals
PENALTIES = 121  # tried by leave-one-out, over twelve decades


@dataclass(frozen=True, eq=False)
class Measured:
    """A problem with its noise, and the teacher's penalty.

    Attributes
    ----------
    problem : Problem
        Labels observed.
    penalty : float
        λ, in squared units of the features.
    noiseless : bool
        Whether least squares fits the labels without residuals, so that the noise is nominal.
    notes : tuple of str
        Where both come from.
    """

    problem: Problem
    penalty: float
    noiseless: bool
    notes: tuple[str, ...]


def measure(prepared: Prepared, teaching: Teaching, rows: Iterable[tuple[Array, Array]] | None = None) -> Measured:
    """Estimate the label noise from residuals and the penalty by marginal likelihood, unless they are given.

    Where the rows leave too few residual degrees of freedom, both maximise the marginal likelihood together; so does
    the noise alone where the penalty is given.

    Parameters
    ----------
    prepared : Prepared
    teaching : Teaching
    rows : iterable of (X, Y), optional
        As they were read, for leave-one-out.

    Raises
    ------
    NoiseEstimationError
        If the labels are fitted without residuals or hold no signal.
    DomainError, NotFiniteError, NotNumericError
    """
    moments, label_noise, penalty = prepared.moments, teaching.label_noise, teaching.penalty
    bare = Problem.from_moments(moments, label_noise=1.0)
    basis = bare.eigenbasis
    degrees = moments.n_samples - int(moments.centred)
    power, k = basis.power(moments.statistic), moments.outputs
    together, noiseless = None, False
    given = None if penalty is None else as_squarable(penalty, "penalty", minimum=0.0, strict=True)
    if label_noise is not None:
        noise, noise_told = as_squarable(label_noise, "label_noise", minimum=0.0, strict=True), "as given"
    elif degrees - bare.gramian.rank >= FEWEST_DEGREES and _without_residuals(moments, bare):
        noiseless = True
        noise = NOMINAL * math.sqrt(float(np.trace(moments.label_scatter)) / (k * moments.n_samples))
        noise_told = (
            "nominal, a millionth of the labels' own: the features fit them without residuals, as they do the outputs "
            "of a linear teacher. What noise, and with it sharing it between teacher and student, would change cannot "
            "be said"
        )
    elif degrees - bare.gramian.rank >= FEWEST_DEGREES:
        noise = Problem.from_moments(moments).label_noise
        noise_told = f"estimated from least-squares residuals with {degrees - bare.gramian.rank:,} degrees of freedom"
    else:
        label_power = float(np.trace(moments.label_scatter))
        together = joint_evidence(basis.eigenvalues, power, label_power, degrees, k, given)
        noise = together[1]
        way = "together with the penalty" if given is None else "at the given penalty"
        noise_told = (
            f"estimated by marginal likelihood {way}, because {moments.n_samples} rows leave "
            f"{max(degrees - bare.gramian.rank, 0)} residual degrees of freedom"
        )
    if given is not None:
        chosen, penalty_told = given, "as given"
    elif teaching.leave_one_out and rows is not None:
        chosen = leave_one_out_penalty(rows, prepared, bare)
        penalty_told = "with the least exact leave-one-out error, from a second pass over the rows"
    elif together is not None:
        chosen, penalty_told = together[0], "maximises the marginal likelihood, from moments"
    elif noiseless:  # the limit of the marginal likelihood's maximum: least squares is the truth
        live = basis.eigenvalues > 0
        chosen = noise**2 * k * int(live.sum()) / float(np.sum(power[live] / np.square(basis.eigenvalues[live])))
        penalty_told = "goes with that noise"
    else:
        chosen = evidence_penalty(basis.eigenvalues, power, k, noise)
        penalty_told = "maximises the marginal likelihood, from moments"
    freedom = float(np.sum(basis.eigenvalues / (basis.eigenvalues + chosen)))
    notes = (
        f"Label noise ν = {noise:.4g} (standard deviation), {noise_told}.",
        f"The teacher's penalty λ = {chosen:.4g} {penalty_told}; it leaves {freedom:.3g} effective degrees of freedom "
        f"of {len(basis.eigenvalues)}. It is the alpha of scikit-learn's Ridge on the same features.",
    )
    return Measured(bare.with_label_noise(noise), chosen, noiseless, notes)


def _without_residuals(moments: Moments, problem: Problem) -> bool:
    """Whether least squares leaves nothing of the labels but what float32 would."""
    power = float(np.trace(moments.label_scatter))
    explained = float(np.sum(np.square(problem.gramian.whiten(moments.statistic))))
    return power - explained <= RESIDUAL * power


def leave_one_out_penalty(rows: Iterable[tuple[Array, Array]], prepared: Prepared, problem: Problem) -> float:
    """Return the penalty of a grid with the least mean squared error of predicting each row from all the others.

    The error of row x is (y − ŷ)/(1 − h) with leverage h = 1/n + zᵀ(S + λI)⁻¹z in the eigenbasis z of G, which is exact
    for a ridge fit with an intercept (docs/theory.md §1.7); the features' scale stays that of all rows.

    Both factors are written as what is left at penalty 0, exactly nothing for a row that its own features can fit, and
    what the penalty adds, so that neither cancels.

    Raises
    ------
    NoiseEstimationError
        If no penalty of the grid has less error than the limits at penalties 0 and ∞, by more than rounding.
    """
    basis, moments = problem.eigenbasis, prepared.moments
    live = basis.eigenvalues > 0
    s, vectors = basis.eigenvalues[live], basis.vectors[:, live]
    grid = np.geomspace(1e-9 * s[0], 1e3 * s[0], PENALTIES)
    # What a penalty misses per direction, over s; the first column is the slope at penalty 0, the last is at infinity.
    missed = np.column_stack([(s[0] / s) / s, (grid / (s[:, None] + grid)) / s[:, None], 1.0 / s])
    statistic = moments.statistic @ vectors
    share = int(moments.centred) / moments.n_samples
    fits_any = moments.n_samples - int(moments.centred) <= len(s)
    negligible = min(rounding(len(vectors)) * s[0] / s[-1], math.sqrt(EPS))  # of a leverage, by weak directions
    errors = np.zeros(missed.shape[1])
    for X, Y in rows:
        z = prepared.inputs(X) @ vectors
        labels = prepared.labels(Y)
        own = 1.0 - share - np.square(z) @ (1.0 / s)
        alone = np.full(len(own), fits_any) | (own <= negligible)
        beyond = np.where(alone, 0.0, own)[:, None] + np.square(z) @ missed
        at_zero = np.where(alone, beyond[:, 0], own)
        for t, y in zip(statistic, labels.T, strict=True):
            residual = np.where(alone, 0.0, y - z @ (t / s))
            left = residual[:, None] + z @ (t[:, None] * missed)
            left[:, 0] = np.where(alone, left[:, 0], residual)
            errors += np.sum(np.square(left / np.column_stack([at_zero, beyond[:, 1:]])), axis=0)
    ends, tried = (errors[0], errors[-1]), errors[1:-1]
    best = int(np.argmin(tried))
    if best in (0, len(grid) - 1) or tried[best] >= min(ends) * (1.0 - FLAT):
        raise NoiseEstimationError(
            "labels whose leave-one-out error is least at a finite positive penalty",
            "an error that falls towards penalty "
            + ("0" if ends[0] <= ends[1] else "infinity, as for labels without signal"),
            "Pass penalty explicitly.",
        )
    return float(grid[best])
