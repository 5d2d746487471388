"""The page as an object: shown in notebooks, saved to files, opened in a browser."""

from __future__ import annotations

import os
import webbrowser
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from lingauss.errors import DomainError
from lingauss.explorer.assemble import assemble
from lingauss.explorer.presets import presets
from lingauss.explorer.subject import subject_of
from lingauss.files import as_path, write
from lingauss.model.design import Design

FRAME_HEIGHT = 920  # pixels, in a notebook


@dataclass(frozen=True)
class Explorer:
    """A self-contained page; needs neither server nor network.

    Attributes
    ----------
    title : str
        Name of the problem it opens with.
    html : str
        The whole page, less than half a megabyte.
    """

    title: str
    html: str = field(repr=False)

    def _repr_html_(self) -> str:
        page = escape(self.html, quote=True)
        return (
            f'<iframe title="{escape(self.title, quote=True)}" srcdoc="{page}" width="100%" height="{FRAME_HEIGHT}" '
            'sandbox="allow-scripts allow-downloads" allow="clipboard-write" style="border: 0"></iframe>'
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, whole or not at all, and return its path.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        target = as_path(path)
        write(target, self.html.encode())
        return target


def explore(case: Design | None = None, title: str = "Your problem") -> Explorer:
    """Return the page for a design, or for the presets alone.

    Parameters
    ----------
    case : Design, optional
        Ridge learners and a bottleneck of leading or selected eigen-directions.
    title : str
        Name of its problem on the page.

    Raises
    ------
    DomainError
        For other learners and bottlenecks, and for a deterministic teacher.
    MissingTruthError
        If the problem has neither truth nor labels.
    """
    if not isinstance(title, str):
        raise DomainError("title, a text", type(title).__name__, "Pass a str.")
    own = {} if case is None else {"yours": subject_of(case, title)}
    subjects = own | presets()
    return Explorer(next(iter(subjects.values())).title, assemble(subjects))


def open_in_browser(path: Path) -> bool:
    """Ask the system's browser to show a file; False where there is none."""
    try:
        return webbrowser.open(path.absolute().as_uri())
    except webbrowser.Error:
        return False
