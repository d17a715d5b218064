"""Points of maps by compiled code against the same points by NEST:  python benchmarks/maps_against_nest.py

Reads the tracked datasets of experiments that were run by both simulators. Writes
results/reference/maps_against_nest.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from scipy.stats import chi2, norm, t

import meanfield as mf

REFERENCE = Path(__file__).resolve().parent.parent / "results" / "reference"
OUTPUT = REFERENCE / "maps_against_nest.md"
MAPS = {"validity_map": "validity_map_nest"}


def deviations(compiled: xr.Dataset, nest: xr.Dataset) -> xr.Dataset:
    """Rates of both at the points of the latter, and their difference as a normal deviate, by Welch's t."""
    held = [mf.where_theory_holds(dataset) for dataset in (compiled, nest)]
    held[0] = held[0].sel({name: held[1][name] for name in ("g", "eta")})
    rates, errors, freedoms = ([one[name].values for one in held] for name in ("rate", "rate_sem", "percent_freedom"))
    variance = errors[0] ** 2 + errors[1] ** 2
    freedom = variance**2 / sum(error**4 / freedom for error, freedom in zip(errors, freedoms, strict=True))
    statistic = (rates[0] - rates[1]) / np.sqrt(variance)
    z = np.sign(statistic) * norm.isf(t.sf(np.abs(statistic), freedom))
    columns = {"compiled": rates[0], "compiled_sem": errors[0], "nest": rates[1], "nest_sem": errors[1], "z": z}
    return xr.Dataset({name: (held[1]["rate"].dims, value) for name, value in columns.items()}, held[1].coords)


def main() -> None:
    """Write a table for each map."""
    text = (
        "Rates (spikes/s) by compiled code and by NEST, which draw different networks, and their difference in\n"
        "standard errors. By `python benchmarks/maps_against_nest.py`.\n"
    )
    for name, by_nest in MAPS.items():
        pair = (mf.load_dataset(REFERENCE / folder / f"{folder}.nc") for folder in (name, by_nest))
        table = deviations(*pair).to_dataframe().dropna().reset_index()
        total = float((table["z"] ** 2).sum())
        text += f"\n## {name}\n\n| g | eta | population | compiled | NEST | difference |\n|--:|--:|---|--:|--:|--:|\n"
        for row in table.itertuples():
            text += (
                f"| {row.g:g} | {row.eta:g} | {row.population} | {row.compiled:.3f} ± {row.compiled_sem:.3f} "
                f"| {row.nest:.3f} ± {row.nest_sem:.3f} | {row.z:+.2f} |\n"
            )
        text += f"\nchi² {total:.1f} of {len(table)}, probability {chi2.sf(total, len(table)):.2f}.\n"
    OUTPUT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
