"""Every notebook runs from top to bottom, shows what it is committed with, and links to what exists."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LIGHT = 500_000  # bytes
NUMBER = re.compile(r"[-−]?\d+\.\d+(?:e[-+]?\d+)?")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


def printed(notebook):
    """Printed text of every code cell, numbers rounded to what any machine agrees on."""
    return [
        NUMBER.sub(lambda found: f"{float(found[0].replace('−', '-')):.4g}", output["text"])
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream" and output["name"] == "stdout"
    ]


def test_runs_and_prints_what_it_is_committed_with(path):
    committed = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    NotebookClient(fresh, timeout=120, kernel_name="python3", resources={"metadata": {"path": FOLDER}}).execute()
    assert "".join(printed(fresh)) == "".join(printed(committed))


def test_is_light_and_was_executed_in_order(path):
    notebook = nbformat.read(path, as_version=4)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert path.stat().st_size < LIGHT


def test_opens_with_what_the_reader_will_learn(path):
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.source.startswith("# ")
    assert "**You will learn**" in first.source


def test_links_lead_somewhere(path):
    notebook = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (FOLDER / target.split("#")[0]).exists()] == []
