"""Property tests of your own decompositions and bounds; needs the extra ``testing`` (docs/testing.md).

Strategies of Hypothesis for every noun of lingauss, laws to put functions to, and :func:`falsify`, which searches for
the simplest design in which a claim is false. Importing this module registers the profile ``lingauss-ci``.

Examples
--------
>>> from hypothesis import given
>>> from lingauss.testing import distillations
>>> @given(distillations(max_features=3))
... def total_is_never_negative(case):
...     assert case.divergence().total >= 0
>>> total_is_never_negative()
"""

from lingauss import extras

extras.hypothesis()  # before what needs it, for an error that says how to install it

from lingauss.testing.arrays import matrices, numbers, psd_matrices, rotations, spectra  # noqa: E402
from lingauss.testing.claims import assume, at_most, equal  # noqa: E402
from lingauss.testing.designs import (  # noqa: E402
    bottlenecks,
    descents,
    distillations,
    learners,
    moments,
    problems,
    ridges,
)
from lingauss.testing.divergences import (  # noqa: E402
    ADDITIVE,
    DIVERGENCE_LAWS,
    INVARIANT,
    NONNEGATIVE,
    POSITIVE,
    PROCESSED,
    ZERO_ON_ITSELF,
    DivergenceLaw,
    assert_divergence,
)
from lingauss.testing.falsification import Falsification  # noqa: E402
from lingauss.testing.kernels import channels, gaussians  # noqa: E402
from lingauss.testing.laws import assert_bound, assert_decomposition  # noqa: E402
from lingauss.testing.profile import CI  # noqa: E402
from lingauss.testing.search import falsify  # noqa: E402

__all__ = [
    "ADDITIVE",
    "CI",
    "DIVERGENCE_LAWS",
    "INVARIANT",
    "NONNEGATIVE",
    "POSITIVE",
    "PROCESSED",
    "ZERO_ON_ITSELF",
    "DivergenceLaw",
    "Falsification",
    "assert_bound",
    "assert_decomposition",
    "assert_divergence",
    "assume",
    "at_most",
    "bottlenecks",
    "channels",
    "descents",
    "distillations",
    "equal",
    "falsify",
    "gaussians",
    "learners",
    "matrices",
    "moments",
    "numbers",
    "problems",
    "psd_matrices",
    "ridges",
    "rotations",
    "spectra",
]
