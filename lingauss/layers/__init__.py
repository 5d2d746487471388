"""Layers of a trained net as linear-Gaussian problems: what each rank costs, and one budget over all of them.

Start with :func:`measure` (a torch model and batches of inputs) or :class:`Layer` (arrays), then :func:`allocate`.
Costs are in nats per row, a row being one input of the net (docs/real-students.md).
"""

from lingauss.layers.layer import Factors, Layer
from lingauss.layers.ledger import LayerLedger

__all__ = ["Factors", "Layer", "LayerLedger"]
