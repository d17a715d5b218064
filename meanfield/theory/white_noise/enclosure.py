"""Bounds that hold for all rates in a box: of the populations' response, and of its derivatives.

They rest on monotony alone. The rate grows with mu and with sigma. With ν the rate, its derivatives are

    ∂ν/∂mu = ν (1 − t_ref ν) (D₁/S)/sigma,    ∂ν/∂sigma = ν (1 − t_ref ν) (D₂/S)/sigma,

and D₁/S and D₂/S grow with both a and b (`first_passage`). As a box shrinks the bounds close in on the
values. Rounding is covered by widening every bound by a relative 1e-12, far more than any error of the functions used.
"""

from __future__ import annotations

import numpy as np

from meanfield.theory.white_noise.first_passage import relative_slopes
from meanfield.theory.white_noise.siegert import siegert_rate

MARGIN = 1e-12
SMALLEST_RATE = 1e-300  # spikes/s; below it numbers lose their relative precision


def moment_bounds(inputs, low, high):
    """Bounds of mu and sigma, each an array of shape (2, B, M), in mV, for rates between `low` and `high`.

    Parameters
    ----------
    inputs : StationaryInput
        B networks of M populations.
    low, high : array, shape (B, M), spikes/s
    """
    excitation, inhibition = np.maximum(inputs.drift, 0.0), np.minimum(inputs.drift, 0.0)

    def apply(matrix, rate):
        return (matrix @ rate[..., None])[..., 0]

    mu = np.stack(
        [
            inputs.mu_0 + apply(excitation, low) + apply(inhibition, high),
            inputs.mu_0 + apply(excitation, high) + apply(inhibition, low),
        ]
    )
    # Terms of opposite sign may cancel, so their sizes before cancelling decide about rounding.
    size = np.abs(inputs.mu_0) + apply(excitation - inhibition, high)
    mu += np.array([-1e-14, 1e-14])[:, None, None] * size
    variance = np.stack([inputs.variance_0 + apply(inputs.diffusion, rate) for rate in (low, high)])
    variance *= np.array([1.0 - 1e-14, 1.0 + 1e-14])[:, None, None]
    return mu, np.sqrt(variance)


def response_bounds(inputs, mu, sigma):
    """Bounds of the response, shape (2, B, M), spikes/s, given those of mu and sigma."""
    rate = siegert_rate(mu, sigma, **inputs.neurons)
    rate[0] = np.maximum(rate[0] * (1.0 - MARGIN) - SMALLEST_RATE, 0.0)
    rate[1] = rate[1] * (1.0 + MARGIN) + SMALLEST_RATE
    return rate


def jacobian_bounds(inputs, mu, sigma, rate):
    """Bounds of the derivatives of the response with respect to the rates, shape (2, B, M, M), a pure number.

    Parameters
    ----------
    inputs : StationaryInput
        B networks of M populations.
    mu, sigma, rate : array, shape (2, B, M)
        Bounds as by `moment_bounds` and `response_bounds`.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        a, b = (_bound_of_quotient(level - mu[::-1], sigma) for level in (inputs.V_reset, inputs.theta))
        D1, D2 = (x.reshape(a.shape) for x in relative_slopes(a.ravel(), b.ravel()))
        refractory = np.clip(1.0 - 1e-3 * inputs.t_ref * rate[::-1], 0.0, 1.0)
        common = rate * refractory / sigma[::-1]
        d_mu = common * D1
        d_variance = common * D2 / (2.0 * sigma[::-1])
    # At vanishing noise or beyond the range of numbers, nothing is known.
    for bounds in (d_mu, d_variance):
        bounds *= np.array([1.0 - MARGIN, 1.0 + MARGIN])[:, None, None]
        bounds[0, ~np.isfinite(bounds[0])] = 0.0
        bounds[1, ~np.isfinite(bounds[1])] = np.inf
    return np.stack(
        [
            _signed(inputs.drift, d_mu[i, ..., None], d_mu[1 - i, ..., None])
            + _signed(inputs.diffusion, d_variance[i, ..., None], d_variance[1 - i, ..., None])
            for i in (0, 1)
        ]
    )


def _bound_of_quotient(distance, sigma):
    """Bounds of distance/sigma from theirs: a negative distance is lowest at the smallest sigma, a positive highest."""
    return np.where(distance < 0.0, distance / sigma, distance / sigma[::-1])


def _signed(matrix, if_positive, if_negative):
    """matrix · bound with the bound that the sign asks for, and 0 where there is no synapse."""
    bound = np.where(matrix > 0.0, if_positive, if_negative)
    return np.multiply(matrix, bound, out=np.zeros(np.broadcast_shapes(matrix.shape, bound.shape)), where=matrix != 0.0)
