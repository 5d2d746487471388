"""Small changes to what people read: words, names, units, signs, columns and options, in Python and in JavaScript.

A number beside a wrong word is a wrong answer; each of these changes puts one there, or leaves an option out.
"""

from __future__ import annotations

import ast
import copy
import itertools
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from mutants import Mutant, mutants_of

# Words that are taken for each other, in both directions.
PAIRS = (
    ("bias", "variance"), ("teacher", "student"), ("retained", "discarded"), ("kept", "dropped"), ("best", "worst"),
    ("upper", "lower"), ("less", "more"), ("below", "above"), ("first", "last"), ("low", "high"), ("left", "right"),
    ("least", "most"), ("smallest", "largest"), ("rank", "noise"), ("temperature", "penalty"), ("mixing", "floor"),
    ("nats", "bits"), ("squared label units", "label units"), ("exact", "simulated"), ("proxy", "sharpness"),
    ("keep", "drop"), ("present", "pinned"), ("mean", "draw"), ("risk", "gap"), ("features", "targets"),
    ("pass", "FAIL"), ("true", "false"), ("ink", "bias"), ("row", "column"), ("before", "after"), ("rows", "columns"),
    ("weight", "bias"), ("at most", "at least"), ("positive", "negative"), ("−", "+"), ("≤", "≥"), ("%", "‰"),
)  # fmt: skip
SWAPS = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])}
SAID = re.compile("|".join(sorted(map(re.escape, SWAPS), key=len, reverse=True)))
WRITERS = {"percent": "number", "number": "percent", "change": "percent", "share": "number"}
UNMOVED = (ast.Starred, ast.Slice)  # which have a meaning, or can be written, only where they stand
SYMMETRIC = re.compile(r"((np|math)\.)?(max|min|maximum|minimum|multiply|isclose)\(")
CAMEL = re.compile(r"[A-Z]?[a-z]+")


def swapped(text: str) -> Iterator[str]:
    """Yield a text with one of its words taken for another, at each place where there is one."""
    for found in SAID.finditer(text):
        start, stop = found.span()
        inside = (start > 0 and text[start - 1].isalpha()) or (stop < len(text) and text[stop].isalpha())
        if not (inside and found[0].isalpha()):
            yield text[:start] + SWAPS[found[0]] + text[stop:]


def written(node: ast.JoinedStr) -> Iterator[tuple[str, ast.expr]]:
    """Yield an f-string with one word changed, two of its values swapped, or a value written as another kind."""
    places = [place for place, part in enumerate(node.values) if isinstance(part, ast.FormattedValue)]
    for place, part in enumerate(node.values):
        if isinstance(part, ast.Constant):
            for text in swapped(str(part.value)):
                other = copy.deepcopy(node)
                other.values[place] = ast.Constant(text)
                yield "word", other
        elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Call):
            function = part.value.func
            if isinstance(function, ast.Name) and function.id in WRITERS:
                other = copy.deepcopy(node)
                other.values[place].value.func.id = WRITERS[function.id]  # type: ignore[attr-defined]
                yield "way of writing", other
    for one, another in itertools.pairwise(places):
        other = copy.deepcopy(node)
        first, second = other.values[one], other.values[another]
        if ast.dump(first) != ast.dump(second):
            first.value, second.value = second.value, first.value  # type: ignore[attr-defined]
            yield "values swapped in a sentence", other


def changes(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the kind and the new text of every change of one node."""
    match node:
        case ast.JoinedStr():
            for kind, other in written(node):
                yield kind, ast.unparse(other)
        case ast.Constant(value=str(text)):
            for other in swapped(text):
                yield "word", repr(other)
        case ast.Call(func=function, args=args, keywords=keywords):
            for place, keyword in enumerate(keywords):
                if keyword.arg not in (None, "strict"):
                    rest = [*keywords[:place], *keywords[place + 1 :]]
                    yield "option dropped", ast.unparse(ast.Call(function, args, rest))
            for one, another in itertools.pairwise(keywords):
                if one.arg and another.arg and ast.dump(one.value) != ast.dump(another.value):
                    moved = [ast.keyword(one.arg, another.value), ast.keyword(another.arg, one.value)]
                    rest = [moved.pop(0) if keyword in (one, another) else keyword for keyword in keywords]
                    yield "options swapped", ast.unparse(ast.Call(function, args, rest))
        case ast.Dict(keys=keys, values=values):
            for place in range(len(values) - 1):
                if None not in keys[place : place + 2] and ast.dump(values[place]) != ast.dump(values[place + 1]):
                    moved = [*values[:place], values[place + 1], values[place], *values[place + 2 :]]
                    yield "values swapped in a table", ast.unparse(ast.Dict(keys, moved))
        case ast.List(elts=parts, ctx=ast.Load()) | ast.Tuple(elts=parts, ctx=ast.Load()) if len(parts) > 1:
            kind = type(node)
            if ast.dump(parts[0]) != ast.dump(parts[1]) and not any(isinstance(p, UNMOVED) for p in parts):
                moved = kind([parts[1], parts[0], *parts[2:]], ast.Load())
                text = ast.unparse(moved)
                yield "places swapped", f"({text})" if kind is ast.Tuple and not text.startswith("(") else text


def of_python(path: Path, root: Path) -> list[Mutant]:
    """Return every change of words, names and options in a file that readers meet, and every ordinary mutant."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: dict[tuple[int, int, str], Mutant] = {}

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.Assert):
            return  # messages of errors are compared by tests of their own
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        if isinstance(node, ast.AnnAssign):
            if node.value is not None and ast.unparse(node.annotation) != "TypeAlias":
                visit(node.value)
            return
        if isinstance(node, ast.expr):
            record(node)
        if isinstance(node, ast.JoinedStr):
            return  # what is inside has no places of its own before Python 3.12
        if isinstance(node, ast.FunctionDef):
            for part in [*_told(node.args), *node.args.defaults, *filter(None, node.args.kw_defaults), *node.body]:
                visit(part)
            return
        if isinstance(node, ast.ClassDef):
            for part in node.body:  # decorators say whether a record can be changed, which nobody reads
                visit(part)
            return
        if isinstance(node, ast.ExceptHandler):
            for part in node.body:
                visit(part)
            return  # in whichever order the errors stand
        for child in ast.iter_child_nodes(node):
            visit(child)

    def record(node: ast.expr) -> None:
        start, stop = _span(node, starts)
        before = source[start:stop].decode()
        for kind, after in changes(node):
            if after != before:
                place = path.relative_to(root).as_posix()
                mutant = Mutant(place, kind, start, stop, before, after, 0, 0, node.lineno)
                found.setdefault((start, stop, after), mutant)

    tree = ast.parse(source)
    visit(tree)
    unread = [range(*_span(node, starts)) for node in _unread(tree)]
    return [
        mutant
        for mutant in (*found.values(), *mutants_of(path, root))
        if not any(mutant.start in span for span in unread)
        and not (mutant.operator == "argument order" and SYMMETRIC.match(mutant.before))
    ]


def _told(arguments: ast.arguments) -> Iterator[ast.Call]:
    """Yield the calls in annotations: what a command line says of its options."""
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.annotation is not None:
            yield from (node for node in ast.walk(argument.annotation) if isinstance(node, ast.Call))


def _unread(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what no reader ever meets: exported names, whether ``zip`` checks lengths, what ``isinstance`` asks for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "__all__" for to in node.targets):
            yield node.value
        if isinstance(node, ast.keyword) and node.arg == "strict":
            yield node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            yield from (part for part in node.args[1:] if isinstance(part, ast.Tuple))


def _span(node: ast.expr, starts: list[int]) -> tuple[int, int]:
    """Return the byte offsets of a node."""
    return starts[node.lineno - 1] + node.col_offset, starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)


# JavaScript is taken apart by a regular expression: comments and spaces, texts, numbers, names and signs.
TOKENS = re.compile(
    r"//[^\n]*|/\*.*?\*/|\s+"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"
    r"|(?<![\w.])\d[\d_]*\.?\d*(?:e[+-]?\d+)?\b|[A-Za-z_$][\w$]*|=>|===|!==|<=|>=|&&|\|\||\?\?=?|\*\*|[-+*/]=|.",
    re.DOTALL,
)
SIGNS = {"===": "!==", "!==": "===", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "&&": "||", "||": "&&", "+": "-",
         "-": "+", "*": "/", "**": "*"}  # fmt: skip


def of_javascript(path: Path, root: Path) -> list[Mutant]:
    """Return every change of a word, a name, a number or a sign of a file of the page."""
    text, found = path.read_text(encoding="utf-8"), []

    def record(kind: str, token: re.Match[str], after: str) -> None:
        start = len(text[: token.start()].encode())
        stop = start + len(token[0].encode())
        line = text.count("\n", 0, token.start()) + 1
        place = path.relative_to(root).as_posix()
        found.append(Mutant(place, kind, start, stop, token[0], after, 0, 0, line))

    for token in TOKENS.finditer(text):
        word = token[0]
        if word[0] in "\"'`":
            for other in swapped(word):
                record("word", token, other)
        elif word[0].isdigit():
            record("number", token, f"({word} * 2 + 1)" if "." in word else str(int(word.replace("_", "")) + 1)
                   if word.replace("_", "").isdigit() else f"({word} * 10)")  # fmt: skip
        elif word in SIGNS and text[token.start() - 1 : token.start()] == " ":
            record("sign", token, SIGNS[word])
        elif word[0].isalpha():
            for part in CAMEL.finditer(word):
                name = part[0].lower()
                if name in SWAPS and SWAPS[name].isalpha():
                    other = SWAPS[name] if part[0].islower() else SWAPS[name].capitalize()
                    record("name", token, word[: part.start()] + other + word[part.end() :])
    return found


def drawn(files: list[Path], root: Path, count: int, seed: int) -> list[Mutant]:
    """Draw mutants of an area, stratified by file: its files in turn, at random within each, kinds before places."""
    decks = []
    for path in sorted(files):
        everything = (of_javascript if path.suffix == ".js" else of_python)(path, root)
        generator = random.Random(seed ^ zlib.crc32(path.relative_to(root).as_posix().encode()))  # noqa: S311
        generator.shuffle(everything)
        decks.append(_kinds_in_turn(everything))
    order = random.Random(seed)  # noqa: S311
    order.shuffle(decks)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(decks):
        for deck in decks:
            if deck and len(chosen) < count:
                chosen.append(deck.pop(0))
    return chosen


def _kinds_in_turn(mutants: list[Mutant]) -> list[Mutant]:
    """Return mutants so that kinds of changes take turns, whichever is the more frequent."""
    by_kind: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_kind.setdefault(mutant.operator, []).append(mutant)
    ordered = []
    while any(by_kind.values()):
        for deck in by_kind.values():
            if deck:
                ordered.append(deck.pop(0))
    return ordered
