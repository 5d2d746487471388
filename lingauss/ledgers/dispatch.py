"""Which route answers which question about a design: the one place that decides.

| route | serves | without it |
|---|---|---|
| :class:`Spectral` | learners on the same inputs, whole eigen-directions | 100 × slower, digits lost as s/λ grows |
| :class:`Equivalents` | inputs drawn from a population, risks and gaps | no answer |
| :class:`Nested` | several ranks of a ridge student in a fixed basis | O(d⁴) instead of O(d³) for all ranks |
| :class:`Matrices` | everything else | no answer |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from lingauss.ledgers.equivalents import Equivalents
from lingauss.ledgers.ledger import Ledger
from lingauss.ledgers.matrices import Matrices
from lingauss.ledgers.nested import Nested
from lingauss.ledgers.route import Level, Question, Ranks, Route
from lingauss.ledgers.spectral import Spectral
from lingauss.model.design import Design
from lingauss.threads import whole_matrices
from lingauss.validation import Array

ROUTES: tuple[type[Route], ...] = (Spectral, Equivalents, Nested, Matrices)  # the first that serves is taken


def ledger_of(design: Design, level: Level = "weights") -> Ledger:
    """Return the ledger of a design: of its weights, or of joint predictions at the test inputs."""
    ranks = np.array([design.rank])
    least = partial(_least_rank_cost, design, level)
    return Ledger(cells(design, ranks, level)[0], least, level, design.problem.mode)


def cells(design: Design, ranks: Ranks, level: Level) -> Array:
    """Return the six cells of the divergence at several ranks in place of its own, (R, 2, 3) nats."""
    return _answer(design, ranks, level, lambda route, some: route.cells(some, level))


def least_rank_costs(design: Design, ranks: Ranks, level: Level) -> Array:
    """Return the rank cost at its best floor at several ranks, (R,) nats."""
    return _answer(design, ranks, level, lambda route, some: route.least_rank_costs(some, level))


def gaps(design: Design, ranks: Ranks) -> tuple[Array, Array]:
    """Return the generalisation gaps of teacher (1,) and student (R,) at several ranks."""
    return next(_routes(design, "generalisation", ranks)).gaps(ranks)


def risks(design: Design, ranks: Ranks) -> tuple[Array, Array]:
    """Return the excess risks of teacher (1,) and student (R,) at several ranks."""
    return next(_routes(design, "generalisation", ranks)).risks(ranks)


def _routes(design: Design, question: Question, ranks: Ranks) -> Iterator[Route]:
    """Yield the routes that serve, best first, the last always; all but the spectral one need whole matrices."""
    for way in ROUTES:
        route = way.of(design, question, ranks)
        if route is not None:
            yield route
        whole_matrices(design.problem.n_features)


def _answer(design: Design, ranks: Ranks, level: Level, ask: Callable[[Route, Ranks], Array]) -> Array:
    """Ask the first route that serves, and the next about the ranks at which it is not reliable."""
    routes = _routes(design, level, ranks)
    first = next(routes)
    found, open_ranks = ask(first, ranks), ~first.reliable(ranks)
    while open_ranks.any():
        route = next(routes)
        found[open_ranks] = ask(route, ranks[open_ranks])
        open_ranks[open_ranks] = ~route.reliable(ranks[open_ranks])
    return found


def _least_rank_cost(design: Design, level: Level) -> float:
    return float(least_rank_costs(design, np.array([design.rank]), level)[0])
