"""The search for a counterexample to a claim: random cases, then cases ever closer to breaking it."""

from __future__ import annotations

import math
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, configuration
from hypothesis import strategies as st
from hypothesis.errors import Flaky, Unsatisfiable

from lingauss.algebra.gaussian import Gaussian
from lingauss.errors import ClaimError, DomainError, TiedSpectrumWarning
from lingauss.model.problem import Problem
from lingauss.testing.claims import Answer, Claim, DoesNotApplyError, judge, name_of
from lingauss.testing.designs import distillations
from lingauss.testing.falsification import Falsification, described
from lingauss.validation import as_count, as_scalar

CASES_PER_DIMENSION = 1_000  # tried below the dimension of a counterexample, for one in fewer dimensions


def falsify(
    claim: Claim,
    *,
    over: st.SearchStrategy[Any] | None = None,
    cases: int = 2_000,
    seed: int = 0,
    tolerance: float = 1e-9,
    seconds: float = 600.0,
    obtain: Sequence[str] = (),
) -> Falsification:
    """Search for a case in which a claim is false, and simplify it, in the fewest dimensions that will do.

    The first half of the cases are drawn at random, the rest also near those of least slack. The same seed gives the
    same result.

    Parameters
    ----------
    claim : callable
        A function of a case that says whether the claim holds for it: True or False; or a **slack**, a number that is
        at least 0 where it holds; or it makes assertions and returns True. A slack directs the search: :func:`at_most`
        and :func:`equal` give good ones. Cases on which it raises an error of lingauss's own, or which it leaves out by
        :func:`assume`, count as those it does not apply to.
    over : Hypothesis strategy, optional
        What to draw cases from. Default: designs whose results are averages over labels, half of them at fixed design
        and half with another test covariance, of up to three features and outputs, all of whose laws are nonsingular.
    cases : int
        How many to try at most. Fewer are tried if most do not apply.
    seed : int
        Of the random cases: the same seed, the same result.
    tolerance : float
        How far below 0 a slack is taken for rounding, and does not refute. It is absolute for a bare slack, and
        relative for one by :func:`at_most` or :func:`equal`, the right choice where units vary.
    seconds : float
        Time limit, looked at between cases; what was found until then is returned.
    obtain : sequence of str
        Statements that bring the claim into the script of a counterexample, if it cannot be imported.

    Returns
    -------
    Falsification
        True iff a counterexample was found.

    Raises
    ------
    ClaimError
        If the claim raises anything else, returns no number or NaN, applies to no case, or changes its mind about one.
        The simplest such case is added to the error as a note.
    DomainError, NotNumericError, NotFiniteError, ShapeError
        If a setting is out of its range.

    Examples
    --------
    >>> from lingauss.testing import equal
    >>> def mixing_does_not_matter(case):
    ...     return equal(case.divergence().total, case.replace(mixing=0.0).divergence().total)
    >>> bool(falsify(mixing_does_not_matter))
    True
    """
    if not callable(claim):
        raise DomainError("a function of a case as the claim", type(claim).__name__, "Pass the function itself.")
    cases = as_count(cases, "cases", minimum=1)
    search = _Search(
        claim,
        as_scalar(tolerance, "tolerance", minimum=0.0),
        time.monotonic() + as_scalar(seconds, "seconds", minimum=0.0, strict=True),
    )
    drawn = distillations(modes=("averaged",), test_cov=None) if over is None else over
    if not isinstance(drawn, st.SearchStrategy):
        raise DomainError("over as a Hypothesis strategy", type(drawn).__name__, "Pass, for example, distillations().")
    complete = search.run(drawn, cases, as_count(seed, "seed"))
    failure = search.failure and search.in_fewer_dimensions(search.failure, drawn, cases, int(seed))
    found = failure or search.tightest
    if search.fault is not None:
        raise search.fault
    if not search.tried:
        raise ClaimError(
            f"{name_of(claim)} to apply to some case",
            f"none of {search.rejected} did ({'; '.join(search.reasons.values()) or 'time ran out'})",
            "Draw others with over=…, for example distillations(modes=('observed',)).",
        )
    return Falsification(
        claim,
        failure is not None,
        None if found is None else found.case,
        None if found is None else found.answer.slack,
        "" if found is None else found.answer.why,
        search.tried,
        search.rejected,
        tuple(search.reasons.values()),
        complete,
        search.tolerance,
        tuple(obtain),
    )


def dimension_of(case: Any) -> int:
    """Return the number of features of a design or a problem, or of coordinates of a law; 0 for anything else."""
    if isinstance(case, tuple | list):
        return max(map(dimension_of, case), default=0)
    sized = getattr(case, "problem", case)
    if isinstance(sized, Problem):
        return sized.n_features
    return sized.dim if isinstance(sized, Gaussian) else 0


@contextmanager
def _caches_elsewhere() -> Iterator[None]:
    """Keep what Hypothesis remembers between runs out of the folder the user works in."""
    before = getattr(configuration, "__hypothesis_home_directory", None)
    with tempfile.TemporaryDirectory() as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


class _FoundError(Exception):
    """Tells Hypothesis that a case is one to simplify."""


class _OutOfTimeError(BaseException):
    """Ends a run of Hypothesis at once."""


@dataclass(frozen=True)
class _Trial:
    case: Any
    answer: Answer


@dataclass
class _Search:
    """The state of a search; Hypothesis calls :meth:`attempt` with one case after another."""

    claim: Claim
    tolerance: float
    deadline: float
    largest: float = math.inf
    tried: int = 0
    rejected: int = 0
    reasons: dict[str, str] = field(default_factory=dict)
    failure: _Trial | None = None
    tightest: _Trial | None = None
    closest: float = -math.inf
    fault: ClaimError | None = None

    def run(self, over: st.SearchStrategy[Any], cases: int, seed: int) -> bool:
        """Draw up to so many cases; return whether the time sufficed."""
        wrapped = hypothesis.seed(seed)(
            hypothesis.settings(
                max_examples=cases,
                derandomize=False,
                database=None,
                deadline=None,
                verbosity=Verbosity.quiet,
                phases=(Phase.generate, Phase.target, Phase.shrink),
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
                print_blob=False,
            )(hypothesis.given(over)(self.attempt))
        )
        try:
            with warnings.catch_warnings(), _caches_elsewhere():
                warnings.simplefilter("ignore", TiedSpectrumWarning)
                wrapped()
        except (_FoundError, Unsatisfiable):
            return True
        except _OutOfTimeError:
            return False
        except Flaky as error:
            raise ClaimError(
                f"{name_of(self.claim)} to give the same answer for the same case",
                "another one the second time",
                "Take randomness from a fixed seed, and keep no state between calls.",
            ) from error
        return True

    def in_fewer_dimensions(self, found: _Trial, over: st.SearchStrategy[Any], cases: int, seed: int) -> _Trial:
        """Return the simplest failure in the fewest dimensions, where simplifying a larger one may not lead."""
        for largest in range(1, dimension_of(found.case)):
            smaller = _Search(self.claim, self.tolerance, self.deadline, largest)
            smaller.run(over, min(cases, CASES_PER_DIMENSION), seed)
            if smaller.failure is not None:
                return smaller.failure
        return found

    def attempt(self, case: Any) -> None:
        """Put the claim to a case."""
        if time.monotonic() > self.deadline:
            raise _OutOfTimeError
        if dimension_of(case) > self.largest:
            hypothesis.reject()
        searching = self.failure is None and self.fault is None
        answer, fault, reason = self._ask(case)
        if reason is not None:
            if searching:
                self.rejected += 1
                self.reasons.setdefault(reason.kind, str(reason))
            hypothesis.reject()
        self.tried += searching
        if fault is not None and self.failure is None:
            fault.add_note(described(case))
            self.fault = fault
        elif answer is not None and not answer.holds and self.fault is None:
            self.failure = _Trial(case, answer)
        else:
            if answer is not None and searching:
                self._approach(case, answer)
            return
        raise _FoundError

    def _ask(self, case: Any) -> tuple[Answer | None, ClaimError | None, DoesNotApplyError | None]:
        """Return an answer, or what is wrong with the claim, or why it does not apply."""
        try:
            return judge(self.claim, case, self.tolerance), None, None
        except DoesNotApplyError as error:
            return None, None, error
        except ClaimError as error:
            return None, error, None

    def _approach(self, case: Any, answer: Answer) -> None:
        """Take note of how close a case came, so that the search moves on towards the closest."""
        if answer.tightness is None or not math.isfinite(answer.tightness):
            return
        hypothesis.target(answer.tightness, label="tightness")
        if answer.tightness > self.closest:
            self.closest, self.tightest = answer.tightness, _Trial(case, answer)
