"""Charts as bytes: the same for the same numbers in one environment."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lingauss.charts.house import style
from lingauss.errors import DomainError
from lingauss.vocabulary import unknown_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Metadata that would tell when and by what a file was written, which the bytes must not depend on.
ANONYMOUS = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
FORMATS = tuple(ANONYMOUS)
PRINT_DPI = 300


def render(
    draw: Callable[[Axes], object],
    formats: Iterable[str],
    *,
    size: tuple[float, float] | None = None,
    dpi: int = PRINT_DPI,
) -> dict[str, bytes]:
    """Draw one chart in the house style and return it in every format asked for.

    Parameters
    ----------
    draw : callable
        Draws on the axes it is given, for example ``lambda ax: rank_noise_map(results, ax)``.
    formats : iterable of str
        Among 'png', 'svg' and 'pdf'.
    size : (float, float), optional
        Width and height in inches; default: a single journal column.
    dpi : int
        Pixels per inch, also of rasterised parts of vector images.

    Returns
    -------
    dict of str to bytes
        One image per format.

    Raises
    ------
    UnknownNameError
        For a format that does not exist; the closest are named.
    DomainError
        If no format is asked for.

    Examples
    --------
    >>> image = render(lambda ax: ax.plot([1, 2, 3]), ["svg"])["svg"]
    >>> image[:5]
    b'<?xml'
    """
    kinds = checked_formats(formats)
    rendered = {}
    with style():
        figure = Figure(figsize=size)
        FigureCanvasAgg(figure)
        draw(figure.add_subplot())
        figure.draw_without_rendering()  # ticks follow the layout, and the layout follows ticks
        for kind in kinds:
            stream = io.BytesIO()
            figure.savefig(stream, format=kind, dpi=dpi, metadata=ANONYMOUS[kind])
            rendered[kind] = stream.getvalue()
    return rendered


def checked_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """Return image formats without repetition; refuse an empty choice and what cannot be written reproducibly.

    Raises
    ------
    UnknownNameError, DomainError
    """
    kinds = tuple(dict.fromkeys(formats))
    if not kinds:
        raise DomainError(
            "at least one image format", "none", f"Choose among {', '.join(FORMATS)}, separated by commas."
        )
    for kind in kinds:
        if kind not in ANONYMOUS:
            raise unknown_name("an image format", kind, FORMATS)
    return kinds
