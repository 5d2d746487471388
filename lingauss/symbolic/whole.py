"""The whole of every cost and risk, over a spectrum of any length: sums over kept and over dropped directions.

Directions are independent under both laws, so divergences add, and so do squared errors. Kept directions come first:
1 to r of d.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial, reduce
from operator import add

import sympy as sp

from lingauss.symbolic import cells, gap, predictions, process, risk
from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.symbols import d, intercept, n, rank

SUBJECT = "The whole, over any spectrum"

KEPT = Assumption(rank <= d, "the student keeps the first r of d directions")


@dataclass(frozen=True)
class Whole:
    """A quantity as a sum over directions.

    Parameters
    ----------
    title
        One line for people.
    symbol
        Name of its symbol.
    kept, dropped
        Derivations, by name, that add up to what a direction costs that the student sees, or does not.
    sample
        Derivation of what every sample adds, if it does.
    intercept
        Derivation of what a fitted intercept adds, if it does.
    """

    title: str
    symbol: str
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    sample: str | None = None
    intercept: str | None = None


LABELS = ("soft_label_noise", "soft_label_spread")
RISK, OPTIMISM = "intercept_risk", "intercept_optimism"
WHOLES: Mapping[str, Whole] = {
    "divergence": Whole("Distillation divergence", "K_n", ("retained_cost",), ("discarded_cost",)),
    "bias": Whole("Bias cost", "K_bias", ("retained_bias",)),
    "variance": Whole("Variance cost", "K_variance", ("retained_noise", "retained_spread")),
    "rank_bottleneck": Whole("Rank-bottleneck cost", "K_rank", (), ("discarded_cost",)),
    "prediction_divergence": Whole(
        "Divergence of predictions", "K_prediction", ("prediction_retained_cost",), ("prediction_discarded_cost",)
    ),
    "process_bias": Whole("Bias of the process", "P_bias", ("soft_label_bias",), ("soft_label_bias",)),
    "process_variance": Whole(
        "Variance of the process",
        "P_variance",
        LABELS,
        LABELS,
        sample="soft_label_observation",
        intercept="soft_label_level",
    ),
    "process_rank_bottleneck": Whole("Rank-bottleneck cost of the process", "P_rank", (), ("kernel_discarded",)),
    "process_training": Whole("Training cost of the process", "P_training", ("kernel_retained",)),
    "teacher_gap": Whole(
        "Gap of the teacher", "gen_T", ("teacher_optimism",), ("teacher_optimism",), intercept=OPTIMISM
    ),
    "student_gap": Whole("Gap of the student", "gen_S", ("student_optimism",), (), intercept=OPTIMISM),
    "teacher_excess_risk": Whole(
        "Excess risk of the teacher", "risk_T", ("teacher_risk",), ("teacher_risk",), intercept=RISK
    ),
    "student_excess_risk": Whole(
        "Excess risk of the student", "risk_S", ("student_risk",), ("unseen_risk",), intercept=RISK
    ),
}


@cache
def of_direction(name: str) -> Derivation:
    """Return a derivation for one direction, by name."""
    subject = next(subject for subject in (cells, predictions, process, gap, risk) if name in subject.DERIVATIONS)
    found: Derivation = subject.DERIVATIONS[name]()
    return found


def _whole(name: str) -> Derivation:
    whole = WHOLES[name]
    alike = whole.kept == whole.dropped
    sides = [((*whole.kept,), 1, d)] if alike else [(whole.kept, 1, rank), (whole.dropped, rank + 1, d)]
    parts = [
        reduce(add, map(of_direction, names)).over_directions(first, last) for names, first, last in sides if names
    ]
    if whole.sample:
        parts.append(of_direction(whole.sample) * n)
    if whole.intercept:
        parts.append(of_direction(whole.intercept) * intercept)
    found = reduce(add, parts)
    return replace(
        found,
        name=name,
        title=whole.title,
        statement=sp.Eq(sp.Symbol(whole.symbol), found.statement.rhs),
        assumptions=(*found.assumptions, *(() if alike else (KEPT,))),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {name: partial(_whole, name) for name in WHOLES}
