"""What distilling a teacher into a smaller student costs, exactly, in the linear-Gaussian model.

Start with :class:`Problem`, :class:`Ridge` and :class:`Distillation`; ``divergence()`` gives a :class:`Ledger`.
Divergences are in nats. ``label_noise`` and ``noise`` are standard deviations, ``floor`` is a variance.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lingauss.version import __version__ as __version__

if TYPE_CHECKING:
    from lingauss.algebra.channel import Channel
    from lingauss.algebra.cumulants import CumulantFunction
    from lingauss.algebra.divergence import jeffreys, kl
    from lingauss.algebra.gaussian import Gaussian
    from lingauss.algebra.psd import Diagonal
    from lingauss.algebra.renyi import renyi
    from lingauss.algebra.wasserstein import wasserstein2
    from lingauss.analysis.analyze import analyze
    from lingauss.analysis.result import Analysis
    from lingauss.comparison import compare
    from lingauss.data.moments import Moments
    from lingauss.distillation import Distillation
    from lingauss.errors import LingaussError
    from lingauss.gaps.bound_table import Bound, BoundTable
    from lingauss.gaps.constants import (
        bounded_loss_proxy,
        central_condition_bound,
        sharpness_bound,
        sub_gaussian_bound,
    )
    from lingauss.gaps.curves import bound_curves
    from lingauss.gaps.sharpness import sharpness_radius
    from lingauss.ledgers.gaussian_ledger import ledger
    from lingauss.ledgers.ledger import Ledger
    from lingauss.model.bottleneck import Best, Principal, Selected, Subspace
    from lingauss.model.descent import GradientFlow, NoisyGradientDescent
    from lingauss.model.learners import Learner, Ridge
    from lingauss.model.posterior import Posterior, from_posterior
    from lingauss.model.problem import Problem
    from lingauss.model.shards import Shards
    from lingauss.rebuilding import case_of
    from lingauss.sweep.pareto import pareto_front

__all__ = [
    "Analysis",
    "Best",
    "Bound",
    "BoundTable",
    "Chain",
    "Channel",
    "CumulantFunction",
    "Diagonal",
    "Distillation",
    "Gaussian",
    "GradientFlow",
    "Learner",
    "Ledger",
    "LingaussError",
    "Moments",
    "NoisyGradientDescent",
    "Posterior",
    "Principal",
    "Problem",
    "Ridge",
    "Selected",
    "Shards",
    "Subspace",
    "analyze",
    "bound_curves",
    "bounded_loss_proxy",
    "case_of",
    "central_condition_bound",
    "compare",
    "from_posterior",
    "jeffreys",
    "kl",
    "ledger",
    "pareto_front",
    "renyi",
    "sharpness_bound",
    "sharpness_radius",
    "sub_gaussian_bound",
    "wasserstein2",
]

# Each name is imported when it is first used, so that a part of the package, such as the derivations in
# ``lingauss.symbolic``, can be imported without the rest.
_HOMES = {
    "Analysis": "analysis.result",
    "Best": "model.bottleneck",
    "Bound": "gaps.bound_table",
    "BoundTable": "gaps.bound_table",
    "Chain": "chain",
    "Channel": "algebra.channel",
    "CumulantFunction": "algebra.cumulants",
    "Diagonal": "algebra.psd",
    "Distillation": "distillation",
    "Gaussian": "algebra.gaussian",
    "GradientFlow": "model.descent",
    "Learner": "model.learners",
    "Ledger": "ledgers.ledger",
    "LingaussError": "errors",
    "Moments": "data.moments",
    "NoisyGradientDescent": "model.descent",
    "Posterior": "model.posterior",
    "Principal": "model.bottleneck",
    "Problem": "model.problem",
    "Ridge": "model.learners",
    "Selected": "model.bottleneck",
    "Shards": "model.shards",
    "Subspace": "model.bottleneck",
    "analyze": "analysis.analyze",
    "bound_curves": "gaps.curves",
    "bounded_loss_proxy": "gaps.constants",
    "central_condition_bound": "gaps.constants",
    "compare": "comparison",
    "case_of": "rebuilding",
    "from_posterior": "model.posterior",
    "jeffreys": "algebra.divergence",
    "kl": "algebra.divergence",
    "ledger": "ledgers.gaussian_ledger",
    "pareto_front": "sweep.pareto",
    "renyi": "algebra.renyi",
    "sharpness_bound": "gaps.constants",
    "sharpness_radius": "gaps.sharpness",
    "sub_gaussian_bound": "gaps.constants",
    "wasserstein2": "algebra.wasserstein",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
