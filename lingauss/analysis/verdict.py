"""The advice in a few sentences, errors in the target's unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lingauss.analysis.amounts import apart, share, signed_percent
from lingauss.analysis.choices import Choice, least
from lingauss.analysis.findings import Findings
from lingauss.analysis.sight import ByColumn
from lingauss.model.views import Features
from lingauss.numerals import number, percent

KEPT = 6  # columns named
MANY = 10.0  # times, from which on nobody counts in percent
NOTHING = 1e-6  # of the labels' standard deviation, which is rounding where labels have no noise


def verdict(found: Findings) -> str:
    """Return the advice: how many directions, what they cost in the target's unit, and whether soft labels help."""
    return " ".join((*_hopeless(found), _size(found), *_compared(found), _distilling(found), *_guarded(found)))


def _hopeless(found: Findings) -> list[str]:
    unseen = [found.unit.explained(float(one.unseen)) for one in found.choices if one.unseen is not None]
    if unseen and max(unseen) <= 0.0:
        return ["These features tell nothing of new rows: predicting the mean is as good."]
    return []


def _size(found: Findings) -> str:
    chosen, everything, thing = found.chosen(), found.everything, things(found)
    noun = f"{everything.rank} {thing}{'s' * (everything.rank > 1)}"
    if chosen.rank == everything.rank:
        kept = f"Keep all {noun}" if everything.rank > 1 else f"Keep the only {thing}"
        return f"{kept}: {_told(found, chosen)}. {_with_fewer(found)}"
    kept = f"Keep {chosen.rank} of {noun}" if chosen.rank else f"Keep none of the {noun}"
    return f"{kept}{_names(found)}: {_told(found, chosen, everything)}."


def things(found: Findings) -> str:
    """Return what the student keeps, in the singular."""
    return "column" if isinstance(found.sight, ByColumn) else "direction"


def _names(found: Findings) -> str:
    """Return the columns that are kept."""
    bottleneck = found.recommended.bottleneck
    if not isinstance(bottleneck, Features) or not bottleneck.rank:
        return ""
    names = [found.features[j] for j in bottleneck.columns if not isinstance(j, str)]
    return f" ({', '.join(names[:KEPT])}{f' and {len(names) - KEPT} more' if len(names) > KEPT else ''})"


def _compared(found: Findings) -> list[str]:
    """Return which way to see is best at the recommended rank."""
    rivals = [one for one in found.rivals if one.unseen is not None]
    if len(rivals) < 2:
        return []
    errors = [found.unit.of(float(one.unseen or 0.0)) for one in rivals]
    best = rivals[least(errors)].name
    told = ", ".join(f"{one.name} {text}" for one, text in zip(rivals, apart(errors), strict=True))
    missing = (
        ""
        if any(one.name == "aligned" for one in rivals)
        else (" (aligned ones lose nothing of the teacher's predictions here, and are no smaller student)")
    )
    return [f"At {found.rank}, on rows held out: {told}{missing}; use {best}."]


def _with_fewer(found: Findings) -> str:
    """Return what one direction less would cost where none can be dropped."""
    fewer = found.rank - 1
    errors = found.advice.risks.values + found.advice.noise_risk if found.unseen is None else found.unseen
    here, there = (found.unit.of(float(errors[rank])) for rank in (found.rank, fewer))
    text = apart([here, there])[1]
    if there <= here:
        return f"With {fewer} it is {text}, but at these inputs more than the tolerance is lost."
    more = f", {percent(there / here - 1.0)} more" if there <= MANY * here else ""
    return f"None can be dropped: with {fewer} it is {text}{more}."


def _told(found: Findings, chosen: Choice, other: Choice | None = None) -> str:
    """Return a choice's error, and beside it that of another one."""
    unit = found.unit
    seen = [squared(one) for one in (chosen, other) if one is not None]
    errors, shares = list(map(unit.of, seen)), list(map(unit.explained, seen))
    least = NOTHING * unit.of(unit.variance) if found.noiseless else 0.0
    texts = ["0" if error < least else text for error, text in zip(errors, apart(errors), strict=True)]
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


def squared(choice: Choice) -> float:
    """Return a choice's squared error on new rows; where that is unknown, at the training inputs."""
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
    plain, mixed = apart([found.unit.of(squared(found.chosen()) + gain.saved), found.unit.of(squared(found.chosen()))])
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
