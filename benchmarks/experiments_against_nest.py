"""Points of experiments by compiled code and by NEST:  python benchmarks/experiments_against_nest.py

Reads each tracked pair NAME and NAME_nest. Maps are compared by their rates, budgets by the terms that rest on
simulation, phase diagrams by the states. Writes results/reference/experiments_against_nest.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import chi2, norm, t

import meanfield as mf

REFERENCE = Path(__file__).resolve().parent.parent / "results" / "reference"
OUTPUT = REFERENCE / "experiments_against_nest.md"
# What depends on chance in one simulator and not in the other. The reaction follows from the total.
PARTS = ["control", "trains", "correlations", "rest"]
STATE = ["state", "synchrony", "coherence", "peak_frequency"]


def rates(dataset: xr.Dataset) -> xr.Dataset:
    """Simulated rates of a map, with standard errors over time and seeds."""
    held = mf.where_theory_holds(dataset)
    return xr.Dataset({"value": held["rate"], "error": held["rate_sem"], "freedom": held["percent_freedom"]})


def terms(dataset: xr.Dataset) -> xr.Dataset:
    """The terms of a budget that rest on simulation: the whole deviation, and the parts of its last step."""
    parts, whole = dataset.sel(part=PARTS), pd.Index(["total"], name="part")

    def both(part: str, total: str) -> xr.DataArray:
        return xr.concat([dataset[total].expand_dims(part=whole), parts[part]], "part").rename(part="term")

    value, error = both("part_contribution", "total"), both("part_error", "total_error")
    return xr.Dataset({"value": value, "error": error, "freedom": dataset["total_freedom"]})


def same_points(compiled: xr.Dataset, nest: xr.Dataset) -> xr.Dataset:
    """The compiled results at NEST's points: along each dimension those whose coordinates are all the same."""
    for name in nest.dims:
        along = [key for key in nest[name].coords if key != "duration" and key in compiled.coords]
        wanted, there = (
            list(zip(*(np.atleast_1d(one[key].values) for key in along), strict=True)) for one in (nest, compiled)
        )
        compiled = compiled.isel({name: [there.index(point) for point in wanted]})
    return compiled.drop_vars("duration", errors="ignore")


def differences(compiled: xr.Dataset, nest: xr.Dataset) -> pd.DataFrame:
    """Values of both at the points of the latter, and their difference as a normal deviate, by Welch's t."""
    compiled = same_points(compiled, nest)
    nest = nest.drop_vars("duration", errors="ignore")
    variance = compiled["error"] ** 2 + nest["error"] ** 2
    freedom = variance**2 / sum(one["error"] ** 4 / one["freedom"] for one in (compiled, nest))
    statistic = (compiled["value"] - nest["value"]) / np.sqrt(variance)
    z = np.sign(statistic) * norm.isf(t.sf(np.abs(statistic), freedom))
    columns = {
        f"{name}{suffix}": one[value]
        for name, one in (("compiled", compiled), ("nest", nest))
        for value, suffix in (("value", ""), ("error", "_error"))
    }
    return xr.Dataset(columns | {"z": z}).to_dataframe().dropna().reset_index()


def table_of_values(name: str, both: pd.DataFrame) -> str:
    """A row for each value, and chi² over all."""
    where = [column for column in both if column not in ("compiled", "compiled_error", "nest", "nest_error", "z")]
    lines = [
        f"## {name}",
        "",
        f"| {' | '.join(where)} | compiled | NEST | difference |",
        "|" + "---|" * len(where) + "--:|--:|--:|",
    ]
    for _, row in both.iterrows():
        at = " | ".join(f"{row[column]:g}" if isinstance(row[column], float) else str(row[column]) for column in where)
        lines.append(
            f"| {at} | {row.compiled:.3f} ± {row.compiled_error:.3f} | {row.nest:.3f} ± {row.nest_error:.3f} "
            f"| {row.z:+.2f} |"
        )
    total = float((both["z"] ** 2).sum())
    lines += ["", f"chi² {total:.1f} of {len(both)}, probability {chi2.sf(total, len(both)):.2f}."]
    return "\n".join(lines)


def table_of_states(name: str, compiled: xr.Dataset, nest: xr.Dataset) -> str:
    """How many states agree, and those that do not."""
    pair = xr.concat(
        [one[STATE].assign(state=one["state"].astype(str)) for one in (same_points(compiled, nest), nest)],
        pd.Index(["compiled", "NEST"], name="simulator"),
        coords="minimal",
        compat="override",
    )
    agree = pair["state"].isel(simulator=0) == pair["state"].isel(simulator=1)
    lines = [f"## {name}", "", f"{int(agree.sum())} of {agree.size} states agree."]
    others = pair.where(~agree).to_dataframe().dropna(subset="state").reset_index()
    if len(others):
        columns = ["delay", "g", "eta", "simulator", *STATE]
        lines[-1] += " The others:"
        lines += ["", f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
        for _, row in others.sort_values(columns[:4]).iterrows():
            cells = (f"{row[key]:.3g}" if isinstance(row[key], float) else str(row[key]) for key in columns)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def section(name: str) -> str:
    """A pair of tracked datasets, compared by what they hold."""
    compiled, nest = (mf.load_dataset(REFERENCE / one / f"{one}.nc") for one in (name, f"{name}_nest"))
    if "state" in nest:
        return table_of_states(name, compiled, nest)
    values = terms if "contribution" in nest else rates
    return table_of_values(name, differences(values(compiled), values(nest)))


def main() -> None:
    """Write a table for each pair."""
    names = sorted(path.name.removesuffix("_nest") for path in REFERENCE.glob("*_nest") if path.is_dir())
    text = (
        "The same points by compiled code and by NEST, which draw different networks: rates of maps and terms of\n"
        "budgets in spikes/s, with their difference in standard errors; and states. Terms of one budget share\n"
        "their simulations, so that chi² is only a sign of terms that are too far apart.\n"
        "By `python benchmarks/experiments_against_nest.py`.\n\n" + "\n\n".join(map(section, names)) + "\n"
    )
    OUTPUT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
