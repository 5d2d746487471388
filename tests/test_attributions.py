"""What is said to be the paper's is what the table of attributions grants it, in every page and every source."""

import re
from pathlib import Path

import pytest

import lingauss as lg

DOCS = Path(__file__).parents[1] / "docs"
MARKS = ("paper", "quoted", "reading")  # columns of the table, in this order
GRANTED = re.compile(
    "abstract of Li & He|quoted from Li & He|inferred from Li & He|after Li & He 2026 [(]form inferred[)]"
)


def table():
    """Sections that each row of the table speaks of, and the marks it gives."""
    rows = re.findall(r"^\| (.*) \|$", (DOCS / "attributions.md").read_text(encoding="utf-8"), re.MULTILINE)
    for row in rows[1:]:
        claim, *cells = re.split(r"\s*\|\s*", row)
        yield (
            re.findall(r"§(\d+(?:\.\d+)?)", claim),
            {mark for mark, cell in zip(MARKS, cells, strict=False) if cell.strip()},
        )


def marked():
    """Every mark on the theory page after the one that explains it, with the section it stands in."""
    section = None
    for line in (DOCS / "theory.md").read_text(encoding="utf-8").splitlines():
        heading = re.match(r"#+ (\d+(?:\.\d+)?)", line)
        section = heading[1] if heading else section
        if section:
            yield from ((section, mark) for mark in re.findall(r"\*\*\[(\w+)\]\*\*", line) if mark in MARKS)


def derived():
    """Sources of all derivations, as their sheet has them, which another test holds to the derivations."""
    return set(re.findall(r"^- Source: (.*)\.$", (DOCS / "formulas.md").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_theory_page_marks_what_the_table_lists_and_the_table_lists_what_is_marked():
    listed = {(section, mark) for sections, marks in table() for section in sections for mark in marks}
    found = set(marked())
    assert len(found) > 8
    assert found - listed == set()
    rows = [(sections, marks) for sections, marks in table() if marks]
    assert len(rows) > 8
    for sections, marks in rows:
        for mark in marks:
            assert any((section, mark) in found for section in sections), f"{sections} nowhere marks [{mark}]"


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_no_other_page_claims_anything_for_the_paper(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    assert ("[paper]" in text) == (page in {"theory.md", "attributions.md"})


def test_every_source_that_names_the_paper_says_whether_it_is_stated_quoted_or_inferred():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
    sources = derived() | {bound.source for bound in lg.Distillation(problem).bounds()}
    named = [source for source in sources if "Li & He" in source]
    assert len(named) >= 6
    for source in named:
        assert len(GRANTED.findall(source)) == source.count("Li & He"), source


def test_the_bibliography_has_every_paper_that_is_named_as_another_source():
    known = (DOCS / "bibliography.md").read_text(encoding="utf-8")
    text = (DOCS / "attributions.md").read_text(encoding="utf-8")
    text += "".join(derived())
    named = re.findall(r"\b([A-Z]\w+(?:(?:, \w+)* (?:&|and) \w+| et al\.)?) (\d{4})\b", text)
    for names, year in {(names, year) for names, year in named if 1900 < int(year) < 2100}:
        first = re.match(r"\w+", names)[0]
        assert re.search(rf"{first}.*{year}", known), f"{names} {year}"
