"""Charts: finished results and an ``ax`` go in, artists come out; nothing is computed here.

Results are what :meth:`lingauss.Distillation.sweep` and its neighbours return; docs/charts.md says which call feeds
which chart. Draw inside ``with style():`` for the house style, which is made for a single journal column, colour-blind
readers and greyscale printers.
"""

from lingauss.charts.bounds_and_truth import bounds_and_truth
from lingauss.charts.dominance_map import dominance_map
from lingauss.charts.error_by_rank import error_by_rank
from lingauss.charts.house import style
from lingauss.charts.layer_costs import layer_costs
from lingauss.charts.ledger_by_direction import ledger_by_direction
from lingauss.charts.ledger_by_rank import ledger_by_rank
from lingauss.charts.loss_by_size import loss_by_size
from lingauss.charts.lossless_valley import lossless_valley
from lingauss.charts.mixing_curves import mixing_curves
from lingauss.charts.pareto_front import pareto_front
from lingauss.charts.process_and_weights import process_and_weights
from lingauss.charts.rank_noise_map import rank_noise_map
from lingauss.charts.repeated_distillation import repeated_distillation
from lingauss.charts.risk_by_rank import risk_by_rank
from lingauss.charts.risk_by_samples import risk_by_samples
from lingauss.charts.sample_size_scaling import sample_size_scaling
from lingauss.charts.student_beats_teacher import student_beats_teacher
from lingauss.charts.temperature_curves import temperature_curves
from lingauss.charts.theory_and_simulation import theory_and_simulation
from lingauss.charts.tightness_regime import tightness_regime

__all__ = [
    "bounds_and_truth",
    "dominance_map",
    "error_by_rank",
    "layer_costs",
    "ledger_by_direction",
    "ledger_by_rank",
    "loss_by_size",
    "lossless_valley",
    "mixing_curves",
    "pareto_front",
    "process_and_weights",
    "rank_noise_map",
    "repeated_distillation",
    "risk_by_rank",
    "risk_by_samples",
    "sample_size_scaling",
    "student_beats_teacher",
    "style",
    "temperature_curves",
    "theory_and_simulation",
    "tightness_regime",
]
