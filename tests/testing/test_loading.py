"""Claims are found in a user's file by name, and a script can be written that finds them again."""

import sys
from pathlib import Path

import pytest

from lingauss.errors import ClaimError, DomainError, UnknownNameError
from lingauss.testing.loading import UserFile, split


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "neighbour_of_a_claim.py").write_text("WIDTH = 3\n")
    (tmp_path / "my bound.py").write_text("import neighbour_of_a_claim\ndef bound(case):\n    return case\n_own = 1\n")
    return tmp_path / "my bound.py"


@pytest.mark.parametrize(
    ("reference", "file", "name"),
    [("a/b.py:bound", "a/b.py", "bound"), ("C:/b.py:bound", "C:/b.py", "bound"), ("b.py:_x1", "b.py", "_x1")],
)
def test_a_reference_is_a_file_and_a_name(reference, file, name):
    assert split(reference) == (Path(file), name)


@pytest.mark.parametrize("reference", ["b.py", ":bound", "b.py:", "b.py:1x", "b.py:a.b", "b.py:bound()", ""])
def test_a_reference_of_another_form_is_refused(reference):
    with pytest.raises(DomainError, match=r"FILE\.py:FUNCTION"):
        split(reference)


def test_a_file_may_import_its_neighbours_and_gives_what_it_names(file):
    loaded = UserFile.run(file)
    assert loaded.path == file
    assert loaded.get("bound")(7) == 7
    assert loaded.get("neighbour_of_a_claim").WIDTH == 3
    assert loaded.get("_own") == 1
    with pytest.raises(UnknownNameError, match="Did you mean bound") as caught:
        loaded.get("bund")
    assert "_own" not in str(caught.value)


def test_the_statements_for_a_claim_find_it_again(file):
    scope = {}
    exec("\n".join(UserFile.run(file).statements("bound")), scope)  # noqa: S102
    assert scope["bound"](5) == 5


@pytest.mark.parametrize(
    ("name", "text", "error", "words"),
    [
        ("absent.py", None, DomainError, "absent.py, which does not exist"),
        ("text.txt", "bound = 1", DomainError, "text.txt, which is no such file"),
        ("raises.py", "1 / 0", ClaimError, "raises.py to run without an error.*ZeroDivisionError"),
        ("leaves.py", "raise SystemExit(4)", ClaimError, "SystemExit: 4"),
    ],
)
def test_a_file_that_cannot_be_run_is_named(name, text, error, words, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(error, match=words):
        UserFile.run(tmp_path / name)


def test_a_file_without_names_of_its_own_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "empty.py").touch()
    with pytest.raises(UnknownNameError, match=r"\(none\)"):
        UserFile.run(tmp_path / "empty.py").get("bound")
