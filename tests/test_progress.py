"""The progress bar: seen where someone watches a long loop, and nowhere else."""

import io
import re
import sys
import threading

import numpy as np
import pytest

import lingauss as lg
from lingauss import progress
from lingauss.progress import tracked


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(monkeypatch, patience=0.0):
    """Somebody at a terminal, who is shown a bar after so many seconds; call in the test, past pytest's own capture."""
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    return sys.stderr


def last_shown(terminal):
    """What is counted at the end, and how many of how many are done."""
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", terminal.getvalue())
    what, done, of = re.findall(r"(\w+)\s.*?(\d+)/(\d+)", shown)[-1]
    return f"{what} {done}/{of}"


@pytest.mark.parametrize("patience", [0.0, 1.0])
@pytest.mark.parametrize("n", [0, 1, 5])
def test_items_pass_through_unchanged(patience, n, monkeypatch):
    watched(monkeypatch, patience)
    assert list(tracked(range(n), n, "designs")) == list(range(n))


def test_long_loops_are_shown_on_a_terminal(monkeypatch):
    terminal = watched(monkeypatch)
    list(tracked(range(3), 3, "designs"))
    assert last_shown(terminal) == "designs 3/3"


def test_short_loops_are_not_shown(monkeypatch):
    terminal = watched(monkeypatch, patience=1.0)
    list(tracked(range(3), 3, "designs"))
    assert terminal.getvalue() == ""


def test_nothing_is_shown_where_nobody_watches(capsys, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    list(tracked(range(3), 3, "designs"))
    assert capsys.readouterr().err == ""


def test_nothing_is_shown_from_other_threads(monkeypatch):
    terminal = watched(monkeypatch)
    thread = threading.Thread(target=lambda: list(tracked(range(3), 3, "designs")))
    thread.start()
    thread.join()
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("bottleneck", [lg.Best(2), lg.Subspace(np.eye(3)[:, :2])])
def test_sweeps_that_go_point_by_point_are_shown(bottleneck, monkeypatch):
    terminal = watched(monkeypatch)
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], [1.0, 0.5, 0.25], n_samples=9, label_noise=0.5)
    lg.Distillation(problem, bottleneck=bottleneck).sweep(mixing=[0.0, 0.5, 1.0])
    assert last_shown(terminal) == "designs 3/3"


def test_grids_evaluated_at_once_show_how_many_directions_are_done(monkeypatch):
    monkeypatch.setattr("lingauss.sums.ranks.EVALUATED", 200)
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], np.ones(3), n_samples=9, label_noise=0.5)
    case = lg.Distillation(problem, bottleneck=lg.Principal(2))
    axes = {"student_rank": range(4), "mixing": np.linspace(0, 1, 10), "temperature": np.linspace(0, 1, 20)}
    quiet = case.sweep(**axes)
    terminal = watched(monkeypatch)
    assert case.sweep(**axes).identical(quiet)
    assert last_shown(terminal) == "directions 3/3"
