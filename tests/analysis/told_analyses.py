"""Analyses to be read back, beside the same by refits, and what each of them wrote.

Tables whose costs are all unequal and rise and fall with the rank; teacher and student differ, and so do the ranks
that are best in one way or another.
"""

import io
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from analysis.by_designs import unseen
from analysis.by_refits import Refits
from analysis.report_reader import ReportReader, saved_to_be_read
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.analysis.result import Analysis

NAMES = ["age", "income", "rooms", "depth", "width", "slope", "lot"]


def table(outputs=1, seed=44, n=64):
    """Correlated columns in units far apart, and labels that need directions of middling variance."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(7, 7)))[0]
    inner = rng.normal(size=(n, 7)) * [3, 2.2, 1.6, 1.2, 0.9, 0.6, 0.4]
    weights = np.array([[0.5, 0, 1, 0.1, -0.9, 0.12, 0.4], [1, 0.9, -0.3, 1.4, 0.02, 0.05, 0]])[:outputs].T
    labels = 3.0 * inner @ weights + 5.0 * rng.normal(size=(n, outputs))
    X = inner @ axes.T * [1, 30, 0.2, 5, 2, 0.01, 400] + [3, 100, 0, -7, 1, 0, 2000]
    return X, labels * [7.0, 0.3][:outputs] + [50.0, 4.0][:outputs]


@dataclass(frozen=True, eq=False)
class Told:
    """An analysis, the same by refits, and what it wrote: files by name, charts by name."""

    kind: str
    advice: Analysis
    refits: Refits
    files: dict
    charts: dict
    tolerance: float

    @cached_property
    def page(self):
        return ReportReader(self.files["report.html"].decode()).parts

    def section(self, title):
        return next(part for part in self.page[1:] if part.title == title)

    def csv(self, name):
        return pd.read_csv(io.BytesIO(self.files[f"{name}.csv"]), index_col=0)

    @cached_property
    def unseen(self):
        return unseen(self.refits)

    @cached_property
    def errors(self):
        """Squared errors on new rows at every rank: found by leaving rows out where directions follow from labels."""
        r = self.refits
        return self.unseen if r.sight == "principal" else np.array([r.held_out_mean(rank) for rank in range(8)])

    def within(self, tolerance):
        """Return the smallest rank whose excess risk is within a tolerance of the least."""
        r = self.refits
        least = r.least_risk(7, mixed=self.advice.wishes.mixing is None)
        within = r.every_risk <= (1.0 + tolerance) * least
        return int(np.argmax(within)) if within.any() else int(np.argmin(r.every_risk))

    @cached_property
    def rank(self):
        return self.within(self.tolerance)

    @cached_property
    def ranks(self):
        """The rank of every choice by its name."""
        sizes = np.linalg.svd(self.refits.Z, compute_uv=False) ** 2
        ranks = {"all": 7, "recommended": self.rank}
        for factor in (0.2, 5.0):
            ranks[f"tolerance {100 * factor * self.tolerance:.0f} %"] = self.within(factor * self.tolerance)
        if self.refits.sight == "principal":
            ranks["PCA 95%"] = int(np.argmax(np.cumsum(sizes) >= 0.95 * sizes.sum())) + 1
        ranks["best on new rows"] = int(np.argmin(self.errors))
        return ranks

    @cached_property
    def choices(self):
        """Names of every choice, the largest first."""
        ranks = sorted(set(self.ranks.values()), reverse=True)
        return {rank: [name for name, other in self.ranks.items() if other == rank] for rank in ranks}

    # Errors as they are told

    @property
    def of_classes(self):
        return self.kind == "classes"

    def error(self, squared):
        return squared if self.of_classes else np.sqrt(squared / self.refits.shape[2])

    def spread(self, squared):
        n, _, k = self.refits.shape
        step = squared * np.sqrt(2.0 / (n * k))
        return step if self.of_classes else self.error(squared) * step / (2.0 * squared)

    @property
    def word(self):
        return "Brier score" if self.of_classes else "RMSE"

    @property
    def thing(self):
        return "column" if self.kind == "columns" else "direction"

    # The law for uncertainty

    @cached_property
    def spread_settings(self):
        """Temperature and floor that are recommended, as the settings say; that they are best has its own test."""
        return tuple(self.csv("settings").loc[["temperature", "floor"], "uncertainty"])

    @property
    def law_mixing(self):
        return 1.0 if self.advice.wishes.mixing is None else self.refits.mixing

    def ledger(self, rank, temperature=None, floor=None):
        """Return bias, variance and rank cost at the recommended temperature and floor, or others."""
        best = self.spread_settings
        return self.refits.ledger(
            rank, best[0] if temperature is None else temperature, best[1] if floor is None else floor, self.law_mixing
        )

    def explained(self, squared):
        return 1.0 - squared / np.sum(self.refits.T.var(axis=0))


def frame(X, Y, names=("price", "rent")):
    return pd.DataFrame(X, columns=NAMES).assign(**{name: Y[:, j] for j, name in enumerate(names[: Y.shape[1]])})


def classes():
    """Three kinds of rows, as text."""
    X, Y = table()
    return X, np.array(["cheap", "dear", "fair"])[np.digitize(Y[:, 0], np.quantile(Y[:, 0], [0.3, 0.6])) * 2 % 3]


def saved(kind, tolerance, refits, data, targets, **options):
    """Analyse a table and save it, with its charts drawn where they can be read."""
    advice = lg.analyze(data, targets, tolerance=tolerance, **options)
    with TemporaryDirectory() as folder:
        files, charts = saved_to_be_read(advice, Path(folder))
    return Told(kind, advice, refits, files, charts, tolerance)


@cache
def analysed():
    """Return the analyses by name; made once for all who read them."""
    X, Y = table()
    X2, Y2 = table(2)
    X3, kinds = classes()
    one_hot = (kinds[:, None] == np.array(["cheap", "dear", "fair"])).astype(float)
    law = {"mixing": 0.4, "draws": 3, "student_temperature": 0.5, "student_penalty": 2.0}
    both = ["price", "rent"]
    return {
        "one": saved("one", 0.2, Refits(X, Y, student_penalty=2.0), frame(X, Y), "price", student_penalty=2.0),
        "two": saved("two", 0.3, Refits(X2, Y2, scale_targets=True, **law), frame(X2, Y2), both, **law),
        "columns": saved(
            "columns",
            0.5,
            Refits(X2, Y2, sight="features", scale_targets=True),
            frame(X2, Y2),
            both,
            bottleneck="features",
        ),
        "classes": saved("classes", 0.2, Refits(X3, one_hot), frame(X3, kinds[:, None], ["kind"]), "kind"),
    }


def alternatives(told):
    """Name, rank, mixing, temperature and excess risk of every other choice."""
    r, rank, mixing = told.refits, told.rank, told.refits.mixing
    principal = replace(r, sight="principal")
    sizes = np.linalg.svd(r.Z, compute_uv=False) ** 2
    pca = int(np.argmax(np.cumsum(sizes) >= 0.95 * sizes.sum())) + 1
    designs = {
        "recommended": (r, rank, mixing, 0.0),
        "1 fewer direction": (r, rank - 1, mixing, 0.0),
        "1 more direction": (r, rank + 1, mixing, 0.0),
        "the best rank": (r, int(np.argmin(r.every_risk)), mixing, 0.0),
        "all directions": (r, 7, mixing, 0.0),
        "PCA of 95% of the variance": (principal, pca, mixing, 0.0),
        "soft labels alone": (r, rank, 1.0, 0.0),
        "true labels alone": (r, rank, 0.0, 0.0),
        "soft labels alone, noise of temperature 1": (r, rank, 1.0, 1.0),
    }
    found = {name: (*design, refits.risk(*design)) for name, (refits, *design) in designs.items()}
    found["the teacher itself"] = (7, np.nan, np.nan, r.risks(0)[0])
    found["ridge at its best penalty, in hindsight"] = (7, np.nan, np.nan, r.least_teacher_risk())
    return found


def used(told):
    """Which features the student asks for."""
    kept = told.refits.basis[:, : told.rank]
    return [j for j in range(7) if told.kind != "columns" or kept[j].any()]


def outputs(told):
    names = {"classes": ["kind = cheap", "kind = dear", "kind = fair"], "one": ["price"]}
    return names.get(told.kind, ["price", "rent"])


def close(found, expected):
    assert_allclose(np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=2e-6, atol=1e-9)
