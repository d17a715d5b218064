"""Memory and processor time that the microcircuit takes in compiled code, by scale, each in a process of its own.

python benchmarks/microcircuit_scale.py --scales 0.1 0.2 0.5 1.0
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

MEASURE = "--measure"
BIOLOGICAL = 1000.0  # ms


def measured(scale: float) -> dict[str, float]:
    """Cost of one network in this process, which must have done nothing else."""
    import meanfield as mf

    network = mf.potjans_diesmann(scale)
    run = {"simulator": "compiled", "threads": 1, "record": 0, "progress": False}
    mf.simulate_spiking(mf.potjans_diesmann(0.01), duration=10.0, warmup=0.0, **run)  # compiles
    seconds = []
    for duration in (10.0, 10.0 + BIOLOGICAL):
        start = time.process_time()
        mf.simulate_spiking(network, duration=duration, warmup=0.0, **run)
        seconds.append(time.process_time() - start)
    return {
        "neurons": int(network.size.sum()),
        "synapses": network.n_synapses,
        "build": seconds[0],
        "advance": (seconds[1] - seconds[0]) / (1e-3 * BIOLOGICAL),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def main() -> None:
    """Measure each scale and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=float, nargs="+", default=[0.1, 0.2, 0.5, 1.0])
    parser.add_argument(MEASURE, type=float)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measured(arguments.measure)))
        return
    print("| scale | neurons | synapses | memory (GB) | to build (s) | per biological second (s) |")
    print("|---|---|---|---|---|---|")
    for scale in arguments.scales:
        command = [sys.executable, __file__, MEASURE, str(scale)]
        one = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(
            f"| {scale:g} | {one['neurons']:,} | {one['synapses']:,} | {one['memory'] / 1e9:.2f} | {one['build']:.1f} "
            f"| {one['advance']:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
