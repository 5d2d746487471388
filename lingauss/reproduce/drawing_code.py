"""Which code a figure is drawn by, as a fingerprint that changes with it and with nothing else."""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
from collections.abc import Iterator
from importlib.resources import files
from types import ModuleType

# Words and pictures are made here; the numbers beneath them are compared themselves.
DRAWING = ("lingauss.charts", "lingauss.report", "lingauss.reproduce", "lingauss.numerals")
SHEETS = (".mplstyle", ".css")
RENDERING = "lingauss.charts.render"


def fingerprint(module: str, *settings: object) -> str:
    """Return a digest of the drawing code that a module uses, itself included, and of the settings it draws with.

    Parameters
    ----------
    module : str
        Full name of an imported module of ``lingauss``.
    settings
        What else decides how it draws, such as a resolution.
    """
    digest = hashlib.sha256(repr(settings).encode())
    modules = _reached({module, RENDERING})
    for name in sorted(modules):
        digest.update(f"\n{name}\n{inspect.getsource(sys.modules[name])}".encode())
    for package in sorted({name.rpartition(".")[0] for name in modules}):
        for sheet in sorted(file.name for file in files(package).iterdir() if file.name.endswith(SHEETS)):
            digest.update(f"\n{sheet}\n{(files(package) / sheet).read_text(encoding='utf-8')}".encode())
    return digest.hexdigest()[:16]


def _reached(names: set[str]) -> set[str]:
    """Return the modules that draw among some modules and all they use, directly or not."""
    reached, waiting = set[str](), names
    while waiting:
        reached |= waiting
        waiting = {used for name in waiting for used in _used(sys.modules[name])} - reached
    return reached


def _used(module: ModuleType) -> Iterator[str]:
    """Yield the drawing modules whose names a module uses; of a package only those that what is used of it is from."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and node.module in sys.modules:
            home: object = sys.modules[node.module]
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            home, names = getattr(module, node.value.id, None), [node.attr]
        else:
            continue
        if isinstance(home, ModuleType):
            origins = {getattr(getattr(home, name, None), "__module__", None) for name in names}
            yield from filter(_draws, origins if hasattr(home, "__path__") else {home.__name__})


def _draws(name: str | None) -> bool:
    return name in sys.modules and name.startswith(DRAWING)
