"""What a compressed net loses against what it keeps: at second order, predicted and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingauss.charts.house import COST_COLOURS, GUIDE, INK, SOFT, label, need, plain_log_ticks, positive

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def loss_by_size(results: xr.Dataset, ax: Axes) -> list[Artist]:
    """Draw divergences over the share of weights that is kept, logarithmic upwards.

    Parameters
    ----------
    results : Dataset
        Over keep alone, with cost, as returned by ``lingauss.layers.sweep``; predicted and measured with their
        measured_error are drawn where they are there.
    ax : Axes

    Returns
    -------
    list of Artist
        The line of costs, that of predictions, then measured points and their bars of two standard errors.

    Raises
    ------
    MissingResultError, DomainError
        If the results hold something else, or nothing above 0.
    """
    call = "lingauss.layers.sweep(layers, keep=[…])"
    results = need(results, ["keep"], ["cost"], call)
    keep = results["keep"].to_numpy()
    drawn = positive(results["cost"])
    artists: list[Artist] = [
        *ax.plot(keep, drawn, color=SOFT, linewidth=1.2, linestyle=GUIDE, label="at second order"),
    ]
    if "predicted" in results:
        values = positive(results["predicted"])
        artists.extend(ax.plot(keep, values, color=COST_COLOURS["bias"], linewidth=1.4, label="predicted"))
    if "measured" in results:
        needed = need(results, ["keep"], ["measured", "measured_error"], f"{call[:-1]}, model=…, batches=…)")
        errors = 2.0 * needed["measured_error"].to_numpy()
        bars = ax.errorbar(
            keep, positive(needed["measured"]), errors, fmt="o", color=INK, linewidth=0.8, label="measured"
        )
        artists.extend(bars.get_children())
    ax.set_yscale("log")
    plain_log_ticks(ax.yaxis)
    ax.set_xlabel(label(results["keep"]))
    ax.set_ylabel("divergence (nats per row)")
    ax.legend(loc="upper right")
    return artists
