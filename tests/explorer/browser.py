"""Pages in a real headless Chromium."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

VIEWPORT = {"width": 1280, "height": 1000}


def chromium() -> str | None:
    """Path of the browser: that of the environment variable CHROMIUM, or the first on the search path."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass(eq=False)
class Profile:
    """A browser profile without network that remembers what went wrong in its pages.

    Attributes
    ----------
    context
        Where pages are opened.
    complaints : list of str
        Errors and warnings on the console, uncaught errors, and addresses outside the page that were asked for.
    """

    context: Any
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, browser: Any) -> Profile:
        """Make a profile whose pages are watched."""
        profile = cls(browser.new_context(viewport=VIEWPORT, accept_downloads=True))
        profile.context.set_offline(True)
        profile.context.on("console", profile._heard)
        profile.context.on("weberror", lambda error: profile.complaints.append(str(error.error)))
        profile.context.on("request", profile._asked)
        return profile

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:", "about:")):
            self.complaints.append(request.url)


@contextmanager
def browsing() -> Iterator[Any]:
    """Start a browser that pages can be opened in."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def opened(context: Any, path: Path, fragment: str = "") -> Any:
    """Open a page from a file and wait until it has drawn its views, or until an error keeps it from that."""
    page, errors = context.new_page(), list[Any]()
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(path.absolute().as_uri() + fragment)
    deadline = time.monotonic() + 60.0
    while page.query_selector("html[data-ready]") is None:
        assert not errors, errors
        assert time.monotonic() < deadline, "the page has drawn nothing"
        page.wait_for_timeout(20)
    return page
