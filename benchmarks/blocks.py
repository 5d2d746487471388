"""Many random calls, cut into blocks for processes: how they ended, and what was wrong with any."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

Found = tuple[Counter[str], list[str]]
SHOWN = 50  # complaints


def judged(block: Callable[[int, int, int], Found], count: int, size: int, seed: int, processes: int) -> int:
    """Print how ``count`` things ended that ``block(seed, start, stop)`` judges; return how many were wrong."""
    starts = range(0, count, size)
    stops = [min(start + size, count) for start in starts]
    begun, ends, wrong = time.perf_counter(), Counter[str](), []
    with ProcessPoolExecutor(processes) as pool:
        for found, complaints in pool.map(block, [seed] * len(stops), starts, stops):
            ends += found
            wrong += complaints
    for complaint in wrong[:SHOWN]:
        print(complaint)
    print(f"{ends.total()} calls with seed {seed} in {time.perf_counter() - begun:.0f} s, {len(wrong)} faults")
    for end, number in ends.most_common():
        print(f"{end:40s} {number:8d}")
    return len(wrong)
