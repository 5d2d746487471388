"""The ledger of one round of repeated distillation."""

from __future__ import annotations

from typing import Any

import numpy as np

from lingauss.ledgers.divergences import divergence, divergence_from
from lingauss.ledgers.ledger import Ledger
from lingauss.model.population import not_averaged
from lingauss.rounds.arrays import cells_of_round
from lingauss.rounds.record import Rounds
from lingauss.sweep.grid import directions_over
from lingauss.validation import as_count, as_flag


def ledger_of_round(chain: Rounds[Any], number: int, from_first: bool) -> Ledger:
    """Return the ledger of a round's student; see :meth:`lingauss.Chain.ledger`."""
    number = as_count(number, "number", minimum=1, maximum=chain.rounds)
    as_flag(from_first, "from_first")
    case = chain.case
    if not chain.is_chain_of_channels:
        raise not_averaged("a divergence between rounds")
    if number == 1:
        return divergence(chain.designs[0])
    if case.is_spectral and chain.penalty is None:
        directions = directions_over(case, {}, np.unique(chain.ranks()))
        cells, least = cells_of_round(chain, directions.part(case.ranking), number, from_first)
        return Ledger(cells, least, "weights", case.problem.mode)
    here = chain.framed
    reference = here.case.teacher if from_first else here.designs[number - 2].student_channel
    return divergence_from(here.designs[number - 1], reference)
