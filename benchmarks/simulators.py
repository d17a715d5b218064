"""What a simulation costs by compiled code and by NEST:  python benchmarks/simulators.py [--rounds 3]

Each simulation runs in a process of its own, on one thread; the two take turns, so that what slows one down slows both.
Processor time counts. Compiled code has been compiled before, as it is but once. Writes
results/reference/simulators.md.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import click
import numpy as np

OUTPUT = Path(__file__).resolve().parent.parent / "results" / "reference" / "simulators.md"
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
IN_DEGREE = 1250
DURATION = 1000.0  # ms


def simulate(simulator: str, neurons: int, duration: float) -> dict[str, float]:
    """Brunel's network of so many neurons, all with as many synapses as the example's; seconds and bytes."""
    import meanfield as mf
    from meanfield.simulation.progress import progress_bar
    from meanfield.simulation.simulators import simulator_named

    order = neurons // 5
    network = mf.brunel_network(order=order, epsilon=IN_DEGREE / neurons)
    with progress_bar(duration, progress=False) as bar, simulator_named(simulator, bar, chatter=False) as build:
        options = {"dt": 0.1, "seed": 1, "V_init": "spread", "threads": 1}
        list(build(mf.brunel_network(order=10), **options).advance(100, bar))  # imports, and loads what is compiled
        times = [time.process_time()]
        simulation = build(network, **options)
        times.append(time.process_time())
        n_spikes = sum(len(step) for step, _, _ in simulation.advance(round(duration / 0.1), bar))
        times.append(time.process_time())
    built, simulated = np.diff(times)
    return {
        "build": built,
        "simulate": simulated / (1e-3 * duration),
        "rate": n_spikes / neurons / (1e-3 * duration),
        "memory": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def in_its_own_process(*arguments) -> dict[str, float]:
    """`simulate`, on one thread."""
    command = [sys.executable, __file__, "--one", *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | THREADS)
    return json.loads(done.stdout)


def row(neurons: int, simulator: str, runs: list[dict[str, float]]) -> str:
    """Medians over the runs, with the range of the time to simulate."""
    build, simulated, rate, memory = (np.array([run[name] for run in runs]) for name in runs[0])
    return (
        f"| {neurons:,} | {neurons * IN_DEGREE / 1e6:.1f} | {simulator} | {np.median(build):.2f} "
        f"| {np.median(simulated):.2f} ({simulated.min():.2f} – {simulated.max():.2f}) "
        f"| {np.median(memory) / 1e6:,.0f} | {np.median(rate):.1f} |"
    )


@click.command()
@click.option("--rounds", default=3)
@click.option("--one", nargs=3, help="simulator, neurons and duration (ms) of one simulation; prints what it takes")
def main(rounds: int, one: tuple[str, str, str] | None) -> None:
    if one:
        print(json.dumps(simulate(one[0], int(one[1]), float(one[2]))))
        return
    in_its_own_process("compiled", 12_500, 10.0)
    nest, compiled = [], []
    for _ in range(rounds):
        for simulator, runs in (("nest", nest), ("compiled", compiled)):
            runs.append(in_its_own_process(simulator, 12_500, DURATION))
            print(simulator, runs[-1], flush=True)
    rows = [row(12_500, "NEST", nest), row(12_500, "compiled", compiled)]
    for neurons in (50_000, 100_000):
        rows.append(row(neurons, "compiled", [in_its_own_process("compiled", neurons, DURATION)]))
    whole = [np.median([run["build"] + run["simulate"] for run in runs]) for runs in (nest, compiled)]
    text = (
        f"Brunel's network with {IN_DEGREE:,} synapses for each neuron (g 5, eta 2, J 0.1 mV, dt 0.1 ms), each run in\n"
        "a process of its own on one thread: processor time to build it and for each second of biological time,\n"
        "median (fastest – slowest); and the most memory of the process, Python and all libraries included.\n\n"
        "| neurons | synapses (10⁶) | by | build (s) | one second (s) | memory (MB) | spikes/s |\n"
        "|--:|--:|---|--:|--:|--:|--:|\n" + "\n".join(rows) + "\n\n"
        f"Building and one second together take NEST {whole[0] / whole[1]:.1f} times as long as compiled code.\n"
    )
    OUTPUT.write_text(text)
    print(text, f"wrote {OUTPUT}", sep="\n")


if __name__ == "__main__":
    main()
