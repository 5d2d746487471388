"""What all charts share: the style sheet, the colours of the costs, labels with units, and what a chart needs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator
from matplotlib.transforms import ScaledTranslation

from lingauss.errors import DomainError, MissingResultError, NotFiniteError
from lingauss.validation import Array

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

# Okabe and Ito's blue and orange, and a light grey for what no training removes: 38, 67 and 85 % grey in print.
COST_COLOURS = {"bias": "#0072B2", "variance": "#E69F00", "rank_bottleneck": "#D9D9D9"}
COST_NAMES = {"bias": "bias", "variance": "variance", "rank_bottleneck": "rank bottleneck"}
INK = "#222222"
SOFT = "#767676"  # lines and points that stand back
GUIDE = (0, (4, 3))  # dash pattern of lines that only guide the eye
KEY_GAP = 29.0  # points below the axes where the key starts: under tick labels and axis label
LETTER, SIGN, LABELS = 3.7, 24.0, 40.0  # points for a letter, a sign with its gap, the labels beside the axes
LONG = 36  # characters of a vertical label that fit beside a chart of one column
MOST_DECADES = 12  # labelled one by one
LARGEST_PLAIN = 1e5  # an axis that reaches it is labelled in powers of ten
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Keeps lines and words legible on a map.
CASING: list[AbstractPathEffect] = [withStroke(linewidth=2.6, foreground="white")]


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


def label(array: xr.DataArray, *, lines: int = 1) -> str:
    """Return an axis label from a variable's attributes: its long name, its symbol, and its units in parentheses.

    With two lines the units stand on the second one, if there are any.
    """
    name, symbol = array.attrs.get("long_name", array.name), array.attrs.get("symbol", "")
    units = array.attrs.get("units", "1")
    words = " ".join(part for part in (str(name), re.sub(r"_(\w+)", r"$_\\mathrm{\1}$", symbol)) if part)
    return words if units == "1" else f"{words}{' ' if lines == 1 else chr(10)}({units})"


def upright(array: xr.DataArray) -> str:
    """Return the label of a vertical axis: on two lines where one is too long beside a chart of one column."""
    return label(array, lines=2 if len(label(array)) > LONG else 1)


def plain_log_ticks(axis: Axis, *, steps: tuple[float, ...] = (1.0,)) -> None:
    """Label a logarithmic axis at the given multiples of powers of ten.

    Labels are plain numbers, and powers of ten where the axis reaches a hundred thousand.
    """

    def told(value: float, _: object) -> str:
        if max(axis.get_view_interval()) < LARGEST_PLAIN:
            return f"{value:,.10g}"
        exponent = math.floor(math.log10(value) + 0.5)
        return f"10{str(exponent).translate(SUPERSCRIPTS)}" if math.isclose(value, 10.0**exponent) else ""

    axis.set_major_locator(LogLocator(subs=steps, numticks=MOST_DECADES))
    axis.set_major_formatter(FuncFormatter(told))
    axis.set_minor_locator(LogLocator(subs=range(2, 10), numticks=99))
    axis.set_minor_formatter(NullFormatter())


def fit_axis(
    axes: Axes, which: Literal["x", "y"], values: npt.ArrayLike, *, below: float = 0.0, above: float = 0.0
) -> None:
    """Fit an axis to its values: logarithmic with plain numbers if they are positive and span a decade, else linear.

    Parameters
    ----------
    axes
    which
        The axis to fit.
    values
        What is drawn along it; NaN is left out. A share of soft labels is always linear.
    below, above
        Room beyond the values, as shares of their range.
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low > 0.0 and high >= 10.0 * low and getattr(values, "name", "") != "mixing":
        axes.set(**{f"{which}scale": "log"})
        steps = (1.0,) if high >= (100.0 if which == "x" else 1000.0) * low else (1.0, 2.0, 5.0)
        plain_log_ticks(axes.xaxis if which == "x" else axes.yaxis, steps=steps)
        room = high / low
        axes.set(**{f"{which}lim": (low / room**below, high * room**above)})
    elif low < high:
        axes.set(**{f"{which}lim": (low - below * (high - low), high + above * (high - low))})


def count_axis(axis: Axis) -> None:
    """Let an axis of counts have whole numbers as ticks, however short it is."""
    axis.set_major_locator(MaxNLocator(7, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axis.set_minor_locator(NullLocator())


def key(ax: Axes, handles: Sequence[Artist] | None = None, *, ncols: int = 2) -> Legend:
    """Explain marks and lines below the axes and their label, where a legend can hide nothing.

    Parameters
    ----------
    ax
        With a label on its horizontal axis.
    handles
        What to explain, in this order; default: everything that has a label.
    ncols
        Explanations beside each other at most; fewer where the column is too narrow for their words.
    """
    handles = ax.get_legend_handles_labels()[0] if handles is None else list(handles)
    while ncols > 1 and _key_width([str(handle.get_label()) for handle in handles], ncols) > _width(ax):
        ncols -= 1
    below = ScaledTranslation(0.0, -KEY_GAP / 72.0, ax.figure.dpi_scale_trans)
    return ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        bbox_transform=ax.transAxes + below,
        borderaxespad=0.0,
        borderpad=0.0,
        ncols=ncols,
        columnspacing=1.2,
    )


def _key_width(words: Sequence[str], ncols: int) -> float:
    """Return about how many points wide a key of some columns is, filled one after the other."""
    rows = -(-len(words) // ncols)
    return sum(LETTER * max(map(len, words[start : start + rows])) + SIGN for start in range(0, len(words), rows))


def _width(ax: Axes) -> float:
    """Return about how many points of the page a chart has beside its vertical labels."""
    place = ax.get_subplotspec()
    columns = 1 if place is None else place.get_topmost_subplotspec().get_gridspec().ncols
    return 72.0 * float(ax.figure.bbox.width / ax.figure.dpi) / columns - LABELS


def need(
    results: xr.Dataset, axes: Sequence[str], variables: Sequence[str], call: str, *, single: Sequence[str] = ()
) -> xr.Dataset:
    """Return results in ascending order along the axes drawn along; refuse those that lack what a chart draws.

    Parameters
    ----------
    results
        As returned by a sweep.
    axes
        The dimensions they must have, and no others.
    variables
        The quantities they must hold.
    call
        The call that makes them, such as ``case.sweep(student_rank=[…])``.
    single
        The axes with a curve per value, along which one is enough; the others need two.

    Raises
    ------
    MissingResultError
    """
    lacking = [name for name in variables if name not in results.data_vars]
    if set(results.sizes) != set(axes) or lacking:
        got = f"axes {', '.join(map(str, results.sizes)) or 'none'}"
        if lacking:
            got += f" without {', '.join(lacking)}"
        expected = f"results over {', '.join(axes)} holding {', '.join(variables)}"
        raise MissingResultError(expected, got, f"Make them with {call}.")
    for name in axes:
        if results.sizes[name] < 2 and name not in single:
            raise MissingResultError(
                f"at least two values of {name}", str(results.sizes[name]), f"Make them with {call}."
            )
    return results.sortby([name for name in axes if name not in single])


def finite(array: xr.DataArray) -> Array:
    """Return values to draw, NaN (not drawn) where they are infinite.

    Raises
    ------
    NotFiniteError
        If there is nothing left to draw.
    """
    values = array.to_numpy().astype(float)
    if not np.isfinite(values).any():
        raise NotFiniteError(
            f"a finite {array.name} to draw",
            "none",
            "A hard bottleneck or a deterministic student is infinitely far away: pass floor > 0, or draw "
            "prediction_divergence.",
        )
    return np.where(np.isfinite(values), values, np.nan)


def positive(array: xr.DataArray) -> Array:
    """Return values to draw on a logarithmic axis, NaN (not drawn) where they are infinite or not positive.

    Raises
    ------
    NotFiniteError, DomainError
        If there is nothing left to draw.
    """
    values = finite(array)
    if not np.nanmax(values) > 0.0:
        raise DomainError(
            f"a {array.name} above 0 somewhere, to draw it logarithmically",
            f"{np.nanmax(values):g} at most",
            "These designs have nothing to compare: change one of their settings.",
        )
    return np.where(values > 0.0, values, np.nan)


def other_axis(results: xr.Dataset, axis: str, default: str) -> str:
    """Return the name of the axis that is not the given one; the default if there is no such axis, for messages."""
    return next((str(name) for name in results.dims if name != axis), default)
