"""Dey & Donoho 2024: whatever is fitted, accumulating data cost at most a factor of π²/6."""

from __future__ import annotations

import math
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

DESIGNS = {
    "flat": (np.full(8, 100.0), np.zeros(8)),
    "power law": (100.0 / np.arange(1.0, 9.0) ** 2, np.ones(8)),
    "one direction": (np.array([3.0]), np.array([5.0])),
}


def compute(generations: int, noise: float, penalty: float) -> xr.Dataset:
    """Return the risk of every generation over that of the first, by design, and the first differences from it."""
    learner = lg.Ridge(penalty, temperature=0.0)
    augmented, discarded = list[list[float]](), list[list[float]]()
    for eigenvalues, signal in DESIGNS.values():
        problem = lg.Problem.from_spectrum(eigenvalues, signal, n_samples=100, label_noise=math.sqrt(noise))
        case = lg.Distillation(problem, learner, learner)
        first = case.excess_risk().teacher
        for found, accumulate in ((augmented, True), (discarded, False)):
            chain = lg.Chain(case, generations - 1, fresh="labels", accumulate=accumulate)
            found.append([1.0, *(chain.sweep(quantities=["excess_risk"])["excess_risk"].to_numpy() / first)])
    return xr.Dataset(
        {"augment": (("design", "generation"), augmented), "discard": (("design", "generation"), discarded)},
        coords={"design": list(DESIGNS), "generation": np.arange(1, generations + 1)},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the ratio over the generations, one curve per design."""
    drawn = {name: results.augment.sel(design=name) for name in DESIGNS}
    drawn["data discarded"] = results.discard.sel(design="flat")
    found = curves(ax, drawn, log="x", guides={"π²/6": xr.DataArray(math.pi**2 / 6.0)})
    ax.set_ylim(0.95, 2.2)
    return found


ENTRY = Entry(
    paper=Paper(
        "Dey & Donoho",
        2024,
        "Universality of the π²/6 Pathway in Avoiding Model Collapse",
        """@misc{dey2024universality,
  title = {Universality of the $\\pi^2/6$ Pathway in Avoiding Model Collapse},
  author = {Dey, Apratim and Donoho, David},
  year = {2024}, eprint = {2410.22812}, archiveprefix = {arXiv}
}""",
    ),
    claim="where data accumulate, the risk of unbiased fits stays below π²/6 times that of the real data",
    setting="Least squares on the same inputs, each generation on real data and all synthetic data so far, or on "
    "those of the last generation alone. Three Gram matrices with their truths: eight equal eigenvalues, a power law, "
    "one.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("generations", 1000, "number of generations", 2, 1000),
        Parameter("noise", 1.0, "variance of the labels' noise", 1e-6, 1e6),
        Parameter("penalty", 0.0, "ridge penalty of every fit", 0.0, 1e6),
    ),
    targets=(
        # π²/6 is the limit, which 1,000 terms of Σ 1/i² are short of by 1/1000
        *(
            Target("augment", "1.6449341", Origin.PRINTED, {"design": design, "generation": 1000}, within=1.001e-3)
            for design in DESIGNS
        ),
        *(Target("augment", "1.5497677", Origin.CLOSED, {"design": design, "generation": 10}) for design in DESIGNS),
        *(Target("discard", "10", Origin.CLOSED, {"design": d, "generation": 10}, within=1e-9) for d in DESIGNS),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "generation": "generation",
        "design": "eigenvalues of the Gram matrix",
        "augment": "risk over that of generation 1",
        "discard": "risk over that of the first generation, data discarded",
    },
    notes=(
        "The three curves are one: the ratio is Σ 1/i² whatever the inputs and the truth are, as long as fits are "
        "unbiased. With a ridge penalty they part, and one may rise above: to 1.92 for the eight equal eigenvalues of "
        "no signal at a penalty of 30, which weighs less and shrinks the noise less the more data there are.",
    ),
    turns={"penalty": (1.0, 30.0)},
)
