"""One divergence, split exactly in different ways, each of which answers another question (docs/theory.md §4.10)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lingauss.ledgers.dispatch import ledger_of
from lingauss.ledgers.matrices import channel_pair
from lingauss.model.bottleneck import complement
from lingauss.model.design import Design

if TYPE_CHECKING:
    import pandas as pd

ANSWERS = {
    "discarded first": "what the bottleneck costs however well the student is trained, and what training could remove",
    "retained first": "what the retained weights alone cost, and what the discarded ones add once they are known",
    "means and covariances": "what is paid for wrong means, and what for a wrong spread",
}


def splits(design: Design) -> pd.DataFrame:
    """Return every exact split of the weights' divergence in two parts ≥ 0, one row each (docs/theory.md §4.10).

    The first is that of :meth:`divergence`: the rank cost, then bias and variance. No split has a cross term, because
    each conditions the second part on the first. Where everything falls apart into directions the first two agree.

    Returns
    -------
    pandas.DataFrame
        Indexed by the split; columns first and second (nats), total, and answers, the question it is for.

    Raises
    ------
    MissingTruthError
        If the problem has neither truth nor labels.
    IllConditionedError
        If the laws only look singular in float64.
    """
    import pandas as pd

    cells = ledger_of(design).cells
    (retained, discarded), (means, covariances) = cells.sum(axis=1), (cells[:, :2].sum(), cells[:, 2].sum())
    parts = {
        "discarded first": (discarded, retained),
        "retained first": (retained, discarded) if design.is_spectral else _retained_first(design),
        "means and covariances": (means, covariances),
    }
    table = pd.DataFrame.from_dict(parts, orient="index", columns=["first", "second"])
    table["total"] = table["first"] + table["second"]
    table["answers"] = pd.Series(ANSWERS)
    return table.rename_axis("split")


def _retained_first(design: Design) -> tuple[float, float]:
    """Return the cost of the retained weights' own laws, and of the discarded ones given them."""
    pair = channel_pair(design)
    given, alone = np.sum(replace(pair, kept=complement(pair.kept)).weight_ledger().cells, axis=1)
    return float(alone), float(given)
