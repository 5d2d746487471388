"""Inputs that are drawn: double descent, what fixed inputs hide, weak teachers, and rounds that collapse or do not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from lingauss import charts
from lingauss.chain import Chain
from lingauss.distillation import Distillation
from lingauss.errors import EquivalentWarning
from lingauss.model.axes import AXES
from lingauss.model.bottleneck import Selected
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import AVERAGED, Figure
from lingauss.reproduce.studies import Resolution, Study
from lingauss.validation import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INTERPOLATING = Ridge(0.0, temperature=0.0)
SIZES = (15, 2000)
NEAR = 0.02  # of as many samples as directions
SEEN = 15  # directions of the weak teacher
LENIENT = 0.01  # its penalty, which shrinks too little
SHARES = (-1.0, 2.0)
ROUNDS = 12
TRUE_SHARES = (1.0, 0.9, 0.6, 0.3, 0.0)


def double_descent(study: Study, resolution: Resolution) -> Figure:
    """Return excess risks through the interpolation peak, with and without soft labels."""
    case, sizes = study.case.replace(student=INTERPOLATING), _sizes(study, resolution)
    d = study.case.problem.n_features
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquivalentWarning)
        alone, soft = (_risks(case.replace(mixing=share), sizes) for share in (0.0, 1.0))
        designs = [case.replace(n_samples=n).optimize(over=["mixing"], objective="excess_risk") for n in sizes.tolist()]
    results = _over_samples(sizes, {
        "true labels": alone, "soft labels": soft, "best mixture": np.array([found.value for found in designs]),
    }, study)  # fmt: skip
    best = np.array([found.design.mixing for found in designs])
    results = results.assign(best_mixing=("n_samples", best, AXES["mixing"].attrs))
    near, far = int(np.argmin(np.abs(sizes - d))), len(sizes) - 1
    gained = percent(1.0 - designs[far].value / alone[far])

    def plot(ax: Axes) -> None:
        charts.risk_by_samples(results, ax, directions=d)

    return Figure(
        title=f"{study.title}: double descent",
        results=results,
        what=(
            "Excess risk on new inputs of a student without penalty that interpolates its labels, over the number of "
            "samples: true labels, soft labels of a ridge teacher alone, and the mixture of least risk at every size. "
            f"The vertical line stands at {d} samples, as many as directions; there the first curve has no bound."
        ),
        finding=(
            f"At {sizes[near]} samples soft labels alone leave a risk of {number(soft[near])}, true labels one without "
            f"bound; at {sizes[far]} the best mixture is {number(best[far])} and gains {gained}."
        ),
        why=(
            "An interpolating student of soft labels alone repeats its teacher on the training inputs, and with it the "
            "penalty that it does not have; of true labels it repeats the noise, which on new inputs grows like "
            "1/(1 − γ), without bound where samples are as many as directions. Away from there a mixture beats both "
            "(docs/theory.md §10.3)."
        ),
        settings=_settings(study, f"teacher's penalty λ_T = {number(case.teacher.penalty)}, student's penalty 0"),  # type: ignore[union-attr]
        source=(
            "The peak is that of Hastie, Montanari, Rosset and Tibshirani (2022); the student's risk is derived in "
            "docs/theory.md §10.3."
        ),
        plot=plot,
    )


def fixed_and_unseen(study: Study, resolution: Resolution) -> Figure:
    """Return what the same design risks at its training inputs and on new ones."""
    case, sizes = study.case, _sizes(study, resolution)
    d, shared = case.problem.n_features, case.problem.population
    if shared is None or case.problem.truth is None:
        raise AssertionError("a study of drawn inputs")
    s, signal = shared.axes.eigenvalues, case.problem.truth.power(shared.axes)
    given = [
        case.replace(problem=Problem.from_spectrum(n * s, signal, n_samples=n, label_noise=case.problem.label_noise))
        for n in sizes.tolist()
    ]
    at_inputs = np.array([design.excess_risk().student for design in given])
    unseen = _risks(case, sizes)
    results = _over_samples(sizes, {"new inputs": unseen, "training inputs": at_inputs}, study)
    ratio = unseen / at_inputs
    worst, many = int(np.argmax(ratio)), len(sizes) - 1

    def plot(ax: Axes) -> None:
        charts.risk_by_samples(results, ax, directions=d)

    return Figure(
        title=f"{study.title}: training and new inputs",
        results=results,
        what=(
            "Excess risk of one ridge student of soft and true labels over the number of samples: at inputs whose Gram "
            "matrix is nΣ exactly, and on new inputs on average over drawn ones. The vertical line stands at "
            f"{d} samples, as many as directions."
        ),
        finding=(
            f"Fixed inputs flatter most at {sizes[worst]} samples, where new ones are {number(ratio[worst])} times as "
            f"risky; at {sizes[many]} they still are {number(ratio[many])} times."
        ),
        why=(
            "Given inputs whose Gram matrix is nΣ shrink every direction by the penalty alone. Drawn ones show n "
            "directions at most: what they miss acts as a larger penalty κ, and what they fit by chance as noise that "
            "grows like 1/(1 − γ) (docs/theory.md §10.1)."
        ),
        settings=_settings(study, _penalties(case)),
        source="The effective penalty is that of Bach (2023); both risks are derived in docs/theory.md §5.7 and §10.3.",
        plot=plot,
    )


def weak_teacher(study: Study, resolution: Resolution) -> Figure:
    """Return where a student that sees more beats a teacher that sees little."""
    d = study.case.problem.n_features
    case = study.case.replace(
        teacher=Ridge(LENIENT, temperature=0.0),
        teacher_bottleneck=Selected(tuple(range(SEEN))),
        bottleneck=Selected(tuple(range(d))),
    )
    results = case.sweep(
        student_rank=range(d + 1),
        mixing=np.linspace(*SHARES, resolution.shares),
        quantities=("student_excess_risk", "teacher_excess_risk"),
    )
    ratio = results["student_excess_risk"] / results["teacher_excess_risk"]
    best = ratio.isel(ratio.argmin(...))
    pure = ratio.sel(mixing=1.0, method="nearest")
    won = float((ratio < 1.0).mean())

    def plot(ax: Axes) -> None:
        charts.student_beats_teacher(results, ax)

    return Figure(
        title=f"{study.title}: strong student, weak teacher",
        results=results,
        what=(
            "Excess risk on new inputs of a ridge student as a multiple of its teacher's, over how many of the "
            f"population's directions the student sees and its share of soft labels. The teacher sees {SEEN} of {d} "
            "directions of the same rows and hardly shrinks; the heavy line parts who wins."
        ),
        finding=(
            f"The student wins on {percent(won)} of the map; best is {number(float(best))} times the teacher's risk, "
            f"at rank {int(best['student_rank'])} and ξ = {number(float(best['mixing']))}. Soft labels alone reach "
            f"{number(float(pure.min()))} times."
        ),
        why=(
            "What a teacher never saw no student of its labels alone recovers; that gains only by shrinking more than "
            "its teacher did. With true labels mixed in the student learns the directions that are hidden from the "
            "teacher, and on the same rows these are no independent noise (docs/theory.md §10.3)."
        ),
        settings=_settings(study, _penalties(case)),
        source="Both risks are deterministic equivalents, derived in docs/theory.md §10.3.",
        plot=plot,
    )


def collapse(study: Study, resolution: Resolution) -> Figure:
    """Return excess risks of rounds on new inputs, by how many of the labels stay true."""
    case = study.case.replace(teacher_penalty=study.penalty, student_penalty=study.penalty, temperature=1.0)
    mixings = [1.0 - share for share in TRUE_SHARES]
    chain = Chain(case, ROUNDS, fresh="inputs")
    swept = chain.sweep(mixing=mixings)
    settled = [Chain(case.replace(mixing=mixing), 1, fresh="inputs").stationary_excess_risk() for mixing in mixings]
    kept = Chain(case.replace(mixing=1.0), ROUNDS, fresh="inputs", accumulate=True).sweep()["excess_risk"]
    best = Chain(case, 1, fresh="inputs").best_stationary_mixing()
    results = xr.Dataset(
        {
            "excess_risk": swept["excess_risk"],
            "limit_excess_risk": ("mixing", settled, swept["excess_risk"].attrs),
            "least_excess_risk": ("round", kept.to_numpy(), swept["excess_risk"].attrs),
        },
        attrs=swept.attrs,
    )
    alone = case.excess_risk().teacher
    last = swept["excess_risk"].isel(round=-1)

    def plot(ax: Axes) -> None:
        charts.repeated_distillation(results, ax, least_name="all data kept")

    return Figure(
        title=f"{study.title}: rounds on labels of their own",
        results=results,
        what=(
            "Excess risk on new inputs of students that teach one another, by round: every round draws as many new "
            "inputs, and a share ξ of its labels is the last student's. Dashed lines, where infinitely many rounds "
            "lead; dots, soft labels alone where every round is trained on the data of all rounds so far."
        ),
        finding=(
            f"Of soft labels alone round {ROUNDS} has {number(float(last.sel(mixing=1.0)) / alone)} times the first "
            f"teacher's risk, with all data kept {number(float(kept[-1]) / alone)} times; a share of true labels of "
            f"{number(1.0 - best.mixing)} is best for ever, at {number(best.value / alone)} times."
        ),
        why=(
            "Without true labels every round shrinks what the last one knew and adds noise of its own: the model "
            "forgets, and ends with nothing. A share of fresh true labels keeps the signal and lets soft labels carry "
            "what earlier rounds have seen; so do the data of all rounds (docs/theory.md §10.4–10.6)."
        ),
        settings=_settings(study, f"{_penalties(case)}, soft-label temperature τ = 1"),
        source=(
            "Collapse is that of Dohmatob, Feng and Kempe (2024), fresh labels as its cure that of Garg, Bhattacharya "
            "and Sur (2025); the risks here are derived in docs/theory.md §10.4–10.6."
        ),
        plot=plot,
    )


def _sizes(study: Study, resolution: Resolution) -> Array:
    """Return numbers of samples, as many as directions among them, and none so near that equivalents fail."""
    d = study.case.problem.n_features
    spread = np.unique(np.geomspace(*SIZES, resolution.sizes).astype(np.int64))
    return np.unique(np.append(spread[np.abs(spread - d) > NEAR * d], d))


def _risks(case: Distillation, sizes: Array) -> Array:
    swept = case.sweep(n_samples=sizes.tolist(), quantities=["student_excess_risk"])
    return np.asarray(swept["student_excess_risk"].to_numpy())


def _over_samples(sizes: Array, risks: Mapping[str, Array], study: Study) -> xr.Dataset:
    """Return curves side by side."""
    swept = study.case.sweep(n_samples=sizes.tolist(), quantities=["student_excess_risk"])
    told = {"long_name": "excess risk", "units": swept["student_excess_risk"].attrs["units"]}
    return xr.Dataset(
        {"excess_risk": (("learner", "n_samples"), np.array(list(risks.values())), told)},
        coords={"n_samples": swept["n_samples"], "learner": list(risks)},
        attrs=swept.attrs,
    )


def _penalties(case: Distillation) -> str:
    sides = (("teacher", "T", case.teacher), ("student", "S", case.student))
    told = [f"{role}'s penalty λ_{letter} = {number(side.penalty)}" for role, letter, side in sides]  # type: ignore[union-attr]
    return ", ".join(told)


def _settings(study: Study, told: str) -> str:
    noise = f"label noise ν = {number(study.case.problem.label_noise)} (standard deviation, known)"
    return f"Data: {study.subject}. Settings: {told}, deterministic learners, {noise}. {AVERAGED}"
