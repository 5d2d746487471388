"""Examples on the bounds page do what they show."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "bounds.md"


def test_examples_run_as_printed():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 10
    assert not failed
