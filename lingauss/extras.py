"""Optional dependencies, loaded on use."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from lingauss.errors import MissingDependencyError


def dask_array() -> ModuleType:
    """Return :mod:`dask.array`.

    Raises
    ------
    MissingDependencyError
        If Dask is not installed.
    """
    return _loaded("dask.array", "Dask, which evaluates data and grids in chunks", "scale")


def hypothesis() -> ModuleType:
    """Return :mod:`hypothesis`.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    return _loaded("hypothesis", "Hypothesis, which draws the cases of property tests", "testing")


def sklearn() -> ModuleType:
    """Return :mod:`sklearn`.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    return _loaded("sklearn", "scikit-learn, whose conventions an estimator follows", "data")


def torch() -> ModuleType:
    """Return :mod:`torch`.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    return _loaded("torch", "PyTorch, whose models have layers to measure", "layers")


def _loaded(module: str, what: str, extra: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingDependencyError(
            what, f"none ({error})", f"Install the extra '{extra}': pip install 'lingauss[{extra}]'."
        ) from error
