"""An analysis in words and tables, for the screen and for the report alike; every number is computed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lingauss.analysis import tabulated
from lingauss.analysis.advice import SOFT_ALONE, TRUE_ALONE, Alternative
from lingauss.analysis.choices import Choice
from lingauss.analysis.findings import Findings
from lingauss.analysis.training import student_of
from lingauss.numerals import number, percent
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


def written(found: Findings) -> Report:
    """Return the analysis without its charts; all but the first section is detail."""
    return Report(title(found), verdict(found), choices(found), [answers(found), *sections(found)])


def title(found: Findings) -> str:
    """Return the question."""
    return f"Which student for {found.origin}?"


def verdict(found: Findings) -> str:
    """Return the advice: how many directions, what they cost in the target's unit, and whether soft labels help."""
    return " ".join((*_hopeless(found), _size(found), _distilling(found), *_guarded(found)))


def _hopeless(found: Findings) -> list[str]:
    unseen = [found.unit.explained(float(one.unseen)) for one in found.choices if one.unseen is not None]
    if unseen and max(unseen) <= 0.0:
        return ["These features tell nothing of new rows: predicting the mean is as good."]
    return []


def _size(found: Findings) -> str:
    chosen, everything = found.chosen(), found.everything
    noun = f"{found.advice.directions} direction{'s' * (found.advice.directions > 1)}"
    if chosen.rank == everything.rank:
        return f"Keep all {noun}: {_told(found, chosen)}. {_with_fewer(found)}"
    kept = f"Keep {chosen.rank} of {noun}" if chosen.rank else f"Keep none of the {noun}"
    return f"{kept}: {_told(found, chosen, everything)}."


def _with_fewer(found: Findings) -> str:
    """Return what one direction less would cost where none can be dropped."""
    fewer = found.rank - 1
    errors = found.advice.risks.values + found.advice.noise_risk if found.unseen is None else found.unseen
    here, there = (found.unit.of(float(errors[rank])) for rank in (found.rank, fewer))
    more = f", {percent(there / here - 1.0)} more" if there > here > 0.0 else ""
    return f"None can be dropped: with {fewer} it is {apart([here, there])[1]}{more}."


def _told(found: Findings, chosen: Choice, other: Choice | None = None) -> str:
    """Return a choice's error, and beside it that of another one."""
    unit = found.unit
    seen = [_squared(one) for one in (chosen, other) if one is not None]
    errors, shares = list(map(unit.of, seen)), list(map(unit.explained, seen))
    texts = apart(errors)
    against = f" instead of {texts[1]} with all of them" if other is not None else ""
    error = f"{unit.error} {_where(chosen)} {texts[0]}{against}"
    if np.isnan(shares[0]):
        return error
    parts = [f"R² {_against([share(value) for value in shares])}"]
    if chosen.accuracy is not None:
        known = [one.accuracy for one in (chosen, other) if one is not None and one.accuracy is not None]
        parts.insert(0, f"accuracy {_against([f'{100 * value:.1f} %' for value in known])}")
    return f"{error} ({', '.join(parts)})"


def _against(texts: Sequence[str]) -> str:
    """Write a value and what it is compared with, unless that is the same."""
    return " instead of ".join(dict.fromkeys(texts))


def _where(choice: Choice) -> str:
    return "at these inputs" if choice.unseen is None else "on new rows"


def _squared(choice: Choice) -> float:
    return choice.at_inputs if choice.unseen is None else float(choice.unseen)


def _distilling(found: Findings) -> str:
    gain, mixing = found.advice.gain, found.recommended.mixing
    if found.wishes.mixing is not None:
        return f"Soft labels have a share of {number(mixing)}, as asked."
    if found.noiseless:
        return "The labels have no noise, so soft labels have nothing to add: train on the labels as they are."
    if gain is None or not found.rank:
        return "Train on the true labels."
    if not gain.pays:
        return "Distilling gains nothing here that exceeds its uncertainty; train on the true labels."
    plain, mixed = apart(
        [found.unit.of(_squared(found.chosen()) + gain.saved), found.unit.of(_squared(found.chosen()))]
    )
    return (
        f"Distilling helps: train on {number(1.0 - mixing)} times the true plus {number(mixing)} times the teacher's "
        f"labels ({found.unit.error} {mixed} instead of {plain})."
    )


def _guarded(found: Findings) -> list[str]:
    advice, wishes = found.advice, found.wishes
    above = advice.above_best(advice.predicting.value)
    if wishes.rank_budget is not None and wishes.objective == "excess_risk" and above > wishes.tolerance:
        return [
            f"The rank budget costs {signed_percent(above)} more excess risk than rank {advice.best_rank}, the best."
        ]
    if found.guarded is None:
        return []
    return [
        f"The model alone would keep {found.guarded}, but on rows held out the last "
        f"{found.guarded - found.rank} made predictions worse."
    ]


def choices(found: Findings) -> Table:
    """Return the choices with their errors in the target's unit."""
    unit = found.unit
    name = "Brier" if unit.classes else unit.error
    header = ["choice", "directions", f"{name} here", "R² here", f"{name} new", "±", "R² new"]
    accurate = any(one.accuracy is not None for one in found.choices)
    here = apart([unit.of(one.at_inputs) for one in found.choices])
    known = [one for one in found.choices if one.unseen is not None]
    there = dict(zip((one.rank for one in known), apart([unit.of(_squared(one)) for one in known]), strict=True))
    rows = [
        [
            ", ".join(one.names),
            str(one.rank),
            at_inputs,
            share(unit.explained(one.at_inputs)),
            there.get(one.rank, "–"),
            "–" if one.unseen is None else number(unit.spread_of(float(one.unseen), one.unseen.standard_error)),
            "–" if one.unseen is None else share(unit.explained(float(one.unseen))),
            *(["–" if one.accuracy is None else f"{100 * one.accuracy:.1f} %"] if accurate else []),
        ]
        for one, at_inputs in zip(found.choices, here, strict=True)
    ]
    right, scaled = "; right: rows held out" * accurate, f", in {unit.told}" if unit.told else ""
    caption = f"here: at these inputs, plug-in{scaled}; new: unseen rows, cross-validated{right}"
    return Table([*header, *(["right"] if accurate else [])], rows, caption)


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


def _columns(found: Findings) -> str:
    """Return the columns whose standard deviation moves the prediction most."""
    student = student_of(found)
    prepared = found.prepared
    if prepared is None:
        return ""
    spread = prepared.feature_spread
    moves = student.weights * spread
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


def share(value: float) -> str:
    """Write an R² to two digits after the point, more where it is almost 1."""
    if np.isnan(value):
        return "–"
    digits = next((digits for digits in range(2, 6) if round(value, digits) < 1.0), 6)
    return f"{value:.{digits}f}".replace("0.", ".", 1).replace("-", "−")


def signed(value: float) -> str:
    """Write a number with its sign."""
    return f"+{number(value)}" if value >= 0 else f"−{number(-value)}"


def apart(values: Sequence[float]) -> list[str]:
    """Write numbers to as many digits, three at least and five at most, as tell the distinct among them apart."""
    largest = max((abs(value) for value in values if np.isfinite(value)), default=0.0)
    if largest == 0.0:
        return [number(value) for value in values]
    whole = int(np.floor(np.log10(largest))) + 1
    for significant in (3, 4, 5):
        digits = max(significant - whole, 0)
        texts = [f"{value:,.{digits}f}" if -5 < whole < 16 else f"{value:.{significant - 1}e}" for value in values]
        if len(set(texts)) == len(set(values)) or not digits:
            break
    return texts


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
        Section("What smaller students lose in predictions", _predictions(found)),
        Section("How faithful the student is to the teacher's uncertainty", _uncertainty(found)),
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
    soft, true = (signed_percent(risks[name] / risks["recommended"] - 1.0) for name in (SOFT_ALONE, TRUE_ALONE))
    return (
        f"Soft labels alone cost {soft} more excess risk, true labels alone {true} more. With a well-chosen penalty, "
        "distilling from the same inputs changes predictions little (docs/theory.md §5.9)."
    )


def _uncertainty(found: Findings) -> list[Block]:
    optimum, case = found.advice.faithful, found.faithful
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


def _student(found: Findings) -> list[Block]:
    case = found.recommended
    penalty = case.student.penalty  # type: ignore[union-attr]
    blocks: list[Block] = [
        Text(
            f"The student is ridge regression with penalty λ = {number(penalty)} on the {case.rank} leading principal "
            "directions of the features. For predictions it is trained on (1 − ξ) times the true plus ξ times the "
            "teacher's predicted labels. For uncertainty, many such students, each trained on labels of its own "
            "teacher draw with noise of variance τν² added, spread like the teacher's posterior; what they do not see "
            "gets variance φ."
        ),
    ]
    if (len(found.features) + 1) * len(found.outputs) <= COEFFICIENTS:
        weights = tabulated.coefficients(found)
        values = weights.to_numpy()
        rows = [
            (str(name), *(f"{value:.4g}" for value in row)) for name, row in zip(weights.index, values, strict=True)
        ]
        blocks.append(Table(("feature", *found.outputs), rows, "Coefficients of the student, trained for predictions"))
    return blocks


def signed_percent(value: float) -> str:
    """Write a fraction as a percentage, one that is rounding alone as 0."""
    return "0 %" if abs(value) < 5e-6 else percent(value) if value >= 0 else f"−{percent(-value)}"


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
