"""A function of a module as a script of its own: with what it needs of the module, and one call."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from lingauss.python_layout import call, lay_out


def script_of(module: str, function: str, settings: Mapping[str, float]) -> str:
    """Return a script that calls a function and prints what it returns.

    Parameters
    ----------
    module : str
        Source of the module that defines it.
    function : str
    settings : mapping of str to number
        Its arguments, all by name.
    """
    defined = {name: node for node in ast.parse(module).body for name in _names(node)}
    wanted, found = [function], dict[str, ast.stmt]()
    while wanted:
        name = wanted.pop()
        if name in defined and name not in found:
            found[name] = defined[name]
            wanted += [node.id for node in ast.walk(defined[name]) if isinstance(node, ast.Name)]
    statements = sorted(set(found.values()), key=lambda node: node.lineno)
    imports = [node for node in statements if isinstance(node, ast.Import | ast.ImportFrom)]
    parts = [_source(module, node) for node in statements if node not in imports]
    arguments = {name: repr(value) for name, value in settings.items()}
    return "\n".join(
        [
            *(_source(module, node) for node in imports),
            *(f"\n\n{part}" if part.startswith("def ") else f"\n{part}" for part in parts),
            "\n",
            lay_out(call(function, **arguments), "results = "),
            "print(results)",
        ]
    )


def _names(node: ast.stmt) -> list[str]:
    """Return what a statement of a module defines."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [leaf.id for target in targets for leaf in ast.walk(target) if isinstance(leaf, ast.Name)]


def _source(module: str, node: ast.stmt) -> str:
    """Return the lines of a statement."""
    return ast.get_source_segment(module, node) or ""
