"""Layers of a trained net as linear-Gaussian problems: what each rank costs, and one budget over all of them.

Start with :func:`measure` (a torch model and batches of inputs) or :class:`Layer` (arrays), then :func:`allocate`.
Costs are in nats per row, a row being one input of the net (docs/real-students.md).
"""

from lingauss.layers.allocation import allocate
from lingauss.layers.calibration import Estimate
from lingauss.layers.layer import Layer
from lingauss.layers.ledger import Factors, LayerLedger
from lingauss.layers.measurement import measure
from lingauss.layers.plan import Plan
from lingauss.layers.sizes import sweep
from lingauss.layers.storage import load_factors, save_factors

__all__ = [
    "Estimate",
    "Factors",
    "Layer",
    "LayerLedger",
    "Plan",
    "allocate",
    "load_factors",
    "measure",
    "save_factors",
    "sweep",
]
