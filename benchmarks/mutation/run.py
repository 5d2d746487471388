"""Mutation check, whether the tests notice small mistakes in the mathematics.

Run ``python benchmarks/mutation/run.py [--mutants 240] [--seed 29]``. Mutants of the rooms of numbers are drawn by
file; each is tried against the tests that reach its line, cheapest first, until one fails. Results are appended to
``results.csv`` beside this file, so that an interrupted run goes on where it stopped, and ``report.md`` sums them up.
Survivors that no test could notice are listed with the reason in ``equivalent.toml``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import select
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT), str(ROOT / "tests")]

import pytest  # noqa: E402
from mutants import Mutant, mutants_of, sample  # noqa: E402
from reach import FEW, PACKAGES, PYTEST, TESTS, Reach, cover, reach, shorten  # noqa: E402
from results import identity, stored, survivors, write  # noqa: E402

PRELOADED = ("numpy", "scipy.linalg", "scipy.optimize", "scipy.stats", "pandas", "xarray", "mpmath", "hypothesis")
PRELOADED += ("hypothesis.extra.numpy", "sklearn.datasets", "matplotlib.figure", "dask.array", "ot")
RESULTS, REPORT, EQUIVALENT = HERE / "results.csv", HERE / "report.md", HERE / "equivalent.toml"
COLUMNS = ("file", "line", "operator", "before", "after", "outcome", "noticed_by", "tests", "seconds")
FIRST_STAGE, BUDGET, MEMORY = 4.0, 40.0, 8 << 30  # seconds, seconds, bytes


class Order:
    """A pytest plugin that runs tests in the order given and remembers the first that failed."""

    def __init__(self, tests: list[str], examples: int) -> None:
        self.place = {test: i for i, test in enumerate(tests)}
        self.examples = examples
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.place.get(item.nodeid, len(self.place)))
        shorten(items, self.examples)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def mutate(mutant: Mutant) -> None:
    """Make this process import the mutant in place of its file."""
    path = ROOT / mutant.file
    code = compile(mutant.apply(path.read_bytes()), str(path), "exec", dont_inherit=True)
    original = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> Any:
        return code if Path(self.path) == path else original(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


def attempt(mutant: Mutant, tests: list[str], examples: int, limit: float) -> tuple[str, str]:
    """Run tests in a child process until one fails; return the outcome and the test that noticed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.close(read)
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(silent, stream)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        mutate(mutant)
        order = Order(tests, examples)
        try:
            code = int(pytest.main([*PYTEST, *tests], plugins=[order]))
        except BaseException:
            code = 1
        os.write(write, json.dumps([code, order.failed]).encode())
        os._exit(0)
    os.close(write)
    ready, _, _ = select.select([read], [], [], limit)
    answer = os.read(read, 1 << 16) if ready else b""
    os.close(read)
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if not ready:
        return "killed", "time limit"
    if not answer:
        return "killed", "crash"
    code, failed = json.loads(answer)
    if code == 0:
        return "survived", ""
    return "killed", failed or {2: "import", 4: "collection"}.get(code, "crash")


def judge(mutant: Mutant, tests: list[str], seconds: dict[str, float]) -> tuple[str, str, int]:
    """Try the cheap tests, then the others within the budget, then property tests in full.

    Returns
    -------
    outcome, noticed_by : str
    tests : int
        How many were run.
    """
    total, cheap, affordable = 0.0, 0, 0
    for test in tests:
        total += seconds[test]
        cheap += total <= FIRST_STAGE
        affordable += total <= BUDGET
    first, rest = tests[: max(cheap, 1)], tests[max(cheap, 1) : max(affordable, 1)]
    done = 0
    for stage, examples in ((first, FEW), (rest, FEW), ([test for test in tests if "laws" in test][:20], 1000)):
        if not stage:
            continue
        outcome, noticed = attempt(mutant, stage, examples, 120.0 + 60.0 * sum(seconds[test] for test in stage))
        done += len(stage)
        if outcome == "killed":
            return outcome, noticed, done
    return "survived", "", done


def run(mutants: list[Mutant], known: Reach) -> None:
    """Judge every mutant not judged yet."""
    rows = stored(RESULTS)
    done = {(*identity(row), row["line"]) for row in rows}
    prepare(known)
    for number, mutant in enumerate(mutants):
        if (*identity(vars(mutant)), str(mutant.line)) in done:
            continue
        rows.append(verdict(mutant, known, rows))
        write(RESULTS, rows, COLUMNS)
        print(f"{number + 1}/{len(mutants)}", *rows[-1].values(), flush=True)


def again(known: Reach, files: Sequence[str]) -> None:
    """Judge every survivor once more, where it stands now, by all tests of its file."""
    rows = stored(RESULTS)
    prepare(known)
    for place, row in enumerate(rows):
        if row["outcome"] != "survived" or (files and not any(name in row["file"] for name in files)):
            continue
        alike = [mutant for mutant in mutants_of(ROOT / row["file"], ROOT) if identity(vars(mutant)) == identity(row)]
        if not alike:
            print("gone with its code:", *row.values(), flush=True)
            continue
        nearest = min(alike, key=lambda mutant: abs(mutant.line - int(row["line"])))
        rows[place] = verdict(replace(nearest, first_line=0), known, rows)
        if rows[place]["outcome"] == "killed":
            rows[place]["outcome"] = "closed"
        write(RESULTS, rows, COLUMNS)
        print(*rows[place].values(), flush=True)


def prepare(known: Reach) -> None:
    """Import what all tests need but for the code itself, and check that unchanged code passes."""
    os.chdir(ROOT)
    for name in PRELOADED:
        importlib.import_module(name)
    unchanged = Mutant("lingauss/algebra/psd.py", "none", 0, 0, "", "", 0, 0, 0)
    if attempt(unchanged, known.tests(unchanged, Counter())[:20], FEW, 600.0) != ("survived", ""):
        raise SystemExit("tests fail that no mutant has touched")


def verdict(mutant: Mutant, known: Reach, rows: list[dict[str, str]]) -> dict[str, str]:
    """Judge a mutant and return its row of the results."""
    start = time.perf_counter()
    kills = Counter(row["noticed_by"] for row in rows if row["file"] == mutant.file and row["noticed_by"])
    tests = known.tests(mutant, kills)
    outcome, noticed, count = judge(mutant, tests, known.seconds) if tests else ("survived", "", 0)
    values = [*(getattr(mutant, name) for name in COLUMNS[:5]), outcome, noticed, count]
    values.append(f"{time.perf_counter() - start:.1f}")
    return dict(zip(COLUMNS, map(str, values), strict=True))


def report(seed: int) -> str:
    """Return the score by file and the survivors as Markdown."""
    rows = stored(RESULTS)
    excused = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["mutant"] if EQUIVALENT.exists() else []
    reasons = {identity(entry): entry["reason"] for entry in excused}
    outcomes = Counter(row["outcome"] for row in rows)
    equivalent = sum(row["outcome"] == "survived" and identity(row) in reasons for row in rows)
    noticed, files = outcomes["killed"] + outcomes["closed"], sorted({row["file"] for row in rows})
    lines = [
        "# Mutation check",
        "",
        f"{len(rows)} mutants, seed {seed}: {outcomes['killed']} noticed by a test, {outcomes['closed']} by tests "
        f"written for what this seed showed, {outcomes['survived']} by none, of which {equivalent} change nothing that "
        "a test could notice.",
        "",
        f"**Score {outcomes['killed'] / len(rows):.1%} when drawn, {noticed / len(rows):.1%} now**; without those that "
        f"change nothing {outcomes['killed'] / (len(rows) - equivalent):.1%} and "
        f"{noticed / (len(rows) - equivalent):.1%}.",
        "",
        "| file | mutants | noticed |",
        "|---|---|---|",
    ]
    for name in files:
        here = Counter(row["outcome"] for row in rows if row["file"] == name)
        lines.append(f"| {name} | {here.total()} | {here['killed'] + here['closed']} |")
    lines += survivors(rows, reasons)
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=240)
    parser.add_argument("--seed", type=int, default=29)
    parser.add_argument("--again", nargs="*", metavar="FILE", help="judge survivors (default: of all files) once more")
    parser.add_argument("--cache", type=Path, default=Path("/tmp/lingauss-mutation-reach.json"))  # noqa: S108
    parser.add_argument("--report", action="store_true", help="write the report and stop")
    parser.add_argument(
        "--cover", nargs="*", metavar="TEST", help="note which lines tests run (default: all), and stop"
    )
    options = parser.parse_args()
    if options.cover is not None:
        cover(options.cache, options.cover or TESTS)
        return
    if options.again is not None:
        again(reach(options.cache), options.again)
    elif not options.report:
        files = [path for name in PACKAGES for path in (ROOT / "lingauss" / name).glob("*.py")]
        run(sample(files, ROOT, options.mutants, options.seed), reach(options.cache))
    REPORT.write_text(report(options.seed), encoding="utf-8")


if __name__ == "__main__":
    main()
