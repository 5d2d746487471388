"""Three answers to "what error on unseen rows?" beside the held-out error, on real data at n/d from ½ to 20.

Sub-samples of n rows train a ridge teacher and student (three penalties, three mixings, all deterministic); all other
rows measure. "Fixed design" is the training error plus the gap for new labels at the training inputs, with the noise of
a fit to all rows. Where a fifth of the rows could not be held out, a data set is narrowed to as many leading features
as its rows are enough for (their number stands in brackets). Prints the tables of docs/unseen-rows.md.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import warnings

import numpy as np
from data_sets import data_sets

import lingauss as lg

RATIOS = (0.5, 1, 2, 5, 10, 20)
PENALTIES = (0.01, 0.1, 1.0)  # per row
MIXINGS = (0.0, 0.5, 1.0)
SETTINGS = tuple(itertools.product(PENALTIES, MIXINGS))
ANSWERS = ("fixed design", "moments", "leave-one-out")
FAR = 0.2
TRAINING = 0.8  # of all rows, at most
MEASURED = 10_000  # held-out rows, at most


def prepared(X, Y):
    """Return features that vary, in standard deviations of all rows, and the noise of a fit to all rows."""
    X = X[:, X.std(axis=0) > 0]
    X = X / X.std(axis=0)
    centred, labels = X - X.mean(axis=0), Y - Y.mean(axis=0)
    _, singular, right = np.linalg.svd(centred.T @ centred)
    live = singular > 1e-10 * singular[0]
    basis = right[live].T / np.sqrt(singular[live])
    rest = np.sum(labels**2) - np.sum((labels.T @ centred @ basis) ** 2)
    return X, np.sqrt(rest / Y.shape[1] / (len(X) - live.sum() - 1))


def errors(X, Y, noise, n, view, rng):
    """Return the held-out error and the three answers for every setting of one sub-sample, (settings, 4)."""
    order = rng.permutation(len(X))
    (X, far), (Y, held) = ((part[order[:n]], part[order[n : n + MEASURED]]) for part in (X, Y))
    problem = lg.Problem.from_data(X, Y, label_noise=noise)
    mean, level = X.mean(axis=0), Y.mean(axis=0)
    found = []
    for penalty, mixing in SETTINGS:
        learner = lg.Ridge(penalty * n, temperature=0.0)
        case = lg.Distillation(problem, learner, learner, view, floor=0.0, temperature=0.0, mixing=mixing)
        weights = problem.observed @ case.student_predictor.A.T
        left = [labels - level - (inputs - mean) @ weights.T for inputs, labels in ((X, Y), (far, held))]
        training, held_out = (np.mean(np.sum(part**2, axis=1)) for part in left)
        found.append((
            held_out,
            training + case.gaps().student,
            case.cross_validation().student,
            case.cross_validation(rows=(X, Y)).student,
        ))  # fmt: skip
    return np.array(found, dtype=float)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=12, help="of the largest samples; small ones get up to 200")
    fewest = parser.parse_args().splits
    warnings.simplefilter("ignore")
    worst = {ratio: [0.0] * len(ANSWERS) for ratio in RATIOS}
    loaded = list(data_sets())
    for title, part in (("all features", 1), ("students that see the first third of the features", 3)):
        print(f"\n{title}: settings of {len(SETTINGS)} off by more than {FAR:.0%}, {' / '.join(ANSWERS)}\n")
        print("| n/d | " + " | ".join(data.name for data in loaded) + " |")
        cells = {ratio: [] for ratio in RATIOS}
        for data in loaded:
            rng = np.random.default_rng(0)
            whole, _ = prepared(data.X, data.Y)
            for ratio in RATIOS:
                enough = int(TRAINING * len(whole) / ratio)
                X, noise = prepared(whole[:, :enough], data.Y)
                d = X.shape[1]
                n = round(ratio * d)
                view = None if part == 1 else lg.Subspace(np.eye(d)[:, : d // part])
                splits = max(fewest, min(200, 5000 // n))
                held_out, *answers = np.mean([errors(X, data.Y, noise, n, view, rng) for _ in range(splits)], axis=0).T
                print(data.name, ratio, file=sys.stderr, flush=True)
                off = [answer / held_out - 1 for answer in answers]
                mark = "" if d == whole.shape[1] else f" ({d})"
                cells[ratio].append(" / ".join(str(int(np.sum(np.abs(each) > FAR))) for each in off) + mark)
                worst[ratio] = [max(old, *each, key=abs) for old, each in zip(worst[ratio], off, strict=True)]
        for ratio in RATIOS:
            print(f"| {ratio:g} | " + " | ".join(cells[ratio]) + " |", flush=True)
    print("\nworst of all, " + ", ".join(ANSWERS))
    for ratio in RATIOS:
        print(f"{ratio:4g}: " + ", ".join(f"{value:+.0%}" for value in worst[ratio]))


if __name__ == "__main__":
    main()
