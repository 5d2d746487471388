"""Data flows one way, and imports with it (CONTRIBUTING.md, "How the code is laid out")."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lingauss"
KNOWS = {
    "algebra": set(),
    "model": {"algebra"},
    "unseen": {"algebra", "model"},
    "design": {"algebra", "model", "unseen"},
    "simulation": {"algebra", "model", "design"},
    "symbolic": set(),
    "charts": set(),
    "report": set(),
    "analysis": {"algebra", "model", "design", "charts", "report"},
    "reproduce": {"model", "design", "simulation", "charts", "report"},
    "explorer": {"model", "symbolic", "reproduce"},
    "testing": {"algebra", "model"},
}


def imported_on_import(path):
    """Yield the folders of lingauss that a module needs when it is imported, not those it needs when it is called."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "lingauss":
            inside = node.module.split(".")[1:]
            yield from inside[:1] or (alias.name for alias in node.names)


def test_every_folder_has_its_place_in_the_flow():
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == KNOWS.keys()


@pytest.mark.parametrize("folder", KNOWS)
def test_a_folder_imports_only_what_data_has_passed_before_it(folder):
    paths = list((PACKAGE / folder).rglob("*.py"))
    upwards = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in paths
        for name in imported_on_import(path)
        if name in KNOWS and name not in KNOWS[folder] | {folder}
    }
    assert paths
    assert upwards == set()
