"""Optional dependencies, loaded on use."""

from __future__ import annotations

from types import ModuleType

from lingauss.errors import MissingDependencyError


def dask_array() -> ModuleType:
    """Return :mod:`dask.array`.

    Raises
    ------
    MissingDependencyError
        If Dask is not installed.
    """
    try:
        import dask.array
    except ImportError as error:
        raise MissingDependencyError(
            "Dask, which evaluates data and grids in chunks",
            f"none ({error})",
            "Install the extra 'scale': pip install 'lingauss[scale]'.",
        ) from error
    return dask.array


def hypothesis() -> ModuleType:
    """Return :mod:`hypothesis`.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        import hypothesis
    except ImportError as error:
        raise MissingDependencyError(
            "Hypothesis, which draws the cases of property tests",
            f"none ({error})",
            "Install the extra 'testing': pip install 'lingauss[testing]'.",
        ) from error
    return hypothesis


def torch() -> ModuleType:
    """Return :mod:`torch`.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingDependencyError(
            "PyTorch, whose models have layers to measure",
            f"none ({error})",
            "Install the extra 'layers': pip install 'lingauss[layers]'.",
        ) from error
    module: ModuleType = torch
    return module
