"""Linear algebra of designs with few features, on one thread."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

from lingauss.model.design import Design
from lingauss.threads import one_blas_thread

FEATURES = 1000  # up to which one thread is faster than those of numpy's and scipy's BLAS in turns

Case = TypeVar("Case", bound=Design)
Rest = ParamSpec("Rest")
Result = TypeVar("Result")


def on_one_blas_thread(
    function: Callable[Concatenate[Case, Rest], Result],
) -> Callable[Concatenate[Case, Rest], Result]:
    """Make a function of a design keep linear algebra to one thread, unless its matrices are large or diagonal."""

    @functools.wraps(function)
    def inside(case: Case, *args: Rest.args, **kwargs: Rest.kwargs) -> Result:
        if case.problem.n_features > FEATURES or case.is_spectral_at_fixed_design:
            return function(case, *args, **kwargs)
        with one_blas_thread():
            return function(case, *args, **kwargs)

    return cast(Callable[Concatenate[Case, Rest], Result], inside)
