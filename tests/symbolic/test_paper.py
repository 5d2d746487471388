"""LaTeX goes straight into a paper: house notation, lines that fit, and appendices that pdflatex sets."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import sympy as sp

from lingauss import symbolic as sym
from lingauss.errors import UnknownNameError
from lingauss.symbolic import paper

NEEDED = os.environ.get("LINGAUSS_NEEDS_LATEX")
needs_latex = pytest.mark.skipif(not (shutil.which("pdflatex") or NEEDED), reason="needs pdflatex")
K_N = sym.derivation("divergence")


def set_by_pdflatex(document: str, folder: Path) -> str:
    """Return the log of a document that compiles without an error."""
    (folder / "paper.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = (folder / "paper.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-2000:]
    assert (folder / "paper.pdf").stat().st_size > 0
    return log


@needs_latex
def test_the_whole_sheet_compiles_and_nothing_stands_out_into_the_margin(tmp_path: Path) -> None:
    log = set_by_pdflatex(sym.sheet(), tmp_path)
    assert "Overfull" not in log


@needs_latex
def test_results_of_ones_own_compile_beside_named_ones(tmp_path: Path) -> None:
    own = [
        K_N.specialise(sym.GROWING).leading_order("n", sp.oo),
        K_N.specialise(sym.POWER_LAW),
        K_N - K_N.substitute({"tau": 0}),
        sym.derivation("retained_noise") / sym.derivation("retained_bias"),
        sym.derivation("retained_cost").differentiate("tau"),
    ]
    set_by_pdflatex(sym.sheet([*own, "temperature_star"]), tmp_path)


@needs_latex
@pytest.mark.parametrize("macros", [False, True])
def test_an_equation_compiles_in_a_document_of_ones_own(macros: bool, tmp_path: Path) -> None:
    head = sym.preamble() if macros else "\\usepackage{amsmath, amssymb}\n"
    body = K_N.latex(style="paper", macros=macros)
    set_by_pdflatex(f"\\documentclass{{article}}\n{head}\\begin{{document}}\n{body}\n\\end{{document}}\n", tmp_path)


def test_no_internal_name_is_printed() -> None:
    for name in sym.names():
        shown = sym.derivation(name).latex(style="paper")
        for word in ("signal", "spectrum", "discarded", "retained", "floor", "lambda_T", "risk", "intercept"):
            assert word not in shown, name


def test_macros_stand_for_the_notions_that_papers_write_in_their_own_way() -> None:
    shown = K_N.latex(style="paper", macros=True)
    assert r"\signal[i]" in shown
    assert r"\excesslog{x_{a,i}}" in shown
    assert r"\lvert w" not in shown
    assert r"\newcommand{\signal}" in sym.preamble()
    assert r"\signal" not in K_N.latex(style="paper")


def test_kept_directions_are_shown_before_dropped_ones_in_an_aligned_environment() -> None:
    shown = K_N.latex(style="paper")
    assert shown.startswith("\\begin{align*}\nK_{n} ={}&")
    assert shown.index("i=1}^{r}") < shown.index("i=r + 1}^{d}")
    assert shown.count(r"\Bigl[") == shown.count(r"\Bigr]")
    assert all(line.count("&") == 1 for line in shown.splitlines()[1:-1])


def test_words_with_mathematics_in_them_become_latex() -> None:
    assert paper.text("σ_S = ν & t²") == (r"\ensuremath{\sigma_{S}} = \ensuremath{\nu} \& t\ensuremath{^{2}}")
    assert paper.text("p^α q^(1−α)") == r"\ensuremath{p^{\alpha}} \ensuremath{q^{1- \alpha}}"


def test_a_sheet_attributes_its_sources_and_says_what_is_assumed() -> None:
    shown = sym.sheet("bias")
    assert r"Li \& He" in shown
    assert "the student keeps the first r of d directions" in shown
    assert shown.startswith(r"\documentclass")
    assert shown.endswith("\\end{document}\n")


def test_unknown_names_and_styles_list_the_closest() -> None:
    with pytest.raises(UnknownNameError, match="divergence"):
        sym.sheet(["divergenc"])
    with pytest.raises(UnknownNameError, match="inline, paper"):
        K_N.latex(style="papers")
