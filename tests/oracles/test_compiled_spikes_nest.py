"""Compiled code and NEST given the same connections and initial potentials: the same spikes, all of them.

Nothing is random here, so that every rounding must be the same: one potential that differed in its last bit would
sooner or later move a spike, and then all spikes after it.
"""

import numpy as np
import pytest
from tqdm import tqdm

import meanfield as mf
from meanfield.simulation.compiled.simulation import CompiledSimulation
from meanfield.simulation.nest_simulation import NestSimulation


def spikes_of_both(network, *, dt, steps, seed, V_init="spread"):
    """Step and neuron of all spikes in NEST, and in compiled code with NEST's connections and initial potentials."""
    in_nest = NestSimulation(network, dt=dt, seed=seed, V_init=V_init)
    nest = in_nest.nest
    compiled = CompiledSimulation(network, dt=dt, seed=seed, V_init=V_init)

    neurons = nest.NodeCollection(range(1, int(network.size.sum()) + 1))
    synapses = nest.GetConnections(neurons, neurons)
    source, target = np.array(synapses.source) - 1, np.array(synapses.target) - 1
    delay = np.rint(np.array(synapses.get("delay")) / dt).astype(np.uint16)
    own_weight = np.array(synapses.get("weight"))  # none where a synapse model has it
    V = np.array(neurons.get("V_m")).reshape(-1)
    for part in compiled.parts:
        n = len(part.V)
        part.V[:] = V[part.first : part.first + n]
        mine = np.flatnonzero((target >= part.first) & (target < part.first + n))
        mine = mine[np.lexsort((target[mine], source[mine]))]
        into = part.synapses
        into.target = (target[mine] - part.first).astype(np.uint16)
        into.row = np.concatenate([[0], np.cumsum(np.bincount(source[mine], minlength=len(V)))])
        pair = into.population[source[mine]]
        if into.spread:
            into.weights = own_weight[mine] if len(own_weight) else into.weight[pair]
            into.delays = delay[mine]
        else:
            np.testing.assert_array_equal(into.delay[pair], delay[mine])

    in_order = []
    for simulation in (in_nest, compiled):
        step, neuron, _ = zip(*simulation.advance(steps, tqdm(total=steps * dt, disable=True)), strict=True)
        step, neuron = np.concatenate(step), np.concatenate(neuron)
        order = np.lexsort((neuron, step))
        in_order.append(np.stack([step[order], neuron[order]]))
    return in_order


def random_network(rng):
    """Populations all different, driven by constant input and their own spikes, with some of all there may be."""
    n = int(rng.integers(2, 5))
    size = rng.integers(5, 40, n)
    excitatory = rng.random(n) < 0.6
    excitatory[0] = True
    dt = float(rng.choice([0.05, 0.1, 0.2]))
    mu_ext = rng.uniform(18.0, 40.0, n)
    mu_ext[rng.random(n) < 0.2] = 0.0
    mu_ext[0] = 30.0
    delay = dt * rng.integers(1, 31, (n, n))
    tau_syn = [
        0.0,
        float(rng.uniform(0.3, 5.0)),
        np.where(excitatory, *rng.uniform(0.3, 5.0, 2)) * np.ones((n, 1)),
        rng.uniform(0.3, 5.0, (n, n)),
    ][rng.integers(4)]
    return dt, mf.Network(
        populations=[f"p{i}" for i in range(n)],
        rule=str(rng.choice(["fixed_indegree", "fixed_total_number", "pairwise_bernoulli"])),
        size=size,
        K=rng.integers(0, 5, (n, n)) * (rng.random((n, n)) < 0.8),
        J=np.where(excitatory, 1.0, -1.0) * rng.choice([0.1, 0.3, 0.75, 1.3], (n, n)),
        delay=delay,
        mu_ext=mu_ext,
        tau_m=rng.uniform(5.0, 30.0, n),
        t_ref=dt * rng.integers(0, 30, n),
        theta=rng.uniform(10.0, 20.0, n),
        V_reset=rng.uniform(-5.0, 5.0, n),
        tau_syn=tau_syn,
        tau_syn_ext=0.0,
        J_cv=float(rng.choice([0.0, 0.3])),
        delay_sd=delay * float(rng.choice([0.0, 0.3])),
    )


@pytest.mark.parametrize("seed", range(1, 41))
def test_random_networks_without_noise_spike_alike_for_a_second(seed):
    dt, network = random_network(np.random.default_rng(seed))
    in_nest, compiled = spikes_of_both(network, dt=dt, steps=round(1000 / dt), seed=seed)
    assert in_nest.shape[1] > 100
    np.testing.assert_array_equal(in_nest, compiled)


def test_potentials_on_the_threshold_fire_where_nests_do():
    """One volley of n spikes of 0.1 mV upon a neuron at rest, with its threshold at n · 0.1 mV, for n from 1 to 200.

    Rounding decides who fires: ten times 0.1 sum up to less than 1, a hundred times 0.2 to more than 20.
    """
    counts = np.arange(1, 201)
    n = len(counts) + 1
    K = np.zeros((n, n), dtype=int)
    K[1:, 0] = counts
    network = mf.Network(
        populations=["clock", *map(str, counts)],
        size=1,
        K=K,
        J=0.1,
        delay=1.5,
        mu_ext=[30.0, *np.zeros(n - 1)],
        theta=[20.0, *(counts / 10)],
    )
    in_nest, compiled = spikes_of_both(network, dt=0.1, steps=400, seed=1, V_init="rest")
    np.testing.assert_array_equal(in_nest, compiled)
    fired = np.isin(counts, compiled[1])
    assert fired[counts == 200]
    assert 20 < fired.sum() < 180


@pytest.mark.parametrize("J", [0.1, 0.05])
def test_potentials_that_climb_in_steps_to_the_threshold_fire_when_nests_do(J):
    """Perfect integrators (tau_m so long that nothing decays) that reach theta = 20 mV exactly, after many spikes."""
    network = mf.Network(
        populations=["clocks", "integrators"],
        size=[50, 50],
        K=[[0, 0], [20, 3]],
        J=J,
        delay=1.5,
        mu_ext=[30.0, 0.0],
        tau_m=[20.0, 1e18],
        theta=20.0,
    )
    in_nest, compiled = spikes_of_both(network, dt=0.1, steps=20000, seed=3, V_init="spread")
    np.testing.assert_array_equal(in_nest, compiled)
    in_nest, compiled = spikes_of_both(network, dt=0.1, steps=20000, seed=3, V_init="rest")
    np.testing.assert_array_equal(in_nest, compiled)
    assert (compiled[1] >= 50).sum() > 100
