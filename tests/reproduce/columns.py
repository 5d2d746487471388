"""Columns of costs and risks of the case study's tables, found again one design at a time.

A function per chart takes its study and the table with only the axes known; it returns the other columns for all rows,
or for some of many. Optima are those of the table's own rows, laws those of a limit.
"""

import numpy as np
import pandas as pd
from reproduce.small_studies import EIGENVALUES, SIGNAL
from reproduce.told_risks import tuned

import lingauss as lg

COSTS = ("bias", "variance", "rank_bottleneck")
MOST = 150  # rows of a table that are looked up


def by_row(f, values, most=None):
    """What a function of a row gives, for every row or evenly chosen ones."""
    some = f.iloc[:: -(-len(f) // (most or MOST))]
    return pd.DataFrame([values(row) for row in some.itertuples()], index=some.index)


def costs(case):
    ledger = case.divergence()
    return {"divergence": ledger.total, **{name: getattr(ledger, name) for name in COSTS}}


def own_risk(case):
    return {"student_excess_risk": case.excess_risk().student, "teacher_excess_risk": case.excess_risk().teacher}


def alone(problem, penalty):
    """Ridge distilled into itself, both predicting with their means."""
    ridge = lg.Ridge(penalty, temperature=0.0)
    return lg.Distillation(problem, ridge, ridge, temperature=0.0)


def at(case, row, *axes, **settings):
    """A design at a row's axes."""
    told = {axis: getattr(row, axis) for axis in axes}
    whole = {axis: int(told[axis]) for axis in told.keys() & {"student_rank", "n_samples"}}
    return case.replace(**settings, **told | whole)


def least(f, axis, over, quantity):
    """The setting of one axis at which a column is least, by the value of another."""
    return f[over].map(f.loc[f.groupby(over)[quantity].idxmin()].set_index(over)[axis])


def change(f, axis, place, over, quantity):
    """By which share the least of a column is below what it is at a place of an axis, by the value of another."""
    start = f.loc[(f[axis] - place).abs().groupby(f[over]).idxmin()].set_index(over)[quantity]
    return f[over].map(f.groupby(over)[quantity].min() / start - 1.0)


def ledger_by_rank(study, f):
    return by_row(f, lambda row: costs(at(study.case, row, "student_rank")))


def rank_noise_map(study, f):
    found = by_row(f, lambda row: costs(at(study.case, row, "student_rank", "label_noise")))[["divergence"]]
    return found.assign(best_rank=least(f, "student_rank", "label_noise", "divergence"))


def dominance_map(study, f):
    found = by_row(f, lambda row: costs(at(study.case, row, "student_rank", "temperature", draws=8)))
    return found.assign(best_rank=least(f, "student_rank", "temperature", "divergence"))


def temperature_curves(study, f):
    found = by_row(f, lambda row: costs(at(study.case, row, "student_rank", "temperature", draws=8)))[["divergence"]]
    return found.assign(
        best_temperature=least(f, "temperature", "student_rank", "divergence"),
        gain=change(f, "temperature", 0.1, "student_rank", "divergence"),
    )


def mixing_curves(study, f):
    case = study.case.replace(draws=8, temperature=5.0)
    found = by_row(f, lambda row: costs(at(case, row, "student_rank", "mixing")))[["divergence"]]
    return found.assign(
        best_mixing=least(f, "mixing", "student_rank", "divergence"),
        gain=change(f, "mixing", 1.0, "student_rank", "divergence"),
    )


def student_beats_teacher(study, f):
    """The best share lies on a finer grid than the table's: the vertex of a parabola through three designs."""
    vertex = {0: np.nan}  # a student that keeps nothing has no best share
    for rank in range(1, study.full_rank + 1):
        none, soft, double = (
            study.case.replace(rank=rank, mixing=mixing).excess_risk().student for mixing in (0.0, 1.0, 2.0)
        )
        curvature = none - 2 * soft + double
        vertex[rank] = float(np.clip(0.5 - (soft - none) / curvature, -1.0, 2.0))
    found = by_row(f, lambda row: own_risk(at(study.case, row, "student_rank", "mixing")))
    return found.assign(best_mixing=f["student_rank"].map(vertex))


def pareto_front(study, f):
    case = study.case.replace(draws=8, temperature=5.0)

    def values(row):
        here = at(case, row, "student_rank", "mixing")
        return {"divergence": here.divergence().total, "student_excess_risk": here.excess_risk().student}

    aims = f[["divergence", "student_excess_risk"]].to_numpy()
    beaten = [np.any(np.all(aims <= row, axis=1) & np.any(aims < row, axis=1)) for row in aims]
    return by_row(f, values).assign(front=pd.Series(~np.array(beaten), f.index))


def self_distillation(study, f):
    def values(row):
        risk = alone(study.case.problem, row.penalty).replace(mixing=row.mixing).excess_risk().student
        return {"student_excess_risk": risk, "relative_risk": 100.0 * (risk / tuned(study.case.problem)[1] - 1.0)}

    return by_row(f, values).assign(
        best_mixing=least(f, "mixing", "penalty", "student_excess_risk"),
        gain=change(f, "mixing", 0.0, "penalty", "student_excess_risk"),
    )


def lossless_valley(study, f):
    """Both learners of the family at a share ξ of soft labels: τ = (1 − ξ)/ξ, τ_S = 1 − ξ and λ_S = (1 − ξ)λ_T."""

    def values(row):
        left = 1.0 - row.mixing
        student = lg.Ridge(row.student_penalty, temperature=left)
        case = lg.Distillation(study.case.problem, lg.Ridge(6.0), student, temperature=left / row.mixing)
        return {"divergence": case.replace(mixing=row.mixing).divergence().total, "family": left * 6.0}

    return by_row(f, values)


def ledger_by_direction(study, f):
    """The costs of a direction are those of a problem that has no other."""
    penalty, rank = tuned(study.case.problem)[0], sorted(study.ranks)[2]

    def values(row):
        eigenvalue, signal = EIGENVALUES[row.direction - 1], SIGNAL[row.direction - 1]
        problem = lg.Problem.from_spectrum([eigenvalue], [signal], n_samples=60, label_noise=0.4, outputs=2)
        kept = study.case.replace(problem=problem, bottleneck=lg.Principal(1))
        seen = kept if row.direction <= rank else kept.replace(rank=0)
        retained, discarded = kept.divergence().total, kept.replace(rank=0).divergence().total
        return own_risk(seen) | {
            "kept": row.direction <= rank,
            "eigenvalue": eigenvalue,
            "retained_cost": retained,
            "discarded_cost": discarded,
            "worth_keeping": retained < discarded,
            "student_beats_teacher": seen.excess_risk().student < seen.excess_risk().teacher,
            "hard_labels_excess_risk": seen.replace(mixing=0.0).excess_risk().student,
            "mean_teacher_excess_risk": kept.replace(teacher_temperature=0.0).excess_risk().teacher,
            "tuned_teacher_excess_risk": alone(problem, penalty).excess_risk().teacher,
        }

    return by_row(f, values)


def sample_size_scaling(study, f):
    """Laws of large samples are the costs of ten million times as many, moved back by their powers of n."""
    case, far = study.case.replace(rank=sorted(study.ranks)[2]), 60 * 10**7
    limit = costs(case.replace(n_samples=far))

    def values(row):
        grown = row.n_samples / far
        every = [case.replace(rank=rank, n_samples=int(row.n_samples)) for rank in range(study.full_rank + 1)]
        return costs(at(case, row, "n_samples")) | {
            "bias_law": limit["bias"] / grown,
            "variance_law": limit["variance"],
            "rank_bottleneck_law": limit["rank_bottleneck"] * grown,
            "best_rank": int(np.argmin([one.divergence().total for one in every])),
        }

    return by_row(f, values)


def theory_and_simulation(study, f):
    def values(row):
        case = at(study.case, row, "student_rank")
        simulation = case.simulate(2700, row.Index)
        told = {name: value for name, value in costs(case).items() if name != "divergence"}
        for name in COSTS:
            told[f"{name}_simulated"], told[f"{name}_standard_error"] = simulation[name]
        return told

    return by_row(f, values)
