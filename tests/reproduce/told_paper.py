"""What captions of the paper's case study must say: words with holes, and the numbers that belong in them.

The numbers are found again one design at a time or by interpolation.
"""

import numpy as np

AXES = {"rank": "student_rank", "noise": "label_noise", "temperature": "temperature", "penalty": "penalty"}
SYMBOLS = {"student_rank": "r", "label_noise": "ν", "temperature": "τ", "penalty": "λ"}


PROCESS = {
    "what": (
        "Costs of the process (solid) and of the weights (dashed) in the same colours. The process is soft labels, "
        "then weights: squared bias and variance of the labels by convexity of the divergence, and the rank bottleneck "
        "of the student's kernel. The weights' ledger is the exact split of the divergence of weights given the data.",
        {},
    ),
    "source": (
        "That the divergence has these three costs is stated by Li and He (arXiv:2605.13143), the label channel and "
        "the convexity step are quoted from their text; that their decomposition is this ledger of the process is "
        "inferred. Both ledgers are derived in docs/theory.md, §6.4 and §4.",
        {},
    ),
}


def process(study, f, along):
    """The words on the process along an axis."""
    finding, told, why, numbers = process_told(study, along, f)
    return PROCESS | {"title": (f"costs by {along}", {}), "finding": (finding, told), "why": (why, numbers)}


def process_told(study, along, f):
    """What is found of the process and why, with numbers from single rows of its table."""
    axis = AXES[along]
    by = f.set_index(axis)
    process, weights = by["process_total"].idxmin(), by["divergence"].idxmin()
    slack = (by["process_total"] - by["process_exact"]).to_numpy()
    numbers = {"least": slack.min(), "most": slack.max()}
    price = " Convexity leaves the process's total {least:n} to {most:n} nats above its exact divergence."
    if f"{numbers['least']:.3g}" == f"{numbers['most']:.3g}":
        price = price.replace(" to {most:n}", "")
        del numbers["most"]
    if along == "rank":
        at, full = by.loc[study.case.rank], by.index[-1]
        told = {"rank": study.case.rank, "p": at["process_rank_bottleneck"] / at["process_total"]}
        told["w"] = at["rank_bottleneck"] / at["divergence"]
        finding = "At rank {rank:d} the bottleneck is {p:p} % of the process, {w:p} % of the weights."
        why = (
            "Soft labels do not know how small the student is, so that their bias and variance are the same at every "
            "rank; the student's kernel pays for what it does not see. In the weights' ledger directions that are "
            "learned pay bias and variance instead. The process costs least at rank {process:d}, the weights at rank "
            "{weights:d}"
        )
        numbers |= {"process": process, "weights": weights}
        at_end = [name for name, best in (("the process", process), ("the weights", weights)) if best == full]
        if at_end:
            which = "both" if len(at_end) == 2 else at_end[0]
            why += (
                f": {which} at full rank, because a student that learns as its teacher does pays less for a direction "
                "it sees than for one it does not"
            )
        return finding, told, f"{why}.{price}", numbers
    if along == "temperature":
        finding = "The process costs least at τ = {process:g2}, the weights at τ = {weights:g2}."
        why = (
            "Soft labels unlike the true ones in noise cost (nk/2)(τ/m − 1 − log τ/m), which binds the best "
            "temperature of the process to the number of draws (docs/theory.md §6.4). Weights know no such cost: "
            "soft-label noise enters them through the student's variance alone."
        )
        if weights == by.index[0]:
            why += (
                " Their optimum lies at the low end of the range because a student as warm as its teacher has no room "
                "for more spread (docs/theory.md §5.3)."
            )
        return finding, {"process": process, "weights": weights}, why + price, numbers
    largest = by[["process_bias", "process_variance", "process_rank_bottleneck"]].idxmax(axis=1)
    words = largest.str.removeprefix("process_").str.replace("_", " ")
    finding, told = f"{words.iloc[0].capitalize()} is the process's largest cost", {}
    for number, (before, (x, word)) in enumerate(zip(words, list(words.items())[1:], strict=False)):
        if word != before:
            finding += f", from ν = {{x{number}:g2}} {word}"
            told[f"x{number}"] = x
    why = (
        "Only squared biases follow the noise, as 1/ν², in either ledger (docs/theory.md §4.6): the process's bias and "
        "that part of its bottleneck which is missed signal. What noise and spread cost is the same at every ν."
    )
    return f"{finding}.", told, why + price, numbers


def is_tighter(one):
    """Of one teacher's rows, whether the sharpness-aware bound is below the other, without distance and radius."""
    width = one.pivot_table(index=one.attrs["axis"], columns="bound", values="value", sort=False)
    return width["sharpness upper"] < width[one.attrs["rival"]] * (1.0 - 1e-15)


def teachers(f, axis, rival):
    """The rows of each teacher."""
    for penalty, one in f.groupby("penalty") if axis != "penalty" else [(None, f)]:
        one.attrs |= {"axis": axis, "rival": rival}
        yield penalty, one


def crossed(one, axis):
    """Where ϱ = ϱ₀ on the line between two points in logarithms of all three; the axis itself where it begins at 0."""
    rows = one.groupby(axis)[["distance", "radius"]].first()
    x, apart, radius = rows.index.to_numpy(float), np.log(rows["distance"] / rows["radius"]).to_numpy(), rows["radius"]
    for i in range(len(x) - 1):
        if (apart[i] < 0.0) != (apart[i + 1] < 0.0):
            share = np.interp(0.0, *zip(*sorted(zip(apart[i : i + 2], (0.0, 1.0), strict=True)), strict=True))
            ends = x[i : i + 2] if x[i] > 0.0 else None
            at = np.exp(np.interp(share, (0, 1), np.log(ends))) if ends is not None else share * x[i + 1]
            yield float(at), float(np.exp(np.interp(share, (0, 1), np.log(radius.iloc[i : i + 2]))))


def tightness(study, f, along):
    """The words on the regime along an axis."""
    finding, told, why, numbers = tightness_told(study, along, f)
    rival, sharp = "√(2σ̄²K_n) with its exact constant", "gϱ"
    if along == "penalty":
        rival, sharp = "of Chernoff's kind", "gϱ + ½hϱ²"
    return {
        "title": (f"tighter by {'teacher' if along == 'penalty' else along}", {}),
        "what": (
            "Exact distance of the student's gap from its teacher's (black); how far it can be above or below by the "
            f"bound through the divergence, {rival}, whose width is the unit (blue), and by the sharpness-aware one, "
            f"{sharp} (orange). It is shaded where the latter is strictly tighter, that is within the radius ϱ₀; rings "
            "mark ϱ = ϱ₀.",
            {},
        ),
        "finding": (finding, told),
        "why": (why, numbers),
        "source": (
            "An upper bound under a sub-Gaussian hypothesis, a lower bound, and a sharpness-aware bound with a regime "
            "in which it is the tighter one are stated by Li and He (arXiv:2605.13143); their forms are inferred. "
            "Constants, radius and exact gaps are derived in docs/theory.md §7.",
            {},
        ),
    }


def tightness_told(study, along, f):
    """What is found of the regime and why, with numbers from the bounds themselves."""
    axis = AXES[along]
    rival = "Chernoff upper" if along == "penalty" else "variance proxy upper"
    each = [(penalty, is_tighter(one), list(crossed(one, axis))) for penalty, one in teachers(f, axis, rival)]
    if along == "penalty":
        rows = f.groupby("penalty")[["steepness", "radius"]].first()
        flat, sharp = rows["steepness"].idxmin(), rows["steepness"].idxmax()
        why = (
            "With test inputs that vary {wider:p} % more than the training inputs a teacher's gap is curved, and some "
            "are flatter than others: its slope g is least at λ = {a:n} (g = {b:n}, ϱ₀ = {c:n}) and largest at λ = "
            "{d:n} (g = {e:n}, ϱ₀ = {f:n}). Of two teachers with bounds of the same width ℬ the flatter one has the "
            "wider radius, ϱ₀ = 2ℬ/(g + √(g² + 2hℬ)); but students of teachers with little penalty are farther away. "
            "Upper and lower (thin) side of the Chernoff bound, which takes the place of the sub-Gaussian one here, "
            "are not the same (docs/theory.md §7.4)."
        )
        numbers = dict(zip("abcdef", [flat, *rows.loc[flat], sharp, *rows.loc[sharp]], strict=True))
        finding = "Sharpness-aware is tighter for {share:p} % of the teachers."
        return finding, {"share": each[0][1].mean()}, why, {"wider": 0.02, **numbers}
    told, numbers = {}, {}
    shares, sentences = [], []
    for place, (penalty, tighter, found) in enumerate(each):
        shares.append(f"{{s{place}:p}} % (λ = {{p{place}:n}})")
        told |= {f"s{place}": tighter.mean(), f"p{place}": penalty}
        points = ", ".join(f"{SYMBOLS[axis]} = {{x{place}{i}:n}} (ϱ₀ = {{r{place}{i}:n}})" for i in range(len(found)))
        where = (
            f"reaches the radius at {points}"
            if found
            else f"stays {'within' if tighter.all() else 'beyond'} the radius"
        )
        sentences.append(f"At λ = {{p{place}:n}} the student {where}.")
        numbers |= {f"p{place}": penalty}
        numbers |= {
            f"{letter}{place}{i}": value
            for i, pair in enumerate(found)
            for letter, value in zip("xr", pair, strict=True)
        }
    why = (
        "At the training inputs the gap of every teacher is as steep, g = 2ν√(k tr G)/n, and h = 0, so that the radius "
        "ϱ₀ = √(2σ̄²K_n)/g follows the width of the other bound alone. "
    )
    return f"Sharpness-aware is tighter on {', '.join(shares)} of the axis.", told, why + " ".join(sentences), numbers
