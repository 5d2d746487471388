"""Formulas as Python and JavaScript: one stable primitive, one function per formula."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.numpy import NumPyPrinter

from lingauss.symbolic.primitives import JAVASCRIPT_SOURCE, PYTHON_SOURCE, excess_log


class _PythonPrinter(NumPyPrinter):  # type: ignore[misc]
    """Numpy code; arrays over directions count from 0 in code and from 1 in formulas."""

    def _print_ExcessLog(self, expression: sp.Expr) -> str:
        return f"ExcessLog({self._print(expression.args[0])})"

    def _print_Indexed(self, expression: sp.Indexed) -> str:
        return f"{self._print(expression.base.label)}[{self._print(expression.indices[0] - 1)}]"

    def _print_Sum(self, expression: sp.Sum) -> str:
        index, low, high = expression.limits[0]
        body = self._print(expression.function)
        return f"builtins.sum({body} for {index} in range({self._print(low)}, {self._print(high)} + 1))"


class _JavaScriptPrinter(JavascriptCodePrinter):  # type: ignore[misc]
    """JavaScript; sums become reductions over an index array."""

    def _print_ExcessLog(self, expression: sp.Expr) -> str:
        return f"excessLog({self._print(expression.args[0])})"

    def _print_Indexed(self, expression: sp.Indexed) -> str:
        return f"{self._print(expression.base.label)}[{self._print(expression.indices[0] - 1)}]"

    def _print_Sum(self, expression: sp.Sum) -> str:
        index, low, high = expression.limits[0]
        body = self._print(expression.function)
        indices = f"Array.from({{length: {self._print(high - low + 1)}}}, (_, j) => j + {self._print(low)})"
        return f"{indices}.reduce((total, {index}) => total + ({body}), 0)"

    def _print_Tuple(self, expression: sp.Tuple) -> str:
        return f"[{', '.join(self._print(entry) for entry in expression)}]"


def arguments(expression: sp.Basic) -> tuple[sp.Symbol, ...]:
    """Return the free symbols of an expression in alphabetical order, arrays over directions by their base's label."""
    symbols = {symbol for symbol in expression.free_symbols if isinstance(symbol, sp.Symbol)}
    return tuple(sorted(symbols, key=lambda symbol: (symbol.name.lower(), symbol.name)))


def to_callable(expression: sp.Basic, name: str) -> Callable[..., Any]:
    """Compile an expression to a numpy function of its `arguments`."""
    function: Callable[..., Any] = sp.lambdify(
        arguments(expression),
        expression,
        modules=[{"ExcessLog": excess_log, "builtins": builtins}, "numpy"],
        printer=_PythonPrinter({"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True}),
        docstring_limit=0,
    )
    function.__name__ = name
    return function


def to_python(name: str, statement: sp.Eq, where: Sequence[sp.Eq]) -> str:
    """Write a formula as a Python module; see `Derivation.to_python`."""
    statement, where = _without_arrays(statement, where)
    printer = _PythonPrinter({"fully_qualified_modules": True})
    lines = [f"    {equation.lhs} = {_printed(printer, equation.rhs)}" for equation in where]
    result = _printed(printer, statement.rhs)
    header = f"def {name}({', '.join(_parameters(statement, where))}):"
    body = "\n".join([header, f'    """{sp.sstr(statement.lhs)}."""', *lines, f"    return {result}"])
    return f"import builtins\n\nimport numpy\nimport numpy as np\n\n\n{PYTHON_SOURCE}\n\n{body}\n"


def to_javascript(name: str, statement: sp.Eq, where: Sequence[sp.Eq]) -> str:
    """Write a formula as JavaScript; see `Derivation.to_javascript`."""
    return f"{JAVASCRIPT_SOURCE}\n{javascript_function(name, statement, where)}"


def javascript_function(name: str, statement: sp.Eq, where: Sequence[sp.Eq]) -> str:
    """Write the function alone, for files that hold many formulas and the primitive once."""
    statement, where = _without_arrays(statement, where)
    printer = _JavaScriptPrinter({"user_functions": {"excessLogGiven": "excessLogGiven"}})
    lines = [f"  const {equation.lhs} = {_printed(printer, equation.rhs)};" for equation in where]
    header = f"function {name}({', '.join(_parameters(statement, where))}) {{"
    return "\n".join([header, *lines, f"  return {_printed(printer, statement.rhs)};", "}"]) + "\n"


def _without_arrays(statement: sp.Eq, where: Sequence[sp.Eq]) -> tuple[sp.Eq, list[sp.Eq]]:
    """Write out abbreviations that have a value per direction; variables hold the others."""
    arrays: dict[sp.Basic, sp.Expr] = {}
    scalars = []
    for equation in where:
        meaning = equation.rhs.xreplace(arrays)
        if isinstance(equation.lhs, sp.Indexed):
            arrays[equation.lhs] = meaning
        else:
            scalars.append(sp.Eq(equation.lhs, meaning, evaluate=False))
    return sp.Eq(statement.lhs, statement.rhs.xreplace(arrays), evaluate=False), scalars


def _printed(printer: Any, expression: sp.Basic) -> str:
    return str(printer.doprint(expression)).replace("\n", " ")


def _parameters(statement: sp.Eq, where: Sequence[sp.Eq]) -> list[str]:
    abbreviations = {equation.lhs for equation in where}
    used = sp.Tuple(statement.rhs, *(equation.rhs for equation in where))
    return [symbol.name for symbol in arguments(used) if symbol not in abbreviations]
