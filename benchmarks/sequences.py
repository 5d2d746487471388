"""Make random calls on public objects, one after the other: each must end in a typed error or in an answer.

Run ``python benchmarks/sequences.py [sequences] [seed] [processes]``; 5,000 sequences, 30,000 calls, take some minutes.
It prints how calls ended and exits with an error if one ended in NaN that is not documented as not applicable, in an
untyped exception or a warning, in no answer within 10 seconds, or took more than 2 GB.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from blocks import judged

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import sequences

BLOCK = 100


def block(seed: int, start: int, stop: int) -> tuple[Counter[str], list[str]]:
    """Run some sequences; return how their calls ended, and what was wrong with any."""
    ends, wrong = Counter[str](), []
    with tempfile.TemporaryDirectory() as folder:
        sequences.quiet_folder(folder)
        for number in range(start, stop):
            found, complaint = sequences.run(seed, number)
            ends.update(found)
            wrong += [complaint] if complaint else []
        sequences.quiet_folder("/")
    return ends, wrong


def main(count: int = 5_000, seed: int = 7, processes: int = 1) -> int:
    return judged(block, count, BLOCK, seed, processes)


if __name__ == "__main__":
    sys.exit(min(main(*(int(argument) for argument in sys.argv[1:])), 1))
