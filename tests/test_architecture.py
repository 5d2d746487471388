"""docs/architecture.md tells the truth of the code: its rooms, its routes, and where every number comes from."""

import re

import pytest
from test_layers import GROUND, KNOWS, PACKAGE

from lingauss.ledgers.dispatch import ROUTES
from lingauss.sweep.quantities import QUANTITIES
from lingauss.sweep.unseen import UNSEEN

ROOT = PACKAGE.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAME = re.compile(r"`([^`]+)`")


def section(title):
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def rows(text):
    """Return the cells of every row of the tables in a text, without their headers."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    kept = [line for line, following in zip(lines, [*lines[1:], ""], strict=True) if not following.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in kept if not line.startswith("|---")]


NUMBERS = rows(section("From a number to its formula"))


def test_every_room_and_every_file_of_the_ground_has_one_row():
    named = [name for first, *_ in rows(section("Rooms")) for name in NAME.findall(first)]
    assert sorted(named) == sorted({*KNOWS, *GROUND} - {"__init__", "__main__"})


def test_rows_of_rooms_say_what_may_be_imported():
    told = {}
    for first, *_, last in rows(section("Rooms")):
        if last == "–" or not NAME.sub("", last).strip():
            told |= {name: set(NAME.findall(last)) for name in NAME.findall(first) if name in KNOWS}
    assert len(told) > 12
    assert told == {name: KNOWS[name] for name in told}


def test_routes_stand_in_the_order_in_which_they_are_asked():
    first = [NAME.findall(cells[0])[0] for cells in rows(section("Routes")) if len(cells) == 5]
    assert first == [route.__name__.lower() for route in ROUTES]


@pytest.mark.parametrize("path", sorted({name for name in NAME.findall(PAGE) if "/" in name and " " not in name}))
def test_every_file_that_is_named_exists(path):
    assert (ROOT / path).exists() or (PACKAGE / path).exists()


def test_every_quantity_of_sweeps_has_a_row():
    listed = {name for cells in NUMBERS for name in NAME.findall(cells[1])}
    assert {name.removeprefix("prediction_") for name in (*QUANTITIES, *UNSEEN)} <= listed


@pytest.mark.parametrize("cells", NUMBERS, ids=lambda cells: cells[0])
def test_a_number_is_two_hops_from_its_formula(cells):
    _, _, files, formula = cells
    pages = re.findall(r"\]\(([\w-]+\.md)\)", formula)
    assert pages
    assert all((ROOT / "docs" / page).is_file() for page in pages)
    paths = [PACKAGE / name for name in NAME.findall(files) if "/" in name]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    cited = {page for text in texts for page in re.findall(r"docs/([\w-]+\.md)", text)}
    assert set(pages) & cited, "no file of the row cites the page that has its formula"
