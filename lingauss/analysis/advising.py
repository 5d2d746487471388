"""The steps from data to advice: read, compare in like units, measure, advise, and let held-out rows contradict."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np

from lingauss.analysis.advice import PRINCIPAL, Wishes, advise
from lingauss.analysis.choices import Unit, choices_of
from lingauss.analysis.evidence import Measured, measure
from lingauss.analysis.held_out import HeldOut, Recipe, hold_out
from lingauss.analysis.options import Options
from lingauss.analysis.preparation import Prepared, gather, prepare, told_of
from lingauss.analysis.result import Analysis
from lingauss.analysis.rivals import check_sight, most_directions, rivals_of
from lingauss.analysis.sight import sight_of
from lingauss.data.moments import Moments
from lingauss.errors import DomainError, MissingLabelsError
from lingauss.guard import guarded
from lingauss.model.learners import Ridge
from lingauss.model.posterior import Posterior
from lingauss.model.problem import Problem
from lingauss.tables.encoding import Coding, Reader, codings_of
from lingauss.tables.opening import table_of
from lingauss.tables.pipes import readable_again

BEYOND_DOUBT = 5.0  # standard errors from five parts, over a choice among all ranks
WORTH_TELLING = 0.01  # of a squared error


@guarded
def advised(data: Any, targets: Any, options: Options) -> Analysis:
    """Return advice on data; see :func:`lingauss.analyze`.

    Raises
    ------
    LingaussError, OSError
    """
    if isinstance(data, Posterior):
        return _of_posterior(data, targets, options)
    if isinstance(data, Moments):
        return _of_moments(data, targets, options)
    reading = options.reading
    with readable_again(data) as source:
        table = table_of(source, targets, reading)
        reader = Reader(table, codings_of(table, reading.classes), reading.drop_missing, reading.numbers)
        outputs = tuple(column for coding in reader.codings for column in coding.columns)
        numeric = not any(coding.classes for coding in reader.codings)
        prepared = prepare(gather(reader), table.features, outputs, options.scaling, numeric=numeric)
        told, warned = told_of(reader), reader.survey.notes()
        measured = measure(prepared, options.teaching, reader)
        return _advised(table.origin, prepared, measured, options.wishes, told, warned, reader)


def _of_moments(moments: Moments, targets: Any, options: Options) -> Analysis:
    if options.teaching.leave_one_out:
        raise DomainError("rows, which leave-one-out needs", "moments", "Let the marginal likelihood choose.")
    prepared = prepare(moments, *_names_of(moments, targets), options.scaling, numeric=True)
    return _advised("moments", prepared, measure(prepared, options.teaching), options.wishes)


def _advised(
    origin: str,
    prepared: Prepared,
    measured: Measured,
    wishes: Wishes,
    told: tuple[str, ...] = (),
    warned: tuple[str, ...] = (),
    reader: Reader | None = None,
) -> Analysis:
    """Advise on measured data, and let rows that are held out contradict."""
    observed, problem = measured.problem, measured.problem.plug_in(measured.penalty)
    sight = sight_of(wishes.bottleneck or PRINCIPAL, measured.penalty)
    check_sight(sight, observed, prepared)
    wanted, most = wishes.rank_budget, most_directions(sight, observed)
    wished = dataclasses.replace(wishes, rank_budget=most if wanted is None else min(wanted, most))
    bottleneck, noiseless = sight.bottleneck(observed), measured.noiseless
    advice = advise(problem, measured.penalty, wished, observed, bottleneck=bottleneck, noiseless=noiseless)
    held_out, guarded = hold_out(prepared.folds, Recipe.of(advice.widest, sight)), None
    if held_out is not None and not noiseless and (cap := _contradicted(held_out, advice.rank)) is not None:
        guarded = advice.rank
        wished = dataclasses.replace(wishes, rank_budget=cap)
        advice = advise(problem, measured.penalty, wished, observed, bottleneck=bottleneck, noiseless=noiseless)
        held_out = hold_out(prepared.folds, Recipe.of(advice.widest, sight))
    rivals = () if wishes.bottleneck is None else rivals_of(advice, observed, prepared, measured.penalty)
    codings = () if reader is None else reader.codings
    all_classes = bool(codings) and all(coding.classes for coding in codings)
    accuracy = None
    if all_classes and held_out is not None and reader is not None:
        accuracy = held_out.accuracy(reader, prepared, _groups(codings))
    choices, unseen, doubts = choices_of(advice, wishes.tolerance, observed, held_out, accuracy)
    return Analysis(
        origin,
        prepared,
        observed,
        problem,
        wishes,
        advice,
        sight,
        rivals,
        choices,
        unseen,
        _unit(observed, prepared, all_classes),
        held_out,
        guarded,
        measured.noiseless,
        tuple(coding.classes for coding in codings if coding.classes),
        (*told, *prepared.notes, *measured.notes),
        (*warned, *doubts),
    )


def _contradicted(held_out: HeldOut, rank: int) -> int | None:
    """Return the smaller rank that held-out rows prefer beyond doubt, if there is one."""
    errors = held_out.by_rank[: rank + 1]
    best = int(np.argmin(errors))
    excess, standard_error = held_out.loss_against(rank, best)
    beyond = excess > max(BEYOND_DOUBT * standard_error, WORTH_TELLING * errors[best])
    return best if best < rank and beyond else None


def _groups(codings: tuple[Coding, ...]) -> list[slice]:
    ends = np.cumsum([0, *(len(coding.columns) for coding in codings)]).tolist()
    return [slice(first, last) for first, last in itertools.pairwise(ends)]


def _unit(observed: Problem, prepared: Prepared | None, classes: bool) -> Unit:
    """Return how errors are told: in the unit of the target, of classes as a Brier score."""
    power = math.nan if observed.label_power is None else observed.label_power / observed.n_samples
    scales = np.ones(observed.outputs) if prepared is None else prepared.output_scale
    scaled = observed.outputs > 1 and bool(np.ptp(scales))
    told = "standard deviations of the targets" if scaled else ""
    scale = 1.0 if scaled else float(scales[0])
    return Unit("Brier score" if classes else "RMSE", scale, observed.outputs, power, classes, told)


def _of_posterior(fitted: Posterior, targets: Any, options: Options) -> Analysis:
    wishes, ignored = options.wishes, (targets, options.teaching.penalty, options.teaching.label_noise)
    if not isinstance(fitted.teacher, Ridge) or fitted.teacher.penalty == 0.0:
        raise DomainError(
            "a posterior under a proper prior, or ridge coefficients with their Gram matrix and penalty",
            "a flat prior" if isinstance(fitted.teacher, Ridge) else "a law that does not depend on the labels",
            "Compare designs with Distillation(posterior.problem, posterior.teacher, …).sweep(...).",
        )
    if any(value is not None for value in ignored):
        raise DomainError(
            "a fitted model alone", "targets, a penalty or a label noise beside it", "They are part of the posterior."
        )
    problem, sight = fitted.plug_in(), sight_of(wishes.bottleneck or PRINCIPAL, fitted.teacher.penalty)
    check_sight(sight, fitted.problem, None)
    bottleneck = sight.bottleneck(fitted.problem)
    advice = advise(problem, fitted.teacher.penalty, wishes, fitted.problem, bottleneck=bottleneck)
    choices, unseen, doubts = choices_of(advice, wishes.tolerance, fitted.problem, None, None)
    unit = _unit(fitted.problem, None, classes=False)
    return Analysis(
        "a fitted model",
        None,
        fitted.problem,
        problem,
        wishes,
        advice,
        sight,
        (),
        choices,
        unseen,
        unit,
        None,
        None,
        False,
        (),
        fitted.assumed,
        doubts,
    )


def _names_of(moments: Moments, targets: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if targets is not None:
        raise DomainError("moments alone, which hold the targets", "targets beside them", "Leave targets out.")
    if not moments.outputs:
        raise MissingLabelsError("moments with labels", "moments of inputs alone", "Pass Y to Moments.from_data.")
    outputs = ("y",) if moments.outputs == 1 else tuple(f"y{j}" for j in range(moments.outputs))
    return tuple(f"x{j}" for j in range(moments.n_features)), outputs
