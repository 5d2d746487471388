"""What advice costs beside its floor: one decomposition of a wide table, and reading a long CSV once.

Processor time of one thread, medians. The wide table has 72 rows and 2,000 columns, without a report; the floor is one
singular value decomposition of its rows. The CSV has 100,000 rows and 500 columns, made and removed again (.4 GB), with
the report of ``lingauss analyze``; the floor is ``pandas.read_csv`` and one ``eigh`` of the Gram matrix.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import lingauss as lg

WIDE, LONG = (72, 2_000), (100_000, 500)
REPEATS, PIECES = 9, 20


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Return the median processor time of a call."""
    found = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return float(np.median(found))


def wide() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=WIDE)
    y = X[:, :5].sum(axis=1) + rng.normal(size=len(X))
    X0 = X - X.mean(axis=0)
    floor = seconds(lambda: np.linalg.svd(X0, full_matrices=False), REPEATS)
    found = seconds(lambda: lg.analyze(X, y, label_noise=1.0, penalty=2_000.0), REPEATS)
    print(f"{WIDE[0]} × {WIDE[1]:,}: {found:.3f} s, {found / floor:.1f} × one SVD of the rows ({floor:.4f} s)")


def long(folder: Path) -> None:
    path, (n, d) = folder / "long.csv", LONG
    rng = np.random.default_rng(0)
    mixing, weights = rng.normal(size=(d, d)) / np.sqrt(np.arange(1, d + 1)), rng.normal(size=d)
    with path.open("w") as stream:
        for piece in range(PIECES):
            X = rng.normal(size=(n // PIECES, d)) @ mixing
            frame = pd.DataFrame(X).add_prefix("x").assign(y=X @ weights + rng.normal(size=len(X)))
            frame.to_csv(stream, header=piece == 0, index=False, float_format="%.4f")

    def least() -> None:
        rows = pd.read_csv(path).to_numpy()
        rows = rows - rows.mean(axis=0)
        np.linalg.eigh(rows.T @ rows)

    floor = seconds(least, 1)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = [sys.executable, "-m", "lingauss", "analyze", str(path), "--targets", "y", "--out", str(folder / "out")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    found = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    print(f"{n:,} × {d} CSV: {found:.1f} s, {found / floor:.2f} × read_csv and eigh ({floor:.1f} s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where to make the CSV; default: a temporary folder")
    given = parser.parse_args()
    wide()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        long(Path(folder))


if __name__ == "__main__":
    main()
