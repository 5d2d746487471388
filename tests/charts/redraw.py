"""Draws the charts whose images are compared; run as a script, it replaces the images in ``baseline``."""

from pathlib import Path

import lingauss as lg
from lingauss import charts
from lingauss.charts.render import render
from lingauss.sweep.growth import large_sample_costs

BASELINE = Path(__file__).parent / "baseline"
DPI = 120  # at which words can be read


def case():
    """A small design with all three costs and room for a best share, rank and temperature."""
    eigenvalues, signal = [8.0 / i for i in range(1, 17)], [1.0 / i for i in range(1, 17)]
    problem = lg.Problem.from_spectrum(eigenvalues, signal, n_samples=50, label_noise=0.3)
    student = lg.Ridge(0.5, temperature=0.25)
    return lg.Distillation(problem, lg.Ridge(2.0), student, lg.Principal(8), temperature=4.0)


def stack(ax):
    quantities = ("divergence", "bias", "variance", "rank_bottleneck")
    results = case().sweep(student_rank=range(17), quantities=quantities)
    charts.ledger_by_rank(results, ax, best=int(results["divergence"].idxmin()))


def valley(ax):
    shares, penalties = [0.05 * i for i in range(41)], [0.05 * 1.2**i for i in range(31)]
    results = case().replace(rank=16, draws=8).sweep(mixing=shares, student_penalty=penalties)
    charts.lossless_valley(results, ax, family=4.0 / (1.0 + results["mixing"]))


def curves(ax):
    results = case().replace(draws=8).sweep(student_rank=[2, 4, 8, 16], mixing=[-1.0 + 0.05 * i for i in range(61)])
    charts.mixing_curves(results, ax, best=results["divergence"].idxmin("mixing"), limit=0.75)


def samples(ax):
    sizes, quantities = [10 * 3**i for i in range(8)], ("divergence", "bias", "variance", "rank_bottleneck")
    laws = large_sample_costs(case(), sizes)
    charts.sample_size_scaling(case().sweep(n_samples=sizes, quantities=quantities), ax, asymptotes=laws)


def directions(ax):
    charts.ledger_by_direction(case().by_direction(), ax)


DRAWN = {
    "ledger-by-direction": directions,
    "ledger-by-rank": stack,
    "lossless-valley": valley,
    "mixing-curves": curves,
    "sample-size-scaling": samples,
}


def image(name):
    return render(DRAWN[name], ["png"], dpi=DPI)["png"]


if __name__ == "__main__":
    for name in DRAWN:
        (BASELINE / f"{name}.png").write_bytes(image(name))
