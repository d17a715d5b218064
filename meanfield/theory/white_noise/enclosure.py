"""Bounds that hold for all rates in a box: of the populations' response, and of its derivatives.

They rest on monotony alone. The rate grows with mu and with sigma; where synapses have memory, mu is the mean that is
lowered by the shift of threshold and reset (`input.StationaryInput`). With ν the rate, its derivatives are

    ∂ν/∂mu = ν (1 − t_ref ν) (D₁/S)/sigma,    ∂ν/∂sigma = ν (1 − t_ref ν) (D₂/S)/sigma,

and D₁/S and D₂/S grow with both a and b (`first_passage`). As a box shrinks the bounds close in on the
values. Rounding is covered by widening every bound by a relative 1e-12, far more than any error of the functions used.

Where b > 28 throughout, neurons are silent and other bounds hold, also at vanishing noise. With
S ≥ exp(b²) [1 − exp(−2 b (b − a))]/(2b), D₁/S ≤ 2b, D₂/S ≤ 1 + 2b² and sigma = (theta − mu)/b, both derivatives fall
with b like b⁵ exp(−b²) or faster, which is below 1e-332.
"""

from __future__ import annotations

import numpy as np

from meanfield.theory.white_noise.first_passage import SILENT_ABOVE, relative_slopes
from meanfield.theory.white_noise.siegert import ALPHA, siegert_rate

MARGIN = 1e-12
SMALLEST_RATE = 1e-300  # spikes/s; below it numbers lose their relative precision
# Between how far from threshold (mV) and how far in units of theta − V_reset a silent neuron's derivatives are known to
# be below SMALLEST_RATE.
NEAREST, FARTHEST = 1e-6, 500.0


def moment_bounds(inputs, low, high):
    """Bounds of the effective mu and of sigma, each an array of shape (2, B, M), in mV, for rates in a box.

    Parameters
    ----------
    inputs : StationaryInput
        B networks of M populations.
    low, high : array, shape (B, M), spikes/s
    """
    excitation, inhibition = np.maximum(inputs.drift, 0.0), np.minimum(inputs.drift, 0.0)

    def apply(matrix, rate):
        return (matrix @ rate[..., None])[..., 0]

    least_and_most = np.stack([low, high])
    excited, inhibited = apply(excitation, least_and_most), apply(inhibition, least_and_most[::-1])
    # Terms of opposite sign may cancel, so their sizes before cancelling decide about rounding. Without recurrent input
    # there is none, and a mean exactly at threshold stays there.
    size = excited - inhibited
    rounding = 1e-14 * (np.abs(inputs.mu_0) + size)
    mu = inputs.mu_0 + (excited + inhibited) + np.array([-1.0, 1.0])[:, None, None] * np.minimum(rounding, 2.0 * size)
    variance = np.stack([inputs.variance_0 + apply(inputs.diffusion, rate) for rate in (low, high)])
    variance *= np.array([1.0 - 1e-14, 1.0 + 1e-14])[:, None, None]
    sigma = np.sqrt(variance)
    if inputs.coloured is not None:
        shift = 0.5 * ALPHA * memory_bounds(inputs, low, high, variance) * sigma
        mu += np.array([-(1.0 + 1e-14), -(1.0 - 1e-14)])[:, None, None] * shift[::-1]
        mu += np.array([-1.0, 1.0])[:, None, None] * rounding
    return mu, sigma


def memory_bounds(inputs, low, high, variance):
    """Bounds, shape (2, B, M), of the mean of √(tau_syn/tau_m), weighted by what synapses contribute to the noise.

    `variance` are the bounds of sigma². As a weighted mean it also lies between the smallest and the largest weighed.
    """
    bounds = np.stack([inputs.coloured_0 + (inputs.coloured @ rate[..., None])[..., 0] for rate in (low, high)])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        bounds = bounds / variance[::-1]
        each = np.concatenate(
            [inputs.coloured / inputs.diffusion, (inputs.coloured_0 / inputs.variance_0)[..., None]], axis=-1
        )
    smallest = np.min(each, axis=-1, where=np.isfinite(each), initial=np.inf)
    largest = np.max(each, axis=-1, where=np.isfinite(each), initial=0.0)
    smallest = np.minimum(smallest, largest)
    rounding = np.array([1.0 - 1e-14, 1.0 + 1e-14])[:, None, None]
    bounds = np.where(np.isfinite(bounds), bounds, np.stack([smallest, largest]))
    return np.stack([np.maximum(bounds[0], smallest), np.minimum(bounds[1], largest)]) * rounding


def response_bounds(inputs, mu, sigma):
    """Bounds of the response, shape (2, B, M), spikes/s, given those of mu and sigma."""
    rate = siegert_rate(mu, sigma, **inputs.neurons)
    rate[0] = np.maximum(rate[0] * (1.0 - MARGIN) - SMALLEST_RATE, 0.0)
    rate[1] = rate[1] * (1.0 + MARGIN) + SMALLEST_RATE
    return rate


def jacobian_bounds(inputs, mu, sigma, rate, low=None, high=None):
    """Bounds of the derivatives of the response with respect to the rates, shape (2, B, M, M), a pure number.

    Parameters
    ----------
    inputs : StationaryInput
        B networks of M populations.
    mu, sigma, rate : array, shape (2, B, M)
        Bounds as by `moment_bounds` and `response_bounds`.
    low, high : array, shape (B, M), spikes/s
        The box of rates; only needed where synapses have memory.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        a, b = (_bound_of_quotient(level - mu[::-1], sigma) for level in (inputs.V_reset, inputs.theta))
        D1, D2 = (x.reshape(a.shape) for x in relative_slopes(a.ravel(), b.ravel()))
        refractory = np.clip(1.0 - 1e-3 * inputs.t_ref * rate[::-1], 0.0, 1.0)
        common = rate * refractory / sigma[::-1]
        d_mu = common * D1
        d_variance = common * D2 / (2.0 * sigma[::-1])
        nearest, farthest = inputs.theta - mu[1], inputs.theta - mu[0]
        silent = (b[0] > SILENT_ABOVE) & (nearest > NEAREST)
        silent &= farthest < FARTHEST * (inputs.theta - inputs.V_reset)
    # At vanishing noise or beyond the range of numbers, nothing is known of neurons that are not silent.
    for bounds in (d_mu, d_variance):
        bounds *= np.array([1.0 - MARGIN, 1.0 + MARGIN])[:, None, None]
        bounds[0, ~np.isfinite(bounds[0])] = 0.0
        bounds[1, ~np.isfinite(bounds[1])] = np.inf
        bounds[:, silent] = np.array([0.0, SMALLEST_RATE])[:, None]
    drift = _drift_bounds(inputs, sigma, low, high) if inputs.coloured is not None else (inputs.drift, inputs.drift)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.stack(
            [
                _signed(drift[i], d_mu[i, ..., None], d_mu[1 - i, ..., None])
                + _signed(inputs.diffusion, d_variance[i, ..., None], d_variance[1 - i, ..., None])
                for i in (0, 1)
            ]
        )


def _drift_bounds(inputs, sigma, low, high):
    """Bounds of the derivatives of the effective mu with respect to the rates, two arrays of shape (B, M, M).

    That of the shift ALPHA/2 · c/sigma is ALPHA/2 · [coloured − ½ (c/sigma²) diffusion]/sigma.
    """
    memory = memory_bounds(inputs, low, high, sigma**2)[..., None]
    least, most = (inputs.coloured - 0.5 * m * inputs.diffusion for m in memory[::-1])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        least, most = 0.5 * ALPHA * _bound_of_quotient(np.stack([least, most]), sigma[..., None])
        size = 1e-13 * (np.abs(inputs.drift) + np.maximum(np.abs(least), np.abs(most)))
        return inputs.drift - most - size, inputs.drift - least + size


def _bound_of_quotient(distance, sigma):
    """Bounds of distance/sigma from theirs: a negative distance is lowest at the smallest sigma, a positive highest."""
    return np.where(distance < 0.0, distance / sigma, distance / sigma[::-1])


def _signed(matrix, if_positive, if_negative):
    """matrix · bound with the bound that the sign asks for, and 0 where there is no synapse."""
    bound = np.where(matrix > 0.0, if_positive, if_negative)
    return np.multiply(matrix, bound, out=np.zeros(np.broadcast_shapes(matrix.shape, bound.shape)), where=matrix != 0.0)
