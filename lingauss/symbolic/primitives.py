"""The one special function of the formulas: x − log(1 + x), to full accuracy also for small x."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

SERIES_TERMS = 18  # |x| < 1/2 means r² ≤ 1/9: the next term is below 9⁻¹⁸/39 < 2e-19

PYTHON_SOURCE = f'''def ExcessLog(x):
    """x - log(1 + x), accurate to the last digits also for small x."""
    x = np.asarray(x, dtype=float)
    small = np.abs(x) < 0.5
    y = np.where(small, x, 0.0)
    r = y / (2.0 + y)
    r2, tail = r * r, 0.0
    for j in range({SERIES_TERMS}, -1, -1):
        tail = tail * r2 + 2.0 / (2 * j + 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(small, r * (y - r2 * tail), x - np.log1p(x))[()]
'''

JAVASCRIPT_SOURCE = f"""// x - log(1 + x), accurate to the last digits also for small x
function excessLog(x) {{
  if (!(Math.abs(x) < 0.5)) return x === Infinity ? Infinity : x - Math.log1p(x);
  const r = x / (2 + x);
  const r2 = r * r;
  let tail = 0;
  for (let j = {SERIES_TERMS}; j >= 0; j--) tail = tail * r2 + 2 / (2 * j + 3);
  return r * (x - r2 * tail);
}}
"""


def excess_log(x: npt.ArrayLike) -> Any:
    """Evaluate x − log(1 + x) without cancellation.

    Below |x| = ½ it uses log(1+x) = 2 atanh r with r = x/(2+x), whose leading term is removed by hand:
    x − 2r = xr exactly.

    Parameters
    ----------
    x
        Array of any shape; relative excess of a variance ratio, ρ − 1.

    Returns
    -------
    numpy.ndarray or numpy.float64
        Same shape as `x`, in nats; +inf at −1 and at +inf, NaN below −1.
    """
    x = np.asarray(x, dtype=float)
    small = np.abs(x) < 0.5
    y = np.where(small, x, 0.0)
    r = y / (2.0 + y)
    r2 = r * r
    tail = np.zeros_like(y)
    for j in range(SERIES_TERMS, -1, -1):
        tail = tail * r2 + 2.0 / (2 * j + 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        direct = np.where(np.isposinf(x), np.inf, x - np.log1p(x))
    return np.where(small, r * (y - r2 * tail), direct)[()]


class ExcessLog(sp.Function):  # type: ignore[misc]
    """ℓ(x) = x − log(1 + x) for x > −1: twice the divergence, in nats, that a variance ratio 1 + x costs.

    Kept unevaluated, so that printed code calls the stable primitive; ``rewrite(log)`` opens it.
    """

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Evaluate where the value is exact: at 0 and at the ends of the domain."""
        if x.is_zero:
            return sp.S.Zero
        if x in (sp.oo, sp.S.NegativeOne):
            return sp.oo
        return None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative x/(1 + x)."""
        return self.args[0] / (1 + self.args[0])

    def _eval_rewrite_as_log(self, x: sp.Expr, **hints: Any) -> sp.Expr:
        return x - sp.log(1 + x)

    def _eval_evalf(self, prec: int) -> sp.Expr:
        # twice the digits: the difference loses as many as x has leading zeros
        return self.rewrite(sp.log).evalf(2 * prec)._eval_evalf(prec)

    def _eval_is_nonnegative(self) -> bool | None:
        return True if (1 + self.args[0]).is_positive else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = getattr(printer, "excess_log", r"\ell\left(%s\right)") % printer._print(self.args[0])
        return body if exp is None else rf"{body}^{{{exp}}}"
