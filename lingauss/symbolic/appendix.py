"""A complete LaTeX appendix: statements, assumptions, sources and the way each follows from its definition."""

from __future__ import annotations

from collections.abc import Iterable

from lingauss.symbolic import paper
from lingauss.symbolic.assumptions import domains
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.notation import to_latex
from lingauss.symbolic.registry import derivation, subjects

OPENING = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[margin=25mm]{geometry}
%s\allowdisplaybreaks
\begin{document}
\section*{Closed forms}
Each formula was derived from its definition by exact algebra, and proved equal to what is stated here. Divergences
are in nats; $\ell(x) = x - \log(1 + x)$. $s$ is an eigenvalue of the Gram matrix and $\signal$ the squared length
of the true weights there, $k$ the number of outputs, $n$ of samples, $d$ of directions, of which the student keeps
$r$, and $m$ of teacher draws; $\nu$ is the standard deviation of the label noise, $\lambda$ a penalty, $\tau_T,
\tau_S$ and $\sigma_T, \sigma_S$ are temperatures and assumed noises of teacher and student, $\tau$ is the
temperature of the soft labels, $\xi$ their share in the mixture and $\varphi$ the variance of the discarded
weights.
"""


def sheet(names: Iterable[str | Derivation] | str | None = None) -> str:
    r"""Return derivations as one LaTeX document, ready for pdflatex.

    Parameters
    ----------
    names
        Names of derivations, or derivations of your own making, in the order wanted; all by default.

    Returns
    -------
    str
        From ``\documentclass`` to ``\end{document}``. To include it in a paper, take what stands between
        ``\begin{document}`` and ``\end{document}``, and the lines of `preamble`.

    Raises
    ------
    UnknownNameError
        If a name is not that of a derivation; the closest ones are listed.
    """
    if names is None:
        chapters = {title: tuple(map(derivation, contained)) for title, contained in subjects().items()}
    else:
        wanted = (names,) if isinstance(names, str | Derivation) else tuple(names)
        chapters = {"": tuple(one if isinstance(one, Derivation) else derivation(one) for one in wanted)}
    parts = [OPENING % paper.preamble()]
    for title, found in chapters.items():
        parts += [rf"\section*{{{paper.text(title)}}}"] * bool(title)
        parts += [_entry(one) for one in found]
    return "\n".join([*parts, r"\end{document}", ""])


def _entry(found: Derivation) -> str:
    told = [f"Source: {paper.text(found.source.text)}."]
    told += [f"Domain: {'; '.join(f'{listed} {sign}' for sign, listed in _domains(found).items())}."]
    told += [f"Assumed: {paper.text(assumption.meaning)}." for assumption in found.assumptions]
    told += [f"Derivation: {'; '.join(paper.text(step.reason) for step in found.steps)}."]
    return "\n".join(
        [rf"\subsection*{{{paper.text(found.title)}}}", paper.equations(found, macros=True), r"\noindent", *told, ""]
    )


def _domains(found: Derivation) -> dict[str, str]:
    return {
        sign: ", ".join(f"${to_latex(symbol)}$" for symbol in symbols)
        for sign, symbols in domains(found.arguments).items()
    }
