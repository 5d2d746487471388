"""From a number to its formula: what a quantity of a design is made of, direction by direction (docs/symbolic.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lingauss.errors import DomainError
from lingauss.model.bottleneck import Subspace
from lingauss.model.design import Design
from lingauss.model.learners import Ridge
from lingauss.sweep.quantities import QUANTITIES
from lingauss.validation import Array
from lingauss.vocabulary import unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from lingauss.symbolic import Derivation
    from lingauss.symbolic.whole import Whole


@dataclass(frozen=True, eq=False)
class Explanation:
    """A quantity of a design beside its formula; made by :meth:`lingauss.Distillation.explain`.

    Attributes
    ----------
    quantity, units : str
    derivation : lingauss.symbolic.Derivation
        The formula for any number of directions, the r that are kept first, with the route from its definition.
    settings : dict of str to float
        What is put for the symbols that are the same in every direction, by their names.
    by_direction : pandas.DataFrame
        One row per eigen-direction, largest eigenvalue first: ``spectrum`` s_i, ``signals`` |w_i|² where the formula
        has it, whether the direction is ``kept``, the formula's abbreviations, and the ``value`` it adds.
    intercept : float
        What a fitted intercept adds; 0 without one.
    value : float
        The sum, in ``units``: the number that the library gives.
    """

    quantity: str
    units: str
    derivation: Derivation
    settings: Mapping[str, float]
    by_direction: pd.DataFrame
    intercept: float
    value: float

    def __repr__(self) -> str:
        return f"Explanation of {self.quantity} = {self.value:.6g} {self.units}; print() shows its formula and terms"

    def __str__(self) -> str:
        put = ", ".join(f"{name} = {value:.6g}" for name, value in self.settings.items())
        level = f" + {self.intercept:.6g} for the intercept" if self.intercept else ""
        table = self.by_direction.to_string(float_format=lambda number: f"{number:.6g}")
        total = f"{self.quantity} = {self.value:.6g} {self.units}, the sum of the values{level}"
        return "\n".join([f"{self.derivation.title}: {self.derivation.statement}", f"with {put}", table, total])

    def _repr_html_(self) -> str:
        put = ", ".join(f"{name} = {value:.6g}" for name, value in self.settings.items())
        formula = f"<p>$\\displaystyle {self.derivation.latex()}$</p>"
        total = f"<p>{self.quantity} = {self.value:.6g} {self.units}</p>"
        return f"{formula}<p>{put}</p>{self.by_direction.to_html()}{total}"


def explain(case: Design, quantity: str = "divergence") -> Explanation:
    """Return the formula behind a number, what is put into it in every direction, and what it adds up to.

    Parameters
    ----------
    quantity : str
        Among ``divergence``, ``bias``, ``variance``, ``rank_bottleneck``, ``prediction_divergence``,
        ``teacher_gap``, ``student_gap``, ``teacher_excess_risk`` and ``student_excess_risk``.

    Returns
    -------
    Explanation
        With ``derivation`` (docs/symbolic.md), ``settings``, ``by_direction`` and ``value``.

    Raises
    ------
    UnknownNameError
        For another quantity.
    DomainError
        Unless both sides are Ridge, on the same inputs, and the bottleneck keeps whole eigen-directions.
    MissingTruthError
        If the formula is an average over labels and the problem knows no truth.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
    >>> found = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0), lg.Principal(1)).explain("rank_bottleneck")
    >>> found.by_direction["value"].round(6).tolist()
    [0.0, 0.903426]
    >>> round(found.value, 6)
    0.903426
    """
    import pandas as pd

    from lingauss.symbolic import derivation
    from lingauss.symbolic.whole import WHOLES

    if not isinstance(quantity, str) or quantity not in WHOLES:
        raise unknown_name("a quantity with a formula", quantity, WHOLES)
    _check_falls_apart(case, quantity)
    whole, found = WHOLES[quantity], derivation(quantity)
    kept = np.isin(np.arange(case.problem.n_features), case.retained_directions)
    columns: dict[str, Array] = {"spectrum": case.problem.eigenbasis.eigenvalues}
    if "signals" in map(str, found.arguments):
        columns["signals"] = case.problem.signal
    settings = _settings(case)
    values, abbreviations, constant = _evaluate(whole, columns, settings, kept)
    level = 0.0
    if whole.intercept and case.problem.intercept:
        level = float(_value(derivation(whole.intercept), settings))
    value = math.fsum([*values.tolist(), level]) if np.isfinite(values).all() else float(np.sum(values))
    if math.isnan(value):
        raise DomainError(
            "settings at which the formula is defined",
            ", ".join(f"{name} = {number:g}" for name, number in settings.items()),
            "Use penalties and temperatures above 0; the library's own result takes the limit.",
        )
    used = {str(symbol) for symbol in found.arguments}
    return Explanation(
        quantity,
        QUANTITIES[quantity].units if quantity in QUANTITIES else "nats",
        found,
        {name: number for name, number in settings.items() if name in used} | constant,
        pd.DataFrame(columns | {"kept": kept} | abbreviations | {"value": values}).rename_axis("direction"),
        level,
        value,
    )


def _check_falls_apart(case: Design, quantity: str) -> None:
    """Refuse designs whose costs are not sums over eigen-directions of the formulas for ridge."""
    for role in ("teacher", "student"):
        learner = getattr(case, role)
        if not isinstance(learner, Ridge):
            raise DomainError(
                f"a Ridge as {role}, for which the formulas are written", type(learner).__name__, "Use its ledger."
            )
    if case.transfer is not None or isinstance(case.view, Subspace):
        what = "transfer inputs" if case.transfer is not None else "a general subspace"
        raise DomainError(
            "a design that falls apart into eigen-directions: one set of inputs, a spectral bottleneck",
            what,
            "Use Principal, Best or Selected, or ask divergence() for the ledger.",
        )
    if case.problem.test_covariance is not None and quantity not in (
        "divergence",
        "bias",
        "variance",
        "rank_bottleneck",
    ):
        raise DomainError("fixed design, test inputs as the training inputs", "a test_cov", "Leave test_cov out.")


def _settings(case: Design) -> dict[str, float]:
    """Return the value of every symbol that is the same in all directions, by name."""
    problem = case.problem
    settings: dict[str, float] = {
        "k": problem.outputs,
        "n": problem.n_samples,
        "nu": problem.label_noise,
        "r": case.rank,
        "d": problem.n_features,
        "tau": case.temperature,
        "xi": case.mixing,
        "m": case.draws,
        "intercept": int(problem.intercept),
    }
    for learner, role in ((case.teacher, "T"), (case.student, "S")):
        assert isinstance(learner, Ridge)  # noqa: S101 - checked before
        settings |= {
            f"lambda_{role}": learner.penalty,
            f"tau_{role}": learner.temperature,
            f"sigma_{role}": problem.label_noise if learner.noise is None else learner.noise,
        }
    if case.rank < problem.n_features:
        settings["floor"] = float(case.resolved_floor or 0.0)
    return settings


def _evaluate(
    whole: Whole, columns: Mapping[str, Array], settings: Mapping[str, float], kept: npt.NDArray[np.bool_]
) -> tuple[Array, dict[str, Array], dict[str, float]]:
    """Return what each direction adds, the abbreviations per direction, and those that are the same in all."""
    from lingauss.symbolic.whole import of_direction

    values = np.zeros(len(kept))
    abbreviations: dict[str, Array] = {}
    constant: dict[str, float] = {}
    for names, here in ((whole.kept, kept), (whole.dropped, ~kept)):
        given: dict[str, Any] = dict(settings) | {"s": columns["spectrum"][here]}
        if "signals" in columns:
            given["signal"] = columns["signals"][here]
        for found in map(of_direction, names if here.any() else ()):
            values[here] += _value(found, given)
            for name, meaning in found.meanings().items():
                number = _value(meaning, given)
                if np.ndim(number):
                    abbreviations.setdefault(name, np.full(len(kept), np.nan))[here] = number
                else:
                    constant[name] = float(number)
    return values, abbreviations, constant


def _value(derivation: Derivation, given: Mapping[str, Any]) -> Any:
    with np.errstate(all="ignore"):
        # As arrays, which divide by 0 without raising: the value says whether the formula has one there.
        numbers = {symbol.name: np.asarray(given[symbol.name], dtype=np.float64) for symbol in derivation.arguments}
        return derivation.lambdify()(**numbers)
