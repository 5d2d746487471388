"""What all charts share: the style sheet, the colours of the costs, labels with units, and what a chart needs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from lingauss.errors import DomainError, MissingResultError, NotFiniteError
from lingauss.validation import Array

if TYPE_CHECKING:
    import numpy.typing as npt
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

# Okabe and Ito's blue and orange, and a light grey for what no training removes: 38, 67 and 85 % grey in print.
COST_COLOURS = {"bias": "#0072B2", "variance": "#E69F00", "rank_bottleneck": "#D9D9D9"}
COST_NAMES = {"bias": "bias", "variance": "variance", "rank_bottleneck": "rank bottleneck"}
INK = "#222222"
SOFT = "#767676"  # lines and points that stand back
GUIDE = (0, (4, 3))  # dash pattern of lines that only guide the eye
NAME_HEIGHT = 8.5  # points between names at the ends of curves
MILLION = 1e6
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
    words = " ".join(part for part in (str(name), symbol) if part)
    return words if units == "1" else f"{words}{' ' if lines == 1 else chr(10)}({units})"


def plain_log_ticks(axis: Axis, *, steps: tuple[float, ...] = (1.0,)) -> None:
    """Label a logarithmic axis at the given multiples of powers of ten.

    Labels are plain numbers, and powers of ten where the axis reaches a million.
    """

    def told(value: float, _: object) -> str:
        if max(axis.get_view_interval()) < MILLION:
            return f"{value:,.10g}"
        exponent = math.floor(math.log10(value) + 0.5)
        return f"10{str(exponent).translate(SUPERSCRIPTS)}" if math.isclose(value, 10.0**exponent) else ""

    axis.set_major_locator(LogLocator(subs=steps))
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
        steps = (1.0,) if high >= 1000.0 * low else (1.0, 2.0, 5.0)
        plain_log_ticks(axes.xaxis if which == "x" else axes.yaxis, steps=steps)
        room = high / low
        axes.set(**{f"{which}lim": (low / room**below, high * room**above)})
    elif low < high:
        axes.set(**{f"{which}lim": (low - below * (high - low), high + above * (high - low))})


def name_ends(ax: Axes, heights: Sequence[float], names: Sequence[str]) -> list[Annotation]:
    """Write names of curves at their right-hand ends, outside the axes, moved apart where they would overlap.

    Parameters
    ----------
    ax
        With its final limits.
    heights
        Where the curves end, in data coordinates.
    names
        One per curve.
    """
    x = ax.get_xlim()[1]
    ends = ax.transData.transform([(x, height) for height in heights])
    places = np.clip(ax.transAxes.inverted().transform(ends)[:, 1], 0.0, 1.0)
    dpi = mpl.rcParams["figure.dpi"] if ax.figure is None else ax.figure.dpi
    apart = NAME_HEIGHT * dpi / 72.0 / ax.bbox.height
    order = np.argsort(places, kind="stable")
    for below, above in itertools.pairwise(order):
        places[above] = max(places[above], places[below] + apart)
    places[order[-1]] = min(places[order[-1]], 1.0 - apart / 2.0)  # below the title
    for above, below in itertools.pairwise(order[::-1]):
        places[below] = min(places[below], places[above] - apart)
    return [
        ax.annotate(
            name,
            (1.0, place),
            (4, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            annotation_clip=False,
        )
        for name, place in zip(names, places, strict=True)
    ]


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
