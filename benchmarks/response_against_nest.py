"""How a neuron answers when the rates of all its inputs wax and wane: in NEST, and in theory, where jumps are small.

At the working point of Brunel's point C, unconnected neurons receive Poisson trains like those of the network, of which
the recurrent ones are modulated together. What their response makes of the spectrum of the network's activity is
compared with what theory's makes of it. Writes results/reference/response_against_nest.md.
"""

from __future__ import annotations

import numpy as np

import meanfield as mf
from meanfield.provenance import ROOT
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.wiring import connect_external_drive, create_neurons

FREQUENCIES = (20.0, 40.0, 60.0, 80.0, 100.0, 124.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0)  # Hz
DEPTH = 0.2  # relative modulation of the inputs
NEURONS, WARMUP, DURATION, DT = 4000, 100.0, 1000.0, 0.1  # ms


def responses_in_theory(network: mf.Network, rate: np.ndarray, frequency: float) -> np.ndarray:
    """Change of a neuron's rate for a change of each source population's rate; complex, without the delay."""
    mu, sigma = (moment[0] for moment in network.input_moments(rate))
    neuron = {name: getattr(network, name)[0] for name in ("tau_m", "t_ref", "theta", "V_reset")}
    by_mean, by_variance = mf.transfer_function(frequency, mu, sigma, **neuron)
    per_spike = 1e-3 * network.tau_m[0] * network.K[0] * network.J[0]
    return by_mean * per_spike + by_variance * per_spike * network.J[0]


def response_in_nest(network: mf.Network, rate: np.ndarray, frequency: float) -> tuple[complex, float]:
    """Relative change of a neuron's rate for that of all source populations' rates, and its standard error."""
    nest = fresh_kernel(dt=DT, seed=1)
    sample = network.model_copy(update={"size": np.array([NEURONS, 1])})
    neurons = create_neurons(nest, sample, "spread")
    connect_external_drive(nest, sample, neurons)
    for mean, weight in zip(network.K[0] * rate, network.J[0], strict=True):
        modulated = {"rate": mean, "amplitude": DEPTH * mean, "frequency": frequency, "phase": 90.0}
        generator = nest.Create("sinusoidal_poisson_generator", params=modulated)
        nest.Connect(generator, neurons[0], syn_spec={"weight": float(weight), "delay": DT})
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True, "start": WARMUP})
    nest.Connect(neurons[0], recorder, syn_spec={"delay": DT})
    nest.Simulate(WARMUP + DURATION)
    # What the generator draws acts a delay, one time step, later.
    time = 1e-3 * DT * (recorder.events["times"] - 1)
    amplitude = 2.0 * np.mean(np.exp(-2j * np.pi * frequency * time)) / DEPTH
    return amplitude, np.sqrt(2.0 / len(time)) / DEPTH


def power_of_activity(network: mf.Network, responses: np.ndarray, together: complex, frequency: float) -> float:
    """Power of all neurons' activity over that of one neuron, for the sources' responses and their sum."""
    delayed = np.exp(-2j * np.pi * frequency * 1e-3 * network.delay[0, 0])
    share = network.size / network.size.sum()
    return float(np.sum(np.abs(share + responses * delayed / (1.0 - together * delayed)) ** 2 / network.size))


def main() -> None:
    network = mf.brunel_network(g=5.0, eta=2.0, V_reset=10.0)
    rate = mf.fixed_points(network)["rate"].values[-1]
    lines = ["| frequency (Hz) | theory | NEST | power by NEST's / by theory's |", "|--:|--:|--:|--:|"]
    for frequency in FREQUENCIES:
        responses = responses_in_theory(network, rate, frequency)
        theory, (nest, error) = responses.sum(), response_in_nest(network, rate, frequency)
        ratio = power_of_activity(network, responses, nest, frequency)
        ratio /= power_of_activity(network, responses, theory, frequency)
        lines.append(
            f"| {frequency:g} | {abs(theory):.3f} at {np.degrees(np.angle(theory)):.0f}° "
            f"| {abs(nest):.3f} ± {error:.3f} at {np.degrees(np.angle(nest)):.0f}° | {ratio:.2f} |"
        )
        print(lines[-1], flush=True)
    text = f"""# A neuron's response to modulated input at Brunel's point C

Relative change of the rate for a relative change of the rates of all recurrent inputs together: size and phase. In
theory inputs are white noise; in NEST they are Poisson trains, whose spikes move the potential by 0.1 and −0.5 mV.
{NEURONS:,} unconnected neurons, {DURATION:g} ms, time step {DT:g} ms, modulation by {DEPTH:g}. The last column says
what the difference makes of the spectrum of the network's activity. Made by `benchmarks/response_against_nest.py`.

"""
    (ROOT / "results" / "reference" / "response_against_nest.md").write_text(text + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
