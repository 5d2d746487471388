"""Mutation check of what people read, whether the tests notice a wrong word, unit, column, colour or option.

Run ``python benchmarks/mutation/readers.py [AREA ...] [--mutants 16] [--seed 28]``. For each area mutants are drawn by
file and by kind, in Python and in JavaScript; each is tried against that area's tests alone, in a process of its own.
Before that the unchanged code must pass them, and code that raises must not: the tests do run, and run this code.
Results are appended to ``readers.csv`` beside this file; ``readers.md`` sums them up. Survivors that change nothing for
a reader are listed with the reason in ``readers.toml``.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mutants import Mutant
from words import drawn

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
        ["tests/reproduce/test_captions.py", "tests/reproduce/test_paper_captions.py", "tests/reproduce/test_tables.py",
         "tests/reproduce/test_small_run.py", "tests/reproduce/test_record.py", "tests/reproduce/test_output.py",
         "tests/test_numerals.py", "-k", "not committed"],
    ),
    "charts": Area(
        ["lingauss/charts/*.py"],
        ["tests/charts/test_reading.py", "tests/charts/test_plotters.py", "tests/charts/test_layer_charts.py",
         "tests/charts/test_render.py"],
    ),
    "explorer": Area(
        ["lingauss/explorer/page/*.js"],
        ["tests/explorer/test_reading_in_browser.py"],
    ),
    "analysis": Area(
        ["lingauss/analysis/*.py"],
        ["tests/analysis", "tests/test_command_options.py", "-k", "not recipes and not reproduce and not falsify"],
    ),
    "report": Area(
        ["lingauss/report/*.py", "lingauss/html_table.py"],
        ["tests/report", "tests/test_displays.py"],
    ),
    "commands": Area(
        ["lingauss/cli/*.py", "lingauss/terminal.py"],
        ["tests/test_command_options.py", "tests/atlas/test_command.py", "tests/test_terminal.py"],
    ),
    "testing": Area(
        ["lingauss/testing/*.py"],
        ["tests/testing/test_reusable_laws.py", "tests/testing/test_strategies.py", "tests/testing/test_falsify.py",
         "-k", "not variance_as_proxy and not hoeffding and not cases_a_claim and not never_applies"
         " and not truth_values and not of_itself and not of_the_library"],
    ),
    "chains": Area(
        ["lingauss/chain.py", "lingauss/rounds/*.py"],
        ["tests/rounds", "-k", "not eight_directions and not dense_route"],
    ),
    "threads": Area(["lingauss/threads.py"], ["tests/test_threads.py", "-k", "not forks"]),
}  # fmt: skip

# What a fresh process does: read one file otherwise, then run tests until one fails.
CHILD = """
import os, sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
place, changed, *arguments = sys.argv[1:]
text, path = Path(changed).read_text(encoding="utf-8"), Path(place)
code = compile(text, place, "exec", dont_inherit=True) if path.suffix == ".py" else None
original, read = SourceFileLoader.get_code, Path.read_text
SourceFileLoader.get_code = lambda self, name: code if code and Path(self.path) == path else original(self, name)
Path.read_text = lambda self, *given, **more: text if self == path else read(self, *given, **more)
import pytest
told = os.fdopen(os.dup(1), "w")  # which pytest does not capture
class First:
    def pytest_runtest_logreport(self, report):
        if report.failed:
            print("NOTICED", report.nodeid, file=told, flush=True)
    def pytest_collectreport(self, report):
        if report.failed:
            print("NOTICED collection of", report.nodeid, file=told, flush=True)
sys.exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments], plugins=[First()]))
"""


def attempt(file: str, content: bytes, tests: Sequence[str]) -> tuple[str, str]:
    """Run tests in a fresh process in which one file reads otherwise; return the outcome and the test that noticed."""
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "changed"
        changed.write_bytes(content)
        environment = os.environ | {
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, "-c", CHILD, str(ROOT / file), str(changed), *tests]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        try:
            told, _ = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "killed", "time limit"
    if process.returncode == 0:
        return "survived", ""
    noticed = re.findall(r"NOTICED (.*)", told)
    return "killed", noticed[0] if noticed else "import"


def control(area: Area) -> None:
    """Check that an area's tests pass on what is there and fail where its code raises.

    Raises
    ------
    SystemExit
        If either is not so.
    """
    files = files_of(area)
    file = files[0].relative_to(ROOT).as_posix()
    outcome, noticed = attempt(file, files[0].read_bytes(), area.tests)
    if outcome != "survived":
        raise SystemExit(f"{noticed} fails, which no mutant has touched")
    for path in files:
        if path.suffix == ".js":
            raising = b"throw new Error('control');\n" + path.read_bytes()
        else:
            raising = b"raise ZeroDivisionError('control')\n"
        if (
            path.name != "__init__.py"
            and attempt(path.relative_to(ROOT).as_posix(), raising, area.tests)[0] != "killed"
        ):
            raise SystemExit(f"no test of the area runs {path}")
        if path.suffix == ".js":
            return  # one page holds them all


def files_of(area: Area) -> list[Path]:
    """Return the files of an area."""
    return sorted(path for pattern in area.files for path in ROOT.glob(pattern))


def run(name: str, count: int, seed: int) -> None:
    """Judge the mutants of an area that are not judged yet."""
    area, rows = AREAS[name], stored()
    done = {(row["seed"], row["area"], *identity(row), row["line"]) for row in rows}
    for number, mutant in enumerate(drawn(files_of(area), ROOT, count, seed)):
        if (str(seed), name, *identity(vars(mutant)), str(mutant.line)) in done:
            continue
        started = time.perf_counter()
        outcome, noticed = attempt(mutant.file, mutant.apply((ROOT / mutant.file).read_bytes()), area.tests)
        values = [seed, name, *(getattr(mutant, column) for column in COLUMNS[2:7]), outcome, noticed]
        values.append(f"{time.perf_counter() - started:.1f}")
        rows.append(dict(zip(COLUMNS, map(str, values), strict=True)))
        write(rows)
        print(f"{number + 1}/{count}", *rows[-1].values(), flush=True)


def again(name: str, seed: int) -> None:
    """Judge the survivors of an area once more, by its tests as they are now."""
    rows = stored()
    for place, row in enumerate(rows):
        if (row["area"], row["seed"], row["outcome"]) != (name, str(seed), "survived"):
            continue
        mutant = found(row)
        if mutant is None:
            print("gone with its code:", *row.values(), flush=True)
            continue
        outcome, noticed = attempt(mutant.file, mutant.apply((ROOT / mutant.file).read_bytes()), AREAS[name].tests)
        rows[place] = row | {"outcome": outcome, "noticed_by": noticed}
        write(rows)
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


def identity(row: dict[str, str]) -> tuple[str, ...]:
    """Return what a mutant is recognised by, whatever moved around it."""
    return tuple(str(row[name]) for name in ("file", "operator", "before", "after"))


def stored() -> list[dict[str, str]]:
    """Return the results so far."""
    if not RESULTS.exists():
        return []
    with RESULTS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(rows: list[dict[str, str]]) -> None:
    """Replace the results."""
    partial = RESULTS.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(RESULTS)


def report(seed: int) -> str:
    """Return the scores by area and file, and the survivors, as Markdown."""
    rows = [row for row in stored() if row["seed"] == str(seed)]
    excused = tomllib.loads(REASONS.read_text(encoding="utf-8")).get("mutant", []) if REASONS.exists() else []
    reasons = {identity(entry): entry["reason"] for entry in excused}
    lines = ["# Mutation check of what people read", "", __doc__.partition("\n\n")[2].strip(), ""]
    lines += [f"Seed {seed}.", "", "| area | mutants | noticed | score | without those that change nothing |"]
    lines.append("|---|---|---|---|---|")
    for name in AREAS:
        mine = [row for row in rows if row["area"] == name]
        if not mine:
            continue
        killed = sum(row["outcome"] == "killed" for row in mine)
        same = sum(row["outcome"] == "survived" and identity(row) in reasons for row in mine)
        rest = max(len(mine) - same, 1)
        lines.append(f"| {name} | {len(mine)} | {killed} | {killed / len(mine):.0%} | {killed / rest:.0%} |")
    kinds = Counter((row["operator"], row["outcome"]) for row in rows)
    lines += ["", "| kind of change | mutants | noticed |", "|---|---|---|"]
    for kind in sorted({kind for kind, _ in kinds}):
        lines.append(f"| {kind} | {kinds[kind, 'killed'] + kinds[kind, 'survived']} | {kinds[kind, 'killed']} |")
    lines += ["", "| file | mutants | noticed |", "|---|---|---|"]
    for file in sorted({row["file"] for row in rows}):
        outcomes = Counter(row["outcome"] for row in rows if row["file"] == file)
        lines.append(f"| {file} | {outcomes.total()} | {outcomes['killed']} |")
    lines += ["", "## Survivors", "", "| place | change | why |", "|---|---|---|"]
    for row in rows:
        if row["outcome"] == "survived":
            before, after = (" ".join(row[name].split()).replace("|", "\\|") for name in ("before", "after"))
            why = reasons.get(identity(row), "open")
            lines.append(f"| {row['file']}:{row['line']} | `{before}` → `{after}` | {why} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", choices=[*AREAS, []], default=[], help="default: all")
    parser.add_argument("--mutants", type=int, default=16, help="of each area")
    parser.add_argument("--seed", type=int, default=28)
    parser.add_argument("--control", action="store_true", help="only check that the tests run, and run this code")
    parser.add_argument("--again", action="store_true", help="judge survivors once more")
    parser.add_argument("--report", action="store_true", help="write the report and stop")
    options = parser.parse_args()
    for name in [] if options.report else options.areas or AREAS:
        if options.control:
            control(AREAS[name])
            print(f"{name}: its tests pass, and run every file", flush=True)
        else:
            (again(name, options.seed) if options.again else run(name, options.mutants, options.seed))
    if not options.control:
        REPORT.write_text(report(options.seed), encoding="utf-8")


if __name__ == "__main__":
    main()
