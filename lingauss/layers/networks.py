"""The maps inside a torch model that are layers: their inputs and gradients as rows, and their thin replacements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lingauss import extras
from lingauss.errors import ModelError
from lingauss.layers.ledger import Factors
from lingauss.validation import Array
from lingauss.vocabulary import as_names


class Map(ABC):
    """A module that multiplies by one weight at every position of its input.

    Parameters
    ----------
    name : str
        Of the module in its model.
    module : torch.nn.Module
    """

    def __init__(self, name: str, module: Any) -> None:
        self.name = name
        self.module = module

    @property
    def weight(self) -> Array:
        """(k, d), or (k, channels, ...) of a convolution."""
        return numbers(self.module.weight)

    @property
    def bias(self) -> Array | None:
        """(k,)."""
        bias = getattr(self.module, "bias", None)
        return None if bias is None else numbers(bias)

    @abstractmethod
    def rows(self, inputs: Any) -> Any:
        """Return the inputs of all positions, (positions, d); of a table the tokens, (positions,)."""

    @abstractmethod
    def gradients(self, gradient: Any) -> Any:
        """Return the output gradients of all positions, (positions, k)."""

    @abstractmethod
    def thin(self, factors: Factors) -> Any:
        """Return the module of low rank that takes this one's place."""


class Linear(Map):
    """``nn.Linear``; all but the last axis are positions."""

    def rows(self, inputs: Any) -> Any:
        """Return (positions, d)."""
        return inputs.reshape(-1, inputs.shape[-1])

    def gradients(self, gradient: Any) -> Any:
        """Return (positions, k)."""
        return gradient.reshape(-1, gradient.shape[-1])

    def thin(self, factors: Factors) -> Any:
        """Return two linear layers."""
        nn = extras.torch().nn
        (k, r), d = factors.left.shape, factors.right.shape[1]
        return self._filled(nn.Linear(d, r, bias=False), nn.Linear(r, k, bias=factors.bias is not None), factors)

    def _filled(self, first: Any, second: Any, factors: Factors) -> Any:
        torch = extras.torch()
        first, second = (part.to(self.module.weight) for part in (first, second))
        with torch.no_grad():
            for target, values in (
                (first.weight, factors.right),
                (second.weight, factors.left),
                (getattr(second, "bias", None), factors.bias),
            ):
                if target is not None:
                    target.copy_(torch.as_tensor(np.array(values)).reshape(target.shape))
        return torch.nn.Sequential(first, second).eval()


class Convolution(Linear):
    """``nn.Conv1d`` or ``nn.Conv2d`` without groups; every place of the kernel is a position."""

    def rows(self, inputs: Any) -> Any:
        """Return unfolded patches (positions, d), channels first as in the weight."""
        module, functional = self.module, extras.torch().nn.functional
        mode = "constant" if module.padding_mode == "zeros" else module.padding_mode
        padded = functional.pad(inputs, self._padding(), mode=mode)
        flat = len(module.kernel_size) == 1  # unfold knows images only
        patches = functional.unfold(
            padded.unsqueeze(-2) if flat else padded,
            (1, *module.kernel_size) if flat else module.kernel_size,
            dilation=(1, *module.dilation) if flat else module.dilation,
            stride=(1, *module.stride) if flat else module.stride,
        )
        return patches.transpose(1, 2).reshape(-1, patches.shape[1])

    def _padding(self) -> list[int]:
        """Return what is padded before and after, last axis first, as torch's own 'same' splits it."""
        module = self.module
        if module.padding == "same":
            total = [step * (size - 1) for step, size in zip(module.dilation, module.kernel_size, strict=True)]
            sides = [(whole // 2, whole - whole // 2) for whole in total]
        else:
            sizes = (0,) * len(module.kernel_size) if module.padding == "valid" else module.padding
            sides = [(size, size) for size in sizes]
        return [side for pair in reversed(sides) for side in pair]

    def gradients(self, gradient: Any) -> Any:
        """Return (positions, k)."""
        return gradient.flatten(2).transpose(1, 2).reshape(-1, gradient.shape[1])

    def thin(self, factors: Factors) -> Any:
        """Return a convolution with r channels, then one of size 1."""
        module = self.module
        k, r = factors.left.shape
        first = type(module)(
            module.in_channels,
            r,
            module.kernel_size,
            stride=module.stride,
            padding=module.padding,
            dilation=module.dilation,
            padding_mode=module.padding_mode,
            bias=False,
        )
        return self._filled(first, type(module)(r, k, 1, bias=factors.bias is not None), factors)


class Table(Linear):
    """``nn.Embedding``: its weight is the transposed table, its inputs are one-hot."""

    @property
    def weight(self) -> Array:
        """(width, tokens)."""
        return super().weight.T

    def rows(self, inputs: Any) -> Any:
        """Return the tokens (positions,)."""
        return inputs.reshape(-1)

    def thin(self, factors: Factors) -> Any:
        """Return a narrow embedding, then a linear layer."""
        nn = extras.torch().nn
        (k, r), d = factors.left.shape, factors.right.shape[1]
        narrow = nn.Embedding(d, r, padding_idx=self.module.padding_idx)
        transposed = factors._replace(right=factors.right.T)
        return self._filled(narrow, nn.Linear(r, k, bias=False), transposed)


def maps_of(model: Any, names: Iterable[str] | None = None) -> dict[str, Map]:
    """Return the layers of a model by module name.

    Parameters
    ----------
    model : torch.nn.Module
    names : iterable of str, optional
        Default: every linear layer, one- or two-dimensional convolution and embedding.

    Raises
    ------
    ModelError
        For a module that cannot be a layer by itself, and a model in training mode.
    UnknownNameError, MissingDependencyError
    """
    nn = extras.torch().nn
    kinds: dict[Any, type[Map]] = {
        nn.Linear: Linear, nn.Conv1d: Convolution, nn.Conv2d: Convolution, nn.Embedding: Table
    }  # fmt: skip
    training = [name or "the model" for name, module in model.named_modules() if module.training]
    if training:
        raise ModelError("a model in evaluation mode", f"{training[0]} in training mode", "Call model.eval() first.")
    modules = dict(model.named_modules(remove_duplicate=False))
    known = {name: kinds[kind] for name, module in modules.items() for kind in kinds if isinstance(module, kind)}
    chosen = as_names(names, "a layer", known) if names is not None else tuple(known)
    if not chosen:
        raise ModelError("at least one linear layer, convolution or embedding", "none", "Check the model and names.")
    holders: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        holders.setdefault(parameter.data_ptr(), []).append(name)
    for name in chosen:
        module = modules[name]
        tied = [other for other in holders[module.weight.data_ptr()] if other != f"{name}.weight".lstrip(".")]
        if tied:
            raise ModelError(
                f"a weight of its own in {name}",
                f"one tied to {tied[0]}",
                "Costs of tied layers do not add up: untie them, or leave both out through names.",
            )
        if getattr(module, "groups", 1) != 1:
            raise ModelError(
                f"one group in convolution {name}", f"{module.groups}", "Leave grouped convolutions out through names."
            )
    return {name: known[name](name, modules[name]) for name in chosen}


def numbers(tensor: Any) -> Array:
    """Return a tensor as a float64 array of its own."""
    return np.array(tensor.detach().cpu().double().numpy())


def logits_of(model: Any, batch: Any) -> Any:
    """Return the logits of a batch, (rows, ..., classes).

    Parameters
    ----------
    model : torch.nn.Module
        Returns logits, or an object that has them as ``logits``.
    batch
        Inputs; a tuple or list whose first item they are, labels after it being ignored; or a mapping of keyword
        arguments.

    Raises
    ------
    ModelError
    """
    if isinstance(batch, Mapping):
        found = model(**batch)
    else:
        found = model(batch[0] if isinstance(batch, tuple | list) else batch)
    logits = getattr(found, "logits", found)
    if not extras.torch().is_tensor(logits) or logits.ndim < 2 or logits.shape[-1] < 2:
        shape = tuple(getattr(logits, "shape", ())) or type(logits).__name__
        raise ModelError("logits (rows, ..., classes)", f"{shape}", "Wrap the model so that it returns them.")
    return logits
