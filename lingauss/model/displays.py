"""Problems and designs as notebooks and terminals show them: words for people from plain values."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import NamedTuple

from lingauss.html_table import html_settings

WIDTH = 80  # columns of a terminal
LABELS = {
    "averaged": "averaged over, the truth is known",
    "averaged over inputs": "averaged over, and so are the inputs",
    "observed": "as observed",
    "plug-in": "averaged over, the posterior for truth (plug-in)",
}


class Sizes(NamedTuple):
    """n, d and k of a problem."""

    n_samples: int
    n_features: int
    outputs: int


def problem_html(
    sizes: Sizes, varying: int | None, label_noise: float, mode: str, intercept: bool, own_test_inputs: bool
) -> str:
    """Return a problem as a table; ``varying`` counts the directions in which given inputs vary, None if drawn."""
    n, d, k = sizes
    some_null = varying is not None and varying < d
    drawn, elsewhere = "at new rows of the population", "at inputs of covariance test_cov"
    return html_settings(
        "Problem",
        [
            ("samples n", f"{n:,}"),
            ("features d", f"{d:,}" + (f", {varying:,} directions vary" if some_null else "")),
            ("outputs k", k),
            ("label noise ν (standard deviation)", f"{label_noise:.4g}"),
            ("labels", LABELS[mode]),
            ("intercept", "fitted: inputs and labels are centred" if intercept else "none"),
            ("risks", (drawn if varying is None else elsewhere) if own_test_inputs else "at the training inputs"),
        ],
    )


def problem_text(sizes: Sizes, label_noise: float, mode: str, intercept: bool, own_test_inputs: bool) -> str:
    """Return a problem in a line."""
    n, d, k = sizes
    told = [f"{n} samples, {d} features, {k} outputs", f"label_noise={label_noise:.4g}", mode]
    return f"Problem({', '.join([*told, *['intercept'] * intercept, *['own test_cov'] * own_test_inputs])})"


def population_text(sizes: Sizes, label_noise: float, mode: str, power: float) -> str:
    """Return a problem of drawn inputs in a line, with what tells its eigenvalues from those of a Gram matrix."""
    n, d, k = sizes
    return (
        f"Population({n} drawn samples, {d} features, {k} outputs, label_noise={label_noise:.4g}, E|x|²={power:.4g}, "
        f"{mode}; a Gram matrix of them has trace about {n * power:.4g})"
    )


def design_html(kind: str, settings: Mapping[str, object], rank: str, floor: float | None) -> str:
    """Return a design as a table: its fields by name, how many directions its student sees, and its resolved floor."""
    given, bottleneck = settings["floor"] is not None, settings["bottleneck"]
    return html_settings(
        kind,
        [
            ("problem", settings["problem"]),
            ("teacher", settings["teacher"]),
            ("student", settings["student"]),
            ("rank r", rank if bottleneck is None else f"{rank}, {type(bottleneck).__name__}"),
            ("floor φ (variance)", None if floor is None else f"{floor:.4g}" + ("" if given else ", the prior's")),
            ("temperature τ of the soft labels' noise", f"{settings['temperature']:g}"),
            ("share ξ of soft labels", f"{settings['mixing']:g}"),
            ("teacher draws m", settings["draws"]),
            ("transfer inputs", settings["transfer"]),
        ],
    )


def design_text(kind: str, settings: Mapping[str, object]) -> str:
    """Return a design as its fields, one a line or more."""
    told = (f"{name}={value!r}," for name, value in settings.items())
    parts = (textwrap.fill(text, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8) for text in told)
    return "\n".join([f"{kind}(", *parts, ")"])
