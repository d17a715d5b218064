"""The error budget along J, dt and g, and of Ostojic's networks: runs the notebook at each point, then collects.

Run as ``make error-budget``; takes about forty minutes on two cores. What is finished is not run again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xarray as xr
from tqdm import tqdm

import meanfield as mf
from meanfield.provenance import ROOT
from meanfield.results import save_dataset, save_figure
from meanfield.runner import run_notebook

RUNS = ROOT / "results" / "error_budget"
REFERENCE = ROOT / "results" / "reference" / "error_budget"

# A delay of 1.6 ms fits all these time steps.
ALONG: dict[str, list[dict[str, Any]]] = {
    "J": [{"J": J} for J in (0.05, 0.1, 0.2, 0.5, 0.8, 1.0)],
    "dt": [{"dt": dt, "delay": 1.6} for dt in (0.02, 0.05, 0.1, 0.2)],
    "g": [{"g": g} for g in (4.5, 5.0, 6.0, 8.0)],
}
OSTOJIC = {f"ostojic_J{J}": {"network_file": f"experiments/networks/ostojic_J{J}.yml", "dt": 0.05} for J in (0.2, 0.8)}
DEFAULT = "J0.1"
COMMON = {"surrogate_neurons": 1000}


def name_of(along: str, point: dict[str, Any]) -> str:
    """The run of a point; the default network, at g = 5, is run only once."""
    return DEFAULT if point in ({"J": 0.1}, {"g": 5.0}) else f"{along}{point[along]}"


def dataset_of(name: str, parameters: dict[str, Any]) -> xr.Dataset:
    """The budget of one point, run unless it has been."""
    folder = RUNS / name
    if not (folder / "error_budget.nc").exists():
        run_notebook(ROOT / "notebooks" / "error_budget.ipynb", folder, parameters | COMMON)
    return mf.load_dataset(folder / "error_budget.nc")


def collect(points: dict[Any, xr.Dataset], along: str) -> xr.Dataset:
    """The points' budgets and surrogates as one dataset with a dimension `along`; each keeps its provenance."""
    joined = xr.concat(
        [point.drop_dims(["time", "block", "frequency"]) for point in points.values()],
        dim=xr.Variable(along, list(points)),
        combine_attrs="drop_conflicts",
        coords="minimal",
        compat="override",
    )
    joined["provenance"] = (along, [point.attrs["provenance"] for point in points.values()])
    return joined


def main() -> None:
    names = {along: {point[along]: name_of(along, point) for point in points} for along, points in ALONG.items()}
    parameters = {name_of(along, point): point for along, points in ALONG.items() for point in points} | OSTOJIC
    needed = list(dict.fromkeys([*OSTOJIC, *(name for of in names.values() for name in of.values())]))
    budgets = {name: dataset_of(name, parameters[name]) for name in tqdm(needed, unit="run")}

    collected = {along: collect({v: budgets[name] for v, name in of.items()}, along) for along, of in names.items()}
    for along, dataset in collected.items():
        save_dataset(dataset, REFERENCE / f"along_{along}.nc")
    ostojic = {float(name.removeprefix("ostojic_J")): budgets[name] for name in OSTOJIC}
    save_dataset(collect(ostojic, "J"), REFERENCE / "ostojic.nc")

    figures = {
        "along": mf.figures.budgets_figure(collected),
        "brunel": mf.figures.waterfall_figure(budgets[DEFAULT]),
        "ostojic": mf.figures.waterfall_figure(budgets["ostojic_J0.8"]),
    }
    for name, figure in figures.items():
        for ending in ("png", "svg"):
            save_figure(figure, REFERENCE / f"{name}.{ending}")
    print(*sorted(Path(REFERENCE).iterdir()), sep="\n")


if __name__ == "__main__":
    main()
