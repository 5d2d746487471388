"""The formula sheet, every derivation as Markdown with LaTeX: ``python -m lingauss.symbolic.formulas [PATH]``."""

from __future__ import annotations

import sys
from pathlib import Path

import sympy as sp

from lingauss.symbolic.assumptions import domains
from lingauss.symbolic.codegen import arguments
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.notation import to_latex
from lingauss.symbolic.registry import derivation, subjects

DEFAULT_PATH = Path("docs/formulas.md")
LONGEST_STEP = 1500  # characters of LaTeX; longer intermediate results are named, not shown

HEADER = r"""# Formula sheet

Every formula below is generated from `lingauss.symbolic`, where it is derived from definitions and proved;
`python -m lingauss.symbolic.formulas` writes this file. Divergences are in nats. Throughout,
$\ell(x) = x - \log(1 + x)$.
Symbols not explained with a formula are those of the theory page: $s$ an eigenvalue of the Gram matrix,
$\lvert w \rvert^2$ the squared length of the true weights there, $k$ outputs, $n$ samples, $m$ draws, $\nu$ the
standard deviation of the label noise, $\lambda$ penalties, $\tau_T, \tau_S, \sigma_T, \sigma_S$ temperatures and
assumed noises of teacher and student, $\tau$ the temperature of the soft labels, $\xi$ the mixing, $\varphi$ the floor
(variance of the discarded directions), $\gamma = s/n$.
"""


def formula_sheet() -> str:
    """Return the sheet as Markdown."""
    parts = [HEADER]
    for title, contained in subjects().items():
        parts.append(f"## {title}\n")
        parts += [_entry(derivation(name)) for name in contained]
    return "\n".join(parts)


def _entry(found: Derivation) -> str:
    lines = [f"### {found.title}", "", f"`{found.name}`", "", f"$${to_latex(found.statement)}$$", ""]
    if found.where:
        lines += ["with", "", "$$" + r",\qquad ".join(to_latex(equation) for equation in found.where) + "$$", ""]
    lines += [f"- Source: {found.source.text}.", f"- Domain: {_domain(found)}."]
    lines += [
        f"- Assumption: {assumption.meaning}{_relation(assumption.relation)}." for assumption in found.assumptions
    ]
    lines += ["- Derivation:", ""]
    lines += [f"  {number}. {_step(step.expression)}{step.reason}." for number, step in enumerate(found.steps, start=1)]
    return "\n".join([*lines, ""])


def _domain(found: Derivation) -> str:
    by_sign = domains(arguments(found.closed_form))
    return "; ".join(f"${', '.join(map(to_latex, listed))}$ {sign}" for sign, listed in by_sign.items())


def _relation(relation: sp.Basic) -> str:
    return "" if relation in (sp.true, sp.false) else f", ${to_latex(relation)}$"


def _step(expression: sp.Basic) -> str:
    latex = to_latex(expression)
    return f"$\\displaystyle {latex}$: " if len(latex) <= LONGEST_STEP else "(too long to show) "


def main(arguments_given: list[str] | None = None) -> None:
    """Write the sheet to the path given, by default `docs/formulas.md`."""
    given = sys.argv[1:] if arguments_given is None else arguments_given
    path = Path(given[0]) if given else DEFAULT_PATH
    path.write_text(formula_sheet(), encoding="utf-8")


if __name__ == "__main__":
    main()
