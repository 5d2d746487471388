"""Studies of a few directions whose costs are all unequal and rise and fall: every number can be found again."""

import io
from functools import cache

import numpy as np
import pandas as pd

import lingauss as lg
from lingauss.reproduce import output
from lingauss.reproduce.figures import CHARTS, DRAWN_CHARTS, PAPER_CHARTS
from lingauss.reproduce.studies import Resolution, Study, drawn

SMALL = Resolution(noises=7, temperatures=12, shares=16, sizes=7, simulations=2, trials=2700, dpi=50)
INDEX = np.arange(1.0, 8.0)
EIGENVALUES, SIGNAL = np.append(90.0 / INDEX**1.5, 0.0), np.array([0.5, 0.1, 0.9, 0.02, 0.3, 0.05, 0.2, 0.4])

RAGGED = np.array([0.5, 1e-5, 0.9, 0.02, 0.3, 0.05, 0.2, 0.4])  # the second direction is not worth learning


def known(eigenvalues=EIGENVALUES, signal=SIGNAL):
    return lg.Problem.from_spectrum(eigenvalues, signal, n_samples=60, label_noise=0.4, outputs=2)


def observed():
    """Rows of five features, the third almost a sum of others, and two targets."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 5)) * [3.0, 2.0, 1.5, 1.0, 0.5]
    Y = X @ rng.normal(size=(5, 2)) * [1.0, 0.3] + rng.normal(size=(40, 2))
    return lg.Problem.from_data(X, Y).plug_in()


def _study(name, problem, ranks, **changes):
    case = lg.Distillation(
        problem,
        teacher=lg.Ridge(6.0),
        student=lg.Ridge(1.5, temperature=0.25),
        bottleneck=lg.Principal(4),
        temperature=10.0,
    ).replace(**changes)
    return Study(name, name.capitalize(), f"the rows of {name}", f"What of {name}?", case, 6.0, (0.05, 5.0), ranks)


ALL, FEW = (1, 2, 3, 5, 7), (1, 2, 3, 4, 5)
STUDIES = {
    "uneven": lambda: _study("uneven", known(), ALL),
    "observed": lambda: _study("observed", observed(), FEW),
    "learnable": lambda: _study("learnable", known(), ALL, temperature=4.0, draws=8, label_noise=0.01),
    "hopeless": lambda: _study("hopeless", known(0.1 * EIGENVALUES), ALL, temperature=1000.0, label_noise=10.0),
    "ragged": lambda: _study("ragged", known(signal=RAGGED), (1, 2, 4, 5, 7)),
    "hot": lambda: _study("hot", known(), (1, 2, 5, 6, 7), student_temperature=4.0),
    "timid": lambda: _study("timid", known(), ALL, mixing=0.02, floor=0.5),
}

# Studies that take one chart's words to an end that the others do not reach.
RISING_AND_FALLING = np.append(np.tile([0.9, 1e-6], 9), [0.1, 0.1])  # every other direction is not worth learning
SLOWLY_FALLING = np.append(90.0 / np.sqrt(np.arange(1.0, 19.0)), [0.0, 0.0])
ENDS = {
    "gentle": lambda: _study("gentle", known(SLOWLY_FALLING, 0.9 / np.arange(1.0, 21.0)), (1, 4, 9, 14, 18)),
    "many": lambda: _study("many", known(SLOWLY_FALLING, RISING_AND_FALLING), (1, 4, 9, 14, 18)),
    "alike-weights": lambda: _alike("alike-weights", known(), student_temperature=0.02, temperature=0.05),
    "alike-process": lambda: _alike(
        "alike-process", known(), student_temperature=0.02, temperature=10.0, label_noise=3.0
    ),
    "alike-none": lambda: _alike("alike-none", known(), rank=0),
}


def _alike(name, problem, **changes):
    """A study of learners that are the same, as in the paper's case."""
    both = lg.Ridge(6.0)
    case = lg.Distillation(problem, both, both, lg.Principal(3), temperature=1.0).replace(**changes)
    return Study(name, name.capitalize(), f"the rows of {name}", f"What of {name}?", case, 6.0, (0.05, 5.0), (1, 2, 3))


ALIKE = {
    "alike": lambda: _alike("alike", known()),
    "alike-observed": lambda: _alike("alike-observed", observed()),
    "alike-cold": lambda: _alike("alike-cold", known(), student_temperature=0.02, temperature=3.0, draws=4),
}
# Every chart of the case study, and the names of the studies that it is drawn for here.
CHART = {name: chart for name, (chart, _) in CHARTS.items()} | PAPER_CHARTS | DRAWN_CHARTS
STUDIES_OF = dict.fromkeys(CHARTS, tuple(STUDIES)) | dict.fromkeys(PAPER_CHARTS, tuple(ALIKE))
STUDIES_OF |= dict.fromkeys(DRAWN_CHARTS, ("unseen",))
ENDS_OF = {
    "ledger-by-rank": ("gentle",),
    "ledger-by-direction": ("many",),
    "process-by-rank": ("alike-weights", "alike-process"),
    "tightness-by-temperature": ("alike-none",),
}
STUDIES_OF |= {chart: STUDIES_OF[chart] + more for chart, more in ENDS_OF.items()}
PLAIN = {chart: names[0] for chart, names in STUDIES_OF.items()}  # the study whose costs rise and fall, where it may be


@cache
def study(name):
    return drawn() if name == "unseen" else (STUDIES | ALIKE | ENDS)[name]()


@cache
def figure(name, chart):
    return CHART[chart](study(name), SMALL)


@cache
def frame(name, chart):
    """The numbers of a figure as its CSV has them."""
    return pd.read_csv(io.BytesIO(output.table(figure(name, chart).results)))
