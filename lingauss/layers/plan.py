"""A plan: which rank every layer of a net gets, what that costs, and what it was measured to cost."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lingauss.errors import MissingResultError
from lingauss.guard import guarded
from lingauss.html_table import html_table
from lingauss.layers.calibration import Curve, Estimate, spread_positions
from lingauss.layers.layer import Layer
from lingauss.layers.ledger import Factors
from lingauss.layers.options import Options
from lingauss.layers.storage import save_plan
from lingauss.validation import as_count

if TYPE_CHECKING:
    import pandas as pd

    from lingauss.layers.compression import Reference


@guarded
@dataclass(frozen=True, eq=False)
class Plan:
    """Ranks of layers within one budget, as returned by :func:`allocate`.

    Attributes
    ----------
    layers : mapping of name to Layer
    options : mapping of name to Options
        What each could have become.
    chosen : mapping of name to int
        Which of its options each has become.
    unit : str
        'parameters' or 'flops', what prices count.
    keep : float
        Share of the dense layers' price that was allowed; :attr:`share` is what was used.
    least : float
        No plan within the budget has a smaller :attr:`cost`, in nats per row.
    curves : mapping of name to Curve
        What :meth:`calibrate` measured of each layer alone; empty before.
    joint : Estimate or None
        What :meth:`calibrate` measured of all layers together.
    """

    layers: Mapping[str, Layer]
    options: Mapping[str, Options]
    chosen: Mapping[str, int]
    unit: str
    keep: float
    least: float
    curves: Mapping[str, Curve] = dataclasses.field(default_factory=dict)
    joint: Estimate | None = None

    @property
    def ranks(self) -> dict[str, int | None]:
        """Rank of every layer; None where it stays dense."""
        return {name: self._rank(name) for name in self.layers}

    @property
    def share(self) -> float:
        """Share of the dense layers' price that the plan takes."""
        price = sum(float(self.options[name].prices[index]) for name, index in self.chosen.items())
        whole = sum(float(option.prices[-1]) for option in self.options.values())
        return price / whole if whole else 1.0

    @property
    def costs(self) -> dict[str, float]:
        """Cost of every layer at second order, in nats per row."""
        return {name: float(self.options[name].costs[index]) for name, index in self.chosen.items()}

    @property
    def cost(self) -> float:
        """Sum of the layers' costs at second order, in nats per row."""
        return math.fsum(self.costs.values())

    @property
    def predicted(self) -> Estimate:
        """Sum over layers of what their costs amount to on the measured curves, in nats per row.

        Layers are measured on the same rows, so their errors add up. That of a plan without :meth:`calibrate` is
        infinite: second order alone says nothing of how far it holds.
        """
        if not self.curves:
            return Estimate(self.cost, math.inf if self.cost else 0.0)
        parts = [self.curves[name].at(cost) for name, cost in self.costs.items()]
        return Estimate(math.fsum(part.value for part in parts), math.fsum(part.standard_error for part in parts))

    @property
    def measured(self) -> Estimate:
        """Mean KL divergence of the compressed net from the original one on the calibration rows, in nats per row.

        Raises
        ------
        MissingResultError
            Before :meth:`calibrate`.
        """
        if self.joint is None:
            raise MissingResultError(
                "a calibrated plan", "one of predicted costs alone", "Use plan = plan.calibrate(model, batches)."
            )
        return self.joint

    def factors(self, name: str) -> Factors | None:
        """Return a layer's factors; None where it stays dense."""
        rank = self._rank(name)
        return None if rank is None else self.layers[name].factors(rank)

    def calibrate(self, model: Any, batches: Iterable[Any], ranks: int = 3) -> Plan:
        """Measure what is predicted: every layer alone at a few ranks, and the plan itself, on rows held out.

        Parameters
        ----------
        model : torch.nn.Module
            In evaluation mode; it is not changed.
        batches : iterable
            As for :func:`measure`. All are kept, and passed through the net once for each rank of each layer.
        ranks : int
            Per layer, spread evenly over the logarithm of its costs.

        Returns
        -------
        Plan
            The same, with :attr:`predicted` on the measured curves and with :attr:`measured`.

        Raises
        ------
        ModelError, MissingDependencyError, DomainError, EmptyDataError
        """
        from lingauss.layers.compression import Compression

        count = as_count(ranks, "ranks", minimum=1)
        reference = Compression(model, self.layers).reference(batches)
        curves = {}
        for name, option in self.options.items():
            index = spread_positions(option, count)
            found = [reference.divergence({name: self.layers[name].factors(rank)}) for rank in option.ranks[index]]
            curves[name] = Curve(option.costs[index], found)
        return self.beside(reference, curves)

    def beside(self, reference: Reference, curves: Mapping[str, Curve]) -> Plan:
        """Return the plan with given curves, measured as a whole against a reference."""
        joint = reference.divergence({name: self.factors(name) for name in self.layers})
        return dataclasses.replace(self, curves=curves, joint=joint)

    def apply(self, model: Any) -> Any:
        """Return a copy of a torch model in which every layer of low rank is two thin ones.

        A linear layer becomes two, a convolution one with r channels and a 1 × 1 one, an embedding a narrow one and a
        linear layer, in an ``nn.Sequential`` of the old name.

        Raises
        ------
        ModelError
            If the model does not have these layers.
        MissingDependencyError
        """
        from lingauss.layers.compression import Compression

        return Compression(model, self.layers).apply({name: self.factors(name) for name in self.layers})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the factors to an npz file, under the names :meth:`apply` gives them: whole or not at all.

        ``name.0.weight`` (r, d), ``name.1.weight`` (k, r) and ``name.1.bias``; layers that stay dense are left out.

        Raises
        ------
        OSError
        """
        found = {name: self.factors(name) for name in self.layers}
        save_plan(path, self.layers, {name: factors for name, factors in found.items() if factors is not None})

    def to_frame(self) -> pd.DataFrame:
        """Return one row per layer as a pandas DataFrame.

        Columns layer, outputs, inputs, rank (missing where dense), price, share of the dense price, cost in nats per
        row, and next_gain, the nats per row that one more unit of price would save.
        """
        import pandas as pd

        rows = []
        for name, layer in self.layers.items():
            option, index = self.options[name], self.chosen[name]
            price, dense = float(option.prices[index]), float(option.prices[-1])
            gain, _ = option.best_step(index)
            share = price / dense if dense else 1.0
            rows.append((name, *layer.weight.shape, self._rank(name), price, share, float(option.costs[index]), gain))
        columns = ["layer", "outputs", "inputs", "rank", "price", "share", "cost", "next_gain"]
        return pd.DataFrame(rows, columns=columns).astype({"rank": "Int64"})

    def _rank(self, name: str) -> int | None:
        option, index = self.options[name], self.chosen[name]
        return None if index == len(option.ranks) - 1 else int(option.ranks[index])

    @property
    def _lines(self) -> list[tuple[str, ...]]:
        body = []
        for name, option in self.options.items():
            index, (k, d) = self.chosen[name], self.layers[name].weight.shape
            share = option.prices[index] / option.prices[-1] if option.prices[-1] else 1.0
            gain, _ = option.best_step(index)
            rank = str(self._rank(name) or "dense")
            body.append((name, f"{k} × {d}", rank, f"{share:.0%}", f"{option.costs[index]:.3g}", f"{gain:.2g}"))
        return [("layer", "shape", "rank", "kept", "nats per row", f"next gain per {self._one}"), *body]

    @property
    def _one(self) -> str:
        return "weight" if self.unit == "parameters" else "multiplication"

    @property
    def _summary(self) -> str:
        told = f"{self.share:.1%} of {self.unit}, {self.cost:.3g} nats per row at second order"
        if self.joint is None:
            return f"{told} (not measured)"
        return f"{told}; predicted {self.predicted}, measured {self.joint}"

    def __repr__(self) -> str:
        widths = [max(len(line[i]) for line in self._lines) for i in range(6)]
        table = [
            "  ".join(
                cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
            )
            for line in self._lines
        ]
        return "\n".join((*table, self._summary))

    def _repr_html_(self) -> str:
        return html_table(self._summary, self._lines)
