"""Take the pictures of the explorer page that the README and the docs show: ``python docs/screenshots.py``."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lingauss.explorer import explore

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "explorer"))
from browser import browsing, opened  # noqa: E402

DESKTOP, PHONE = (1440, 1520), (390, 844)
THEMES = ("light", "dark")

# Two designs beside the one that the page opens with.
PINNED = """async () => {
  const start = { ...Explorer.state.design };
  const mixed = [{ mixing: 0.4, student_rank: 20 }, "mixed"];
  const cool = [{ temperature: 2, student_rank: 45 }, "cool"];
  for (const [change, name] of [mixed, cool]) {
    await Explorer.apply(change);
    document.getElementById("pin").click();
    await Explorer.redraw();
    const label = document.querySelector(".pin:last-child input");
    label.value = name;
    label.dispatchEvent(new Event("change"));
  }
  await Explorer.apply(start);
}"""


def main() -> None:
    """Write one picture per screen and theme, and of the six views on a phone."""
    with browsing() as browser, TemporaryDirectory() as folder:
        path = explore().save(Path(folder) / "page.html")
        for scheme in THEMES:
            page = opened(screen(browser, DESKTOP, scheme), path)
            page.locator("#readout").get_by_role("button", name="rank bottleneck").click()
            page.wait_for_timeout(1000)  # the summary is written after a rest
            page.screenshot(path=HERE / "_static" / f"explorer-{scheme}.png")
            page.evaluate(PINNED)
            page.wait_for_timeout(1000)
            page.set_viewport_size({"width": DESKTOP[0], "height": 1900})
            page.wait_for_timeout(500)
            page.screenshot(path=HERE / "_static" / f"explorer-compare-{scheme}.png")
            page = opened(screen(browser, PHONE, scheme), path)
            page.wait_for_timeout(1000)
            page.locator("#readout").get_by_role("button", name="rank bottleneck").click()
            page.wait_for_timeout(300)
            page.screenshot(path=HERE / "_static" / f"explorer-phone-{scheme}.png")
            page.get_by_role("button", name="Close the formula").click()
            page.set_viewport_size({"width": PHONE[0], "height": 4600})
            page.wait_for_timeout(500)
            page.locator("#views").screenshot(path=HERE / "_static" / f"explorer-phone-views-{scheme}.png")


def screen(browser: Any, size: tuple[int, int], scheme: str) -> Any:
    """Open a profile with a screen."""
    width, height = size
    return browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)


if __name__ == "__main__":
    main()
