"""A folder of results is all old or all new, and keeps what lingauss did not write."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingauss import folders
from lingauss.errors import DomainError, ForeignFileError
from lingauss.folders import RECORD, UNFINISHED, prepare_folder, write_folder

OLD = {"a.csv": b"old a", "b.svg": b"old b", "c.txt": b"old c"}
NEW = {"a.csv": b"new a", "b.svg": b"new b", "d.html": b"new d"}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != RECORD and path.is_file()}


def test_new_results_replace_all_of_the_old_ones(tmp_path):
    folder = tmp_path / "made" / "results"
    written = write_folder(folder, OLD)
    assert [path.name for path in written] == list(OLD)
    assert contents(folder) == OLD
    write_folder(folder, NEW)
    assert contents(folder) == NEW
    assert sorted(os.listdir(tmp_path / "made")) == ["results"]


def test_earlier_results_are_kept_where_the_caller_says_so(tmp_path):
    write_folder(tmp_path, OLD)
    write_folder(tmp_path, {"a.csv": b"new a"}, kept=["c.txt"])
    assert contents(tmp_path) == {"a.csv": b"new a", "c.txt": b"old c"}
    write_folder(tmp_path, {"e": b""}, kept=None)
    assert contents(tmp_path) == {"a.csv": b"new a", "c.txt": b"old c", "e": b""}


def test_results_that_were_changed_are_neither_overwritten_nor_removed(tmp_path):
    write_folder(tmp_path, OLD)
    (tmp_path / "c.txt").write_bytes(b"my notes")
    write_folder(tmp_path, {"a.csv": b"new a"})
    assert contents(tmp_path) == {"a.csv": b"new a", "c.txt": b"my notes"}
    with pytest.raises(ForeignFileError, match=r"c\.txt.*--force"):
        write_folder(tmp_path, {"a.csv": b"newer a", "c.txt": b"new c"})
    assert contents(tmp_path) == {"a.csv": b"new a", "c.txt": b"my notes"}
    write_folder(tmp_path, {"c.txt": b"new c"}, force=True)
    assert contents(tmp_path) == {"c.txt": b"new c"}


def test_files_that_do_not_change_are_not_touched(tmp_path):
    write_folder(tmp_path, OLD)
    os.utime(tmp_path / "a.csv", (0, 0))
    write_folder(tmp_path, NEW | {"a.csv": OLD["a.csv"]})
    assert (tmp_path / "a.csv").stat().st_mtime == 0


@pytest.mark.parametrize("name", ["a/b", "../a", "", RECORD, UNFINISHED])
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    with pytest.raises(DomainError, match="names of files"):
        write_folder(tmp_path, {name: b""})


def test_a_record_that_is_none_makes_every_file_foreign(tmp_path):
    write_folder(tmp_path, OLD)
    for text in ("", "[]", '{"a": 1}', '{"files": {"../a": "0"}}', "\xff"):
        (tmp_path / RECORD).write_text(text, encoding="latin-1")
        with pytest.raises(ForeignFileError):
            prepare_folder(tmp_path, OLD)


DIES = """
import os, signal, sys
from pathlib import Path
from lingauss import folders

steps = 0
def dying(function):
    def step(*arguments, **settings):
        global steps
        steps += 1
        if steps == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **settings)
    return step

for name in ("replace", "rename"):
    setattr(os, name, dying(getattr(os, name)))
Path.write_bytes, Path.rmdir, folders.remove = map(dying, (Path.write_bytes, Path.rmdir, folders.remove))
folders.write_folder(sys.argv[1], {new})
"""


def test_a_run_that_is_killed_at_any_step_leaves_all_old_or_the_rest_to_the_next_run(tmp_path):
    states = []
    for step in range(1, 30):
        folder = tmp_path / str(step)
        write_folder(folder, OLD)
        (folder / "mine").write_bytes(b"mine")
        script = DIES.replace("{new}", repr(NEW))
        done = subprocess.run([sys.executable, "-c", script, str(folder), str(step)], check=False)
        if (folder / UNFINISHED / RECORD).exists():
            states.append("marked")
        else:
            states.append("old" if contents(folder) == OLD | {"mine": b"mine"} else "new")
            assert contents(folder) in (OLD | {"mine": b"mine"}, NEW | {"mine": b"mine"})
        prepare_folder(folder, NEW)
        expected = OLD if states[-1] == "old" else NEW
        assert contents(folder) == expected | {"mine": b"mine"}
        assert set(os.listdir(folder)) == {*expected, "mine", RECORD}
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert states == sorted(states, key=["old", "marked", "new"].index)
    assert set(states) == {"old", "marked", "new"}


def test_a_first_run_that_is_killed_leaves_no_folder_and_its_leftovers_go(tmp_path):
    for step in range(1, 20):
        folder = tmp_path / str(step)
        script = DIES.replace("{new}", repr(NEW))
        done = subprocess.run([sys.executable, "-c", script, str(folder), str(step)], check=False)
        if done.returncode == 0:
            break
        assert not folder.exists()
        write_folder(folder, NEW)
        assert contents(folder) == NEW
    assert step > len(NEW)
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_an_interruption_while_files_are_moved_waits_until_they_are(tmp_path, monkeypatch):
    write_folder(tmp_path, OLD)
    place, calls = folders._place, []

    def interrupted(path: Path, target: Path) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        place(path, target)

    monkeypatch.setattr(folders, "_place", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path, NEW)
    assert contents(tmp_path) == NEW


names = st.text("ab", min_size=1, max_size=2)
files = st.dictionaries(names, st.binary(max_size=1), min_size=1)


@settings(max_examples=60, deadline=None)
@given(foreign=files, runs=st.lists(files, min_size=1, max_size=3))
def test_no_file_that_others_wrote_is_ever_lost(tmp_path_factory, foreign, runs):
    folder = tmp_path_factory.mktemp("results")
    for name, content in foreign.items():
        (folder / name).write_bytes(content)
    last = {}
    for run in runs:
        if foreign.keys() & run.keys():
            with pytest.raises(ForeignFileError):
                write_folder(folder, run)
        else:
            write_folder(folder, run)
            last = run
        assert contents(folder) == last | foreign


def test_results_recorded_by_name_leave_one_record_whatever_their_bytes_are(tmp_path):
    records = []
    for content in (b"1.0000000000000001", b"1.0000000000000003"):
        write_folder(tmp_path / "out", {"a.nc": content, "b.csv": b"1.0"}, by_name=["a.nc"])
        records.append((tmp_path / "out" / RECORD).read_bytes())
        assert (tmp_path / "out" / "a.nc").read_bytes() == content
    assert records[0] == records[1]
