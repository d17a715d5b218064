"""The explorer: sliders for a network's parameters, and panels of what theory says of it."""

from __future__ import annotations

import asyncio
import html
import threading
from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets
import nbformat
import numpy as np
import xarray as xr
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from meanfield.comparison.tables import MISSING, number, with_error
from meanfield.figures.explorer import PANELS, explorer_panel
from meanfield.model.brunel import BrunelParameters
from meanfield.model.quantities import ParameterError
from meanfield.runs.explorer import predictions
from meanfield.runs.explorer.settings import RANGES, WITHOUT_FORCE, runner_line, values_along
from meanfield.runs.files import write_atomically
from meanfield.runs.notebooks.explore import ExploreParameters
from meanfield.runs.places import repository
from meanfield.theory.trains.self_consistent import self_consistent_trains

REST = 0.3  # s without a movement, after which the slower panels follow
BETWEEN = 0.02  # s between two of them, in which another movement is noticed
QUICK = {"neurons": 200, "duration": 2000.0, "target_rate_sem": 3e-3, "target_cv_sem": 2e-2, "max_generations": 128}
EXPLORED = "results/explored"
COPY = ' <button onclick="navigator.clipboard.writeText(this.previousElementSibling.textContent)">copy</button>'
OPEN = (
    "const c = document.getElementById('jupyter-config-data');"
    "window.open((c ? JSON.parse(c.textContent).baseUrl : '/') + 'lab/tree/{}'); return false"
)


class Explorer(widgets.VBox):
    """Sliders, a network's file, a choice of state, and four panels, a table and the command that simulates.

    Solutions and nullclines follow each movement of a slider. Branches, basins, eigenvalues, spectrum and shot noise
    follow when it rests, one after the other. Self-consistent trains take seconds, and a button.

    Parameters
    ----------
    parameters : ExploreParameters
        Where to begin.

    Attributes
    ----------
    dataset : Dataset
        What is shown; see `meanfield.runs.explorer.predictions`.
    """

    def __init__(self, parameters: ExploreParameters):
        self._fixed = parameters.model_dump(include=set(BrunelParameters.model_fields))
        self._pending: asyncio.TimerHandle | None = None
        self._rest: Iterator[None] = iter(())
        self._thread = threading.Thread()
        self.sliders = {name: _slider(name, self._fixed[name]) for name in RANGES}
        varying = [name for name in RANGES if name not in WITHOUT_FORCE]
        self.vary = widgets.Dropdown(options=varying, value=parameters.vary)
        self.network_file = widgets.Text(value=parameters.network_file, continuous_update=False)
        self.state = widgets.Dropdown(options=[("", 0)])
        self.panels = {name: widgets.Image(format="png", layout={"width": "430px"}) for name in PANELS}
        self.solutions, self.rates, self.line, self.said = (widgets.HTML() for _ in range(4))
        self.trains = widgets.Button(description="self-consistent trains")
        self.progress = widgets.FloatProgress(max=1.0, layout={"width": "200px", "visibility": "hidden"})
        self.compare = widgets.Button(description="open in compare")
        super().__init__(self._arranged())

        self._move()
        for _ in self._rest:  # at the beginning all at once
            pass
        for control in (*self.sliders.values(), self.vary, self.network_file):
            control.observe(self._moved, names="value")
        self.state.observe(self._chosen, names="value")
        self.trains.on_click(self._predict_trains)
        self.compare.on_click(self._open_in_compare)

    def _arranged(self) -> list[widgets.Widget]:
        labelled = {"along": self.vary, "network file": self.network_file, "state": self.state}
        chosen = [widgets.HBox([widgets.Label(name, layout={"width": "90px"}), w]) for name, w in labelled.items()]
        left = widgets.VBox([*self.sliders.values(), *chosen, self.solutions, self.rates], layout={"width": "400px"})
        pairs = [widgets.HBox(list(self.panels.values())[n : n + 2]) for n in (0, 2)]
        buttons = widgets.HBox([self.trains, self.progress, self.compare])
        return [widgets.HBox([left, widgets.VBox(pairs)]), buttons, self.line, self.said]

    @property
    def given(self) -> dict[str, Any]:
        """The parameters as a notebook takes them."""
        if self.network_file.value:
            return {"network_file": self.network_file.value}
        return self._fixed | {name: round(slider.value, 6) for name, slider in self.sliders.items()}

    @property
    def rate(self) -> np.ndarray:
        """The solution that is looked at, spikes/s."""
        return self.dataset["rate"].values[self.state.value]

    def _moved(self, _change: Any) -> None:
        """Follow a movement at once, and let the rest follow when nothing moves any more."""
        if self._pending:
            self._pending.cancel()
        self._move()
        self._follow(REST)

    def _chosen(self, _change: Any) -> None:
        if self._listing:
            return
        if self._pending:
            self._pending.cancel()
        self._rest = self._about_state()
        self._follow(BETWEEN)

    def _follow(self, seconds: float) -> None:
        """Let the next of the slower pieces follow after some time; without an event loop, all at once."""
        try:
            self._pending = asyncio.get_running_loop().call_later(seconds, self._next)
        except RuntimeError:
            for _ in self._rest:
                pass

    def _next(self) -> None:
        if next(self._rest, "none left") is None:
            self._follow(BETWEEN)

    def _move(self) -> None:
        """What moves with the slider: all solutions, and the nullclines."""
        from_file = bool(self.network_file.value)
        for slider in self.sliders.values():
            slider.disabled = from_file
        self.vary.disabled = from_file
        try:
            checked = ExploreParameters(**self.given)
            self.network = checked.network()
            before = self.rate if hasattr(self, "dataset") else None
            self.dataset = predictions.stationary(self.network)
        except ParameterError as error:
            self.said.value = f"<b>{html.escape(str(error))}</b>"
            self._rest = iter(())
            return
        self.said.value = ""
        self.line.value = f"<code>{html.escape(runner_line(self.given))}</code>{COPY}"
        self._list_states(before)
        self._draw("solutions")
        self._rest = self._slower()

    def _list_states(self, before: np.ndarray | None) -> None:
        """Offer the solutions; the one nearest to what was looked at before stays in view."""
        names = [str(name) for name in self.dataset["population"].values]
        rates, stable = self.dataset["rate"].values, self.dataset["stable"].values
        chosen = predictions.preferred(self.dataset)
        if before is not None and before.shape == rates[0].shape:
            chosen = int(np.argmin(np.abs(np.arcsinh(rates) - np.arcsinh(before)).max(axis=1)))
        words = ["stable" if it else "unstable" for it in stable]
        options = [
            (f"{n}: {names[0]} {rate[0]:.4g} spikes/s, {word}", n - 1)
            for n, (rate, word) in enumerate(zip(rates, words, strict=True), start=1)
        ]
        self._listing = True  # what is not chosen by hand
        self.state.options = options
        self.state.value = chosen
        self._listing = False
        rows = [[n, *(f"{r:.6g}" for r in rate), w] for n, (rate, w) in enumerate(zip(rates, words, strict=True), 1)]
        self.solutions.value = _table(["solution", *(f"{name} (spikes/s)" for name in names), ""], rows)
        self.rates.value = ""

    def _slower(self) -> Iterator[None]:
        """The pieces that follow when nothing moves, each a moment later."""
        network, given = self.network, self.given
        yield
        brunel = None
        if not self.network_file.value:
            brunel = {name: value for name, value in given.items() if name not in WITHOUT_FORCE}
        along = values_along(self.vary.value, self.network_file.value)
        self._add(predictions.branches(network, brunel, self.vary.value, along))
        self.dataset.attrs["at"] = 1.0 if brunel is None else given[self.vary.value]
        self._draw("along")
        yield
        self.dataset = predictions.with_basins(network, self.dataset)
        if "basin" in self.dataset:
            self._draw("solutions")
        yield from self._about_state()

    def _about_state(self) -> Iterator[None]:
        """What depends on which solution is looked at."""
        network, rate = self.network, self.rate
        yield
        stability = predictions.stability_of(network, rate)
        self._add(stability)
        self._draw("modes")
        yield
        self._add(predictions.spectrum_of(network, rate, stability))
        self._draw("spectrum")
        yield
        self._add(predictions.shot_noise_of(network, rate))
        self.dataset["chosen"] = ((), self.state.value, {"units": "1", "long_name": "solution that is looked at"})
        self._show_rates()

    def _add(self, piece: xr.Dataset) -> None:
        dropped = set(piece.variables) & set(self.dataset.variables) - {"population"}
        kept = self.dataset.drop_vars(dropped)
        self.dataset = kept.merge(piece).assign_attrs(kept.attrs | piece.attrs)

    def _draw(self, panel: str) -> None:
        self.panels[panel].value = explorer_panel(panel, self.dataset, self.dataset.attrs.get("at"))._repr_png_()

    def _show_rates(self, trains: xr.Dataset | None = None) -> None:
        """The solution by each theory."""
        shot_noise = self.dataset["shot_noise_rate"].values
        rows = []
        for n, name in enumerate(self.dataset["population"].values):
            last = MISSING
            if trains is not None:
                last = with_error(float(trains["rate"][n]), float(trains["rate_sem"][n]))
            rows.append([name, number(self.rate[n], ".5g"), number(shot_noise[n], ".5g"), last])
        self.rates.value = _table(["rate (spikes/s)", "Siegert", "shot noise", "trains"], rows)
        if reason := self.dataset["shot_noise_rate"].attrs.get("missing", ""):
            self.said.value = f"shot noise: {html.escape(reason)}"

    def _predict_trains(self, _button: Any) -> None:
        """Compute self-consistent trains beside everything else; forget them if the network has moved meanwhile."""
        if self._thread.is_alive():
            return
        network, rate = self.network, self.rate
        self.progress.value, self.progress.layout.visibility = 0.0, "visible"

        def tell(generations: float) -> None:
            self.progress.value = generations / QUICK["max_generations"]

        def compute() -> None:
            try:
                trains = self_consistent_trains(network, start=rate, progress=tell, **QUICK)
                if network is self.network and "shot_noise_rate" in self.dataset:
                    self._show_rates(trains)
            except ValueError as error:
                self.said.value = f"self-consistent trains: {html.escape(str(error))}"
            self.progress.layout.visibility = "hidden"

        self._thread = threading.Thread(target=compute, daemon=True)
        self._thread.start()

    def _open_in_compare(self, _button: Any) -> None:
        """Write compare.ipynb with these parameters into the results, and lead there."""
        try:
            root = repository("opening compare.ipynb")
            content = load_notebook_node(str(root / "notebooks" / "compare.ipynb"))
            given = {name: value for name, value in self.given.items() if value != self._default(name)}
            content = parameterize_notebook(content, given | {"output": EXPLORED})
            path = f"{EXPLORED}/compare.ipynb"
            write_atomically(root / path, lambda temporary: nbformat.write(content, temporary))
        except ParameterError as error:
            self.said.value = f"<b>{html.escape(str(error))}</b>"
            return
        self.said.value = f'<a href="#" onclick="{html.escape(OPEN.format(path))}">{path}</a>'

    @staticmethod
    def _default(name: str) -> Any:
        return BrunelParameters.model_fields[name].default if name in BrunelParameters.model_fields else None


def explore(parameters: ExploreParameters) -> Explorer:
    """Sliders and panels of what theory says of a network; see `Explorer`.

    Parameters
    ----------
    parameters : ExploreParameters
        Where to begin: ``mf.parameters("explore", globals())``.
    """
    return Explorer(parameters)


def _slider(name: str, value: float) -> widgets.FloatSlider:
    low, high, step = RANGES[name]
    unit = BrunelParameters.unit(name)
    return widgets.FloatSlider(
        value=value,
        min=min(low, value),
        max=max(high, value),
        step=step,
        description=f"{name} ({unit})" if unit else name,
        readout_format=".2f",
        style={"description_width": "100px"},
        layout={"width": "380px"},
    )


def _table(header: list[str], rows: list[list[Any]]) -> str:
    def row(cells: list[Any], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{row(header, 'th')}{''.join(row(cells, 'td') for cells in rows)}</table>"
