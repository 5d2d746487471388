"""Speed of the sweep kernel over rank × noise × temperature, as ratios to one ``np.log`` over as many cells.

Two floors are timed beside it: filling the result with a constant, and writing one sum of a column and a row into every
rank's plane, which is all that is left of a separable sweep once its parameters are known.

Where torch is installed, what users would write with it is timed as well: the diagonal form as vectorised tensors, and
the dense form as one ``torch.distributions`` divergence, scaled up to all designs.
"""

from __future__ import annotations

import tracemalloc

import numpy as np
from timing import medians

import lingauss as lg
from lingauss.sweep.evaluation import sweep_arrays
from lingauss.sweep.labelled import checked_axes
from lingauss.threads import cores, cut, in_threads

SIZES = ((64, 50, 50), (512, 100, 100))
RUNS = 15
FOUR = ("divergence", "bias", "variance", "rank_bottleneck")
GOALS = {"default": 0.5, "fixed floor and noise": 5.0}


def designs(features: int) -> dict[str, lg.Distillation]:
    spectrum = np.sort(10 ** np.random.default_rng(0).uniform(-1, 3, features))[::-1]
    problem = lg.Problem.from_spectrum(spectrum, np.ones(features), n_samples=1000, label_noise=1.0, outputs=10)
    default = lg.Distillation(problem, lg.Ridge(2.0), lg.Ridge(3.0, 0.25), lg.Principal(1), draws=8)
    teacher, student = lg.Ridge(2.0, noise=1.0), lg.Ridge(3.0, 0.25, noise=1.0)
    return {"default": default, "fixed floor and noise": default.replace(teacher=teacher, student=student, floor=0.3)}


def peak_memory(case: lg.Distillation, axes: dict[str, np.ndarray]) -> float:
    """Return peak memory of a divergence-only sweep over the size of its result."""
    tracemalloc.start()
    result = sweep_arrays(case, axes, ("divergence",))["divergence"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / result.nbytes


def report(name: str, case: lg.Distillation, shape: tuple[int, int, int]) -> None:
    ranks, noises, temperatures = shape
    axes = checked_axes(
        case,
        {
            "student_rank": range(1, ranks + 1),
            "label_noise": np.geomspace(0.1, 3.0, noises),
            "temperature": np.linspace(0.0, 5.0, temperatures),
        },
    )
    rng, out = np.random.default_rng(1), np.empty(shape)
    cells = rng.uniform(0.5, 2.0, shape)
    left, right = rng.random((ranks, noises, 2)), rng.random((ranks, 2, temperatures))

    def outer_sums(rows: slice) -> None:
        np.matmul(left[rows], right[rows], out=out[rows])

    times = medians(
        {
            "np.log": lambda: np.log(cells, out=out),
            "fill": lambda: out.fill(1.0),
            "outer sums": lambda: outer_sums(slice(None)),
            "outer sums on all cores": lambda: in_threads(outer_sums, cut(ranks, cores())),
            "core": lambda: sweep_arrays(case, axes, ("divergence",), {"divergence": out}),
            "allocating": lambda: sweep_arrays(case, axes, ("divergence",)),
            "four": lambda: sweep_arrays(case, axes, FOUR),
            "xarray": lambda: case.sweep(**axes),
        },
        RUNS,
    )
    print(
        f"  {name:<22} core {1e3 * times['core']:8.2f} ms = {times['core'] / times['np.log']:5.2f} × np.log "
        f"(goal {GOALS[name]}); four quantities {times['four'] / times['allocating']:4.2f} × one (goal 2); "
        f"xarray {times['xarray'] / times['allocating']:4.2f} × core (goal 1.5); "
        f"peak memory {peak_memory(case, axes):4.2f} × result (goal 1.2)"
    )
    floors = (f"{name} {times[name] / times['np.log']:.2f}" for name in times if name.startswith(("fill", "outer")))
    print(f"  {'':<22} floors, × np.log: {', '.join(floors)}")


def main() -> None:
    for shape in SIZES:
        print(f"{' × '.join(map(str, shape))} = {np.prod(shape):,} divergences (medians of {RUNS})")
        cases = designs(shape[0])
        for name, case in cases.items():
            report(name, case, shape)
        compare_with_torch(cases["default"], shape)


def compare_with_torch(case: lg.Distillation, shape: tuple[int, int, int]) -> None:
    try:
        import torch
    except ImportError:
        print("  torch is not installed: no comparison with it (pip install torch==2.13.0)")
        return
    ranks, noises, temperatures = shape
    d = case.directions
    teacher = torch.tensor(np.broadcast_to(d.sides.teacher_variance, d.s.shape).copy())
    own, share, s = (
        torch.tensor(np.broadcast_to(part, d.s.shape).copy()) for part in (d.sides.own_variance, d.mixing_share, d.s)
    )
    floor = torch.tensor(np.broadcast_to(d.sides.floor_variance, d.s.shape).copy())
    noise, tau = torch.linspace(0.1, 3.0, noises).double(), torch.linspace(0.0, 5.0, temperatures).double()

    def diagonal() -> None:
        student = own[:, None, None] + share[:, None, None] * (s * teacher)[:, None, None] + share[:, None, None] * tau
        student = student.expand(len(s), noises, temperatures)
        kept = student / teacher[:, None, None]
        dropped = (floor / teacher)[:, None, None].expand_as(kept)
        kept, dropped = kept - 1 - kept.log(), dropped - 1 - dropped.log()
        mean = torch.tensor(np.square(d.offset) / d.sides.teacher_variance)[:, None, None] / noise[:, None] ** 2
        (kept + mean).cumsum(0) + dropped.flip(0).cumsum(0).flip(0)

    def dense_once() -> None:
        law = torch.distributions.MultivariateNormal
        zero = torch.zeros(len(s), dtype=torch.float64)
        first = law(zero, torch.diag(own + share * (s * teacher + 1.0)))
        torch.distributions.kl_divergence(first, law(zero, torch.diag(teacher)))

    runs = {
        "lingauss": lambda: case.sweep(
            student_rank=range(1, ranks + 1), label_noise=noise.numpy(), temperature=tau.numpy()
        ),
        "diagonal torch": diagonal,
        "dense torch, one design": dense_once,
    }
    times = medians(runs, 5)
    print(f"  diagonal torch {times['diagonal torch'] / times['lingauss']:.1f} × lingauss", end="; ")
    everything = times["dense torch, one design"] * ranks * noises * temperatures
    print(f"dense torch {everything / times['lingauss']:,.0f} × lingauss (one design × all, {everything:.0f} s)")


if __name__ == "__main__":
    main()
