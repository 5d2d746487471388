"""What cutting a sweep into blocks costs: on threads, on a cluster of one machine, and on the way to disk.

The grid is one that fits in memory, so that the sweep in memory is the reference.
"""

from __future__ import annotations

import shutil
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
from timing import medians

import lingauss as lg
from lingauss.sweep.store import open_blocks, save, save_blocks

RANKS, NOISES, TEMPERATURES = 512, 100, 100
CHUNKS = {"label_noise": 10, "temperature": 50}
RUNS = 5


def design() -> lg.Distillation:
    index = np.arange(1, RANKS + 1)
    problem = lg.Problem.from_spectrum(1e4 / index, 1.0 / index, n_samples=5000, label_noise=0.5, outputs=10)
    return lg.Distillation(problem, lg.Ridge(10.0, noise=0.5), lg.Ridge(5.0), lg.Principal(16), floor=0.1)


AXES = {
    "student_rank": range(1, RANKS + 1),
    "label_noise": np.geomspace(0.1, 3.0, NOISES),
    "temperature": np.linspace(0.0, 5.0, TEMPERATURES),
}


def contestants(case: lg.Distillation, folder: Path) -> dict[str, Callable[[], object]]:
    def blocks() -> None:
        shutil.rmtree(folder / "blocks", ignore_errors=True)
        save_blocks(case.sweep(chunks=CHUNKS, **AXES), folder / "blocks")

    return {
        "in memory": lambda: case.sweep(**AXES).compute(),
        "in blocks": lambda: case.sweep(chunks=CHUNKS, **AXES).compute(),
        "in memory, to a file": lambda: save(case.sweep(**AXES), folder / "memory.nc"),
        "in blocks, to a file": lambda: save(case.sweep(chunks=CHUNKS, **AXES), folder / "sweep.nc"),
        "in blocks, to a folder": blocks,
    }


def report(title: str, times: dict[str, float]) -> None:
    print(f"{title}, {RANKS} × {NOISES} × {TEMPERATURES}, blocks of {CHUNKS}, median of {RUNS}")
    for name, seconds in times.items():
        print(f"  {name:<24} {1e3 * seconds:7.0f} ms = {seconds / times['in memory']:5.1f} × in memory")


def main() -> None:
    from distributed import Client, LocalCluster

    case, cells = design(), RANKS * NOISES * TEMPERATURES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        works = contestants(case, folder)
        report("threads", medians(works, RUNS))
        tracemalloc.start()
        works["in blocks, to a folder"]()
        peak = tracemalloc.get_traced_memory()[1] / (8 * cells)
        tracemalloc.stop()
        print(f"peak memory on the way to a folder: {peak:.0%} of the grid")
        with open_blocks(folder / "blocks") as back:
            same = np.allclose(back.divergence, case.sweep(**AXES).divergence, rtol=1e-12)
        print(f"read back from the folder: {'the same numbers' if same else 'OTHER NUMBERS'}")
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
            report("two worker processes", medians(works, RUNS))


if __name__ == "__main__":
    main()
