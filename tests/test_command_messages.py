"""What a command says when something goes wrong or there is little room, and with which exit code it ends."""

import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import command_line

import lingauss as lg
from lingauss import cli
from lingauss.analysis.result import Analysis
from lingauss.cli import COMMANDS
from lingauss.symbolic.verification import Verification
from lingauss.terminal import ScreenError


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    return command_line(monkeypatch, capsys, tmp_path)


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=["a", "b", "c"])
    frame.assign(y=frame.sum(axis=1) + rng.normal(size=40)).to_csv(tmp_path / "data.csv", index=False)
    lg.analyze(tmp_path / "data.csv", "y").student().save(tmp_path / "student.npz")
    return tmp_path / "data.csv"


def raising(error):
    def raise_it(*args, **kwargs):
        raise error

    return raise_it


# Errors


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (PermissionError(13, "Permission denied", "secret.csv"), "secret.csv: Permission denied"),
        (OSError("the drive is gone"), "the drive is gone"),
        (lg.errors.DomainError("a rank of at least 0", "-1", "Choose another."), None),
    ],
)
def test_an_error_is_one_line_in_words_without_its_number_and_exit_code_2(error, told, run, monkeypatch):
    monkeypatch.setattr("lingauss.explorer.explore", raising(error))
    assert run("explore") == (2, "", f"error: {told or error}\n")


def test_an_error_of_lingauss_itself_is_shown_in_full_as_python_does(run, monkeypatch, capsys):
    monkeypatch.setattr("lingauss.explorer.explore", raising(RuntimeError("a bug")))
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    with pytest.raises(RuntimeError) as caught:
        run("explore")
    sys.excepthook(caught.type, caught.value, caught.tb)
    told = capsys.readouterr().err.splitlines()
    assert (told[0], told[-1]) == ("Traceback (most recent call last):", "RuntimeError: a bug")


@pytest.mark.parametrize(
    ("cause", "code", "told"),
    [
        (OSError(28, "No space left on device"), 2, "error: standard output: No space left on device\n"),
        (BrokenPipeError(32, "Broken pipe"), 141, ""),
    ],
)
def test_a_screen_that_takes_no_more_is_told_unless_its_reader_left(cause, code, told, run, monkeypatch):
    @contextmanager
    def full():
        raise ScreenError(cause)
        yield

    monkeypatch.setattr(cli, "screen", full)
    assert run("--version") == (code, "", told)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["atlas", "ali2019", "--all"], "--all and one entry"),
        (["atlas", "--set", "time=2"], "--set without an entry"),
        (["atlas", "ali2019", "--set", "time"], "'time'"),
        (["atlas", "ali2019", "--set", "time=soon"], "'time=soon'"),
        (["atlas", "ali2019", "--set", "clock=2"], "'clock'"),
        (["atlas", "nobody1900"], "'nobody1900'"),
        (["verify", "nothing_of_the_kind"], "'nothing_of_the_kind'"),
        (["falsify", "my.py"], "FILE.py:FUNCTION"),
        (["falsify", "absent.py:bound"], "absent.py"),
        (["layers", "absent.npz", "--keep", "0.5"], "absent.npz"),
        (["predict", "absent.npz", "data.csv"], "absent.npz"),
        (["predict", "student.npz", "absent.csv"], "absent.csv"),
        (["predict", "student.npz", "data.csv", "--out", "nowhere/p.csv"], "nowhere"),
        (["analyze", "absent.csv", "--targets", "y"], "absent.csv"),
        (["analyze", "data.csv"], "columns a, b, c, y"),
        (["analyze", "data.csv", "--targets", "z"], "'z'"),
        (["analyze", "data.csv", "--targets", "y", "--tolerance", "5"], "5%"),
        (["analyze", "data.csv", "--targets", "y", "--out", "data.csv"], "data.csv"),
        (["explore", "--out", "nowhere/page.html"], "nowhere"),
        (["explore", "data.csv", "--no-open"], "columns a, b, c, y"),
        (["reproduce", "--only", "none-of-them"], "'none-of-them'"),
        (["reproduce", "--format", ","], "at least one image format"),
    ],
)
@pytest.mark.usefixtures("data")
def test_a_refusal_names_what_was_wrong_in_one_line_and_writes_nothing(words, named, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    before = sorted(Path().rglob("*"))
    code, out, error = run(*words)
    assert (code, out) == (2, "")
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert named in error
    assert sorted(Path().rglob("*")) == before


def test_a_claim_that_raises_is_shown_with_the_simplest_case_and_exit_code_2(run):
    Path("my.py").write_text("def bad(case):\n    return 1 / (case.problem.n_features - 1)\n")
    code, out, error = run("falsify", "my.py:bad", "--cases", "30")
    assert code == 2
    assert "ZeroDivisionError" in error
    assert error.count("\n") == 1
    made = {}
    exec(out, made)  # noqa: S102
    assert made["case"].problem.n_features == 1


def test_an_analysis_that_cannot_be_saved_is_shown_before_the_error(run, data, monkeypatch):
    monkeypatch.setattr("lingauss.analysis.report._images", lambda found: {})
    _, saved, _ = run("analyze", data.name, "--targets", "y")
    monkeypatch.setattr(Analysis, "save", raising(OSError(30, "Read-only file system", "elsewhere")))
    code, out, error = run("analyze", data.name, "--targets", "y", "--out", "elsewhere")
    assert (code, error) == (2, "error: elsewhere: Read-only file system\n")
    assert out == saved.partition("\nUse the student")[0]
    assert out


# Where to begin


def test_without_a_command_the_program_shows_them_all(run):
    code, out, error = run()
    assert code in (0, 2)  # of the toolkit's versions
    shown = out + error
    assert "Usage:" in shown
    assert all(f" {command.__name__} " in shown for command in COMMANDS)
    assert "completion" not in run("--help")[1]
    assert run("--version", "nonsense") == (0, f"lingauss {lg.__version__}\n", "")


# Little room, and colours


@pytest.mark.usefixtures("data")
def test_lines_that_name_files_are_not_broken_on_a_narrow_screen(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    name = "a-page-of-a-long-name.html"
    assert run("explore", "--no-open", "--out", name)[1] == f"{name}: open it in a browser; it needs no network\n"
    code, out, error = run("predict", "student.npz", "data.csv", "--out", "predictions-of-a-long-name.csv")
    assert (code, error) == (0, "")
    assert out == f"40 predictions in predictions-of-a-long-name.csv; {lg.load_student('student.npz').expected()}\n"


@pytest.fixture
def coloured(monkeypatch, run):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return run


RED, GREEN, PLAIN = "\x1b[1;31m", "\x1b[32m", "\x1b[0m"


@pytest.mark.usefixtures("data")
def test_numbers_and_paths_in_sentences_have_no_colours_of_their_own(coloured, monkeypatch):
    code, _, error = coloured("predict", "student.npz", "absent-2.csv")
    assert code == 2
    assert error.startswith(f"{RED}error:{PLAIN} ")
    assert error.count("\x1b") == 2
    assert coloured("explore", "--no-open", "--out", "page-2.html")[1].count("\x1b") == 0
    _, out, error = coloured("predict", "student.npz", "data.csv")
    assert (out + error).count("\x1b") == 0
    monkeypatch.setattr("lingauss.analysis.report._images", lambda found: {})
    code, out, _ = coloured("analyze", "data.csv", "--targets", "y", "--out", "found-2")
    assert code == 0
    assert not any("\x1b" in line for line in out.splitlines()[-2:])


def test_verify_colours_its_marks_alone(coloured, monkeypatch):
    results = [
        Verification("langevin_2", True, 1.5, ""),
        Verification("wrong", False, 2.0, "4≠5"),
    ]
    monkeypatch.setattr("lingauss.symbolic.verify_each", lambda wanted: iter(results))
    code, out, _ = coloured("verify", "langevin_2", "wrong")
    assert code == 1
    assert out.splitlines() == [
        f"1/2 {GREEN}pass{PLAIN}    1.50 s  langevin_2",
        f"2/2 {RED}FAIL{PLAIN}    2.00 s  wrong",
        "     4≠5",
        "1 of 2 derivations verified in 3.5 s",
    ]
