"""How symbols are written in LaTeX where their names alone would not do."""

from __future__ import annotations

import re
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
        "intercept": r"c_{0}",
        "intercept_optimism": r"\mathrm{gen}_{0}",
        "intercept_risk": r"\mathcal{R}_{c}",
        "K_bias": r"K^{\mathrm{bias}}",
        "K_prediction": r"K^{\mathrm{pred}}",
        "K_rank": r"K^{\mathrm{rank}}",
        "K_variance": r"K^{\mathrm{var}}",
        "kernel_discarded": r"q^{\mathrm{rank}}",
        "kernel_retained": r"q^{\mathrm{train}}",
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
        "prediction_discarded_cost": r"e^{\mathrm{pred}}",
        "prediction_retained_cost": r"c^{\mathrm{pred}}",
        "P_bias": r"P^{\mathrm{bias}}",
        "P_rank": r"P^{\mathrm{rank}}",
        "P_training": r"P^{\mathrm{train}}",
        "P_variance": r"P^{\mathrm{var}}",
        "rho_S": r"\rho'_{S}",
        "rho_tau": r"\rho'",
        "sigma2_bar": r"\bar{\sigma}^{2}",
        "signal": r"\lvert w \rvert^{2}",
        "signals": r"\lvert w_{i} \rvert^{2}",
        "signal_min": r"\lvert w \rvert^{2}_{\min}",
        "slopes": r"\rho'",
        "soft_label_bias": r"l^{\mathrm{bias}}",
        "soft_label_level": r"l^{\mathrm{level}}",
        "soft_label_noise": r"l^{\mathrm{noise}}",
        "soft_label_observation": r"l^{\mathrm{obs}}",
        "soft_label_spread": r"l^{\mathrm{spread}}",
        "soft_power": r"\hat{p}",
        "t_soft": r"\hat{t}",
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
        "risk_S": r"\mathcal{E}_{S}",
        "risk_T": r"\mathcal{E}_{T}",
        "student_optimism": r"\mathrm{gen}_{S}",
        "teacher_optimism": r"\mathrm{gen}_{T}",
        "student_risk": r"\mathcal{R}_{S}",
        "unseen_risk": r"\mathcal{R}_{0}",
        "W2_squared": r"W_{2}^{2}",
        "g_squared": r"g^{2}",
        "drawn_spread": r"v^{\mathrm{draw}}",
        "effective": r"\kappa",
        "bias_TT": r"\lVert a_{T} \rVert^{2}",
        "bias_SS": r"\lVert a_{S} \rVert^{2}",
        "bias_ST": r"\langle a_{S}, a_{T} \rangle",
        "carried_T": r"\langle c, a_{T} \rangle",
        "carried_S": r"\langle c, a_{S} \rangle",
        "carried": r"\lVert c \rVert^{2}",
        "residual_T": r"\rho_{T}",
    }
)


PRIME = "_prime"  # ends the name of a quantity that stands beside another of the same name
_SUBSCRIPT = re.compile(r"_\{((?:[^{}]|\{[^{}]*\})*)\}$")


class _Printer(LatexPrinter):  # type: ignore[misc]
    """LaTeX in the notation of the documentation."""

    excess_log = r"\ell\left(%s\right)"

    def _print_Symbol(self, symbol: sp.Symbol, style: str = "plain") -> str:
        name = symbol.name.removesuffix(PRIME)
        latex = LATEX.get(name) or str(super()._print_Symbol(sp.Symbol(name), style))
        return latex if name == symbol.name else f"{{{latex}}}'"

    def _print_Indexed(self, indexed: sp.Indexed) -> str:
        index = self._print(indexed.indices[0])
        if str(indexed.base) == "signals":
            return rf"\lvert w_{{{index}}} \rvert^{{2}}"
        base = self._print(indexed.base.label)
        subscript = _SUBSCRIPT.search(base)
        if subscript:  # one subscript for both
            return f"{base[: subscript.start()]}_{{{subscript[1]},{index}}}"
        return f"{base}_{{{index}}}"

    def _print_Pow(self, power: sp.Pow) -> str:
        if isinstance(power.base, sp.Symbol | sp.Indexed) and power.exp.is_positive:
            base = self._print(power.base)
            if "^" in base or "'" in base:  # two superscripts need a brace between them
                return f"{{{base}}}^{{{self._print(power.exp)}}}"
        return str(super()._print_Pow(power))

    def _print_Limit(self, limit: sp.Limit) -> str:
        expression, variable, point, _ = limit.args
        return rf"\lim_{{{self._print(variable)} \to {self._print(point)}}} {self._print(expression)}"


class _MacroPrinter(_Printer):
    """The same with commands for what papers write in their own way."""

    excess_log = r"\excesslog{%s}"

    def _print_Symbol(self, symbol: sp.Symbol, style: str = "plain") -> str:
        return r"\signal" if symbol.name == "signal" else super()._print_Symbol(symbol, style)

    def _print_Indexed(self, indexed: sp.Indexed) -> str:
        if str(indexed.base) == "signals":
            return rf"\signal[{self._print(indexed.indices[0])}]"
        return super()._print_Indexed(indexed)


def to_latex(expression: sp.Basic, macros: bool = False) -> str:
    """Return an expression as LaTeX without delimiters."""
    printer = _MacroPrinter if macros else _Printer
    return str(printer({"fold_short_frac": False}).doprint(expression))
