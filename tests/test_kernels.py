"""Numbers are tested on the arithmetic that was asked for: OpenBLAS and numpy fall back on another without a word."""

import os

import numpy as np  # noqa: F401 (its BLAS is looked for)
import pytest
import scipy.linalg  # noqa: F401 (as is scipy's)
from numpy._core._multiarray_umath import __cpu_features__ as features
from threadpoolctl import threadpool_info

from lingauss.threads import cores

ON_64_BITS = {"prescott": "katmai"}  # one set of kernels, reported by its oldest name


def openblas():
    return [library for library in threadpool_info() if library["internal_api"] == "openblas"]


@pytest.mark.skipif("OPENBLAS_CORETYPE" not in os.environ, reason="no kernels were asked for")
def test_linear_algebra_runs_on_the_kernels_that_were_asked_for():
    asked = os.environ["OPENBLAS_CORETYPE"].lower()
    found = {library["architecture"].lower() for library in openblas()}
    assert found in ({asked}, {ON_64_BITS.get(asked, asked)})


@pytest.mark.skipif("NPY_DISABLE_CPU_FEATURES" not in os.environ, reason="numpy may use all there is")
def test_numpy_uses_no_instructions_that_were_switched_off():
    off = os.environ["NPY_DISABLE_CPU_FEATURES"].split()
    assert off
    assert [name for name in off if features[name]] == []


def test_linear_algebra_runs_on_as_many_threads_as_were_asked_for():
    asked = min(int(os.environ["OPENBLAS_NUM_THREADS"]), cores())
    assert {library["num_threads"] for library in openblas()} <= {asked}
