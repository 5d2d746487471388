"""Reports as one HTML file that needs nothing else: text, tables, figures and notes, made of plain values.

A report is data: build it from :class:`Section`, :class:`Table`, :class:`Figure`, :class:`Gallery`, :class:`Details`,
:class:`Text`, :class:`Note` and
:class:`Code`, and :meth:`Report.save` it. All text is escaped, the same report has the same bytes, and the file loads
nothing from anywhere.
"""

from lingauss.report.blocks import Code, Details, Figure, Gallery, Note, Table, Text
from lingauss.report.page import Report, Section

__all__ = ["Code", "Details", "Figure", "Gallery", "Note", "Report", "Section", "Table", "Text"]
