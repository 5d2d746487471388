"""The command line. Commands import what they need when they run, so that ``--help`` is immediate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lingauss import __version__
from lingauss.errors import LingaussError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lingauss {__version__}")
        raise typer.Exit


@app.callback()
def lingauss(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Compute what distilling a teacher into a smaller student costs, exactly, in the linear-Gaussian model."""


@app.command()
def reproduce(
    quick: Annotated[bool, typer.Option("--quick", help="Coarser grids and images.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="A figure's name; may be repeated. Default: all.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")] = Path("figures"),
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="Image formats among png, svg, pdf, separated by commas.")
    ] = "png,svg",
) -> None:
    """Write the case study: charts, the numbers behind them (CSV) and captions that say what they show."""
    from lingauss.reproduce import reproduce as run

    run(
        out,
        quick=quick,
        only=only or (),
        formats=[name.strip() for name in formats.split(",") if name.strip()],
        console=Console(),
    )


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Derivations to verify. Default: all.")
    ] = None,
) -> None:
    """Derive every closed form anew from its definition and check it; the exit code is 1 if one fails."""
    from lingauss.symbolic import verify_each

    console = Console(highlight=False)
    failed, seconds, count = 0, 0.0, 0
    for result in verify_each(tuple(names) if names else None):
        mark = "[green]pass[/]" if result.passed else "[bold red]FAIL[/]"
        console.print(f"{mark} {result.seconds:7.2f} s  {escape(result.name)}")
        if not result.passed:
            console.print(f"     {escape(result.message)}")
        count, failed, seconds = count + 1, failed + (not result.passed), seconds + result.seconds
    console.print(f"{count - failed} of {count} derivations verified in {seconds:.1f} s")
    if failed:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; bad input ends in one line on standard error and exit code 2."""
    try:
        app()
    except (LingaussError, OSError) as error:
        Console(stderr=True, soft_wrap=True).print(f"[bold red]error:[/] {escape(str(error))}", highlight=False)
        sys.exit(2)
