"""Sweeps that were interrupted go on where they stopped, and only as the same sweep."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import dask
import numpy as np
import pytest
import xarray as xr

import lingauss as lg
from lingauss import errors
from lingauss.files import lock
from lingauss.sweep.store import open_blocks, save_blocks
from lingauss.sweep.unfinished import KIND

AXES = {"label_noise": np.linspace(0.25, 3.0, 12), "student_rank": range(7), "temperature": np.linspace(0.0, 4.0, 6)}
CHUNKS = {"label_noise": 2, "temperature": 1}


class Loud(lg.Ridge):
    """A learner that refuses a certain noise while somebody listens."""

    listening = True

    def spectral(self, eigenvalues, label_noise):
        if self.listening and np.any(np.abs(label_noise - 1.5) < 0.1):
            raise RuntimeError("too loud")
        return super().spectral(eigenvalues, label_noise)


def grid(student=None, chunks=CHUNKS, quantities=("divergence", "bias"), **changes):
    index = np.arange(1, 7)
    problem = lg.Problem.from_spectrum(10.0 / index, 1.0 / index, n_samples=50, label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(2.0), student or lg.Ridge(1.0, 0.5), bottleneck=lg.Principal(3))
    return case.replace(**changes).sweep(quantities=quantities, chunks=chunks, **AXES)


@pytest.fixture
def stopped(tmp_path):
    """Return the folder of a sweep of which some blocks are finished."""
    with dask.config.set(scheduler="synchronous"), pytest.raises(errors.BlockError):
        save_blocks(grid(Loud(1.0, 0.5)), tmp_path / "sweep")
    kept = list((tmp_path / "sweep.unfinished").glob("*.nc"))
    assert 0 < len(kept) < 36
    return tmp_path / "sweep"


def test_the_same_call_evaluates_what_is_missing_and_nothing_else(stopped, monkeypatch):
    kept = {path.name: path.stat().st_mtime_ns for path in stopped.with_name("sweep.unfinished").glob("*.nc")}
    monkeypatch.setattr(Loud, "listening", False)
    save_blocks(grid(Loud(1.0, 0.5)), stopped)
    assert {path.name: path.stat().st_mtime_ns for path in stopped.iterdir() if path.name in kept} == kept
    assert os.listdir(stopped.parent) == ["sweep"]
    with open_blocks(stopped) as back:
        xr.testing.assert_identical(back.load(), grid(Loud(1.0, 0.5)).compute())


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("design", lambda: grid(Loud(1.0, 0.75))),
        ("design", lambda: grid(Loud(1.0, 0.5), mixing=0.5)),
        ("chunks", lambda: grid(Loud(1.0, 0.5), chunks={"label_noise": 1})),
        ("quantities", lambda: grid(Loud(1.0, 0.5), quantities=("divergence", "variance"))),
        ("coordinates", lambda: grid(Loud(1.0, 0.5)).assign_coords(temperature=np.arange(6.0))),
        ("versions", lambda: grid(Loud(1.0, 0.5)).assign_attrs(versions="1.0")),
    ],
)
def test_blocks_of_another_sweep_are_not_taken_over(stopped, what, other):
    kept = sorted(os.listdir(stopped.with_name("sweep.unfinished")))
    with pytest.raises(errors.DomainError, match=f"with other {what}.*remove the folder"):
        save_blocks(other(), stopped)
    assert sorted(os.listdir(stopped.with_name("sweep.unfinished"))) == kept


def test_a_folder_that_nobody_can_tell_of_is_not_taken_over(stopped):
    (stopped.with_name("sweep.unfinished") / KIND).write_text(json.dumps(["no", "sweep"]))
    with pytest.raises(errors.DomainError, match="with other design, versions"):
        save_blocks(grid(Loud(1.0, 0.5)), stopped)


def test_two_processes_do_not_save_one_sweep(stopped):
    with lock(stopped.with_name("sweep.unfinished")), pytest.raises(errors.DomainError, match="no other process"):
        save_blocks(grid(Loud(1.0, 0.5)), stopped)


def test_what_is_missing_is_told_where_the_sweep_is_asked_for(stopped):
    with pytest.raises(errors.DomainError, match="Call save_blocks again"):
        open_blocks(stopped)


VICTIM = """
import os, sys
sys.path.insert(0, sys.argv[1])
import dask
from test_unfinished import grid, save_blocks
with dask.config.set(scheduler="synchronous"):
    save_blocks(grid(), sys.argv[2] + "-first")  # all that is slow is imported
for line in sys.stdin:
    if not (child := os.fork()):
        try:
            with dask.config.set(scheduler="synchronous"):
                save_blocks(grid(), sys.argv[2])
        except SystemExit as error:
            os._exit(error.code)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.parametrize(("number", "times"), [(signal.SIGKILL, 10), (signal.SIGTERM, 3)])
def test_a_sweep_killed_again_and_again_ends_identical(number, times, tmp_path):
    rng, ends, counts = np.random.default_rng(0), [], [0]
    folder, unfinished = tmp_path / "sweep", tmp_path / "sweep.unfinished"

    def finished():
        return len(list((folder if folder.exists() else unfinished).glob("*.nc")))

    arguments = [sys.executable, "-c", VICTIM, os.path.dirname(__file__), str(folder)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        while not folder.exists():  # the last may be killed with all its work done
            process.stdin.write("\n")
            process.stdin.flush()
            child = int(process.stdout.readline())
            if len(ends) < times:
                more = min(counts[-1] + rng.integers(0, 5), 36)
                while finished() < more:
                    time.sleep(0.001)
                time.sleep(rng.uniform(0.0, 0.01))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, number)
            ends.append(int(process.stdout.readline()))
            counts.append(finished())
        process.stdin.close()
    assert counts == sorted(counts)
    assert len(set(counts)) > times // 2
    assert ends.count(-number if number == signal.SIGKILL else 143) > times // 2
    assert sorted(os.listdir(tmp_path)) == ["sweep", "sweep-first"]
    with open_blocks(folder) as back:
        xr.testing.assert_identical(back.load(), grid().compute())
