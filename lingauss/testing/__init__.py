"""Property-testing tools for users' own tests; needs the extra ``testing``.

Examples
--------
>>> from hypothesis import given
>>> from lingauss.testing import distillations
>>> @given(distillations(max_features=3))
... def total_is_never_negative(case):
...     assert case.divergence().total >= 0
>>> total_is_never_negative()
"""

from lingauss.testing.strategies import (
    bottlenecks,
    channels,
    distillations,
    gaussians,
    numbers,
    problems,
    psd_matrices,
    ridges,
    rotations,
)

__all__ = [
    "bottlenecks",
    "channels",
    "distillations",
    "gaussians",
    "numbers",
    "problems",
    "psd_matrices",
    "ridges",
    "rotations",
]
