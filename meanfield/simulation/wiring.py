"""Neurons and connections in NEST, as networks and their surrogates are made of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from meanfield.model.network import Network
from meanfield.simulation.memory import shares_weights
from meanfield.simulation.neurons import membrane, noise_current
from meanfield.simulation.played_trains import PlayedTrains

CHUNK = 50.0  # ms of biological time between two steps of the progress bar


def connect_poisson(nest, network: Network, target: int, neurons, J: float, tau_syn: float, rate: float) -> None:
    """Drive each of the `neurons` of population `target` with Poisson spikes of its own, `rate` in spikes/s."""
    if rate > 0 and J != 0:
        source = nest.Create("poisson_generator", params={"rate": rate})
        synapse = membrane(network, target).synapse(J, tau_syn)
        nest.Connect(source, neurons, syn_spec=synapse | {"delay": _delay_of_devices(network, target)})


def connect_external_drive(nest, network: Network, populations: Sequence[Any]) -> None:
    """The external Poisson sources of each population, as one generator of their summed rate, and its white noise."""
    for t, neurons in enumerate(populations):
        rate = float(network.K_ext[t] * network.rate_ext[t]) if network.drive == "poisson" else 0.0
        connect_poisson(nest, network, t, neurons, float(network.J_ext[t]), float(network.tau_syn_ext[t]), rate)
        if network.sigma_ext[t] > 0:
            current = noise_current(float(network.sigma_ext[t]), float(network.tau_m[t]), nest.resolution)
            source = nest.Create("noise_generator", params={"std": current, "dt": nest.resolution})
            nest.Connect(source, neurons, syn_spec={"delay": _delay_of_devices(network, t)})


def _delay_of_devices(network: Network, target: int) -> float:
    """A delay (ms), which of independent noise is without effect, but must not be shorter than the others."""
    return float(network.delay[target].min())


def connect_poisson_trains(nest, network: Network, rates: np.ndarray, targets: Sequence[Any]) -> None:
    """Give each neuron independent Poisson trains of these `rates` (N,) in place of the neurons of each population."""
    for t, neurons in enumerate(targets):
        for s, rate in enumerate(rates):
            J, tau_syn = float(network.J[t, s]), float(network.tau_syn[t, s])
            connect_poisson(nest, network, t, neurons, J, tau_syn, float(network.K[t, s] * rate))


def connect_populations(nest, network: Network, sources: Sequence[Any], targets: Sequence[Any]) -> None:
    """Give each neuron of `targets[t]` its sources among `sources[s]`, drawn at random, for all pairs (t, s)."""
    model_of = _shared_weights(nest, network) if shares_weights(network) else {}
    for t, target in enumerate(targets):
        neuron = membrane(network, t)
        for s, source in enumerate(sources):
            J, K, cv = float(network.J[t, s]), float(network.K[t, s]), float(network.J_cv[t, s])
            if J == 0 or K == 0:
                continue
            synapse = neuron.synapse(J, float(network.tau_syn[t, s]))
            weight = synapse["weight"]
            if cv > 0:
                synapse["weight"] = _spread(
                    nest, weight, cv * abs(weight), *((0.0, np.inf) if J > 0 else (-np.inf, 0.0))
                )
            elif model_of:
                synapse = {name: value for name, value in synapse.items() if name != "weight"}
                synapse["synapse_model"] = model_of[weight]
            delay, sd = float(network.delay[t, s]), float(network.delay_sd[t, s])
            # What is drawn is rounded to the grid: half a step becomes one.
            synapse["delay"] = _spread(nest, delay, sd, 0.5 * nest.resolution, np.inf) if sd > 0 else delay
            itself = sources is targets and s == t
            nest.Connect(source, target, _rule(network, K, len(source), len(target), itself), synapse)


def _shared_weights(nest, network: Network) -> dict[float, str]:
    """One synapse model for each weight that is not spread: it is stored once, not with every synapse."""
    pairs = np.argwhere((network.K > 0) & (network.J_cv == 0))
    kinds = (
        membrane(network, t).synapse(float(network.J[t, s]), float(network.tau_syn[t, s]))
        for t, s in pairs
        if network.J[t, s] != 0
    )
    model_of = {weight: f"synapse_of_{weight!r}" for weight in sorted({kind["weight"] for kind in kinds})}
    for weight, model in model_of.items():
        nest.CopyModel("static_synapse_hom_w", model, {"weight": weight})
    return model_of


def _spread(nest, mean: float, sd: float, low: float, high: float):
    """Draws from a normal distribution, again if not between bounds."""
    return nest.math.redraw(nest.random.normal(mean, sd), low, high)


def _rule(network: Network, K: float, n_sources: int, n_targets: int, itself: bool) -> dict[str, Any]:
    """NEST's description of how sources are drawn for a mean in-degree K."""
    number = {
        "fixed_indegree": {"indegree": int(K)},
        "fixed_total_number": {"N": round(K * n_targets)},
        "pairwise_bernoulli": {"p": K / (n_sources - (itself and not network.autapses))},
    }[network.rule]
    return {
        "rule": network.rule,
        "allow_multapses": network.multapses,
        "allow_autapses": network.autapses,
    } | number


def play(nest, trains: PlayedTrains, dt: float) -> list[Any]:
    """Nodes that fire given trains, one `dt` (ms) late; by population."""
    order = np.argsort(trains.neuron, kind="stable")
    times = np.round(trains.step[order] * dt, 3)  # NEST's unit of time is 0.001 ms
    each = np.split(times, np.cumsum(np.bincount(trains.neuron, minlength=int(trains.size.sum())))[:-1])
    generators = nest.Create("spike_generator", len(each), params=[{"spike_times": train} for train in each])
    # A device's spikes reach many neurons faster through a node that repeats them.
    repeaters = nest.Create("parrot_neuron", len(each))
    nest.Connect(generators, repeaters, "one_to_one", {"delay": dt})
    first = np.concatenate([[0], np.cumsum(trains.size)])
    return [repeaters[int(a) : int(b)] for a, b in itertools.pairwise(first)]


def record_spikes(nest, populations: Sequence[Any]):
    """A recorder of all spikes, as whole time steps."""
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    for neurons in populations:
        nest.Connect(neurons, recorder)
    return recorder


def new_spikes(recorder) -> tuple[np.ndarray, np.ndarray]:
    """Time step and neuron, from 0, of each spike since the last time, in an order that depends on the threads."""
    events = recorder.events
    recorder.n_events = 0
    return events["times"], events["senders"] - 1  # neurons were created first, with identifiers from 1


def advance(nest, steps: int, dt: float, bar: tqdm) -> Iterator[int]:
    """Simulate in chunks, so that progress shows; yields the steps of each. The spikes are the same as in one go."""
    # NEST draws random numbers source by source between two multiples of the least delay: a chunk must not end there.
    chunk = max(1, round(CHUNK / nest.min_delay)) * round(nest.min_delay / dt)
    while steps > 0:
        now = min(steps, chunk - round(nest.biological_time / dt) % chunk)
        nest.Simulate(now * dt)
        bar.update(min(now * dt, bar.total - bar.n))  # rounding errors add up, and the bar warns beyond its end
        yield now
        steps -= now
