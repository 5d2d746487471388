"""Commands about claims: the case study, derivations, and bounds of a user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lingauss.cli.options import FORCE
from lingauss.errors import ClaimError


def reproduce(
    quick: Annotated[bool, typer.Option("--quick", help="Coarser grids and images.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="A figure's name; may be repeated. Default: all.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")] = Path("figures"),
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="Image formats among png, svg, pdf, separated by commas.")
    ] = "png,svg",
    force: Annotated[bool, FORCE] = False,
) -> None:
    """Write the case study: charts, the numbers behind them (CSV, NetCDF), captions, and one page of all of it.

    Figures that are there stay unless a number behind them changed by more than 1e-6 of itself, or their code did.
    """
    from lingauss.reproduce import reproduce as run

    run(
        out,
        quick=quick,
        only=only or (),
        formats=[name.strip() for name in formats.split(",") if name.strip()],
        force=force,
        console=Console(),
    )


def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Derivations to verify. Default: all.")
    ] = None,
) -> None:
    """Derive every closed form anew from its definition and check it; the exit code is 1 if one fails."""
    import lingauss.symbolic as sym

    console = Console(highlight=False)
    wanted = tuple(names) if names else sym.names()
    failed, seconds = 0, 0.0
    for count, result in enumerate(sym.verify_each(wanted), start=1):
        mark = "[green]pass[/]" if result.passed else "[bold red]FAIL[/]"
        place = f"{count:{len(str(len(wanted)))}}/{len(wanted)}"
        console.print(f"{escape(place)} {mark} {result.seconds:7.2f} s  {escape(result.name)}")
        if not result.passed:
            console.print(f"     {escape(result.message)}")
        failed, seconds = failed + (not result.passed), seconds + result.seconds
    console.print(f"{len(wanted) - failed} of {len(wanted)} derivations verified in {seconds:.1f} s")
    if failed:
        raise typer.Exit(1)


def falsify(
    claim: Annotated[str, typer.Argument(metavar="FILE.py:FUNCTION", help="A claim, such as my_bound.py:bound.")],
    cases: Annotated[int, typer.Option("--cases", metavar="N", help="How many cases to try.")] = 2_000,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="Seed of the random cases: same seed, same result.")
    ] = 0,
    over: Annotated[
        str | None,
        typer.Option(
            "--over",
            metavar="NAME",
            help="A Hypothesis strategy in the same file to draw cases from. Default: designs averaged over labels.",
        ),
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="How far below 0 a slack is taken for rounding.")
    ] = 1e-9,
    seconds: Annotated[float, typer.Option("--seconds", help="Time limit, looked at between cases.")] = 600.0,
) -> None:
    """Search for a counterexample to a claim of yours, and print the simplest as Python.

    The function takes a design and returns whether the claim holds, or a slack that is at least 0 where it does.

    The exit code is 1 if the claim is refuted, 0 if no counterexample was found, and 2 if the input is bad.
    """
    from lingauss.testing import falsify as search
    from lingauss.testing.loading import UserFile, split

    path, name = split(claim)
    file = UserFile.run(path)
    try:
        result = search(
            file.get(name),
            over=None if over is None else file.get(over),
            cases=cases,
            seed=seed,
            tolerance=tolerance,
            seconds=seconds,
            obtain=file.statements(name),
        )
    except ClaimError as error:  # its note is the simplest case that shows what is wrong with the claim
        typer.echo("\n".join(getattr(error, "__notes__", ())))
        raise
    typer.echo(repr(result))
    if result:
        raise typer.Exit(1)
