"""The microcircuit's budget measured on surrogates: which part of its input makes each population fire as it does.

python benchmarks/microcircuit_surrogates.py --scale 1 --duration 5000

At full scale this takes some nine minutes of processor time, and 3 GB.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import meanfield as mf
from meanfield.comparison.tables import number, with_error


def made_once(file: Path | None, make) -> xr.Dataset:
    """A dataset from a file, if it exists; else made, and kept there."""
    if file and file.exists():
        return xr.load_dataset(file)
    dataset = make()
    if file:
        dataset.to_netcdf(file)
    return dataset


def effect_of_multapses(budget: xr.Dataset, surrogates: xr.Dataset, distinct: xr.Dataset) -> pd.DataFrame:
    """Rates on Poisson trains of sources that are drawn at random and of distinct ones; their ratio, also in theory."""
    rates = {
        "sources drawn at random": surrogates.sel(surrogate="poisson").isel(seed=0),
        "distinct sources": distinct.sel(surrogate="poisson").isel(seed=0),
    }
    rows = {
        words: [
            with_error(*pair)
            for pair in zip(one["surrogate_rate"].values, one["surrogate_rate_sem"].values, strict=True)
        ]
        for words, one in rates.items()
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.divide(*(one["surrogate_rate"].values for one in rates.values()))
    parts = budget["part_contribution"]
    equal = budget["rung_rate"].sel(rung=parts.attrs["above"]) + parts.sel(part="reaction")
    predicted = (1 + parts.sel(part="multapses") / equal).values
    rows |= {
        name: [number(x, ".2f") for x in each] for name, each in (("ratio", ratio), ("ratio in theory", predicted))
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(budget["population"].values))


def in_markdown(table: pd.DataFrame) -> str:
    """A table of text with its index."""
    rows = [["", *table.columns], ["---", *["--:"] * len(table.columns)], *table.reset_index().to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(' '.join(str(cell).split()) for cell in row)} |" for row in rows)


def main() -> None:
    """Simulate the network and its surrogates; print the budget, and what multapses do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--duration", type=float, default=5000.0, help="ms")
    parser.add_argument("--surrogate_neurons", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="where datasets are kept, and taken from if they exist")
    given = parser.parse_args()
    network = mf.potjans_diesmann(given.scale)

    def file(name: str) -> Path | None:
        return given.folder and given.folder / f"{name}.nc"

    run = {"simulator": "compiled", "duration": given.duration, "warmup": 500.0, "threads": 1, "record": "all"}
    spiking = made_once(file("spiking"), lambda: mf.simulate_spiking(network, progress=False, **run))

    def surrogates_of(network: mf.Network) -> xr.Dataset:
        return mf.simulate_surrogates(network, spiking, surrogate_neurons=given.surrogate_neurons, progress=False)

    surrogates = made_once(file("surrogates"), lambda: surrogates_of(network))
    budget = mf.network_budget(network, spiking, surrogates=surrogates)
    print(in_markdown(mf.budget_table(budget).drop(columns="because")), flush=True)
    once = network.model_copy(update={"rule": "pairwise_bernoulli"})
    distinct = made_once(file("surrogates_of_distinct_sources"), lambda: surrogates_of(once))
    print("\n" + in_markdown(effect_of_multapses(budget, surrogates, distinct)))


if __name__ == "__main__":
    main()
