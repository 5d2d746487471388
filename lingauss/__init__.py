"""What distilling a teacher into a smaller student costs, exactly, in the linear-Gaussian model.

Start with :class:`Problem`, :class:`Ridge` and :class:`Distillation`; ``divergence()`` gives a :class:`Ledger`.
Divergences are in nats. ``label_noise`` and ``noise`` are standard deviations, ``floor`` is a variance.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
    from lingauss.design.pareto import pareto_front
    from lingauss.errors import LingaussError
    from lingauss.model.bottleneck import Best, Principal, Selected, Subspace
    from lingauss.model.bound_curves import bound_curves
    from lingauss.model.bound_table import Bound, BoundTable
    from lingauss.model.compare import compare
    from lingauss.model.descent import GradientFlow, NoisyGradientDescent
    from lingauss.model.distillation import Distillation
    from lingauss.model.gaussian_ledger import ledger
    from lingauss.model.given_constants import (
        bounded_loss_proxy,
        central_condition_bound,
        sharpness_bound,
        sub_gaussian_bound,
    )
    from lingauss.model.learners import Learner, Ridge
    from lingauss.model.ledger import Ledger
    from lingauss.model.moments import Moments
    from lingauss.model.posterior import Posterior, from_posterior
    from lingauss.model.problem import Problem
    from lingauss.model.provenance import case_of
    from lingauss.model.shards import Shards
    from lingauss.model.sharpness import sharpness_radius

__version__ = "0.1.0"

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
    "Bound": "model.bound_table",
    "BoundTable": "model.bound_table",
    "Chain": "model.chain",
    "Channel": "algebra.channel",
    "CumulantFunction": "algebra.cumulants",
    "Diagonal": "algebra.psd",
    "Distillation": "model.distillation",
    "Gaussian": "algebra.gaussian",
    "GradientFlow": "model.descent",
    "Learner": "model.learners",
    "Ledger": "model.ledger",
    "LingaussError": "errors",
    "Moments": "model.moments",
    "NoisyGradientDescent": "model.descent",
    "Posterior": "model.posterior",
    "Principal": "model.bottleneck",
    "Problem": "model.problem",
    "Ridge": "model.learners",
    "Selected": "model.bottleneck",
    "Shards": "model.shards",
    "Subspace": "model.bottleneck",
    "analyze": "analysis.analyze",
    "bound_curves": "model.bound_curves",
    "bounded_loss_proxy": "model.given_constants",
    "central_condition_bound": "model.given_constants",
    "case_of": "model.provenance",
    "compare": "model.compare",
    "from_posterior": "model.posterior",
    "jeffreys": "algebra.divergence",
    "kl": "algebra.divergence",
    "ledger": "model.gaussian_ledger",
    "pareto_front": "design.pareto",
    "renyi": "algebra.renyi",
    "sharpness_bound": "model.given_constants",
    "sharpness_radius": "model.sharpness",
    "sub_gaussian_bound": "model.given_constants",
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
