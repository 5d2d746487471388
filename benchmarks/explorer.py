"""How fast the explorer page follows the hand: from a control's move to the finished redraw of all views.

A slider is drawn across the middle of its range in small steps, as a hand does, for one design alone and for three
pinned beside it. Beside the time on the clock stands the processor time of the page's thread, which a busy machine does
not stretch as much. Run by hand: ``python benchmarks/explorer.py``; needs Playwright and Chromium.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import lingauss as lg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "explorer"))
from browser import browsing, opened

MOVES = 60
CONTROLS = ("student_rank", "label_noise", "temperature", "teacher_penalty")

# A move ends when every figure is drawn and the frame that shows it has been handed over.
MEASURE = """async ({ name, moves }) => {
  const slider = document.querySelector(`[data-slider="${name}"]`);
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0);
  }));
  const times = [];
  for (let move = 0; move < moves; move++) {
    slider.value = Number(slider.max) * (0.2 + 0.6 * move / moves);
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await Explorer.redraw();
    await painted();
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return times;
}"""

# Three other designs beside the present one.
PIN = """async () => {
  for (const mixing of [0.2, 0.5, 0.8]) {
    await Explorer.apply({ mixing });
    document.getElementById("pin").click();
    await Explorer.redraw();
  }
}"""


def design(d: int) -> lg.Distillation:
    index = np.arange(1.0, d + 1.0)
    problem = lg.Problem.from_spectrum(1000 / index, 1 / index, n_samples=4 * d, label_noise=0.5)
    return lg.Distillation(
        problem, lg.Ridge(100.0), lg.Ridge(25.0, temperature=0.25), lg.Principal(d // 3), temperature=10.0
    )


def main() -> None:
    print(processor())
    with browsing() as browser, TemporaryDirectory() as folder:
        for d in (64, 512, 5000):
            path = design(d).explore().save(Path(folder) / f"{d}.html")
            page = opened(browser.new_context(viewport={"width": 1440, "height": 1000}), path)
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            for pinned in (0, 3):
                if pinned:
                    page.evaluate(PIN)
                for name in CONTROLS:
                    before = processor_seconds(session)
                    times = page.evaluate(MEASURE, {"name": name, "moves": MOVES})
                    used = 1000 * (processor_seconds(session) - before) / MOVES
                    print(
                        f"d = {d:4}, {pinned} pinned  {name:16} median {np.median(times):5.1f} ms, "
                        f"90 % {np.quantile(times, 0.9):5.1f} ms, processor {used:4.1f} ms"
                    )
            page.close()


def processor() -> str:
    """Name of the processor, where the system tells."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor()


def processor_seconds(session: Any) -> float:
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


if __name__ == "__main__":
    main()
