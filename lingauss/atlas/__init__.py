"""The atlas: published results on learning from a model's labels, each computed anew by public calls (docs/atlas.md).

:func:`names` lists the entries and :func:`entry` gives one: its parameters, the numbers of its figure
(``compute``), the figure itself (``plot``), the numbers to hold it against (``targets``) and a script of public calls
(``to_python``).

Examples
--------
>>> from lingauss import atlas
>>> flow = atlas.entry("ali2019")
>>> print(round(float(flow.compute()["sharp"]), 5))
1.68591
"""

from lingauss.atlas.catalogue import entry, names
from lingauss.atlas.record import Entry, Evidence, Paper, Parameter
from lingauss.atlas.targets import Comparison, Origin, Target

__all__ = ["Comparison", "Entry", "Evidence", "Origin", "Paper", "Parameter", "Target", "entry", "names"]
