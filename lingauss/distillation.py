"""A teacher and a student coupled through soft labels, and every exact number about the pair."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from lingauss.errors import DomainError
from lingauss.gaps import bounds, generalisation, sharpness
from lingauss.guard import guarded
from lingauss.ledgers import divergences, label_divergence, path_divergence, process_divergence, process_ledger, splits
from lingauss.model.design import Design
from lingauss.sweep import baselines
from lingauss.validation import as_share

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from lingauss.explanation import Explanation
    from lingauss.explorer import Explorer
    from lingauss.ledgers.risk import TeacherStudent
    from lingauss.optimum.result import Optimum
    from lingauss.simulation.average import InputAverage
    from lingauss.simulation.simulate import Simulation
    from lingauss.unseen.cross_validation import CrossValidation


# Of a design, what the routes to its numbers look at and nobody else needs.
FOR_ROUTES = {
    "averages_over_inputs",
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
    transfer : Moments or FreshInputs, optional
        Unlabelled inputs on which the student is trained instead, taken with ``center=problem.intercept``; needs mixing
        1. Principal directions are then those of these inputs, the only ones the student sees (docs/transfer.md).
        Or ``FreshInputs(m)``: as many drawn anew, at any mixing, from a population or the law ``test_cov`` of the test
        inputs; risks and gaps are then averages over them, for a ridge student (docs/unseen.md).
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

    def cross_validation(self, rows: Any = None) -> CrossValidation:
        """Return the squared errors of teacher and student on unseen rows, estimated from the training data.

        Label noise and drawn weights included, summed over outputs. From moments alone, leaving out an average row:
        generalised cross-validation, in the form that two fits of the same labels need (docs/unseen-rows.md). With the
        rows at hand, exactly what training again without each of them would give.

        Parameters
        ----------
        rows : (X, Y) or (X, Y, weights), optional
            The training data, to leave out row by row.

        Returns
        -------
        CrossValidation
            ``.teacher`` and ``.student``, numbers with a ``standard_error`` each.

        Raises
        ------
        MissingLabelsError
            If the problem knows no labels, or nothing of them but t.
        DomainError
            If the rows are not those of the problem's moments; with ``test_cov``; or for what has no closed form:
            channels, teachers on shards, ``Best``, learners other than ridge behind a ``Subspace`` and teachers other
            than ridge of a student on transfer inputs.
        SingularGramError
            If a penalty is 0 and a learner has no law without some row.

        Warns
        -----
        UnequalLeverageWarning
            If the rows' leverages are so unequal that errors from moments, also those of sweeps and optima, are off.
        InterpolationWarning
            If a fit leaves so few residual degrees of freedom that its error is a ratio of small numbers.

        Examples
        --------
        >>> import numpy as np
        >>> import lingauss as lg
        >>> rng = np.random.default_rng(0)
        >>> X = rng.standard_normal((60, 20))
        >>> problem = lg.Problem.from_data(X, X[:, 0] + rng.standard_normal(60))
        >>> learner = lg.Ridge(10.0, temperature=0.0)
        >>> case = lg.Distillation(problem, teacher=learner, student=learner, temperature=0.0, mixing=0.5)
        >>> case.cross_validation().student
        1.296 ± 0.24
        """
        from lingauss.unseen.cross_validation import cross_validation

        return cross_validation(self, rows)

    def held_out_error(self, X: Any, Y: Any) -> TeacherStudent:
        """Return the mean squared errors of teacher and student at given rows: held-out data, or a known function.

        Averaged over drawn weights; over training labels too where a truth stands in for them. The values given are
        taken as they are, with whatever noise they have.

        Parameters
        ----------
        X : (m, d)
            Inputs, used as given.
        Y : (m, k) or (m,)
            What the predictions are held against: labels, or the values of a function.

        Returns
        -------
        TeacherStudent
            ``.teacher`` and ``.student``, in squared label units, summed over outputs, per row.

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError
        DomainError
            If the problem has an intercept, which the moments of its labels do not tell.
        MissingTruthError
            If the problem knows neither labels nor true weights.
        MissingLabelsError
            If it knows true weights through their squares alone, or is plug-in.

        Examples
        --------
        >>> import lingauss as lg
        >>> problem = lg.Problem.from_data([[1.0], [2.0]], [1.0, 2.0], label_noise=1.0, center=False)
        >>> case = lg.Distillation(problem, lg.Ridge(0.0, temperature=0.0), lg.Ridge(5.0, temperature=0.0))
        >>> case.held_out_error([[4.0]], [3.0]).teacher
        1.0
        """
        from lingauss.unseen.held_out import held_out_error

        return held_out_error(self, X, Y)

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
            ``student_gap``, ``teacher_excess_risk`` and ``student_excess_risk``;
            where labels were observed, ``teacher_cross_validation`` and ``student_cross_validation``.
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
            ``teacher_temperature``, ``student_temperature``, ``teacher_steps``, ``student_steps``, ``teacher_rank``,
            ``transfer_samples``.
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
        tolerance: float | str | None = None,
        rank_budget: int | None = None,
    ) -> Optimum[Self]:
        """Return the best design over some settings, with a certificate (docs/theory.md §5).

        In the eigenbasis, direction by direction; for any subspace, teacher and inputs from whole covariances.

        Parameters
        ----------
        over : sequence of str
            Among ``student_rank``, ``temperature``, ``student_temperature``, ``floor``, ``mixing``, and of ridge and
            other penalised learners ``student_penalty`` and ``teacher_penalty``, which are searched on a logarithmic
            grid and refined. A ``Best`` bottleneck chooses its directions anew; a ``Subspace`` keeps its first columns.
        objective : str
            ``divergence``, ``prediction_divergence``, ``excess_risk`` (of the student); ``process``, over rank and
            temperature; where labels were observed ``cross_validation``, the student's error on unseen rows.
        tolerance : float or str, optional
            Take the smallest rank whose value is within this fraction of the best, 0.05 or "5%", instead of the best
            rank; at the penalties that are best without it. From 1 on only as a percentage.
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

        slack = None if tolerance is None else as_share(tolerance, "tolerance")
        return optimize(self, over, objective, slack, rank_budget)

    def by_direction(self) -> pd.DataFrame:
        """Return what each eigen-direction costs and risks: which to keep, and where the student beats the teacher.

        Returns
        -------
        pandas.DataFrame
            One row per direction, largest eigenvalue first: eigenvalue, kept, retained_cost and discarded_cost in
            nats, worth_keeping (docs/theory.md §5.5); where a truth is known at fixed design also both excess risks,
            in squared label units, student_beats_teacher, and the excess risks of the :meth:`baselines`.

        Raises
        ------
        DomainError
            Unless both sides are learners and the bottleneck keeps whole eigen-directions.
        """
        from lingauss.sweep.by_direction import by_direction

        return by_direction(self)

    def explain(self, quantity: str = "divergence") -> Explanation:
        """Return the formula behind a number, what is put into it in every direction, and what it adds up to.

        Parameters
        ----------
        quantity : str
            Among ``divergence``, ``bias``, ``variance``, ``rank_bottleneck``, ``prediction_divergence``,
            ``teacher_gap``, ``student_gap``, ``teacher_excess_risk`` and ``student_excess_risk``.

        Returns
        -------
        Explanation
            With ``derivation`` (docs/symbolic.md), ``settings``, ``by_direction`` and ``value``.

        Raises
        ------
        UnknownNameError
            For another quantity.
        DomainError
            Unless both sides are Ridge, on the same inputs, and the bottleneck keeps whole eigen-directions.
        MissingTruthError
            If the formula is an average over labels and the problem knows no truth.

        Examples
        --------
        >>> import lingauss as lg
        >>> problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
        >>> found = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0), lg.Principal(1)).explain("rank_bottleneck")
        >>> found.by_direction["value"].round(6).tolist()
        [0.0, 0.903426]
        >>> round(found.value, 6)
        0.903426
        """
        from lingauss.explanation import explain

        return explain(self, quantity)

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
            If a part is of a class that cannot be imported or written, such as a learner that is no dataclass, or if a
            name is none.

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

        for given in (name, *(() if problem is None else (problem,))):
            if not isinstance(given, str) or not given.isidentifier() or keyword.iskeyword(given):
                raise DomainError("the name of a variable", f"{given!r:.80}", "Pass, for example, 'case'.")
        return to_python(self, name, {} if problem is None else {problem: self.problem})

    def __dir__(self) -> list[str]:
        """List what users call, without what routes look at."""
        return [name for name in super().__dir__() if not name.startswith("_") and name not in FOR_ROUTES]
