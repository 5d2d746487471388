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
LIBRARY = {*KNOWS, *FACADE} - {"symbolic", "charts", "report"}
KNOWS |= {
    **{name: LIBRARY | {"symbolic", "explorer"} for name in FACADE},
    "tables": {"data"},
    "analysis": LIBRARY | {"tables", "charts", "report"},
    "sklearn": {"analysis"},
    "reproduce": LIBRARY | {"charts", "report"},
    "atlas": {"charts", "report", "reproduce"},
    "explorer": LIBRARY | {"symbolic", "reproduce"},
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


def imported(path):
    """Yield the rooms a module imports anywhere: at its top, when it is called, or for its types alone."""
    if path.suffix == ".py" and (stub := path.with_suffix(".pyi")).exists():
        yield from imported(stub)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "lingauss":
            inside = node.module.split(".")[1:]
            yield from inside[:1] or (alias.name for alias in node.names)
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("lingauss."))


def test_every_room_has_its_place_in_the_flow():
    assert {room_of(path) for path in PACKAGE.rglob("*.py")} == GROUND | KNOWS.keys()


@pytest.mark.parametrize("room", sorted(KNOWS))
def test_a_room_imports_only_what_data_has_passed_before_it(room):
    paths = [path for path in PACKAGE.rglob("*.py") if room_of(path) == room]
    upwards = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in paths
        for name in imported(path)
        if name not in GROUND | KNOWS[room] | {room, "__version__"}
    }
    assert paths
    assert upwards == set()


def test_the_ground_stands_on_itself():
    upwards = {
        f"{path.name} imports {name}"
        for path in PACKAGE.glob("*.py")
        if path.stem in GROUND
        for name in imported(path)
        if name not in GROUND | {"__version__"}
    }
    assert upwards == set()
