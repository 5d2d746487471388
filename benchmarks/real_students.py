"""Layers of trained nets and softmax distillation: what was predicted beside what is measured, with every baseline.

Trains a convolutional net on the bundled digits and a causal character model on Python's own help topics, measures
their layers on rows held out, compresses single layers and whole nets by every method below, and measures the mean KL
divergence from the original on other rows. Then trains linear students by Hinton's loss beside the closed form.
Needs the extras ``layers`` and ``data``.

    python benchmarks/real_students.py                      # one seed, about three minutes on one core
    python benchmarks/real_students.py --seeds 3
    python benchmarks/real_students.py --store notebooks/real-students
"""

from __future__ import annotations

import argparse
import copy
import itertools
import pydoc_data.topics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from scipy.stats import spearmanr
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from torch import nn

import lingauss as lg
from lingauss.errors import DomainError, FewInputsWarning, SaturatedTeacherWarning
from lingauss.layers import Layer, allocate, measure, save_factors, sweep
from lingauss.softmax import student

CONTEXT, WIDTH, HIDDEN, HEADS = 64, 48, 192, 4
SHARES = (0.125, 0.25, 0.5, 0.75)  # of the full rank, at which single layers are measured
KEEP = {"conv": (0.25, 0.4, 0.6), "characters": (0.4, 0.6, 0.8)}


# Nets


class Block(nn.Module):
    """Causal self-attention and an MLP, each with its residual."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)
        self.first, self.second = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows, length, _ = x.shape
        a = self.first(x)
        q, k, v = (part(a).view(rows, length, HEADS, -1).transpose(1, 2) for part in (self.q, self.k, self.v))
        mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(mixed.transpose(1, 2).reshape(x.shape))
        return x + self.down(nn.functional.gelu(self.up(self.second(x))))


class Characters(nn.Module):
    """A law of the next character at every position."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, WIDTH), nn.Parameter(0.02 * torch.randn(CONTEXT, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(2))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, vocabulary)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tokens(tokens) + self.places
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


@dataclass
class Trained:
    """A net, what it was trained on, rows for factors and rows for measuring."""

    name: str
    model: nn.Module
    training: torch.Tensor
    factor_rows: torch.Tensor
    test_rows: torch.Tensor
    quality: str


def conv_net(seed: int) -> Trained:
    torch.manual_seed(seed)
    images, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(images))
    X = torch.tensor(images[order].reshape(-1, 1, 8, 8) / 16.0, dtype=torch.float32)
    y = torch.tensor(classes[order])
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 24, 3, padding=1, stride=2),
        nn.ReLU(),
        nn.Conv2d(24, 24, 3, padding=1, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(96, 10),
    )
    train(model, lambda g: (X[index := torch.randint(0, 900, (64,), generator=g)], y[index]), steps=1200, seed=seed)
    with torch.no_grad():
        right = (model(X[900:]).argmax(1) == y[900:]).double().mean()
    return Trained("conv", model, X[:900], X[900:1350], X[1350:], f"accuracy {right:.3f} on rows held out")


def character_model(seed: int) -> Trained:
    torch.manual_seed(seed)
    text = "\n".join(topic for _, topic in sorted(pydoc_data.topics.topics.items()))
    known = sorted(set(text))
    tokens = torch.tensor([known.index(letter) for letter in text])
    cut = int(0.9 * len(tokens))

    def windows(start: int, stop: int, count: int, generator: torch.Generator) -> torch.Tensor:
        at = torch.randint(start, stop - CONTEXT - 1, (count,), generator=generator)
        return tokens[at[:, None] + torch.arange(CONTEXT + 1)]

    def batch(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        rows = windows(0, cut, 32, generator)
        return rows[:, :-1], rows[:, 1:]

    model = Characters(len(known))
    train(model, batch, steps=400, seed=seed)  # far from interpolating
    generator = torch.Generator().manual_seed(seed)
    held = windows(cut, len(tokens), 320, generator)
    with torch.no_grad():
        logits = model(held[:, :-1])
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), held[:, 1:])
    training = windows(0, cut, 160, generator)[:, :-1]
    return Trained("characters", model, training, held[:160, :-1], held[160:, :-1], f"{loss:.2f} nats per character")


def train(model: nn.Module, batch: Callable[[torch.Generator], tuple], *, steps: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    for _ in range(steps):
        inputs, classes = batch(generator)
        logits = model(inputs)
        optimiser.zero_grad()
        nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), classes.reshape(-1)).backward()
        optimiser.step()
        schedule.step()
    model.eval()


# Compressing a layer


def second_moment(layer: Layer) -> np.ndarray:
    mean = layer.inputs.input_mean
    return layer.inputs.gram / layer.count + np.outer(mean, mean)


def uncentred(layer: Layer, factor: np.ndarray) -> Layer:
    return Layer.from_factors(
        layer.weight, second_moment(layer), factor, count=layer.count, rows=layer.rows, damping=layer.damping
    )


def truncated(weight: np.ndarray, rank: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Best weight of a rank under diagonal weights of outputs and inputs."""
    P, values, V = np.linalg.svd(left[:, None] * weight * right, full_matrices=False)
    return (P[:, :rank] * values[:rank]) @ V[:rank] / left[:, None] / right


def plain_svd(layer: Layer, hot: Layer, rank: int) -> tuple:
    k, d = layer.weight.shape
    return truncated(layer.weight, rank, np.ones(k), np.ones(d)), layer.bias


def refitted_svd(layer: Layer, hot: Layer, rank: int) -> tuple:
    found = layer.refit(plain_svd(layer, hot, rank)[0])
    return found.weight, found.bias


def asvd(layer: Layer, hot: Layer, rank: int) -> tuple:
    scale = np.sqrt(second_moment(layer).diagonal())
    return truncated(layer.weight, rank, np.ones(len(layer.weight)), scale + 1e-3 * scale.max()), layer.bias


def fwsvd(layer: Layer, hot: Layer, rank: int) -> tuple:
    scale = np.sqrt(layer.output_factor.diagonal())
    return truncated(layer.weight, rank, scale + 1e-3 * scale.max(), np.ones(layer.weight.shape[1])), layer.bias


def whitened(layer: Layer, hot: Layer, rank: int) -> tuple:
    return uncentred(layer, np.eye(len(layer.weight))).factors(rank).weight, layer.bias


def whitened_centred(layer: Layer, hot: Layer, rank: int) -> tuple:
    found = input_side(layer).factors(rank)
    return found.weight, found.bias


def input_side(layer: Layer) -> Layer:
    k = len(layer.weight)
    return Layer(layer.weight, layer.inputs, np.eye(k), layer.bias, layer.rows, layer.damping)


def kfac_uncentred(layer: Layer, hot: Layer, rank: int) -> tuple:
    return uncentred(layer, layer.output_factor).factors(rank).weight, layer.bias


def kfac(layer: Layer, hot: Layer, rank: int) -> tuple:
    found = layer.factors(rank)
    return found.weight, found.bias


def tempered(layer: Layer, hot: Layer, rank: int) -> tuple:
    return kfac(hot, hot, rank)


def pruned(layer: Layer, hot: Layer, rank: int) -> tuple:
    kept = rank * sum(layer.weight.shape)
    smallest = np.sort(np.abs(layer.weight), axis=None)[::-1][min(kept, layer.weight.size) - 1]
    return np.where(np.abs(layer.weight) >= smallest, layer.weight, 0.0), layer.bias


METHODS = {
    "plain SVD": plain_svd,
    "plain SVD, left factor refitted": refitted_svd,
    "ASVD (diagonal inputs)": asvd,
    "FWSVD (diagonal outputs)": fwsvd,
    "inputs whitened (SVD-LLM)": whitened,
    "inputs whitened, centred": whitened_centred,
    "K-FAC without centring": kfac_uncentred,
    "K": kfac,
    "K tempered at T = 3": tempered,
    "magnitude pruning": pruned,
}


SIDES = ("plain SVD", "inputs whitened (SVD-LLM)", "inputs whitened, centred")


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


# Softmax distillation


def trained_student(X, y, teacher, temperature, alpha, penalty, U) -> np.ndarray:
    """Minimise Hinton's loss itself."""
    Z, k = X @ U, teacher.shape[1]
    onehot, target = np.eye(k)[y], softmax(teacher / temperature, axis=1)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        W = flat.reshape(k, -1)
        logits = Z @ W.T
        value = -(1 - alpha) * np.sum(onehot * log_softmax(logits, axis=1))
        value -= alpha * temperature**2 * np.sum(target * log_softmax(logits / temperature, axis=1))
        hard, soft = softmax(logits, axis=1) - onehot, softmax(logits / temperature, axis=1) - target
        gradient = ((1 - alpha) * hard + alpha * temperature * soft).T @ Z + penalty * W
        return value + penalty / 2 * np.sum(W**2), gradient.ravel()

    found = minimize(loss, np.zeros(k * Z.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 2000})
    return found.x.reshape(k, -1) @ U.T


def report_softmax(seed: int) -> tuple[list[float], list[float]]:
    """Return trained over closed-form divergence wherever T ≥ 2, and what the chosen setting loses to the best."""
    print("\nSoftmax distillation: 16 settings (T 1, 2, 4, 20; α .5, 1; λ; held-out KL at the teacher)")
    print(
        "  data, rank                    Spearman   trained/closed T=1   T≥2   chosen/best   (4, 1)/best   worst/best"
    )
    off, regret = list[float](), list[float]()
    axes = {"temperature": [1.0, 2.0, 4.0, 20.0], "alpha": [0.5, 1.0], "penalty": [0.3, 3.0]}
    for name, load, directions in (
        ("digits", load_digits, 16),
        ("wine", load_wine, 13),
        ("breast cancer", load_breast_cancer, 20),
    ):
        X, y = load(return_X_y=True)
        X = (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-9)
        X = np.column_stack([X @ np.linalg.svd(X, full_matrices=False)[2][:directions].T, np.ones(len(X))])
        order = np.random.default_rng(seed).permutation(len(X))[:800]
        X, y = X[order], y[order]
        half, k, d = len(X) // 2, y.max() + 1, X.shape[1]
        hard = np.zeros((half, k))
        teacher = trained_student(X[:half], y[:half], hard, 1.0, 0.0, 1.0, np.eye(d))
        logits = X @ teacher.T
        law = log_softmax(logits[half:], axis=1)
        for share in (0.3, 1.0):
            rank = max(1, round(share * d))
            given = student(X[:half], y[:half], logits[:half], bottleneck=lg.Principal(rank))
            found = given.sweep(**axes, held_out=(X[half:], y[half:], logits[half:]))
            predicted = found.results["divergence"].to_numpy().ravel()
            U = np.linalg.eigh(X[:half].T @ X[:half])[1][:, ::-1][:, :rank]
            settings = list(itertools.product(*axes.values()))
            measured = []
            for setting in settings:
                W = trained_student(X[:half], y[:half], logits[:half], *setting, U)
                measured.append(np.mean(np.sum(np.exp(law) * (law - log_softmax(X[half:] @ W.T, axis=1)), axis=1)))
            measured = np.array(measured)
            factor = np.exp(np.abs(np.log(measured / predicted)))
            cold = np.array([setting[0] == 1.0 for setting in settings])
            usual = min(m for m, setting in zip(measured, settings, strict=True) if setting[:2] == (4.0, 1.0))
            best = measured.min()
            off += list(factor[~cold])
            regret.append(measured[predicted.argmin()] / best)
            print(
                f"  {name + f', {rank} of {d}':30s}{spearmanr(predicted, measured)[0]:8.2f}"
                f"{np.median(factor[cold]):18.2f}{np.median(factor[~cold]):9.2f}"
                f"{regret[-1]:12.2f}{usual / best:14.2f}{measured.max() / best:13.2f}"
            )
    return off, regret


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
    off, regret = map(np.concatenate, zip(*map(report_softmax, range(options.seeds)), strict=True))
    print(f"  all: trained/closed where T ≥ 2 {np.median(off):.2f} in the median of {len(off)} students;", end=" ")
    print(f"chosen/best {np.median(regret):.3f} in the median and {max(regret):.2f} at worst of {len(regret)} choices")


if __name__ == "__main__":
    main()
