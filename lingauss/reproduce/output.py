"""Writing results: the same bytes for the same numbers, and old files whole until new ones are complete."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lingauss.charts import style
from lingauss.errors import DomainError
from lingauss.model.settings import unknown_name

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

# Metadata that would tell when and by what a file was written, which the bytes must not depend on.
ANONYMOUS = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
FORMATS = tuple(ANONYMOUS)


def check_formats(formats: tuple[str, ...]) -> None:
    """Refuse image formats that cannot be written reproducibly, and an empty choice.

    Raises
    ------
    UnknownNameError, DomainError
    """
    if not formats:
        raise DomainError(
            "at least one image format", "none", f"Choose among {', '.join(FORMATS)}, separated by commas."
        )
    for name in formats:
        if name not in ANONYMOUS:
            raise unknown_name("an image format", name, FORMATS)


def write(path: Path, content: bytes) -> None:
    """Replace a file by new content, whole or not at all.

    Raises
    ------
    OSError
        If the directory or the file cannot be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o644)  # mkstemp's 0600 would hide published files
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def images(draw: Callable[[Axes], object], formats: tuple[str, ...], dpi: int) -> dict[str, bytes]:
    """Draw one chart in the house style and return it in every format asked for.

    Parameters
    ----------
    draw
        Draws on the axes it is given.
    formats
        Among ``FORMATS``.
    dpi
        Pixels per inch, also of rasterised parts of vector images.
    """
    rendered = {}
    with style():
        figure = Figure()
        FigureCanvasAgg(figure)
        draw(figure.add_subplot())
        for name in formats:
            stream = io.BytesIO()
            figure.savefig(stream, format=name, dpi=dpi, metadata=ANONYMOUS[name])
            rendered[name] = stream.getvalue()
    return rendered


def table(results: xr.Dataset) -> bytes:
    """Return the numbers of a dataset as CSV, one row per grid point, ten significant digits."""
    frame = results.to_dataframe().reset_index()
    return str(frame.to_csv(index=False, float_format="%.10g", lineterminator="\n")).encode()
