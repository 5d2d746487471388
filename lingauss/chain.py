"""Repeated distillation: every round's student teaches the next (docs/theory.md §5.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lingauss.distillation import Distillation
from lingauss.guard import guarded
from lingauss.rounds.ledger import ledger_of_round
from lingauss.rounds.record import Rounds

if TYPE_CHECKING:
    import xarray as xr

    from lingauss.ledgers.ledger import Ledger
    from lingauss.rounds.mixing import BestMixing
    from lingauss.rounds.stationary import StationaryMixing


@guarded
@dataclass(frozen=True, eq=False, repr=False)
class Chain(Rounds[Distillation]):
    """Repeated distillation: a design, and how often its student becomes the next teacher (docs/theory.md §5.10).

    Round 1 is the design itself, with the *first teacher*. In every later round the student of the round before labels
    the inputs, and a new student learns from a mixture of the true and those soft labels. A student behind a bottleneck
    teaches what it predicts: its unlearned spread counts in its ledger and never reaches a label.

    Parameters
    ----------
    case : Distillation
        Round 1; its student is a learner.
    rounds : int
        From 1 to 10,000.
    mixing, temperature : float or sequence of float, optional
        ξ and τ of every round, or of each; default: the design's.
    rank : int or sequence of int, optional
        Student rank of every round, or of each; default: the design's.
    penalty : float or sequence of float, optional
        Student's ridge penalty in every round, or in each; default: the design's.
    fresh : {"none", "labels", "inputs"}
        What every round draws anew (docs/unseen.md): soft labels alone; true labels too, at the same inputs; or rows of
        its own, from a population or the law ``test_cov`` of the test inputs, as many as the teacher's or those of
        ``transfer=FreshInputs(m)``. Of rounds that draw, and of problems that are drawn, excess risks are known.
    accumulate : bool
        Whether a round is trained on the data of all rounds before it too, the first teacher's included.
    pool : {"labels", "rows"}
        Whether every label is a mixture, or a share ξ of a round's rows has soft labels and the others true ones.

    Raises
    ------
    UnknownNameError
        If ``fresh`` or ``pool`` is none of these.
    DomainError
        If there are no rounds, there is nothing to draw from, a value is outside its range, the student is a channel,
        or the bottleneck is ``Best``, which would choose other directions in every round.
    ShapeError
        If there is not one value per round.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=1.0)
    >>> learner = lg.Ridge(0.1, temperature=0.0)
    >>> case = lg.Distillation(problem, teacher=learner, student=learner, temperature=0.0)
    >>> chain = lg.Chain(case, rounds=8)
    >>> int(chain.sweep(quantities=["excess_risk"])["excess_risk"].idxmin())
    7
    >>> chain.best_mixing().value < case.excess_risk().student
    True
    """

    def ledger(self, number: int, *, from_first: bool = False) -> Ledger:
        """Return the ledger of a round's student against its own teacher, or against the first teacher, in nats.

        Parameters
        ----------
        number : int
            The round, from 1.
        from_first : bool
            Whether the first teacher takes the place of the round's own.

        Raises
        ------
        DomainError, MissingTruthError
        """
        return ledger_of_round(self, number, from_first)

    def sweep(self, *, quantities: Sequence[str] | None = None, **axes: Any) -> xr.Dataset:
        """Return exact quantities over rounds and a product of design axes.

        Parameters
        ----------
        quantities : sequence of str, optional
            Among ``divergence``, ``bias``, ``variance``, ``rank_bottleneck`` and the six cells (``retained_mean``,
            ``retained_noise``, ``retained_spread``, ``discarded_…``), each against the round's own teacher or, with the
            prefix ``first_``, against the first teacher; ``gap`` and ``excess_risk`` of the round's predictor. Default:
            the four costs against both, the gap and, where a truth is known, the risk.
        **axes
            As for :meth:`Distillation.sweep`, without ``student_rank`` and without what is set per round.

        Returns
        -------
        xarray.Dataset
            Over ``round``, from 1, and the axes in the order given.

        Raises
        ------
        UnknownNameError, EmptyDataError, DomainError, NotFiniteError, MissingTruthError, GridTooLargeError
        """
        from lingauss.rounds.sweep import chain_sweep

        return chain_sweep(self, axes, quantities)

    def stationary_excess_risk(self) -> float:
        """Return the excess risk at which rounds settle when they never end (docs/theory.md §10.6).

        In squared label units; +inf where it grows for ever although weights stay bounded on average.

        Raises
        ------
        MissingTruthError, NotAveragedError
        DomainError
            If settings differ between rounds, data accumulate, or rounds drift apart.
        """
        from lingauss.rounds.stationary import stationary_excess_risk

        return stationary_excess_risk(self)

    def best_stationary_mixing(self) -> StationaryMixing:
        """Return the mixing, the same in every round, whose rounds settle at the least excess risk.

        With true labels drawn anew at the same inputs and no penalty its share of true labels is (√5 − 1)/2, whatever
        the inputs are (Garg, Bhattacharya & Sur 2025); with those of one data set soft labels never help there.

        Returns
        -------
        StationaryMixing
            ``mixing``, ``value``, and the ``chain`` with it. Searched over the whole line, on a refined grid.

        Raises
        ------
        MissingTruthError, NotAveragedError, DomainError
        """
        from lingauss.rounds.stationary import best_stationary_mixing

        return best_stationary_mixing(self)

    def best_mixing(self, over: Sequence[str] = ()) -> BestMixing:
        """Return the mixing of every round that minimises the excess risk of the last student (docs/theory.md §5.10).

        The risk is a quadratic in the composed coefficients, which is minimised exactly; also of rounds that draw
        labels or inputs, at most 30 of them, which neither accumulate nor pool rows.

        Parameters
        ----------
        over : sequence of str
            Ridge penalties to choose as well, among ``student_penalty`` (of every round) and ``teacher_penalty`` (of
            the first teacher): on a logarithmic grid, refined.

        Raises
        ------
        UnknownNameError
            For another name.
        MissingTruthError
            If the problem knows no truth.
        DomainError
            With transfer inputs, which have no true labels to mix in.
        """
        from lingauss.rounds.mixing import best_mixing

        return best_mixing(self, over)
