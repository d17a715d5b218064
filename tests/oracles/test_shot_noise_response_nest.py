"""The response to modulated shot noise, against unconnected neurons in NEST on the same trains."""

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

import meanfield as mf
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.neurons import create_neurons, membrane
from meanfield.simulation.wiring import connect_external_drive

FREQUENCIES = (40.0, 124.0, 300.0)  # Hz
MORE_FREQUENCIES = (20.0, 60.0, 80.0, 100.0, 150.0, 200.0, 250.0, 400.0, 500.0)
DEPTH = 0.2  # relative modulation of the inputs
NEURONS, WARMUP, DURATION, DT = 4000, 100.0, 1000.0, 0.1  # ms


class Response(NamedTuple):
    """Relative change of the rate for one of the rates of all recurrent inputs together, at one frequency (Hz)."""

    frequency: float
    nest: complex
    standard_error: float  # of its real, and of its imaginary part
    shot_noise: complex
    white_noise: complex

    @property
    def chi_squared(self) -> float:
        """Of two degrees of freedom, if shot noise is all there is."""
        return abs(self.nest - self.shot_noise) ** 2 / self.standard_error**2


def compare(frequencies) -> list[Response]:
    """At the working point of Brunel's point C."""
    network = mf.brunel_network(g=5.0, eta=2.0, V_reset=10.0)
    rate = mf.fixed_points(network)["rate"].values[-1]
    neuron = {name: float(getattr(network, name)[0]) for name in ("tau_m", "t_ref", "theta", "V_reset")}
    mu, sigma = (moment[0] for moment in network.input_moments(rate))
    by_mean, by_variance = mf.transfer_function(frequencies, mu, sigma, **neuron)
    per_spike = 1e-3 * network.tau_m[0] * network.K[0] * network.J[0]
    white = by_mean * per_spike.sum() + by_variance * (per_spike * network.J[0]).sum()
    trains = np.append(network.K[0] * rate, network.K_ext[0] * network.rate_ext[0]), np.append(network.J[0], 0.1)
    found = mf.shot_noise_transfer_function(frequencies, *trains, dt=DT, **neuron)
    # Relative to the neuron's rate, which with shot noise is not quite that of its sources.
    finite = found["response"].values[:, :2] @ network.K[0] * (rate[0] / float(found["rate"]))
    return [
        Response(frequency, *simulated_response(network, rate, frequency), *theories)
        for frequency, *theories in zip(frequencies, finite, white, strict=True)
    ]


def simulated_response(network, rate, frequency) -> tuple[complex, float]:
    """Change of a neuron's rate for the same relative one of all source populations', and its standard error."""
    nest = fresh_kernel(dt=DT, seed=1)
    sample = network.model_copy(update={"size": np.array([NEURONS, 1])})
    neurons = create_neurons(nest, sample, "spread")
    connect_external_drive(nest, sample, neurons)
    model = membrane(sample, 0)
    for mean, J, tau_syn in zip(network.K[0] * rate, network.J[0], network.tau_syn[0], strict=True):
        modulated = {"rate": mean, "amplitude": DEPTH * mean, "frequency": frequency, "phase": 90.0}
        generator = nest.Create("sinusoidal_poisson_generator", params=modulated)
        nest.Connect(generator, neurons[0], syn_spec=model.synapse(float(J), float(tau_syn)) | {"delay": DT})
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True, "start": WARMUP})
    nest.Connect(neurons[0], recorder, syn_spec={"delay": DT})
    nest.Simulate(WARMUP + DURATION)
    # What the generator draws acts a delay, one time step, later.
    time = 1e-3 * DT * (recorder.events["times"] - 1)
    amplitude = 2.0 * np.mean(np.exp(-2j * np.pi * frequency * time)) / DEPTH
    return complex(amplitude), float(np.sqrt(2.0 / len(time)) / DEPTH)


def test_simulated_neurons_answer_as_shot_noise_theory_says():
    """One false alarm in 10,000; white noise instead is off by twenty standard errors in all."""
    responses = compare(FREQUENCIES)
    assert chi2.sf(sum(one.chi_squared for one in responses), df=2 * len(responses)) > 1e-4
    white = sum(abs(one.nest - one.white_noise) ** 2 / one.standard_error**2 for one in responses)
    assert chi2.sf(white, df=2 * len(responses)) < 1e-12


def test_simulated_neurons_with_exponential_synapses_answer_nearly_as_theory_says():
    """At 60 Hz, where the noise's own response, and how the shift of the threshold moves with it, matter most.

    Spikes of finite size make as much of a difference as with delta synapses, 0.1; the standard error is 0.02.
    """
    network = mf.Network(**mf.brunel_network(g=5.0, eta=2.0, V_reset=10.0).to_dict() | {"tau_syn": 0.5})
    rate = mf.fixed_points(network)["rate"].values[-1]
    mu, sigma = (moment[0] for moment in network.input_moments(rate))
    neuron = {name: values[0] for name, values in network.neurons.items()}
    by_mean, by_variance = mf.transfer_function(60.0, mu, sigma, **neuron, tau_syn=0.5)
    predicted = by_mean * network.drift[0].sum() + by_variance * network.diffusion[0].sum()
    simulated, error = simulated_response(network, rate, 60.0)
    assert abs(simulated - predicted) < 0.1 + 5 * error
