"""Layers of trained nets: what was predicted beside what is measured, with every baseline.

Trains two nets, measures their layers on rows held out, compresses single layers and whole nets by every method of
``compressions.py``, and measures the mean KL divergence from the original on other rows. Needs the extras ``layers``
and ``data``.

    python benchmarks/real_students.py                      # one seed, about three minutes on one core
    python benchmarks/real_students.py --seeds 3
    python benchmarks/real_students.py --store notebooks/real-students
"""

from __future__ import annotations

import argparse
import copy
import itertools
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from compressions import METHODS, SIDES, input_side, kfac, plain_svd, pruned, tempered, whitened_centred
from real_nets import CONTEXT, Trained, character_model, conv_net
from scipy.stats import spearmanr
from torch import nn

from lingauss.errors import DomainError, FewInputsWarning, SaturatedTeacherWarning
from lingauss.layers import Layer, allocate, measure, save_factors, sweep

SHARES = (0.125, 0.25, 0.5, 0.75)  # of the full rank, at which single layers are measured
KEEP = {"conv": (0.25, 0.4, 0.6), "characters": (0.4, 0.6, 0.8)}


class Bench:
    """A net's divergences on its test rows when some weights are replaced."""

    def __init__(self, net: Trained) -> None:
        self.net, self.model = net, copy.deepcopy(net.model)
        self.law = self._log_law()

    @torch.no_grad()
    def _log_law(self) -> np.ndarray:
        return torch.log_softmax(self.model(self.net.test_rows).double(), -1).numpy()

    def divergence(self, weights: Mapping[str, tuple]) -> float:
        kept = copy.deepcopy(self.model.state_dict())
        with torch.no_grad():
            for name, (weight, bias) in weights.items():
                module = self.model.get_submodule(name)
                module.weight.copy_(torch.tensor(np.array(weight)).reshape(module.weight.shape))
                if bias is not None:
                    module.bias.copy_(torch.tensor(np.array(bias)))
        other = self._log_law()
        self.model.load_state_dict(kept)
        return float(np.mean(np.sum(np.exp(self.law) * (self.law - other), axis=tuple(range(1, other.ndim)))))


def compressible(net: Trained) -> list[str]:
    kinds = nn.Linear | nn.Conv2d
    return [name for name, module in net.model.named_modules() if isinstance(module, kinds)]


def ranks_of(layer: Layer) -> list[int]:
    return sorted({max(1, round(share * layer.full_rank)) for share in SHARES})


def factors(net: Trained, rows: torch.Tensor, temperature: float) -> dict[str, Layer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (SaturatedTeacherWarning, FewInputsWarning))
        return measure(net.model, rows.split(50), compressible(net), temperature, draws=4)


def single_layers(net: Trained, bench: Bench, cold: Mapping[str, Layer], hot: Mapping[str, Layer]) -> pd.DataFrame:
    """One row per layer, rank and method."""
    found = []
    for name, layer in cold.items():
        for rank in ranks_of(layer):
            for method, factor in METHODS.items():
                if factor is pruned and rank * sum(layer.weight.shape) >= layer.weight.size:
                    continue  # as many weights as there are: nothing to prune
                measured = bench.divergence({name: factor(layer, hot[name], rank)})
                found.append((name, rank, method, layer.costs[rank], measured))
    return pd.DataFrame(found, columns=["layer", "rank", "method", "cost", "measured"])


def report_single(net: Trained, table: pd.DataFrame, per_row: float, full: Mapping[str, int]) -> None:
    wide = table.pivot(index=["layer", "rank", "cost"], columns="method", values="measured").reset_index()
    own = wide["K"]
    live = own > 1e-6 * per_row
    print(f"\nSingle layers of {net.name}, {len(wide)} cells: KL relative to K, geometric mean; share of cells K wins")
    for method in METHODS:
        ratio = (wide[method] / own)[live]
        wins, middle = np.mean(ratio.dropna() >= 1), ratio[(own[live] > 0.003 * per_row) & (own[live] < per_row)]
        print(
            f"  {method:34s}{np.exp(np.log(ratio).mean()):8.2f}"
            f"   mid-range {np.exp(np.log(middle).mean()) if len(middle) else np.nan:8.2f}   {wins:5.2f}"
        )
    sizes = wide["layer"].map(full)
    for share in SHARES:
        cell = live & np.isclose(wide["rank"] / sizes, share, atol=0.06)
        ratios = (f"{np.exp(np.log((wide[name] / own)[cell]).mean()):.2f} {name}" for name in METHODS if name in SIDES)
        print(f"  at {share:.0%} of full rank, median KL {np.median(own[cell]):.3g}: {', '.join(ratios)}")
    print(f"  Spearman of cost and KL over layers and ranks: {spearmanr(wide['cost'], own)[0]:.3f}")
    for low, high in ((0, 0.003), (0.003, 0.03), (0.03, 0.3), (0.3, np.inf)):
        cell = live & (own > low * per_row) & (own <= high * per_row)
        if cell.any():
            ratio = (own / wide["cost"])[cell]
            print(
                f"  measured/cost where KL is {low:g} to {high:g}: median {np.median(ratio):.2f} ({cell.sum()} cells)"
            )


def report_training_rows(net: Trained, bench: Bench, cold: Mapping[str, Layer]) -> None:
    """Factors from training rows instead of rows held out."""
    trained = factors(net, net.training[: len(net.factor_rows)], 1.0)
    ratios = []
    for name, layer in cold.items():
        rank = ranks_of(layer)[0]
        found = layer.factors(rank)
        measured = bench.divergence({name: (found.weight, found.bias)})
        ratios.append((measured / layer.costs[rank], measured / trained[name].costs[rank]))
    held, seen = np.median(ratios, axis=0)
    print(f"  measured/cost at the smallest ranks: {held:.2f} with rows held out, {seen:.2f} with training rows")


# All layers


def uniform(layers: Mapping[str, Layer], keep: float) -> dict[str, int]:
    ranks = {}
    for name, layer in layers.items():
        k, d = layer.weight.shape
        ranks[name] = max(1, int(keep * k * d / (k + d)))
    return ranks


def plan_of(
    layers: Mapping[str, Layer], keep: float, scale: Mapping[str, float] | None = None
) -> dict[str, int | None]:
    """Greedy ranks on costs, divided by a scale for every layer."""
    if scale is None:
        return allocate(layers, keep).ranks
    scaled = {
        name: Layer(
            layer.weight, layer.inputs, layer.output_factor / scale[name], layer.bias, layer.rows, layer.damping
        )
        for name, layer in layers.items()
    }
    return allocate(scaled, keep).ranks


def plans(net: Trained, cold: Mapping[str, Layer], hot: Mapping[str, Layer], keep: float) -> Iterator[tuple]:
    """Name, ranks and method of factors for every way to spend the budget."""
    sided = {name: input_side(layer) for name, layer in cold.items()}
    relative = plan_of(sided, keep, {name: layer.costs[0] for name, layer in sided.items()})
    plain = {
        name: Layer.from_factors(layer.weight, np.eye(layer.weight.shape[1]), np.eye(len(layer.weight)), count=10**6)
        for name, layer in cold.items()
    }
    yield "greedy on K, factors K", plan_of(cold, keep), kfac
    yield "greedy on K at T = 3, its factors", plan_of(hot, keep), tempered
    yield "greedy on relative input cost, whitened-centred", relative, whitened_centred
    yield "greedy on relative input cost, plain SVD", relative, plain_svd
    yield "greedy on singular values, plain SVD", plan_of(plain, keep), plain_svd
    yield "uniform share, whitened-centred", uniform(cold, keep), whitened_centred


def report_plans(net: Trained, bench: Bench, cold: Mapping[str, Layer], hot: Mapping[str, Layer]) -> None:
    print(f"\nAll layers of {net.name}: KL in nats per row")
    for keep in KEEP[net.name]:
        print(f"  {keep:.0%} of weights kept")
        for name, ranks, method in plans(net, cold, hot, keep):
            weights = {
                layer: method(cold[layer], hot[layer], rank) for layer, rank in ranks.items() if rank is not None
            }
            print(f"    {name:50s}{bench.divergence(weights):10.4g}")


def plans_by_size(net: Trained, bench: Bench, layers: Mapping[str, Layer], keep: Sequence[float]) -> pd.DataFrame:
    """Predicted and measured losses on half the rows of the factors, and those on test rows."""
    half = len(net.factor_rows) // 2
    possible = [share for share in keep if not refused(layers, share)]
    table = sweep(layers, possible, model=net.model, batches=net.factor_rows[:half].split(50)).to_dataframe()
    test = []
    for share in possible:
        plan = allocate(layers, share)
        thin = {name: plan.factors(name) for name in plan.layers}
        test.append(bench.divergence({name: (found.weight, found.bias) for name, found in thin.items() if found}))
    return table.assign(test=test).reset_index()


def refused(layers: Mapping[str, Layer], keep: float) -> bool:
    try:
        allocate(layers, keep)
    except DomainError:  # not even rank 1 everywhere
        return True
    return False


def report_calibration(net: Trained, table: pd.DataFrame) -> None:
    print(f"\nPlans of {net.name}: three ranks per layer measured on rows of the factors, then other rows")
    for row in table.itertuples():
        print(
            f"  {row.keep:.0%}: cost {row.cost:.4g}, predicted {row.predicted:.4g} ± {row.predicted_error:.2g}, "
            f"measured {row.measured:.4g} ± {row.measured_error:.2g}; test rows {row.test:.4g}"
        )


def store(folder: Path, net: Trained, single: pd.DataFrame, plans: pd.DataFrame, layers: Mapping[str, Layer]) -> None:
    """Write what notebook 07 reads: factors, and what was measured of single layers and plans."""
    folder.mkdir(parents=True, exist_ok=True)
    save_factors(folder / f"{net.name}.npz", layers)
    single.to_csv(folder / f"{net.name}-layers.csv", index=False, float_format="%.6g")
    plans.to_csv(folder / f"{net.name}-plans.csv", index=False, float_format="%.6g")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--nets", nargs="*", default=["conv", "characters"], choices=["conv", "characters"])
    parser.add_argument("--store", type=Path, help="folder for the files of notebook 07, from the first seed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    makers = {"conv": conv_net, "characters": character_model}
    for seed, name in itertools.product(range(options.seeds), options.nets):
        start = time.perf_counter()
        net = makers[name](seed)
        cold, hot = (factors(net, net.factor_rows, temperature) for temperature in (1.0, 3.0))
        with torch.no_grad():
            sure = float(net.model(net.factor_rows).softmax(-1).amax(-1).mean())
        print(f"\n=== {name}, seed {seed}: {net.quality}, mean largest probability {sure:.3f}")
        bench = Bench(net)
        table = single_layers(net, bench, cold, hot)
        full = {name: layer.full_rank for name, layer in cold.items()}
        report_single(net, table, 1.0 if name == "conv" else CONTEXT, full)
        report_training_rows(net, bench, cold)
        report_plans(net, bench, cold, hot)
        chosen = hot if sure > 0.9 else cold
        sizes = plans_by_size(net, bench, chosen, np.round(np.arange(0.2, 1.0, 0.1), 1))
        report_calibration(net, sizes)
        if options.store and seed == 0:
            store(options.store, net, table, sizes, chosen)
        print(f"  {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
