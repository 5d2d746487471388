"""Analyses that several files read back, made once."""

import pytest
from analysis.told_analyses import analysed


@pytest.fixture(scope="session")
def cases(tmp_path_factory):
    return analysed(tmp_path_factory.mktemp)


@pytest.fixture(params=["one", "two", "columns", "classes"])
def told(request, cases):
    return cases[request.param]
