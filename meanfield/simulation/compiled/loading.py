"""The compiled simulator when it is wanted: numba and compilation only then, and both told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tqdm import tqdm

from meanfield.model.quantities import ParameterError

if TYPE_CHECKING:
    from meanfield.simulation.compiled.simulation import CompiledSimulation


@contextmanager
def compiled_simulation(bar: tqdm) -> Iterator[type[CompiledSimulation]]:
    """The class of runs; while the context lasts, a line beside the bar says if something is compiled.

    Compiled code is kept on disk beside its source, or in the user's cache if that folder cannot be written to.

    Raises
    ------
    ParameterError
        If numba cannot be imported.
    """
    try:
        from numba.core import event
    except ImportError as error:
        raise ParameterError(
            [
                f"simulator = 'compiled' needs numba, which cannot be imported here ({error}); "
                "install it with `pip install numba`, or take simulator = 'nest'"
            ]
        ) from None
    from meanfield.simulation.compiled.simulation import CompiledSimulation

    class Announcement(event.Listener):
        told = False

        def on_start(self, event):
            if not (self.told or bar.disable):
                bar.write("compiling, some seconds the first time", file=bar.fp)
            self.told = True

        def on_end(self, event):
            pass

    with event.install_listener("numba:compile", Announcement()):
        yield CompiledSimulation
