"""A formula as an object that can be printed, compiled, combined and explored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from lingauss.errors import NotProvedError, UnknownNameError
from lingauss.symbolic import arithmetic, codegen, explore, leading, paper
from lingauss.symbolic.formula import Formula
from lingauss.symbolic.notation import to_latex
from lingauss.symbolic.reading import exact, find_symbol
from lingauss.symbolic.specialisations import Specialisation
from lingauss.symbolic.symbols import d

STYLES = ("inline", "paper")


@dataclass(frozen=True, repr=False)
class Derivation(Formula):
    """A closed form with the route that leads to it.

    The right side of the statement is the closed form as written in the documentation; the last step is what the code
    computed from the definitions. `verify` proves that they are the same function.

    Parameters
    ----------
    name
        Name in the registry; also the name of the emitted functions.
    title
        One line for people.
    statement
        Equation: the quantity on the left, its closed form on the right; a Tuple states several quantities at once.
    steps
        From the definition to the result.
    where
        Abbreviations used on the right side, each an equation; a later one may use earlier ones.
    assumptions
        Conditions beyond the signs of the symbols.
    source
        Who derived it.
    """

    def latex(self, style: str = "inline", macros: bool = False) -> str:
        """Return the statement and its abbreviations as LaTeX.

        Parameters
        ----------
        style
            ``"inline"``: one line without delimiters. ``"paper"``: an ``align*`` environment in lines of a page's
            width, which needs amsmath and amssymb.
        macros
            Whether to write |w|², ℓ and O as commands, which `lingauss.symbolic.preamble` defines.

        Raises
        ------
        UnknownNameError
            For another style.
        """
        if style not in STYLES:
            raise UnknownNameError(f"a style among {', '.join(STYLES)}", repr(style), "Choose one of those.")
        if style == "paper":
            return paper.equations(self, macros)
        statement, *where = (to_latex(equation, macros) for equation in (self.statement, *self.where))
        if self.left_out != 0:
            size = to_latex(self.left_out, macros)
            statement += rf" + \order{{{size}}}" if macros else rf" + O\left({size}\right)"
        return r",\qquad ".join([statement, *where])

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    def lambdify(self) -> Callable[..., Any]:
        """Return a numpy function of the `arguments`, by position or by name, that broadcasts.

        Returns
        -------
        callable
            Arguments are floats or arrays; an array over directions has them along its first axis.
        """
        return codegen.to_callable(self.closed_form, self.name)

    def to_python(self) -> str:
        """Return the source of a Python module that needs numpy only: the stable primitive and one function."""
        return codegen.to_python(self.name, self.statement, self.where)

    def to_javascript(self) -> str:
        """Return JavaScript without dependencies: the stable primitive and a function of `arguments`, in that order."""
        return codegen.to_javascript(self.name, self.statement, self.where)

    def __add__(self, other: Derivation) -> Derivation:
        """Add two formulas; see `lingauss.symbolic.arithmetic.add`."""
        return arithmetic.add(self, other) if isinstance(other, Derivation) else NotImplemented

    def __sub__(self, other: Derivation) -> Derivation:
        """Subtract a formula from another; see `lingauss.symbolic.arithmetic.add`."""
        return arithmetic.subtract(self, other) if isinstance(other, Derivation) else NotImplemented

    def __mul__(self, factor: float | sp.Expr) -> Derivation:
        """Multiply by a number or an expression; a float is read as the decimal it prints as."""
        if not isinstance(factor, int | float | sp.Expr):
            return NotImplemented
        return arithmetic.scale(self, exact(factor))

    __rmul__ = __mul__

    def __neg__(self) -> Derivation:
        return arithmetic.scale(self, sp.S.NegativeOne)

    def __truediv__(self, other: Derivation | float | sp.Expr) -> Derivation:
        """Divide by another formula, a number or an expression."""
        if isinstance(other, Derivation):
            return arithmetic.divide(self, other)
        if not isinstance(other, int | float | sp.Expr):
            return NotImplemented
        return arithmetic.scale(self, 1 / exact(other))

    def over_directions(self, first: object = 1, last: object = d) -> Derivation:
        """Sum a formula for one direction; see `lingauss.symbolic.arithmetic.over_directions`."""
        return arithmetic.over_directions(self, exact(first), exact(last))

    def substitute(self, values: Mapping[sp.Symbol | str, object]) -> Derivation:
        """Put values or expressions for symbols; see `lingauss.symbolic.explore.substitute`."""
        return explore.substitute(self, values)

    def specialise(self, special: Specialisation) -> Derivation:
        """Go to a special case such as `ISOTROPIC` or `LARGE_SAMPLE`; see `lingauss.symbolic.explore.specialise`."""
        return explore.specialise(self, special)

    def limit(self, symbol: sp.Symbol | str, point: object) -> Derivation:
        """Let a symbol tend to a point from the side its sign allows; see `lingauss.symbolic.explore.limit`."""
        return explore.limit(self, symbol, point)

    def leading_order(self, symbol: sp.Symbol | str, point: object) -> LeadingOrder:
        """Return the leading order as a symbol tends to a point from above or to infinity, all else fixed.

        Parameters
        ----------
        symbol
            The variable, such as ``"n"``.
        point
            Where it tends to: a number, or infinity.

        Returns
        -------
        LeadingOrder
            A derivation with coefficient, power and the order of the remainder, which `verify` proves too.

        Raises
        ------
        UnknownSymbolError
            If the symbol does not occur in the formula.
        AssumptionError
            If the point leaves the closure of a stated assumption.
        DomainError
            If the formula has no expansion in powers and logarithms there.
        """
        return LeadingOrder(**leading.leading_order(self, find_symbol(self, symbol), exact(point)))

    def differentiate(self, symbol: sp.Symbol | str) -> Derivation:
        """Return the sensitivity to a symbol; see `lingauss.symbolic.explore.differentiate`."""
        return explore.differentiate(self, symbol)

    def solve_for(self, symbol: sp.Symbol | str, value: object = 0) -> tuple[Derivation, ...]:
        """Return the thresholds at which the formula takes a value; see `lingauss.symbolic.explore.solve_for`."""
        return explore.solve_for(self, symbol, value)


@dataclass(frozen=True, kw_only=True, repr=False)
class LeadingOrder(Derivation):
    """A formula up to a remainder of smaller order: quantity = coefficient · x^power (log x)^logarithm + O(remainder).

    The statement holds the leading term alone. `verify` proves the term and that what is left is not larger than the
    remainder, from the convergent expansion of what was derived.

    Parameters
    ----------
    variable, point
        x, and where it tends to: a number, from above, or infinity. Near a number, x stands for the distance from it.
    coefficient, power, logarithm
        Of the leading term.
    remainder
        Order of what is left, as an expression; 0 if nothing is.
    """

    variable: sp.Symbol
    point: sp.Expr
    coefficient: sp.Expr
    power: sp.Expr
    logarithm: int
    remainder: sp.Expr

    @property
    def left_out(self) -> sp.Expr:
        """Order of what the statement leaves out."""
        return self.remainder

    def verify(self) -> None:
        """Prove the leading term and the order of the remainder.

        Raises
        ------
        NotProvedError
            If either does not follow from what was derived.
        """
        super().verify()
        _, following = leading.found(self.steps[-2].expression, self.variable, self.point)
        proved = leading.order_of(following, self.variable, self.point)
        if self.remainder != proved:
            raise NotProvedError(
                f"the remainder of '{self.name}' to be of order {sp.sstr(proved)}",
                sp.sstr(self.remainder),
                "The remainder was changed by hand; derive it again.",
            )
