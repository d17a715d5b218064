"""Tabulates compiled code against NEST at twelve settings:  python benchmarks/compiled_against_nest.py --scale 0.1

Writes results/reference/compiled_against_nest.md. The settings, the measures and the test are those of
tests/oracles/test_compiled_law_nest.py, which runs them at a small scale. At full scale NEST takes more than an hour.
"""

from __future__ import annotations

import argparse
import runpy
from functools import partial
from pathlib import Path

import numpy as np
from scipy.stats import chi2

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "results" / "reference" / "compiled_against_nest.md"


def rates(values) -> str:
    """Mean ± standard error over seeds."""
    return f"{values.mean():.3f} ± {values.std(ddof=1) / len(values) ** 0.5:.3f}"


def row(one) -> str:
    """A setting: rates by both simulators, and the measure that differs most."""
    n = len(one.values) // 2
    t = one.t(np.arange(2 * n)[np.newaxis] < n)[0]
    most = int(np.argmax(np.abs(t)))
    populations = [i for i, name in enumerate(one.names) if name.startswith("rate of ")]
    nest, compiled = (", ".join(rates(half[:, i]) for i in populations) for half in (one.values[:n], one.values[n:]))
    largest = f"{one.names[most]}: {t[most]:+.2f}"
    return f"| {one.setting.name} | {nest} | {compiled} | {len(t)} | {largest} | {np.mean(t**2):.2f} |"


def markdown(comparisons, chances, run) -> str:
    """The table of networks, and what the permutation test says of all of it."""
    lines = [
        f"{run['n_seeds']} seeds each of NEST and of compiled code, {run['duration']:g} ms after {run['warmup']:g} ms;",
        f"sizes and in-degrees are {run['scale']:g} times those of the full networks. Rates of the populations in",
        "spikes/s, mean ± standard error over seeds. Measured of each population: rate, CV, five quantiles of the",
        "neurons' rates, Fano factor (10 ms), pair correlation (10 ms), and the activity's power in four bands; t is",
        "Student's, NEST minus compiled.",
        "",
        "| setting | NEST | compiled | measures | largest t | mean t² |",
        "|---|--:|--:|--:|---|--:|",
        *map(row, comparisons),
        "",
        "If labels are dealt by chance, differences are as large in this part of all cases (below 0.005 would be an",
        "alarm, at a false-alarm rate of 1 % for both together):",
        f"{chances[0]:.3f} by the largest t of the table, {chances[1]:.3f} by the mean of t².",
    ]
    return "\n".join(lines) + "\n"


def unconnected(tests, n_neurons: int) -> str:
    """The table of unconnected neurons on Poisson input, against theory."""
    simulated_rate = partial(tests["compiled_rate"], n_neurons=n_neurons)
    compared = tests["compare"](tests["SETTINGS"] + tests["MORE_SETTINGS"], simulated_rate)
    total = sum(one.deviation**2 for one in compared)
    lines = [
        "",
        f"Unconnected neurons on Poisson input: compiled code (mean ± standard error over {n_neurons:,} neurons)",
        "beside `shot_noise_rate`.",
        "",
        "| setting | compiled | theory | deviation in standard errors |",
        "|---|--:|--:|--:|",
        *(
            f"| {one.setting.name} | {one.simulated:.3f} ± {one.standard_error:.3f} "
            f"| {one.theory.rate:.4f} ± {one.theory.error:.4f} | {one.deviation:+.2f} |"
            for one in compared
        ),
        "",
        f"chi² = {total:.2f} over {len(compared)} settings, p = {chi2.sf(total, df=len(compared)):.2f}.",
    ]
    return "\n".join(lines) + "\n"


def main():
    """Simulate, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.1, help="of sizes and in-degrees; 1 is full scale")
    parser.add_argument("--duration", type=float, default=1000.0, help="ms")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--unconnected", type=int, default=4000, help="unconnected neurons in each setting")
    options = parser.parse_args()
    run = {"scale": options.scale, "duration": options.duration, "warmup": 200.0, "n_seeds": options.seeds}
    law = runpy.run_path(str(ROOT / "tests" / "oracles" / "test_compiled_law_nest.py"))
    comparisons = []
    for setting in law["SETTINGS"]:
        comparisons.append(law["compare"](setting, **run))
        print(row(comparisons[-1]), flush=True)
    text = markdown(comparisons, law["probabilities"](comparisons), run)
    text += unconnected(
        runpy.run_path(str(ROOT / "tests" / "oracles" / "test_shot_noise_nest.py")), options.unconnected
    )
    OUTPUT.write_text(text)
    print(text, f"wrote {OUTPUT}", sep="\n")


if __name__ == "__main__":
    main()
