"""What a figure of an experiment needs: runs of which notebook, and along which axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Needs:
    """What the runs must be that a figure is drawn from.

    Parameters
    ----------
    notebook : str
        The notebook, or one with the same parameter model.
    n_axes : int, optional
        How many axes the grid has, without the seeds.
    columns : sequence of str
        Parameters that vary along some axis.
    """

    notebook: str
    n_axes: int | None = None
    columns: Sequence[str] = ()

    def lacking(self, notebook: str, axes: Sequence[Sequence[str]]) -> Iterator[str]:
        """A part of a sentence for each need that an experiment does not meet.

        Parameters
        ----------
        notebook : str
        axes : sequence of sequence of str
            The columns of each axis of its grid, without the seeds.
        """
        if notebook != self.notebook:
            yield f"needs runs of {self.notebook}.ipynb, not of {notebook}.ipynb"
        if self.n_axes not in (None, len(axes)):
            yield f"needs {self.n_axes} ax{'i' if self.n_axes == 1 else 'e'}s beside the seeds, not {len(axes)}"
        if missing := [name for name in self.columns if not any(name in axis for axis in axes)]:
            yield f"needs {' and '.join(missing)} to vary"


def drawn_from(notebook: str, n_axes: int | None = None, columns: Sequence[str] = ()) -> Callable[[Any], Any]:
    """Say of a figure's function which experiments it can draw; see `Needs`."""

    def with_needs(function: Any) -> Any:
        function.needs = Needs(notebook, n_axes, columns)
        return function

    return with_needs
