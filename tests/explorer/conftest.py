"""A browser for the tests of the page, or a stated reason why there is none."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from typing import Any

import pytest
from browser import Profile, browsing, chromium

NEEDED = "LINGAUSS_NEEDS_BROWSER"  # set where a missing browser is a failure, not a reason to skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    lacking = [
        what
        for what, found in (
            ("Chromium (apt install chromium, or set CHROMIUM)", chromium()),
            ("Playwright (pip install playwright)", importlib.util.find_spec("playwright")),
        )
        if not found
    ]
    if lacking:
        reason = f"needs {' and '.join(lacking)}"
        if os.environ.get(NEEDED):
            pytest.fail(reason)
        pytest.skip(reason)
    with browsing() as running:
        yield running


@pytest.fixture(scope="module")
def profile(browser: Any) -> Iterator[Profile]:
    """A fresh profile without network."""
    fresh = Profile.of(browser)
    yield fresh
    fresh.context.close()
