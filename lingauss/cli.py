"""The command line. Commands import what they need when they run, so that ``--help`` is immediate."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lingauss import __version__
from lingauss.errors import ClaimError, LingaussError
from lingauss.terminal import BROKEN_PIPE, ScreenError, screen

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")


# How a data file is read, for every command that takes one.
DATA_FILE = typer.Argument(metavar="FILE", help="A .csv or .tsv (also compressed), .npy or .npz file.")
TARGETS = typer.Option(
    "--targets",
    metavar="NAMES",
    help="Columns to predict, separated by commas or repeated; column numbers or a second file for .npy, a member for "
    ".npz.",
)
FEATURES = typer.Option("--features", metavar="NAMES", help="Columns to use. Default: all that are no targets.")
EXCLUDE = typer.Option("--exclude", metavar="NAMES", help="Columns to leave out.")
CLASSES = typer.Option("--classes", help="Take numeric targets as classes.")
DROP_MISSING = typer.Option("--drop-missing", help="Leave out rows with a missing entry.")
DROP_CONSTANT = typer.Option("--drop-constant", help="Leave out constant features.")
SEPARATOR = typer.Option("--separator", metavar="TEXT", help="Between the columns of a text file.")
FORCE = typer.Option("--force", help="Overwrite files in the folder that lingauss did not write.")


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


@app.command()
def analyze(
    file: Annotated[Path, DATA_FILE],
    targets: Annotated[list[str] | None, TARGETS] = None,
    features: Annotated[list[str] | None, FEATURES] = None,
    exclude: Annotated[list[str] | None, EXCLUDE] = None,
    tolerance: Annotated[
        str, typer.Option("--tolerance", metavar="SHARE", help="How far above the best cost the student may be.")
    ] = "5%",
    rank_budget: Annotated[
        int | None, typer.Option("--rank-budget", metavar="R", help="Largest student rank to consider.")
    ] = None,
    objective: Annotated[
        str,
        typer.Option(
            "--objective",
            metavar="NAME",
            help="What the rank is judged by: excess_risk, squared_error, divergence or prediction_divergence.",
        ),
    ] = "excess_risk",
    penalty: Annotated[
        float | None,
        typer.Option("--penalty", help="The teacher's ridge penalty. Default: maximises the marginal likelihood."),
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option("--noise", help="Standard deviation of the labels' noise. Default: estimated from residuals."),
    ] = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Choose the penalty by exact leave-one-out error.")
    ] = False,
    student_penalty: Annotated[float | None, typer.Option("--student-penalty", help="Default: the teacher's.")] = None,
    student_temperature: Annotated[
        float, typer.Option("--student-temperature", help="Of the student's own law; 0 is a point estimate.")
    ] = 0.0,
    mixing: Annotated[
        float | None,
        typer.Option("--mixing", help="Share of soft labels. Default: the best for predictions, 1 for uncertainty."),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Teacher draws averaged in each soft label.")] = 1,
    standardise: Annotated[
        bool, typer.Option("--standardise/--keep-units", help="Divide features by their standard deviations, or not.")
    ] = True,
    classes: Annotated[bool, CLASSES] = False,
    drop_missing: Annotated[bool, DROP_MISSING] = False,
    drop_constant: Annotated[bool, DROP_CONSTANT] = False,
    separator: Annotated[str | None, SEPARATOR] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to write report, charts and tables. Default: FILE-analysis."),
    ] = None,
    force: Annotated[bool, FORCE] = False,
) -> None:
    """Recommend a student for your own data: which rank, how noisy its soft labels, and what is lost."""
    from lingauss.analysis.analyze import analyze as run
    from lingauss.analysis.report import prepare
    from lingauss.analysis.screen import show

    folder = Path(f"{file.name.partition('.')[0]}-analysis") if out is None else out
    prepare(folder, force=force)  # before minutes are spent on reading
    analysis = run(
        file,
        targets or (),
        features=features or None,
        exclude=exclude or (),
        tolerance=tolerance,
        rank_budget=rank_budget,
        objective=objective,
        penalty=penalty,
        label_noise=noise,
        leave_one_out=leave_one_out,
        student_penalty=student_penalty,
        student_temperature=student_temperature,
        mixing=mixing,
        draws=draws,
        standardise=standardise,
        classes=classes,
        drop_missing=drop_missing,
        drop_constant=drop_constant,
        separator=separator,
    )
    console = Console()
    try:
        files = analysis.save(folder, force=force)  # before printing, which a terminal or a pipe may end
    except (LingaussError, OSError):
        show(analysis, console)
        raise
    show(analysis, console)
    console.print(f"\n{len(files)} files in {escape(str(folder))}; start with report.html", highlight=False)


@app.command()
def explore(
    file: Annotated[Path | None, DATA_FILE] = None,
    targets: Annotated[list[str] | None, TARGETS] = None,
    features: Annotated[list[str] | None, FEATURES] = None,
    exclude: Annotated[list[str] | None, EXCLUDE] = None,
    observed: Annotated[
        bool, typer.Option("--observed", help="At the labels as they are, instead of averaged over a posterior.")
    ] = False,
    classes: Annotated[bool, CLASSES] = False,
    drop_missing: Annotated[bool, DROP_MISSING] = False,
    drop_constant: Annotated[bool, DROP_CONSTANT] = False,
    separator: Annotated[str | None, SEPARATOR] = None,
    out: Annotated[Path, typer.Option("--out", metavar="PAGE", help="Where to write.")] = Path("explorer.html"),
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not show the page in a browser.")] = False,
) -> None:
    """Write one offline HTML page on which rank, noise and temperature can be turned by hand; data are optional."""
    from lingauss.explorer import explore as build
    from lingauss.explorer.explorer import open_in_browser
    from lingauss.files import check_writable

    check_writable(out.parent)  # before minutes are spent on reading
    if file is None:
        page = build()
    else:
        from lingauss.analysis.analyze import analyze as run

        analysis = run(
            file,
            targets or (),
            features=features or None,
            exclude=exclude or (),
            classes=classes,
            drop_missing=drop_missing,
            drop_constant=drop_constant,
            separator=separator,
        )
        design = analysis.faithful
        page = build(design.replace(problem=analysis.observed) if observed else design, title=file.name)
    path = page.save(out)
    shown = not no_open and open_in_browser(path)
    Console(soft_wrap=True).print(
        escape(str(path)) + ("" if shown else ": open it in a browser; it needs no network"), highlight=False
    )


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Derivations to verify. Default: all.")
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


@app.command()
def falsify(
    claim: Annotated[str, typer.Argument(metavar="FILE.py:FUNCTION", help="A claim, such as my_bound.py:bound.")],
    cases: Annotated[int, typer.Option("--cases", metavar="N", help="How many cases to try.")] = 2_000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Same seed, same result.")] = 0,
    over: Annotated[
        str | None,
        typer.Option(
            "--over",
            metavar="NAME",
            help="A Hypothesis strategy in the same file to draw cases from. Default: designs averaged over labels.",
        ),
    ] = None,
    tolerance: Annotated[float, typer.Option("--tolerance", help="A slack this far below 0 is rounding.")] = 1e-9,
    seconds: Annotated[float, typer.Option("--seconds", help="Time limit.")] = 600.0,
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


@app.command()
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


def main() -> None:
    """Run the command line; bad input ends in one line on standard error and exit code 2.

    If nobody reads the output any more the exit code is 141, if it is terminated 143, both as a shell has it.
    """
    os.environ["MPLBACKEND"] = "agg"  # nothing is shown, whatever the user's backend, which may not even exist
    try:
        with screen():
            _run()
    except ScreenError as error:
        if isinstance(error.cause, BrokenPipeError):
            sys.exit(BROKEN_PIPE)
        _complain(f"standard output: {error.cause.strerror}")
        sys.exit(2)


def _run() -> None:
    try:
        app()
    except (LingaussError, OSError) as error:
        _complain(_in_words(error))
        sys.exit(2)


def _complain(text: str) -> None:
    Console(stderr=True, soft_wrap=True).print(f"[bold red]error:[/] {escape(text)}", highlight=False)


def _in_words(error: LingaussError | OSError) -> str:
    """Return the message, of the operating system's errors without their numbers."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)
