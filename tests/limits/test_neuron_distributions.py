"""Distributions over neurons and the budget of networks whose neurons differ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp

import meanfield as mf
from meanfield.comparison.driven_neurons import driven_rate
from meanfield.model.multapses import multapse_share

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


def test_surrogates_split_what_is_above_the_last_rung_of_white_noise(network, spiking):
    options = {"surrogate_neurons": 400, "progress": False}
    surrogates = mf.simulate_surrogates(network, spiking, **options)
    budget = mf.network_budget(network, spiking, surrogates=surrogates)
    assert [str(part) for part in budget["part"].values] == [
        "reaction",
        "multapses",
        "jumps_in_steps",
        "trains",
        "correlations",
        "rest",
    ]
    split = budget["contribution"].sel(term="finite_network")
    np.testing.assert_allclose(budget["part_contribution"].sum("part"), split, rtol=0, atol=1e-12)
    levels = budget["rung_rate"].sel(rung="unequal_neurons") + budget["part_contribution"].cumsum("part")
    for part, kind in (("jumps_in_steps", "poisson"), ("trains", "shifted"), ("correlations", "replayed")):
        measured = surrogates["surrogate_rate"].sel(surrogate=kind).mean("seed")
        np.testing.assert_allclose(levels.sel(part=part), measured)
    assert (budget["part_contribution"].sel(part="multapses") != 0).all()
    table = mf.budget_table(budget)
    assert "    of which multapses" in table.index
    assert "nan" not in table.to_string()
    panel = mf.figures.waterfall_figure(budget).axes[0]
    # Above ten bars, numbers of two digits each would run into each other.
    assert len({len(text.get_text().partition(".")[2]) for text in panel.texts}) == 1
    labels = [label.get_text() for label in panel.get_xticklabels()]
    assert labels[-7:] == [
        "network's reaction",
        "multapses",
        "jumps in steps",
        "trains not Poisson",
        "correlations",
        "rest",
        "simulation",
    ]
    np.testing.assert_array_less(0.0, budget["part_error"].sel(part=["jumps_in_steps", "trains", "rest"]))


def test_terms_that_shot_noise_does_not_know_are_dashes_with_a_reason_and_parts_lead_past_them(network, spiking):
    surrogates = mf.simulate_surrogates(network, spiking, surrogate_neurons=50, progress=False)
    trains = mf.self_consistent_trains(network, neurons=20, duration=500.0, windows=[100.0], max_generations=16)
    budget = mf.error_budget(network, spiking, surrogates, trains=trains)
    assert budget["part_contribution"].attrs["above"] == "siegert"
    assert [str(part) for part in budget["part"].values[:4]] == [
        "reaction",
        "unequal_neurons",
        "multapses",
        "jumps_in_steps",
    ]
    np.testing.assert_allclose(budget["part_contribution"].sum("part"), budget["total"], rtol=0, atol=1e-12)
    assert "    above Siegert: unequal neurons" in mf.budget_table(budget).index
    labels = [label.get_text() for label in mf.figures.waterfall_figure(budget).axes[0].get_xticklabels()]
    assert labels[:3] == ["Siegert", "network's reaction", "unequal neurons"]
    for words in ("shot noise", "time grid"):
        assert f"{words}: the theory of shot noise does not know exponential synapses" in budget.attrs["missing"]


@pytest.mark.parametrize("rule", ["fixed_indegree", "pairwise_bernoulli", "fixed_total_number"])
def test_the_control_is_zero_by_any_rule(rule):
    """Also where in-degrees differ, and where some spikes arrive together, which Poisson surrogates then have."""
    network = mf.brunel_network(order=100, epsilon=0.5, J=0.2, g=6.0, eta=0.9, rule=rule)
    spiking = mf.simulate_spiking(network, duration=1000.0, **RUN | {"n_seeds": 6})
    surrogates = mf.simulate_surrogates(network, spiking, surrogate_neurons=1000, progress=False)
    trains = mf.self_consistent_trains(network, neurons=20, duration=500.0, windows=[100.0], max_generations=16)
    budget = mf.error_budget(network, spiking, surrogates, trains=trains)
    first = {"fixed_indegree": [], "pairwise_bernoulli": ["unequal_neurons"]}.get(
        rule, ["unequal_neurons", "multapses"]
    )
    assert list(budget["part"].values) == ["reaction", *first, "control", "trains", "correlations", "rest"]
    control = budget.sel(part="control")
    assert (abs(control["part_contribution"]) < 4 * control["part_error"]).all()
    np.testing.assert_allclose(
        budget["part_contribution"].sum("part"),
        budget["rung_rate"].sel(rung="finite_network") - budget["rung_rate"].sel(rung="time_grid"),
        rtol=0,
        atol=1e-12,
    )


def test_neurons_driven_by_a_solution_fire_at_it(network):
    solution = mf.rate_distribution(network)
    rate, spread = solution["rate"].values, solution["rate_spread"].values
    np.testing.assert_allclose(driven_rate(network, rate, rate**2 + spread**2), rate, rtol=1e-6)
    equal = mf.Network(**network.to_dict() | {"rule": "fixed_indegree", "J_cv": 0.0})
    rate = mf.fixed_points(equal)["rate"].values[0]
    np.testing.assert_allclose(driven_rate(equal, rate, 7 * rate**2), rate, rtol=1e-9)


@pytest.mark.parametrize("rule", ["fixed_indegree", "fixed_total_number", "pairwise_bernoulli"])
def test_multapses_add_to_the_noise_what_they_add_to_the_squares_of_summed_weights(rule):
    """By drawing them: 20,000 neurons with 12 of 40 sources, and weights that differ."""
    network = mf.Network(populations=("E",), size=40, K=12, J=0.1, delay=1.5, rule=rule, J_cv=0.3)
    rng, n = np.random.default_rng(1), 20_000
    degree = {"fixed_indegree": np.full(n, 12), "fixed_total_number": rng.poisson(12, n)}.get(rule)
    square, alone = 0.0, 0.0
    for i in range(n):
        source = rng.integers(40, size=degree[i]) if degree is not None else np.flatnonzero(rng.random(40) < 0.3)
        weight = rng.normal(1.0, 0.3, size=len(source))
        square += np.sum(np.bincount(source, weight) ** 2) / n
        alone += np.sum(weight**2) / n
    assert square / alone - 1 == pytest.approx(float(multapse_share(network)[0, 0]), abs=0.01)


def test_rungs_that_a_network_does_not_need_are_left_out():
    network = mf.brunel_network(order=50)
    budget = mf.network_budget(network, mf.simulate_spiking(network, duration=100.0, **RUN))
    assert list(budget["rung"].values) == ["delta_synapses", "finite_network"]
