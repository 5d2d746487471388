"""The lossless family: a stochastic student whose law is its teacher's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.distillation import Distillation
from lingauss.model.learners import Ridge
from lingauss.numerals import number
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.studies import Resolution, Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDS = 0.02  # distance of the smallest and largest share from 0 and 1, where the family ends
ROUNDING = 1e-12  # nats
PENALTIES = (0.01, 2.0)  # the student's, in units of the teacher's
SOURCE = (
    "The lossless family is derived in docs/theory.md §5.4; the divergence is that of Li and He (arXiv:2605.13143)."
)


def lossless_valley(study: Study, resolution: Resolution) -> Figure:
    """Return the divergence over the share of soft labels and the student's penalty, spreads following the family."""
    import xarray as xr

    shares = np.linspace(ENDS, 1.0 - ENDS, resolution.shares)
    penalties = study.penalty * np.geomspace(*PENALTIES, 2 * resolution.shares)
    slices = [member(study, share).sweep(mixing=[share], student_penalty=penalties) for share in shares]
    results = xr.concat(slices, "mixing", data_vars="all")
    family = xr.DataArray(
        (1.0 - shares) * study.penalty,
        coords={"mixing": results["mixing"]},
        name="student_penalty",
        attrs=results["student_penalty"].attrs,
    )
    highest = float(results["divergence"].max())
    farthest = max(member(study, share).divergence().total for share in shares)

    def plot(ax: Axes) -> None:
        charts.lossless_valley(results, ax, family=family)

    return Figure(
        title=f"{study.title}: the lossless family",
        results=results.assign(family=family),
        what=(
            "Exact divergence over the share ξ of soft labels and the student's penalty at full rank; at every share "
            "τ = (1 − ξ)/ξ and τ_S = (1 − ξ)τ_T. Dashed, the family λ_S = (1 − ξ)λ_T."
        ),
        finding=f"On the family the divergence is {_told(farthest)}, elsewhere up to {number(highest)} nats.",
        why=(
            "Such a student is one sweep of a Gibbs sampler whose stationary law is the teacher's, so that nothing is "
            "lost for any inputs, truth or labels (docs/theory.md §5.4). The family has no member at ξ = 0 and ξ = 1: "
            "pure distillation (ξ = 1) always loses something here. There is no single optimum because every point "
            "of the valley's bottom is one."
        ),
        settings=settings(study, member(study, 0.5), "mixing", "temperature", "student_penalty", "student_temperature"),
        source=SOURCE,
        plot=plot,
    )


def member(study: Study, share: float) -> Distillation:
    """Return the lossless design at a share ξ in (0, 1) of soft labels (docs/theory.md §5.4)."""
    left = 1.0 - share
    return Distillation(
        study.case.problem,
        teacher=Ridge(study.penalty),
        student=Ridge(left * study.penalty, temperature=left),
        temperature=left / share,
        mixing=share,
    )


def _told(divergence: float) -> str:
    return "0 to rounding" if divergence < ROUNDING else f"at most {number(divergence)} nats"
