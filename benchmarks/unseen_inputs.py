"""Deterministic equivalents against inputs that are really drawn, over random designs of populations.

Every design draws a spectrum, a signal, sizes (n from 100 to 150), penalties (none for one learner in six),
temperatures, mixings, draws, and views: the population's directions, the rows' own, or fresh inputs. Inputs are
Gaussian, or random signs, and given each the number is exact. A risk's error is judged in units of the risk; a gap is
a difference of two losses that are each known to a fraction of themselves, so its error is judged in units of the test
loss. Finite samples leave an error of order 1/(n(1 − γ)): least squares has risk d/(n − d − 1) with Gaussian inputs,
and d/(n − d) on the scale of the equivalent.

    python benchmarks/unseen_inputs.py --designs 40 --trials 60
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import lingauss as lg
from lingauss.equivalents.averages import overlaps_of
from lingauss.model.changes import changed

NUMBERS = ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk")
LARGEST = 0.8  # γ of both learners
CLOSE = 0.03


def random_case(rng: np.random.Generator) -> lg.Distillation:
    """Return a design whose learners have γ ≤ 0.8."""
    while True:
        d, n = int(rng.integers(20, 120)), int(rng.integers(100, 150))
        s = np.arange(1, d + 1.0) ** -rng.uniform(0.0, 1.5)
        power = rng.random(d) / d * 10 ** rng.uniform(-1, 1)
        penalties = [0.0 if rng.random() < 1 / 6 else n * 10 ** rng.uniform(-2.5, 0.3) for _ in range(2)]
        teacher, student = (lg.Ridge(p, float(rng.choice([0.0, 0.5, 1.0])) if p else 0.0) for p in penalties)
        problem = lg.Problem.from_population(s, power, n_samples=n, label_noise=10 ** rng.uniform(-1, 0.3), outputs=2)
        case = lg.Distillation(
            problem, teacher, student, mixing=rng.uniform(-0.5, 1.8), temperature=float(rng.choice([0.0, 0.3, 1.0])),
            draws=int(rng.integers(1, 4)), **view(rng, d, n),
        )  # fmt: skip
        if isinstance(case.transfer, lg.FreshInputs):
            case = case.replace(mixing=1.0)
        if 1.0 - regular(case) <= LARGEST:
            return case


def view(rng: np.random.Generator, d: int, n: int) -> dict[str, object]:
    """Return what both learners see."""
    kind = rng.integers(4)
    if kind == 0:
        return {}
    if kind == 1:
        return {"bottleneck": lg.Principal(int(rng.integers(1, min(n, d))))}
    sights = [lg.Selected(np.sort(rng.permutation(d)[: rng.integers(1, d)]).tolist()) for _ in range(2)]
    seen = {"teacher_bottleneck": sights[0], "bottleneck": sights[1]}
    return seen if kind == 2 else seen | {"transfer": lg.FreshInputs(int(rng.integers(100, 150)))}


def regular(case: lg.Distillation) -> float:
    """Return the smaller 1 − γ of both learners, through all directions where the rows' own are seen."""
    whole = case if not isinstance(case.bottleneck, lg.Principal) else case.replace(bottleneck=None)
    shared = overlaps_of(whole, np.array([whole.rank]), {})
    return float(min(shared.teacher_regular.min(), shared.student_regular.min()))


def drawn(case: lg.Distillation, signs: bool, rng: np.random.Generator) -> np.ndarray:
    """Return the four numbers given one draw of all inputs."""
    problem = case.problem
    s = problem.test_covariance.variances

    def rows(n: int) -> np.ndarray:
        return (rng.choice([-1.0, 1.0], (n, len(s))) if signs else rng.standard_normal((n, len(s)))) * np.sqrt(s)

    given = lg.Problem.from_inputs(rows(problem.n_samples), label_noise=problem.label_noise, test_cov=np.diag(s))
    settings = {"problem": changed(given, outputs=problem.outputs, truth=problem.truth)}
    if isinstance(case.transfer, lg.FreshInputs):
        settings["transfer"] = lg.Moments.from_data(rows(case.transfer.n_samples), center=False)
    for name in ("teacher_bottleneck", "bottleneck"):
        sight = getattr(case, name)
        if isinstance(sight, lg.Selected):
            settings[name] = lg.Subspace(np.eye(len(s))[:, list(sight.directions)])
    one = case.replace(**settings, floor=0.0, teacher_floor=0.0)
    gaps, risks = one.gaps(), one.excess_risk()
    return np.array([gaps.teacher, gaps.student, risks.teacher, risks.student])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=40)
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    start, table = time.perf_counter(), []
    for number in range(told.designs):
        rng = np.random.default_rng([told.seed, number])
        case = random_case(rng)
        gaps, risks = case.gaps(), case.excess_risk()
        ours = np.array([gaps.teacher, gaps.student, risks.teacher, risks.student])
        values = np.array([drawn(case, bool(number % 2), rng) for _ in range(told.trials)])
        mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(told.trials)
        losses = mean[2:] + case.problem.outputs * case.problem.label_noise**2
        scale = np.concatenate([losses, mean[2:]])
        rough = 1.0 / (case.problem.n_samples * regular(case))
        table.append((np.abs(ours - mean) / scale, error / scale, np.full(4, rough)))
    off, error, rough = (np.array(column) for column in zip(*table, strict=True))
    near = off <= np.maximum(CLOSE, 4 * error)
    expected = off <= np.maximum(np.maximum(CLOSE, rough), 4 * error)
    print(f"{told.designs} designs, {told.trials} draws each, {time.perf_counter() - start:.0f} s")
    print(f"{'':24}{'median':>9}{'largest':>9}{'s.e.':>8}{'≤ 3 %, 4 s.e.':>15}{'or 1/(n(1−γ))':>15}")
    for number, name in enumerate(NUMBERS):
        print(
            f"{name:24}{np.median(off[:, number]):9.2%}{off[:, number].max():9.2%}{np.median(error[:, number]):8.2%}"
            f"{near[:, number].sum():15d}{expected[:, number].sum():15d}"
        )


if __name__ == "__main__":
    main()
