"""Throw malformed and extreme arguments at the public API: each call must end in a typed error or a right answer.

Run ``python benchmarks/fuzz.py [calls] [seed] [processes]``; 100,000 calls take some minutes. It prints how calls ended
and exits with an error if one gave NaN, a wrong number, an untyped exception, a warning, or no answer in 20 seconds.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
from blocks import judged

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import adversary

BLOCK = 2000


def block(seed: int, start: int, stop: int) -> tuple[Counter[str], list[str]]:
    """Judge some calls; return how they ended, by function, and what was wrong with any."""
    known, ends, wrong = adversary.calls(), Counter[str](), []
    for number in range(start, stop):
        call, arguments = adversary.draw(np.random.default_rng([seed, number]), known)
        end, complaint = adversary.outcome(call, arguments)
        ends[end] += 1
        if complaint:
            wrong.append(f"call {number} of seed {seed}, {call.name}: {complaint}\n    {arguments!r:.400s}")
    return ends, wrong


def main(calls: int = 100_000, seed: int = 7, processes: int = 1) -> int:
    return judged(block, calls, BLOCK, seed, processes)


if __name__ == "__main__":
    sys.exit(min(main(*(int(argument) for argument in sys.argv[1:])), 1))
