"""Whether the advice holds for students that are really trained, on data that are not Gaussian.

On every split of every data set, half the rows make a teacher, its soft labels and students, the other half is held
out. The designs are fixed in advance: ranks × temperatures × mixings, each trained by ridge regression and by minibatch
gradient descent. What the model predicts from the training half is compared with what is measured on the other half,
its order of designs with that of their ranks alone, and the recommended design with cross-validation and with the
habits "all directions" and "PCA, 95 % of the variance".

Writes validity.png, .svg, .txt (a caption) and .csv (the grid), validity-regret.png, .svg and .csv, and
validity-order.csv.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from data_sets import DataSet, data_sets
from sklearn.linear_model import Ridge
from validity_report import ALL, CROSS_VALIDATION, PCA, averaged, calibration, caption, drawing, orders, regret_drawing

import lingauss as lg
from lingauss import files
from lingauss.analysis.advice import principal_rank
from lingauss.charts.render import render

TEMPERATURES = (0.0, 1.0, 10.0)
MIXINGS = (0.5, 1.0)
RANKS = 10  # evenly spaced on a logarithmic scale from 1 to all
WISHES = (
    ("excess_risk", 0.01),
    ("excess_risk", 0.05),
    ("excess_risk", 0.2),
    ("squared_error", 0.01),
    ("squared_error", 0.05),
)
PENALTIES = np.geomspace(1e-4, 1e4, 25)  # of the best linear fit, relative to the teacher's
STEPS = 2000  # of gradient descent, whose rate falls linearly to 0
FOLDS, TRIED = 5, 40  # of cross-validation, and ranks it tries


@dataclass(frozen=True)
class Split:
    """One half to train on and one to measure on, in the units of the training half's analysis.

    Attributes
    ----------
    advice : Analysis
        Of the training half.
    Z, Y : (n, d), (n, k)
        Training inputs in principal directions, and labels; both centred.
    Z_out, Y_out
        The held-out half, less the training half's means.
    noise_error : float
        Estimate of the held-out error of the best linear predictor, from a fit to all rows.
    """

    advice: lg.Analysis
    Z: np.ndarray
    Y: np.ndarray
    Z_out: np.ndarray
    Y_out: np.ndarray
    noise_error: float

    def error(self, weights: np.ndarray) -> float:
        """Return the held-out squared error of weights (d, k), summed over outputs."""
        return float(np.mean(np.sum(np.square(self.Y_out - self.Z_out @ weights), axis=1)))


def split_of(data: DataSet, rng: np.random.Generator) -> Split:
    order = rng.permutation(len(data.X))
    inside, outside = np.array_split(order, 2)
    advice = lg.analyze(data.X[inside], data.Y[inside], drop_constant=True, scale_targets=False)
    prepared = advice.prepared
    assert prepared is not None  # noqa: S101
    rotation = advice.problem.eigenbasis.vectors
    live = advice.problem.eigenbasis.eigenvalues > 0

    def principal(X: np.ndarray) -> np.ndarray:
        return ((X[:, prepared.kept] / prepared.feature_scale) - prepared.moments.input_mean) @ rotation[:, live]

    everything = np.column_stack([np.ones(len(data.X)), principal(data.X)])
    fit, _, rank, _ = np.linalg.lstsq(everything, data.Y, rcond=None)
    left = data.Y[outside] - everything[outside] @ fit
    noise_error = float(np.mean(np.sum(np.square(left), axis=1))) / (1.0 - rank / len(data.X))
    means = prepared.moments.label_mean
    return Split(
        advice,
        principal(data.X[inside]),
        data.Y[inside] - means,
        principal(data.X[outside]),
        data.Y[outside] - means,
        noise_error,
    )


def soft_labels(split: Split, temperature: float, rng: np.random.Generator) -> np.ndarray:
    """Return labels written by one draw of the teacher's posterior, with noise."""
    s, penalty, noise = spectrum(split), teacher_penalty(split), split.advice.problem.label_noise
    k = split.Y.shape[1]
    mean = (split.Z.T @ split.Y) / (s + penalty)[:, None]
    draw = mean + rng.standard_normal((len(s), k)) * (noise / np.sqrt(s + penalty))[:, None]
    return split.Z @ draw + np.sqrt(temperature) * noise * rng.standard_normal(split.Y.shape)


def spectrum(split: Split) -> np.ndarray:
    eigenvalues = split.advice.problem.eigenbasis.eigenvalues
    return eigenvalues[eigenvalues > 0]


def teacher_penalty(split: Split) -> float:
    return split.advice.recommended.teacher.penalty


def ranks_of(split: Split) -> list[int]:
    return sorted({round(r) for r in np.geomspace(1, len(spectrum(split)), RANKS)})


def by_ridge(split: Split, labels: np.ndarray, rank: int, penalty: float) -> np.ndarray:
    """Train scikit-learn's ridge regression on the leading directions; return weights (d, k)."""
    weights = np.zeros((split.Z.shape[1], labels.shape[1]))
    if rank:
        fitted = Ridge(alpha=penalty, fit_intercept=False).fit(split.Z[:, :rank], labels)
        weights[:rank] = np.atleast_2d(fitted.coef_).T
    return weights


def by_descent(
    split: Split, labels: list[np.ndarray], ranks: list[int], penalty: float, rng: np.random.Generator
) -> np.ndarray:
    """Train students (design by design) with minibatch gradient descent, all on the same batches.

    Parameters
    ----------
    labels, ranks
        One entry per design.

    Returns
    -------
    ndarray of shape (designs, d, k)
    """
    (n, d), k = split.Z.shape, labels[0].shape[1]
    batch = min(max(64, n // 300), 512)
    seen = np.repeat(np.arange(d)[:, None] < np.array(ranks), k, axis=1)
    targets, weights = np.concatenate(labels, axis=1), np.zeros((d, len(ranks) * k))
    # A batch may be steeper than the average: by its longest row in the worst case.
    steepest = spectrum(split)[0] / n + float(np.sum(np.square(split.Z), axis=1).max()) / batch + penalty / n
    for number in range(STEPS):
        rows = rng.integers(n, size=batch)
        Z = split.Z[rows]
        slope = Z.T @ (Z @ weights - targets[rows]) / batch + (penalty / n) * weights
        weights -= 0.5 / steepest * (1.0 - number / STEPS) * seen * slope
    return np.moveaxis(weights.reshape(d, len(ranks), k), 1, 0)


def best_linear_error(split: Split) -> float:
    """Return the least held-out error of any ridge fit to the training half: every rank, a grid of penalties."""
    s, errors = spectrum(split), []
    cross = split.Z.T @ split.Y
    held_gram, held_cross = split.Z_out.T @ split.Z_out, split.Z_out.T @ split.Y_out
    power = float(np.sum(np.square(split.Y_out)))
    for penalty in PENALTIES * teacher_penalty(split):
        weights = cross / (s + penalty)[:, None]
        linear = np.cumsum(np.sum(weights * held_cross, axis=1))
        crossed = held_gram * (weights @ weights.T)
        square = np.array([crossed[:r, :r].sum() for r in range(1, len(s) + 1)])
        errors.append(np.min(power - 2.0 * linear + square) / len(split.Y_out))
    return float(min(errors))


def grid_of(split: Split, rng: np.random.Generator) -> list[dict[str, object]]:
    """Train every design of the grid by both learners; return predicted and measured excess risks."""
    penalty = teacher_penalty(split)
    ranks = ranks_of(split)
    designs = list(itertools.product(TEMPERATURES, MIXINGS, ranks))
    mixed = {}
    for temperature, mixing in itertools.product(TEMPERATURES, MIXINGS):
        soft = soft_labels(split, temperature, rng)
        mixed[temperature, mixing] = (1.0 - mixing) * split.Y + mixing * soft
    labels = [mixed[temperature, mixing] for temperature, mixing, _ in designs]
    k, together = split.Y.shape[1], np.concatenate(list(mixed.values()), axis=1)
    fits = {rank: by_ridge(split, together, rank, penalty) for rank in ranks}  # the same directions, other labels
    columns = {key: slice(k * place, k * (place + 1)) for place, key in enumerate(mixed)}
    trained = {
        "ridge": [fits[rank][:, columns[temperature, mixing]] for temperature, mixing, rank in designs],
        "SGD": by_descent(split, labels, [rank for *_, rank in designs], penalty, rng),
    }
    predicted = split.advice.faithful.sweep(
        student_rank=ranks, temperature=TEMPERATURES, mixing=MIXINGS, quantities=("student_excess_risk",)
    )["student_excess_risk"]
    return [
        {
            "learner": learner,
            "temperature": temperature,
            "mixing": mixing,
            "rank": rank,
            "predicted": float(predicted.sel(student_rank=rank, temperature=temperature, mixing=mixing)),
            "measured": split.error(weights) - split.noise_error,
            "noise": split.noise_error,
        }
        for learner, all_weights in trained.items()
        for (temperature, mixing, rank), weights in zip(designs, all_weights, strict=True)
    ]


def regrets_of(split: Split, rng: np.random.Generator) -> list[dict[str, object]]:
    """Train what is recommended, and what habit would take; compare with the best linear fit in hindsight."""
    penalty, s = teacher_penalty(split), spectrum(split)
    best = best_linear_error(split)
    teacher = split.Z @ by_ridge(split, split.Y, len(s), penalty)
    choices: dict[str, tuple[int, float]] = {}
    for objective, tolerance in WISHES:
        design = recommended(split, objective, tolerance)
        choices[f"recommended, {tolerance:.0%} of {objective.replace('_', ' ')}"] = (design.rank, design.mixing)
    choices[CROSS_VALIDATION] = (cross_validated_rank(split, rng), 0.0)
    choices[ALL] = (len(s), 0.0)
    choices[PCA] = (principal_rank(split.advice.problem, 0.95), 0.0)
    labels = [(1.0 - mixing) * split.Y + mixing * teacher for _, mixing in choices.values()]
    descended = by_descent(split, labels, [rank for rank, _ in choices.values()], penalty, rng)
    return [
        {
            "choice": name,
            "rank": rank,
            "share": rank / len(s),
            "ridge": split.error(by_ridge(split, own, rank, penalty)) - best,
            "SGD": split.error(weights) - best,
            "best": best,
        }
        for (name, (rank, _)), own, weights in zip(choices.items(), labels, descended, strict=True)
    ]


def cross_validated_rank(split: Split, rng: np.random.Generator) -> int:
    """Return the rank of least squared error in cross-validation on the training half, at the teacher's penalty."""
    penalty, d = teacher_penalty(split), split.Z.shape[1]
    ranks = sorted({round(r) for r in np.geomspace(1, d, TRIED)})
    gram, cross, errors = split.Z.T @ split.Z, split.Z.T @ split.Y, np.zeros(len(ranks))
    for rows in np.array_split(rng.permutation(len(split.Z)), FOLDS):
        Z, Y = split.Z[rows], split.Y[rows]
        out_gram, out_cross = Z.T @ Z, Z.T @ Y
        for place, r in enumerate(ranks):
            fitted = gram[:r, :r] - out_gram[:r, :r] + penalty * np.eye(r)
            weights = np.linalg.solve(fitted, cross[:r] - out_cross[:r])
            errors[place] += np.sum(weights * (out_gram[:r, :r] @ weights - 2.0 * out_cross[:r]))
    return ranks[int(np.argmin(errors))]


def recommended(split: Split, objective: str, tolerance: float) -> lg.Distillation:
    from lingauss.analysis.advice import Wishes, advise

    wishes = Wishes(tolerance=tolerance, objective=objective)
    return advise(split.advice.problem, teacher_penalty(split), wishes).predicting.design


def experiment() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the grid and the regrets of every split."""
    grids, regrets = [], []
    for position, data in enumerate(data_sets()):
        for number in range(data.splits):
            rng = np.random.default_rng([position, number])
            split = split_of(data, rng)
            about = {"data": data.name, "split": number, "directions": len(spectrum(split))}
            grids += [about | row for row in grid_of(split, rng)]
            regrets += [about | row for row in regrets_of(split, rng)]
            print(f"{data.name}, split {number + 1} of {data.splits}", file=sys.stderr)
    return pd.DataFrame(grids), pd.DataFrame(regrets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("figures"))
    out = parser.parse_args().out
    splits, told = experiment()
    keys = ["data", "learner", "temperature", "mixing", "rank"]
    grid = averaged(splits, keys, ["predicted", "measured", "noise"])
    told = told.assign(regret=told["ridge"] / told["best"], regret_descent=told["SGD"] / told["best"])
    regrets = averaged(told, ["data", "choice"], ["rank", "share", "regret", "regret_descent"])
    order, scale = orders(splits), calibration(splits)
    for title, table in (
        ("Measured over predicted excess risk: 5th percentile, median, 95th percentile", scale),
        ("Spearman correlation with the measured excess risk, over all designs of a split", order),
        ("Held-out squared error above the best linear fit in hindsight, as a share of it", regrets),
    ):
        print(f"\n{title}\n{table.to_string(index=False, float_format='%.3g')}")
    contents = {f"validity.{kind}": image for kind, image in render(drawing(grid), ("png", "svg")).items()}
    pictures = render(regret_drawing(regrets), ("png", "svg"))
    contents |= {f"validity-regret.{kind}": image for kind, image in pictures.items()}
    contents["validity.txt"] = f"{caption(grid, order, splits)}\n".encode()
    tables = {"validity.csv": grid, "validity-regret.csv": regrets, "validity-order.csv": order}
    contents |= {name: table.to_csv(index=False, float_format="%.6g").encode() for name, table in tables.items()}
    out.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        files.write(out / name, content)


if __name__ == "__main__":
    main()
