"""Style of all figures: a paper's column widths, font sizes, and the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from meanfield.figures.palettes import COLOURS

SINGLE_COLUMN = 3.4  # inches
DOUBLE_COLUMN = 7.0

# Of the parameters along which figures are drawn; any other keeps its own name.
AXIS_NAMES = {
    "g": "relative inhibitory weight g",
    "eta": "relative external rate η",
    "J": "weight J (mV)",
    "delay": "delay (ms)",
    "dt": "time step dt (ms)",
    "order": "scale (order)",
}

_SETTINGS = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler(color=COLOURS.values()),
    "axes.grid": False,
    "lines.linewidth": 1.0,
    "savefig.dpi": 200,
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    # Text stays text, in the fonts that matplotlib brings along.
    "font.sans-serif": ["DejaVu Sans"],
    "svg.fonttype": "none",
    "svg.hashsalt": "meanfield",
    "pdf.fonttype": 42,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw with the project's settings, whatever the user's own are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


class _SteadyLayout(ConstrainedLayoutEngine):
    """Constrained layout that gives the same bytes each time.

    It forgets earlier layouts, on which a new one would build, and the last digits, which the solver finds anew each
    time and which would show in an SVG.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made_at: dict[Axes, Sequence[float]] = {}

    def execute(self, figure: Figure) -> None:
        for axes in figure.axes:
            if place := axes.get_subplotspec():
                self._move(axes, place.get_position(figure).bounds)
            else:  # a colour bar, which goes where its axes go, from where it was made
                self._move(axes, self._made_at.setdefault(axes, axes.get_position().bounds))
        super().execute(figure)
        for axes in figure.axes:
            self._move(axes, np.round(axes.get_position().bounds, 6))

    @staticmethod
    def _move(axes: Axes, bounds: Sequence[float]) -> None:
        axes.set_position(bounds)
        axes.set_in_layout(True)  # which setting a position ends


class _StyledFigure(Figure):
    """A figure in the project's settings when it is saved too, which a notebook shows as the value of a cell."""

    def draw(self, renderer: RendererBase) -> None:
        # Before it saves a figure, matplotlib draws it without ink, only to have it laid out.
        layout = self.get_layout_engine()
        if self.canvas.is_saving() and isinstance(layout, _SteadyLayout):
            layout.execute(self)
        else:
            super().draw(renderer)

    def savefig(self, *arguments: Any, **options: Any) -> None:
        with style():
            super().savefig(*arguments, **options)

    def _repr_png_(self) -> bytes:
        png = io.BytesIO()
        self.savefig(png, format="png", dpi=110)
        return png.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """An empty figure; sizes in inches."""
    return _StyledFigure(figsize=(width, height), layout=_SteadyLayout())


def plain_ticks(axes: Axes, ticks: Sequence[float]) -> None:
    """Ticks along a logarithmic vertical axis, as plain numbers and no others."""
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([], minor=True)


def by_population(axes: Axes, names: Iterable[str], upright: int = 4) -> None:
    """A place for each population along the horizontal axis; more names than `upright` are turned."""
    names = list(names)
    axes.set_xticks(range(len(names)), names, rotation=0 if len(names) <= upright else 45)
    axes.set_xlim(-0.6, len(names) - 0.4)


def letter(axes: Axes, text: str, seen: str = "") -> None:
    """Mark a panel with its letter, and say what is seen in it."""
    axes.set_title(text, loc="left", fontweight="bold")
    if seen:
        axes.set_title(seen)
