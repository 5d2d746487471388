"""How symbols are written in LaTeX where their names alone would not do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sympy as sp
from sympy.printing.latex import LatexPrinter

LATEX: Mapping[str, str] = MappingProxyType(
    {
        "A_w": "A",
        "c_eta": r"c(\eta)",
        "densities": r"\gamma",
        "discarded_bias": r"e^{\mathrm{mean}}",
        "discarded_cost": "e",
        "discarded_noise": r"e^{\mathrm{noise}}",
        "discarded_spread": r"e^{\mathrm{spread}}",
        "E_a": r"\mathbb{E}[w_{a} \mid b = 0]",
        "E_T": r"\mathbb{E}\,W_{T}",
        "E_theta": r"\mathbb{E}\,W_{\theta}",
        "E_w": r"\mathbb{E}\,w",
        "excess": "x",
        "floor": r"\varphi",
        "floor_star": r"\varphi^{\star}",
        "gen": r"\mathrm{gen}",
        "gen_S": r"\mathrm{gen}_{S}",
        "gen_T": r"\mathrm{gen}_{T}",
        "KL": r"\mathrm{KL}",
        "KL_mean": r"\mathrm{KL}_{\mathrm{mean}}",
        "KL_min": r"\min \mathrm{KL}",
        "KL_spread": r"\mathrm{KL}_{\mathrm{spread}}",
        "lam": r"\lambda",
        "L_bound": r"\bar{L}",
        "R": r"R(\lambda)",
        "R_lam": r"R'(\lambda)",
        "R_star": r"R(\xi^{\star})",
        "R_xi": r"R(\xi)",
        "bound": r"\max\,\lvert \mathrm{gen}_{S} - \mathrm{gen}_{T} \rvert",
        "lower": r"\min\,\mathrm{gen}_{S}",
        "beta2": r"\beta^{2}",
        "gamma2": r"\gamma_{i}^{2}",
        "noise_scaling_discarded": r"e(\nu)",
        "noise_scaling_retained": r"c(\nu)",
        "retained_bias": r"c^{\mathrm{mean}}",
        "retained_cost": "c",
        "retained_noise": r"c^{\mathrm{noise}}",
        "retained_spread": r"c^{\mathrm{spread}}",
        "rho_S": r"\rho'_{S}",
        "rho_tau": r"\rho'",
        "sigma2_bar": r"\bar{\sigma}^{2}",
        "signal": r"\lvert w \rvert^{2}",
        "signal_min": r"\lvert w \rvert^{2}_{\min}",
        "slopes": r"\rho'",
        "spectrum": "s",
        "spread_star": r"e^{\mathrm{spread}}(\varphi^{\star})",
        "tau_star": r"\tau^{\star}",
        "Var_a": r"\mathrm{Var}[w_{a} \mid b = 0]",
        "Var_w": r"\mathrm{Var}\,w",
        "variances": "v",
        "V_inf": r"\mathrm{Var}\,W_{\infty}",
        "V_T": r"\mathrm{Var}\,W_{T}",
        "V_theta": r"\mathrm{Var}\,W_{\theta}",
        "V_w": "V",
        "xi_0": r"\xi^{\circ}",
        "xi_star": r"\xi^{\star}",
        "teacher_risk": r"\mathcal{R}_{T}",
        "student_risk": r"\mathcal{R}_{S}",
        "unseen_risk": r"\mathcal{R}_{0}",
        "W2_squared": r"W_{2}^{2}",
        "g_squared": r"g^{2}",
    }
)


class _Printer(LatexPrinter):  # type: ignore[misc]
    """LaTeX in the notation of the documentation."""

    def _print_Symbol(self, symbol: sp.Symbol, style: str = "plain") -> str:
        return LATEX.get(symbol.name) or str(super()._print_Symbol(symbol, style))

    def _print_Indexed(self, indexed: sp.Indexed) -> str:
        index = self._print(indexed.indices[0])
        if str(indexed.base) == "signals":
            return rf"\lvert w_{{{index}}} \rvert^{{2}}"
        return f"{self._print(indexed.base.label)}_{{{index}}}"

    def _print_Limit(self, limit: sp.Limit) -> str:
        expression, variable, point, _ = limit.args
        return rf"\lim_{{{self._print(variable)} \to {self._print(point)}}} {self._print(expression)}"


def to_latex(expression: sp.Basic) -> str:
    """Return an expression as LaTeX without delimiters."""
    return str(_Printer({"fold_short_frac": False}).doprint(expression))
