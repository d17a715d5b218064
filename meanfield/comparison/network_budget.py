"""Error budget of networks with exponential synapses, random in-degrees or spread weights."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.comparison.error_budget import Rung, budget_of_rungs, simulated_rung
from meanfield.comparison.measured_parts import parts_above_white_noise
from meanfield.comparison.siegert import Siegert, siegert_near
from meanfield.model.assumptions import features, neurons_differ
from meanfield.model.network import Network
from meanfield.theory.attempt import attempt
from meanfield.theory.white_noise.rate_distribution import rate_distribution

NUMERICAL = 1e-8  # relative error of a solution


def network_budget(
    network: Network,
    spiking: xr.Dataset,
    trains: xr.Dataset | None = None,
    surrogates: xr.Dataset | None = None,
) -> xr.Dataset:
    """Split the deviation of the simulated rate from Siegert's for delta synapses and equal neurons.

    The rungs are self-consistent rates: Siegert's for delta synapses of one weight for a pair of populations; with the
    first-order shift of exponential synapses; with the noise that spread weights add; averaged over neurons that
    differ in their in-degrees and weights; of self-consistent trains, if they are given; and of the simulated network.
    A rung that the network has no need of is left out. Each term is the step up to its rung.

    With surrogates, the step from the last rung before the trains to the network is measured in parts, which add up
    exactly again, as in `error_budget` where there is no grid rung.

    Parameters
    ----------
    network : Network
    spiking : Dataset
        From `simulate_spiking`.
    trains : Dataset, optional
        From `self_consistent_trains`, in which neurons and synapses are as in the network, and time advances in steps.
    surrogates : Dataset, optional
        From `simulate_surrogates`.

    Returns
    -------
    Dataset
        As from `error_budget`, with these rungs.
    """
    used = features(network)
    last = simulated_rung(spiking)
    description = network.to_dict()
    equal = Network(**description | {"tau_syn": 0.0, "tau_syn_ext": None, "J_cv": 0.0})
    ladder = {"delta_synapses": _of(siegert_near(equal, last.rate))}
    if "tau_syn" in used:
        ladder["exponential_synapses"] = _of(siegert_near(Network(**description | {"J_cv": 0.0}), last.rate))
    if neurons_differ(network):
        siegert = siegert_near(network, last.rate)
        if "J_cv" in used:
            ladder["spread_weights"] = _of(siegert)
        ladder["unequal_neurons"] = _unequal(network, siegert.rate)
    above = list(ladder)[-1]
    if trains is not None:
        window = float(spiking["duration"].min())
        ladder["self_consistent_trains"] = Rung.of_trains(lambda: trains, window, last.rate)
    ladder["finite_network"] = last
    budget = budget_of_rungs(network, spiking, ladder)
    if surrogates is not None:
        level, simulated = ladder[above][:2], last[:2]
        budget = budget.merge(parts_above_white_noise(network, above, level, spiking, surrogates, simulated))
    return budget


def _of(siegert: Siegert) -> Rung:
    return Rung(siegert.rate, NUMERICAL * siegert.rate, siegert.cv, siegert.missing)


def _unequal(network: Network, start: np.ndarray) -> Rung:
    known = start if np.isfinite(start).all() else None
    predicted, reason = attempt(lambda: rate_distribution(network, known), None)
    if predicted is None:
        return Rung.unknown(start, reason)
    rate = predicted["rate"].values
    return Rung(rate, NUMERICAL * rate, predicted["cv_quantile"].mean("quantile").values, predicted.missing)
