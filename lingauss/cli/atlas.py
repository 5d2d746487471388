"""The command of the atlas."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lingauss.cli.options import FORCE
from lingauss.errors import DomainError


def atlas(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="An entry. Default: list all.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PARAMETER=VALUE", help="Change a parameter of the entry; may be repeated."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every entry, and one page of all of them.")] = False,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")] = Path("atlas"),
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="Image formats among png, svg, pdf, separated by commas.")
    ] = "png,svg",
    force: Annotated[bool, FORCE] = False,
) -> None:
    """List published results on learning from a model's labels, or compute one anew, beside its printed numbers.

    Figure, numbers (CSV, NetCDF), targets, caption and a script of public calls are written.

    The exit code is 1 if a target is missed, and 2 if the input is bad.
    """
    from lingauss.atlas.catalogue import names
    from lingauss.atlas.run import listed, write_atlas

    if every == (name is not None):
        if every or settings:
            got = "--all and one entry" if every else "--set without an entry"
            raise DomainError("the name of an entry, or --all", got, "Run lingauss atlas for the names.")
        listed(Console())
        return
    missed = write_atlas(
        names() if name is None else [name],
        out,
        changes=dict(_read(setting) for setting in settings or ()),
        formats=[kind.strip() for kind in formats.split(",") if kind.strip()],
        force=force,
        console=Console(),
    )
    if missed:
        raise typer.Exit(1)


def _read(setting: str) -> tuple[str, float]:
    """Return a parameter's name and value.

    Raises
    ------
    DomainError
        If the text is not of that form.
    """
    name, _, value = setting.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError as error:
        raise DomainError(
            "a parameter and a number, such as noise=0.01", repr(setting), "Write NAME=NUMBER."
        ) from error
