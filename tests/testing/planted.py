"""Claims that are false, each by one mistake that people make, and what a search must not refute."""

from math import erf, exp, pi, sqrt

import numpy as np

from lingauss.testing import assume, at_most, distillations, equal
from lingauss.testing.laws import student_gap

AVERAGED = ("averaged",)
FIXED = distillations(modes=AVERAGED)
MOVED = distillations(modes=AVERAGED, test_cov=True)
SCALAR = distillations(features=1, outputs=1, modes=AVERAGED, test_cov=True)
DISCARDING = distillations(modes=AVERAGED, spectral=True)


def half_width(proxy, case):
    """What a variance proxy allows the student's gap to differ from the teacher's."""
    return sqrt(2.0 * proxy * case.divergence().total)


def moved(case):
    return abs(student_gap(case) - case.gaps().teacher)


def degrees_of_freedom(case):
    return float(np.sum(case.problem.gram * case.teacher_channel.A.T))


def sign(case):
    """The upper bound with a minus."""
    return at_most(student_gap(case), case.gaps().teacher - half_width(case.variance_proxy(), case))


def factor_two(case):
    """Efron's optimism without its 2."""
    problem = case.problem
    optimism = problem.label_noise**2 * problem.outputs / problem.n_samples * degrees_of_freedom(case)
    return equal(optimism, case.gaps().teacher)


def missing_term(case):
    """The divergence without what follows the label noise."""
    cells = case.divergence().cells
    return equal(cells[:, 0].sum() + cells[:, 2].sum(), case.divergence().total)


def direction(case):
    """The divergence of the teacher from the student for that of the student from the teacher."""
    return equal(case.reverse_divergence().total, case.divergence().total)


def linear_for_root(case):
    """2σ²K_n where it should be the root of it."""
    return at_most(moved(case), 2.0 * case.variance_proxy() * case.divergence().total)


def hoeffding_as_if_independent(case):
    """M²/(4n) as variance proxy of a loss clipped at M, as if the weights were independent of the data."""
    student, teacher = (clipped_gap(case.problem, law, 1.0) for law in (case.student_channel, case.teacher_channel))
    return at_most(abs(student - teacher), half_width(1.0 / (4 * case.problem.n_samples), case))


def noise_for_its_square(case):
    """ν instead of ν² in the teacher's gap."""
    problem = case.problem
    optimism = 2.0 * problem.label_noise * problem.outputs / problem.n_samples * degrees_of_freedom(case)
    return equal(optimism, case.gaps().teacher)


def variance_as_proxy(case):
    """Var(gap) as σ² under another test covariance, where the gap is not sub-Gaussian (docs/theory.md §7.4)."""
    return at_most(student_gap(case), case.gaps().teacher + half_width(case.gap_cumulants.variance, case))


def convex_in_mixing(case):
    """K_n at the middle of two mixings is at most the mean of both ends (docs/theory.md §5.1)."""
    low, middle, high = (case.replace(mixing=mixing).divergence().total for mixing in (-case.mixing, 0.0, case.mixing))
    return at_most(middle, (low + high) / 2.0)


def deviation_for_variance(case):
    """The floor taken for a standard deviation."""
    assume(case.rank < case.problem.n_features)
    return equal(case.replace(floor=case.resolved_floor**2).divergence().total, case.divergence().total)


def one_output(case):
    """The number of outputs forgotten in the spread."""
    costs = case.divergence().cells[:, 2]
    alone = case.replace(problem=case.problem.with_truth(case.problem.truth.mean[:1])).divergence().cells[:, 2]
    return equal(costs.sum(), alone.sum())


def more_rank_is_closer(case):
    """Directions added to what the student sees never cost anything."""
    totals = [case.replace(rank=rank, bottleneck=None).divergence().total for rank in (0, case.problem.n_features)]
    return at_most(totals[1], totals[0])


def predictions_tell_more(case):
    """Data processing, the wrong way round."""
    return at_most(case.divergence().total, case.prediction_divergence().total)


# A claim, and what it is about.
FALSE_CLAIMS = {
    sign: FIXED,
    factor_two: FIXED,
    missing_term: FIXED,
    direction: FIXED,
    linear_for_root: FIXED,
    hoeffding_as_if_independent: SCALAR,
    noise_for_its_square: FIXED,
    variance_as_proxy: MOVED,
    convex_in_mixing: FIXED,
    deviation_for_variance: DISCARDING,
    one_output: FIXED,
    more_rank_is_closer: FIXED,
    predictions_tell_more: FIXED,
}


def own_bounds(case):
    """Every bound of the library whose hypothesis holds is on its side of the exact gap."""
    table = case.bounds()
    size = max(abs(bound.exact_gap) for bound in table)
    slacks = []
    for bound in table:
        if bound.holds:
            sides = (bound.value, bound.exact_gap)
            compare = equal if bound.side == "equal" else at_most
            slacks.append(compare(*(sides if bound.side == "lower" else reversed(sides)), scale=size))
    return min(slacks, key=lambda slack: -slack.tightness)


def own_laws(case):
    """Parts are never negative, predictions are never further apart than weights, labels never beyond their bound."""
    ledger, label = case.divergence(), case.label_divergence()
    return min(
        at_most(0.0, ledger.cells.min()),
        at_most(case.prediction_divergence().total, ledger.total),
        at_most(ledger.rank_irreducible, ledger.rank_bottleneck),
        at_most(label.exact, label.bound),
    )


def clipped_gap(problem, channel, cap):
    """Exact expected gap of min(loss, cap), for one feature and output, test inputs ±√Σ_x and equal training inputs."""
    gram, n, noise = problem.gram.item(), problem.n_samples, problem.label_noise**2
    gain, spread = channel.A.item(), channel.cov.item()
    shrinkage, variance = problem.truth.mean.item() * (1.0 - gain * gram), gain**2 * noise * gram + spread
    seen, unseen = gram / n, problem.test_covariance.matrix.item()
    test = clipped_square(sqrt(unseen) * shrinkage, noise + unseen * variance, cap)
    training = clipped_square(sqrt(seen) * shrinkage, noise + seen * variance - 2.0 * seen * gain * noise, cap)
    return test - training


def clipped_square(mean, variance, cap):
    """E min(r², cap) of a Gaussian r."""
    deviation = sqrt(variance)
    low, high = (-sqrt(cap) - mean) / deviation, (sqrt(cap) - mean) / deviation
    inside = 0.5 * (erf(high / sqrt(2.0)) - erf(low / sqrt(2.0)))
    at_low, at_high = (exp(-(z**2) / 2.0) / sqrt(2.0 * pi) for z in (low, high))
    second = (mean**2 + variance) * inside + variance * (low * at_low - high * at_high)
    return second + 2.0 * mean * deviation * (at_low - at_high) + cap * (1.0 - inside)
