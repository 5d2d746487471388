"""What captions of drawn inputs must say: words with holes, and numbers from one design at a time or from the table."""

import warnings

import numpy as np
from scipy.optimize import minimize_scalar

import lingauss as lg
from lingauss.errors import EquivalentWarning

S, SIGNAL = np.arange(1, 121.0) ** -1.1, np.arange(1, 121.0) ** -0.4 / 20
COLD, LENIENT = lg.Ridge(0.0, temperature=0.0), lg.Ridge(0.01, temperature=0.0)
SHRINKING = lg.Ridge(0.3, temperature=0.0)


def design(n=200, **settings):
    """The study's design on its population of powers, built from its numbers."""
    problem = lg.Problem.from_population(S, SIGNAL, n_samples=int(n), label_noise=0.5)
    told = {"teacher": lg.Ridge(1.0, temperature=0.0), "student": SHRINKING, "temperature": 0.0, "mixing": 0.5}
    return lg.Distillation(problem, **told | settings)


def at_inputs(n):
    """The same design at inputs whose Gram matrix is nΣ."""
    return design().replace(problem=lg.Problem.from_spectrum(n * S, SIGNAL, n_samples=int(n), label_noise=0.5))


def weak(**settings):
    """A teacher of fifteen directions beside a student of some."""
    return design(
        teacher=LENIENT, teacher_bottleneck=lg.Selected(range(15)), bottleneck=lg.Selected(range(120))
    ).replace(**settings)


def rounds(number, **settings):
    """So many rounds on new inputs of learners alike."""
    told = {"teacher": SHRINKING, "student": SHRINKING, "temperature": 1.0}
    mixing, chain = settings.pop("mixing"), settings
    return lg.Chain(design(**told, mixing=mixing), number, fresh="inputs", **chain)


def student(case):
    """A student's excess risk, near the interpolation peak too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquivalentWarning)
        return case.excess_risk().student


def interpolating(n, mixing):
    """The risk of a student without penalty."""
    return student(design(n, student=COLD, mixing=mixing))


def best_mixture(n):
    """The share ξ of least risk and that risk, the vertex of a parabola through three designs."""
    none, soft, double = (interpolating(n, mixing) for mixing in (0.0, 1.0, 2.0))
    if np.isinf(none):  # as many samples as directions: true labels in any share have no bound
        return 1.0, soft
    curvature = none - 2 * soft + double
    slope = soft - none - 0.5 * curvature
    return -slope / curvature, none - 0.5 * slope**2 / curvature


def double_descent(study, f):
    last = f["n_samples"].max()
    mixing, least = best_mixture(last)
    assert 120 in set(f["n_samples"])
    assert interpolating(120, 0.0) == np.inf
    return {
        "title": ("double descent", {}),
        "what": (
            "Excess risk on new inputs of a student without penalty that interpolates its labels, over the number of "
            "samples: true labels, soft labels of a ridge teacher alone, and the mixture of least risk at every size. "
            "The vertical line stands at {d:d} samples, as many as directions; there the first curve has no bound.",
            {"d": 120},
        ),
        "finding": (
            "At {n:d} samples soft labels alone leave a risk of {soft:n}, true labels one without bound; at {last:d} "
            "the best mixture is {xi:n} and gains {gain:p} %.",
            {"n": 120, "soft": interpolating(120, 1.0), "last": last, "xi": mixing}
            | {"gain": 1.0 - least / interpolating(last, 0.0)},
        ),
        "why": (
            "An interpolating student of soft labels alone repeats its teacher on the training inputs, and with it the "
            "penalty that it does not have; of true labels it repeats the noise, which on new inputs grows like "
            "1/(1 − γ), without bound where samples are as many as directions. Away from there a mixture beats both "
            "(docs/theory.md §10.3).",
            {},
        ),
        "source": (
            "The peak is that of Hastie, Montanari, Rosset and Tibshirani (2022); the student's risk is derived in "
            "docs/theory.md §10.3.",
            {},
        ),
    }


def fixed_and_new(study, f):
    sizes = sorted({*f["n_samples"]})
    ratio = np.array([student(design(n)) / student(at_inputs(n)) for n in sizes])
    worst = int(np.argmax(ratio))
    return {
        "title": ("training and new inputs", {}),
        "what": (
            "Excess risk of one ridge student of soft and true labels over the number of samples: at inputs whose Gram "
            "matrix is nΣ exactly, and on new inputs on average over drawn ones. The vertical line stands at {d:d} "
            "samples, as many as directions.",
            {"d": 120},
        ),
        "finding": (
            "Fixed inputs flatter most at {n:d} samples, where new ones are {most:n} times as risky; at {last:d} they "
            "still are {end:n} times.",
            {"n": sizes[worst], "most": ratio[worst], "last": sizes[-1], "end": ratio[-1]},
        ),
        "why": (
            "Given inputs whose Gram matrix is nΣ shrink every direction by the penalty alone. Drawn ones show n "
            "directions at most: what they miss acts as a larger penalty κ, and what they fit by chance as noise that "
            "grows like 1/(1 − γ) (docs/theory.md §10.1).",
            {},
        ),
        "source": (
            "The effective penalty is that of Bach (2023); both risks are derived in docs/theory.md §5.7 and §10.3.",
            {},
        ),
    }


def weak_teacher(study, f):
    ratio = f["student_excess_risk"] / f["teacher_excess_risk"]
    best = f.loc[ratio.idxmin()]
    pure = f["mixing"] == min(f["mixing"], key=lambda share: abs(share - 1.0))
    return {
        "title": ("strong student, weak teacher", {}),
        "what": (
            "Excess risk on new inputs of a ridge student as a multiple of its teacher's, over how many of the "
            "population's directions the student sees and its share of soft labels. The teacher sees {seen:d} of {d:d} "
            "directions of the same rows and hardly shrinks; the heavy line parts who wins.",
            {"seen": 15, "d": 120},
        ),
        "finding": (
            "The student wins on {won:p} % of the map; best is {best:n} times the teacher's risk, at rank {rank:d} and "
            "ξ = {xi:n}. Soft labels alone reach {pure:n} times.",
            {"won": (ratio < 1).mean(), "best": ratio.min(), "rank": best["student_rank"], "xi": best["mixing"]}
            | {"pure": ratio[pure].min()},
        ),
        "why": (
            "What a teacher never saw no student of its labels alone recovers; that gains only by shrinking more than "
            "its teacher did. With true labels mixed in the student learns the directions that are hidden from the "
            "teacher, and on the same rows these are no independent noise (docs/theory.md §10.3).",
            {},
        ),
        "source": ("Both risks are deterministic equivalents, derived in docs/theory.md §10.3.", {}),
    }


def collapse(study, f):
    alone = design(teacher=SHRINKING).excess_risk().teacher
    best = minimize_scalar(
        lambda mixing: rounds(1, mixing=mixing).stationary_excess_risk(),
        bounds=(0.0, 0.9), method="bounded", options={"xatol": 1e-10},
    )  # fmt: skip
    soft, kept = (
        float(rounds(12, mixing=1.0, **pool).sweep()["excess_risk"][-1]) for pool in ({}, {"accumulate": True})
    )
    return {
        "title": ("rounds on labels of their own", {}),
        "what": (
            "Excess risk on new inputs of students that teach one another, by round: every round draws as many new "
            "inputs, and a share ξ of its labels is the last student's. Dashed lines, where infinitely many rounds "
            "lead; dots, soft labels alone where every round is trained on the data of all rounds so far.",
            {},
        ),
        "finding": (
            "Of soft labels alone round {r:d} has {soft:n} times the first teacher's risk, with all data kept {kept:n} "
            "times; a share of true labels of {share:n} is best for ever, at {least:n} times.",
            {"r": 12, "soft": soft / alone, "kept": kept / alone, "share": 1 - best.x, "least": best.fun / alone},
        ),
        "why": (
            "Without true labels every round shrinks what the last one knew and adds noise of its own: the model "
            "forgets, and ends with nothing. A share of fresh true labels keeps the signal and lets soft labels carry "
            "what earlier rounds have seen; so do the data of all rounds (docs/theory.md §10.4–10.6).",
            {},
        ),
        "source": (
            "Collapse is that of Dohmatob, Feng and Kempe (2024), fresh labels as its cure that of Garg, Bhattacharya "
            "and Sur (2025); the risks here are derived in docs/theory.md §10.4–10.6.",
            {},
        ),
    }
