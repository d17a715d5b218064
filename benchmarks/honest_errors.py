"""Stated errors of shot-noise rates, held against much finer grids:  python benchmarks/honest_errors.py

Draws neurons and input of four kinds, a hundred of each unless told otherwise:

- *usual*: many spikes of at most 1 mV, in commensurate sizes or not; with a fifth of them in continuous time;
- *sparse*: spikes of 2 to 10 mV that bring the mean below threshold or above;
- *driven above*: the same, fewer, with a constant drive above threshold;
- *constant drive*: no spikes at all.

The reference for the first three is the same computation with cells an eighth as wide, or as narrow as memory allows;
its own remaining error is small beside the stated one if it shrinks with the cells, and
`tests/oracles/test_sparse_input.py` has a reference by another method. For the last the neuron is stepped by hand.

Writes results/reference/honest_errors.md: how many rates lie outside one and outside three stated errors.
"""

from __future__ import annotations

import argparse
import math
import time
import warnings
from pathlib import Path

import numpy as np

import meanfield as mf
from meanfield.theory.shot_noise.discretisation import discretisation
from meanfield.theory.shot_noise.neuron import Neuron, trains_of_jumps
from meanfield.theory.shot_noise.refinement import rate_of_neuron
from meanfield.theory.shot_noise.time import time_of

OUTPUT = Path(__file__).resolve().parent.parent / "results" / "reference" / "honest_errors.md"
KINDS = ("usual", "sparse", "driven above", "constant drive")
FINER = 3  # halvings of the cells
ROUNDING = 1e-11  # relative


def random_neuron(kind: str, seed: int) -> tuple[list[float], list[float], dict[str, float]]:
    """Rates (spikes/s) and weights (mV) of the trains, and the neuron's parameters."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
    theta = round(rng.uniform(12.0, 25.0), 2)
    neuron = {
        "tau_m": rng.choice([5.0, 10.0, 20.0, 40.0]),
        "t_ref": rng.choice([0.0, 1.0, 2.0, 5.0]),
        "theta": theta,
        "V_reset": rng.choice([0.0, 10.0, round(rng.uniform(-5.0, 10.0), 2)]),
        "dt": rng.choice([0.0, 0.05, 0.1, 0.2, 0.5]),
    }
    if kind == "usual":
        J, g = math.exp(rng.uniform(math.log(0.05), 0.0)), rng.uniform(3.0, 8.0)
        if rng.random() < 0.5:
            J, g = round(J, 2), float(round(g))
        excitation = rng.uniform(0.7, 2.0) * theta / (1e-3 * neuron["tau_m"] * J)
        inhibition = rng.choice([0.0, rng.uniform(0.0, 0.9)]) * excitation / g
        rates, weights = [excitation + 0.8 * g * inhibition, inhibition], [J, -g * J]
    elif kind == "constant drive":
        rates, weights = [], []
    else:
        n = rng.integers(1, 3)
        weights, rates = np.round(rng.uniform(2.0, 10.0, n), 1), rng.uniform(10.0, 100.0, n)
        if n == 2 and rng.random() < 0.5:
            weights[1], rates[1] = -weights[1], 0.4 * rates[1]
        if kind == "sparse":
            rates *= 4.0
    if kind in ("driven above", "constant drive"):
        neuron["mu_ext"] = theta + round(rng.uniform(0.2, 8.0), 2)
    return list(map(float, rates)), list(map(float, weights)), {name: float(x) for name, x in neuron.items()}


def reference(rates, weights, neuron: dict, rate) -> float:
    """The same rate by finer cells, spikes/s."""
    whole = {"mu_ext": 0.0} | neuron
    asked = Neuron(**{name: x for name, x in whole.items() if name != "dt"}, time=time_of(neuron["dt"]))
    cells = discretisation(asked, trains_of_jumps(rates, weights))
    finest = max(
        r for r in range(rate.resolution, rate.resolution + FINER + 1) if r == rate.resolution or cells.affordable(r)
    )
    return rate_of_neuron(asked, rates, weights, like=(type(cells), finest), cv=False).rate


def stepped(neuron: dict) -> float:
    """The rate (spikes/s) of a neuron with constant drive alone, step by step, or by the logarithm."""
    tau_m, t_ref, theta, v, dt, mu_ext = (neuron[n] for n in ("tau_m", "t_ref", "theta", "V_reset", "dt", "mu_ext"))
    if dt == 0.0:
        return 1e3 / (t_ref + tau_m * math.log((mu_ext - v) / (mu_ext - theta)))
    steps = 0
    while v < theta:
        v = mu_ext + (v - mu_ext) * math.exp(-dt / tau_m)
        steps += 1
    return 1e3 / (t_ref + steps * dt)


def judged(kind: str, seed: int) -> tuple[float, float, bool, float]:
    """Deviation in stated errors, stated error relative to the rate, whether converged, seconds; NaN if missing."""
    rates, weights, neuron = random_neuron(kind, seed)
    start = time.process_time()
    rate = mf.shot_noise_rate(rates, weights, **neuron)
    seconds = time.process_time() - start
    if not rate.rate > 0.0:
        return np.nan, np.nan, False, seconds
    expected = stepped(neuron) if kind == "constant drive" else reference(rates, weights, neuron, rate)
    deviation = max(abs(rate.rate - expected) - ROUNDING * expected, 0.0)
    ratio = deviation / rate.error if rate.error else math.inf if deviation else 0.0
    if ratio > 1.0:
        print(f"  {kind}, seed {seed}: {rate.rate:.8g} ± {rate.error:.2g}, finer {expected:.8g}", flush=True)
    return ratio, rate.error / rate.rate, rate.converged, seconds


def row(kind: str, n: int) -> str:
    """How honest the errors of `n` neurons of a kind are."""
    ratio, error, converged, seconds = np.array([judged(kind, seed) for seed in range(n)]).T
    there = np.isfinite(error)
    return (
        f"| {kind} | {there.sum()} | {(~there).sum()} | {100 * np.mean(ratio[there] > 1):.1f} % | "
        f"{100 * np.mean(ratio[there] > 3):.1f} % | {ratio[there].max():.2g} | {np.median(error[there]):.1e} | "
        f"{100 * np.mean(converged[there]):.0f} % | {1e3 * np.median(seconds):.0f}, {1e3 * seconds.max():.0f} |"
    )


def main() -> None:
    """Draw, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-n", type=int, default=100, help="neurons of each kind (default 100)")
    warnings.simplefilter("error")
    columns = ("kind", "neurons", "missing or silent", "outside one error", "outside three", "farthest")
    columns += ("median relative error", "at most 1e-5", "ms median, longest")
    lines = [
        "Rates for shot noise against the same computation with cells an eighth as wide, in stated errors.",
        "By `python benchmarks/honest_errors.py`, which tells what the kinds are.",
        "",
        f"| {' | '.join(columns)} |",
        "|---" * len(columns) + "|",
    ]
    n = parser.parse_args().n
    for kind in KINDS:
        lines.append(row(kind, n))
        print(lines[-1], flush=True)
        OUTPUT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
