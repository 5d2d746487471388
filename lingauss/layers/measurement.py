"""Kronecker factors of a torch model's layers, measured with hooks in one pass over batches."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

import numpy as np

from lingauss import extras
from lingauss.algebra.psd import Diagonal
from lingauss.data.moments import Moments
from lingauss.errors import DomainError, EmptyDataError, FewInputsWarning, ModelError, SaturatedTeacherWarning
from lingauss.layers.layer import Layer
from lingauss.layers.networks import Map, Table, logits_of, maps_of, numbers
from lingauss.layers.roots import DAMPING, INPUTS_PER_FEATURE
from lingauss.validation import Array, as_count, as_scalar

SURE = 0.9  # mean largest probability above which a teacher is called saturated
TEMPERED = 3.0  # temperature of the output factor for such teachers


def measure(
    model: Any,
    batches: Iterable[Any],
    names: Iterable[str] | None = None,
    temperature: float | Literal["auto"] = "auto",
    draws: int | None = 1,
    *,
    damping: float = DAMPING,
    seed: int = 0,
) -> dict[str, Layer]:
    """Measure the layers of a classifier: no labels are needed (docs/real-students.md).

    Use rows that the model was not trained on: on training rows of a model that fits them, costs come out many times
    too small.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode; returns logits (rows, classes), or (rows, positions, classes) with one label per position.
    batches : iterable
        Tensors of inputs; tuples or lists that start with them, such as those of a ``DataLoader``; or mappings of
        keyword arguments. Passed over once.
    names : iterable of str, optional
        Module names; default: all linear layers, one- and two-dimensional convolutions and embeddings.
    temperature : float or 'auto'
        T > 0 of the class law whose labels are drawn, softmax(logits/T). 'auto': 1, or 3 for a saturated teacher.
    draws : int or None
        Labels drawn per position. None: all classes, weighted by their probability, without any drawing; for one
        position per row.
    damping : float
        As for :class:`Layer`.
    seed : int
        Of the labels drawn.

    Returns
    -------
    dict of str to Layer
        By module name.

    Raises
    ------
    ModelError
        For a model in training mode, tied weights, grouped convolutions, layers the batches never reach, or outputs
        that are no logits.
    UnknownNameError, DomainError, EmptyDataError, MissingDependencyError

    Warns
    -----
    SaturatedTeacherWarning
        If the mean largest probability exceeds 0.9.
    FewInputsWarning
        If there are fewer than 4 input vectors per feature of a layer.
    """
    torch = extras.torch()
    maps = maps_of(model, names)
    auto = isinstance(temperature, str)
    if auto and temperature != "auto":
        raise DomainError("a temperature above 0, or 'auto'", repr(temperature), "Leave it out.")
    candidates = (1.0, TEMPERED) if auto else (as_scalar(temperature, "temperature", minimum=0.0, strict=True),)
    count = None if draws is None else as_count(draws, "draws", minimum=1)
    generator = torch.Generator().manual_seed(as_count(seed, "seed"))
    share = as_scalar(damping, "damping", minimum=0.0)
    tallies = {name: Tally(found, len(candidates)) for name, found in maps.items()}
    rows = 0
    top: list[Array] = []
    with _probes(maps) as calls, torch.enable_grad():
        for batch in batches:
            calls.clear()
            logits = logits_of(model, batch)
            _check_reached(maps, calls, logits)
            for name, tally in tallies.items():
                tally.add_inputs([call.inputs for call in calls if call.name == name])
            rows += len(logits)
            top.append(numbers(logits.double().softmax(-1).amax(-1)).ravel())
            for number, candidate in enumerate(candidates):
                for vector in _label_gradients(logits, candidate, count, generator):
                    found = torch.autograd.grad(
                        logits, [call.probe for call in calls], vector, retain_graph=True, allow_unused=True
                    )
                    for call, gradient in zip(calls, found, strict=True):
                        if gradient is not None:  # an output that the logits do not depend on
                            tallies[call.name].add_gradient(gradient, number)
    if not rows:
        raise EmptyDataError("at least one batch", "none", "Pass inputs that the model was not trained on.")
    last = {call.name for call in calls if call.output is logits}
    saturation = float(np.mean(np.concatenate(top)))
    chosen = len(candidates) - 1 if saturation > SURE else 0
    if saturation > SURE:
        warnings.warn(
            f"the model gives its most likely class {saturation:.3f} on average: second-order costs, measured at "
            f"temperature {candidates[chosen]:g}, order ranks and layers, but are no nats. Use plan.calibrate, on rows "
            "it was not trained on.",
            SaturatedTeacherWarning,
            stacklevel=2,
        )
    few = [name for name, tally in tallies.items() if tally.is_thin]
    if few:
        warnings.warn(
            f"fewer than {INPUTS_PER_FEATURE} input vectors per feature of {', '.join(few)}: the factors are noisy. "
            f"They are damped by {share:g} of their mean eigenvalue.",
            FewInputsWarning,
            stacklevel=2,
        )
    return {name: tally.layer(chosen, rows, count or 1, share, last=name in last) for name, tally in tallies.items()}


class Tally:
    """What is summed over batches for one layer.

    Parameters
    ----------
    of : Map
    temperatures : int
        How many output factors are summed side by side.
    """

    def __init__(self, of: Map, temperatures: int) -> None:
        self._map = of
        self._moments: Moments | None = None
        self._tokens = np.zeros(of.weight.shape[1]) if isinstance(of, Table) else None
        self._squares = np.zeros((temperatures, len(of.weight), len(of.weight)))

    def add_inputs(self, inputs: list[Any]) -> None:
        """Add the inputs of all calls in one batch."""
        for rows in map(self._map.rows, inputs):
            if self._tokens is not None:
                self._tokens += np.bincount(rows.cpu().numpy(), minlength=len(self._tokens))
            else:
                found = Moments.from_data(numbers(rows))
                self._moments = found if self._moments is None else self._moments + found

    def add_gradient(self, gradient: Any, number: int) -> None:
        """Add one output gradient of one call, at one of the temperatures."""
        rows = self._map.gradients(gradient).double()
        self._squares[number] += numbers(rows.T @ rows)

    @property
    def is_thin(self) -> bool:
        """Whether there are too few inputs for undamped factors."""
        moments = self._moments
        return moments is not None and moments.n_samples < INPUTS_PER_FEATURE * moments.n_features

    def layer(self, number: int, rows: int, draws: int, damping: float, *, last: bool) -> Layer:
        """Return the layer with the factors at one of the temperatures."""
        inputs: Moments | Diagonal
        if self._tokens is not None:
            inputs = Diagonal(self._tokens / np.sum(self._tokens))
        else:
            assert self._moments is not None  # noqa: S101 (every layer was reached)
            inputs = self._moments
        factor = self._squares[number] / (rows * draws)
        return Layer(self._map.weight, inputs, factor, self._map.bias, rows, damping, last)


class _Call(NamedTuple):
    """One call of a layer: its inputs, a zero added to its outputs whose gradient is theirs, and the sum."""

    name: str
    inputs: Any
    probe: Any
    output: Any


@contextmanager
def _probes(maps: Mapping[str, Map]) -> Iterator[list[_Call]]:
    """Record every call of the layers while the context is open."""
    torch = extras.torch()
    calls: list[_Call] = []

    def recorded(name: str, inputs: tuple[Any, ...], output: Any) -> Any:
        probe = torch.zeros_like(output, requires_grad=True)
        calls.append(_Call(name, inputs[0].detach(), probe, output + probe))
        return calls[-1].output

    hooks = [
        found.module.register_forward_hook(lambda _, inputs, output, name=name: recorded(name, inputs, output))
        for name, found in maps.items()
    ]
    try:
        yield calls
    finally:
        for hook in hooks:
            hook.remove()


def _check_reached(maps: Mapping[str, Map], calls: list[_Call], logits: Any) -> None:
    missed = [name for name in maps if name not in {call.name for call in calls}]
    if missed:
        raise ModelError(
            "batches that pass through every layer",
            f"none through {', '.join(missed)}",
            "Leave such layers out through names; torch's own attention does not call its output projection.",
        )
    if not logits.requires_grad:
        raise ModelError(
            "logits that depend on the layers",
            "none that can be differentiated",
            "Remove torch.no_grad from the model.",
        )


def _label_gradients(logits: Any, temperature: float, draws: int | None, generator: Any) -> Iterator[Any]:
    """Yield gradients of log p(y) with respect to the logits, whose squares average to the Fisher information."""
    torch = extras.torch()
    law = (logits.detach().double() / temperature).softmax(-1)
    classes = law.shape[-1]
    if draws is None:
        if law.ndim > 2:
            raise DomainError("draws for several positions per row", "None", "Draw labels: draws=1 is enough.")
        for label in range(classes):
            score = torch.nn.functional.one_hot(torch.tensor(label), classes).to(law) - law
            yield (score * law[:, label : label + 1].sqrt()).to(logits.dtype)
        return
    for _ in range(draws):
        labels = torch.multinomial(law.reshape(-1, classes).cpu(), 1, generator=generator).reshape(law.shape[:-1])
        yield (torch.nn.functional.one_hot(labels, classes).to(law) - law).to(logits.dtype)
