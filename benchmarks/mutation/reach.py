"""Which tests run which lines of the mathematics, and how long each of them takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mutants import Mutant

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGES = (
    "algebra",
    "sums",
    "data",
    "model",
    "equivalents",
    "ledgers",
    "gaps",
    "unseen",
    "sweep",
    "optimum",
    "rounds",
)
TESTS = (
    "tests/algebra",
    "tests/model",
    "tests/equivalents",
    "tests/ledgers",
    "tests/gaps",
    "tests/unseen",
    "tests/sweep",
    "tests/optimum",
    "tests/rounds",
    "tests/sums",
    "tests/data",
    "tests/laws",
    "tests/published",
    "tests/testing",
)
TESTS += (
    "tests/test_validation.py",
    "tests/test_contract.py",
    "tests/test_singular_laws.py",
    "tests/test_threads.py",
)  # no doctests: pytest loads their modules itself
FEW = 10  # examples of each property test; a mutant that survives them meets all
# Left out: tests of lines that others reach in less time.
HEAVY = "not ten_thousand and not ten_percent and not cluster and not asked_for"
PYTEST = [
    "-x",
    "-q",
    "-W",
    "ignore:Module already imported",
    "-k",
    HEAVY,
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    f"--rootdir={ROOT}",
]


@dataclass(frozen=True)
class Reach:
    """Which tests run which lines, and how long each test takes.

    Attributes
    ----------
    seconds : dict
        Of each test, by its id.
    lines : dict
        Of each file, line by line, the tests that run it.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]

    def tests(self, mutant: Mutant, kills: Counter[str]) -> list[str]:
        """Return the tests that reach a mutant: those that noticed others in its file first, then the cheapest."""
        lines = self.lines.get(mutant.file, {})
        if mutant.first_line:
            numbers: Iterable[int] = range(mutant.first_line, mutant.last_line + 1)
        else:  # it runs on import: any test of the file may notice
            numbers = lines
        reached = {test for number in numbers for test in lines.get(number, ())}
        return sorted(reached, key=lambda test: (self.seconds[test] / (1 + 4 * kills[test]), test))


def shorten(items: list[pytest.Item], examples: int) -> None:
    """Let property tests draw fewer examples."""
    from hypothesis import settings

    for item in items:
        function = getattr(item, "obj", None)
        given = getattr(function, "_hypothesis_internal_use_settings", None)
        if given is not None:
            fewer = settings(given, max_examples=min(examples, given.max_examples))
            function._hypothesis_internal_use_settings = fewer


class Contexts:
    """A pytest plugin that notes which lines each test runs."""

    def __init__(self, coverage: Any) -> None:
        self.coverage = coverage
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        shorten(items, FEW)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.coverage.switch_context(item.nodeid)
        start = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - start
            self.coverage.switch_context("")


def cover(cache: Path, tests: Sequence[str]) -> None:
    """Run tests once and add to the cache which lines each of them runs."""
    import coverage

    os.chdir(ROOT)
    measured = coverage.Coverage(data_file=None, source=[str(ROOT / "lingauss" / name) for name in PACKAGES])
    plugin = Contexts(measured)
    measured.start()
    pytest.main([*PYTEST[1:], *(test for test in tests if (ROOT / test).exists())], plugins=[plugin])
    measured.stop()
    if plugin.failed:  # such as tests of timing, while lines are counted
        print("left out, because they fail without any mutant:", *sorted(plugin.failed), sep="\n    ")
    noted: dict[str, Any] = json.loads(cache.read_text()) if cache.exists() else {"seconds": {}, "lines": {}}
    data = measured.get_data()
    for file in data.measured_files():
        lines = noted["lines"].setdefault(Path(file).relative_to(ROOT).as_posix(), {})
        for number, found in data.contexts_by_lineno(file).items():
            lines[str(number)] = sorted({*lines.get(str(number), ()), *found} - {""} - plugin.failed)
    cache.write_text(json.dumps({"seconds": noted["seconds"] | plugin.seconds, "lines": noted["lines"]}))


def reach(cache: Path) -> Reach:
    """Read which tests reach what, noted by an earlier run or by a process that leaves nothing imported here."""
    if not cache.exists():
        subprocess.run([sys.executable, str(HERE / "run.py"), "--cache", str(cache), "--cover"], check=True, cwd=ROOT)
    stored = json.loads(cache.read_text())
    lines = {file: {int(number): tests for number, tests in by.items()} for file, by in stored["lines"].items()}
    return Reach(stored["seconds"], lines)
