"""The flow in pseudo-time, followed until it comes to rest."""

from __future__ import annotations

import numpy as np

from meanfield.theory.white_noise.input import StationaryInput
from meanfield.theory.white_noise.newton import newton_step

RELATIVE, ABSOLUTE = 1e-4, 1e-9  # tolerances of the integration; the absolute one in spikes/s
FAINT = 1e-3  # below this part of the largest rate, errors count relative to that part: they hardly move the others
FIRST_STEP = 0.1
MOST_STEPS = 1000
GAMMA = 1.0 / (2.0 + np.sqrt(2.0))
WEIGHT = 6.0 + np.sqrt(2.0)


def settle(inputs: StationaryInput, rate, longest=1e4):
    """Rates at which the flow d(rate)/dt = −rate + ν(rate) comes to rest, with t in units of its time constant.

    The steps are implicit and their error is controlled, so that strong inhibition does not shorten them and the flow
    stays on its side of a border between basins (Rosenbrock method "ode23s").

    Parameters
    ----------
    inputs : StationaryInput
        One network of M populations.
    rate : array, shape (S, M), spikes/s
        Starts.
    longest : float
        Time after which a start is given up.

    Returns
    -------
    rate : array, shape (S, M), spikes/s
        Near the stable fixed point that the flow has come to, within a relative 1e-4; else where it was given up.
    settled : array of bool, shape (S,)
        False if it was given up: on a limit cycle, say.

    References
    ----------
    Shampine LF, Reichelt MW (1997) SIAM J Sci Comput 18:1–22, eqs 6 to 8, doi:10.1137/S1064827594276424
    """
    end, settled = np.array(rate, dtype=float), np.zeros(len(rate), dtype=bool)
    going = np.arange(len(rate))
    unit = np.eye(end.shape[-1])
    step, time = np.full(len(rate), FIRST_STEP), np.zeros(len(rate))
    velocity, jacobian = _velocity_and_jacobian(inputs, end)
    for _ in range(MOST_STEPS):
        rate, h = end[going], step[going, None]
        inverse = np.linalg.inv(unit - GAMMA * h[..., None] * (jacobian - unit))
        first = _apply(inverse, velocity)
        middle = _velocity(inputs, rate + 0.5 * h * first)
        second = _apply(inverse, middle - first) + first
        new = np.maximum(rate + h * second, 0.0)
        new_velocity, new_jacobian = _velocity_and_jacobian(inputs, new)
        third = _apply(inverse, new_velocity - WEIGHT * (second - middle) - 2.0 * (first - velocity))
        larger = np.maximum(rate, new)
        tolerance = ABSOLUTE + RELATIVE * np.maximum(larger, FAINT * larger.max(-1, keepdims=True))
        error = (h / 6.0 * np.abs(first - 2.0 * second + third) / tolerance).max(-1)
        good = error <= 1.0
        end[going[good]], time[going[good]] = new[good], time[going[good]] + step[going[good]]
        step[going] *= np.clip(0.9 * np.maximum(error, 1e-9) ** (-1.0 / 3.0), 0.2, 5.0)
        velocity = np.where(good[:, None], new_velocity, velocity)
        jacobian = np.where(good[:, None, None], new_jacobian, jacobian)
        near = good & (np.abs(newton_step(velocity, jacobian)) <= tolerance).all(-1)
        near[near] = (np.linalg.eigvals(jacobian[near]).real < 1.0).all(-1)
        settled[going[near]] = True
        left = ~near & (time[going] < longest)
        going, velocity, jacobian = going[left], velocity[left], jacobian[left]
        if not going.size:
            break
    return end, settled


def _velocity(inputs, rate):
    # Stages of a step can fall a little below 0, where the flow itself never goes.
    return inputs.response(np.maximum(rate, 0.0)) - rate


def _velocity_and_jacobian(inputs, rate):
    response, jacobian = inputs.response_and_jacobian(rate)
    return response - rate, jacobian


def _apply(matrix, vector):
    return (matrix @ vector[..., None])[..., 0]
