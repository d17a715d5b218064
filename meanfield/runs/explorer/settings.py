"""The explorer's parameters: what can be moved, how far, and the command that simulates the same network."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from meanfield.model.brunel import BrunelParameters
from meanfield.runs.explorer.predictions import N_BRANCH, N_FACTORS


class Range(NamedTuple):
    """Where a slider begins and ends, and its step."""

    low: float
    high: float
    step: float


# Times are multiples of 0.1 ms, NEST's usual step.
RANGES = {
    "g": Range(0.0, 8.0, 0.1),
    "eta": Range(0.0, 4.0, 0.05),
    "J": Range(0.01, 1.0, 0.01),
    "delay": Range(0.1, 5.0, 0.1),
    "V_reset": Range(-10.0, 19.0, 0.5),
    "tau_syn": Range(0.0, 10.0, 0.5),
}
WITHOUT_FORCE = {"delay", "multapses", "autapses", "rule", "network_file"}  # on stationary rates
DRIVE = (0.0, 2.0)  # relative to that of a network's file


def values_along(vary: str, network_file: str) -> np.ndarray:
    """Values of the parameter that varies, or of the relative drive of a network from a file."""
    if network_file:
        return np.linspace(*DRIVE, N_FACTORS)
    low, high, _ = RANGES[vary]
    return np.linspace(low, high, N_BRANCH)


def runner_line(given: Mapping[str, Any], notebook: str = "compare") -> str:
    """The command that runs a notebook on the network of these parameters.

    Parameters
    ----------
    given : mapping
        Parameters of Brunel's network, or ``network_file``. What is as the notebook has it is left out.
    notebook : str
    """
    named = {"network_file": given["network_file"]} if given.get("network_file") else given
    parameters = {
        name: value
        for name, value in named.items()
        if name not in BrunelParameters.model_fields or BrunelParameters.model_fields[name].default != value
    }
    options = [word for name, value in parameters.items() if value != "" for word in ("-p", name, f"{value}")]
    command = [".venv/bin/python", "-m", "meanfield", "run", f"notebooks/{notebook}.ipynb", "-o", "results/explored"]
    return shlex.join([*command, *options])
