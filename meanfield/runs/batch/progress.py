"""Progress of a batch, seen from the files that its runs leave."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from meanfield.simulation.progress import progress_bar

SECONDS_BETWEEN_LOOKS = 0.5


class Progress:
    """The part of a batch that is done, by cost, and the time that the rest will take at the pace so far.

    Parameters
    ----------
    cost : mapping of Path to float
        The file that each run will leave, and what the run is expected to cost.
    """

    def __init__(self, cost: Mapping[Path, float]):
        total = sum(cost.values())
        self._share = {file: 100 * seconds / total for file, seconds in cost.items()}
        self._waiting = {file for file in cost if not file.exists()}
        self._ended = threading.Event()
        self._bar = progress_bar(
            100.0,
            bool(self._waiting),
            initial=max(0.0, 100.0 - sum(self._share[file] for file in self._waiting)),
            smoothing=0,
            bar_format="{desc} |{bar}| {elapsed} elapsed, {remaining} to go",
        )
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            self._look()

    def _look(self) -> None:
        done = {file for file in self._waiting if file.exists()}
        self._waiting -= done
        n_runs = len(self._share)
        self._bar.set_description(f"{n_runs - len(self._waiting)} of {n_runs} runs", refresh=False)
        share = min(sum(self._share[file] for file in done), self._bar.total - self._bar.n)
        if share:
            self._bar.update(share)
        else:
            self._bar.refresh()  # the time goes on while no run ends

    def end(self) -> None:
        """Show the last state and stop."""
        self._ended.set()
        self._thread.join()
        self._look()
        self._bar.close()
