"""Which names a package offers, read from its stub file, so that they stand in one place."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def public_names(package: str) -> dict[str, tuple[str, str]]:
    """Return where each public name comes from: its module, and what it is called there, nothing for a module itself.

    Parameters
    ----------
    package : str
        Path of an ``__init__.py`` with an ``__init__.pyi`` beside it that holds ``from … import name as name``.
    """
    stub = ast.parse(Path(package).with_suffix(".pyi").read_text(encoding="utf-8"))
    homes = {}
    for node in stub.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = "." not in node.module
                homes[alias.name] = (f"{node.module}.{alias.name}", "") if whole else (node.module, alias.name)
    return {name: homes[name] for name in sorted(homes) if not name.startswith("_")}


def is_public(kind: type) -> bool:
    """Whether lingauss offers a class under the name it was defined with."""
    own = public_names(str(Path(__file__).with_name("__init__.py")))
    return own.get(kind.__name__) == (kind.__module__, kind.__qualname__)
