"""How long ``import lingauss`` and its first use take, against the goal of 1.3 × ``import scipy.linalg``.

Each import is timed in fresh interpreters, the two alternating so that a busy machine slows both. All run on bytecode,
which an installation has and a checkout may be told not to write.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

RUNS = 21
GOAL = 1.3
TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"
STATEMENTS = {
    "scipy.linalg": "import scipy.linalg",
    "lingauss": "import lingauss",
    "lingauss, first use": "from lingauss import Distillation",
}


def seconds(statement: str, bytecode: str) -> float:
    """Return how long a statement takes in an interpreter that keeps its bytecode in a folder."""
    command = [sys.executable, "-c", TIMED.format(statement)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = bytecode
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    with tempfile.TemporaryDirectory() as bytecode:
        for statement in STATEMENTS.values():
            seconds(statement, bytecode)  # writes bytecode and fills the file cache
        for _ in range(RUNS):
            for name, statement in STATEMENTS.items():
                times[name].append(seconds(statement, bytecode))
    reference = statistics.median(times["scipy.linalg"])
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:<20} {1e3 * median:7.1f} ms = {median / reference:4.2f} × scipy.linalg (goal: at most {GOAL})")


if __name__ == "__main__":
    main()
