"""Distributions over neurons and the budget of networks whose neurons differ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp

import meanfield as mf

RUN = {"simulator": "compiled", "threads": 1, "record": "all", "warmup": 100.0, "n_seeds": 2, "progress": False}


@pytest.fixture(scope="module")
def network():
    return mf.Network(
        **mf.brunel_network(order=250, eta=1.5, g=6.0, J=0.3, tau_syn=0.5, rule="fixed_total_number").to_dict()
        | {"J_cv": 0.2}
    )


@pytest.fixture(scope="module")
def spiking(network):
    return mf.simulate_spiking(network, duration=2000.0, **RUN)


def test_shares_distances_and_cvs_are_those_of_the_neurons(network, spiking):
    seen = mf.neuron_distributions(network, spiking)
    np.testing.assert_allclose(seen["count_share"].sum("spike_count"), 1.0)
    np.testing.assert_allclose(seen["predicted_share"].sum("spike_count"), 1.0)
    rates = seen["spike_count"] / 2.0
    for name in "EI":
        mine = spiking["neuron_rate"].values[:, spiking["neuron_population"].values == name]
        at = seen.sel(population=name)
        assert float(rates @ at["count_share"]) == pytest.approx(mine.mean())
        assert at["rate_ks_seeds"] == pytest.approx(ks_2samp(*mine, method="asymp").statistic)
        # Theory's distribution against numbers drawn from it: of so many the distance is below 0.02.
        share = at["predicted_share"].values
        drawn = np.random.default_rng(1).choice(share.size, 20_000, p=share / share.sum())
        assert at["rate_ks_theory"] == pytest.approx(
            np.mean([ks_2samp(np.rint(2.0 * one), drawn, method="asymp").statistic for one in mine]), abs=0.02
        )
    density = seen["cv_density"].sum("cv_bin") * (seen["cv_bin"][1] - seen["cv_bin"][0])
    np.testing.assert_allclose(density, 1.0)
    mean_cv = (seen["cv_density"] * seen["cv_bin"]).sum("cv_bin") / seen["cv_density"].sum("cv_bin")
    np.testing.assert_allclose(mean_cv, spiking["cv"].mean("seed"), atol=0.01)


def test_spikes_of_all_are_needed(network, spiking):
    with pytest.raises(mf.ParameterError, match="need record = 'all'"):
        mf.neuron_distributions(network, spiking.assign_attrs(record=50))


def test_the_budgets_rungs_are_the_theories_and_its_terms_add_up(network, spiking):
    budget = mf.network_budget(network, spiking)
    rung = {str(name): budget["rung_rate"].sel(rung=name).values for name in budget["rung"].values}
    assert list(budget["rung"].values) == [
        "delta_synapses",
        "exponential_synapses",
        "spread_weights",
        "unequal_neurons",
        "finite_network",
    ]
    description = network.to_dict()
    without = {name: value for name, value in description.items() if name not in ("tau_syn", "J_cv")}
    for name, one in (
        ("delta_synapses", without),
        ("exponential_synapses", without | {"tau_syn": 0.5}),
        ("spread_weights", description),
    ):
        expected = mf.fixed_points(mf.Network(**one))["rate"].values[0]
        np.testing.assert_allclose(rung[name], expected, rtol=1e-9)
    np.testing.assert_allclose(rung["unequal_neurons"], mf.rate_distribution(network)["rate"], rtol=1e-6)
    simulated = spiking["rate"].mean("seed").values
    np.testing.assert_allclose(budget["contribution"].sum("term") + rung["delta_synapses"], simulated)
    table = mf.budget_table(budget)
    assert "nan" not in table.to_string()


def test_rungs_that_a_network_does_not_need_are_left_out():
    network = mf.brunel_network(order=50)
    budget = mf.network_budget(network, mf.simulate_spiking(network, duration=100.0, **RUN))
    assert list(budget["rung"].values) == ["delta_synapses", "finite_network"]
