"""Take the pictures of the explorer page that the README and the docs show: ``python docs/screenshots.py``."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from lingauss.explorer import explore

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "explorer"))
from browser import browsing, opened  # noqa: E402

SCREENS = {"light": (1440, 1340, "light"), "dark": (1440, 980, "dark"), "phone": (375, 812, "light")}


def main() -> None:
    """Write one picture per screen."""
    with browsing() as browser, TemporaryDirectory() as folder:
        path = explore().save(Path(folder) / "page.html")
        for name, (width, height, scheme) in SCREENS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            page = opened(context, path)
            page.locator("#view-ledger [data-formula=discarded_cost]").hover()
            page.wait_for_timeout(1000)  # the summary is written after a rest
            page.screenshot(path=HERE / "_static" / f"explorer-{name}.png")


if __name__ == "__main__":
    main()
