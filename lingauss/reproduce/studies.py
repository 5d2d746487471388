"""The settings of the case study: two problems, one student design, and the ranges the charts look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from lingauss.distillation import Distillation
from lingauss.model.bottleneck import Principal
from lingauss.model.examples import (
    DIGITS_PENALTY,
    POWER_LAW_PENALTY,
    digits_problem,
    hot_labels,
    power_law_problem,
)
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem

TEMPERATURES = (0.1, 100.0)
SHARES = (-1.0, 2.0)  # of soft labels: reversed, none at 0, pure distillation at 1, beyond
TOLERANCE = 0.05

# Averaging eight draws leaves room for a best temperature, 5 where directions are strong (docs/theory.md §5.3).
AVERAGED_DRAWS = 8
MATCHED = 5.0
# At rank 16 the case study of the paper has both regimes of its bounds in the range of every axis.
PAPER_RANK = 16


@dataclass(frozen=True, eq=False)
class Study:
    """A problem with a design, and the ranges to look at.

    Attributes
    ----------
    name : str
        Prefix of the study's figures.
    title : str
        As shown above a chart.
    subject : str
        What the problem is, for captions.
    question : str
        What the study asks.
    case : Distillation
        One draw of hot soft labels; rank, noise and temperature are swept.
    penalty : float
        The teacher's.
    noises : (float, float), optional
        Smallest and largest label noise ν, standard deviations; default: no chart sweeps it.
    ranks : tuple of int, optional
        Student ranks whose temperature curves are drawn; default: none.
    """

    name: str
    title: str
    subject: str
    question: str
    case: Distillation
    penalty: float
    noises: tuple[float, float] = (0.0, 0.0)
    ranks: tuple[int, ...] = ()

    @property
    def full_rank(self) -> int:
        """Number of directions in which the inputs vary at all."""
        return int(np.count_nonzero(self.case.problem.eigenbasis.eigenvalues))


@dataclass(frozen=True)
class Resolution:
    """How finely ranges are sampled, and how finely images are.

    Attributes
    ----------
    noises, temperatures, shares, sizes : int
        Grid points of label noise, soft-label temperature, share of soft labels and sample size.
    simulations, trials : int
        Designs that are simulated, and label draws for each.
    dpi : int
        Pixels per inch of raster images.
    """

    noises: int = 81
    temperatures: int = 241
    shares: int = 61
    sizes: int = 61
    simulations: int = 12
    trials: int = 5_000
    dpi: int = 300


QUICK = Resolution(noises=13, temperatures=31, shares=31, sizes=13, simulations=4, trials=2700, dpi=100)
FULL = Resolution()


@cache
def handwritten_digits() -> Study:
    """Return the study of scikit-learn's digits, with the posterior standing in for the truth.

    Raises
    ------
    MissingDependencyError
        Without the extra ``data``.
    """
    problem = digits_problem()
    n, d = problem.n_samples, problem.n_features
    return Study(
        "digits",
        "Digits",
        f"scikit-learn's digits ({n} samples × {d} pixels, ten one-hot outputs, centred)",
        "How small may a linear student of handwritten digits be, how noisy its teacher's labels, and what is lost?",
        hot_labels(Distillation, problem, DIGITS_PENALTY),
        penalty=DIGITS_PENALTY,
        noises=(0.03, 3.0),
        ranks=(10, 20, 30, 40, 61),
    )


@cache
def power_law() -> Study:
    """Return the study of a synthetic problem whose spectrum and signal fall like 1/i."""
    problem = power_law_problem()
    n, d = problem.n_samples, problem.n_features
    return Study(
        "power-law",
        "Power law",
        f"a synthetic problem ({n} samples × {d} features, one output) with eigenvalues {n}/i and signal |wᵢ|² = 1/i",
        "The same questions where everything is known: spectrum and signal fall like a power of the direction.",
        hot_labels(Distillation, problem, POWER_LAW_PENALTY),
        penalty=POWER_LAW_PENALTY,
        noises=(0.1, 10.0),
        ranks=(4, 8, 16, 32, 64),
    )


@cache
def drawn() -> Study:
    """Return the study of inputs that are drawn: a population whose spectrum and signal fall like powers."""
    index = np.arange(1.0, 121.0)
    problem = Problem.from_population(index**-1.1, index**-0.4 / 20.0, n_samples=200, label_noise=0.5)
    learner = Ridge(1.0, temperature=0.0)
    return Study(
        "unseen",
        "Unseen inputs",
        "a synthetic population (120 features, one output) with variances i^−1.1 and signal |wᵢ|² = i^−0.4/20",
        "What changes when inputs are drawn too, and errors are those on new ones?",
        Distillation(problem, learner, Ridge(0.3, temperature=0.0), temperature=0.0, mixing=0.5),
        penalty=0.3,
    )


@cache
def paper() -> Study:
    """Return the paper's case study as far as it can be inferred: soft labels as noisy as true ones, one draw.

    The student learns as its teacher does, on the synthetic problem, so that all it lacks is rank.
    """
    study = power_law()
    learner = Ridge(study.penalty)
    return replace(
        study,
        name="paper",
        title="The paper's case",
        question=(
            "What does the decomposition say that readers of the paper will look for, and which of its bounds is the "
            "tighter one where? The paper's text was not at hand: this is what its abstract and the sentences quoted "
            "from it most plausibly mean."
        ),
        case=Distillation(study.case.problem, learner, learner, Principal(PAPER_RANK), temperature=1.0),
    )
