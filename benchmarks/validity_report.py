"""What ``validity.py`` sums up, draws and says of its measurements."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import spearmanr

from lingauss.charts.house import GUIDE, INK, key, plain_log_ticks

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#222222", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
CROSS_VALIDATION, ALL, PCA = "cross-validation", "all directions", "PCA, 95 % of variance"
SHOWN = {"recommended, 5% of excess risk": "o", CROSS_VALIDATION: "s", ALL: "^", PCA: "D"}


def averaged(frame: pd.DataFrame, keys: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
    """Return means over splits, and the standard deviations between them."""
    groups = frame.groupby(list(keys), sort=False)[list(values)]
    return groups.mean().join(groups.std().add_suffix("_sd")).reset_index()


def orders(grid: pd.DataFrame) -> pd.DataFrame:
    """Return Spearman's correlation with what is measured over all designs of a split: of predictions, and of −rank."""
    rows = [
        {
            "data": data,
            "learner": learner,
            "prediction": spearmanr(piece["predicted"], piece["measured"]).statistic,
            "rank alone": spearmanr(-piece["rank"], piece["measured"]).statistic,
        }
        for (data, learner, _), piece in grid.groupby(["data", "learner", "split"], sort=False)
    ]
    return averaged(pd.DataFrame(rows), ["data", "learner"], ["prediction", "rank alone"])


def calibration(grid: pd.DataFrame) -> pd.DataFrame:
    """Return measured over predicted excess risk: median over the designs, and 5th and 95th percentile."""
    ratio = (grid["measured"] / grid["predicted"]).rename("ratio")
    quantiles = ratio.groupby([grid["data"], grid["learner"]], sort=False).quantile([0.05, 0.5, 0.95])
    return quantiles.unstack().reset_index()


def drawing(grid: pd.DataFrame) -> Callable[[Axes], None]:
    """Return what draws measured over predicted excess risk, in units of each data set's label noise."""

    def draw(ax: Axes) -> None:
        for (name, piece), colour, marker in zip(grid.groupby("data", sort=False), COLOURS, MARKERS, strict=True):
            for learner, face in (("SGD", "none"), ("ridge", colour)):
                part = piece[(piece["learner"] == learner) & (piece["measured"] > 0)]
                ax.plot(
                    part["predicted"] / part["noise"],
                    part["measured"] / part["noise"],
                    marker,
                    markersize=2.5,
                    markeredgewidth=0.5,
                    color=colour,
                    markerfacecolor=face,
                )
            ax.plot([], [], marker, color=colour, label=name.replace("_", " "))
        ax.plot([], [], "o", markersize=4.0, color="#767676", label="filled: ridge regression")
        ax.plot([], [], "o", markersize=4.0, color="#767676", markerfacecolor="none", label="open: gradient descent")
        scaled = grid["predicted"] / grid["noise"]
        ends = [0.5 * scaled.min(), 2.0 * scaled.max()]
        ax.plot(ends, ends, color=INK, linewidth=0.8, linestyle=GUIDE, zorder=0, label="as predicted")
        ax.set(xscale="log", yscale="log")
        plain_log_ticks(ax.xaxis)
        plain_log_ticks(ax.yaxis)
        ax.set_xlabel("excess risk predicted (1 = label noise)")
        ax.set_ylabel("measured (1 = label noise)")
        ax.set_title("Trained students: predicted and measured risk")
        key(ax, ncols=3)

    return draw


def regret_drawing(regrets: pd.DataFrame) -> Callable[[Axes], None]:
    """Return what draws the regret of each choice by data set, with standard deviations between splits."""
    names = list(dict.fromkeys(regrets["data"]))

    def draw(ax: Axes) -> None:
        for place, ((choice, marker), colour) in enumerate(zip(SHOWN.items(), COLOURS, strict=False)):
            part = regrets[regrets["choice"] == choice].set_index("data").loc[names]
            at = np.arange(len(names)) + 0.18 * (place - 0.5 * (len(SHOWN) - 1))
            error = 100.0 * part["regret_sd"]
            ax.errorbar(100.0 * part["regret"], at, xerr=error, fmt=marker, markersize=3.5, color=colour,
                        elinewidth=0.8, label=choice.replace("5%", "5 %"))  # fmt: skip
        ax.axvline(0.0, color=INK, linewidth=0.6, linestyle=GUIDE, zorder=0)
        ax.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        ax.invert_yaxis()
        ax.set_xlabel("excess squared error over hindsight (%)")
        ax.set_title("What a choice of rank costs, held out")
        key(ax)

    return draw


def caption(grid: pd.DataFrame, order: pd.DataFrame, splits: pd.DataFrame) -> str:
    ratio = splits["measured"] / splits["predicted"]
    low, high = ratio.quantile([0.05, 0.95])
    ridge = order[order["learner"] == "ridge"]
    return (
        f"Excess risk on held-out rows, measured for {len(grid)} designs of trained students (filled: ridge "
        "regression, open: minibatch gradient descent) against what the model predicted from the training rows, in "
        "units of each data set's label noise; averages over splits; dashed, equality. Measured over predicted, all "
        "splits: median "
        f"{ratio.median():.2f}, 5th to 95th percentile {low:.2f} to {high:.2f}. Spearman correlation with the measured "
        f"risk over all designs of a split, ridge regression: prediction {ridge['prediction'].min():.2f} to "
        f"{ridge['prediction'].max():.2f} by data set, rank alone {ridge['rank alone'].min():.2f} to "
        f"{ridge['rank alone'].max():.2f}. Predictions are plug-in. Derived in docs/theory.md §5.7, discussed in "
        "docs/validity.md."
    )
