"""Peak anonymous memory of ``lingauss analyze`` on a 4 GB npy and a 2 GB CSV, which are made and removed again.

Anonymous memory is what a process holds for itself; pages of a mapped file, which the system may drop, do not count.
"""

from __future__ import annotations

import io
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

GB = 10**9
FEATURES_NPY, FEATURES_CSV = 500, 40
BLOCK = 20_000  # rows made at once and repeated with other noise


def rows(rng: np.random.Generator, features: int) -> np.ndarray:
    """Return features with a decaying spectrum and a last column that is linear in them."""
    X = rng.standard_normal((BLOCK, features)) / np.sqrt(np.arange(1, features + 1))
    return np.column_stack([X, X.sum(axis=1) + rng.standard_normal(BLOCK)])


def make_npy(path: Path, size: int) -> None:
    rng = np.random.default_rng(0)
    count = math.ceil(size / (8 * (FEATURES_NPY + 1) * BLOCK))
    shape = (count * BLOCK, FEATURES_NPY + 1)
    with path.open("wb") as stream:
        header = {"descr": "<f8", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(stream, header)
        for _ in range(count):
            stream.write(rows(rng, FEATURES_NPY).tobytes())


def make_csv(path: Path, size: int) -> None:
    rng = np.random.default_rng(0)
    text = io.StringIO()
    np.savetxt(text, rows(rng, FEATURES_CSV), fmt="%.7f", delimiter=",")
    block = text.getvalue().encode()
    with path.open("wb") as stream:
        stream.write((",".join([*(f"x{j}" for j in range(FEATURES_CSV)), "y"]) + "\n").encode())
        while stream.tell() < size:
            stream.write(block)


def status_of(process: int) -> dict[str, int]:
    """Return the memory fields of a process's status, in kB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}


def peaks(path: Path, target: str, out: Path) -> tuple[float, float, float]:
    """Analyse a file; return peak anonymous and peak resident memory in MB, and seconds."""
    command = [sys.executable, "-m", "lingauss", "analyze", str(path), "--targets", target, "--out", str(out)]
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    anonymous = resident = 0
    while child.poll() is None:
        try:
            status = status_of(child.pid)
        except (FileNotFoundError, ProcessLookupError):
            break
        anonymous = max(anonymous, status.get("RssAnon", 0))
        resident = max(resident, status.get("VmHWM", 0))
        time.sleep(0.02)
    if child.wait():
        raise SystemExit(f"{' '.join(command)} failed")
    return anonymous / 1e3, resident / 1e3, time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, size, make, target in (("npy", 4 * GB, make_npy, "-1"), ("csv", 2 * GB, make_csv, "y")):
            path = folder / f"large.{kind}"
            make(path, size)
            anonymous, resident, seconds = peaks(path, target, folder / "out")
            print(
                f"{path.stat().st_size / GB:.1f} GB {kind}: peak anonymous memory {anonymous:.0f} MB, resident "
                f"{resident:.0f} MB, {seconds:.0f} s"
            )
            path.unlink()


if __name__ == "__main__":
    main()
