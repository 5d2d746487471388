"""From data to advice in one call."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.analysis.advice import Wishes, advise
from lingauss.analysis.arrays import table_of_arrays, table_of_npy, table_of_npz
from lingauss.analysis.encoding import Reader, codings_of
from lingauss.analysis.evidence import measure
from lingauss.analysis.frames import SEPARATORS, table_of_csv, table_of_frame, text_suffix
from lingauss.analysis.pipes import readable_again
from lingauss.analysis.preparation import moments_of, prepare, told_of
from lingauss.analysis.result import Analysis
from lingauss.analysis.table import Table
from lingauss.data.moments import Moments
from lingauss.data.rows import as_table, check_same_rows
from lingauss.errors import DomainError, EmptyDataError, FileFormatError, MissingLabelsError, ShapeError
from lingauss.guard import guarded
from lingauss.model.learners import Ridge
from lingauss.model.posterior import Posterior
from lingauss.validation import as_flag, as_share

if TYPE_CHECKING:
    import pandas as pd


@guarded
def analyze(
    data: Any,
    targets: Any = None,
    *,
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    tolerance: float | str = 0.05,
    rank_budget: int | None = None,
    objective: str = "excess_risk",
    penalty: float | None = None,
    label_noise: float | None = None,
    leave_one_out: bool = False,
    student_penalty: float | None = None,
    student_temperature: float = 0.0,
    mixing: float | None = None,
    draws: int = 1,
    standardise: bool = True,
    scale_targets: bool | None = None,
    classes: bool = False,
    drop_missing: bool = False,
    drop_constant: bool = False,
    separator: str | None = None,
) -> Analysis:
    """Recommend a student for a data set: its rank, and the temperature, mixing and floor it is distilled with.

    The teacher is Bayesian ridge regression on all features. The student is ridge regression on the leading principal
    directions, by default with the teacher's penalty and as a point estimate. The recommended rank is the smallest one
    whose excess risk is within the tolerance of the best. All costs are plug-in: averages over labels in which the
    posterior stands in for the unknown truth.

    Parameters
    ----------
    data : path, DataFrame, (n, d) array, Moments or Posterior
        A file's ending says what it is: .csv or .tsv (also compressed) with a header line, .npy or .npz. Files are
        read a piece at a time, or memory-mapped; a pipe is copied to a temporary file first. Nothing is ever
        unpickled.
    targets
        Columns by name for a file or a DataFrame; column numbers, or the path of a second file, for .npy; the name of
        a member for .npz; otherwise an array, Series or DataFrame with one row per sample. Text is taken as classes
        and one-hot coded.
    features, exclude : sequence of str
        Columns to use, by default all that are no targets, and columns to leave out.
    tolerance : float or str
        Fraction of the least excess risk by which the recommended one may exceed it, 0.05 or "5%"; from 1 on only as a
        percentage.
    rank_budget : int, optional
        Largest rank to consider.
    objective : str
        What the rank is judged by: ``excess_risk``, ``squared_error`` (label noise and excess risk together),
        ``divergence`` or ``prediction_divergence``.
    penalty : float, optional
        The teacher's λ, in squared units of the (standardised) features; default: by marginal likelihood.
    label_noise : float, optional
        ν, a standard deviation; default: estimated from least-squares residuals.
    leave_one_out : bool
        Choose the penalty by exact leave-one-out error instead; reads the rows a second time.
    student_penalty : float, optional
        Default: the teacher's.
    student_temperature : float
        Of the student's own law, for uncertainty; 0 is a point estimate.
    mixing : float, optional
        Share ξ of soft labels; default: the best for predictions, and 1 for uncertainty.
    draws : int
        Teacher draws averaged in each soft label, for uncertainty.
    standardise : bool
        Divide features by their standard deviations; they are centred in any case.
    scale_targets : bool, optional
        Divide targets by their standard deviations; default: where there are several numeric ones.
    classes : bool
        Take numeric targets as classes too.
    drop_missing, drop_constant : bool
        Leave out rows with a missing entry, and constant features; otherwise they are errors.
    separator : str, optional
        Between the columns of a text file, whatever its ending.

    Returns
    -------
    Analysis

    Raises
    ------
    LingaussError
        What was expected, what came and how to mend it, for everything that can be wrong with the data.
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> import lingauss as lg
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 20)) / np.arange(1, 21)
    >>> y = X @ np.ones(20) + rng.normal(size=500)
    >>> advice = lg.analyze(X, y, tolerance=0.05, objective="squared_error", standardise=False)
    >>> print(advice)
    Analysis of the arrays (plug-in): rank 11 of 20
      for predictions: temperature=0, mixing=-0.1949; excess risk 0.0882
      for uncertainty: temperature=0.1394, mixing=1, floor=0.3757; divergence 14.8 nats
    """
    wishes = Wishes(
        as_share(tolerance, "tolerance"), rank_budget, objective, student_penalty, student_temperature, mixing, draws
    )
    if isinstance(data, Posterior):
        return _of_posterior(data, wishes, (targets, penalty, label_noise))
    for name, flag in (
        ("leave_one_out", leave_one_out),
        ("standardise", standardise),
        ("classes", classes),
        ("drop_missing", drop_missing),
        ("drop_constant", drop_constant),
    ):
        as_flag(flag, name)
    if scale_targets is not None:
        as_flag(scale_targets, "scale_targets")
    with readable_again(data) as source:
        if isinstance(source, Moments):
            reader, moments, (names, outputs) = None, source, _names_of(source, targets)
        else:
            table = _table_of(source, targets, features, exclude, separator)
            reader = Reader(table, codings_of(table, classes), drop_missing)
            moments, names = moments_of(reader), table.features
            outputs = tuple(column for coding in reader.codings for column in coding.columns)
        coded = reader is not None and any(coding.classes for coding in reader.codings)
        prepared = prepare(
            moments,
            names,
            outputs,
            standardise=standardise,
            scale_targets=len(outputs) > 1 and not coded if scale_targets is None else scale_targets,
            drop_constant=drop_constant,
        )
        if leave_one_out and reader is None:
            raise DomainError("rows, which leave-one-out needs", "moments", "Let the marginal likelihood choose.")
        measured = measure(prepared, label_noise, penalty, reader if leave_one_out else None)
    plug_in = measured.problem.plug_in(measured.penalty)
    told = told_of(reader) if reader is not None else ()
    return Analysis(
        reader.table.origin if reader is not None else "moments",
        prepared,
        measured.problem,
        plug_in,
        wishes,
        advise(plug_in, measured.penalty, wishes),
        (*told, *prepared.notes, *measured.notes),
    )


def _of_posterior(fitted: Posterior, wishes: Wishes, ignored: tuple[Any, ...]) -> Analysis:
    if not isinstance(fitted.teacher, Ridge) or fitted.teacher.penalty == 0.0:
        raise DomainError(
            "a posterior under a proper prior, or ridge coefficients with their Gram matrix and penalty",
            "a flat prior" if isinstance(fitted.teacher, Ridge) else "a law that does not depend on the labels",
            "Compare designs with Distillation(posterior.problem, posterior.teacher, …).sweep(...).",
        )
    if any(value is not None for value in ignored):
        raise DomainError(
            "a fitted model alone", "targets, a penalty or a label noise beside it", "They are part of the posterior."
        )
    problem = fitted.plug_in()
    advice = advise(problem, fitted.teacher.penalty, wishes)
    return Analysis("a fitted model", None, fitted.problem, problem, wishes, advice, fitted.assumed)


def _names_of(moments: Moments, targets: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if targets is not None:
        raise DomainError("moments alone, which hold the targets", "targets beside them", "Leave targets out.")
    if not moments.outputs:
        raise MissingLabelsError("moments with labels", "moments of inputs alone", "Pass Y to Moments.from_data.")
    outputs = ("y",) if moments.outputs == 1 else tuple(f"y{j}" for j in range(moments.outputs))
    return tuple(f"x{j}" for j in range(moments.n_features)), outputs


def _table_of(
    data: Any, targets: Any, features: Sequence[str] | None, exclude: Sequence[str], separator: str | None
) -> Table:
    if targets is None:
        raise EmptyDataError("targets", "none", "Name target columns, or pass an array of targets.")
    if isinstance(data, str | os.PathLike):
        return _table_of_file(Path(data), _as_names(targets), features, exclude, separator)
    if _is_pandas(data) or _is_pandas(targets):
        frame, names = _joined(data, targets)
        return table_of_frame(frame, names, None if features is None else _as_names(features), _as_names(exclude))
    if features is not None or exclude:
        raise DomainError("features by name in a DataFrame or a file", "an array", "Select columns of the array.")
    return table_of_arrays(data, targets)


def _table_of_file(
    path: Path, targets: list[str], features: Sequence[str] | None, exclude: Sequence[str], separator: str | None
) -> Table:
    if path.is_dir():
        raise FileFormatError("a file", f"the folder {path}", "Name a file in it.")
    suffix = text_suffix(path)
    if separator is not None or suffix in SEPARATORS:
        if not path.exists():
            raise FileNotFoundError(f"there is no file {path}")
        return table_of_csv(path, targets, features, exclude, separator)
    suffix = path.suffix.lower()
    if suffix == ".npy":
        if features is not None:
            raise DomainError("no features by name for .npy", "some", "Leave columns out by number (exclude).")
        return table_of_npy(path, targets, exclude)
    if suffix == ".npz":
        if exclude:
            raise DomainError("no excluded columns for .npz", "some", "Save the members without them.")
        return table_of_npz(path, targets, features)
    raise FileFormatError(
        "a file ending in .csv, .tsv, .npy or .npz",
        repr(path.name),
        "Convert it, or, if it is a text table, name its separator (--separator, separator=).",
    )


def _as_names(targets: Any) -> list[str]:
    if isinstance(targets, str | int | os.PathLike | np.integer):
        return [str(targets)]
    return [str(name) for name in targets]


def _joined(data: Any, targets: Any) -> tuple[pd.DataFrame, list[str]]:
    """Put inputs and targets side by side, row by row."""
    import pandas as pd

    frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(np.asarray(data)).add_prefix("x")
    names = _columns_in(targets)
    if names is not None and (len(names) != len(frame) or all(name in frame.columns for name in names)):
        return frame, [str(name) for name in names]
    check_same_rows(data, targets)
    beside = targets if isinstance(targets, pd.Series | pd.DataFrame) else as_table(targets, "Y")
    if isinstance(beside, pd.Series):
        beside = beside.to_frame("y" if beside.name is None else beside.name)
    elif not isinstance(beside, pd.DataFrame):
        beside = pd.DataFrame(beside)
        beside.columns = ["y"] if beside.shape[1] == 1 else [f"y{j}" for j in range(beside.shape[1])]
    if len(beside) != len(frame):
        raise ShapeError(
            f"one target for each of the {len(frame)} rows", f"{len(beside)}", "Rows of inputs and targets must agree."
        )
    both = pd.concat([frame.reset_index(drop=True), beside.reset_index(drop=True)], axis=1)
    return both, [str(name) for name in beside.columns]


def _columns_in(targets: Any) -> list[Any] | None:
    """Return column labels, of which there may be one; None for anything that cannot be a list of them."""
    if isinstance(targets, str | int | np.integer):
        return [targets]
    if isinstance(targets, Sequence) and all(isinstance(name, str | int | np.integer) for name in targets):
        return list(targets)
    return None


def _is_pandas(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas"
