"""What distilling a teacher into a smaller student costs, exactly, in the linear-Gaussian model.

Start with :class:`Problem`, :class:`Ridge` and :class:`Distillation`; ``divergence()`` gives a :class:`Ledger`.
Divergences are in nats. ``label_noise`` and ``noise`` are standard deviations, ``floor`` is a variance.
"""

from lingauss.algebra.channel import Channel
from lingauss.algebra.divergence import kl
from lingauss.algebra.gaussian import Gaussian
from lingauss.algebra.psd import Diagonal
from lingauss.errors import LingaussError
from lingauss.model.bottleneck import Best, Principal, Selected, Subspace
from lingauss.model.chain_rule import ledger
from lingauss.model.compare import compare
from lingauss.model.distillation import Distillation
from lingauss.model.learners import Learner, Ridge
from lingauss.model.ledger import Ledger
from lingauss.model.moments import Moments
from lingauss.model.problem import Problem

__version__ = "0.1.0"

__all__ = [
    "Best",
    "Channel",
    "Diagonal",
    "Distillation",
    "Gaussian",
    "Learner",
    "Ledger",
    "LingaussError",
    "Moments",
    "Principal",
    "Problem",
    "Ridge",
    "Selected",
    "Subspace",
    "compare",
    "kl",
    "ledger",
]
