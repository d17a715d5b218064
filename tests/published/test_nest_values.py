"""Numbers that NEST's own tests and examples state, and the arithmetic by which its rate network moves."""

import math

import numpy as np
import pytest

import meanfield as mf

NEST_CHECK = {"tau_m": 10.0, "t_ref": 2.0, "theta": 15.0, "V_reset": 0.0}


def settled(network, **values):
    dataset = mf.simulate_rate_network(network, **values)
    assert dataset["converged"]
    return dataset["rate"].values


class TestStatedValues:
    def test_the_value_in_nests_own_check_of_siegert_neuron(self):
        """Mean 15 mV at a threshold of 15 mV, and sigma² = 1.5 mV²."""
        weight, rate = 0.1, 1.5 / (0.1**2 * 10e-3)
        drift = 10e-3 * weight * rate
        network = mf.Network(
            **{"populations": ["P"], "size": 1, "K": 0, "J": 0.0, "delay": 1.0} | NEST_CHECK,
            K_ext=1,
            J_ext=weight,
            rate_ext=rate,
            mu_ext=15.0 - drift,
        )
        mu, sigma = network.input_moments(np.zeros(1))
        assert mu == pytest.approx(15.0)
        assert sigma == pytest.approx(math.sqrt(1.5))
        assert settled(network) == pytest.approx(27.1095934379, rel=1e-10)

    @pytest.mark.parametrize(("V_reset", "rate"), [(0.0, 32.033114503868345), (10.0, 37.949697085763364)])
    def test_brunels_network_at_the_examples_parameters(self, V_reset, rate):
        assert settled(mf.brunel_network(V_reset=V_reset)) == pytest.approx([rate, rate], rel=1e-9)

    @pytest.mark.parametrize(
        ("initial_rate", "rate", "digits"), [(0.0, 0.0039109, 2e-5), (200.0, 133.70928784866, 1e-9)]
    )
    def test_a_bistable_network_goes_where_it_starts_from(self, initial_rate, rate, digits):
        network = mf.brunel_network(g=3.0, eta=0.8)
        assert settled(network, initial_rate=initial_rate) == pytest.approx([rate, rate], rel=digits)

    def test_the_fixed_point_depends_neither_on_the_step_nor_on_the_time_constant(self):
        network = mf.brunel_network()
        for values in ({"pseudo_dt": 0.1}, {"pseudo_dt": 0.02}, {"tau": 2.0}, {"initial_rate": [5.0, 80.0]}):
            assert settled(network, **values) == pytest.approx([32.033114503868345] * 2, rel=1e-9)


class TestTrajectory:
    network = mf.Network(
        populations=["A", "B"],
        size=10,
        K=[[60, 30], [50, 40]],
        J=[[0.2, -0.6], [0.1, -0.5]],
        delay=1.0,
        K_ext=[800, 700],
        J_ext=0.2,
        rate_ext=[9.0, 10.0],
        mu_ext=[1.0, -2.0],
        tau_m=[20.0, 15.0],
        t_ref=[2.0, 1.0],
        V_reset=[0.0, 10.0],
    )
    start = np.array([3.0, 40.0])

    def nest_rate(self, mu, sigma, n):
        """Siegert's rate of population n as NEST gives it for this input alone."""
        tau_m = self.network.tau_m[n]
        rate = 1e3 * sigma**2 / tau_m  # with weights of 1 mV
        alone = mf.Network(
            populations=["alone"],
            size=1,
            K=0,
            J=0.0,
            delay=1.0,
            K_ext=1,
            J_ext=1.0,
            rate_ext=rate,
            mu_ext=mu - 1e-3 * tau_m * rate,
            **{name: getattr(self.network, name)[n] for name in ("tau_m", "t_ref", "theta", "V_reset")},
        )
        return settled(alone, pseudo_dt=1.0)[0]  # with a step of tau and constant input, it settles soon

    def test_it_starts_at_the_initial_rates(self):
        dataset = mf.simulate_rate_network(self.network, initial_rate=self.start)
        assert dataset["trajectory"][0].values == pytest.approx(self.start, rel=1e-14)
        assert dataset["pseudo_time"][0] == 0

    def test_it_ends_at_the_rates_it_reports(self):
        dataset = mf.simulate_rate_network(self.network, initial_rate=self.start)
        assert np.array_equal(dataset["trajectory"][-1], dataset["rate"])

    def test_each_step_is_an_exponential_euler_step(self):
        """ν ← Φ + (ν − Φ) e^(−dt/tau), with the mean input and noise added up synapse by synapse."""
        tau, dt, n_steps = 1.0, 0.1, 12
        dataset = mf.simulate_rate_network(
            self.network, initial_rate=self.start, tau=tau, pseudo_dt=dt, pseudo_duration=n_steps * dt
        )
        net, rate = self.network, self.start
        for step in range(n_steps):
            phi = []
            for t in range(2):
                tau_s = 1e-3 * net.tau_m[t]
                mu = net.mu_ext[t] + tau_s * net.K_ext[t] * net.J_ext[t] * net.rate_ext[t]
                variance = tau_s * net.K_ext[t] * net.J_ext[t] ** 2 * net.rate_ext[t]
                for s in range(2):
                    mu += tau_s * net.K[t, s] * net.J[t, s] * rate[s]
                    variance += tau_s * net.K[t, s] * net.J[t, s] ** 2 * rate[s]
                phi.append(self.nest_rate(mu, math.sqrt(variance), t))
            rate = np.array(phi) + (rate - phi) * math.exp(-dt / tau)
            assert dataset["trajectory"][step + 1].values == pytest.approx(rate, rel=1e-11)

    def test_after_too_short_a_time_the_rates_are_missing(self):
        dataset = mf.simulate_rate_network(self.network, initial_rate=self.start, pseudo_duration=2.0)
        assert not dataset["converged"]
        assert dataset["pseudo_time"][-1] == pytest.approx(2.0)
        assert dataset["rate"].isnull().all()
        assert "has not settled after 2 ms" in dataset.attrs["missing"]

    def test_a_population_may_be_one_of_three(self):
        network = mf.Network(
            populations=list("abc"), size=1, K=0, J=0.0, delay=1.0, K_ext=1000, J_ext=0.1, rate_ext=[8.0, 10.0, 12.0]
        )
        rates = settled(network)
        assert rates[0] < rates[1] < rates[2]
