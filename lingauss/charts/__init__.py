"""Charts: finished results and an ``ax`` go in, artists come out; nothing is computed here.

Results are what :meth:`lingauss.Distillation.sweep` returns. Draw inside ``with style():`` for the house style, which
is made for a single journal column, colour-blind readers and greyscale printers.
"""

from lingauss.charts.bounds_and_truth import bounds_and_truth
from lingauss.charts.house import style
from lingauss.charts.ledger_by_rank import ledger_by_rank
from lingauss.charts.rank_noise_map import rank_noise_map
from lingauss.charts.risk_by_rank import risk_by_rank
from lingauss.charts.temperature_curves import temperature_curves

__all__ = ["bounds_and_truth", "ledger_by_rank", "rank_noise_map", "risk_by_rank", "style", "temperature_curves"]
