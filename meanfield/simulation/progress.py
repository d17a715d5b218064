"""Progress of long work: a bar where somebody watches, a line now and then in a file."""

from __future__ import annotations

import re
import sys
import time
from typing import Any, TextIO

from tqdm import tqdm

SECONDS = 10.0  # between two lines
SHARE = 0.05  # of the time since the bar began, which a line waits at least: few lines also in a run of many hours


class LineNowAndThen:
    """A text stream that takes progress bars, and writes a line of them into a file now and then.

    A bar returns to the start of its line for each of its states. Of these the last one is written, and before that one
    every 10 s, later every 5 % of the time so far. All other text passes.

    Parameters
    ----------
    file : text stream
    clock : callable
        Gives the time in s.
    """

    encoding = "utf-8"

    def __init__(self, file: TextIO, clock=time.monotonic):
        self._file, self._clock = file, clock
        self._line, self._is_bar, self._written = "", False, ""
        self._began = self._last = 0.0

    def write(self, text: str) -> int:
        """Take text, in which a bar's states are whole."""
        for piece in re.split(r"([\r\n])", text):
            if piece == "\r":
                if not self._is_bar:
                    self._began = self._last = self._clock()
                self._line, self._is_bar = "", True
            elif piece == "\n":
                if not self._is_bar:
                    self._file.write("\n")
                elif self._line != self._written:
                    self._write_state()
                self._line, self._is_bar, self._written = "", False, ""
            elif self._is_bar:
                self._line += piece
            else:
                self._file.write(piece)
        now = self._clock()
        if self._is_bar and self._line and now - self._last >= max(SECONDS, SHARE * (now - self._began)):
            self._last = now
            self._write_state()
        return len(text)

    def _write_state(self) -> None:
        if self._line.strip():
            self._file.write(f"{self._line.rstrip()}\n")
        self._written = self._line

    def flush(self) -> None:
        """Bring what was written to the file."""
        self._file.flush()

    def isatty(self) -> bool:
        """Nobody watches."""
        return False


def for_bars(stream: TextIO) -> TextIO | LineNowAndThen:
    """Where progress bars that go to a stream are written: to itself if it is a terminal or a notebook's cell."""
    watched = stream.isatty() or type(stream).__module__.startswith("ipykernel.")
    return stream if watched else LineNowAndThen(stream)


def progress_bar(total: float, progress: bool = True, **options: Any) -> tqdm:
    """A bar on stderr that counts up to `total`, by default ms of biological time; shown if `progress`."""
    biological = "{desc} |{bar}| {n:.0f}/{total:.0f} ms of biological time, {elapsed} elapsed, {remaining} to go"
    return tqdm(total=total, disable=not progress, file=for_bars(sys.stderr), **({"bar_format": biological} | options))
