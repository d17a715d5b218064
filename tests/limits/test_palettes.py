"""Populations are told apart, in colour and in grey, however many there are; and each in all figures alike."""

from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_rgb

import meanfield as mf
from meanfield.comparison.terms import PARTS, TERMS
from meanfield.figures import palettes
from meanfield.figures.palettes import COLOURS, population_looks

EIGHT = [f"{layer}{kind}" for layer in ("L23", "L4", "L5", "L6") for kind in "EI"]


class TestPopulations:
    def test_eight_look_different_with_and_without_colour(self):
        looks = population_looks(EIGHT).values()
        for one, other in combinations(looks, 2):
            assert one.colour != other.colour
            assert (one.marker, one.face == "white", one.line) != (other.marker, other.face == "white", other.line)

    @pytest.mark.parametrize("layer", range(4))
    def test_inhibition_is_open_and_dashed_and_excitation_full_and_solid(self, layer):
        excitatory, inhibitory = list(population_looks(EIGHT).values())[2 * layer : 2 * layer + 2]
        assert (excitatory.face, excitatory.line) == (excitatory.colour, "-")
        assert (inhibitory.face, inhibitory.line) == ("white", "--")
        assert excitatory.marker == inhibitory.marker

    @pytest.mark.parametrize(
        ("name", "inhibitory"),
        [("I", True), ("L23I", True), ("4i", True), ("I_2", True), ("E", False), ("PV", False), ("Pyri", False)],
    )
    def test_are_inhibitory_by_name(self, name, inhibitory):
        assert (population_looks(["E", name])[name].face == "white") is inhibitory

    def test_thirty_have_looks(self):
        assert len(population_looks(f"{n}{kind}" for n in range(15) for kind in "EI")) == 30

    def test_the_colours_of_e_and_i_differ_in_lightness(self):
        lightness = [
            to_rgb(look.colour) @ np.array([0.2126, 0.7152, 0.0722]) for look in population_looks("EI").values()
        ]
        assert abs(lightness[0] - lightness[1]) > 0.2


def test_every_colour_of_a_term_is_in_the_palette():
    assert {row.colour for row in (*TERMS, *PARTS)} <= COLOURS.keys()


NEURONS, SPIKES, BINS = 20, 400, 100


def some_results(names: list[str]) -> xr.Dataset:
    """Invented results of one network, in the shapes that the notebook compare stores."""
    random = np.random.default_rng(1)
    n, seeds, rungs = len(names), [1, 2], ["siegert", "shot_noise", "time_grid", "network"]
    siegert = np.linspace(5.0, 30.0, n)
    rung_rate = siegert + random.normal(0.0, 1.0, (4, n)) * np.array([0, 1, 1, 1])[:, None]
    rates = {
        "simulated": rung_rate[-1],
        "simulated_sem": np.full(n, 0.3),
        "simulated_freedom": np.full(n, 12.0),
        "simulated_upper": rung_rate[-1] + 1.0,
        "siegert": siegert,
        "siegert_cv": np.linspace(0.4, 0.8, n),
        "simulated_cv": np.linspace(0.3, 0.9, n),
        "population_fano": np.ones(n),
        "rate_network": siegert,
        "deviation_percent": 100 * (rung_rate[-1] / siegert - 1),
        "deviation_percent_sem": 30.0 / siegert,
        "total": rung_rate[-1] - siegert,
        "total_error": np.full(n, 0.3),
    }
    return xr.Dataset(
        {
            **{name: ("population", values) for name, values in rates.items()},
            "n_solutions": 1,
            "rate": (("seed", "population"), rung_rate[-1] + random.normal(0.0, 0.3, (2, n))),
            "duration": ("seed", [float(BINS), float(BINS)]),
            "activity": (("seed", "time", "population"), random.gamma(4.0, siegert / 4, (2, BINS, n))),
            "neuron_rate": (
                ("seed", "neuron"),
                np.repeat(siegert, NEURONS) + 10 * random.integers(-1, 2, (2, n * NEURONS)),
            ),
            "spike_step": ("spike", random.integers(1, 10 * BINS, SPIKES)),
            "spike_neuron": ("spike", random.integers(0, n * NEURONS, SPIKES)),
            "spike_seed": ("spike", random.integers(1, 3, SPIKES)),
            "trajectory": (("pseudo_time", "population"), siegert * (1 - np.exp(-np.arange(20.0)))[:, None]),
            "rung_rate": (("rung", "population"), rung_rate),
            "rung_error": (("rung", "population"), np.full((4, n), 0.1)),
            "contribution": (("term", "population"), np.diff(rung_rate, axis=0)),
            "contribution_error": (("term", "population"), np.full((3, n), 0.1)),
        },
        coords={
            "population": names,
            "seed": seeds,
            "time": np.arange(BINS) + 0.5,
            "pseudo_time": np.arange(20.0),
            "rung": rungs,
            "term": rungs[1:],
            "neuron_population": ("neuron", np.repeat(names, NEURONS)),
        },
        attrs={"dt": 0.1, "record": NEURONS},
    )


@pytest.fixture(params=[["I"], ["E", "I"], EIGHT], ids=len)
def results(request):
    return some_results(request.param)


def along(results: xr.Dataset) -> xr.Dataset:
    """As collected over two values of J and two seeds."""
    kept = results.drop_dims(["spike", "neuron", "time", "pseudo_time", "seed"])
    seeds = xr.concat([kept, kept], dim=xr.Variable("seed", [1, 2]))
    return xr.concat([seeds, seeds], dim=xr.Variable("J", [0.1, 0.2]))


def svg(figure) -> str:
    written = io.StringIO()
    figure.savefig(written, format="svg")
    return written.getvalue()


class TestFigures:
    """Each names all populations, and draws each one's theory."""

    @pytest.mark.parametrize("name", ["compare", "deviation", "spiking", "rate_network", "waterfall"])
    def test_of_one_network(self, results, name):
        written = svg(getattr(mf.figures, f"{name}_figure")(results))
        for population in results["population"].values:
            assert f"{population}<" in written
        assert ">nan" not in written.lower()

    def test_along_a_parameter_draw_each_populations_theory(self, results):
        figure = mf.figures.validity_line_figure(along(results))
        rates, _, cvs = figure.axes
        for axes, name in ((rates, "siegert"), (cvs, "siegert_cv")):
            drawn = [line.get_ydata() for line in axes.lines if len(line.get_xdata()) == 2]
            for value in results[name].values:
                assert any(np.allclose(y, value) for y in drawn), name
        written = svg(figure)
        assert all(f">{population}<" in written for population in results["population"].values)

    def test_of_budgets_along_a_parameter_have_a_panel_for_each(self, results):
        budgets = along(results).isel(seed=0, drop=True)
        names = list(results["population"].values)
        titles = [axes.get_title() for axes in mf.figures.waterfalls_figure(budgets).axes if axes.get_visible()]
        assert titles == [f"weight J = {J} mV: population {name}" for J in (0.1, 0.2) for name in names]
        figure = mf.figures.budget_along_figure(budgets)
        labels = [axes.get_ylabel() for axes in figure.axes[::2]]
        assert labels == [f"part of {name}'s\nSiegert rate (%)" for name in names]
        assert figure.get_figheight() < 10  # inches, a page

    @pytest.mark.parametrize("name", ["compare", "deviation", "rate_network", "budget_along"])
    def test_no_legend_covers_data(self, results, name):
        one = along(results).isel(seed=0, drop=True) if name == "budget_along" else results
        figure = getattr(mf.figures, f"{name}_figure")(one)
        svg(figure)
        panels = [axes.get_window_extent() for axes in figure.axes]
        assert [axes.get_legend() for axes in figure.axes] == [None] * len(figure.axes)
        for legend in figure.legends:
            box = legend.get_window_extent()
            assert not any(box.overlaps(panel) for panel in panels)
            assert box.x0 >= 0
            assert box.x1 <= figure.bbox.x1


def test_the_colour_of_a_population_stands_in_one_place(monkeypatch):
    """As whoever changes it would find: one other colour there, and no old one left in any figure."""
    results = some_results(["E", "I"])
    monkeypatch.setattr(palettes, "INHIBITORY", ("pink",))
    for figure in (mf.figures.compare_figure(results), mf.figures.validity_line_figure(along(results))):
        written = svg(figure).lower()
        assert COLOURS["orange"].lower() not in written
        assert COLOURS["pink"].lower() in written
