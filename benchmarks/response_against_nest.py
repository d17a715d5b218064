"""How a neuron answers to inputs whose rate is modulated: in NEST, and in theory, where jumps are infinitely small.

At the working point of Brunel's point C, unconnected neurons receive Poisson trains like those of the network, of which
the excitatory or the inhibitory ones wax and wane. What their response makes of the spectrum of the network's activity
is compared with what theory's makes of it. Writes results/reference/response_against_nest.md.
"""

from __future__ import annotations

import numpy as np

import meanfield as mf
from meanfield.provenance import ROOT
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.wiring import connect_external_drive, connect_poisson, create_neurons

FREQUENCIES = (40.0, 80.0, 124.0, 160.0, 200.0, 250.0, 300.0, 400.0, 500.0)  # Hz
DEPTH = 0.05  # relative modulation, small enough for a linear response
NEURONS, WARMUP, DURATION, DT = 4000, 100.0, 800.0, 0.1  # ms


def responses_in_theory(network: mf.Network, rate: np.ndarray, frequency: float) -> np.ndarray:
    """Change of a neuron's rate for a change of each source population's rate; complex, without the delay."""
    mu, sigma = (moment[0] for moment in network.input_moments(rate))
    neuron = {name: getattr(network, name)[0] for name in ("tau_m", "t_ref", "theta", "V_reset")}
    by_mean, by_variance = mf.transfer_function(frequency, mu, sigma, **neuron)
    per_spike = 1e-3 * network.tau_m[0] * network.K[0] * network.J[0]
    return by_mean * per_spike + by_variance * per_spike * network.J[0]


def response_in_nest(
    network: mf.Network, rate: np.ndarray, frequency: float, source: int, dt: float = DT
) -> tuple[complex, float]:
    """The same for one source population, simulated, and its standard error from counting."""
    nest = fresh_kernel(dt=dt, seed=1)
    sample = network.model_copy(update={"size": np.array([NEURONS, 1])})
    neurons = create_neurons(nest, sample, "spread")
    connect_external_drive(nest, sample, neurons)
    for other in range(len(rate)):
        K, J = network.K[0, other], float(network.J[0, other])
        if other != source:
            connect_poisson(nest, sample, 0, neurons[0], J, float(K * rate[other]))
            continue
        mean = float(K * rate[other])
        generator = nest.Create(
            "sinusoidal_poisson_generator",
            params={"rate": mean, "amplitude": DEPTH * mean, "frequency": frequency, "phase": 90.0},
        )
        nest.Connect(generator, neurons[0], syn_spec={"weight": J, "delay": dt})
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True, "start": WARMUP})
    nest.Connect(neurons[0], recorder, syn_spec={"delay": dt})
    nest.Simulate(WARMUP + DURATION)
    time = 1e-3 * dt * recorder.events["times"]
    per_neuron = 1.0 / (NEURONS * 1e-3 * DURATION)
    # The generator's spikes act one delay, a time step, after they were drawn.
    amplitude = 2.0 * per_neuron * np.exp(-2j * np.pi * frequency * (time - 1e-3 * dt)).sum()
    scale = DEPTH * rate[source]
    return amplitude / scale, np.sqrt(2.0 * len(time)) * per_neuron / scale


def power_of_activity(network: mf.Network, response: np.ndarray, frequency: float) -> float:
    """Power of all neurons' activity over that of a neuron, for responses that are the same for all neurons."""
    share = network.size / network.size.sum()
    returned = response * np.exp(-2j * np.pi * frequency * 1e-3 * network.delay[0])
    return float(np.sum(np.abs(share + returned / (1.0 - returned.sum())) ** 2 / network.size))


def main() -> None:
    network = mf.brunel_network(g=5.0, eta=2.0, V_reset=10.0)
    rate = mf.fixed_points(network)["rate"].values[-1]
    lines = [
        "| frequency (Hz) | to E, theory | to E, NEST | to I, theory | to I, NEST | power by NEST's / by theory's |",
        "|---|---|---|---|---|---|",
    ]
    for frequency in FREQUENCIES:
        theory = responses_in_theory(network, rate, frequency)
        found = [response_in_nest(network, rate, frequency, source) for source in (0, 1)]
        nest = np.array([response for response, _ in found])
        ratio = power_of_activity(network, nest, frequency) / power_of_activity(network, theory, frequency)
        cells = [f"{frequency:g}"]
        for of_theory, (of_nest, error) in zip(theory, found, strict=True):
            cells.append(f"{abs(of_theory):.2f} at {np.degrees(np.angle(of_theory)):.0f}°")
            cells.append(f"{abs(of_nest):.2f} ± {error:.2f} at {np.degrees(np.angle(of_nest)):.0f}°")
        lines.append("| " + " | ".join([*cells, f"{ratio:.2f}"]) + " |")
        print(lines[-1], flush=True)
    text = (
        "# A neuron's response to modulated Poisson input, at Brunel's point C\n\n"
        f"Change of the rate for a change of the rate of all excitatory (E) or inhibitory (I) inputs: size and phase. "
        f"{NEURONS:,} neurons, {DURATION:g} ms, time step {DT:g} ms, depth of the modulation {DEPTH:g}; "
        "`benchmarks/response_against_nest.py`. The last column says what the difference makes of the spectrum of the "
        "network's activity.\n\n"
    )
    (ROOT / "results/reference/response_against_nest.md").write_text(text + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
