"""Bundled data sets are what their docstrings say."""

import sys

import numpy as np
import pytest

from lingauss.data import bundled as data
from lingauss.errors import MissingDependencyError


def test_digits_have_the_documented_shape_and_rank():
    pytest.importorskip("sklearn")
    X, Y = data.digits()
    assert X.shape == (1797, 64)
    assert Y.shape == (1797, 10)
    assert np.array_equal(Y.sum(axis=1), np.ones(1797))
    assert np.linalg.matrix_rank(X - X.mean(axis=0)) == 61


def test_a_missing_package_names_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingDependencyError, match=r"lingauss\[data\]"):
        data.digits()
