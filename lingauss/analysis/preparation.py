"""From moments to moments fit for use: nothing constant, everything centred and in comparable units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.algebra.factor import EPS
from lingauss.analysis.encoding import Reader
from lingauss.analysis.table import quoted
from lingauss.data.moments import Moments
from lingauss.errors import ConstantColumnError
from lingauss.validation import Array, freeze

Indices = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Moments in the units of the analysis, and what was done to get there.

    Attributes
    ----------
    moments : Moments
        Centred and scaled.
    features, outputs : tuple of str
        Names of its columns.
    kept : (d,) of int
        Which of the features read these are.
    feature_scale, output_scale : (d,), (k,)
        What the columns were divided by.
    notes : tuple of str
        One sentence for each thing that was done or found.
    """

    moments: Moments
    features: tuple[str, ...]
    outputs: tuple[str, ...]
    kept: Indices
    feature_scale: Array
    output_scale: Array
    notes: tuple[str, ...]


def moments_of(reader: Reader) -> Moments:
    """Return the moments of a table, read once."""
    return Moments.from_batches(reader)


def told_of(reader: Reader) -> tuple[str, ...]:
    """Return what the last pass of a reader has found."""
    notes = []
    if reader.dropped:
        notes.append(f"{reader.dropped:,} of {reader.rows:,} rows had a missing entry and were left out.")
    for coding in reader.codings:
        if coding.classes:
            notes.append(
                f"Target {coding.name!r} is a class and is one-hot: one output for each of its {len(coding.classes)} "
                f"classes {quoted(coding.classes)}."
            )
    return tuple(notes)


def prepare(
    moments: Moments,
    features: Sequence[str],
    outputs: Sequence[str],
    *,
    standardise: bool,
    scale_targets: bool,
    drop_constant: bool,
) -> Prepared:
    """Check moments for constant columns and bring them into the units of the analysis.

    Raises
    ------
    ConstantColumnError
        For constant targets, and for constant features that are not to be dropped.
    """
    spread, constant = _spreads(moments)
    d = moments.n_features
    if constant[d:].any():
        raise ConstantColumnError(
            "targets that vary",
            f"the constant {quoted(_those(outputs, constant[d:]))} in {moments.n_samples} rows",
            "Choose other targets.",
        )
    still = _those(features, constant[:d])
    if still and (not drop_constant or len(still) == d):
        raise ConstantColumnError(
            "features that vary",
            f"the constant {quoted(still)} in {moments.n_samples} rows",
            "Leave them out (--drop-constant, drop_constant=True)." if len(still) < d else "Pass features that vary.",
        )
    notes = [f"Constant features were left out: {quoted(still)}."] if still else []
    kept = np.flatnonzero(np.logical_not(constant[:d]))
    feature_scale = spread[:d][kept] if standardise else np.ones(len(kept))
    output_scale = spread[d:] if scale_targets else np.ones(len(outputs))
    notes += _told(moments, spread[:d][kept], standardise, scale_targets)
    return Prepared(
        moments.part(kept).scaled(1.0 / feature_scale, 1.0 / output_scale),
        tuple(features[j] for j in kept.tolist()),
        tuple(outputs),
        kept,
        freeze(feature_scale),
        freeze(output_scale),
        tuple(notes),
    )


def _spreads(moments: Moments) -> tuple[Array, Mask]:
    """Return the standard deviation of every column, and whether it is rounding alone."""
    spread = np.sqrt(moments.scatter.diagonal() / moments.n_samples)
    return spread, spread <= 64 * EPS * np.abs(moments.mean)


def _told(moments: Moments, spread: Array, standardise: bool, scale_targets: bool) -> list[str]:
    ready = np.abs(spread - 1.0).max() < 1e-6 and np.abs(moments.input_mean).max() < 1e-6
    if standardise and ready:
        notes = ["Features came centred and of unit standard deviation."]
    elif standardise:
        notes = ["Features and targets were centred, so that an intercept is fitted, and features divided by their "
                 f"standard deviations, which were {spread.min():.3g} to {spread.max():.3g}."]  # fmt: skip
    else:
        notes = ["Features and targets were centred, so that an intercept is fitted; features kept their units, with "
                 f"standard deviations {spread.min():.3g} to {spread.max():.3g}."]  # fmt: skip
        if spread.max() > 100 * spread.min():
            notes.append("Features of large units dominate penalties and principal directions; standardise them.")
    if scale_targets:
        notes.append("Targets were divided by their standard deviations, so that one label noise suits them all.")
    return notes


def _those(names: Sequence[str], chosen: Mask) -> list[str]:
    return [name for name, wanted in zip(names, chosen, strict=True) if wanted]
