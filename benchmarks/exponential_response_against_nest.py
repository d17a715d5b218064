"""How a neuron with exponential synapses answers when the rates of all its inputs wax and wane: theory, and NEST.

Writes results/reference/exponential_response_against_nest.md, like response_against_nest.py for delta synapses.
"""

import runpy
from pathlib import Path

import numpy as np

import meanfield as mf

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "results" / "reference" / "exponential_response_against_nest.md"
FREQUENCIES = (20.0, 60.0, 124.0, 300.0)  # Hz
TAU_SYN = (0.5, 2.0)  # ms


def polar(response: complex) -> str:
    """Size and phase."""
    return f"{abs(response):.3f} at {np.degrees(np.angle(response)):.0f}°"


def theory(network, rate) -> np.ndarray:
    """Relative change of the rate for the same relative one of all recurrent inputs', at each frequency."""
    mu, sigma = (moment[0] for moment in network.input_moments(rate))
    neuron = {name: values[0] for name, values in network.neurons.items()}
    tau_syn = network.effective_tau_syn(rate)[0]
    by_mean, by_variance = mf.transfer_function(FREQUENCIES, mu, sigma, **neuron, tau_syn=tau_syn)
    return by_mean * network.drift[0].sum() + by_variance * network.diffusion[0].sum()


def rows(test) -> list[str]:
    """Lines of the table."""
    lines = []
    for tau_syn in TAU_SYN:
        point_C = mf.brunel_network(g=5.0, eta=2.0, V_reset=10.0).to_dict()
        network = mf.Network(**point_C | {"tau_syn": tau_syn})
        rate = mf.fixed_points(network)["rate"].values[-1]
        for frequency, predicted in zip(FREQUENCIES, theory(network, rate), strict=True):
            simulated, error = test["simulated_response"](network, rate, frequency)
            distance = abs(simulated - predicted) / error
            shown = f"{polar(predicted)} | {polar(simulated)} | {error:.3f} | {distance:.1f}"
            lines.append(f"| {tau_syn:g} | {frequency:g} | {shown} |")
            print(lines[-1], flush=True)
    return lines


def markdown(test) -> str:
    """The whole table."""
    lines = [
        "# A neuron's response to modulated input by exponential synapses, at Brunel's point C",
        "",
        "Relative change of the rate for a relative change of the rates of all recurrent inputs together: size and",
        "phase. Theory: `transfer_function` with `tau_syn`, of first order in √(tau_syn/tau_m), for white noise behind",
        f"the synapses. NEST: {test['NEURONS']:,} unconnected neurons on Poisson trains, {test['DURATION']:g} ms, time",
        f"step {test['DT']:g} ms, modulated by {test['DEPTH']:g}; the standard error is that of either part of the",
        "complex number, the distance that of the two complex numbers. Made by",
        "`benchmarks/exponential_response_against_nest.py`.",
        "",
        "| tau_syn (ms) | frequency (Hz) | theory | NEST | standard error | distance in standard errors |",
        "|--:|--:|--:|--:|--:|--:|",
        *rows(test),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    test = runpy.run_path(str(ROOT / "tests" / "oracles" / "test_shot_noise_response_nest.py"))
    OUTPUT.write_text(markdown(test))
    print(f"wrote {OUTPUT}")
