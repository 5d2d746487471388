"""What captions of shares of soft labels and of rounds must say: words with holes, and the numbers that belong in them.

The numbers are found without the code that wrote them: from the CSV with pandas, or from one design at a time.
"""

from reproduce.sentences import listed
from reproduce.told_costs import best_by
from reproduce.told_risks import risks, tuned


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
        "title": ("self-distillation", {}),
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
