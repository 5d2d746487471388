"""The command line: it writes what it is asked for, and bad input ends in one line and exit code 2."""

import subprocess
import sys

import pytest


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "lingauss", *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def test_one_figure_in_one_format(tmp_path):
    done = run("reproduce", "--quick", "--only", "power-law-ledger-by-rank", "--format", "svg", "--out", tmp_path / "f")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "f").iterdir()) == [
        "power-law-ledger-by-rank.csv",
        "power-law-ledger-by-rank.svg",
        "power-law-ledger-by-rank.txt",
    ]
    assert "power-law-ledger-by-rank" in done.stdout


def assert_one_line_error(done, *words):
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")
    for word in words:
        assert word in done.stderr


def test_an_unknown_figure_names_the_closest(tmp_path):
    done = run("reproduce", "--only", "digits-ledger", "--out", tmp_path)
    assert_one_line_error(done, "'digits-ledger'", "Did you mean digits-ledger-by-rank")


def test_an_unknown_format_names_the_closest(tmp_path):
    assert_one_line_error(run("reproduce", "--format", "pgn", "--out", tmp_path), "'pgn'", "Did you mean png")


def test_no_format_is_refused(tmp_path):
    assert_one_line_error(run("reproduce", "--format", ",", "--out", tmp_path), "at least one image format")


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_an_unwritable_place_is_named(tmp_path, place):
    (tmp_path / "file").touch()
    assert_one_line_error(run("reproduce", "--quick", "--out", tmp_path / place), str(tmp_path / "file"))


def test_help_and_version_are_at_hand():
    assert "reproduce" in run("--help").stdout
    assert run("--version").stdout.startswith("lingauss 0.")
