"""A formula as a record: what it says, under which assumptions, from where, and how it follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self, TypeVar

import sympy as sp

from lingauss.errors import NotProvedError
from lingauss.symbolic import codegen
from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.normal_form import is_zero
from lingauss.symbolic.provenance import HERE, Source, Step


@dataclass(frozen=True)
class Formula:
    """A closed form with the route that leads to it; parameters as for `Derivation`, which adds what can be done.

    `verify` proves that what the steps lead to and what the statement says are the same function.
    """

    name: str
    title: str
    statement: sp.Eq
    steps: tuple[Step, ...]
    where: tuple[sp.Eq, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    source: Source = HERE

    def __repr__(self) -> str:
        return f"Derivation('{self.name}': {self.title})"

    @cached_property
    def closed_form(self) -> sp.Expr:
        """Right side of the statement with all abbreviations written out."""
        expression = self.statement.rhs
        for abbreviation in reversed(self.where):
            expression = expression.xreplace({abbreviation.lhs: abbreviation.rhs})
        return expression

    @property
    def derived(self) -> sp.Expr:
        """What the steps lead to."""
        return self.steps[-1].expression

    @cached_property
    def arguments(self) -> tuple[sp.Symbol, ...]:
        """Symbols of the closed form in alphabetical order; arrays over directions appear by their base's label."""
        return codegen.arguments(self.closed_form)

    def verify(self) -> None:
        """Prove the statement: what was derived minus what is stated is exactly 0.

        Raises
        ------
        NotProvedError
            If the difference does not reduce to 0.
        """
        if not is_zero(_difference(self.derived, self.closed_form)):
            raise NotProvedError(
                f"the derivation of '{self.name}' to lead to {sp.sstr(self.closed_form)}",
                sp.sstr(self.derived),
                "One of the two is wrong; compare the steps with the statement.",
            )

    @property
    def left_out(self) -> sp.Expr:
        """Order of what the statement leaves out, 0 unless it is a leading order."""
        return sp.S.Zero

    def written_out(self) -> Self:
        """Return the same statement without abbreviations."""
        return replace(self, statement=sp.Eq(self.statement.lhs, self.closed_form, evaluate=False), where=())

    def meanings(self) -> dict[str, Self]:
        """Return what each abbreviation stands for, written out, as a formula of its own by name."""
        found: dict[str, Self] = {}
        for place, equation in enumerate(self.where):
            earlier = replace(self, statement=equation, where=self.where[:place]).written_out()
            found[str(equation.lhs)] = replace(earlier, name=str(equation.lhs), title=f"{self.title}: {equation.lhs}")
        return found


F = TypeVar("F", bound=Formula)


def _difference(left: sp.Basic, right: sp.Basic) -> sp.Basic:
    if left == right:  # also where both are infinite
        return sp.S.Zero
    if isinstance(left, sp.Tuple) and isinstance(right, sp.Tuple) and len(left) == len(right):
        return sp.Tuple(*(_difference(a, b) for a, b in zip(left, right, strict=True)))
    return left - right
