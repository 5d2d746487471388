"""Small changes to source code, each of which a test should notice."""

from __future__ import annotations

import ast
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARISONS = {
    ast.Lt: ["<=", ">"],
    ast.LtE: ["<", ">="],
    ast.Gt: [">=", "<"],
    ast.GtE: [">", "<="],
    ast.Eq: ["!="],
    ast.NotEq: ["=="],
    ast.Is: ["is not"],
    ast.IsNot: ["is"],
    ast.In: ["not in"],
    ast.NotIn: ["in"],
}
ARITHMETIC = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.Pow: "*", ast.FloorDiv: "*"}
NAMES = {
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "any": "all",
    "all": "any",
    "sum": "max",
    "argmin": "argmax",
    "argmax": "argmin",
    "zeros": "ones",
    "ones": "zeros",
    "teacher": "student",
    "student": "teacher",
    "retained": "discarded",
    "discarded": "retained",
    "kept": "dropped",
    "dropped": "kept",
    "inf": "nan",
}
IDENTITIES = {"sqrt", "square", "abs", "log", "exp", "symmetrised", "sort", "log1p"}
OBVIOUS = {"isinstance", "zip"}  # with swapped arguments these raise at once, whatever is tested
UNTESTED = {"__repr__", "_repr_html_", "__hash__"}


@dataclass(frozen=True)
class Mutant:
    """A change of one place in one file.

    Attributes
    ----------
    file : str
        Relative to the root of the repository.
    operator : str
        The kind of change.
    start, stop : int
        Byte offsets of what is replaced.
    before, after : str
        The text there, and what takes its place.
    first_line, last_line : int
        Lines whose tests may notice; 0 and 0 if the place runs on import.
    line : int
        Where the change stands.
    """

    file: str
    operator: str
    start: int
    stop: int
    before: str
    after: str
    first_line: int
    last_line: int
    line: int

    def apply(self, source: bytes) -> bytes:
        """Return the changed source."""
        return source[: self.start] + self.after.encode() + source[self.stop :]


def changes(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the kind and the new text of every change of one node."""
    text = ast.unparse
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            for symbol in COMPARISONS.get(type(op), []):
                yield "comparison", f"({text(left)} {symbol} {text(right)})"
        case ast.BoolOp(op=op, values=values):
            yield "and/or", "(" + (" or " if isinstance(op, ast.And) else " and ").join(map(_bracketed, values)) + ")"
            yield "dropped condition", _bracketed(values[0])
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in ARITHMETIC:
                yield "arithmetic", f"({_bracketed(left)} {ARITHMETIC[type(op)]} {_bracketed(right)})"
            if isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div):
                yield "dropped term", _bracketed(left)
            if isinstance(op, ast.Sub | ast.Div):
                symbol = "-" if isinstance(op, ast.Sub) else "/"
                yield "swapped operands", f"({_bracketed(right)} {symbol} {_bracketed(left)})"
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert(), operand=operand):
            yield "dropped sign", _bracketed(operand)
        case ast.Constant(value=bool(value)):
            yield "constant", str(not value)
        case ast.Constant(value=int(value)):
            yield "constant", str(value + 1)
            yield "constant", f"({value - 1})"
        case ast.Constant(value=float(value)):
            yield "constant", repr(2.0 * value if value else 1.0)
        case ast.Attribute(value=value, attr="T"):
            yield "dropped transpose", text(value)
        case ast.Attribute(value=value, attr=name) if name in NAMES:
            yield "name", f"{text(value)}.{NAMES[name]}"
        case ast.Name(id=name, ctx=ast.Load()) if name in NAMES:
            yield "name", NAMES[name]
        case ast.Call(func=function, args=[first, *rest], keywords=keywords):
            called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if called in IDENTITIES and not rest:
                yield "dropped function", _bracketed(first)
            plain = not any(isinstance(part, ast.Starred) for part in (first, *rest[:1]))
            if rest and plain and called not in OBVIOUS:
                parts = [rest[0], first, *rest[1:], *keywords]
                yield "argument order", f"{text(function)}({', '.join(map(text, parts))})"
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield "condition", f"({text(orelse)} if {text(test)} else {text(body)})"


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """Return every mutant of a file: code that computes, not its messages, types or displays."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: dict[tuple[int, int, str], Mutant] = {}

    def visit(node: ast.AST, statement: ast.stmt | None, inside: bool) -> None:
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom | ast.Assert):
            return
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.FunctionDef):
            if node.name in UNTESTED:
                return
            visit(node.args, node, inside)
            for part in node.body:
                visit(part, None, True)
            return
        if isinstance(node, ast.arguments):
            for default in [*node.defaults, *node.kw_defaults]:
                if default is not None:
                    visit(default, statement, inside)
            return
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                visit(node.value, node, inside)
            return
        if isinstance(node, ast.stmt):
            statement = node
        if isinstance(node, ast.expr):
            record(node, statement, inside)
        for child in ast.iter_child_nodes(node):
            if not (isinstance(node, ast.ClassDef) and child in node.decorator_list):
                visit(child, statement, inside)

    def record(node: ast.expr, statement: ast.stmt | None, inside: bool) -> None:
        start = starts[node.lineno - 1] + node.col_offset
        stop = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        before = source[start:stop].decode()
        lines = (min(statement.lineno, node.lineno), node.end_lineno or 0) if statement and inside else (0, 0)
        for operator, after in changes(node):
            if after != before:
                mutant = Mutant(
                    path.relative_to(root).as_posix(), operator, start, stop, before, after, *lines, node.lineno
                )
                found.setdefault((start, stop, after), mutant)

    visit(ast.parse(source), None, False)
    return list(found.values())


def sample(files: list[Path], root: Path, count: int, seed: int) -> list[Mutant]:
    """Draw about ``count`` mutants: from every file in proportion to its number of places, one at least from each."""
    everything = {path: mutants_of(path, root) for path in sorted(files)}
    total = sum(map(len, everything.values()))
    chosen = []
    for path, mutants in everything.items():
        share = min(len(mutants), max(1, round(count * len(mutants) / total)))
        generator = random.Random(seed ^ zlib.crc32(path.relative_to(root).as_posix().encode()))  # noqa: S311
        chosen += sorted(generator.sample(mutants, share), key=lambda mutant: (mutant.start, mutant.after))
    return chosen


def _bracketed(node: ast.expr) -> str:
    plain = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant)
    return ast.unparse(node) if plain else f"({ast.unparse(node)})"
