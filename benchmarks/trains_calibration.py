"""Tabulates how well the stated errors of self-consistent trains agree with the results' real spread.

Writes results/reference/self_consistent_trains.md; some ten minutes on one core.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from scipy import stats

import meanfield as mf
from meanfield.theory.trains.parameters import REPETITIONS

OUTPUT = Path(__file__).resolve().parent.parent / "results" / "reference" / "self_consistent_trains.md"
POINTS = {"the example": {}, "J 0.5 mV": {"J": 0.5}}
QUANTITIES = {
    "rate (spikes/s)": ("rate", {}),
    "CV of intervals": ("cv", {}),
    "Fano factor in 100 ms": ("fano", {"window": 100.0}),
    "spectrum at 30 Hz": ("spectrum", {"frequency": 30.0}),
}
FALSE_ALARM = 0.01  # for the whole table


def mean_square(values: np.ndarray, errors: np.ndarray) -> float:
    """Of deviations from the mean of all in standard errors, taken from Student's t to normal deviates."""
    n = len(values)
    t = np.sqrt(n / (n - 1)) * np.abs(values - np.mean(values)) / errors
    return np.sum(stats.norm.isf(stats.t(REPETITIONS - 1).sf(t)) ** 2) / (n - 1)


def chance(n_seeds: int) -> tuple[float, float]:
    """Between what it lies, if errors are right: χ² distributed, with the false alarms of one of the table's rows."""
    level = FALSE_ALARM / (len(POINTS) * len(QUANTITIES))
    return tuple(stats.chi2(n_seeds - 1).ppf([level / 2, 1.0 - level / 2]) / (n_seeds - 1))


def rows(name: str, parameters: dict, n_seeds: int, variant: str) -> list[str]:
    """Lines of the table for one network."""
    network, found = mf.brunel_network(**parameters), []
    begin = time.process_time()
    for seed in range(1, n_seeds + 1):
        found.append(mf.self_consistent_trains(network, variant=variant, seed=seed).isel(population=0))
    seconds = (time.process_time() - begin) / n_seeds
    low, high = chance(n_seeds)
    generations = np.median([one["generations"] for one in found])
    lines = []
    for quantity, (variable, at) in QUANTITIES.items():
        values, errors = (
            np.array([float(one[name].sel(at)) for one in found]) for name in (variable, f"{variable}_sem")
        )
        square = mean_square(values, errors)
        shown = f"{square:.2f}" if low < square < high else f"**{square:.2f}**"
        lines.append(
            f"| {name}, {generations:.0f}, {seconds:.1f} s | {quantity} | {values.mean():.5g} "
            f"| {values.std(ddof=1):.2g} | {np.sqrt(np.mean(errors**2)):.2g} | {shown} |"
        )
        print(lines[-1], flush=True)
    return lines


def markdown(n_seeds: int, variant: str) -> str:
    """The table, and how to read it."""
    low, high = chance(n_seeds)
    lines = [
        "# Are the errors of self-consistent trains right?",
        "",
        f"`mf.self_consistent_trains`, variant {variant}, with {n_seeds} seeds; aim: 0.1 % of the rate, 1 % of the CV.",
        "*Spread*: standard deviation of the results over seeds. *Error*: root mean square of the standard errors that",
        "single results state, of nine degrees of freedom. *Square*: mean square of the deviations from the mean in",
        "errors, taken from Student's t to normal deviates: 1 if errors are right, more if too small. In bold:",
        f"outside of {low:.2f} to {high:.2f}, which chance makes of 1, with 1 % for the whole table, two-sided.",
        "Behind the network: generations (median) and processor time of one result, on one core.",
        "Made by `benchmarks/trains_calibration.py`.",
        "",
        "| network | quantity | mean | spread | error | square |",
        "|---|---|--:|--:|--:|--:|",
        *(line for name, parameters in POINTS.items() for line in rows(name, parameters, n_seeds, variant)),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--variant", choices=("exact", "gaussian"), default="exact")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    options.output.write_text(markdown(options.seeds, options.variant))
