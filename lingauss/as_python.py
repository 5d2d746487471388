"""Designs, problems and laws written as Python: a script that rebuilds exactly the object it was made from.

Floats are written so that they read back as the same numbers. Any frozen dataclass can be written, so a learner or a
field that is added needs nothing here; types built otherwise than by their fields are registered below.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from functools import singledispatch
from typing import Any

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.gaussian import Gaussian
from lingauss.algebra.psd import Dense, Diagonal
from lingauss.errors import DomainError
from lingauss.model.bottleneck import Subspace
from lingauss.model.design import Design
from lingauss.model.problem import Problem
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.names import is_public
from lingauss.python_layout import Bracket, Node, as_variable, call, lay_out, listing, method
from lingauss.validation import Array


def to_python(value: Any, name: str, given: Mapping[str, Any] | None = None) -> str:
    """Return a script that binds ``name`` to an exact copy of a value.

    Parameters
    ----------
    value
        A design (its problem is bound to ``problem`` first), a problem, a law, a channel, a learner, or any other
        frozen dataclass of these, numbers and arrays.
    name : str
        A variable.
    given : mapping of str to object, optional
        Variables the script may use, because the reader has them.

    Raises
    ------
    DomainError
        If some part of the value is of a type that cannot be imported or written.

    Examples
    --------
    >>> import lingauss as lg
    >>> print(to_python(lg.Gaussian([0.5], [[2.0]]), "law"))
    import lingauss as lg
    <BLANKLINE>
    law = lg.Gaussian([0.5], [[2.0]])
    """
    script = Script(given or {})
    script.bind(name, value)
    return str(script)


def design_to_python(design: Design, name: str = "case", problem: str | None = None) -> str:
    """Return a script that rebuilds exactly this design.

    Parameters
    ----------
    name : str
        The variable it is bound to.
    problem : str, optional
        A variable that already holds this design's problem; default: the script builds that too.

    Raises
    ------
    DomainError
        If a part is of a class that cannot be imported or written, such as a learner that is no dataclass, or if a
        name is none.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
    >>> print(lg.Distillation(problem, teacher=lg.Ridge(2.0), mixing=0.5).to_python())
    import lingauss as lg
    <BLANKLINE>
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
    case = lg.Distillation(problem, teacher=lg.Ridge(penalty=2.0), mixing=0.5)
    """
    known = {} if problem is None else {as_variable(problem): design.problem}
    return to_python(design, as_variable(name), known)


class Script:
    """Statements in the making, with the imports they need and the names they have bound."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._bound = {id(value): (name, value) for name, value in given.items()}
        self._imports: set[str] = set()
        self._statements: list[str] = []

    def known(self, value: Any) -> str | None:
        """Return the variable that holds this very object, if one does."""
        return self._bound[id(value)][0] if id(value) in self._bound else None

    def write(self, value: Any) -> Node:
        """Return the expression of a value: a variable where one holds it."""
        return self.known(value) or expression(value, self)

    def bind(self, name: str, value: Any) -> None:
        """Add the statement that binds a variable to a copy of a value; the problem of a design is bound before."""
        if isinstance(value, Design) and self.known(value.problem) is None:
            self.bind("problem", value.problem)
        self.add(lay_out(self.write(value), f"{name} = "))
        self._bound[id(value)] = (name, value)

    def add(self, statement: str) -> None:
        """Add a statement."""
        self._statements.append(statement)

    def use(self, statement: str) -> None:
        """Add an import."""
        self._imports.add(statement)

    def name_of(self, kind: type) -> str:
        """Return how to name a class, importing it unless it is one of the public names of lingauss.

        Raises
        ------
        DomainError
            If it cannot be imported.
        """
        if is_public(kind):
            self.use("import lingauss as lg")
            return f"lg.{kind.__name__}"
        if kind.__qualname__ != kind.__name__:
            raise DomainError(
                "a class that can be imported", f"{kind.__module__}.{kind.__qualname__}", "Define it in a module."
            )
        if kind.__module__ != "__main__":
            self.use(f"from {kind.__module__} import {kind.__name__}")
        return kind.__name__

    def __str__(self) -> str:
        imports = sorted(self._imports, key=lambda line: ("numpy" not in line, line.startswith("from"), line))
        return "\n".join([*imports, *([""] if imports else []), *self._statements])


@singledispatch
def expression(value: Any, script: Script) -> Node:
    """Return the expression of a value; register types that are not built by their dataclass fields.

    Raises
    ------
    DomainError
    """
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise DomainError("a value that can be written as Python", type(value).__name__, "Use a frozen dataclass.")
    arguments: list[Node] = []
    keywords: dict[str, Node] = {}
    for field in dataclasses.fields(value):
        part = getattr(value, field.name)
        if not field.init or _is_default(part, field):
            continue
        if field.default is dataclasses.MISSING and not keywords and not isinstance(part, int | float):
            arguments.append(script.write(part))
        else:
            keywords[field.name] = script.write(part)
    return call(script.name_of(type(value)), *arguments, **keywords)


@expression.register(bool | np.bool_)
@expression.register(str)
@expression.register(type(None))
def _(value: Any, script: Script) -> Node:
    return repr(value if value is None or isinstance(value, str) else bool(value))


@expression.register(int | np.integer)
def _(value: int, script: Script) -> Node:
    return repr(int(value))


@expression.register(float | np.floating)
def _(value: float, script: Script) -> Node:
    return repr(float(value)) if math.isfinite(value) else f'float("{float(value)}")'


@expression.register(tuple)
def _(value: tuple[Any, ...], script: Script) -> Node:
    return Bracket("(", tuple(("", script.write(item)) for item in value), ")")


@expression.register(list)
def _(value: list[Any], script: Script) -> Node:
    return listing(*(script.write(item) for item in value))


@expression.register(np.ndarray)
def _(value: Array, script: Script) -> Node:
    script.use("import numpy as np")
    return call("np.array", _numbers(value, script)) if value.size else _numbers(value, script)


@expression.register(Diagonal)
def _(value: Diagonal, script: Script) -> Node:
    return call(script.name_of(Diagonal), _numbers(value.variances, script))


@expression.register(Gaussian)
def _(value: Gaussian, script: Script) -> Node:
    return call(script.name_of(Gaussian), _numbers(value.mean, script), _covariance(value.covariance, script))


@expression.register(Channel)
def _(value: Channel, script: Script) -> Node:
    offset = {"b": _numbers(value.b, script)} if value.b.ndim > 1 or np.any(value.b) else {}
    return call(script.name_of(Channel), _numbers(value.A, script), _covariance(value.covariance, script), **offset)


@expression.register(Subspace)
def _(value: Subspace, script: Script) -> Node:
    return call(script.name_of(Subspace), _numbers(value.basis, script))


@expression.register(WeakTeacher)
def _(value: WeakTeacher, script: Script) -> Node:
    """Write the learner; what it sees stands beside it."""
    return script.write(value.learner)


@expression.register(Problem)
def _(value: Problem, script: Script) -> Node:
    """Write the constructor a person would have used; where there is none, the fields."""
    truth, observed = value.truth, value.observed
    build = f"{script.name_of(Problem)}.from_gram"
    settings = {"n_samples": script.write(value.n_samples), "label_noise": script.write(value.label_noise)}
    if value.test_covariance is not None:
        settings["test_cov"] = _covariance(value.test_covariance, script)
    if value.intercept or type(value) is not Problem:
        return _by_fields(value, script)
    if value.population is not None:
        return _by_spectrum(value, script)
    if truth is None and (observed is not None or value.outputs == 1):
        unlabelled = call(build, _covariance(value.gramian, script), **settings)
        if observed is None:
            return unlabelled
        power = {} if value.label_power is None else {"label_power": script.write(value.label_power)}
        return method(unlabelled, "with_statistic", _rows(observed, script), **power)
    if truth is None or truth.plug_in or observed is not None:
        return _by_fields(value, script)
    if truth.mean is not None and truth.spread is None:
        return call(build, _covariance(value.gramian, script), truth=_rows(truth.mean, script), **settings)
    return _by_spectrum(value, script)


def _by_spectrum(value: Problem, script: Script) -> Node:
    """Write the constructor that takes eigenvalues and signal; where these do not say it all, the fields."""
    covariance = value.gramian if value.population is None else value.population.covariance
    truth, build = value.truth, "from_spectrum" if value.population is None else "from_population"
    if truth is None or truth.mean is not None or not isinstance(truth.spread, Diagonal):
        return _by_fields(value, script)
    if truth.plug_in or not isinstance(covariance, Diagonal):
        return _by_fields(value, script)
    settings = {"n_samples": script.write(value.n_samples), "label_noise": script.write(value.label_noise)}
    if value.population is None and value.test_covariance is not None:
        settings["test_cov"] = _covariance(value.test_covariance, script)
    if value.outputs != 1:
        settings["outputs"] = script.write(value.outputs)
    eigenvalues, signal = (_numbers(part.variances, script) for part in (covariance, truth.spread))
    return call(f"{script.name_of(Problem)}.{build}", eigenvalues, signal, **settings)


_by_fields = expression.dispatch(object)


def _is_default(part: Any, field: dataclasses.Field[Any]) -> bool:
    if field.default is dataclasses.MISSING:
        return False
    if part is field.default:
        return True
    return type(part) is type(field.default) and not isinstance(part, np.ndarray) and bool(part == field.default)


def _numbers(array: Array, script: Script) -> Node:
    """Write an array for an argument that lists of numbers are welcome to."""
    if not array.size:
        script.use("import numpy as np")
        return call("np.zeros", script.write(array.shape))
    return script.write(array.tolist())


def _rows(array: Array, script: Script) -> Node:
    """Write a (k, d) array for an argument where one axis means one row."""
    return _numbers(array[0] if len(array) == 1 else array, script)


def _covariance(value: Any, script: Script) -> Node:
    """Write a covariance for an argument that matrices are welcome to, unless its factor needs more than the matrix."""
    bare = type(value) is Dense and value.scale is None and value.known_rank is None
    if bare and np.array_equal(value.values, value.values.T):
        return _numbers(value.values, script)
    return script.write(value)
