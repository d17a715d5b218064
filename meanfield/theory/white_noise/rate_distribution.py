"""How rates differ between the neurons of a population, by their in-degrees and weights."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.optimize import root
from scipy.special import ndtri

from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.model.spread import spread_moments
from meanfield.model.variables import variable
from meanfield.theory.white_noise.cv import siegert_cv
from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.linear_network import stationary_rate
from meanfield.theory.white_noise.siegert import siegert_rate

POINTS = 200  # of Gauss–Hermite quadrature: where neurons fall silent, rates are nearly not smooth
STEPS = 8  # from equal neurons to the network's spread
SELF_CONSISTENT = 1e-8  # deviation relative to the largest rate
QUANTILES = np.linspace(0.005, 0.995, 199)


def rate_distribution(network, start=None, *, duration=np.inf) -> xr.Dataset:
    """Self-consistent mean and spread of the rates of a network's neurons.

    With random in-degrees and weights, neurons of a population receive different mean input, mu + Δ z with normally
    distributed z. Mean ν and second moment q of their rates, and what these cause, agree:

        ν = ∫ Dz Φ(mu + Δ z, sigma),    q = ∫ Dz Φ(mu + Δ z, sigma)²,

        Δ² = (1e-3 tau_m)² Σ_b J_b² {K_b [(1 + J_cv²) q_b − ν_b²] + var(K_b) ν_b²},

    where var(K) is 0 for "fixed_indegree" and K for "fixed_total_number". Of a pair that is connected once at most
    ("pairwise_bernoulli", with probability p) the sum's term is K_b (1 + J_cv² − p) q_b.

    Parameters
    ----------
    network : Network
    start : array, shape (N,), spikes/s, optional
        Siegert's solution for equal neurons, from which the spread grows; by default the only one, or of several that
        with the highest rates of those stable in pseudo-time.
    duration : float, ms
        Of a recording, whose spike counts scatter also by chance.

    Returns
    -------
    Dataset
        Over population: ``rate``, mean over neurons, and ``rate_spread``, their standard deviation (spikes/s);
        ``observed_spread``, the standard deviation of spike counts over the duration, divided by it; ``mu``,
        ``mu_spread`` (Δ) and ``sigma`` of the input (mV); over (population, quantile) ``rate_quantile``, below which
        that share of the neurons lies (spikes/s), and ``cv_quantile``, the CV of the intervals of a neuron just there.
        What did not converge is NaN, and attribute `missing` says why; else it is empty.

    Raises
    ------
    ParameterError
        If `start` or `duration` cannot be used.

    References
    ----------
    Amit DJ, Brunel N (1997) Network 8:373–404, doi:10.1088/0954-898X_8_4_003
    van Meegen A, van Albada SJ (2021) Phys Rev Research 3:043077, doi:10.1103/PhysRevResearch.3.043077

    Notes
    -----
    Each neuron's noise intensity is taken for its population's. What the neurons that send to it have in common with
    it, in-degrees among them, is neglected.
    """
    inputs = StationaryInput.of(network)
    if not duration > 0:
        raise ParameterError([f"{stated('duration', duration, 'ms')} must be > 0 ms"])
    if start is None:
        start = stationary_rate(inputs)
    else:
        try:
            start = Quantity("spikes/s", at_least=0, ndim=1).array(start, inputs.n_populations)
        except ValueError as error:
            raise ParameterError([f"{stated('start', start, 'spikes/s')} {error}"]) from None
    rate, second, converged = _solve(network, inputs, start)
    missing = "" if converged else "mean and spread of the rates did not become self-consistent"
    if not converged:
        rate, second = np.full((2, len(rate)), np.nan)
    return _dataset(network, inputs, rate, second, duration).assign_attrs(missing=missing)


def spread_of_input(network, rate, second):
    """Variance of the mean input over neurons, shape (N,), mV², from mean and second moment of the rates."""
    first_weight, second_weight = spread_moments(network.J_cv)
    per_synapse = second_weight * second  # of the weight times the source's rate, in units of J
    if network.rule == "fixed_indegree":
        per_synapse = per_synapse - (first_weight * rate) ** 2
    elif network.rule == "pairwise_bernoulli":
        per_synapse = per_synapse - network.K / network.size * first_weight**2 * second
    return (1e-3 * network.tau_m) ** 2 * (network.K * network.J**2 * np.maximum(per_synapse, 0.0)).sum(axis=-1)


def mean_response(network, inputs, rate, second):
    """Mean rate of neurons that differ in their in-degrees and weights, driven by others of these rates, shape (N,)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(POINTS)
    return _response(network, inputs, rate, second, nodes) @ (weights / weights.sum())


def _response(network, inputs, rate, second, z, share=1.0):
    """Rates of neurons at deviations `z` (in standard deviations) of their mean input, shape (N, len(z))."""
    mu, sigma = inputs.effective_moments(rate)
    spread = np.sqrt(share * spread_of_input(network, rate, second))
    neurons = {name: values[:, None] for name, values in inputs.neurons.items()}
    return siegert_rate(mu[:, None] + spread[:, None] * z, sigma[:, None], **neurons)


def _solve(network, inputs, start):
    """Mean and second moment of the rates, and whether they are self-consistent; the spread grows in steps."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(POINTS)
    weights = weights / weights.sum()
    n, scale = len(start), max(float(start.max()), 1e-3)

    def deviation(state, share):
        # Rates of solutions are not negative; those that a step of the search passes may be.
        rate = np.maximum(state[:n], 0.0) * scale
        second = np.maximum(state[n:], 0.0) * scale**2
        response = _response(network, inputs, rate, second, nodes, share)
        return np.concatenate([response @ weights / scale, response**2 @ weights / scale**2]) - state

    state = np.concatenate([start / scale, (start / scale) ** 2])
    for share in np.linspace(0.0, 1.0, STEPS + 1)[1:]:
        state = root(deviation, state, args=(share,), method="hybr", options={"xtol": 1e-13}).x
    converged = bool(np.abs(deviation(state, 1.0)).max() <= SELF_CONSISTENT * max(np.abs(state[:n]).max(), 1e-300))
    return np.maximum(state[:n], 0.0) * scale, np.maximum(state[n:], 0.0) * scale**2, converged


def _dataset(network, inputs, rate, second, duration):
    nodes, weights = np.polynomial.hermite_e.hermegauss(POINTS)
    mu, sigma = inputs.moments(rate)
    effective = inputs.effective_moments(rate)[0]
    spread = np.sqrt(spread_of_input(network, rate, second))
    neurons = {name: values[:, None] for name, values in inputs.neurons.items()}
    cv = siegert_cv(effective[:, None] + spread[:, None] * nodes, sigma[:, None], **neurons)
    cv_quantile = siegert_cv(effective[:, None] + spread[:, None] * ndtri(QUANTILES), sigma[:, None], **neurons)
    of_nodes = _response(network, inputs, rate, second, nodes)
    # The variance of a long count of renewal intervals is CV² times its mean.
    by_chance = 1e3 / duration * (np.nan_to_num(cv) ** 2 * of_nodes) @ weights / weights.sum()
    of_rates = np.maximum(second - rate**2, 0.0)
    names, hz = ("population",), "spikes/s"
    return xr.Dataset(
        {
            "rate": variable(names, rate, hz, "mean rate over neurons"),
            "rate_spread": variable(names, np.sqrt(of_rates), hz, "standard deviation of the rates over neurons"),
            "observed_spread": variable(
                names, np.sqrt(of_rates + by_chance), hz, "standard deviation over neurons of spike counts per duration"
            ),
            "mu": variable(names, mu, "mV", "mean of the input, averaged over neurons"),
            "mu_spread": variable(names, spread, "mV", "standard deviation of the mean input over neurons"),
            "sigma": variable(names, sigma, "mV", "noise intensity of the input"),
            "rate_quantile": variable(
                ("population", "quantile"),
                _response(network, inputs, rate, second, ndtri(QUANTILES)),
                hz,
                "rate below which a share of the neurons lies",
            ),
            "cv_quantile": variable(
                ("population", "quantile"), cv_quantile, "1", "CV of the intervals of a neuron at that quantile"
            ),
        },
        coords={"population": list(network.populations), "quantile": ("quantile", QUANTILES, {"units": "1"})},
        attrs={"duration": float(duration)},
    )
