"""Laying out an expression in Python: on one line if it fits, otherwise one item per line, as formatters do."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

from lingauss.errors import DomainError

WIDTH = 100
INDENT = "    "


@dataclass(frozen=True)
class Bracket:
    """Items between an opening and a closing bracket.

    Attributes
    ----------
    opening : str
        What precedes the items, such as ``lg.Ridge(`` or ``[``.
    items : tuple of (str, Node)
        Each with what precedes it, such as ``penalty=``, or nothing.
    closing : str
    receiver : Bracket, optional
        The expression whose method is called; ``opening`` then starts with a dot.
    """

    opening: str
    items: tuple[tuple[str, Node], ...]
    closing: str
    receiver: Bracket | None = None


Node = Bracket | str


def call(name: str, *arguments: Node, **keywords: Node) -> Bracket:
    """Return the call of a function."""
    items = (*(("", node) for node in arguments), *((f"{key}=", node) for key, node in keywords.items()))
    return Bracket(f"{name}(", items, ")")


def method(receiver: Bracket, name: str, argument: Node, **keywords: Node) -> Bracket:
    """Return the call of a method of an expression."""
    named = tuple((f"{keyword}=", value) for keyword, value in keywords.items())
    return Bracket(f".{name}(", (("", argument), *named), ")", receiver)


def listing(*items: Node) -> Bracket:
    """Return a list."""
    return Bracket("[", tuple(("", item) for item in items), "]")


def lay_out(node: Node, before: str = "", after: str = "") -> str:
    """Return an expression as text, given what stands before it on its first line and after it on its last."""
    flat = before + _flat(node) + after
    if len(flat) <= WIDTH or isinstance(node, str) or not node.items:
        return flat
    indent = INDENT + before[: len(before) - len(before.lstrip())]
    if node.receiver is not None:
        before = lay_out(node.receiver, before)
    if all(isinstance(item, str) and not prefix for prefix, item in node.items):
        numbers = ", ".join(str(item) for _, item in node.items) + ","
        body = textwrap.fill(numbers, WIDTH, initial_indent=indent, subsequent_indent=indent)
    else:
        body = "\n".join(lay_out(item, indent + prefix, ",") for prefix, item in node.items)
    return f"{before}{node.opening}\n{body}\n{indent[len(INDENT) :]}{node.closing}{after}"


def _flat(node: Node) -> str:
    if isinstance(node, str):
        return node
    items = ", ".join(prefix + _flat(item) for prefix, item in node.items)
    receiver = "" if node.receiver is None else _flat(node.receiver)
    comma = "," if node.closing == ")" and node.opening == "(" and len(node.items) == 1 else ""
    return f"{receiver}{node.opening}{items}{comma}{node.closing}"


def as_variable(name: Any) -> str:
    """Check the name of a variable.

    Raises
    ------
    DomainError
    """
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        raise DomainError("the name of a variable", f"{name!r:.80}", "Pass, for example, 'case'.")
    return name
