"""Options that several commands take."""

import typer

FORCE = typer.Option("--force", help="Overwrite files in the folder that lingauss did not write.")
