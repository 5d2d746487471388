"""What all charts share: the style sheet, the colours of the costs, labels with units, and what a chart needs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from lingauss.errors import MissingResultError

if TYPE_CHECKING:
    import xarray as xr

# Okabe and Ito's blue and orange, and a light grey for what no training removes: 38, 67 and 85 % grey in print.
COST_COLOURS = {"bias": "#0072B2", "variance": "#E69F00", "rank_bottleneck": "#D9D9D9"}
INK = "#222222"
GUIDE = (0, (4, 3))  # dash pattern of lines that only guide the eye


def style() -> AbstractContextManager[None]:
    """Return a context in which matplotlib draws and saves in the house style.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with style():
    ...     mpl.rcParams["font.size"]
    7.0
    """
    return mpl.rc_context(fname=str(files("lingauss.charts") / "lingauss.mplstyle"))


def label(array: xr.DataArray) -> str:
    """Return an axis label from a variable's attributes: its long name, its symbol, and its units in parentheses."""
    name, symbol = array.attrs.get("long_name", array.name), array.attrs.get("symbol", "")
    units = array.attrs.get("units", "1")
    return " ".join(part for part in (str(name), symbol, "" if units == "1" else f"({units})") if part)


def plain_log_ticks(axis: Axis, *, steps: tuple[float, ...] = (1.0,)) -> None:
    """Label a logarithmic axis with plain numbers at the given multiples of powers of ten."""
    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axis.set_minor_locator(LogLocator(subs=range(2, 10), numticks=99))
    axis.set_minor_formatter(NullFormatter())


def need(results: xr.Dataset, axes: Sequence[str], variables: Sequence[str], call: str) -> None:
    """Refuse results that lack what a chart draws.

    Parameters
    ----------
    results
        As returned by a sweep.
    axes
        The dimensions they must have, and no others.
    variables
        The quantities they must hold.
    call
        The arguments of the sweep that makes them.

    Raises
    ------
    MissingResultError
    """
    lacking = [name for name in variables if name not in results.data_vars]
    if set(results.sizes) == set(axes) and not lacking:
        return
    got = f"axes {', '.join(map(str, results.sizes)) or 'none'}"
    if lacking:
        got += f" without {', '.join(lacking)}"
    raise MissingResultError(
        f"results over {', '.join(axes)} holding {', '.join(variables)}", got, f"Make them with case.sweep({call})."
    )
