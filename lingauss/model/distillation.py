"""A teacher and a student coupled through soft labels, and every exact number about the pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.algebra.psd import as_psd
from lingauss.errors import DomainError
from lingauss.guard import guarded
from lingauss.model.checks import check_fit
from lingauss.model.dense import Pair
from lingauss.model.generalisation import Generalisation
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.learners import Learner
from lingauss.model.ledger import Ledger
from lingauss.model.shards import Shards
from lingauss.model.ties import warn_of_ties

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from lingauss.algebra.channel import Channel
    from lingauss.design.result import Optimum
    from lingauss.explorer import Explorer
    from lingauss.model.bound_table import BoundTable
    from lingauss.model.label_divergence import LabelDivergence
    from lingauss.model.path_divergence import PathDivergence
    from lingauss.model.process_divergence import ProcessDivergence
    from lingauss.simulation.simulate import Simulation


@guarded
@dataclass(frozen=True, eq=False)
class Distillation(Generalisation):
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

    def divergence(self) -> Ledger:
        """Return K_n = E_t KL(student's weights given t ‖ teacher's) as a ledger, in nats (docs/theory.md §3–4).

        Averaged over labels where the problem knows a truth (mode 'averaged', or 'plug-in'), at the observed labels
        otherwise. The total is +inf for a hard bottleneck or a deterministic student; the bias stays finite.

        Raises
        ------
        MissingTruthError
            If the problem has neither truth nor labels.
        """
        if self.is_spectral:
            return self._spectral_ledger("weights")
        if self.transfer is not None:
            warn_of_ties(self, (self.rank,), stacklevel=2)
        if self.ridge_pair is None:
            return self.pair.weight_ledger()
        identity, problem = np.eye(self.problem.n_features), self.problem
        noise = None if problem.observed is not None else noise_rows(problem, identity)
        rows = mean_rows(problem, identity, np.zeros(problem.n_features))
        return self.ridge_pair.ledger(rows, noise, problem.outputs, problem.mode)

    def divergence_from(self, reference: Learner | Channel | Shards) -> Ledger:
        """Return the ledger of this student against another law than that of the teacher it learned from, in nats.

        For example against a teacher of all the data, of a student that was taught by the shards' teachers.

        Parameters
        ----------
        reference : Learner, Shards or Channel
            The law t ↦ W that takes the teacher's place in the divergence.

        Raises
        ------
        DomainError, ShapeError, SingularGramError, MissingTruthError
        """
        check_fit(self.problem, reference, self.student, None)
        return self.pair.against(self._channel_of(reference)).weight_ledger()

    def prediction_divergence(self, gram: Any = None) -> Ledger:
        """Return the divergence of the *joint* predictive laws at all test inputs, in nats; always finite.

        Never larger than :meth:`divergence` (data processing). Labels at the test inputs carry noise ν
        (docs/theory.md §3.4).

        Parameters
        ----------
        gram : (d, d), optional
            Gram matrix of the test inputs; default n Σ_x, which at fixed design is G.

        Raises
        ------
        ShapeError, CovarianceError, MissingTruthError
        """
        problem = self.problem
        if gram is not None:
            return self.pair.prediction_ledger(as_psd(gram, "gram", problem.n_features))
        if problem.test_covariance is not None:
            return self.pair.prediction_ledger(problem.test_covariance.scaled(problem.n_samples))
        if self.is_spectral:
            return self._spectral_ledger("predictions")
        return self.pair.prediction_ledger(problem.gramian)

    def bounds(self, eta: float | None = None, rows: Any = None) -> BoundTable:
        """Return every bound on the gaps beside the exact gaps, with whether its hypothesis holds and why.

        Bounds through K_n concern the gap of the student's *weights*, floor included. At fixed design that is the gap
        of its predictor; otherwise the table says by how much they differ (docs/bounds.md, docs/theory.md §7).

        Parameters
        ----------
        eta : float, optional
            η > 0 of the central conditions; default: the best one for each.
        rows : (n, d), optional
            Inputs X, for the individual-sample bound.

        Raises
        ------
        MissingTruthError
            If labels were observed: bounds are averages over labels. Use ``problem.plug_in()``.
        DomainError, ShapeError, NotFiniteError, NotNumericError
            If η ≤ 0 or the rows do not have the problem's Gram matrix.
        """
        from lingauss.model.bounds import gap_bounds

        return gap_bounds(self, eta, rows)

    def reverse_divergence(self) -> Ledger:
        """Return E_t KL(teacher's weights given t ‖ student's) as a ledger, in nats; see :meth:`divergence`.

        The chain rule is the same, with the roles of the two laws exchanged (docs/theory.md §4).
        """
        return Pair(self.problem, self.student_channel, self.teacher_channel, self.basis).weight_ledger()

    def jeffreys_divergence(self) -> float:
        """Return K_n plus the reverse divergence, in nats; symmetric in teacher and student."""
        return self.divergence().total + self.reverse_divergence().total

    def label_divergence(self) -> LabelDivergence:
        """Return E_D KL(soft labels ‖ fresh true labels) of one teacher draw, exact and bounded (docs/theory.md §6.1).

        Both label the inputs the student is trained on. Of several teachers on shards, one draw of each is averaged.

        Raises
        ------
        MissingTruthError
            If the problem knows no truth.
        DomainError
            If there are transfer inputs and an intercept.
        """
        from lingauss.model.label_divergence import label_divergence

        problem, temperature = self.problem, self._temperature_of_one_draw
        if self.transfer is None:
            return label_divergence(problem, self.teacher_channel, temperature, problem.gramian, problem.n_samples)
        if problem.intercept:
            raise DomainError(
                "labels of transfer inputs without an intercept",
                "a problem with one, which does not say how far apart the means of the two sets of inputs are",
                "Build the problem with center=False.",
            )
        transfer = self.transfer.n_samples
        return label_divergence(problem, self.teacher_channel, temperature, self.seen_gramian, transfer)

    def process_divergence(self) -> ProcessDivergence:
        """Return the divergence of (soft statistic, student's weights) from the teacher's pair (docs/theory.md §6.2).

        Raises
        ------
        DomainError
            Unless the student is a learner, mixing is 1, draws is 1 and both are trained on the same inputs.
        MissingTruthError
            If the problem knows no truth.
        """
        if self.mixing != 1.0 or self.draws != 1 or not isinstance(self.student, Learner):
            raise DomainError(
                "pure distillation of a learner from one draw (mixing=1, draws=1)",
                f"mixing={self.mixing:g}, draws={self.draws}, student {type(self.student).__name__}",
                "Use divergence(), which exists for every coupling.",
            )
        if self.transfer is not None:
            raise DomainError(
                "teacher and student on the same inputs, whose statistics are compared",
                "transfer inputs",
                "Use divergence(), which exists for every coupling.",
            )
        from lingauss.model.process_divergence import process_divergence

        temperature = self._temperature_of_one_draw
        return process_divergence(self.problem, self.teacher_channel, self.own_student_channel, temperature)

    def path_divergence(self) -> PathDivergence:
        """Return E_t KL of the student's whole path of weights from the teacher's, in nats (docs/theory.md §6.3).

        Of two runs of noisy gradient descent, step for step. Never smaller than the divergence of the last iterates,
        which stands beside it. Weights the student does not see take its own steps without labels.

        Raises
        ------
        DomainError
            Unless both sides are :class:`NoisyGradientDescent` with the same finite number of steps, and no floor is
            set where directions are discarded.
        MissingTruthError
            If the problem has neither truth nor labels.
        """
        from lingauss.model.path_divergence import path_divergence

        return path_divergence(self, self.divergence().total)

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

    def sweep(
        self,
        *,
        quantities: Sequence[str] = ("divergence",),
        chunks: Mapping[str, int] | None = None,
        **axes: Any,
    ) -> xr.Dataset:
        """Return exact quantities over a product of design axes.

        Parameters
        ----------
        quantities : sequence of str
            Among ``divergence``, ``bias``, ``variance``, ``rank_bottleneck``, ``rank_irreducible``, the six cells
            (``retained_mean``, ``retained_noise``, ``retained_spread``, ``discarded_…``), all of these with the prefix
            ``prediction_``, ``divergence_per_weight``, ``teacher_gap``, ``student_gap``, ``teacher_excess_risk`` and
            ``student_excess_risk``.
        chunks : mapping of axis to int, optional
            How many values of each axis a block has; axes not named are not cut. The result is then lazy, its blocks
            evaluated by Dask when they are asked for (docs/scale.md).
        **axes
            One sequence of distinct values per design axis: ``student_rank``, ``label_noise``, ``temperature``,
            ``mixing``, ``draws``, ``floor``, ``n_samples``, ``penalty``, ``teacher_penalty``, ``student_penalty``,
            ``teacher_temperature``, ``student_temperature``, ``teacher_steps``, ``student_steps``. Settings left None
            resolve again in every cell. Ranks are sorted; without ``student_rank`` the design's own rank is kept.

        Returns
        -------
        xarray.Dataset
            One variable per quantity over the axes in the order given, with units; fixed settings as JSON in its
            attributes. A quantity that does not depend on an axis repeats along it without taking memory (read-only:
            copy before writing).

        Raises
        ------
        UnknownNameError, EmptyDataError, DomainError, NotFiniteError, MissingTruthError, GridTooLargeError
        MissingDependencyError
            If ``chunks`` is given and Dask is not installed.
        BlockError
            On evaluation, if a block of a chunked sweep cannot be computed.
        """
        from lingauss.design.sweep import sweep

        return sweep(self, axes, quantities, chunks)

    def optimize(
        self,
        *,
        over: Sequence[str],
        objective: str = "divergence",
        tolerance: float | None = None,
        rank_budget: int | None = None,
    ) -> Optimum:
        """Return the best design over some settings, with a certificate (docs/theory.md §5).

        Parameters
        ----------
        over : sequence of str
            Among ``student_rank``, ``temperature``, ``student_temperature``, ``floor`` and ``mixing``. A ``Best``
            bottleneck chooses its directions anew.
        objective : str
            ``divergence``, ``prediction_divergence`` or ``excess_risk`` (of the student).
        tolerance : float, optional
            Take the smallest rank whose value is within this fraction of the best, instead of the best rank.
        rank_budget : int, optional
            Largest rank to consider.

        Raises
        ------
        UnknownNameError, EmptyDataError, DomainError, MissingTruthError
        """
        from lingauss.design.optimum import optimize

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
        from lingauss.design.by_direction import by_direction

        return by_direction(self)

    def explore(self, title: str = "Your problem") -> Explorer:
        """Return an offline HTML page on which rank, noise and temperature can be turned by hand (docs/explorer.md).

        It shows itself in notebooks; ``.save(path)`` writes it. Parameters and errors as for
        :func:`lingauss.explorer.explore`.
        """
        from lingauss.explorer import explore

        return explore(self, title)

    @property
    def _temperature_of_one_draw(self) -> float:
        """τ of the labels of one teacher draw; where several teachers label, their noises are averaged."""
        return self.temperature / (len(self.teacher) if isinstance(self.teacher, Shards) else 1)

    def _spectral_ledger(self, level: str) -> Ledger:
        warn_of_ties(self, (self.rank,), stacklevel=3)
        return self.directions.ledger(self.retained_directions, level, self.problem.mode)
