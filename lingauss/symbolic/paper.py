r"""LaTeX for a paper: aligned equations whose lines are broken at a page's width, and whole appendices.

Only amsmath and amssymb are needed. With macros, the few notions that papers write in their own way are commands, which
`preamble` defines.
"""

from __future__ import annotations

import re

import sympy as sp

from lingauss.symbolic.formula import Formula
from lingauss.symbolic.notation import to_latex

WIDTH = 46  # symbols that a line of an article holds beside a left side
NARROWER = 4  # symbols by which a line inside a bracket is shorter

PREAMBLE = r"""\usepackage{amsmath, amssymb}
\newcommand{\signal}[1][]{\lvert w_{#1}\rvert^{2}}
\newcommand{\excesslog}[1]{\ell\left(#1\right)}
\newcommand{\order}[1]{O\left(#1\right)}
"""

_LETTERS = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "varphi",
    "ϱ": "varrho", "χ": "chi", "ψ": "psi", "ω": "omega", "Δ": "Delta", "Λ": "Lambda", "Σ": "Sigma", "Φ": "Phi",
    "ℓ": "ell",
}  # fmt: skip
_SYMBOLS = {
    **{letter: f"\\{name}" for letter, name in _LETTERS.items()},
    "−": "-", "·": r"\cdot", "→": r"\to", "≤": r"\le", "≥": r"\ge", "∞": r"\infty", "√": r"\surd", "~": r"\sim",
    "′": "'", "ᵀ": r"^{\top}", "⁻": "^{-}", "¹": "^{1}", "²": "^{2}", "³": "^{3}", "₀": "_{0}", "₁": "_{1}",
    "₂": "_{2}", "‖": r"\Vert", "<": "<", ">": ">", "|": r"\vert",
}  # fmt: skip
_SPECIAL = {"&": r"\&", "%": r"\%", "#": r"\#", "$": r"\$", "_": r"\_", "{": r"\{", "}": r"\}", "^": r"\^{}"}
_SCRIPT = re.compile(r"(?P<base>\w)(?P<mark>[_^])(?P<script>\w+?(?=[²₁₂⁻¹]|\b)|\([^)]*\))")


def preamble() -> str:
    """Return the definitions that LaTeX written with macros needs, for the head of a document."""
    return PREAMBLE


def equations(derivation: Formula, macros: bool = False) -> str:
    """Return a statement and its abbreviations as one aligned display, each in as many lines as it needs."""
    rows = [_rows(derivation.statement, derivation.left_out, macros)]
    rows += [_rows(equation, None, macros) for equation in derivation.where]
    return "\n".join([r"\begin{align*}", ",\\\\\n".join(rows) + ".", r"\end{align*}"])


def text(words: str) -> str:
    """Return words, with the mathematics that stands among them, as LaTeX that plain pdflatex sets."""
    parts, end = [], 0
    for match in _SCRIPT.finditer(words):
        script = match["script"].strip("()")
        inside = "".join(_SYMBOLS.get(letter, letter) + " " * (letter in _SYMBOLS) for letter in script)
        base = _SYMBOLS.get(match["base"], match["base"])
        parts += [_plain(words[end : match.start()]), rf"\ensuremath{{{base}{match['mark']}{{{inside.strip()}}}}}"]
        end = match.end()
    return "".join([*parts, _plain(words[end:])])


def _plain(words: str) -> str:
    return "".join(
        rf"\ensuremath{{{_SYMBOLS[letter]}}}" if letter in _SYMBOLS else _SPECIAL.get(letter, letter)
        for letter in words
    )


def _rows(equation: sp.Eq, remainder: sp.Expr | None, macros: bool) -> str:
    left, right = equation.args
    if isinstance(left, sp.Tuple) and isinstance(right, sp.Tuple) and len(left) == len(right):
        return ",\\\\\n".join(
            _rows(sp.Eq(a, b, evaluate=False), None, macros) for a, b in zip(left, right, strict=True)
        )
    lines = _lines(right, WIDTH, macros)
    if remainder:
        size = to_latex(remainder, macros=macros)
        lines.append(rf"+ \order{{{size}}}" if macros else rf"+ O\left({size}\right)")
        if len(lines) == 2 and _width(right) < WIDTH - 8:
            lines = [" ".join(lines)]
    first, *others = lines
    head = f"{to_latex(left, macros=macros)} ={{}}& {first}"
    return "\\\\\n".join([head, *(f"&\\quad {line}" for line in others)])


def _lines(expression: sp.Basic, width: int, macros: bool) -> list[str]:
    """Return an expression as lines that fit, as far as it can be broken at a sum."""
    whole = [to_latex(expression, macros=macros)]
    if _width(expression) <= width:
        return whole
    if isinstance(expression, sp.Add):
        return _terms(expression, width, macros)
    if isinstance(expression, sp.Sum) and isinstance(expression.function, sp.Add):
        return _bracketed(_sum_sign(expression), _terms(expression.function, width - NARROWER, macros))
    if isinstance(expression, sp.Mul):
        numerator, denominator = sp.fraction(expression)
        long = [part for part in sp.Mul.make_args(numerator) if isinstance(part, sp.Add | sp.Sum)]
        if long:
            widest = max(long, key=_width)
            rest = sp.Mul(*(part for part in sp.Mul.make_args(numerator) if part is not widest)) / denominator
            before = "" if rest == 1 else to_latex(rest, macros=macros)
            inside = _lines(widest, width - NARROWER, macros)
            if isinstance(widest, sp.Sum):
                return [f"{before} {inside[0]}", *inside[1:]]
            return _bracketed(before, inside)
    return whole


def _terms(total: sp.Add, width: int, macros: bool) -> list[str]:
    """Return the terms of a sum, as many on a line as fit."""
    lines: list[str] = []
    room = 0
    for term in sorted(total.as_ordered_terms(), key=_starts_late):
        negative = term.could_extract_minus_sign()
        shown = _lines(-term if negative else term, width, macros)
        sign = "- " if negative else "+ " if lines else ""
        used = _width(term) + 2
        if lines and len(shown) == 1 and used <= room:
            lines[-1] += f" {sign}{shown[0]}"
            room -= used
        else:
            lines += [f"{sign}{shown[0]}", *shown[1:]]
            room = width - used if len(shown) == 1 else 0
    return lines


def _starts_late(term: sp.Expr) -> bool:
    """Say whether a term sums over directions from some later one on: kept directions are shown before dropped ones."""
    return any(not total.limits[0][1].is_number for total in term.atoms(sp.Sum))


def _bracketed(before: str, inside: list[str]) -> list[str]:
    return (
        [f"{before} \\Bigl[ {inside[0]}", *inside[1:-1], f"{inside[-1]} \\Bigr]"]
        if len(inside) > 1
        else [f"{before} \\Bigl[ {inside[0]} \\Bigr]"]
    )


def _sum_sign(total: sp.Sum) -> str:
    index, first, last = (to_latex(part) for part in total.limits[0])
    return rf"\sum_{{{index}={first}}}^{{{last}}}"


def _width(expression: sp.Basic) -> int:
    """Return about how many symbols wide an expression is set."""
    if isinstance(expression, sp.Symbol | sp.Indexed):
        return 1 + ("_" in str(expression)) + (isinstance(expression, sp.Indexed) and str(expression.base) == "signals")
    if expression.is_Atom:
        return len(str(expression))
    inside = [_width(part) for part in expression.args]
    if isinstance(expression, sp.Add):
        return sum(inside) + 2 * (len(inside) - 1)
    if isinstance(expression, sp.Mul):
        numerator, denominator = sp.fraction(expression)
        if denominator != 1:
            return max(_width(numerator), _width(denominator)) + 1
        return sum(width + 2 * isinstance(part, sp.Add) for width, part in zip(inside, expression.args, strict=True))
    if isinstance(expression, sp.Pow):
        return inside[0] + 2 * isinstance(expression.base, sp.Add) + (1 if expression.exp.is_Integer else inside[1])
    if isinstance(expression, sp.Sum):
        return 3 + inside[0] + 2 * isinstance(expression.function, sp.Add)
    return 3 + sum(inside)
