"""A report and its sections: one HTML page without a request to anywhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files as resources

from lingauss.files import write
from lingauss.report.blocks import Block, Note, Table, escaped
from lingauss.version import __version__

# No script, no frame, no font and no image from elsewhere: the browser itself enforces that nothing is loaded.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
CONTENTS_FROM = 3  # sections, from which on a report starts with a list of them


@dataclass(frozen=True)
class Section:
    """A part of a report with a heading.

    Attributes
    ----------
    title : str
    blocks : sequence of Block
        Texts, notes, tables, figures and code, in reading order.
    finding : str
        What the section shows, in a sentence: told under its heading and in the list of contents. May be empty.
    folded : bool
        Whether its heading alone is shown until it is opened.
    """

    title: str
    blocks: Sequence[Block]
    finding: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Report:
    """A report as data.

    Attributes
    ----------
    title : str
    lead : str
        What the report found, in a sentence or two.
    summary : Table or None
        The numbers a reader looks for first.
    sections : sequence of Section

    Examples
    --------
    >>> from lingauss.report import Report, Section, Table, Text
    >>> summary = Table(["student rank", "divergence"], [["8", "21.4 nats"], ["16", "12.0 nats"]])
    >>> report = Report("Two ranks", "Rank 16 is closer.", summary, [Section("Data", [Text("64 features.")])])
    >>> '<td class="number">12.0 nats</td>' in report.to_html()
    True
    """

    title: str
    lead: str
    summary: Table | None
    sections: Sequence[Section]

    def to_html(self) -> str:
        """Return the page; the same report gives the same text."""
        contents = self._contents() if sum(not section.folded for section in self.sections) >= CONTENTS_FROM else ""
        summary = self.summary.html() if self.summary is not None else ""
        sections = "\n".join(_shown(number, section) for number, section in enumerate(self.sections, 1))
        style = (resources("lingauss.report") / "style.css").read_text(encoding="utf-8")
        return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escaped(self.title)}</title>
<style>
{style}</style>
</head>
<body>
<main>
<header><h1>{escaped(self.title)}</h1>
<p class="lead">{escaped(self.lead)}</p></header>
{summary}
{contents}
{sections}
</main>
<footer>Written by lingauss {__version__}. Divergences are in nats.</footer>
</body>
</html>
"""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, which appears when it is complete.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        write(path, self.to_html().encode())

    def _contents(self) -> str:
        items = "\n".join(
            f'<li><a href="#section-{number}">{escaped(section.title)}</a>{_told(section)}</li>'
            for number, section in enumerate(self.sections, 1)
        )
        return f'<nav aria-label="Contents"><ol>\n{items}\n</ol></nav>'


def _shown(number: int, section: Section) -> str:
    heading = f"<h2>{escaped(section.title)}</h2>"
    content = "\n".join(block.html() for block in (*_lead(section), *section.blocks))
    if section.folded:
        return f'<section id="section-{number}"><details><summary>{heading}</summary>\n{content}\n</details></section>'
    return f'<section id="section-{number}">{heading}\n{content}\n</section>'


def _lead(section: Section) -> tuple[Note, ...]:
    return (Note(section.finding),) if section.finding else ()


def _told(section: Section) -> str:
    return f"<br><small>{escaped(section.finding)}</small>" if section.finding else ""
