"""An analysis in words and tables, for the screen and for the report alike; every number is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lingauss.analysis.advice import SOFT_ALONE, TRUE_ALONE, Alternative
from lingauss.numerals import number, percent
from lingauss.report import Code, Note, Report, Section, Table, Text

if TYPE_CHECKING:
    from lingauss.analysis.result import Analysis
    from lingauss.report.blocks import Block

JUDGED = {
    "excess_risk": "excess risk",
    "squared_error": "squared error on new labels",
    "divergence": "divergence from the teacher",
    "prediction_divergence": "divergence of predictions from the teacher's",
}
PLUG_IN = (
    "All costs are plug-in estimates: averages over labels in which the posterior of the weights, given these labels, "
    "stands in for the unknown truth."
)
RESTS_ON = (
    "The costs are exact for labels that are linear in the features plus Gaussian noise, the same for every output, "
    "and for new labels at inputs like these. Where labels are far from linear, the label noise contains what "
    "the features cannot explain, and the advice is about the best linear fit."
)
ONE_HOT = (
    "Classes are fitted by least squares on one-hot labels; excess risk is then in squared error (the Brier score), "
    "not in misclassified samples."
)
COEFFICIENTS = 200  # numbers up to which the student's weights are written out
NO_EFFECT = "no effect"


def written(analysis: Analysis) -> Report:
    """Return the analysis without its charts."""
    return Report(f"Which student for {analysis.origin}?", lead(analysis), summary(analysis), sections(analysis))


def lead(analysis: Analysis) -> str:
    """Return the recommendation in two sentences."""
    advice, wishes, rank = analysis.advice, analysis.wishes, analysis.rank
    judged = JUDGED[wishes.objective]
    best = "of any rank" if wishes.rank_budget is None else f"of the ranks up to {advice.choice.ranks[-1]}"
    first = (
        f"Rank {rank} of {advice.directions} is the smallest whose {judged} is within {percent(wishes.tolerance)} of "
        f"the best {best} (plug-in)."
    )
    above, least = advice.above_best(advice.predicting.value), advice.risks.value
    loss = (advice.predicting.value - least) / (advice.noise_risk + least)
    return (
        f"{first} Its predictions have an excess risk {signed_percent(above)} above the least of all ranks, which is "
        f"{signed_percent(loss)} of the squared error on new labels."
    )


def summary(analysis: Analysis) -> Table:
    """Return the recommended settings and what they cost."""
    predicting, faithful = analysis.recommended, analysis.faithful
    advice, ledger = analysis.advice, faithful.divergence()
    draws = "one teacher draw each" if faithful.draws == 1 else f"{faithful.draws} teacher draws averaged"
    floor = NO_EFFECT if np.isnan(analysis.floor) else number(analysis.floor)
    rows = [
        ("soft labels", "the teacher's mean predictions", f"{draws}, plus noise"),
        ("student rank r", str(predicting.rank), str(faithful.rank)),
        ("temperature τ of the noise", number(predicting.temperature), number(faithful.temperature)),
        ("mixing ξ, share of soft labels", number(predicting.mixing), number(faithful.mixing)),
        ("floor φ, variance of unlearned weights", NO_EFFECT, floor),
        ("cost", f"excess risk {number(advice.predicting.value)}", f"divergence {number(ledger.total)} nats"),
        (
            "of which",
            f"{signed_percent(advice.above_best(advice.predicting.value))} above the least",
            f"bias {number(ledger.bias)} + variance {number(ledger.variance)} + rank bottleneck "
            f"{number(ledger.rank_bottleneck)}",
        ),
    ]
    return Table(("", "for predictions", "for uncertainty"), rows, "Recommended (plug-in)")


def sections(analysis: Analysis) -> list[Section]:
    """Return what is lost, why, and what it rests on."""
    return [
        Section("What smaller students lose in predictions", _predictions(analysis)),
        Section("How faithful the student is to the teacher's uncertainty", _uncertainty(analysis)),
        Section("The student", _student(analysis)),
        Section("Data, noise and teacher", [Text(note) for note in analysis.notes]),
        Section("What this rests on", [Text(PLUG_IN), Text(RESTS_ON), *([Text(ONE_HOT)] if _coded(analysis) else [])]),
    ]


def _predictions(analysis: Analysis) -> list[Block]:
    advice, wishes = analysis.advice, analysis.wishes
    alternatives, noise = advice.alternatives(), advice.noise_risk
    above = advice.above_best(advice.predicting.value)
    blocks: list[Block] = [
        Text(
            f"Of the squared error on new labels at these inputs, {number(noise)} is label noise that no model can "
            f"remove. The excess risk comes on top: {number(advice.predicting.value)} for the recommended student, "
            f"{number(advice.teacher_risk)} for the teacher's mean predictions."
        )
    ]
    if advice.rank == 0 and wishes.rank_budget != 0:
        blocks.append(Note("No direction is worth keeping: the features hardly tell the targets from noise.", True))
    elif advice.rank == advice.directions:
        blocks.append(
            Note("No smaller rank is within the tolerance. A larger one, or a rank budget, makes the student smaller.")
        )
    if wishes.rank_budget is not None and wishes.objective == "excess_risk" and above > wishes.tolerance:
        cost = f"The rank budget costs {signed_percent(above)} more excess risk than rank {advice.best_rank}, the best."
        blocks.append(Note(cost, True))
    if wishes.mixing is None and advice.rank:
        blocks.append(Text(_mixing(alternatives)))
    header = ("choice", "rank", "mixing ξ", "temperature τ", "excess risk", "above the least", "squared error")
    rows = [
        (
            one.choice,
            str(one.rank),
            _setting(one.mixing),
            _setting(one.temperature),
            number(one.excess_risk),
            signed_percent(advice.above_best(one.excess_risk)),
            f"{noise + one.excess_risk:.4g}",
        )
        for one in alternatives
    ]
    return [*blocks, Table(header, rows, "What other choices cost (plug-in, squared label units)")]


def _mixing(alternatives: Sequence[Alternative]) -> str:
    risks = {one.choice: one.excess_risk for one in alternatives}
    soft, true = (signed_percent(risks[name] / risks["recommended"] - 1.0) for name in (SOFT_ALONE, TRUE_ALONE))
    return (
        f"The mixing is where the excess risk is least. Soft labels alone cost {soft} more, true labels alone {true} "
        "more; a negative share pushes away from the soft labels. With a well-chosen penalty, distilling from the same "
        "inputs changes predictions little (docs/theory.md §5.9)."
    )


def _uncertainty(analysis: Analysis) -> list[Block]:
    optimum, case = analysis.advice.faithful, analysis.faithful
    ledger = case.divergence()
    text = (
        f"Given the data the student's weights differ from the teacher's posterior by {number(ledger.total)} nats: "
        f"bias {number(ledger.bias)}, variance {number(ledger.variance)}, and {number(ledger.rank_bottleneck)} for the "
        "rank bottleneck, which no training removes."
    )
    blocks: list[Block] = [Text(text)]
    if case.temperature == 0.0 and case.rank:
        blocks.append(
            Text(
                "The best temperature is 0: the student's variances are on the whole no smaller than the teacher's "
                "already, and noise in the soft labels only widens them (docs/theory.md §5.3)."
            )
        )
    rows = [
        (SETTINGS[name], number(optimum.settings[name]), number(down), number(up))
        for name, (down, up) in optimum.sensitivities().items()
    ]
    blocks.append(Table(("setting", "best value", "10 % smaller", "10 % larger"), rows, "What moving costs, in nats"))
    blocks.append(Text(f"Optimality: {optimum.certificate.claim}."))
    return blocks


SETTINGS = {"temperature": "temperature τ", "floor": "floor φ"}


def _student(analysis: Analysis) -> list[Block]:
    case = analysis.recommended
    penalty = case.student.penalty  # type: ignore[union-attr]
    blocks: list[Block] = [
        Text(
            f"The student is ridge regression with penalty λ = {number(penalty)} on the {case.rank} leading principal "
            "directions of the features. For predictions it is trained on (1 − ξ) times the true plus ξ times the "
            "teacher's predicted labels. For uncertainty, many such students, each trained on labels of its own "
            "teacher draw with noise of variance τν² added, spread like the teacher's posterior; what they do not see "
            "gets variance φ."
        ),
        Code(
            "advice.projection()    # features × directions: what the student sees\n"
            "advice.coefficients()  # the student trained for predictions, in the units of the data\n"
            "advice.recommended     # the design, to sweep and to compare"
        ),
    ]
    if (len(analysis.features) + 1) * len(analysis.outputs) <= COEFFICIENTS:
        weights = analysis.coefficients()
        values = weights.to_numpy()
        rows = [
            (str(name), *(f"{value:.4g}" for value in row)) for name, row in zip(weights.index, values, strict=True)
        ]
        blocks.append(
            Table(("feature", *analysis.outputs), rows, "Coefficients of the student, trained for predictions")
        )
    return blocks


def signed_percent(value: float) -> str:
    """Write a fraction as a percentage, one that is rounding alone as 0."""
    return "0 %" if abs(value) < 5e-6 else percent(value) if value >= 0 else f"−{percent(-value)}"


def _setting(value: float) -> str:
    return "–" if np.isnan(value) else number(value)


def _coded(analysis: Analysis) -> bool:
    return any("one-hot" in note for note in analysis.notes)


def as_text(analysis: Analysis) -> str:
    """Return the recommendation as a few lines."""
    predicting, faithful = analysis.recommended, analysis.faithful
    floor = "" if np.isnan(analysis.floor) else f", floor={analysis.floor:.4g}"
    return "\n".join(
        (
            f"Analysis of {analysis.origin} (plug-in): rank {analysis.rank} of {analysis.advice.directions}",
            f"  for predictions: temperature=0, mixing={predicting.mixing:.4g}; "
            f"excess risk {number(analysis.advice.predicting.value)}",
            f"  for uncertainty: temperature={faithful.temperature:.4g}, mixing={faithful.mixing:.4g}{floor}; "
            f"divergence {number(analysis.advice.faithful.value)} nats",
        )
    )
