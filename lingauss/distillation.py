"""A teacher and a student coupled through soft labels, and every exact number about the pair."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from lingauss import as_python, explanation
from lingauss.algebra.channel import Channel
from lingauss.explorer import explorer
from lingauss.gaps import bounds, generalisation, sharpness
from lingauss.guard import guarded
from lingauss.ledgers import divergences, label_divergence, path_divergence, process_divergence, process_ledger, splits
from lingauss.model.bottleneck import Subspace
from lingauss.model.design import Design
from lingauss.model.problem import Problem
from lingauss.optimum import best
from lingauss.simulation import average, drawn
from lingauss.sweep import baselines, by_direction, labelled
from lingauss.unseen import cross_validation, held_out

# Of a design, what the routes to its numbers look at and nobody else needs.
FOR_ROUTES = {
    "averages_over_inputs",
    "directions",
    "is_spectral",
    "is_spectral_at_fixed_design",
    "keeps",
    "largest_rank",
    "mixed_statistic",
    "own_student_channel",
    "prepared",
    "ranking",
    "record_attributes",
    "seen_eigenbasis",
    "seen_gramian",
}


@guarded
@dataclass(frozen=True, eq=False, repr=False)
class Distillation(Design):
    """One design: a problem, a teacher, a student and how they are coupled (docs/theory.md §2).

    Parameters
    ----------
    problem : Problem
        Inputs, noise level and truth or observed labels.
    teacher : Learner, Shards or Channel
        A learner, several trained on disjoint shards, or any channel t ↦ W (so that students can teach).
    student : Learner or Channel
        A learner, which trains on soft labels through the bottleneck; or, by :meth:`from_channels`, its whole law t ↦
        W.
    bottleneck : Principal, Best, Selected, Aligned, Features, Subspace or None
        Which directions the student sees; None is all of them.
    floor : float, optional
        Variance ≥ 0 of the student's weights outside the bottleneck; 0 is the hard bottleneck. Default: the student's
        prior variance.
    temperature : float
        τ ≥ 0; soft labels carry observation noise of variance τν².
    mixing : float
        ξ; the student trains on (1 − ξ) true + ξ soft labels. Below 0 and above 1 are legal.
    draws : int
        m ≥ 1, independent teacher draws averaged in the soft labels.
    transfer : Moments or FreshInputs, optional
        Unlabelled inputs on which the student is trained instead, taken with ``center=problem.intercept``; needs mixing
        1. Principal directions are then those of these inputs, the only ones the student sees (docs/transfer.md).
        Or ``FreshInputs(m)``: as many drawn anew, at any mixing, from a population or the law ``test_cov`` of the test
        inputs; risks and gaps are then averages over them, for a ridge student (docs/unseen.md).
    teacher_bottleneck : Principal, Selected or Subspace, optional
        Which directions the teacher sees, a learner: a weak teacher, which labels with what it predicts. Of a
        population those of a Selected are the population's, and there is no Principal.
    teacher_floor : float, optional
        Variance ≥ 0 of the weak teacher's weights outside its bottleneck, of which divergences know. Default: its prior
        variance.

    Raises
    ------
    DomainError
        If a setting is outside its range (a rank above d included).
    ShapeError
        If a subspace or a channel does not fit the problem's features.
    SingularGramError
        If a penalty is 0 and the Gram matrix the learner sees is singular.
    UndefinedFloorError
        Of what depends on the floor, not of gaps and risks: if directions are discarded and the student has no prior
        variance to default to.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=0.5)
    >>> case = lg.Distillation(problem, teacher=lg.Ridge(0.5), student=lg.Ridge(0.5), bottleneck=lg.Principal(rank=2))
    >>> case.divergence().total < case.replace(rank=0).divergence().total
    True
    """

    @classmethod
    def from_channels(cls, problem: Problem, teacher: Channel, student: Channel, subspace: Any = None) -> Self:
        """Compare any two channels t ↦ W, split by the directions the student retains.

        Parameters
        ----------
        problem : Problem
        teacher, student : Channel
            From R^d to R^d.
        subspace : (d, r), optional
            Default: no bottleneck.
        """
        bottleneck = None if subspace is None else Subspace(subspace)
        return cls(problem, teacher=teacher, student=student, bottleneck=bottleneck)

    divergence = divergences.divergence
    prediction_divergence = divergences.prediction_divergence
    divergence_from = divergences.divergence_from
    reverse_divergence = divergences.reverse_divergence
    jeffreys_divergence = divergences.jeffreys_divergence
    label_divergence = label_divergence.label_divergence
    process_divergence = process_divergence.process_divergence
    path_divergence = path_divergence.path_divergence
    process_ledger = process_ledger.process_ledger
    splits = splits.splits

    gaps = generalisation.gaps
    excess_risk = generalisation.excess_risk
    baselines = baselines.baselines
    gap_cumulants = cached_property(generalisation.gap_cumulants)
    conditional_gap_cumulants = cached_property(generalisation.conditional_gap_cumulants)
    gap_cgf = generalisation.gap_cgf
    mutual_information = generalisation.mutual_information
    variance_proxy = bounds.variance_proxy
    sharpness = sharpness.sharpness
    bounds = bounds.bounds
    cross_validation = cross_validation.cross_validation
    held_out_error = held_out.held_out_error

    sweep = labelled.sweep
    optimize = best.optimize
    by_direction = by_direction.by_direction
    simulate = drawn.simulate
    average_over_inputs = average.average_over_inputs

    explain = explanation.explain
    explore = explorer.explore
    to_python = as_python.design_to_python

    def __dir__(self) -> list[str]:
        """List what users call, without what routes look at."""
        return [name for name in super().__dir__() if not name.startswith("_") and name not in FOR_ROUTES]
