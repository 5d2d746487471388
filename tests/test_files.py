"""Files and folders are complete, or not there at all."""

import os

import pytest

from lingauss.files import check_writable, replacing, write


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


def test_a_folder_takes_the_place_of_an_empty_one_and_of_nothing_else(tmp_path):
    folder = tmp_path / "blocks"
    folder.mkdir()
    with replacing(folder) as partial:
        partial.mkdir()
        (partial / "block").touch()
    assert [path.name for path in folder.iterdir()] == ["block"]
    with pytest.raises(OSError, match="blocks"), replacing(folder) as partial:
        partial.mkdir()
    assert [path.name for path in folder.iterdir()] == ["block"]
    assert list(tmp_path.iterdir()) == [folder]


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
