"""Rules between the fields of a network, and the sentence for each that is broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from meanfield.model.quantities import stated
from meanfield.model.spread import MOST_REDRAWN, redrawn

# Neurons in a population, or synapses on a neuron: beyond any machine, and well before integers overflow.
MOST = 10**9
UNUSED_DELAY = 1.0  # ms, of a network without synapses

# That a neuron can receive: a million times what cortical neurons do. NEST would draw them for hours.
MOST_EXTERNAL_SPIKES = 1e10  # spikes/s


def usable_delays(delay: Any, K: np.ndarray) -> Any:
    """Delays (ms); impossible ones of pairs without synapses, which do not count, become the shortest in use."""
    try:
        given = np.asarray(delay, dtype=float)
    except (TypeError, ValueError):
        return delay
    if np.asarray(delay).dtype.kind not in "iuf" or given.shape not in ((), K.shape) or K.all():
        return delay
    given = np.broadcast_to(given, K.shape)
    used = given[K > 0]
    return np.where((K > 0) | ((given > 0) & np.isfinite(given)), given, used.min() if used.size else UNUSED_DELAY)


def sources(network: Any) -> np.ndarray:
    """How many neurons of a population can be sources of one neuron of another, shape (N, N)."""
    size = np.asarray(network.size)
    return np.broadcast_to(size, (len(network.populations),) * 2) - (network.autapses is False) * np.eye(
        len(network.populations)
    )


def network_violations(values: Any) -> Iterator[str]:
    """A sentence for each rule between fields that is violated; `values` has NaN where a field cannot be used."""
    yield from threshold_above_reset(values)
    theta, E_L = np.asarray(values.theta), np.asarray(values.E_L)
    if np.any(theta <= E_L):
        hint = "" if E_L.any() else "; where theta and V_reset are absolute potentials, give E_L"
        yield (
            f"{stated('theta', values.theta, 'mV')} must be above the resting potential, "
            f"{stated('E_L', values.E_L, 'mV')}{hint}"
        )
    with np.errstate(over="ignore"):
        arriving = np.asarray(values.K_ext) * np.asarray(values.rate_ext, dtype=float)
    if np.any(arriving > MOST_EXTERNAL_SPIKES):
        yield f"K_ext · rate_ext = {np.max(arriving):.3g} spikes/s must be ≤ {MOST_EXTERNAL_SPIKES:.0e} spikes/s"
    K = np.asarray(values.K)
    if values.rule == "fixed_total_number" and values.multapses is False:
        yield "rule = 'fixed_total_number' cannot do without multapses: NEST deals its synapses independently"
    if np.any((K > 0) & (sources(values) < 1)):
        yield (
            f"{stated('K', values.K)} asks for synapses of a neuron onto itself, the only one of its population, which "
            "autapses = False forbids"
        )
    if values.rule == "pairwise_bernoulli" and np.any(sources(values) < K):
        yield f"{stated('K', values.K)} must not be greater than the number of source neurons for pairwise_bernoulli"
    elif values.multapses is False and np.any(sources(values) < K):
        yield "without multapses, an in-degree K must not be greater than the number of source neurons"
    if np.any(redrawn(values.J_cv) > MOST_REDRAWN):
        yield (
            f"{stated('J_cv', values.J_cv)} makes {100 * np.max(redrawn(values.J_cv)):.2g} % of the weights change "
            f"sign; at most {100 * MOST_REDRAWN:g} % may, as they do up to J_cv = 0.42"
        )
    if np.any(np.asarray(values.delay_sd) * (K > 0) > np.asarray(values.delay)):
        spread = stated("delay_sd", values.delay_sd, "ms")
        yield f"{spread} must not be greater than {stated('delay', values.delay, 'ms')}"


def threshold_above_reset(values: Any) -> Iterator[str]:
    """A sentence if a threshold does not lie above its reset potential."""
    if np.any(np.asarray(values.theta) <= np.asarray(values.V_reset)):
        yield f"{stated('theta', values.theta, 'mV')} must be above {stated('V_reset', values.V_reset, 'mV')}"
