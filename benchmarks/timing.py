"""Medians of alternating runs, so that a busy machine slows all contestants alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def medians(contestants: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the median seconds of each contestant over ``runs`` rounds, after one round to warm up."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for round_number in range(runs + 1):
        for name, contestant in contestants.items():
            start = time.perf_counter()
            contestant()
            if round_number:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}
