"""Newton's method with the exact Jacobian: to the last digit from a box, or from many starts at once."""

from __future__ import annotations

import numpy as np

from meanfield.theory.white_noise.enclosure import SMALLEST_RATE
from meanfield.theory.white_noise.input import StationaryInput

MOST_POLISHING_STEPS = 60
MOST_STEPS = 50
FAINTEST = 1e-100  # relative to the largest rate: what is lower is no longer scaled
CLOSE = 1e-9  # deviation relative to the largest rate at which a start has arrived


def polish(inputs: StationaryInput, rate, low, high):
    """The fixed points next to `rate`, to rounding.

    Parameters
    ----------
    inputs : StationaryInput
        One network of M populations, or B.
    rate : array, shape (B, M), spikes/s
        To start from.
    low, high : array, shape (B, M), spikes/s
        A box around the fixed point of each.

    Returns
    -------
    array, shape (B, M), spikes/s
        The iterate whose populations deviate least from their responses, relative to these: so that faint rates come
        out as exactly as high ones.
    """
    best = rate
    smallest = np.full(len(rate), np.inf)
    for _ in range(MOST_POLISHING_STEPS):
        response, jacobian = inputs.response_and_jacobian(rate)
        deviation = (np.abs(response - rate) / np.maximum(response, 1e-300)).max(-1)
        better = deviation < smallest
        if not better.any():
            break
        best = np.where(better[:, None], rate, best)
        smallest = np.where(better, deviation, smallest)
        rate = np.clip(rate + _scaled_step(response - rate, jacobian, np.maximum(rate, response)), low, high)
    return best


def _scaled_step(deviation, jacobian, scale):
    """`newton_step`, solved for rates relative to `scale`: else rounding of a rate of 10 drowns one of 1e-20."""
    scale = np.maximum(scale, FAINTEST * scale.max(-1, keepdims=True) + SMALLEST_RATE)
    relative = jacobian * (scale[..., None, :] / scale[..., None])
    return scale * newton_step(deviation / scale, relative)


def newton_step(deviation, jacobian, damping=0.0):
    """The step, shape (..., M), that solves (1 + damping − Jacobian) step = deviation; `damping` has shape (...)."""
    matrix = (1.0 + np.asarray(damping))[..., None, None] * np.eye(deviation.shape[-1]) - jacobian
    try:
        return np.linalg.solve(matrix, deviation[..., None])[..., 0]
    except np.linalg.LinAlgError:  # exactly singular: the least-squares step, which is finite
        return (np.linalg.pinv(matrix) @ deviation[..., None])[..., 0]


def arrivals(inputs: StationaryInput, rate, damping):
    """Fixed points at which Newton's method arrives, with repetitions, shape (R, M), spikes/s.

    With damping it follows the flow in pseudo-time by implicit Euler steps, which lengthen as the deviation shrinks and
    so turn into Newton's (pseudo-transient continuation). Without, it does not shun unstable fixed points.

    Parameters
    ----------
    inputs : StationaryInput
        One network of M populations.
    rate : array, shape (S, M), spikes/s
        Starts.
    damping : array, shape (S,)
        The inverse of the first step, in units of the flow's time constant; 0 for Newton's method from the first.

    References
    ----------
    Kelley CT, Keyes DE (1998) SIAM J Numer Anal 35:508–523, doi:10.1137/S0036142996304796
    """
    arrived = []
    previous = None
    for _ in range(MOST_STEPS):
        response, jacobian = inputs.response_and_jacobian(rate)
        deviation = np.abs(response - rate).max(-1) / np.maximum(response.max(-1), 1e-300)
        arrived.append(rate[deviation <= CLOSE])
        left = deviation > CLOSE
        if not left.any():
            break
        if previous is not None:
            damping = damping * np.clip(deviation / previous, 0.1, 2.0)
            damping = np.where(damping > 1e-4, damping, 0.0)
        rate, response, jacobian, damping, previous = (x[left] for x in (rate, response, jacobian, damping, deviation))
        rate = np.clip(rate + newton_step(response - rate, jacobian, damping), 0.0, inputs.highest_rate)
    return np.concatenate(arrived)
