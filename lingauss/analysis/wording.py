"""An analysis in words and tables, for the screen and for the report alike; every number is computed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lingauss.analysis import tabulated
from lingauss.analysis.advice import SOFT_ALONE, TRUE_ALONE, Alternative
from lingauss.analysis.amounts import apart, more, rough, share, signed, signed_percent
from lingauss.analysis.findings import Findings
from lingauss.analysis.sight import ByColumn, ByTeacher, ByVariance
from lingauss.analysis.training import student_of
from lingauss.analysis.verdict import squared, things, verdict
from lingauss.numerals import number
from lingauss.report import Code, Note, Report, Section, Table, Text

if TYPE_CHECKING:
    from lingauss.report.blocks import Block

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
NAMED = 5  # columns on the first screen
NO_EFFECT = "no effect"
LEARNED, PREDICTIONS = "The student's coefficients", "What smaller students lose in predictions"
UNCERTAINTY = "How faithful the student is to the teacher's uncertainty"
SEEN = {
    ByVariance: "the leading principal directions of the features",
    ByTeacher: "the directions of the features that the teacher's mean predictions need most",
    ByColumn: "some of the features, chosen one after the other by its excess risk (plug-in)",
}


def written(found: Findings) -> Report:
    """Return the analysis without its charts; all but the first section is detail."""
    return Report(title(found), verdict(found), choices(found), [answers(found), *_learned(found), *sections(found)])


def title(found: Findings) -> str:
    """Return the question."""
    return f"Which student for {found.origin}?"


def choices(found: Findings) -> Table:
    """Return the choices with their errors in the target's unit."""
    unit = found.unit
    name = "Brier" if unit.classes else unit.error
    header = ["choice", f"{things(found)}s", f"{name} new", "±", "R² new"]
    accurate = any(one.accuracy is not None for one in found.choices)
    here = apart([unit.of(one.at_inputs) for one in found.choices])
    known = [one for one in found.choices if one.unseen is not None]
    there = dict(zip((one.rank for one in known), apart([unit.of(squared(one)) for one in known]), strict=True))
    rows = [
        [
            ", ".join(one.names),
            str(one.rank),
            there.get(one.rank, "–"),
            "–" if one.unseen is None else rough(unit.spread_of(float(one.unseen), one.unseen.standard_error)),
            "–" if one.unseen is None else share(unit.explained(float(one.unseen))),
            *(["–" if one.accuracy is None else f"{100 * one.accuracy:.1f} %"] if accurate else []),
            at_inputs,
            share(unit.explained(one.at_inputs)),
        ]
        for one, at_inputs in zip(found.choices, here, strict=True)
    ]
    right, scaled = "; right: rows held out" * accurate, f", in {unit.told}" if unit.told else ""
    how = "cross-validated" if isinstance(found.sight, ByVariance) else "fifths held out"
    caption = f"new: unseen rows, {how}{right}; here: at these inputs, plug-in{scaled}"
    return Table([*header, *(["right"] if accurate else []), f"{name} here", "R² here"], rows, caption)


def answers(found: Findings) -> Section:
    """Return which columns matter, how to use the student, and what to beware of."""
    blocks: list[Block] = [Note(text, True) for text in found.notices]
    if found.prepared is not None and found.rank:
        blocks.append(Text(_columns(found)))
    blocks.append(
        Code(
            "lingauss predict student.npz NEW.csv --out predictions.csv\n"
            'lg.load_student("student.npz").predict(X)      # in Python; X an array or a DataFrame\n'
            'advice.student().save("student.npz")          # where advice = lg.analyze(…)'
        )
    )
    return Section("The student", blocks)


def _learned(found: Findings) -> list[Section]:
    """Return the student's coefficients, unless there are too many to read."""
    if found.prepared is None or not found.rank:
        return []
    weights = tabulated.coefficients(found)
    if weights.size > COEFFICIENTS:
        return []
    rows = [
        (str(name), *(f"{value:,.0f}" if abs(value) >= 9999.5 else f"{value:.4g}" for value in row))
        for name, row in zip(weights.index, weights.to_numpy(), strict=True)
    ]
    table = Table(("feature", *found.outputs), rows, "In the units of the data; predictions are their weighted sum")
    return [Section(LEARNED, [table])]


def _columns(found: Findings) -> str:
    """Return the columns whose standard deviation moves the prediction most."""
    student, prepared = student_of(found), found.prepared
    if prepared is None:
        return ""
    spreads = dict(zip(prepared.features, prepared.feature_spread, strict=True))
    moves = student.weights * [spreads[name] for name in student.features]
    sizes = np.sqrt(np.sum(np.square(moves), axis=0))
    order = np.argsort(-sizes, kind="stable")[:NAMED]
    single = len(moves) == 1
    told = [
        f"{student.features[j]} ({signed(float(moves[0, j])) if single else number(float(sizes[j]))})" for j in order
    ]
    more = len(student.features) - len(order)
    return f"Columns that matter most (change of the prediction per standard deviation): {', '.join(told)}" + (
        f"; {more} more." if more > 0 else "."
    )


def summary(found: Findings) -> Table:
    """Return the recommended settings and what they cost."""
    predicting, faithful = found.recommended, found.faithful
    advice, ledger = found.advice, faithful.divergence()
    draws = "one teacher draw each" if faithful.draws == 1 else f"{faithful.draws} teacher draws averaged"
    floor = NO_EFFECT if np.isnan(found.floor) else number(found.floor)
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


def sections(found: Findings) -> list[Section]:
    """Return what is lost, why, and what it rests on."""
    return [
        Section(PREDICTIONS, _predictions(found)),
        Section(UNCERTAINTY, _uncertainty(found)),
        Section("How the student is trained", _student(found)),
        Section("Recommended settings", [summary(found)]),
        Section("Data, noise and teacher", [Text(note) for note in found.notes]),
        Section("What this rests on", [Text(PLUG_IN), Text(RESTS_ON), *([Text(ONE_HOT)] if _coded(found) else [])]),
    ]


def _predictions(found: Findings) -> list[Block]:
    advice, wishes = found.advice, found.wishes
    alternatives, noise = advice.alternatives(), advice.noise_risk
    blocks: list[Block] = [
        Text(
            f"Of the squared error on new labels at these inputs, {number(noise)} is label noise that no model can "
            f"remove, {'a' if found.unit.classes else 'an'} {found.unit.error} of {apart([found.unit.of(noise)])[0]}. "
            f"The excess risk comes on top: {number(advice.predicting.value)} for the recommended student, "
            f"{number(advice.teacher_risk)} for the teacher's mean predictions."
        )
    ]
    if advice.rank == 0 and wishes.rank_budget != 0:
        blocks.append(Note("No direction is worth keeping: the features hardly tell the targets from noise.", True))
    elif advice.rank == advice.directions:
        blocks.append(
            Note("No smaller rank is within the tolerance. A larger one, or a rank budget, makes the student smaller.")
        )
    if advice.rank:
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
    soft, true = (more(risks[name] / risks["recommended"] - 1.0) for name in (SOFT_ALONE, TRUE_ALONE))
    return (
        f"Soft labels alone cost {soft} excess risk, true labels alone {true}. With a well-chosen penalty, "
        "distilling from the same inputs changes predictions little (docs/theory.md §5.9)."
    )


def _uncertainty(found: Findings) -> list[Block]:
    case, moved = found.faithful, tabulated.sensitivities(found)
    ledger = case.divergence()
    text = (
        f"Given the data the student's weights differ from the teacher's posterior by {number(ledger.total)} nats: "
        f"bias {number(ledger.bias)}, variance {number(ledger.variance)}, and {number(ledger.rank_bottleneck)} for the "
        "rank bottleneck, which no training removes."
    )
    costs = found.advice.ledger_by_rank()["divergence"].to_numpy()
    best = int(np.argmin(costs))
    if best != case.rank:
        text += (
            f" The rank is the one recommended for predictions; at these settings rank {best} is closest, "
            f"{number(float(costs[best]))} nats, and --objective divergence (objective=) judges by that."
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
        (SETTINGS[str(name)], *(number(float(value)) for value in row))
        for name, row in zip(moved.index, moved.to_numpy(), strict=True)
    ]
    blocks.append(Table(("setting", "best value", "10 % smaller", "10 % larger"), rows, "What moving costs, in nats"))
    blocks.append(Text(f"Optimality: {found.advice.faithful.certificate.claim}."))
    return blocks


SETTINGS = {"temperature": "temperature τ", "floor": "floor φ"}


def _student(found: Findings) -> list[Block]:
    case = found.recommended
    penalty = case.student.penalty  # type: ignore[union-attr]
    blocks: list[Block] = [
        Text(
            f"The student is ridge regression with penalty λ = {number(penalty)} on {SEEN[type(found.sight)]}. For "
            "predictions it is trained on (1 − ξ) times the true plus ξ times the teacher's predicted "
            "labels. For uncertainty, many such students, each trained on labels of its own "
            "teacher draw with noise of variance τν² added, spread like the teacher's posterior; what they do not see "
            "gets variance φ."
        ),
    ]
    return blocks


def _setting(value: float) -> str:
    return "–" if np.isnan(value) else number(value)


def _coded(found: Findings) -> bool:
    return any("one-hot" in note for note in found.notes)


def as_text(found: Findings) -> str:
    """Return the advice as a few lines."""
    predicting, faithful = found.recommended, found.faithful
    floor = "" if np.isnan(found.floor) else f", floor={found.floor:.4g}"
    return "\n".join(
        (
            f"Analysis of {found.origin} (plug-in): rank {found.rank} of {found.advice.directions}",
            *(f"  {line}" for line in textwrap.wrap(verdict(found), 110)),
            f"  for predictions: temperature=0, mixing={predicting.mixing:.4g}; "
            f"excess risk {number(found.advice.predicting.value)}",
            f"  for uncertainty: temperature={faithful.temperature:.4g}, mixing={faithful.mixing:.4g}{floor}; "
            f"divergence {number(found.advice.faithful.value)} nats",
        )
    )
