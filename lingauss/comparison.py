"""Several designs side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lingauss.distillation import Distillation
from lingauss.errors import DomainError, EmptyDataError
from lingauss.guard import guarded

if TYPE_CHECKING:
    import pandas as pd

RISKS = ("teacher", "student", "hard_labels", "mean_teacher", "tuned_teacher")  # in the order of the columns


@guarded
def compare(cases: Mapping[str, Distillation]) -> pd.DataFrame:
    """Return a table of designs: one row each, costs in nats, gaps and excess risks where they exist.

    Parameters
    ----------
    cases : mapping of name to Distillation

    Returns
    -------
    pandas.DataFrame
        Columns rank, bias, variance, rank_bottleneck, rank_irreducible, divergence, prediction_divergence, teacher_gap,
        student_gap, teacher_excess_risk, student_excess_risk, the excess risks of their :meth:`baselines
        <Distillation.baselines>` (hard_labels, mean_teacher and tuned_teacher with ``_excess_risk``) and mode; risks
        are missing (NaN) where no truth is known.

    Raises
    ------
    EmptyDataError
        If there is nothing to compare.
    DomainError
        If a value is not a Distillation.
    """
    import pandas as pd

    if not isinstance(cases, Mapping):
        raise DomainError("designs with names", type(cases).__name__, "Pass {name: Distillation}.")
    if not cases:
        raise EmptyDataError("at least one design", "none", "Pass {name: Distillation}.")
    return pd.DataFrame.from_dict({name: _row(name, case) for name, case in cases.items()}, orient="index")


def _row(name: str, case: Distillation) -> dict[str, object]:
    if not isinstance(case, Distillation):
        raise DomainError(f"a Distillation under {name!r}", type(case).__name__, "Pass {name: Distillation}.")
    ledger = case.divergence()
    row: dict[str, object] = {
        "rank": case.rank,
        "bias": ledger.bias,
        "variance": ledger.variance,
        "rank_bottleneck": ledger.rank_bottleneck,
        "rank_irreducible": ledger.rank_irreducible,
        "divergence": ledger.total,
        "prediction_divergence": case.prediction_divergence().total,
    }
    known = case.problem.truth is not None
    if known or case.problem.test_covariance is None:
        gaps = case.gaps()
        row |= {"teacher_gap": gaps.teacher, "student_gap": gaps.student}
    if known:
        risks = case.baselines().to_frame()["excess_risk"].to_dict()
        row |= {f"{name}_excess_risk": risks[name] for name in sorted(risks, key=RISKS.index)}
    return row | {"mode": ledger.mode}
