"""What README and docs/validity.md tell of trained students is what the committed tables of measurements hold."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "figures"
if not FIGURES.exists():
    pytest.skip("not in a clone", allow_module_level=True)

VALIDITY, README = ((ROOT / page).read_text(encoding="utf-8") for page in ("docs/validity.md", "README.md"))
DATA = ["digits", "breast_cancer", "wine", "diabetes", "reviews", "flights"]
CELL = re.compile(r"([\d.]+) ± ([\d.]+)(?: % at (\d+) %)?")


def numbers(name):
    return pd.read_csv(FIGURES / f"{name}.csv")


def tables(heading):
    """The tables of a section of the page, each as rows of cells."""
    section = VALIDITY.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in one.splitlines()] for one in found]


def decimals(told):
    """Half a unit of the last digit told, and what a CSV of six digits leaves open."""
    return 0.5 * 10.0 ** -len(told.partition(".")[2]) * (1.0 + 1e-4)


def is_told(told, value):
    return abs(float(told) - value) <= decimals(told)


def test_correlations_of_the_page_are_those_measured():
    (table,) = tables("Order")
    assert table[0] == ["data", "prediction", "rank alone"]
    measured = numbers("validity-order").set_index(["data", "learner"])
    assert [row[0] for row in table[2:]] == DATA
    for data, *cells in table[2:]:
        for kind, cell in zip(("prediction", "rank alone"), cells, strict=True):
            mean, scatter, _ = CELL.fullmatch(cell).groups()
            assert is_told(mean, measured.loc[(data, "ridge"), kind]), (data, kind)
            assert is_told(scatter, measured.loc[(data, "ridge"), f"{kind}_sd"]), (data, kind)
            assert abs(measured.loc[(data, "SGD"), kind] - measured.loc[(data, "ridge"), kind]) <= 0.01


def test_regrets_and_shares_of_the_page_are_those_measured():
    measured = numbers("validity-regret").set_index(["data", "choice"])
    seen = set()
    for table in tables("Regret"):
        student, *columns = table[0]
        assert student == "student (ridge)"
        for choice, *cells in table[2:]:
            name = re.sub(r"(\d) %(?= of (excess|squared))", r"\1%", choice)
            for data, cell in zip(columns, cells, strict=True):
                row = measured.loc[(data, name)]
                regret, scatter, share = CELL.fullmatch(cell).groups()
                assert is_told(regret, 100.0 * row["regret"]), (data, choice)
                assert is_told(scatter, 100.0 * row["regret_sd"]), (data, choice)
                assert is_told(share, 100.0 * row["share"]), (data, choice)
                seen.add((data, name))
    assert seen == set(measured.index)


def test_ranges_of_the_front_page_are_those_of_the_six_data_sets():
    told = re.search(
        r"At a tolerance of 5 % of the excess risk the recommended student is (\S+) to (\S+) % of squared error worse "
        r"than the best linear fit in hindsight, on average over\s+splits; rank by cross-validation (\S+) to (\S+) %, "
        r"all directions (\S+) to (\S+) %, PCA at 95 % of the variance (\S+) to (\S+) %\.",
        README,
    ).groups()
    regret = 100.0 * numbers("validity-regret").groupby("choice")["regret"].agg(["min", "max"])
    choices = ("recommended, 5% of excess risk", "cross-validation", "all directions", "PCA, 95 % of variance")
    for place, choice in enumerate(choices):
        for word, value in zip(told[2 * place : 2 * place + 2], regret.loc[choice], strict=True):
            assert is_told(word, value), (choice, value)


def test_what_stands_beneath_the_chart_of_trained_students_is_so():
    caption = (FIGURES / "validity.txt").read_text(encoding="utf-8")
    designs, order = numbers("validity"), numbers("validity-order").query("learner == 'ridge'")
    count = re.search(r"measured for (\d+) designs of trained students", caption)[1]
    assert count == re.search(r"(\d+) designs of students, trained", README)[1] == str(len(designs.drop_duplicates()))
    assert designs["data"].unique().tolist() == DATA
    told = re.search(
        r"over all designs of a split, ridge regression: prediction (\S+) to (\S+) by data set, rank alone (\S+) to "
        r"(\S+)\. ",
        caption,
    ).groups()
    ends = [f(order[kind]) for kind in ("prediction", "rank alone") for f in (np.min, np.max)]
    assert all(is_told(word, value) for word, value in zip(told, ends, strict=True))
    percentiles = r"all splits: median (\S+), 5th to 95th percentile (\S+) to (\d\S*)\. "
    median, low, high = re.search(percentiles, caption).groups()
    front = re.search(r"is (\S+) in the median, but (\S+) to (\S+) for nine in ten on single splits", README).groups()
    assert front[0] == median
    assert all(is_told(word, float(whole)) for word, whole in zip(front[1:], (low, high), strict=True))
    ratio = designs["measured"] / designs["predicted"]  # averages over splits scatter less than single ones
    assert float(low) < ratio.quantile(0.05) < float(median) < ratio.quantile(0.95) < float(high)
