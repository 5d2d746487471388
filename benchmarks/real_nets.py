"""Nets to be compressed: a convolutional net on the bundled digits, a causal character model on help topics."""

from __future__ import annotations

import pydoc_data.topics
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

CONTEXT, WIDTH, HIDDEN, HEADS = 64, 48, 192, 4


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
