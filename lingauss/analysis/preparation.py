"""From moments to moments fit for use: nothing constant, everything centred and in comparable units."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.algebra.factor import EPS, rounding
from lingauss.analysis.options import Scaling
from lingauss.data.merging import merged
from lingauss.data.moments import Moments
from lingauss.errors import ConstantColumnError
from lingauss.tables.encoding import Reader
from lingauss.tables.table import quoted
from lingauss.validation import Array, freeze

Indices = npt.NDArray[np.intp]
FOLDS = 5  # parts of the rows that are held out in turn
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Moments in the units of the analysis, and what was done to get there.

    With no more rows than features the inputs are expressed in the directions that the rows span, (d, m).

    Attributes
    ----------
    moments : Moments
        Centred and scaled; of m features.
    folds : tuple of Moments
        Of every K-th row each, in the same units, means counted from that of all rows; empty if no rows were seen.
    features, outputs : tuple of str
        Names of the columns.
    kept : (d,) of int
        Which of the features read these are.
    feature_mean, output_mean : (d,), (k,)
        In the units that were read.
    feature_scale, output_scale : (d,), (k,)
        What the centred columns were divided by.
    feature_spread : (d,)
        Their standard deviations, in the units that were read.
    rotation : (d, m) or None
        The directions that the rows span, orthonormal; None where inputs are the features themselves.
    notes : tuple of str
        One sentence for each thing that was done or found.
    """

    moments: Moments
    folds: tuple[Moments, ...]
    features: tuple[str, ...]
    outputs: tuple[str, ...]
    kept: Indices
    feature_mean: Array
    output_mean: Array
    feature_scale: Array
    output_scale: Array
    feature_spread: Array
    rotation: Array | None
    notes: tuple[str, ...]

    def inputs(self, X: Array) -> Array:
        """Return rows as they were read, all columns of them, in the units of the analysis."""
        Z = (X[:, self.kept] - self.feature_mean) / self.feature_scale
        return Z if self.rotation is None else Z @ self.rotation

    def labels(self, Y: Array) -> Array:
        """Return labels as they were read in the units of the analysis."""
        return np.asarray((Y - self.output_mean) / self.output_scale)

    def in_features(self, rows: Array) -> Array:
        """Return weights or directions, (r, m), as weights of the scaled features, (r, d)."""
        return rows if self.rotation is None else rows @ self.rotation.T


@dataclass(frozen=True, eq=False)
class Wide:
    """A table with no more rows than features, in memory."""

    X: Array
    Y: Array


def gather(reader: Reader) -> tuple[Moments, ...] | Wide:
    """Read a table once: the moments of every K-th row, or the rows themselves if there are no more than features."""
    batches = iter(reader)
    held: list[tuple[Array, Array]] = []
    rows, d = 0, len(reader.table.features)
    for batch in batches:
        held.append(batch)
        rows += len(batch[0])
        if rows > d:
            return folded(itertools.chain(held, batches))
    X, Y = zip(*held, strict=True)
    return Wide(np.vstack(X), np.vstack(Y))


def folded(batches: Iterable[tuple[Array, Array]]) -> tuple[Moments, ...]:
    """Return the moments of the rows by their number modulo K; of all rows if they are few."""
    parts: list[list[Moments]] = [[] for _ in range(FOLDS)]
    first = 0
    ahead = iter(batches)
    # As many batches at once as there are parts, whose scatters of a few rows each would take longer.
    while held := list(itertools.islice(ahead, FOLDS)):
        X, Y = (np.concatenate(columns) if len(held) > 1 else columns[0] for columns in zip(*held, strict=True))
        for number, part in enumerate(parts):
            some = slice((number - first) % FOLDS, None, FOLDS)
            if len(X[some]):
                part.append(Moments.from_data(X[some], Y[some]))
                if len(part) == 2:  # no more than one scatter is held for each
                    part[:] = [part[0] + part[1]]
        first += len(X)
    return tuple(part[0] for part in parts if part)


def told_of(reader: Reader) -> tuple[str, ...]:
    """Return what the last pass of a reader has found."""
    notes = [*reader.table.notes]
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
    given: Moments | Sequence[Moments] | Wide,
    features: Sequence[str],
    outputs: Sequence[str],
    scaling: Scaling,
    *,
    numeric: bool,
) -> Prepared:
    """Check a table for constant columns and bring its moments into the units of the analysis.

    Parameters
    ----------
    given : Moments, sequence of Moments or Wide
        All rows, or parts of them whose sum they are.
    features, outputs : sequence of str
    scaling : Scaling
    numeric : bool
        Whether all targets are numbers, which have units.

    Raises
    ------
    ConstantColumnError
        For constant targets, and for constant features that are not to be dropped.
    """
    standardise, scale_targets = scaling.standardise, scaling.scale_targets
    if scale_targets is None:
        scale_targets = numeric and len(outputs) > 1
    parts = () if isinstance(given, Moments | Wide) else tuple(given)
    total = given if isinstance(given, Moments | Wide) else merged(parts)
    n, mean, spread = _described(total)
    constant = spread <= 64 * EPS * np.abs(mean)
    d = len(features)
    if constant[d:].any():
        raise ConstantColumnError(
            "targets that vary",
            f"the constant {quoted(_those(outputs, constant[d:]))} in {n} rows",
            "Choose other targets.",
        )
    still = _those(features, constant[:d])
    if still and (not scaling.drop_constant or len(still) == d):
        raise ConstantColumnError(
            "features that vary",
            f"the constant {quoted(still)} in {n} rows",
            "Leave them out (--drop-constant, drop_constant=True)." if len(still) < d else "Pass features that vary.",
        )
    notes = [f"Constant features were left out: {quoted(still)}."] if still else []
    kept = np.flatnonzero(np.logical_not(constant[:d]))
    feature_scale = spread[:d][kept] if standardise else np.ones(len(kept))
    output_scale = spread[d:] if scale_targets else np.ones(len(outputs))
    notes += _told(mean[:d][kept], spread[:d][kept], standardise, scale_targets)
    rotation = None
    if isinstance(total, Wide):
        Z, rotation = _spanned((total.X[:, kept] - mean[:d][kept]) / feature_scale)
        notes.append(
            f"There are no more rows than features: all is said of the {Z.shape[1]} directions that rows span. Along "
            "all others nothing is learned, and weights keep their prior."
        )
        parts = folded([(Z, (total.Y - mean[d:]) / output_scale)])
        moments = merged(parts)
    else:
        scaled = [part.part(kept).scaled(1.0 / feature_scale, 1.0 / output_scale) for part in parts]
        middle = np.concatenate([mean[:d][kept] / feature_scale, mean[d:] / output_scale])
        parts = tuple(_about(part, middle) for part in scaled)
        moments = total.part(kept).scaled(1.0 / feature_scale, 1.0 / output_scale)
    return Prepared(
        moments,
        parts,
        tuple(features[j] for j in kept.tolist()),
        tuple(outputs),
        kept,
        freeze(mean[:d][kept]),
        freeze(mean[d:]),
        freeze(feature_scale),
        freeze(output_scale),
        freeze(spread[:d][kept]),
        rotation,
        tuple(notes),
    )


def _described(given: Moments | Wide) -> tuple[int, Array, Array]:
    """Return the number of rows, and mean and standard deviation of every column."""
    if isinstance(given, Wide):
        both = (given.X, given.Y)
        mean = np.concatenate([part.mean(axis=0) for part in both])
        return len(given.X), mean, np.concatenate([part.std(axis=0) for part in both])
    return given.n_samples, given.mean + given.mean_tail, np.sqrt(given.scatter.diagonal() / given.total_weight)


def _about(moments: Moments, origin: Array) -> Moments:
    """Return the same moments with means counted from another origin."""
    return dataclasses.replace(
        moments, mean=freeze((moments.mean - origin) + moments.mean_tail), mean_tail=freeze(np.zeros(len(origin)))
    )


def _spanned(Z: Array) -> tuple[Array, Array]:
    """Return centred rows (n, d) in the directions that they span, (n, m), and those directions, (d, m)."""
    if not Z.shape[1] or not len(Z):
        return Z, np.eye(Z.shape[1])
    u, s, vt = np.linalg.svd(Z, full_matrices=False)
    live = s > rounding(max(Z.shape)) * s[0]
    return u[:, live] * s[live], freeze(np.ascontiguousarray(vt[live].T))


def _told(mean: Array, spread: Array, standardise: bool, scale_targets: bool) -> list[str]:
    ready = np.abs(spread - 1.0).max() < 1e-6 and np.abs(mean).max() < 1e-6
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
