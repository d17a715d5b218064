"""States are told apart on processes that are in them by construction, and on networks whose state theory knows."""

import numpy as np
import pytest

import meanfield as mf
from meanfield.simulation.measures.spike_trains import NeuronCounts, pooled_interval_cv
from meanfield.theory.linear import critical_lines
from meanfield.theory.linear import predicted_state as state_prediction

N, N_STEPS = 800, 5000  # 0.5 s
NETWORK = mf.Network(populations=["A"], size=N, K=1, J=0.1, delay=1.5)


def state_of(dataset):
    return mf.measure_states(NETWORK, dataset).isel(seed=0)


@pytest.fixture
def modulated(recorded, poisson):
    """Poisson trains with a modulated rate."""

    def make(depth, frequency, mean=40.0):
        time = 1e-4 * np.arange(N_STEPS)
        rate = mean * np.maximum(1 + depth * np.cos(2 * np.pi * frequency * time), 0)
        return recorded(poisson(1, N, N_STEPS, rate), n_neurons=N, n_steps=N_STEPS)

    return make


class TestSurrogates:
    def test_independent_poisson_trains_are_asynchronous_irregular(self, modulated):
        found = state_of(modulated(0.0, 1.0))
        assert found["state"] == "AI"
        assert found["fano"].item() == pytest.approx(1.0, abs=4 * np.sqrt(2 / 1000))
        assert found["synchrony"].item() < 0.1
        assert abs(found["coherence"].item()) < 0.2
        assert found["cv"].item() == pytest.approx(1.0, abs=0.03)
        assert found["peak_probability"].item() > 1e-3

    def test_clocks_out_of_phase_are_asynchronous_regular(self, recorded, renewal):
        run = renewal(2, N, N_STEPS, 4.0, 400.0)
        found = state_of(recorded(run, n_neurons=N, n_steps=N_STEPS))
        assert found["state"] == "AR"
        assert found["cv"].item() == pytest.approx(0.05, abs=0.01)

    def test_clocks_in_phase_are_synchronous_regular(self, recorded, renewal):
        run = renewal(3, N, N_STEPS, 4.0, 1e5, together=True)
        found = state_of(recorded(run, n_neurons=N, n_steps=N_STEPS))
        assert found["state"] == "SR"
        assert found["coherence"].item() > 0.5

    @pytest.mark.parametrize(("depth", "frequency", "state"), [(0.9, 180.0, "SI-fast"), (1.5, 22.0, "SI-slow")])
    def test_poisson_trains_that_wax_and_wane_together_are_synchronous(self, modulated, depth, frequency, state):
        found = state_of(modulated(depth, frequency))
        assert found["state"] == state
        assert found["peak_frequency"].item() == pytest.approx(frequency, abs=1.5)
        assert found["peak_probability"].item() < 1e-6
        assert found["coherence"].item() > 0.8

    def test_the_synchrony_of_a_modulated_rate_is_its_relative_deviation(self, modulated):
        assert state_of(modulated(0.9, 40.0))["synchrony"].item() == pytest.approx(0.9 / np.sqrt(2), rel=0.02)

    def test_a_faint_modulation_leaves_the_state_asynchronous(self, modulated):
        found = state_of(modulated(0.3, 180.0))
        assert found["state"] == "AI"
        assert found["peak_probability"].item() < 1e-6

    def test_silence_is_told(self, recorded):
        nothing = np.empty(0, dtype=int), np.empty(0, dtype=int)
        found = state_of(recorded(nothing, n_neurons=N, n_steps=N_STEPS))
        assert found["state"] == "silent"
        assert np.isnan(found["coherence"])


@pytest.mark.parametrize(
    ("measures", "state"),
    [
        # As measured at Brunel's points in 12,500 neurons: CV, synchrony, coherence, frequency (Hz)
        ((0.01, 1.4, 0.99, 667.0), "SR"),
        ((0.80, 0.88, 0.76, 180.0), "SI-fast"),
        ((0.44, 0.59, 0.19, 127.0), "AI"),
        ((0.75, 1.76, 0.16, 22.0), "SI-slow"),
        ((0.08, 0.17, 0.23, 614.0), "AR"),
        ((np.nan, np.nan, np.nan, np.nan), "silent"),
        ((0.5, 0.6, np.nan, 10.0), "AI"),  # too short a run to see one period return
    ],
)
def test_the_rule(measures, state):
    assert mf.classify_state(*measures, delay=1.5) == state


def test_stability_names_states_by_the_bounds_of_the_critical_lines():
    assert (state_prediction.SLOW_BELOW, state_prediction.REGULAR_ABOVE) == (
        critical_lines.SLOW_BELOW,
        critical_lines.REGULAR_ABOVE,
    )
    for growth, frequency, state in (
        (-1, 190, "AI"),
        (np.nan, np.nan, "AI"),
        (51, 190, "SI-fast"),
        (8, 29, "SI-slow"),
        (232, 660, "SR"),
    ):
        assert state_prediction.name_of_stability(growth, frequency, 1.5) == state


def test_the_rule_takes_arrays():
    assert list(mf.classify_state([0.8, 0.75], [0.9, 1.8], [0.8, 0.2], [180.0, 22.0], 1.5)) == ["SI-fast", "SI-slow"]


@pytest.mark.parametrize(
    ("point", "run", "state"),
    [
        ({"g": 3.0, "eta": 2.0, "order": 625, "epsilon": 0.4}, {"duration": 100.0, "warmup": 50.0}, "SR"),
        ({"g": 6.0, "eta": 4.0, "order": 1250, "epsilon": 0.2}, {"duration": 250.0}, "SI-fast"),
        ({"g": 5.0, "eta": 2.0, "order": 1250, "epsilon": 0.2}, {"duration": 400.0}, "AI"),
        ({"g": 4.5, "eta": 0.9, "order": 1250, "epsilon": 0.2}, {"duration": 800.0}, "SI-slow"),
    ],
    ids=["A", "B", "C", "D"],
)
def test_networks_at_brunels_points_are_in_his_states(point, run, state):
    """With his in-degrees, in a smaller network, where noise-driven oscillations are stronger; as theory says."""
    network = mf.brunel_network(V_reset=10.0, **point)
    spiking = mf.simulate_spiking(network, **({"warmup": 100.0} | run), bin_width=0.1, threads=1, progress=False)
    assert mf.measure_states(network, spiking)["state"].item() == state
    assert mf.predict_state(network, spiking["rate"].values[0], np.array([100.0]), 0.1)["white_noise_state"] == state


class TestPooledCV:
    def test_is_that_of_poisson_trains_also_in_short_recordings(self, renewal):
        """100 ms, 8 mean intervals long: beyond lies what makes the CV 0.993. Without weights it would be 0.975."""
        step, neuron = renewal(6, 20_000, 1000, 12.0, 1.0)
        assert pooled_interval_cv(step, neuron, 1000) == pytest.approx(0.993, abs=0.009)  # 2.5 standard errors

    def test_is_that_of_regular_trains(self, renewal):
        step, neuron = renewal(6, 3000, 1000, 12.0, 4.0)
        assert pooled_interval_cv(step, neuron, 1000) == pytest.approx(0.5, rel=0.03)

    def test_is_nearly_the_neurons_own_in_long_recordings_of_equal_neurons(self, renewal):
        step, neuron = renewal(7, 100, 50_000, 20.0, 4.0)
        counts = NeuronCounts(100)
        counts.add(step, neuron)
        assert pooled_interval_cv(step, neuron, 50_000) == pytest.approx(counts.cv().mean(), rel=0.02)

    def test_is_missing_for_a_handful_of_intervals(self):
        assert np.isnan(pooled_interval_cv(np.arange(1, 10), np.zeros(9, dtype=int), 100))
