"""Bishop 2006, tables 1.1 and 1.2: coefficients of polynomials fitted to ten points, least squares and ridge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import lingauss as lg
from lingauss.atlas.drawing import curves
from lingauss.atlas.record import Entry, Evidence, Paper, Parameter
from lingauss.atlas.targets import Origin, Target

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS = [0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502]
INPUTS, GRID = np.linspace(0.0, 1.0, 10), np.linspace(0.0, 1.0, 101)
PENALTIES = np.geomspace(1e-11, 100.0, 53)
POWERS = np.arange(10)
LABELLED = 1.03745e-7  # the penalty of the column headed ln λ = −18


def ridge(degree: int, penalty: float) -> lg.Distillation:
    """Return ridge regression of the ten points on powers of the input."""
    powers = np.vander(INPUTS, degree + 1, increasing=True)
    problem = lg.Problem.from_data(powers, LABELS, label_noise=1.0, center=False)
    learner = lg.Ridge(penalty, temperature=0.0)
    return lg.Distillation(problem, learner, learner)


def least_squares(degree: int) -> np.ndarray:
    """Return least-squares coefficients, by way of orthogonal polynomials, which keep their digits."""
    orthogonal, change = np.linalg.qr(np.vander(INPUTS, degree + 1, increasing=True))
    problem = lg.Problem.from_data(orthogonal, LABELS, label_noise=1.0, center=False)
    learner = lg.Ridge(0.0, temperature=0.0)
    fit = lg.Distillation(problem, learner, learner).teacher_channel.at(problem.observed).mean[0]
    return np.append(np.linalg.solve(change, fit), np.zeros(9 - degree))


def compute(degree: int) -> xr.Dataset:
    """Return coefficients of the tables' columns, and errors of ridge by penalty."""
    columns = {f"M = {count}": least_squares(count) for count in (0, 1, 3, 9)}
    for name, penalty in (("ln λ = −18", LABELLED), ("ln λ = 0", 10.0)):
        case = ridge(9, penalty)
        columns[name] = case.teacher_channel.at(case.problem.observed).mean[0]
    rows = np.vander(INPUTS, degree + 1, increasing=True)
    held_out = np.vander(GRID, degree + 1, increasing=True), np.sin(2.0 * np.pi * GRID)
    cases = [ridge(degree, penalty) for penalty in PENALTIES]
    return xr.Dataset(
        {
            "coefficient": (("column", "power"), np.array(list(columns.values()))),
            "training": ("penalty", [case.held_out_error(rows, LABELS).teacher ** 0.5 for case in cases]),
            "sine": ("penalty", [case.held_out_error(*held_out).teacher ** 0.5 for case in cases]),
        },
        coords={"column": list(columns), "power": POWERS, "penalty": PENALTIES},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw both errors over the penalty."""
    return curves(ax, {"to the sine": results.sine, "to the ten labels": results.training}, log="x")


TABLE = {
    "M = 0": ("0.19",),
    "M = 1": ("0.82", "-1.27"),
    "M = 3": ("0.31", "7.99", "-25.43", "17.37"),
    "ln λ = −18": ("0.35", "4.74", "-0.77", "-31.97", "-3.89", "55.28", "41.32", "-45.95", "-91.53", "72.68"),
    "ln λ = 0": ("0.13", "-0.05", "-0.06", "-0.05", "-0.03", "-0.02", "-0.01", "-0.00", "0.00", "0.01"),
}
LARGE = (
    "0.35", "232.37", "-5321.83", "48568.31", "-231639.30",
    "640042.26", "-1061800.52", "1042400.18", "-557682.99", "125201.43",
)  # fmt: skip

ENTRY = Entry(
    paper=Paper(
        "Bishop",
        2006,
        "Pattern Recognition and Machine Learning",
        """@book{bishop2006pattern,
  title = {Pattern Recognition and Machine Learning},
  author = {Bishop, Christopher M.},
  publisher = {Springer},
  year = {2006}
}""",
    ),
    claim="a penalty tames the coefficients of a polynomial through every point of a noisy sine",
    setting="Ten labels of a sine at 0, 1/9, …, 1, as the book's data file prints them; polynomials by least squares, "
    "and of degree 9 by ridge with the penalty on the sum of squares. The curves are root mean squared errors.",
    evidence=Evidence.CODE,
    parameters=(Parameter("degree", 9, "degree of the polynomial in the curves over the penalty", 0, 9),),
    targets=(
        *(
            Target("coefficient", value, Origin.PRINTED, {"column": column, "power": power})
            for column, values in TABLE.items()
            for power, value in enumerate(values)
        ),
        # labels are printed to six digits, which large coefficients feel
        *(
            Target(
                "coefficient", v, Origin.PRINTED, {"column": "M = 9", "power": k}, within=0.005 + 1e-6 * abs(float(v))
            )
            for k, v in enumerate(LARGE)
        ),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "penalty": "penalty λ",
        "power": "power of the input",
        "column": "column of the tables",
        "coefficient": "coefficient",
        "training": "error to the ten labels",
        "sine": "root mean squared error",
    },
    notes=(
        "The columns of table 1.2 are ridge fits with other penalties than their headings say. All ten coefficients "
        "under ln λ = −18 are those of a λ between 1.0374e-7 and 1.0376e-7, where exp(−18) is 1.52e-8; those under "
        "ln λ = 0 are those of any λ from 9.23 to 10.18. Both agree with a penalty on the mean of the ten squares, "
        "ln λ = −18.38 and 0. The least-squares columns of table 1.1 are as printed.",
    ),
    turns={"degree": (3, 6)},
)
