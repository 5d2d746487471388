"""How long ``import lingauss`` takes, against the goal of 1.3 × ``import scipy.linalg``.

Each import is timed in fresh interpreters, the two alternating so that a busy machine slows both.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

RUNS = 21
GOAL = 1.3
TIMED = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def seconds(module: str) -> float:
    done = subprocess.run([sys.executable, "-c", TIMED.format(module)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    modules = ("scipy.linalg", "lingauss")
    for module in modules:
        seconds(module)  # fills the file cache
    times: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(RUNS):
        for module in modules:
            times[module].append(seconds(module))
    medians = {module: statistics.median(values) for module, values in times.items()}
    for module, median in medians.items():
        print(f"{module:<14} {1e3 * median:7.1f} ms (median of {RUNS})")
    print(f"ratio {medians['lingauss'] / medians['scipy.linalg']:.2f} (goal: at most {GOAL})")


if __name__ == "__main__":
    main()
