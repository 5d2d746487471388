"""Where rounds that draw labels or inputs anew settle, in closed form (docs/theory.md §10.6)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Self

import numpy as np

from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.equivalents.fit import no_posterior, residual_factors
from lingauss.equivalents.models import RidgeOnRows
from lingauss.errors import DomainError
from lingauss.html_table import html_settings, text_settings
from lingauss.ledgers import dispatch
from lingauss.ledgers.fresh import basis_seen
from lingauss.model.bottleneck import Subspace
from lingauss.model.design import Design
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.learners import Ridge
from lingauss.model.population import not_averaged
from lingauss.model.truth import need_truth
from lingauss.optimum.line_search import global_minimum
from lingauss.rounds.drawn_inputs import fit_of_round, label_noise
from lingauss.rounds.drawn_labels import learner_of_round, test_covariance
from lingauss.rounds.record import Rounds
from lingauss.rounds.redraws import Fresh, Pool
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class StationaryMixing:
    """The mixing, the same in every round, whose rounds settle at the least excess risk.

    Attributes
    ----------
    chain : Rounds
        With this mixing.
    mixing : float
        ξ; 1 − ξ is the share of true labels.
    value : float
        The excess risk at which its rounds settle, in squared labels.
    """

    chain: Rounds[Any]
    mixing: float
    value: float

    def _told(self) -> list[tuple[str, str]]:
        return [
            ("mixing, the share of soft labels", f"{self.mixing:.6g}"),
            ("share of true labels", f"{1.0 - self.mixing:.6g}"),
            ("excess risk (labels²)", f"{self.value:.6g}"),
        ]

    def __repr__(self) -> str:
        return text_settings("Mixing of least stationary risk", self._told())

    def _repr_html_(self) -> str:
        return html_settings("Mixing of least stationary risk", self._told())


Law = Callable[[float], float]  # from the mixing of every round to the excess risk at which rounds settle


def stationary_excess_risk(chain: Rounds[Any]) -> float:
    """Return the excess risk at which rounds settle; see :meth:`lingauss.Chain.stationary_excess_risk`."""
    return _law(chain)(chain.repeated().mixing)


def best_stationary_mixing(chain: Rounds[Any]) -> StationaryMixing:
    """Return the mixing of least stationary risk; see :meth:`lingauss.Chain.best_stationary_mixing`."""
    law = _law(chain)

    def value(mixing: float) -> float:
        if chain.pool is Pool.ROWS and not 0.0 <= mixing <= 1.0:
            return math.inf
        try:
            return law(mixing)
        except DomainError:  # rounds that drift apart
            return math.inf

    mixing = global_minimum(value)
    return StationaryMixing(replace(chain, case=chain.case.replace(mixing=mixing), mixing=None), mixing, law(mixing))


def _law(chain: Rounds[Any]) -> Law:
    """Return the stationary risk as a function of the mixing; what does not depend on it is found once."""
    if chain.accumulate:
        raise DomainError(
            "rounds whose data do not grow, which settle", "rounds that accumulate", "Sweep the number of rounds."
        )
    if chain.is_chain_of_channels:
        return partial(_of_limit, chain)
    design = chain.repeated()
    need_truth(design.problem, "excess risks")
    if chain.fresh is Fresh.INPUTS:
        return NewRows.of(design, chain.pool is Pool.ROWS)
    if design.problem.population is not None:
        return partial(_on_shared_rows, design, chain.fresh is Fresh.LABELS)
    return GivenRows.of(design)


def _drifting(mixing: float) -> DomainError:
    return DomainError(
        "a mixing under which rounds settle",
        f"{mixing:.6g}, under which they drift apart for ever",
        "Mix in more of the true labels, or raise the penalty.",
    )


def _of_limit(chain: Rounds[Any], xi: float) -> float:
    """Return the risk of rounds that reuse the labels of given inputs: that of one student."""
    limit = replace(chain, case=chain.case.replace(mixing=xi), mixing=None).limit()
    return float(dispatch.risks(limit, np.array([limit.rank]))[1][0])


@dataclass(frozen=True, eq=False)
class GivenRows:
    """Rounds with new true labels at given inputs, apart along the directions v of labels that a student keeps to.

    Attributes
    ----------
    design : Design
    shrinkage : (q,)
        The share p of a label along v that is predicted.
    drawn : (q,)
        Variance of predictions along v over draws, summed over outputs.
    truth : (m, q)
        Rows of the truth as labels.
    weights : (d, q)
        From labels to weights.
    spread : float
        What a draw of the last student adds to its risk.
    """

    design: Design
    shrinkage: Array
    drawn: Array
    truth: Array
    weights: Array
    spread: float

    @classmethod
    def of(cls, design: Design) -> Self:
        """Find the directions for a design."""
        problem, channel = design.problem, learner_of_round(design, 1)
        root = problem.gramian.root
        shrinkage, directions = np.linalg.eigh(root.T @ channel.A @ root)
        seen = root @ directions
        return cls(
            design,
            shrinkage,
            problem.outputs * np.sum(seen * (channel.cov @ seen), axis=0),
            need_truth(problem, "excess risks").rows @ seen,
            channel.A @ seen,
            problem.outputs * float(np.sum(channel.cov * test_covariance(design))),
        )

    def __call__(self, xi: float) -> float:
        """Return the excess risk at which rounds of a mixing settle."""
        if np.any(np.abs(xi * self.shrinkage) >= 1.0):
            raise _drifting(xi)
        mean = (1.0 - xi) / (1.0 - xi * self.shrinkage) * self.truth
        drawn = xi**2 / self.design.draws * self.drawn
        variance = (label_noise(self.design, xi, pooled=False) + drawn) / (1.0 - np.square(xi * self.shrinkage))
        test = test_covariance(self.design)
        error = mean @ self.weights.T - need_truth(self.design.problem, "excess risks").rows
        return float(np.sum((error @ test) * error) + self._tested @ variance) + self.spread

    @cached_property
    def _tested(self) -> Array:
        """Variance of predictions for test inputs per unit of that of labels along v, (q,)."""
        return np.asarray(np.sum(self.weights * (test_covariance(self.design) @ self.weights), axis=0))


def _on_shared_rows(design: Design, fresh: bool, xi: float) -> float:
    """Return the risk of rounds on the same rows of a population, with new true labels or the same ones.

    In a direction of the rows round after round is ridge regression at λ/(1 − ξ) on average, and noise that is drawn
    anew adds up to what passes two regressions, at λ/(1 − ξ) and λ/(1 + ξ).
    """
    problem, learner = design.problem, design.student
    if problem.population is None or type(learner) is not Ridge:
        raise not_averaged(f"rounds of a {type(learner).__name__}, where Ridge has one")
    if isinstance(design.view, Subspace):
        raise not_averaged("rounds on shared rows behind a Subspace, where Selected has one")
    if abs(xi) >= 1.0:
        raise _drifting(xi)
    seen = basis_seen(design.view, problem.population.axes).any(axis=1)
    s = problem.population.axes.eigenvalues
    energy = s * need_truth(problem, "excess risks").power(problem.population.axes)
    unit, n = problem.outputs * problem.label_noise**2, np.full(3, float(problem.n_samples))
    penalties = learner.penalty / np.array([1.0 - xi, 1.0 + xi, 1.0])
    kappa = effective_penalties(s[seen], n, penalties)
    residual = residual_factors(n, penalties, kappa, int(np.count_nonzero(s[seen])))
    whole = np.where(s[seen] + kappa[:, None] > 0.0, s[seen] + kappa[:, None], 1.0)
    shrunk, lost = s[seen] / whole, kappa[:, None] / whole
    regular = residual[0] + shrunk[0] @ lost[:2].T / n[0]  # 1 − γ_aa and 1 − γ_ab
    if np.any(regular == 0.0):
        return math.inf
    missed = float(np.sum(energy[~seen]) + energy[seen] @ np.square(lost[0]))
    soft = xi**2 * design.temperature / design.draws
    reused, drawn = (0.0, (1.0 - xi) ** 2 + soft) if fresh else (unit, soft)
    overlap = float(shrunk[0] @ shrunk[1]) / n[0]
    risk = (missed + reused) / regular[0] - reused + unit * drawn / (1.0 - xi**2) * overlap / regular[1]
    dispersion = problem.outputs * learner.dispersion(problem.label_noise)
    if not dispersion:
        return float(risk)
    if not np.all(residual > 0.0):
        raise no_posterior()
    traces = (1.0 - residual) / residual
    risk += dispersion * traces[2]
    if xi and learner.penalty:
        others = [(penalties[1], penalties[2]), (penalties[0], penalties[2]), (penalties[0], penalties[1])]
        weights = [p**2 / ((q - p) * (r - p)) for p, (q, r) in zip(penalties, others, strict=True)]
        risk += dispersion / design.draws * xi**2 / (1.0 - xi**2) * float(np.dot(weights, traces))
    elif xi:
        risk += dispersion / design.draws * xi**2 / (1.0 - xi**2) * traces[2]
    return float(risk)


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rounds on rows of their own, of which each learns from itself, linear in the error of its labels.

    Attributes
    ----------
    design : Design
    pooled : bool
        Whether rows have labels of either kind.
    fit : RidgeOnRows
    energy : (r,)
        Of the signal along the directions of the view.
    hidden : float
        That of the signal outside it.
    """

    design: Design
    pooled: bool
    fit: RidgeOnRows
    energy: Array
    hidden: float

    @classmethod
    def of(cls, design: Design, pooled: bool) -> Self:
        """Put a design's signal on the directions that its student sees."""
        fit = fit_of_round(design)
        axes = Eigenbasis.of(design.problem.test_covariance)  # type: ignore[arg-type]
        theta = axes.rotate(need_truth(design.problem, "excess risks").rows) * np.sqrt(axes.eigenvalues)
        inside = theta @ fit.view.directions
        outside = theta - inside @ fit.view.directions.T
        return cls(design, pooled, fit, np.sum(np.square(inside), axis=0), float(np.sum(np.square(outside))))

    def __call__(self, xi: float) -> float:
        """Return the excess risk at which rounds of a mixing settle."""
        fit = self.fit
        shrunk, lost = fit.seen, fit.kappa / (fit.view.values + fit.kappa)
        kept = lost + (1.0 - xi) * shrunk  # 1 − ξH
        if np.any(kept <= 0.0) or np.any(np.abs(xi * shrunk) >= 1.0):
            raise _drifting(xi)
        drawn = fit.dispersion / (fit.n_samples * fit.residual) * shrunk if fit.dispersion else 0.0 * shrunk
        label = drawn / self.design.draws
        series = np.square(shrunk) / (1.0 - np.square(xi * shrunk))
        missed = float(self.energy @ np.square(lost / kept)) + self.hidden
        # What labels err by holds a part in proportion to itself: the scatter of who labels.
        apart = xi * (1.0 - xi) if self.pooled else 0.0
        passed = np.square(xi * lost) + apart
        known = label_noise(self.design, xi, self.pooled) + ((1.0 - xi) ** 2 + apart) * missed
        known += float(passed @ (label + series * xi**2 * label))
        regular = fit.regular - float(passed @ series) / fit.n_samples
        if regular <= 0.0:
            return math.inf
        scatter = series * (xi**2 * label + known / regular / fit.n_samples)
        return missed + float(np.sum(scatter + drawn))
