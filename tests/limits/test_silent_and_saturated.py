"""Networks at the edges: silent, saturated, ruled by inhibition, next to noiseless, or too large for the machine."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import meanfield as mf
from meanfield.simulation import memory

SMALL = {"order": 50, "epsilon": 0.1}
NETWORKS = Path(__file__).parents[2] / "experiments" / "networks"
RUN = {"duration": 300.0, "warmup": 100.0, "threads": 1, "progress": False}


def shown(dataset, *, missing=()):
    """All variables that must be finite."""
    return {
        name: values for name, values in dataset.variables.items() if values.dtype.kind == "f" and name not in missing
    }


class TestSilence:
    @pytest.fixture(scope="class", params=[0.0, 0.01], ids="eta={}".format)
    @classmethod
    def network(cls, request):
        return mf.brunel_network(eta=request.param, **SMALL)

    @pytest.fixture(scope="class")
    @classmethod
    def simulated(cls, network):
        return mf.simulate_spiking(network, record="all", **RUN)

    def test_no_spike_means_rate_zero_and_activity_zero(self, simulated):
        assert (simulated["rate"] == 0).all()
        assert (simulated["activity"] == 0).all()
        assert (simulated["neuron_rate"] == 0).all()
        assert simulated.sizes["spike"] == 0

    def test_error_and_cv_are_missing_rather_than_zero(self, simulated):
        assert simulated["rate_sem"].isnull().all()
        assert simulated["cv"].isnull().all()
        assert (simulated["cv_neurons"] == 0).all()

    def test_nothing_else_is_missing(self, simulated):
        for name, values in shown(simulated, missing=("rate_sem", "rate_freedom", "rate_drift", "cv")).items():
            assert np.isfinite(values).all(), name

    def test_the_upper_bound_is_the_rate_at_which_silence_has_5_percent_probability(self, simulated):
        neuron_seconds = np.array([200, 50]) * 0.3
        chance_of_silence = np.exp(-simulated["rate_upper"].values[0] * neuron_seconds)
        assert chance_of_silence == pytest.approx(0.05)

    def test_its_state_and_its_deviation_are_drawn(self, network):
        spiking = mf.simulate_spiking(network, record=20, bin_width=0.1, **RUN)
        spectrum, states = mf.activity_spectrum(spiking), mf.measure_states(network, spiking)
        measured = xr.merge([states, spectrum], combine_attrs="override").isel(seed=0, drop=True)
        predicted = mf.predict_state(network, spiking["rate"].values[0], spectrum["frequency"].values, 0.1)
        seen = xr.merge([measured, predicted, mf.excerpt(spiking)], combine_attrs="override")
        figure = mf.figures.state_figure(seen)
        figure.canvas.draw()
        assert figure.axes[0].get_title() == "simulated: silent"
        assert figure.axes[1].get_xlim() == (0.0, 200.0)
        mf.figures.deviation_figure(mf.deviation(network, spiking)).canvas.draw()

    def test_the_rate_network_is_silent_too(self, network):
        settled = mf.simulate_rate_network(network)
        assert settled["converged"]
        assert (settled["rate"] < 1e-12).all()
        assert np.isfinite(settled["trajectory"]).all()

    def test_a_wanted_accuracy_is_never_reached_and_the_run_ends_nevertheless(self, network):
        run = RUN | {"duration": 50.0}
        simulated = mf.simulate_spiking(network, target_sem=0.1, max_duration=120.0, **run)
        assert not simulated["target_reached"].any()
        assert simulated["duration"].item() == pytest.approx(120)


class TestFullRates:
    @pytest.fixture(scope="class", params=[{"g": 0.0, "eta": 4.0}, {"g": 8.0, "eta": 2.0}], ids=str)
    @classmethod
    def network(cls, request):
        return mf.brunel_network(**SMALL, **request.param)

    @pytest.fixture(scope="class")
    @classmethod
    def simulated(cls, network):
        return mf.simulate_spiking(network, **RUN)

    def test_nothing_is_missing(self, simulated):
        for name, values in shown(simulated).items():
            assert np.isfinite(values).all(), name

    def test_no_neuron_fires_faster_than_its_refractory_time_allows(self, simulated):
        assert (simulated["neuron_rate"] > 0).all()
        assert (simulated["neuron_rate"] < 500).all()

    def test_the_upper_bound_lies_above_the_rate(self, simulated):
        assert (simulated["rate_upper"] > simulated["rate"]).all()

    def test_the_rate_network_settles_near_the_simulation(self, network, simulated):
        settled = mf.simulate_rate_network(network)
        assert settled["converged"]
        np.testing.assert_allclose(settled["rate"], simulated["rate"][0], rtol=0.03)


class TestAllNeuronsAlike:
    """Constant drive and no noise: every neuron fires like a clock, at a rate known in closed form."""

    network = mf.Network(populations=["clocks"], size=20, K=0, J=0.0, delay=1.0, mu_ext=30.0, tau_m=10.0, t_ref=2.0)

    def test_the_intervals_are_those_of_the_closed_form_on_the_grid_and_do_not_vary(self):
        simulated = mf.simulate_spiking(self.network, record="all", **RUN)
        interval = 2.0 + np.ceil(10.0 * np.log(30 / (30 - 20)) / 0.1) * 0.1
        steps = simulated["spike_step"].values[simulated["spike_neuron"].values == 3]
        assert np.unique(np.diff(steps)).tolist() == [round(interval / 0.1)]
        assert simulated["cv"].item() == 0

    def test_their_membranes_start_at_rest_or_spread(self):
        for V_init, n_phases in (("rest", 1), ("spread", 20)):
            simulated = mf.simulate_spiking(self.network, record="all", V_init=V_init, **RUN)
            first = simulated["spike_step"].groupby(simulated["spike_neuron"]).min().values
            assert len(np.unique(first)) <= n_phases
            assert (len(np.unique(first)) > 5) == (V_init == "spread")

    def test_the_rate_network_is_missing_and_says_why(self):
        rate_network = mf.simulate_rate_network(self.network)
        assert not rate_network["converged"]
        assert rate_network["rate"].isnull().all()
        assert "clocks has mu = 30 mV and sigma = 0 mV" in rate_network.attrs["missing"]
        assert "sigma must be ≥ 0.003 mV" in rate_network.attrs["missing"]

    def test_a_finished_simulation_is_compared_without_it(self):
        simulated = mf.simulate_spiking(self.network, record="all", **RUN)
        comparison = mf.compare(self.network, simulated, mf.simulate_rate_network(self.network))
        np.testing.assert_allclose(comparison["siegert"], 1e3 / (2.0 + 10.0 * np.log(3.0)), rtol=1e-12)
        assert any("so little noise" in reason for reason in mf.missing(comparison))
        mf.figures.compare_figure(comparison).canvas.draw()


class TestShortestRuns:
    @pytest.mark.parametrize(
        "run",
        [
            {"duration": 0.1, "bin_width": 0.1},
            {"duration": 0.5, "bin_width": 0.5, "warmup": 0.0},
            {"duration": 1.0, "warmup": 0.0},
            {"duration": 0.9, "dt": 0.3, "bin_width": 0.3, "warmup": 0.3},  # three steps of 0.3 fall short of 0.9
            {"duration": 2.1, "dt": 0.7, "bin_width": 0.7, "warmup": 0.0},
        ],
        ids=str,
    )
    def test_they_end_and_are_as_long_as_they_should_be(self, run):
        dt = run.get("dt", 0.1)
        network = mf.brunel_network(**SMALL, delay=10 * dt, t_ref=10 * dt)
        simulated = mf.simulate_spiking(network, threads=1, progress=False, **run)
        assert simulated["duration"].item() == pytest.approx(run["duration"])
        assert simulated["activity"].mean("time").values == pytest.approx(simulated["rate"].values)
        assert (simulated["rate_sem"].notnull() == simulated["rate_freedom"].notnull()).all()
        known = simulated["rate_sem"].notnull() | (simulated["rate"] == 0)
        assert (simulated["rate_upper"].notnull() == known).all()


NEST_AGAINST_QUADRATURE = """
    import json, sys
    import numpy as np
    from scipy import integrate, special
    import meanfield as mf

    def siegert(mu, sigma, tau_m, t_ref, theta, V_reset):
        lower, upper = (V_reset - mu) / sigma, (theta - mu) / sigma
        cuts = sorted({lower, upper, *(x for x in (-1e3, -1e2, -10, -3, 0, 3, 6) if lower < x < upper)})
        pieces = [integrate.quad(lambda u: special.erfcx(-u), a, b, epsabs=0, epsrel=1e-12, limit=200)[0]
                  for a, b in zip(cuts, cuts[1:])]
        return 1e3 / (t_ref + tau_m * np.sqrt(np.pi) * sum(pieces))

    rng = np.random.default_rng(int(sys.argv[1]))
    worst, refused, compared = 0.0, 0, 0
    for _ in range(int(sys.argv[2])):
        tau_m, t_ref = rng.uniform(5, 30), rng.uniform(0, 3)
        theta = rng.choice([20.0, 15.0, 0.5, 50.0, 1e-3])
        V_reset = theta - rng.choice([20.0, 10.0, 0.5])
        above_reset = (theta - V_reset) + 10 ** rng.uniform(-3, 3) * rng.choice([1, 1, 1, -0.01])
        mu = V_reset + above_reset
        # From well within the limit of what siegert_neuron bears to well beyond.
        sigma = abs(above_reset) / 10 ** rng.choice([rng.uniform(-1, 3.9), rng.uniform(3.9, 4.1), rng.uniform(4.1, 9)])
        variance_per_weight = 1e-3 * tau_m * 1e5  # one weight J at 1e5 spikes/s
        J = sigma / np.sqrt(variance_per_weight)
        network = mf.Network(
            populations=["P"], size=1, K=0, J=0.0, delay=1.0, K_ext=1, J_ext=J, rate_ext=1e5,
            mu_ext=mu - variance_per_weight * J, tau_m=tau_m, t_ref=t_ref, theta=theta, V_reset=V_reset,
        )
        (mu,), (sigma,) = network.input_moments(np.zeros(1))
        rate_network = mf.simulate_rate_network(network, pseudo_duration=40.0, pseudo_dt=0.5)
        rate = rate_network["rate"].item()
        if "missing" in rate_network.attrs:
            assert np.isnan(rate)
            refused += 1
            assert (mu - V_reset) / sigma > 0.99e4, (mu, sigma, theta, V_reset)
            continue
        expected = siegert(mu, sigma, tau_m, t_ref, theta, V_reset) if theta - mu < 6 * sigma else 0.0
        if expected > 1e-6:
            compared += 1
            worst = max(worst, abs(rate / expected - 1))
        else:
            assert rate < 1e-6
    print(json.dumps({"worst": worst, "refused": refused, "compared": compared}))
"""


class TestVanishingNoise:
    def test_whatever_is_not_refused_is_right(self, in_its_own_process):
        """NEST aborts its process on what the guard should have refused: so this runs in a process of its own."""
        found = in_its_own_process(NEST_AGAINST_QUADRATURE, 1, 160)
        assert found["compared"] > 60
        assert found["refused"] > 20
        assert found["worst"] < 1e-8

    def test_next_to_no_noise_above_threshold_never_kills_the_process(self, in_its_own_process):
        told = in_its_own_process(
            """
            import json
            import meanfield as mf

            def told(J_ext, mu_ext):
                network = mf.Network(
                    populations=["P"], size=1, K=0, J=0.0, delay=1.0, K_ext=1, J_ext=J_ext, rate_ext=1e3, mu_ext=mu_ext
                )
                rate_network = mf.simulate_rate_network(network)
                return rate_network.attrs.get("missing", rate_network["rate"].item())

            weights = [0.0, 1e-12, 1e-9, 1e-7, 1e-6, 1e-4, 3e-4]
            print(json.dumps([told(J_ext, mu_ext) for J_ext in weights for mu_ext in (20.0, 20.001, 25.0, 1e9)]))
            """
        )
        assert told[0] == 0 or "so little noise" in told[0]  # exactly at threshold, without noise
        assert all("NEST's siegert_neuron cannot be used with so little noise" in sentence for sentence in told[1:])

    def test_noise_that_vanishes_only_on_the_way_is_refused_too(self, in_its_own_process):
        """A population that starts silent is driven out of the range by another one's growing rate."""
        told = in_its_own_process(
            """
            import json
            import meanfield as mf
            network = mf.Network(
                populations=["driver", "driven"], size=1, K=[[0, 0], [10**9, 0]], J=[[0, 0], [1e-6, 0]], delay=1.0,
                K_ext=[1000, 0], J_ext=[0.5, 0], rate_ext=[50, 0],
            )
            rate_network = mf.simulate_rate_network(network)
            assert rate_network["rate"].isnull().all() and rate_network.sizes["pseudo_time"] > 1
            print(json.dumps(rate_network.attrs["missing"]))
            """
        )
        assert "the input of population driven has mu = " in told
        assert "at pseudo-time 0 ms" not in told

    @pytest.mark.parametrize("J", [0.2, 0.8])
    def test_a_network_whose_noise_is_all_its_own_starts_where_there_is_some(self, J):
        network = mf.Network.from_yaml(NETWORKS / f"ostojic_J{J}.yml")
        rate_network = mf.simulate_rate_network(network)
        assert rate_network["converged"]
        assert "missing" not in rate_network.attrs
        assert rate_network["trajectory"][0].values == pytest.approx(1e-3)
        assert rate_network.attrs["initial_rate"].tolist() == [1e-3, 1e-3]
        np.testing.assert_allclose(rate_network["rate"], mf.fixed_points(network)["rate"][0], rtol=1e-9)

    def test_a_silent_noiseless_network_is_not_refused(self):
        network = mf.Network(populations=["P"], size=1, K=0, J=0.0, delay=1.0, mu_ext=15.0)
        assert mf.simulate_rate_network(network)["rate"].item() == 0

    @pytest.mark.parametrize("E_L", [-65.0, -70.25, 10.0])
    def test_absolute_potentials_give_the_same_rates(self, E_L):
        """Only differences of voltages matter: theta 15 mV above rest, V_reset 3 mV below."""

        def rate(rest, **more):
            network = mf.Network(
                populations=["P", "Q"],
                size=10,
                K=10,
                J=[[0.1, -0.2], [0.1, -0.2]],
                delay=1.0,
                K_ext=100,
                J_ext=0.3,
                rate_ext=20.0,
                mu_ext=10.0,
                theta=rest + 15.0,
                V_reset=rest - 3.0,
                **more,
            )
            return mf.simulate_rate_network(network)["rate"].values

        np.testing.assert_array_equal(rate(E_L, E_L=E_L), rate(0.0))
        assert (rate(0.0) > 1).all()


class TestMemory:
    network = mf.brunel_network(order=2500)

    def test_what_does_not_fit_is_refused_before_it_is_built_with_the_need_and_what_would_fit(self, monkeypatch):
        monkeypatch.setattr(memory, "memory_available", lambda: 700_000_000)
        with pytest.raises(mf.ParameterError) as caught:
            mf.simulate_spiking(self.network, progress=False)
        told = str(caught.value)
        assert "12,500 neurons and 15,625,000 synapses needs 1.2 GB of memory, of which 0.7 GB are free" in told
        scale = float(told.split("; ")[1].split(" ")[0])
        assert memory.memory_needed(mf.brunel_network(order=int(2500 * scale))) <= 700_000_000 * 1.01
        assert memory.memory_needed(mf.brunel_network(order=int(2500 * scale * 1.1))) > 700_000_000

    def test_what_just_fits_is_not_refused(self, monkeypatch):
        monkeypatch.setattr(memory, "memory_available", lambda: memory.memory_needed(self.network))
        memory.refuse_what_does_not_fit(self.network)

    @pytest.mark.parametrize("available", [0, memory.BYTES_OF_PROCESS // 2, memory.BYTES_OF_PROCESS])
    def test_a_machine_that_is_full_already_is_told_too(self, monkeypatch, available):
        monkeypatch.setattr(memory, "memory_available", lambda: available)
        with pytest.raises(mf.ParameterError, match="GB of memory"):
            memory.refuse_what_does_not_fit(self.network)

    def test_a_network_beyond_any_machine_is_refused_rather_than_overflowing(self):
        vast = mf.Network(populations=["A", "B", "C", "D"], size=10**9, K=10**9, J=0.1, delay=1.0)
        with pytest.raises(mf.ParameterError, match="16,000,000,000,000,000,000 synapses needs"):
            mf.simulate_spiking(vast, progress=False)

    def test_a_network_of_neurons_without_synapses_is_weighed_as_well(self, monkeypatch):
        monkeypatch.setattr(memory, "memory_available", lambda: 400_000_000)
        alone = mf.Network(populations=["P"], size=10**6, K=0, J=0.0, delay=1.0)
        with pytest.raises(mf.ParameterError, match="would fit"):
            mf.simulate_spiking(alone, progress=False)

    @pytest.mark.parametrize("own_weights", [False, True], ids=["shared weights", "own weights"])
    def test_the_estimate_is_what_a_process_really_grows_by(self, in_its_own_process, own_weights):
        found = in_its_own_process(
            """
            import json, sys
            import numpy as np, psutil
            import meanfield as mf
            from meanfield.simulation import memory

            def network(size, K):
                # Eleven populations have 121 different weights, more than are shared.
                n = 11 if sys.argv[1] == "True" else 1
                weights = 0.01 * np.arange(1, n * n + 1).reshape(n, n)
                names = [str(p) for p in range(n)]
                return mf.Network(populations=names, size=size // n, K=K // n, J=weights, delay=1.5)

            def build(network):
                mf.simulate_spiking(network, duration=1.0, warmup=0.0, V_init="rest", threads=1, progress=False)

            build(network(110, 11))
            before = psutil.Process().memory_info().rss
            build(network(3300, 990))
            grown = psutil.Process().memory_info().rss - before
            told = memory.memory_needed(network(3300, 990)) - memory.BYTES_OF_PROCESS
            print(json.dumps({"grown": grown, "told": told}))
            """,
            own_weights,
        )
        assert found["told"] == pytest.approx(found["grown"], rel=0.25)
