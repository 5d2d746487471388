"""What a sweep can compute: a vocabulary of quantities and the per-direction costs each adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lingauss.sums.ranks import Source, Term

NATS = "nats"
SQUARED_LABELS = "squared label units"


@dataclass(frozen=True)
class Quantity:
    """One number per design.

    Attributes
    ----------
    long_name, units : str
        For labels and files.
    terms : tuple of Term
        The per-direction costs it adds up; empty if it is no such sum.
    """

    long_name: str
    units: str
    terms: tuple[Term, ...] = ()


SOURCES: Mapping[str, Source] = {
    "retained": Source(lambda directions: directions.retained(), kept=True, late=True),
    "discarded": Source(lambda directions: directions.discarded(), kept=False, late=True),
    "prediction_retained": Source(lambda directions: directions.retained(predictions=True), kept=True, late=True),
    "prediction_discarded": Source(lambda directions: directions.discarded(predictions=True), kept=False, late=True),
    "kept_shrinkage": Source(lambda directions: directions.shrinkage()[1:], kept=True),
    "kept_error": Source(lambda directions: directions.squared_errors()[1:2], kept=True),
    "dropped_error": Source(lambda directions: directions.squared_errors()[2:], kept=False),
}

_PLACES = {
    f"{side}_{source}": (side, index)
    for side in ("retained", "discarded")
    for index, source in enumerate(("mean", "noise", "spread"))
}
CELLS = tuple(_PLACES)  # of a ledger, in the order of its array
COSTS: Mapping[str, tuple[str, ...]] = {
    "divergence": CELLS,
    "bias": ("retained_mean",),
    "variance": ("retained_noise", "retained_spread"),
    "rank_bottleneck": ("discarded_mean", "discarded_noise", "discarded_spread"),
    **{name: (name,) for name in CELLS},
}
RISKS = ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk")
_NAMES = {
    "divergence": "distillation divergence",
    "bias": "bias cost",
    "variance": "variance cost",
    "rank_bottleneck": "rank-bottleneck cost",
    "retained_mean": "retained directions, mean",
    "retained_noise": "retained directions, label noise",
    "retained_spread": "retained directions, spread",
    "discarded_mean": "discarded directions, mean",
    "discarded_noise": "discarded directions, label noise",
    "discarded_spread": "discarded directions, spread",
}


def _ledger_sums(prefix: str, suffix: str) -> dict[str, Quantity]:
    return {
        f"{prefix}{name}": Quantity(
            f"{_NAMES[name]}{suffix}",
            NATS,
            tuple(Term(f"{prefix}{_PLACES[cell][0]}", _PLACES[cell][1]) for cell in cells),
        )
        for name, cells in COSTS.items()
    }


QUANTITIES: Mapping[str, Quantity] = {
    **_ledger_sums("", ""),
    "rank_irreducible": Quantity("rank cost at the best floor", NATS),
    "divergence_per_weight": Quantity("distillation divergence per weight of the teacher", "nats per weight"),
    **_ledger_sums("prediction_", " of joint predictions"),
    "prediction_rank_irreducible": Quantity("rank cost of joint predictions at the best floor", NATS),
    "teacher_gap": Quantity("generalisation gap of the teacher", SQUARED_LABELS),
    "student_gap": Quantity("generalisation gap of the student", SQUARED_LABELS),
    "teacher_excess_risk": Quantity("excess risk of the teacher", SQUARED_LABELS),
    "student_excess_risk": Quantity("excess risk of the student", SQUARED_LABELS),
}
