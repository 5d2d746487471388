"""What a caption says is so: its words are these, its numbers those of the table beside it or of the design itself.

Every number is read back from the sentence and found again without the code that wrote it: from the CSV with pandas,
from one design at a time, from a quadratic in ξ, from a scalar minimisation over the penalty.
"""

import itertools
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reproduce.sentences import listed, says
from reproduce.small_studies import SMALL, STUDIES, figure, frame, study
from scipy.optimize import minimize_scalar
from scipy.stats import binom, norm

import lingauss as lg
from lingauss.reproduce.figures import CHARTS, FIGURES, mixing
from lingauss.reproduce.studies import FULL, handwritten_digits, power_law

LI_HE = (
    "That the distillation divergence has a bias, a variance and a rank-bottleneck cost is stated by Li and He "
    "(arXiv:2605.13143); "
)
COSTS = {"bias": "bias", "variance": "variance", "rank_bottleneck": "rank bottleneck"}


@cache
def tuned(problem):
    """The penalty at which ridge regression alone has the least risk, and that risk, found by a scalar minimisation."""

    def risk(log):
        ridge = lg.Ridge(np.exp(log), temperature=0.0)
        return lg.Distillation(problem, ridge, ridge, temperature=0.0).excess_risk().teacher

    found = minimize_scalar(risk, bounds=(np.log(1e-7), np.log(1e5)), method="bounded", options={"xatol": 1e-9})
    return float(np.exp(found.x)), float(found.fun)


def risks(case):
    """What a student is held against: teacher's draws, its mean predictions, a tuned teacher, its own hard labels."""
    return {
        "student": case.excess_risk().student,
        "hard": case.replace(mixing=0.0).excess_risk().student,
        "draw": case.excess_risk().teacher,
        "mean": case.replace(teacher_temperature=0.0).excess_risk().teacher,
        "tuned": tuned(case.problem)[1],
        "penalty": tuned(case.problem)[0],
    }


@cache
def risk_by_share(case, rank):
    """The student's excess risk, a quadratic in ξ, on the grid of shares, from three designs."""
    points = np.array([-1.0, 0.5, 2.0])
    values = [case.replace(rank=rank, mixing=point).excess_risk().student for point in points]
    return np.polyval(np.polyfit(points, values, 2), np.linspace(-1.0, 2.0, 1201))


def ledger_by_rank(study, f):
    d = f.set_index("student_rank")["divergence"]
    best, full = d.idxmin(), d.index[-1]
    near = min(rank for rank in d.index if d[rank] <= 1.05 * d[best])
    numbers = {"best": best, "full": full, "least": d[best], "near": near, "share": 0.05, "more": d[full] / d[best] - 1}
    finding = "Rank {best:d} of {full:d} is best ({least:n} nats)"
    finding += ", rank {near:d} the smallest within {share:p} % of it" if near < best else ""
    finding += "; keeping all costs {more:p} % more." if best < full else "."
    at = f.set_index("student_rank").loc[best]
    paid = "At the best rank the cost is bias {b:p} %, variance {v:p} %, rank bottleneck {r:p} %. "
    shares = {name[0]: at[name] / (at["bias"] + at["variance"] + at["rank_bottleneck"]) for name in COSTS}
    law = " (docs/theory.md §5.5)."
    if best == full:
        why = "The optimum is at full rank because even the weakest direction costs less retained than discarded"
    elif best == 0:
        why = "The optimum is at rank 0 because even the strongest direction costs less discarded than retained"
    else:
        why = "The other {others:d} directions together cost more learned from noisy soft labels than left at the prior"
        shares["others"] = full - best
    return {
        "title": ("what each rank costs", {}),
        "what": (
            "Exact divergence between student and teacher by student rank, stacked from its three costs. The vertical "
            "axis is cut: at rank 0 the divergence is {zero:n} nats.",
            {"zero": d[0]},
        ),
        "finding": (finding, {name: value for name, value in numbers.items() if f"{{{name}:" in finding}),
        "why": (paid + why + law, shares),
        "source": (f"{LI_HE}the exact split drawn here is derived in docs/theory.md §4.", {}),
    }


def ledger_by_direction(study, f):
    rank = sorted(study.ranks)[2]
    shown = f[f["eigenvalue"] > 0]
    cheaper = shown["retained_cost"] < shown["discarded_cost"]
    kept = shown["direction"] <= rank
    wrong = shown["direction"][cheaper != kept].tolist()
    saved = (shown["retained_cost"] - shown["discarded_cost"])[cheaper != kept].abs().sum()
    told = {"worth": cheaper.sum(), "of": len(shown), "kept": rank}
    finding = "{worth:d} of {of:d} directions are worth keeping, {kept:d} kept"
    if wrong:
        finding += f"; wrong: {listed(map(str, wrong[:6]))}{' …' if len(wrong) > 6 else ''}."
    else:
        finding += ", and they are the same."
    why = (
        "A direction is worth keeping iff it costs less retained than discarded. Dropping a strong direction costs in "
        "proportion to its eigenvalue and signal; keeping a weak one costs the spread of its soft labels. "
    )
    if wrong:
        why += "Putting each of the {wrong:d} on the wrong side right would save {saved:n} nats in all"
        first = cheaper.to_numpy()
        principal = any(np.array_equal(first, np.arange(len(first)) < count) for count in range(len(first) + 1))
        cannot = ", which no principal bottleneck can, because eigenvalue and signal do not fall together."
        why += "." if principal else cannot
    else:
        why += "No single direction is on the wrong side."
    null = len(f) - len(shown)
    hidden = " {null:d} direction" + ("s" if null > 1 else "") + " without variance "
    return {
        "title": ("kept and dropped directions", {}),
        "what": (
            "What each eigen-direction of the inputs costs the student of rank {rank:d}, over its eigenvalue: filled, "
            "what is paid (the retained cost of directions kept, the discarded cost of those dropped); open, the "
            "alternative; ringed, directions that would cost less on the other side."
            + (f"{hidden}{'are' if null > 1 else 'is'} not drawn." if null else ""),
            {"rank": rank} | ({"null": null} if null else {}),
        ),
        "finding": (finding, told),
        "why": (why, {"wrong": len(wrong), "saved": saved} if wrong else {}),
        "source": (
            f"{LI_HE}what a direction costs is derived in docs/theory.md §4.3, when to keep it in §5.5.",
            {},
        ),
    }


def best_by(f, axis, over, values="divergence"):
    """For every value of one axis the value of the other at which a column is least.

    Where ten digits do not tell which, it is the one that the table names, which must be among the least.
    """
    named = f"best_{axis.removeprefix('student_')}"
    if named not in f:
        return f.loc[f.groupby(over)[values].idxmin()].set_index(over)[axis]
    chosen = f[np.isclose(f[axis], f[named], rtol=1e-9, atol=1e-12)].set_index(over)
    least = f.groupby(over)[values].min()
    np.testing.assert_allclose(chosen[values].sort_index(), least, rtol=2e-9)
    return chosen[axis].sort_index()


def rank_noise_map(study, f):
    best, full = best_by(f, "student_rank", "label_noise"), f["student_rank"].max()
    noises, at_low, at_high = best.index, (best == 0).sum(), (best == full).sum()
    why = (
        "The cost of wrong means falls like 1/ν², while label noise and spread cost the same at every ν "
        "(docs/theory.md §4.6)."
    )
    if best.is_monotonic_decreasing:
        why += " The noisier the labels, the fewer directions are worth learning."
    counts = {}
    if at_low:
        counts |= {"low": at_low, "all": len(best)}
        why += " It is rank 0 at {low:d} of {all:d} noises, where even the strongest direction costs less discarded "
        why += "than retained."
    if at_high:
        counts |= {"high": at_high, "all": len(best)}
        why += " It is full rank at {high:d} of {all:d} noises, where even the weakest direction costs less retained "
        why += "than discarded."
    return {
        "title": ("best rank against label noise", {}),
        "what": (
            "Exact divergence over student rank and label noise, in logarithmic colour with contour lines at 1, 2 and "
            "5 times powers of ten; the path marks the best rank at every noise, the dashed line the noise of the "
            "other charts.",
            {},
        ),
        "finding": (
            "The best rank goes from {first:d} of {full:d} at ν = {low:n} to {last:d} at ν = {high:n}.",
            {"first": best.iloc[0], "last": best.iloc[-1], "full": full, "low": noises[0], "high": noises[-1]},
        ),
        "why": (why, counts),
        "source": (
            "The divergence is that of Li and He (arXiv:2605.13143); its dependence on rank and noise is derived in "
            "docs/theory.md §4.",
            {},
        ),
    }


def dominance_map(study, f):
    largest = f[list(COSTS)].idxmax(axis=1)
    shares = {name: (largest == name).mean() for name in COSTS if (largest == name).any()}
    best, full = best_by(f, "student_rank", "temperature"), f["student_rank"].max()
    why = (
        "Small students pay for what they cannot see; large ones pay for spread where soft labels are too hot for the "
        "student's variance to match the teacher's, and for shrinking less than the teacher (bias) where spread is "
        "cheap. Only the variance depends on the temperature (docs/theory.md §4.3)."
    )
    corner = f[(f["student_rank"] == full) & (f["temperature"] == f["temperature"].min())]
    if largest.loc[corner.index[0]] == "variance":
        why += " At the cold end spread rules again: there the student's variance falls short of the teacher's."
    counts = {"high": (best == full).sum(), "low": (best == 0).sum(), "all": len(best)}
    if counts["high"]:
        why += " The best rank is full rank at {high:d} of {all:d} temperatures: even the weakest direction is worth "
        why += "learning there."
    if counts["low"]:
        why += " The best rank is rank 0 at {low:d} of {all:d} temperatures: not even the strongest direction is worth "
        why += "learning there."
    return {
        "title": ("which cost rules where", {}),
        "what": (
            "The largest of the three costs at every student rank and soft-label temperature; the path marks the best "
            "rank at every temperature.",
            {},
        ),
        "finding": (
            f"Shares of the map ruled: {listed(f'{COSTS[name]} {{{name}:p}} %' for name in shares)}.",
            shares,
        ),
        "why": (why, {name: count for name, count in counts.items() if f"{{{name}:" in why}),
        "source": (f"{LI_HE}the exact split compared here is derived in docs/theory.md §4.", {}),
    }


def temperature_curves(study, f):
    best = best_by(f, "temperature", "student_rank")
    cold, grid = f["temperature"].min(), np.sort(f["temperature"].unique())
    costs = f.pivot(index="student_rank", columns="temperature", values="divergence")
    more = costs[cold] / costs.min(axis=1) - 1.0
    ranks = best.index
    teacher, student, noise = study.case.teacher, study.case.student, study.case.problem.label_noise
    variances = teacher.temperature * noise**2, student.temperature * noise**2
    # m draws of a mean that soft labels spread by τν²: the student's variance falls short of the teacher's by this.
    matching = ((variances[0] - variances[1]) * 8 / study.case.mixing**2 - variances[0]) / noise**2
    ends = {"cold": cold, "firstmore": more[ranks[0]], "lastmore": more[ranks[-1]], "f": ranks[0], "l": ranks[-1]}
    why = (
        "Nearly noiseless soft labels (τ = {cold:n}) cost {lastmore:p} % more than τ* at rank {l:d} and {firstmore:p} "
        "% more at rank {f:d}; the rank bottleneck does not depend on τ."
    )
    if matching > 0.0:
        why += " As eigenvalues grow, τ* tends to {matching:n}, the matching law (dashed)."
        ends["matching"] = matching
    for end, where, word in (("low", cold, "no smaller"), ("high", grid[-1], "still smaller")):
        if (best == where).any():
            ends |= {end: (best == where).sum(), "all": len(best)}
            rest = " even there, and soft-label noise only widens them" if end == "low" else " there"
            why += f" {{{end}:d}} of {{all:d}} optima lie at the {end} end of the range: on the whole the student's "
            why += f"retained variances are {word} than the teacher's{rest} (docs/theory.md §5.3)."
    return {
        "title": ("best temperature by rank", {}),
        "what": (
            "Exact divergence against soft-label temperature at several student ranks; circles mark each optimum τ*, "
            "found on a grid with steps of {step:p} %. Behind each rank, how much less τ* costs than nearly noiseless "
            "soft labels (τ = {cold:n}).",
            {"step": grid[1] / grid[0] - 1.0, "cold": cold},
        ),
        "finding": (
            "τ* goes from {first:g2} at rank {f:d} to {last:g2} at rank {l:d}, {less:p} % cheaper than τ = {cold:n}.",
            {"first": best.iloc[0], "last": best.iloc[-1], "f": ranks[0], "l": ranks[-1], "cold": cold}
            | {"less": 1.0 - costs.loc[ranks[-1]].min() / costs.loc[ranks[-1], cold]},
        ),
        "why": (why, ends),
        "source": (
            "The divergence is that of Li and He (arXiv:2605.13143); the best temperature and the matching law are "
            "derived in docs/theory.md §5.3.",
            {},
        ),
    }


def at_edges(f, best):
    ends = f["mixing"].min(), f["mixing"].max()
    count = best.isin(ends).sum()
    words = " {edge:d} of {all:d} optima lie at the edge of the range drawn; the true ones are beyond it."
    return (words, {"edge": count, "all": len(best)}) if count else ("", {})


def mixing_curves(study, f):
    best = best_by(f, "mixing", "student_rank")
    costs = f.pivot(index="student_rank", columns="mixing", values="divergence")
    pure = min(costs.columns, key=lambda share: abs(share - 1.0))
    ranks, ratio = best.index, costs[pure] / costs.min(axis=1)
    unbiased = 1.0 - 1.5 / 6.0  # every study's student has a quarter of the teacher's penalty
    edge, counts = at_edges(f, best)
    found = risks(study.case.replace(rank=ranks[-1], mixing=best.iloc[-1], draws=8, temperature=5.0))
    words, told = [], {}
    for name, rank in (("first", ranks[0]), ("last", ranks[-1])):
        near = ratio[rank] < 2.0
        words.append(f"{{{name}:p}} % more than" if near else f"{{{name}:n}} times as much as")
        told[name] = ratio[rank] - 1.0 if near else ratio[rank]
    told |= counts | found | {"free": unbiased, "f": ranks[0], "l": ranks[-1]}
    ends = {"a": best.iloc[0], "b": best.iloc[-1], "f": ranks[0], "l": ranks[-1], "free": unbiased}
    return {
        "title": ("best share of soft labels by rank", {}),
        "what": (
            "Exact divergence over the share ξ of soft labels at several student ranks; circles mark each optimum ξ*. "
            "Shaded, shares below 0 and beyond 1. Behind each rank, how much less ξ* costs than soft labels alone.",
            {},
        ),
        "finding": (
            "ξ* goes from {a:f2} at rank {f:d} to {b:f2} at rank {l:d}; bias vanishes at ξ° = {free:n}.",
            ends,
        ),
        "why": (
            "Bias and label noise vanish in all directions at once at ξ° = 1 − λ_S/λ_T = {free:n} (docs/theory.md "
            "§5.4): true labels make up for a student that shrinks less than its teacher. Away from it the mismatch "
            f"costs like (ξ − ξ°)². Soft labels alone (ξ = 1) cost {words[0]} ξ* at rank {{f:d}} and {words[1]} ξ* at "
            f"rank {{l:d}}.{edge} Close to its teacher is not the same as good: at rank {{l:d}} and ξ* its excess risk "
            "is {student:n}, on hard labels (ξ = 0) {hard:n}, that of its teacher's draws {draw:n}, of the teacher's "
            "mean predictions {mean:n}, of a tuned teacher {tuned:n} (λ = {penalty:n}).",
            told,
        ),
        "source": (
            "The divergence is that of Li and He (arXiv:2605.13143); the share without bias is derived in "
            "docs/theory.md §5.4.",
            {},
        ),
    }


def self_distillation(study, f):
    best = best_by(f, "mixing", "penalty", "student_excess_risk")
    risk = f.pivot(index="penalty", columns="mixing", values="student_excess_risk")
    hard = risk[min(risk.columns, key=abs)]
    gains = 1.0 - risk.min(axis=1) / hard
    penalty, least = tuned(study.case.problem)
    above = risk.min().min() / least - 1.0
    edge, counts = at_edges(f, best)
    finding = (
        "From ξ* = {a:f2} at λ = {low:n} to {b:f2} at λ = {high:n} distilling gains {least:p} % to {most:p} %; the "
        "best student has "
    )
    told = {"a": best.iloc[0], "b": best.iloc[-1], "low": 0.4 * penalty, "high": 1.6 * penalty}
    told |= {"least": gains.min(), "most": gains.max()}
    if abs(above) < 5e-4:
        finding += "as much risk as tuned ridge."
    else:
        finding += f"{{above:p}} % {'more' if above > 0.0 else 'less'} risk than tuned ridge."
        told["above"] = abs(above)
    each = listed(f"{{g{number}:p}} %" for number in range(5))
    return {
        "title": None,
        "what": (
            "Excess risk of a ridge estimate distilled into itself over the share ξ of soft labels, in per cent above "
            "that of ridge at its best penalty without distillation (dotted), at penalties around that one; circles "
            "mark each optimum ξ*. Behind each penalty, how much less ξ* risks than hard labels (ξ = 0). Teacher and "
            "student predict with their means, and at ξ = 0 the student is its teacher: no other baseline is hidden. "
            "The vertical axis is cut; triangles mark where curves leave it.",
            {},
        ),
        "finding": (finding, told),
        "why": (
            "Distilling shrinks once more: it helps an estimate that shrinks too little, with ξ > 0, and reversed, "
            "with ξ < 0, one that shrinks too much. It cannot help, to first order, where the penalty already has the "
            f"least risk (docs/theory.md §5.9). Gains here are {each}.{edge}",
            {f"g{number}": gain for number, gain in enumerate(gains)} | counts,
        ),
        "source": (
            "That the best share can be negative or above 1 is known from Das and Sanghavi (2023) and from Pareek, Du "
            "and Oh (2024); the formula is derived in docs/theory.md §5.9.",
            {},
        ),
    }


def sample_size_scaling(study, f):
    f = f.sort_values("n_samples").reset_index(drop=True)
    rank, full = sorted(study.ranks)[2], study.full_rank
    above = f["rank_bottleneck"] > f["bias"] + f["variance"]
    best = f["best_rank"]
    told = {"first": best.iloc[0], "last": best.iloc[-1]}
    if above.any() and not above[0]:
        told["n"] = f["n_samples"][above].min()
        assert above[f["n_samples"] >= told["n"]].all()
        finding = "From n = {n:n} on the bottleneck costs more than the rest; best rank {first:d} to {last:d}."
    else:
        told |= {"n": f["n_samples"].min(), "N": f["n_samples"].max()}
        finding = "From n = {n:n} to {N:n} best rank {first:d} to {last:d}."
    last = f.iloc[-1]
    off = max(abs(last[name] / last[f"{name}_law"] - 1.0) for name in COSTS)
    why = (
        "The bias falls like 1/n, the variance tends to a constant and the rank cost grows like n, because the teacher "
        "becomes certain of what the student cannot say (docs/theory.md §5.6); at the right-hand end they are within "
        "{off:p} % of these laws. "
    )
    numbers = {"off": off}
    least = f["divergence"].idxmin()
    if least == 0:
        why += (
            "At a fixed rank more samples only add divergence: a teacher of few samples knows little that could be "
            "lost. The trade-off is in the rank, which has to grow with n."
        )
    else:
        numbers["least"] = f["n_samples"][least]
        why += "At this rank the divergence is least at n = {least:n}"
        why += ", the end of the range." if least == len(f) - 1 else "."
    if (best == full).any():
        numbers["all"] = f["n_samples"][best == full].min()
        why += " From n = {all:n} on the best rank is full rank: every direction is worth learning."
    return {
        "title": (f"rank {rank} as samples grow", {}),
        "what": (
            "Divergence of the student of rank {rank:d} and its three costs over the number of samples, inputs of the "
            "same distribution; dashed, what each cost tends to.",
            {"rank": rank},
        ),
        "finding": (finding, told),
        "why": (why, numbers),
        "source": (f"{LI_HE}the laws of growth are derived in docs/theory.md §5.6.", {}),
    }


def student_beats_teacher(study, f):
    shares, found = np.linspace(-1.0, 2.0, 1201), risks(study.case)
    curves = {rank: risk_by_share(study.case, rank) for rank in range(1, study.full_rank + 1)}
    best = min(curves, key=lambda rank: curves[rank].min())
    least, at_zero = curves[best].min(), np.argmin(np.abs(shares))
    gained = {rank: 1.0 - curve.min() / curve[at_zero] for rank, curve in curves.items()}
    most = max(gained, key=gained.get)
    risk = f["student_excess_risk"]
    return {
        "title": ("where the student beats its teacher", {}),
        "what": (
            "Excess risk of the student's predictor as a multiple of the teacher's, over student rank and share of "
            "soft labels, the teacher being one draw of its posterior. Lines part who wins against that draw, against "
            "the teacher's mean predictions and against ridge at its best penalty; beads, the best share by rank. At ξ "
            "= 0 the student learns from hard labels alone; shares below 0 subtract the teacher's labels.",
            {},
        ),
        "finding": (
            "Best student (rank {rank:d}, ξ = {share:f2}): {draw:p} % of the risk of its teacher's draw ({hard:p} % on "
            "hard labels alone), {mean:p} % of its mean predictions', {tuned:p} % of a tuned teacher's.",
            {
                "rank": best,
                "share": shares[curves[best].argmin()],
                "hard": curves[best][at_zero] / found["draw"],
                **{name: least / found[name] for name in ("draw", "mean", "tuned")},
            },
        ),
        "why": (
            "The student wins on {draw:p} % of the map against its teacher's draw, on {mean:p} % against the mean "
            "predictions and on {tuned:p} % against a tuned teacher. It is colder than its teacher and shrinks less; "
            "both can be had without one. What soft labels add at the same rank and penalty is at most {gained:p} % "
            "(rank {most:d}): they correct the student's shrinkage at the price of their noise, which grows like ξ². "
            "The best share goes from {first:f2} at rank 1 to {last:f2} at full rank.",
            {
                **{name: (risk < found[name]).mean() for name in ("draw", "mean", "tuned")},
                "gained": gained[most],
                "most": most,
                "first": shares[curves[1].argmin()],
                "last": shares[curves[study.full_rank].argmin()],
            },
        ),
        "source": ("Both excess risks are exact at fixed design; they are derived in docs/theory.md §5.7.", {}),
    }


def pareto_front(study, f):
    aims = ("divergence", "student_excess_risk")
    values = f[list(aims)].to_numpy()
    beaten = [np.any(np.all(values <= row, axis=1) & np.any(values < row, axis=1)) for row in values]
    front = f[~np.array(beaten)]
    closest = f.loc[f["divergence"].idxmin()]
    scaled = [(front[aim] - front[aim].min()) / (front[aim].max() - front[aim].min()) for aim in aims]
    bend = front.loc[(scaled[0] + scaled[1]).idxmin()]  # farthest from the line between the ends of the front
    least = f["student_excess_risk"].min()
    safe = f[f["student_excess_risk"] <= 1.1 * least]
    small = safe[safe["student_rank"] == safe["student_rank"].min()]
    small = small.loc[small["student_excess_risk"].idxmin()]
    found = risks(study.case.replace(draws=8, temperature=5.0))
    told = {"share": 0.1}
    for name, design in (("c", closest), ("k", bend), ("s", small)):
        told |= {f"{name}r": design["student_rank"], f"{name}x": design["mixing"]}
    return {
        "title": ("close to the teacher, or right?", {}),
        "what": (
            "Every design of {ranks:d} ranks and {shares:d} shares of soft labels from −0.5 to 1.5, by excess risk and "
            "divergence; in colour, by rank, those that no other beats in both. Marked, the closest student, the knee "
            "of that front, and the smallest student within {slack:p} % of the least risk.",
            {"ranks": study.full_rank + 1, "shares": f["mixing"].nunique(), "slack": 0.1},
        ),
        "finding": (
            "Closest: rank {cr:d}, ξ = {cx:f2}. Knee: rank {kr:d}, ξ = {kx:f2}. Smallest within {share:p} %: rank "
            "{sr:d}, ξ = {sx:f2}.",
            told,
        ),
        "why": (
            "Imitating the teacher and predicting well are different aims: the closest student has {more:p} % more "
            "risk than the safest, at {least:n}. The knee, the design on the front farthest from the line between its "
            "ends, has {times:n} times the least divergence and {bent:p} % more than the least risk. For comparison, "
            "the teacher's draws risk {draw:n}, its mean predictions {mean:n}, a tuned teacher (λ = {penalty:n}) "
            "{tuned:n}.",
            {
                "more": closest["student_excess_risk"] / least - 1.0,
                "least": least,
                "times": bend["divergence"] / closest["divergence"],
                "bent": bend["student_excess_risk"] / least - 1.0,
                **{name: found[name] for name in ("draw", "mean", "tuned", "penalty")},
            },
        ),
        "source": (
            "The divergence is that of Li and He (arXiv:2605.13143); the excess risk is derived in docs/theory.md "
            "§5.7.",
            {},
        ),
    }


def bounds_and_truth(study, f):
    bound = f.pivot(index="temperature", columns="bound", values="value")
    alone = f.drop_duplicates("temperature").set_index("temperature")
    upper, information = bound["variance proxy upper"], bound["mutual information"]
    best = upper.idxmin()
    if f["holds"].all():
        edge = "" if bound.index[0] < best < bound.index[-1] else ", at the edge of the range"
        assert best == alone["divergence"].idxmin()
        why = (
            f"Every hypothesis holds. The divergence's bound is tightest where the divergence is least{edge}. The "
            "information bound is the tighter one over {share:p} % of the temperatures: noisier soft labels tell the "
            "student less about the labels, while they drive it away from its teacher."
        )
    else:
        why = "Some hypotheses fail in this range; the table behind the chart says which."
    return {
        "title": ("bounds and truth", {}),
        "what": (
            "Exact generalisation gap of the student of rank {rank:d}, which soft-label noise leaves as it is, with "
            "upper and lower bounds on it: from the divergence (variance proxy, shaded), from the distance of student "
            "and teacher (sharpness), and from the information the student holds about the labels.",
            {"rank": sorted(study.ranks)[2]},
        ),
        "finding": (
            "The divergence's bound is closest at τ = {at:g2}: {times:n} times the exact gap.",
            {"at": best, "times": upper[best] / alone["student_gap"][best]},
        ),
        "why": (why, {"share": (information < upper).mean()} if "{share" in why else {}),
        "source": (
            "That a sub-Gaussian bound of this form holds is stated by Li and He (arXiv:2605.13143), as is the idea of "
            "a sharpness-aware one; the constants, exact here at fixed design, are derived in docs/theory.md §7.",
            {},
        ),
    }


def repeated_distillation(study, f):
    best = best_by(f, "round", "mixing", "relative_risk")
    inside = [share for share, number in best.items() if 1 < number < f["round"].max()]
    least = f.drop_duplicates("round").set_index("round")["least_relative_risk"]
    passed = listed(f"{{x{number}:n}}" for number in range(len(inside)))
    return {
        "title": ("repeated distillation by round", {}),
        "what": (
            "Excess risk of a ridge estimate distilled into itself again and again, relative to no distillation, by "
            "round: with the same share ξ of soft labels in every round, and with the shares of least risk for each "
            "number of rounds. Circles mark the best round; dashed lines, where infinitely many lead.",
            {},
        ),
        "finding": (
            "Of soft labels alone {pure:d} rounds are best; with the best shares one round gains {one:p} %, {all:d} "
            "rounds {every:p} %.",
            {"pure": best[1.0], "one": 1.0 - least[1], "all": 16, "every": 1.0 - least[16]},
        ),
        "why": (
            "The penalty is {weak:p} % of the one of least risk, and every round shrinks once more. A share ξ leads to "
            "ridge of penalty λ/(1 − ξ), which is the best one at ξ = 0.9 and too large beyond: there the rounds pass "
            f"through a minimum (ξ = {passed}). Soft labels alone forget the labels in the end. With shares chosen for "
            "the last student the risk never rises with the rounds, since a first student that ignores its teacher "
            "restarts the chain (docs/theory.md §5.10).",
            {"weak": 0.1} | {f"x{number}": share for number, share in enumerate(inside)},
        ),
        "source": (
            "The limit is that of Borup and Andersen (2021), the gain of one round that of Das and Sanghavi (2023) and "
            "of Pareek, Du and Oh (2024); the least risk of several rounds is derived in docs/theory.md §5.10.",
            {},
        ),
    }


def lossless_valley(study, f):
    return {
        "title": ("the lossless family", {}),
        "what": (
            "Exact divergence over the share ξ of soft labels and the student's penalty at full rank; at every share τ "
            "= (1 − ξ)/ξ and τ_S = (1 − ξ)τ_T. Dashed, the family λ_S = (1 − ξ)λ_T.",
            {},
        ),
        "finding": (
            "On the family the divergence is 0 to rounding, elsewhere up to {top:n} nats.",
            {"top": f["divergence"].max()},
        ),
        "why": (
            "Such a student is one sweep of a Gibbs sampler whose stationary law is the teacher's, so that nothing is "
            "lost for any inputs, truth or labels (docs/theory.md §5.4). The family has no member at ξ = 0 and ξ = 1: "
            "pure distillation (ξ = 1) always loses something here. There is no single optimum because every point of "
            "the valley's bottom is one.",
            {},
        ),
        "source": (
            "The lossless family is derived in docs/theory.md §5.4; the divergence is that of Li and He "
            "(arXiv:2605.13143).",
            {},
        ),
    }


def theory_and_simulation(study, f, trials=2700):
    apart = np.concatenate([(f[f"{name}_simulated"] - f[name]) / f[f"{name}_standard_error"] for name in COSTS])
    farthest = np.abs(apart).max()
    chance = 1.0 - binom.pmf(0, len(apart), 2.0 * norm.cdf(-farthest))
    return {
        "title": ("theory and simulation", {}),
        "what": (
            "Costs by student rank. Curves join closed forms; points are estimates from {trials:d} draws of labels per "
            "rank, on each of which everything was trained four times, with one standard error either way. Below, the "
            "differences in standard errors; 95 % of them are expected in the band.",
            {"trials": trials},
        ),
        "finding": (
            "{inside:p} % of {all:d} simulated costs lie within two standard errors of the formulas.",
            {"inside": np.mean(np.abs(apart) <= 2.0), "all": len(apart)},
        ),
        "why": (
            "The farthest is {farthest:f1} standard errors away; among as many independent numbers one at least as far "
            "has a chance of {chance:p} % if the formulas are right. Their root mean square is {size:f2}, 1 being "
            "expected. Estimates are unbiased and use nothing but trained weights; that of the rank cost uses those "
            "which the student does not see.",
            {"farthest": farthest, "chance": chance, "size": np.sqrt(np.mean(apart**2))},
        ),
        "source": (
            "The three costs are stated by Li and He (arXiv:2605.13143); their closed forms are derived in "
            "docs/theory.md §4, the estimates in docs/simulation.md.",
            {},
        ),
    }


TOLD = {
    "ledger-by-rank": ledger_by_rank,
    "ledger-by-direction": ledger_by_direction,
    "rank-noise-map": rank_noise_map,
    "dominance-map": dominance_map,
    "temperature-curves": temperature_curves,
    "mixing-curves": mixing_curves,
    "sample-size-scaling": sample_size_scaling,
    "student-beats-teacher": student_beats_teacher,
    "pareto-front": pareto_front,
    "bounds-and-truth": bounds_and_truth,
    "self-distillation": self_distillation,
    "repeated-distillation": repeated_distillation,
    "lossless-valley": lossless_valley,
    "theory-and-simulation": theory_and_simulation,
}

# The design behind each chart, by what it changes of the study's; else what it is.
DESIGNS = {
    "dominance-map": {"draws": 8},
    "temperature-curves": {"draws": 8},
    "mixing-curves": {"draws": 8, "temperature": 5.0},
    "pareto-front": {"draws": 8, "temperature": 5.0},
    "bounds-and-truth": {"draws": 8},
}
MIDDLE = ("ledger-by-direction", "sample-size-scaling", "bounds-and-truth")  # charts at the middle rank
ITSELF = ("self-distillation", "repeated-distillation")
AXES = {"student_rank", "label_noise", "temperature", "mixing", "n_samples", "penalty", "student_penalty"}


def design(study, chart):
    """The design whose settings a caption tells, built without the chart's own code."""
    problem = study.case.problem
    if chart in ITSELF:
        ridge = lg.Ridge(0.1 * tuned(problem)[0] if chart.startswith("repeated") else 1.0, temperature=0.0)
        return lg.Distillation(problem, ridge, ridge, temperature=0.0)
    if chart == "lossless-valley":
        return lg.Distillation(problem, lg.Ridge(6.0 if study.penalty == 6.0 else study.penalty), lg.Ridge(1.0))
    changed = study.case.replace(**DESIGNS.get(chart, {}))
    return changed.replace(rank=sorted(study.ranks)[2]) if chart in MIDDLE else changed


def settings(study, chart, f):
    """The sentences on data and settings: everything that no axis of the table sweeps, and nothing that one does."""
    case, swept = design(study, chart), AXES & {*f.columns}
    if chart == "lossless-valley":
        swept |= {"temperature", "student_temperature"}
    told = [
        ("teacher's penalty λ_T = {tp:n}", case.teacher.penalty, {"penalty"}),
        ("student's penalty λ_S = {sp:n}", case.student.penalty, {"penalty", "student_penalty"}),
        ("teacher's own temperature τ_T = {tt:n}", case.teacher.temperature, set()),
        ("student's own temperature τ_S = {st:n}", case.student.temperature, {"student_temperature"}),
        ("{m:d} teacher draw" + ("s averaged" if case.draws > 1 else ""), case.draws, set()),
        ("soft-label temperature τ = {tau:n}", case.temperature, {"temperature"}),
    ]
    if case.mixing != 1.0:
        told.append(("share of soft labels ξ = {xi:n}", case.mixing, {"mixing"}))
    plug_in = case.problem.mode == "plug-in"
    origin = "estimated from residuals" if plug_in else "known"
    noise, n = case.problem.label_noise, case.problem.n_samples
    told.append((f"label noise ν = {{nu:n}} (standard deviation, {origin})", noise, {"label_noise"}))
    shown = [(words, value) for words, value, axes in told if not axes & swept]
    if case.bottleneck is not None:
        told_rank = ("principal bottleneck of rank {r:d}", case.rank)
        shown.append(("principal bottleneck", None) if "student_rank" in swept else told_rank)
        floor = ("floor at the student's prior", None) if case.floor is None else ("floor {v:n}", case.floor)
        shown.append(floor)
    numbers = {re.search(r"\{(\w+):", words).group(1): value for words, value in shown if value is not None}
    mode = "Values are exact averages over labels, with a known signal."
    if plug_in:
        mode = (
            "Values are plug-in: averages over labels in which the posterior of the weights given the observed labels "
            "stands in for the truth"
        )
        for axis, symbol, value in (("label_noise", "estimated noise ν", noise), ("n_samples", "observed n", n)):
            if axis in swept:
                mode += f", taken once at the {symbol} = {{held:n}} and held fixed along the axis"
                numbers["held"] = value
        mode += "."
    return f"Data: {study.subject}. Settings: {listed(words for words, _ in shown)}. {mode}", numbers


@pytest.mark.parametrize("chart", list(CHARTS))
@pytest.mark.parametrize("name", list(STUDIES))
def test_captions_say_what_the_numbers_are(name, chart):
    drawn, f = figure(name, chart), frame(name, chart)
    told = TOLD[chart](study(name), f)
    for part in ("what", "finding", "why", "source"):
        template, expected = told[part]
        says(getattr(drawn, part), template, **expected)
    template, expected = settings(study(name), chart, f)
    says(drawn.settings, template, **expected)
    title = "self-distillation" if told["title"] is None else told["title"][0]
    assert drawn.title == f"{study(name).title}: {title}"
    assert drawn.caption == " ".join([drawn.what, drawn.finding, drawn.why, drawn.settings, drawn.source])


def test_every_sentence_that_a_caption_may_contain_is_read_somewhere():
    """The studies take the captions to both ends of every range, so that no branch is left unread."""
    everything = " ".join(figure(name, chart).caption for name, chart in itertools.product(STUDIES, CHARTS))
    for words in (
        "optimum is at full rank", "optimum is at rank 0", "directions together cost more", "and they are the same",
        "; wrong: ", "no principal bottleneck can", "It is rank 0 at", "It is full rank at", "spread rules again",
        "best rank is rank 0 at", "best rank is full rank at", "low end of the range", "high end of the range",
        "times as much as", "From n = 6 to 60,000", "the divergence is least at",
        "held fixed along the axis", "share of soft labels ξ = 0.02", "floor 0.5", "at the edge of the range. The",
    ):  # fmt: skip
        assert words in everything, words


def test_shares_that_are_best_beyond_the_range_are_counted(monkeypatch):
    """A penalty far below the best one wants a share beyond 2, one far above it a share below −1."""
    monkeypatch.setattr(mixing, "AROUND", (0.1, 0.63, 1.0, 1.26, 40.0))
    drawn = mixing.self_distillation(study("uneven"), SMALL)
    assert drawn.results["best_mixing"].to_numpy()[[0, -1]].tolist() == [2.0, -1.0]
    assert " 2 of 5 optima lie at the edge of the range drawn; the true ones are beyond it." in drawn.why


FIGURES_FOLDER = Path(__file__).parents[2] / "figures"
SUBJECTS = {
    "digits": "scikit-learn's digits ({n:d} samples × {d:d} pixels, ten one-hot outputs, centred)",
    "power-law": "a synthetic problem ({n:d} samples × {d:d} features, one output) with eigenvalues {n:d}/i and signal "
    "|wᵢ|² = 1/i",
}


@pytest.mark.skipif(not FIGURES_FOLDER.exists(), reason="not in a clone")
@pytest.mark.parametrize(
    "name",
    [
        f"{study}-{name}"
        for name, (_, studies) in CHARTS.items()
        if name != "student-beats-teacher"
        for study in studies
    ],
)
def test_committed_captions_are_true_of_the_committed_tables(name):
    """Without drawing anything: the text beside a CSV is read, and its numbers are found again in that CSV."""
    problem = FIGURES[name].study()
    chart = name.removeprefix(f"{problem.name}-")
    f = pd.read_csv(FIGURES_FOLDER / f"{name}.csv")
    extra = {"trials": FULL.trials} if chart == "theory-and-simulation" else {}
    told = TOLD[chart](problem, f, **extra)
    parts = [told["what"], told["finding"], told["why"], settings(problem, chart, f), told["source"]]
    numbers, templates = {}, []
    for place, (template, expected) in enumerate(parts):
        templates.append(re.sub(r"\{(\w+:)", rf"{{p{place}\1", template))
        numbers |= {f"p{place}{hole}": value for hole, value in expected.items()}
    caption = (FIGURES_FOLDER / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")
    says(caption, " ".join(templates), **numbers)


@pytest.mark.parametrize("study", [handwritten_digits, power_law])
def test_what_the_data_are_is_said_of_the_data_that_are_taken(study):
    problem = study().case.problem
    says(study().subject, SUBJECTS[study().name], n=problem.n_samples, d=problem.n_features)
    if study().name == "power-law":
        index = np.arange(1.0, problem.n_features + 1.0)
        made = lg.Problem.from_spectrum(
            problem.n_samples / index, 1.0 / index, n_samples=problem.n_samples, label_noise=problem.label_noise
        )
        assert study().case.replace(problem=made).divergence().total == study().case.divergence().total
