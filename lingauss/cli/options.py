"""Options that several commands take."""

import typer

FORCE = typer.Option("--force", help="Overwrite files that lingauss did not write.")

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
MISSING = typer.Option(
    "--missing", metavar="CODE", help="Code that stands for a missing entry, such as -999 or ?; may be repeated."
)
DECIMAL = typer.Option("--decimal", metavar="MARK", help="Decimal mark of a text file.")
ENCODING = typer.Option("--encoding", metavar="NAME", help="Encoding of a text file, such as latin-1. Default: UTF-8.")
HEADER = typer.Option("--header/--no-header", help="Whether the first line of a text file names the columns.")
DROP_CONSTANT = typer.Option("--drop-constant", help="Leave out constant features.")
SEPARATOR = typer.Option(
    "--separator",
    metavar="TEXT",
    help="What stands between the columns of a text file; tab and space may be spelled out. Default: by its ending.",
)
