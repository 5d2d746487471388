"""The command line, run in the process of the tests."""

import sys

from lingauss import cli


def command_line(monkeypatch, capsys, folder):
    """Return a function that runs a command line in a folder, and returns exit code, output and error."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["lingauss", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
