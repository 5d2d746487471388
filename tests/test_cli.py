"""The command line: it writes what it is asked for, and bad input ends in one line and exit code 2."""

import subprocess
import sys

import numpy as np
import pytest

from lingauss.folders import RECORD


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "lingauss", *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def test_one_figure_in_one_format(tmp_path):
    done = run("reproduce", "--quick", "--only", "power-law-ledger-by-rank", "--format", "svg", "--out", tmp_path / "f")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "f").iterdir()) == [
        RECORD,
        "manifest.json",
        "power-law-ledger-by-rank.csv",
        "power-law-ledger-by-rank.nc",
        "power-law-ledger-by-rank.svg",
        "power-law-ledger-by-rank.txt",
    ]
    told = " ".join(done.stdout.split("power-law-ledger-by-rank", 1)[1].split("4 files in")[0].split())
    caption = (tmp_path / "f" / "power-law-ledger-by-rank.txt").read_text(encoding="utf-8")
    assert told.startswith("Rank ")
    assert f" {told} " in caption


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
    assert len(done.stderr) < 200  # the closest, not all 26
    done = run("reproduce", "--only", "valley", "--out", tmp_path)
    assert_one_line_error(done, "Did you mean digits-lossless-valley?")
    assert_one_line_error(run("reproduce", "--only", "qqq", "--out", tmp_path), "digits-pareto-front", "Choose one")


def test_an_unknown_format_names_the_closest(tmp_path):
    assert_one_line_error(run("reproduce", "--format", "pgn", "--out", tmp_path), "'pgn'", "Did you mean png")


def test_no_format_is_refused(tmp_path):
    assert_one_line_error(run("reproduce", "--format", ",", "--out", tmp_path), "at least one image format")


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_an_unwritable_place_is_named(tmp_path, place):
    (tmp_path / "file").touch()
    done = run("reproduce", "--quick", "--out", tmp_path / place)
    assert_one_line_error(done, str(tmp_path / "file"))
    assert "[Errno" not in done.stderr


def test_help_and_version_are_at_hand():
    assert "reproduce" in run("--help").stdout
    assert run("--version").stdout.startswith("lingauss 0.")


def test_explore_writes_a_page_with_the_design_recommended_for_the_data(tmp_path):
    rows = [f"{a},{b},{2 * a - b + 0.1 * ((a * b) % 3)}" for a in range(1, 12) for b in range(1, 6)]
    (tmp_path / "data.csv").write_text("a,b,y\n" + "\n".join(rows))
    for options in ([], ["--observed"]):
        page = tmp_path / "page.html"
        done = run("explore", tmp_path / "data.csv", "--targets", "y", "--no-open", "--out", page, *options)
        assert done.returncode == 0, done.stderr
        assert str(page) in done.stdout
        assert "data.csv" in page.read_text(encoding="utf-8")
        assert ('"mode":"observed"' in page.read_text(encoding="utf-8")) == bool(options)


def test_explore_says_where_the_page_is_if_no_browser_shows_it(tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER", str(tmp_path / "no-such-browser"))
    done = run("explore", "--out", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path / 'page.html'}: open it in a browser" in done.stdout


def test_explore_needs_targets_and_a_writable_place(tmp_path):
    (tmp_path / "data.csv").write_text("a,y\n1,2\n3,4\n")
    assert_one_line_error(run("explore", tmp_path / "data.csv", "--out", tmp_path / "page.html"), "columns a, y")
    assert_one_line_error(run("explore", "--out", tmp_path / "none" / "page.html"), str(tmp_path / "none"))
    assert not (tmp_path / "page.html").exists()


def test_layers_are_planned_from_a_file_and_written(tmp_path):
    rng = np.random.default_rng(0)
    layer = {"weight": rng.normal(size=(8, 8)), "output_factor": np.eye(8), "input_second_moment": np.eye(8)}
    stored = {f"{name}.{key}": value for name in ("a", "b") for key, value in layer.items()}
    np.savez(tmp_path / "factors.npz", **stored, **{"a.input_count": 100, "b.input_count": 100})
    done = run("layers", tmp_path / "factors.npz", "--keep", "0.5", "--out", tmp_path / "plan.npz")
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "plan.npz") as plan:
        assert plan["a.0.weight"].shape == (2, 8)
        kept = sum(plan[name].size for name in plan.files if name.endswith("weight"))
    assert f"\n{100.0 * kept / (2 * 64):.1f}% of parameters, " in done.stdout
    refused = run("layers", tmp_path / "factors.npz", "--keep", "0.1")
    assert_one_line_error(refused, "keep from 0.25, rank 1 in every layer")
    assert_one_line_error(run("layers", tmp_path / "none.npz", "--keep", "0.5"), "none.npz")
    assert_one_line_error(run("layers", tmp_path / "plan.npz", "--keep", "0.5"), "output_factor")
