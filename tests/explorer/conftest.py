"""A browser for the tests of the page, or a stated reason why there is none."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import VIEWPORT, Profile, browsing, chromium, opened
from pages import HOSTILE, design, elsewhere, long, observed, settled, tied

from lingauss.explorer import Explorer
from lingauss.explorer.assemble import assemble
from lingauss.explorer.presets import presets
from lingauss.explorer.subject import subject_of

NEEDED = "LINGAUSS_NEEDS_BROWSER"  # set where a missing browser is a failure, not a reason to skip


def need(**tools: tuple[object, str]) -> None:
    """Go on if every tool is there, else skip, or fail where a browser is needed."""
    lacking = [f"{name} ({remedy})" for name, (found, remedy) in tools.items() if not found]
    if lacking:
        reason = f"needs {' and '.join(lacking)}"
        if os.environ.get(NEEDED):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    need(
        Chromium=(chromium(), "apt install chromium, or set CHROMIUM"),
        Playwright=(importlib.util.find_spec("playwright"), "pip install playwright"),
    )
    with browsing() as running:
        yield running


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which finds what keeps readers out."""
    package = importlib.util.find_spec("axe_playwright_python")
    need(axe=(package, "pip install axe-playwright-python"))
    assert package is not None
    assert package.origin is not None
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def profile(browser: Any) -> Iterator[Profile]:
    """A fresh profile without network."""
    fresh = Profile.of(browser)
    yield fresh
    fresh.context.close()


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page with a hostile title and a problem of every kind, because opening one takes a second."""
    cases = {"yours": design(), "observed": observed(), "elsewhere": elsewhere(), "tied": tied(), "long": long()}
    html = assemble({key: subject_of(case, HOSTILE) for key, case in cases.items()} | presets())
    return Explorer(HOSTILE, html).save(tmp_path_factory.mktemp("page") / "page.html")


@pytest.fixture(scope="session")
def visit(profile: Profile, file: Path) -> Any:
    return opened(profile.context, file)


AFRESH = """() => {
  Object.assign(Explorer.state, { pins: [], wish: { objective: "divergence", tolerance: 0, budget: null },
    axis: { name: "temperature", quantity: "divergence" } });
  document.getElementById("own").hidden = true;
  document.getElementById("formula-close").click();
  for (const details of document.querySelectorAll("details")) details.open = false;
  Explorer.select("yours"); }"""


@pytest.fixture
def page(visit: Any, profile: Profile) -> Iterator[Any]:
    """The page as it opens; afterwards nothing may have gone wrong in it, or left it."""
    visit.emulate_media(color_scheme="light")
    if visit.viewport_size != VIEWPORT:
        visit.set_viewport_size(VIEWPORT)
    visit.evaluate(AFRESH)
    settled(visit)
    yield visit
    complaints, profile.complaints = profile.complaints, []
    assert complaints == []


@pytest.fixture
def compared(page: Any) -> Iterator[Any]:
    """A design of a population beside a pinned one, with a wish for small risks."""
    page.evaluate("Explorer.select('power-law')")
    page.evaluate("Explorer.apply({ student_rank: 40, mixing: 0.7, label_noise: 0.6 })")
    page.get_by_role("button", name="Pin this design").click()
    page.evaluate(
        """Explorer.state.wish = { objective: "excess_risk", tolerance: 0.075, budget: null };
           Explorer.state.axis = { name: "student_penalty", quantity: "student_excess_risk" };
           Explorer.apply({ student_rank: 20, mixing: 0.9, label_noise: 0.4, temperature: 3 })"""
    )
    settled(page)
    yield page
    page.evaluate(
        """Explorer.state.wish = { objective: "divergence", tolerance: 0, budget: null };
           Explorer.state.axis = { name: "temperature", quantity: "divergence" }"""
    )
