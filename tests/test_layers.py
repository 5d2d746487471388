"""Data flows one way, and imports with it (docs/architecture.md)."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lingauss"
GROUND = {
    "folders", "memory", "spreadsheets", "terminal", "termination",
    "errors", "extras", "files", "guard", "html_table", "names", "notices", "numerals", "progress", "python_layout",
    "threads", "validation", "version", "vocabulary",
}  # fmt: skip
# Each room may import the ground, itself and what is named here.
KNOWS = {
    "algebra": set(),
    "sums": {"algebra"},
    "data": {"algebra"},
    "model": {"algebra", "sums", "data"},
    "equivalents": {"algebra", "model"},
    "ledgers": {"algebra", "sums", "model", "equivalents"},
    "gaps": {"algebra", "model", "ledgers"},
    "unseen": {"algebra", "sums", "data", "model", "ledgers"},
    "sweep": {"algebra", "sums", "model", "equivalents", "ledgers", "unseen"},
    "optimum": {"algebra", "model", "equivalents", "ledgers", "unseen", "sweep"},
    "rounds": {"algebra", "sums", "model", "equivalents", "ledgers", "sweep", "optimum"},
    "simulation": {"algebra", "data", "model", "ledgers", "gaps", "sweep"},
    "symbolic": set(),
    "charts": set(),
    "report": set(),
}
FACADE = {"distillation", "chain", "comparison", "explanation", "as_python", "rebuilding"}
NUMBERS = KNOWS.keys() - {"symbolic", "charts", "report"}
LIBRARY = NUMBERS | FACADE
KNOWS |= {
    "explorer": NUMBERS | {"symbolic"},
    **{name: LIBRARY | {"symbolic", "explorer"} for name in FACADE},
    "tables": {"data"},
    "analysis": LIBRARY | {"tables", "charts", "report"},
    "sklearn": {"analysis"},
    "reproduce": LIBRARY | {"charts", "report"},
    "atlas": {"__init__", "charts", "report", "reproduce"},
    "testing": LIBRARY,
    "layers": {"algebra", "data", "model"},
    "softmax": {"algebra", "model", "distillation"},
    "cli": {
        *LIBRARY,
        "atlas",
        "layers",
        "symbolic",
        "charts",
        "report",
        "tables",
        "analysis",
        "reproduce",
        "explorer",
        "testing",
    },
    "__main__": {"cli"},
    "__init__": {*LIBRARY, "analysis", "atlas", "charts", "symbolic", "testing"},
}


def room_of(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def module_of(path):
    parts = ("lingauss", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in PACKAGE.rglob("*.py")}


def imports_of(path):
    """Yield the modules that a file and the stub beside it import anywhere: on top, when called, for types alone."""
    for text in (path, path.with_suffix(".pyi")):
        if not text.exists():
            continue
        for node in ast.walk(ast.parse(text.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == "lingauss")
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: imports are absolute"
                if node.module and node.module.partition(".")[0] == "lingauss":
                    named = (f"{node.module}.{alias.name}" for alias in node.names)
                    yield from (name if name in MODULES else node.module for name in named)


def imported(path):
    """Yield the rooms a module imports."""
    yield from ([*name.split("."), "__init__"][1] for name in imports_of(path))


def circles(graph):
    """Return the sets of nodes that lead to each other (Tarjan's strongly connected components, without recursion)."""
    number, lowest, stack, found = {}, {}, [], []
    for start in graph:
        if start in number:
            continue
        way = [(start, iter(graph[start]))]
        number[start] = lowest[start] = len(number)
        stack.append(start)
        while way:
            node, ahead = way[-1]
            for following in ahead:
                if following not in number:
                    number[following] = lowest[following] = len(number)
                    stack.append(following)
                    way.append((following, iter(graph[following])))
                    break
                if following in stack:
                    lowest[node] = min(lowest[node], number[following])
            else:
                way.pop()
                if way:
                    lowest[way[-1][0]] = min(lowest[way[-1][0]], lowest[node])
                if lowest[node] == number[node]:
                    component = {member for member in stack if number[member] >= number[node]}
                    stack[:] = [member for member in stack if member not in component]
                    found += [component] if len(component) > 1 else []
    return found


def test_circles_are_found():
    graph = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": {"e"}, "e": set(), "f": {"g", "e"}, "g": {"f"}}
    assert circles(graph) == [{"a", "b", "c"}, {"f", "g"}]


def test_no_file_imports_itself_by_any_way_round():
    graph = {name: set(imports_of(path)) - {name} for name, path in MODULES.items()}
    assert set().union(*graph.values()) <= graph.keys()
    assert circles(graph) == []


def test_no_room_may_import_itself_by_any_way_round():
    # The package itself is no room but a list of names; entries of the atlas use some, as a reader's script does.
    one = {**{room: room for room in KNOWS}, **dict.fromkeys(FACADE, "facade")}
    graph = {room: set() for room in one.values()}
    for room, known in KNOWS.items():
        graph[one[room]] |= {one[name] for name in known - {"__init__"}} - {one[room]}
    assert circles(graph) == []


def test_every_room_has_its_place_in_the_flow():
    assert {room_of(path) for path in PACKAGE.rglob("*.py")} == GROUND | KNOWS.keys()


@pytest.mark.parametrize("room", sorted(KNOWS))
def test_a_room_imports_only_what_data_has_passed_before_it(room):
    paths = [path for path in PACKAGE.rglob("*.py") if room_of(path) == room]
    upwards = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in paths
        for name in imported(path)
        if name not in GROUND | KNOWS[room] | {room}
    }
    assert paths
    assert upwards == set()


def test_the_ground_stands_on_itself():
    upwards = {
        f"{path.name} imports {name}"
        for path in PACKAGE.glob("*.py")
        if path.stem in GROUND
        for name in imported(path)
        if name not in GROUND
    }
    assert upwards == set()
