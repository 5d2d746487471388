"""What the sections of a report are made of; every block knows its own HTML."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from lingauss.errors import ShapeError
from lingauss.html_table import NUMERIC
from lingauss.vocabulary import unknown_name

MEDIA_TYPES = {"png": "image/png", "svg": "image/svg+xml"}
# Characters that HTML has no place for: controls other than white space, and halves of surrogate pairs.
UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")


class Block(Protocol):
    """A piece of a section."""

    def html(self) -> str:
        """Return the block as HTML, all text in it escaped."""
        ...


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str

    def html(self) -> str:
        """Return the paragraph as HTML."""
        return f"<p>{escaped(self.text)}</p>"


@dataclass(frozen=True)
class Note:
    """A remark set apart from the text.

    Attributes
    ----------
    text : str
    warning : bool
        Whether the reader must not miss it.
    """

    text: str
    warning: bool = False

    def html(self) -> str:
        """Return the remark as HTML."""
        kind, role = ("warning", ' role="alert"') if self.warning else ("note", "")
        return f'<p class="{kind}"{role}>{escaped(self.text)}</p>'


@dataclass(frozen=True)
class Code:
    """Lines to copy, such as a command or a snippet of Python."""

    text: str

    def html(self) -> str:
        """Return the lines as HTML, white space kept."""
        return f'<pre tabindex="0"><code>{escaped(self.text)}</code></pre>'


@dataclass(frozen=True)
class Table:
    """A table of finished texts; columns of numbers are set flush right.

    Attributes
    ----------
    header : sequence of str
        One name per column.
    rows : sequence of sequence of str
        The first cell of each names the row.
    caption : str
        Above the table; may be empty.

    Raises
    ------
    ShapeError
        If a row has more or fewer cells than the header.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.header):
                raise ShapeError(
                    f"rows of {len(self.header)} cells, one per column",
                    f"{len(row)} in row {number}",
                    "Give every row as many cells as the header.",
                )

    def html(self) -> str:
        """Return the table as HTML, in a box that scrolls sideways where the screen is narrow."""
        numeric = [all(NUMERIC.fullmatch(row[j].strip()) for row in self.rows) for j in range(len(self.header))]
        kinds = [' class="number"' if right and self.rows else "" for right in numeric]
        head = "".join(
            f'<th scope="col"{kind}>{escaped(name)}</th>' for name, kind in zip(self.header, kinds, strict=True)
        )
        body = "\n".join(f"<tr>{self._row(row, kinds)}</tr>" for row in self.rows)
        caption = f"<caption>{escaped(self.caption)}</caption>" if self.caption else ""
        return (
            f'<div class="table" tabindex="0"><table>{caption}<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{body}\n</tbody></table></div>"
        )

    @staticmethod
    def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
        name, *values = (f"{kind}>{escaped(cell)}" for cell, kind in zip(cells, kinds, strict=True))
        return f'<th scope="row"{name}</th>' + "".join(f"<td{value}</td>" for value in values)


@dataclass(frozen=True)
class Figure:
    """An image with its caption, embedded in the page.

    Attributes
    ----------
    image : bytes
        As :func:`lingauss.charts.render.render` returns it.
    caption : str
        Below the image.
    alt : str
        What the image shows, for those who do not see it.
    kind : str
        'svg' or 'png'.
    headline : str
        What the image shows, told above it; the caption is then folded away. May be empty.

    Raises
    ------
    UnknownNameError
        If the kind is neither.
    """

    image: bytes
    caption: str
    alt: str
    kind: str = "svg"
    headline: str = ""

    def __post_init__(self) -> None:
        if self.kind not in MEDIA_TYPES:
            raise unknown_name("a kind of image", self.kind, MEDIA_TYPES)

    def html(self) -> str:
        """Return the figure as HTML.

        The image is a data URI, also if it is an SVG: in-line SVGs would share the names of their clip paths.
        """
        source = f"data:{MEDIA_TYPES[self.kind]};base64,{base64.b64encode(self.image).decode('ascii')}"
        image = f'<img src="{source}" alt="{escaped(self.alt)}">'
        caption = f"<figcaption>{escaped(self.caption)}</figcaption>"
        if not self.headline:
            return f"<figure>{image}\n{caption}</figure>"
        told = f'<p class="headline">{escaped(self.headline)}</p>'
        return f"<figure>{told}\n{image}\n<details><summary>How to read it</summary>{caption}</details></figure>"


@dataclass(frozen=True)
class Gallery:
    """Figures beside each other, as many as the screen is wide."""

    figures: Sequence[Figure]

    def html(self) -> str:
        """Return the figures as HTML."""
        return '<div class="gallery">\n' + "\n".join(figure.html() for figure in self.figures) + "\n</div>"


@dataclass(frozen=True)
class Details:
    """Blocks folded away under a summary."""

    summary: str
    blocks: Sequence[Block]

    def html(self) -> str:
        """Return the blocks as HTML that unfolds without a script."""
        inside = "\n".join(block.html() for block in self.blocks)
        return f"<details><summary>{escaped(self.summary)}</summary>\n{inside}</details>"


def escaped(text: str) -> str:
    """Return text as HTML: markup escaped, characters that HTML has no place for replaced."""
    return escape(UNPRINTABLE.sub("\ufffd", text))
