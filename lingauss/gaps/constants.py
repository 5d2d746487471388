"""Bounds on a student's gap from plain numbers, for any loss and any model of known constants (docs/theory.md §7).

Nothing here is checked against a model: the hypothesis is the caller's.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from lingauss.errors import DomainError
from lingauss.gaps.sharpness import Sharpness
from lingauss.guard import guarded
from lingauss.validation import as_scalar


class GapInterval(NamedTuple):
    """Where the student's expected gap lies, in the unit of the loss.

    Attributes
    ----------
    lower, upper : float
        ∓inf where nothing is known.
    """

    lower: float
    upper: float


@guarded
def sub_gaussian_bound(teacher_gap: float, divergence: float, variance_proxy: float) -> GapInterval:
    """Return gen_T ∓ √(2σ²K), from log E_T e^{λ(gap − gen_T)} ≤ ½λ²σ² for all λ (docs/theory.md §7.3 and §7.7).

    Parameters
    ----------
    teacher_gap : float
        gen_T.
    divergence : float
        K ≥ 0 in nats, of the student's law from the teacher's; +inf is legal and gives no bound.
    variance_proxy : float
        σ² > 0, a sub-Gaussian parameter of the teacher's gap; see :func:`bounded_loss_proxy`.

    Raises
    ------
    DomainError, NotFiniteError, NotNumericError

    Examples
    --------
    >>> import lingauss as lg
    >>> lg.sub_gaussian_bound(teacher_gap=0.3, divergence=0.02, variance_proxy=1.0)
    GapInterval(lower=0.09999999999999998, upper=0.5)
    """
    mean = as_scalar(teacher_gap, "teacher_gap")
    width = math.sqrt(2.0) * math.sqrt(as_scalar(variance_proxy, "variance_proxy", minimum=0.0, strict=True))
    width *= math.sqrt(_as_divergence(divergence))
    return GapInterval(mean - width, mean + width)


@guarded
def bounded_loss_proxy(largest: float) -> float:
    """Return the variance proxy M² of the gap of a loss with values in [0, M] (docs/theory.md §7.7).

    The gap lies in [−M, M], an interval of length 2M (Hoeffding's lemma). M²/(4n) would be false: weights depend on
    the data.

    Raises
    ------
    DomainError, NotFiniteError, NotNumericError
    """
    return as_scalar(largest, "largest", minimum=0.0, strict=True) ** 2


@guarded
def central_condition_bound(teacher_gap: float, divergence: float, eta: float, c: float) -> GapInterval:
    """Return the lower bound c gen_T − K/η, from log E_T e^{−η gap} ≤ −cη gen_T (docs/theory.md §7.6).

    Parameters
    ----------
    teacher_gap : float
        gen_T ≥ 0; the condition cannot hold with a negative one.
    divergence : float
        K ≥ 0 in nats; +inf is legal and gives no bound.
    eta : float
        η > 0.
    c : float
        In (0, 1].

    Raises
    ------
    DomainError, NotFiniteError, NotNumericError

    Examples
    --------
    >>> import lingauss as lg
    >>> lg.central_condition_bound(teacher_gap=0.5, divergence=0.1, eta=1.0, c=0.8).lower
    0.30000000000000004
    """
    mean = as_scalar(teacher_gap, "teacher_gap", minimum=0.0)
    rate = as_scalar(eta, "eta", minimum=0.0, strict=True)
    share = as_scalar(c, "c", minimum=0.0, strict=True)
    if share > 1.0:
        raise DomainError("c in (0, 1]", f"{share:g}", "By Jensen's inequality no larger c is possible.")
    return GapInterval(share * mean - _as_divergence(divergence) / rate, math.inf)


@guarded
def sharpness_bound(teacher_gap: float, distance: float, gradient: float, curvature: float) -> GapInterval:
    """Return gen_T ∓ (gϱ + ½hϱ²), from the steepness of the gap and a distance of weights (docs/theory.md §7.8).

    Parameters
    ----------
    teacher_gap : float
        gen_T.
    distance : float
        ϱ ≥ 0, root mean square distance of coupled weights.
    gradient, curvature : float
        g ≥ 0, root mean square gradient of the gap at the teacher's weights; h ≥ 0, a Lipschitz constant of it.

    Raises
    ------
    DomainError, NotFiniteError, NotNumericError
    """
    mean = as_scalar(teacher_gap, "teacher_gap")
    width = Sharpness(
        as_scalar(gradient, "gradient", minimum=0.0),
        as_scalar(curvature, "curvature", minimum=0.0),
        as_scalar(distance, "distance", minimum=0.0),
    ).width
    return GapInterval(mean - width, mean + width)


def _as_divergence(value: float) -> float:
    """Read a divergence, which may be +inf."""
    infinite = isinstance(value, float) and value == math.inf
    return math.inf if infinite else as_scalar(value, "divergence", minimum=0.0)
