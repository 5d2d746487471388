"""Turn rank, noise and temperature by hand: one offline HTML page that computes the library's formulas in the browser.

``case.explore()`` and ``lingauss explore`` make it; needs the extra ``explore``.
"""

from lingauss.explorer.explorer import Explorer, explore

__all__ = ["Explorer", "explore"]
