"""A teacher and a student coupled through soft labels, and every exact number about the pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from lingauss.gaps import bounds, generalisation, sharpness
from lingauss.guard import guarded
from lingauss.ledgers import divergences, label_divergence, path_divergence, process_divergence, process_ledger, splits
from lingauss.model.design import Design

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from lingauss.explorer import Explorer
    from lingauss.optimum.result import Optimum
    from lingauss.simulation.average import InputAverage
    from lingauss.simulation.simulate import Simulation


# Of a design, what the routes to its numbers look at and nobody else needs.
FOR_ROUTES = {
    "channel_of",
    "directions",
    "is_spectral",
    "is_spectral_at_fixed_design",
    "keeps",
    "largest_rank",
    "mixed_statistic",
    "own_student_channel",
    "prepared",
    "ranking",
    "seen_eigenbasis",
    "seen_gramian",
    "soft",
}


@guarded
@dataclass(frozen=True, eq=False)
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
    bottleneck : Principal, Best, Subspace or None
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
    transfer : Moments, optional
        Unlabelled inputs on which the student is trained instead, taken with ``center=problem.intercept``; needs mixing
        1. Principal directions are then those of these inputs, the only ones the student sees (docs/transfer.md).
    teacher_bottleneck : Selected or Subspace, optional
        Which directions of a population the teacher sees: a weak teacher. Needs a problem of
        :meth:`Problem.from_population`.

    Raises
    ------
    DomainError
        If a setting is outside its range (a rank above d included).
    ShapeError
        If a subspace or a channel does not fit the problem's features.
    SingularGramError
        If a penalty is 0 and the Gram matrix the learner sees is singular.
    UndefinedFloorError
        If directions are discarded and the student has no prior variance to default to.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=0.5)
    >>> case = lg.Distillation(problem, teacher=lg.Ridge(0.5), student=lg.Ridge(0.5), bottleneck=lg.Principal(rank=2))
    >>> case.divergence().total < case.replace(rank=0).divergence().total
    True
    """

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
    gap_cumulants = cached_property(generalisation.gap_cumulants)
    conditional_gap_cumulants = cached_property(generalisation.conditional_gap_cumulants)
    gap_cgf = generalisation.gap_cgf
    mutual_information = generalisation.mutual_information
    variance_proxy = bounds.variance_proxy
    sharpness = sharpness.sharpness
    bounds = bounds.bounds

    def simulate(self, trials: int = 10_000, seed: int = 0) -> Simulation:
        """Carry the design out many times: draw labels, train teachers and students, and see what comes of it.

        Nothing is drawn from a closed form, unless a law was given as a channel (docs/simulation.md).

        Parameters
        ----------
        trials : int
            Label draws; each is used with both signs of its noise, and everything is trained twice on each.
        seed : int
            The same seed gives the same numbers.

        Returns
        -------
        Simulation
            Estimates with standard errors of every quantity that is defined, and the closed forms beside them.

        Raises
        ------
        DomainError
            If there are too few trials, fewer samples than the Gram matrix takes, or a learner whose training cannot be
            run, such as a continuous flow.
        MissingTruthError
            If the problem has neither truth nor labels.
        """
        from lingauss.simulation.simulate import simulate

        return simulate(self, trials, seed)

    def average_over_inputs(self, trials: int = 100, seed: int = 0) -> InputAverage[Self]:
        """Draw inputs from the population again and again, and average what the design comes to given each of them.

        For every quantity, those without a closed form on average over inputs too (docs/unseen.md).

        Parameters
        ----------
        trials : int
            At least 2 sets of Gaussian inputs.
        seed : int
            The same seed gives the same inputs.

        Returns
        -------
        InputAverage
            Estimates with standard errors: ``["divergence"]`` by a quantity's name in sweeps, ``of(function)`` for any
            number of a design.

        Raises
        ------
        DomainError
            Unless the problem is one of :meth:`Problem.from_population`.
        """
        from lingauss.simulation.average import average_over_inputs

        return average_over_inputs(self, trials, seed)

    def sweep(
        self,
        *,
        quantities: Sequence[str] = ("divergence",),
        chunks: Mapping[str, int] | None = None,
        out: xr.Dataset | None = None,
        **axes: Any,
    ) -> xr.Dataset:
        """Return exact quantities over a product of design axes.

        Parameters
        ----------
        quantities : sequence of str
            Among ``divergence``, ``bias``, ``variance``, ``rank_bottleneck``, ``rank_irreducible``, the six cells
            (``retained_mean``, ``retained_noise``, ``retained_spread``, ``discarded_…``), all of these with the prefix
            ``prediction_``, ``divergence_per_weight``, ``process_total``, its parts (``process_bias``,
            ``…_variance``, ``…_rank_bottleneck``, ``…_training``) and ``process_exact``, ``teacher_gap``,
            ``student_gap``, ``teacher_excess_risk`` and ``student_excess_risk``.
        chunks : mapping of axis to int, optional
            How many values of each axis a block has; axes not named are not cut. The result is then lazy, its blocks
            evaluated by Dask when they are asked for (docs/scale.md).
        out : xarray.Dataset, optional
            An earlier result of the same quantities and axes, with as many values along each, to be overwritten and
            returned: repeated sweeps then need no fresh memory. Quantities that repeat along an axis have none to
            reuse. After an error its values mean nothing.
        **axes
            One sequence of distinct values per design axis: ``student_rank``, ``label_noise``, ``temperature``,
            ``mixing``, ``draws``, ``floor``, ``n_samples``, ``penalty``, ``teacher_penalty``, ``student_penalty``,
            ``teacher_temperature``, ``student_temperature``, ``teacher_steps``, ``student_steps``, ``teacher_rank``.
            Settings left None resolve again in every cell. Ranks are sorted; without ``student_rank`` the design's own
            rank is kept.

        Returns
        -------
        xarray.Dataset
            One variable per quantity over the axes in the order given, with units; fixed settings as JSON in its
            attributes. A quantity that does not depend on an axis repeats along it without taking memory (read-only:
            copy before writing).

        Raises
        ------
        UnknownNameError, EmptyDataError, DomainError, NotFiniteError, MissingTruthError, GridTooLargeError
        ShapeError
            If ``out`` has other axes or lengths.
        MissingDependencyError
            If ``chunks`` is given and Dask is not installed.
        BlockError
            On evaluation, if a block of a chunked sweep cannot be computed.
        """
        from lingauss.sweep.labelled import sweep

        return sweep(self, axes, quantities, chunks, out)

    def optimize(
        self,
        *,
        over: Sequence[str],
        objective: str = "divergence",
        tolerance: float | None = None,
        rank_budget: int | None = None,
    ) -> Optimum[Self]:
        """Return the best design over some settings, with a certificate (docs/theory.md §5).

        In the eigenbasis, direction by direction; for any subspace, teacher and inputs from whole covariances.

        Parameters
        ----------
        over : sequence of str
            Among ``student_rank``, ``temperature``, ``student_temperature``, ``floor`` and ``mixing``. A ``Best``
            bottleneck chooses its directions anew; a ``Subspace`` keeps its first columns.
        objective : str
            ``divergence``, ``prediction_divergence``, ``excess_risk`` (of the student) or ``process``, the ledger of
            the process, over rank and temperature.
        tolerance : float, optional
            Take the smallest rank whose value is within this fraction of the best, instead of the best rank.
        rank_budget : int, optional
            Largest rank to consider.

        Raises
        ------
        UnknownNameError, EmptyDataError, MissingTruthError
        DomainError
            If an argument is outside its range; if the divergence is +inf whatever is chosen; if the student is given
            as its whole law; or, where costs do not fall apart into eigen-directions, for a ``Best`` bottleneck.
        IllConditionedError
            If a law outside the eigenbasis only looks singular in float64.
        """
        from lingauss.optimum.best import optimize

        return optimize(self, over, objective, tolerance, rank_budget)

    def by_direction(self) -> pd.DataFrame:
        """Return what each eigen-direction costs and risks: which to keep, and where the student beats the teacher.

        Returns
        -------
        pandas.DataFrame
            One row per direction, largest eigenvalue first: eigenvalue, kept, retained_cost and discarded_cost in
            nats, worth_keeping (docs/theory.md §5.5); where a truth is known at fixed design also both excess risks,
            in squared label units, and student_beats_teacher.

        Raises
        ------
        DomainError
            Unless both sides are learners and the bottleneck keeps whole eigen-directions.
        """
        from lingauss.sweep.by_direction import by_direction

        return by_direction(self)

    def explore(self, title: str = "Your problem") -> Explorer:
        """Return an offline HTML page on which rank, noise and temperature can be turned by hand (docs/explorer.md).

        It shows itself in notebooks; ``.save(path)`` writes it. Parameters and errors as for
        :func:`lingauss.explorer.explore`.
        """
        from lingauss.explorer import explore

        return explore(self, title)

    def to_python(self, name: str = "case", problem: str | None = None) -> str:
        """Return a script that rebuilds exactly this design.

        Parameters
        ----------
        name : str
            The variable it is bound to.
        problem : str, optional
            A variable that already holds this design's problem; default: the script builds that too.

        Raises
        ------
        DomainError
            If a part is of a class that cannot be imported or written, such as a learner that is no dataclass.

        Examples
        --------
        >>> import lingauss as lg
        >>> problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
        >>> print(lg.Distillation(problem, teacher=lg.Ridge(2.0), mixing=0.5).to_python())
        import lingauss as lg
        <BLANKLINE>
        problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
        case = lg.Distillation(problem, teacher=lg.Ridge(penalty=2.0), mixing=0.5)
        """
        from lingauss.as_python import to_python

        return to_python(self, name, {} if problem is None else {problem: self.problem})

    def __dir__(self) -> list[str]:
        """List what users call, without what routes look at."""
        return [name for name in super().__dir__() if not name.startswith("_") and name not in FOR_ROUTES]
