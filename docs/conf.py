"""Configuration of the documentation site; ``sphinx-build -W docs site`` builds it, without a network."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import lingauss
from lingauss.atlas.gallery import write_pages

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parent / "notebooks"

project = "lingauss"
author = "The lingauss developers"
copyright = author
release = version = lingauss.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx-mathjax-offline",
    "sphinx_copybutton",
]
templates_path = ["_templates"]

# Pages are written in Markdown that also reads well on code hosts; notebooks are shown as they were executed.
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
nb_execution_mode = "off"
nb_merge_streams = True

autodoc_typehints = "none"  # numpydoc's sections say types, with shapes and units
autosummary_generate = True
autodoc_default_options = {"members": True, "member-order": "bysource"}
numpydoc_show_class_members = False

html_theme = "furo"
html_title = "lingauss"
html_static_path = ["_static"]
html_css_files = ["lingauss.css"]
html_copy_source = False
html_show_sphinx = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def bring_notebooks(_: object) -> None:
    """Copy the notebooks beside the pages, where Sphinx looks for sources; their links to pages follow."""
    target = HERE / "notebooks"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
        text = notebook.read_text(encoding="utf-8").replace("](../docs/", "](../")
        (target / notebook.name).write_text(text, encoding="utf-8")


def draw_atlas(_: object) -> None:
    """Draw the entries of the atlas and write their pages, where Sphinx looks for sources."""
    target = HERE / "atlas"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    write_pages(target)


def prepare(_app: object, _what: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Let absolute values in docstrings stand, not substitutions, and make pages they cite links."""
    lines[:] = [re.sub(r"docs/([\w-]+)\.md", r":doc:`\1 </\1>`", line.replace("|", r"\|")) for line in lines]


def setup(app: object) -> None:
    """Register what happens before and while pages are read."""
    app.connect("builder-inited", bring_notebooks)
    app.connect("builder-inited", draw_atlas)
    app.connect("autodoc-process-docstring", prepare, priority=100)  # before numpydoc reads it
