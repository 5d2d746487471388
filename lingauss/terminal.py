"""What a command prints reaches any terminal, pipe or file as far as that can show it, and never costs its results."""

from __future__ import annotations

import codecs
import io
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, TextIO

from lingauss.termination import clean_termination

LEGIBLE = "lingauss.legible"  # the error handler of encodings that lack Greek
SIGNS = {"–": "-", "—": "-", "−": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "→": "->", "×": "x", "·": "*",
         "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∞": "inf", "√": "sqrt ", "‖": "||", "²": "^2", "³": "^3",
         "⁻": "^-", "ᵀ": "^T", "∈": "in", "±": "+-"}  # fmt: skip
BROKEN_PIPE = 141  # exit code of a shell for a process that the signal ended


class ScreenError(Exception):
    """Standard output takes no more."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(cause)
        self.cause = cause


@contextmanager
def screen() -> Iterator[None]:
    """Print what the terminal can show, and let SIGTERM clean up as an interruption does, until the context ends.

    Raises
    ------
    ScreenError
        If standard output cannot be written to.
    """
    codecs.register_error(LEGIBLE, _legible)
    out, error = sys.stdout, sys.stderr
    # Streams that are closed are None, and printing to them is nothing.
    streams = [None if stream is None else _Screen(stream) for stream in (out, error)]
    try:
        sys.stdout, sys.stderr = streams[0] or out, streams[1] or error
        with clean_termination():
            yield
            if sys.stdout is not None:
                sys.stdout.flush()
    finally:
        sys.stdout, sys.stderr = out, error
        for stream in streams:
            if stream is not None:
                stream.leave()


class _Screen(io.TextIOWrapper):
    """Text for a stream that may lack characters, and a type of its own for what goes wrong with it."""

    def __init__(self, stream: TextIO) -> None:
        stream.flush()
        super().__init__(stream.buffer, stream.encoding, LEGIBLE, write_through=True)
        self._under = stream

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def leave(self) -> None:
        """Let go of the stream beneath, which stays open."""
        self.detach()

    def _give_up(self, error: OSError) -> NoReturn:
        """Send what is left nowhere, so that the interpreter does not stumble over it in the end."""
        if self._under in (sys.__stdout__, sys.__stderr__):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._under.fileno())
            os.close(nowhere)
        raise ScreenError(error) from error


def _legible(error: UnicodeError) -> tuple[str, int]:
    """Spell what an encoding lacks: τ as tau, ² as ^2, é as e, anything else as a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelt, error.object[error.start : error.end])), error.end


def _spelt(mark: str) -> str:
    if mark in SIGNS:
        return SIGNS[mark]
    name = unicodedata.name(mark, "")
    if name.startswith("GREEK"):
        letter = name.partition(" LETTER ")[2].partition(" WITH ")[0].rpartition(" ")[2].lower()
        return letter.capitalize() if "CAPITAL" in name else letter
    return unicodedata.normalize("NFKD", mark).encode("ascii", "ignore").decode() or "?"
