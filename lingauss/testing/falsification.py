"""What a search for a counterexample came to."""

from __future__ import annotations

import inspect
import pickle
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lingauss.as_python import Script, to_python
from lingauss.errors import ClaimError, LingaussError
from lingauss.testing.claims import Claim, name_of


@dataclass(frozen=True, eq=False)
class Falsification:
    """The outcome of :func:`falsify`; true iff a counterexample was found.

    Attributes
    ----------
    claim : callable
        What was put to the test.
    refuted : bool
        Whether a counterexample was found.
    case
        The counterexample, made as simple as possible; otherwise the case that came closest to being one,
        or None if the claim gave no slack.
    slack : float or None
        The claim's slack at ``case``; None if it answers true or false.
    why : str
        Message of the assertion that failed, if one did.
    tried : int
        Cases the claim was asked about, the (first) counterexample included; trials made to simplify it do not count.
    rejected : int
        Cases it did not apply to.
    reasons : tuple of str
        Why it did not apply, one for each kind.
    complete : bool
        Whether the search ran to its end; False if it ran out of time.
    tolerance : float
        How far below 0 a slack was taken for rounding.
    obtain : tuple of str
        Statements that bring the claim into a script; without any, it is imported if that is possible.
    """

    claim: Claim
    refuted: bool
    case: Any
    slack: float | None
    why: str
    tried: int
    rejected: int
    reasons: tuple[str, ...]
    complete: bool
    tolerance: float
    obtain: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        return self.refuted

    def __getstate__(self) -> dict[str, Any]:
        """Keep of a claim that cannot be pickled, such as one defined in a session or a file, how to obtain it."""
        state = dict(self.__dict__)
        try:
            pickle.dumps(self.claim)
        except (pickle.PicklingError, AttributeError, TypeError):
            state["claim"] = LostClaim(name_of(self.claim))
        return state

    def to_python(self) -> str:
        """Return a script that rebuilds exactly the case and puts the claim to it.

        A claim that cannot be imported, such as one defined in a session, is taken to be in scope under its name.

        Raises
        ------
        DomainError
            If the case is of a kind that cannot be written as Python.
        """
        name = name_of(self.claim)
        script = Script({})
        for statement in self.obtain or _import_of(self.claim):
            (script.use if statement.startswith(("from ", "import ")) else script.add)(statement)
        script.bind("case", self.case)
        script.add(f"print({name}(case))" + (f"  # {self._said}" if self._said else ""))
        return str(script)

    @property
    def _said(self) -> str:
        if self.slack is not None:
            return f"{self.slack:.6g}"
        return ("AssertionError" if self.why else "False") if self.refuted else ""

    @property
    def _headline(self) -> str:
        name, cases = name_of(self.claim), "case" if self.tried == 1 else "cases"
        applied = f"{self.tried:,} {cases}"
        if self.rejected:
            applied += f" ({self.rejected:,} more did not apply: {'; '.join(self.reasons)})"
        if not self.complete:
            applied += ", when time ran out"
        if self.refuted:
            slack = "" if self.slack is None else f", slack {self.slack:.6g}"
            return f"{name} is refuted after {applied}{slack}."
        slack = "" if self.slack is None else f" Slack of the tightest case: {self.slack:.6g}."
        return f"No counterexample to {name} in {applied}.{slack}"

    def __repr__(self) -> str:
        parts = [self._headline]
        if self.why:
            parts.append(textwrap.indent(self.why, "  "))
        if self.case is not None:
            parts.append(described(self.case, self.to_python))
        return "\n\n".join(parts)


@dataclass(frozen=True)
class LostClaim:
    """A claim whose function did not travel with its result."""

    __name__: str

    def __call__(self, case: Any) -> bool:
        """Say where the claim can be had."""
        raise ClaimError(f"the function {self.__name__}", "its name alone, from a pickle", "Import it from its file.")


def described(case: Any, write: Callable[[], str] | None = None) -> str:
    """Return a case as a script, by default one that binds ``case``; its representation if it cannot be written."""
    try:
        return to_python(case, "case") if write is None else write()
    except LingaussError:
        return f"case = {case!r}"


def _import_of(claim: Claim) -> tuple[str, ...]:
    """Return the statement that imports a claim; none if it cannot be imported."""
    module, name = inspect.getmodule(claim), name_of(claim)
    if module is None or module.__name__ == "__main__" or getattr(module, name, None) is not claim:
        return ()
    return (f"from {module.__name__} import {name}",)
