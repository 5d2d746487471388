"""The student's exact generalisation gap between its upper and lower bounds, along one design axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.house import COST_COLOURS, GUIDE, INK, key, label, need, plain_log_ticks

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

LINES = ("solid", (0, (6, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)))


def bounds_and_truth(results: xr.Dataset, ax: Axes, *, families: Sequence[str]) -> list[Artist]:
    """Draw bounds on the student's gap around the exact gap.

    Parameters
    ----------
    results : Dataset
        As returned by ``lingauss.bound_curves`` over one axis of positive values, drawn logarithmically.
    ax : Axes
    families : sequence of str
        Names of bounds without their side: 'variance proxy' stands for 'variance proxy upper' and '… lower'; a bound
        with one side has its own name. Tightest first: the region between its two sides is shaded.

    Returns
    -------
    list of Artist
        The shaded region, the lines of each family, then the exact gaps of student and teacher.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    axis = next((str(name) for name in results.dims if name != "bound"), "temperature")
    call = f"lingauss.bound_curves(case, {axis!r}, […])"
    results = need(results, ["bound", axis], ["value", "student_gap", "teacher_gap"], call, single=["bound"])
    x = results[axis].to_numpy()
    artists: list[Artist] = []
    for number, family in enumerate(families):
        names = [name for name in results["bound"].to_numpy() if name in (family, f"{family} upper", f"{family} lower")]
        sides = [results["value"].sel(bound=name).to_numpy() for name in names]
        if number == 0 and len(sides) == 2:
            above, below = sides
            artists.append(ax.fill_between(x, above, below, color=COST_COLOURS["rank_bottleneck"], linewidth=0.0))
        for position, side in enumerate(sides):
            colour = COST_COLOURS["bias"] if number == 0 else COST_COLOURS["variance"] if number == 1 else INK
            text = f"bound: {family}" if position == 0 else None
            artists.extend(ax.plot(x, side, color=colour, linestyle=LINES[number % len(LINES)], label=text))
    artists.extend(ax.plot(x, results["student_gap"], color=INK, linewidth=1.6, label="exact, student"))
    teacher = results["teacher_gap"]
    artists.extend(ax.plot(x, teacher, color=INK, linewidth=0.8, linestyle=GUIDE, label="exact, teacher"))
    ax.set(xscale="log", xlim=(x[0], x[-1]))
    ax.set_xlabel(label(results[axis]))
    ax.set_ylabel("generalisation gap\n(squared label units)")
    plain_log_ticks(ax.xaxis)
    key(ax)
    return [*artists, *mark_edges(ax)]
