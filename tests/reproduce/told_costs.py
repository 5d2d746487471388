"""What captions of the divergence and its costs must say: words with holes, and the numbers that belong in them.

The numbers are found without the code that wrote them: from the CSV with pandas, or from one design at a time.
"""

import numpy as np
from reproduce.sentences import listed
from scipy.stats import binom, norm

LI_HE = (
    "That the distillation divergence has a bias, a variance and a rank-bottleneck cost is stated by Li and He "
    "(arXiv:2605.13143); "
)
COSTS = {"bias": "bias", "variance": "variance", "rank_bottleneck": "rank bottleneck"}


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
        why += "At this rank the divergence is least at n = {least:n}."
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
