"""Which names a package offers, read from its stub file, so that they stand in one place."""

from __future__ import annotations

import ast
from pathlib import Path


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
