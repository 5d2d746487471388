"""Commands about trained nets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def layers(
    factors: Annotated[
        Path, typer.Argument(metavar="FACTORS.npz", help="Layers and their factors, from lingauss.layers.save_factors.")
    ],
    keep: Annotated[float, typer.Option("--keep", metavar="SHARE", help="Share to keep: above 0, at most 1.")],
    unit: Annotated[
        str, typer.Option("--unit", metavar="NAME", help="What is counted: parameters or flops.")
    ] = "parameters",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PLAN.npz", help="Where to write the compressed layers.")
    ] = None,
) -> None:
    """Choose ranks for the layers of a trained net under one budget, from stored factors: no user code is run."""
    from lingauss.files import check_writable
    from lingauss.layers import allocate, load_factors

    if out is not None:
        check_writable(out.parent)
    plan = allocate(load_factors(factors), keep, unit)
    typer.echo(repr(plan))
    if out is not None:
        plan.save(out)
        typer.echo(f"{sum(rank is not None for rank in plan.ranks.values())} layers of low rank in {out}")
