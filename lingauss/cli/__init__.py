"""The command line. Commands import what they need when they run, so that ``--help`` is immediate."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from lingauss.cli import claims, data, nets
from lingauss.cli.atlas import atlas
from lingauss.errors import LingaussError
from lingauss.terminal import BROKEN_PIPE, ScreenError, screen
from lingauss.version import __version__

COMMANDS = (
    claims.reproduce,
    data.analyze,
    data.predict,
    data.explore,
    claims.verify,
    claims.falsify,
    nets.layers,
    atlas,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


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


for command in COMMANDS:
    app.command()(command)


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
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
