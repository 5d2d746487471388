"""Columns of rounds and of drawn inputs in the case study's tables, found again.

Rounds on given inputs are a recursion in every direction, their best shares a least-squares problem; what is averaged
over drawn inputs is that of one design or one chain at a time.
"""

from functools import cache

import numpy as np
from reproduce import told_drawn as unseen
from reproduce.columns import at, by_row, least, own_risk
from reproduce.small_studies import EIGENVALUES, SIGNAL
from reproduce.told_risks import tuned


def repeated_distillation(study, f):
    """a ← f (ξ a + 1 − ξ) in every direction, a = f to begin with; the best shares are a least-squares problem."""
    keep = EIGENVALUES / (EIGENVALUES + 0.1 * tuned(study.case.problem)[0])
    seen = EIGENVALUES > 0.0

    def risk(kept):
        return np.sum((1.0 - kept) ** 2 * EIGENVALUES * SIGNAL + 2 * 0.4**2 * kept**2 * seen)  # two outputs

    def rounds(mixing, number):
        kept = keep
        for _ in range(number):
            kept = keep * (mixing * kept + 1.0 - mixing)
        return risk(kept) / risk(keep)

    def least_risk(number):
        """Of a = f + f (f − 1) r(f) in every direction, r any polynomial of one degree less than there are rounds."""
        twice, roots = np.tile(keep, 2), np.concatenate([np.sqrt(EIGENVALUES * SIGNAL), np.sqrt(2 * 0.4**2) * seen])
        system, column = np.empty((len(twice), 0)), roots * twice * (twice - 1.0)
        for _ in range(min(number, sum(seen))):  # orthogonal columns: powers of f are hardly independent
            for _ in range(2):
                column = column - system @ (system.T @ column)
            system = np.column_stack([system, column / np.linalg.norm(column)])
            column = twice * system[:, -1]
        target = roots * np.concatenate([1.0 - keep, -keep])
        return float(np.sum((target - system @ (system.T @ target)) ** 2) / risk(keep))

    # Later rounds of this problem differ by less than mixings of float64 can tell apart; they are bounded elsewhere.
    known = {number: least_risk(number) if number <= 5 else None for number in set(f["round"])}

    def values(row):
        limit = keep * (1.0 - row.mixing) / (1.0 - row.mixing * keep)
        return {
            "relative_risk": rounds(row.mixing, row.round),
            "limit_relative_risk": risk(limit) / risk(keep),
            "least_relative_risk": known[row.round],
        }

    found = by_row(f, values).assign(best_round=least(f, "round", "mixing", "relative_risk"))
    shares = found["least_relative_risk"]
    return found.assign(least_relative_risk=shares.astype(object).where(shares.notna(), None))


def double_descent(study, f):
    def values(row):
        mixing, least_risk = unseen.best_mixture(row.n_samples)
        risk = {
            "true labels": lambda: unseen.interpolating(row.n_samples, 0.0),
            "soft labels": lambda: unseen.interpolating(row.n_samples, 1.0),
            "best mixture": lambda: least_risk,
        }
        return {"excess_risk": risk[row.learner](), "best_mixing": mixing}

    return by_row(f, values)


def fixed_and_new(study, f):
    made = {"new inputs": unseen.design, "training inputs": unseen.at_inputs}
    return by_row(f, lambda row: {"excess_risk": unseen.student(made[row.learner](row.n_samples))})


def weak_teacher(study, f):
    return by_row(f, lambda row: own_risk(at(unseen.weak(), row, "student_rank", "mixing")))


def collapse(study, f):
    """Rounds are those of a chain that ends there, at one share; with few soft labels forty settle."""

    @cache
    def last(number, **settings):
        return float(unseen.rounds(number, **settings).sweep(quantities=["excess_risk"])["excess_risk"][-1])

    def settled(mixing):
        return last(40, mixing=mixing) if mixing < 0.5 else unseen.rounds(1, mixing=mixing).stationary_excess_risk()

    return by_row(
        f,
        lambda row: {
            "excess_risk": last(row.round, mixing=row.mixing),
            "limit_excess_risk": settled(row.mixing),
            "least_excess_risk": last(row.round, mixing=1.0, accumulate=True),
        },
    )
