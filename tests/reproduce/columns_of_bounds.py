"""Columns of bounds and of the paper's ledger in the case study's tables, found again one design at a time."""

import numpy as np
from reproduce.columns import at, by_row, costs
from reproduce.small_studies import EIGENVALUES, SIGNAL, known
from reproduce.told_paper import AXES

import lingauss as lg

PROCESS = ("total", "exact", "bias", "variance", "rank_bottleneck", "training")


def bounds_and_truth(study, f, along="temperature"):
    case = study.case.replace(rank=sorted(study.ranks)[2], draws=8)
    return by_row(f, lambda row: bound(at(case, row, along), row.bound))


def bound(case, name):
    """A bound, what it bounds, and how far the student is from where the sharpness-aware one is the tighter.

    The student's gap is that of its weights, with the spread of what it does not learn; at the training inputs that
    changes nothing on average.
    """
    one, gaps, sharp = case.bounds()[name], case.gaps(), case.sharpness()
    weights = {bound.exact_gap for bound in case.bounds() if bound.learner == "student"}
    exact = {"student": min(weights), "teacher": gaps.teacher}
    assert len(weights) == 1
    if case.problem.test_covariance is None:
        np.testing.assert_allclose(exact["student"], gaps.student, rtol=1e-12)
    width, g, h = case.bounds()["Chernoff upper"].value - gaps.teacher, sharp.gradient, sharp.curvature
    return {
        "value": one.value,
        "slack": (one.value - exact[one.learner]) * (1.0 if one.side == "upper" else -1.0),
        "holds": one.holds,
        "side": one.side,
        "learner": one.learner,
        "divergence": case.divergence().total,
        "teacher_gap": gaps.teacher,
        "student_gap": exact["student"],
        "steepness": g,
        "distance": sharp.distance,
        "radius": 2.0 * width / (g + np.sqrt(g**2 + 2.0 * h * width)),
    }


def process(study, f, along):
    def values(row):
        case = at(study.case, row, AXES[along])
        ledger = case.process_ledger()
        return costs(case) | {f"process_{part}": getattr(ledger, part) for part in PROCESS}

    return by_row(f, values)


def tightness(study, f, along):
    if along != "penalty":
        return by_row(f, lambda row: bound(at(study.case, row, "penalty", AXES[along]), row.bound))
    # Test inputs that vary 2 % more, in a problem built from its spectrum.
    cov = np.diag(1.02 * EIGENVALUES / 60)
    wider = lg.Problem.from_spectrum(EIGENVALUES, SIGNAL, n_samples=60, label_noise=0.4, outputs=2, test_cov=cov)
    assert study.case.problem.eigenbasis.eigenvalues.tolist() == known().eigenbasis.eigenvalues.tolist()
    return by_row(f, lambda row: bound(at(study.case.replace(problem=wider), row, "penalty"), row.bound))
