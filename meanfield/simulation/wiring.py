"""Neurons and connections in NEST, as networks and their surrogates are made of."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from meanfield.model.network import Network
from meanfield.simulation.memory import shares_weights
from meanfield.simulation.played_trains import PlayedTrains

CHUNK = 50.0  # ms of biological time between two steps of the progress bar


def create_neurons(nest, network: Network, V_init: str) -> list[Any]:
    """The neurons of all populations, first of all nodes, so that their identifiers start from 1."""
    populations = []
    for n, size in enumerate(network.size):
        tau_m, theta, V_reset = float(network.tau_m[n]), float(network.theta[n]), float(network.V_reset[n])
        # With C_m = 1 pF, a current of mu/tau_m (pA) alone brings the membrane to mu (mV).
        neuron = {
            "C_m": 1.0,
            "E_L": 0.0,
            "tau_m": tau_m,
            "t_ref": float(network.t_ref[n]),
            "V_th": theta,
            "V_reset": V_reset,
            "I_e": float(network.mu_ext[n]) / tau_m,
            "V_m": nest.random.uniform(V_reset, theta) if V_init == "spread" else 0.0,
        }
        populations.append(nest.Create("iaf_psc_delta", int(size), params=neuron))
    return populations


def connect_poisson(nest, network: Network, target: int, neurons, weight: float, rate: float) -> None:
    """Drive each of the `neurons` of population `target` with Poisson spikes of its own, `rate` in spikes/s."""
    if rate > 0 and weight != 0:
        source = nest.Create("poisson_generator", params={"rate": rate})
        delay = float(network.delay[target].min())  # of an independent Poisson train, the delay is without effect
        nest.Connect(source, neurons, syn_spec={"weight": weight, "delay": delay})


def connect_external_drive(nest, network: Network, populations: Sequence[Any]) -> None:
    """The external Poisson sources of each population, as one generator of their summed rate."""
    for t, neurons in enumerate(populations):
        rate = float(network.K_ext[t] * network.rate_ext[t])
        connect_poisson(nest, network, t, neurons, float(network.J_ext[t]), rate)


def connect_poisson_trains(nest, network: Network, rates: np.ndarray, targets: Sequence[Any]) -> None:
    """Give each neuron independent Poisson trains of these `rates` (N,) in place of the neurons of each population."""
    for t, neurons in enumerate(targets):
        for s, rate in enumerate(rates):
            connect_poisson(nest, network, t, neurons, float(network.J[t, s]), float(network.K[t, s] * rate))


def connect_populations(nest, network: Network, sources: Sequence[Any], targets: Sequence[Any]) -> None:
    """Give each neuron of `targets[t]` its in-degree from `sources[s]`, drawn at random, for all pairs (t, s)."""
    # One synapse model for each weight: it is stored once, not with every synapse.
    model_of = {}
    if shares_weights(network):
        for weight in sorted({float(weight) for weight in network.J[network.K > 0]}):
            model_of[weight] = f"synapse_of_{weight!r}_mV"
            nest.CopyModel("static_synapse_hom_w", model_of[weight], {"weight": weight})
    for t, target in enumerate(targets):
        for s, source in enumerate(sources):
            weight, indegree = float(network.J[t, s]), int(network.K[t, s])
            if weight == 0 or indegree == 0:
                continue
            synapse = {"synapse_model": model_of[weight]} if model_of else {"weight": weight}
            nest.Connect(
                source,
                target,
                {
                    "rule": "fixed_indegree",
                    "indegree": indegree,
                    "allow_multapses": network.multapses,
                    "allow_autapses": network.autapses,
                },
                synapse | {"delay": float(network.delay[t, s])},
            )


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


def record_spikes(nest, populations: Sequence[Any], start: float):
    """A recorder of all spikes after `start` (ms), as whole time steps."""
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True, "start": start})
    for neurons in populations:
        nest.Connect(neurons, recorder)
    return recorder


def new_spikes(recorder) -> tuple[np.ndarray, np.ndarray]:
    """Time step and neuron, from 0, of each spike since the last time, in an order that depends on the threads."""
    events = recorder.events
    recorder.n_events = 0
    return events["times"], events["senders"] - 1  # neurons were created first, with identifiers from 1


def advance(nest, steps: int, dt: float, bar: tqdm) -> None:
    """Simulate in chunks, so that progress shows; the spikes are the same as in one go."""
    # NEST draws random numbers source by source between two multiples of the least delay: a chunk must not end there.
    chunk = max(1, round(CHUNK / nest.min_delay)) * round(nest.min_delay / dt)
    while steps > 0:
        now = min(steps, chunk - round(nest.biological_time / dt) % chunk)
        nest.Simulate(now * dt)
        bar.update(min(now * dt, bar.total - bar.n))  # rounding errors add up, and the bar warns beyond its end
        steps -= now


def progress_bar(total: float, progress: bool) -> tqdm:
    """A bar that counts `total` ms of biological time and tells how long is still to go; shown if `progress`."""
    return tqdm(
        total=total,
        unit="ms",
        disable=not progress,
        bar_format="{desc} |{bar}| {n:.0f}/{total:.0f} ms of biological time, {elapsed} elapsed, {remaining} to go",
    )
