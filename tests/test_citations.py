"""What code and pages cite is there: numbered sections of docs/theory.md, and pages of the documentation."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECTION = re.compile(r"(?<=§)(\d+(?:\.\d+)?)(?:–(\d+(?:\.\d+)?))?")
PAGE = re.compile(r"(?<![\w/])docs/[\w-]+\.(?:md|rst)")


def cited(pattern):
    """Return every reference that a pattern finds, with the files it stands in."""
    found = {}
    for folder, suffix in (("lingauss", "py"), ("tests", "py"), ("benchmarks", "py"), ("docs", "md"), (".", "md")):
        for path in (ROOT / folder).glob(f"*.{suffix}" if folder == "." else f"**/*.{suffix}"):
            for match in pattern.finditer(path.read_text(encoding="utf-8")):
                for reference in filter(None, match.groups() or match.group(0).split()):
                    found.setdefault(reference, set()).add(str(path.relative_to(ROOT)))
    return found


def test_every_section_that_is_cited_is_a_heading_of_the_theory_page():
    theory = (ROOT / "docs" / "theory.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)\.? ", theory, re.MULTILINE))
    sections = cited(SECTION)
    assert {"4", "5.10", "7.5"} <= sections.keys() & headings
    assert {section: files for section, files in sections.items() if section not in headings} == {}


def test_every_page_that_is_cited_exists():
    pages = cited(PAGE)
    assert "docs/theory.md" in pages
    assert {page: files for page, files in pages.items() if not (ROOT / page).is_file()} == {}
