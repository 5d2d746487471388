"""Small designs that between them use every option, for carrying out and for comparing with closed forms."""

from __future__ import annotations

import math

import numpy as np

import lingauss as lg

RNG = np.random.default_rng(6)
X = RNG.standard_normal((12, 3)) * [2.0, 1.0, 0.5] + [0.5, 0.0, -0.3]
OTHER = RNG.standard_normal((8, 3)) @ RNG.standard_normal((3, 3))
W = RNG.standard_normal((2, 3))
NOISE = 0.6
MOVED = OTHER.T @ OTHER / len(OTHER)
BASIS = RNG.standard_normal((3, 2))

KNOWN = lg.Problem.from_inputs(X, truth=W, label_noise=NOISE)
SHIFTED = lg.Problem.from_inputs(X, truth=W, label_noise=NOISE, test_cov=MOVED)
SPECTRUM = lg.Problem.from_spectrum([30.0, 9.0, 2.0], [2.0, 1.0, 0.3], n_samples=12, label_noise=NOISE, outputs=2)
SEEN = lg.Problem.from_data(X, X @ W.T + NOISE * RNG.standard_normal((12, 2)), label_noise=NOISE)
CENTRED = SEEN.with_truth(W)
PLUG_IN = SEEN.plug_in(penalty=2.0)
SINGULAR = lg.Problem.from_inputs(X[:, [0, 1, 0]], truth=W, label_noise=NOISE)
TIGHT = lg.Problem.from_inputs(X[:3], truth=W, label_noise=NOISE)  # as many samples as features: no residuals
SINGLE = lg.Problem.from_inputs(X, truth=W[0], label_noise=NOISE)
PROBLEMS = {
    "known": KNOWN,
    "shifted": SHIFTED,
    "spectrum": SPECTRUM,
    "observed": SEEN,
    "centred": CENTRED,
    "plug-in": PLUG_IN,
    "singular": SINGULAR,
    "tight": TIGHT,
    "one output": SINGLE,
}

TEACHER, STUDENT = lg.Ridge(0.8, 0.7), lg.Ridge(1.3, 0.9)
TRANSFER = {center: lg.Moments.from_data(OTHER, center=center) for center in (False, True)}
PARTS = {
    center: [lg.Moments.from_data(part, center=center) for part in np.split(X, [5, 9])] for center in (False, True)
}
SHARDS = {center: lg.Shards(TEACHER, parts) for center, parts in PARTS.items()}
DESCENT = lg.NoisyGradientDescent(6, 0.015, 0.5, 0.8)
ENDLESS = lg.NoisyGradientDescent(math.inf, 0.02, 5.0)
OFFSET = lg.Channel(0.2 * np.eye(3), 0.3 * np.eye(3) + 0.1, b=[[0.3, -0.2, 0.1], [0.0, 0.4, 0.0]])


def case(problem=KNOWN, teacher=TEACHER, student=STUDENT, bottleneck=None, **settings):
    return lg.Distillation(problem, teacher, student, bottleneck, **settings)


def designs() -> dict[str, lg.Distillation]:
    """Return designs by what is special about them."""
    special = {
        "as it comes": case(),
        "noiseless soft labels": case(temperature=0.0),
        "hot soft labels": case(temperature=4.0),
        "no distillation": case(mixing=0.0),
        "some true labels": case(mixing=0.4, temperature=2.0),
        "against the soft labels": case(mixing=-0.5),
        "beyond the soft labels": case(mixing=1.3),
        "draws": case(draws=4, temperature=2.0),
        "draws and true labels": case(draws=3, mixing=0.6),
        "principal": case(bottleneck=lg.Principal(2)),
        "nothing seen": case(bottleneck=lg.Principal(0)),
        "best": case(bottleneck=lg.Best(1)),
        "selected": case(bottleneck=lg.Selected((2, 0))),
        "subspace": case(bottleneck=lg.Subspace(BASIS)),
        "floor": case(bottleneck=lg.Principal(1), floor=0.2),
        "hard": case(bottleneck=lg.Subspace(BASIS), floor=0.0),
        "deterministic student": case(student=lg.Ridge(1.3, 0.0)),
        "deterministic student of true labels": case(student=lg.Ridge(1.3, 0.0), mixing=0.0),
        "deterministic teacher": case(teacher=lg.Ridge(0.8, 0.0)),
        "least squares": case(teacher=lg.Ridge(0.0), student=lg.Ridge(0.0, 0.5)),
        "assumed noises": case(
            teacher=lg.Ridge(0.8, 1.0, 0.3), student=lg.Ridge(1.3, 1.0, 1.1), bottleneck=lg.Principal(1)
        ),
        "transfer": case(transfer=TRANSFER[False]),
        "transfer through a bottleneck": case(bottleneck=lg.Principal(2), transfer=TRANSFER[False], draws=2),
        "transfer with an intercept": case(CENTRED, transfer=TRANSFER[True]),
        "transfer from observed labels": case(SEEN, transfer=TRANSFER[True], temperature=0.5),
        "covariate shift": case(SHIFTED, bottleneck=lg.Subspace(BASIS), transfer=TRANSFER[False]),
        "shards": case(teacher=SHARDS[False]),
        "shards drawn often": case(teacher=SHARDS[False], draws=3, bottleneck=lg.Principal(2)),
        "shards with intercepts": case(CENTRED, teacher=SHARDS[True], mixing=0.7, temperature=2.0),
        "shards from observed labels": case(SEEN, teacher=SHARDS[True]),
        "shards label transfer inputs": case(SHIFTED, teacher=SHARDS[False], transfer=TRANSFER[False], draws=2),
        "teacher with an offset": case(teacher=OFFSET),
        "student of a student": case(teacher=case(bottleneck=lg.Principal(2)).student_channel),
        "steps of a teacher": case(teacher=DESCENT, bottleneck=lg.Principal(2)),
        "steps of a student": case(student=DESCENT, bottleneck=lg.Principal(2), temperature=2.0, draws=2),
        "steps of both": case(CENTRED, DESCENT, lg.NoisyGradientDescent(4, 0.01, 0.0, 0.5), mixing=0.5),
        "steps at stationarity": case(teacher=ENDLESS, student=ENDLESS),
        "steps on transfer inputs": case(student=DESCENT, transfer=TRANSFER[False], bottleneck=lg.Subspace(BASIS)),
        "steps on shards": case(teacher=lg.Shards(DESCENT, PARTS[False])),
        "two laws": lg.Distillation.from_channels(KNOWN, case().teacher_channel, OFFSET, BASIS),
    }
    for name, problem in PROBLEMS.items():
        special[f"{name} problem"] = case(problem, temperature=1.5)
        special[f"{name} problem, bottleneck"] = case(problem, bottleneck=lg.Principal(1), mixing=0.8, draws=2)
    return special
