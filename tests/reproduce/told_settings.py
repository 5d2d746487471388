"""What captions must say of data and settings: words with holes, and the numbers that belong in them."""

import re

from reproduce.sentences import listed
from reproduce.told_risks import tuned

import lingauss as lg

# The design behind each chart, by what it changes of the study's; else what it is.
DESIGNS = {
    "dominance-map": {"draws": 8},
    "temperature-curves": {"draws": 8},
    "mixing-curves": {"draws": 8, "temperature": 5.0},
    "pareto-front": {"draws": 8, "temperature": 5.0},
    "bounds-and-truth": {"draws": 8},
}
MIDDLE = ("ledger-by-direction", "sample-size-scaling", "bounds-and-truth")  # charts at the middle rank
BOTH = "teacher's penalty λ_T = {t:n}, student's penalty λ_S = {s:n}"
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


AVERAGED = (
    "Values are averages over drawn inputs and labels with a known signal: deterministic equivalents, a few per cent "
    "from them at a hundred samples."
)
# On drawn inputs every learner is deterministic, and there is no bottleneck to tell of.
DRAWN = {
    "double-descent": ("teacher's penalty λ_T = {t:n}, student's penalty 0", {"t": 1.0}, ""),
    "fixed-and-new": (BOTH, {"t": 1.0, "s": 0.3}, ""),
    "weak-teacher": (BOTH, {"t": 0.01, "s": 0.3}, ""),
    "collapse": (BOTH, {"t": 0.3, "s": 0.3}, ", soft-label temperature τ = 1"),
}


def settings(study, chart, f):
    """The sentences on data and settings: everything that no axis of the table sweeps, and nothing that one does."""
    if chart in DRAWN:
        penalties, told, temperature = DRAWN[chart]
        return (
            f"Data: {study.subject}. Settings: {penalties}{temperature}, deterministic learners, label noise ν = "
            f"{{nu:n}} (standard deviation, known). {AVERAGED}",
            {**told, "nu": study.case.problem.label_noise},
        )
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
    mode = "Values are exact averages over labels, with a known signal." if study.name != "unseen" else AVERAGED
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
