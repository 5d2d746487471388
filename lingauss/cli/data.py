"""Commands about a user's own data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lingauss.cli.options import (
    CLASSES,
    DATA_FILE,
    DECIMAL,
    DROP_CONSTANT,
    DROP_MISSING,
    ENCODING,
    EXCLUDE,
    FEATURES,
    FORCE,
    HEADER,
    MISSING,
    SEPARATOR,
    TARGETS,
)
from lingauss.errors import LingaussError


def analyze(
    file: Annotated[Path, DATA_FILE],
    targets: Annotated[list[str] | None, TARGETS] = None,
    features: Annotated[list[str] | None, FEATURES] = None,
    exclude: Annotated[list[str] | None, EXCLUDE] = None,
    tolerance: Annotated[
        str,
        typer.Option(
            "--tolerance",
            metavar="SHARE",
            help="Fraction of the least cost by which the recommended student's may exceed it.",
        ),
    ] = "5%",
    rank_budget: Annotated[
        int | None, typer.Option("--rank-budget", metavar="R", help="Largest rank to consider.")
    ] = None,
    objective: Annotated[
        str,
        typer.Option(
            "--objective",
            metavar="NAME",
            help="What the rank is judged by: excess_risk, squared_error, divergence or prediction_divergence.",
        ),
    ] = "excess_risk",
    bottleneck: Annotated[
        str | None,
        typer.Option(
            "--bottleneck",
            metavar="NAME",
            help="What the student sees, compared with the others: principal, aligned or features. Default: principal, "
            "compared with no other.",
        ),
    ] = None,
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
    student_penalty: Annotated[
        float | None, typer.Option("--student-penalty", help="The student's ridge penalty. Default: the teacher's.")
    ] = None,
    student_temperature: Annotated[
        float,
        typer.Option("--student-temperature", help="Temperature of the student's own law; 0 is a point estimate."),
    ] = 0.0,
    mixing: Annotated[
        float | None,
        typer.Option(
            "--mixing",
            help="Share of soft labels. Default: for predictions 0, unless soft ones gain more than is uncertain; for "
            "uncertainty 1.",
        ),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Teacher draws averaged in each soft label.")] = 1,
    standardise: Annotated[
        bool, typer.Option("--standardise/--keep-units", help="Divide features by their standard deviations, or not.")
    ] = True,
    classes: Annotated[bool, CLASSES] = False,
    drop_missing: Annotated[bool, DROP_MISSING] = False,
    drop_constant: Annotated[bool, DROP_CONSTANT] = False,
    missing: Annotated[list[str] | None, MISSING] = None,
    separator: Annotated[str | None, SEPARATOR] = None,
    decimal: Annotated[str, DECIMAL] = ".",
    encoding: Annotated[str | None, ENCODING] = None,
    header: Annotated[bool, HEADER] = True,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to write all of it. Default: FILE-analysis."),
    ] = None,
    force: Annotated[bool, FORCE] = False,
    details: Annotated[bool, typer.Option("--details", help="Print all of the report but its charts.")] = False,
) -> None:
    """Recommend a student for your own data, and train it: how many directions, their cost, is distilling worth it.

    Writes student.npz for lingauss predict, a report with charts, and the tables behind them.
    """
    from lingauss.analysis.advice import Wishes
    from lingauss.analysis.advising import advised
    from lingauss.analysis.options import Options, Scaling, Teaching
    from lingauss.analysis.report import prepare
    from lingauss.analysis.screen import show
    from lingauss.tables.reading import Reading
    from lingauss.validation import as_share

    folder = Path(f"{file.name.partition('.')[0]}-analysis") if out is None else out
    prepare(folder, force=force)  # before minutes are spent on reading
    analysis = advised(
        file,
        targets or (),
        Options(
            Reading(
                features or None,
                exclude or (),
                classes,
                drop_missing,
                missing or (),
                separator,
                decimal,
                encoding,
                header,
            ),
            Scaling(standardise, None, drop_constant),
            Teaching(penalty, noise, leave_one_out),
            Wishes(
                as_share(tolerance, "tolerance"),
                rank_budget,
                objective,
                bottleneck,
                student_penalty,
                student_temperature,
                mixing,
                draws,
            ),
        ),
    )
    console = Console()
    try:
        files = analysis.save(folder, force=force)  # before printing, which a terminal or a pipe may end
    except (LingaussError, OSError):
        show(analysis, console, details)
        raise
    show(analysis, console, details)
    shown = escape(str(folder))
    console.print(
        f"\nUse the student: lingauss predict {shown}/student.npz NEW.csv --out predictions.csv\n"
        f"{len(files)} files in {shown}; start with report.html (--details prints it)",
        highlight=False,
    )


def predict(
    student: Annotated[
        Path, typer.Argument(metavar="STUDENT.npz", help="The student, as lingauss analyze has written it.")
    ],
    file: Annotated[Path, DATA_FILE],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.csv", help="Where to write predictions. Default: the screen.")
    ] = None,
    missing: Annotated[list[str] | None, MISSING] = None,
    separator: Annotated[str | None, SEPARATOR] = None,
    decimal: Annotated[str, DECIMAL] = ".",
    encoding: Annotated[str | None, ENCODING] = None,
    header: Annotated[bool, HEADER] = True,
) -> None:
    """Predict new rows with a student, one line of CSV for each; columns are found by name."""
    from lingauss.analysis.prediction import predictions
    from lingauss.analysis.student import load_student
    from lingauss.files import check_writable, write
    from lingauss.tables.reading import Reading

    if out is not None:
        check_writable(out.parent)
    loaded = load_student(student)
    reading = Reading(missing=missing or (), separator=separator, decimal=decimal, encoding=encoding, header=header)
    content, rows = predictions(loaded, file, reading)
    told = Console(stderr=out is None, soft_wrap=True)
    if out is None:
        typer.echo(content, nl=False)
    else:
        write(out, content)
    where = "" if out is None else f" in {out}"
    told.print(escape(f"{rows:,} predictions{where}; {loaded.expected()}"), highlight=False)


def explore(
    file: Annotated[Path | None, DATA_FILE] = None,
    targets: Annotated[list[str] | None, TARGETS] = None,
    features: Annotated[list[str] | None, FEATURES] = None,
    exclude: Annotated[list[str] | None, EXCLUDE] = None,
    observed: Annotated[
        bool,
        typer.Option("--observed", help="Show costs at the labels as they are, instead of averaged over a posterior."),
    ] = False,
    classes: Annotated[bool, CLASSES] = False,
    drop_missing: Annotated[bool, DROP_MISSING] = False,
    drop_constant: Annotated[bool, DROP_CONSTANT] = False,
    missing: Annotated[list[str] | None, MISSING] = None,
    separator: Annotated[str | None, SEPARATOR] = None,
    decimal: Annotated[str, DECIMAL] = ".",
    encoding: Annotated[str | None, ENCODING] = None,
    header: Annotated[bool, HEADER] = True,
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
            missing=missing or (),
            separator=separator,
            decimal=decimal,
            encoding=encoding,
            header=header,
        )
        design = analysis.faithful
        page = build(design.replace(problem=analysis.observed) if observed else design, title=file.name)
    path = page.save(out)
    shown = not no_open and open_in_browser(path)
    Console(soft_wrap=True).print(
        escape(str(path)) + ("" if shown else ": open it in a browser; it needs no network"), highlight=False
    )
