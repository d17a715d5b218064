"""Whether the standard errors of self-consistent trains are right: 40 seeds at two points, some ten minutes.

    python benchmarks/trains_calibration.py

For each quantity the spread of the results over seeds is divided by the mean stated variance. Both are χ² distributed,
the first with 39 degrees of freedom, the second with 40 · 9; so their ratio is F distributed if the errors are right.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy import stats

import meanfield as mf

POINTS = {"the example": {}, "J = 0.5 mV": {"J": 0.5}}
QUANTITIES = [("rate", {}), ("cv", {}), ("fano", {"window": 100.0}), ("spectrum", {"frequency": 30.0})]
DEGREES = 9  # of one stated error, from ten repetitions


def spread_over_stated(values, errors):
    """The ratio of variances, and the probability of one as far from 1 or farther."""
    ratio = np.var(values, ddof=1) / np.mean(np.square(errors))
    law = stats.f(len(values) - 1, len(values) * DEGREES)
    return ratio, 2.0 * min(law.cdf(ratio), law.sf(ratio))


def main():
    """Compute and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--variant", default="exact")
    options = parser.parse_args()
    for name, parameters in POINTS.items():
        network = mf.brunel_network(**parameters)
        found = [
            mf.self_consistent_trains(network, variant=options.variant, seed=seed).isel(population=0)
            for seed in range(1, options.seeds + 1)
        ]
        reached = sum(bool(one["target_reached"]) for one in found)
        print(
            f"{name}: {reached} of {len(found)} reached their goal, in {sorted(int(x['generations']) for x in found)}"
        )
        for variable, at in QUANTITIES:
            values, errors = (
                np.array([float(one[name].sel(at)) for one in found]) for name in (variable, f"{variable}_sem")
            )
            ratio, probability = spread_over_stated(values, errors)
            print(
                f"  {variable} {at or ''}: mean {values.mean():.5g}, stated error {np.sqrt(np.mean(errors**2)):.2g}, "
                f"variance ratio {ratio:.2f}, p = {probability:.3f}", flush=True
            )  # fmt: skip


if __name__ == "__main__":
    main()
