"""Files and folders are complete, or not there at all."""

import os
import subprocess
import sys

import pytest

from lingauss.files import check_writable, lock, replacing, write


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "numbers.csv"
    write(path, b"old")
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_an_interrupted_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch, stop):
    path = tmp_path / "numbers.csv"
    write(path, b"old")

    def interrupted(*_):
        raise stop

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(stop):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_while_writing_leaves_the_old_file_and_no_rubbish(tmp_path):
    path = tmp_path / "numbers.csv"
    write(path, b"old")

    def half():
        with replacing(path) as partial:
            partial.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_errors_name_the_file_that_was_asked_for(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        write(tmp_path / "none" / "numbers.csv", b"")
    assert missing.value.filename == str(tmp_path / "none" / "numbers.csv")
    with pytest.raises(IsADirectoryError) as folder:
        write(tmp_path, b"")
    assert folder.value.filename == str(tmp_path)


def test_an_unwritable_folder_is_named_before_work_starts(tmp_path):
    check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError) as error:
        check_writable(tmp_path / "file")
    assert error.value.filename == str(tmp_path / "file")


def test_what_a_dead_process_left_goes_and_what_a_living_one_writes_stays(tmp_path):
    path = tmp_path / "numbers.csv"
    dead, alive = tmp_path / ".numbers.csv.0a1b2c3d.partial", tmp_path / ".numbers.csv.4e5f6a7b.partial"
    others = tmp_path / ".letters.csv.0a1b2c3d.partial"
    for left in (dead, alive, others):
        left.touch()
    with lock(alive):
        write(path, b"new")
    assert set(tmp_path.iterdir()) == {path, alive, others}


def test_names_as_long_as_the_system_takes_are_written(tmp_path):
    path = tmp_path / ("é" * 127)  # 254 bytes
    write(path, b"new")
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_is_none_is_an_error_of_the_system():
    for name in ("", "a\0b"):
        with pytest.raises(OSError, match=r"directory|no name"):
            write(name, b"")


def test_links_in_a_circle_are_named(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(OSError, match=r"a'$"):
        write(tmp_path / "a", b"")


def test_a_link_to_nothing_makes_what_it_leads_to(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"


def test_content_for_standard_output_follows_what_was_printed_there(tmp_path):
    script = "import sys; from lingauss.files import write; print('first', flush=True)\n"
    script += "write('/dev/stdout', b'second\\n'); print('third')"
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", script], stdout=out, check=True)
    assert (tmp_path / "out").read_text().split() == ["first", "second", "third"]
    piped = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert piped.stdout.split() == [b"first", b"second", b"third"]
