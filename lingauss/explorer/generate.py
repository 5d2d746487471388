"""What the page takes from other parts of the library, written once: ``python -m lingauss.explorer.generate``.

The arithmetic of the page is JavaScript printed from the derivations of :mod:`lingauss.symbolic`, the formulas it shows
are the same objects as MathML, and the digits are reduced to their spectrum. All three are files of the package, so
that a page is built without deriving anything; tests compare them with what this module writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import sympy as sp

from lingauss.explorer.meanings import MEANINGS
from lingauss.explorer.subject import describe, subject_of
from lingauss.model.design import Design
from lingauss.model.examples import DIGITS_PENALTY, digits_problem, hot_labels
from lingauss.symbolic import ExcessLog, derivation
from lingauss.symbolic import symbols as sy
from lingauss.symbolic.codegen import javascript_function
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.notation import to_latex
from lingauss.symbolic.primitives import JAVASCRIPT_SOURCE

# The function that formulas of spread are written with, beside their symbols.
EXCESS_LOG = {
    "name": "ell",
    "mathml": "<math><mi>&#x2113;</mi><mo>(</mo><mi>x</mi><mo>)</mo></math>",
    "meaning": "x − log(1 + x)",
}
PAGE = Path(__file__).parent / "page"
HEADER = "// Written by lingauss.explorer.generate from the derivations of lingauss.symbolic; not to be edited."

# Evaluated as they stand.
WHOLE = (
    "retained_bias",
    "retained_noise",
    "variance_ratio_differences",
    "student_gain",
    "student_variance",
    "learner_variance",
    "discarded_bias",
    "discarded_noise",
    "prior_floor_excess",
    "teacher_risk",
    "student_risk",
    "unseen_risk",
    "universal_bound",
    "wasserstein_univariate",
    "soft_label_bias",
    "soft_label_noise",
    "soft_label_spread",
    "soft_label_observation",
    "soft_label_level",
    "soft_statistic_power",
    "process_temperature_star",
    "gap_gradient",
    "weight_information",
)
# Sums over directions, of which the page adds up one direction after the other.
SUMMED = ("gap_teacher", "gap_student", "temperature_condition")
# Spread costs, with ρ as an argument beside ρ − 1: near ρ = 0 only ρ has digits to lose.
SPREAD = ("retained_spread", "discarded_spread", "kernel_retained", "kernel_discarded")
SPREAD_SOURCE = """// x - log(1 + x) where 1 + x is given with its own digits
function excessLogGiven(x, ratio) {
  return Math.abs(x) < 0.5 || x === Infinity ? excessLog(x) : x - Math.log(ratio);
}
"""
# Abbreviations that are functions of their own.
ABBREVIATIONS = {"floor_excess": ("discarded_spread", "x_b"), "temperature_effect": ("temperature_slope", "rho_tau")}

# Shown for what the pointer is on, beside those above.
SHOWN = (
    "retained_cost",
    "discarded_cost",
    "lower_bound",
    "sharpness_radius",
    "temperature_star",
    "floor_star",
    "matching_law",
    "lossless_family",
    "bias_free_mixing",
    "keep_direction_threshold",
)


def formulas_javascript() -> str:
    """Return the page's arithmetic: the stable primitive, then one function per formula."""
    functions = [*_functions()]
    names = ", ".join(name for name, _ in functions)
    body = "\n".join([JAVASCRIPT_SOURCE, SPREAD_SOURCE, *(source for _, source in functions)])
    indented = "\n".join(f"  {line}" if line else "" for line in body.splitlines())
    return f"{HEADER}\nconst Formulas = (() => {{\n{indented}\n  return {{ excessLog, {names} }};\n}})();\n"


def _functions() -> Iterable[tuple[str, str]]:
    primitive = sp.Function("excessLogGiven")
    for name in WHOLE:
        found = derivation(name)
        yield name, javascript_function(name, found.statement, found.where)
    for name in SUMMED:
        statement = derivation(name).statement
        one = sp.Eq(statement.lhs, statement.rhs.replace(sp.Sum, _summand), evaluate=False)
        yield name, javascript_function(name, one, ())
    for name in SPREAD:
        statement = derivation(name).statement
        explicit = statement.rhs.replace(ExcessLog, lambda excess: primitive(excess, sp.Symbol("rho")))
        yield name, javascript_function(name, sp.Eq(statement.lhs, explicit, evaluate=False), ())
    for name, (home, symbol) in ABBREVIATIONS.items():
        (equation,) = (equation for equation in derivation(home).where if str(equation.lhs) == symbol)
        yield name, javascript_function(name, equation, ())


def _summand(term: sp.Expr, limits: sp.Tuple) -> sp.Expr:
    """Return the term of one direction with the scalars in place of the arrays."""
    scalars = {sy.spectrum: sy.s, sy.signals: sy.signal, sy.variances: sy.v}
    return term.replace(sp.Indexed, lambda base, *_: scalars.get(base, sp.Symbol(str(base.label), real=True)))


def formulas_json() -> str:
    """Return title, source and MathML of every formula the page can show."""
    return _dump({name: _shown(derivation(name)) for name in (*WHOLE, *SUMMED, *SPREAD, *SHOWN)})


def _shown(found: Derivation) -> dict[str, object]:
    return {
        "title": found.title,
        "source": found.source.text,
        "assumptions": [assumption.meaning for assumption in found.assumptions],
        "mathml": [_mathml(equation) for equation in (found.statement, *found.where)],
        "symbols": [
            {"name": symbol.name, "mathml": _mathml(symbol, "inline"), "meaning": MEANINGS[symbol.name]}
            for symbol in _symbols(found)
        ]
        + [EXCESS_LOG] * any(equation.has(ExcessLog) for equation in (found.statement, *found.where)),
    }


def _symbols(found: Derivation) -> list[sp.Symbol]:
    """Return the symbols of a formula in the order of their meanings; an indexed one stands for its entries."""
    free = {symbol for equation in (found.statement, *found.where) for symbol in equation.free_symbols}
    names = {symbol.name: symbol for symbol in free if isinstance(symbol, sp.Symbol)}
    return [names[name] for name in sorted(names, key=str.casefold)]


def _mathml(equation: sp.Basic, display: str = "block") -> str:
    """Return an equation or a symbol as MathML, with bars that stand close to what they enclose."""
    from latex2mathml.converter import convert

    bar = "&#x0007C;</mo>"
    text: str = convert(to_latex(equation), display=display)
    return text.replace(f"<mo>{bar}", f'<mo stretchy="false" lspace="0" rspace="0">{bar}')


def digits_json() -> str:
    """Return the study of the digits as the page's data; needs the extra ``data``."""
    case = hot_labels(Design, digits_problem(), DIGITS_PENALTY)
    return _dump(describe(subject_of(case, "Digits")))


def _dump(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the generated files of the package."""
    for name, content in {
        "formulas.js": formulas_javascript(),
        "formulas.json": formulas_json(),
        "digits.json": digits_json(),
    }.items():
        (PAGE / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
