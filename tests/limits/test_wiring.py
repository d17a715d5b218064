"""How neurons are connected in NEST."""

import numpy as np
import pytest

import meanfield as mf
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.neurons import create_neurons, membrane, mixed_synapses
from meanfield.simulation.wiring import connect_external_drive, connect_populations


def sources_of_each(network):
    """For each neuron the identifiers of its sources."""
    nest = fresh_kernel(dt=0.1, threads=1, seed=1, chatter=False)
    neurons = create_neurons(nest, network, "rest")
    connect_populations(nest, network, neurons, neurons)
    found = nest.GetConnections()
    source, target = np.array(found.source), np.array(found.target)
    return [source[target == neuron] for neuron in np.unique(target)]


@pytest.mark.parametrize("multapses", [True, False])
def test_without_multapses_all_sources_of_a_neuron_differ(multapses):
    network = mf.Network(populations=("E",), size=60, K=30, J=0.1, delay=1.5, multapses=multapses)
    each = sources_of_each(network)
    assert [len(of) for of in each] == [30] * 60
    distinct = [len(np.unique(of)) for of in each]
    assert (min(distinct) == 30) is not multapses
    assert (max(distinct) == 30) is not multapses


@pytest.mark.parametrize("autapses", [True, False])
def test_without_autapses_no_neuron_is_its_own_source(autapses):
    network = mf.Network(populations=("E",), size=60, K=30, J=0.1, delay=1.5, autapses=autapses)
    own = [number in of for number, of in enumerate(sources_of_each(network), start=1)]
    assert any(own) is autapses


def test_more_different_sources_than_there_are_neurons_are_refused():
    with pytest.raises(mf.ParameterError, match="without multapses"):
        mf.Network(populations=("E",), size=20, K=30, J=0.1, delay=1.5, multapses=False)
    with pytest.raises(mf.ParameterError, match="without multapses"):
        mf.Network(populations=("E",), size=20, K=20, J=0.1, delay=1.5, multapses=False, autapses=False)
    mf.Network(populations=("E",), size=20, K=20, J=0.1, delay=1.5, multapses=False)
    mf.Network(populations=("E",), size=20, K=30, J=0.1, delay=1.5)


@pytest.mark.parametrize("rule", ["fixed_indegree", "fixed_total_number", "pairwise_bernoulli"])
def test_a_single_neuron_cannot_be_its_own_source_without_autapses(rule):
    """NEST would look for another one for ever."""
    alone = {"populations": ("E", "I"), "size": [40, 1], "J": 0.1, "delay": 1.5, "rule": rule, "autapses": False}
    with pytest.raises(mf.ParameterError, match=r"itself|greater than the number of source neurons"):
        mf.Network(K=[[10, 1], [10, 1]], **alone)
    mf.Network(K=[[10, 1], [10, 0]], **alone)


def built(network, *more):
    nest = fresh_kernel(dt=0.1, threads=1, seed=1, chatter=False)
    neurons = create_neurons(nest, network, "rest")
    connect_populations(nest, network, neurons, neurons)
    return nest.GetConnections().get(["source", "target", *more])


PAIR = {"populations": ("E", "I"), "size": [300, 200], "J": [[0.1, -0.5], [0.2, -0.4]], "delay": 1.5}


def test_a_fixed_total_number_is_met_exactly_and_in_degrees_scatter():
    network = mf.Network(**PAIR, K=[[20.5, 0.0], [0.0, 10.0]], rule="fixed_total_number")
    target = np.array(built(network)["target"])
    in_degree = np.bincount(target, minlength=501)[1:]
    assert in_degree[:300].sum() == 6150
    assert in_degree[300:].sum() == 2000
    # Dealt at random: variance K (1 − 1/size); its estimate over 300 neurons is off by 8 %.
    assert in_degree[:300].var() == pytest.approx(20.5, rel=0.4)


@pytest.mark.parametrize("autapses", [True, False])
def test_bernoulli_pairs_have_the_mean_in_degree(autapses):
    network = mf.Network(**PAIR, K=[[60.0, 30.0], [60.0, 30.0]], rule="pairwise_bernoulli", autapses=autapses)
    connections = built(network)
    pairs = np.column_stack([connections["source"], connections["target"]])
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    assert np.any(pairs[:, 0] == pairs[:, 1]) == autapses
    # A binomial number: five standard errors, a false alarm in two million.
    assert len(pairs) == pytest.approx(45_000, abs=5 * np.sqrt(45_000 * 0.83))


def test_spread_weights_and_delays():
    network = mf.Network(**PAIR, K=[[50, 0], [0, 50]], J_cv=0.4, delay_sd=0.75)
    connections = built(network, "weight", "delay")
    weight, delay = np.array(connections["weight"]), np.array(connections["delay"])
    excitatory = np.array(connections["source"]) <= 300
    for values, J in ((weight[excitatory], 0.1), (weight[~excitatory], -0.4)):
        assert np.all(values * J > 0)
        mean, second = (network.drift, network.diffusion)  # of which only the factors by the spread are wanted
        plain = mf.Network(**PAIR, K=[[50, 0], [0, 50]])
        i = 0 if J > 0 else 1
        assert values.mean() == pytest.approx(J * mean[i, i] / plain.drift[i, i], rel=5 * 0.4 / np.sqrt(len(values)))
        expected = J**2 * second[i, i] / plain.diffusion[i, i]
        assert (values**2).mean() == pytest.approx(expected, rel=5 * 0.9 / np.sqrt(len(values)))
    assert delay.min() == pytest.approx(0.1)
    assert np.allclose(delay, np.round(delay, 1))
    assert delay.mean() == pytest.approx(1.5 + 0.75 * 0.055, abs=0.04)  # what is drawn again moves the mean


def test_which_model_suits_which_synapses():
    def models(**values):
        network = mf.Network(**PAIR, K=10, **values)
        return [membrane(network, t).model for t in range(2)], list(mixed_synapses(network))

    assert models() == (["iaf_psc_delta"] * 2, [])
    assert models(tau_syn=0.5) == (["iaf_psc_exp"] * 2, [])
    assert models(tau_syn=[0.0, 2.0]) == (["iaf_psc_delta", "iaf_psc_exp"], [])
    assert models(tau_syn=[[0.5, 5.0], [0.5, 5.0]]) == (["iaf_psc_exp"] * 2, [])
    driven = {"K_ext": 10, "J_ext": 0.1, "rate_ext": 10.0, "tau_syn_ext": 2.0}
    assert models(tau_syn=0.5, **driven) == (["iaf_psc_exp_multisynapse"] * 2, [])
    assert len(models(tau_syn=[[0.0, 5.0], [5.0, 5.0]])[1]) == 1
    assert models(tau_syn=0.5, **driven | {"tau_syn_ext": 0.0}, drive="dc") == (["iaf_psc_exp"] * 2, [])


@pytest.mark.parametrize(("tau_syn", "tau_syn_ext"), [(0.5, 0.5), (2.0, 0.5), (20.0, 20.0)])
def test_a_postsynaptic_potential_has_its_shape_and_charge(tau_syn, tau_syn_ext):
    """By each model for exponential synapses, and in the limit of equal time constants."""
    network = mf.Network(
        populations=("E",), size=1, K=1, J=0.3, delay=1.0, tau_m=20.0, tau_syn=tau_syn,
        K_ext=1, J_ext=0.1, rate_ext=1.0, tau_syn_ext=tau_syn_ext,
    )  # fmt: skip
    nest = fresh_kernel(dt=0.1, threads=1, seed=1, chatter=False)
    (neuron,) = create_neurons(nest, network, "rest")
    spike = nest.Create("spike_generator", params={"spike_times": [1.0]})
    nest.Connect(spike, neuron, syn_spec=membrane(network, 0).synapse(0.3, tau_syn) | {"delay": 1.0})
    meter = nest.Create("voltmeter", params={"interval": 0.1})
    nest.Connect(meter, neuron)
    nest.Simulate(300.0)
    time, V = meter.events["times"] - 2.0, meter.events["V_m"]
    after = time > 0
    t = time[after]
    if tau_syn == 20.0:
        expected = 0.3 * t / 20.0 * np.exp(-t / 20.0)
    else:
        expected = 0.3 * 20.0 / (20.0 - tau_syn) * (np.exp(-t / 20.0) - np.exp(-t / tau_syn))
    np.testing.assert_allclose(V[after], expected, rtol=0, atol=1e-12)
    assert mf.weight_from_psp(V.max(), tau_m=20.0, tau_syn=tau_syn) == pytest.approx(0.3, rel=1e-4)


def test_white_noise_and_a_constant_current_move_the_free_membrane_as_they_should():
    network = mf.Network(
        populations=("E", "I"), size=4000, K=0, J=0.0, delay=1.0, theta=1e6, tau_m=[20.0, 5.0], tau_syn=[0.0, 0.5],
        sigma_ext=[3.0, 1.0], drive="dc", K_ext=10, J_ext=0.1, rate_ext=200.0, mu_ext=1.0,
    )  # fmt: skip
    nest = fresh_kernel(dt=0.1, threads=1, seed=1, chatter=False)
    neurons = create_neurons(nest, network, "rest")
    connect_external_drive(nest, network, neurons)
    nest.Simulate(300.0)
    mu, sigma = network.input_moments([0.0, 0.0])
    for i, population in enumerate(neurons):
        V, sd = np.array(population.V_m), sigma[i] / np.sqrt(2)
        assert V.mean() == pytest.approx(mu[i], abs=5 * sd / np.sqrt(4000))
        assert V.std() == pytest.approx(sd, rel=5 / np.sqrt(8000))
