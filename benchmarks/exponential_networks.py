"""How far the shift of threshold and reset goes: simulated networks with exponential synapses beside theory.

Writes results/reference/exponential_networks.md.
"""

from pathlib import Path

import numpy as np

import meanfield as mf

OUTPUT = Path(__file__).resolve().parent.parent / "results" / "reference" / "exponential_networks.md"
DURATION, N_SEEDS = 1000.0, 3  # ms
POINTS = ((0.5, 0.1), (2.0, 0.1), (5.0, 0.1), (0.5, 0.3), (2.0, 0.3))  # tau_syn (ms), J (mV)


def row(tau_syn: float, J: float) -> str:
    """One network: theory, simulation with its standard error over seeds, and their difference."""
    network = mf.Network(**mf.brunel_network(J=J).to_dict() | {"tau_syn": tau_syn})
    run = {"duration": DURATION, "n_seeds": N_SEEDS, "record": 0, "threads": 1, "progress": False}
    found = mf.simulate_spiking(network, simulator="compiled", **run)
    each = found["rate"].values @ network.size / network.size.sum()
    rate, error = each.mean(), each.std(ddof=1) / np.sqrt(N_SEEDS)
    theory = mf.fixed_points(network)["rate"].values[0, 0]
    shown = (
        f"{theory:.3f} | {rate:.3f} | {error:.3f} | {100 * (rate / theory - 1):+.1f} | {found['cv'].values.mean():.3f}"
    )
    line = f"| {tau_syn:g} | {J:g} | {shown} |"
    print(line, flush=True)
    return line


def markdown() -> str:
    """The whole table."""
    lines = [
        "# Brunel's network with exponential synapses",
        "",
        "Order 2500, g 5, eta 2, V_reset 0, multapses and autapses allowed. Theory is Siegert's rate, threshold and",
        "reset shifted to first order in √(tau_syn/tau_m). Simulated by compiled code; the standard error is over",
        f"{N_SEEDS} seeds of {DURATION:g} ms. Made by `benchmarks/exponential_networks.py`.",
        "",
        "| tau_syn (ms) | J (mV) | theory (spikes/s) | simulated | standard error | deviation (%) | CV |",
        "|--:|--:|--:|--:|--:|--:|--:|",
        *(row(*point) for point in POINTS),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    OUTPUT.write_text(markdown())
    print(f"wrote {OUTPUT}")
