"""Commands about a user's own data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lingauss.cli.options import FORCE
from lingauss.errors import LingaussError

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
