"""Torch models with some layers of low rank: made, and compared with the original."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lingauss import extras
from lingauss.errors import EmptyDataError, ModelError
from lingauss.layers.calibration import Estimate
from lingauss.layers.layer import Layer
from lingauss.layers.ledger import Factors
from lingauss.layers.networks import Map, logits_of, maps_of, numbers
from lingauss.validation import Array


class Compression:
    """A model, and the layers in it that may be replaced.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode.
    layers : mapping of module name to Layer
        As measured on this model.

    Raises
    ------
    ModelError
        If the model does not have these layers.
    UnknownNameError, MissingDependencyError
    """

    def __init__(self, model: Any, layers: Mapping[str, Layer]) -> None:
        self.model = model
        self.maps: dict[str, Map] = maps_of(model, layers)
        for name, layer in layers.items():
            found = self.maps[name].weight.shape
            expected = (len(layer.weight), *layer.kernel) if layer.kernel else layer.weight.shape
            if found != expected:
                raise ModelError(f"{name} with a weight of shape {expected}", f"shape {found}", "Use the same model.")

    def apply(self, factors: Mapping[str, Factors | None]) -> Any:
        """Return a copy of the model with thin layers; None leaves a layer as it is."""
        thin = {name: self.maps[name].thin(found) for name, found in factors.items() if found is not None}
        if "" in thin:  # the model is the layer
            return thin[""]
        replaced = copy.deepcopy(self.model)
        for name, module in thin.items():
            parent, _, own = name.rpartition(".")
            setattr(replaced.get_submodule(parent), own, module)
        return replaced

    def reference(self, batches: Iterable[Any]) -> Reference:
        """Return the original's answers to some batches, which other models are measured against."""
        return Reference(self, batches)


class Reference:
    """Class laws of the original model.

    Parameters
    ----------
    compression : Compression
    batches : iterable
        Kept, and passed through the model once more for every divergence.

    Raises
    ------
    EmptyDataError
        If there are none.
    """

    def __init__(self, compression: Compression, batches: Iterable[Any]) -> None:
        self._compression = compression
        self._batches = list(batches)
        if not self._batches:
            raise EmptyDataError("at least one batch", "none", "Pass inputs that the factors were not measured on.")
        self._laws = self._log_laws(compression.model)

    def divergence(self, factors: Mapping[str, Factors | None]) -> Estimate:
        """Return the mean over rows of KL(original ‖ replaced), summed over the positions of a row."""
        others = self._log_laws(self._compression.apply(factors))
        rows = [
            np.sum(np.exp(law) * (law - other), axis=tuple(range(1, law.ndim)))
            for law, other in zip(self._laws, others, strict=True)
        ]
        return Estimate.of_rows(np.concatenate(rows))

    def _log_laws(self, model: Any) -> list[Array]:
        torch = extras.torch()
        with torch.no_grad():
            return [numbers(torch.log_softmax(logits_of(model, batch).double(), dim=-1)) for batch in self._batches]
