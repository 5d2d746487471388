"""Put false claims and the library's own bounds to the search for counterexamples.

Run ``python benchmarks/falsify_claims.py [cases] [first seed]``. Each false claim of ``tests/testing/planted.py`` is
searched from ten seeds: the table says how many cases it took and how many dimensions the counterexample has. What the
library says of itself is searched in ``cases`` designs (default 100,000), 5,000 to a seed, and must survive. It exits
with an error if a false claim survives 2,000 cases, needs more than two features, or if a true one is refuted.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from lingauss.testing import distillations, falsify

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "testing"))
from planted import FALSE_CLAIMS, own_bounds, own_laws

SEEDS = range(10)
PER_SEED = 5_000
DESIGNS = distillations(modes=("averaged",), test_cov=None)


def refute(first: int) -> int:
    """Search each false claim from several seeds and print a line for each; return how many were not refuted well."""
    bad = 0
    print(f"{'false claim':30s} {'refuted':>8s} {'median tried':>13s} {'most':>6s} {'features':>9s}")
    for claim, over in FALSE_CLAIMS.items():
        found = [falsify(claim, over=over, seed=first + seed) for seed in SEEDS]
        refuted = [one for one in found if one]
        tried = [one.tried for one in refuted]
        features = max(one.case.problem.n_features for one in refuted)
        bad += len(refuted) < len(found) or features > 2
        print(
            f"{claim.__name__:30s} {len(refuted):5d}/{len(found):2d} {statistics.median(tried):13.0f} "
            f"{max(tried):6d} {features:9d}",
            flush=True,
        )
    return bad


def spare(cases: int, first: int) -> int:
    """Search what the library says of itself; return how often it was refuted."""
    bad = 0
    for claim in (own_bounds, own_laws):
        started, tried, least = time.perf_counter(), 0, 1.0
        for seed in range(first, first + -(-cases // PER_SEED)):
            found = falsify(claim, over=DESIGNS, cases=min(PER_SEED, cases - tried), seed=seed, seconds=86_400.0)
            tried, least = tried + found.tried, min(least, found.slack)
            if found:
                bad += 1
                print(found)
        print(
            f"{claim.__name__}: {tried:,} cases, refuted {bad} times, slack of the tightest {least:.2e}, "
            f"{time.perf_counter() - started:.0f} s",
            flush=True,
        )
    return bad


def main(cases: int = 100_000, first: int = 0) -> int:
    """Print both parts; return 1 if one went wrong."""
    return min(refute(first) + spare(cases, first), 1)


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
