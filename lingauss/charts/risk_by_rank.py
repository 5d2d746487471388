"""The excess risk by student rank: what a smaller student loses in predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingauss.charts.house import COST_COLOURS, GUIDE, INK, count_axis, key, need, plain_log_ticks

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def risk_by_rank(
    results: xr.Dataset,
    ax: Axes,
    *,
    best: int | None = None,
    recommended: int | None = None,
    tolerance: float | None = None,
) -> list[Artist]:
    """Draw the student's excess risk over its rank, logarithmic upwards, beside the teacher's.

    Parameters
    ----------
    results : Dataset
        Over student_rank alone, with student_excess_risk and teacher_excess_risk in squared label units.
    ax : Axes
    best, recommended : int, optional
        Ranks to mark.
    tolerance : float, optional
        Shade the risks that exceed the least one by no more than this fraction.

    Returns
    -------
    list of Artist
        The shade if there is one, the student's line, the teacher's, and a marker per marked rank.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    results = need(
        results,
        ["student_rank"],
        ["student_excess_risk", "teacher_excess_risk"],
        "case.sweep(student_rank=range(d + 1), quantities=('student_excess_risk', 'teacher_excess_risk'))",
    )
    ranks = results["student_rank"].to_numpy()
    risk = results["student_excess_risk"]
    artists: list[Artist] = []
    if tolerance is not None:
        least = float(risk.min())
        text = f"within {100 * tolerance:.3g} % of the best"
        artists.append(
            ax.axhspan(least, (1.0 + tolerance) * least, color=COST_COLOURS["rank_bottleneck"], linewidth=0, label=text)
        )
    artists.extend(ax.step(ranks, risk, where="mid", color=COST_COLOURS["bias"], linewidth=1.2, label="student"))
    teacher = float(results["teacher_excess_risk"].max())
    artists.append(ax.axhline(teacher, color=INK, linewidth=0.8, linestyle=GUIDE, label="teacher"))
    for rank, word, face in ((best, "best", INK), (recommended, "recommended", "white")):
        if rank is not None:
            height = float(risk.sel(student_rank=rank))
            text = f"{word}: rank {rank}"
            artists.extend(
                ax.plot([rank], [height], "o", color=face, markeredgecolor=INK, label=text, zorder=5, clip_on=False)
            )
    ax.set(yscale="log", xlim=(ranks[0], ranks[-1]))
    plain_log_ticks(ax.yaxis, steps=(1.0, 2.0, 5.0))
    ax.set_xlabel("student rank r (directions)")
    ax.set_ylabel("excess risk (squared label units)")
    count_axis(ax.xaxis)
    key(ax)
    return artists
