"""Mutation check of what people read, whether the tests notice a wrong word, unit, column, colour or option.

Run ``python benchmarks/mutation/readers.py [AREA ...] [--mutants 16] [--seed 28]``. For each area mutants are drawn by
file and by kind, in Python and in JavaScript; each is tried against that area's tests alone, in a process of its own.
Before that the unchanged code must pass them, and a file that raises must not: the tests do run, and run this code.
Results are appended to ``readers.csv`` beside this file; ``readers.md`` sums them up. Survivors that change nothing for
a reader are listed with the reason in ``readers.toml``; where others showed a gap, its kind was closed by tests and
another seed was drawn. Every score is of the tests as they were when the seed was drawn.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).parents[2])]

import pytest  # noqa: E402
from mutants import Mutant  # noqa: E402
from readers_report import report  # noqa: E402
from results import identity, stored, write  # noqa: E402
from words import drawn  # noqa: E402

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULTS, REPORT, REASONS = HERE / "readers.csv", HERE / "readers.md", HERE / "readers.toml"
COLUMNS = ("seed", "area", "file", "line", "operator", "before", "after", "outcome", "noticed_by", "seconds")
LIMIT = 400.0  # seconds


@dataclass(frozen=True)
class Area:
    """A part of the code that people read, and the tests that guard it.

    Attributes
    ----------
    files : sequence of str
        Patterns of its files.
    tests : sequence of str
        Their places; what follows ``-k`` says which of them.
    """

    files: Sequence[str]
    tests: Sequence[str]


AREAS = {
    "reproduce": Area(
        ["lingauss/reproduce/*.py", "lingauss/reproduce/figures/*.py", "lingauss/numerals.py"],
        ["tests/reproduce/test_captions.py", "tests/reproduce/test_tables.py", "tests/reproduce/test_small_run.py",
         "tests/reproduce/test_committed_tables.py", "tests/reproduce/test_drawn_figures.py",
         "tests/reproduce/test_record.py", "tests/reproduce/test_output.py", "tests/test_numerals.py",
         "-k", "not committed_figures"],
    ),
    "charts": Area(
        ["lingauss/charts/*.py"],
        ["tests/charts/test_options_of_charts.py", "tests/charts/test_ranges_and_signs.py",
         "tests/charts/test_weights.py", "tests/charts/test_edges_and_names.py",
         "tests/charts/test_reading_of_curves.py", "tests/charts/test_reading.py", "tests/charts/test_house.py",
         "tests/charts/test_log_map.py", "tests/charts/test_layer_charts.py", "tests/charts/test_plotters.py",
         "tests/charts/test_render.py", "tests/charts/test_images.py", "tests/charts/test_layout.py",
         "-k", "not test_layout or (one and 12)"],
    ),
    "explorer": Area(
        ["lingauss/explorer/page/*.js"],
        ["tests/explorer/test_pens_in_browser.py", "tests/explorer/test_axes_in_browser.py",
         "tests/explorer/test_drawing_in_browser.py", "tests/explorer/test_words_in_browser.py",
         "tests/explorer/test_settings_in_browser.py", "tests/explorer/test_addresses_in_browser.py",
         "tests/explorer/test_views_in_browser.py", "tests/explorer/test_pointing_in_browser.py",
         "tests/explorer/test_shown_formulas_in_browser.py", "tests/explorer/test_comparison_in_browser.py",
         "tests/explorer/test_search_in_browser.py", "tests/explorer/test_copied_code_in_browser.py",
         "tests/explorer/test_reading_in_browser.py", "tests/explorer/test_page_in_browser.py",
         "tests/explorer/test_bench_in_browser.py", "tests/explorer/test_numbers_in_browser.py",
         "tests/explorer/test_access_in_browser.py", "tests/explorer/test_assembly.py",
         "-k", "not axe and not covers and not tabbing and not long_spectra and not megabytes and not notebook"
         " and not as_good_as and not wider and not never_leave and not [1 and not [2"],  # of 24 states the fewer
    ),
    "analysis": Area(
        ["lingauss/analysis/*.py"],
        ["tests/analysis/test_files_read_back.py", "tests/analysis/test_page_read_back.py",
         "tests/analysis/test_charts_read_back.py", "tests/analysis/test_verdicts.py",
         "tests/analysis/test_thresholds.py", "tests/analysis/test_sights.py", "tests/analysis/test_trained_student.py",
         "tests/analysis/test_first_screen.py", "tests/analysis/test_advice.py",
         "tests/analysis/test_analyze_cli.py", "tests/test_command_options.py",
         "-k", "(analysis or analyze or predict) and not true_risk and not refused and not contract"],
    ),
    "report": Area(
        ["lingauss/report/*.py", "lingauss/html_table.py"],
        ["tests/report", "tests/test_numerals.py"],
    ),
    "commands": Area(
        ["lingauss/cli/*.py"],
        ["tests/test_command_help.py", "tests/test_command_messages.py", "tests/test_command_options.py"],
    ),
    "testing": Area(
        ["lingauss/testing/*.py"],
        ["tests/testing/test_loading.py", "tests/testing/test_divergence_slacks.py", "tests/testing/test_search.py",
         "tests/testing/test_drawn_ranges.py", "tests/testing/test_reusable_laws.py",
         "tests/testing/test_strategies.py", "tests/testing/test_falsify.py",
         "-k", "not false_claim_is and not simple_example and not two_features and not legal and not never_applies"
         " and not same_seed and not slow_claim and not simplest_case and not survives and not of_the_library"],
    ),
    "chains": Area(
        ["lingauss/chain.py", "lingauss/rounds/*.py"],
        ["tests/rounds", "-k", "not eight_directions and not dense_route"],
    ),
    "threads": Area(["lingauss/threads.py"], ["tests/test_threads.py", "-k", "not forks_of"]),
}  # fmt: skip

PRELOADED = ("numpy", "scipy.linalg", "scipy.optimize", "scipy.stats", "pandas", "xarray", "matplotlib.figure", "sympy")
PRELOADED += ("matplotlib.backends.backend_agg", "hypothesis", "rich.console", "typer", "sklearn.datasets", "mpmath")


PYTEST = [
    "-x",
    "-q",
    "-W",
    "ignore:Module already imported",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    f"--rootdir={ROOT}",
]


class First:
    """A pytest plugin that remembers the first test, or file of tests, that failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed = self.failed or f"collection of {report.nodeid}"


def attempt(file: str, content: bytes, tests: Sequence[str]) -> tuple[str, str]:
    """Run tests in a process of their own in which one file reads otherwise, until one fails.

    Returns
    -------
    outcome, noticed_by : str
        'survived' or 'killed', and by which test.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            silent = os.open(os.devnull, os.O_RDWR)
            for stream in (1, 2):
                os.dup2(silent, stream)
            _read_otherwise(ROOT / file, content.decode())
            first = First()
            try:
                code = int(pytest.main([*PYTEST, *tests], plugins=[first]))
            except BaseException:
                code = 1
            print(code, first.failed or "import", file=answer, flush=True)
            os._exit(0)
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline and os.waitpid(child, os.WNOHANG) == (0, 0):
            time.sleep(0.05)
        late = time.monotonic() >= deadline
        with contextlib.suppress(ProcessLookupError):  # a browser may be left
            os.killpg(child, signal.SIGKILL)
        if late:
            os.waitpid(child, 0)
            return "killed", "time limit"
        answer.seek(0)
        code, _, noticed = answer.read().strip().partition(" ")
    return ("survived", "") if code == "0" else ("killed", noticed or "crash")


def _read_otherwise(path: Path, text: str) -> None:
    """Let this process read one file as another text, as code or as a part of the page."""
    code = compile(text, str(path), "exec", dont_inherit=True) if path.suffix == ".py" else None
    original, read = SourceFileLoader.get_code, Path.read_text

    def get_code(self: SourceFileLoader, fullname: str) -> Any:
        return code if code is not None and Path(self.path) == path else original(self, fullname)

    def read_text(self: Path, *given: Any, **more: Any) -> str:
        return text if self == path else read(self, *given, **more)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    Path.read_text = read_text  # type: ignore[method-assign]


def control(area: Area) -> None:
    """Check that an area's tests pass on what is there, and fail where one of its files raises.

    Raises
    ------
    SystemExit
        If either is not so: what such tests notice of a mutant would mean nothing.
    """
    path = next(path for path in files_of(area)[::-1] if path.name != "__init__.py")
    file = path.relative_to(ROOT).as_posix()
    outcome, noticed = attempt(file, path.read_bytes(), area.tests)
    if outcome != "survived":
        raise SystemExit(f"{noticed} fails, which no mutant has touched")
    raising = b"throw new Error('control');\n" if path.suffix == ".js" else b"raise ZeroDivisionError('control')\n"
    if attempt(file, raising, area.tests)[0] != "killed":
        raise SystemExit(f"no test runs {file}")


def files_of(area: Area) -> list[Path]:
    """Return the files of an area."""
    return sorted(path for pattern in area.files for path in ROOT.glob(pattern))


def run(name: str, count: int, seed: int) -> None:
    """Judge the mutants of an area that are not judged yet."""
    area, rows = AREAS[name], stored(RESULTS)
    control(area)
    done = {(row["seed"], row["area"], *identity(row), row["line"]) for row in rows}
    for number, mutant in enumerate(drawn(files_of(area), ROOT, count, seed)):
        if (str(seed), name, *identity(vars(mutant)), str(mutant.line)) in done:
            continue
        started = time.perf_counter()
        outcome, noticed = attempt(mutant.file, mutant.apply((ROOT / mutant.file).read_bytes()), area.tests)
        values = [seed, name, *(getattr(mutant, column) for column in COLUMNS[2:7]), outcome, noticed]
        values.append(f"{time.perf_counter() - started:.1f}")
        rows.append(dict(zip(COLUMNS, map(str, values), strict=True)))
        write(RESULTS, rows, COLUMNS)
        print(f"{number + 1}/{count}", *rows[-1].values(), flush=True)


def again(name: str, seed: int) -> None:
    """Judge the survivors of an area once more, by its tests as they are now."""
    rows = stored(RESULTS)
    control(AREAS[name])
    for place, row in enumerate(rows):
        if (row["area"], row["seed"], row["outcome"]) != (name, str(seed), "survived"):
            continue
        mutant = found(row)
        if mutant is None:
            rows[place] = row | {"outcome": "gone"}
        else:
            content = mutant.apply((ROOT / mutant.file).read_bytes())
            outcome, noticed = attempt(mutant.file, content, AREAS[name].tests)
            rows[place] = row | {"outcome": "closed" if outcome == "killed" else outcome, "noticed_by": noticed}
        write(RESULTS, rows, COLUMNS)
        print(*rows[place].values(), flush=True)


def found(row: dict[str, str]) -> Mutant | None:
    """Return the mutant of a row where it stands now."""
    source = (ROOT / row["file"]).read_bytes()
    lines = source.splitlines(keepends=True)
    start = source.find(row["before"].encode(), sum(map(len, lines[: int(row["line"]) - 1])))
    if start < 0:
        return None
    made = Mutant(row["file"], row["operator"], start, start, row["before"], row["after"], 0, 0, int(row["line"]))
    return replace(made, stop=start + len(row["before"].encode()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", choices=[*AREAS, []], default=[], help="default: all")
    parser.add_argument("--mutants", type=int, default=16, help="of each area")
    parser.add_argument("--seed", type=int, default=28)
    parser.add_argument("--again", action="store_true", help="judge survivors once more")
    parser.add_argument("--report", action="store_true", help="write the report and stop")
    options = parser.parse_args()
    os.chdir(ROOT)
    for name in [] if options.report else PRELOADED:
        importlib.import_module(name)
    for name in [] if options.report else options.areas or AREAS:
        (again(name, options.seed) if options.again else run(name, options.mutants, options.seed))
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8")).get("mutant", [])
    REPORT.write_text(report(__doc__, list(AREAS), stored(RESULTS), reasons), encoding="utf-8")


if __name__ == "__main__":
    main()
