"""Content and origin of a stored dataset, for a person to read."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meanfield.comparison.pooled_rate import ONE_SEED
from meanfield.comparison.tables import (
    budget_table,
    comparison_table,
    missing,
    starts_at_siegert,
    state_table,
    with_error,
)
from meanfield.model.brunel import BrunelParameters, brunel_network
from meanfield.model.network import Network
from meanfield.model.network_changes import changed_network
from meanfield.model.quantities import ParameterError, printable
from meanfield.runs.network_parameters import NetworkParameters
from meanfield.runs.parameters import NotebookParameters, model_of
from meanfield.runs.provenance import read_provenance
from meanfield.runs.results import refusing_strange_content
from meanfield.runs.show_network import network_in_words
from meanfield.simulation.measures.record_doubts import record_doubts

WIDTH = 120
LABEL = 14  # columns
CONTENT = "what its kind of dataset has"


def describe(dataset: xr.Dataset, file: Path, with_variables: bool = False) -> str:
    """The dataset in words and tables.

    Parameters
    ----------
    dataset : Dataset
        As a notebook saved it, or collected by an experiment.
    file : Path
        Where it is; what a sidecar beside it tells is told too.
    with_variables : bool
        Whether all variables are listed, also where a table tells what matters.
    """
    results = results_in(dataset, file)
    parts = [results] if results else []
    if with_variables or not results or "experiment" in _document(dataset, file):
        with refusing_strange_content(file, CONTENT):
            parts.append(_heading("Variables") + printable("\n".join(_variables(dataset))))
    parts.append(_heading("Where it comes from") + origin_of(dataset, file))
    return "\n\n".join(parts)


def results_in(dataset: xr.Dataset, file: Path) -> str:
    """What the dataset is about, as its kind is best shown; nothing for a kind that is not known."""
    with refusing_strange_content(file, CONTENT):
        return printable("\n".join(_results(dataset, _document(dataset, file))))


def origin_of(dataset: xr.Dataset, file: Path) -> str:
    """What made the dataset: notebook, commit, software, parameters, and what the sidecar beside it tells."""
    with refusing_strange_content(file, CONTENT):
        return printable("\n".join(_origin(dataset, _document(dataset, file), file)))


def _document(dataset: xr.Dataset, file: Path) -> dict[str, Any]:
    return read_provenance(dataset.attrs, file) if "provenance" in dataset.attrs else {}


def _heading(text: str) -> str:
    return f"{text}\n{'─' * len(text)}\n"


def _line(label: str, text: str) -> str:
    filled = textwrap.fill(
        f"{label:{LABEL}}{text}", WIDTH, subsequent_indent=" " * LABEL, break_long_words=False, break_on_hyphens=False
    )
    return filled.replace("\u00a0", " ")


def _results(dataset: xr.Dataset, document: Mapping[str, Any]) -> Iterator[str]:
    """What the dataset is about, as its kind is best shown."""
    if "experiment" in document:
        yield from _experiment(dataset, document["experiment"])
    elif "simulated_cv" in dataset and "siegert_cv" in dataset:
        yield comparison_table(dataset).to_string()
        if "contribution" in dataset and not starts_at_siegert(dataset):
            yield f"\n{budget_table(dataset).to_string()}"
        yield f"\nstandard errors over {dataset['simulated_sem'].attrs['over']}"
        yield from (f"not known: {reason}" for reason in missing(dataset))
    elif {"state", "white_noise_state"} <= set(dataset.data_vars) and dataset["state"].ndim == 0:
        yield state_table(dataset).to_string()
        yield from (f"not known: {reason}" for reason in missing(dataset))
    elif "contribution" in dataset and dataset["contribution"].ndim == 2:
        yield budget_table(dataset).to_string()
        yield f"\nin spikes/s; standard errors over {dataset.attrs['over']}"
        yield from (f"not known: {reason}" for reason in missing(dataset))
    elif "neuron_rate" in dataset:
        yield _spiking(dataset).to_string()
        yield f"\nstandard errors over {ONE_SEED}"
        if "rate_freedom" in dataset:
            doubts = record_doubts(dataset).to_series()
            yield from (f"{name}: {doubt}" for name, doubt in doubts.items() if doubt)
    elif "stable" in dataset:
        yield _solutions(dataset).to_string()
    elif "siegert" in dataset and dataset["siegert"].dims == ("population",):
        rates = dataset[["rate", "siegert"]].to_pandas().map("{:.12g}".format)
        yield rates.set_axis(["rate network (spikes/s)", "Siegert (spikes/s)"], axis=1).rename_axis(None).to_string()


def _experiment(dataset: xr.Dataset, experiment: Mapping[str, Any]) -> Iterator[str]:
    axes = [*experiment["grid"], *([{"seed": experiment["seeds"]}] if experiment["seeds"] else [])]
    n_runs = int(np.prod([len(next(iter(axis.values()))) for axis in axes]))
    yield f"Experiment {experiment['name']}: {n_runs} run{'s' * (n_runs != 1)} of {experiment['notebook']}"
    for axis in axes:
        for name, values in axis.items():
            shown = values if len(values) <= 12 else [*values[:5], "…", *values[-2:]]
            yield _line(f"  {name}", f"{_plain(shown)}  ({len(values)})" + ("  together" if len(axis) > 1 else ""))
    if experiment["fixed"]:
        yield _line("  fixed", _settings(experiment["fixed"], None))


def _spiking(dataset: xr.Dataset) -> pd.DataFrame:
    """Rates and irregularity, a row for each seed."""
    table = pd.DataFrame(index=[f"seed {seed}" for seed in dataset["seed"].values])
    for name in dataset["population"].values:
        population = dataset.sel(population=name)
        rates = zip(population["rate"].values, population["rate_sem"].values, strict=True)
        table[f"{name} rate (spikes/s)"] = [with_error(rate, sem) for rate, sem in rates]
        table[f"{name} CV"] = [f"{cv:.3f}" if np.isfinite(cv) else "–" for cv in population["cv"].values]
    return table


def _solutions(dataset: xr.Dataset) -> pd.DataFrame:
    """The self-consistent rates."""
    table = dataset["rate"].to_pandas().add_suffix(" (spikes/s)").map("{:.10g}".format)
    table["stable"] = np.where(dataset["stable"], "yes", "no")
    table.columns.name, table.index.name = None, "solution"
    return table


def _variables(dataset: xr.Dataset) -> Iterator[str]:
    """Dimensions, range and meaning of each variable."""
    yield _line("dimensions", ", ".join(f"{name} {size}" for name, size in dataset.sizes.items()) or "none")
    names = {f"{name} ({', '.join(v.dims)})" if v.dims else str(name): v for name, v in dataset.data_vars.items()}
    width = max(map(len, names), default=0)
    for name, variable in names.items():
        units = variable.attrs.get("units", "1")
        values = f"{_range(variable)} {units if units != '1' else ''}"
        yield f"{name:{width}}  {values:30}  {variable.attrs.get('long_name', '')}".rstrip()


def _range(variable: xr.DataArray) -> str:
    values = variable.values
    if values.dtype.kind == "b":
        return "yes" if values.all() else "no" if not values.any() else f"yes {values.sum()} of {values.size}"
    if values.dtype.kind not in "iuf":
        return ""
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not finite.size:
        return "missing"
    low, high = finite.min(), finite.max()
    return f"{low:.5g}" if low == high else f"{low:.5g} … {high:.5g}"


def _origin(dataset: xr.Dataset, document: Mapping[str, Any], file: Path) -> Iterator[str]:
    """What the provenance tells, and the sidecar beside the file."""
    if not document:
        yield "This dataset does not tell."
        return
    sources = document.get("sources", [document])
    for number, source in enumerate(sources):
        if len(sources) > 1:
            n_runs = int((dataset["source"] == number).sum())
            yield f"{n_runs} of {dataset['source'].size} runs:"
        yield from _source(source, collected="sources" in document)
    sidecar = file.with_suffix(".circumstances.json")
    if sidecar.exists():
        yield from _circumstances(json.loads(sidecar.read_text()))


def _source(source: Mapping[str, Any], collected: bool) -> Iterator[str]:
    git, lock = source["git"], source["requirements_lock_sha256"]
    state = {True: "all committed", False: "with changes that were not committed", None: ""}[git["clean"]]
    yield _line("made by", f"notebooks/{source['notebook']}.ipynb")
    yield _line("commit", f"{git['commit']}, {state}" if git["commit"] else "unknown: not made in the repository")
    yield _line("lock file", f"requirements.lock with SHA-256 {lock[:16]}…" if lock else "none")
    first = ("python", "meanfield", "nest-simulator")
    names = [*first, *sorted(set(source["software"]) - set(first))]
    yield _line("software", ", ".join(f"{name} {source['software'][name]}" for name in names))
    model = _model_of(source["notebook"])
    parameters = source["parameters"]
    default = {name: field.default for name, field in model.model_fields.items()} if model else {}
    set_by_user = {name: value for name, value in parameters.items() if name not in default or default[name] != value}
    rest = {name: value for name, value in parameters.items() if name not in set_by_user}
    if source["network"]:  # which is not made from these
        rest = {name: value for name, value in rest.items() if name not in BrunelParameters.model_fields}
    if set_by_user or not collected:
        yield _line("parameters", _settings(set_by_user, model) if set_by_user else "all as the notebook has them")
    if rest:
        yield _line("  defaults", _settings(rest, model))
    if source["network"]:
        changes = parameters.get("network_changes") or {}
        network = changed_network(Network(**source["network"]), changes)
        varied = {True: ", changed as above", False: ""}[bool(changes)]
        yield _line("network", f"from {parameters['network_file']}{varied}")
        yield from (_line(f"  {label}", text) for label, text in network_in_words(network))
    elif model and issubclass(model, NetworkParameters) and not collected:
        network = brunel_network(
            **{name: parameters[name] for name in BrunelParameters.model_fields if name in parameters}
        )
    else:
        return
    for number, sentence in enumerate(network.assumptions()):
        yield _line("" if number else "  assumptions", sentence)


def _circumstances(document: Mapping[str, Any]) -> Iterator[str]:
    yield _line(
        "finished",
        f"{document['finished']} on {document['machine']['platform']}, {document['machine']['cores']} cores",
    )
    yield _line(
        "took",
        f"{document['process_elapsed_s']:.1f} s, {document['process_cpu_s']:.1f} s of processor time, "
        f"{document['peak_memory_bytes'] / 1e6:.0f} MB at most",
    )


def _model_of(notebook: str) -> type[NotebookParameters] | None:
    """The parameter model of a notebook of today."""
    try:
        return model_of(notebook)
    except ParameterError:
        return None


def _settings(parameters: Mapping[str, Any], model: type[NotebookParameters] | None) -> str:
    def in_words(name: str, value: Any) -> str:
        unit = model.unit(name) if model and name in model.model_fields else ""
        # A value keeps its name and its unit beside it when lines are broken
        return f"{name} {_plain(value)} {unit}".strip().replace(" ", "\u00a0")

    return ", ".join(in_words(name, value) for name, value in parameters.items() if value not in ("", {}))


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)
