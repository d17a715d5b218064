"""Tabulates shot-noise theory against unconnected neurons on the same Poisson input in NEST.

Writes results/reference/shot_noise_against_nest.md. The settings are those of tests/oracles/test_shot_noise_nest.py,
which runs all but the slowest.
"""

import runpy
from pathlib import Path

from scipy.stats import chi2

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "results" / "reference" / "shot_noise_against_nest.md"


def markdown(comparisons) -> str:
    """The table, and the chi² over all its rows."""
    lines = [
        "Rates in spikes/s. Simulated: mean ± standard error over 4,000 unconnected neurons in NEST. Theory:",
        "`shot_noise_rate` ± its numerical error. Weights in mV, steps dt in ms.",
        "",
        "| setting | simulated | theory | deviation in standard errors |",
        "|---|--:|--:|--:|",
    ]
    for one in comparisons:
        lines.append(
            f"| {one.setting.name} | {one.simulated:.3f} ± {one.standard_error:.3f} "
            f"| {one.theory.rate:.4f} ± {one.theory.error:.4f} | {one.deviation:+.2f} |"
        )
    total = sum(one.deviation**2 for one in comparisons)
    p = chi2.sf(total, df=len(comparisons))
    lines += ["", f"chi² = {total:.2f} over {len(comparisons)} settings, p = {p:.2f}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    tests = runpy.run_path(str(ROOT / "tests" / "oracles" / "test_shot_noise_nest.py"))
    OUTPUT.write_text(markdown(tests["compare"](tests["SETTINGS"] + tests["MORE_SETTINGS"])))
    print(f"wrote {OUTPUT}")
