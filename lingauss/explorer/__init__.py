"""Compare designs by hand: one offline HTML page that computes the library's formulas in the browser.

``case.explore()`` and ``lingauss explore`` make it.
"""

from lingauss.explorer.explorer import Explorer, explore

__all__ = ["Explorer", "explore"]
