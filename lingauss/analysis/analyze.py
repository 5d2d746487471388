"""From data to advice in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lingauss.analysis.advice import Wishes
from lingauss.analysis.advising import advised
from lingauss.analysis.options import Options, Scaling, Teaching
from lingauss.analysis.result import Analysis
from lingauss.guard import guarded
from lingauss.tables.reading import Reading
from lingauss.validation import as_share


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
    bottleneck: str | None = None,
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
    missing: Sequence[str | float] = (),
    separator: str | None = None,
    decimal: str = ".",
    encoding: str | None = None,
    header: bool = True,
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
        Columns to predict, by name for a file or a DataFrame; column numbers, or the path of a second file, for .npy;
        the name of a member for .npz; otherwise an array, Series or DataFrame with one row per sample. Text is taken
        as classes and one-hot coded.
    features : sequence of str, optional
        Columns to use; default: all that are no targets.
    exclude : sequence of str
        Columns to leave out.
    tolerance : float or str
        Fraction of the least cost, the objective, by which the recommended student's may exceed it, 0.05 or "5%"; from
        1 on only as a percentage.
    rank_budget : int, optional
        Largest rank to consider.
    objective : str
        What the rank is judged by: ``excess_risk``, ``squared_error`` (label noise and excess risk together),
        ``divergence`` or ``prediction_divergence``.
    bottleneck : str, optional
        What the student sees, compared with the others at equal rank: ``principal`` directions, the default;
        ``aligned``, those that the predictions of a teacher with several outputs need most; ``features``, some of the
        columns.
    penalty : float, optional
        The teacher's ridge penalty λ, in squared units of the (standardised) features; default: maximises the marginal
        likelihood.
    label_noise : float, optional
        ν, a standard deviation; default: estimated from least-squares residuals.
    leave_one_out : bool
        Choose the penalty by exact leave-one-out error instead; reads the rows a second time.
    student_penalty : float, optional
        The student's ridge penalty; default: the teacher's.
    student_temperature : float
        Of the student's own law, for uncertainty; 0 is a point estimate.
    mixing : float, optional
        Share ξ of soft labels; default: for predictions 0, true labels alone, unless soft ones gain more on unseen rows
        than is uncertain; for uncertainty 1.
    draws : int
        Teacher draws averaged in each soft label, for uncertainty.
    standardise : bool
        Divide features by their standard deviations; they are centred in any case.
    scale_targets : bool, optional
        Divide targets by their standard deviations; default: where there are several numeric ones.
    classes : bool
        Take numeric targets as classes too.
    drop_missing : bool
        Leave out rows with a missing entry; otherwise they are an error.
    drop_constant : bool
        Leave out constant features; otherwise they are an error.
    missing : sequence of str or float
        Codes that stand for a missing entry, such as -999 or '?'; in text files beside NA, NaN and the empty text.
    separator : str, optional
        What stands between the columns of a text file; ``tab`` and ``space`` may be spelled out. Default: by its
        ending.
    decimal : str
        The decimal mark of a text file, ``.`` or ``,``.
    encoding : str, optional
        Of a text file, such as latin-1; default: UTF-8, or UTF-16 where the file says so.
    header : bool
        Whether the first line of a text file names the columns; otherwise they are called 0, 1, …

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
      Keep 11 of 20 directions: RMSE on new rows 1.09 instead of 1.06 with all of them (R² .56 instead of .58).
      Distilling gains nothing here that exceeds its uncertainty; train on the true labels.
      for predictions: temperature=0, mixing=0; excess risk 0.0882
      for uncertainty: temperature=0.1394, mixing=1, floor=0.3757; divergence 14.8 nats
    """
    return advised(
        data,
        targets,
        Options(
            Reading(features, exclude, classes, drop_missing, missing, separator, decimal, encoding, header),
            Scaling(standardise, scale_targets, drop_constant),
            Teaching(penalty, label_noise, leave_one_out),
            Wishes(
                as_share(tolerance, "tolerance"),
                rank_budget,
                objective,
                bottleneck,
                student_penalty,
                student_temperature,
                mixing,
                draws,
            ),
        ),
    )
