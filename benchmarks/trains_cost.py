"""What self-consistent trains cost, beside simulations with the same error:  python benchmarks/trains_cost.py

Processor time on one thread. A simulation's error falls as one over the square root of its biological time; so its time
is extrapolated to the same error. Writes results/reference/trains_cost.md; three minutes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import meanfield as mf
from meanfield.runs.sources import ROOT

OUTPUT = ROOT / "results" / "reference" / "trains_cost.md"
POINTS = {
    "NEST's example": (mf.brunel_network, 0.1, 1e-3),
    "Ostojic's at 0.8 mV": (lambda: mf.Network.from_yaml(ROOT / "experiments/networks/ostojic_J0.8.yml"), 0.05, 1e-2),
}
SIMULATORS = {"nest": "NEST", "compiled": "compiled code"}
DURATION, WARMUP = 1000.0, 200.0  # ms
ONE_THREAD = {"threads": 1, "seed": 1}


def timed(compute) -> tuple[object, float]:
    """A result, and the processor time that it took."""
    begin = time.process_time()
    return compute(), time.process_time() - begin


def simulation_row(name: str, network, dt: float, simulator: str, goal: float) -> str:
    """One run, and what as small an error as theory's would take."""
    run = {"duration": DURATION, "warmup": WARMUP, "record": 0, "progress": False, "simulator": simulator}
    spiking, seconds = timed(lambda: mf.simulate_spiking(network, dt=dt, **run, **ONE_THREAD))
    rate, error = (float(spiking[variable].isel(seed=0, population=0)) for variable in ("rate", "rate_sem"))
    longer = (error / (goal * rate)) ** 2 * DURATION
    needed = seconds * (WARMUP + longer) / (WARMUP + DURATION)
    return (
        f"| {name} | {SIMULATORS[simulator]}, {1e-3 * DURATION:g} s | {rate:.3f} ± {error:.3f} | {seconds:.1f} "
        f"| {needed:.0f}, for {1e-3 * longer:.3g} s |"
    )


def rows(name: str, describe, dt: float, goal: float) -> list[str]:
    """Theory with the goal for its error, and both simulators."""
    network = describe()
    trains, seconds = timed(lambda: mf.self_consistent_trains(network, dt, target_rate_sem=goal, **ONE_THREAD))
    rate, error = (float(trains[variable][0]) for variable in ("rate", "rate_sem"))
    reached = f"{seconds:.1f}" if trains["target_reached"] else f"goal not reached in {seconds:.0f}"
    lines = [
        f"| {name} | self-consistent trains, {int(trains['generations'])} generations | {rate:.3f} ± {error:.3f} "
        f"| {seconds:.1f} | {reached} |"
    ]
    lines += [simulation_row(name, network, dt, simulator, goal) for simulator in SIMULATORS]
    print(*lines, sep="\n", flush=True)
    return lines


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    small = mf.brunel_network(order=10)  # compiled code is loaded
    mf.self_consistent_trains(small, neurons=20, duration=100.0, windows=[100.0], max_generations=16)
    for simulator in SIMULATORS:
        mf.simulate_spiking(small, duration=10.0, simulator=simulator, progress=False)
    lines = [
        "# What self-consistent trains cost",
        "",
        "Seconds of processor time on one thread, to a relative standard error of the excitatory neurons' rate of",
        " and ".join(f"{100 * goal:g} % ({name})" for name, (_, _, goal) in POINTS.items()) + ". A simulation's",
        "time is extrapolated from one run and the error that it states, of one network. The theory is of infinitely",
        "many neurons; simulated are 12,500 and 10,000. Made by `benchmarks/trains_cost.py`.",
        "",
        "| network | by | spikes/s | time (s) | time to that error (s) |",
        "|---|---|--:|--:|--:|",
    ]
    for name, point in POINTS.items():
        lines += rows(name, *point)
    options.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
