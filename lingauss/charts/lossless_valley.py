"""The divergence over share of soft labels and student's penalty: a valley whose bottom is the lossless family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingauss.charts.house import INK, key, need
from lingauss.charts.log_map import log_map

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

BEADS = 15
COLOURED = 0.97  # share of the map that the colours resolve at the upper end


def lossless_valley(results: xr.Dataset, ax: Axes, *, family: xr.DataArray | None = None) -> list[Artist]:
    """Draw the divergence as a map in logarithmic colour, share of soft labels across and student's penalty upwards.

    Parameters
    ----------
    results : Dataset
        Over mixing and student_penalty, with divergence in nats; 0 is legal.
    ax : Axes
        Its figure gets a colour bar.
    family : DataArray, optional
        Penalties over mixing where the divergence is 0, drawn as a path.

    Returns
    -------
    list of Artist
        The map, its contour lines at powers of ten, then the path if there is one.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    call = "case.sweep(mixing=[…], student_penalty=[…])"
    results = need(results, ["mixing", "student_penalty"], ["divergence"], call)
    divergence = results["divergence"].transpose("student_penalty", "mixing")
    curves = [] if family is None else [(family["mixing"], family)]
    artists: list[Artist] = [*log_map(ax, divergence, coloured=COLOURED, steps=(1.0,), clear_of=curves)]
    if family is not None:  # beads that leave the valley to be seen between them
        path = ax.plot(family["mixing"], family, "o", markersize=2.4, color="white", markeredgecolor=INK)
        path[0].set(markeredgewidth=0.5, markevery=max(1, len(family) // BEADS), label="lossless family")
        artists.extend(path)
        key(ax)
    return artists
