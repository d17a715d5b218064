"""``python -m meanfield show`` reads well for every kind of dataset, also where it knows little."""

import json
import re

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

import meanfield as mf
from meanfield.__main__ import REFERENCE, main
from meanfield.runs.results import save_dataset
from meanfield.runs.show import describe
from meanfield.runs.show_network import network_in_words

RUN = {"duration": 100.0, "warmup": 50.0, "threads": 1, "progress": False}


@pytest.fixture(scope="module")
def spiking():
    return mf.simulate_spiking(mf.brunel_network(order=50), n_seeds=2, **RUN)


def parameters(**given) -> str:
    return mf.SpikingNetworkParameters(**given).provenance()


@pytest.fixture
def described(tmp_path):
    """What the command prints of a dataset."""

    def show(dataset: xr.Dataset, *options: str) -> str:
        save_dataset(dataset, tmp_path / "some.nc")
        shown = CliRunner().invoke(main, ["show", str(tmp_path / "some.nc"), *options])
        assert shown.exit_code == 0, shown.output
        assert max(map(len, shown.output.splitlines())) <= 140
        return shown.output

    return show


class TestKinds:
    def test_a_comparison_is_its_table(self, described, spiking):
        network = mf.brunel_network(order=50)
        comparison = mf.compare(network, spiking, mf.simulate_rate_network(network))
        assert described(comparison).startswith(mf.comparison_table(comparison).to_string())

    def test_a_comparison_without_a_rate_network_too(self, described, spiking):
        deviation = mf.deviation(mf.brunel_network(order=50), spiking)
        assert "rate network" not in described(deviation)
        assert "Siegert's rate" in described(deviation)

    def test_a_simulation_is_its_rates_with_errors(self, described, spiking):
        first, *rows = described(spiking).splitlines()[:3]
        assert first.split() == ["E", "rate", "(spikes/s)", "E", "CV", "I", "rate", "(spikes/s)", "I", "CV"]
        assert [row.split()[:2] for row in rows] == [["seed", "1"], ["seed", "2"]]
        assert all(row.count("±") == 2 for row in rows)

    def test_a_state_is_its_simulated_rates_beside_theorys(self, described, spiking):
        network = mf.brunel_network(order=50)
        run = mf.simulate_spiking(network, record=20, bin_width=0.1, **RUN | {"duration": 600.0})
        spectrum, states = mf.activity_spectrum(run), mf.measure_states(network, run)
        rates = run[["rate", "rate_sem"]].assign(neuron_cv=run["cv"])
        measured = xr.merge([rates, states, spectrum], combine_attrs="override").isel(seed=0, drop=True)
        predicted = mf.predict_state(network, run["rate"].values[0], spectrum["frequency"].values, 0.1)
        told = described(xr.merge([measured, predicted], combine_attrs="override"))
        assert "rate network" not in told
        rows = {line[:30].strip(): line[30:].split() for line in told.splitlines()}
        assert rows["rate, white noise (spikes/s)"] == 2 * [f"{float(predicted['siegert'][0]):.3f}"]
        simulated = [float(rows["rate, simulated (spikes/s)"][cell]) for cell in (0, 3)]
        assert simulated == pytest.approx(run["rate"].values[0], rel=0.01)

    def test_solutions_are_told_with_their_stability(self, described):
        told = described(mf.fixed_points(mf.brunel_network(g=3.0, eta=0.8)))
        assert [row.split()[-1] for row in told.splitlines()[2:5]] == ["yes", "no", "yes"]

    def test_anything_else_is_its_variables(self, described):
        told = described(xr.Dataset({"power": ("frequency", [1.0, 2.5], {"units": "1/Hz", "long_name": "its power"})}))
        assert "dimensions    frequency 2\n" in told
        assert "power (frequency)  1 … 2.5 1/Hz" in told
        assert "its power" in told

    def test_variables_are_listed_on_demand(self, described, spiking):
        assert "spike_step (spike)" not in described(spiking)
        assert "spike_step (spike)" in described(spiking, "--variables")


class TestNetwork:
    def test_shows_each_value_once(self):
        network = mf.Network(
            populations=("E", "I"),
            size=[80, 20],
            K=[[8, 2], [6, 4]],
            J=[[0.1, -0.4]] * 2,
            delay=1.5,
            tau_m=[20.0, 10.0],
            mu_ext=25.0,
        )
        lines = {label: text.replace("\u00a0", " ") for label, text in network_in_words(network)}
        assert lines["neurons"] == "E 80, I 20"
        assert lines["K to E"] == "from E 8, from I 2"
        assert lines["K to I"] == "from E 6, from I 4"
        assert lines["J"] == "from E 0.1, from I -0.4 mV"
        assert lines["tau_m"] == "E 20, I 10 ms"
        assert "mu_ext 25 mV" in lines["all alike"].split(", ")


class TestExperiment:
    @pytest.fixture
    def dataset(self):
        sources = [json.loads(parameters(duration=500.0)), json.loads(parameters(duration=500.0))]
        sources[1]["git"] = {"commit": "b" * 40, "clean": False}
        provenance = {
            "schema_version": 1,
            "experiment": {
                "name": "some_map",
                "notebook": "notebooks/deviation.ipynb",
                "fixed": {"duration": 500.0},
                "grid": [{"g": [4.0, 5.0, 6.0]}, {"J": [0.1, 0.2], "order": [2500, 1250]}],
                "seeds": [1, 2],
                "variables": [],
                "figure": "",
            },
            "sources": sources,
        }
        dims = ("g", "J", "seed")
        return xr.Dataset(
            {"siegert": (dims, np.ones((3, 2, 2))), "source": (dims, np.repeat([0, 1], 6).reshape(3, 2, 2))},
            attrs={"provenance": json.dumps(provenance)},
        )

    def test_is_its_axes_and_where_its_runs_come_from(self, described, dataset):
        told = described(dataset)
        assert told.startswith("Experiment some_map: 12 runs of notebooks/deviation.ipynb\n")
        assert "  J           0.1, 0.2  (2)  together\n  order       2500, 1250  (2)  together\n" in told
        assert "  seed        1, 2  (2)\n" in told
        assert told.count("6 of 12 runs:\n") == 2
        assert f"{'b' * 40}, with changes that were not committed" in told

    def test_without_runs_axes_is_one_run(self, described, dataset):
        provenance = json.loads(dataset.attrs["provenance"])
        provenance["experiment"] |= {"grid": [], "seeds": []}
        told = described(dataset.assign_attrs(provenance=json.dumps(provenance)))
        assert told.startswith("Experiment some_map: 1 run of ")


class TestOrigin:
    def test_tells_what_differs_from_the_notebook_first(self, described, spiking):
        told = described(spiking.assign_attrs(provenance=parameters(g=6.0, seed=7)))
        assert "parameters    g 6, seed 7\n" in told
        assert "J 0.1 mV" in told.split("defaults")[1]

    def test_tells_a_network_from_a_file(self, described, spiking):
        file = "experiments/networks/three_populations.yml"
        told = described(spiking.assign_attrs(provenance=parameters(network_file=file)))
        assert f"network       from {file}\n  neurons     E1 2000, E2 2000, I 1000\n" in told
        assert "  J           from E1 0.2, from E2 0.2, from I -1.2 mV\n" in told
        assert "  all alike   delay 1.5 ms, K_ext 400, " in told
        assert not re.search(r"\b(order|epsilon|eta) ", told)  # Brunel's network was not simulated
        assert "  assumptions A neuron may be drawn more than once as a source (multapses)" in told

    def test_knows_nothing_of_a_notebook_that_is_gone_but_tells_what_is_there(self, described, spiking):
        document = json.loads(parameters(g=6.0)) | {"notebook": "gone", "git": {"commit": None, "clean": None}}
        told = described(spiking.assign_attrs(provenance=json.dumps(document)))
        assert "unknown: not made in the repository" in told
        assert "eta 2" in told

    def test_says_so_where_there_is_none(self, described, spiking):
        assert described(spiking).endswith("This dataset does not tell.\n")

    def test_tells_time_and_memory_from_the_sidecar(self, spiking, tmp_path):
        told = {"finished": "2026-01-01T00:00:00+00:00", "machine": {"platform": "Linux", "cores": 2}}
        told |= {"process_elapsed_s": 12.34, "process_cpu_s": 20.0, "peak_memory_bytes": 1.33e9}
        (tmp_path / "some.circumstances.json").write_text(json.dumps(told))
        lines = describe(spiking.assign_attrs(provenance=parameters()), tmp_path / "some.nc").splitlines()
        assert lines[-1] == "took          12.3 s, 20.0 s of processor time, 1330 MB at most"


@pytest.mark.parametrize("file", sorted(REFERENCE.rglob("*.nc")), ids=lambda path: path.stem)
def test_every_tracked_dataset_can_be_shown(file):
    shown = CliRunner().invoke(main, ["show", str(file)])
    assert shown.exit_code == 0, shown.output
    assert not re.search(r"\bnan\b", shown.output)
